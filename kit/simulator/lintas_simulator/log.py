"""The log in memory: entries, the tree over them, its checkpoint, receipts, and proofs that a verifier accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lintas_simulator.keys import PublicKey, SigningKey, thumbprint

if TYPE_CHECKING:
    from audit.tlog import notes, tree
    from audit.tlog.proof import ProofFile
else:
    try:
        from lintas_simulator.tlog import notes, tree
        from lintas_simulator.tlog.proof import ProofFile
    except ModuleNotFoundError:
        from audit.tlog import notes, tree
        from audit.tlog.proof import ProofFile

WITHIN: Final = timedelta(seconds=60)
RECEIPT: Final = "lintas-receipt+jwt"


def instant(moment: datetime) -> str:
    """An instant as the register writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def canonical(value: Any) -> bytes:
    """RFC 8785 of what an entry holds: text, whole numbers, null. (Of these alone this is the canonical form.)"""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Entry:
    """One leaf. `event` is what the feed tells of it, `readers` the agencies that had sight when it was written."""

    id: str
    stream: str
    seq: int
    at: datetime
    body: bytes
    leaf: bytes
    event: Mapping[str, Any]
    readers: frozenset[str]


@dataclass
class Log:
    """Entries in order; the key of receipts can be changed for another (`rotate`)."""

    base_url: str
    host: str
    entries: list[Entry] = field(default_factory=list)
    receipt_keys: list[SigningKey] = field(default_factory=lambda: [SigningKey.draw()])
    checkpoint_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)

    @property
    def origin(self) -> str:
        """The name of the log."""
        return f"{self.host}/log/1"

    @property
    def head(self) -> int:
        """The index of the newest leaf, -1 where there is none."""
        return len(self.entries) - 1

    @property
    def _signer(self) -> notes.Signer:
        return notes.Signer(name=self.origin, type=notes.LOG, private=self.checkpoint_key)

    @property
    def vkey(self) -> str:
        """The log's public key as a verifier takes it."""
        return str(self._signer.vkey)

    @property
    def published(self) -> dict[str, str]:
        """The log's key as jwks.json has it."""
        jwk = dict(PublicKey.of_key(self.checkpoint_key.public_key(), kid="").jwk)
        return {**jwk, "kid": thumbprint(jwk), "use": "sig", "alg": "EdDSA", "vkey": self.vkey}

    def append(
        self, ident: str, *, stream: str, seq: int, at: datetime, event: Mapping[str, Any], readers: frozenset[str]
    ) -> Entry:
        """Add one entry under that id."""
        said = {"entry": ident, "stream": stream, "seq": seq, "origin": self.origin, "recorded_at": instant(at)}
        body = canonical(said)
        entry = Entry(ident, stream, seq, at, body, tree.leaf_hash(body), event, readers)
        self.entries.append(entry)
        return entry

    def rotate(self) -> None:
        """Sign receipts with a new key from now on; the former stays published."""
        self.receipt_keys.append(SigningKey.draw())

    def receipt(self, entry: Entry, *, casefile: bool = True) -> dict[str, Any]:
        """The promise for that entry, as an accepted write is answered with."""
        promise = {
            "entry": entry.id,
            "seq": entry.seq,
            "leaf_hash": entry.leaf.hex(),
            "accepted_at": instant(entry.at),
            "in_tree_by": instant(entry.at + WITHIN),
        }
        payload = {**promise, "iss": self.base_url, "origin": self.origin, "stream": entry.stream}
        return {
            **promise,
            **({"casefile": entry.stream} if casefile else {"stream": entry.stream}),
            "proof": f"/api/v1/log/entries?leaf_hash={entry.leaf.hex()}",
            "jws": self.receipt_keys[-1].jws(canonical(payload), typ=RECEIPT),
        }

    def checkpoint(self) -> str:
        """The signed note over all leaves."""
        root = tree.root_of(entry.leaf for entry in self.entries)
        return str(notes.Checkpoint(origin=self.origin, size=len(self.entries), root=root).signed(self._signer))

    def proof(self, index: int, *, shown: bool) -> str:
        """The proof file of that leaf; with the entry's bytes where `shown`."""
        asked = tree.inclusion(index, len(self.entries))
        nodes = tree.from_leaves([entry.leaf for entry in self.entries])(asked.needs)
        extra = self.entries[index].body if shown else None
        return str(ProofFile(index=index, path=tuple(asked.hashes(nodes)), checkpoint=self.checkpoint(), extra=extra))

    def feed(self, agency: str) -> list[dict[str, Any]]:
        """Every event of an agency, in the log's order, each with the index of the one before."""
        events: list[dict[str, Any]] = []
        previous: int | None = None
        for index, entry in enumerate(self.entries):
            if agency in entry.readers:
                events.append({**entry.event, "logindex": index, "previous": previous})
                previous = index
        return events
