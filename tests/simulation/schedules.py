"""Eight contested pairs, run through the gate: whatever order their statements take, it is as if one had come first.

A schedule is a seed: the seed draws whose statement goes next, and the trace says whose did. What came of it must be
what some serial order of the accepted acts leaves behind; whoever was refused has left nothing; and each casefile's
records agree one to one. The serial orders are run once per contest, on casefiles of their own.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import connection
from psycopg import Connection

from agencies import clients
from casefiles.operations import clock, recounting
from casefiles.references import plain
from tests import factories
from tests.drills.soundness import examine
from tests.factories import BKN, PADANG, PEMKOT
from tests.partner import Partner, said
from tests.simulation.gate import Gate, Ran, Stuck
from tests.simulation.patching import patched
from tests.simulation.register import Register, sequenced
from tests.simulation.seats import Seat
from tests.simulation.stock import Stock

Act = Callable[[], str]


@dataclass(slots=True)
class Arranged:
    """What is about to be contested: the acts by name, the casefiles they touch, and what else must hold after."""

    acts: Mapping[str, tuple[Seat, Act]]
    casefiles: tuple[UUID, ...] = ()
    deadly: tuple[str, float] = ("", 0.0)
    faults: Callable[[Ran], list[str]] = lambda _: []


@dataclass(frozen=True, slots=True)
class Left:
    """What acts leave behind: who was accepted, and every casefile's state and steps, in the arranged order."""

    accepted: frozenset[str]
    files: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """Two who want something that only one of them can have, or both in one order.

    `leaves_out` are steps that one act makes in transactions of their own: between any two of them the other may come.
    """

    name: str
    arrange: Callable[[Schedules], Arranged]
    refusals: frozenset[str] = frozenset()
    leaves_out: str = ""
    serial: bool = True


@dataclass(slots=True)
class Verdict:
    """One schedule, judged: `faults` is empty where all is well; `reached` are the rare states it came through."""

    contest: str
    seed: int
    ran: Ran
    faults: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Schedules:
    """Runs schedules on one register."""

    register: Register
    stock: Stock = field(init=False)
    _serial: dict[str, frozenset[Left]] = field(default_factory=dict)
    _number: int = 0
    _looked_at: int = 0

    def __post_init__(self) -> None:
        self.stock = Stock(self.register)

    def run(self, contest: Contest, seed: int) -> Verdict:
        """One schedule of that contest. What the product did wrong is in the verdict; nothing is raised for it."""
        if contest.serial and contest.name not in self._serial:
            self._serial[contest.name] = frozenset(self._in_order(contest))
        arranged = self._arranged(contest)
        chance = random.Random(f"{contest.name} {seed}")
        try:
            ran = Gate(self.register.monitor, chance).run(arranged.acts, deadly=arranged.deadly)
        except Stuck as why:
            return Verdict(contest.name, seed, Ran(), faults=[str(why)])
        verdict = Verdict(contest.name, seed, ran, faults=arranged.faults(ran))
        if ran.deadlocked:
            verdict.faults.append("a deadlock: they wait for each other")
        for name, outcome in ran.outcomes.items():
            if isinstance(outcome, BaseException) and name != ran.killed:
                verdict.faults.append(f"{name} raised {type(outcome).__name__}: {outcome}")
        for seat, _ in arranged.acts.values():
            if ran.killed:
                seat.reconnect()
        if contest.serial:
            self._judge(contest, arranged, verdict)
        verdict.faults += structure_faults(self.register.monitor, arranged.casefiles)
        verdict.reached |= _reached(contest, ran)
        return verdict

    def _arranged(self, contest: Contest) -> Arranged:
        self._number += 1
        return contest.arrange(self)

    @property
    def number(self) -> int:
        """Of this arrangement; no other has it."""
        return self._number

    def grown_faults(self) -> list[str]:
        """Whether what grew since the last look is dense, each leaf its entry's, each stream in its own order."""
        rows = self.register.monitor.execute(GROWN, [self._looked_at]).fetchall()
        dense = range(self._looked_at, self._looked_at + len(rows))
        faults = [] if [row[0] for row in rows] == list(dense) else ["the leaves have gaps"]
        faults += [f"leaf {index} is another hash than its entry's" for index, same, _ in rows if not same]
        faults += [f"leaf {index} comes before an earlier entry of its stream" for index, _, late in rows if late]
        waiting, signed = self.register.monitor.execute(WAITING).fetchone() or (0, True)
        self._looked_at += len(rows)
        return faults + ([f"{waiting} entries wait still"] if waiting else []) + ([] if signed else ["unsigned leaves"])

    def _in_order(self, contest: Contest) -> list[Left]:
        """What every order of every selection of the acts leaves behind, without a gate."""
        found = []
        names = tuple(self._arranged(contest).acts)
        orders = [order for count in (1, 2) for order in itertools.permutations(names, count)]
        for order in orders:
            arranged = self._arranged(contest)
            outcomes = {}
            for name in order:
                seat, act = arranged.acts[name]
                outcomes[name] = seat.do(act)
            found.append(self._left(contest, arranged, outcomes))
        return found

    def _left(self, contest: Contest, arranged: Arranged, outcomes: Mapping[str, Any]) -> Left:
        files = tuple(
            (state, tuple(name for name in steps if name != contest.leaves_out))
            for state, steps in stood(self.register.monitor, arranged.casefiles)
        )
        return Left(frozenset(name for name, outcome in outcomes.items() if _accepted(outcome)), files)

    def _judge(self, contest: Contest, arranged: Arranged, verdict: Verdict) -> None:
        left = self._left(contest, arranged, verdict.ran.outcomes)
        if left not in self._serial[contest.name]:
            verdict.faults.append(f"no order of the two leaves this: {verdict.ran.outcomes} left {left.files}")
        if not left.accepted:
            verdict.faults.append(f"both were refused: {verdict.ran.outcomes}")
        for name, outcome in verdict.ran.outcomes.items():
            if name not in left.accepted and isinstance(outcome, str) and outcome not in contest.refusals:
                verdict.faults.append(f"{name} was told {outcome}")


