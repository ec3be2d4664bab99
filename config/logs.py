"""Log lines as JSON, one object per line, without anything personal: no bodies, no query strings, no headers."""

import json
import logging
import traceback
from datetime import UTC, datetime

# What a record may carry beside its message (`logger.info("...", extra={"request_id": ...})`); all else is dropped.
FIELDS = (
    "request_id", "client", "agency", "route", "method", "status", "duration_ms", "source", "caller_request_id",
    "reasons", "trace_id", "statements",
)  # fmt: skip


class JSONLines(logging.Formatter):
    """Formats a record as `{"at", "level", "logger", "message", ...}`; an exception as its type and its frames.

    The exception's own text is left out: a driver puts the offending values into it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON, without a line break inside."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            line["exception"] = f"{kind.__module__}.{kind.__qualname__}"
            line["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return json.dumps(line, ensure_ascii=False, default=str)
