"""Whether a witness signs: the checks of C2SP tlog-witness in their order, without HTTP.

The answer 200 means: this tree continues, leaf by leaf, every tree that this witness cosigned for the origin before.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..tlog import notes, tree
from ..tlog.notes import BadNote, Checkpoint, Note, Signer, VerifierKey
from .store import TWO_ROOTS, UNPROVEN, Contradiction, Memory, Remembered, Store

MAX_BODY = 64 * 1024
MAX_PROOF = 63
LARGEST = 2**63 - 1
CLOCK_SLACK_S = 300
PLAIN = "text/plain; charset=utf-8"
TLOG_SIZE = "text/x.tlog.size"

_OLD = re.compile("old (0|[1-9][0-9]{0,18})")
_journal = logging.getLogger("lintas.witness")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status, what the body is, and the body."""

    status: int
    text: str
    content_type: str = PLAIN


def refusal(status: int, indonesian: str, english: str) -> Answer:
    """A refusal, in two languages, a line each."""
    return Answer(status, f"{indonesian}\n{english}\n")


@dataclass(frozen=True, slots=True)
class Submission:
    """What a log asks to have cosigned: from which size, by which proof, to which checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint
    note: Note


def read_submission(body: bytes) -> Submission:
    """Take the body of an add-checkpoint apart. Raises `BadNote`."""
    head, found, note = body.partition(b"\n\n")
    if not found or not head.isascii():
        raise BadNote("the body is an old size, proof lines, an empty line and a checkpoint")
    first, *lines = head.decode("ascii").split("\n")
    if not (old := _OLD.fullmatch(first)):
        raise BadNote("the first line reads: old <size>")
    if len(lines) > MAX_PROOF:
        raise BadNote(f"a proof has at most {MAX_PROOF} hashes")
    proof = tuple(notes.decode_hash(line) for line in lines)
    read = notes.read_note(note)
    checkpoint = notes.read_checkpoint(read.text)
    if max(int(old[1]), checkpoint.size) > LARGEST:
        raise BadNote("no tree is that large")
    return Submission(old=int(old[1]), proof=proof, checkpoint=checkpoint, note=read)


class Witness:
    """One witness: its key, the logs it knows, its memory."""

    def __init__(self, *, signer: Signer, logs: Iterable[VerifierKey], store: Store) -> None:
        self.signer = signer
        self.store = store
        self.logs: tuple[VerifierKey, ...] = tuple(logs)

    def add_checkpoint(self, body: bytes, *, now: int) -> Answer:
        """Check a submission and cosign it, or say why not; `now` in POSIX seconds.

        Raises sqlite3.Error where the memory does not take it: then nothing was signed.
        """
        try:
            asked = read_submission(body)
        except BadNote as why:
            return refusal(400, "Permintaan tidak sesuai format.", f"The request is malformed: {why}.")
        origin = asked.checkpoint.origin
        keys = [key for key in self.logs if key.name == origin]
        if not keys:
            return refusal(404, "Log ini tidak dikenal di sini.", "This log is not known here.")
        try:
            # Only what a trusted key signed is kept: whatever else was on the note is ignored, and not stored.
            fitting = tuple(line for line in asked.note.lines if _fits(Note(asked.note.text, (line,)), keys))
        except BadNote:
            fitting = ()
        if not fitting:
            return refusal(403, "Tidak ada tanda tangan log yang sah.", "No valid signature of the log is on it.")
        if asked.old > asked.checkpoint.size:
            return refusal(400, "Ukuran lama melebihi ukuran baru.", "The old size is larger than the new one.")
        with self.store.deciding() as memory:
            return self._decide(memory, asked, note=str(Note(asked.note.text, fitting)), now=now)

    def _decide(self, memory: Memory, asked: Submission, *, note: str, now: int) -> Answer:
        checkpoint = asked.checkpoint
        latest = memory.latest(checkpoint.origin)
        size, root = (latest.size, latest.root) if latest else (0, tree.EMPTY)
        forked = checkpoint.size == size and checkpoint.root != root
        if forked and latest:
            _accuse(memory, TWO_ROOTS, checkpoint, note=note, latest=latest, now=now)
        if asked.old != size:
            return Answer(409, f"{size}\n", TLOG_SIZE)
        if forked:
            return refusal(
                409,
                f"Log ini pernah menandatangani akar lain untuk ukuran {size}.",
                f"This log has signed another root for size {size}.",
            )
        try:
            tree.verify_consistency(
                first=size, second=checkpoint.size, first_root=root, second_root=checkpoint.root, proof=asked.proof
            )
        except tree.Unproven as why:
            if latest and checkpoint.size > size:
                _accuse(memory, UNPROVEN, checkpoint, note=note, latest=latest, now=now)
            return refusal(
                422,
                f"Tidak terbukti bahwa pohon ini melanjutkan pohon berukuran {size}.",
                f"It is not shown that this tree continues the one of size {size}: {why}.",
            )
        last = latest.cosigned_at if latest else 0
        if now < last - CLOCK_SLACK_S:
            return refusal(
                503,
                "Jam saksi mundur lebih dari 5 menit; tidak menandatangani.",
                "The witness's clock is more than 5 minutes behind its last cosignature; it does not sign.",
            )
        time = max(now, last)
        line = self.signer.sign(asked.note.text, time=time)
        memory.keep(
            checkpoint.origin, Remembered(size=checkpoint.size, root=checkpoint.root, note=note, cosigned_at=time)
        )
        return Answer(200, line + "\n")


def _fits(note: Note, keys: Iterable[VerifierKey]) -> bool:
    return any(note.signed_by(key) is not None for key in keys)


def _accuse(memory: Memory, kind: str, checkpoint: Checkpoint, *, note: str, latest: Remembered, now: int) -> None:
    """Keep the evidence, and say so the first time: two roots are an alarm, what anybody can cause is not."""
    found = Contradiction(
        origin=checkpoint.origin, kind=kind, size=checkpoint.size, root=checkpoint.root, note=note,
        cosigned=latest, seen_at=now,
    )  # fmt: skip
    if not memory.keep_evidence(found):
        return
    if kind == TWO_ROOTS:
        _journal.warning(
            "ALARM %s: %s signed two roots for one size (ours %d, theirs %d). See `lintas-witness evidence`.",
            kind, checkpoint.origin, latest.size, checkpoint.size,
        )  # fmt: skip
    else:
        _journal.info(
            "%s: %s, %d leaves, came without a proof that it continues our %d.",
            kind, checkpoint.origin, checkpoint.size, latest.size,
        )  # fmt: skip
