"""The feed: items a second over pages of 500, against the same JSON straight from SQL; how soon an event arrives."""

from __future__ import annotations

import json
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from benchmarks.load import Connection, Driver, Generators, Key
from benchmarks.log.table import Figure, ratio
from benchmarks.spread import PATHS
from casefiles.sight import feed
from config.roles import Roles

LIMIT = 500
ITEMS = 100_000
"""So many of the newest items are read, over and over."""
HTTP, SAME, SIMPLE = "http", "same", "simple"
TURN = (HTTP, SAME, SIMPLE)

# What somebody who trusts the database would write: no fork of the log, no sight that ended, no name for a type.
BY_HAND = """
SELECT json_agg(json_build_object(
    'specversion', '1.0', 'id', e.uuid, 'source', %(base)s::text || '/log/1', 'type', 'lintas.' || t.name,
    'subject', 'casefiles/' || t.casefile_id, 'time', e.recorded_at, 'logindex', s.index,
    'data', json_build_object('casefile', t.casefile_id, 'number', c.number, 'version', t.seq, 'transition', t.name,
        'state', t.to_state, 'turn', json_build_object('party', r.party, 'agency', a.code),
        'href', '/api/v1/casefiles/' || t.casefile_id)
) ORDER BY s.index)::text, max(s.index)
FROM (
    SELECT index FROM audit_sighting WHERE agency = %(agency)s AND index > %(after)s ORDER BY index LIMIT %(limit)s
) s
JOIN audit_leaf l ON l.index = s.index JOIN audit_entry e ON e.id = l.entry_id
JOIN casefiles_transition t ON t.entry_id = e.id JOIN casefiles_casefile c ON c.id = t.casefile_id
LEFT JOIN casefiles_referral r ON r.casefile_id = t.casefile_id AND r.opened_seq <= t.seq
    AND (r.answered_seq IS NULL OR r.answered_seq > t.seq)
LEFT JOIN agencies_agency a ON a.id = r.to_agency_id
"""


class Pages(ABC):
    """One connection that follows the feed from its own place on, page by page, and begins again at the end."""

    def __init__(self, start: int, first: int) -> None:
        self.after, self.first = start, first

    def step(self) -> None:
        """Read a page."""
        count, following = self.page()
        if count < LIMIT:
            following = self.first
        self.after = following

    @abstractmethod
    def page(self) -> tuple[int, int]:
        """How many items it had, and where to go on."""


class OverHttp(Pages):
    """GET /events."""

    def __init__(self, start: int, first: int, *, port: int, token: str) -> None:
        super().__init__(start, first)
        self.connection, self.headers = Connection(port), f"Authorization: Bearer {token}\r\n"
        self.close = self.connection.close

    def page(self) -> tuple[int, int]:
        """One page, its end looked at: parsing all of it would cost more than making it."""
        path = f"/api/v1/events?after={self.after}&limit={LIMIT}"
        status, body = self.connection.send("GET", path, headers=self.headers)
        found = _NEXT.search(body, max(0, len(body) - 300))
        if status != 200 or not found:
            raise RuntimeError(f"GET {path}: {status} {body[:500]!r}")
        following = int(found[1])
        return (LIMIT if following < int(found[2]) else 0), following


_NEXT = re.compile(rb'"next_after": (-?\d+), .*"head": (-?\d+)}')


class FromSql(Pages):
    """The same JSON as text from a statement, prepared, as the web role."""

    def __init__(self, start: int, first: int, *, url: str, statement: str, agency: int) -> None:
        super().__init__(start, first)
        self.connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        self.close, self.statement = self.connection.close, statement
        self.values: dict[str, Any] = {
            "agency": agency, "limit": LIMIT, "base": "http://127.0.0.1:8000", "types": json.dumps(feed.TYPES),
            "casefiles": "/api/v1/casefiles/",
        }  # fmt: skip

    def page(self) -> tuple[int, int]:
        """One page."""
        row = self.connection.execute(sql.SQL(self.statement), {**self.values, "after": self.after}).fetchone()
        if row is None or row[0] is None:
            return 0, self.first
        if self.statement is BY_HAND:
            return LIMIT, row[1]
        return row[1], row[2] or self.first


