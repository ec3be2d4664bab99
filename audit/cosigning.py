"""Asking witnesses: a thread of the sequencer submits the newest checkpoint and keeps what comes back.

The witnesses' answers never hold up the sequencing. What they refuse does: a witness that has seen a larger tree, or
another one, means that entries were lost or rewritten, and then nothing more is accepted until a fork is declared.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection

from audit import log, sequencer
from audit.sequencer import CannotSequence
from audit.tlog import notes, policy, tree
from audit.tlog.notes import BadNote
from audit.tlog.policy import Policy, Witness
from audit.witness.submitting import Behind, Cosigned, Refused, Unreachable, submit

logger = logging.getLogger("lintas.cosigning")

RETRY_EVERY = 5.0
"""Seconds until a witness that did not cosign is asked again."""
PATIENCE = 5.0
"""Seconds that one submission may take."""


class TreeRefused(CannotSequence):
    """A witness does not accept this tree as the continuation of what it has seen."""


def read_policy(path: Path | None) -> Policy:
    """The policy file, or none. Raises `CannotSequence` where it cannot be read."""
    if path is None:
        return policy.NONE
    try:
        return policy.read_policy(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise CannotSequence(f"LINTAS_WITNESS_POLICY_FILE={path} cannot be read: {why.strerror}.") from why
    except (policy.BadPolicy, UnicodeDecodeError) as why:
        raise CannotSequence(f"LINTAS_WITNESS_POLICY_FILE={path}: {why}") from why


class Cosigning:
    """Keeps the newest checkpoint cosigned. `wake` when one was signed; `refused` is why the tree must not grow."""

    def __init__(self, rule: Policy) -> None:
        self.rule = rule
        self.refused = ""
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
        """End the thread; waits for a submission that is under way."""
        self._over.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE + 1)

    def ask_all(self) -> bool:
        """Submit the newest checkpoint to every witness that has not cosigned it, and note whether the quorum is met.

        A witness that was not reached since this process began is asked although it has cosigned: it may have seen
        more than a backup that was restored here. Returns whether all have cosigned. Raises `TreeRefused` where one has
        seen another tree, `CannotSequence` where ours is not whole.
        """
        found = _newest()
        if found is None:
            return True
        number, note, size, had = found
        all_well = True
        for witness in self._witnesses:
            if witness.name in had and witness.name in self._seen:
                continue
            cosigned = self._ask(witness, number, note, size)
            all_well = all_well and cosigned
            if cosigned:
                had.add(witness.name)
        _note_quorum(met=self.rule.is_met_by(frozenset(had)))
        return all_well

    def _ask(self, witness: Witness, number: int, note: notes.Note, size: int) -> bool:
        old = self._seen.get(witness.name, 0)
        for _ in range(2):
            answer = submit(
                url=witness.url or "",
                note=str(note),
                old_size=old,
                proof=_consistency(old, size),
                key=witness.key,
                timeout=PATIENCE,
            )
            match answer:
                case Cosigned():
                    _keep(number, witness, answer)
                    self._seen[witness.name] = size
                    return True
                case Behind() if answer.size <= size:
                    old = answer.size
                case Behind():
                    raise TreeRefused(
                        f"witness {witness.name} has seen {answer.size} leaves, and here are {size}: entries were "
                        f"lost. Restore to at least that size, or declare a fork"
                    )
                case Refused() if answer.contests:
                    raise TreeRefused(
                        f"witness {witness.name} does not accept that this tree grew out of the one it has seen"
                    )
                case Refused():
                    logger.warning("witness %s answered %s: %s", witness.name, answer.status, answer.text)
                    return False
                case Unreachable():
                    logger.warning("witness %s is out of reach: %s", witness.name, answer.reason)
                    return False
        return False

    def _ask_and_say(self) -> bool:
        """`ask_all`, and tell the sequencer and the web what comes of it."""
        try:
            well = self.ask_all()
        except CannotSequence as why:
            if not self.refused:
                logger.critical("%s", why)
            self.refused = str(why)
            sequencer.refuse(str(why))
            return False
        # A refusal is lifted by whoever made it, not by his absence.
        if self.refused and well:
            self.refused = ""
            sequencer.refuse("")
        return well

    def _run(self) -> None:
        while not self._over.is_set():
            self._news.clear()
            well = False
            try:
                well = self._ask_and_say()
            except (DatabaseError, InterfaceError):
                logger.exception("the database did not answer")
                connection.close()
            self._news.wait(None if well else RETRY_EVERY)
        connection.close()


def _newest() -> tuple[int, notes.Note, int, set[str]] | None:
    """The newest checkpoint of this log: its number, note, size and who cosigned it.

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
        raise CannotSequence(f"The newest checkpoint is none any more: {why}. Run lintas-verify.") from why
    state = log.current()
    if state is None or stated.origin != state.origin:
        return None
    return row[0], note, stated.size, set(row[2])


def _consistency(first: int, second: int) -> list[bytes]:
    if first > second:
        return []
    proof = tree.consistency(first, second)
    with connection.cursor() as cursor:
        return proof.hashes(sequencer.node_hashes(cursor, proof.needs))


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
