"""A process that writes with the client and dies at a line of its write path; and one that comes after it.

    python -m tests.kit.client.dying   < {"base_url", "client_id", "jwk", "casefile", "store", "every", "from"}

It imports the client alone, so that a fork of it is cheap and clean. For each line that the client runs from the call
to its return, a child performs a note and ends there without any farewell. Its successor opens the same store, sends
what is pending, and does the same again under the same reference, as a program does that was started anew. What came
of it is printed, a line of JSON for each.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import httpx

import lintas_client
from lintas_client import Client, Identity, SigningKey, Store

PACKAGE: Final = str(Path(lintas_client.__file__).parent) + os.sep
DIED: Final = 77

Place = tuple[str, int]


class DyingTransport(httpx.HTTPTransport):
    """Dies on the line: `before` anything was sent, or `after` the register has done it and answered."""

    def __init__(self, when: str) -> None:
        super().__init__()
        self.when = when

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or not request.url.path.endswith("/note"):
            return super().handle_request(request)
        if self.when == "before":
            os._exit(DIED)
        super().handle_request(request).read()
        os._exit(DIED)


def main() -> None:
    """Die at every line (or every so many, from one of the first on), and at two moments on the wire."""
    given = json.load(sys.stdin)
    note = Notes(given)
    lines = note.lines("dry run")
    for number, place in list(enumerate(lines))[given["from"] :: given["every"]]:
        note.dies_and_comes_back(f"line {number}", f"{place[0]}:{place[1]}", at=place)
    for when in ("before", "after"):
        note.dies_and_comes_back(f"line {when}", when, transport=DyingTransport(when))


class Notes:
    """Performs notes on one casefile, each with a text of its own."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.casefile, self.store = str(given["casefile"]), Path(given["store"])
        key = SigningKey.read(given["jwk"])
        self.identity = Identity(base_url=given["base_url"], client_id=given["client_id"], key=key, signs=True)

    def opened(self, transport: httpx.BaseTransport | None = None) -> Client:
        http = httpx.Client(transport=transport or httpx.HTTPTransport(), timeout=60)
        return Client(self.identity, Store(self.store), http=http)

    def write(self, client: Client, text: str) -> None:
        client.act(self.casefile, "note", {"code": "other", "date": "2024-10-10", "text": text}, reference=text)

    def lines(self, text: str) -> list[Place]:
        """The lines of the client that a write runs through, in the order in which they are reached first."""
        seen: dict[Place, None] = {}
        client = self.opened()
        self.write(client, "warm")  # buys the token and reads the version
        with tracing(seen.setdefault):
            self.write(client, text)
        client.close()
        return list(seen)

    def dies_and_comes_back(
        self, text: str, where: str, *, at: Place | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        child = os.fork()
        if not child:
            client = self.opened(transport)
            with tracing(lambda place: os._exit(DIED) if place == at else None):
                self.write(client, text)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        client = self.opened()
        pending = [intention.reference for intention in client.outbox.pending()]
        resumed = client.resume()
        self.write(client, text)
        left = len(client.outbox.pending()) + len(client.outbox.refused())
        client.close()
        accepted = [done.accepted is not None for done in resumed]
        replayed = any(done.accepted and done.accepted.replayed for done in resumed)
        told = {"text": text, "where": where, "code": code, "pending": pending, "accepted": accepted, "left": left}
        print(json.dumps({**told, "replayed": replayed}), flush=True)


class tracing:  # noqa: N801 - used as a statement
    """Calls `reached` with file and line for each line of the client that this thread runs."""

    def __init__(self, reached: Callable[[Place], object]) -> None:
        self._reached = reached

    def __enter__(self) -> None:
        sys.settrace(self._entered)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _entered(self, frame: FrameType, event: str, _: Any) -> Any:
        return self._line if frame.f_code.co_filename.startswith(PACKAGE) else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self._reached((frame.f_code.co_filename.removeprefix(PACKAGE), frame.f_lineno))
        return self._line


if __name__ == "__main__":
    main()
