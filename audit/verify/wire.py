"""Asking a log over HTTP, with the standard library: public addresses, and entries with a token."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import Any, Final

TIMEOUT: Final = 20.0
LONGEST: Final = 1 << 20
"""Bytes of an answer that are read, unless told otherwise."""


class Unreachable(Exception):
    """The log did not answer as it should; `status` is what it answered, if it did, and `after` when to ask again."""

    def __init__(self, why: str, *, status: int | None = None, after: float | None = None) -> None:
        super().__init__(why)
        self.status, self.after = status, after


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a token is for the address that it was given for."""

    def redirect_request(self, *_: Any) -> None:
        """Nowhere."""


_staying = urllib.request.build_opener(_Stays)


def fetch(address: str, *, token: str | None = None, longest: int = LONGEST) -> bytes:
    """The answer's body, its first `longest` bytes. `address` is http(s). Raises `Unreachable`."""
    headers = {"User-Agent": "lintas-verify"}
    if token is not None:
        headers |= {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    asked = urllib.request.Request(address, headers=headers)  # noqa: S310 - http(s) only, who calls has looked
    path = asked.selector.partition("?")[0]
    try:
        opened = urllib.request.urlopen if token is None else _staying.open
        with opened(asked, timeout=TIMEOUT) as answer:
            return bytes(answer.read(longest))
    except urllib.error.HTTPError as why:
        why.close()
        after = why.headers.get("Retry-After", "")
        raise Unreachable(
            f"{path} answered {why.code}", status=why.code, after=float(after) if after.isdigit() else None
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as why:
        raise Unreachable(f"{type(why).__name__}: {getattr(why, 'reason', '') or why}") from None
