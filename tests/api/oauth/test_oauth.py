"""`/oauth/token`, `/oauth/revoke` and the metadata: every rule about who is believed, tried."""

import base64
import hashlib
import hmac
import json
import re
import string
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.db import ProgrammingError, connection, connections
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from agencies import assertions, clients, keys, tokens
from agencies.models import AccessToken, Client, ClientKey, UsedAssertion
from api.oauth.form import read
from api.oauth.views import FormCore, Validator
from api.oauth.wording import ASSERTION_REFUSED, REQUEST_REFUSED
from tests import callers
from tests.callers import System
from tests.conftest import Copies, commits, using
from tests.racing import room_for

pytestmark = [pytest.mark.urls("api.oauth.views"), pytest.mark.django_db]

# For tests that register more than the one system, or buy in several threads.
COMMITS = pytest.mark.django_db(transaction=True)

FORM = "application/x-www-form-urlencoded"
ISSUER = settings.LINTAS_BASE_URL


def send(form: dict[str, str] | bytes, path: str = "/oauth/token", *, content_type: str = FORM, **more: Any) -> Any:
    body = urlencode(form).encode() if isinstance(form, dict) else form
    return Browser().generic("POST", path, body, content_type=content_type, **more)


def refusal(answer: Any, *, status: int, code: str) -> dict[str, Any]:
    """The answer is that problem, in the shape that OAuth libraries understand too."""
    said: dict[str, Any] = json.loads(answer.content)
    assert (answer.status_code, said["code"]) == (status, code), said
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert said["error"] == code.replace("-", "_")
    assert said["error_description"] == said["detail"] == " ".join(item["detail"] for item in said["errors"])
    assert said["status"] == status
    assert ("WWW-Authenticate" in answer) == (status == 401)
    return said


def refused(assertion: str, *, system: System, english: str) -> None:
    """The assertion buys nothing, and the answer says this."""
    answer = send(system.form(assertion), headers={"Accept-Language": "en"})
    said = refusal(answer, status=401, code="invalid-client")
    assert english in said["detail"]
    assert not AccessToken.objects.exists()


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
def system(request: pytest.FixtureRequest, db: None, arranged_copy: str, arranged: tuple[str, System]) -> System:
    """One registered system."""
    return callers.registered_system() if commits(request) else arranged[1]


# -- what works ------------------------------------------------------------------------------------------------------


@COMMITS
@pytest.mark.parametrize("alg", keys.ALGORITHMS)
def test_a_signed_assertion_buys_an_opaque_token_for_ten_minutes(alg: str) -> None:
    system = callers.registered_system(alg=alg)
    answer = send(system.form())
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Pragma"] == "no-cache"
    bought = answer.json()
    assert set(bought) == {"access_token", "token_type", "expires_in", "scope"}
    assert (bought["token_type"], bought["expires_in"]) == ("Bearer", 600)
    assert len(base64.urlsafe_b64decode(bought["access_token"] + "=")) == 32
    assert bought["scope"].split() == sorted(callers.ALL_SCOPES)


@COMMITS
def test_ed25519_may_be_spelled_eddsa() -> None:
    system = callers.registered_system(alg="Ed25519")
    assert send(system.form(system.assertion(header={"alg": "EdDSA"}))).status_code == 200


def test_the_database_knows_only_the_hash_of_a_token(system: System) -> None:
    token = send(system.form()).json()["access_token"]
    stored = AccessToken.objects.get()
    assert stored.token == ""
    assert stored.token_checksum == hashlib.sha256(token.encode()).hexdigest()
    assert stored.key == ClientKey.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM agencies_accesstoken t")
        assert token not in cursor.fetchone()[0]


@COMMITS
def test_a_token_remembers_the_key_that_bought_it_whatever_its_row_says() -> None:
    """An owner of the database who exchanges the key under a thumbprint leaves the true one in every entry."""
    system, foreign = callers.registered_system(), callers.new_key()
    with callers.as_owner():
        ClientKey.objects.update(public_jwk=callers.public(foreign))
    bought = send(callers.System(client_id=system.client_id, private_jwk=foreign).form()).json()["access_token"]
    true = keys.accept(callers.public(foreign)).thumbprint
    now = datetime.now(UTC)
    assert tokens.resolve(bought, now=now).key_thumbprint == true != ClientKey.objects.get().thumbprint
    with callers.as_owner():
        AccessToken.objects.update(key_thumbprint="")
    with pytest.raises(tokens.TokenInvalid):
        tokens.resolve(bought, now=now)


