"""A database without the guards that its migrations make is not called sound, whatever its rows say."""

from __future__ import annotations

import psycopg
import pytest

from audit.verify import guards
from casefiles.flow import State
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import casefile_at
from tests.sequencing import Sequencing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

TAKEN_AWAY = {
    "ALTER TABLE audit_node DROP CONSTRAINT audit_node_pkey": {("audit_node", "PRIMARY KEY (level, index)")},
    "ALTER TABLE audit_leaf DROP CONSTRAINT leaves_count_from_nought": {
        ("audit_leaf", "CONSTRAINT leaves_count_from_nought")
    },
    "ALTER TABLE audit_opening DISABLE TRIGGER USER": {
        ("audit_opening", "TRIGGER rows_stay"),
        ("audit_opening", "TRIGGER table_stays"),
    },
    "ALTER TABLE audit_entry ENABLE REPLICA TRIGGER rows_stay": {("audit_entry", "TRIGGER rows_stay")},
    "DROP INDEX a_casefile_has_one_open_referral": {
        ("casefiles_referral", "UNIQUE INDEX a_casefile_has_one_open_referral")
    },
    "CREATE OR REPLACE FUNCTION casefile_changes_by_transition() RETURNS trigger LANGUAGE plpgsql "
    "AS 'BEGIN RETURN NEW; END'": {("casefiles_casefile", "TRIGGER a_casefile_changes_by_transition_only")},
}

FOREIGN = (
    "CREATE RULE swallows AS ON INSERT TO audit_access DO INSTEAD NOTHING",
    "CREATE POLICY hides ON casefiles_firstreading TO CURRENT_USER USING (false)",
)
HIDDEN = (
    "ALTER TABLE casefiles_casefilegrant ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY hides ON casefiles_casefilegrant TO PUBLIC USING (id > 1)",
)


def test_the_list_is_what_the_migrations_make(owner_connection: psycopg.Connection) -> None:
    assert guards.FILE.read_text().splitlines()[0] == guards.HEAD
    assert guards.guards_of(owner_connection) == guards.expected(), "migrated anew? See audit/verify/guards.py"


def test_what_was_taken_away_is_named(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection
) -> None:
    casefile_at(State.SUBMITTED)
    sequenced()
    key = at_its_word(sequenced.signer.vkey)
    whole = verify("db", reader_url, *key, guards=True)
    assert (whole.exit, whole.said["findings"]) == (0, [])
    for statement in TAKEN_AWAY:
        owner_connection.execute(statement.encode())
    said = verify("db", reader_url, *key, guards=True)
    assert (said.exit, said.codes) == (2, {"guard-missing"})
    named = {(one["table"], one["why"].partition(" A ")[0]) for one in said.said["findings"]}
    assert named == set().union(*TAKEN_AWAY.values())
    assert verify("db", reader_url, *key).exit == 0

    for statement in FOREIGN:
        owner_connection.execute(statement.encode())
    said = verify("db", reader_url, *key, guards=True)
    assert said.exit == 2
    assert {(one["table"], one["why"]) for one in said.named(code="guard-foreign")} == {
        ("audit_access", "RULE swallows"),
        ("casefiles_firstreading", "POLICY hides"),
    }

    # A policy shows the reader fewer rows than there are: that is no shorter register.
    for statement in HIDDEN:
        owner_connection.execute(statement.encode())
    said = verify("db", reader_url, *key)
    assert said.exit == 2
    assert "casefiles_casefilegrant" in str(said.said["findings"])
