"""`POST /casefiles/{id}/{transition}`: one operation per row of the flow, all made of one view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from api.contract.operations import Operation, transition_operation
from api.http import problems
from api.http.idempotency import Answer, Owner, once
from api.http.idempotency_key import request_facts
from api.http.problems import Problem
from api.http.queries import Writing
from api.http.view import DoorRequest, DoorView, identifier
from api.v1 import presenting
from api.v1.casefile_answers import names_of, present, reading, shown_casefile
from casefiles.flow import Transition, WrongParty, WrongState
from casefiles.queries import Sight
from casefiles.transitions import perform
from casefiles.transitions.decide import Performed
from casefiles.transitions.taking import sight_and_lock
from casefiles.transitions.unit import Unit


class TransitionView(DoorView):
    """Perform one transition on one casefile."""

    required_scopes: ClassVar = {"post": "casefiles:write"}
    queries: ClassVar = {"post": Writing}
    keyed: ClassVar = True
    versioned: ClassVar = True
    row: Transition | None = None

    @property
    def operations(self) -> Mapping[str, Operation]:
        """One operation per row."""
        return {"post": transition_operation(self.row)} if self.row is not None else {}

    def post(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """Check sight, take the key, perform, and answer with the casefile after it and the receipt."""
        ident = identifier(casefile)
        row = self.row
        if row is None or row.takes is None:
            raise TypeError("a transition's view is made for one row")
        given: Any = request.attempted(row.takes)
        faulty = isinstance(given, Problem)
        # Its row is locked with the look, but not for a body that is refused, nor before others that it goes with.
        locks = not faulty and perform.locks_alone(row.name, given)

        def sight(owner: Owner | None) -> Sight:
            return reading(request, ident)

        def act(unit: Unit, seen: tuple[Sight | None, bool] | None) -> Answer:
            found, held = seen or (None, False)
            if found is None:
                raise Problem("not-found")
            if faulty:
                raise given
            if found.is_former:
                # It can read the file, so the file is there; but it takes no part, whatever the columns say now.
                raise WrongParty(row.name, row.by)
            if held:
                unit.held = frozenset({ident})
            try:
                done = perform.undertake(
                    unit,
                    actor=request.actor,
                    casefile=ident,
                    name=row.name,
                    given=given,
                    occurred_at=given.occurred_at,
                    now=request.now,
                    request=request_facts(request),
                    expected_version=request.expected_version,
                )
            except WrongState as refused:
                raise _with_available(refused, request, ident) from refused
            return answered(request, ident, done)

        return once(request, act, sight=sight, first=sight_and_lock(request.actor, ident, locks=locks))


def _with_available(refused: WrongState, request: DoorRequest, casefile: UUID) -> Problem:
    """The problem `wrong-state`, saying also what this party may do instead."""
    problem = problems.from_exception(refused)
    problem.members = {**problem.members, "available": shown_casefile(request, casefile)["available"]}
    return problem


def answered(request: DoorRequest, casefile: UUID, done: Performed) -> Answer:
    """The casefile after the transition, with its receipt; only id, number and version where the act ended sight."""
    receipt = presenting.receipt(done.sealed, casefile=casefile)
    would = presenting.would(done.facts, names=names_of(done.after))
    if not done.actor_keeps_sight:
        data: dict[str, Any] = {"id": str(casefile), "number": done.after.columns.number, "version": done.version}
        return Answer(
            data={**data, "receipt": receipt},
            owner=Owner("casefile", casefile),
            version=done.version,
            parting=True,
            would=would,
        )
    shown = present(request, done.after, law=done.law, beside=done.beside)
    return Answer(
        data={**shown, "receipt": receipt},
        owner=Owner("casefile", casefile),
        version=done.version,
        would=would,
        warnings=shown["warnings"],
    )
