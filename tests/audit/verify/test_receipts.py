"""Receipts and proofs are verified offline: the promise, the promise kept, and everything that only looks like one."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from audit import receipts
from audit.ledger import Sealed
from audit.receipts import ReceiptKey
from tests.audit.verify.conftest import Register
from tests.audit.verify.logs import at_its_word, verify

Files = dict[str, Path]


def fresh_key() -> ReceiptKey:
    key = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
    said = key.as_dict(private=False)
    return ReceiptKey(private=key, public={**{name: str(said[name]) for name in said}, "kid": key.thumbprint()})


KEY = fresh_key()


@pytest.fixture
def files(cases: dict[str, Path], register: Register, tmp_path: Path) -> Files:
    """A receipt, its proof, and the operator's keys, as an agency keeps them."""
    version = json.loads(cases["closed"].read_text())["versions"][4]
    body = json.loads(version["body"])
    recorded_at = datetime.fromisoformat(body["recorded_at"])
    sealed = Sealed(
        uuid=UUID(body["entry"]),
        stream=UUID(body["stream"]),
        seq=body["seq"],
        leaf_hash=bytes.fromhex(version["leaf_hash"]),
        body=version["body"].encode(),
        audience=(),
        recorded_at=recorded_at,
    )
    promise = receipts.sign(sealed, key=KEY)
    signed = json.loads(base64.urlsafe_b64decode(promise.split(".")[1] + "=="))
    receipt = {
        "entry": body["entry"],
        "casefile": body["stream"],
        "seq": body["seq"],
        "leaf_hash": version["leaf_hash"],
        "accepted_at": signed["accepted_at"],
        "in_tree_by": signed["in_tree_by"],
        "proof": f"/api/v1/log/entries?leaf_hash={version['leaf_hash']}",
        "jws": promise,
    }
    found = {name: tmp_path / name for name in ("receipt.json", "proof", "jwks.json")}
    found["receipt.json"].write_text(json.dumps(receipt))
    found["proof"].write_text(version["proof"])
    found["jwks.json"].write_text(json.dumps({"keys": [{**KEY.public, "kid": "whatever"}]}))
    return found


def both(files: Files, register: Register) -> tuple[object, ...]:
    return (
        *("receipt", files["receipt.json"], "--proof", files["proof"], "--jwks", files["jwks.json"]),
        *("--policy", register.policy),
    )


def change(file: Path, how: Callable[[dict[str, Any]], object]) -> None:
    said = json.loads(file.read_text())
    how(said)
    file.write_text(json.dumps(said))


def test_a_redeemed_promise_is_sound(files: Files, register: Register) -> None:
    said = verify(*both(files, register))
    assert (said.exit, said.said["checked"]) == (0, {"receipts": 1, "proofs": 1})


def test_a_proof_alone_is_sound(files: Files, register: Register) -> None:
    assert verify("receipt", files["proof"], *at_its_word(register.vkey)).exit == 0


def test_the_whole_answer_may_have_been_kept(files: Files, register: Register) -> None:
    change(files["receipt.json"], lambda said: said.update(receipt=dict(said)))
    assert verify(*both(files, register)).exit == 0


def test_a_promise_without_its_proof_is_not_redeemed_yet(files: Files) -> None:
    said = verify("receipt", files["receipt.json"], "--jwks", files["jwks.json"])
    assert (said.exit, said.codes) == (2, {"receipt-unredeemed"})
    assert "/log/entries?leaf_hash=" in said.said["findings"][0]["sentence"]


@pytest.mark.parametrize("member", ["entry", "casefile", "seq", "leaf_hash", "accepted_at", "in_tree_by"])
def test_a_member_that_was_not_signed_is_named(files: Files, register: Register, member: str) -> None:
    change(files["receipt.json"], lambda said: said.update({member: "another"}))
    said = verify(*both(files, register))
    assert said.exit == 1
    assert said.named(code="receipt-member", member=member)


def test_every_byte_of_the_promise_counts(files: Files, register: Register) -> None:
    receipt = json.loads(files["receipt.json"].read_text())
    whole = receipt["jws"]
    for at in range(0, len(whole), 7):
        other = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
        files["receipt.json"].write_text(json.dumps({**receipt, "jws": other}))
        assert verify(*both(files, register)).exit != 0, at


def test_every_line_of_the_proof_counts(files: Files, register: Register) -> None:
    whole = files["proof"].read_text()
    for at in range(0, len(whole), 11):
        files["proof"].write_text(whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :])
        # A cosignature that does not fit counts for nothing; the policy asks for it.
        assert verify(*both(files, register)).exit != 0, at


