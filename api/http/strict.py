"""JSON in, strictly: what two parsers might read differently is refused, so that what we sign is what was meant.

Refused, each with its own code among `errors[]`: an empty body, bytes that are not UTF-8, a byte order mark, bad
syntax, a key that occurs twice in one object, NaN and Infinity, integers beyond 2^53, NUL characters, lone
surrogates, and more than 20 levels of nesting.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from api.http.problems import ErrorItem, Problem

MAX_DEPTH = 20
MAX_INTEGER = 2**53 - 1  # RFC 7493, 2.2: beyond it a double no longer holds every integer

# A string, an opening or a closing bracket. The possessive quantifiers and the end of text keep it linear.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class _Malformed(ValueError):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.item = ErrorItem(code, params=params)


def loads(body: bytes) -> Any:
    """The value a JSON text stands for. Raises Problem `malformed-json` with one item that says what is wrong."""
    try:
        return _loads(body)
    except _Malformed as exc:
        raise Problem("malformed-json", errors=[exc.item]) from None


def check_size(length: int) -> None:
    """Raises Problem `body-too-large` for a body of more than `LINTAS_MAX_BODY_BYTES`."""
    if length > settings.LINTAS_MAX_BODY_BYTES:
        raise Problem("body-too-large")


def check_media_type(content_type: str, content_encoding: str = "") -> None:
    """Raises Problem `unsupported-media-type` unless the body is uncompressed JSON in UTF-8."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = next((part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")), "utf-8")
    if (
        media_type != "application/json"
        or charset not in {"utf-8", "utf8"}
        or content_encoding.lower() not in {"", "identity"}
    ):
        raise Problem("unsupported-media-type", headers={"Accept": "application/json"})


class StrictJSONParser(BaseParser):
    """`loads` as DRF's parser."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value in the stream. Raises Problem `malformed-json` or `body-too-large`."""
        body = stream.read(settings.LINTAS_MAX_BODY_BYTES + 1)
        check_size(len(body))
        return loads(body)


def _loads(body: bytes) -> Any:
    if not body.strip():
        raise _Malformed("empty-body")
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise _Malformed("byte-order-mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _Malformed("not-utf8") from None
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_twin_keys,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as exc:
        raise _Malformed("syntax", line=exc.lineno, column=exc.colno) from None
    if "\\u" in text:
        # Only an escape can bring these in: raw ones are no valid UTF-8, or control characters that JSON refuses.
        _check_characters(value)
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for token in _BRACKETS.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _Malformed("too-deep")
        elif first != '"':
            depth -= 1


def _no_twin_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Malformed("duplicate-key")
    return found


def _integer(digits: str) -> int:
    # 2^53 has 16 digits and a sign; longer texts are not even converted.
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise _Malformed("number-too-large")
    return int(digits)


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Malformed("number-too-large")
    return number


def _no_constant(_: str) -> NoReturn:
    raise _Malformed("not-a-number")


def _check_characters(value: Any) -> None:
    if isinstance(value, str):
        unfit = _UNFIT.search(value)
        if unfit:
            code = "nul-character" if unfit.group() == "\x00" else "lone-surrogate"
            raise _Malformed(code, character=f"U+{ord(unfit.group()):04X}")
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key)
            _check_characters(item)
