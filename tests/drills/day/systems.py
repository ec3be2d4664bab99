"""A partner's system on the kit's client of its language: reads, writes until there is an answer, follows, is rung.

A one-file client is started as a partner's cron would start it, once for each call; Python's is the library.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lintas_client import Client, Identity, Patience, Problem, SigningKey, Store, Unanswered
from lintas_client.feed import Place
from tests.kit.languages.programs import DONE, NO_ANSWER, REFUSED, Program, Said

GIVEN_UP_AFTER_S = 300.0


@dataclass(frozen=True)
class Outcome:
    """How a write ended: the whole answer where it was accepted, else the problem's code."""

    data: Any = None
    refused: str = ""


class System(Protocol):
    """What a counterpart needs of its client, in whichever language that is. One thread uses it."""

    outages: int

    def get(self, path: str) -> Any:
        """The JSON of a path below /api/v1."""

    def send(self, path: str, body: Mapping[str, Any]) -> Outcome:
        """POST something that is created."""

    def act(self, casefile: str, transition: str, body: Mapping[str, Any]) -> Outcome:
        """Perform a transition on the version that is read before."""

    def follow(self) -> list[Any]:
        """The events that are new in the feed."""

    def receipts(self) -> list[Any]:
        """Every receipt that it keeps."""

    def open_intentions(self) -> int:
        """How many intentions wait for an answer."""

    def close(self) -> None:
        """This thread does not use it any more."""


@dataclass
class OfAProgram:
    """The client of one file."""

    program: Program
    outages: int = 0
    _bodies: int = 0

    def get(self, path: str) -> Any:
        """The JSON of a path. Raises AssertionError where it is refused."""
        until = time.monotonic() + GIVEN_UP_AFTER_S
        while (said := self.program.run("get", path)).code == NO_ANSWER:
            self.outages += 1
            assert time.monotonic() < until, said.err
        assert said.code == DONE, (path, said.code, said.err)
        return said.data

    def send(self, path: str, body: Mapping[str, Any]) -> Outcome:
        """POST something that is created."""
        return self._until_answered("send", path, self._file(body))

    def act(self, casefile: str, transition: str, body: Mapping[str, Any]) -> Outcome:
        """Perform a transition on the version that the client reads."""
        return self._until_answered("act", casefile, transition, self._file(body))

    def _file(self, body: Mapping[str, Any]) -> Path:
        return self.program.file("body.json", body)

    def _until_answered(self, *given: str | Path) -> Outcome:
        """After exit code 4 the same command again, as kit/README.md says: it goes on with what lies there."""
        until = time.monotonic() + GIVEN_UP_AFTER_S
        while (said := self.program.run(*given)).code == NO_ANSWER:
            self.outages += 1
            assert time.monotonic() < until, said.err
        return _outcome(said)

    def follow(self) -> list[Any]:
        """The events that are new in the feed; the client keeps the place."""
        said = self.program.run("follow")
        if said.code == NO_ANSWER:
            self.outages += 1
        assert said.code in {DONE, NO_ANSWER}, said.err
        return said.lines

    def receipts(self) -> list[Any]:
        """Every receipt that it keeps, each held against its signature where it is one of the first three."""
        files = sorted((self.program.state / "receipts").iterdir())
        for file in files[:3]:
            self.program.done("receipt", file)
        return [json.loads(file.read_text(encoding="utf-8")) for file in files]

    def open_intentions(self) -> int:
        """How many intentions wait for an answer."""
        return len(self.program.pending())

    def close(self) -> None:
        """Nothing is open between two calls."""


def _outcome(said: Said) -> Outcome:
    if said.code == REFUSED:
        # After lines about attempts that were not answered.
        (refused,) = re.findall(r"^[45]\d\d ([a-z-]+): ", said.err, re.MULTILINE)
        return Outcome(refused=refused)
    assert said.code == DONE, (said.code, said.err)
    return Outcome(data=said.data)


@dataclass
class OfTheLibrary:
    """lintas-client, in this process."""

    listed: Mapping[str, Any]
    base_url: str
    folder: Path
    outages: int = 0
    _opened: dict[int, Client] = field(default_factory=dict)
    _place: Place = field(default_factory=Place)

    @property
    def _client(self) -> Client:
        # One for each thread, as the library has it, on the same store.
        if (thread := threading.get_ident()) not in self._opened:
            key = SigningKey.read(self.listed["private_jwk"])
            identity = Identity(base_url=self.base_url, client_id=self.listed["client_id"], key=key)
            store = Store(self.folder / "store.sqlite")
            self._opened[thread] = Client(identity, store, patience=Patience(seconds=20))
        return self._opened[thread]

    def get(self, path: str) -> Any:
        """The JSON of a path. Raises `Problem` where it is refused."""
        until = time.monotonic() + GIVEN_UP_AFTER_S
        while True:
            try:
                return self._client.get(path).data
            except Unanswered:
                self.outages += 1
                assert time.monotonic() < until

    def send(self, path: str, body: Mapping[str, Any]) -> Outcome:
        """POST something that is created."""
        return self._until_answered(path, body, None)

    def act(self, casefile: str, transition: str, body: Mapping[str, Any]) -> Outcome:
        """Perform a transition on the version that is read before."""
        version = self.get(f"/casefiles/{casefile}")["version"]
        return self._until_answered(f"/casefiles/{casefile}/{transition}", body, f'"{version}"')

    def _until_answered(self, path: str, body: Mapping[str, Any], if_match: str | None) -> Outcome:
        until = time.monotonic() + GIVEN_UP_AFTER_S
        content = json.dumps(body).encode()
        intention = self._client.outbox.intend("POST", path, content, if_match=if_match)
        while True:
            try:
                accepted = self._client.send(intention)
            except Unanswered:
                self.outages += 1
            except Problem as why:
                if not why.passes:
                    return Outcome(refused=why.code)
                self.outages += 1
            else:
                return Outcome(data=accepted.data)
            assert time.monotonic() < until
            intention = self._client.outbox.find(intention.key)

    def follow(self) -> list[Any]:
        """The events that are new in the feed."""
        came: list[Any] = []
        try:
            for event, place in self._client.feed.events(self._place):
                came.append(event)
                self._place = place
        except Unanswered:
            self.outages += 1
        return came

    def receipts(self) -> list[Any]:
        """Every receipt that it keeps."""
        rows = self._client.store.db.execute("SELECT receipt FROM receipt").fetchall()
        return [json.loads(row[0]) for row in rows]

    def open_intentions(self) -> int:
        """How many intentions wait for an answer."""
        return len(self._client.outbox.pending())

    def close(self) -> None:
        """Let this thread's connections and files go; each thread does so for its own."""
        if client := self._opened.pop(threading.get_ident(), None):
            client.close()
