"""A day of the sandbox: ten counterpart systems in four languages, moods that change, a server killed twice.

Afterwards feed, webhooks and receipts are held against the log: nothing missed, nothing doubled. It runs in `./run
drill` alone: `LINTAS_DAY_ACTS=5000 ./run drill -s tests/drills/test_a_day.py` prints its figures.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from audit.tlog.notes import VerifierKey
from tests.conftest import Copies
from tests.drills.conftest import LONG, wait_for
from tests.drills.day.bells import Bell, PhpBell
from tests.drills.day.counterparts import EXAMINING, RACED, Counterpart, Day
from tests.drills.day.systems import OfAProgram, OfTheLibrary, System
from tests.drills.service import Installation, children_of
from tests.drills.soundness import assert_sound
from tests.kit.languages.programs import program
from tests.world import World

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(not LONG, reason="a day of ten systems takes minutes: ./run drill"),
]

ACTS = int(os.environ.get("LINTAS_DAY_ACTS", "600"))
"""How many writes of the ten are to be accepted."""
EMPLOYERS = {"pemkot-padang": "php", "kemendagri": "node", "pemprov-sumatera-barat": "bash", "kemenpanrb": "python"}
OFFICES = {
    "bawaslu-kota-padang": "php",
    "bawaslu-kab-kotawaringin-timur": "node",
    "bawaslu-kab-agam": "bash",
    "bawaslu-sumatera-barat": "python",
    "bawaslu-ri": "python",
}
EXAMINER = {EXAMINING: "python"}
SYSTEMS = {**OFFICES, **EXAMINER, **EMPLOYERS}
MOODS = (
    (0.15, "addressee", "prompt"),
    (0.3, "examiner", "prompt"),
    (0.45, "addressee", "disputes"),
    (0.6, "examiner", "silent"),
    (0.7, "addressee", "late"),
    (0.85, "addressee", "silent"),
)
"""From that part of the day on a party acts by itself, or no longer; beside the system of the same agency."""
KILLS = ((1 / 3, ("web",)), (2 / 3, ("web", "sequencer", "courier")))
ROUND_EVERY_S = 2.0
STEP = "PT6H"


@dataclass
class Register(Installation):
    """A sandbox that can be moved, whose courier rings on loopback."""

    def environment(self, role: str, **more: str) -> dict[str, str]:
        """As a sandbox of a developer's has it, with a courier that is not patient."""
        own = {"LINTAS_SANDBOX_CONTROL": "1", "LINTAS_WEBHOOKS_TO_LOOPBACK": "1"}
        return super().environment(role, LINTAS_WEBHOOK_SCHEDULE="0,0.5,1,2,4,8,16,30,30,30", **own, **more)

    def start_courier(self) -> None:
        """`manage.py deliver`, as deploy/systemd/lintas-courier.service runs it."""
        self._keep("courier", [sys.executable, "manage.py", "deliver"], self.environment("courier"))

    def kill(self, *names: str) -> None:
        """kill -9 of all of them with their workers, at once; they are started again as systemd would."""
        for pid in [pid for name in names for pid in (self.running[name].pid, *children_of(self.running[name].pid))]:
            os.kill(pid, signal.SIGKILL)


