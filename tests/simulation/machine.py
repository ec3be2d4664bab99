"""A register and everybody who writes to it, walked at random: Hypothesis draws, the model foresees the answers.

Each seed switches off a random half of what may happen (swarm), so that some runs are nothing but retries and others
nothing but crashes. After each step the touched casefile is compared with the model; at the end the faults stop, and
everything must drain within a bound and pass every checker.
"""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson
from django.db import DatabaseError, connection
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from casefiles.operations import clock, recounting
from casefiles.references import plain
from tests import factories
from tests.factories import AUDITOR, BKN, KASN, NIP, PADANG, PEMKOT, PEMPROV
from tests.partner import Partner, said
from tests.simulation import owners
from tests.simulation.checkers import Thorough, Told, check_all
from tests.simulation.model import LINES, ROUND, Case, Model, local_day
from tests.simulation.register import BEGINS, LASTS, Register
from tests.simulation.statements import Statement, end_backend, lose_answer, numbered

SWITCHES: Final = (
    "astray", "stale", "repeat", "reuse", "second_client", "crash", "crash_sequencer", "clock_forward", "clock_back",
    "tick", "witnesses", "erase", "hand_over", "calendar", "merge", "feed", "look",
)  # fmt: skip
WEIGHTS: Final = {
    **dict.fromkeys(
        ("accept", "recommend", "acknowledge", "report-sanction", "record-delivery", "contest", "settle", "close",
         "complete"), 8,
    ),
    **dict.fromkeys(("request-identity", "identify", "uphold", "require-correction", "unmerge"), 3),
}  # fmt: skip
"""What leads a walk on is done oftener; otherwise none would get far."""

DRAINS_WITHIN: Final = 12
"""Rounds of the sequencer after the faults have stopped."""

FEED_READERS: Final = (PADANG, BKN, PEMKOT, AUDITOR)

