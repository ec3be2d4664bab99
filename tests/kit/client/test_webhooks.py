"""The receiving end of a webhook: messages as the courier signs them, and every way of forging one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from delivery import signing
from delivery.keys import CourierKey
from lintas_client import NotGenuine, Receiver, Store, Unanswered

EVENT = {"id": "e1", "type": "lintas.casefile.accepted", "logindex": 7, "previous": 3}
JWKS = "https://lintas.example.go.id/.well-known/jwks.json"


class Sender:
    """The service's side: its key, the webhook's secrets, and how often its keys were asked for."""

    def __init__(self) -> None:
        self.secrets = [signing.draw_secret()]
        self.asked = 0
        self.draw()

    def draw(self) -> None:
        """A new key of the service."""
        self.key = CourierKey(signing=Ed25519PrivateKey.generate(), opening=X25519PrivateKey.generate())

    def message(
        self, event: Any = EVENT, *, id_: str = "m1", at: datetime | None = None
    ) -> tuple[dict[str, str], bytes]:
        body = json.dumps(event).encode()
        made = signing.headers(body, message=id_, at=at or datetime.now(UTC), subscribed=self.secrets, key=self.key)
        return dict(made), body

    def jwks(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        x = base64.urlsafe_b64encode(self.key.signing.public_key().public_bytes_raw()).decode().rstrip("=")
        return httpx.Response(200, json={"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": self.key.kid, "x": x}]})


Open = Callable[..., Receiver]


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def receiving(sender: Sender, tmp_path: Path) -> Open:
    """Opens a receiver that knows the sender's secret and its published keys."""

    def open_(**changed: Any) -> Receiver:
        http = httpx.Client(transport=httpx.MockTransport(sender.jwks))
        given = {"secrets": sender.secrets, "jwks_url": JWKS, "http": http, **changed}
        return Receiver(Store(tmp_path / "store.sqlite"), **given)

    return open_


def broken(event: Mapping[str, Any]) -> None:
    """What a receiver does when its own database is away."""
    raise ZeroDivisionError


def test_an_event_is_handed_over_once_and_again_where_handling_failed(sender: Sender, receiving: Open) -> None:
    receiver = receiving()
    took: list[Mapping[str, Any]] = []
    headers, body = sender.message()
    with pytest.raises(ZeroDivisionError):
        receiver.receive(headers, body, broken)
    assert receiver.receive(headers, body, took.append).event == EVENT
    # Rung again a while later, with a new time and new signatures; and a process that was started anew.
    again, body = sender.message(at=datetime.now(UTC) + timedelta(seconds=5))
    for program in (receiver, receiving()):
        reply = program.receive(again, body, took.append)
        assert (reply.status, reply.is_repeated, reply.event) == (204, True, None)
    assert took == [EVENT]


def test_the_challenge_is_echoed(sender: Sender, receiving: Open) -> None:
    reply = receiving().receive(
        *sender.message({"type": "lintas.webhook.challenge", "data": {"challenge": "abc"}}, id_="c")
    )
    assert (reply.status, json.loads(reply.body), reply.event) == (200, {"challenge": "abc"}, None)


def test_while_a_secret_is_rotated_either_is_enough(sender: Sender, receiving: Open) -> None:
    old = list(sender.secrets)
    sender.secrets = [*old, signing.draw_secret()]
    headers, body = sender.message()
    for known in (old, sender.secrets[1:], sender.secrets):
        assert receiving(secrets=known).verify(headers, body) == EVENT


