"""DPoP (RFC 9449) at the doors: the proof that whoever sends a token holds the key to which it is bound.

The address in a proof is compared with our base URL and the path as it was sent, never with `Host`. A proof is used
once: the row that says so is written before anything is answered, so that two workers agree, and after a permit was
taken of the client's quota, so that nobody has rows written without limit.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

from agencies import dpop, keys, tokens
from agencies.dpop import Proof, ProofRefused, Reason
from api.http import throttling, uploads
from api.http.problems import ErrorItem, Problem

HEADER: Final = "DPoP"
NONCE_FOR: Final = timedelta(minutes=5)
ALGORITHMS: Final = " ".join(keys.ALGORITHMS)
_SALT: Final = "api.http.dpop"


def shown(request: HttpRequest, *, url: str, now: datetime, token: str | None = None) -> Proof:
    """The proof that came with the request. Nothing is stored. Raises `ProofRefused` or `NonceWanted`."""
    header = request.headers.get(HEADER)
    if header is None:
        raise ProofRefused(Reason("dpop-missing"))
    proof = dpop.check(header.strip(), method=request.method or "", url=url, now=now, token=token)
    if settings.LINTAS_DPOP_NONCES and not _is_ours(proof.nonce):
        raise NonceWanted
    return proof


def use(proof: Proof) -> None:
    """Use the proof, which can be done once. Raises `ProofRefused`."""
    if not tokens.spend_proof(thumbprint=proof.thumbprint, jti=proof.jti, expires=proof.expires):
        raise ProofRefused(Reason("dpop-replayed"))


class NonceWanted(Exception):
    """The proof holds no nonce of ours that is young enough (RFC 9449, 8)."""


def nonce() -> str:
    """A value that proofs must hold for the next five minutes, where the operator wants nonces."""
    return signing.TimestampSigner(salt=_SALT, sep=".").sign(secrets.token_urlsafe(9))


def of_token(request: HttpRequest, *, scheme: str, token: str, bound_to: str, now: datetime) -> Proof | None:
    """The proof that a bound token needs, to be used; None where none is. Raises `ProofRefused` or `NonceWanted`.

    An upload that was proven when it began is not asked again when its body has come (`api.http.arriving`).
    """
    if not bound_to:
        if scheme == "dpop":
            raise ProofRefused(Reason("dpop-not-bound"))
        return None
    if scheme != "dpop":
        raise ProofRefused(Reason("dpop-scheme"))
    upload = uploads.of(request)
    if upload is not None and upload.is_whole and upload.proof == (token, bound_to):
        return None
    path = request.get_full_path().partition("?")[0]
    proof = shown(request, url=f"{settings.LINTAS_BASE_URL}{path}", now=now, token=token)
    if proof.thumbprint != bound_to:
        raise ProofRefused(Reason("dpop-other-key"))
    return proof


def note_upload(request: HttpRequest, *, token: str, bound_to: str) -> None:
    """Note that the request's proof was used, where it begins an upload."""
    if (upload := uploads.of(request)) is not None:
        upload.proof = (token, bound_to)


@contextmanager
def told(request: HttpRequest, *, client_id: str) -> Iterator[None]:
    """Tell what the block refuses of a proof, and count it as the token endpoint does.

    Raises Problem `dpop-proof-refused`, `dpop-nonce-required` or `rate-limited`.
    """
    try:
        yield
    except ProofRefused as refused:
        throttling.check_refused(request, client_id=client_id)
        raise Problem("dpop-proof-refused", errors=items(refused)) from refused
    except NonceWanted as wanted:
        raise Problem("dpop-nonce-required", headers={"DPoP-Nonce": nonce()}) from wanted


def items(refused: ProofRefused) -> list[ErrorItem]:
    """What is wrong with a proof, as `errors[]` tells it."""
    return [ErrorItem(reason.code, parameter=HEADER, params=reason.facts) for reason in refused.reasons]


def _is_ours(value: str | None) -> bool:
    try:
        signing.TimestampSigner(salt=_SALT, sep=".").unsign(value or "", max_age=NONCE_FOR)
    except signing.BadSignature:
        return False
    return True