def test_fewer_scopes_may_be_asked_for(system: System) -> None:
    answer = send(system.form(scope="events:read casefiles:read casefiles:read"))
    assert answer.json()["scope"] == "casefiles:read events:read"
    assert AccessToken.objects.get().scope == "casefiles:read events:read"


@COMMITS
def test_a_token_does_not_outlive_its_key() -> None:
    system = callers.registered_system(valid_until=datetime.now(UTC) + timedelta(seconds=100))
    assert 90 <= send(system.form()).json()["expires_in"] <= 100


def test_the_client_id_may_stand_in_the_form_too(system: System) -> None:
    assert send(system.form(client_id=system.client_id)).status_code == 200


def test_unknown_parameters_are_ignored_whatever_they_are_called(system: System) -> None:
    """oauthlib takes a field of the form for an attribute of its request; none of ours may reach it."""
    odd = {"client": "x", "user": "x", "scopes": "x", "extra_credentials": "x", "expires_in": "9999", "proven": "x"}
    odd |= {"resource": "urn:x", "refresh_token": "x", "headers": "x", "decoded_body": "x", "claims": "x"}
    answer = send(system.form(**odd))
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 600)
    plain = RequestFactory().generic("POST", "/oauth/token", urlencode(system.form(**odd)).encode(), content_type=FORM)
    form = read(plain, wants="grant_type", now=datetime.now(UTC)).form
    # The door itself reads `resource`; the library does not come to see it.
    assert form.keys() == {*system.form(), "resource"}
    assert dict(FormCore(validator=Validator(), form=form).extract_body(plain)).keys() == system.form().keys()


def test_a_token_costs_few_statements(system: System) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert send(system.form()).status_code == 200
    statements = [
        query["sql"] for query in asked if not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    ]
    assert len(statements) == 4, statements


# -- the claims ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "english"),
    [
        ({"aud": f"{ISSUER}/oauth/token"}, f"aud must be the issuer, not the token URL: {ISSUER}"),
        ({"aud": [ISSUER]}, "aud must be one string, not an array"),
        ({"aud": f"{ISSUER}/"}, "without a slash at the end"),
        ({"aud": "https://elsewhere.example"}, f"aud must be {ISSUER}"),
        ({"aud": ...}, f"aud must be {ISSUER}"),
        ({"aud": None}, f"aud must be {ISSUER}"),
        ({"aud": ISSUER.upper()}, f"aud must be {ISSUER}"),
        ({"iss": ...}, "iss and sub must both be"),
        ({"sub": ...}, "iss and sub must both be"),
        ({"iss": "somebody-else"}, "iss and sub differ"),
        ({"sub": "somebody-else"}, "iss and sub differ"),
        ({"sub": "nul\0", "iss": "nul\0"}, "iss and sub must both be"),
        ({"sub": ["x"], "iss": ["x"]}, "iss and sub must both be"),
        ({"jti": ...}, "jti must be there"),
        ({"jti": ""}, "jti must be there"),
        ({"jti": "x" * 129}, "jti must be there"),
        ({"jti": "nul\0"}, "jti must be there"),
        ({"jti": 7}, "jti must be there"),
        ({"exp": ...}, "exp must be there"),
        ({"exp": "soon"}, "exp must be there"),
        ({"exp": True}, "exp must be there"),
        ({"exp": 1e300}, "exp must be there"),
        ({"iat": ...}, "iat must be there"),
        ({"iat": -1}, "iat must be there"),
        ({"nbf": "x"}, "nbf"),
    ],
)
def test_a_claim_that_breaks_a_rule_is_named(system: System, changed: dict[str, Any], english: str) -> None:
    refused(system.assertion(**changed), system=system, english=english)