@dataclass
class Weather:
    """What happens around them: time passes, moods change, the server dies."""

    here: Register
    day: Day
    answered: int = 0
    rounds: int = 0
    lost: int = 0
    told: list[str] = field(default_factory=list)

    def blow(self) -> None:
        """Until the day is over."""
        moods, kills = list(MOODS), list(KILLS)
        while not self.day.over.wait(ROUND_EVERY_S):
            part = self.day.done / self.day.wanted
            if moods and part >= moods[0][0]:  # one for each round, so that each is seen
                _, role, mood = moods.pop(0)
                self._control(f"partners/{role}", {"mood": mood})
                self.told.append(f"{role} {mood} at {self.day.done}")
            if kills and part >= kills[0][0]:
                _, names = kills.pop(0)
                self.here.kill(*names)
                self.told.append(f"kill -9 {'+'.join(names)} at {self.day.done}")
            self._round()
            if part >= 1 and not moods and not kills:
                self.day.over.set()

    def _round(self) -> None:
        """A quarter of a day passes; the automatic counterparts act at its end."""
        if done := self._control("clock", {"advance": STEP}, attempts=1):
            self.rounds += done["rounds"]
            self.answered += done["answered"]
        else:
            self.lost += 1
        if known := self._control("clock", None):
            # Never set back, and a minute short of the register's own, so that no day is told that has not begun there.
            now, real = (datetime.fromisoformat(known[name]) for name in ("now", "real_now"))
            self.day.ahead = max(self.day.ahead, now - real - timedelta(minutes=1))

    def _control(self, path: str, body: Mapping[str, Any] | None, *, attempts: int = 30) -> Any:
        """One of the sandbox's own calls; None where nobody answered. Setting a mood twice is setting it once."""
        for _ in range(attempts):
            try:
                url = f"{self.here.base_url}/api/v1/sandbox/{path}"
                answer = httpx.get(url, timeout=60) if body is None else httpx.post(url, json=body, timeout=60)
                if answer.status_code == 200:
                    return answer.json()
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        return None


@contextmanager
def register(copies: Copies, world: World, folder: Path) -> Iterator[tuple[Register, VerifierKey]]:
    """The sandbox with all its processes, and the log's key."""
    name = copies.make(world.template)
    try:
        with Register(roles=copies.roles.on(name), folder=folder, clients=world.clients) as here:
            key = here.open_log()
            here.start_sequencer()
            here.start_web()
            here.start_courier()
            here.tick()
            here.wait_until_ready()
            yield here, key
    finally:
        copies.drop(name)


@contextmanager
def counterparts(here: Register, world: World, day: Day, folder: Path, compiled: Path) -> Iterator[list[Counterpart]]:
    """The ten systems, each with a webhook that is told of everything from the beginning."""
    with ExitStack() as stack:
        made = []
        for agency, language in SYSTEMS.items():
            system, bell = _system(here, world.clients[agency], language, folder / agency, compiled)
            stack.callback(bell.close)
            stack.callback(system.close)
            told = system.send("/webhooks", {"url": bell.url, "after": -1}).data
            bell.answer_with(told["secret"])
            own = tuple(EMPLOYERS) if agency in OFFICES else ()
            made.append(Counterpart(agency, language, system, bell, day, employers=own))
        yield made


def _system(
    here: Register, listed: Mapping[str, Any], language: str, folder: Path, compiled: Path
) -> tuple[System, Bell | PhpBell]:
    if language == "python":
        folder.mkdir(parents=True)
        return OfTheLibrary(listed, here.base_url, folder), Bell(folder, here.base_url)
    folder.parent.mkdir(exist_ok=True)
    own = program(language, compiled).belonging_to(listed, folder, LINTAS_BASE=here.base_url)
    bell = PhpBell(own) if language == "php" else Bell(folder, here.base_url, own)
    return OfAProgram(own), bell


def _lived(who: Counterpart, faults: list[BaseException]) -> None:
    try:
        who.live()
    except BaseException as why:
        faults.append(why)
        who.day.over.set()
    finally:
        who.system.close()


def _all_day(everyone: Sequence[Counterpart], weather: Weather) -> float:
    """Let them work until the day is over; the seconds that it took."""
    faults: list[BaseException] = []
    threads = [threading.Thread(target=_lived, args=(one, faults)) for one in everyone]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    try:
        weather.blow()
    finally:
        weather.day.over.set()
        for thread in threads:
            thread.join(400)
    if faults:
        raise faults[0]
    return time.monotonic() - began


# -- held against the log ----------------------------------------------------------------------------------------------

