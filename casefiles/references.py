"""What a body mentions (documents, agencies), where, and how it is kept as plain JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson

from audit.ledger import instant
from casefiles.shapes import AgencySlug, Member, Ref, members


def documents(given: Any) -> tuple[tuple[str, UUID], ...]:
    """Every document id that `given` mentions, with its JSON pointer."""
    return tuple(_walk(given, "#", _to_document))


def casefiles(given: Any) -> tuple[tuple[str, UUID], ...]:
    """Every casefile id that `given` mentions, with its JSON pointer."""
    return tuple(_walk(given, "#", _to_casefile))


def agencies(given: Any) -> tuple[tuple[str, str], ...]:
    """Every agency code that `given` mentions, with its JSON pointer."""
    return tuple(_walk(given, "#", _to_agency))


def plain(value: Any) -> Any:
    """A given value as plain JSON: dates as ISO, instants in UTC milliseconds, ids as text, tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {member.name: plain(getattr(value, member.attribute)) for member in members(type(value))}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


Wanted: TypeAlias = Callable[[Member], bool]
"""Whether a field mentions what is looked for."""


def _to_document(member: Member) -> bool:
    mark = member.mark(Ref)
    return mark is not None and mark.kind == "document"


def _to_casefile(member: Member) -> bool:
    mark = member.mark(Ref)
    return mark is not None and mark.kind == "casefile"


def _to_agency(member: Member) -> bool:
    return member.mark(AgencySlug) is not None


def _leading(shape: type[Any], wanted: Wanted) -> tuple[Member, ...]:
    """The fields of a shape in which it may stand: most bodies mention nothing, and are asked at every step."""
    if (shape, wanted) not in _LEADING:
        _LEADING[shape, wanted] = tuple(member for member in members(shape) if _leads(member, wanted))
    return _LEADING[shape, wanted]


_LEADING: Final[dict[tuple[type[Any], Wanted], tuple[Member, ...]]] = {}


def _leads(member: Member, wanted: Wanted) -> bool:
    if member.item is not None:
        return _leads(member.item, wanted)
    return bool(_leading(member.base, wanted)) if member.is_object else wanted(member)


def _walk(given: Any, pointer: str, wanted: Wanted) -> Iterator[tuple[str, Any]]:
    for member in _leading(type(given), wanted):
        yield from _visit(member, getattr(given, member.attribute), f"{pointer}/{member.name}", wanted)


def _visit(member: Member, value: Any, pointer: str, wanted: Wanted) -> Iterator[tuple[str, Any]]:
    if value is None:
        return
    if member.item is not None:
        for index, item in enumerate(value):
            yield from _visit(member.item, item, f"{pointer}/{index}", wanted)
    elif member.is_object:
        yield from _walk(value, pointer, wanted)
    else:
        yield pointer, value


def as_json(value: Any) -> str:
    """A plain value as JSON text, for a statement's parameter."""
    return orjson.dumps(value).decode()