def measure(
    on: Roles, plan: Mapping[str, Any], *, rounds: int, seconds: float, port: int
) -> dict[str, dict[str, list[float]]]:
    """Items a second by reader (`auditor`, `party`) and way, round by round."""
    readers = {"auditor": "bpk", "party": plan["party"]}
    places = {reader: _places(on, code) for reader, code in readers.items()}

    def make(key: Key, number: int) -> Driver:
        way, _, reader = key
        agency, starts = places[reader]
        start, first = starts[number], starts[0]
        if way == HTTP:
            return OverHttp(start, first, port=port, token=plan["tokens"][readers[reader]])
        statement = feed._PAGE if way == SAME else BY_HAND
        return FromSql(start, first, url=on.web, statement=statement, agency=agency)

    rates: dict[str, dict[str, list[float]]] = {reader: {way: [] for way in TURN} for reader in readers}
    with ExitStack() as stack:
        generators = Generators(make)
        stack.callback(generators.close)
        for reader in readers:
            for number in range(rounds + 1):
                for way in TURN:
                    done = generators.run((way, 0, reader), seconds if number else 0.7)
                    if number:
                        rates[reader][way].append(done.rate * LIMIT)
    return rates


def _places(on: Roles, code: str) -> tuple[int, list[int]]:
    """The agency's number, and a place for each connection in the newest of its items."""
    with psycopg.connect(on.reader) as reader:
        row = reader.execute("SELECT id FROM agencies_agency WHERE code = %s", [code]).fetchone()
        agency = int(row[0]) if row else 0
        rows = reader.execute(
            "SELECT index FROM audit_sighting WHERE agency = %s ORDER BY index DESC LIMIT %s", [agency, ITEMS]
        ).fetchall()
    indexes = [index for (index,) in rows][::-1]
    return agency, [indexes[len(indexes) * number // PATHS] - 1 for number in range(PATHS)]


def long_polls(plan: Mapping[str, Any], *, port: int, tries: int) -> list[float]:
    """Seconds from a transition's answer, which follows its commit at once, to the event's arrival at who waits."""
    said = plan["transition"]
    headers = f"Authorization: Bearer {said['token']}\r\n"
    writing, waiting = Connection(port), Connection(port)
    casefile = said["probe"]["casefiles"][0]
    _, body = writing.send("GET", f"/api/v1/casefiles/{casefile}", headers=headers)
    version = json.loads(body)["version"]
    found: list[float] = []
    for n in range(tries):
        _, body = waiting.send("GET", "/api/v1/events?limit=1", headers=headers)
        head = json.loads(body)["head"]
        arrived: list[float] = []

        def wait(head: int = head, arrived: list[float] = arrived) -> None:
            status, body = waiting.send("GET", f"/api/v1/events?after={head}&wait=20", headers=headers)
            arrived.append(time.perf_counter())
            if status != 200 or not json.loads(body)["data"]:
                arrived.clear()

        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.25 + (n * 37 % 100) / 1000)  # the look at the log comes every 100 ms: at no moment of our choosing
        name, given = "recall", {"reason": {"code": "no_answer"}}
        if version % 2:
            name, given = "request-identity", {"employer": said["employers"][n % len(said["employers"])]}
        more = f'{headers}If-Match: "{version}"\r\nIdempotency-Key: {uuid4()}\r\n'
        status, body = writing.send(
            "POST", f"/api/v1/casefiles/{casefile}/{name}", headers=more, body=json.dumps(given).encode()
        )
        committed = time.perf_counter()
        waiter.join()
        if status != 200 or not arrived:
            raise RuntimeError(f"the event of {name} did not arrive: {status} {body[:500]!r}")
        version += 1
        found.append(arrived[0] - committed)
        _settle(waiting, headers)
    writing.close()
    waiting.close()
    return found


def _settle(connection: Connection, headers: str) -> None:
    """Let the sequencer's queue run empty: the next head must be the newest."""
    before = -2
    while True:
        _, body = connection.send("GET", "/api/v1/events?limit=1", headers=headers)
        head = json.loads(body)["head"]
        if head == before:
            return
        before = head
        time.sleep(0.05)


def figures(rates: Mapping[str, Mapping[str, list[float]]], latency: list[float] | None) -> list[Figure]:
    """The lines of the table."""
    lines = []
    for reader, ways in rates.items():
        http = f"{median(ways[HTTP]):,.0f} items/s"
        for way, against in ((SAME, "the same statement by psycopg"), (SIMPLE, "a simpler statement by psycopg")):
            said = f"{http} against {median(ways[way]):,.0f}"
            what = f"/events, pages of {LIMIT}, {reader}"
            lines.append(Figure("feed", what, ratio(ways[HTTP], ways[way]), against, said))
    if latency:
        ordered = sorted(latency)
        p95 = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
        said = f"{median(ordered) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms over {len(ordered)} tries"
        lines.append(Figure("feed", "long poll: from the commit to the event's arrival", None, "", said))
    return lines
