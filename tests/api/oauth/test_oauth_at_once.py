"""All that is wrong with an assertion and its form is said in one answer, and none of it says who is registered."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from agencies.models import AccessToken
from api.oauth.wording import ASSERTION_REFUSED
from tests import callers
from tests.callers import System
from tests.conftest import Copies, using

pytestmark = [pytest.mark.urls("api.oauth.views"), pytest.mark.django_db]

FORM = "application/x-www-form-urlencoded"
ISSUER = settings.LINTAS_BASE_URL


@pytest.fixture(scope="module")
def arranged(copies: Copies, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, System]]:
    """A database of this module's own, and the system that is registered there."""
    name = copies.make()
    with django_db_blocker.unblock(), using(name):
        registered = callers.registered_system()
    yield name, registered
    copies.drop(name)


@pytest.fixture(scope="module")
def arranged_copy(arranged: tuple[str, System]) -> str:
    """Tests that roll back do so to the registered system."""
    return arranged[0]


@pytest.fixture
def system(db: None, arranged_copy: str, arranged: tuple[str, System]) -> System:
    """One registered system."""
    return arranged[1]


def sent(form: dict[str, str] | bytes, *, content_type: str = FORM, query: str = "", **headers: str) -> dict[str, Any]:
    """The refusal of this form, its reasons by code."""
    body = urlencode(form).encode() if isinstance(form, dict) else form
    answer = Browser().generic(
        "POST", f"/oauth/token{query}", body, content_type=content_type, headers={"Accept-Language": "en", **headers}
    )
    assert answer.status_code in (400, 401), answer.content
    said: dict[str, Any] = json.loads(answer.content)
    assert said["detail"] == said["error_description"] == " ".join(item["detail"] for item in said["errors"])
    assert not AccessToken.objects.exists()
    return said


def codes(said: dict[str, Any]) -> list[str]:
    return [item["code"] for item in said["errors"]]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def as_der(assertion: str) -> str:
    """The assertion as OpenSSL would have signed it."""
    head, body, segment = assertion.split(".")
    signature = decoded(segment)
    r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
    return f"{head}.{body}.{b64(encode_dss_signature(r, s))}"


def test_everything_that_shows_without_a_key_is_said_in_one_answer(system: System) -> None:
    header = {"alg": "HS256", "kid": ..., "jwk": callers.public(system.private_jwk), "crit": ["exp"]}
    now = int(time.time())
    claims = system.claims(sub="another", aud=[ISSUER], exp=now + 3600, iat=..., jti=...)
    parts = [{name: value for name, value in header.items() if value is not ...}, claims]
    assertion = ".".join(b64(json.dumps(part).encode()) for part in parts) + "."
    said = sent(system.form(assertion, client_assertion_type="jwt-bearer", client_secret="x"))
    assert said["code"] == "invalid-client"
    assert codes(said) == [
        "secret-sent", "type", "header-forbidden", "alg-not-allowed", "kid-missing", "signature-missing",
        "iss-is-not-sub", "aud-is-a-list", "iat-missing", "lives-too-long", "jti-missing",
    ]  # fmt: skip
    assert "must not carry jwk, crit" in said["detail"]
    assert {item["parameter"] for item in said["errors"]} == {
        "client_assertion", "client_assertion_type", "client_secret"
    }  # fmt: skip


def test_a_faulty_form_and_a_faulty_assertion_are_told_together(system: System) -> None:
    said = sent(
        system.form(system.assertion(aud="x"), grant_type="password", scope="a\nb"),
        query="?scope=x",
        Authorization="x y",
    )
    assert said["code"] == "invalid-request"
    assert codes(said) == ["query", "control-character", "grant-type-other", "secret-sent", "aud-not-issuer"]
    assert codes(sent(system.form(system.assertion(aud="x"), grant_type="password"))) == [
        "grant-type-other", "aud-not-issuer",
    ]  # fmt: skip
    assert codes(sent(b"&")) == ["grant-type-missing", "type", "absent"]


