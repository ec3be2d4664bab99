"""Kept answers against the log and the file: what an edited one says otherwise is named, and the receipt in it too."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit.verify.answers import _differing
from casefiles.flow import State
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import BKN, PADANG, casefile_at
from tests.partner import Partner, said
from tests.sequencing import Sequencing

EXAMPLES = Path(__file__).resolve().parents[3] / "openapi/examples"


def _example(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return read


def _answers() -> dict[str, dict[str, Any]]:
    """One answer of each kind that says something of the log: a document's, a finding's, and a step's."""
    padang = Partner(PADANG)
    document = said(padang.post("/documents", _example("register_document")))
    body = json.dumps(_example("submit_finding")).replace("0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10", document["id"])
    finding = said(padang.post("/findings", json.loads(body)))
    story = casefile_at(State.UNDER_EXAMINATION)
    note = {"code": "other", "date": story.day.isoformat()}
    step = said(Partner(BKN).post(f"/casefiles/{story.casefile}/note", note, version=story.row.version))
    return {"document": document, "finding": finding, "step": step}


EDITS: tuple[tuple[str, tuple[str, ...], object, str], ...] = (
    ("document", ("sha256",), "0" * 64, "sha256"),
    ("document", ("id",), "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10", "id"),
    ("document", ("receipt", "stream"), "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10", "receipt.stream"),
    ("document", ("receipt", "leaf_hash"), "0" * 64, "receipt.leaf_hash"),
    ("finding", ("casefiles", "0", "state"), "closed", "state"),
    ("finding", ("casefiles",), [], "casefiles"),
    ("finding", ("casefiles", "0", "receipt", "leaf_hash"), "0" * 64, "receipt.leaf_hash"),
    ("step", ("version",), 99, "version"),
    ("step", ("turn", "due_on"), "2030-01-01", "turn.due_on"),
    ("step", ("receipt", "entry"), "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10", "receipt.entry"),
    ("step", ("receipt", "accepted_at"), "2024-10-01T00:00:00.000Z", "receipt.accepted_at"),
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_an_edited_answer_is_named(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection
) -> None:
    answers = _answers()
    sequenced()
    key = at_its_word(sequenced.signer.vkey)
    sound = verify("db", reader_url, *key)
    assert (sound.exit, sound.said["findings"], sound.said["checked"]["answers"]) == (0, [], 3)
    for kind, path, value, member in EDITS:
        row, kept = _kept(owner_connection, answers[kind])
        _keep(owner_connection, row, _edited(kept, path, value))
        named = verify("db", reader_url, *key)
        assert named.exit == 1
        assert named.named(table="casefiles_payload", column="answer", row=row, member=member), (kind, path, named.said)
        _keep(owner_connection, row, kept)
    row, kept = _kept(owner_connection, answers["step"])
    where = [answers["step"]["id"], answers["step"]["version"]]
    owner_connection.execute(
        "CREATE TEMPORARY TABLE was AS SELECT facts FROM casefiles_payload WHERE casefile_id = %s AND seq = %s", where
    )
    gone = "UPDATE casefiles_payload SET facts = NULL, erased_at = now() WHERE casefile_id = %s AND seq = %s"
    owner_connection.execute(gone, where)
    assert verify("db", reader_url, *key).named(code="erased-not-done", column="answer", row=row)
    back = (
        "UPDATE casefiles_payload SET facts = was.facts, erased_at = NULL FROM was WHERE casefile_id = %s AND seq = %s"
    )
    owner_connection.execute(back, where)
    owner_connection.execute("UPDATE casefiles_payload SET answer = 'x' WHERE id = %s", [row])
    (unreadable,) = verify("db", reader_url, *key).said["findings"]
    assert (unreadable["column"], unreadable["row"]) == ("answer", row)


ENTRY = ("stream", 4, bytes(32), json.dumps({"entry": "e", "to": "closed", "recorded_at": "then"}).encode())
PROMISE = {
    "entry": "e", "stream": "stream", "seq": 4, "leaf_hash": "00" * 32, "accepted_at": "then", "in_tree_by": "soon",
}  # fmt: skip
RECEIPT = {**PROMISE, "casefile": "stream", "proof": f"/log/entries?leaf_hash={'00' * 32}"}


@pytest.mark.parametrize(
    ("promise", "receipt", "named"),
    [
        ({}, {}, []),
        ({"leaf_hash": "11" * 32}, {}, ["receipt.jws"]),
        ({"entry": "another"}, {}, ["receipt.jws"]),
        ({}, {"in_tree_by": "later"}, ["receipt.in_tree_by or receipt.jws"]),
        ({}, {"seq": 5}, ["receipt.seq"]),
        ({}, {"proof": "/log/entries?leaf_hash=11"}, ["receipt.proof"]),
        ({}, {"jws": "no promise"}, ["receipt.jws"]),
    ],
)
def test_the_promise_in_a_kept_receipt_says_what_the_entry_says(
    promise: dict[str, Any], receipt: dict[str, Any], named: list[str]
) -> None:
    payload = base64.urlsafe_b64encode(json.dumps({**PROMISE, **promise}).encode()).decode().rstrip("=")
    part = {"receipt": {**RECEIPT, "jws": f"header.{payload}.signature", **receipt}}
    assert [*_differing(part, ENTRY)] == named


def _kept(owner: psycopg.Connection, answer: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    rows = owner.execute("SELECT id, answer FROM casefiles_payload WHERE answer IS NOT NULL").fetchall()
    ((row, body),) = [(ident, json.loads(body)) for ident, body in rows if json.loads(body)["id"] == answer["id"]]
    return row, body


def _keep(owner: psycopg.Connection, row: int, answer: Mapping[str, Any]) -> None:
    owner.execute("UPDATE casefiles_payload SET answer = %s WHERE id = %s", [json.dumps(answer).encode(), row])


def _edited(answer: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    edited: dict[str, Any] = json.loads(json.dumps(answer))
    at: Any = edited
    for name in path[:-1]:
        at = at[int(name)] if isinstance(at, list) else at[name]
    at[path[-1]] = value
    return edited
