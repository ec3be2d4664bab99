"""The entries of the log in their order: bytes, canonical form, streams, origin. The heart of `dump` and `db`.

    walk = verify_log(rows, report=report, sizes=[…], on_root=…)      # rows: (index, leaf_hash, body)

About 6 µs an entry with `orjson`; hashing alone takes 2 (`benchmarks/`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

from .forms import is_canonical, loads, spelled
from .report import Report
from .spill import Spilled
from .trees import CHUNK, Levels, Regrown

FORMAT = "lintas-entry/1"
OPENED, FORKED, CONTINUED, ERASED = "log.opened", "log.forked", "log.continued", "casefile.erased"
RENAMED = frozenset({FORKED, CONTINUED})
"""From which entries on the log has another origin: it broke there, or a name of it was closed."""

MEMBERS = [
    "actor", "after", "attachments", "basis", "before", "catalogue", "entry", "format", "from", "grants", "kind",
    "occurred_at", "origin", "payload", "prev", "record", "recorded_at", "request", "rules", "seq", "stream", "to",
]  # fmt: skip
# Parsed once by the parser itself, which then shares these very strings: comparing them is comparing addresses.
MEMBERS = list(loads(spelled(dict.fromkeys(MEMBERS))))
"""The members of an entry, in the order of its canonical form."""
NO_HASH = bytes(32)
"""Stands where a leaf is missing, so that the tree beside it can still be compared."""

Head = tuple[int, str | None, str | None]
"""Of a stream's last entry: `seq`, leaf hash (hex), `after`."""
NO_HEAD: Head = (0, None, None)

Entry = dict[str, Any]
Row = tuple[int, bytes, bytes]


def place(entry: Entry | None) -> dict[str, Any]:
    """Where an entry stands, as findings name it: its id, its casefile (or stream) and number."""
    if entry is None:
        return {}
    name = "stream" if entry.get("to") is None else "casefile"
    found = {"entry": entry.get("entry"), name: entry.get("stream"), "seq": entry.get("seq")}
    return {key: value for key, value in found.items() if isinstance(value, str | int)}


