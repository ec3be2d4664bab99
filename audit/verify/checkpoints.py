"""The signed checkpoints of a log against the tree that its leaves make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..tlog import notes
from ..tlog.notes import BadNote, Checkpoint, Note
from .anchors import Anchors, fits
from .entries import Walk, place
from .report import Place, Report

PROMISE = timedelta(seconds=60)
"""An accepted entry is in the tree, under a signed checkpoint, within this time."""

PATIENCE = timedelta(minutes=15)
"""A checkpoint without a quorum of witnesses is an alarm after this time."""


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
        stated: Sequence[Stated],
        *,
        anchors: Anchors,
        where: dict[str, Place],
        kept: Sequence[Checkpoint] = (),
    ) -> None:
        self._report, self._anchors, self._where = report, anchors, where
        self._kept = kept
        self._opened: dict[int, tuple[int, Checkpoint]] = {}
        self._unknown_origins: set[str] = set()
        self._unknown_witnesses = 0
        self._quorum_size = 0
        self._good, self._broken = 0, 0
        self._roots: dict[int, bytes] = {}
        self._open_all(stated)

    @property
    def sizes(self) -> list[int]:
        """The sizes whose roots are wanted, ascending."""
        return sorted({*self._opened, *(kept.size for kept in self._kept)})

    @property
    def covered(self) -> int:
        """How many leaves the largest checkpoint covers."""
        return max(self._opened, default=0)

    @property
    def are_met(self) -> bool:
        """Whether there were roots to compare, and the leaves made every one of them."""
        return not self._broken and self._good > 0

    def watch(self, walk: Walk) -> None:
        """Ask the walk to remember the first leaf that nothing signs, and the first that no quorum saw."""
        walk.watched[self.covered] = None
        if self._anchors.policy:
            walk.watched[self._quorum_size] = None

    def on_root(self, size: int, root: bytes) -> None:
        """Compare the root that the leaves make at that size with the one that was signed."""
        for kept in self._kept:
            if kept.size == size:
                self._roots[size] = root
        if size not in self._opened:
            return
        number, checkpoint = self._opened[size]
        if checkpoint.root == root:
            self._good = size
            return
        self._broken += 1
        if self._broken == 1:
            self._report.add("checkpoint-root", checkpoint=number, size=size, good=self._good, **self._where)

    def finish(self, walk: Walk, *, made_at: datetime) -> None:
        """Everything that needs the whole tree: cut tails, origins, what is not signed or not witnessed in time."""
        if self._broken > 1:
            self._report.add("checkpoint-roots-after", number=self._broken - 1, **self._where)
        for size, (number, checkpoint) in sorted(self._opened.items()):
            if size > walk.next:
                self._report.add("checkpoint-beyond", checkpoint=number, size=size, until=walk.next - 1, **self._where)
            elif checkpoint.origin != walk.origin_at(size) and size:
                self._report.add("checkpoint-origin", checkpoint=number, size=size, **self._where)
        for kept in self._kept:
            self._compare_kept(kept, walk)
        if not self._opened:
            self._report.add("checkpoint-none", **self._where)
        if self._unknown_witnesses:
            self._report.add("cosignature-unknown", number=self._unknown_witnesses)
        self._look_for_the_uncovered(walk, made_at=made_at)

    # -- one checkpoint ------------------------------------------------------------------------------------------------

    def _open_all(self, stated: Sequence[Stated]) -> None:
        expected, largest = 1, 0
        for one in stated:
            if one.number != expected:
                self._report.add("checkpoint-number", checkpoint=one.number, **self._column("number"))
            expected = one.number + 1
            checkpoint = self._open(one)
            if checkpoint is None:
                continue
            if checkpoint.size != one.size or one.size <= largest:
                self._report.add("checkpoint-size", checkpoint=one.number, size=one.size, **self._column("size"))
            largest = max(largest, checkpoint.size)
            self._opened.setdefault(checkpoint.size, (one.number, checkpoint))
        self._report.checked["checkpoints"] += len(stated)

    def _open(self, one: Stated) -> Checkpoint | None:
        column = self._column("note")
        try:
            note = notes.read_note(one.note)
            checkpoint = notes.read_checkpoint(note.text)
        except BadNote as why:
            self._report.add("checkpoint-unreadable", checkpoint=one.number, why=str(why), **column)
            return None
        keys = [key for key in self._anchors.keys if key.name == checkpoint.origin]
        if not keys:
            if checkpoint.origin not in self._unknown_origins:
                self._unknown_origins.add(checkpoint.origin)
                self._report.add("checkpoint-unknown-key", checkpoint=one.number, **column)
        elif not any(fits(note, key) for key in keys) or len(note.lines) != 1:
            self._report.add("checkpoint-signature", checkpoint=one.number, size=one.size, **column)
            return None
        self._count_witnesses(one, note.text)
        return checkpoint

    def _count_witnesses(self, one: Stated, text: str) -> None:
        policy = self._anchors.policy
        # A witness is its key, not its name: a line by a key of before is unknown, never bad.
        known = {(witness.key.name, witness.key.id): witness for witness in policy.witnesses} if policy else {}
        names = {name for name, _ in known}
        seen = set()
        for line in one.cosignatures:
            self._report.checked["cosignatures"] += 1
            name, ident = signer_of(line)
            witness = known.get((name, ident)) if ident is not None else None
            if witness is None and (ident is not None or name not in names):
                self._unknown_witnesses += 1
            elif witness and fits(Note(text=text, lines=(line,)), witness.key):
                seen.add(witness.name)
            else:
                where = (
                    {**self._where, "table": "audit_cosignature", "column": "line"} if "table" in self._where else {}
                )
                self._report.add("cosignature-bad", checkpoint=one.number, witness=name, **(where or self._where))
        if policy and policy.is_met_by(frozenset(seen)):
            self._quorum_size = max(self._quorum_size, one.size)

    def _column(self, name: str) -> dict[str, Place]:
        return {**self._where, "column" if "table" in self._where else "member": name}

    # -- the end of the log --------------------------------------------------------------------------------------------

    def _compare_kept(self, kept: Checkpoint, walk: Walk) -> None:
        forked = next((since for since, origin in walk.origins[1:]), None)
        if kept.size <= walk.next and (not kept.size or self._roots.get(kept.size) == kept.root):
            return
        if forked is not None and kept.origin != walk.origins[-1][1] and kept.size > forked:
            self._report.add("kept-forked", size=kept.size, index=forked)
        elif kept.size > walk.next:
            self._report.add("kept-beyond", size=kept.size, until=walk.next - 1)
        else:
            self._report.add("kept-root", size=kept.size)

    def _look_for_the_uncovered(self, walk: Walk, *, made_at: datetime) -> None:
        if self.covered < walk.next:
            said = walk.watched.get(self.covered)
            self._report.add("unsigned", index=self.covered, number=walk.next - self.covered)
            if said and _older(said["recorded_at"], made_at - PROMISE) and self._opened:
                self._report.add("unsigned-late", index=self.covered, **place(said))
        if self._anchors.policy and self._quorum_size < walk.next:
            said = walk.watched.get(self._quorum_size)
            if said is None or _older(said["recorded_at"], made_at - PATIENCE):
                self._report.add("quorum", index=self._quorum_size)


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
