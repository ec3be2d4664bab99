"""DPoP (RFC 9449): a token that is bound to a key is of no use to who only has the token, or only a proof."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from joserfc import jws
from joserfc.jwk import OctKey

from agencies import dpop, tokens
from agencies.models import UsedProof
from tests import callers
from tests.api.answers import assert_answers
from tests.partner import call, said
from tests.vendors import VENDOR, bought, proof, system, token_for
from tests.world import World

ME = f"{settings.LINTAS_BASE_URL}/api/v1/me"
KEY, OTHER = callers.new_key(), callers.new_key()


def bound(world: World, **claims: Any) -> str:
    """A token that is bound to `KEY`."""
    client = system(world)
    answer = bought(client.form(), proof=proof(KEY, **claims))
    assert_answers(answer, "create_token")
    assert (answer.status_code, said(answer)["token_type"]) == (200, "DPoP"), answer.content
    return str(said(answer)["access_token"])


def me(token: str, made: str | None, *, scheme: str = "DPoP", path: str = "/me") -> Any:
    """GET /me with that proof."""
    headers = {"Authorization": f"{scheme} {token}"} | ({} if made is None else {"DPoP": made})
    return call("GET", path, **headers)


def good(token: str, **changed: Any) -> str:
    """A proof that holds, with members changed."""
    return proof(KEY, **{"method": "GET", "url": ME, "token": token, **changed})


def unsigned(token: str) -> str:
    """A proof under `none`."""
    header, claims, _ = good(token).split(".")
    plain = jws.serialize_compact({"typ": "dpop+jwt", "alg": "HS256"}, b"{}", OctKey.import_key("k" * 32))
    return f"{plain.split('.')[0]}.{claims}." if header else ""


def symmetrical(token: str) -> str:
    """A proof under a key that both sides would have to know."""
    secret = OctKey.import_key("k" * 32)
    claims = {"jti": "1", "htm": "GET", "htu": ME, "iat": int(time.time()), "ath": dpop.hash_of(token)}
    jwk = {"kty": "oct", "k": "a2tr"}
    return str(jws.serialize_compact({"typ": "dpop+jwt", "alg": "HS256", "jwk": jwk}, orjson.dumps(claims), secret))


ATTACKS: dict[str, tuple[Callable[[str], str | None], str]] = {
    "no proof": (lambda _: None, "dpop-missing"),
    "another method": (lambda token: good(token, method="POST"), "dpop-method"),
    "another path": (lambda token: good(token, url=f"{ME}e"), "dpop-address"),
    "another host": (lambda token: good(token, url="https://elsewhere.example/api/v1/me"), "dpop-address"),
    "no address": (lambda token: good(token, htu=...), "dpop-address"),
    "old": (lambda token: good(token, iat=int(time.time()) - 90), "dpop-too-old"),
    "of the future": (lambda token: good(token, iat=int(time.time()) + 60), "dpop-ahead"),
    "without a time": (lambda token: good(token, iat="now"), "dpop-iat"),
    "without an id": (lambda token: good(token, jti=...), "dpop-jti"),
    "for another token": (lambda token: good("x" * 43), "dpop-other-token"),
    "for no token": (lambda token: good(token, ath=...), "dpop-other-token"),
    "by another key": (lambda token: proof(OTHER, method="GET", url=ME, token=token), "dpop-other-key"),
    "signed by another key than it shows": (
        lambda token: proof(OTHER, method="GET", url=ME, token=token, header={"jwk": callers.public(KEY)}),
        "dpop-signature",
    ),
    "with the private half": (lambda token: good(token, header={"jwk": KEY}), "dpop-key"),
    "without a key": (lambda token: good(token, header={"jwk": ...}), "dpop-key-missing"),
    "of another type": (lambda token: good(token, header={"typ": "JWT"}), "dpop-type"),
    "symmetrical": (symmetrical, "dpop-algorithm"),
    "unsigned": (unsigned, "dpop-algorithm"),
    "two in one header": (lambda token: f"{good(token)}, {good(token)}", "dpop-twice"),
    "garbage": (lambda _: "x.y.z", "dpop-unreadable"),
    "of a host that is none": (lambda token: good(token, htu="http://[x/"), "dpop-address"),
    "critical": (lambda token: good(token, header={"crit": ["b64"], "b64": True}), "dpop-unreadable"),
}


@pytest.mark.django_db
def test_a_bound_token_wants_a_proof_of_its_key_at_each_request(world: World) -> None:
    token = bound(world)
    used = good(token)
    answer = me(token, used)
    assert_answers(answer, "read_me")
    assert answer.status_code == 200, answer.content
    assert me(token, good(token, url=f"{ME}?x=1#y")).status_code == 200  # neither query nor fragment counts
    assert me(token, good(token, header={"jwk": {**callers.public(KEY), "kid": "a/b c"}})).status_code == 200
    for name, (made, code) in ATTACKS.items():
        refused = me(token, made(token))
        told = said(refused)
        assert (refused.status_code, told["code"]) == (401, "dpop-proof-refused"), name
        assert code in {one["code"] for one in told["errors"]}, (name, told)
        assert 'error="invalid_dpop_proof"' in refused.headers["WWW-Authenticate"]
    replayed = me(token, used)
    assert_answers(replayed, "read_me")
    assert said(replayed)["errors"][0]["code"] == "dpop-replayed"
    as_bearer = me(token, good(token), scheme="Bearer")
    assert said(as_bearer)["errors"][0]["code"] == "dpop-scheme"
    # Nor is a token that is not bound a bound one.
    free = token_for(system(world))
    assert said(me(free, good(free)))["errors"][0]["code"] == "dpop-not-bound"
    assert me(free, good(free), scheme="Bearer").status_code == 200


@pytest.mark.django_db
def test_the_host_that_a_request_names_is_not_asked(world: World) -> None:
    token = bound(world)
    made = good(token, url="http://testserver/api/v1/me")
    assert said(me(token, made))["errors"][0]["code"] == "dpop-address"


@pytest.mark.django_db
def test_the_token_endpoint_refuses_the_like(world: World) -> None:
    client = system(world)
    for changed, code in (
        ({"url": ME}, "dpop-address"),
        ({"method": "GET"}, "dpop-method"),
        ({"iat": 0}, "dpop-too-old"),
        ({"header": {"jwk": KEY}}, "dpop-key"),
    ):
        answer = bought(client.form(), proof=proof(KEY, **changed))
        assert_answers(answer, "create_token")
        told = said(answer)
        assert (answer.status_code, told["error"]) == (400, "invalid_dpop_proof")
        assert [one["code"] for one in told["errors"]] == [code]
    # What was refused has spent neither the assertion nor the proof.
    assertion, made = client.assertion(), proof(KEY)
    assert bought(client.form(assertion), proof=f"{made}x").status_code == 400
    assert bought(client.form(assertion), proof=made).status_code == 200
    assert said(bought(client.form(), proof=made))["errors"][0]["code"] == "dpop-replayed"


@pytest.mark.django_db
def test_a_proof_may_have_to_hold_a_nonce_of_ours(world: World, settings: Any) -> None:
    settings.LINTAS_DPOP_NONCES = True
    client = system(world)
    assertion = client.assertion()
    asked = bought(client.form(assertion), proof=proof(KEY))
    assert_answers(asked, "create_token")
    assert (asked.status_code, said(asked)["error"]) == (400, "use_dpop_nonce")
    answer = bought(client.form(assertion), proof=proof(KEY, nonce=asked.headers["DPoP-Nonce"]))
    token = said(answer)["access_token"]
    without = me(token, good(token))
    assert (without.status_code, said(without)["code"]) == (401, "dpop-nonce-required")
    assert 'error="use_dpop_nonce"' in without.headers["WWW-Authenticate"]
    assert me(token, good(token, nonce=without.headers["DPoP-Nonce"])).status_code == 200
    assert said(me(token, good(token, nonce="forged.1.2")))["code"] == "dpop-nonce-required"


@pytest.mark.django_db(transaction=True)
def test_two_workers_agree_on_a_proof_and_a_marked_client_gets_no_other_token(world: World) -> None:
    free = token_for(system(world))
    with callers.as_owner():
        call_command("constrain_sender", f"{VENDOR}-system", "--quiet-receipts")
    assert said(me(free, None, scheme="Bearer"))["code"] == "token-invalid"
    refused = bought(system(world).form())
    assert (refused.status_code, said(refused)["errors"][0]["code"]) == (400, "dpop-missing")
    token = bound(world)
    made = good(token)
    assert said(me(token, good(token)))["sender_constrained"] is True

    def once(_: int) -> int:
        try:
            return int(me(token, made).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(once, range(8))) == [200] + [401] * 7
    assert UsedProof.objects.count() == 3
    too_old = datetime.now(UTC) + timedelta(seconds=dpop.MAX_AGE_S + dpop.MAX_AHEAD_S + 1)
    tokens.forget_expired(now=too_old)
    assert UsedProof.objects.count() == 3, "a request whose head came in time may still be waiting for its turn"
    tokens.forget_expired(now=too_old + timedelta(seconds=dpop.LATEST_S))
    assert UsedProof.objects.count() == 0


@pytest.mark.django_db
def test_proofs_that_are_too_old_go_with_those_that_come(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    for minutes in (20, 20, 10):
        UsedProof.objects.create(digest=uuid.uuid4().hex, expires=now - timedelta(minutes=minutes))
    monkeypatch.setattr(tokens, "_proofs", itertools.count(tokens.PROOFS_FORGOTTEN_EVERY - 1))
    assert tokens.spend_proof(thumbprint="t", jti="1", expires=now)
    assert UsedProof.objects.count() == 4
    assert tokens.spend_proof(thumbprint="t", jti="2", expires=now)
    assert not tokens.spend_proof(thumbprint="t", jti="2", expires=now)
    assert UsedProof.objects.count() == 3
