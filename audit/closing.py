"""The end of the log's name, as at the end of a year: what must be so before, and the one transaction that does it.

Nothing is lost and no index changes: the tree goes on, and the next leaf is the entry that names the old origin with
its final checkpoint. That checkpoint covers every leaf of the old name and has its quorum of witnesses, so nothing can
be sequenced under the old name any more without contradicting them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import OperationalError, connection, transaction

from audit import log, quorum, sequencer
from audit.ledger import Sealed
from audit.tlog.notes import BadNote, VerifierKey, read_note

WAITS_S: Final = 5
"""How long whoever writes is waited for."""

NEWEST: Final = """
SELECT (SELECT coalesce(max(index) + 1, 0) FROM audit_leaf), c.size, c.note,
    ARRAY(SELECT s.line FROM audit_cosignature s WHERE s.checkpoint_id = c.number ORDER BY s.id)
FROM audit_checkpoint c ORDER BY c.number DESC LIMIT 1
"""


class NotNow(Exception):
    """The name cannot be closed as things are; `reasons` are sentences that say what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def reasons(*, holds: bool = False) -> Iterator[str]:
    """Why the log's name cannot be closed now, and what to do about each; nothing where it can.

    `holds` says that the caller has the sequencer's lock itself.
    """
    if not holds and sequencer.holder() is not None:
        yield "A sequencer is active: stop it last, when nothing else is named here."
    state = log.current()
    if state is None:
        yield "There is no log to close: open one (`manage.py open_log`)."
        return
    origin = settings.LINTAS_LOG_ORIGIN
    if state.origin == origin:
        yield (
            f"The log is {origin} already: set LINTAS_LOG_ORIGIN to its next name. If you have just closed the one "
            f"before, that was all; start everything under {origin}."
        )
    elif origin in {key.name for key in state.former_log_keys}:
        yield f"{origin} was this log's name before: a name is used once. Choose another."
    if refused := sequencer.refused():
        yield f"The tree was refused: {refused}. A log that is contradicted cannot be closed, see docs/runbook.md."
    yield from _behind(state.origin)


def _behind(origin: str) -> Iterator[str]:
    """What the sequencer and the witnesses have not done yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_pending")
        (waiting,) = cursor.fetchone()
        cursor.execute(NEWEST)
        row = cursor.fetchone()
    if waiting:
        yield f"{waiting} entries wait for their place: let the sequencer run, and stop whatever writes."
    if row is None:
        yield "Nothing was signed yet: let the sequencer run."
        return
    leaves, size, note, lines = row
    if size < leaves:
        yield f"The newest checkpoint has {size} leaves and the tree {leaves}: let the sequencer run."
    if note.partition("\n")[0] != origin:
        yield f"Nothing was signed as {origin} yet, which is the log's name: let the sequencer run."
    try:
        read, policy = read_note(note), quorum.read(settings.LINTAS_WITNESS_POLICY_FILE)
        is_met = policy.is_met(replace(read, lines=(*read.lines, *lines)))
    except (BadNote, quorum.BadPolicyFile) as why:
        yield str(why)
        return
    if not is_met:
        yield f"The newest checkpoint ({size} leaves) lacks its quorum of witnesses: let the sequencer ask them."


def close(*, log_key: VerifierKey, reason: str, clock: Callable[[], datetime]) -> Sealed:
    """End the log's name; it goes on under LINTAS_LOG_ORIGIN with that key. Raises `NotNow` and `log.LogRefused`.

    Whoever still writes is waited for, and kept out until this is done. From then on a server under the old name
    accepts nothing: the pulse says another one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [sequencer.LOCK])
        if not cursor.fetchone()[0]:
            raise NotNow(*reasons())
        cursor.execute(f"SET LOCAL lock_timeout TO '{WAITS_S}s'")
        try:
            # Whoever asks for the pulse waits and then reads the new name; whoever has written waits in the queue.
            cursor.execute("LOCK TABLE audit_logstatus IN ACCESS EXCLUSIVE MODE")
            cursor.execute("LOCK TABLE audit_entry, audit_pending IN SHARE ROW EXCLUSIVE MODE")
        except OperationalError as why:
            raise NotNow(
                f"Something has been writing for {WAITS_S} s: stop web, console, courier, worker and clock."
            ) from why
        if found := list(reasons(holds=True)):
            raise NotNow(*found)
        # The moment is taken now: whoever came before it and still writes is of the old name's time.
        made = log.continue_as(
            origin=settings.LINTAS_LOG_ORIGIN, log_key=log_key, reason=reason, final_checkpoint=final(), now=clock()
        )
        sequencer.beat()
    return made


def final() -> str:
    """The newest checkpoint with its cosignatures, as a note."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        _, _, note, lines = cursor.fetchone()
    return str(note) + "".join(f"{line}\n" for line in lines)
