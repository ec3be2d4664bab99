"""The log's own stream: its opening, the keys it signs with, its forks and the ends of its names.

Index 0 of the tree is the entry that opened the log: origin, log key, receipt key, format. A receipt key that is added,
a fork that is declared and a name that was closed are entries here too, so that whoever holds the entries knows which
keys to trust when.
Nobody has this stream in a feed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit import ledger
from audit.ledger import FORMAT, Sealed
from audit.tlog.notes import BadNote, VerifierKey, open_checkpoint, read_vkey

STREAM = UUID("6c6f672d-0000-4000-8000-000000000001")

OPENED = "log.opened"
KEY_ADDED = "log.receipt_key_added"
FORKED = "log.forked"
CONTINUED = "log.continued"


class LogRefused(Exception):
    """The log cannot be opened, continued or forked like this; the message says what to do."""


@dataclass(frozen=True, slots=True)
class LogState:
    """What the log says about itself: its origin now, the keys of its checkpoints, the keys of its receipts (JWK)."""

    origin: str
    log_key: VerifierKey
    former_log_keys: tuple[VerifierKey, ...]
    receipt_keys: tuple[Mapping[str, str], ...]


def current(*, placed: bool = False) -> LogState | None:
    """The log's state by its newest entry (that has its leaf, if `placed`); None before it was opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.state FROM audit_entry e JOIN audit_opening o ON o.entry_id = e.id "
            "WHERE e.stream = %s AND (NOT %s OR EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)) "
            "ORDER BY e.seq DESC LIMIT 1",
            [STREAM, placed],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    members = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    return LogState(
        origin=members["origin"],
        log_key=read_vkey(members["log_key"]),
        former_log_keys=tuple(map(read_vkey, members["former_log_keys"])),
        receipt_keys=tuple(members["receipt_keys"]),
    )


def open_log(*, origin: str, log_key: VerifierKey, receipt_key: Mapping[str, str], now: datetime) -> Sealed | None:
    """Open the log, or record a receipt key that is new; returns the entry, or None where nothing had to be said.

    `receipt_key` is a public JWK with its `kid`. Raises `LogRefused` where the log was opened under another origin or
    log key: neither changes silently (see `fork`).
    """
    if log_key.name != origin:
        raise LogRefused(f"The log key is named {log_key.name}, and the origin is {origin}: they must be one.")
    state = current()
    if state is None:
        given = {"origin": origin, "log_key": str(log_key), "receipt_key": dict(receipt_key), "format": FORMAT}
        return _stated(OPENED, given, LogState(origin, log_key, (), (receipt_key,)), now=now)
    if state.origin != origin:
        raise LogRefused(
            f"This log was opened as {state.origin}. Set LINTAS_LOG_ORIGIN to that, or declare a fork "
            f"(`manage.py declare_fork`), which says for ever that the log broke here."
        )
    if state.log_key != log_key:
        raise LogRefused(f"This log's key is {state.log_key}, not {log_key}. Give the right LINTAS_LOG_KEY_FILE.")
    if any(known["kid"] == receipt_key["kid"] for known in state.receipt_keys):
        return None
    keys = (*state.receipt_keys, receipt_key)
    return _stated(KEY_ADDED, {"receipt_key": dict(receipt_key)}, _with(state, receipt_keys=keys), now=now)


def fork(
    *, origin: str, log_key: VerifierKey, reason: str, old_checkpoint: str, lost_checkpoint: str | None, now: datetime
) -> Sealed:
    """Declare that the log goes on under a new origin, because entries were lost or the key must be replaced.

    `old_checkpoint` is the last signed checkpoint that the database still holds, `lost_checkpoint` the newest that
    somebody else kept (a witness, an agency), where there is one. The tree goes on from the entries that are left; the
    next leaf after them is this entry. Raises `LogRefused`.
    """
    state = current()
    if state is None:
        raise LogRefused("There is no log to fork: open one (`manage.py open_log`).")
    if origin == state.origin or log_key.name != origin:
        raise LogRefused(f"A fork needs an origin of its own, and a log key of that name; {state.origin} is the old.")
    keys = (state.log_key, *state.former_log_keys)
    _refuse_used(origin, keys)
    for note in (old_checkpoint, lost_checkpoint):
        if note is not None:
            _refuse_foreign(note, keys, of=state.origin)
    given = {
        "origin": origin,
        "log_key": str(log_key),
        "reason": reason,
        "old_origin": state.origin,
        "old_checkpoint": old_checkpoint,
        "lost_checkpoint": lost_checkpoint,
    }
    return _stated(FORKED, given, LogState(origin, log_key, keys, state.receipt_keys), now=now)


def continue_as(*, origin: str, log_key: VerifierKey, reason: str, final_checkpoint: str, now: datetime) -> Sealed:
    """End the log's name and go on under another one, with nothing lost: the tree and its indexes go on.

    `final_checkpoint` is the last one under the old name, with its cosignatures; it covers every leaf there is, so that
    the leaf of this entry, the next one, has its size as index. Raises `LogRefused`.
    """
    state = current()
    if state is None:
        raise LogRefused("There is no log to close: open one (`manage.py open_log`).")
    if log_key.name != origin:
        raise LogRefused(f"The log key is named {log_key.name}, and the origin is {origin}: they must be one.")
    keys = (state.log_key, *state.former_log_keys)
    _refuse_used(origin, keys)
    _refuse_foreign(final_checkpoint, (state.log_key,), of=state.origin)
    given = {
        "origin": origin,
        "log_key": str(log_key),
        "reason": reason,
        "old_origin": state.origin,
        "final_checkpoint": final_checkpoint,
    }
    return _stated(CONTINUED, given, LogState(origin, log_key, keys, state.receipt_keys), now=now)


def _refuse_used(origin: str, keys: Iterable[VerifierKey]) -> None:
    if origin in {key.name for key in keys}:
        raise LogRefused(f"{origin} is or was this log's name: a name is used once. Choose another.")


def _refuse_foreign(note: str, keys: Sequence[VerifierKey], *, of: str) -> None:
    try:
        open_checkpoint(note, keys=keys)
    except BadNote as why:
        raise LogRefused(f"That is no checkpoint of {of}: {why}") from why


def _with(state: LogState, *, receipt_keys: tuple[Mapping[str, str], ...]) -> LogState:
    return LogState(state.origin, state.log_key, state.former_log_keys, receipt_keys)


def _stated(kind: str, given: Mapping[str, Any], state: LogState, *, now: datetime) -> Sealed:
    return ledger.append_open(
        stream=STREAM,
        kind=kind,
        given=given,
        state={
            "origin": state.origin,
            "log_key": str(state.log_key),
            "former_log_keys": [str(key) for key in state.former_log_keys],
            "receipt_keys": [dict(key) for key in state.receipt_keys],
        },
        now=now,
    )