@pytest.mark.parametrize(
    ("iat", "exp", "english"),
    [
        (93, 150, "Your clock is 93 s ahead"),
        (61, 100, "Your clock is 61 s ahead"),
        (-61, 30, "iat was 61 s ago"),
        (-3600, -3540, "iat was 3600 s ago"),
        (0, 0, "This assertion expired 0 s ago"),
        (-30, -1, "This assertion expired 1 s ago"),
        (0, 121, "exp lies 121 s ahead; at most 120 s"),
    ],
)
def test_clocks_are_compared_to_the_second(system: System, iat: int, exp: int, english: str) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC), tick=False):
        now = int(time.time())
        refused(system.assertion(iat=now + iat, exp=now + exp), system=system, english=english)


@COMMITS
@pytest.mark.parametrize(("iat", "exp"), [(60, 120), (-60, 1), (0, 120), (0.5, 60.5)])
def test_the_edges_of_the_clock_rules_are_inside(iat: float, exp: float) -> None:
    with time_machine.travel(datetime.now(UTC).replace(microsecond=0), tick=False):
        system = callers.registered_system()
        now = int(time.time())
        assert send(system.form(system.assertion(iat=now + iat, exp=now + exp))).status_code == 200


def test_an_assertion_that_becomes_valid_later_is_refused(system: System) -> None:
    refused(system.assertion(nbf=int(time.time()) + 90), system=system, english="nbf has not been reached")


# -- the header and the signature ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
def test_a_header_that_chooses_key_or_rules_is_refused(system: System, name: str) -> None:
    values: dict[str, Any] = {"jwk": callers.public(system.private_jwk), "x5c": ["AA=="], "crit": ["kid"], "b64": True}
    header = {"alg": "ES256", "kid": "k1", name: values.get(name, "https://evil.example/key")}
    refused(raw(header, system.claims(), b"x" * 64), system=system, english=f"must not carry {name}")


def raw(header: Any, claims: Any, signature: bytes) -> str:
    def part(value: Any) -> str:
        return b64(value if isinstance(value, bytes) else json.dumps(value).encode())

    return f"{part(header)}.{part(claims)}.{b64(signature)}"


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "ES384", "ES512", "PS512", "Ed448", "", None, 5])
def test_other_algorithms_are_refused(system: System, alg: Any) -> None:
    refused(raw({"alg": alg, "kid": "k1"}, system.claims(), b""), system=system, english="alg must be one of ES256")


def test_hs256_with_the_public_key_as_secret_is_refused(system: System) -> None:
    head, body, _ = raw({"alg": "HS256", "kid": "k1"}, system.claims(), b"").split(".")
    for secret in (json.dumps(callers.public(system.private_jwk)), system.private_jwk["x"], ""):
        mac = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
        refused(f"{head}.{body}.{b64(mac)}", system=system, english="alg must be one of")


def test_a_signature_by_another_key_is_refused(system: System) -> None:
    forged = callers.sign({"alg": "ES256", "kid": "k1"}, system.claims(), callers.new_key())
    refused(forged, system=system, english="do not fit together")


def test_the_alg_must_be_the_one_registered_for_the_kid(system: System) -> None:
    stranger = callers.new_key("Ed25519")
    refused(
        callers.sign({"alg": "Ed25519", "kid": "k1"}, system.claims(), stranger), system=system, english="do not fit"
    )


@COMMITS
def test_another_clients_key_is_refused_also_under_its_own_kid(system: System) -> None:
    with callers.as_owner():
        other = callers.register_system("another-system", kid="k2")
    for kid in ("k1", "k2"):
        forged = callers.sign({"alg": "ES256", "kid": kid}, system.claims(), other.private_jwk)
        refused(forged, system=system, english="do not fit together")


def test_an_unknown_client_an_unknown_kid_and_a_bad_signature_are_told_the_same(system: System) -> None:
    nobody = System(client_id="nobody-at-all", private_jwk=system.private_jwk)
    answers = [
        send(nobody.form()),
        send(system.form(system.assertion(header={"kid": "k9"}))),
        send(system.form(callers.sign({"alg": "ES256", "kid": "k1"}, system.claims(), callers.new_key()))),
    ]
    bodies = [refusal(answer, status=401, code="invalid-client") for answer in answers]
    for body in bodies:
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", body.pop("instance"))
    assert bodies[0] == bodies[1] == bodies[2]


