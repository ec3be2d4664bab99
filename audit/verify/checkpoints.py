"""The signed checkpoints of a log against the tree that its leaves make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..tlog import notes
from ..tlog.notes import BadNote, Checkpoint, Note
from .anchors import Anchors, fits
from .entries import Walk, place
from .report import Place, Report
from .spill import Spilled
from .times import Seen

PROMISE = timedelta(seconds=60)
"""An accepted entry is in the tree, under a signed checkpoint, within this time."""

PATIENCE = timedelta(minutes=15)
"""How long, by the verifier's clock, what came after the newest witnessed checkpoint may wait for its witnesses."""

Opened = tuple[int, str, str]
"""Of a checkpoint that can be read: its number, root (hex) and origin."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A checkpoint as stored: its number, size, note (without cosignatures) and cosignature lines."""

    number: int
    size: int
    note: str
    cosignatures: tuple[str, ...] = ()


class Checkpoints:
    """Checks the checkpoints one by one, then compares their roots while the tree grows.

    `kept` are checkpoints that the auditor brought himself. `where` names the file or table in findings.
    """

    def __init__(
        self,
        report: Report,
        stated: Iterable[Stated],
        *,
        anchors: Anchors,
        where: dict[str, Place],
        now: datetime,
        kept: Sequence[Checkpoint] = (),
    ) -> None:
        self._report, self._anchors, self._where, self._now = report, anchors, where, now
        self._kept = kept
        self._opened: Spilled[Opened] = Spilled(decode=tuple)
        self._sizes: list[int] = []
        self._unknown_origins: set[str] = set()
        self._unknown_witnesses = 0
        self._quorum_size, self._quorum_at, self._vouched = 0, now, frozenset[str]()
        self.seen = Seen()
        """How many leaves a witness saw and when, for each cosignature that fits."""
        self._good, self._broken = 0, 0
        self._roots: dict[int, bytes] = {}
        self._open_all(stated)

    @property
    def sizes(self) -> list[int]:
        """The sizes whose roots are wanted, ascending."""
        return sorted({*self._sizes, *(kept.size for kept in self._kept)})

    @property
    def covered(self) -> int:
        """How many leaves the largest checkpoint covers."""
        return max(self._sizes, default=0)

    @property
    def are_met(self) -> bool:
        """Whether there were roots to compare, and the leaves made every one of them."""
        return not self._broken and self._good > 0

    def watch(self, walk: Walk) -> None:
        """Ask the walk to remember the first leaf that nothing signs."""
        walk.watched[self.covered] = None

    def agrees(self, size: int, root: bytes) -> bool:
        """Whether nobody signed another root of that size."""
        opened = self._opened.get(str(size))
        return opened is None or opened[1] == root.hex()

    def on_root(self, size: int, root: bytes) -> None:
        """Compare the root that the leaves make at that size with the one that was signed."""
        for kept in self._kept:
            if kept.size == size:
                self._roots[size] = root
        opened = self._opened.get(str(size))
        if opened is None:
            return
        if opened[1] == root.hex():
            self._good = size
            return
        self._broken += 1
        if self._broken == 1:
            self._report.add("checkpoint-root", checkpoint=opened[0], size=size, good=self._good, **self._where)

    def close(self, given: object, *, index: int) -> None:
        """Compare what an entry calls the final checkpoint of a closed name: it covers all leaves before the entry."""
        stated, opened = _final(given), self._opened.get(str(index))
        if stated is None or opened is None or (stated.size, stated.root.hex(), stated.origin) != (index, *opened[1:]):
            self._report.add("log-not-final", index=index, member="final_checkpoint")

    def finish(self, walk: Walk, *, made_at: datetime) -> None:
        """Everything that needs the whole tree: cut tails, origins, what is not signed or not witnessed in time."""
        if self._broken > 1:
            self._report.add("checkpoint-roots-after", number=self._broken - 1, **self._where)
        for size in sorted(self._sizes):
            number, _, origin = self._opened.get(str(size)) or (None, "", "")
            if size > walk.next:
                self._report.add("checkpoint-beyond", checkpoint=number, size=size, until=walk.next - 1, **self._where)
            elif origin != walk.origin_at(size) and size:
                self._report.add("checkpoint-origin", checkpoint=number, size=size, **self._where)
        for kept in self._kept:
            self._compare_kept(kept, walk)
        if not self._sizes:
            self._report.add("checkpoint-none", **self._where)
        if self._unknown_witnesses:
            self._report.add("cosignature-unknown", number=self._unknown_witnesses)
        self._look_for_the_unsigned(walk, made_at=made_at)
        self._look_for_the_unwitnessed(walk)
        self._report.verified |= {
            "origin": walk.origins[-1][1] if walk.origins else "",
            "size": walk.next,
            "witnessed": self._quorum_size,
            "witnesses": ", ".join(sorted(self._vouched)),
        }

    # -- one checkpoint ------------------------------------------------------------------------------------------------

    def _open_all(self, stated: Iterable[Stated]) -> None:
        expected, largest, read = 1, 0, 0
        for row in stated:
            read += 1
            if row.number != expected:
                self._report.add("checkpoint-number", checkpoint=row.number, **self._column("number"))
            expected = row.number + 1
            checkpoint = self._open(row)
            if checkpoint is None:
                continue
            if checkpoint.size != row.size or row.size <= largest:
                self._report.add("checkpoint-size", checkpoint=row.number, size=row.size, **self._column("size"))
            largest = max(largest, checkpoint.size)
            if self._opened.get(str(checkpoint.size)) is None:
                self._opened.put(str(checkpoint.size), (row.number, checkpoint.root.hex(), checkpoint.origin))
                self._sizes.append(checkpoint.size)
        self._report.checked["checkpoints"] += read

    def _open(self, row: Stated) -> Checkpoint | None:
        column = self._column("note")
        try:
            note = notes.read_note(row.note)
            checkpoint = notes.read_checkpoint(note.text)
        except BadNote as why:
            self._report.add("checkpoint-unreadable", checkpoint=row.number, why=str(why), **column)
            return None
        keys = [key for key in self._anchors.keys if key.name == checkpoint.origin]
        if not keys:
            if checkpoint.origin not in self._unknown_origins:
                self._unknown_origins.add(checkpoint.origin)
                self._report.add("checkpoint-unknown-key", checkpoint=row.number, **column)
        elif not any(fits(note, key) for key in keys) or len(note.lines) != 1:
            self._report.add("checkpoint-signature", checkpoint=row.number, size=row.size, **column)
            return None
        self._count_witnesses(row, note.text)
        return checkpoint

    def _count_witnesses(self, row: Stated, text: str) -> None:
        policy = self._anchors.policy
        # A witness is known by its key. A line that an earlier key of it signed is unknown, not bad.
        known = {(witness.key.name, witness.key.id): witness for witness in policy.witnesses} if policy else {}
        names = {name for name, _ in known}
        seen: dict[str, datetime] = {}
        for line in row.cosignatures:
            self._report.checked["cosignatures"] += 1
            name, ident = signer_of(line)
            witness = known.get((name, ident)) if ident is not None else None
            if witness is None and (ident is not None or name not in names):
                self._unknown_witnesses += 1
            elif witness and fits(Note(text=text, lines=(line,)), witness.key):
                seen[witness.name] = at = seen_at(line)
                self.seen.add(row.size, at)
                if at > self._now + PATIENCE:
                    self._report.add("time-ahead", checkpoint=row.number, witness=witness.name, **self._where)
            else:
                where = (
                    {**self._where, "table": "audit_cosignature", "column": "line"} if "table" in self._where else {}
                )
                self._report.add("cosignature-bad", checkpoint=row.number, witness=name, **(where or self._where))
        if seen and policy and policy.is_met_by(frozenset(seen)) and row.size > self._quorum_size:
            self._quorum_size, self._quorum_at = row.size, min(seen.values())
            self._vouched = frozenset(seen)

    def _column(self, name: str) -> dict[str, Place]:
        return {**self._where, "column" if "table" in self._where else "member": name}

    # -- the end of the log --------------------------------------------------------------------------------------------

    def _compare_kept(self, kept: Checkpoint, walk: Walk) -> None:
        forked = next((since for since, origin in walk.origins[1:]), None)
        ends = (end for (end, _), (_, name) in zip(walk.origins[1:], walk.origins, strict=False) if name == kept.origin)
        end = next(ends, None)
        if end is not None and end in walk.closed and kept.size > end:
            self._report.add("kept-after-closing", size=kept.size, index=end)
        elif kept.size <= walk.next and (not kept.size or self._roots.get(kept.size) == kept.root):
            return
        elif forked is not None and kept.origin != walk.origins[-1][1] and kept.size > forked:
            self._report.add("kept-forked", size=kept.size, index=forked)
        elif kept.size > walk.next:
            self._report.add("kept-beyond", size=kept.size, until=walk.next - 1)
        else:
            self._report.add("kept-root", size=kept.size)

    def _look_for_the_unsigned(self, walk: Walk, *, made_at: datetime) -> None:
        if self.covered < walk.next:
            entry = walk.watched.get(self.covered)
            self._report.add("unsigned", index=self.covered, number=walk.next - self.covered)
            if entry and _older(entry["recorded_at"], made_at - PROMISE) and self._sizes:
                self._report.add("unsigned-late", index=self.covered, **place(entry))

    def _look_for_the_unwitnessed(self, walk: Walk) -> None:
        """Find leaves that no quorum saw. They count as new only where the quorum saw the leaf before them just now."""
        if not asks_witnesses(self._anchors, self._report):
            return
        late = not self._quorum_size or self._now - self._quorum_at > PATIENCE
        if self._quorum_size < walk.next or not walk.next:
            code = "quorum" if late else "quorum-tail"
            self._report.add(code, index=self._quorum_size, number=walk.next - self._quorum_size)


