"""Signed requests (RFC 9421): which signature a request carries, what is wrong with it, and what proves it later.

What shows without a key is told all at once (`faults`); then the library verifies the signature over the components,
with the body, the tag, the age and the components that a write must cover always given to it. `@authority` and
`@scheme` come from our base URL, never from a header. docs/signed-requests.md says the same to partners.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import urlsplit

import http_sf
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings
from django.http import HttpRequest
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature
from http_message_signatures import algorithms as library
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from agencies import keys
from agencies.tokens import SigningKey
from api.http import throttling
from api.http.problems import ErrorItem, Problem
from audit import evidence
from audit.evidence import Signed

TAG: Final = "lintas-v1"
MAX_AGE_S: Final = 60
"""Seconds that `created` may lie behind us."""
MAX_AHEAD_S: Final = 5
"""Seconds that `created` may lie ahead of us."""
MAX_LENGTH: Final = 4_000
"""Characters of `Signature-Input`."""

WHOLE_ADDRESS: Final = "@target-uri"
ADDRESS: Final = ("@authority", "@path", "@query")
BOUND_HEADERS: Final = ("idempotency-key", "if-match")
"""Headers that must be covered where they are sent, for they decide what the request does."""


class _PS256(library.RSA_PSS_SHA512):
    """RSASSA-PSS with SHA-256 as JOSE has it (RFC 9421, 3.3.7): the algorithm that an RSA key is registered for."""

    algorithm_id = "ps256"

    def __init__(self, public_key: Any = None, private_key: Any = None, password: Any = None) -> None:
        super().__init__(public_key=public_key, private_key=private_key, password=password)  # type: ignore[no-untyped-call]
        self.padding = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        self.hash_algorithm = hashes.SHA256()


ALGORITHMS: Final[Mapping[tuple[str, str | None], tuple[str, type[library.HTTPSignatureAlgorithm]]]] = {
    ("ES256", None): ("ES256", library.ECDSA_P256_SHA256),
    ("ES256", "ecdsa-p256-sha256"): ("ES256", library.ECDSA_P256_SHA256),
    ("Ed25519", None): ("Ed25519", library.ED25519),
    ("Ed25519", "ed25519"): ("Ed25519", library.ED25519),
    ("PS256", None): ("PS256", _PS256),
    ("PS256", "rsa-pss-sha512"): ("rsa-pss-sha512", library.RSA_PSS_SHA512),
}
"""By the algorithm of the registered key and the parameter `alg`: what the evidence calls it, and what verifies it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong with a signature: a code of `problem_data.yaml`, and what its sentence names."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class SignatureRefused(Exception):
    """The request's signature does not prove who sent what, for these reasons."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*(reason.code for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it is signed. `url` is absolute, its path and query as they were sent; names of headers in any case.

    The library asks for `method`, `url` and `headers`.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, None where it was not sent."""
        return next((value for known, value in self.headers.items() if known.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What `Signature-Input` says of the one signature that is tagged for us."""

    components: tuple[tuple[str, Mapping[str, Any]], ...]
    parameters: Mapping[str, Any]
    signature: bytes

    @property
    def names(self) -> frozenset[str]:
        """The components that are covered as they are: one with a parameter says something else."""
        return frozenset(name for name, parameters in self.components if not parameters)


def message_of(request: HttpRequest) -> Message:
    """The request as its sender must have signed it: under our base URL."""
    query = request.META.get("QUERY_STRING", "")
    path = request.get_full_path().partition("?")[0]
    return Message(
        method=request.method or "",
        url=f"{settings.LINTAS_BASE_URL}{path}{f'?{query}' if query else ''}",
        headers=dict(request.headers.items()),
        body=request.body,
    )


def keyid_of(headers: Mapping[str, str]) -> str | None:
    """The `kid` under which the request says that it was signed for us; None where it does not, or not readably."""
    if not is_signed(headers):
        return None
    try:
        keyid = claimed(headers).parameters.get("keyid")
    except SignatureRefused:
        return None
    return keyid if isinstance(keyid, str) and "\0" not in keyid else None


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether the request carries a signature of any kind."""
    return "Signature-Input" in headers or "Signature" in headers


def claimed(headers: Mapping[str, str]) -> Claimed:
    """The signature tagged `lintas-v1`; others beside it are somebody else's. Raises `SignatureRefused`."""
    inputs, signatures = headers.get("Signature-Input"), headers.get("Signature")
    if inputs is None or signatures is None:
        missing = "Signature-Input" if inputs is None else "Signature"
        raise SignatureRefused(Reason("signature-half-sent", {"header": missing}))
    return _claimed(inputs, signatures)


@lru_cache(maxsize=64)
def _claimed(inputs: str, signatures: str) -> Claimed:
    """What the two headers say. A request is asked twice: with its token, and once its body is there."""
    if len(inputs) > MAX_LENGTH or len(signatures) > MAX_LENGTH:
        raise SignatureRefused(Reason("signature-too-long", {"limit": MAX_LENGTH}))
    told, made = (_dictionary(name, value) for name, value in (("Signature-Input", inputs), ("Signature", signatures)))
    ours = [label for label, (_, parameters) in told.items() if parameters.get("tag") == TAG]
    if len(ours) != 1:
        raise SignatureRefused(Reason("signature-tag-missing" if not ours else "signature-tag-twice", {"tag": TAG}))
    components, parameters = told[ours[0]]
    signature = made.get(ours[0], (None,))[0]
    if not isinstance(components, list) or not isinstance(signature, bytes):
        raise SignatureRefused(Reason("signature-unreadable", {"header": "Signature-Input, Signature"}))
    if any(not isinstance(name, str) for name, _ in components):
        raise SignatureRefused(Reason("signature-unreadable", {"header": "Signature-Input"}))
    return Claimed(tuple((name, dict(more)) for name, more in components), dict(parameters), signature)


def _dictionary(name: str, value: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    try:
        parsed = http_sf.parse(value.encode("ascii"), tltype="dictionary")
    except (ValueError, TypeError, RecursionError) as error:
        raise SignatureRefused(Reason("signature-unreadable", {"header": name})) from error
    return cast("dict[str, tuple[Any, dict[str, Any]]]", parsed)


def base_of(message: Message, one: Claimed) -> str | None:
    """What we say was signed, for whoever compares; None where a part is covered that the request does not have.

    Nothing is verified with it: the library builds the base that is.
    """
    target = urlsplit(message.url)
    derived = {
        "@method": message.method,
        "@authority": target.netloc.lower(),
        "@path": target.path or "/",
        "@query": f"?{target.query}",
        WHOLE_ADDRESS: message.url,
    }
    lines = []
    for name, parameters in one.components:
        value = derived.get(name, message.header(name))
        if value is None or parameters:
            return None
        lines.append(f'"{name}": {value.strip()}')
    told = message.header("signature-input") or ""
    if told.count(";tag=") != 1:  # another signature stands beside ours
        return None
    return "\n".join([*lines, f'"@signature-params": {told.partition("=")[2].strip()}'])


def required_components(message: Message) -> tuple[str, ...]:
    """What a signature over this request must cover, with the address by its parts."""
    parts = ["@method", "@authority", "@path", *(["@query"] if urlsplit(message.url).query else [])]
    parts.append("authorization")
    if message.body or message.header("content-digest") is not None:
        parts.append("content-digest")
    return (*parts, *(name for name in BOUND_HEADERS if message.header(name) is not None))


def faults(one: Claimed, message: Message, *, now: datetime) -> Iterator[Reason]:
    """All that is wrong with a signature and shows without a key."""
    covered = one.names
    needed = [
        name
        for name in required_components(message)
        if name not in covered and not (name in ADDRESS and WHOLE_ADDRESS in covered)
    ]
    if needed:
        yield Reason("signature-covers-too-little", {"components": ", ".join(needed)})
    if message.body and message.header("content-digest") is None:
        yield Reason("content-digest-missing")
    keyid = one.parameters.get("keyid")
    if not isinstance(keyid, str) or not keyid:
        yield Reason("signature-keyid-missing")
    yield from _faults_of_times(one.parameters, now=now.timestamp())


def _faults_of_times(parameters: Mapping[str, Any], *, now: float) -> Iterator[Reason]:
    created, expires = parameters.get("created"), parameters.get("expires")
    if type(created) is not int:
        yield Reason("signature-created-missing")
        return
    if abs(created / 1000 - now) < 10 * 365 * 86_400:
        yield Reason("signature-in-milliseconds")
    elif created > now + MAX_AHEAD_S:
        yield Reason("signature-ahead", {"seconds": math.ceil(created - now), "limit": MAX_AHEAD_S})
    elif created + MAX_AGE_S < now:
        yield Reason("signature-too-old", {"seconds": math.floor(now - created), "limit": MAX_AGE_S})
    if expires is not None and (type(expires) is not int or expires < now):
        yield Reason("signature-expired")


def verify(message: Message, *, key: SigningKey | None, now: datetime, arrived: datetime | None = None) -> Signed:
    """The evidence of a request whose signature holds. Raises `SignatureRefused` with what is wrong.

    `key` is the caller's key of the name that the signature gives (`keyid_of`). `arrived` is when the request's head
    had come, where that was before `now`.
    """
    one = claimed(message.headers)
    if reasons := list(faults(one, message, now=arrived or now)):
        raise SignatureRefused(*reasons)
    if key is None:
        raise SignatureRefused(Reason("signature-key-unknown"))
    if not key.is_live(now=now):
        raise SignatureRefused(Reason("signature-key-ended"))
    alg = one.parameters.get("alg")
    if (key.alg, alg) not in ALGORITHMS:
        raise SignatureRefused(Reason("signature-other-algorithm", {"alg": key.alg}))
    name, algorithm = ALGORITHMS[key.alg, alg]
    if key.alg == "ES256" and len(one.signature) != 64:
        raise SignatureRefused(Reason("signature-is-der", {"bytes": len(one.signature)}))
    return evidence.signed(
        base=_base(message, key=key, algorithm=algorithm, covers=one.names),
        signature=one.signature,
        alg=name,
        jwk=key.jwk,
        thumbprint=key.thumbprint,
    )


class _TheKey(HTTPSignatureKeyResolver):
    """The one key that was looked up with the token."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        """The public key; whose name it bears was asked of the register."""
        return _loaded(tuple(self._key.jwk.items()))


@lru_cache(maxsize=1024)
def _loaded(jwk: tuple[tuple[str, str], ...]) -> Any:
    """The public key of a registered JWK; a key never changes."""
    return keys.load(dict(jwk)).get_op_key("verify")


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Nothing: `faults` has measured both against the door's clock, when the request came.

        The library would read the clock again, and refuse an honest request that has waited meanwhile.
        """


def _base(
    message: Message, *, key: SigningKey, algorithm: type[library.HTTPSignatureAlgorithm], covers: frozenset[str]
) -> str:
    """What was signed, verified. Raises `SignatureRefused`."""
    verifier = _Verifier(signature_algorithm=algorithm, key_resolver=_TheKey(key))
    needed = required_components(message)
    if WHOLE_ADDRESS in covers:
        needed = (WHOLE_ADDRESS, *(name for name in needed if name not in ADDRESS))
    try:
        (found,) = verifier.verify(
            message,
            max_age=None,
            expect_tag=TAG,
            require_components=needed,
            body=message.body,
        )
    except (HTTPMessageSignaturesException, ValueError) as error:
        code = "content-digest-differs" if _is_about_digest(error) else "signature-differs"
        raise SignatureRefused(Reason(code)) from error
    return "\n".join(f"{name}: {value}" for name, value in found.covered_components.items())


def _is_about_digest(error: Exception) -> bool:
    return isinstance(error, InvalidSignature) and "digest" in str(error).lower()


ACCEPTED: Final = (
    'sig=("@method" "@authority" "@path" "@query" "authorization" "content-digest" "idempotency-key" "if-match")'
    f';created;keyid;tag="{TAG}"'
)
"""What a refusal says that we accept (RFC 9421, 5.1)."""


def missing() -> Problem:
    """The refusal of a request that carries no signature although it needs one."""
    return Problem("signature-required", headers={"Accept-Signature": ACCEPTED})


def checked(
    request: HttpRequest, *, key: SigningKey | None, now: datetime, arrived: datetime, required: bool
) -> Signed | None:
    """The evidence of a signed request; None where it carries no signature and needs none.

    Raises Problem `signature-required`, `signature-refused`, or `rate-limited` after too many of these.
    """
    if not is_signed(request.headers):
        if required:
            raise missing()
        return None
    try:
        return verify(message_of(request), key=key, now=now, arrived=arrived)
    except SignatureRefused as refused:
        throttling.check_refused(request, client_id=request.META.get("lintas.client"))
        items = [ErrorItem(reason.code, params=reason.facts) for reason in refused.reasons]
        raise Problem("signature-refused", errors=items, headers={"Accept-Signature": ACCEPTED}) from refused
