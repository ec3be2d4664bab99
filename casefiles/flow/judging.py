"""Judging a row against a case: who may perform it, every reason that blocks it, and what it leads to.

`grammar` says what a row can say. Pure, as all of the flow: frozen values in, frozen values or a refusal out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from casefiles.flow.grammar import (
    AgencyView,
    CaseView,
    Changes,
    NewDue,
    Party,
    Referral,
    Refusal,
    State,
    Target,
    Transition,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a permitted transition leads to, as frozen values; `transitions.write` stores it."""

    row: Transition
    party: Party
    state: State
    came_from: State | None
    outcome: str
    changes: Changes
    opens: Referral | None
    keeps_turn: bool
    moves: NewDue | None
    grants: tuple[Party | AgencyView, ...]
    ends: tuple[Party | AgencyView, ...]
    voids: bool = False


class Refused(Exception):
    """The transition was refused; `reasons` names every reason at once."""

    def __init__(self, reasons: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


class WrongState(Exception):
    """The casefile does not stand where this transition starts."""

    def __init__(self, state: State, allowed_from: tuple[State, ...]) -> None:
        super().__init__(state)
        self.state = state
        self.allowed_from = allowed_from


class WrongParty(Exception):
    """This party never performs this transition on this casefile."""

    def __init__(self, name: str, by: tuple[Party, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.by = by


def refusals(row: Transition, case: CaseView, given: Any = None) -> tuple[Refusal, ...]:
    """Every reason why that row refuses; guards that weigh what is given are left out while nothing is given."""
    guards = row.requires if given is None else (*row.requires, *row.weighs)
    return tuple(reason for guard in guards for reason in reasons_of(guard(case, given)))


def reasons_of(answer: Refusal | Iterable[Refusal] | None) -> tuple[Refusal, ...]:
    """What a guard answered, as reasons: none, one or several."""
    if answer is None:
        return ()
    return (answer,) if isinstance(answer, Refusal) else tuple(answer)


def acting_party(row: Transition, parties: frozenset[Party]) -> Party | None:
    """As which of its parties the caller performs that row: the first the row names; none if it never does."""
    return next((party for party in row.by if party in parties), None)


def available_to(
    rows: Iterable[Transition], case: CaseView, parties: frozenset[Party]
) -> tuple[tuple[Transition, tuple[Refusal, ...]], ...]:
    """The rows that leave from here and are this party's, each with all reasons that block it now."""
    return tuple(
        (row, refusals(row, case))
        for row in rows
        if row.routed and not row.creates and row.may_start_in(case.state) and acting_party(row, parties)
    )


def decide(row: Transition, case: CaseView, parties: frozenset[Party], given: Any) -> Outcome:
    """The outcome of performing that row.

    Raises `WrongParty`, `WrongState` or `Refused` (with every reason). Party comes first: who never does this learns
    nothing about the state. The version is compared by the caller between the two (`transitions.perform`).
    """
    party = acting_party(row, parties)
    if party is None:
        raise WrongParty(row.name, row.by)
    if not row.may_start_in(case.state):
        raise WrongState(case.state or State.CLOSED, row.source)
    reasons = refusals(row, case, given)
    if reasons:
        raise Refused(reasons)
    changes = row.records(case, given).copy() if row.records else Changes()
    state = _target(row, case, given)
    opens = row.opens(case, given) if callable(row.opens) else row.opens
    moved = state is not case.state
    return Outcome(
        row=row,
        party=party,
        state=state,
        came_from=_came_from(case, state, moved=moved),
        outcome=_outcome(row, case, state, moved=moved),
        changes=changes,
        opens=None if state is State.CLOSED else opens,
        keeps_turn=opens is None and state is not State.CLOSED,
        moves=row.moves(case, given) if row.moves and opens is None and state is not State.CLOSED else None,
        grants=row.grants(case, given) if callable(row.grants) else row.grants,
        ends=row.ends(case, given) if callable(row.ends) else row.ends,
        voids=bool(row.voids and row.voids(case, given)),
    )


# Stages from which a file goes back to where it came from.
AWAY = (State.IDENTITY_REQUESTED, State.RETURNED, State.DISPUTED)


def _came_from(case: CaseView, state: State, *, moved: bool) -> State | None:
    if not moved:
        return case.came_from
    if state not in AWAY:
        return None
    if case.state is State.CLOSED:
        # Back where it was when it was closed, it goes on from there to where it came from then.
        before = case.facts.get("closed_came_from")
        return State(before) if before else None
    return case.state


def _outcome(row: Transition, case: CaseView, state: State, *, moved: bool) -> str:
    """A file that is closed keeps its outcome through whatever happens to it afterwards."""
    if state is not State.CLOSED:
        return ""
    return row.outcome if moved else str(case.facts.get("outcome") or "")


def _target(row: Transition, case: CaseView, given: Any) -> State:
    if isinstance(row.target, State):
        return row.target
    if row.target is Target.SAME:
        if case.state is None:
            raise ValueError(f"{row.name} keeps the state, but there is none yet.")
        return case.state
    if row.target is Target.CAME_FROM:
        if case.came_from is None:
            raise ValueError(f"{row.name} goes back, but the file came from nowhere.")
        return case.came_from
    return row.target(case, given)
