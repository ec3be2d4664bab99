"""Signed requests, years later: what the verifier proves from what is kept, and which forgery it names."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from api.http import idempotency
from audit import evidence
from audit.verify import evidence as verifier
from audit.verify.actors import Key
from casefiles.flow import State
from casefiles.operations import erasers, erasure
from tests import callers
from tests.audit.verify.conftest import manage
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import BKN, casefile_at
from tests.partner import Partner, said
from tests.sequencing import Sequencing
from tests.signed import Signer, base_of, sent, sign
from tests.world import World

REJECTION = orjson.dumps(
    {
        "reason": {"code": "other", "text": "Bukan ASN"},
        "official": {"name": "Pejabat Rekaan", "nip": "197001011995031001", "position": "Kepala Badan"},
    }
)
FORGED_TOKEN = """
INSERT INTO agencies_accesstoken (token, token_checksum, application_id, key_id, key_thumbprint, scope, expires,
    resource, created, updated)
SELECT '', encode(sha256(convert_to(%s, 'UTF8')), 'hex'), c.id, k.id, k.thumbprint, 'casefiles:write',
    now() + interval '5 minutes', '[]', now(), now()
FROM agencies_client c JOIN agencies_clientkey k ON k.client_id = c.id WHERE c.client_id = 'bkn-system'
"""


def reject(bkn: Signer, casefile: UUID, *, sign: bool = True) -> Any:
    """BKN rejects a casefile that was just submitted."""
    path = f"/api/v1/casefiles/{casefile}/reject"
    headers = bkn.headers(If_Match='"1"')
    return sent("POST", path, REJECTION, bkn.sign("POST", path, REJECTION, headers) if sign else headers)


def settle(owner: psycopg.Connection[Any]) -> None:
    """As if it had happened eleven minutes ago, when no token of its time can be used any more."""
    owner.execute("UPDATE audit_evidence SET created_at = created_at - interval '12 minutes'")


@pytest.mark.django_db(transaction=True)
def test_a_token_that_the_owner_forged_proves_no_act_of_who_must_sign(
    world: World, sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """The policy is lifted for one act and put back; a token is slipped in for a key that is registered."""
    bkn = Signer(world, BKN)
    lawful, forged = casefile_at(State.SUBMITTED), casefile_at(State.SUBMITTED)
    bkn.must_sign()
    assert reject(bkn, lawful.casefile).status_code == 200
    token = "f" * 43
    owner_connection.execute(FORGED_TOKEN, [token])
    bkn.token = token
    assert said(reject(bkn, forged.casefile, sign=False))["code"] == "signature-required"
    lift = "UPDATE agencies_client SET signatures_required_from = %s WHERE client_id = 'bkn-system' RETURNING id"
    (kept,) = owner_connection.execute(
        "SELECT signatures_required_from FROM agencies_client WHERE client_id = 'bkn-system'"
    ).fetchone() or (None,)
    owner_connection.execute(lift, [None])
    assert reject(bkn, forged.casefile, sign=False).status_code == 200
    owner_connection.execute(lift, [kept])
    owner_connection.execute(
        "DELETE FROM agencies_accesstoken WHERE token_checksum = encode(sha256(%s), 'hex')", [token.encode()]
    )
    sequenced()
    report = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert report.exit == 1, report.said
    assert report.named(code="actor-unsigned", casefile=str(forged.casefile), seq=2, member="request.signature")
    assert report.codes == {"actor-unsigned"}
    manage(reader_url, "export_log", "--out", tmp_path / "dump")
    dumped = verify("dump", tmp_path / "dump", *at_its_word(sequenced.signer.vkey))
    assert (dumped.exit, dumped.codes) == (1, {"actor-unsigned"})


@pytest.mark.django_db(transaction=True)
def test_what_proves_a_signed_act_is_compared_and_every_forgery_of_it_named(
    world: World, sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    bkn = Signer(world, BKN)
    story, other = casefile_at(State.SUBMITTED), casefile_at(State.SUBMITTED)
    for each in (story, other):
        assert reject(bkn, each.casefile).status_code == 200
    sequenced()
    trust = at_its_word(sequenced.signer.vkey)
    young = verify("db", reader_url, *trust)
    assert (young.exit, "evidence-young" in young.notes) == (0, True), young.said
    settle(owner_connection)
    sound = verify("db", reader_url, *trust)
    assert (sound.exit, sound.said["checked"]["signatures"]) == (0, 2), sound.said

    answer = Partner(BKN).get(f"/casefiles/{story.casefile}/evidence/2")
    file = tmp_path / "evidence.json"
    file.write_bytes(answer.content)
    alone = verify("evidence", file, *trust)
    assert (alone.exit, alone.said["checked"]["signatures"]) == (0, 1), alone.said
    manage(reader_url, "export_case", "--casefile", story.casefile, "--out", tmp_path / "case")
    case = verify("case", tmp_path / "case", *trust)
    assert (case.exit, case.said["checked"]["signatures"]) == (0, 1), case.said

    told = json.loads(answer.content)
    foreign = callers.new_key()
    for change, code in (
        ({"signature": base64.b64encode(bytes(64)).decode()}, "evidence-differs"),
        ({"base": told["evidence"]["base"] + " "}, "evidence-differs"),
        ({"jwk": callers.public(foreign)}, "evidence-differs"),
        ({"salt": "00" * 32}, "evidence-differs"),
    ):
        file.write_text(json.dumps({**told, "evidence": {**told["evidence"], **change}}))
        forged = verify("evidence", file, *trust)
        assert (forged.exit, forged.codes) == (1, {code}), (change, forged.said)
    file.write_text(json.dumps({**told, "evidence": None}))
    assert verify("evidence", file, *trust).exit == 2

    owner_connection.execute("CREATE TEMPORARY TABLE kept AS TABLE audit_evidence")
    owner_connection.execute("ALTER TABLE audit_evidence DROP CONSTRAINT evidence_is_whole_or_erased")
    mine = "request_id = (SELECT step_request FROM casefiles_historicalcasefile WHERE id = %s AND version = 2)"
    for edit, code in {
        "base = base || ' '": "evidence-differs",
        "signature = '\\x00'": "evidence-differs",
        "alg = 'Ed25519'": "evidence-differs",
        "jwk = '{}'": "evidence-differs",
        "salt = sha256(salt)": "evidence-differs",
        "created_at = now() + interval '1 day'": "evidence-missing",
        "request_id = gen_random_uuid()": "evidence-missing",
        "base = NULL, erased_at = now()": "evidence-missing",
    }.items():
        owner_connection.execute(f"UPDATE audit_evidence SET {edit} WHERE {mine}", [story.casefile])  # noqa: S608
        report = verify("db", reader_url, *trust)
        assert (report.exit, report.codes) == (1, {code}), (edit, report.said)
        assert report.named(table="audit_evidence", casefile=str(story.casefile), seq=2)
        owner_connection.execute("DELETE FROM audit_evidence")
        owner_connection.execute("INSERT INTO audit_evidence TABLE kept")


@pytest.mark.django_db(transaction=True)
def test_evidence_goes_with_an_erasure_and_the_log_says_so(
    world: World, sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection[Any]
) -> None:
    bkn = Signer(world, BKN)
    story, other = casefile_at(State.SUBMITTED), casefile_at(State.SUBMITTED)
    for each in (story, other):
        assert reject(bkn, each.casefile).status_code == 200
    signers = {name: Ed25519PrivateKey.generate() for name in ("arsip-1", "hukum-2")}
    lines = [
        f"{name} {base64.b64encode(key.public_key().public_bytes_raw()).decode()}" for name, key in signers.items()
    ]
    origin, now = settings.LINTAS_LOG_ORIGIN, datetime.now(UTC)
    with callers.as_owner():
        order = erasure.order(
            casefile=str(story.casefile),
            reason="retention_elapsed",
            basis="UU 27/2022 Pasal 44",
            origin=origin,
            now=now,
        )
        for name, key in signers.items():
            order = erasers.add_signature(order, name=name, private=key)
        erasure.perform_order(
            order, erasers=erasers.read_erasers("\n".join(lines)), origin=origin, now=now, forget=idempotency.forget,
            destroy=len,
        )  # fmt: skip
    gone = Partner(BKN).get(f"/casefiles/{story.casefile}/evidence/2")
    assert (gone.status_code, said(gone)["code"]) == (410, "erased")
    sequenced()
    settle(owner_connection)
    trust = at_its_word(sequenced.signer.vkey)
    sound = verify("db", reader_url, *trust)
    assert (sound.exit, sound.said["checked"]["signatures"]) == (0, 2), sound.said
    # Whoever takes evidence away without an order is found out.
    owner_connection.execute(
        "UPDATE audit_evidence SET base = NULL, signature = NULL, salt = NULL, jwk = NULL, erased_at = now()"
    )
    report = verify("db", reader_url, *trust)
    assert (report.exit, report.codes) == (1, {"evidence-missing"})
    assert report.named(casefile=str(other.casefile), seq=2)


# -- entry by entry ----------------------------------------------------------------------------------------------------


ENTRY: dict[str, Any] = {
    "stream": "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a21", "kind": "reject", "to": "closed",
    "recorded_at": "2026-11-30T03:04:05.123Z", "actor": {"client": "bkn-system"},
}  # fmt: skip
HERE = f"/api/v1/casefiles/{ENTRY['stream']}"
CREATED = int(datetime(2026, 11, 30, 3, 4, 5, tzinfo=UTC).timestamp())


def judged(*, path: str = f"{HERE}/reject", created: int = CREATED, key: str = "k" * 16, **entry: Any) -> str | None:
    """What the verifier says of a base that was truly signed and truly committed to."""
    jwk = callers.new_key("Ed25519")
    lines = {"@method": "POST", "@authority": "lintas.example.go.id", "@path": path, "idempotency-key": key}
    base = base_of(lines, tuple(lines), f';created={created};keyid="k1";tag="lintas-v1"')
    made = evidence.signed(
        base=base, signature=sign(base, jwk, "Ed25519"), alg="Ed25519", jwk=callers.public(jwk), thumbprint="t"
    )
    idempotency = hashlib.sha256(b"bkn-system\n" + b"k" * 16).hexdigest()
    said_ = {**ENTRY, **entry, "request": {"idempotency": idempotency, "signature": made.digest.hex()}}
    told = evidence.content(base=base, signature=made.signature, alg="Ed25519", jwk=made.jwk)
    return verifier.fault(told, said_, salt=made.commitment.salt, keys=None)


def test_what_was_signed_must_be_the_act_of_the_entry() -> None:
    other = f"/api/v1/casefiles/{uuid4()}"
    assert judged() is None
    for wrong in (
        {"path": f"{HERE}/accept"},
        {"path": f"{other}/reject"},
        {"path": HERE},
        {"path": "/api/v1/findings"},
        {"created": CREATED - 16 * 60},
        {"created": CREATED + 16 * 60},
        {"key": "l" * 16},
        {"kind": "submit"},
        {"kind": "document.recorded", "to": None},
        {"kind": "casefile.erased", "to": None},
    ):
        assert judged(**wrong) == "evidence-other-act", wrong
    assert judged(path="/api/v1/findings", kind="submit") is None
    assert judged(path="/api/v1/documents", kind="document.recorded", to=None) is None
    assert judged(path=f"{other}/merge", kind="absorb") is None
    assert judged(path=f"{HERE}/merge", kind="absorb") == "evidence-other-act"


def test_a_key_of_somebody_else_or_of_another_time_proves_nothing() -> None:
    jwk = callers.new_key("Ed25519")
    public = callers.public(jwk)
    base = base_of({"@path": f"{HERE}/reject"}, ("@path",), f';created={CREATED};tag="lintas-v1"')
    made = evidence.signed(base=base, signature=sign(base, jwk, "Ed25519"), alg="Ed25519", jwk=public, thumbprint="t")
    said_ = {**ENTRY, "request": {"idempotency": None, "signature": made.digest.hex()}}
    told = evidence.content(base=base, signature=made.signature, alg="Ed25519", jwk=public)
    mark = verifier.thumbprint(public) or ""
    live, ended = Key("Ed25519", "2026-01-01", None), Key("Ed25519", "2026-01-01", "2026-02-01")
    for keys, code in (
        ({("bkn-system", mark): live}, None),
        ({("bkn-system", mark): ended}, "evidence-key"),
        ({("other", mark): live}, "evidence-key"),
        ({}, "evidence-key"),
    ):
        assert verifier.fault(told, said_, salt=made.commitment.salt, keys=keys) == code
