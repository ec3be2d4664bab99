"""The sandbox's vendor, the employers that it asks, and proofs of keys (DPoP), made by code of the tests' own."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.test import Client as Browser

from agencies import delegations
from tests import callers
from tests.partner import said
from tests.signed import Signer, sent
from tests.world import World

VENDOR, PEMKOT, KOTIM = "vendor-kepegawaian", "pemkot-padang", "pemkab-kotawaringin-timur"
PATH = "/api/v1/delegations"
SCOPES = ("casefiles:read", "casefiles:write", "documents:read", "documents:write", "events:read")
TOKEN_URL = f"{settings.LINTAS_BASE_URL}/oauth/token"


def system(world: World, agency: str = VENDOR) -> callers.System:
    """That agency's client, as something that buys tokens."""
    told = world.clients[agency]
    jwk = dict(told["private_jwk"])
    return callers.System(str(told["client_id"]), jwk, kid=str(jwk["kid"]))


def bought(form: Mapping[str, str], *, proof: str | None = None) -> Any:
    """The answer to a token request."""
    headers = {} if proof is None else {"DPoP": proof}
    return Browser(raise_request_exception=False).post(
        "/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded", headers=headers
    )


def token_for(client: callers.System, employer: str | None = None, **claims: Any) -> str:
    """A token of that client, for an employer where one is named."""
    if employer is not None:
        claims["resource"] = delegations.resource(employer)
    answer = bought(client.form(client.assertion(**claims)))
    assert answer.status_code == 200, answer.content
    return str(said(answer)["access_token"])


def asking(employer: str = PEMKOT, **changed: Any) -> dict[str, Any]:
    """A body that asks that employer, with members changed."""
    until = (datetime.now(UTC) + timedelta(days=365)).isoformat(timespec="milliseconds")
    return {"employer": employer, "roles": ["employer"], "scopes": [*SCOPES], "valid_until": until, **changed}


def ask(vendor: Signer, body: Mapping[str, Any]) -> Any:
    """POST /delegations by the vendor's client, unsigned."""
    return sent("POST", PATH, orjson.dumps(body), {"Authorization": f"Bearer {vendor.token}"})


def answered(by: Signer, ident: str, verb: str, *, sign: bool = True, **body: Any) -> Any:
    """POST /delegations/{id}/approve or …/end by that client."""
    path, content = f"{PATH}/{ident}/{verb}", orjson.dumps(body)
    headers = {"Authorization": f"Bearer {by.token}"}
    return sent("POST", path, content, by.sign("POST", path, content, headers) if sign else headers)


def delegated(world: World, employer: str = PEMKOT, *, scopes: Sequence[str] = SCOPES) -> str:
    """The id of a delegation that the vendor asked for and the employer approved."""
    asked = ask(Signer(world, VENDOR), asking(employer, scopes=[*scopes]))
    assert asked.status_code == 201, asked.content
    ident = str(said(asked)["id"])
    approved = answered(Signer(world, employer), ident, "approve")
    assert approved.status_code == 200, approved.content
    return ident


def proof(
    private_jwk: Mapping[str, Any],
    *,
    method: str = "POST",
    url: str = TOKEN_URL,
    token: str | None = None,
    header: Mapping[str, Any] | None = None,
    **claims: Any,
) -> str:
    """A DPoP proof; members of the header and claims may be changed, or left out where the value is `...`."""
    told: dict[str, Any] = {"jti": uuid.uuid4().hex, "htm": method, "htu": url, "iat": int(time.time())}
    if token is not None:
        told["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    named = {"typ": "dpop+jwt", "alg": "ES256", "jwk": callers.public(dict(private_jwk)), **(header or {})}
    return callers.sign(
        {name: value for name, value in named.items() if value is not ...},
        {name: value for name, value in {**told, **claims}.items() if value is not ...},
        dict(private_jwk),
    )
