"""Signatures as strangers verify them: by Standard Webhooks' own library, by its published vector, and by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from audit.ids import uuid7
from delivery import keys, schedule, signing
from delivery.keys import CourierKey, NoCourierKey

AT = datetime(2024, 11, 20, 3, 4, 5, 123000, tzinfo=UTC)
ID = "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b01"
BODY = b'{"specversion":"1.0","data":{"number":"LTS/2026/000123"}}'


@pytest.fixture
def key() -> CourierKey:
    return keys.read(settings.LINTAS_COURIER_KEY_FILE)


def test_the_standards_own_vector() -> None:
    """Of the specification: symmetric signatures, the example."""
    secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    at = datetime.fromtimestamp(1614265330, UTC)
    made = Webhook(secret).sign(message, at, '{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_both_signatures_verify_and_any_change_breaks_both(key: CourierKey) -> None:
    secret = signing.draw_secret()
    sent = dict(signing.headers(BODY, message=ID, at=datetime.now(UTC), subscribed=[secret], key=key))
    assert sent["webhook-id"] == ID
    assert Webhook(secret).verify(BODY, sent)
    signed = f"{ID}.{sent['webhook-timestamp']}.".encode() + BODY
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    v1, v1a = sent["webhook-signature"].split(" ")
    assert v1 == "v1," + base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
    jwk = key.public["sign"]
    assert sent[signing.KEY_HEADER] == jwk["kid"]
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "="))
    public.verify(base64.b64decode(v1a.removeprefix("v1a,")), signed)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(v1a.removeprefix("v1a,")), signed + b" ")
    for changed in ({"webhook-id": ID[:-1] + "2"}, {"webhook-timestamp": str(int(sent["webhook-timestamp"]) + 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY, {**sent, **changed})
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.draw_secret()).verify(BODY, sent)


def test_a_message_that_is_sent_again_by_a_stranger_is_known_by_its_time(key: CourierKey) -> None:
    """`v1` and `v1a` both cover id and time: what was overheard is refused six minutes later, and under no new time."""
    secret, body = signing.draw_secret(), b"{}"
    at = datetime.now(UTC) - timedelta(minutes=6)
    overheard = dict(signing.headers(body, message="m1", at=at, subscribed=[secret], key=key))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(body, overheard)
    renewed = {**overheard, "webhook-timestamp": str(int(datetime.now(UTC).timestamp()))}
    with pytest.raises(WebhookVerificationError, match="signature"):
        Webhook(secret).verify(body, renewed)


def test_while_a_secret_is_rotated_either_holder_verifies(key: CourierKey) -> None:
    old, new = signing.draw_secret(), signing.draw_secret()
    sent = dict(signing.headers(BODY, message=ID, at=datetime.now(UTC), subscribed=[new, old], key=key))
    assert Webhook(old).verify(BODY, sent)
    assert Webhook(new).verify(BODY, sent)


def test_a_secret_opens_for_its_own_row_and_courier_only(
    key: CourierKey, db: None, world: object, tmp_path: Path
) -> None:
    """The web seals with what the log names; another row, another key or another byte opens nothing."""
    mine, other = uuid7(AT), uuid7(AT)
    sealed = keys.seal(b"whsec_x", webhook=mine)
    assert b"whsec" not in sealed
    assert key.open(sealed, webhook=mine) == b"whsec_x"
    assert keys.draw(tmp_path / "another.pem")
    assert not keys.draw(tmp_path / "another.pem"), "a key that is there is never drawn over"
    another = keys.read(tmp_path / "another.pem")
    for by, of, text in (
        (key, other, sealed),
        (another, mine, sealed),
        (key, mine, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (key, mine, b""),
    ):
        with pytest.raises(NoCourierKey):
            by.open(text, webhook=of)


def test_ten_attempts_take_seventy_five_hours() -> None:
    assert len(schedule.DELAYS) == 10
    assert 75 <= sum(schedule.DELAYS) / 3600 < 76
    for attempts, delay in enumerate(schedule.DELAYS):
        drawn = schedule.wait(attempts)
        assert drawn is not None
        assert delay * 0.9 <= drawn.total_seconds() <= delay * 1.1
    assert schedule.wait(10) is None
    asked, too_long = schedule.wait(1, asked_s=600), schedule.wait(1, asked_s=10**9)
    assert asked is not None
    assert asked.total_seconds() == 600
    assert too_long is not None
    assert too_long.total_seconds() == schedule.LONGEST_S
