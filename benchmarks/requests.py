"""The requests of both sides: the same work, asked for in each side's own words."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from benchmarks.load import Connection, Driver
from benchmarks.spread import PATHS

Send = Callable[..., tuple[int, bytes]]


class Asking:
    """One connection's requests: a base for the operations below. `send` may also be a test client's."""

    def __init__(
        self, side: str, plan: Mapping[str, Any], number: int, send: Send, close: Callable[[], None] = lambda: None
    ) -> None:
        self.side, self.plan, self.number, self.send, self.close = side, plan, number, send, close

    def ask(self, method: str, path: str, token: str, *, expect: int = 200, body: Any = None, more: str = "") -> Any:
        """The answer's bytes; raises unless the status is the expected one."""
        scheme = "Bearer" if self.side == "lintas" else "Token"
        headers = f"Authorization: {scheme} {token}\r\n{more}"
        if method == "POST":
            headers += f"Idempotency-Key: {uuid4()}\r\n"
        status, answer = self.send(method, path, headers=headers, body=json.dumps(body).encode() if body else b"")
        if status != expect:
            raise RuntimeError(f"{self.side}: {method} {path}: {status} {answer[:1500]!r}")
        return answer

    def mine(self, targets: list[Any]) -> Iterator[Any]:
        """This connection's share of the targets, over and over."""
        return itertools.cycle(targets[self.number :: PATHS] or targets)


class Submit(Asking):
    """POST a finding with one subject and a registered document."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.callers = self.mine(self.plan["submit"])
        self.path = "/api/v1/findings" if self.side == "lintas" else "/api/findings/"

    def step(self) -> None:
        """Submit once."""
        caller = next(self.callers)
        body = {**caller["body"], "register_number": f"{uuid4().hex[:12]}/TM/PL/UJI"}
        self.ask("POST", self.path, caller["token"], expect=201, body=body)


class Crowd(Submit):
    """POST a finding with a hundred subjects, each another officer: a hundred casefiles."""

    subjects = 100

    def step(self) -> None:
        """Submit once."""
        caller = next(self.callers)
        told = caller["body"]["subjects"][0]
        subjects = [{**told, "nip": _some_nip(), "name": f"Pegawai Uji {number}"} for number in range(self.subjects)]
        body = {**caller["body"], "register_number": f"{uuid4().hex[:12]}/TM/PL/UJI", "subjects": subjects}
        self.ask("POST", self.path, caller["token"], expect=201, body=body)


def _some_nip() -> str:
    """The NIP of an officer whom nobody has met: two draws are hardly ever alike."""
    born = date(1966, 1, 1) + timedelta(days=secrets.randbelow(12_000))
    return f"{born:%Y%m%d}201001{1 + secrets.randbelow(2)}{1 + secrets.randbelow(999):03d}"


class Transition(Asking):
    """The examiner asks an employer for the subject's identity, then recalls the file, then asks another."""

    kept_for = "casefiles"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        said = self.plan["transition"]
        self.token, self.employers = said["token"], itertools.cycle(said["employers"])
        self.targets = self.mine([[casefile, 1] for casefile in said[self.kept_for]])
        self.base = "/api/v1/casefiles/{}/{}" if self.side == "lintas" else "/api/casefiles/{}/{}/"

    def step(self) -> None:
        """Move one casefile."""
        self.move(next(self.targets))

    def move(self, target: list[Any]) -> None:
        """Perform what follows in turn on that casefile, whose version is counted along."""
        casefile, version = target
        name, body = "recall", {"reason": {"code": "no_answer"}}
        if version % 2:
            name, body = "request-identity", {"employer": next(self.employers)}
        self.ask("POST", self.base.format(casefile, name), self.token, body=body, more=f'If-Match: "{version}"\r\n')
        target[1] += 1


class Reading(Asking):
    """GETs about casefiles, as the offices that submitted them."""

    tail = {"lintas": "", "naive": "/"}

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.targets = self.mine(self.plan["read"])
        self.base = "/api/v1/casefiles/" if self.side == "lintas" else "/api/casefiles/"

    def step(self) -> None:
        """Read one."""
        target = next(self.targets)
        self.ask("GET", f"{self.base}{target['casefile']}{self.tail[self.side]}", target["token"])


class Timeline(Reading):
    """GET a casefile's timeline."""

    tail = {"lintas": "/timeline", "naive": "/timeline/"}


