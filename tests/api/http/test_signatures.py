"""Signed requests (RFC 9421): what must be covered, what breaks one, and what an entry keeps of it."""

from __future__ import annotations

import base64
import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from agencies import keys
from agencies.tokens import SigningKey
from api.http import signatures
from api.http.arriving import ARRIVED
from api.http.signatures import Message, SignatureRefused
from audit.models import Entry, Evidence
from audit.verify import evidence as verifier
from casefiles.flow import State
from casefiles.operations import proofs
from tests import callers
from tests.factories import casefile_at
from tests.partner import Partner, said
from tests.signed import BODY, OFFICE, PARTS, PATH, Signer, base_of, digest_of, sent, signed, values
from tests.world import World

OURS = '();tag="lintas-v1"'
LESS = ("@method", "@authority", "@path", "authorization", "idempotency-key")
REJECTION = orjson.dumps(
    {
        "reason": {"code": "other", "text": "Bukan ASN"},
        "official": {"name": "Pejabat Rekaan", "nip": "197001011995031001", "position": "Kepala Badan"},
    }
)


def reasons(answer: Any) -> list[str]:
    """The codes of a refused signature."""
    assert answer.status_code == 401, answer.content
    problem = said(answer)
    assert problem["code"] == "signature-refused", problem
    assert answer["Accept-Signature"].startswith("sig=(")
    return [item["code"] for item in problem["errors"]]


@pytest.fixture
def signer(world: World) -> Signer:
    """The office that forwards findings."""
    return Signer(world)


# -- in the door -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_signed_write_is_accepted_and_its_entry_commits_to_what_proves_it(signer: Signer) -> None:
    headers = signer.headers()
    whole = signer.sign("POST", PATH, BODY, headers)
    answer = sent("POST", PATH, BODY, whole)
    assert answer.status_code == 201, answer.content
    body = orjson.loads(bytes(Entry.objects.get(stream=said(answer)["id"]).body))
    row = Evidence.objects.get(pk=body["request"]["id"])
    told = proofs.proven(row)
    assert told is not None
    assert verifier.fault(told, body, salt=bytes.fromhex(told["salt"]), keys=None) is None
    # The tests' own code builds the same base.
    parameters = whole["Signature-Input"].partition(")")[2]
    covered = [name for name in PARTS if f'"{name}"' in whole["Signature-Input"]]
    mine = values("POST", f"{settings.LINTAS_BASE_URL}{PATH}", whole)
    assert row.base == base_of(mine, covered, parameters)


@pytest.mark.django_db
def test_an_unsigned_write_holds_no_signature_as_before(signer: Signer) -> None:
    answer = sent("POST", PATH, BODY, signer.headers())
    assert answer.status_code == 201
    body = orjson.loads(bytes(Entry.objects.get(stream=said(answer)["id"]).body))
    assert body["request"]["signature"] is None
    assert not Evidence.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"created": 0}, "signature-too-old"),
        ({"created": int(time.time() * 1000)}, "signature-in-milliseconds"),
        ({"tag": "others"}, "signature-tag-missing"),
        ({"kid": "nobody"}, "signature-key-unknown"),
        ({"more": ';alg="ed25519"'}, "signature-other-algorithm"),
        ({"private_jwk": callers.new_key()}, "signature-differs"),
        ({"covered": LESS}, "signature-covers-too-little"),
        ({"covered": ("@method", "@target-uri", *LESS[4:])}, "signature-covers-too-little"),
        ({"base_url": "https://lintas.example.go.id"}, "signature-differs"),
        ({"send": BODY.replace(b"7/2024", b"8/2024")}, "content-digest-differs"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)  # fmt: skip