def forged(payload: dict[str, Any], *, header: dict[str, Any] | None = None, key: ReceiptKey = KEY) -> str:
    head = header or {"alg": "ES256", "kid": KEY.kid, "typ": receipts.TYPE}
    return str(jws.serialize_compact(head, json.dumps(payload).encode(), key.private))


def payload_of(files: Files) -> dict[str, Any]:
    promise = json.loads(files["receipt.json"].read_text())["jws"]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(promise.split(".")[1] + "=="))
    return said


def test_a_strangers_signature_does_not_pass(files: Files, register: Register) -> None:
    stranger = fresh_key()
    promise = forged(payload_of(files), key=stranger)
    change(files["receipt.json"], lambda said: said.update(jws=promise))
    assert verify(*both(files, register)).codes == {"receipt-signature"}
    owned = forged(payload_of(files), header={"alg": "ES256", "kid": stranger.kid, "typ": receipts.TYPE}, key=stranger)
    change(files["receipt.json"], lambda said: said.update(jws=owned))
    said = verify(*both(files, register))
    assert (said.exit, said.codes) == (2, {"receipt-unknown-key"})


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"typ": "JWT"}])
def test_another_kind_of_token_does_not_pass(files: Files, register: Register, header: dict[str, str]) -> None:
    promise = json.loads(files["receipt.json"].read_text())["jws"]
    told = {"alg": "ES256", "kid": KEY.kid, "typ": receipts.TYPE, **header}
    head = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    change(files["receipt.json"], lambda said: said.update(jws=".".join([head, *promise.split(".")[1:]])))
    assert verify(*both(files, register)).codes == {"receipt-signature"}


@pytest.mark.parametrize("member", ["entry", "stream", "seq", "origin"])
def test_a_promise_for_another_entry_does_not_fit_the_proof(files: Files, register: Register, member: str) -> None:
    promise = forged({**payload_of(files), member: "another"})
    change(files["receipt.json"], lambda said: said.update(jws=promise))
    assert verify(*both(files, register)).named(code="proof-entry", member=member)


def test_a_promise_for_another_leaf_is_not_judged_by_this_proof(files: Files, register: Register) -> None:
    """Somebody named the wrong file, which proves nothing about either."""
    promise = forged({**payload_of(files), "leaf_hash": "00" * 32})
    change(files["receipt.json"], lambda said: said.update(jws=promise, leaf_hash="00" * 32))
    said = verify(*both(files, register))
    assert (said.exit, said.codes) == (2, {"proof-leaf"})


def test_a_proof_of_another_log_decides_nothing(files: Files, register: Register) -> None:
    other = register.policy.read_text().splitlines()[1].split()[2]  # a witness's key is no log's key
    assert verify("receipt", files["proof"], "--key", other).exit == 2


def test_what_is_missing_or_unreadable_decides_nothing(files: Files, register: Register, tmp_path: Path) -> None:
    promised = both(files, register)
    shutil.copy(files["receipt.json"], tmp_path / "kept")
    assert verify("receipt", files["receipt.json"]).exit == 2
    assert verify("receipt", tmp_path / "none", "--jwks", files["jwks.json"]).exit == 2
    change(files["receipt.json"], lambda said: said.pop("jws"))
    assert verify(*promised).exit == 2
    files["receipt.json"].write_text("[]")
    assert verify(*promised).exit == 2
    files["receipt.json"].write_text("not JSON")
    assert verify(*promised).exit == 2
    shutil.copy(tmp_path / "kept", files["receipt.json"])
    files["jwks.json"].write_text('{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}')
    assert verify(*promised).exit == 2
    files["jwks.json"].write_text('{"keys": []}')
    assert verify(*promised).codes == {"receipt-unknown-key"}
    assert verify("receipt", files["proof"]).exit == 2


@pytest.mark.parametrize("kid", [[], {}, None, 7])
def test_a_kid_that_is_no_text_decides_nothing(files: Files, register: Register, kid: object) -> None:
    said = json.loads(files["receipt.json"].read_text())
    _, *rest = said["jws"].split(".")
    header = json.dumps({"alg": "ES256", "kid": kid, "typ": "lintas-receipt+jwt"}).encode()
    said["jws"] = ".".join([base64.urlsafe_b64encode(header).decode().rstrip("="), *rest])
    files["receipt.json"].write_text(json.dumps(said))
    found = verify("receipt", files["receipt.json"], "--jwks", files["jwks.json"], *at_its_word(register.vkey))
    assert (found.exit, found.codes) == (2, {"receipt-unknown-key"})
