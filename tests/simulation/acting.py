"""How an act is tried on a register, and compared with the model: what the rules of the machine have in common."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson
from django.db import connection

from casefiles.references import plain
from tests import factories
from tests.factories import AUDITOR, BKN, MINISTRY, OTHER_CASEFILE, OTHER_OFFICE, PADANG, PEMKOT, PEMPROV, PROVINCE
from tests.partner import Partner, said
from tests.simulation.checkers import Told
from tests.simulation.drawing import FACTS, RI, Case, brief, local_day, turn_in
from tests.simulation.model import Model
from tests.simulation.register import BEGINS, Register
from tests.simulation.statements import Statement, end_backend, lose_answer, numbered

STEPS: Final = """
SELECT t.casefile_id::text, t.name, t.to_state, ARRAY(
    SELECT g ->> 'agency' FROM json_array_elements(convert_from(e.body, 'UTF8')::json -> 'grants') g
) FROM casefiles_transition t JOIN audit_entry e ON e.id = t.entry_id
JOIN unnest(%s::uuid[], %s::int[]) AS known(id, version) ON t.casefile_id = known.id AND t.seq > known.version
ORDER BY t.casefile_id, t.seq
"""
STANDS: Final = """
SELECT c.state, c.version, ARRAY(
    SELECT a.code FROM casefiles_casefilegrant g JOIN agencies_agency a ON a.id = g.agency_id
    WHERE g.content_object_id = c.id AND g.until_entry_id IS NULL
), (
    SELECT ARRAY[r.party, a.code] FROM casefiles_referral r JOIN agencies_agency a ON a.id = r.to_agency_id
    WHERE r.casefile_id = c.id AND r.status = 'open'
) FROM casefiles_casefile c WHERE c.id = %s
"""
DUE: Final = """
SELECT due_on, due_at, missed_due_on FROM casefiles_referral WHERE casefile_id = %s AND status = 'open'
"""

MOVES: Final = (
    (PROVINCE, "taken_over"), (PADANG, "delegated"), (OTHER_OFFICE, "delegated"), (RI, "taken_over"),
    (PROVINCE, "delegated"), (OTHER_OFFICE, "taken_over"),
)  # fmt: skip
"""Where a casefile is handed within Bawaslu, and how that is called; the last never fits."""
MEASURES: Final = ("reminder", "reprimand", "report_to_ministry", "warning")
ADDRESSED: Final = (PEMKOT, PEMPROV, PEMKOT, MINISTRY, BKN)
SWITCH_OF: Final = {
    "merge": "merge", "reassign": "custody", "extend": "custody", "measure": "oversight", "block-data": "oversight",
    "unblock-data": "oversight", "correct": "corrections", "annul": "remedies", "record-execution": "remedies",
}  # fmt: skip
"""Acts that a seed may switch off; the others lead a walk on, and are always there."""


class Acting:
    """One register, its model, and what its clients were told.

    `opens` makes the ground; `reached` counts the rare states that runs came through.
    """

    opens: ClassVar[Callable[[], AbstractContextManager[Register]]]
    reached: ClassVar[Counter[str]] = Counter()
    off: frozenset[str] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.model = Model()
        self.sent: list[dict[str, Any]] = []
        self.told: list[Told] = []
        self.numbers = itertools.count(1)
        self.set_back = False
        self.latest = BEGINS
        self.feeds: dict[str, dict[str, Any]] = {}
        self._register: Register | None = None

    # -- the ground ----------------------------------------------------------------------------------------------------

    @property
    def register(self) -> Register:
        """The register, made when it is first needed: Hypothesis begins with a run in which next to nothing happens."""
        if self._register is None:
            self._register = self.stack.enter_context(type(self).opens())
        return self._register

    def reach(self, state: str) -> None:
        """Note a rare state."""
        type(self).reached[state] += 1

    def _move(self, by: timedelta) -> None:
        register = self.register
        register.clock.move_to(register.now + by, tick=False)
        self.latest = max(self.latest, register.now)

    def _follow(self, who: str, limit: int) -> int:
        read = self.feeds.setdefault(who, {"after": -1, "items": []})
        answer = self.register.partner(who).get(f"/events?after={read['after']}&limit={limit}")
        assert answer.status_code == 200, answer.content
        page = said(answer)
        for item in page["data"]:
            last = read["items"][-1][2] if read["items"] else None
            assert item["previous"] == last, "an item names another one before it"
            data = item["data"]
            read["items"].append((data["casefile"], data["version"], item["logindex"], data["transition"] is None))
        read["after"] = page["next_after"]
        return len(page["data"])

    def _killed(self, at: int, after: bool, send: Callable[[], Any]) -> Any:
        monitor = self.register.monitor

        def is_meant(statement: Statement) -> bool:
            return statement.number == at if at else statement.kind == "commit"

        def before(statement: Statement) -> None:
            if not after and is_meant(statement):
                self.reach(f"a backend died before a {statement.kind}")
                end_backend(monitor, statement.pid)

        def afterwards(statement: Statement) -> None:
            if after and is_meant(statement) and statement.error is None:
                self.reach(f"a backend died after a {statement.kind}")
                lose_answer(monitor, statement)

        with numbered(before=before, after=afterwards):
            answer = send()
        connection.close()
        return answer

    # -- how an act is tried -------------------------------------------------------------------------------------------

    def _case(self, which: int) -> Case:
        cases = list(self.model.cases.values())
        return cases[which % len(cases)]

    def _wants(self, case: Case, name: str) -> bool:
        """Whether an ordinary walk goes there: a merge needs another casefile, and what is parted was merged."""
        if SWITCH_OF.get(name) in self.off:
            return False
        if name == "merge":
            return len(self.model.cases) > 1
        if name == "unblock-data":
            return bool(case["blocked"])
        if name == "record-execution":
            return bool(case["imposed"])
        return not (name == "unmerge" and case["merged"] is None)

    def _act(
        self, case: Case, name: str, who: str, *, version: int | None = None, choice: int = 0,
        partner: Partner | None = None, key: str | None = None, dies: tuple[int, bool] | None = None,
    ) -> None:  # fmt: skip
        register, more = self.register, self._more(case, name, who, choice)
        if name == "merge" and more["into"] is None:
            return
        version = case["version"] if version is None else version
        expected = self.model.answer_to(case, name, who, version, now=register.now, **more)
        body = self._body(case, name, who, more)
        sender, key = partner or register.partner(who), key or f"key-of-a-client-{next(self.numbers)}"
        path = f"/casefiles/{case['id']}/{name}"

        def send() -> Any:
            return sender.post(path, body, version=version, key=key)

        if dies is not None:
            answer = self._killed(*dies, send)
            code = self._code(answer)
            assert code in expected | {"503 temporarily-unavailable"}, (code, expected, answer.content[:300])
            lost = code == "503 temporarily-unavailable"
            answer = send() if lost else answer
            if lost and answer.get("Idempotency-Replayed"):
                self.reach("a lost answer was replayed")
            elif lost and answer.status_code < 300:
                self.reach("what a crash undid was done again")
        else:
            answer = send()
        code = self._code(answer)
        assert code in expected, (code, expected, name, who, brief(case), answer.content[:600])
        if answer.status_code < 300:
            self.model.apply(case, name, who, now=register.now, **more)
            self._remember(case, who, sender, path, body, version, key, answer)
            self.reach(f"accepted: {name}")
            if case["bound"]:
                self.reach("a court ruled")
        else:
            self.reach(f"refused: {code.partition(' ')[2]}")
        self._compare(case)
        if name == "merge":
            self._compare(more["into"])
        elif more.get("fact") == "#/finding/register_number":
            self._compare_siblings(case, corrected=answer.status_code < 300)

    def _compare_siblings(self, case: Case, *, corrected: bool) -> None:
        for other in (siblings := self.model.siblings(case)):
            self._compare(other)
        if siblings and corrected:
            self.reach("a correction was recorded in all casefiles of a finding")
            if any(other["submitter"] != case["submitter"] for other in siblings):
                self.reach("an office corrected a finding of which another one has a casefile")

    def _remember(
        self, case: Case, who: str, sender: Partner, path: str, body: Any, version: int, key: str, answer: Any
    ) -> None:
        parting = who not in case["sees"]
        self.sent.append(
            {"agency": who, "partner": sender, "path": path, "body": body, "version": version, "key": key,
             "content": answer.content, "cases": [case["id"]], "parting": parting}
        )  # fmt: skip
        client = f"{who}-second" if sender is self.register.seconds.get(f"{who}-second") else f"{who}-system"
        self.told.append(Told(client, key, answer.status_code, answer.content))
        if parting:
            self.reach("an act ended the actor's own sight")

    def _send(self, who: str, path: str, body: Any) -> Any:
        sender, key = self.register.partner(who), f"key-of-a-client-{next(self.numbers)}"
        answer = sender.post(path, body, key=key)
        if answer.status_code == 201:
            made = [one["id"] for one in said(answer)["casefiles"]]
            self.sent.append(
                {"agency": who, "partner": sender, "path": path, "body": body, "version": None, "key": key,
                 "content": answer.content, "cases": made, "parting": False}
            )  # fmt: skip
            self.told.append(Told(f"{who}-system", key, answer.status_code, answer.content))
        return answer

    def _more(self, case: Case, name: str, who: str, choice: int) -> dict[str, Any]:
        """What the act names besides, as the model is told of it."""
        match name:
            case "transfer":
                return {"employer": PEMPROV if case["employer"] != PEMPROV else PEMKOT}
            case "identify":
                # An agency that is asked identifies its own officer; the examiner names the city.
                return {"employer": who if case["state"] == "identity_requested" else PEMKOT}
            case "merge":
                others = [other for other in self.model.cases.values() if other is not case]
                same = [other for other in others if other["nip"] == case["nip"]]
                pick = same if same and choice % 4 else others
                return {"into": pick[choice % len(pick)] if pick else None}
            case "contest":
                # What may be filed, or the other one.
                return {"kind": "lawsuit" if ("objection" in case["settled"]) == bool(choice % 4) else "objection"}
            case "reassign":
                office, kind = MOVES[choice % len(MOVES)]
                return {"office": office, "kind": kind}
            case "extend":
                due, _ = self._due(case)
                after = max(due, self._moment(case).date())
                return {"due": due, "until": due if choice % 5 == 0 else after + timedelta(days=1 + choice % 30)}
            case "measure":
                code, to = MEASURES[choice % len(MEASURES)], ADDRESSED[choice // 7 % len(ADDRESSED)]
                return {"code": code, "to": to, "late": self._due(case)[1]}
            case "correct":
                return self._correction(case, choice)
            case _:
                return {}

    def _correction(self, case: Case, choice: int) -> dict[str, Any]:
        """A fact with a value that it has not had; of the register numbers one that another finding may bear."""
        fact = list(FACTS)[choice % len(FACTS)]
        number = next(self.numbers)
        if fact == "#/employer":
            value = PEMPROV
        elif fact != "#/finding/register_number":
            value = f"Betul {number}"
        else:
            borne = sorted({one["register"] for one in self.model.cases.values()} - {case["register"]})
            value = borne[0] if borne and choice // 6 % 3 == 1 else f"{number:04d}/TM/SIM/2024"
        return {"fact": fact, "value": value}

    def _moment(self, case: Case) -> datetime:
        """When the next act on it happens, in Jakarta."""
        last: datetime = case["last"]
        return max(self.register.now, last) + timedelta(hours=7)

    def _due(self, case: Case) -> tuple[Any, bool]:
        """The due day of the open referral as it was stored, and whether it, or one before it, has passed."""
        row = self.register.monitor.execute(DUE, [case["id"]]).fetchone()
        if row is None:
            return self._moment(case).date(), False
        due_on, due_at, missed = row
        return due_on, missed is not None or max(self.register.now, case["last"]) >= due_at

    def _body(self, case: Case, name: str, who: str, more: dict[str, Any]) -> Any:
        now = self.register.now
        day = local_day(max(now, case["last"]))
        changed: dict[str, Any] = {}
        if name == "identify":
            changed = {"nip": case["nip"], "name": f"Terlapor {case['nip'][-4:]}", **more}
        elif name == "accept" and (suspected := self._suspected(case, who)):
            changed = {"not_duplicate_of": tuple(map(UUID, suspected))}
        elif name == "transfer":
            changed = {"employer": more["employer"]}
        elif name == "merge":
            changed = {"into": UUID(more["into"]["id"])}
        elif name in {"contest", "reassign"}:
            changed = more
        elif name == "extend":
            changed = {"until": more["until"]}
        elif name == "measure":
            changed = {"code": more["code"], "addressed_to": more["to"]}
        elif name == "correct":
            changed = {"fact": more["fact"], "value": more["value"]}
            changed["violation"] = 1 if "/*/" in more["fact"] else None

        def owned(kind: str) -> UUID:
            # An auditor's system may register nothing; what it names need not be there, as it is refused before.
            return OTHER_CASEFILE if who == AUDITOR else factories.document(who, kind, now=now)

        return plain(replace(factories.given(name, day=day, document=owned, **changed), occurred_at=None))

    def _suspected(self, case: Case, who: str) -> list[str]:
        """What the examiner's own system finds in the file before it accepts."""
        answer = self.register.partner(who).get(f"/casefiles/{case['id']}")
        if answer.status_code != 200:
            return []
        self.model.read(case, who)
        return [one["casefile"] for one in said(answer).get("suspected_duplicates") or ()]

    @staticmethod
    def _code(answer: Any) -> str:
        if answer.status_code < 400:
            return str(answer.status_code)
        return f"{answer.status_code} {orjson.loads(answer.content)['code']}"

    # -- comparing with the model --------------------------------------------------------------------------------------

    def _compare(self, case: Case) -> None:
        """The casefile as the database has it, and as the model has it."""
        row = self.register.monitor.execute(STANDS, [case["id"]]).fetchone()
        assert row is not None
        state, version, sees, turn = row
        assert (state, version) == (case["state"], case["version"]), (state, version, brief(case))
        assert set(sees) == case["sees"], (sorted(set(sees) ^ case["sees"]), brief(case))
        assert turn == turn_in(case), (turn, turn_in(case), brief(case))

    def _catch_up(self, names: set[str]) -> int:
        """Tell the model what happened by itself; how many steps that were. Only those may have happened."""
        known = self.model.cases
        rows = self.register.monitor.execute(
            STEPS, [list(known), [case["version"] for case in known.values()]]
        ).fetchall()
        for ident, name, to_state, sees in rows:
            assert name in names, (name, names)
            assert self.model.happened(known[ident], name, to_state, set(sees)) is None
        for case in known.values():
            self._compare(case)
        return len(rows)
