"""Asking witnesses: a thread of the sequencer submits the newest checkpoint and keeps what comes back.

The witnesses' answers never hold up the sequencing. What they refuse does: witnesses that have seen a larger tree, or
another one, mean that entries were lost or rewritten, and then nothing more is accepted until a fork is declared.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from audit import log, sequencer
from audit.nodes import LogBroken, node_hashes
from audit.tlog import notes, tree
from audit.tlog.notes import BadNote
from audit.tlog.policy import Policy, Witness
from audit.witness.submitting import Behind, Cosigned, Refused, Unreachable, submit

logger = logging.getLogger("lintas.cosigning")

LOOK_EVERY = 30.0
"""Seconds until the status is told again while nothing new is to be cosigned."""
RETRY_EVERY = 5.0
"""Seconds until a witness that did not cosign is asked again."""
PATIENCE = 5.0
"""Seconds that one submission may take."""


class Objection(Exception):
    """A witness does not accept this tree as the continuation of what it has seen."""


@dataclass(frozen=True, slots=True)
class Round:
    """What came of asking: who has cosigned, who objects and why, and whether anybody is still to be asked again."""

    agreeing: frozenset[str]
    objecting: Mapping[str, str]
    complete: bool


class Cosigning:
    """Keeps the newest checkpoint cosigned. `wake` when one was signed; `refused` is why the tree must not grow.

    A witness that has seen a larger tree, or another one, objects: its answer is no signed evidence, so a single one
    stops the log only where those who agree are not enough for the quorum. Otherwise it is an alarm.
    """

    def __init__(self, rule: Policy, *, refused: str = "") -> None:
        self.rule = rule
        self.refused = refused
        self._witnesses = tuple(witness for witness in rule.witnesses if witness.url)
        self._seen: dict[str, int] = {}
        self._news = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cosigning", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own, with a database connection of its own."""
        self._thread.start()

    def wake(self) -> None:
        """A checkpoint was signed."""
        self._news.set()

    def stop(self) -> None:
        """End the thread; a submission that is under way is waited for, and nothing is written after it."""
        self._over.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(2 * PATIENCE + 1)

    def ask_all(self) -> bool:
        """Ask every witness, judge, and tell the web. Returns whether all have cosigned.

        What was refused before stays refused until enough witnesses agree. Raises `LogBroken` where our own tables do
        not hold together.
        """
        came = self._ask_everybody()
        if self._over.is_set():
            return False
        if came is None:
            # There is nothing to object to.
            self.refused = ""
            sequencer.refuse("")
            return True
        met = self.rule.is_met_by(came.agreeing)
        objections = "; ".join(came.objecting.values())
        if met:
            reason = ""
        elif came.objecting:
            reason = objections
        else:
            reason = self.refused
        if reason and reason != self.refused:
            logger.critical("%s", reason)
        self.refused = reason
        sequencer.refuse(reason, contested="" if reason else objections)
        _note_quorum(met=met)
        return came.complete

    def _ask_everybody(self) -> Round | None:
        """Submit the newest checkpoint to every witness that has not cosigned it; None where there is none.

        A witness that was not reached since this process began is asked although it has cosigned: it may have seen
        more than a backup that was restored here.
        """
        found = newest()
        if found is None:
            return None
        _confirm()
        objecting: dict[str, str] = {}
        complete = True
        for witness in self._witnesses:
            if self._over.is_set() or (witness.name in found.cosigned and witness.name in self._seen):
                continue
            try:
                cosigned = self._ask(witness, found)
            except Objection as why:
                objecting[witness.name], cosigned = str(why), False
                found.cosigned.discard(witness.name)
            complete = complete and cosigned
            if cosigned:
                found.cosigned.add(witness.name)
        return Round(agreeing=frozenset(found.cosigned), objecting=objecting, complete=complete)

    def _ask(self, witness: Witness, signed: Signed) -> bool:
        old, who = self._seen.get(witness.name, 0), f"{sequencer.BY_A_WITNESS}{witness.name}"
        for _ in range(2):
            answer = submit(
                url=witness.url or "",
                note=str(signed.note),
                old_size=old,
                proof=_consistency(old, signed.size),
                key=witness.key,
                timeout=PATIENCE,
            )
            match answer:
                case Cosigned():
                    _keep(signed.number, witness, answer)
                    self._seen[witness.name] = signed.size
                    return True
                case Behind() if answer.size <= signed.size:
                    old = answer.size
                case Behind():
                    # Somebody may have shown it a checkpoint that was signed meanwhile.
                    latest = newest()
                    if latest is not None and answer.size <= latest.size:
                        return False
                    raise Objection(
                        f"{who} has seen {answer.size} leaves, and here are {signed.size}: entries "
                        f"were lost. Restore to at least that size, or declare a fork"
                    )
                case Refused() if answer.contests:
                    raise Objection(f"{who} does not accept that this tree grew out of the one it has seen")
                case Refused():
                    logger.warning("witness %s answered %s: %s", witness.name, answer.status, answer.text)
                    return False
                case Unreachable():
                    logger.warning("witness %s is out of reach: %s", witness.name, answer.reason)
                    return False
        return False

    def _run(self) -> None:
        while not self._over.is_set():
            self._news.clear()
            well = False
            try:
                well = self.ask_all()
            except LogBroken as why:
                logger.critical("%s", why)
                self.refused = self.refused or str(why)
                self._try_to_say(str(why))
            except (DatabaseError, InterfaceError) as why:
                logger.warning("the database did not answer: %s", type(why).__name__)
                connection.close()
            except Exception:
                # Whatever a witness sends, the next round is asked.
                logger.exception("a round of cosigning failed")
            self._news.wait(LOOK_EVERY if well else RETRY_EVERY)
        connection.close()

    def _try_to_say(self, reason: str) -> None:
        try:
            if not self._over.is_set():
                sequencer.refuse_ourselves(reason)
        except (DatabaseError, InterfaceError):
            connection.close()


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest checkpoint: its number, note and size, and the witnesses (by name) that have cosigned it."""

    number: int
    note: notes.Note
    size: int
    cosigned: set[str]


def newest() -> Signed | None:
    """The newest checkpoint of this log; None before there is one.

    None also right after a fork: what was signed under another origin is not ours to submit, and a witness that has
    seen more of that one refuses it rightly.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.number, c.note, ARRAY(SELECT witness FROM audit_cosignature s WHERE s.checkpoint_id = c.number) "
            "FROM audit_checkpoint c ORDER BY c.number DESC LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None:
        return None
    try:
        note = notes.read_note(row[1])
        stated = notes.read_checkpoint(note.text)
    except BadNote as why:
        raise LogBroken(f"The newest checkpoint is none any more: {why}. Run lintas-verify.") from why
    state = log.current()
    if state is None or stated.origin != state.origin:
        return None
    return Signed(number=row[0], note=note, size=stated.size, cosigned=set(row[2]))


