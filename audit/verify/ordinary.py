"""The short way through a log: entry by entry, stream by stream, everything that `entries`, `sight`, `actors` and
`times` ask of an entry, answered by yes or "not acquitted".

An entry is acquitted only where the long way would find nothing. Nothing is named here: one entry that is not
acquitted, tampered with or merely unusual, sends the whole log the long way, which finds the words for it. So the two
cannot differ in a verdict, only in the time that they take.

Rows come in the order of stream, number and id. Of each stream only its newest entry is held.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from struct import Struct, error, iter_unpack, unpack_from
from typing import Any, Final

from .actors import NEVER, RECORDER, Key, Standing
from .entries import FORMAT, MEMBERS, RENAMED, Entry, all_have, is_whole
from .forms import loads, spelled
from .kept import COLUMNS as RECORDS
from .kept import Told, told
from .keyless import is_listed
from .people import Person
from .sight import READING, Sights
from .tellings import KINDS
from .times import EPOCH, Seen, milliseconds

ROW: Final = """
SELECT e.id, CASE WHEN l.entry_id IS NULL THEN
        CASE WHEN EXISTS (SELECT FROM audit_pending p WHERE p.entry_id = e.id) THEN -1 ELSE -2 END
    WHEN l.leaf_hash = e.leaf_hash THEN l.index ELSE -2 END,
    e.leaf_hash, e.uuid::text, e.stream::text, e.seq, e.recorded_at, e.body, e.audience
FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id
"""
"""What `acquit` reads, as binary COPY sends it; the index is -1 of an entry that waits for its leaf."""

WAITS: Final = -1
SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00"
HEADER: Final = len(SIGNATURE) + 8
CELLS: Final = Struct(">h iq iq i32s i36s i36s ii iq i")
"""The cells up to the length of the body, each after its own length."""
LENGTHS: Final = (9, 8, 8, 32, 36, 36, 4, 8)
SPAN: Final = 10
"""The earliest and latest moments are kept for groups of 2 to the power of this many neighbouring leaves."""
LAST: Final = 1 << 62
"""The index that stands for an entry without a leaf: larger than that of every leaf."""
NOT_YET: Final[tuple[int, Key | Person | None]] = (NEVER, None)
MANY: Final = 10_000
"""Combinations of agency, key and kind that are remembered."""


class NotOrdinary(Exception):
    """An entry is not acquitted: the long way must say why, or that nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class Law:
    """What an entry is judged by besides its stream."""

    origins: Sequence[tuple[int, str]]
    """(index from which on, origin), oldest first."""
    forks: Sequence[str]
    """When each origin but the first was declared."""
    closed: Collection[int]
    """The indexes from which on they hold where the one before was closed, with nothing lost."""
    standing: Standing
    sights: Sights
    seen: Seen
    ahead: int
    apart: int
    """The verifier's clock and its patience with clocks, ms since 2000 and ms."""


