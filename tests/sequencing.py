"""The sequencer by hand, for tests that commit: the log is opened, entries get their place, the tree is signed.

    def test_it_is_in_the_tree(transactional_db, world, sequenced):
        story = casefile_at(State.RECOMMENDED)
        sequenced()                                 # everything so far has its place; a checkpoint covers it

Only the sequencer's role writes leaves, so Django's connection signs in as it meanwhile.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from audit import log, sequencer
from audit.tlog.notes import COSIGNER, LOG, Checkpoint, Signer, read_note
from tests.callers import as_owner, signed_in_with

SEEN = 1_700_000_000
RECEIPT_KEY = {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ", "kid": "invented", "use": "sig", "alg": "ES256"}


def log_signer(origin: str | None = None) -> Signer:
    """A fresh log key for that origin."""
    return Signer(name=origin or settings.LINTAS_LOG_ORIGIN, type=LOG, private=Ed25519PrivateKey.generate())


def witness(name: str) -> Signer:
    """A witness with a fresh key."""
    return Signer(name=name, type=COSIGNER, private=Ed25519PrivateKey.generate())


def as_sequencer() -> AbstractContextManager[None]:
    """As the sequencer, which alone may write leaves."""
    return signed_in_with("DATABASE_SEQUENCER_URL")


@dataclass
class Sequencing:
    """A log that this test has opened; called, it does what the sequencer does in a second."""

    signer: Signer = field(default_factory=log_signer)

    def __post_init__(self) -> None:
        with as_owner(), transaction.atomic():
            assert log.current() is None, "the log was opened already, under a key that this test does not have"
            log.open_log(
                origin=self.signer.name, log_key=self.signer.vkey, receipt_key=RECEIPT_KEY, now=datetime.now(UTC)
            )

    def __call__(self) -> Checkpoint | None:
        """Give everything that waits its place, and sign the tree; None where nothing was new."""
        self.grow()
        return self.sign()

    def grow(self) -> None:
        """Give everything that waits its place."""
        with as_sequencer():
            while sequencer.grow().new:
                pass

    def sign(self) -> Checkpoint | None:
        """Sign the tree as it stands."""
        with as_sequencer():
            return sequencer.checkpoint(self.signer)

    def cosign(self, *witnesses: Signer) -> None:
        """Have these witnesses cosign the newest checkpoint."""
        with as_sequencer(), connection.cursor() as cursor:
            cursor.execute("SELECT number, note FROM audit_checkpoint ORDER BY number DESC LIMIT 1")
            number, note = cursor.fetchone()
            for one in witnesses:
                cursor.execute(
                    "INSERT INTO audit_cosignature (checkpoint_id, witness, line, cosigned_at) VALUES (%s, %s, %s, %s)",
                    [number, one.name, one.sign(read_note(note).text, time=SEEN), datetime.fromtimestamp(SEEN, UTC)],
                )

    def fork(self, origin: str) -> None:
        """Declare a fork to that origin, under a fresh key."""
        with as_owner(), connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SELECT note FROM audit_checkpoint ORDER BY number DESC LIMIT 1")
            (note,) = cursor.fetchone()
            self.signer = log_signer(origin)
            log.fork(
                origin=origin,
                log_key=self.signer.vkey,
                reason="a drill",
                old_checkpoint=note,
                lost_checkpoint=None,
                now=datetime.now(UTC),
            )


@pytest.fixture
def sequenced(transactional_db: None, world: object) -> Sequencing:
    """A log opened on this test's own copy of the sandbox's world; call it to sequence."""
    return Sequencing()
