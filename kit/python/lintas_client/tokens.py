"""Tokens: bought with a signed assertion (RFC 7523), kept, and renewed before they end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from lintas_client import signing
from lintas_client.answers import answer_of
from lintas_client.identity import Identity
from lintas_client.problems import problem_of
from lintas_client.store import Store

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
METADATA: Final = "/.well-known/oauth-authorization-server"
MARGIN_S: Final = 60.0
"""A token is renewed so many seconds before it ends, so that it does not end on its way."""
ASSERTION_S: Final = 60
CLOCK_S: Final = 5.0
"""By how many seconds this machine's clock may be off before the register's is believed instead."""


class Tokens:
    """The token of one identity. It lies in the store, so that the next process need not buy one."""

    def __init__(
        self, identity: Identity, store: Store, http: httpx.Client, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._identity = identity
        self._store = store
        self._http = http
        self._clock = clock
        self._skew = 0.0
        self._nonce = ""
        self._token, self._ends, self.issuer = store.token(identity.name) or ("", 0.0, "")

    def now(self) -> int:
        """POSIX seconds as the register counts them."""
        return int(self._clock() + self._skew)

    def drop(self) -> None:
        """Forget the token: it is said to be good no more."""
        self._token, self._ends = "", 0.0

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take the nonce that an answer gives for the next proof."""
        self._nonce = headers.get("dpop-nonce", self._nonce)

    def authorised(self, method: str, path: str) -> dict[str, str]:
        """The headers that authorise a request; buys a token where none is good for a while yet.

        Raises `Problem` where the assertion was refused, httpx.TransportError where nobody answered.
        """
        if self._clock() >= self._ends - MARGIN_S:
            self._buy()
        if not self._identity.dpop:
            return {"Authorization": f"Bearer {self._token}"}
        return {"Authorization": f"DPoP {self._token}", "DPoP": self._proof(method, path, token=self._token)}

    def assertion(self) -> str:
        """A new assertion: it buys one token within a minute. The register has to be known already (`discover`)."""
        now, me = self.now(), self._identity.client_id
        claims: dict[str, str | int] = {
            "iss": me, "sub": me, "aud": self.issuer, "iat": now, "exp": now + ASSERTION_S, "jti": str(uuid.uuid4()),
        }  # fmt: skip
        if self._identity.resource:
            claims["resource"] = self._identity.resource
        return self._identity.key.jwt({"typ": "JWT", "kid": self._identity.key.kid}, claims)

    def discover(self) -> str:
        """Ask the register who it is and what time it has; the path at which tokens are sold.

        Raises `Problem` or httpx.TransportError.
        """
        asked = self._http.get(f"{self._identity.base_url}{METADATA}")
        if asked.status_code != 200:
            raise problem_of(answer_of("GET", METADATA, asked))
        metadata = asked.json()
        self.issuer = str(metadata["issuer"])
        self._skew = self._off(asked.headers.get("date"))
        return urlsplit(str(metadata["token_endpoint"])).path

    def _buy(self) -> None:
        path = self.discover()
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        headers = {"Accept-Language": self._identity.language}
        if self._identity.dpop:
            headers["DPoP"] = self._proof("POST", path)
        response = self._http.post(f"{self._identity.base_url}{path}", data=form, headers=headers)
        bought = answer_of("POST", path, response)
        self.hear(bought.headers)
        if bought.status != 200:
            raise problem_of(bought)
        self._token = str(bought.data["access_token"])
        self._ends = self._clock() + float(bought.data["expires_in"])
        self._store.keep_token(self._identity.name, self._token, ends=self._ends, issuer=self.issuer)

    def _proof(self, method: str, path: str, *, token: str = "") -> str:
        return signing.dpop_proof(
            method, f"{self.issuer}{path}", key=self._identity.key, now=self.now(), token=token, nonce=self._nonce
        )

    def _off(self, date: str | None) -> float:
        """Seconds by which the register's clock is ahead of this machine's, where that is more than a little."""
        try:
            theirs = parsedate_to_datetime(date).timestamp() if date else None
        except ValueError:
            theirs = None
        ahead = 0.0 if theirs is None else theirs - self._clock()
        return ahead if abs(ahead) > CLOCK_S else 0.0
