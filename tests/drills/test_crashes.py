"""Workers die, PostgreSQL dies, the disk is full, the sequencer stops, the clock jumps: what was acknowledged stays.

Real processes on a PostgreSQL of the drill's own; clients behave as the integration guide tells them to: one key for
one intention, sent again until there is an answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Self

import httpx
import psycopg
import pytest
import time_machine
from django.core.management import call_command
from django.test import Client as Browser

from audit.tlog.notes import VerifierKey
from casefiles.flow import State
from demo.client import PASSING, Answer, Client, Intention, Refused
from tests.audit.verify.logs import at_its_word
from tests.conftest import Copies
from tests.drills.conftest import LONG, Ground, wait_for
from tests.drills.service import Installation, Machine, dump, machine, restore, verify
from tests.drills.soundness import assert_sound
from tests.factories import PADANG, Story, casefile_at, recorded_at_once
from tests.journeys.paths import finding, subject
from tests.partner import Partner, said
from tests.simulation.checkers import Told as Acknowledged
from tests.simulation.checkers import check_all
from tests.world import World

pytestmark = pytest.mark.drill

WRITERS = 8
KILLS = 10 if LONG else 2
DATABASE_CRASHES = 4 if LONG else 1
BETWEEN_S = 6.5 if LONG else 2.0
REPLAYED = 10_000 if LONG else 120
DISK_MB = 200


# -- the ground --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seeded(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's world as a backup, to be restored wherever a drill wants it."""
    return dump(copies.roles.on(world.template).owner, tmp_path_factory.mktemp("seeded") / "world.dump")


@contextmanager
def register_on(
    server: Machine, *, seeded: Path, world: World, folder: Path
) -> Iterator[tuple[Installation, VerifierKey]]:
    """A register with a log on that server, web and sequencer running; and its log key."""
    restore(server.roles.owner, seeded)
    with Installation(roles=server.roles, folder=folder, clients=world.clients) as here:
        here.manage("grant_roles")
        key = here.open_log()
        here.start_sequencer()
        here.start_web()
        here.tick()
        here.wait_until_ready()
        yield here, key


# -- clients that do not give up ---------------------------------------------------------------------------------------


class Stubborn(Client):
    """Sends an intention again, under its key, until there is an answer that is one."""

    outages = 0
    given_up_after_s = 60.0

    def send(self, intention: Intention) -> Answer:
        """The answer that the intention got in the end. Raises `Refused` only for what is no outage."""
        until = time.monotonic() + self.given_up_after_s
        while True:
            try:
                return super().send(intention)
            except httpx.HTTPError:
                pass
            except Refused as refused:
                if refused.code not in PASSING:
                    raise
            assert time.monotonic() < until, "no answer in a minute"
            self.outages += 1
            time.sleep(0.1)

    def _worth_another(self, refused: Refused) -> bool:
        # `Retry-After: 10` is for the world; a drill that waits ten seconds sees nothing of the outage.
        return refused.code not in PASSING and super()._worth_another(refused)


@dataclass
class Told:
    """What one writer wanted and what it was told: intention and first answer."""

    answers: list[tuple[Intention, Answer]] = field(default_factory=list)
    replays: int = 0