@COMMITS
@pytest.mark.parametrize("alg", keys.ALGORITHMS)
def test_an_unknown_client_costs_a_verification_too(monkeypatch: pytest.MonkeyPatch, alg: str) -> None:
    system = callers.registered_system(alg=alg)
    spent: list[str] = []
    verifies = keys.verifies

    def counted(token: str, *, key: keys.Key, alg: str) -> bool:
        spent.append(alg)
        return verifies(token, key=key, alg=alg)

    monkeypatch.setattr(keys, "verifies", counted)
    refused(System("nobody-at-all", system.private_jwk, alg=alg).assertion(), system=system, english="do not fit")
    assert spent == [alg]


def test_the_key_nobody_uses_opens_nothing(system: System) -> None:
    """Its private half can be computed by anybody who reads the code; a signature by it must not count."""
    public = assertions._nobodys_key("Ed25519").as_dict(private=False)
    private = {"kty": "OKP", "crv": "Ed25519", "x": public["x"], "d": b64(bytes(32))}
    forged = callers.sign({"alg": "Ed25519", "kid": "k1"}, system.claims(), private)
    assert keys.verifies(forged, key=assertions._nobodys_key("Ed25519"), alg="Ed25519")
    refused(forged, system=system, english="do not fit together")


@COMMITS
@pytest.mark.parametrize("alg", keys.ALGORITHMS)
def test_no_bit_of_an_assertion_may_be_flipped(alg: str) -> None:
    system = callers.registered_system(alg=alg)
    good = system.assertion()
    for place in range(0, len(good), 23):
        flipped = chr(ord(good[place]) ^ 1)
        refused_quietly(good[:place] + flipped + good[place + 1 :], system)
    assert send(system.form(good)).status_code == 200


def refused_quietly(assertion: str, system: System) -> None:
    refusal(send(system.form(assertion)), status=401, code="invalid-client")


@pytest.mark.parametrize("kid", [..., None, "", 5, "k" * 101, "nul\0", ["k1"]])
def test_the_kid_must_be_there(system: System, kid: Any) -> None:
    header = {name: value for name, value in {"alg": "ES256", "kid": kid}.items() if value is not ...}
    refused(raw(header, system.claims(), b"x" * 64), system=system, english="must carry kid")


@pytest.mark.parametrize(
    "assertion",
    [
        "x", "a.b", "a.b.c", "a.b.c.d", "..", "é.é.é", "e30.e30.", "bnVsbA.bnVsbA.AA", "W10.W10.AA", "e30=.e30=.AA",
        "eyJhIjoxfQ.eyJhIjoxfQ.AA\n", "/+.e30.AA", b64(b"\xff\xfe") + ".e30.AA", b64(b"[" * 1500) + ".e30.AA",
        b64(b'{"alg":NaN}') + ".e30.AA", b64(b'{"alg":"\\ud800"}') + ".e30.AA",
    ],
)  # fmt: skip
def test_what_is_no_jwt_is_refused(system: System, assertion: str) -> None:
    answer = send(system.form(assertion))
    assert answer.status_code in (400, 401), answer.content


def test_a_huge_assertion_is_refused_before_it_is_read(system: System) -> None:
    refused("e30." + "A" * 9000 + ".AA", system=system, english="longer than 8192")


@given(
    header=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    ),
    claims=st.recursive(st.none() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)),
    signature=st.binary(max_size=100),
)
@pytest.mark.django_db(transaction=False)
def test_no_assertion_whatever_it_holds_is_more_than_refused(header: Any, claims: Any, signature: bytes) -> None:
    with pytest.raises(assertions.AssertionRefused):
        assertions.examine(
            raw(header, claims, signature), issuer=ISSUER, token_url=f"{ISSUER}/oauth/token", now=datetime.now(UTC)
        )


# -- once ------------------------------------------------------------------------------------------------------------


