"""The token endpoint: client credentials with a signed assertion (RFC 7523), judged by the register's rules."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from lintas_simulator.keys import SPELLINGS, PublicKey, thumbprint, unb64u
from lintas_simulator.messages import Answer, Request, of_json
from lintas_simulator.problems import Problem, Reason

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = "application/x-www-form-urlencoded"
LIVES_S: Final = 600
TOLERANCE_S: Final = 60
LONGEST_S: Final = 120


@dataclass(frozen=True)
class Client:
    """One system of one agency: who it is, with which keys, and what it may call."""

    id: str
    agency: str
    scopes: frozenset[str]
    keys: Mapping[str, PublicKey]

    @property
    def thumbprint(self) -> str:
        """Of its first key."""
        return thumbprint(next(iter(self.keys.values())).jwk)


@dataclass
class Tokens:
    """Who is registered, and which tokens are good until when (POSIX seconds)."""

    issuer: str
    clients: dict[str, Client] = field(default_factory=dict)
    _good: dict[str, tuple[str, float]] = field(default_factory=dict)
    _sold: dict[str, str] = field(default_factory=dict)
    _revoked: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)

    def sell(self, request: Request, *, now: float) -> tuple[Answer, str]:
        """A token, and the id of the client that bought it. Raises `Problem`."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
            raise Problem("invalid-request", reasons=[Reason("not-a-form", facts={"type": FORM})])
        form = dict(parse_qsl(request.content.decode("utf-8", "replace"), keep_blank_values=True))
        if form.get("grant_type") != "client_credentials":
            code, why = (
                ("unsupported-grant-type", "other") if form.get("grant_type") else ("invalid-request", "missing")
            )
            raise Problem(code, reasons=[Reason(f"grant-type-{why}", parameter="grant_type")])
        faults = [Reason(code, facts=facts) for code, facts in self._faults_of_form(form, request)]
        client, reasons = self._judged(form.get("client_assertion", ""), now=now)
        if client is None or faults or reasons:
            raise Problem("invalid-client", reasons=[*faults, *reasons])
        asked = frozenset(form.get("scope", "").split()) or client.scopes
        if not asked <= client.scopes:
            registered = " ".join(sorted(client.scopes))
            raise Problem("invalid-scope", reasons=[Reason("scope", "scope", facts={"registered": registered})])
        token = secrets.token_urlsafe(32)
        self._good[token] = (client.id, now + LIVES_S)
        self._sold[token] = client.id
        sold = {"access_token": token, "token_type": "Bearer", "expires_in": LIVES_S, "scope": " ".join(sorted(asked))}
        return of_json(sold, Cache_Control="no-store"), client.id

    def holder(self, request: Request, *, now: float) -> Client:
        """The client whose token a request carries. Raises `Problem`."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Problem("token-missing")
        if token in self._revoked or token not in self._good:
            raise Problem("token-invalid")
        client, until = self._good[token]
        if now >= until:
            raise Problem("token-expired")
        return self.clients[client]

    def revoke_all(self) -> None:
        """Let no token that was sold so far be good any more."""
        self._revoked |= self._good.keys()
        self._good.clear()

    def buyer(self, request: Request) -> str:
        """Which client bought the token that a request carries, whatever became of it; empty where none did."""
        return self._sold.get(request.headers.get("authorization", "").partition(" ")[2], "")

    def _faults_of_form(self, form: Mapping[str, str], request: Request) -> Iterator[tuple[str, dict[str, Any]]]:
        if "client_secret" in form or "authorization" in request.headers:
            yield "secret-sent", {}
        if form.get("client_assertion_type") != TYPE:
            yield "type", {"type": TYPE}
        if "client_assertion" not in form:
            yield "absent", {}

    def _judged(self, assertion: str, *, now: float) -> tuple[Client | None, list[Reason]]:
        if not assertion:
            return None, []
        parts = assertion.split(".")
        if len(parts) != 3:
            return None, [Reason("not-three-parts", facts={"parts": len(parts)})]
        try:
            header, claims = (json.loads(unb64u(part)) for part in parts[:2])
            signature = unb64u(parts[2])
            header, claims = dict(header), dict(claims)
        except (ValueError, TypeError):
            return None, [Reason("not-base64url")]
        reasons = [Reason(code, facts=facts) for code, facts in self._faults_of_claims(header, claims, now=now)]
        if reasons:
            return None, reasons
        client = self.clients.get(str(claims["sub"]))
        key = client.keys.get(str(header["kid"])) if client else None
        genuine = key is not None and key.alg == SPELLINGS[header["alg"]]
        if key is None or not genuine or not key.verifies(f"{parts[0]}.{parts[1]}".encode(), signature):
            der = signature[:1] == b"\x30" and header["alg"] == "ES256" and len(signature) != 64
            wrong = Reason("signature-is-der", facts={"bytes": len(signature)}) if der else Reason("not-recognised")
            return None, [wrong]
        if claims["jti"] in self._used:
            return None, [Reason("replayed")]
        self._used.add(str(claims["jti"]))
        return client, []

    def _faults_of_claims(
        self, header: Mapping[str, Any], claims: Mapping[str, Any], *, now: float
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        if header.get("alg") not in SPELLINGS:
            yield "alg-not-allowed", {"allowed": "ES256, Ed25519, PS256"}
        if not isinstance(header.get("kid"), str):
            yield "kid-missing", {}
        if not isinstance(claims.get("sub"), str) or not isinstance(claims.get("iss"), str):
            yield "iss-sub-missing", {}
        elif claims["iss"] != claims["sub"]:
            yield "iss-is-not-sub", {}
        audience = claims.get("aud")
        if audience != self.issuer:
            at_token = audience == f"{self.issuer}/oauth/token"
            slash = isinstance(audience, str) and audience.rstrip("/") == self.issuer
            code = "aud-is-token-url" if at_token else "aud-has-a-slash" if slash else "aud-not-issuer"
            yield "aud-is-a-list" if isinstance(audience, list) else code, {"issuer": self.issuer}
        if not isinstance(claims.get("jti"), str) or not claims["jti"]:
            yield "jti-missing", {}
        yield from _faults_of_times(claims, now=now)


def _faults_of_times(claims: Mapping[str, Any], *, now: float) -> Iterator[tuple[str, dict[str, Any]]]:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float):
        yield "iat-missing", {}
        return
    if not isinstance(expires, int | float):
        yield "exp-missing", {"limit": LONGEST_S}
        return
    sent = now
    if abs(issued - now) > TOLERANCE_S:
        sent = issued
        code = "clock-ahead" if issued > now else "clock-behind"
        yield code, {"seconds": round(abs(issued - now)), "limit": TOLERANCE_S}
    if expires <= sent:
        yield "expired", {"seconds": round(sent - expires)}
    elif expires - sent > LONGEST_S:
        yield "lives-too-long", {"seconds": round(expires - sent), "limit": LONGEST_S}