@dataclass
class Writers:
    """Offices that submit findings and add notes to them, each at once with the others, until the block ends."""

    here: Installation
    number: int = WRITERS
    told: list[Told] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    outages: int = 0

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self.told = [Told() for _ in range(self.number)]
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(self.number)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(90)
        assert self.faults == []

    @property
    def acknowledged(self) -> list[tuple[Intention, Answer]]:
        """All that was answered with 2xx."""
        return [pair for one in self.told for pair in one.answers]

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client of the submitting office, with a connection of its own."""
        with httpx.Client(base_url=self.here.base_url, timeout=20) as session:
            with self.here.parties() as known:
                made = Stubborn(known[PADANG].identity, session)
            yield made
            self.outages += made.outages

    def _write(self, number: int) -> None:
        chance, told = random.Random(number), self.told[number]
        try:
            with self.client() as client:
                while not self._over.is_set():
                    self._one_story(client, told, chance)
        except Exception as error:
            self.faults.append(error)

    def _one_story(self, client: Client, told: Told, chance: random.Random) -> None:
        body = finding(client, subjects=[subject("Putra Rantau")])
        made = self._tell(client, told, Intention("/findings", body), chance)
        casefile = made.data["casefiles"][0]["id"]
        for version in range(1, chance.randint(2, 6)):
            given = {
                "code": "withdrawal_requested",
                "date": "2024-10-10",
                "occurred_at": f"2024-10-{9 + version:02d}T10:00:00+07:00",
            }
            given["text"] = f"{casefile} {version}"
            self._tell(client, told, Intention(f"/casefiles/{casefile}/note", given, f'"{version}"'), chance)
            if self._over.is_set():
                return

    def _tell(self, client: Client, told: Told, wanted: Intention, chance: random.Random) -> Answer:
        answer = client.send(wanted)
        told.answers.append((wanted, answer))
        if chance.random() < 0.2:
            again = client.send(wanted)
            assert again.replayed
            assert again.content == answer.content
            told.replays += 1
        return answer


def assert_nothing_acknowledged_is_lost(here: Installation, writers: Writers) -> None:
    """Acknowledged is stored, once; a transition has one entry and one leaf; a key that is sent again does nothing."""
    said = writers.acknowledged
    client = here.clients[PADANG]["client_id"]
    told = [Acknowledged(client, wanted.key, answer.status, answer.content) for wanted, answer in said]
    assert sum(len(one.receipts) for one in told) == len(said)
    with here.owner() as owner:
        assert check_all(owner, told=told, drained=True) == []
        assert_each_is_there_once(owner, [wanted for wanted, _ in said])
        before = owner.execute("SELECT count(*) FROM audit_entry").fetchone()
        with writers.client() as client_again:
            for wanted, answer in random.Random(0).sample(said, min(len(said), REPLAYED)):
                again = client_again.send(wanted)
                assert (again.replayed, again.status, again.content) == (True, answer.status, answer.content)
        assert owner.execute("SELECT count(*) FROM audit_entry").fetchone() == before


def assert_each_is_there_once(owner: psycopg.Connection, wanted: Sequence[Intention]) -> None:
    """One finding, one note for every intention, and no other."""
    asked = Counter(
        str(one.body["register_number"]) if one.path == "/findings" else str(one.body["text"]) for one in wanted
    )
    stored = Counter(
        said
        for (said,) in owner.execute(
            "SELECT register_number FROM casefiles_finding UNION ALL "
            "SELECT given ->> 'text' FROM casefiles_payload WHERE given ->> 'code' = 'withdrawal_requested'"
        )
    )
    assert stored == asked


# -- the drills --------------------------------------------------------------------------------------------------------


def test_workers_killed_and_postgresql_crashed_under_load(seeded: Path, world: World, tmp_path: Path) -> None:
    """`kill -9` of web workers, one and all, and an immediate restart of the database, while eight offices write."""
    chance = random.Random(1)
    with (
        machine(tmp_path / "machine") as server,
        register_on(server, seeded=seeded, world=world, folder=tmp_path / "here") as (here, key),
    ):
        with Writers(here) as writers:
            for step in range(max(KILLS, DATABASE_CRASHES)):
                wait_for(lambda: len(here.workers()) >= 2, "two workers")
                if step < KILLS:
                    time.sleep(BETWEEN_S / 2)
                    victims = here.workers() if step % 2 else [chance.choice(here.workers())]
                    for victim in victims:
                        os.kill(victim, signal.SIGKILL)
                if step < DATABASE_CRASHES:
                    time.sleep(BETWEEN_S / 2)
                    server.crash()
                    server.start()
            here.wait_until_ready()
            # However slow the machine is, enough is written for something to be lost.
            wait_for(lambda: len(writers.acknowledged) > 50, "fifty acknowledged writes")
            time.sleep(BETWEEN_S / 2)
        here.wait_until_ready()
        here.wait_until_signed()

        assert writers.outages, "nobody noticed that anything died"
        assert sum(one.replays for one in writers.told)
        assert_nothing_acknowledged_is_lost(here, writers)
        with here.owner() as owner:
            assert_sound(owner, keys=[key], drained=True)
        assert here.verify(key).exit == 0


def test_a_full_disk_is_said_plainly_and_loses_nothing(seeded: Path, world: World, tmp_path: Path) -> None:
    """Writes get 503 `temporarily-unavailable`, reads go on or say the same; with room again everything goes on."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(machine(tmp_path / "machine", disk_mb=DISK_MB))
        except PermissionError as why:
            pytest.skip(f"a small disk is needed: {why}")
        here, key = stack.enter_context(register_on(server, seeded=seeded, world=world, folder=tmp_path / "here"))
        with Writers(here, number=2) as writers:
            wait_for(lambda: len(writers.acknowledged) > 20, "accepted writes")

        refused = _write_on_a_full_disk(server, here, writers)

        assert {(why.status, why.code) for _, why in refused} == {(503, "temporarily-unavailable")}
        with writers.client() as client:
            # The same intentions under the same keys: what was refused had not been done by half.
            writers.told.append(Told([(wanted, client.send(wanted)) for wanted, _ in refused]))
            assert not any(answer.replayed for _, answer in writers.told[-1].answers)
        here.wait_until_ready()
        here.wait_until_signed()
        assert_nothing_acknowledged_is_lost(here, writers)
        assert here.verify(key).exit == 0


