"""Who is calling: a token, with its proof where it is bound to a key, becomes the frozen actor (`request.auth`).

It is asked for at every request, in one statement: a token, key or client that was revoked a moment ago is refused now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, runtime_checkable

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from agencies import tokens
from agencies.actor import Actor
from agencies.dpop import Proof
from agencies.tokens import Caller
from api.http import dpop, signatures, throttling
from api.http.problems import Problem
from api.http.quotas import Holder, Kind

_SCHEME = re.compile(r"(bearer|dpop)(?: +(.*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What DRF wants of a user: whether it is one. Everything else is asked of the actor, so no row is made of it."""

    is_authenticated: bool = True


SOMEBODY: Final = Authenticated()


@runtime_checkable
class TakesPermits(Protocol):
    """A view whose calls are under a quota."""

    def take_permit(self, request: Any, actor: Actor) -> tuple[Holder, Kind] | None:
        """Take a permit for this call; from which bucket, None where it had one. Raises Problem `rate-limited`."""
        ...


class TokenAuthentication(BaseAuthentication):
    """Raises the problems `token-missing`, `token-invalid`, `token-expired`, `delegation-ended`, `dpop-proof-refused`,
    `dpop-nonce-required` and `rate-limited`; it never lets anybody pass unnamed.

    A view that is open to everybody says `authentication_classes = ()`.
    """

    def authenticate(self, request: Request) -> tuple[Authenticated, Actor]:
        """The actor behind the request's token."""
        header = request.META.get("HTTP_AUTHORIZATION", "").strip()
        sent = _SCHEME.fullmatch(header)
        if sent is None:
            raise Problem("token-missing")
        token, now = (sent[2] or "").strip(), _noted(request, "wall")
        keyid = signatures.keyid_of(request.headers)
        caller = _resolved(token, now=now, further=_asked_of(request), keyid=keyid)
        actor, bound_to = caller.actor, caller.proof_thumbprint
        with dpop.told(request._request, client_id=actor.client_id):
            came = _noted(request, "arrived")
            proof = dpop.of_token(request._request, scheme=sent[1].lower(), token=token, bound_to=bound_to, now=came)
        request.answer, request.signing_key = caller.answer, caller.signing_key  # type: ignore[attr-defined]  # read by the view and the door
        # The server lets one client's requests take turns (`config.asgi`).
        request.META["lintas.client"] = actor.client_id
        if (turn := request.META.get("lintas.turn")) is not None:
            turn.is_of(actor.client_id)
        self._take_permit(request, actor, proof)
        if proof is not None:
            dpop.note_upload(request._request, token=token, bound_to=bound_to)
        return SOMEBODY, actor

    @staticmethod
    def _take_permit(request: Request, actor: Actor, proof: Proof | None) -> None:
        """Ask the view for a permit of the client's quota, then use the proof.

        A proof that was used before came from somebody who may have seen it on the way: their attempts take nothing of
        the client's quota.
        """
        view = (request.parser_context or {}).get("view")
        taken = view.take_permit(request, actor) if isinstance(view, TakesPermits) else None
        if proof is None:
            return
        try:
            with dpop.told(request._request, client_id=actor.client_id):
                dpop.use(proof)
        except Problem:
            if taken is not None:
                throttling.give_back(*taken)
            raise

    def authenticate_header(self, request: Request) -> str:
        """What to answer a 401 with (RFC 6750)."""
        return 'Bearer realm="lintas"'


def again(request: Request, *, now: datetime) -> Actor:
    """The caller of a request that goes on for a while, as things stand now.

    A proof that came with the request was looked at when it began. Raises the problems `token-invalid`,
    `token-expired` and `delegation-ended`.
    """
    sent = _SCHEME.fullmatch(request.META.get("HTTP_AUTHORIZATION", "").strip())
    if sent is None:
        raise Problem("token-missing")
    return _resolved((sent[2] or "").strip(), now=now).actor


def _resolved(token: str, *, now: datetime, **more: Any) -> Caller:
    try:
        return tokens.resolve_caller(token, now=now, **more)
    except tokens.DelegationEnded as refused:
        raise Problem("delegation-ended") from refused
    except tokens.TokenInvalid as refused:
        raise Problem("token-invalid") from refused
    except tokens.TokenExpired as refused:
        raise Problem("token-expired") from refused


def _asked_of(request: Request) -> tokens.Further | None:
    """What the view wants to know of its caller in the same statement, where it says so (`DoorView.asks`)."""
    asks = getattr((request.parser_context or {}).get("view"), "asks", None)
    return None if asks is None else asks()


def _noted(request: Request, what: str) -> datetime:
    """When the request was whole and had its turn (`wall`), or had begun to come (`arrived`), by the real clock."""
    noted = getattr(request._request, what, None)
    return noted if isinstance(noted, datetime) else timezone.now()


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself untyped
    """How the OpenAPI document describes `TokenAuthentication`."""

    target_class = "api.http.authentication.TokenAuthentication"
    name = "client_credentials"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """An OAuth 2.0 security scheme with the one flow and all scopes."""
        return {
            "type": "oauth2",
            "description": "A token of 10 minutes, bought with a signed assertion (private_key_jwt, RFC 7523).",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict(settings.SCOPES)}},
        }
