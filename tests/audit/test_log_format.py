"""The entry's format is frozen: `vectors.json` is rebuilt byte by byte from its inputs."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import rfc8785

from audit import ledger

VECTORS = Path(__file__).with_name("vectors.json")


def vectors() -> list[dict[str, Any]]:
    """Each vector: inputs, salts, and the body and hashes that must come of them."""
    said: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))
    return said


def draft(vector: dict[str, Any]) -> ledger.Draft:
    """The draft those inputs describe."""
    given = vector["draft"]
    return ledger.Draft(
        stream=UUID(given["stream"]),
        seq=given["seq"],
        prev=bytes.fromhex(given["prev"]) if given["prev"] else None,
        kind=given["kind"],
        from_state=given["from"],
        to_state=given["to"],
        occurred_at=datetime.fromisoformat(given["occurred_at"]),
        recorded_at=datetime.fromisoformat(given["recorded_at"]),
        author=ledger.Author(**given["actor"]),
        request_id=UUID(given["request"]),
        idempotency=bytes.fromhex(given["idempotency"]) if given["idempotency"] else None,
        before=bytes.fromhex(given["before"]) if given["before"] else None,
        after=ledger.commit(vector["facts"], salt=bytes.fromhex(vector["facts_salt"])).digest,
        payload=ledger.commit(vector["given"], salt=bytes.fromhex(vector["given_salt"])).digest,
        attachments=tuple(
            ledger.Attached(
                digest=ledger.commit(one["document"], salt=bytes.fromhex(one["salt"])).digest, size=one["size"]
            )
            for one in vector["attachments"]
        ),
        sightings=tuple(ledger.Sighting(**one) for one in given["grants"]),
        rules=given["rules"],
        catalogue=given["catalogue"],
        audience=(),
        basis=given["basis"],
        record=ledger.digest_of(vector["row"]) if vector["row"] else None,
    )


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["draft"]["kind"])
def test_an_entry_is_rebuilt_byte_by_byte(
    vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Same inputs, same bytes, same leaf: in any later release too."""
    settings.LINTAS_LOG_ORIGIN = vector["origin"]
    monkeypatch.setattr(ledger, "uuid4", lambda: UUID(vector["entry"]))
    sealed = ledger.seal(draft(vector))
    assert sealed.body.decode() == vector["body"]
    assert sealed.leaf_hash.hex() == vector["leaf_hash"]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["draft"]["kind"])
def test_the_hashes_are_what_the_page_says(vector: dict[str, Any]) -> None:
    """Without our code: SHA-256 and RFC 8785 alone give the leaf and the commitments of `docs/log-format.md`."""
    assert hashlib.sha256(b"\x00" + vector["body"].encode()).hexdigest() == vector["leaf_hash"]
    body = json.loads(vector["body"])
    for name, what in (("after", "facts"), ("payload", "given")):
        salt = bytes.fromhex(vector[f"{what}_salt"])
        assert hashlib.sha256(salt + rfc8785.dumps(vector[what])).hexdigest() == body[name]
    if vector["row"]:
        assert hashlib.sha256(rfc8785.dumps(vector["row"])).hexdigest() == body["record"]
    assert rfc8785.dumps(body).decode() == vector["body"]
