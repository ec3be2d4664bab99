"""Proof files: C2SP tlog-proof, a leaf's place in a cosigned tree, checked offline for ever."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from . import notes, tree
from .notes import BadNote, Checkpoint, Note, VerifierKey

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile("index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class ProofFile:
    """An index, the path from its leaf to the root, the checkpoint, and `extra`: the entry's bytes, where shown."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        lines = [HEADER]
        if self.extra is not None:
            lines.append("extra " + base64.b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(step).decode() for step in self.path]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    def verify(self, *, leaf: bytes, keys: Iterable[VerifierKey]) -> tuple[Checkpoint, Note]:
        """Check the log's signature and the path from that leaf hash; returns the checkpoint and its note.

        Raises `BadNote` (signature, format) or `tree.Unproven` (path). Cosignatures are the policy's matter.
        """
        checkpoint, note = notes.open_checkpoint(self.checkpoint, keys=keys)
        tree.verify_inclusion(leaf=leaf, index=self.index, size=checkpoint.size, path=self.path, root=checkpoint.root)
        return checkpoint, note


def read_proof(text: str) -> ProofFile:
    """Take a proof file apart. Raises `BadNote`."""
    head, found, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != HEADER:
        raise BadNote(f"a proof file begins with {HEADER}")
    rest = lines[1:]
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = notes.decode(rest.pop(0).removeprefix("extra "))
    if not rest or not (index := _INDEX.fullmatch(rest[0])) or int(index[1]) >= 2**63:
        raise BadNote("the proof file names no index")
    if len(rest) > 64:
        raise BadNote("the path is longer than any tree is high")
    path = tuple(notes.decode_hash(line) for line in rest[1:])
    return ProofFile(index=int(index[1]), path=path, checkpoint=checkpoint, extra=extra)
