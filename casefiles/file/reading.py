"""The types of the file, read at run time: its members in order, and which of them who is told.

The hints are read, never `__required_keys__`: under postponed annotations that says nothing of `Required[...]`.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from casefiles.file.casefile import CaseFile
from casefiles.file.marks import Internal, InTimeline, NotInTimeline
from casefiles.shapes import Doc, unwrapped

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class FileMember:
    """One member of a part: `base` is str, int, bool, list, dict or a part; `item` says what a list holds."""

    name: str
    base: Any
    marks: tuple[object, ...]
    nullable: bool
    item: FileMember | None

    def mark(self, kind: type[M]) -> M | None:
        """The mark of this kind, if the member bears one."""
        return next((mark for mark in reversed(self.marks) if isinstance(mark, kind)), None)

    @property
    def doc(self) -> Doc:
        """What it means, and an example; empty where its part says so."""
        return self.mark(Doc) or Doc(id="", en="")

    @property
    def part(self) -> Any:
        """The part that it is, or holds a list of."""
        of = self.item or self
        return of.base if typing.is_typeddict(of.base) else None

    @property
    def shown(self) -> bool:
        """Whether an answer that shows the file shows it."""
        return not (self.mark(Internal) or self.mark(InTimeline))


@cache
def members(part: Any) -> tuple[FileMember, ...]:
    """The members of a part, or of the whole file, in order; internal ones too."""
    hints = typing.get_type_hints(part, include_extras=True)
    return tuple(_member(name, hint) for name, hint in hints.items())


def _member(name: str, hint: Any) -> FileMember:
    base, marks, nullable = unwrapped(hint)
    item = None
    if typing.get_origin(base) is list:
        item, base = _member(name, typing.get_args(base)[0]), list
    elif typing.get_origin(base) is dict:
        base = dict
    return FileMember(name=name, base=base, marks=marks, nullable=nullable, item=item)


@cache
def bearing(part: Any, mark: Any) -> frozenset[str]:
    """The members of a part that bear that mark."""
    return frozenset(member.name for member in members(part) if member.mark(mark))


INTERNAL = bearing(CaseFile, Internal)
"""What the file holds for the flow's own use; nobody is shown these."""


def without(part: Any, mark: Any, held: Mapping[str, Any]) -> dict[str, Any]:
    """The part less the members that bear that mark, in every part and list of parts below as well."""
    return _without(_left_out(part, mark), held)


@cache
def _left_out(part: Any, mark: Any) -> Any:
    below = {member.name: _left_out(member.part, mark) for member in members(part) if member.part is not None}
    return bearing(part, mark), {name: cut for name, cut in below.items() if cut[0] or cut[1]}


def _without(cut: Any, held: Mapping[str, Any]) -> dict[str, Any]:
    names, below = cut
    kept = {name: value for name, value in held.items() if name not in names}
    for name, inner in below.items():
        value = kept.get(name)
        if isinstance(value, list):
            kept[name] = [_without(inner, item) for item in value]
        elif value is not None:
            kept[name] = _without(inner, value)
    return kept


def compared(held: Mapping[str, Any]) -> dict[str, Any]:
    """The file as the timeline compares it, version by version."""
    return without(CaseFile, NotInTimeline, held)
