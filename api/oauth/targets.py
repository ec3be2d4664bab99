"""For whom a token is bought, and to which key it is bound: the claim `resource` (RFC 8707) and the header `DPoP`.

The client has proven itself before any of this is asked, so that nobody else learns who delegates to whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest

from agencies import delegations
from agencies.assertion_text import Reason
from agencies.dpop import ProofRefused
from agencies.tokens import ProvenClient
from api.contract import problem_catalogue
from api.http import dpop
from api.http.problems import Problem
from api.oauth.form import oauth_members, refusal, token_url


@dataclass(frozen=True, slots=True)
class Buying:
    """A request for a token, and what its form says of `resource`, which nothing signs."""

    request: HttpRequest
    resource: str | None


def aimed(proven: ProvenClient, claims: Mapping[str, Any], *, sent: str | None, now: datetime) -> ProvenClient:
    """The client with the delegation of the employer that its assertion names. Raises Problem `invalid-target`.

    Without the claim a client acts for its own agency. `sent` is what the form says of it.
    """
    claimed, own = claims.get("resource"), proven.client.agency
    is_vendor = delegations.VENDOR in own.roles
    # Who acts for its own agency alone may send what it likes there, as in any parameter that is none of ours.
    if sent is not None and sent != claimed and (is_vendor or claimed is not None):
        raise refusal("invalid-target", Reason("resource-unsigned", parameter="resource"))
    if claimed is None:
        return proven
    code = delegations.employer_of(claimed) if isinstance(claimed, str) else None
    if code is None:
        facts = {"example": delegations.resource("pemkot-padang")}
        raise refusal("invalid-target", Reason("resource-unreadable", facts, "resource"))
    if code == own.code:
        return proven
    if not is_vendor:
        raise refusal("invalid-target", Reason("resource-not-yours", parameter="resource"))
    delegation = delegations.serving(proven.client, employer=code, now=now)
    if delegation is None:
        raise refusal("invalid-target", Reason("resource-not-delegated", parameter="resource"))
    return replace(proven, delegation=delegation)


def bound(proven: ProvenClient, request: HttpRequest, *, now: datetime) -> ProvenClient:
    """The client with the key to which its token will be bound, where the request brings a proof or must.

    Raises Problem `invalid-dpop-proof` or `use-dpop-nonce`.
    """
    if dpop.HEADER not in request.headers and not proven.client.sender_constrained:
        return proven
    try:
        proof = dpop.shown(request, url=token_url(), now=now)
        dpop.use(proof)
    except ProofRefused as refused:
        raise _problem("invalid-dpop-proof", errors=dpop.items(refused)) from refused
    except dpop.NonceWanted as wanted:
        raise _problem("use-dpop-nonce", headers={"DPoP-Nonce": dpop.nonce()}) from wanted
    request.META[_BOUND] = True
    return replace(proven, proof_thumbprint=proof.thumbprint)


def typed(body: str, request: HttpRequest) -> bytes:
    """The toolkit's answer, which says that a bound token is one (RFC 9449, 5)."""
    if not request.META.get(_BOUND):
        return body.encode()
    return orjson.dumps({**orjson.loads(body), "token_type": "DPoP"})


_BOUND = "lintas.bound"


def _problem(code: str, **more: Any) -> Problem:
    return Problem(code, members=oauth_members(code, problem_catalogue.load().kinds[code].detail), **more)
