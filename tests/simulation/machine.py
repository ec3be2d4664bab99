"""A register and everybody who writes to it, walked at random: Hypothesis draws, the model foresees the answers.

Each seed switches off a random half of what may happen (swarm), so that some runs are nothing but retries and others
nothing but crashes. After each step the touched casefile is compared with the model; at the end the faults stop, and
everything must drain within a bound and pass every checker.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from typing import Any, Final

from django.db import DatabaseError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.strategies._internal.featureflags import FeatureFlags

from casefiles.operations import clock, recounting
from tests.factories import AUDITOR, BKN, KASN, OTHER_OFFICE, PADANG, PEMKOT
from tests.partner import Partner, said
from tests.simulation import owners
from tests.simulation.checkers import Thorough, check_all
from tests.simulation.drawing import LINES, ROUND, Case, local_day
from tests.simulation.register import BEGINS, LASTS, Keyed
from tests.simulation.statements import Statement, end_backend, numbered
from tests.simulation.walking import Walking, anything

SWITCHES: Final = (
    "astray", "stale", "repeat", "reuse", "second_client", "crash", "crash_sequencer", "clock_forward", "clock_back",
    "tick", "witnesses", "erase", "hand_over", "calendar", "merge", "custody", "oversight", "corrections", "remedies",
    "feed", "look",
)  # fmt: skip

DRAINS_WITHIN: Final = 12
"""Rounds of the sequencer after the faults have stopped."""

FEED_READERS: Final = (PADANG, OTHER_OFFICE, BKN, PEMKOT, AUDITOR)


class RegisterMachine(Walking, RuleBasedStateMachine):
    """One register under random rules."""

    def __init__(self) -> None:
        super().__init__()
        # Hypothesis switches rules off as well, by a measure of its own; ours is the only one, so that half is half.
        self._rules_strategy.enabled_rules_strategy = st.just(FeatureFlags())

    @initialize(order=st.permutations(SWITCHES), findings=st.integers(0, 4), known=st.booleans())
    def begin(self, order: list[str], findings: int, known: bool) -> None:
        """Switch a half off, and forward a few findings."""
        self.off = frozenset(order[: len(order) // 2])
        for number in range(findings):
            self._forward(officers=1 + number % 2, known=known or number > 1, twice=number == 3)

    # -- sent again ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.on("second_client"))
    @rule(which=anything)
    def act_by_another_system(self, which: int) -> None:
        """Another system of the examiner's acts, under a key that the first one has used."""
        second, case = self.register.second(BKN), self._case(which)
        if self._is_early(second):
            assert second.get("/me").status_code == 401
            return
        again = {one["key"] for one in self.sent if one["partner"] is second}
        used = [one["key"] for one in self.sent if one["agency"] == BKN and one["key"] not in again]
        if case["examiner"] == BKN and used and case["state"] != "closed":
            self._act(case, "note", BKN, partner=second, key=used[which % len(used)])
            self.reach("two systems of one agency used one key")

    @precondition(lambda self: self.on("repeat") and bool(self.sent))
    @rule(which=anything)
    def repeat(self, which: int) -> None:
        """A client sends an intention again that was accepted: it gets the same bytes, and nothing happens."""
        one = self.sent[which % len(self.sent)]
        answer = one["partner"].post(one["path"], one["body"], version=one["version"], key=one["key"])
        if self._is_early(one["partner"]):
            assert self._code(answer) == "401 token-invalid"
            return
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

    def _is_early(self, partner: Partner) -> bool:
        """Whether the clock was set back beyond the moment at which its key was registered: nobody would believe it."""
        return isinstance(partner, Keyed) and self.register.now < partner.acts_from

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
        if self._is_early(one["partner"]):
            assert self._code(answer) == "401 token-invalid"
            return
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
        holders = self.model.holders(case, name)
        if holders:
            self._act(case, name, holders[0], choice=choice, dies=(at, after))

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
    @rule(days=st.sampled_from((1, 3, 8, 20, 60)))
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

    @precondition(lambda self: self.on("tick") and self.on("clock_forward"))
    @rule(which=anything)
    def nobody_answers(self, which: int) -> None:
        """A file is sent back to its office, which says nothing until the clock gives it back to the examiner."""
        case = self._case(which)
        if case["state"] in LINES["return"].start and not case["erased"]:
            for examiner in self.model.holders(case, "return"):
                self._act(case, "return", examiner)
        if case["state"] == "returned":
            self.days_pass(days=60)
            self.tick()

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

    @precondition(lambda self: self.on("look"))
    @rule(which=anything, who=st.sampled_from(ROUND))
    def look(self, which: int, who: str) -> None:
        """Somebody opens a casefile, and lists all; every other time somebody who was a party of it."""
        case = self._case(which)
        if case["former"] and which % 2:
            who = sorted(case["former"])[0]
        partner = self.register.partner(who)
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
        elif self.model.read(case, who):
            self.reach("whose turn it was opened what another had sent")
        opened = {(one["agency"]["code"], one["version"]) for one in said(answer)["opened"]}
        assert opened >= {mark for mark in case["opened"] if mark[1] <= version}, (opened, case["opened"])
        assert opened <= case["opened"].keys(), (opened, case["opened"])
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
            read = Counter((*item[:2], item[3]) for item in self.feeds[who]["items"])
            due = Counter(
                (case["id"], version, False) for case in self.model.cases.values()
                for version, told in enumerate(case["told"], 1) if who in told
            )  # fmt: skip
            due += Counter(
                (case["id"], version, True) for case in self.model.cases.values()
                for (_, version), told in case["opened"].items() if who in told
            )  # fmt: skip
            assert read == due, f"{who} lacks {due - read} and has {read - due} without sight"
        thorough = Thorough(keys=[register.signer.vkey], reader=register.roles.reader)
        faults = check_all(register.monitor, told=self.told, drained=True, thorough=thorough)
        faults = [fault for fault in faults if not (self.set_back and '"time-backwards"' in fault)]
        assert faults == [], "\n".join(faults[:8])
        if any(case["version"] > 12 for case in self.model.cases.values()):
            self.reach("a casefile of more than twelve versions")
