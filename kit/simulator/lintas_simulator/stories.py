"""The others act: counterparts that bring a casefile to a state, with the example bodies of the published story."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from lintas_simulator.casefiles import Casefile
from lintas_simulator.contract import bodies, paths, rows

if TYPE_CHECKING:
    from lintas_simulator.register import Register

PERFORM: Final = "perform_"
TAKEN: Final = frozenset({"register_document", "submit_finding"})
_TO: Final[Mapping[str, tuple[str, str]]] = {
    "submitted": ("main", "submit_finding"),
    "identity_requested": ("main", "perform_request_identity"),
    "under_examination": ("main", "perform_accept"),
    "recommended": ("main", "perform_recommend"),
    "awaiting_sanction": ("main", "perform_acknowledge"),
    "sanction_reported": ("main", "perform_report_sanction"),
    "returned": ("returned", "perform_return"),
    "disputed": ("disputed", "perform_dispute"),
    "contested": ("contested", "perform_contest"),
    "closed": ("main", "perform_close"),
}
"""By which path and after which step a casefile is in a state."""


@dataclass(frozen=True)
class Step:
    """One step of a path: which agency does what, with which example body, and how the casefile stands then."""

    operation: str
    agency: str
    body: str
    draws: Mapping[str, str]
    address: str
    then: Mapping[str, Any] | None

    @property
    def row(self) -> str:
        """The row of the flow that it performs; empty where it performs none."""
        if self.operation == "submit_finding":
            return "submit"
        return self.operation.removeprefix(PERFORM).replace("_", "-") if self.operation.startswith(PERFORM) else ""


def steps(path: str) -> list[Step]:
    """The steps of a path. Raises KeyError."""
    told = {one["name"]: one for one in paths()}[path]
    return [
        Step(
            operation=step["operation"],
            agency=step["client"].removesuffix("-system"),
            body=step["body"],
            draws=step.get("draws") or {},
            address=step["post"],
            then=step.get("then"),
        )
        for step in told["steps"]
    ]


@dataclass
class Walk:
    """One path being walked: what was drawn stands for what the story has written."""

    register: Register
    drawn: dict[str, str] = field(default_factory=dict)
    casefile: Casefile | None = None

    def body(self, step: Step) -> dict[str, Any]:
        """The body of the step, with what was drawn and a number of its own for a finding."""
        text = json.dumps(bodies(step.body))
        for written, real in self.drawn.items():
            text = text.replace(written, real)
        made: dict[str, Any] = json.loads(text)
        if step.operation == "submit_finding":
            made["register_number"] = f"SIM/{uuid.uuid4().hex[:12]}"
        return made

    def address(self, step: Step) -> str:
        """The address, with what was drawn."""
        text = step.address
        for written, real in self.drawn.items():
            text = text.replace(written, real)
        return text

    def draw(self, step: Step, answer: Mapping[str, Any]) -> None:
        """Take from an answer what the steps that follow name."""
        for pointer, written in step.draws.items():
            found: Any = answer
            for name in pointer.removeprefix("#/").split("/"):
                found = found[int(name)] if isinstance(found, list) else found[name]
            self.drawn[written] = str(found)
        if step.operation == "submit_finding" and self.casefile is None:
            self.casefile = self.register.casefiles[answer["casefiles"][0]["id"]]

    def others(self, step: Step) -> None:
        """Let the agency of a step do it, without a request of its own."""
        self.draw(step, self.register.does(step.operation, self.address(step), self.body(step), agency=step.agency))


def walkable() -> Iterator[str]:
    """The paths whose every step the others can take in the simulator."""
    for one in paths():
        if all(step["operation"] in TAKEN or step["operation"].startswith(PERFORM) for step in one["steps"]):
            yield one["name"]


def walked(register: Register, to: str) -> Casefile:
    """A new casefile that the others have brought to a state, or along a whole path. Raises KeyError."""
    if to not in _TO and to not in set(walkable()):
        raise KeyError(f"{to}: name a state ({', '.join(_TO)}) or a path ({', '.join(walkable())})")
    path, last = _TO.get(to, (to, ""))
    walk = Walk(register)
    for step in steps(path):
        walk.others(step)
        if step.operation == last:
            break
    if walk.casefile is None:
        raise KeyError(to)
    return walk.casefile


@cache
def story_of(row: str) -> tuple[str, int] | None:
    """The shortest path that performs the row, and the place of that step in it."""
    found = [
        (len(steps(path)), path, place)
        for path in walkable()
        for place, step in enumerate(steps(path))
        if step.row == row
    ]
    return min(found)[1:] if found else None


def performed() -> frozenset[str]:
    """Every routed row that some walkable path performs."""
    return frozenset(name for name, row in rows().items() if row.routed and story_of(name) is not None)