def test_json_is_refused_and_yet_judged(system: System) -> None:
    form = system.form(system.assertion(aud="x", jti=...))
    said = sent(json.dumps(form).encode(), content_type="application/json")
    assert (said["code"], codes(said)) == ("invalid-request", ["not-a-form", "aud-not-issuer", "jti-missing"])
    assert codes(sent(json.dumps(system.form()).encode(), content_type="application/json")) == ["not-a-form"]
    for body in (b"[1]", b"{", b'{"grant_type": 5}'):
        assert codes(sent(body, content_type="application/json"))[0] == "not-a-form"


# -- the signature ----------------------------------------------------------------------------------------------------


def test_a_der_signature_is_recognised_and_said(system: System) -> None:
    for _ in range(20):  # 70, 71 and 72 bytes
        said = sent(system.form(as_der(system.assertion())))
        assert codes(said) == ["signature-is-der"]
        assert "64 bytes: r, then s" in said["detail"]


@pytest.mark.parametrize(("r", "s"), [(1, 1), (2**255, 2**255), (2**248 - 1, 7), (2**256 - 1, 2**256 - 1)])
def test_der_of_any_length_is_recognised(system: System, r: int, s: int) -> None:
    head, body, _ = system.assertion().split(".")
    assert codes(sent(system.form(f"{head}.{body}.{b64(encode_dss_signature(r, s))}"))) == ["signature-is-der"]


def test_der_is_recognised_whoever_is_registered_and_without_a_look_up(system: System) -> None:
    """The same words and no question to the database: nothing tells a client that exists from one that does not."""
    nobody = System(client_id="nobody-at-all", private_jwk=callers.new_key(), kid="k9")
    answers = []
    for each in (system, nobody):
        with CaptureQueriesContext(connection) as asked:
            head, body, _ = each.assertion(jti=...).split(".")
            answers.append(sent_quietly(each.form(f"{head}.{body}.{b64(encode_dss_signature(2**255, 7))}")))
        assert not [query["sql"] for query in asked if "agencies_" in query["sql"]]
    assert answers[0] == answers[1]


def sent_quietly(form: dict[str, str]) -> dict[str, Any]:
    """The refusal in Indonesian, without the id of its request."""
    answer = Browser().generic("POST", "/oauth/token", urlencode(form).encode(), content_type=FORM)
    said: dict[str, Any] = json.loads(answer.content)
    said.pop("instance")
    return said


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        (b"", "signature-missing"),
        (b"x" * 63, "signature-length"),
        (b"x" * 65, "signature-length"),
        (b"x" * 256, "signature-length"),
        (b"\x30\x44" + b"x" * 68, "signature-length"),
        ((b"ab" * 64), "signature-encoded-twice"),
        (base64.b64encode(b"\xff" * 64), "signature-encoded-twice"),
        (b64(b"\xfe" * 64).encode(), "signature-encoded-twice"),
        (base64.b64encode(encode_dss_signature(2**255, 2**254)), "signature-encoded-twice"),
        (b"x" * 64, "not-recognised"),
        (b"\x30\x3e" + b"\x02\x1d" + b"x" * 29 + b"\x02\x1d" + b"x" * 29, "not-recognised"),
    ],
)
def test_the_shape_of_a_signature_is_judged_before_any_look_up(system: System, signature: bytes, code: str) -> None:
    head, body, _ = system.assertion().split(".")
    assert codes(sent(system.form(f"{head}.{body}.{b64(signature)}"))) == [code]


@pytest.mark.parametrize(("alg", "wanted"), [("Ed25519", "64"), ("EdDSA", "64"), ("PS256", "384-512")])
def test_other_algorithms_have_their_own_lengths(system: System, alg: str, wanted: str) -> None:
    header = b64(json.dumps({"alg": alg, "kid": "k1"}).encode())
    body = b64(json.dumps(system.claims()).encode())
    said = sent(system.form(f"{header}.{body}.{b64(b'x' * 71)}"))
    assert codes(said) == ["signature-length"]
    assert f"71 bytes; {'PS256' if alg == 'PS256' else 'Ed25519'} makes {wanted}" in said["detail"]


# -- the text ---------------------------------------------------------------------------------------------------------