def test_an_old_message_and_one_of_the_future_are_refused_though_they_are_signed(
    sender: Sender, receiving: Open
) -> None:
    for seconds in (-310, 310):
        with pytest.raises(NotGenuine) as refused:
            receiving().verify(*sender.message(at=datetime.now(UTC) + timedelta(seconds=seconds)))
        assert refused.value.why == "not-fresh"


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("webhook-id", lambda value: "m2", "v1-differs"),
        ("webhook-timestamp", lambda value: str(int(value) - 1), "v1-differs"),
        ("webhook-timestamp", lambda value: f"{value}.0", "not-fresh"),
        ("webhook-timestamp", lambda value: "²", "not-fresh"),
        ("webhook-signature", lambda value: value.partition(" ")[0], "v1a-differs"),
        ("webhook-signature", lambda value: value.partition(" ")[2], "v1-differs"),
        ("webhook-signature", lambda value: value.replace("v1a,", "v1a,A"), "v1a-differs"),
        ("webhook-signature", lambda value: "v1, v1a,", "v1-differs"),
        ("webhook-signature", lambda value: "", "v1-differs"),
        ("lintas-webhook-key", lambda value: "another", "key-unknown"),
    ],
)
def test_a_forged_header_is_refused(
    sender: Sender, receiving: Open, name: str, change: Callable[[str], str], why: str
) -> None:
    headers, body = sender.message()
    with pytest.raises(NotGenuine) as refused:
        receiving().receive(headers | {name: change(headers[name])}, body)
    assert refused.value.why == why


def test_a_changed_body_is_refused_and_so_is_one_that_only_the_secret_vouches_for(
    sender: Sender, receiving: Open
) -> None:
    headers, body = sender.message()
    with pytest.raises(NotGenuine):
        receiving().verify(headers, body + b" ")
    # Whoever stole the secret, and not the service's key.
    thief = Sender()
    thief.secrets = sender.secrets
    forged, said = thief.message()
    with pytest.raises(NotGenuine) as refused:
        receiving().verify(forged | {"lintas-webhook-key": sender.key.kid}, said)
    assert refused.value.why == "v1a-differs"
    del headers["webhook-id"]
    with pytest.raises(NotGenuine, match="headers-missing"):
        receiving().verify(headers, body)


def test_strangers_cannot_make_the_receiver_ask_for_keys(sender: Sender, receiving: Open) -> None:
    now = [1_800_000_000.0]
    receiver = receiving(clock=lambda: now[0])

    def rung(kid: str) -> None:
        headers, body = sender.message(at=datetime.fromtimestamp(now[0], UTC))
        receiver.verify(headers | {"lintas-webhook-key": kid}, body)

    for number in range(5):
        with pytest.raises(NotGenuine, match="key-unknown"):
            rung(f"unknown-{number}")
    assert sender.asked == 1
    rung(sender.key.kid)
    # The service has a new key: it is fetched, a minute after the last time.
    sender.draw()
    now[0] += 61
    rung(sender.key.kid)
    assert sender.asked == 2


def test_a_genuine_message_is_not_called_forged_while_the_keys_cannot_be_had(sender: Sender, receiving: Open) -> None:
    now, is_down = [1_800_000_000.0], [True]

    def jwks(request: httpx.Request) -> httpx.Response:
        answer = sender.jwks(request)
        return httpx.Response(503) if is_down[0] else answer

    with httpx.Client(transport=httpx.MockTransport(jwks)) as http:
        receiver = receiving(clock=lambda: now[0], http=http)

        def rung() -> Mapping[str, Any]:
            return receiver.verify(*sender.message(at=datetime.fromtimestamp(now[0], UTC)))

        for _ in range(3):
            with pytest.raises(Unanswered, match="503"):
                rung()
        assert sender.asked == 1, "once a minute, also in vain"
        is_down[0] = False
        now[0] += 61
        assert rung() == EVENT


def test_a_receiver_that_would_check_half_is_not_made(sender: Sender, receiving: Open) -> None:
    with pytest.raises(ValueError, match=r"secret"):
        receiving(secrets=())
    with pytest.raises(ValueError, match="whsec_"):
        receiving(secrets=["whsec_!"])
    headers, body = sender.message()
    assert receiving(jwks_url="", require_both=False).verify(headers, body) == EVENT