def read_entry(body: bytes) -> Entry | None:
    """The members of an entry's bytes; None where they are no JSON object."""
    try:
        entry = loads(body)
    except (ValueError, TypeError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def is_whole(entry: object) -> bool:
    """Whether an entry has every member, and each holds the kind of value that comparisons rely on."""
    if not isinstance(entry, dict) or not entry.keys() >= set(MEMBERS):
        return False
    actor, request = entry["actor"], entry["request"]
    return (
        all(isinstance(entry[name], str) for name in ("entry", "stream", "kind", "basis", "occurred_at", "recorded_at"))
        and all(entry[name] is None or isinstance(entry[name], str) for name in ("from", "to"))
        and isinstance(entry["seq"], int)
        and isinstance(actor, dict)
        and {"party", "agency", "client"} <= actor.keys()
        and isinstance(actor["agency"], str)
        and isinstance(request, dict)
        and "id" in request
        and all_have(entry["grants"], agency=str, sight=str)
        and all_have(entry["attachments"], digest=str, size=int)
        and _is_instant(entry["recorded_at"])
    )


def all_have(value: object, **members: type) -> bool:
    """Whether the value is a list of objects, each with these members of these types."""
    if not isinstance(value, list):
        return False
    # Loops, as every entry with a document comes by here: generators take twice as long.
    for member in value:
        if not isinstance(member, dict):
            return False
        for name, kind in members.items():
            if not isinstance(member.get(name), kind):
                return False
    return True


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


class Chains:
    """The heads of all streams: each entry must follow the one before it in its stream."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._heads: Spilled[Head] = Spilled(decode=tuple)
        self._ids: Spilled[bool] = Spilled()
        self.streams = 0
        """How many streams there are."""

    def read(self, body: bytes, *, index: int | None) -> Entry | None:
        """Parse the bytes and check form and members; None (and a finding) where they cannot be read."""
        try:
            entry = loads(body)
        except (ValueError, RecursionError):
            self._report.add("entry-unreadable", index=index)
            return None
        if type(entry) is not dict:
            self._report.add("entry-unreadable", index=index)
            return None
        if list(entry) != MEMBERS or entry["format"] != FORMAT:
            self._report.add("entry-shape", index=index, **place(entry))
            if not entry.keys() >= set(MEMBERS):
                return None
        try:
            respelled = spelled(entry)
        except (TypeError, ValueError, RecursionError):
            respelled = b""
        if respelled != body and not is_canonical(body, entry):
            self._report.add("entry-not-canonical", index=index, **place(entry))
        if not (
            type(entry["stream"]) is type(entry["entry"]) is type(entry["kind"]) is str and type(entry["seq"]) is int
        ):
            self._report.add("entry-shape", index=index)
            return None
        return entry

    def follow(self, entry: Entry, leaf: bytes, *, index: int | None) -> None:
        """Check numbering, `prev` and `before` against the stream's head, and move the head."""
        stream, seq, ident = entry["stream"], entry["seq"], entry["entry"]
        head = self._heads.get(stream)
        self.streams += head is None
        last, prev, before = head or NO_HEAD
        if seq != last + 1 or entry["prev"] != prev or entry["before"] != before:
            expected = (last + 1, prev, before)
            for code, member, want in zip(
                ("seq-broken", "prev-broken", "before-broken"), ("seq", "prev", "before"), expected, strict=True
            ):
                if entry[member] != want:
                    self._report.add(code, index=index, member=member, **place(entry))
        self._heads.put(stream, (seq, leaf.hex(), entry["after"]))
        if self._ids.get(ident):
            self._report.add("entry-twice", index=index, **place(entry))
        self._ids.put(ident, True)


class Walk:
    """Takes the leaves in the order of their indexes and grows the tree over them."""

    def __init__(
        self,
        report: Report,
        *,
        sizes: Sequence[int] = (),
        on_root: Callable[[int, bytes], None] | None = None,
        on_chunk: Callable[[int, Levels], None] | None = None,
        on_upper: Callable[[int, int, bytes], None] | None = None,
    ) -> None:
        self._report = report
        self.chains = Chains(report)
        self.tree = Regrown(sizes=sizes, on_root=on_root, on_chunk=on_chunk, on_upper=on_upper)
        self.next = 0
        self.origins: list[tuple[int, str]] = []
        """(index from which on, origin), oldest first."""
        self.closed: set[int] = set()
        """The indexes among them where the name before was closed, with nothing lost."""
        self.watched: dict[int, Entry | None] = {}
        """Indexes whose entries somebody wants to see afterwards."""
        self.body_place: dict[str, str] = {}
        """How findings name the place of an entry's bytes."""
        self._forks: list[str] = []
        self._origin: str | None = None
        # A gap is filled so that the rest can be compared, but not one that an invented index makes endless.
        self._fillable = 1 << 20

    def take(self, index: int, leaf: bytes, body: bytes | None) -> Entry | None:
        """Check one leaf and its entry; returns the entry's members, or None where it cannot be read."""
        if index != self.next and not self._placed(index):
            return None
        self.next = index + 1
        if body is None:
            self.tree.append(leaf if len(leaf) == 32 else NO_HASH)
            return None
        if sha256(b"\x00" + body).digest() != leaf:
            leaf = self._misfit(index, leaf, body)
        leaves = self.tree.leaves
        leaves.append(leaf)
        if len(leaves) == CHUNK:
            self.tree.flush()
        entry = self.chains.read(body, index=index)
        if entry is None:
            return None
        if entry["origin"] != self._origin:
            self._new_origin(index, entry)
        self.chains.follow(entry, leaf, index=index)
        if index in self.watched:
            self.watched[index] = entry
        return entry

    def finish(self) -> None:
        """Work off what is begun and count."""
        self.tree.flush()
        if not self.origins and not self._report.counts["genesis-missing"]:
            self._report.add("genesis-missing", index=0)
        self._report.checked["entries"] += self.next
        self._report.checked["streams"] += self.chains.streams

    def origin_at(self, size: int) -> str | None:
        """The origin that a checkpoint of that size must bear."""
        found = None
        for since, origin in self.origins:
            if since < size:
                found = origin
        return found

    def _placed(self, index: int) -> bool:
        if index < self.next:
            self._report.add("leaf-order", index=index)
            return False
        self._report.add("leaf-gap", index=self.next, until=index - 1)
        if index - self.next > self._fillable:
            return False
        for _ in range(index - self.next):
            self.tree.append(NO_HASH)
        return True

    def _misfit(self, index: int, leaf: bytes, body: bytes) -> bytes:
        try:
            entry = loads(body)
        except (ValueError, RecursionError):
            entry = None
        self._report.add(
            "leaf-hash", index=index, **self.body_place, **place(entry if isinstance(entry, dict) else None)
        )
        # The stored hash goes into the tree: if the roots then fit, it was the bytes that were changed.
        return leaf if len(leaf) == 32 else NO_HASH

    def _new_origin(self, index: int, entry: Entry) -> None:
        origin = entry["origin"]
        if self._origin is None:
            if index or entry["kind"] != OPENED:
                self._report.add("genesis-missing", index=index, **place(entry))
            self._origin = origin
            self.origins.append((index, origin))
        elif entry["kind"] in RENAMED and all(origin != known for _, known in self.origins):
            self._origin = origin
            self._forks.append(str(entry["recorded_at"]))
            if entry["kind"] == CONTINUED:
                self.closed.add(index)
            self.origins.append((index, origin))
        elif not self._from_before_a_fork(entry):
            self._report.add("origin-wrong", index=index, member="origin", **place(entry))

    def _from_before_a_fork(self, entry: Entry) -> bool:
        # What was accepted before a fork was declared, and waited for its leaf, bears the origin of its time.
        known = [origin for _, origin in self.origins]
        return any(
            origin == entry["origin"] and str(entry["recorded_at"]) <= fork
            for origin, fork in zip(known, self._forks, strict=False)
        )


def verify_log(
    rows: Iterable[Row],
    *,
    report: Report,
    sizes: Sequence[int] = (),
    on_root: Callable[[int, bytes], None] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Walk:
    """Verify rows `(index, leaf_hash, body)` in the order of their indexes, tree, chains and form.

    `on_root(size, root)` is called for each of the `sizes`, ascending; `on_progress` now and then.
    """
    walk = Walk(report, sizes=sizes, on_root=on_root)
    take = walk.take
    with without_collector():
        for index, leaf, body in rows:
            take(index, leaf, body)
            if on_progress and not index % CHUNK:
                on_progress(index)
    walk.finish()
    return walk


@contextmanager
def without_collector() -> Iterator[None]:
    """Millions of parsed entries hold no cycles: looking for some would take a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
