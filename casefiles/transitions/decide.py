"""The middle of `perform`: what a locked casefile, a row and what was given come to, as a step that may be stored.

`bring` has everything the guards need read along; `decide` finds faults, compares the version and asks the flow. Who
performs what is `transitions`; steps on two casefiles are `paired`.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from audit import ledger
from casefiles import flow, references
from casefiles.catalogue.law import LawBook, local_day
from casefiles.errors import Fault, InvalidGiven, StaleVersion
from casefiles.file import CaseFile
from casefiles.flow import CaseView, Outcome, Party, ReferralView, State, Transition
from casefiles.flow.correcting import agencies_named, documents_named
from casefiles.transitions import duplicates
from casefiles.transitions.load import load
from casefiles.transitions.loaded import Loaded, above
from casefiles.transitions.parties import parties_of
from casefiles.transitions.step import ROLES_BROUGHT, RequestFacts, step_of
from casefiles.transitions.write import Step


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of a transition: the casefile after it, as `load` would bring it, and the sealed entry."""

    after: Loaded
    sealed: ledger.Sealed
    law: LawBook
    actor_keeps_sight: bool
    # The second casefile after it, where the transition concerned two.
    beside: Loaded | None = None

    @property
    def version(self) -> int:
        """The casefile's version after the transition."""
        return self.after.version

    @property
    def state(self) -> State:
        """The state it reached."""
        return self.after.state

    @property
    def facts(self) -> CaseFile:
        """The whole file after it."""
        return self.after.facts


@dataclass(frozen=True, slots=True)
class Decided:
    """A step that may be stored, with the casefile it is of."""

    loaded: Loaded
    outcome: Outcome
    step: Step


def bring(casefile: UUID, given: Any, *, actor: Actor, occurred_at: datetime, beside: UUID | None = None) -> Loaded:
    """The locked casefile with whatever `given` mentions, documents of the casefile `beside` it included."""
    return load(
        casefile,
        actor=actor.agency_id,
        today=local_day(occurred_at, actor.time_zone),
        codes=(*(code for _, code in references.agencies(given)), *agencies_named(given)) if given is not None else (),
        documents=(*(document for _, document in references.documents(given)), *documents_named(given))
        if given is not None
        else (),
        roles=ROLES_BROUGHT,
        mandate=getattr(given, "mandate", None),
        with_past=True,
        beside=beside,
    )


def decide(
    row: Transition,
    loaded: Loaded,
    given: Any,
    *,
    actor: Actor,
    law: LawBook,
    occurred_at: datetime | None,
    now: datetime,
    request: RequestFacts,
    expected_version: int | None = None,
    as_party: Party | None = None,
    other: CaseView | None = None,
    faults: tuple[Fault, ...] = (),
    register_taken: bool = False,
) -> Decided:
    """The second step of `perform`, on a locked casefile: the outcome as a step to store. Raises as `perform` says.

    `faults` are those that were found in what was given already; they are told with all others. `register_taken` says
    that another finding bears the register number that is given.
    """
    # A request that waited for the lock was read before the step it waited for was recorded: it follows that step.
    moment = occurred_at or max(now, loaded.last_occurred_at)
    # Never the other way round: what is said to have happened later than now is refused by the database.
    recorded = now if occurred_at else moment
    case = view(loaded, actor=actor, law=law, now=recorded, occurred_at=moment, other=other)
    if as_party is not None:
        case = replace(case, acts_as=frozenset({as_party}))
    if register_taken:
        case = replace(case, register_taken=True)
    faults = (
        *faults,
        *unknown_documents(references.documents(given), loaded.documents),
        *unknown_agencies(references.agencies(given), {agency.code for agency in loaded.agencies.values()}),
    )
    if faults:
        raise InvalidGiven(faults)
    if flow.acting_party(row, case.acts_as) is None:
        raise flow.WrongParty(row.name, row.by)
    if expected_version is not None and expected_version != loaded.version:
        raise StaleVersion(loaded.version)
    # A step on two casefiles follows the last step of either.
    last = max(filter(None, (loaded.last_occurred_at, other.last_occurred_at if other else None)))
    if late := before_the_last_step(moment, last):
        raise InvalidGiven(late)
    if row.judges_duplicates:
        found = duplicates.suspected(actor, casefile=loaded.id, finding=loaded.finding, facts=loaded.facts)
        case = replace(case, duplicates=found)
    outcome = flow.decide(row, case, case.acts_as, given)
    step = step_of(loaded, case, outcome, given, actor=actor, law=law, request=request)
    return Decided(loaded, outcome, step)