@dataclass(slots=True)
class Acquitted:
    """What was counted, and what only the whole log can answer for."""

    entries: int = 0
    leaves: int = 0
    streams: int = 0
    acts: int = 0
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By `index >> SPAN`: the earliest and the latest moment."""
    newest: dict[str, dict[str, Told]] = field(default_factory=dict)
    """Of each record beside the casefiles its newest entry."""
    records: int = 0
    """How many of those were compared."""

    def merge(self, other: Acquitted) -> None:
        """Add what was found in another range."""
        self.entries += other.entries
        self.leaves += other.leaves
        self.streams += other.streams
        self.acts += other.acts
        self.records += other.records
        for span, (first, last) in other.spans.items():
            earliest, latest = self.spans.get(span, (first, last))
            self.spans[span] = min(first, earliest), max(last, latest)

    def is_in_order(self, apart: int) -> bool:
        """Whether no moment lies more than `apart` before that of an earlier leaf; False where spans cannot say."""
        latest: int | None = None
        for _, (first, last) in sorted(self.spans.items()):
            if last - first > apart or (latest is not None and first < latest - apart):
                return False
            latest = last if latest is None else max(latest, last)
        return True


def cells(messages: Iterable[Any]) -> Iterator[bytes]:
    """The rows of a binary COPY. Raises `NotOrdinary` where it is not one."""
    begun = False
    for message in messages:
        row = bytes(message)
        if not begun:
            if not row.startswith(SIGNATURE):
                raise NotOrdinary
            begun, row = True, row[HEADER:]
        if len(row) > 2:
            yield row


def acquit(rows: Iterable[bytes], law: Law) -> Acquitted:
    """Acquit every entry of the rows. Raises `NotOrdinary` for the first that is not."""
    found, judge = Acquitted(newest={noun: {} for noun in RECORDS}), _Judge(law)
    try:
        for row in rows:
            judge.take(row, found)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, error):
        raise NotOrdinary from None
    return found


class _Judge:
    """The stream that is being read, and what was found out about those who act."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._only = law.origins[0][1] if len(law.origins) == 1 else None
        self._fixed: dict[tuple[Any, ...], tuple[int, Key | Person | None]] = {}
        self._now = EPOCH
        self._begin(b"")

    def _begin(self, stream: bytes) -> None:
        self._stream, self._name = stream, stream.decode()
        self._seq = 0
        self._prev: str | None = None
        self._before: str | None = None
        self._index, self._id = -1, 0
        self._holders: frozenset[str] = frozenset()
        self._audience: tuple[bytes, int] | None = None
        self._list: str | None = None

    def take(self, row: bytes, found: Acquitted) -> None:
        """Acquit one entry, and move on in its stream."""
        (n, a, ident, b, index, c, leaf, d, uuid, e, stream, f, seq, g, at, length) = CELLS.unpack_from(row)
        if (n, a, b, c, d, e, f, g) != LENGTHS or length < 2:
            raise NotOrdinary
        end = CELLS.size + length
        body, audience = row[CELLS.size : end], row[end:]
        if sha256(b"\x00" + body).digest() != leaf:
            raise NotOrdinary
        entry = loads(body)
        if type(entry) is not dict or list(entry) != MEMBERS or spelled(entry) != body:
            raise NotOrdinary
        if stream != self._stream:
            self._begin(stream)
            found.streams += index >= 0
        self._follow(entry, uuid, seq=seq, index=index, ident=ident, leaf=leaf)
        if index >= 0 and entry["origin"] != self._only and not self._is_of_its_time(entry, index):
            raise NotOrdinary
        place = index if index >= 0 else LAST
        self._shape(entry, place)
        self._moment(entry, at, place, found)
        self._sight(entry, audience)
        found.entries += 1
        found.leaves += index >= 0
        party = entry["actor"]["party"]
        if entry["to"] is not None or party == RECORDER:
            found.acts += 1
        if entry["to"] is None:
            self._hear(entry, None if index < 0 else index, found)

    def _follow(self, entry: Entry, uuid: bytes, *, seq: int, index: int, ident: int, leaf: bytes) -> None:
        number = entry["seq"]
        if (
            entry["entry"] != uuid.decode()
            or entry["stream"] != self._name
            or type(number) is not int
            or number != seq
            or number != self._seq + 1
            or entry["prev"] != self._prev
            or entry["before"] != self._before
            or entry["format"] != FORMAT
        ):
            raise NotOrdinary
        # The leaves of a stream stand in its order, and what waits goes on after them in the order of its ids.
        if index >= 0:
            if index <= self._index:
                raise NotOrdinary
            self._index = index
        elif index != WAITS or (self._index == LAST and ident < self._id):
            raise NotOrdinary
        else:
            self._index, self._id = LAST, ident
        self._seq, self._prev, self._before = number, leaf.hex(), entry["after"]

    def _is_of_its_time(self, entry: Entry, index: int) -> bool:
        origins = self._law.origins
        number = bisect_right(origins, index, key=lambda origin: origin[0])
        if number and origins[number - 1][1] == entry["origin"]:
            return True
        # Accepted before a fork was declared, and placed after it.
        return any(
            origin == entry["origin"] and str(entry["recorded_at"]) <= fork
            for (_, origin), fork in zip(origins[:number], self._law.forks[: max(number - 1, 0)], strict=False)
        )

    def _shape(self, entry: Entry, place: int) -> None:
        """That the entry is whole, and that who acted might do so."""
        actor, request, grants, attachments = entry["actor"], entry["request"], entry["grants"], entry["attachments"]
        fixed = (
            entry["kind"], entry["basis"], entry["from"], entry["to"],
            actor["party"], actor["agency"], actor["client"], actor.get("key"), actor.get("vendor"),
            actor.get("delegation"), actor.get("person"),
        )  # fmt: skip
        since, key = self._fixed.get(fixed, NOT_YET)
        if place < since:
            if not is_whole(entry):
                raise NotOrdinary
            since, key = self._law.standing.judged(entry, place)
            if len(self._fixed) > MANY:
                self._fixed.clear()
            self._fixed[fixed] = since, key
        elif (
            type(entry["occurred_at"]) is not str
            or type(request) is not dict
            or "id" not in request
            or (grants != [] and not all_have(grants, agency=str, sight=str))
            or (attachments != [] and not all_have(attachments, digest=str, size=int))
        ):
            raise NotOrdinary
        if key is None and entry["to"] is not None and is_listed(actor):
            # A list tells casefiles of its own, from their first version on.
            if entry["seq"] == 1:
                self._list = actor["client"]
            if actor["client"] != self._list:
                raise NotOrdinary
        if key is not None and (not key.is_live(entry["recorded_at"]) or key.is_unsigned(entry)):
            raise NotOrdinary
        if actor.get("person") is not None and self._law.standing.undrafted(entry):
            raise NotOrdinary

    def _moment(self, entry: Entry, at: int, place: int, found: Acquitted) -> None:
        text, law = entry["recorded_at"], self._law
        if len(text) != len("2026-11-30T00:00:00.000Z"):
            raise NotOrdinary
        self._now = recorded = datetime.fromisoformat(text)
        moment = milliseconds(recorded)
        if moment != at // 1000 or moment > law.ahead:
            raise NotOrdinary
        seen = law.seen.before(place)
        if seen is not None and moment > seen + law.apart:
            raise NotOrdinary
        if place:  # what was recorded before the log was opened comes after its opening
            span = place >> SPAN
            first, last = found.spans.get(span, (moment, moment))
            if not first <= moment <= last or first == last:
                found.spans[span] = min(first, moment), max(last, moment)

    def _sight(self, entry: Entry, audience: bytes) -> None:
        """That the stored audience is who had sight of the entry; the same for a step that changes nobody's sight."""
        sights = self._law.sights
        number = sights.at(self._now)
        if not entry["grants"] and self._audience == (audience, number):
            return
        held = _numbers(audience)
        if entry["to"] is None:
            if held and entry["kind"] != READING:
                raise NotOrdinary
            return
        gained = {grant["agency"] for grant in entry["grants"] if grant["sight"] == "given"}
        lost = {grant["agency"] for grant in entry["grants"] if grant["sight"] != "given"}
        seeing = self._holders | gained
        self._holders = frozenset(seeing - lost)
        needed = {sights.ids[code] for code in seeing}
        stored = set(held)
        if not stored >= needed | sights.auditors[number] or stored - needed - sights.ever or held != sorted(stored):
            raise NotOrdinary
        self._audience = None if lost else (audience, number)

    def _hear(self, entry: Entry, index: int | None, found: Acquitted) -> None:
        """What is no step: only where the whole log was asked for it beforehand, or is asked afterwards."""
        kind = entry["kind"]
        if (kind in KINDS and index not in self._law.standing.heard) or (
            kind in RENAMED and index is not None and all(index != since for since, _ in self._law.origins)
        ):
            raise NotOrdinary
        noun = kind.partition(".")[0]
        if noun in found.newest:
            newest = found.newest[noun]
            newest[entry["stream"]] = told(entry, newest.get(entry["stream"]), index=index)


def _numbers(array: bytes) -> list[int]:
    """The elements of a `bigint[]` cell, its length before it. Raises `NotOrdinary` for another."""
    length, dimensions, has_null, _ = unpack_from(">iiii", array)
    if length != len(array) - 4 or has_null:
        raise NotOrdinary
    if not dimensions:
        return []
    number, first = unpack_from(">ii", array, 16)
    if dimensions != 1 or first != 1:
        raise NotOrdinary
    return [element for _, element in iter_unpack(">iq", array[24:])][:number]
