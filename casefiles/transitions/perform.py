"""One `perform`: load, decide, write, in one transaction that the caller opens. No state changes any other way.

`load` locks the casefile and brings what the guards need; `decide` (with `casefiles.flow`) is pure;
`write` stores row, history, transition, payload, referrals, attachments, sight and the log entry in one statement. The
step in between, `step.step_of`, turns an outcome into frozen values and asks no database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from audit.requests import RequestFacts
from casefiles import flow, references
from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.catalogue.versions import ensure_on_record
from casefiles.errors import CasefileError, UnknownTransition
from casefiles.flow import CaseView, DocumentView, Party, Refused, Transition, WrongParty, WrongState
from casefiles.transitions import finding_facts, pair
from casefiles.transitions.decide import Performed, bring, decide, followed, performed, view
from casefiles.transitions.load import Mentioned, lock
from casefiles.transitions.load_many import Shared, load_many, lock_many
from casefiles.transitions.step import ROLES_BROUGHT
from casefiles.transitions.unit import Unit
from casefiles.transitions.values import Act, Step
from casefiles.transitions.write import stored, write


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
    clock or an operator, and only so are rows without a route performed; a door never says it. A row that concerns two
    casefiles (`pairs`) is performed on both, or on neither; a correction of the finding itself on all casefiles of it.

    Raises `UnknownTransition`, `CatalogueNotOnRecord`, `NotVisible`, `InvalidGiven` (unknown agency, document or
    casefile), `WrongParty`, `StaleVersion`, `InvalidGiven` (it cannot have happened before the last step),
    `WrongState`, `Refused` (every reason), in that order; nothing is stored then.
    """
    unit = Unit()
    act = _act(actor, name, given, occurred_at=occurred_at, now=now, request=request, as_party=as_party)
    done = _undertaken(unit, act, casefile=casefile, expected_version=expected_version)
    unit.write()
    return done


def undertake(
    unit: Unit,
    *,
    actor: Actor,
    casefile: UUID,
    name: str,
    given: Any,
    occurred_at: datetime | None,
    now: datetime,
    request: RequestFacts,
    expected_version: int | None = None,
) -> Performed:
    """As `perform`, for a door: what it stores is put into the unit, which the caller writes."""
    act = _act(actor, name, given, occurred_at=occurred_at, now=now, request=request, as_party=None)
    return _undertaken(unit, act, casefile=casefile, expected_version=expected_version)


def locks_alone(name: str, given: Any) -> bool:
    """Whether that act locks the casefile and nothing before it, so that a door may lock it on its way."""
    return flow.ROWS[name].pairs is None and not finding_facts.is_one(given)


def _act(
    actor: Actor, name: str, given: Any, *, occurred_at: datetime | None, now: datetime, request: RequestFacts,
    as_party: Party | None,
) -> Act:  # fmt: skip
    return Act(
        row=_row(name, as_party),
        actor=actor,
        given=given,
        # As if nothing were said: it then follows a step that was recorded while this one waited for the lock.
        occurred_at=None if occurred_at == now else occurred_at,
        now=now,
        request=request,
        party=as_party,
    )


def _undertaken(unit: Unit, act: Act, *, casefile: UUID, expected_version: int | None) -> Performed:
    """Load and decide; what is to be written is in the unit then.

    Several casefiles are written at once: the answer tells of the others, which it reads.
    """
    actor, given = act.actor, act.given
    if act.row.pairs is not None:
        law, first, second = pair.decide(act, act.row.pairs, casefile=casefile, expected_version=expected_version)
        write((first.step, second.step))
        beside = performed(second, law=law, actor=actor).after
        return replace(performed(first, law=law, actor=actor), beside=beside)
    if finding_facts.is_one(given):
        corrected = finding_facts.decide(act, casefile=casefile, expected_version=expected_version)
        write(corrected.steps)
        finding_facts.rewrite(corrected, act=act)
        return performed(corrected.first, law=corrected.law, actor=actor)
    if casefile not in unit.held:
        lock(casefile)
    loaded = bring(casefile, given, actor=actor, moment=act.moment)
    law = open_book(calendar_version=loaded.context.calendar_version)
    decided = decide(act, loaded, law=law, expected_version=expected_version)
    unit.store(stored((decided.step,)))
    return performed(decided, law=law, actor=actor)


