"""The receiving end of a webhook: who really sent it, whether it is fresh, and whether it came before.

A message carries `v1` (HMAC-SHA256 under the webhook's secret) and `v1a` (Ed25519, by a key that the register
publishes). Where both are known here, both have to fit.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lintas_client.problems import LintasError, Unanswered
from lintas_client.store import Store

FRESH_S: Final = 300
"""Seconds by which a message's timestamp may be off, either way."""
REMEMBERED_S: Final = 40 * 86_400
"""Seconds for which an id is remembered: longer than any repeating, and than the deliveries that can be replayed."""
REFETCH_S: Final = 60.0
"""Keys are fetched for an unknown key id at most this often, so that strangers cannot make this machine ask."""
MOST_BYTES: Final = 256 * 1024
UNFETCHED: Final = "The register's keys could not be fetched. Answer 503: the message comes again."
CHALLENGE: Final = "lintas.webhook.challenge"

Why = Literal["headers-missing", "too-large", "not-fresh", "v1-differs", "v1a-differs", "key-unknown", "not-an-event"]


class NotGenuine(LintasError):
    """A message is refused: answer 401, and do nothing. `why` is a stable word; nothing of the message is quoted."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(f"The webhook message is refused: {why}.")


@dataclass(frozen=True)
class Reply:
    """What to answer, and the event to work on: None for a challenge, and for one that came before."""

    status: int
    body: bytes = b""
    event: Mapping[str, Any] | None = None
    is_repeated: bool = False


class Receiver:
    """Verifies the messages of one webhook. Give `secrets` (two while one is being rotated), `jwks_url`, or both.

    `require_both` refuses to work with one of them only: a signature that is not checked protects nobody. Ids are
    remembered in the store, so that they outlive the process.
    """

    def __init__(
        self,
        store: Store,
        *,
        secrets: Sequence[str] = (),
        jwks_url: str = "",
        require_both: bool = True,
        http: httpx.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not (secrets and jwks_url) if require_both else not (secrets or jwks_url):
            raise ValueError("Give the webhook's secret and the address of the register's jwks.json.")
        self._store = store
        self._secrets = [_secret(text) for text in secrets]
        self._jwks_url = jwks_url
        self._http = http
        self._clock = clock
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._fetched = float("-inf")
        self._are_fetched = True

    def verify(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
        """The event of a message whose signatures fit and whose timestamp is fresh.

        Raises `NotGenuine`, and `Unanswered` where the register's keys cannot be had: then answer 503.
        """
        said = {name.lower(): value for name, value in headers.items()}
        if len(body) > MOST_BYTES:
            raise NotGenuine("too-large")
        try:
            message, stamp, signatures = (said[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
        except KeyError:
            raise NotGenuine("headers-missing") from None
        # Before the signatures: an old message that was recorded has signatures that fit.
        if not (stamp.isascii() and stamp.isdigit() and abs(self._clock() - int(stamp)) <= FRESH_S):
            raise NotGenuine("not-fresh")
        signed = b".".join((message.encode(), stamp.encode(), body))
        made = [one.partition(",") for one in signatures.split()]
        if self._secrets and not _fits_a_secret(self._secrets, signed, [raw for kind, _, raw in made if kind == "v1"]):
            raise NotGenuine("v1-differs")
        if self._jwks_url:
            key = self._key(said.get("lintas-webhook-key", ""))
            if not any(_fits(key, signed, raw) for kind, _, raw in made if kind == "v1a"):
                raise NotGenuine("v1a-differs")
        try:
            event = json.loads(body)
        except ValueError:
            raise NotGenuine("not-an-event") from None
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise NotGenuine("not-an-event")
        return event

    def receive(
        self, headers: Mapping[str, str], body: bytes, handle: Callable[[Mapping[str, Any]], None] | None = None
    ) -> Reply:
        """Verify a message, answer a challenge, and hand each event to `handle` once. Raises as `verify` does.

        The id is remembered after `handle` returned: what it raises goes up, the sender is answered 500, and the event
        comes again. A process that dies in between gets the event again; recognise it by its `id`.
        """
        event = self.verify(headers, body)
        if event["type"] == CHALLENGE:
            return Reply(200, json.dumps({"challenge": event["data"]["challenge"]}).encode())
        message = next(value for name, value in headers.items() if name.lower() == "webhook-id")
        if self._store.db.execute("SELECT 1 FROM heard WHERE id = ?", (message,)).fetchone():
            return Reply(204, is_repeated=True)
        if handle is not None:
            handle(event)
        now = self._clock()
        with self._store.transaction() as db:
            db.execute("INSERT OR IGNORE INTO heard VALUES (?, ?)", (message, now))
            db.execute("DELETE FROM heard WHERE at < ?", (now - REMEMBERED_S,))
        return Reply(204, event=event)

    def _key(self, kid: str) -> Ed25519PublicKey:
        if kid not in self._keys and self._clock() - self._fetched >= REFETCH_S:
            self._fetched, self._are_fetched = self._clock(), False
            asked = self._http or httpx
            try:
                self._keys = _published(asked.get(self._jwks_url).raise_for_status().json())
            except httpx.HTTPError as why:
                raise Unanswered(UNFETCHED) from why
            self._are_fetched = True
        if kid not in self._keys:
            # Nobody can say whether it is genuine before the register has answered, so nobody calls it forged.
            raise NotGenuine("key-unknown") if self._are_fetched else Unanswered(UNFETCHED)
        return self._keys[kid]


def _secret(text: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("A webhook's secret is whsec_ and base64, as the register told it.") from None


def _fits_a_secret(secrets: Sequence[bytes], signed: bytes, given: Sequence[str]) -> bool:
    wanted = [base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets]
    return any(hmac.compare_digest(one.encode(), raw.encode()) for one in wanted for raw in given)


def _fits(key: Ed25519PublicKey, signed: bytes, raw: str) -> bool:
    try:
        key.verify(base64.b64decode(raw, validate=True), signed)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _published(document: Mapping[str, Any]) -> dict[str, Ed25519PublicKey]:
    """The Ed25519 keys of a jwks.json by their ids."""
    return {
        key["kid"]: Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
        for key in document.get("keys", ())
        if key.get("kty") == "OKP" and key.get("crv") == "Ed25519"
    }
