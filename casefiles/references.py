"""What a body mentions (documents, agencies), where, and how it is kept as plain JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from audit.ledger import instant
from casefiles.shapes import AgencySlug, Member, Ref, members


def documents(given: Any) -> tuple[tuple[str, UUID], ...]:
    """Every document id that `given` mentions, with its JSON pointer."""
    return tuple(
        (pointer, value) for pointer, member, value in _walk(given, "#") if member.mark(Ref) == Ref("document")
    )


def agencies(given: Any) -> tuple[tuple[str, str], ...]:
    """Every agency code that `given` mentions, with its JSON pointer."""
    return tuple((pointer, value) for pointer, member, value in _walk(given, "#") if member.mark(AgencySlug))


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


def _walk(given: Any, pointer: str) -> Iterator[tuple[str, Member, Any]]:
    for member in members(type(given)):
        yield from _visit(member, getattr(given, member.attribute), f"{pointer}/{member.name}")


def _visit(member: Member, value: Any, pointer: str) -> Iterator[tuple[str, Member, Any]]:
    if value is None:
        return
    if member.item is not None:
        for index, item in enumerate(value):
            yield from _visit(member.item, item, f"{pointer}/{index}")
    elif member.is_object:
        yield from _walk(value, pointer)
    else:
        yield pointer, member, value


def as_json(value: Any) -> str:
    """A plain value as JSON text, for a statement's parameter."""
    return orjson.dumps(value).decode()