def test_an_assertion_buys_one_token(system: System) -> None:
    assertion = system.assertion()
    assert send(system.form(assertion)).status_code == 200
    said = refusal(send(system.form(assertion), headers={"Accept-Language": "en"}), status=401, code="invalid-client")
    assert "one assertion buys one token" in said["detail"]
    assert AccessToken.objects.count() == 1


@COMMITS
def test_two_clients_may_happen_upon_the_same_jti(system: System) -> None:
    with callers.as_owner():
        other = callers.register_system("another-system")
    for each in (system, other):
        assert send(each.form(each.assertion(jti="1"))).status_code == 200


@COMMITS
@pytest.mark.race
def test_fifty_at_once_with_one_assertion_get_one_token(system: System) -> None:
    room_for(50)
    form, answers, start = system.form(), [], threading.Barrier(50)

    def buy() -> None:
        try:
            start.wait()
            answers.append(send(form).status_code)
        finally:
            connections.close_all()

    buyers = [threading.Thread(target=buy) for _ in range(50)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    assert sorted(answers) == [200] + [401] * 49
    assert AccessToken.objects.count() == 1


def test_a_refused_scope_gives_the_assertion_back(system: System) -> None:
    assertion = system.assertion()
    answer = send(system.form(assertion, scope="casefiles:read admin"), headers={"Accept-Language": "en"})
    said = refusal(answer, status=400, code="invalid-scope")
    assert "casefiles:read casefiles:write" in said["detail"]
    assert "admin" not in said["detail"]
    assert send(system.form(assertion, scope="casefiles:read")).status_code == 200


@COMMITS
def test_a_scope_that_exists_but_is_not_registered_for_the_client_is_refused() -> None:
    system = callers.registered_system(scopes=["casefiles:read"])
    refusal(send(system.form(scope="casefiles:read casefiles:write")), status=400, code="invalid-scope")


def test_what_has_run_out_is_forgotten_and_nothing_else(system: System) -> None:
    assert send(system.form()).status_code == 200
    now = datetime.now(UTC)
    assert tokens.forget_expired(now=now) == (0, 0)
    assert tokens.forget_expired(now=now + timedelta(minutes=2)) == (1, 0)
    assert tokens.forget_expired(now=now + timedelta(minutes=30)) == (0, 0)
    assert tokens.forget_expired(now=now + timedelta(days=2)) == (0, 1)
    assert not UsedAssertion.objects.exists()


# -- what became of the key ------------------------------------------------------------------------------------------


@COMMITS
def test_a_revoked_key_buys_nothing_from_that_moment_on(system: System) -> None:
    with callers.as_owner():
        clients.revoke_key(client_id=system.client_id, kid="k1", now=datetime.now(UTC))
    refused(system.assertion(), system=system, english="has been revoked")


@COMMITS
def test_a_clock_that_is_set_back_wakes_no_revoked_key(system: System) -> None:
    token = send(system.form()).json()["access_token"]
    with callers.as_owner():
        clients.revoke_key(client_id=system.client_id, kid="k1", now=datetime.now(UTC))
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=5)):
        answer = send(system.form(system.assertion()), headers={"Accept-Language": "en"})
        assert "has been revoked" in refusal(answer, status=401, code="invalid-client")["detail"]
        with pytest.raises(tokens.TokenInvalid):
            tokens.resolve(token, now=datetime.now(UTC))


@COMMITS
def test_a_token_is_good_from_a_quarter_of_an_hour_before_its_key_was_registered(system: System) -> None:
    """The verifier believes no act that was recorded earlier: the clock was set back, and nobody may act in vain."""
    token = send(system.form()).json()["access_token"]
    valid_from = ClientKey.objects.get(kid="k1").valid_from
    assert tokens.resolve(token, now=valid_from - timedelta(minutes=15)).client_id == system.client_id
    with pytest.raises(tokens.TokenInvalid):
        tokens.resolve(token, now=valid_from - timedelta(minutes=15, milliseconds=1))


