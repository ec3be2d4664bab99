"""A small client of the API, as an integrator would write it: token, idempotency, versions and problems, no more.

It knows the service by its addresses only and imports nothing of it.

- A token is bought with a signed assertion (private_key_jwt) and kept until shortly before it expires.
- A write is an *intention*: its `Idempotency-Key` is made once, before sending, and goes with every further attempt.
- `If-Match` comes from the version of the casefile that this client saw last.
- The examiner's system signs each write (RFC 9421), so that the log commits to the signature too.
- Every refusal is raised as `Refused`, with the problem's code, detail and errors.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from demo import signing

API: Final = "/api/v1"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ATTEMPTS: Final = 4
SIGNER: Final = "bkn"
"""The agency whose system signs what it writes."""
# A token is renewed this long before it expires, so that it does not expire on its way.
MARGIN_S: Final = 30.0
# What is worth another attempt with the same key: the twin in flight, the rate, a service out of breath, a leaf that is
# about to get its place.
PASSING: Final = frozenset(
    {"request-in-progress", "rate-limited", "try-again", "temporarily-unavailable", "not-sequenced-yet"}
)


@dataclass(frozen=True)
class Identity:
    """One entry of `sandbox.json`: a system, its agency, and the private key it signs with."""

    name: str
    agency: str
    client_id: str
    private_jwk: Mapping[str, Any] = field(repr=False)
    signs: bool = False
    """Whether it signs what it writes (RFC 9421)."""


@dataclass(frozen=True)
class Answer:
    """What came back: `data` is the JSON, `content` the very bytes."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    data: Any

    @property
    def etag(self) -> str:
        """The ETag, quotes included; empty where there is none."""
        return self.headers.get("etag", "")

    @property
    def replayed(self) -> bool:
        """Whether the service answered with what it had stored for this key."""
        return self.headers.get("idempotency-replayed") == "true"


