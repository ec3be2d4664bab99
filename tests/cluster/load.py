"""Offices that write without giving up, and a record of what they were told and when."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import httpx

from demo.client import Answer, Client, Intention, Refused
from tests.cluster.register import Pooled
from tests.drills.test_crashes import Impatient, Stubborn, Told, Writers
from tests.factories import PADANG
from tests.journeys.paths import finding, subject
from tests.simulation.checkers import Told as Acknowledged


class Patient(Stubborn):
    """Gives an intention four minutes."""

    given_up_after_s = 240.0


@dataclass
class Recorded(Writers):
    """`Writers` that note when each answer came, and every status that the server gave, with its Retry-After."""

    moments: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Recorded:
        super().__enter__()
        return self

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client whose every answer is counted."""
        with httpx.Client(base_url=self.here.base_url, timeout=30, event_hooks={"response": [self._note]}) as session:
            with self.here.parties() as known:
                made = Patient(known[PADANG].identity, session)
            yield made
            self.outages += made.outages

    def _note(self, response: httpx.Response) -> None:
        later = " with Retry-After" if "retry-after" in response.headers else ""
        with self._gate:
            self.statuses[f"{response.status_code}{later}"] += 1

    def _tell(self, client: Client, told: Told, wanted: Intention, chance: random.Random) -> Answer:
        answer = super()._tell(client, told, wanted, chance)
        with self._gate:
            self.moments.append(time.monotonic())
        return answer

    def acknowledged_since(self, moment: float) -> int:
        """How many answers came after that moment (monotonic)."""
        with self._gate:
            return sum(1 for one in self.moments if one > moment)

    def longest_gap(self, since: float) -> float:
        """The longest time without an answer from that moment on, in seconds."""
        with self._gate:
            before = max((one for one in self.moments if one <= since), default=since)
            later = [before, *sorted(one for one in self.moments if one > since)]
        return max((b - a for a, b in pairwise(later)), default=0.0)

    def unbearable(self) -> dict[str, int]:
        """What a writer must never get: 5xx that is no 503, and a 503 that does not say when to come again."""
        return {
            status: count
            for status, count in self.statuses.items()
            if status.startswith("5") and status != "503 with Retry-After"
        }


class OneAfterTheOther:
    """One office that writes finding after finding, and gives up none: what it is refused is not counted."""

    def __init__(self, here: Pooled) -> None:
        self.here = here
        self.told: list[Acknowledged] = []
        self.faults: list[BaseException] = []
        self.checkpoint = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> OneAfterTheOther:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)

    def try_once(self) -> tuple[bool, str]:
        """Write one finding: whether it was accepted, and what was said."""
        with httpx.Client(base_url=self.here.base_url, timeout=20) as session, self.here.parties() as known:
            return self._one(Impatient(known[PADANG].identity, session))

    def _one(self, client: Client) -> tuple[bool, str]:
        try:
            intention = Intention("/findings", finding(client, subjects=[subject("Putra Rantau")]))
            answer = client.send(intention)
        except Refused as why:
            return False, f"{why.status} {why.code}"
        except httpx.HTTPError as why:
            return False, type(why).__name__
        name = self.here.clients[PADANG]["client_id"]
        self.told.append(Acknowledged(name, intention.key, answer.status, answer.content))
        return True, str(answer.status)

    def _write(self) -> None:
        try:
            with httpx.Client(base_url=self.here.base_url, timeout=20) as session, self.here.parties() as known:
                client = Impatient(known[PADANG].identity, session)
                while not self._over.is_set():
                    is_written, _ = self._one(client)
                    status, said = self.here.ask("/api/v1/log/checkpoint")
                    if status == 200:
                        self.checkpoint = str(said)
                    if not is_written:
                        time.sleep(0.2)
        except Exception as error:
            self.faults.append(error)