anything = st.integers(0, 9999)

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
) FROM casefiles_casefile c WHERE c.id = %s
"""


class RegisterMachine(RuleBasedStateMachine):
    """One register. `opens` makes its ground; `reached` counts the rare states that runs came through."""

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

    def on(self, switch: str) -> bool:
        """Whether this run does such things at all."""
        return switch not in self.off and bool(self.model.cases)

    def reach(self, state: str) -> None:
        """Note a rare state."""
        type(self).reached[state] += 1

    @initialize(order=st.permutations(SWITCHES))
    def swarm(self, order: list[str]) -> None:
        """Switch a half off."""
        self.off = frozenset(order[: len(order) // 2])

    # -- acts ----------------------------------------------------------------------------------------------------------

    @rule()
    def a_minute_passes(self) -> None:
        """The least that may happen."""
        if self._register is not None:
            self._move(timedelta(minutes=1))

    @rule(officers=st.integers(1, 2), known=st.booleans(), twice=st.booleans())
    def submit(self, officers: int, known: bool, twice: bool) -> None:
        """An office forwards a finding; `twice`: of an officer of whom another finding tells already."""
        nips = [f"{NIP[:14]}{next(self.numbers):04d}" for _ in range(officers)]
        if twice and self.model.cases and "merge" not in self.off:
            nips[0] = self._case(0)["nip"]
        register = self.register
        body = plain(
            factories.finding_given(
                documents=(factories.document(PADANG, "assessment", now=register.now),),
                register_number=f"{next(self.numbers):04d}/TM/SIM/2024",
                occurred_at=None,
                subjects=tuple(
                    factories.known_subject(nip=nip, name=f"Terlapor {nip[-4:]}")
                    if known else factories.Subject(name=f"Terlapor {nip[-4:]}", violations=(1,))
                    for nip in nips
                ),
            )
        )  # fmt: skip
        answer = self._send(PADANG, "/findings", body)
        if self.model.paused:
            assert self._code(answer) == "503 writes-paused"
            return
        assert answer.status_code == 201, answer.content
        made = said(answer)
        for nip, one in zip(nips, made["casefiles"], strict=True):
            self.model.submitted(one["id"], nip=nip, known=known, finding=made["id"], at=register.now)
            self._compare(self.model.cases[one["id"]])

    @precondition(lambda self: bool(self.model.cases))
    @rule(which=anything, choices=st.lists(anything, min_size=1, max_size=8))
    def go_on(self, which: int, choices: list[int]) -> None:
        """Somebody whose turn it may be does what the state allows, a few times."""
        case = self._case(which)
        for choice in choices:
            names = [
                name for name, line in LINES.items() if case["state"] in line.start and self._wants(case, name)
                for _ in range(WEIGHTS.get(name, 1))
            ]  # fmt: skip
            if case["erased"] or not names:
                return
            name = names[choice % len(names)]
            holders = [case[party] for party in LINES[name].by if case[party]]
            if holders:
                self._act(case, name, holders[choice % len(holders)], choice=choice)

    @precondition(lambda self: self.on("astray"))
    @rule(which=anything, name=st.sampled_from(sorted(LINES)), who=st.sampled_from(ROUND), behind=st.integers(0, 2))
    def go_astray(self, which: int, name: str, who: str, behind: int) -> None:
        """Anybody tries anything, on a version that may be an old one."""
        case = self._case(which)
        if name == "unmerge" and case["merged"] is None:
            return
        self._act(case, name, who, version=max(1, case["version"] - behind), choice=which)

    @precondition(lambda self: self.on("stale"))
    @rule(which=anything, choice=anything, behind=st.integers(1, 3))
    def act_on_an_old_version(self, which: int, choice: int, behind: int) -> None:
        """Whoever may act does so on a version that has passed, as a client that did not read before it wrote."""
        case = self._case(which)
        names = [name for name, line in LINES.items() if case["state"] in line.start and self._wants(case, name)]
        if case["version"] > behind and names:
            name = names[choice % len(names)]
            holders = [case[party] for party in LINES[name].by if case[party]]
            if holders:
                self._act(case, name, holders[0], version=case["version"] - behind, choice=choice)

    @precondition(lambda self: self.on("second_client"))
    @rule(which=anything)
    def act_by_another_system(self, which: int) -> None:
        """Another system of the examiner's acts, under a key that the first one has used."""
        second, case = self.register.second(BKN), self._case(which)
        again = {one["key"] for one in self.sent if one["partner"] is second}
        used = [one["key"] for one in self.sent if one["agency"] == BKN and one["key"] not in again]
        if case["examiner"] == BKN and used and case["state"] != "closed":
            self._act(case, "note", BKN, partner=second, key=used[which % len(used)])
            self.reach("two systems of one agency used one key")

    @precondition(lambda self: self.on("merge"))
    @rule(which=anything)
    def merge_again(self, which: int) -> None:
        """A casefile is merged into another of its officer, where there is one."""
        pairs = [
            case for case in self.model.cases.values()
            if sum(other["nip"] == case["nip"] for other in self.model.cases.values()) > 1
        ]  # fmt: skip
        if pairs:
            case = pairs[which % len(pairs)]
            self._act(case, "merge", case["examiner"], choice=which)

    @precondition(lambda self: self.on("repeat") and bool(self.sent))
    @rule(which=anything)
    def repeat(self, which: int) -> None:
        """A client sends an intention again that was accepted: it gets the same bytes, and nothing happens."""
        one = self.sent[which % len(self.sent)]
        answer = one["partner"].post(one["path"], one["body"], version=one["version"], key=one["key"])
        cases = [self.model.cases[ident] for ident in one["cases"]]
        if len(cases) == 1 and one["path"] != "/findings":
            expected = self._replayed(cases[0], one)
        else:
            expected = {"201", "410 erased"} if any(case["erased"] for case in cases) else {"201"}
        code = self._code(answer)
        assert code in expected, (code, expected, one, answer.content[:300])
        if answer.status_code < 300:
            assert answer["Idempotency-Replayed"] == "true"
            assert answer.content == one["content"]
            self.reach("an answer was replayed")
        elif code == "410 erased":
            self.reach("a replay was told that the content is erased")

    def _replayed(self, case: Case, one: dict[str, Any]) -> set[str]:
        if not one["parting"] and not self.model.reads(case, one["agency"]):
            return {"404 not-found"}
        return {"410 erased"} if case["erased"] else {"200"}

    @precondition(lambda self: self.on("reuse") and bool(self.sent))
    @rule(which=anything)
    def reuse(self, which: int) -> None:
        """A key is used for something else: refused, and nothing of the other request is told."""
        one = self.sent[which % len(self.sent)]
        if one["path"] == "/findings":
            return
        case = self.model.cases[one["cases"][0]]
        answer = one["partner"].post(one["path"], {**one["body"], "text": "Lain."}, version=1, key=one["key"])
        reads = self.model.reads(case, one["agency"])
        if case["erased"]:
            expected = {"410 erased", "404 not-found"} if not reads else {"410 erased"}
        else:
            expected = {"422 idempotency-key-reused"} if reads else {"404 not-found"}
        assert self._code(answer) in expected, (self._code(answer), expected, answer.content[:300])
        self.reach("a key was refused for another request")

    # -- crashes -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.on("crash"))
    @rule(which=anything, choice=anything, at=st.integers(0, 11), after=st.booleans())
    def crash(self, which: int, choice: int, at: int, after: bool) -> None:
        """The backend dies before or after a statement of a request (0: its commit); the client sends it again."""
        case = self._case(which)
        names = [line.name for line in LINES.values() if case["state"] in line.start and self._wants(case, line.name)]
        if case["erased"] or not names or self.model.paused:
            return
        name = names[choice % len(names)]
        holders = [case[party] for party in LINES[name].by if case[party]]
        if holders:
            self._act(case, name, holders[0], choice=choice, dies=(at, after))

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

    @precondition(lambda self: self.on("crash_sequencer"))
    @rule(at=st.integers(1, 14), batch=st.integers(1, 4))
    def crash_the_sequencer(self, at: int, batch: int) -> None:
        """The sequencer dies before a statement; another one goes on."""
        monitor, seat = self.register.monitor, self.register.seat("sequencer", "sequencer")

        def dies() -> int:
            def before(statement: Statement) -> None:
                if statement.number == at:
                    end_backend(monitor, statement.pid)

            with numbered(before=before) as seen:
                try:
                    owners.one_round(self.register, batch=batch)
                except DatabaseError:
                    if len(seen) < at:  # nobody killed it
                        raise
            return len(seen)

        if seat.do(dies) >= at:
            self.reach("the sequencer died")
        self.register.sign_out("sequencer")

    # -- time ----------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.on("clock_forward"))
    @rule(days=st.sampled_from((1, 3, 8, 20)))
    def days_pass(self, days: int) -> None:
        """Time goes on."""
        if self.register.now + timedelta(days=days) < BEGINS + LASTS:
            self._move(timedelta(days=days))

    @precondition(lambda self: self.on("clock_back"))
    @rule(minutes=st.sampled_from((1, 7, 45)))
    def the_clock_is_set_back(self, minutes: int) -> None:
        """Somebody mends the clock of the machine; never over midnight."""
        before = self.register.now
        if local_day(before - timedelta(minutes=minutes)) == local_day(before):
            self._move(-timedelta(minutes=minutes))
            self.set_back = True
            self.reach("the clock was set back")

    def _move(self, by: timedelta) -> None:
        register = self.register
        register.clock.move_to(register.now + by, tick=False)
        self.latest = max(self.latest, register.now)

    @precondition(lambda self: self.on("tick"))
    @rule()
    def tick(self) -> None:
        """A round of the clock: whoever is late climbs the ladder, and a second round at that moment does nothing."""
        seat, now = self.register.seat("clock"), self.register.now
        done = seat.do(lambda: clock.tick(now=now))
        assert bool(done.paused) == self.model.paused
        steps = self._catch_up({"escalate", "recall"})
        assert steps == done.escalated + done.given_back
        again = seat.do(lambda: clock.tick(now=now))
        assert again.escalated + again.given_back == 0
        if done.escalated:
            self.reach("the clock escalated")
        if done.given_back:
            self.reach("the clock gave a silent return back")

    @precondition(lambda self: self.on("calendar") and not self.model.paused)
    @rule(ahead=st.integers(1, 12))
    def the_calendar_changes(self, ahead: int) -> None:
        """A decree takes a day, and everything counted in working days is counted again."""
        register = self.register
        day = local_day(register.now) + timedelta(days=ahead)
        if not register.seat("owner").do(lambda: owners.amend_calendar(day, now=register.now)):
            return
        now = register.now
        done = register.seat("clock").do(lambda: recounting.recount(now=now))
        assert self._catch_up({"recompute"}) == done.moved
        assert register.seat("clock").do(lambda: recounting.recount(now=now)).moved == 0
        if done.moved:
            self.reach("a new calendar moved a deadline")

    # -- what the owner does -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.on("hand_over") and self.model.handed_over_on is None and not self.model.paused)
    @rule()
    def hand_over(self) -> None:
        """The examiner's mandate ends, and all its open cases pass to another holder."""
        if any(case["erased"] and case["state"] != "closed" for case in self.model.cases.values()):
            return
        register, now = self.register, self.register.now
        late = max(case["last"] for case in self.model.cases.values())
        if local_day(late) > local_day(now):
            return
        count = register.seat("owner").do(lambda: owners.hand_over(BKN, KASN, on=local_day(now), now=max(now, late)))
        self.model.handed_over_on = local_day(now)
        assert self._catch_up({"hand-over"}) == count
        self.reach("cases were handed over")

    @precondition(lambda self: self.on("erase"))
    @rule(which=anything)
    def erase(self, which: int) -> None:
        """Two persons erase what is closed."""
        closed = [case for case in self.model.cases.values() if case["state"] == "closed" and not case["erased"]]
        if not closed:
            return
        case, now = closed[which % len(closed)], self.register.now
        self.register.seat("owner").do(lambda: owners.erase(case["id"], now=now))
        case["erased"] = True
        self._compare(case)
        self.reach("a casefile was erased")

    @precondition(lambda self: self.on("witnesses"))
    @rule()
    def witnesses_come_and_go(self) -> None:
        """No quorum for so long that nothing is accepted any more; or it is met again."""
        self.model.paused = not self.model.paused
        paused = self.model.paused
        self.register.seat("sequencer", "sequencer").do(lambda: owners.note_quorum(self.register, met=not paused))
        if paused:
            self.reach("writes were paused for want of witnesses")

    # -- the log, and reading ------------------------------------------------------------------------------------------

    @precondition(lambda self: bool(self.model.cases))
    @rule(batch=st.integers(1, 5), sign=st.booleans())
    def sequence(self, batch: int, sign: bool) -> None:
        """A round of the sequencer, with little patience."""
        self.register.sequence(batch=batch, sign=sign)

    @precondition(lambda self: self.on("feed"))
    @rule(who=st.sampled_from(FEED_READERS), limit=st.integers(1, 7))
    def follow(self, who: str, limit: int) -> None:
        """An agency reads its feed on, a page of any size."""
        self._follow(who, limit)

    def _follow(self, who: str, limit: int) -> int:
        read = self.feeds.setdefault(who, {"after": -1, "items": []})
        answer = self.register.partner(who).get(f"/events?after={read['after']}&limit={limit}")
        assert answer.status_code == 200, answer.content
        page = said(answer)
        for item in page["data"]:
            last = read["items"][-1][2] if read["items"] else None
            assert item["previous"] == last, "an item names another one before it"
            read["items"].append((item["data"]["casefile"], item["data"]["version"], item["logindex"]))
        read["after"] = page["next_after"]
        return len(page["data"])

    @precondition(lambda self: self.on("look"))
    @rule(which=anything, who=st.sampled_from(ROUND))
    def look(self, which: int, who: str) -> None:
        """Somebody opens a casefile, and lists all."""
        case, partner = self._case(which), self.register.partner(who)
        answer = partner.get(f"/casefiles/{case['id']}")
        if not self.model.reads(case, who):
            assert answer.status_code == 404, answer.content
            self.reach("a stranger was told of nothing")
            return
        if case["erased"]:
            assert answer.status_code == 410, answer.content
            return
        assert answer.status_code == 200, answer.content
        version = case["version"] if who in case["sees"] or who == AUDITOR else case["former"][who]
        assert said(answer)["version"] == version, (said(answer)["version"], version, who, case)
        if who in case["former"]:
            self.reach("a former party read the file as it left it")
        listed = {one["id"] for one in said(partner.get("/casefiles?limit=200"))["data"]}
        due = {
            one["id"] for one in self.model.cases.values()
            if (who in one["sees"] or who == AUDITOR) and not one["erased"]
        }  # fmt: skip
        assert listed == due, (who, listed ^ due)

    # -- the end -------------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """The faults stop: everything drains within a bound, and every checker is asked. Then the ground goes."""
        try:
            if self._register is not None and sys.exc_info()[0] is None:
                self._drain()
        finally:
            self.stack.close()

    def _drain(self) -> None:
        register = self.register
        register.seat("sequencer", "sequencer").do(lambda: owners.note_quorum(register, met=True))
        self.model.paused = False
        latest = max([self.latest, register.now, *(case["last"] for case in self.model.cases.values())])
        register.clock.move_to(latest, tick=False)
        done = register.seat("clock").do(lambda: clock.tick(now=latest))
        assert (done.busy, done.paused) == (False, "")
        self._catch_up({"escalate", "recall"})
        for _ in range(DRAINS_WITHIN):
            if not register.sequence():
                break
        else:
            raise AssertionError(f"after {DRAINS_WITHIN} rounds without a fault entries still wait")
        for who in FEED_READERS if self.model.cases else ():
            while self._follow(who, 7):
                pass
            read = Counter(item[:2] for item in self.feeds[who]["items"])
            due = Counter(
                (case["id"], version) for case in self.model.cases.values()
                for version, told in enumerate(case["told"], 1) if who in told
            )  # fmt: skip
            assert read == due, f"{who} lacks {due - read} and has {read - due} without sight"
        thorough = Thorough(keys=[register.signer.vkey], reader=register.roles.reader)
        faults = check_all(register.monitor, told=self.told, drained=True, thorough=thorough)
        faults = [fault for fault in faults if not (self.set_back and '"time-backwards"' in fault)]
        assert faults == [], "\n".join(faults[:8])
        if any(case["version"] > 12 for case in self.model.cases.values()):
            self.reach("a casefile of more than twelve versions")

    # -- how an act is tried -------------------------------------------------------------------------------------------

    def _case(self, which: int) -> Case:
        cases = list(self.model.cases.values())
        return cases[which % len(cases)]

    def _wants(self, case: Case, name: str) -> bool:
        """Whether an ordinary walk goes there: a merge needs another casefile, and what is parted was merged."""
        if name == "merge":
            return "merge" not in self.off and len(self.model.cases) > 1
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
        assert code in expected, (code, expected, name, who, case, answer.content[:600])
        if answer.status_code < 300:
            self.model.apply(case, name, who, now=register.now, **more)
            self._remember(case, who, sender, path, body, version, key, answer)
            self.reach(f"accepted: {name}")
        else:
            self.reach(f"refused: {code.partition(' ')[2]}")
        self._compare(case)
        if name == "merge":
            self._compare(more["into"])

    def _remember(
        self, case: Case, who: str, sender: Partner, path: str, body: Any, version: int, key: str, answer: Any
    ) -> None:
        parting = who not in case["sees"]
        self.sent.append(
            {"agency": who, "partner": sender, "path": path, "body": body, "version": version, "key": key,
             "content": answer.content, "cases": [case["id"]], "parting": parting}
        )  # fmt: skip
        client = f"{who}-second" if sender is self.register.partners.get(f"{who}-second") else f"{who}-system"
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
        if name == "transfer":
            return {"employer": PEMPROV if case["employer"] != PEMPROV else PEMKOT}
        if name == "identify":
            # An agency that is asked identifies its own officer; the examiner names the city.
            return {"employer": who if case["state"] == "identity_requested" else PEMKOT}
        if name == "merge":
            others = [other for other in self.model.cases.values() if other is not case]
            same = [other for other in others if other["nip"] == case["nip"]]
            pick = same if same and choice % 4 else others
            return {"into": pick[choice % len(pick)] if pick else None}
        return {}

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

        def owned(kind: str) -> UUID:
            return factories.document(who, kind, now=now)

        return plain(replace(factories.given(name, day=day, document=owned, **changed), occurred_at=None))

    def _suspected(self, case: Case, who: str) -> list[str]:
        """What the examiner's own system finds in the file before it accepts."""
        answer = self.register.partner(who).get(f"/casefiles/{case['id']}")
        if answer.status_code != 200:
            return []
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
        state, version, sees = row
        assert (state, version) == (case["state"], case["version"]), (state, version, case)
        due = set(case["sees"])
        assert set(sees) == due, (sorted(set(sees) ^ due), case)

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