def _accepted(outcome: Any) -> bool:
    return isinstance(outcome, str) and outcome.startswith("2")


def _reached(contest: Contest, ran: Ran) -> set[str]:
    told = {str(outcome) for outcome in ran.outcomes.values()}
    reached = {f"{contest.name}: {name} waited for a lock" for name in ran.waited}
    reached |= {f"{contest.name}: {outcome}" for outcome in told if not outcome.startswith("200 replayed {")}
    if ran.killed:
        reached.add(f"{contest.name}: killed")
    return reached


# -- what the database says --------------------------------------------------------------------------------------------

STOOD = """
SELECT c.state, ARRAY(SELECT t.name FROM casefiles_transition t WHERE t.casefile_id = c.id ORDER BY t.seq)
FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, n) JOIN casefiles_casefile c ON c.id = wanted.id ORDER BY n
"""

STRUCTURE = """
SELECT c.id, c.version,
    ARRAY(SELECT t.seq FROM casefiles_transition t WHERE t.casefile_id = c.id ORDER BY t.seq),
    ARRAY(SELECT e.seq FROM audit_entry e WHERE e.stream = c.id ORDER BY e.id),
    ARRAY(SELECT p.seq FROM casefiles_payload p WHERE p.casefile_id = c.id AND p.answer IS NULL ORDER BY p.seq),
    ARRAY(SELECT h.version FROM casefiles_historicalcasefile h WHERE h.id = c.id ORDER BY h.version),
    (SELECT count(*) FROM casefiles_referral r WHERE r.casefile_id = c.id AND r.status = 'open')
        - (c.state <> 'closed')::int,
    (SELECT count(*) - count(DISTINCT k) FROM (
        SELECT convert_from(e.body, 'UTF8')::json -> 'request' ->> 'idempotency' AS k
        FROM audit_entry e WHERE e.stream = c.id
    ) keys WHERE k IS NOT NULL)
FROM casefiles_casefile c WHERE c.id = ANY(%s)
"""


GROWN = """
SELECT l.index, l.leaf_hash = e.leaf_hash, EXISTS (
    SELECT FROM audit_entry o JOIN audit_leaf p ON p.entry_id = o.id
    WHERE o.stream = e.stream AND o.seq < e.seq AND p.index > l.index
)
FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE l.index >= %s ORDER BY l.index
"""

WAITING = """
SELECT (SELECT count(*) FROM audit_pending),
    (SELECT max(size) FROM audit_checkpoint) = (SELECT max(index) + 1 FROM audit_leaf)
"""


