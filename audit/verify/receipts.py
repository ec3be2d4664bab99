"""`lintas-verify receipt FILE`: a submission receipt, a proof file, or both together, offline.

A receipt is the operator's signed promise (a JWS, ES256); a proof (C2SP tlog-proof) is the promise kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ..tlog import proof as proofs
from ..tlog import tree
from ..tlog.notes import BadNote, read_checkpoint, read_note
from ..tlog.proof import HEADER, ProofFile
from . import clock
from .anchors import HOW_TO_GET_A_KEY, Anchors, read_jwks, read_text, unbase64url
from .checkpoints import asks_witnesses, seen_at, signer_of
from .entries import Entry, place
from .forms import is_canonical, loads
from .report import CannotDecide, Report
from .times import Seen, Times

TYPE = "lintas-receipt+jwt"
SIGNED = ("entry", "seq", "leaf_hash", "accepted_at", "in_tree_by")
"""Members that a receipt repeats from what was signed; `casefile` is the payload's `stream`."""


def verify_receipt(
    file: Path, *, anchors: Anchors, report: Report, jwks: Path | None = None, proof: Path | None = None
) -> None:
    """Verify a receipt (JSON) with or without its proof, or a proof file alone. Raises `CannotDecide`."""
    text = read_text(file)
    if text.startswith(HEADER.partition("@")[0]):
        if jwks or proof:
            raise CannotDecide(
                f"{file} is a proof itself: --jwks and --proof go with a receipt. Name the receipt first."
            )
        verify_proof(_read_proof(text, file), anchors=anchors, report=report)
        asks_witnesses(anchors, report)
        return
    given = _read_proof(read_text(proof), proof) if proof else None
    payload = _verify_promise(_read_receipt(text, file, proof=given), jwks=jwks, report=report)
    if payload is None:
        return
    if given is None:
        report.add("receipt-unredeemed", entry=payload["entry"], why=f"in_tree_by {payload['in_tree_by']}")
        return
    asks_witnesses(anchors, report)
    leaf = bytes.fromhex(payload["leaf_hash"])
    entry = verify_proof(given, anchors=anchors, report=report, leaf=leaf)
    if entry is not None and not report.counts["proof-leaf"]:
        carried = {"entry": entry["entry"], "stream": entry["stream"], "seq": entry["seq"], "origin": entry["origin"]}
        for member, value in carried.items():
            # After a fork the log goes on under another origin; the entry keeps the one it was promised for.
            if payload[member] != value:
                report.add("proof-entry", member=member, entry=payload["entry"])


def verify_proof(
    proof: ProofFile, *, anchors: Anchors, report: Report, leaf: bytes | None = None, index: int | None = None
) -> Entry | None:
    """Verify a proof for that leaf hash (or that of its own `extra`); returns the entry it carries, if any.

    Raises `CannotDecide` where no key was given, or nothing says which leaf is meant.
    """
    if not anchors.keys:
        raise CannotDecide(HOW_TO_GET_A_KEY)
    entry: Entry | None = None
    where: dict[str, Any] = {"index": proof.index}
    if proof.extra is not None:
        own = tree.leaf_hash(proof.extra)
        entry = _carried(proof.extra, index=proof.index, report=report)
        where |= place(entry)
        if leaf is not None and own != leaf:
            # The proof belongs to another entry. It is verified for that entry, and proves nothing about this leaf.
            report.add("proof-leaf", member="extra", **where)
        leaf = own
    if leaf is None:
        raise CannotDecide("The proof carries no entry (extra): give the receipt too, which names the leaf hash.")
    if index is not None and index != proof.index:
        report.add("proof-index", index=index)
    try:
        read_checkpoint(read_note(proof.checkpoint).text)
    except BadNote as why:
        report.add("proof-unreadable", why=str(why), **where)
        return entry
    try:
        checkpoint, note = proof.verify(leaf=leaf, keys=anchors.keys)
    except BadNote as why:
        unknown = str(why).startswith("no key is known")
        code = "checkpoint-unknown-key" if unknown else "proof-signature"
        report.add(code, why=str(why), **where)
        return entry
    except tree.Unproven as why:
        report.add("proof-path", why=str(why), **where)
        return entry
    vouching = anchors.policy.seen_by(note) if anchors.policy else ()
    if anchors.policy is not None and not anchors.policy.is_met(note):
        report.add("quorum", **where)
    if entry is not None:
        lines = {signer_of(line): line for line in note.lines}
        seen = Seen((checkpoint.size, seen_at(lines[witness.key.name, witness.key.id])) for witness in vouching)
        Times(report, now=clock.now(), seen=seen).take(entry, index=proof.index)
    report.checked["proofs"] += 1
    report.verified |= {
        "entry": str(entry["entry"]) if entry else "",
        "index": proof.index,
        "size": checkpoint.size,
        "origin": checkpoint.origin,
        "witnesses": ", ".join(sorted(witness.name for witness in vouching)),
    }
    return entry