@COMMITS
def test_a_second_key_goes_on_working(system: System) -> None:
    second = System(system.client_id, callers.new_key("Ed25519"), kid="k2", alg="Ed25519")
    with callers.as_owner():
        key = callers.offer(second.private_jwk, client_id=system.client_id, kid="k2")
        clients.add_key(client_id=system.client_id, offer=key, issuer=ISSUER, now=datetime.now(UTC))
        clients.revoke_key(client_id=system.client_id, kid="k1", now=datetime.now(UTC))
    assert send(second.form()).status_code == 200


@COMMITS
def test_a_key_is_good_within_its_validity_only() -> None:
    now = datetime.now(UTC)
    early = callers.registered_system(valid_from=now + timedelta(days=1), valid_until=now + timedelta(days=2))
    refused(early.assertion(), system=early, english="valid from")
    with time_machine.travel(now + timedelta(days=3)):
        refused(early.assertion(), system=early, english="ran out at")
    with time_machine.travel(now + timedelta(days=1, hours=1)):
        assert send(early.form()).status_code == 200


@COMMITS
def test_a_client_switched_off_buys_nothing(system: System) -> None:
    with callers.as_owner():
        Client.objects.update(active=False)
    refused(system.assertion(), system=system, english="switched off")


# -- the form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "grant", ["password", "authorization_code", "refresh_token", "implicit", "CLIENT_CREDENTIALS", "x"]
)
def test_other_grants_are_refused(system: System, grant: str) -> None:
    refusal(send(system.form(grant_type=grant)), status=400, code="unsupported-grant-type")


@pytest.mark.parametrize(
    ("changed", "english"),
    [
        ({"client_assertion": ...}, "client_assertion is missing"),
        ({"client_assertion": ""}, "client_assertion is missing"),
        ({"client_assertion_type": ...}, "client_assertion_type must be"),
        ({"client_assertion_type": "jwt-bearer"}, "client_assertion_type must be"),
        ({"client_id": "somebody-else"}, "client_id in the form differs"),
        ({"client_secret": "hunter2"}, "no client secrets here"),
    ],
)
def test_a_client_that_does_not_prove_itself_is_refused(system: System, changed: dict[str, Any], english: str) -> None:
    answer = send(system.form(**changed), headers={"Accept-Language": "en"})
    assert english in refusal(answer, status=401, code="invalid-client")["detail"]
    assert not AccessToken.objects.exists()


def test_basic_authentication_is_refused_whatever_the_password(system: System) -> None:
    for password in ("", "!", Client.objects.get().client_secret):
        basic = base64.b64encode(f"{system.client_id}:{password}".encode()).decode()
        answer = send({"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"})
        refusal(answer, status=401, code="invalid-client")


@pytest.mark.parametrize(
    ("body", "content_type", "english"),
    [
        (b'{"grant_type":"client_credentials"}', "application/json", "not as JSON"),
        (b"grant_type=client_credentials", "text/plain", "Send the body as"),
        (b"grant_type=client_credentials", "multipart/form-data; boundary=x", "Send the body as"),
        (b"grant_type=client_credentials", "", "Send the body as"),
        (b"&", FORM, "grant_type is missing"),
        (b"grant_type=", FORM, "grant_type is missing"),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM, "only once"),
        (b"grant_type=client_credentials&x=1&x=2", FORM, "only once"),
        (b"grant_type=client_credentials%00", FORM, "control character"),
        (b"grant_type=client_credentials&scope=a%0Ab", FORM, "control character"),
        (b"grant_type=client_credentials&scope=%ED%A0%80", FORM, "cannot be read"),
        (b"grant_type=\xff\xfe", FORM, "cannot be read"),
        (b"grant_type=%FF", FORM, "cannot be read"),
        (b"&".join(b"a%d=1" % number for number in range(60)), FORM, "cannot be read"),
    ],
)
def test_a_body_that_is_no_form_is_a_bad_request(body: bytes, content_type: str, english: str) -> None:
    answer = send(body, content_type=content_type, headers={"Accept-Language": "en"})
    assert english in refusal(answer, status=400, code="invalid-request")["detail"]


def test_a_charset_changes_nothing(system: System) -> None:
    for charset in ("utf-8", "iso-8859-1", "utf-16", "no-such-charset"):
        assert send(system.form(), content_type=f"{FORM}; charset={charset}").status_code == 200