class Impatient(Client):
    """Says at once what it was refused."""

    def _worth_another(self, refused: Refused) -> bool:
        return False


def _write_on_a_full_disk(server: Machine, here: Installation, to: Writers) -> list[tuple[Intention, Refused]]:
    """Fill the disk, write until PostgreSQL cannot, look at what is said, make room; returns what was refused."""
    told, refused = Told(), list[tuple[Intention, Refused]]()
    filler = server.cluster.home / "filler"
    with here.parties() as known:
        client = Impatient(known[PADANG].identity, known[PADANG]._http)
        body = finding(client, subjects=[subject("Putra Rantau")])
        seen = client.get("/casefiles").data["data"][0]["id"]
        _fill(filler)
        while len(refused) < 3:
            assert len(told.answers) < 2000, "the disk is full and everything is accepted"
            wanted = Intention(
                "/findings", body | {"register_number": f"a full disk {len(told.answers)} {len(refused)}"}
            )
            try:
                told.answers.append((wanted, client.send(wanted)))
            except Refused as why:
                refused.append((wanted, why))
        assert here.ask("/readyz")[0] in {200, 503}
        assert _read(client, seen) in {seen, "temporarily-unavailable"}
    to.told.append(told)
    filler.unlink()
    if not server.cluster.answers():
        server.start()
    return refused


def _read(client: Client, casefile: str) -> str:
    """The casefile's id where it can be read, else the code of the refusal."""
    try:
        return str(client.casefile(casefile)["id"])
    except Refused as why:
        return why.code


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while out.write(b"\0" * size) == size:
                    pass


# -- the sequencer stands still, the clock jumps -----------------------------------------------------------------------


def note(told: Story, **more: str) -> Any:
    """The submitter's note on the casefile as it stands, over the door: the answer."""
    given = {"code": "withdrawal_requested", "date": "2024-10-10", **more}
    return Partner(PADANG).post(f"/casefiles/{told.casefile}/note", given, version=told.row.version)


def readiness() -> tuple[int, str, list[str]]:
    """What /readyz answers: its status, what it says of writes, its alarms."""
    answer = Browser().get("/readyz")
    told = json.loads(answer.content)
    alarms = [alarm for alarm in told["alarms"] if not alarm.startswith("no witness is asked")]
    return answer.status_code, told["checks"]["writes"], alarms


def age_the_pulse(ground: Ground, *, minutes: float) -> None:
    """Let the sequencer have been silent for that long."""
    ground.owner.execute("UPDATE audit_logstatus SET beat_at = clock_timestamp() - %s", [timedelta(minutes=minutes)])


