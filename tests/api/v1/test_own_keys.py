"""Clients bring and end their own keys: signed, proved over a nonce, three at most, each change an entry."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.conf import settings
from django.core import signing
from django.test import Client as Browser

from agencies import keys
from agencies.models import ClientKey
from audit.models import Entry
from tests import callers
from tests.api.answers import assert_answers
from tests.partner import call, said
from tests.signed import Signer, sent
from tests.world import World

KEYS = "/api/v1/clients/me/keys"


def listed(signer: Signer) -> dict[str, Any]:
    """The client's keys, and a nonce."""
    answer = call("GET", "/clients/me/keys", token=signer.token)
    assert_answers(answer, "list_own_keys")
    told: dict[str, Any] = said(answer)
    return told


def body_of(signer: Signer, jwk: dict[str, Any], *, kid: str, nonce: str, **more: Any) -> bytes:
    """A key with its proof."""
    proof = keys.prove(jwk, client_id=signer.client_id, audience=settings.LINTAS_BASE_URL, nonce=nonce)
    return orjson.dumps({"jwk": callers.public(jwk), "kid": kid, "nonce": nonce, "proof": proof, **more})


def add(signer: Signer, kid: str, *, jwk: dict[str, Any] | None = None, sign: bool = True, **more: Any) -> Any:
    """POST one more key."""
    body = body_of(signer, jwk or callers.new_key(), kid=kid, nonce=listed(signer)["nonce"], **more)
    headers = {"Authorization": f"Bearer {signer.token}"}
    return sent("POST", KEYS, body, signer.sign("POST", KEYS, body, headers) if sign else headers)


def revoke(signer: Signer, kid: str) -> Any:
    """DELETE a key."""
    path = f"{KEYS}/{kid}"
    return sent("DELETE", path, b"", signer.sign("DELETE", path, b"", {"Authorization": f"Bearer {signer.token}"}))


@pytest.mark.django_db
def test_a_key_is_added_used_and_ends_at_the_next_request(world: World) -> None:
    signer = Signer(world)
    jwk = callers.new_key("Ed25519")
    answer = add(signer, "padang-2", jwk=jwk)
    assert answer.status_code == 201, answer.content
    assert_answers(answer, "add_own_key")
    told = said(answer)
    assert (told["status"], told["receipt"]["seq"] > 1) == ("serves", True)
    entry = orjson.loads(bytes(Entry.objects.get(uuid=told["receipt"]["entry"]).body))
    assert (entry["kind"], entry["actor"]["party"], entry["actor"]["client"]) == (
        "key.added", "recorder", signer.client_id,
    )  # fmt: skip
    assert entry["request"]["signature"] is not None
    system = callers.System(signer.client_id, jwk, kid="padang-2", alg="Ed25519")
    bought = call_token(system)
    new = copy.copy(signer)
    new.token, new.jwk, new.kid = bought, jwk, "padang-2"
    assert new.post(alg="Ed25519").status_code == 201
    revoked = revoke(signer, "padang-2")
    assert_answers(revoked, "revoke_own_key")
    assert said(revoked)["status"] == "revoked"
    assert call("GET", "/me", token=bought).status_code == 401
    assert said(revoke(signer, "padang-2"))["receipt"] is None
    assert [one["status"] for one in listed(signer)["data"]] == ["serves", "revoked"]


def call_token(system: callers.System) -> str:
    """A token bought with that key."""
    answer = Browser().post("/oauth/token", urlencode(system.form()), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200, answer.content
    return str(said(answer)["access_token"])


@pytest.mark.django_db
def test_three_keys_at_most_and_never_none(world: World) -> None:
    signer = Signer(world)
    assert [add(signer, f"padang-{number}").status_code for number in (2, 3)] == [201, 201]
    fourth = add(signer, "padang-4")
    assert (fourth.status_code, said(fourth)["code"]) == (409, "too-many-keys")
    assert revoke(signer, "padang-2").status_code == revoke(signer, "padang-3").status_code == 200
    last = revoke(signer, signer.kid)
    assert (last.status_code, said(last)["code"]) == (409, "last-key")
    assert said(revoke(signer, "nobody"))["code"] == "not-found"


@pytest.mark.django_db
def test_who_repeats_it_gets_the_key_that_is_there(world: World) -> None:
    signer, jwk = Signer(world), callers.new_key()
    assert add(signer, "padang-2", jwk=jwk).status_code == 201
    again = add(signer, "padang-2", jwk=jwk)
    assert (again.status_code, said(again)["receipt"]) == (201, None)
    assert ClientKey.objects.filter(client__client_id=signer.client_id).count() == 2


@pytest.mark.django_db
def test_what_does_not_prove_itself_is_refused(world: World) -> None:
    signer, other = Signer(world), Signer(world, "bkn")
    unsigned = add(signer, "padang-2", sign=False)
    assert (unsigned.status_code, said(unsigned)["code"]) == (401, "signature-required")
    jwk = callers.new_key()
    nonce, foreign = listed(signer)["nonce"], listed(other)["nonce"]
    stale = signing.TimestampSigner(salt="other").sign(signer.client_id)
    proof = keys.prove(jwk, client_id=signer.client_id, audience=settings.LINTAS_BASE_URL)
    for body, reason in (
        (body_of(signer, jwk, kid="k", nonce=foreign), "nonce"),
        (body_of(signer, jwk, kid="k", nonce=stale), "nonce"),
        (orjson.dumps({"jwk": callers.public(jwk), "kid": "k", "nonce": nonce, "proof": proof}), "proof-claims"),
        (orjson.dumps({"jwk": callers.public(jwk), "kid": "k", "nonce": nonce, "proof": "x"}), "proof-malformed"),
        (body_of(other, jwk, kid="k", nonce=nonce), "proof-claims"),
        (body_of(signer, jwk, kid=signer.kid, nonce=nonce), "kid-taken"),
        (body_of(signer, signer.jwk, kid="k", nonce=nonce), "key-taken"),
        (body_of(signer, jwk, kid="k", nonce=nonce, valid_until="2020-01-01T00:00:00Z"), "validity"),
    ):
        answer = sent("POST", KEYS, body, signer.sign("POST", KEYS, body, {"Authorization": f"Bearer {signer.token}"}))
        assert answer.status_code == 422, answer.content
        assert_answers(answer, "add_own_key")
        assert f": {reason}." in said(answer)["errors"][0]["detail"], (reason, said(answer))
    assert ClientKey.objects.filter(client__client_id=signer.client_id).count() == 1


@pytest.mark.django_db
def test_a_key_that_ends_within_thirty_days_is_told(world: World) -> None:
    signer = Signer(world)
    now = datetime.now(UTC)
    for kid, days in (("soon", 29), ("later", 31)):
        assert add(signer, kid, valid_until=(now + timedelta(days=days)).isoformat()).status_code == 201
    assert [one["kid"] for one in said(call("GET", "/me", token=signer.token))["keys_ending"]] == ["soon"]
