"""Receipts: what they say, that they verify with the published key, and what is said where none can be signed."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from joserfc import jws
from joserfc.jwk import ECKey, KeySet
from pytest_django import Settings

from audit import keys, owed, receipts
from audit.ledger import Sealed
from audit.management.receipted import ReceiptedCommand
from audit.receipts import NoReceiptKey
from casefiles.flow import State
from tests.audit.running import by_the_owner, pem
from tests.factories import BKN, casefile_at
from tests.partner import Partner, said
from tests.world import World

SEALED = Sealed(
    uuid=uuid4(), stream=uuid4(), seq=7, leaf_hash=bytes(range(32)), body=b"{}", audience=(),
    recorded_at=datetime(2026, 11, 20, 23, 59, 30, 250_000, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    """A receipt key of this test's own."""
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "receipt_key.pem"
    keys.draw_receipt_key(settings.LINTAS_RECEIPT_KEY_FILE)
    return tmp_path / "receipt_key.pem"


def signing_key() -> receipts.ReceiptKey:
    key = receipts.signing_key()
    assert key is not None
    return key


def part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_every_member_is_right_and_the_promise_is_a_minute(key_file: Path, settings: Settings) -> None:
    key = signing_key()
    header, payload, signature = receipts.sign(SEALED, key=key).split(".")
    assert json.loads(part(header)) == {"alg": "ES256", "kid": key.kid, "typ": "lintas-receipt+jwt"}
    assert json.loads(part(payload)) == {
        "iss": settings.LINTAS_BASE_URL,
        "origin": settings.LINTAS_LOG_ORIGIN,
        "entry": str(SEALED.uuid),
        "stream": str(SEALED.stream),
        "seq": 7,
        "leaf_hash": bytes(range(32)).hex(),
        "accepted_at": "2026-11-20T23:59:30.250Z",
        "in_tree_by": "2026-11-21T00:00:30.250Z",
    }
    assert len(part(signature)) == 64


def test_the_public_half_alone_verifies_it_by_two_libraries(key_file: Path) -> None:
    key = signing_key()
    token = receipts.sign(SEALED, key=key)
    assert set(key.public) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    public = ECKey.import_key(dict(key.public))
    assert public.thumbprint() == key.kid == key.public["kid"]
    assert jws.deserialize_compact(token, public, algorithms=["ES256"]).payload == part(token.split(".")[1])

    x, y = (int.from_bytes(part(key.public[name]), "big") for name in ("x", "y"))
    raw = part(token.split(".")[2])
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    signed = token.rpartition(".")[0].encode()
    ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))


def test_a_key_s_name_and_repr_say_nothing_private(key_file: Path) -> None:
    key = signing_key()
    private = key.private.as_dict(private=True)["d"]
    assert str(private) not in repr(key) + str(key) + json.dumps(key.public)


def test_without_a_file_there_is_no_key(settings: Settings) -> None:
    settings.LINTAS_RECEIPT_KEY_FILE = None
    assert receipts.signing_key() is None