def spoiled(assertion: str) -> Iterator[tuple[str, list[str]]]:
    head, body, signature = assertion.split(".")
    yield f'"{assertion}"', ["quoted"]
    yield f"'{assertion}'", ["quoted"]
    yield f"{assertion}\n", ["line-breaks"]
    yield f"{head}.{body[:50]}\r\n{body[50:]}.{signature}", ["line-breaks"]
    yield f"Bearer {assertion}", ["bearer-prefix"]
    yield f"Authorization: Bearer {assertion}", ["bearer-prefix"]
    yield f"{head}.{body}.{signature}==", ["padded"]
    yield f"{head}=.{body}=.{signature}==", ["padded"]
    yield assertion.replace(".", "%2E"), ["percent-encoded"]
    yield f" {assertion} ", ["blanks"]
    yield f"{assertion}\u00e9", ["not-base64url", "signature-not-base64url"]
    yield f"{head}.{body}", ["not-three-parts"]
    yield f"{assertion}.x.x", ["not-three-parts"]
    yield head, ["not-three-parts"]
    yield f"{body}", ["not-three-parts", "alg-not-allowed", "kid-missing"]
    yield f"{b64(b'nothing')}.{body}.{signature}", ["header-not-json"]
    yield f"{head}.{b64(b'[1]')}.{signature}", ["claims-not-json"]
    yield "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\n-----END PRIVATE KEY-----", ["is-a-key"]
    yield "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg", ["is-a-key"]
    yield '{"kty":"EC","crv":"P-256"}', ["is-json"]
    yield "3rTt4nCm8yJvYwq2xK0b7oQm1u5sZ8dL6hW9eR0aXcV", ["is-a-token"]


def test_each_way_to_spoil_the_text_has_its_own_word(system: System) -> None:
    for assertion, expected in spoiled(system.assertion()):
        assert codes(sent(system.form(assertion))) == expected, assertion


def test_what_is_wrong_inside_a_spoiled_text_is_told_too(system: System) -> None:
    faulty = system.assertion(header={"kid": ...}, aud="x")
    inside = ["kid-missing", "aud-not-issuer"]
    for spoil, code in (('"{}"', "quoted"), ("{}\n", "line-breaks"), ("{}=", "padded"), ("Bearer {}", "bearer-prefix")):
        assert codes(sent(system.form(spoil.format(faulty)))) == [code, *inside]


def test_standard_base64_is_told_whether_or_not_the_form_was_encoded(system: System) -> None:
    """A plus sign in a form that was not encoded arrives as a blank."""
    head, body, _ = system.assertion(aud="x").split(".")
    signature = base64.b64encode(b"\xfb\xef\xbe" * 21 + b"\xfb").decode()
    form = system.form(f"{head}.{body}.{signature}")
    assert codes(sent(form)) == ["padded", "standard-base64", "aud-not-issuer"]
    bare = "&".join(f"{name}={value}" for name, value in form.items()).encode()
    assert codes(sent(bare)) == ["blanks", "padded", "aud-not-issuer"]


# -- the times --------------------------------------------------------------------------------------------------------


def test_milliseconds_are_recognised(system: System) -> None:
    now = int(time.time() * 1000)
    said = sent(system.form(system.assertion(iat=now, exp=now + 60_000)))
    assert codes(said) == ["in-milliseconds"]
    assert "iat, exp counted in milliseconds" in said["detail"]
    assert codes(sent(system.form(system.assertion(exp=now + 60_000)))) == ["in-milliseconds"]
    assert codes(sent(system.form(system.assertion(iat=str(now), exp=True)))) == ["iat-missing", "exp-missing"]


def test_a_wrong_clock_is_one_fault_and_a_long_life_another(system: System) -> None:
    """What only follows from the clock is not told: it would be mended together with it."""
    now = int(time.time())
    assert codes(sent(system.form(system.assertion(iat=now - 3600, exp=now - 3540)))) == ["clock-behind"]
    assert codes(sent(system.form(system.assertion(iat=now + 3600, exp=now + 3660)))) == ["clock-ahead"]
    assert codes(sent(system.form(system.assertion(iat=now - 3600, exp=now)))) == ["clock-behind", "lives-too-long"]
    assert codes(sent(system.form(system.assertion(iat=now + 3600, exp=now + 60)))) == ["clock-ahead", "expired"]


# -- the words --------------------------------------------------------------------------------------------------------


def test_indonesian_has_one_word_for_an_assertion() -> None:
    for wording in ASSERTION_REFUSED.values():
        assert "pernyataan" not in wording.id.lower()