def perform_all(
    *,
    actor: Actor,
    casefiles: Iterable[UUID],
    name: str,
    given: Callable[[CaseView], Any],
    now: datetime,
    request: RequestFacts,
    as_party: Party,
    occurred_at: datetime | None = None,
    mandate: str | None = None,
) -> tuple[list[Step], dict[UUID, Exception]]:
    """The same transition on many casefiles inside the caller's transaction, four statements for all of them.

    For commands that act as the clock or an operator. `given` makes each casefile's body of the file as it stands
    under its lock, or says None where there is nothing to do. `mandate` is the one that the bodies name. What is
    refused is answered by casefile and not stored; the rest is stored.
    """
    act = Act(
        row=_row(name, as_party),
        actor=actor,
        given=None,
        occurred_at=occurred_at,
        now=now,
        request=request,
        party=as_party,
    )
    flow.digest()  # takes a second, once in a process: before anything is locked
    held = lock_many(casefiles)
    steps: list[Step] = []
    refused: dict[UUID, Exception] = {}
    law: LawBook | None = None
    today = local_day(act.moment, actor.time_zone)
    mentioned = Mentioned(roles=ROLES_BROUGHT, mandate=mandate)
    for loaded in load_many(held, actor=actor.agency_id, today=today, mentioned=mentioned):
        law = law or open_book(calendar_version=loaded.context.calendar_version)
        moment = occurred_at or max(now, loaded.last_occurred_at)
        body = given(view(loaded, actor=actor, law=law, now=max(now, moment), occurred_at=moment))
        if body is None:
            continue
        try:
            decided = decide(replace(act, given=body), loaded, law=law)
        except (CasefileError, Refused, WrongState, WrongParty) as why:
            refused[loaded.id] = why
        else:
            steps.append(decided.step)
    if steps:
        write(tuple(steps))
    return steps, refused


@dataclass(frozen=True, slots=True)
class Past:
    """An act of the past as it is told: the row of the flow, whose act it was, and the body, which names its day."""

    name: str
    stands_for: Party
    body: Any


class PastRefused(Exception):
    """An act of a walk is refused: which of the acts, and why."""

    def __init__(self, place: int, why: CasefileError | Refused | WrongState | WrongParty) -> None:
        super().__init__(str(place))
        self.place, self.why = place, why


def walked(
    first: Step, acts: Iterable[Past], *, shared: Shared, documents: Mapping[str, DocumentView], law: LawBook
) -> tuple[Step, ...]:
    """All steps of a casefile that is being made: its first one, and what the operator tells of acts after it.

    Nothing is stored, and the database is asked nothing: each act is judged of the casefile as the step before it
    would leave it, told by whoever told the first one. `shared` is what bears on it, `documents` are those that
    bodies may mention; `law` is the book under that calendar, the same for many casefiles. The caller stores
    the steps in the transaction in which that was brought (`write_walks`).
    Raises `PastRefused`.
    """
    steps = [first]
    found = followed(None, first, shared=shared)
    for place, told in enumerate(acts):
        named = {str(one): documents[str(one)] for _, one in references.documents(told.body) if str(one) in documents}
        loaded = replace(found, context=replace(found.context, documents=named))
        act = replace(
            first.act,
            row=_row(told.name, Party.OPERATOR),
            given=told.body,
            occurred_at=told.body.occurred_at,
            stands_for=told.stands_for,
        )
        try:
            step = decide(act, loaded, law=law).step
        except (CasefileError, Refused, WrongState, WrongParty) as why:
            raise PastRefused(place, why) from why
        steps.append(step)
        found = followed(loaded, step, shared=shared)
    return tuple(steps)


def write_walks(walks: Iterable[tuple[Step, ...]]) -> None:
    """Store the steps of many casefiles that are being made: all first ones in a statement, then all second ones, …."""
    for steps in zip_longest(*walks):
        write(tuple(step for step in steps if step is not None))


def _row(name: str, as_party: Party | None) -> Transition:
    row = flow.ROWS.get(name)
    if row is None or row.creates or (not row.routed and as_party is None):
        raise UnknownTransition(name)
    ensure_on_record()
    return row
