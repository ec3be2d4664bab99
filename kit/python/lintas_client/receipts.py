"""Receipts: the register's signed promises, kept when an act is accepted and redeemed later for proofs.

A promise is judged by the code that lintas-verify runs: the signature of the receipt, the path of its leaf in the tree,
the signature of the log, and the quorum of witnesses that a policy asks for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx

from lintas_client.identity import Identity
from lintas_client.problems import NotFound
from lintas_client.store import Store
from lintas_client.wire import Call, Wire

if TYPE_CHECKING:
    from audit.verify import anchors, receipts
    from audit.verify.report import CannotDecide, Report
else:
    try:
        from lintas_client.log.verify import anchors, receipts
        from lintas_client.log.verify.report import CannotDecide, Report
    except ModuleNotFoundError:
        from audit.verify import anchors, receipts
        from audit.verify.report import CannotDecide, Report

JWKS: Final = "/.well-known/jwks.json"
Verdict = Literal["unredeemed", "overdue", "sound", "undecided", "tampered"]
"""`unredeemed`: not in the tree yet, and in time. `overdue`: the promise was broken. The rest as lintas-verify says it;
without a policy of witnesses a proof is `undecided` at best, for the operator alone vouches for the tree.
"""


VERDICTS: Final[tuple[Verdict, ...]] = ("sound", "tampered", "undecided")
"""By the verifier's exit code."""


@dataclass(frozen=True)
class Kept:
    """A receipt with what became of it. `reasons` are sentences, in the language that was asked for."""

    leaf_hash: str
    stream: str
    seq: int
    in_tree_by: datetime
    receipt: Mapping[str, Any]
    proof: str | None
    verdict: Verdict
    reasons: Sequence[str] = ()


class Receipts:
    """The receipts of one identity."""

    def __init__(
        self, store: Store, identity: Identity, wire: Wire, http: httpx.Client, *, policy: Path | None = None
    ) -> None:
        self._store = store
        self._identity = identity
        self._wire = wire
        self._http = http
        self._policy = policy

    def kept(self, *, open_only: bool = False) -> list[Kept]:
        """All receipts, oldest first; `open_only` those whose promise has not been seen kept."""
        where = "AND verdict <> 'sound'" if open_only else ""
        rows = self._store.db.execute(
            "SELECT leaf_hash, stream, seq, in_tree_by, receipt, proof, verdict FROM receipt"  # noqa: S608 - constants
            f" WHERE who = ? {where} ORDER BY rowid",
            (self._identity.name,),
        ).fetchall()
        return [
            Kept(leaf, stream, seq, datetime.fromisoformat(by), json.loads(text), proof, verdict)
            for leaf, stream, seq, by, text, proof, verdict in rows
        ]

    def redeem(self, *, now: datetime | None = None) -> list[Kept]:
        """Ask for the proof of every receipt that is open, verify it, keep it. Raises `Problem` or `Unanswered`."""
        moment = now or datetime.now(UTC)
        return [self._redeemed(kept, now=moment) for kept in self.kept(open_only=True)]

    def judge(self, receipt: Mapping[str, Any], proof: str) -> tuple[Verdict, list[str]]:
        """The verdict on a receipt with its proof, and the sentences that say why."""
        report = Report()
        with TemporaryDirectory() as made:
            folder = Path(made)
            files = {"receipt.json": json.dumps(receipt), "proof": proof, "jwks.json": self._keys(receipt)}
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8")
            try:
                trusted = anchors.read_anchors(keys=(), policy_file=self._policy)
                receipts.verify_receipt(
                    folder / "receipt.json", anchors=trusted, report=report, jwks=folder / "jwks.json",
                    proof=folder / "proof",
                )  # fmt: skip
            except CannotDecide as why:
                report.add("stopped", why=str(why).rstrip("."))
        indonesian = self._identity.language != "en"
        verdict = VERDICTS[report.exit_code]
        return verdict, [finding.sentence(indonesian=indonesian) for finding in report.findings]

    def _redeemed(self, kept: Kept, *, now: datetime) -> Kept:
        proof, reasons = kept.proof, list[str]()
        if proof is None:
            proof = self._proof(kept.leaf_hash)
        if proof is None:
            verdict: Verdict = "overdue" if now > kept.in_tree_by else "unredeemed"
        else:
            verdict, reasons = self.judge(kept.receipt, proof)
        with self._store.transaction() as db:
            db.execute(
                "UPDATE receipt SET proof = ?, verdict = ? WHERE leaf_hash = ?", (proof, verdict, kept.leaf_hash)
            )
        return Kept(
            kept.leaf_hash, kept.stream, kept.seq, kept.in_tree_by, kept.receipt, proof, verdict, tuple(reasons)
        )

    def _proof(self, leaf_hash: str) -> str | None:
        """The proof file; None where the leaf has no place yet."""
        try:
            listed = self._wire.send(Call("GET", "/log/entries", query={"leaf_hash": leaf_hash})).data
            index = int(listed["data"][0]["index"])
            answer = self._wire.send(Call("GET", f"/log/entries/{index}/receipt", headers={"Accept": "text/plain"}))
        except NotFound:
            return None
        return answer.content.decode()

    def _keys(self, receipt: Mapping[str, Any]) -> str:
        """The register's published keys: those kept first; fetched anew where the receipt names one not among them."""
        kept = self._store.jwks(self._identity.base_url)
        kid = _kid(receipt)
        if kept is not None and (kid is None or f'"{kid}"' in kept):
            return kept
        fetched = self._http.get(f"{self._identity.base_url}{JWKS}").raise_for_status().text
        self._store.keep_jwks(self._identity.base_url, fetched)
        return fetched


def _kid(receipt: Mapping[str, Any]) -> str | None:
    try:
        header = json.loads(anchors.unbase64url(str(receipt["jws"]).split(".")[0]))
        return str(header["kid"])
    except (KeyError, ValueError, TypeError):
        return None
