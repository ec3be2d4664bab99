"""`lintas-verify watch URL`: a running log must only ever grow, and its witnesses must keep seeing it.

Keeps the last verified checkpoint in a file; each look proves that the log is its continuation. Nothing but public
addresses is asked, without credentials: the register's two, or a copy of the tree as tiles (C2SP tlog-tiles).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..tlog import notes, tiles, tree
from ..tlog.notes import BadNote, Checkpoint, Note
from ..tlog.tiles import Tile
from .agency import Beside
from .anchors import HOW_TO_GET_A_KEY, Anchors
from .checkpoints import asks_witnesses
from .report import CannotDecide, Place, Report
from .wire import Unreachable, fetch

OTHER_TILES = "the tiles do not lead to the root that was signed: damaged, or copied while they were written"
NO_SUCH_TREE = (400, 404, 409, 422)
"""How a log answers that it has not as many leaves as it was asked about."""


class Alarm(Exception):
    """A finding's code, with its places."""

    def __init__(self, code: str, **where: str | int) -> None:
        super().__init__(code)
        self.code, self.where = code, where


def watch(
    watching: Watching,
    *,
    report: Report,
    once: bool,
    every: float,
    beside: Beside | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> None:
    """Look at the log until something is wrong, or once. Raises `CannotDecide` where the state cannot be read.

    What an agency did not expect (`beside`) is told, and the watch goes on: it is for the agency to judge.
    """
    url, anchors, told = watching.url, watching.anchors, set[tuple[Place, ...]]()
    while True:
        try:
            size = watching.look(now=clock())
            if beside is not None and watching.seen is not None:
                _tell(_found(beside, watching, watching.seen, once=once), report, once=once, told=told, url=url)
        except Alarm as alarm:
            report.add(alarm.code, **alarm.where)
            return
        except Unreachable as why:
            if once:
                report.add("watch-unreachable", why=str(why))
                return
            print(f"{url}: {why}", file=sys.stderr, flush=True)
        else:
            report.checked["checkpoints"] += 1
            if once and asks_witnesses(anchors, report) and not watching.is_witnessed:
                report.add("quorum", size=size)
            if not once:
                print(f"{url}: {size} leaves, consistent", file=sys.stderr, flush=True)
        if once:
            return
        sleep(every)


def _found(beside: Beside, watching: Watching, seen: Checkpoint, *, once: bool) -> Report:
    """What an agency's look finds; an export that is just being replaced is told, and ends no watch that goes on."""
    try:
        return beside.look(seen=seen, log=watching)
    except CannotDecide as why:
        if once:
            raise
        found = Report()
        found.add("stopped", why=str(why).rstrip("."))
        return found


def _tell(found: Report, report: Report, *, once: bool, told: set[tuple[Place, ...]], url: str) -> None:
    """Take over what an agency's look found; between two looks only what is new is told, and at once."""
    if once:
        report.merge(found)
        return
    for finding in found.findings:
        # How many entries are behind changes from look to look, and is no news.
        news = (finding.code, *(value for name, value in finding.where.items() if name != "number"))
        if news in told:
            continue
        told.add(news)
        report.add(finding.code, **finding.where)
        print(f"{url}: ALARM {finding.sentence()}", file=sys.stderr, flush=True)


class Watching:
    """One log and the file with what was last verified of it."""

    checkpoint_at = "/api/v1/log/checkpoint"

    def __init__(self, url: str, *, anchors: Anchors, state: Path, patience: float) -> None:
        """`patience` is in seconds without a quorum. Raises `CannotDecide` without an address or a key."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise CannotDecide(f"{url}: give an address, https://…")
        if not anchors.keys:
            raise CannotDecide(HOW_TO_GET_A_KEY)
        self.url, self.anchors, self._state, self._patience = url.rstrip("/"), anchors, state, patience
        self.is_witnessed = False
        """Whether the checkpoint looked at last had its quorum."""
        self.seen: Checkpoint | None = None
        """The checkpoint looked at last."""

    def look(self, *, now: float) -> int:
        """Fetch the checkpoint and prove growth; returns the size. Raises `Alarm` or `Unreachable`."""
        kept = self._read_state()
        text = self._fetch(self.checkpoint_at).decode(errors="replace")
        checkpoint, note = self._open(text)
        self._prove_shown(checkpoint)
        before = self._opened_state(kept)
        since = self._without_quorum(note, kept, now=now)
        self.is_witnessed, self.seen = since is None, checkpoint
        if before is None or self._prove_growth(before, checkpoint):
            self._write_state(text, since)
        elif kept is not None:
            # The checkpoint is smaller than one that was shown before without a quorum. The larger one stays on record.
            self._write_state(kept["checkpoint"], since)
        if since is not None and now - since > self._patience:
            raise Alarm("watch-quorum", size=checkpoint.size, why=f"since {int((now - since) // 60)} minutes")
        return checkpoint.size

    def _prove_shown(self, shown: Checkpoint) -> None:
        """The register's own answers to proofs speak for its root."""

    def _open(self, text: str) -> tuple[Checkpoint, Note]:
        try:
            return notes.open_checkpoint(text, keys=self.anchors.keys)
        except BadNote as why:
            # The answer may come from a proxy or be a maintenance notice. A page that is no checkpoint proves nothing.
            try:
                notes.read_checkpoint(notes.read_note(text).text)
            except BadNote:
                raise Unreachable(f"the answer is no checkpoint: {why}") from None
            raise Alarm("checkpoint-signature", why=str(why)) from None

    def _prove_growth(self, before: Checkpoint, after: Checkpoint) -> bool:
        """Whether it is as new as what was kept; raises `Alarm` where one does not continue the other."""
        if after.size < before.size:
            self._prove_prefix(after, before)
            return False
        if after.size == before.size or not before.size:
            if before.size and after.root != before.root:
                raise Alarm("watch-inconsistent", size=after.size, good=before.size)
            return True
        try:
            self.continues(before, after)
        except tree.Unproven as why:
            raise Alarm("watch-inconsistent", size=after.size, good=before.size, why=str(why)) from None
        return True

    def _prove_prefix(self, smaller: Checkpoint, kept: Checkpoint) -> None:
        """The log must still have what was kept, and the smaller one be its beginning; else it shrank."""
        shrunk = Alarm("watch-shrunk", size=smaller.size, good=kept.size)
        if not smaller.size:
            raise shrunk
        try:
            self.continues(smaller, kept)
        except tree.Unproven:
            raise shrunk from None
        except Unreachable as why:
            if why.status in NO_SUCH_TREE:
                raise shrunk from None
            raise

    def continues(self, first: Checkpoint, second: Checkpoint) -> None:
        """Ask for the proof that the second grew out of the first. Raises `Unreachable` or `tree.Unproven`."""
        answer = self._fetch(f"/api/v1/log/consistency?first={first.size}&second={second.size}")
        try:
            read = json.loads(answer)
            proof = [base64.b64decode(str(node), validate=True) for node in read["proof"]]
        except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
            raise Unreachable("the answer to /log/consistency is no proof") from None
        tree.verify_consistency(
            first=first.size, second=second.size, first_root=first.root, second_root=second.root, proof=proof
        )

    def _without_quorum(self, note: Note, kept: dict[str, Any] | None, *, now: float) -> float | None:
        """Since when the newest checkpoint lacks a quorum, or None."""
        if self.anchors.policy is None or self.anchors.policy.is_met(note):
            return None
        since = kept.get("without_quorum_since") if kept else None
        return float(since) if isinstance(since, int | float) else now

    # -- the state file ------------------------------------------------------------------------------------------------

    def _read_state(self) -> dict[str, Any] | None:
        if not self._state.exists():
            return None
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
        except (OSError, ValueError) as why:
            raise CannotDecide(f"{self._state}: the state file cannot be read ({type(why).__name__}).") from None
        if not isinstance(state, dict) or not isinstance(state.get("checkpoint"), str):
            raise CannotDecide(f"{self._state}: this is no state file of `watch`.")
        return state

    def _opened_state(self, kept: dict[str, Any] | None) -> Checkpoint | None:
        if kept is None:
            return None
        try:
            return notes.open_checkpoint(kept["checkpoint"], keys=self.anchors.keys)[0]
        except BadNote as why:
            raise CannotDecide(f"{self._state}: the checkpoint kept there is not of this log: {why}.") from None

    def _write_state(self, text: str, since: float | None) -> None:
        draft = self._state.with_name(f"{self._state.name}.{os.getpid()}")
        try:
            draft.write_text(json.dumps({"checkpoint": text, "without_quorum_since": since}), encoding="utf-8")
            draft.replace(self._state)
        except OSError as why:
            raise CannotDecide(f"{self._state}: cannot be written: {why.strerror}") from None

    # -- the wire ------------------------------------------------------------------------------------------------------

    def _fetch(self, path: str) -> bytes:
        return fetch(self.url + path)


class WatchingTiles(Watching):
    """The same of a copy of the tree as tiles: proofs are made here, of hashes that fold into the signed root."""

    checkpoint_at = "/checkpoint"

    def _prove_shown(self, shown: Checkpoint) -> None:
        """The tiles are those of the tree that was signed. Raises `Unreachable`: they may be half copied."""
        if shown.size and tiles.root(size=shown.size, fetch=self._tile) != shown.root:
            raise Unreachable(OTHER_TILES)

    def continues(self, first: Checkpoint, second: Checkpoint) -> None:
        """What tiles say of the earlier tree is held to the later root first: a damaged tile accuses nobody."""
        proof, peaks = tree.consistency(first.size, second.size), tree.peaks(first.size)
        known = tiles.node_hashes({*proof.needs, *peaks}, size=second.size, fetch=self._tile)
        found = tree.root_from(first.size, known)
        try:
            tree.verify_consistency(
                first=first.size, second=second.size, first_root=found, second_root=second.root,
                proof=proof.hashes(known),
            )  # fmt: skip
        except tree.Unproven:
            raise Unreachable(OTHER_TILES) from None
        if found != first.root:
            raise tree.Unproven("its first leaves have another root")

    def _tile(self, tile: Tile) -> bytes:
        try:
            return self._fetched(tile)
        except Unreachable as why:
            # A partial tile may be gone once the full one is there.
            if why.status != 404 or tile.width == tiles.WIDTH:
                raise
            return self._fetched(tile.full)[: tile.width * tiles.HASH]

    def _fetched(self, tile: Tile) -> bytes:
        try:
            return tile.checked(self._fetch(f"/{tile.path}"))
        except tiles.BadTile as why:
            raise Unreachable(str(why)) from None