def stood(monitor: Connection[Any], casefiles: Sequence[UUID]) -> list[tuple[str, tuple[str, ...]]]:
    """Each casefile's state and the names of its steps."""
    rows = monitor.execute(STOOD, [list(casefiles)]).fetchall()
    return [(state, tuple(steps)) for state, steps in rows]


def structure_faults(monitor: Connection[Any], casefiles: Sequence[UUID]) -> list[str]:
    """Whether steps, entries, contents and history are one to one with the versions, and each key did one thing."""
    faults = []
    for ident, version, *records, referrals, again in monitor.execute(STRUCTURE, [list(casefiles)]).fetchall():
        versions = list(range(1, version + 1))
        for kind, found in zip(("steps", "entries", "contents", "history"), records, strict=True):
            if found != versions:
                faults.append(f"{ident} is at version {version} and its {kind} are {found}")
        if referrals:
            faults.append(f"{ident} has {referrals} open referrals too many")
        if again:
            faults.append(f"{ident}: a key did its work {again + 1} times")
    return faults


# -- the contests ------------------------------------------------------------------------------------------------------


def posted(partner: Partner, path: str, body: Any, **more: Any) -> str:
    """What came of a POST: the status, and the code of a refusal or whether it was a replay."""
    answer = partner.post(path, body, **more)
    if answer.status_code >= 400:
        return f"{answer.status_code} {said(answer)['code']}"
    return f"{answer.status_code}{' replayed' if answer.get('Idempotency-Replayed') else ''}"


def _versions(run: Schedules, casefiles: Sequence[UUID]) -> list[int]:
    rows = run.register.monitor.execute(
        "SELECT id, version FROM casefiles_casefile WHERE id = ANY(%s)", [list(casefiles)]
    ).fetchall()
    known = dict(rows)
    return [known[one] for one in casefiles]


def _act(run: Schedules, agency: str, name: str, casefile: UUID, version: int, **changed: Any) -> Act:
    """That transition as a request of that agency, with the version it knows."""
    day = run.register.now.date()
    papers = {
        kind: factories.document(agency, kind, now=run.register.now) for kind in ("decision",)
        if name == "report-sanction"
    }  # fmt: skip
    body = plain(factories.given(name, day=day, document=lambda kind: papers[kind], **changed))
    partner = run.register.partner(agency)
    return lambda: posted(partner, f"/casefiles/{casefile}/{name}", body, version=version)


def merge_against_recommend(run: Schedules) -> Arranged:
    """The examiner merges one casefile into another while it recommends on that one."""
    first, second = run.stock.take("pairs")
    mine, theirs = _versions(run, (first, second))
    return Arranged(
        {
            "merge": (run.register.seat("one"), _act(run, BKN, "merge", first, mine, into=second)),
            "recommend": (run.register.seat("two"), _act(run, BKN, "recommend", second, theirs)),
        },
        (first, second),
    )


def two_merges(run: Schedules) -> Arranged:
    """Each of two casefiles is merged into the other."""
    first, second = run.stock.take("pairs")
    mine, theirs = _versions(run, (first, second))
    return Arranged(
        {
            "there": (run.register.seat("one"), _act(run, BKN, "merge", first, mine, into=second)),
            "back": (run.register.seat("two"), _act(run, BKN, "merge", second, theirs, into=first)),
        },
        (first, second),
    )


def transfer_against_report(run: Schedules) -> Arranged:
    """The examiner moves the officer to another agency while the old one reports a sanction."""
    (one,) = run.stock.take("awaiting")
    (version,) = _versions(run, (one,))
    return Arranged(
        {
            "transfer": (run.register.seat("one"), _act(run, BKN, "transfer", one, version)),
            "report": (run.register.seat("two"), _act(run, PEMKOT, "report-sanction", one, version)),
        },
        (one,),
    )


def twin_keys(run: Schedules) -> Arranged:
    """One intention sent twice at once, under one key: done once, and both are told the same bytes."""
    (one,) = run.stock.take("submitted")
    body = plain(factories.given("note", day=run.register.now.date(), text="Kembar."))
    partner, key = run.register.partner(PADANG), f"key-of-twins-number-{run.number}"
    answers: list[bytes] = []

    def send() -> str:
        answer = partner.post(f"/casefiles/{one}/note", body, version=1, key=key)
        if answer.status_code == 200:
            answers.append(answer.content)
        return "200" if answer.status_code == 200 else f"{answer.status_code} {said(answer)['code']}"

    def faults(ran: Ran) -> list[str]:
        return (
            []
            if len(answers) == 2 and len(set(answers)) == 1
            else [f"one key was answered {len(answers)} times, in {len(set(answers))} ways"]
        )

    return Arranged(
        {"first": (run.register.seat("one"), send), "twin": (run.register.seat("two"), send)}, (one,), faults=faults
    )