# A casefile's first version says again what the finding said.
_STORED = """
SELECT register_number FROM casefiles_finding WHERE register_number LIKE 'MARK-%'
UNION ALL SELECT substring(given::text FROM 'MARK-[a-z-]+-[0-9]+') FROM casefiles_payload
WHERE given::text LIKE '%MARK-%' AND (document_id IS NOT NULL OR casefile_id IS NOT NULL AND seq > 1)
"""
_FEED = """
SELECT s.index, e.uuid::text FROM audit_sighting s JOIN agencies_agency a ON a.id = s.agency
JOIN audit_leaf l ON l.index = s.index JOIN audit_entry e ON e.id = l.entry_id
WHERE a.code = %s ORDER BY s.index
"""


def _told_by_the_log(owner: psycopg.Connection, agency: str) -> list[tuple[int, str]]:
    return [(index, ident) for index, ident in owner.execute(_FEED, [agency]).fetchall()]


def _as_told(events: Sequence[Any]) -> list[tuple[int, str]]:
    return [(one["logindex"], one["id"]) for one in events]


def _written_once(owner: psycopg.Connection, everyone: Sequence[Counterpart]) -> None:
    """What was accepted is there once, what was refused is not there; every receipt's leaf is in the tree."""
    stored = Counter(row[0] for row in owner.execute(_STORED).fetchall())
    assert stored == Counter(mark for one in everyone for mark in one.accepted)
    leaves = {bytes(row[0]).hex() for row in owner.execute("SELECT leaf_hash FROM audit_leaf").fetchall()}
    for one in everyone:
        assert one.system.open_intentions() == 0
        assert [kept["entry"] for kept in one.system.receipts() if kept["leaf_hash"] not in leaves] == []


def test_a_day_misses_nothing_and_doubles_nothing(
    copies: Copies, world: World, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    day = Day(wanted=ACTS)
    with (
        register(copies, world, tmp_path / "here") as (here, key),
        counterparts(here, world, day, tmp_path / "partners", tmp_path_factory.getbasetemp()) as everyone,
    ):
        weather = Weather(here, day)
        took = _all_day(everyone, weather)
        print(f"\n{day.done} writes in {took:.0f} s: {dict(day.accepted)}; {', '.join(weather.told)}")
        here.wait_until_signed()
        for one in everyone:
            one.ends()
        with here.owner() as owner:
            log = {one.agency: _told_by_the_log(owner, one.agency) for one in everyone}
            rang = wait_for(
                lambda: all(len(one.bell.events) >= len(log[one.agency]) for one in everyone),
                "webhook of every event", seconds=300 + 2 * took,
            )  # fmt: skip
            _tell(weather, everyone, rang)
            for one in everyone:
                assert _as_told(one.events) == log[one.agency], one.agency
                assert _as_told(one.bell.events) == log[one.agency], one.agency
            _written_once(owner, everyone)
            assert_sound(owner, keys=[key], drained=True)
        codes = sum((one.codes for one in everyone), Counter[str]())
        assert {code.rpartition(" ")[2] for code in codes} <= RACED
        assert sum(one.system.outages for one in everyone), "nobody noticed that the server died"
        assert weather.answered, "no automatic counterpart acted"


def _tell(weather: Weather, everyone: Sequence[Counterpart], rang: float) -> None:
    codes = sum((one.codes for one in everyone), Counter[str]())
    rung, forged = (sum(getattr(one.bell, name) for one in everyone) for name in ("rung", "refused"))
    outages, read = sum(one.system.outages for one in everyone), sum(len(one.events) for one in everyone)
    heard = sum(len(one.bell.events) for one in everyone)
    print(
        f"{weather.rounds} rounds ({weather.lost} unanswered), {weather.answered} steps of automatic counterparts; "
        f"{outages} outages; refused: {dict(codes)}\nfeeds: {read} events; webhooks: {heard} events of {rung} "
        f"messages, {forged} not genuine; the last rang after {rang:.0f} s"
    )
