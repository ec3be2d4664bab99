"""A step that concerns two casefiles: both are locked in the order of their ids, and both are decided or neither.

Which the other one is must be known before anything is locked, so the file is looked at first; what was seen then is
looked at again under the locks. Whoever never performs the row makes no other casefile wait, and is told nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from casefiles import flow, references
from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.errors import Erased, Fault, NotVisible, StaleVersion
from casefiles.flow import CaseView, Pair, Party, State
from casefiles.models import Casefile
from casefiles.transitions import decide as deciding
from casefiles.transitions.duplicates import Candidate
from casefiles.transitions.load import load
from casefiles.transitions.load_many import lock_many
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.parties import parties_of
from casefiles.transitions.values import Act


@dataclass(frozen=True, slots=True)
class Named:
    """The other casefile as one may touch it, or what is wrong with its id in the body; `id` as body or file name it.

    Neither where the file names it, and it is not the actor's any more.
    """

    id: str | None
    other: UUID | None = None
    faults: tuple[Fault, ...] = ()


def decide(
    act: Act, pair: Pair, *, casefile: UUID, expected_version: int | None
) -> tuple[LawBook, deciding.Decided, deciding.Decided]:
    """The row on the casefile and its counterpart on the other, to be written together in the caller's transaction.

    Raises as `transitions.perform` does: `InvalidGiven` too where the body names the casefile itself, one that was
    erased, or one that the caller may not see, which is answered as if there were none; and `StaleVersion` where the
    casefile moved on between the look and the lock.
    """
    actor = act.actor
    named = _named(act, pair, load(casefile, actor=actor.agency_id, today=act.now.date()))
    held = lock_many((casefile, named.other) if named.other else (casefile,))
    if casefile not in held:
        raise NotVisible
    mine = deciding.bring(casefile, act.given, actor=actor, moment=act.moment)
    if pair.which(act.given, mine.facts) != named.id:
        raise StaleVersion(mine.version)
    law = open_book(calendar_version=mine.context.calendar_version)
    moment = act.occurred_at or max(act.now, mine.last_occurred_at)
    body, theirs, faults = None, None, named.faults
    if named.other is not None:
        body = pair.tells(deciding.view(mine, actor=actor, law=law, now=act.now, occurred_at=moment), act.given)
        theirs, faults = _bring(named.other, body, act.given, mine=casefile, actor=actor, moment=moment)
    if theirs is not None:
        # Both happen at one moment, which lies before the last step of neither.
        moment = act.occurred_at or max(moment, theirs.last_occurred_at)
    now, act = act.now, replace(act, now=max(act.now, moment))
    other = deciding.view(theirs, actor=actor, law=law, now=now, occurred_at=moment) if theirs else None
    first = deciding.decide(act, mine, law=law, expected_version=expected_version, other=other, faults=faults)
    if theirs is None:
        raise StaleVersion(mine.version)  # the actor may perform it now, but could not when one looked
    counterpart = replace(act, row=flow.ROWS[pair.row], given=body, party=first.outcome.party)
    second = deciding.decide(counterpart, theirs, law=law)
    return law, first, second


def shown(
    mine: Loaded,
    candidates: Iterable[Candidate],
    *,
    actor: Actor,
    law: LawBook,
    now: datetime,
    beside: Loaded | None = None,
) -> CaseView:
    """The casefile as `available` judges it: for its examiner with the one that took it in, or those that might.

    `candidates` are the casefiles of the same officer that the actor sees; `beside` is the one that a step just
    performed concerned too.
    """
    case = deciding.view(mine, actor=actor, law=law, now=now, occurred_at=now)
    if Party.EXAMINER not in case.acts_as:
        return case
    other = beside or _took_it_in(mine, actor=actor, now=now)
    return replace(
        case,
        other=deciding.view(other, actor=actor, law=law, now=now, occurred_at=now) if other else None,
        others=_that_might(case, candidates),
    )


def _that_might(case: CaseView, candidates: Iterable[Candidate]) -> tuple[CaseView, ...] | None:
    """The candidates as other casefiles; None where too little is known of the officer to have found them all."""
    if not case.facts["subject"].get("nip") and not case.facts.get("employer"):
        return None
    return tuple(
        replace(
            case,
            id=str(candidate.id),
            number=candidate.number,
            state=State(candidate.state),
            came_from=State(candidate.came_from) if candidate.came_from else None,
            facts=candidate.facts,
            acts_as=frozenset({Party.EXAMINER} if candidate.facts["examiner"] == case.acting.code else ()),
        )
        for candidate in candidates
    )


def _took_it_in(mine: Loaded, *, actor: Actor, now: datetime) -> Loaded | None:
    """The casefile that took this one in; None where the actor does not see it, or its content was erased."""
    into = (mine.facts.get("merged") or {}).get("into")
    if into is None:
        return None
    seen = Casefile.objects.seen_by(actor, casefile=UUID(into))
    if seen is None or seen.is_former:
        return None
    try:
        return load(UUID(into), actor=actor.agency_id, today=local_day(now, actor.time_zone))
    except Erased:
        return None


def _named(act: Act, pair: Pair, mine: Loaded) -> Named:
    """Which casefile is the other, before anything is locked."""
    named = pair.which(act.given, mine.facts)
    if named is None or flow.acting_party(act.row, parties_of(mine, act.actor)) is None:
        return Named(named)
    other = UUID(named)
    if other == mine.id:
        return Named(named, faults=_fault(act.given, other, "same-casefile", *SAME))
    seen = Casefile.objects.seen_by(act.actor, casefile=other)
    if seen is None or seen.is_former:
        return Named(named, faults=_fault(act.given, other, "unknown-casefile", *UNKNOWN))
    return Named(named, other)


def _bring(
    other: UUID, body: Any, given: Any, *, mine: UUID, actor: Actor, moment: datetime
) -> tuple[Loaded | None, tuple[Fault, ...]]:
    """The other casefile under its lock, or why it cannot be part of a step."""
    try:
        theirs = deciding.bring(other, body, actor=actor, moment=moment, beside=mine)
    except Erased:
        return None, _fault(given, other, "erased-casefile", *ERASED)
    if actor.agency_id not in theirs.sighted:  # sight ended between the look and the lock
        return None, _fault(given, other, "unknown-casefile", *UNKNOWN)
    return theirs, ()


SAME = (
    "Perkara tidak dapat digabung dengan dirinya sendiri. Sebut id perkara lain.",
    "A casefile cannot be merged with itself. Name another casefile's id.",
)
UNKNOWN = (
    "Tidak ada perkara dengan id ini bagi instansi Anda. Cari dengan GET /api/v1/casefiles?number=",
    "There is no casefile of this id for your agency. Search with GET /api/v1/casefiles?number=",
)
ERASED = (
    "Isi perkara ini sudah dihapus, sehingga tidak dapat menerima perkara lain. Sebut id perkara lain.",
    "The content of this casefile was erased, so it can take in no other. Name another casefile's id.",
)


def _fault(given: Any, other: UUID, code: str, indonesian: str, english: str) -> tuple[Fault, ...]:
    """The fault, where the body names that casefile; none where it follows from the file."""
    pointers = (pointer for pointer, casefile in references.casefiles(given) if casefile == other)
    return tuple(Fault(code, pointer, indonesian, english) for pointer in pointers)