class Refused(Exception):
    """The service said no. `code` is stable; `errors` say field by field what to mend; `members` is all it said."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.members: Mapping[str, Any] = answer.data if isinstance(answer.data, dict) else {}
        self.status = answer.status
        self.code = str(self.members.get("code", "no-problem-json"))
        self.detail = str(self.members.get("detail", ""))
        self.errors: Sequence[Mapping[str, Any]] = self.members.get("errors", ())
        super().__init__(f"{answer.method} {answer.path}: {self.status} {self.code}. {self.detail}")


@dataclass(frozen=True)
class Intention:
    """One write that somebody wants to happen once. Kept before it is sent; sent as often as it takes."""

    path: str
    body: Mapping[str, Any]
    if_match: str | None = None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


class Client:
    """One system of one agency, calling one server. Not for several threads at once.

    `resource` is for whom a vendor's system buys its tokens, as `/delegations` names it; empty for its own agency.
    """

    def __init__(self, identity: Identity, http: httpx.Client, *, language: str = "en", resource: str = "") -> None:
        self.identity = identity
        self.agency = identity.agency
        self._http = http
        self._language = language
        self._resource = resource
        self._token, self._token_ends, self._issuer = "", 0.0, ""
        self._versions: dict[str, int] = {}

    # -- reading ------------------------------------------------------------------------------------------------------

    def get(self, path: str, **query: str) -> Answer:
        """GET below /api/v1. Raises `Refused`."""
        return self._sent("GET", path, query=query)

    def download(self, path: str) -> bytes:
        """The bytes of a public file, by its whole path. Raises httpx.HTTPError."""
        return self._http.get(path).raise_for_status().content

    def casefile(self, casefile: str) -> dict[str, Any]:
        """The casefile as this agency sees it now; its version is remembered for the next `act`."""
        data: dict[str, Any] = self.get(f"/casefiles/{casefile}").data
        return data

    def version(self, casefile: str) -> int | None:
        """The version of that casefile this client saw last."""
        return self._versions.get(casefile)

    # -- writing ------------------------------------------------------------------------------------------------------

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """POST something that is created, under a key of its own. Raises `Refused`."""
        return self.send(Intention(path, body))

    def upload(self, document: str, content: bytes) -> Answer:
        """PUT the content of a document; as often as one likes, because other bytes are refused. Raises `Refused`."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {"Content-Digest": f"sha-256=:{digest}:", "Content-Type": "application/octet-stream"}
        return self._sent("PUT", f"/documents/{document}/content", content=content, headers=headers)

    def delete(self, path: str) -> Answer:
        """DELETE below /api/v1. Raises `Refused`."""
        return self._sent("DELETE", path)

    def act(self, casefile: str, transition: str, given: Mapping[str, Any]) -> Answer:
        """Perform a transition on the version seen last; the casefile is read first if it never was."""
        return self.send(self.intend(casefile, transition, given))

    def intend(self, casefile: str, transition: str, given: Mapping[str, Any]) -> Intention:
        """The intention of a transition, on the version seen last."""
        if casefile not in self._versions:
            self.casefile(casefile)
        return Intention(f"/casefiles/{casefile}/{transition}", given, f'"{self._versions[casefile]}"')

    def send(self, intention: Intention) -> Answer:
        """Send it, now or again: the same key every time, so that it happens once. Raises `Refused`."""
        headers = {"Idempotency-Key": intention.key}
        if intention.if_match is not None:
            headers["If-Match"] = intention.if_match
        return self._sent("POST", intention.path, body=intention.body, headers=headers)

    # -- on the wire --------------------------------------------------------------------------------------------------

    def _sent(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        content = content or (b"" if body is None else json.dumps(body).encode())
        for attempt in range(1, ATTEMPTS + 1):
            sent = {"Authorization": f"Bearer {self.token()}", "Accept-Language": self._language, **(headers or {})}
            if body is not None:
                sent["Content-Type"] = "application/json"
            if self.identity.signs and method != "GET":
                # Each attempt is signed anew: a signature is good for a minute.
                url = f"{self._issuer}{API}{path}"
                sent |= signing.signed(method, url, content, sent, self.identity.private_jwk)
            try:
                response = self._http.request(method, API + path, params=query, content=content, headers=sent)
            except httpx.TransportError:
                # Whether it arrived is unknown; the key makes the next attempt safe.
                if attempt == ATTEMPTS:
                    raise
                time.sleep(0.2 * attempt)
                continue
            answer = _answer(method, path, response)
            if answer.status < 400:
                self._remember(answer.data)
                return answer
            refused = Refused(answer)
            if attempt == ATTEMPTS or not self._worth_another(refused):
                raise refused
        raise AssertionError("the last attempt returns or raises")

    def _worth_another(self, refused: Refused) -> bool:
        if refused.code == "token-expired":
            self._token_ends = 0.0
            return True
        if refused.code == "signature-refused" and {one["code"] for one in refused.errors} == {"signature-too-old"}:
            # This process or its connection was held up for longer than a signature is good.
            return True
        if refused.code in PASSING:
            time.sleep(min(float(refused.answer.headers.get("retry-after", "1")), 10.0))
            return True
        return False

    def token(self) -> str:
        """A token that is good for a while yet; bought when there is none."""
        if time.monotonic() >= self._token_ends:
            metadata = self._http.get("/.well-known/oauth-authorization-server").raise_for_status().json()
            # Whom the assertion is for is the issuer, not the token's address.
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._assertion(audience=metadata["issuer"]),
            }
            response = self._http.post(urlsplit(metadata["token_endpoint"]).path, data=form)
            bought = _answer("POST", "/oauth/token", response)
            if bought.status != 200:
                raise Refused(bought)
            self._token, self._issuer = bought.data["access_token"], metadata["issuer"]
            self._token_ends = time.monotonic() + float(bought.data["expires_in"]) - MARGIN_S
        return self._token

    def _assertion(self, *, audience: str) -> str:
        jwk, now, me = dict(self.identity.private_jwk), int(time.time()), self.identity.client_id
        claims = {"iss": me, "sub": me, "aud": audience, "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
        if self._resource:
            claims["resource"] = self._resource
        return jwt.encode({"alg": "ES256", "kid": jwk["kid"]}, claims, ECKey.import_key(jwk))

    def _remember(self, data: Any) -> None:
        """Note the version of every casefile in an answer."""
        if not isinstance(data, dict):
            return
        if "number" in data and "version" in data and "id" in data:
            self._versions[data["id"]] = data["version"]
        for one in data.get("casefiles", ()):
            self._versions[one["id"]] = one["version"]


def clients(sandbox_file: Path, http: httpx.Client) -> dict[str, Client]:
    """One client for every agency in `sandbox.json`, by the agency's code, all over one pool of connections."""
    listed = json.loads(sandbox_file.read_text(encoding="utf-8"))["clients"]
    return {
        one["agency"]: Client(
            Identity(
                name=one["name"],
                agency=one["agency"],
                client_id=one["client_id"],
                private_jwk=one["private_jwk"],
                signs=one["agency"] == SIGNER,
            ),
            http,
        )
        for one in listed
    }


def _answer(method: str, path: str, response: httpx.Response) -> Answer:
    try:
        data = response.json() if response.content else None
    except ValueError:
        data = None
    return Answer(
        method=method,
        path=path,
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=response.content,
        data=data,
    )