class Page(Asking):
    """GET a page of 100 open referrals, as the examiners."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.targets = itertools.cycle(self.plan["page"][self.number % 2 :] + self.plan["page"][: self.number % 2])
        self.path = "/api/v1/referrals?limit=100" if self.side == "lintas" else "/api/referrals/?limit=100"

    def step(self) -> None:
        """Read one page."""
        self.ask("GET", self.path, next(self.targets)["token"])


class Mixed(Transition):
    """Transitions of which a tenth is refused: a submitted file has nothing to be recalled from."""

    kept_for = "mixed"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.count = 0

    def step(self) -> None:
        """Move one casefile, or try what is refused."""
        target = next(self.targets)
        casefile, version = target
        self.count += 1
        if self.count % 5 == 0 and version % 2:
            path, body = self.base.format(casefile, "recall"), {"reason": {"code": "no_answer"}}
            self.ask("POST", path, self.token, expect=409, body=body, more=f'If-Match: "{version}"\r\n')
            return
        self.move(target)


class Busy(Asking):
    """GET a casefile as its examiner, who is told the other casefiles of the officer: two hundred of them."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.targets = self.mine(self.plan["busy"]["casefiles"])

    def step(self) -> None:
        """Read one."""
        self.ask("GET", f"/api/v1/casefiles/{next(self.targets)}", self.plan["busy"]["token"])


class Listing(Asking):
    """GET a page of the casefiles of one employer, as an examiner: the largest and small ones in turns."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.employers = self.mine(self.plan["search"]["employers"])

    def step(self) -> None:
        """Read one page."""
        path = f"/api/v1/casefiles?limit=20&employer={next(self.employers)}"
        self.ask("GET", path, self.plan["search"]["token"])


class Search(Asking):
    """POST a search by name with the employer, as an examiner."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        said = self.plan["search"]
        self.token, self.names, self.employers = said["token"], self.mine(said["names"]), self.mine(said["employers"])

    def step(self) -> None:
        """Search once."""
        body = {"name": next(self.names), "employer": next(self.employers), "purpose": "case_handling"}
        self.ask("POST", "/api/v1/casefiles/search", self.token, body=body)


class Statistics(Asking):
    """GET how many casefiles there are by state, as an examiner, at the newest place in the log."""

    asked = "by=state"

    def step(self) -> None:
        """Count once."""
        self.ask("GET", f"/api/v1/statistics?{self.asked}", self.plan["search"]["token"])


class StatisticsOfMonths(Statistics):
    """The same by employer and month: as many rows as there are employers."""

    asked = "by=employer,month"


class StatisticsOfOfficers(Statistics):
    """How many officers there are by state."""

    asked = "by=state&unit=officers"


class Overview(Asking):
    """GET the console's overview, as somebody of an examiner who has signed in."""

    path = "/"

    def step(self) -> None:
        """Read it."""
        self.look(self.path)

    def look(self, path: str) -> None:
        """Ask for a page; raises unless it is shown."""
        status, answer = self.send("GET", path, headers=f"Cookie: {self.plan['console']['cookie']}\r\n")
        if status != 200:
            raise RuntimeError(f"console: GET {path}: {status} {answer[:1500]!r}")


class ConsoleList(Overview):
    """GET the console's list of casefiles: fifty of them, and how many there are."""

    path = "/perkara"


class ConsoleCase(Overview):
    """GET a casefile's page: the file, its course and what comes next."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.targets = self.mine(self.plan["console"]["casefiles"])

    def step(self) -> None:
        """Read one."""
        self.look(f"/perkara/{next(self.targets)}")


OPERATIONS: Mapping[str, type[Any]] = {
    "submit": Submit,
    "transition": Transition,
    "detail": Reading,
    "timeline": Timeline,
    "page": Page,
}
"""What both sides are asked."""
OURS: Mapping[str, type[Any]] = {
    "mixed": Mixed,
    "busy": Busy,
    "listing": Listing,
    "search": Search,
    "statistics": Statistics,
    "months": StatisticsOfMonths,
    "officers": StatisticsOfOfficers,
    "crowd": Crowd,
}
"""What ours alone is asked: how it grows, and what a refusal costs."""


PAGES: Mapping[str, type[Any]] = {"overview": Overview, "list": ConsoleList, "case": ConsoleCase}
"""What people ask the console, which is another process under a role of its own."""


def operations(side: str) -> Mapping[str, type[Any]]:
    """What that side is asked."""
    return {"lintas": {**OPERATIONS, **OURS}, "console": PAGES}.get(side, OPERATIONS)


def driver(side: str, operation: str, plan: Mapping[str, Any], *, number: int, port: int) -> Driver:
    """One connection to a server, with that kind of request."""
    connection = Connection(port)
    made: Driver = operations(side)[operation](side, plan, number, connection.send, connection.close)
    return made


def naive_plan(naive: Mapping[str, Any], lintas: Mapping[str, Any]) -> dict[str, Any]:
    """The naive side's plan, submitting the very bodies that ours submits."""
    body = lintas["submit"][0]["body"]
    submits = [
        {
            "token": caller["token"],
            "body": {
                **body,
                "origin_office": caller["office"],
                "assessment": {**body["assessment"], "documents": [caller["document"]]},
                "subjects": [{**body["subjects"][0], "employer": caller["employer"]}],
            },
        }
        for caller in naive["submit"]
    ]
    return {**naive, "submit": submits}