def performed(decided: Decided, *, law: LawBook, actor: Actor) -> Performed:
    """What came of a step that was stored."""
    return Performed(
        after=loaded_after(decided.loaded, decided.step, came_from=decided.outcome.came_from),
        sealed=decided.step.sealed,
        law=law,
        actor_keeps_sight=actor.agency_id not in decided.step.unsees,
    )


def loaded_after(loaded: Loaded, step: Step, *, came_from: State | None) -> Loaded:
    """The casefile after the step, without asking the database again."""
    return replace(
        loaded,
        version=step.seq,
        state=State(step.state),
        came_from=came_from,
        mandate_pk=step.mandate,
        mandate=loaded.named_mandate if step.mandate == loaded.named_mandate_pk is not None else loaded.mandate,
        submitter=step.submitter,
        examiner=step.examiner,
        employer=step.employer,
        addressee=step.addressee,
        facts=step.facts,
        # Above another office than before, those that came along with its name.
        superiors=loaded.superiors if step.submitter == loaded.submitter else above(step.submitter, loaded.agencies),
        recorded_at=step.recorded_at,
        last_occurred_at=loaded.last_occurred_at if _only_reminded(step) else step.occurred_at,
        referral=_referral_after(loaded, step),
    )


def _only_reminded(step: Step) -> bool:
    """A step of the clock that left the file where it stood: what parties did before it may be told after it."""
    return step.party == Party.CLOCK and step.from_state == step.state


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
            time_zone=step.opens.time_zone,
            original_due_on=step.opens.original_due_on,
            missed_due_on=step.opens.missed_due_on,
        )
    if step.open_referral is None or loaded.referral is None:
        return None
    if step.moves is not None:
        return replace(
            loaded.referral,
            due_on=step.moves.due_on,
            due_at=step.moves.due_at,
            rule=step.moves.rule,
            clock_from=step.moves.clock_from,
            missed_due_on=step.moves.missed_due_on,
        )
    return loaded.referral


# --- who is who -----------------------------------------------------------------------------------------------------


def view(
    loaded: Loaded,
    *,
    actor: Actor,
    law: LawBook,
    now: datetime,
    occurred_at: datetime,
    other: CaseView | None = None,
) -> CaseView:
    """The casefile as the guards see it."""
    acting = loaded.agencies[actor.agency_id]
    day = local_day(now, acting.time_zone)
    return CaseView(
        version=loaded.version,
        state=loaded.state,
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
        law=law.of(loaded.agencies[loaded.employer].code if loaded.employer is not None else None),
        mandate=loaded.mandate,
        referral=loaded.referral,
        documents=loaded.documents,
        agencies={agency.code: agency for agency in loaded.agencies.values()},
        acts_as=parties_of(loaded, actor),
        last_occurred_at=loaded.last_occurred_at,
        sees=frozenset(agency.code for agency in loaded.agencies.values() if agency.pk in loaded.sighted),
        named_mandate=loaded.named_mandate,
        in_office=next((mandate for mandate in loaded.every_mandate if mandate.in_force(on=day)), None),
        created_at=loaded.created_at,
        id=str(loaded.id),
        number=loaded.number,
        other=other,
    )


# --- what was given and does not exist ------------------------------------------------------------------------------


def unknown_documents(mentioned: tuple[tuple[str, UUID], ...], known: Container[str]) -> tuple[Fault, ...]:
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
