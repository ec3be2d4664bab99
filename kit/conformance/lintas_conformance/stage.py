"""The stage on which scenarios play: the simulator, the integration, and the record of who did what when."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lintas_conformance.acts import Act, Integration, Outcome
from lintas_simulator.casefiles import Casefile
from lintas_simulator.contract import agency, bodies
from lintas_simulator.messages import Exchange
from lintas_simulator.mishaps import Mishap
from lintas_simulator.register import Register
from lintas_simulator.stories import Walk, steps, walked
from lintas_simulator.webhooks import Delivery

PRIMARY: Final[Mapping[str, tuple[str, str]]] = {
    "election_supervisor": ("submitted", "withdraw"),
    "examiner": ("submitted", "request-identity"),
    "employer": ("recommended", "acknowledge"),
}
"""The transition that shows how an integration writes, by the role of its agency, and the state it begins in."""


@dataclass(frozen=True)
class Asked:
    """One act with its outcome and the exchanges that it led to."""

    act: Act
    outcome: Outcome
    exchanges: tuple[Exchange, ...]

    def of(self, operation: str) -> list[Exchange]:
        """Those of one operation."""
        return [one for one in self.exchanges if one.operation == operation]

    @property
    def operation(self) -> str:
        """The operation by which the act is done."""
        known = {"submit": "submit_finding", "document": "register_document", "inbox": "list_referrals"}
        if self.act.verb == "transition":
            return f"perform_{self.act.transition.replace('-', '_')}"
        return known.get(self.act.verb, "list_events")

    @property
    def writes(self) -> list[Exchange]:
        """The attempts at what was asked."""
        return self.of(self.operation)


@dataclass
class Seen:
    """What one scenario has shown: acts in their order, all exchanges, messages sent, and events by their ids."""

    scenario: str
    asked: list[Asked] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    def tokens(self) -> list[Exchange]:
        """The purchases of tokens."""
        return [one for one in self.exchanges if one.operation == "create_token"]


class Stage:
    """One integration before one register. `sleep` waits so many seconds where a scenario must."""

    def __init__(self, register: Register, integration: Integration, *, sleep: Callable[[float], None]) -> None:
        self.register = register
        self.integration = integration
        self.sleep = sleep
        self.seen = Seen("")

    @property
    def agency(self) -> str:
        """The agency whose system it is (the first, where it is several)."""
        return self.integration.agencies[0]

    @property
    def office(self) -> str:
        """The agency among them that forwards findings; empty where there is none."""
        supervises = [one for one in self.integration.agencies if "election_supervisor" in (agency(one) or {})["roles"]]
        return supervises[0] if supervises else ""

    def begin(self, scenario: str) -> Seen:
        """Begin a scenario with everything as it should be."""
        self.register.mishaps.clear()
        self.register.clock_off = 0.0
        self.register.invents_members = False
        self.register.page = 100
        self.seen = Seen(scenario)
        return self.seen

    def ask(self, act: Act) -> Asked:
        """Have the integration do something."""
        begun = len(self.register.record)
        outcome = self.integration.do(act)
        asked = Asked(act, outcome, tuple(self.register.record[begun:]))
        self.seen.asked.append(asked)
        self.seen.exchanges += asked.exchanges
        return asked

    def goes_wrong(self, kind: str, at: str, **more: Any) -> None:
        """Let the next request of that operation go wrong."""
        self.register.mishaps.add(Mishap(kind, at=at, **more))

    def act(self, verb: str, **more: Any) -> Act:
        """An act of the integration's agency."""
        return Act(verb, f"{self.agency}-system", str(uuid.uuid4()), **more)

    # -- arranging ----------------------------------------------------------------------------------------------------

    @property
    def primary(self) -> str:
        """The row by which this integration shows how it writes."""
        return self._primary()[1]

    def _primary(self) -> tuple[str, str]:
        roles = (agency(self.agency) or {"roles": []})["roles"]
        return next((PRIMARY[role] for role in PRIMARY if role in roles), PRIMARY["employer"])

    def casefile(self) -> Casefile:
        """A new casefile in which the primary transition is this agency's to perform."""
        state, _ = self._primary()
        return walked(self.register, state)

    def transition(self, case: Casefile | None = None, **changed: Any) -> Act:
        """The primary transition on a new casefile; `changed` replaces members of its body, None takes one away."""
        case = case or self.casefile()
        body = {**bodies(f"perform_{self.primary.replace('-', '_')}.json"), **changed}
        kept = {name: value for name, value in body.items() if value is not None}
        return self.act("transition", casefile=case.id, number=case.number, transition=self.primary, body=kept)

    def finding(self, office: str = "") -> Act:
        """A finding to forward, with its document registered already."""
        walk = Walk(self.register)
        for step in steps("main"):
            if step.operation == "submit_finding":
                body = {**walk.body(step), "origin_office": office or self.office}
                return Act("submit", f"{office or self.office}-system", str(uuid.uuid4()), body=body)
            walk.others(step)
        raise KeyError("submit_finding")

    def events(self) -> list[dict[str, Any]]:
        """The feed of the integration's agency."""
        return self.register.log.feed(self.agency)

    def notes(self, case: Casefile, count: int) -> None:
        """Let the examiner note something so many times: events for everybody who sees the casefile."""
        for _ in range(count):
            self.register.act(case, "note", {"code": "team_formed", "date": "2024-10-23"}, actor=case.examiner)

    def personal(self) -> Iterator[tuple[str, str]]:
        """The NIPs (`nip`) and names (`name`) of officers that the simulator has told so far."""
        for case in self.register.casefiles.values():
            subject = case.told["subject"]
            for kind in ("nip", "name"):
                if subject.get(kind):
                    yield kind, str(subject[kind])