def test_a_stopped_sequencer_is_complained_of_and_loses_nothing(world: World, ground: Ground) -> None:
    """Writes are accepted meanwhile, for a quarter of an hour; once it runs again, everything gets its leaf."""
    running = ground.sequence()
    wait_for(ground.drained, "empty queue")
    call_command("tick", stdout=StringIO())
    told = casefile_at(State.UNDER_EXAMINATION)
    wait_for(ground.drained, "empty queue")
    assert readiness() == (200, "ok", [])
    running.stop()

    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=70), tick=True):
        early = note(told)
    assert early.status_code == 200
    code, writes, alarms = readiness()
    assert (code, writes) == (200, "ok")
    assert [alarm for alarm in alarms if alarm.startswith("1 entries wait for the tree")] == alarms[:1] != []
    late = note(told)
    assert late.status_code == 200

    age_the_pulse(ground, minutes=14)
    assert readiness()[:2] == (200, "ok")
    age_the_pulse(ground, minutes=16)
    code, writes, _ = readiness()
    assert (code, writes.startswith("paused, the log is silent: ")) == (503, True)
    paused = note(told)
    assert (paused.status_code, said(paused)["code"]) == (503, "writes-paused")
    assert paused.headers["Retry-After"]
    assert Partner(PADANG).get(f"/casefiles/{told.casefile}").status_code == 200

    ground.sequence()
    wait_for(ground.drained, "empty queue")
    wait_for(lambda: readiness() == (200, "ok", []), "readiness")
    leaves = {bytes(leaf).hex() for (leaf,) in ground.owner.execute("SELECT leaf_hash FROM audit_leaf")}
    assert {said(answer)["receipt"]["leaf_hash"] for answer in (early, late)} <= leaves
    assert note(told).status_code == 200
    wait_for(ground.drained, "empty queue")
    assert_sound(ground.owner, keys=[ground.key], drained=True)
    assert verify("db", ground.roles.reader, *at_its_word(ground.key)).exit == 0


@pytest.fixture(autouse=True)
def _recorded_at_once() -> Iterator[None]:
    with recorded_at_once():
        yield


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_leaves_the_log_whole_and_is_told(world: World, ground: Ground, hours: int) -> None:
    """The web's clock is an hour wrong for a while: steps are accepted, none happens before the one that it follows."""
    ground.sequence()
    # Two hours after the keys were registered: no token is good before its key was.
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2), tick=True):
        told = casefile_at(State.UNDER_EXAMINATION)
        assert note(told).status_code == 200
        right = datetime.now(UTC)
        with time_machine.travel(right + timedelta(hours=hours), tick=True):
            stated = note(told, occurred_at=right.isoformat())
            # By the clock that is behind, that has not happened yet.
            expected = (422, ["#/occurred_at"]) if hours < 0 else (200, [])
            assert (stated.status_code, [one["pointer"] for one in said(stated).get("errors", ())]) == expected
            assert note(told).status_code == 200
            assert note(told).status_code == 200
            other = casefile_at(State.SUBMITTED)
            assert note(other).status_code == 200
        assert note(told).status_code == 200
        assert note(other).status_code == 200
    wait_for(ground.drained, "empty queue")

    moments = ground.owner.execute(
        "SELECT occurred_at, recorded_at FROM casefiles_transition WHERE casefile_id = %s ORDER BY seq", [told.casefile]
    ).fetchall()
    assert [happened for happened, _ in moments] == sorted(happened for happened, _ in moments)
    assert all(recorded >= happened for happened, recorded in moments)
    assert readiness()[0] == 200
    assert_sound(ground.owner, keys=[ground.key], drained=True)
    # Its times are not: whoever verifies is told which entries bear them.
    told_of = verify("db", ground.roles.reader, *at_its_word(ground.key)).codes
    assert told_of & {"time-backwards", "time-ahead"}
    assert told_of <= {"time-backwards", "time-ahead"}