def test_what_is_wrong_is_said(signer: Signer, more: dict[str, Any], code: str) -> None:
    assert reasons(signer.post(**more)) == [code]
    assert not Evidence.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Signature": "sig=:AAAA:"}, "signature-half-sent"),
        ({"Signature-Input": "sig=()", "Signature": "sig"}, "signature-tag-missing"),
        ({"Signature-Input": "sig=(", "Signature": "sig=:AAAA:"}, "signature-unreadable"),
        ({"Signature-Input": 'sig=1;tag="lintas-v1"', "Signature": "sig=:AAAA:"}, "signature-unreadable"),
        ({"Signature-Input": f"a={OURS},b={OURS}", "Signature": "a=:AA==:"}, "signature-tag-twice"),
        ({"Signature-Input": "x" * 4001, "Signature": "sig=:AAAA:"}, "signature-too-long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_broken_signature_is_refused_not_ignored(signer: Signer, headers: dict[str, str], code: str) -> None:
    assert reasons(sent("POST", PATH, BODY, signer.headers() | headers)) == [code]


@pytest.mark.django_db
def test_the_whole_address_may_be_covered_instead_of_its_parts(signer: Signer) -> None:
    covered = ("@method", "@target-uri", "authorization", "content-digest", "idempotency-key")
    assert signer.post(covered=covered).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_from_the_day_on_an_unsigned_write_is_refused_and_a_trial_is_not(signer: Signer) -> None:
    signer.must_sign()
    refused = sent("POST", PATH, BODY, signer.headers())
    assert (refused.status_code, said(refused)["code"]) == (401, "signature-required")
    assert 'tag="lintas-v1"' in refused["Accept-Signature"]
    assert sent("POST", f"{PATH}?validate_only=true", BODY, signer.headers()).status_code == 200
    assert signer.post().status_code == 201
    assert Partner(OFFICE).get("/me").status_code == 200
    assert said(Partner(OFFICE).get("/me"))["signatures_required_from"] is not None
    search = Partner("bkn").post("/casefiles/search", {"purpose": "case_handling", "nip": "198501012010011001"})
    assert search.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_day_that_lies_ahead_requires_nothing_yet(signer: Signer) -> None:
    signer.must_sign(datetime.now(UTC) + timedelta(days=1))
    assert sent("POST", PATH, BODY, signer.headers()).status_code == 201


@pytest.mark.django_db
def test_a_retry_is_signed_anew_and_replayed(signer: Signer) -> None:
    headers = signer.headers()
    first = sent("POST", PATH, BODY, signer.sign("POST", PATH, BODY, headers))
    again = sent("POST", PATH, BODY, signer.sign("POST", PATH, BODY, headers, created=int(time.time()) - 1))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true"
    assert Evidence.objects.count() == 1


@pytest.mark.django_db
def test_a_replay_of_what_was_signed_does_nothing_twice(signer: Signer) -> None:
    whole = signer.sign("POST", PATH, BODY, signer.headers())
    first, again = (sent("POST", PATH, BODY, whole) for _ in range(2))
    assert (first.content, again["Idempotency-Replayed"]) == (again.content, "true")
    assert Entry.objects.filter(stream=said(first)["id"]).count() == 1


# -- every changed part ------------------------------------------------------------------------------------------------

CASEFILE = "/api/v1/casefiles/0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a21/reject?validate_only=false"


def _altered(text: str, chance: random.Random) -> str:
    """The text with one character put in, taken out or changed; never the same, and blanks at its ends count not."""
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_.~"
    while True:
        place, letter = chance.randrange(len(text) + 1), chance.choice(alphabet)
        before, after = text[:place], text[place + 1 :]
        other = chance.choice((before + letter + text[place:], before + after, before + letter + after))
        if other.strip() not in ("", text):
            return other


def _changed(message: Message, part: str, chance: random.Random) -> Message:
    """The message with that part changed, and nothing else."""
    method, url, headers, body = message.method, message.url, dict(message.headers), message.body
    address, _, query = url.partition("?")
    if part == "@method":
        method = chance.choice(("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", _altered("POST", chance).upper()))
    elif part == "@authority":
        scheme, _, rest = address.partition("://")
        host, _, path = rest.partition("/")
        url = f"{scheme}://{_altered(host.replace(':', ''), chance)}/{path}?{query}"
    elif part == "@path":
        base, _, path = address.partition("/api/")
        url = f"{base}/{_altered(f'api/{path}', chance)}?{query}"
    elif part == "@query":
        url = f"{address}?{_altered(query, chance)}" if chance.random() < 0.9 else address
    elif part == "content-digest":
        if chance.random() < 0.5:
            body = _altered(body.decode(), chance).encode()
        else:
            headers["Content-Digest"] = digest_of(_altered(body.decode(), chance).encode())
    else:
        name = next(name for name in headers if name.lower() == part)
        if chance.random() < 0.1:
            del headers[name]
        else:
            headers[name] = _altered(headers[name], chance)
    return Message(method, url, headers, body)


@pytest.mark.parametrize("part", PARTS)
def test_a_hundred_changes_of_a_signed_part_are_all_refused(part: str) -> None:
    jwk = callers.new_key("Ed25519")
    now = datetime.now(UTC)
    key = SigningKey("Ed25519", callers.public(jwk), "t", now - timedelta(days=1), None, None)
    headers = {"Authorization": f"Bearer {'t' * 43}", "Idempotency-Key": uuid.uuid4().hex, "If-Match": '"3"'}
    whole = signed("POST", CASEFILE, REJECTION, headers, kid="k1", private_jwk=jwk, alg="Ed25519")
    message = Message("POST", f"{settings.LINTAS_BASE_URL}{CASEFILE}", whole, REJECTION)
    assert signatures.verify(message, key=key, now=now).alg == "Ed25519"
    chance = random.Random(f"9421 {part}")
    for _ in range(100):
        changed = _changed(message, part, chance)
        assert changed != message
        with pytest.raises(SignatureRefused):
            signatures.verify(changed, key=key, now=now)


@pytest.mark.parametrize("alg", keys.ALGORITHMS)
def test_each_algorithm_is_verified_here_and_offline(alg: str) -> None:
    jwk, now = callers.new_key(alg), datetime.now(UTC)
    key = SigningKey(alg, callers.public(jwk), "t", now - timedelta(days=1), None, None)
    whole = signed("POST", PATH, BODY, {"Authorization": "Bearer x"}, kid="k1", private_jwk=jwk, alg=alg)
    made = signatures.verify(Message("POST", f"{settings.LINTAS_BASE_URL}{PATH}", whole, BODY), key=key, now=now)
    assert verifier._verifies(made.base, made.signature, alg=made.alg, jwk=made.jwk)
    assert not verifier._verifies(made.base + " ", made.signature, alg=made.alg, jwk=made.jwk)


@pytest.mark.django_db
def test_an_honest_request_that_had_to_wait_is_not_refused_for_its_age(signer: Signer) -> None:
    """Its body came slowly, or its turn: the signature is as old as it was when the head of the request came."""
    now = datetime.now(UTC)
    signed_at = int((now - timedelta(seconds=90)).timestamp())

    def answer(arrived: datetime) -> Any:
        headers = signer.sign("POST", PATH, BODY, signer.headers(), created=signed_at)
        handed: dict[str, Any] = {ARRIVED: arrived}
        browser = Browser(raise_request_exception=False)
        return browser.generic("POST", PATH, BODY, content_type="application/json", headers=headers, **handed)

    assert answer(now - timedelta(seconds=85)).status_code == 201
    assert reasons(answer(now)) == ["signature-too-old"]


def test_no_other_clock_is_asked_and_a_new_key_serves_where_the_clock_is_a_little_behind() -> None:
    """The library's own clock would have named this signature wrong, and not old."""
    jwk, real = callers.new_key(), datetime.now(UTC)
    then = real - timedelta(seconds=200)
    key = SigningKey("ES256", callers.public(jwk), "t", then + timedelta(seconds=2), None, None)
    sent_then = int(then.timestamp())
    more = f";expires={sent_then + 30}"
    whole = signed(
        "POST", PATH, BODY, {"Authorization": "Bearer x"}, kid="k1", private_jwk=jwk, created=sent_then, more=more
    )
    message = Message("POST", f"{settings.LINTAS_BASE_URL}{PATH}", whole, BODY)
    assert signatures.verify(message, key=key, now=then + timedelta(seconds=1)).thumbprint == "t"
    with pytest.raises(SignatureRefused) as refused:
        signatures.verify(message, key=key, now=real)
    assert [reason.code for reason in refused.value.reasons] == ["signature-too-old", "signature-expired"]


def test_a_signature_written_as_der_is_named() -> None:
    jwk, now = callers.new_key(), datetime.now(UTC)
    key = SigningKey("ES256", callers.public(jwk), "t", now - timedelta(days=1), None, None)
    whole = signed("POST", PATH, BODY, {"Authorization": "Bearer x"}, kid="k1", private_jwk=jwk)
    der = base64.b64encode(bytes(70)).decode()
    message = Message("POST", f"{settings.LINTAS_BASE_URL}{PATH}", whole | {"Signature": f"sig=:{der}:"}, BODY)
    with pytest.raises(SignatureRefused) as refused:
        signatures.verify(message, key=key, now=now)
    assert [reason.code for reason in refused.value.reasons] == ["signature-is-der"]


@pytest.mark.parametrize(
    "ended",
    [
        {"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"valid_until": datetime(2026, 1, 1, tzinfo=UTC)},
        {"valid_from": datetime(2999, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_a_key_that_has_ended_signs_nothing(ended: dict[str, Any]) -> None:
    jwk, now = callers.new_key("Ed25519"), datetime.now(UTC)
    facts = {"valid_from": datetime(2025, 1, 1, tzinfo=UTC), "valid_until": None, "revoked_at": None, **ended}
    key = SigningKey("Ed25519", callers.public(jwk), "t", **facts)
    whole = signed("POST", PATH, BODY, {"Authorization": "Bearer x"}, kid="k1", private_jwk=jwk, alg="Ed25519")
    with pytest.raises(SignatureRefused) as refused:
        signatures.verify(Message("POST", f"{settings.LINTAS_BASE_URL}{PATH}", whole, BODY), key=key, now=now)
    assert [reason.code for reason in refused.value.reasons] == ["signature-key-ended"]


# -- evidence ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_step_is_signed_in_as_many_statements_and_its_evidence_is_handed_out(world: World) -> None:
    story = casefile_at(State.SUBMITTED)
    bkn = Signer(world, "bkn")
    warm, plain = casefile_at(State.SUBMITTED), casefile_at(State.SUBMITTED)
    counts = []
    for casefile, sign in ((warm.casefile, False), (plain.casefile, False), (story.casefile, True)):
        path = f"/api/v1/casefiles/{casefile}/reject"
        headers = bkn.headers(If_Match='"1"')
        if sign:
            headers = bkn.sign("POST", path, REJECTION, headers)
        with CaptureQueriesContext(connection) as asked:
            answer = sent("POST", path, REJECTION, headers)
        assert answer.status_code == 200, answer.content
        counts.append(len(asked))
    assert counts[1:] == [7, 7]
    evidence = f"/casefiles/{story.casefile}/evidence/2"
    # The base holds a token: all wait until it has run out, also who acted, whose other tokens may be for less.
    for early in (Partner("bkn", scopes="casefiles:read").get(evidence), Partner(OFFICE).get(evidence)):
        assert (early.status_code, said(early)["code"]) == (404, "evidence-not-yet")
        assert 0 < int(early["Retry-After"]) <= 661
        assert bkn.token not in early.content.decode()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=12)):
        for agency in ("bkn", OFFICE):
            handed = Partner(agency).get(evidence)
            assert handed.status_code == 200, handed.content
            told = said(handed)
            assert told["format"] == "lintas-evidence/1"
            assert f'"@path": {path}\n' in told["evidence"]["base"]
    unsigned = Partner("bkn").get(f"/casefiles/{plain.casefile}/evidence/2")
    assert (unsigned.status_code, said(unsigned)["code"]) == (404, "no-evidence")
    assert Partner("pemkot-padang").get(evidence).status_code == 404
    assert Partner("bkn").get(f"/casefiles/{story.casefile}/evidence/9").status_code == 404
