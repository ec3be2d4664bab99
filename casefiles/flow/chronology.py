"""Judges the days of a casefile by the one table (`days`): what a body tells, what a correction makes, what is odd.

What is impossible is refused at the day that was given, with the day it is compared with and where that day stands.
Of several days that it comes before, the latest is named. A correction is refused only where it newly contradicts the
day of an act of this register, which is certain.
What is odd is flagged in the file, and judged anew whenever a day changes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, wraps
from itertools import chain
from operator import itemgetter
from typing import Any

from casefiles.file import OpenContest, Warned
from casefiles.flow.dates import FILINGS, Dated, KindOf, at, days_told_by, documents, kinds_of, names_documents, told
from casefiles.flow.days import AHEAD, BACKWARDS, KINDS, ORDERS, PAPERS, SENTENCES, WARNINGS, Order
from casefiles.flow.grammar import CaseView, Changes, DocumentView, Facts, Refusal, Requirement, State, Transition


@dataclass(frozen=True, slots=True)
class Breach:
    """Two days in the wrong order."""

    order: Order
    earlier: Dated
    later: Dated

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from another breach, whatever the days are."""
        return (self.earlier.kind, self.earlier.pointer, self.later.kind, self.later.pointer)

    @property
    def weight(self) -> tuple[date, bool]:
        """The greater, the more it binds: the later day; of equal ones a pair that the table itself has."""
        return (self.earlier.day, self.order in ORDERS)

    def words(self) -> tuple[str, str]:
        """What is wrong, in both languages, with both days and where the other one stands."""
        earlier, later = KINDS[self.earlier.kind], KINDS[self.later.kind]
        before, after = f"{self.earlier.day.isoformat()}, {self.earlier.pointer}", self.later.day.isoformat()
        said_id = f"{_begun(later.id)} ({after}) lebih awal daripada {earlier.id} ({before}): {self.order.id}."
        said_en = f"{_begun(later.en)} ({after}) is before {earlier.en} ({before}): {self.order.en}."
        return said_id, said_en


def _begun(words: str) -> str:
    """The words as a sentence begins."""
    return words[:1].upper() + words[1:]


# --- the table, followed through ------------------------------------------------------------------------------------


@cache
def _leading_to(kind: str) -> Mapping[str, Order]:
    """Everything that may not come after that kind of day, by its kind; what is reached by steps has its way for why.

    Nearest first. Orders that only warn are not followed.
    """
    found: dict[str, tuple[Order, ...]] = {}
    open_ways: list[tuple[Order, ...]] = [(order,) for order in ORDERS if order.later == kind and not order.warns]
    while open_ways:
        way = open_ways.pop(0)
        first = way[0].earlier
        if first in found:
            continue
        found[first] = way
        # The days of one item are compared with nothing that leads to another item of the list.
        if not way[0].same_item:
            open_ways += [(order, *way) for order in ORDERS if order.later == first and not order.warns]
    return {first: way[0] if len(way) == 1 else _through(way) for first, way in found.items()}


def _through(way: tuple[Order, ...]) -> Order:
    kinds = [KINDS[way[0].earlier], *(KINDS[order.later] for order in way)]
    return Order(
        way[0].earlier,
        way[-1].later,
        "urutannya " + ", ".join(kind.id for kind in kinds),
        "the order is " + ", ".join(kind.en for kind in kinds),
    )


def _breaches(days: Iterable[Dated], *, warns: bool = False) -> Iterator[Breach]:
    """Every pair in the wrong order: that only warns, or that is impossible."""
    said = tuple(days)
    by_kind: dict[str, list[tuple[int, Dated]]] = {}
    for place, day in enumerate(said):
        by_kind.setdefault(day.kind, []).append((place, day))
    for later in said:
        orders = _warning_before(later.kind) if warns else _leading_to(later.kind)
        # A file of a hundred violations has hundreds of days: looked at are those of the kinds that may not follow.
        kinds = [by_kind[kind] for kind in orders if kind in by_kind]
        for _, earlier in sorted(chain.from_iterable(kinds), key=itemgetter(0)) if len(kinds) > 1 else chain(*kinds):
            order = orders[earlier.kind]
            if later.day < earlier.day and _comparable(order, earlier, later):
                yield Breach(order, earlier, later)


@cache
def _warning_before(kind: str) -> Mapping[str, Order]:
    """The kinds of days that are odd after a day of this kind."""
    return {order.earlier: order for order in ORDERS if order.later == kind and order.warns}


def _comparable(order: Order, earlier: Dated, later: Dated) -> bool:
    return not order.same_item or earlier.pointer.rpartition("/")[0] == later.pointer.rpartition("/")[0]


