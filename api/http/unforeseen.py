"""What the log says of an exception that nobody foresaw."""

from __future__ import annotations

import logging
import traceback

logger = logging.getLogger("lintas.problems")


def log(exc: BaseException, *, request_id: str, caller_request_id: str | None) -> None:
    """Name the exception and where it arose, never its message: database errors quote the row they refuse."""
    chain: list[str] = []
    link: BaseException | None = exc
    while link is not None and len(chain) < 5:
        chain.append(f"{type(link).__module__}.{type(link).__qualname__}")
        link = link.__cause__ or link.__context__
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(exc.__traceback__)]
    logger.error(
        "internal request_id=%s raised=%s at=%s",
        request_id,
        " < ".join(chain),
        " | ".join(frames[-25:]),
        extra={"caller_request_id": caller_request_id},
    )
