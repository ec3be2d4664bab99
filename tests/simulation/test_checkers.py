"""The checkers find nothing wrong with a register at rest, and each kind of damage that they are for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from django.db import connection

from agencies.models import Client
from casefiles.flow import State
from tests.conftest import Copies
from tests.factories import PADANG, casefile_at, recorded_at_once
from tests.partner import Partner
from tests.sequencing import Sequencing
from tests.simulation import checkers
from tests.simulation.checkers import Look, Thorough, Told, check_all, look_at
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

Check = Callable[[Look], list[str]]


@pytest.fixture
def told(world: World, sequenced: Sequencing) -> list[Told]:
    """Two casefiles on their way, the second disputed and with a note that came over the door; all is sequenced."""
    with recorded_at_once():
        casefile_at(State.CLOSED)
        disputed = casefile_at(State.DISPUTED)
        key = uuid.uuid4().hex
        body = {"code": "other", "date": "2024-10-10"}
        path = f"/casefiles/{disputed.casefile}/note"
        answer = Partner(PADANG).post(path, body, version=disputed.row.version, key=key)
    assert answer.status_code == 200, answer.content
    client = Client.objects.get(agency__code=PADANG).client_id
    sequenced()
    return [Told(client=client, key=key, status=200, content=answer.content)]


def test_a_register_at_rest_is_well(
    told: list[Told], owner_connection: psycopg.Connection, sequenced: Sequencing, copies: Copies
) -> None:
    reader = copies.roles.on(connection.settings_dict["NAME"]).reader
    thorough = Thorough(keys=[sequenced.signer.vkey], reader=reader)
    assert check_all(owner_connection, told=told, drained=True, thorough=thorough) == []


GUARDED = (
    *("audit_entry", "audit_leaf", "audit_sighting", "audit_checkpoint"),
    *("casefiles_transition", "casefiles_historicalcasefile", "casefiles_casefile"),
)


def queue(look: Look) -> list[str]:
    return checkers.queue_and_tree_are_one(look, drained=False)


# What the owner of the tables could do to them, and the words that name it.
DAMAGES: tuple[tuple[Check, str, str], ...] = (
    (
        checkers.each_key_worked_once,
        "did nothing",
        """INSERT INTO api_idempotencyrecord (client_id, key_digest, fingerprint, etag, location, owner_kind, parting,
            created_at) SELECT client_id, 'x', 'x', '', '', '', false, now() FROM api_idempotencyrecord""",
    ),
    (checkers.each_key_worked_once, "worked and is not kept", "DELETE FROM api_idempotencyrecord"),
    (checkers.states_are_the_fold, "lead to", "UPDATE casefiles_casefile SET version = version + 1"),
    (checkers.states_are_the_fold, "lead to", "UPDATE casefiles_casefile SET state = 'x' WHERE state = 'disputed'"),
    (
        checkers.states_are_the_fold,
        "follows number",
        "UPDATE audit_entry SET seq = seq + 1 WHERE id = (TABLE last_step)",
    ),
    (
        checkers.versions_are_whole,
        "lacks: transition",
        "DELETE FROM casefiles_transition WHERE entry_id = (TABLE last_step)",
    ),
    (checkers.versions_are_whole, "lacks: history row", "DELETE FROM casefiles_historicalcasefile WHERE version = 2"),
    (checkers.versions_are_whole, "lacks: content", "DELETE FROM casefiles_payload WHERE seq = 2"),
    (checkers.turns_are_whole, "has 0 turns", "UPDATE casefiles_referral SET opened_seq = opened_seq + 1"),
    (
        checkers.turns_are_whole,
        "answered by its step False",
        "UPDATE casefiles_referral SET answered_with = 'note' WHERE answered_seq IS NOT NULL",
    ),
    (
        checkers.feeds_follow_sight,
        "have sight",
        "UPDATE audit_entry SET audience = audience[2:] WHERE id = (TABLE last_step)",
    ),
    (checkers.feeds_follow_sight, "lacks item", "DELETE FROM audit_sighting WHERE index = (TABLE last_leaf)"),
    (
        checkers.feeds_follow_sight,
        "without sight",
        "UPDATE audit_sighting SET index = 0 WHERE index = (TABLE last_leaf)",
    ),
    (
        checkers.feeds_are_read_whole,
        "at the end of its feed",
        "DELETE FROM audit_sighting WHERE index = (TABLE last_leaf)",
    ),
    (
        checkers.checkpoints_follow_each_other,
        "follows one of",
        "UPDATE audit_checkpoint SET number = number + 1",
    ),
    (queue, "waits and has", "INSERT INTO audit_pending TABLE last_step"),
    (queue, "neither waits", "DELETE FROM audit_leaf WHERE entry_id = (TABLE last_step)"),
    (queue, "in its own order", "UPDATE audit_leaf SET index = 1000 WHERE entry_id = (TABLE first_step)"),
)


def test_each_damage_is_named(told: list[Told], owner_connection: psycopg.Connection) -> None:
    owner_connection.autocommit = False
    for table in GUARDED:
        owner_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    owner_connection.execute("CREATE TEMP VIEW last_step AS SELECT max(entry_id) FROM casefiles_transition")
    owner_connection.execute("CREATE TEMP VIEW first_step AS SELECT min(entry_id) FROM casefiles_transition")
    owner_connection.execute(
        "CREATE TEMP VIEW last_leaf AS SELECT index FROM audit_leaf WHERE entry_id = (TABLE last_step)"
    )
    unseen = []
    for check, words, statement in DAMAGES:
        owner_connection.execute("SAVEPOINT well")
        before = check(look_at(owner_connection))
        assert owner_connection.execute(statement.encode()).rowcount, f"nothing was damaged by {statement}"
        found = check(look_at(owner_connection))
        owner_connection.execute("ROLLBACK TO well")
        if before or not any(words in fault for fault in found):
            unseen.append((words, before, found))
    owner_connection.rollback()
    assert unseen == []


def test_what_was_promised_and_is_not_there_is_named(told: list[Told], owner_connection: psycopg.Connection) -> None:
    look, (one,) = look_at(owner_connection), told
    lost = one.content.replace(one.receipts[0]["leaf_hash"].encode(), b"0" * 64)
    assert checkers.acknowledged_is_stored(look, [one]) == checkers.receipts_are_redeemable(look, [one]) == []
    for wrong in (replace(one, key="never stored"), replace(one, status=201), replace(one, content=lost)):
        assert checkers.acknowledged_is_stored(look, [wrong])
    assert checkers.receipts_are_redeemable(look, [replace(one, content=lost)])