def _binding(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    """For each day that comes too early and each code, the latest day it should follow.

    What has no code of its own is left out where a code of its own names a day as late: to mend that one mends both.
    """
    chosen: dict[tuple[str, str], Breach] = {}
    for breach in breaches:
        place = (breach.later.pointer, breach.order.code)
        if place not in chosen or breach.weight > chosen[place].weight:
            chosen[place] = breach
    named = [breach for breach in chosen.values() if breach.order.code != BACKWARDS]
    return tuple(
        breach
        for breach in chosen.values()
        if breach.order.code != BACKWARDS
        or not any(one.later.pointer == breach.later.pointer and one.earlier.day >= breach.earlier.day for one in named)
    )


# --- the days of a file ---------------------------------------------------------------------------------------------

_HELD = {kind: meaning.held.removeprefix("#/").split("/") for kind, meaning in KINDS.items() if meaning.held}


def held(facts: Facts | Changes) -> tuple[Dated, ...]:
    """The days that a file holds. Those it lacks, as older files do, are compared with nothing."""
    found = []
    for kind, path in _HELD.items():
        for pointer, day in at(facts, path, "#"):
            known = "revised" if kind == "recommended" and (facts["recommendation"] or {}).get("revised") else kind
            found.append(Dated(known, date.fromisoformat(day), pointer))
    return (*found, *_filings(facts))


def _filings(facts: Facts | Changes) -> Iterator[Dated]:
    """What was filed against the sanction in force, open or settled, with the letter of the open one."""
    version = (facts.get("sanction") or {}).get("version")
    filed: list[tuple[str, OpenContest | None]] = [("#/contest", facts.get("contest"))]
    filed += [(f"#/contests/{place}", one) for place, one in enumerate(facts.get("contests", ()))]
    for pointer, contest in filed:
        if contest and contest.get("sanction_version") == version:
            yield Dated(FILINGS[contest["kind"]], date.fromisoformat(contest["filed_on"]), f"{pointer}/filed_on")
            if letter := contest.get("letter"):
                yield Dated("contest_letter", date.fromisoformat(letter["date"]), f"{pointer}/letter/date")


def contradictions(facts: Facts) -> tuple[Breach, ...]:
    """Every pair of days in the file that is impossible, through whatever lies between."""
    return tuple(_breaches(held(facts)))


def newly_contradicted(
    before: Facts, after: Facts, *, pointer: str, in_order: Container[str] = frozenset()
) -> tuple[Refusal, ...]:
    """What is impossible in the file after a correction and was not before; told at that place of the body.

    Only a day that is certain forbids another one. Days that somebody told may both be wrong: they are put right one
    after the other, in any order, and in between the file warns of them. Of those that have to be `in_order` all the
    while, by where the file holds them, there is always one that can go first, and the refusal says so.
    """
    known = {breach.key for breach in contradictions(before)}
    refused = _binding(
        breach
        for breach in contradictions(after)
        if breach.key not in known and (_certain(breach) or _held_in(in_order, breach))
    )
    return tuple(
        _refusal(breach, pointer=pointer, code=BACKWARDS, first=_held_in(in_order, breach)) for breach in refused
    )


def _certain(breach: Breach) -> bool:
    return any(KINDS[day.kind].certain for day in (breach.earlier, breach.later))


def _held_in(places: Container[str], breach: Breach) -> bool:
    return all(KINDS[day.kind].held in places for day in (breach.earlier, breach.later))


def _refusal(breach: Breach, *, pointer: str = "", code: str = "", first: bool = False) -> Refusal:
    words_id, words_en = breach.words()
    if first:
        words_id += " Bila keduanya keliru, betulkan tanggal yang lain itu dahulu."
        words_en += " Where both are wrong, correct the other one first."
    return Refusal(code or breach.order.code, words_id, words_en, pointer=pointer or breach.later.pointer)


# --- the days of a body ---------------------------------------------------------------------------------------------


def judged(given: Iterable[Dated], known: Iterable[Dated], *, today: date | None = None) -> tuple[Refusal, ...]:
    """What is impossible among the days given, and between them and those known before.

    A day that is given stands for the one of its kind that was known. A day that is today for whoever acts is not
    before one that began further east already, which the file calls tomorrow.
    """
    said = tuple(given)
    kinds = {day.kind for day in said}
    found = [
        breach
        for breach in _breaches((*said, *(day for day in known if day.kind not in kinds)))
        if breach.later.given
        and not (
            not breach.earlier.given and breach.later.day == today and breach.earlier.day - breach.later.day == _A_DAY
        )
    ]
    return tuple(_refusal(breach) for breach in _binding(found))


_A_DAY = timedelta(days=1)


def ahead_of(today: date, given: Iterable[Dated], *, time_zone: str) -> tuple[Refusal, ...]:
    """Days that lie after the day of the act that tells them."""
    return tuple(
        _ahead(KINDS[day.kind].id, KINDS[day.kind].en, day.day, today, time_zone, pointer=day.pointer)
        for day in given
        if not KINDS[day.kind].ahead and day.day > today
    )


def papers_ahead_of(
    today: date, given: Any, papers: Mapping[str, DocumentView], *, time_zone: str
) -> tuple[Refusal, ...]:
    """Documents that are dated after the day of the act that brings them."""
    named = ((pointer, papers.get(ident)) for pointer, ident in documents(given))
    return tuple(
        _ahead("tanggal dokumen ini", "the date of this document", paper.date, today, time_zone, pointer=pointer)
        for pointer, paper in named
        if paper is not None and paper.date is not None and paper.date > today
    )


def _ahead(kind_id: str, kind_en: str, day: date, today: date, time_zone: str, *, pointer: str) -> Refusal:
    days = (day - today).days
    where = f"{today.isoformat()} di zona waktu {time_zone}", f"{today.isoformat()} in {time_zone}"
    return Refusal(
        AHEAD,
        f"{_begun(kind_id)} {days} hari sesudah hari langkah ini dilakukan (occurred_at), yaitu {where[0]}.",
        f"{_begun(kind_en)} is {days} day{'s' * (days != 1)} after the day of this step (occurred_at), {where[1]}.",
        pointer=pointer,
    )


# --- what is odd ----------------------------------------------------------------------------------------------------


def warnings(facts: Facts | Changes, papers: Mapping[str, DocumentView] | None = None) -> tuple[Warned, ...]:
    """What is odd about the days of a file, in the form of its warnings. `papers` are documents it is being given."""
    days = held(facts)
    odd = [(breach.order.code, breach) for breach in _binding(_breaches(days, warns=True))]
    # Impossible, and there all the same: one of two days was corrected, or the file is older than this table.
    impossible = [(BACKWARDS, breach) for breach in _binding(_breaches(days))]
    found: list[Warned] = [
        {"code": code, "pointer": breach.later.pointer, "id": said_id, "en": said_en}
        for code, breach in (*impossible, *odd)
        for said_id, said_en in (breach.words(),)
    ]
    dated = {one["id"]: day for one in facts.get("documents", ()) if (day := one.get("date"))}
    dated |= {paper.id: paper.date.isoformat() for paper in (papers or {}).values() if paper.date}
    for kind, day_at, paper_at, code in PAPERS:
        day, paper = _first(facts, day_at), _first(facts, paper_at)
        if day is not None and paper in dated and dated[paper] != day:
            found.append(_differing(code, day_at, kind, day, dated[paper]))
    return tuple(found)


def _first(facts: Facts | Changes, pointer: str) -> Any:
    return next((value for _, value in at(facts, pointer.removeprefix("#/").split("/"), "#")), None)


def _differing(code: str, pointer: str, kind: str, day: str, paper: str) -> Warned:
    meaning = KINDS[kind]
    return {
        "code": code,
        "pointer": pointer,
        "id": f"{_begun(meaning.id)} ({day}) berbeda dari tanggal dokumennya ({paper}).",
        "en": f"{_begun(meaning.en)} ({day}) differs from the date of its document ({paper}).",
    }


# --- the rows -------------------------------------------------------------------------------------------------------


def held_to_order(row: Transition) -> Transition:
    """The row with the guard that holds its days, and those of its papers, to the table; and what is odd is flagged."""
    if row.takes is None or row.creates:
        return row
    days = days_told_by(row.takes)
    tells = bool(kinds_of(days))
    records = row.records
    return replace(
        row,
        weighs=(*row.weighs, _guard_of(days)) if tells or names_documents(row.takes) else row.weighs,
        records=_flagging(records) if records is not None and (tells or row.name == CORRECTION) else records,
    )


# The row that changes a day without telling it in a field of its own.
CORRECTION = "correct"
GUARD = "days_in_order"


def _guard_of(told_days: Mapping[str, KindOf]) -> Requirement:
    def guard(case: CaseView, given: Any) -> Iterable[Refusal]:
        """Every day follows what it has to follow, and none lies after the act: see the table in docs/flow.md."""
        days = tuple(told(told_days, given))
        zone = case.acting.time_zone
        yield from ahead_of(case.today, days, time_zone=zone)
        yield from papers_ahead_of(case.today, given, case.documents, time_zone=zone)
        yield from judged(days, (*held(case.facts), *_sent(case)), today=case.today)

    guard.__name__ = GUARD
    return guard


def _sent(case: CaseView) -> Iterator[Dated]:
    """The day the recommendation that waits for its receipt was sent."""
    if case.state is State.RECOMMENDED and case.referral is not None:
        yield Dated("sent", case.referral.clock_from, "#/turn/since")


def _flagging(records: Callable[[CaseView, Any], Changes]) -> Callable[[CaseView, Any], Changes]:
    """What becomes of the file, with what is odd about its days judged anew."""

    @wraps(records)
    def flagged(case: CaseView, given: Any) -> Changes:
        changes = records(case, given)
        after: Facts = {**case.facts, **changes}
        kept = [one for one in after.get("warnings", ()) if one["code"] not in WARNINGS]
        found = warnings(after, case.documents)
        if not found and len(kept) == len(after.get("warnings", ())):
            return changes
        return {**changes, "warnings": [*kept, *found]}

    return flagged


def refused_with(shape: type[Any]) -> tuple[tuple[str, str], ...]:
    """The codes that the guard of a row that takes this shape refuses with, and what has to hold for each."""
    codes = {
        order.code
        for kind in kinds_of(days_told_by(shape))
        for order in ORDERS
        if order.later == kind and not order.warns
    }
    return ((AHEAD, "No day told lies after the day of the act"), *((code, SENTENCES[code]) for code in sorted(codes)))
