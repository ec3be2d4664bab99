"""Numbers that an office's register skips, as far as the numbers can be read.

Bawaslu's register holds more than findings of neutrality, so a number that is not here is a question and no fault.
Numbers of one kind, election, level, place and year are read as one series; where a series begins is not known, so
nothing is said of what lies before its first number or after its last. Numbers of another form are counted and left
out.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from agencies.actor import Actor
from agencies.models import Agency
from casefiles import register_number
from casefiles.errors import NotVisible, NotYourOffice, TooManyRows
from casefiles.models import Finding
from casefiles.shapes import Between, Doc
from casefiles.sight.silent import reads_all

MOST: Final = 20_000
"""Findings of one office that are looked at; an office of Bawaslu has some hundreds a year."""
MOST_RANGES: Final = 500
"""Ranges that are listed of one series; `missing` counts all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapsAsked:
    """GET /agencies/{agency}/register-gaps."""

    year: Annotated[int, Between(2000, 2100), Doc(id="Tahun pada nomor", en="Year in the number")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of numbers: its letters, the first and last sequence that are here, and how many are."""

    kind: str
    election: str
    level: str
    place: str
    year: int
    first: int
    last: int
    present: int
    missing: int
    ranges: tuple[tuple[int, int], ...]
    repeated: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The series of an office, and how many findings bear a number of another form (of any year)."""

    office: Agency
    series: tuple[Series, ...]
    unread: int


def gaps(actor: Actor, office_code: str, asked: GapsAsked, *, on: date) -> Gaps:
    """The gaps in that office's register, in three statements at most. Raises `NotVisible` where there is no office.

    For the examiner in office, auditors, the office itself and those above it; raises `NotYourOffice` for others, and
    `TooManyRows`. It reads the numbers of all findings, also of those that the actor does not see: of a number that is
    there nothing is told but that it is none of the missing.
    """
    office = Agency.objects.select_related("parent").filter(code=office_code).first()
    if office is None:
        raise NotVisible
    if actor.agency_id not in {office.pk, *office.above} and not reads_all(actor, on=on):
        raise NotYourOffice
    numbers = _numbers(office.pk)
    if len(numbers) > MOST:
        raise TooManyRows(MOST)
    read = [found for raw in numbers if (found := register_number.parse(raw)) is not None]
    chosen = [one for one in read if asked.year is None or one.year == asked.year]
    return Gaps(office=office, series=tuple(_series(chosen)), unread=len(numbers) - len(read))


def _numbers(office: int) -> Sequence[str]:
    return list(Finding.objects.filter(office=office).values_list("register_number", flat=True)[: MOST + 1])


def _series(numbers: Iterable[register_number.RegisterNumber]) -> Iterator[Series]:
    """Whether a number bears `Reg` makes no series of its own: it tells how far the report had come."""
    found: dict[tuple[str, str, str, str, int], Counter[int]] = {}
    for one in numbers:
        key = (one.kind.letters, one.election.letters, one.level.letters, one.bawaslu_place.of_bawaslu, one.year)
        found.setdefault(key, Counter())[one.sequence] += 1
    for (kind, election, level, place, year), counted in sorted(found.items()):
        there = sorted(counted)
        between = [(low + 1, high - 1) for low, high in itertools.pairwise(there) if high - low > 1]
        yield Series(
            kind=kind,
            election=election,
            level=level,
            place=place,
            year=year,
            first=there[0],
            last=there[-1],
            present=len(there),
            missing=sum(last - first + 1 for first, last in between),
            ranges=tuple(between[:MOST_RANGES]),
            repeated=tuple(number for number in there if counted[number] > 1)[:MOST_RANGES],
        )