def test_a_key_file_that_is_none_is_said_with_what_to_type(settings: Settings, tmp_path: Path) -> None:
    remedy = re.escape("Draw one with `manage.py open_log --draw-keys`.")
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "nowhere.pem"
    with pytest.raises(NoReceiptKey, match=f"nowhere.pem cannot be read: No such file or directory. {remedy}"):
        receipts.signing_key()
    for number, content in enumerate(
        (b"", b"\xff\x00", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    ):
        settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / f"{number}.pem"
        settings.LINTAS_RECEIPT_KEY_FILE.write_bytes(content)
        with pytest.raises(NoReceiptKey, match=f"holds no private key in PEM.*{remedy}"):
            receipts.signing_key()
    settings.LINTAS_RECEIPT_KEY_FILE = pem(
        ec.generate_private_key(ec.SECP256R1()), tmp_path / "locked.pem", passphrase=b"a secret"
    )
    with pytest.raises(NoReceiptKey, match="without a passphrase"):
        receipts.signing_key()
    for name, other in (
        ("p384", ec.generate_private_key(ec.SECP384R1())),
        ("ed", ed25519.Ed25519PrivateKey.generate()),
    ):
        settings.LINTAS_RECEIPT_KEY_FILE = pem(other, tmp_path / f"{name}.pem")
        with pytest.raises(NoReceiptKey, match=f"{name}.pem holds no P-256 key"):
            receipts.signing_key()


def test_a_key_that_came_later_is_read_without_a_restart(settings: Settings, tmp_path: Path) -> None:
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "receipt_key.pem"
    with pytest.raises(NoReceiptKey):
        receipts.signing_key()
    keys.draw_receipt_key(settings.LINTAS_RECEIPT_KEY_FILE)
    assert signing_key().kid


# --- over the API -----------------------------------------------------------------------------------------------------


def accept(world: World) -> Any:
    """An examiner accepts a casefile; the answer's receipt."""
    told = casefile_at(State.SUBMITTED, through=("request-identity", "identify"))
    answer = Partner(BKN).post(
        f"/casefiles/{told.casefile}/accept",
        {
            "occurred_at": "2024-10-12T03:00:00Z",
            "verification": {"held_on": "2024-10-12", "result": "complete"},
        },
        version=told.row.version,
    )
    assert answer.status_code == 200, answer.content
    return said(answer)["receipt"]


@pytest.mark.django_db(transaction=True)
def test_an_accepted_write_answers_with_a_receipt_that_the_published_keys_verify(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "log_key.pem"
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "receipt_key.pem"
    by_the_owner("open_log", draw_keys=True)
    given = accept(world)
    published = orjson.loads(Browser().get("/.well-known/jwks.json").content)
    (known,) = [key for key in published["keys"] if key["kty"] == "EC"]
    verified = jws.deserialize_compact(given["jws"], KeySet.import_key_set({"keys": [known]}), algorithms=["ES256"])
    assert verified.headers()["kid"] == known["kid"]
    promise = json.loads(verified.payload or b"")
    assert {name: promise[name] for name in ("entry", "seq", "leaf_hash", "accepted_at", "in_tree_by")} == {
        name: given[name] for name in ("entry", "seq", "leaf_hash", "accepted_at", "in_tree_by")
    }
    assert promise["stream"] == given["casefile"]
    accepted, by = (datetime.fromisoformat(promise[name]) for name in ("accepted_at", "in_tree_by"))
    assert by - accepted == timedelta(seconds=60)


@pytest.mark.django_db(transaction=True)
def test_without_a_key_the_receipt_is_unsigned_and_readiness_says_so(world: World, settings: Settings) -> None:
    settings.LINTAS_RECEIPT_KEY_FILE = None
    given = accept(world)
    assert given["jws"] is None
    assert given["leaf_hash"]
    ready = Browser().get("/readyz")
    assert ready.status_code == 503
    assert orjson.loads(ready.content)["checks"]["receipts"] == "unsigned: set LINTAS_RECEIPT_KEY_FILE"


def test_a_command_whose_receipts_cannot_be_signed_says_that_its_work_is_done(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a command did is committed by then: whoever read of a failure alone would do it again."""

    class Done(ReceiptedCommand):
        requires_system_checks = ()

        def handle(self, *args: Any, **options: Any) -> str:
            return "done"

    @contextmanager
    def collecting() -> Iterator[list[Sealed]]:
        yield [SEALED, SEALED]

    monkeypatch.setattr(owed, "collecting", collecting)
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "none.pem"
    out = StringIO()
    with pytest.raises(CommandError, match=r"work is done and its 2 entries are kept.*open_log --draw-keys"):
        call_command(Done(stdout=out))
    assert out.getvalue() == "done\n"
    call_command(Done(stdout=out), quiet_receipts=True)
