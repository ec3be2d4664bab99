"""The outbox: every write is an intention that is kept, with its key, before it is sent.

A process that dies at any moment finds its intentions again and sends them with the same keys, so that each is done
once. The body goes when the register has accepted; ids, versions and receipts stay.
"""

from __future__ import annotations

import hmac
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lintas_client.answers import Answer
from lintas_client.problems import LintasError, Problem
from lintas_client.store import Store

State = Literal["pending", "accepted", "refused"]
FIELDS = "id, key, reference, method, path, body, if_match, state, made_at, settled_at, code, summary"


class ReferenceTaken(LintasError):
    """This reference stands for another request already: take a new one, or dismiss that intention."""


@dataclass(frozen=True)
class Intention:
    """One write that somebody wants to happen once. `body` is None once it was accepted."""

    id: int
    key: str
    reference: str | None
    method: str
    path: str
    body: bytes | None = field(repr=False)
    if_match: str | None
    state: State
    made_at: float
    settled_at: float | None
    code: str | None
    summary: Mapping[str, Any]
    is_new: bool = False
    """Whether it was made just now, so that no attempt can have arrived yet."""


@dataclass(frozen=True)
class Accepted:
    """What the register accepted: ids, numbers and versions, and the receipts, which lie in the store too.

    `data` is the whole answer; None where the answer came in an earlier run of the program: read it anew.
    """

    key: str
    path: str
    id: str | None
    version: int | None
    casefiles: Sequence[Mapping[str, Any]]
    receipts: Sequence[Mapping[str, Any]]
    data: Any = field(repr=False, default=None)
    replayed: bool = False


