"""The examples of the OpenAPI document: bodies that run in order (`casebook`), answers as they would come back.

What the story does not tell is made of the examples that the fields of the body have, and of what the row says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.contract import responses, schemas
from api.contract.casebook import bodies, paths, people_and_ids
from api.contract.casebook.paths import Standing
from audit.ledger import instant
from casefiles import shapes
from casefiles.catalogue import book
from casefiles.flow import Party, State, Transition

_NAMES: Mapping[str, str] = {
    people_and_ids.SUPERVISOR: "Bawaslu Kota Padang",
    people_and_ids.EXAMINER: "Badan Kepegawaian Negara",
    people_and_ids.CITY: "Pemerintah Kota Padang",
    people_and_ids.NEXT_EMPLOYER: "Pemerintah Provinsi Sumatera Barat",
}


def of_body(operation: str, shape: type[Any]) -> dict[str, Any]:
    """`example` of the operation's one body, or `examples` by name.

    A body that the casebook lacks has the examples of its fields. Raises ValueError where a required one has none.
    """
    found = {name: _in_order(shape, body) for name, body in bodies.of_operation(operation).items()}
    if not found:
        found = {operation: schemas.example_of(shape, catalogue=book.load())}
    if len(found) == 1:
        return {"example": found.popitem()[1]}
    return {"examples": {name: {"value": body} for name, body in found.items()}}


def _in_order(shape: type[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The members in the order of the shape. A member that it lacks stays last, for the tests to find."""
    known = [member.name for member in shapes.members(shape) if member.name in body]
    return {name: body[name] for name in dict.fromkeys([*known, *body])}


def answer(name: str, row: Transition | None) -> Any:
    """An answer; after a transition the casefile stands where the casebook says, or else where the row leads.

    The rest of the file is that of a casefile far along, so that every part of it is shown.
    """
    whole = responses.example(name)
    if row is None or name not in {"CasefileAccepted", "Rehearsal"}:
        return whole
    example = f"perform_{row.name.replace('-', '_')}"
    if example not in bodies.BODIES:
        return _led_by(row, whole)
    standing, since = _standing_after(example)
    casefile = whole if name == "CasefileAccepted" else whole["would"]
    casefile["state"] = standing.state
    if standing.turn is None:
        casefile["turn"] = None
    else:
        casefile["turn"] |= {"party": str(_party(standing)), "purpose": standing.purpose}
        casefile["turn"]["agency"] = {"code": standing.turn, "name": _NAMES[standing.turn]}
    if name == "CasefileAccepted":
        casefile["outcome"] = standing.outcome
        casefile["available"] = []
        if standing.turn is not None:
            due_on = paths.DUE_ON[example]
            casefile["turn"] |= {"since": since, "due_on": due_on, "due_at": f"{due_on}T17:00:00.000Z"}
    else:
        casefile["due_on"] = paths.DUE_ON.get(example)
    return whole


def _led_by(row: Transition, whole: Any) -> Any:
    """The answer in the state to which the row always leads; as it was where that depends on the case."""
    if isinstance(row.target, State):
        (whole if "state" in whole else whole["would"])["state"] = str(row.target)
    return whole


def _standing_after(example: str) -> tuple[Standing, str]:
    """How the casefile stands after that example, and since when somebody has had that turn."""
    standing, since = Standing(state=""), ""
    for step in paths.leading_to(example):
        if step.then is not None and step.casefile == people_and_ids.CASEFILE and step.then != standing:
            standing, since = step.then, instant(datetime.fromisoformat(bodies.BODIES[step.example]["occurred_at"]))
    return standing, since


def _party(standing: Standing) -> Party:
    """As what the agency has the turn: the city is the officer's employer, and obliged by a recommendation."""
    if standing.turn == people_and_ids.SUPERVISOR:
        return Party.SUBMITTER
    if standing.turn == people_and_ids.EXAMINER:
        return Party.EXAMINER
    return Party.EMPLOYER if standing.purpose == "identify" else Party.ADDRESSEE
