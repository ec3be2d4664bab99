"""What an `Idempotency-Key` may look like, and which request it belongs to."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from api.http.problems import ErrorItem, Problem
from audit.ledger import canonical
from audit.requests import RequestFacts
from casefiles import personal_numbers

if TYPE_CHECKING:
    from api.http.view import DoorRequest

_KEY = re.compile(r"[!-~]{16,255}")


def read(header: str | None) -> str:
    """The key without one pair of quotes. Raises Problem `idempotency-key-missing` or `idempotency-key-malformed`.

    A key in which a NIP or NIK stands is malformed: it would outlive the erasure of what it was sent with.
    """
    if header is None:
        raise Problem("idempotency-key-missing")
    key = header.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise Problem("idempotency-key-malformed")
    if personal_numbers.is_or_could_be_in(key):
        raise Problem("idempotency-key-malformed", errors=[ErrorItem("personal-number", parameter="Idempotency-Key")])
    return key


def digest(*, client: str, key: str) -> bytes:
    """What is kept of a key, in the table and in the log: SHA-256 over it and under what it is kept (`keyed_as`)."""
    return hashlib.sha256(f"{client}\n{key}".encode()).digest()


def request_facts(request: DoorRequest) -> RequestFacts:
    """The request as the log names it: its id, and the digests of its key and its signature where it has them.

    A line of a batch is known by the key that was sent, which the signature covers, not by its own.
    """
    key = request.sent_key or request.key
    return RequestFacts(
        id=request.request_id,
        idempotency=digest(client=request.actor.keyed_as, key=key) if key else None,
        caller_id=request.caller_id,
        only_tries=request.validates_only,
        signed=request.signed,
    )


def fingerprint(*, client: str, method: str, path: str, body: Any) -> bytes:
    """SHA-256 over client, method, path and the body's canonical form (RFC 8785): blanks and key order do not count."""
    return hashlib.sha256(canonical([client, method, path, body])).digest()