def recount_against_act(run: Schedules) -> Arranged:
    """A new calendar moves the deadline of the casefile that its examiner recommends on."""
    (one,) = run.stock.take("counted")
    (version,) = _versions(run, (one,))

    def recount() -> str:
        # `recount` as it is, on the batch of this casefile alone: all others wait for schedules of their own.
        with patched(recounting, "_batches", lambda newest, **_: iter([[one]])):
            recounting.recount(now=run.register.now)
        return "200"

    return Arranged(
        {
            "recount": (run.register.seat("clock"), recount),
            "recommend": (run.register.seat("two"), _act(run, BKN, "recommend", one, version)),
        },
        (one,),
    )


def tick_against_act(run: Schedules) -> Arranged:
    """The clock reaches levels of the ladder, one by one, while the late agency reports its sanction."""
    (one,) = run.stock.take("awaiting")
    (version,) = _versions(run, (one,))
    found = clock._Round._found

    def only_this(round_: Any, **asked: Any) -> list[Any]:
        return [row for row in found(round_, **asked) if row[0] == one]

    def tick() -> str:
        with patched(clock._Round, "_found", only_this):
            done = clock.tick(now=run.register.now)
        return "200" if not (done.busy or done.paused) else "409 busy"

    return Arranged(
        {
            "tick": (run.register.seat("clock"), tick),
            "report": (run.register.seat("two"), _act(run, PEMKOT, "report-sanction", one, version)),
        },
        (one,),
    )


def revoke_against_use(run: Schedules) -> Arranged:
    """The owner revokes a client's key while a token that was bought with it is used."""
    (one,) = run.stock.take("submitted")
    partner = run.register.keyed(PADANG, kid=f"s{run.number}")
    body = plain(factories.given("note", day=run.register.now.date()))

    def revoke() -> str:
        clients.revoke_key(client_id=f"{PADANG}-system", kid=partner.kid, now=run.register.now)
        return "200"

    def use() -> str:
        return posted(partner, f"/casefiles/{one}/note", body, version=1)

    def faults(ran: Ran) -> list[str]:
        version = _versions(run, (one,))[0]
        again = posted(partner, f"/casefiles/{one}/note", body, version=version)
        return [] if again == "401 token-invalid" else [f"after the key was revoked its token is told {again}"]

    return Arranged(
        {"revoke": (run.register.seat("owner"), revoke), "use": (run.register.seat("two"), use)}, (one,), faults=faults
    )


def sequencer_against_restart(run: Schedules) -> Arranged:
    """A sequencer dies between two of its statements, or lives on, while the one that shall follow it begins."""
    register = run.register
    for _ in range(3):
        factories.document(PADANG, "assessment", now=register.now)

    def rounds() -> str:
        connection.ensure_connection()
        for batch in (1, 2):
            sequenced(register.signer, batch=batch, sign=True)
        return "200"

    def faults(ran: Ran) -> list[str]:
        for seat in ("sequencer", "second"):
            register.sign_out(seat)
        register.drain()
        found = examine(register.monitor, keys=(register.signer.vkey,)) if run.number % 10 == 0 else None
        return [*(found.faults if found else ()), *run.grown_faults()]

    return Arranged(
        {
            "old": (register.seat("sequencer", "sequencer"), rounds),
            "new": (register.seat("second", "sequencer"), rounds),
        },
        deadly=("old", 0.08),
        faults=faults,
    )


STALE: Final = frozenset({"412 stale-version"})

CONTESTS: Final = (
    Contest("merge against recommend", merge_against_recommend, STALE),
    Contest("two merges into each other", two_merges, STALE),
    Contest("transfer against report-sanction", transfer_against_report, STALE | {"403 wrong-party"}),
    Contest("twin keys", twin_keys),
    Contest("recount against act", recount_against_act, STALE),
    Contest("tick against act", tick_against_act, STALE, leaves_out="escalate"),
    Contest("revoke against use", revoke_against_use, frozenset({"401 token-invalid"})),
    Contest("sequencer against restart", sequencer_against_restart, serial=False),
)
