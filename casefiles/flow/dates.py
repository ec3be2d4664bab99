"""The days that bodies tell: the mark that says which kind of day a field tells (`chronology` says what may follow it).

    received_on: Annotated[Date, NotAfterToday(), Tells("received"), Doc(...)]

A field that holds a day and bears no mark fails a test, so that whoever adds one has to say what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from casefiles.shapes import Member, Ref, members

# A day that is computed, or granted for the time to come: it is held against the clock by its own guard, not here.
DEADLINE: Final = "deadline"


@dataclass(frozen=True, slots=True)
class Dated:
    """One day, of what kind it is, and where it stands: in the body (`given`), or in the file."""

    kind: str
    day: date
    pointer: str
    given: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """The rest of the body says of which of these kinds the day is."""

    kinds: tuple[str, ...]
    chosen: Callable[[Any], str]


KindOf: TypeAlias = str | OneOf


@dataclass(frozen=True, slots=True)
class Tells:
    """A mark: the field tells a day of this kind. On an object it speaks for the days in it that bear no mark."""

    kind: KindOf


# What was filed, by its kind: each follows something else.
FILINGS: Mapping[str, str] = {"objection": "objected", "appeal": "appealed", "lawsuit": "sued"}


def days_told_by(shape: type[Any]) -> Mapping[str, KindOf]:
    """The days that a body of this shape tells: their kinds by their paths. `*` in a path is every item of a list."""
    return {path: kind for path, kind in day_fields(shape) if kind is not None}


def told(days: Mapping[str, KindOf], given: Any) -> Iterator[Dated]:
    """The days that this body tells, deadlines apart; `days` are those of its shape."""
    for path, kind_of in days.items():
        kind = kind_of.chosen(given) if isinstance(kind_of, OneOf) else kind_of
        if kind != DEADLINE:
            for pointer, day in at(given, path.split("/"), "#"):
                yield Dated(kind, day, pointer, given=True)


def kinds_of(days: Mapping[str, KindOf]) -> tuple[str, ...]:
    """The kinds of days that a body with these days may tell, deadlines apart."""
    found = [one.kinds if isinstance(one, OneOf) else (one,) for one in days.values()]
    return tuple(dict.fromkeys(kind for kinds in found for kind in kinds if kind != DEADLINE))


def at(value: Any, path: list[str], pointer: str) -> Iterator[tuple[str, Any]]:
    """What stands at that path of a body or a file, with its pointer; `*` is every item of a list."""
    if value is None:
        return
    if not path:
        yield pointer, value
    elif path[0] == "*":
        for place, item in enumerate(value):
            yield from at(item, path[1:], f"{pointer}/{place}")
    else:
        inner = value.get(path[0]) if isinstance(value, Mapping) else getattr(value, path[0], None)
        yield from at(inner, path[1:], f"{pointer}/{path[0]}")


def documents(given: Any) -> Iterator[tuple[str, str]]:
    """The documents that a body names, each with its pointer."""
    for member in members(type(given)):
        yield from _documents(member, getattr(given, member.attribute), f"#/{member.name}")


def _documents(member: Member, value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if member.item is not None:
        for place, item in enumerate(value):
            yield from _documents(member.item, item, f"{pointer}/{place}")
    elif member.is_object:
        for inner in members(member.base):
            yield from _documents(inner, getattr(value, inner.attribute), f"{pointer}/{inner.name}")
    elif (mark := member.mark(Ref)) is not None and mark.kind == "document":
        yield pointer, str(value)


def names_documents(shape: type[Any]) -> bool:
    """Whether a body of that shape may name a document."""
    return any(_names_documents(member) for member in members(shape))


def _names_documents(member: Member) -> bool:
    if member.item is not None:
        return _names_documents(member.item)
    if member.is_object:
        return names_documents(member.base)
    mark = member.mark(Ref)
    return mark is not None and mark.kind == "document"


def day_fields(shape: type[Any], prefix: str = "", kind: KindOf | None = None) -> Iterator[tuple[str, KindOf | None]]:
    """The path of every field of a shape that holds a day, and its kind: by its mark, or by that of what holds it."""
    for member in members(shape):
        yield from _day_fields(member, f"{prefix}{member.name}", kind)


def _day_fields(member: Member, path: str, kind: KindOf | None) -> Iterator[tuple[str, KindOf | None]]:
    mark = member.mark(Tells)
    kind = kind if mark is None else mark.kind
    if member.item is not None:
        yield from _day_fields(member.item, f"{path}/*", kind)
    elif member.is_object:
        yield from day_fields(member.base, f"{path}/", kind)
    elif member.base is date:
        yield path, kind