def _consistency(first: int, second: int) -> list[bytes]:
    if first > second:
        return []
    proof = tree.consistency(first, second)
    with connection.cursor() as cursor:
        return proof.hashes(node_hashes(cursor, proof.needs))


def _confirm() -> None:
    """Return once what this connection has read is as durable as a commit is here.

    On several nodes a commit is durable when a second node has it, and a primary that crashed while it waited for that
    shows it all the same when it is up again. A witness must not see such a tree: the next primary would lack it, and
    could never go on under this name. So something is committed, and its wait is the wait for all that came before.

    Raises OperationalError where the server did not wait to the end (it was told to cancel).
    """
    connection.ensure_connection()
    warned: list[str] = []

    def heard(diagnostic: Any) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            warned.append(diagnostic.message_primary or "")

    session = connection.connection
    session.add_notice_handler(heard)
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_logstatus SET size = size")
            missing = cursor.rowcount == 0
        if missing:
            sequencer.beat()
    finally:
        session.remove_notice_handler(heard)
    if warned:
        raise OperationalError(f"The checkpoint may be on this node alone: {warned[0]}")


def _keep(number: int, witness: Witness, answer: Cosigned) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_cosignature (checkpoint_id, witness, line, cosigned_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [number, witness.name, answer.line, datetime.fromtimestamp(answer.time, UTC)],
        )


def _note_quorum(*, met: bool) -> None:
    """Since when a checkpoint waits for enough witnesses: from the first that has none on, null once it is met."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_logstatus SET waiting_since = CASE WHEN %s THEN NULL ELSE clock_timestamp() END "
            "WHERE (waiting_since IS NULL) <> %s",
            [met, met],
        )
