"""ETags and what rests on them. An ETag is `"9.1f0c77ab"`: the version, then a digest of what this party sees.

`If-None-Match` compares all of it, so a party learns of a change in its sight too; `If-Match` compares the version
alone, so `If-Match: "9"` can be built from a body. Both tolerate `W/` and the suffixes that proxies add.
"""

from __future__ import annotations

import hashlib
import re

from api.http.problems import Problem

# "9", "9.1f0c77ab", W/"9.1f0c77ab", "9.1f0c77ab-gzip", "9.1f0c77ab;br", "9--gzip"
_TAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})(\.[0-9a-f]{8})?(?:[-;]{1,2}[a-z0-9-]{1,20})?"(?:[-;][a-z]{1,10})?')


def etag(version: int, body: bytes) -> str:
    """The ETag, quotes included, of a body that shows this version."""
    return f'"{version}.{hashlib.sha256(body).hexdigest()[:8]}"'


def expected_version(if_match: str | None) -> int:
    """The version `If-Match` names. Raises Problem `precondition-required` or `precondition-malformed`."""
    if if_match is None:
        raise Problem("precondition-required")
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise Problem("precondition-malformed")
    return int(tag[1])


def is_unchanged(if_none_match: str | None, current: str) -> bool:
    """Whether one of the ETags the caller holds is the current one, so that 304 answers. Unreadable ones never are."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(f'"{tag[1]}{tag[2] or ""}"' == current for tag in _TAG.finditer(if_none_match[:2000]))
