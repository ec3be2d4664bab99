"""The middle of `perform`: what a locked casefile, a row and what was given come to, as a step that may be stored.

`bring` has everything the guards need read along; `decide` finds faults, compares the version and asks the flow. Who
performs what is `transitions`; steps on two casefiles are `paired`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
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
from casefiles.flow import CaseView, Outcome, Party, ReferralView, State
from casefiles.flow.correcting import agencies_named, documents_named
from casefiles.transitions import duplicates
from casefiles.transitions.load import Mentioned, load
from casefiles.transitions.load_many import BEARS, Shared
from casefiles.transitions.loaded import Loaded, superiors
from casefiles.transitions.parties import holders_of, parties_of
from casefiles.transitions.step import ROLES_BROUGHT, step_of
from casefiles.transitions.values import Act, Step


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
        return State(self.after.columns.state)

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


def bring(casefile: UUID, given: Any, *, actor: Actor, moment: datetime, beside: UUID | None = None) -> Loaded:
    """The locked casefile with whatever `given` mentions, documents of the casefile `beside` it included."""
    codes: tuple[str, ...] = ()
    documents: tuple[UUID, ...] = ()
    if given is not None:
        codes = (*(code for _, code in references.agencies(given)), *agencies_named(given))
        documents = (*(document for _, document in references.documents(given)), *documents_named(given))
    mentioned = Mentioned(
        codes=codes, documents=documents, roles=ROLES_BROUGHT, mandate=getattr(given, "mandate", None), beside=beside
    )
    return load(casefile, actor=actor.agency_id, today=local_day(moment, actor.time_zone), mentioned=mentioned)


def decide(
    act: Act,
    loaded: Loaded,
    *,
    law: LawBook,
    expected_version: int | None = None,
    other: CaseView | None = None,
    faults: tuple[Fault, ...] = (),
    register_taken: bool = False,
) -> Decided:
    """The second step of `perform`, on a locked casefile: the outcome as a step to store. Raises as `perform` says.

    `faults` are those that were found in what was given already; they are told with all others. `register_taken` says
    that another finding bears the register number that is given.
    """
    # A request that waited for the lock was read before the step it waited for was recorded: it follows that step.
    moment = act.occurred_at or max(act.now, loaded.last_occurred_at)
    # Never the other way round: what is said to have happened later than now is refused by the database.
    now = act.now if act.occurred_at else moment
    case = view(loaded, actor=act.actor, law=law, now=now, occurred_at=moment, other=other)
    acts_as = case.acts_as if (party := act.stands_for or act.party) is None else frozenset({party})
    case = replace(case, register_taken=register_taken, acts_as=acts_as)
    faults = (
        *faults,
        *unknown_documents(references.documents(act.given), loaded.context.documents),
        *unknown_agencies(references.agencies(act.given), set(case.agencies)),
    )
    if faults:
        raise InvalidGiven(faults)
    if flow.acting_party(act.row, case.acts_as) is None:
        raise flow.WrongParty(act.row.name, act.row.by)
    if expected_version is not None and expected_version != loaded.version:
        raise StaleVersion(loaded.version)
    # A step on two casefiles follows the last step of either.
    last = max(filter(None, (loaded.last_occurred_at, other.last_occurred_at if other else None)))
    if late := before_the_last_step(moment, last):
        raise InvalidGiven(late)
    # The operator, who sees no casefile, is shown none that may be the same matter: nobody is asked for it.
    if act.row.judges_duplicates and act.stands_for is None:
        suspected = duplicates.suspected(
            act.actor, casefile=loaded.id, finding=loaded.columns.finding_id, facts=loaded.facts
        )
        case = replace(case, duplicates=suspected)
    outcome = flow.decide(act.row, case, case.acts_as, act.given)
    decided = replace(act, party=act.party if act.stands_for else outcome.party, occurred_at=moment, now=now)
    return Decided(loaded, outcome, step_of(decided, loaded, case, outcome, law=law))


def performed(decided: Decided, *, law: LawBook, actor: Actor) -> Performed:
    """What came of a step that was stored."""
    return Performed(
        after=loaded_after(decided.loaded, decided.step),
        sealed=decided.step.sealed,
        law=law,
        actor_keeps_sight=all(agency.pk != actor.agency_id for agency in decided.step.sight.unsees),
    )


def loaded_after(loaded: Loaded, step: Step) -> Loaded:
    """The casefile after the step, without asking the database again."""
    before, after, context = loaded.columns, step.columns, loaded.context
    handed_over = after.mandate_id == context.named_mandate_pk is not None
    return replace(
        loaded,
        columns=after,
        facts=step.facts,
        context=replace(
            context,
            mandate=context.named_mandate if handed_over else context.mandate,
            # Above another office than before, those that came along with its name.
            superiors=context.superiors
            if after.submitter_id == before.submitter_id
            else superiors(after.submitter_id, context.agencies),
        ),
        last_occurred_at=loaded.last_occurred_at if _only_reminded(step) else step.act.moment,
        referral=_referral_after(loaded, step),
        written_by=step.act.actor.agency_id,
    )


def followed(before: Loaded | None, step: Step, *, shared: Shared) -> Loaded:
    """The casefile after a step that is not stored yet, as `load_many` would bring it for the next one.

    `before` is what was brought for the step; None for the first of a casefile.
    """
    columns = step.columns
    parties = {name: getattr(columns, name) for name in BEARS}
    context = shared.of({**parties, "facts": step.facts})
    if before is None:
        begun = replace(columns, version=columns.version - 1)
        before = Loaded(columns=begun, facts=step.facts, head=None, last_occurred_at=step.act.moment, context=context)
    sight = step.sight
    unsees = {agency.pk for agency in sight.unsees}
    return replace(
        loaded_after(before, step),
        head=ledger.head_of(step.sealed.body, leaf=step.sealed.leaf_hash),
        context=context,
        sighted=(before.sighted | {agency.pk for agency in sight.sees}) - unsees,
        past_referrals=_past_referrals(before, step),
        identities=None,
        preventions=None,
        prevented="",
    )


def _past_referrals(before: Loaded, step: Step) -> tuple[Mapping[str, Any], ...]:
    """The referrals that are open no more, the newest first, as `load.PAST` tells them."""
    turn, referral = step.turn, before.referral
    voided = {str(ident) for ident in turn.voided}
    past = [{**row, "status": "voided"} if row["id"] in voided else row for row in before.past_referrals]
    if turn.answers is not None and referral is not None:
        holder = next(agency.pk for agency in before.context.agencies.values() if agency.code == referral.to)
        past.insert(
            0,
            {
                "id": referral.id,
                "purpose": referral.purpose,
                "party": str(referral.party),
                "to_agency_id": holder,
                "status": turn.answers.status,
                "opened_seq": referral.opened_in,
                "clock_from": referral.clock_from.isoformat(),
                "due_on": referral.due_on.isoformat(),
                "answered_at": step.act.moment.isoformat(),
                "time_zone": referral.time_zone,
                "rule": referral.rule,
                "original_due_on": (referral.original_due_on or referral.due_on).isoformat(),
                "missed_due_on": referral.missed_due_on.isoformat() if referral.missed_due_on else None,
                "answered_with": step.act.row.name,
            },
        )
    return tuple(past)


def _only_reminded(step: Step) -> bool:
    """A step of the clock that left the file where it stood: what parties did before it may be told after it."""
    return step.act.party == Party.CLOCK and step.from_state == step.columns.state


def _referral_after(loaded: Loaded, step: Step) -> ReferralView | None:
    opens, moves = step.turn.opens, step.turn.moves
    if opens is not None:
        return ReferralView(
            id=str(opens.id),
            purpose=opens.purpose,
            party=Party(opens.party),
            to=loaded.context.agencies[opens.to_agency].code,
            opened_at=step.act.moment,
            clock_from=opens.clock_from,
            due_on=opens.due_on,
            due_at=opens.due_at,
            rule=opens.rule,
            time_zone=opens.time_zone,
            original_due_on=opens.original_due_on,
            missed_due_on=opens.missed_due_on,
            opened_in=loaded.version + 1,
        )
    if step.turn.open_referral is None or loaded.referral is None or moves is None:
        return loaded.referral if step.turn.open_referral is not None else None
    return replace(
        loaded.referral,
        due_on=moves.due_on,
        due_at=moves.due_at,
        rule=moves.rule,
        clock_from=moves.clock_from,
        missed_due_on=moves.missed_due_on,
    )


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
    columns, context = loaded.columns, loaded.context
    acting = context.agencies[actor.agency_id]
    day = local_day(now, acting.time_zone)
    return CaseView(
        version=loaded.version,
        state=loaded.state,
        came_from=loaded.came_from,
        facts=loaded.facts,
        acting=acting,
        parties={party: context.agencies[agency] for party, agency in holders_of(columns).items()},
        now=now,
        occurred_at=occurred_at,
        today=local_day(occurred_at, acting.time_zone),
        law=law.of(context.agencies[columns.employer_id].code if columns.employer_id is not None else None),
        mandate=context.mandate,
        referral=loaded.referral,
        documents=context.documents,
        agencies={agency.code: agency for agency in context.agencies.values()},
        acts_as=parties_of(loaded, actor),
        last_occurred_at=loaded.last_occurred_at,
        sees=frozenset(agency.code for agency in context.agencies.values() if agency.pk in loaded.sighted),
        named_mandate=context.named_mandate,
        in_office=next((mandate for mandate in context.every_mandate if mandate.in_force(on=day)), None),
        created_at=columns.created_at,
        opened={
            (one["agency"], one["version"]): ledger.instant(datetime.fromisoformat(one["at"])) for one in loaded.opened
        },
        id=str(loaded.id),
        number=columns.number,
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
