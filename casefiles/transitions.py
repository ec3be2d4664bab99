"""One `perform`: load, decide, write, in one transaction that the caller opens. No state changes any other way.

`load` locks the casefile and brings what the guards need; `decide` (`casefiles.flow`) is pure; `write` stores row,
history, transition, payload, referrals, attachments, sight and the log entry in one statement. The step in between,
`steps.step_of`, turns an outcome into frozen values and asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from audit import ledger
from casefiles import duplicates, flow, references
from casefiles.errors import Fault, InvalidGiven, StaleVersion, UnknownTransition
from casefiles.flow import CaseView, DocumentView, Party, ReferralView, Stage
from casefiles.law import LawBook, local_day, open_book
from casefiles.loading import Loaded, load, lock
from casefiles.steps import ROLE_OF, RequestFacts, step_of
from casefiles.writing import Step, write


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of a transition: the casefile after it, as `load` would bring it, and the sealed entry."""

    after: Loaded
    sealed: ledger.Sealed
    law: LawBook
    actor_keeps_sight: bool

    @property
    def version(self) -> int:
        """The casefile's version after the transition."""
        return self.after.version

    @property
    def stage(self) -> Stage:
        """The stage it reached."""
        return self.after.stage

    @property
    def facts(self) -> Mapping[str, Any]:
        """The whole file after it."""
        return self.after.facts


def perform(
    *,
    actor: Actor,
    casefile: UUID,
    name: str,
    given: Any,
    occurred_at: datetime | None,
    now: datetime,
    request: RequestFacts,
    expected_version: int | None = None,
    as_party: Party | None = None,
) -> Performed:
    """Perform one transition on one casefile, inside the caller's transaction.

    `given` is an instance of the row's `takes`. Sight has been checked by the caller. A command acts `as_party` the
    clock or an operator, and only so are rows without a route performed; a door never says it. Raises `NotVisible`,
    `UnknownTransition`, `InvalidGiven` (unknown agency or document), `WrongParty`, `StaleVersion`, `InvalidGiven`
    (it cannot have happened before the last step), `WrongState`, `Refused` (every reason), in that order; nothing is
    stored then.
    """
    row = flow.ROWS.get(name)
    if row is None or row.creates or (not row.routed and as_party is None):
        raise UnknownTransition(name)
    lock(casefile)
    documents, agencies = references.documents(given), references.agencies(given)
    loaded = load(
        casefile,
        actor=actor.agency_id,
        today=local_day(occurred_at or now, actor.time_zone),
        codes=tuple(code for _, code in agencies),
        documents=tuple(document for _, document in documents),
        roles=tuple(ROLE_OF.values()),
        with_past=True,
    )
    law = open_book(calendar_version=loaded.calendar_version)
    # A request that waited for the lock was read before the step it waited for was recorded: it follows that step.
    moment = occurred_at or max(now, loaded.last_occurred_at)
    # Never the other way round: what is said to have happened later than now is refused by the database.
    recorded = now if occurred_at else moment
    case = view(loaded, actor=actor, law=law, now=recorded, occurred_at=moment)
    parties = parties_of(loaded, actor) if as_party is None else frozenset({as_party})
    faults = (
        *unknown_documents(documents, loaded.documents),
        *unknown_agencies(agencies, {agency.code for agency in loaded.agencies.values()}),
    )
    if faults:
        raise InvalidGiven(faults)
    if flow.acting_party(row, parties) is None:
        raise flow.WrongParty(row.name, row.by)
    if expected_version is not None and expected_version != loaded.version:
        raise StaleVersion(loaded.version)
    if late := before_the_last_step(moment, loaded.last_occurred_at):
        raise InvalidGiven(late)
    if row.judges_duplicates:
        found = duplicates.suspected(actor, casefile=loaded.id, finding=loaded.finding, facts=loaded.facts)
        case = replace(case, duplicates=found)
    outcome = flow.decide(row, case, parties, given)
    step = step_of(loaded, case, outcome, given, actor=actor, law=law, request=request)
    write((step,))
    return Performed(
        after=loaded_after(loaded, step, came_from=outcome.came_from),
        sealed=step.sealed,
        law=law,
        actor_keeps_sight=actor.agency_id not in step.unsees,
    )