def test_parameters_never_travel_in_the_url(system: System) -> None:
    answer = send(system.form(), path="/oauth/token?scope=casefiles:read", headers={"Accept-Language": "en"})
    assert "never into the URL" in refusal(answer, status=400, code="invalid-request")["detail"]


def test_a_body_beyond_256_kilobytes_is_too_large() -> None:
    answer = send(b"grant_type=client_credentials&x=" + b"a" * 300_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options", "head"])
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_only_post_is_served(method: str, path: str) -> None:
    answer = getattr(Browser(), method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer["Content-Type"] == "application/problem+json"


@given(body=st.binary(max_size=300) | st.text(string.printable, max_size=300).map(str.encode))
@pytest.mark.django_db(transaction=False)
def test_no_body_whatever_it_holds_is_more_than_refused(body: bytes) -> None:
    assert send(body).status_code in (400, 401)


def test_indonesian_is_spoken_unless_english_is_asked_for(system: System) -> None:
    form = system.form(system.assertion(aud="x"))
    assert json.loads(send(form).content)["detail"] == f"aud harus {ISSUER}"
    english = send(form, headers={"Accept-Language": "en-GB, id;q=0.5"})
    assert json.loads(english.content)["detail"] == f"aud must be {ISSUER}"


def test_every_reason_has_a_sentence_that_fits_into_error_description() -> None:
    """RFC 6749, 5.2: ASCII without quotation marks and backslashes."""
    for wording in (*ASSERTION_REFUSED.values(), *REQUEST_REFUSED.values()):
        for sentence in wording:
            assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", sentence), sentence


def test_nothing_of_the_assertion_is_echoed(system: System) -> None:
    marked = "Budi-Santoso-198501012010011001"
    for changed in ({"aud": marked}, {"sub": marked, "iss": marked}, {"jti": marked, "aud": [marked]}):
        assert marked.encode() not in send(system.form(system.assertion(**changed))).content


# -- revoking --------------------------------------------------------------------------------------------------------


def revoke(system: System, token: str, **changed: str) -> Any:
    form = {name: value for name, value in system.form(token=token, **changed).items() if name != "grant_type"}
    return send(form, path="/oauth/revoke")


def test_a_client_ends_its_own_token(system: System) -> None:
    token = send(system.form()).json()["access_token"]
    answer = revoke(system, token, token_type_hint="access_token")
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"", "no-store")
    assert not AccessToken.objects.exists()


@COMMITS
def test_a_client_cannot_end_anothers_token_and_does_not_learn_of_it(system: System) -> None:
    with callers.as_owner():
        other = callers.register_system("another-system")
    token = send(system.form()).json()["access_token"]
    unknown, foreign = revoke(other, "no-such-token"), revoke(other, token)
    assert (unknown.status_code, unknown.content) == (foreign.status_code, foreign.content) == (200, b"")
    assert AccessToken.objects.count() == 1


def test_revoking_asks_for_an_assertion_and_a_token(system: System) -> None:
    refusal(send({"token": "x"}, path="/oauth/revoke"), status=401, code="invalid-client")
    refusal(send(system.form(), path="/oauth/revoke"), status=400, code="invalid-request")
    used = system.assertion()
    assert send(system.form(used)).status_code == 200
    refusal(send(system.form(used, token="x"), path="/oauth/revoke"), status=401, code="invalid-client")


# -- the metadata ----------------------------------------------------------------------------------------------------


def test_the_metadata_says_what_is_true() -> None:
    answer = Browser().get("/.well-known/oauth-authorization-server")
    said = answer.json()
    assert said["issuer"] == ISSUER
    assert said["token_endpoint"] == f"{ISSUER}/oauth/token"
    assert said["grant_types_supported"] == ["client_credentials"]
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert said["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "Ed25519", "EdDSA", "PS256"]
    assert said["response_types_supported"] == []
    assert set(said["scopes_supported"]) == set(settings.SCOPES)


@COMMITS
def test_the_web_may_not_register_anybody() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        callers.register_agency()