def _verify_promise(receipt: Mapping[str, Any], *, jwks: Path | None, report: Report) -> dict[str, Any] | None:
    """The payload of the receipt's JWS, where its signature fits."""
    if "jws" not in receipt:
        raise CannotDecide("The receipt has no jws: it was given before this log signed receipts, or it was cut.")
    if jwks is None:
        raise CannotDecide("No receipt key was given: fetch the operator's jwks.json once and give --jwks FILE.")
    keys = read_jwks(jwks)
    try:
        head, body, signature = str(receipt["jws"]).split(".")
        header, payload = (json.loads(unbase64url(part)) for part in (head, body))
        raw = unbase64url(signature)
        kid, algorithm, type_ = header["kid"], header["alg"], header.get("typ")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        report.add("receipt-unreadable", member="jws", why="it is no compact JWS")
        return None
    if not isinstance(kid, str) or kid not in keys:
        report.add("receipt-unknown-key", member="kid", why=f"kid {kid!s:.60}")
        return None
    # Whoever does not understand a critical header must not accept the token (RFC 7515, 4.1.11).
    ours = algorithm == "ES256" and type_ == TYPE and "crit" not in header and len(raw) == 64
    if not ours or not _fits(keys[kid], raw, f"{head}.{body}".encode()):
        report.add("receipt-signature", member="jws")
        return None
    if not isinstance(payload, dict) or not _is_complete(payload):
        report.add("receipt-signature", member="jws", why="the signed payload is no promise")
        return None
    for member in SIGNED:
        if member in receipt and receipt[member] != payload[member]:
            report.add("receipt-member", member=member, entry=payload["entry"])
    for member in ("casefile", "stream"):
        if member in receipt and receipt[member] != payload["stream"]:
            report.add("receipt-member", member=member, entry=payload["entry"])
    report.checked["receipts"] += 1
    return payload


def _fits(key: ec.EllipticCurvePublicKey, raw: bytes, message: bytes) -> bool:
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _is_complete(payload: Mapping[str, Any]) -> bool:
    if not {*SIGNED, "iss", "origin", "stream"} <= payload.keys():
        return False
    try:
        return len(bytes.fromhex(payload["leaf_hash"])) == 32 and isinstance(payload["entry"], str)
    except (ValueError, TypeError):
        return False


def _carried(extra: bytes, *, index: int, report: Report) -> Entry | None:
    """The entry that a proof carries; None (and a finding) where its bytes are none."""
    try:
        read = loads(extra)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict) or not is_canonical(extra, read):
        report.add("entry-not-canonical", index=index)
    elif not _is_entry(read):
        report.add("entry-shape", member="extra", index=index)
    else:
        return read
    return None


def _is_entry(read: Mapping[str, Any]) -> bool:
    """Whether it says which entry of which stream it is, as every entry of a register does."""
    named = all(isinstance(read.get(member), str) for member in ("entry", "stream", "origin"))
    return named and type(read.get("seq")) is int


def _read_receipt(text: str, file: Path, *, proof: ProofFile | None) -> dict[str, Any]:
    """The receipt, also out of the whole answer of a write: a finding's holds one for each casefile."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        raise CannotDecide(f"{file}: this is neither a receipt (JSON) nor a proof file.") from None
    if isinstance(parsed, dict) and isinstance(parsed.get("casefiles"), list):
        each = [
            casefile["receipt"]
            for casefile in parsed["casefiles"]
            if isinstance(casefile, dict) and "receipt" in casefile
        ]
        leaf = tree.leaf_hash(proof.extra).hex() if proof and proof.extra is not None else None
        mine = (
            each
            if len(each) < 2
            else [receipt for receipt in each if isinstance(receipt, dict) and receipt.get("leaf_hash") == leaf]
        )
        if each and not mine:
            raise CannotDecide(f"{file} holds {len(each)} receipts: give --proof with the proof of one of them.")
        parsed = mine[0] if mine else parsed
    elif isinstance(parsed, dict) and isinstance(parsed.get("receipt"), dict):
        parsed = parsed["receipt"]
    if not isinstance(parsed, dict):
        raise CannotDecide(f"{file}: a receipt is a JSON object.")
    return parsed


def _read_proof(text: str, file: Path) -> ProofFile:
    try:
        return proofs.read_proof(text)
    except BadNote as why:
        raise CannotDecide(f"{file}: {why}") from None