def loaded_after(loaded: Loaded, step: Step, *, came_from: Stage | None) -> Loaded:
    """The casefile after the step, without asking the database again."""
    return replace(
        loaded,
        version=step.seq,
        stage=Stage(step.state),
        came_from=came_from,
        mandate_pk=step.mandate,
        submitter=step.submitter,
        examiner=step.examiner,
        employer=step.employer,
        addressee=step.addressee,
        facts=step.facts,
        recorded_at=step.recorded_at,
        last_occurred_at=step.occurred_at,
        referral=_referral_after(loaded, step),
    )


def _referral_after(loaded: Loaded, step: Step) -> ReferralView | None:
    if step.opens is not None:
        return ReferralView(
            id=str(step.opens.id),
            purpose=step.opens.purpose,
            party=Party(step.opens.party),
            to=loaded.agencies[step.opens.to_agency].code,
            opened_at=step.occurred_at,
            clock_from=step.opens.clock_from,
            due_on=step.opens.due_on,
            due_at=step.opens.due_at,
            rule=step.opens.rule,
        )
    if step.open_referral is None or loaded.referral is None:
        return None
    if step.moves is not None:
        return replace(loaded.referral, due_on=step.moves.due_on, due_at=step.moves.due_at)
    return loaded.referral


# --- who is who -----------------------------------------------------------------------------------------------------


def parties_of(loaded: Loaded, actor: Actor) -> frozenset[Party]:
    """What the actor's agency is to this casefile; one agency may be several parties."""
    found: set[Party] = set()
    for party, agency in (
        (Party.SUBMITTER, loaded.submitter),
        (Party.EXAMINER, loaded.examiner),
        (Party.EMPLOYER, loaded.employer),
        (Party.ADDRESSEE, loaded.addressee),
    ):
        if agency == actor.agency_id:
            found.add(party)
    for party, role in ROLE_OF.items():
        if role in actor.roles:
            found.add(party)
    return frozenset(found)


def view(loaded: Loaded, *, actor: Actor, law: LawBook, now: datetime, occurred_at: datetime) -> CaseView:
    """The casefile as the guards see it."""
    acting = loaded.agencies[actor.agency_id]
    return CaseView(
        version=loaded.version,
        stage=loaded.stage,
        came_from=loaded.came_from,
        facts=loaded.facts,
        acting=acting,
        parties={
            party: loaded.agencies[agency]
            for party, agency in (
                (Party.SUBMITTER, loaded.submitter),
                (Party.EXAMINER, loaded.examiner),
                (Party.EMPLOYER, loaded.employer),
                (Party.ADDRESSEE, loaded.addressee),
            )
            if agency is not None
        },
        now=now,
        occurred_at=occurred_at,
        today=local_day(occurred_at, acting.time_zone),
        law=law,
        mandate=loaded.mandate,
        referral=loaded.referral,
        documents=loaded.documents,
        agencies={agency.code: agency for agency in loaded.agencies.values()},
        acts_as=parties_of(loaded, actor),
        last_occurred_at=loaded.last_occurred_at,
    )


# --- what was given and does not exist ------------------------------------------------------------------------------


def unknown_documents(mentioned: tuple[tuple[str, UUID], ...], known: Mapping[str, DocumentView]) -> tuple[Fault, ...]:
    """Documents that are neither the caller's own nor attached to the casefile."""
    return tuple(
        Fault(
            "unknown-document",
            pointer,
            "Dokumen ini tidak dikenal. Daftarkan dahulu lewat POST /api/v1/documents, lalu pakai id jawabannya.",
            "No such document. Register it first with POST /api/v1/documents and use the id it answers with.",
        )
        for pointer, document in mentioned
        if str(document) not in known
    )


def unknown_agencies(mentioned: tuple[tuple[str, str], ...], known: set[str]) -> tuple[Fault, ...]:
    """Agency codes that nobody has."""
    return tuple(
        Fault(
            "unknown-agency",
            pointer,
            "Tidak ada instansi dengan kode ini. Cari dengan GET /api/v1/agencies?q=",
            "No agency has this code. Search with GET /api/v1/agencies?q=",
        )
        for pointer, code in mentioned
        if code not in known
    )


def before_the_last_step(moment: datetime, last: datetime) -> tuple[Fault, ...]:
    """An act cannot have happened before the one it follows."""
    if moment >= last:
        return ()
    return (
        Fault(
            "occurred-before-previous",
            "#/occurred_at",
            f"Perbuatan ini tidak mungkin terjadi sebelum langkah terakhir ({ledger.instant(last)}).",
            f"This cannot have happened before the last step ({ledger.instant(last)}).",
        ),
    )