def asks_witnesses(anchors: Anchors, report: Report) -> bool:
    """Whether the policy asks for witnesses; says so where it does not, or where there is none."""
    if anchors.policy is None:
        report.add("unwitnessed")
        return False
    if anchors.policy.quorum == "none":
        report.add("quorum-none")
        return False
    return True


def _final(given: object) -> Checkpoint | None:
    try:
        text = given["final_checkpoint"] if isinstance(given, Mapping) else ""
        return notes.read_checkpoint(notes.read_note(str(text)).text)
    except (BadNote, KeyError):
        return None


def seen_at(line: str) -> datetime:
    """When a witness says that it saw the checkpoint: the seconds in its signature line, which was verified."""
    seconds = int.from_bytes(notes.decode(line.split(" ")[2])[4:12])
    # Python knows no year after 9999. The last second of that year lies ahead of every clock, too.
    return datetime.fromtimestamp(min(seconds, 253402300799), tz=UTC)


def signer_of(line: str) -> tuple[str, bytes | None]:
    """Whose signature line it claims to be: a name, and the id of a key (None where it cannot be read)."""
    parts = line.split(" ")
    if len(parts) != 3:
        return "", None
    try:
        blob = notes.decode(parts[2])
    except BadNote:
        return parts[1], None
    return parts[1], blob[:4] if len(blob) > 4 else None


def _older(instant: object, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(instant)) < moment
    except (ValueError, TypeError):
        return True