class Outbox:
    """The intentions of one identity."""

    def __init__(self, store: Store, who: str) -> None:
        self._store = store
        self._who = who

    def intend(
        self, method: str, path: str, body: bytes, *, if_match: str | None = None, reference: str | None = None
    ) -> Intention:
        """Keep an intention; when this returns, it is on the disk.

        `reference` is the caller's own name for what it wants done: the same reference finds the same intention again,
        pending or accepted, however often a program is started. After a refusal it makes a new one. Raises
        `ReferenceTaken` where it stands for another request.
        """
        digest = hmac.digest(self._store.salt, b"\n".join((method.encode(), path.encode(), body)), "sha256")
        with self._store.transaction() as db:
            if reference is not None:
                row = db.execute(
                    f"SELECT digest, {FIELDS} FROM intention WHERE who = ? AND reference = ?",  # noqa: S608 - constants
                    (self._who, reference),
                ).fetchone()
                known = row and _intention(row[1:])
                if known and known.state != "refused":
                    if row[0] != digest:
                        raise ReferenceTaken(f"The reference {reference!r} stands for another request.")
                    return known
                db.execute("DELETE FROM intention WHERE who = ? AND reference = ?", (self._who, reference))
            key = str(uuid.uuid4())
            db.execute(
                "INSERT INTO intention (who, key, reference, digest, method, path, body, if_match, state, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
                (self._who, key, reference, digest, method, path, body, if_match, time.time()),
            )
        return self.find(key, is_new=True)

    def find(self, key: str, *, is_new: bool = False) -> Intention:
        """The intention of that key. Raises KeyError."""
        row = self._store.db.execute(
            f"SELECT {FIELDS} FROM intention WHERE who = ? AND key = ?",  # noqa: S608 - constants
            (self._who, key),
        ).fetchone()
        if row is None:
            raise KeyError(key)
        return _intention(row, is_new=is_new)

    def pending(self) -> list[Intention]:
        """What is still to be sent, oldest first."""
        return self._in("pending")

    def refused(self) -> list[Intention]:
        """What the register refused and nobody has dismissed, oldest first."""
        return self._in("refused")

    def accept(self, intention: Intention, answer: Answer) -> Accepted:
        """Note that it was accepted: receipts and versions are kept and the body goes, in one transaction.

        The versions belong to it: a process that died between the two would name a stale one in its next act.
        """
        accepted = _accepted(intention, answer)
        summary = {
            "id": accepted.id,
            "version": accepted.version,
            "casefiles": accepted.casefiles,
            "leaves": [receipt["leaf_hash"] for receipt in accepted.receipts],
        }
        with self._store.transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO receipt (leaf_hash, who, entry, stream, seq, in_tree_by, receipt)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_row(receipt, self._who) for receipt in accepted.receipts],
            )
            for casefile in accepted.casefiles:
                self._store.note_version(self._who, casefile["id"], casefile["version"])
            self._settle(intention, "accepted", code=None, summary=summary)
        self._store.wipe()
        return accepted

    def refuse(self, intention: Intention, problem: Problem) -> bool:
        """Note the refusal; whether it says that the act had been accepted long ago (`answer-ended`).

        The body stays, so that nothing is lost, until it is dismissed or tried again under its reference. Of a casefile
        whose content was erased, it goes too.
        """
        was_accepted = problem.code == "answer-ended"
        with self._store.transaction() as db:
            self._settle(intention, "accepted" if was_accepted else "refused", code=problem.code, summary={})
            if problem.code == "erased":
                db.execute("UPDATE intention SET body = NULL WHERE key = ?", (intention.key,))
        if problem.status == 410:
            self._store.wipe()
        return was_accepted

    def dismiss(self, key: str) -> bool:
        """Take a refused or pending intention away; whether there was one.

        What is dismissed while it is pending may have been done: its key is lost with it.
        """
        with self._store.transaction() as db:
            gone = db.execute(
                "DELETE FROM intention WHERE who = ? AND key = ? AND state <> 'accepted'", (self._who, key)
            ).rowcount
        self._store.wipe()
        return bool(gone)

    def remembered(self, intention: Intention) -> Accepted:
        """What an earlier run of the program was answered, as far as it was kept."""
        said = intention.summary
        marks = ", ".join("?" * len(said.get("leaves", ())))
        rows = self._store.db.execute(
            f"SELECT receipt FROM receipt WHERE leaf_hash IN ({marks}) ORDER BY rowid",  # noqa: S608 - marks only
            said.get("leaves", ()),
        )
        return Accepted(
            key=intention.key,
            path=intention.path,
            id=said.get("id"),
            version=said.get("version"),
            casefiles=said.get("casefiles", ()),
            receipts=[json.loads(row[0]) for row in rows],
            replayed=True,
        )

    def _settle(self, intention: Intention, state: State, *, code: str | None, summary: Mapping[str, Any]) -> None:
        # Another process may have sent it too; an acceptance is never taken back.
        self._store.db.execute(
            "UPDATE intention SET state = ?, settled_at = ?, code = ?, summary = ?,"
            " body = CASE WHEN ? = 'accepted' THEN NULL ELSE body END WHERE key = ? AND state <> 'accepted'",
            (state, time.time(), code, json.dumps(summary), state, intention.key),
        )

    def _in(self, state: State) -> list[Intention]:
        rows = self._store.db.execute(
            f"SELECT {FIELDS} FROM intention WHERE who = ? AND state = ? ORDER BY id",  # noqa: S608 - constants
            (self._who, state),
        ).fetchall()
        return [_intention(row) for row in rows]


def _row(receipt: Mapping[str, Any], who: str) -> tuple[Any, ...]:
    # A casefile's receipt names the casefile; those of other records name their stream.
    stream = receipt.get("casefile") or receipt.get("stream") or ""
    return (
        receipt["leaf_hash"], who, receipt["entry"], stream, receipt["seq"], receipt["in_tree_by"], json.dumps(receipt),
    )  # fmt: skip


def _intention(row: Sequence[Any], *, is_new: bool = False) -> Intention:
    fields = dict(zip(FIELDS.split(", "), row, strict=True))
    return Intention(**{**fields, "summary": json.loads(fields["summary"] or "{}"), "is_new": is_new})


def _accepted(intention: Intention, answer: Answer) -> Accepted:
    data = answer.data if isinstance(answer.data, dict) else {}
    # A finding's answer lists its casefiles; that of an act is the casefile itself.
    told = [one for one in data.get("casefiles") or [data] if {"id", "number", "version"} <= one.keys()]
    casefiles = [{name: one.get(name) for name in ("id", "number", "version")} for one in told]
    receipts = [one["receipt"] for one in (told or [data]) if isinstance(one.get("receipt"), dict)]
    return Accepted(
        key=intention.key,
        path=intention.path,
        id=data.get("id"),
        version=data.get("version"),
        casefiles=casefiles,
        receipts=[receipt for receipt in receipts if {"leaf_hash", "entry", "seq", "in_tree_by"} <= receipt.keys()],
        data=answer.data,
        replayed=answer.replayed,
    )
