"""JSON out: bytes by orjson, instants in UTC with milliseconds, and what a client may ask for by `Accept`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


def instant(moment: dt.datetime) -> str:
    """An aware instant as `2026-11-20T03:04:05.123Z`. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("an instant without a zone cannot be written")
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def dumps(data: Any) -> bytes:
    """The JSON bytes of data made of mappings, sequences, dataclasses, texts, numbers, UUIDs, dates, instants."""
    return orjson.dumps(data, default=_other, option=orjson.OPT_PASSTHROUGH_DATETIME)


def in_one_order(data: Any) -> bytes:
    """The same bytes for the same data, whatever order its members come in: what an ETag is taken over."""
    return orjson.dumps(data, default=_other, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_SORT_KEYS)


def _other(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


class JSONRenderer(BaseRenderer):
    """For what a view returns as a DRF `Response`; most answers are bytes already when they leave the view."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of `data`; nothing at all where there is no content."""
        return b"" if data is None else dumps(data)


def accepts(header: str, *media_types: str) -> bool:
    """Whether an `Accept` header (RFC 9110, 12.5.1) allows one of these types; an absent header allows all."""
    if not header.strip():
        return True
    return any(_weight(header, media_type) > 0 for media_type in media_types)


def _weight(header: str, media_type: str) -> float:
    """The weight of the most specific range that covers the type; 0 where none does."""
    kind = media_type.partition("/")[0]
    rank = {media_type: 3, f"{kind}/*": 2, "*/*": 1}
    best = (0, 0.0)
    for part in header.split(","):
        range_, *parameters = (piece.strip().lower() for piece in part.split(";"))
        specific = rank.get(range_, 0)
        if specific > best[0]:
            best = (specific, _quality(parameters))
    return best[1]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
