"""Who may erase, and the orders they sign: read from files that anybody may have touched. No database."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casefiles.operations import erasers
from casefiles.operations.erasers import ErasureRefused, Order

KEYS = {name: Ed25519PrivateKey.generate() for name in ("arsip-1", "hukum-2")}


def line(name: str, key: Ed25519PrivateKey) -> str:
    return f"{name} {base64.b64encode(key.public_key().public_bytes_raw()).decode()}"


def an_order() -> Order:
    return erasers.make_order(
        ident=uuid.uuid4(),
        origin="lintas.example/log/1",
        casefile=uuid.uuid4(),
        number="LTS/2026/000123",
        version=3,
        reason="retention_elapsed",
        basis="UU 27/2022 Pasal 44",
        now=datetime(2026, 11, 20, 3, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{line('arsip-1', KEYS['arsip-1'])}\n{line('arsip-1', KEYS['hukum-2'])}",
        f"{line('arsip-1', KEYS['arsip-1'])}\n{line('hukum-2', KEYS['arsip-1'])}",
        f"{line('arsip-1', KEYS['arsip-1'])} more",
        f"{line('Budi Santoso', KEYS['arsip-1'])}",
        "arsip-1 " + base64.b64encode(b"\1" + bytes(31)).decode(),
        "arsip-1 " + base64.b64encode(bytes(32)).decode(),
        "arsip-1 " + base64.b64encode(bytes(31)).decode(),
        "arsip-1 !!!",
        "arsip-1+00000000+" + base64.b64encode(b"\1" + KEYS["arsip-1"].public_key().public_bytes_raw()).decode(),
        "arsip-1",
    ],
    ids=["name twice", "key twice", "a third word", "no pseudonym", "point of order one", "point of order four",
         "short", "no base64", "id of another key", "no key"],
)  # fmt: skip
def test_an_erasers_file_that_cannot_be_trusted_is_refused(text: str) -> None:
    with pytest.raises(ErasureRefused) as why:
        erasers.read_erasers(text)
    assert why.value.reason == "erasers-file"


def test_both_spellings_of_a_key_are_read() -> None:
    key = KEYS["arsip-1"]
    _, vkey = erasers.draw_key("hukum-2")
    found = erasers.read_erasers(f"# who may erase\n\n{line('arsip-1', key)}  # arsip\n{vkey}\n")
    assert sorted(found) == ["arsip-1", "hukum-2"]
    assert found["arsip-1"].raw == key.public_key().public_bytes_raw()


def test_one_key_signs_once() -> None:
    order = erasers.add_signature(an_order(), name="arsip-1", private=KEYS["arsip-1"])
    for name in ("arsip-1", "hukum-2"):
        with pytest.raises(ErasureRefused, match="has signed this order"):
            erasers.add_signature(order, name=name, private=KEYS["arsip-1"])


@pytest.mark.parametrize(
    "changed",
    [
        {"more": "x"}, {"id": ...}, {"version": "3"}, {"version": True}, {"version": 0}, {"reason": "because"},
        {"basis": " "}, {"basis": "x" * 301}, {"basis": "a\nb"}, {"casefile": "LTS/2026/000001"},
        {"made_at": "2026-11-20"}, {"made_at": "2026-11-20T03:04:05.000"}, {"expires_at": "2099-01-01T00:00:00.000Z"},
        {"format": "lintas-erasure/2"}, {"signatures": [{"name": "arsip-1"}]}, {"signatures": ["arsip-1"]},
        {"number": "LTS/2026"},
    ],
    ids=str,
)  # fmt: skip
def test_a_file_that_is_no_order_is_refused(changed: dict[str, Any]) -> None:
    plain = an_order().plain()
    assert erasers.read_order(json.dumps(plain)).plain() == plain
    spoiled = {name: value for name, value in {**plain, **changed}.items() if value is not ...}
    with pytest.raises(ErasureRefused):
        erasers.read_order(json.dumps(spoiled))


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"signatures": []}', "[" * 100_000, '{"id": "a", "id": "b"}']
)
def test_what_is_no_json_object_is_no_order(text: str) -> None:
    with pytest.raises(ErasureRefused, match="no erasure order"):
        erasers.read_order(text)
