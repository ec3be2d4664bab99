"""Everything that somebody who has a database role's password might try besides what the role is for."""

from collections.abc import Iterable, Iterator, Sequence

import psycopg
from django.conf import settings
from psycopg import errors
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus

from audit.database_roles import (
    CLOSED,
    CONSOLE,
    COURIER,
    DESK,
    READER,
    SEQUENCER,
    WEB,
    WORKER,
    May,
    declared,
    sequences,
)  # fmt: skip

# Ways that name no table of ours. Every one of them is refused to every role.
ROUNDABOUT = """
SET session_replication_role = replica
SET SESSION AUTHORIZATION lintas_owner
ALTER ROLE CURRENT_USER CREATEROLE
CREATE ROLE accomplice LOGIN
CREATE SCHEMA mine
CREATE SCHEMA AUTHORIZATION CURRENT_USER
CREATE TABLE public.smuggled (x int)
CREATE VIEW public.smuggled AS SELECT 1
CREATE TEMP TABLE audit_entry (x int)
CREATE TEMP TABLE casefiles_transition (casefile_id uuid, seq int, to_state text)
CREATE TEMP VIEW audit_leaf AS SELECT 1
CREATE TEMP SEQUENCE casefiles_number
CREATE TABLE pg_temp.audit_entry (x int)
SELECT 1 AS x INTO TEMP audit_entry
CREATE FUNCTION public.lintas_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'
CREATE OR REPLACE FUNCTION public.lintas_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'
CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'
CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'
ALTER FUNCTION lintas_refuse_change() SECURITY DEFINER
ALTER FUNCTION lintas_refuse_change() RENAME TO slept
DROP FUNCTION lintas_refuse_change() CASCADE
DROP FUNCTION casefile_changes_by_transition() CASCADE
CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_ne)
CREATE TYPE public.mine AS (x int)
CREATE DOMAIN public.mine AS int
DROP EXTENSION plpgsql CASCADE
CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION lintas_refuse_change()
CREATE PUBLICATION mine
CREATE SUBSCRIPTION mine CONNECTION 'dbname=x' PUBLICATION y WITH (connect = false)
DROP SCHEMA public CASCADE
ALTER SCHEMA public RENAME TO gone
REASSIGN OWNED BY lintas_owner TO CURRENT_USER
DROP OWNED BY lintas_owner
UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'
DELETE FROM pg_catalog.pg_trigger
UPDATE pg_catalog.pg_class SET relacl = NULL
UPDATE pg_catalog.pg_authid SET rolsuper = true
SELECT rolpassword FROM pg_catalog.pg_authid
INSERT INTO pg_catalog.pg_largeobject VALUES (1, 0, '')
SELECT lo_import('/etc/hostname')
SELECT lo_export(1, '/nowhere')
SELECT pg_read_file('/etc/hostname')
SELECT pg_ls_dir('/')
COPY (SELECT 1) TO PROGRAM 'true'
COPY (SELECT 1) TO '/nowhere'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lintas_owner'
SELECT pg_reload_conf()
""".strip().splitlines()

# What nobody may do with any table: its owner decides.
OWNERS = (
    "DROP TABLE {table} CASCADE",
    "TRUNCATE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} ADD COLUMN smuggled int",
    "ALTER TABLE {table} DROP COLUMN {column} CASCADE",
    "ALTER TABLE {table} RENAME TO gone",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "ALTER TABLE {table} SET UNLOGGED",
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} INHERIT audit_pending",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION lintas_refuse_change()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE RULE mine AS ON SELECT TO {table} DO INSTEAD SELECT 1",
    "CREATE POLICY mine ON {table}",
    "CREATE INDEX ON {table} ({column})",
    "CREATE TABLE mine PARTITION OF {table} DEFAULT",
    "CREATE TABLE public.mine () INHERITS ({table})",
    "CREATE VIEW public.mine AS SELECT * FROM {table}",
    "COMMENT ON TABLE {table} IS 'mine'",
    "REINDEX TABLE {table}",
)

# What needs UPDATE on an existing row, besides a plain UPDATE of each column.
CHANGES = (
    "MERGE INTO {table} USING (SELECT 1) one ON true WHEN MATCHED THEN UPDATE SET {column} = {table}.{column}",
    "WITH changed AS (UPDATE {table} SET {column} = {column} RETURNING 1) SELECT * FROM changed",
    "DO $$ BEGIN UPDATE {table} SET {column} = {column}; END $$",
    "SELECT 1 FROM {table} FOR UPDATE",
    "SELECT 1 FROM {table} FOR KEY SHARE",
)
REMOVALS = (
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE false",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT * FROM gone",
    "MERGE INTO {table} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
    "DO $$ BEGIN DELETE FROM {table}; END $$",
)
ADDITIONS = (
    "INSERT INTO {table} ({column}) VALUES (NULL)",
    "INSERT INTO {table} DEFAULT VALUES",
    "COPY {table} FROM STDIN",
    "COPY {table} ({column}) FROM STDIN",
    "MERGE INTO {table} USING (SELECT 1) one ON false WHEN NOT MATCHED THEN INSERT ({column}) VALUES (NULL)",
)
# For those who may insert: never with a number of their own choice.
CHOSEN_NUMBERS = (
    "INSERT INTO {table} ({identity}) VALUES (1000000)",
    "INSERT INTO {table} ({identity}) VALUES (DEFAULT)",
    "INSERT INTO {table} ({identity}) OVERRIDING SYSTEM VALUE VALUES (1000000)",
    "INSERT INTO {table} ({identity}) OVERRIDING USER VALUE VALUES (1000000)",
    "INSERT INTO {table} SELECT * FROM {table}",
    "COPY {table} FROM STDIN",
    "COPY {table} ({identity}) FROM STDIN",
    "MERGE INTO {table} USING (SELECT 1) one ON false WHEN NOT MATCHED THEN INSERT ({identity}) VALUES (1000000)",
    "ALTER TABLE {table} ALTER COLUMN {identity} SET GENERATED BY DEFAULT",
    "ALTER TABLE {table} ALTER COLUMN {identity} RESTART WITH 1",
)
ON_SEQUENCES = (
    "SELECT setval('{sequence}', 1)",
    "SELECT nextval('{sequence}')",
    "SELECT last_value FROM {sequence}",
    "ALTER SEQUENCE {sequence} RESTART",
    "DROP SEQUENCE {sequence} CASCADE",
)

COLUMNS = """
SELECT c.relname::text, a.attname::text, a.attidentity <> '' FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
SEQUENCES = (
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname"
)


def columns_of(owner: psycopg.Connection) -> dict[str, dict[str, bool]]:
    """By table, the names of its columns, and whether it is the identity column."""
    found: dict[str, dict[str, bool]] = {}
    for table, column, identity in owner.execute(COLUMNS).fetchall():
        found.setdefault(table, {})[column] = identity
    return found


def _into_hidden(columns: Iterable[str], only: Sequence[str]) -> Iterator[str]:
    """Reading the columns that are none of the role's, where it may read some of a table only."""
    if only:
        yield "COPY {table} TO STDOUT"
        for name in columns:
            if name not in only:
                yield f'SELECT "{name}" FROM {{table}}'  # noqa: S608 - names from the catalogue


def _withheld(may: May) -> Iterator[str]:
    """The ways of whatever the role may not do with a table at all."""
    if not may.select:
        yield from ("SELECT 1 FROM {table}", "SELECT count(*) FROM {table}", "COPY {table} TO STDOUT")
    for is_given, ways in ((may.update, CHANGES), (may.delete, REMOVALS), (may.insert, ADDITIONS)):
        if not is_given:
            yield from ways


def attempts(owner: psycopg.Connection, role: str) -> Iterator[str]:
    """Every statement that this role must be refused, built from what it is declared to hold."""
    yield from ROUNDABOUT
    for other in {"lintas_owner", *settings.LINTAS_DB_ROLES.values()} - {settings.LINTAS_DB_ROLES[role]}:
        yield f"SET ROLE {other}"
        yield f"GRANT {other} TO CURRENT_USER"
    may_draw = sequences(role)
    for (sequence,) in owner.execute(SEQUENCES).fetchall():
        for way in ON_SEQUENCES:
            if not (sequence in may_draw and "nextval" in way):
                yield way.format(sequence=sequence)
    for table, columns in columns_of(owner).items():
        may = declared(role).get(table, CLOSED)
        names = [f'"{name}"' for name in columns]
        changeable = {f'"{name}"' for name in may.update}
        for way in (*OWNERS, *_into_hidden(columns, may.only), *_withheld(may)):
            yield way.format(table=table, column=names[0])
        for name in names:
            if name not in changeable:
                yield f"UPDATE {table} SET {name} = {name}"  # noqa: S608 - names from the catalogue
        if may.insert:
            for identity in (f'"{name}"' for name, drawn in columns.items() if drawn):
                for way in CHOSEN_NUMBERS:
                    yield way.format(table=table, identity=identity)


REFUSED = {errors.InsufficientPrivilege.sqlstate, errors.GeneratedAlways.sqlstate}
"""Where the database itself draws a number always, it says so before it asks for a right."""


def refusal(session: psycopg.Connection, statement: str) -> str:
    """Empty when the role was refused for want of a right, or because nobody may; else what happened instead.

    In a transaction it is tried in a savepoint. There are twenty thousand attempts, so the server is asked as plainly
    as the driver can.
    """
    ask, nested = session.pgconn.exec_, session.info.transaction_status == TransactionStatus.INTRANS
    result = ask(f"{'SAVEPOINT attempt; ' if nested else ''}{statement}".encode())
    if result.status == ExecStatus.FATAL_ERROR:
        if nested:
            ask(b"ROLLBACK TO attempt; RELEASE attempt")
        state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
        return "" if state in REFUSED else f"{errors.lookup(state).__name__}: {result.error_message.decode()}"
    if result.status in {ExecStatus.COPY_IN, ExecStatus.COPY_OUT}:
        session.close()  # in the midst of rows: the test has failed
    elif nested:
        ask(b"RELEASE attempt")
    return "accepted"


# Written out: these are the promises, whatever the lists say.
PROMISED = {
    WEB: (
        "INSERT INTO audit_leaf (index, entry_id, leaf_hash) SELECT 1000, entry_id, '' FROM audit_pending",
        "INSERT INTO audit_node (level, index, hash) VALUES (1, 1000, '')",
        "INSERT INTO audit_checkpoint (number, size, note) VALUES (2, 1000, '')",
        "INSERT INTO audit_cosignature (checkpoint_id, witness, line, cosigned_at) VALUES (1, 'me', '', now())",
        "INSERT INTO audit_sighting (agency, index) VALUES (1, 1000)",
        "UPDATE audit_logstatus SET beat_at = now(), refused = ''",
        "DELETE FROM audit_pending",
        (
            "INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at) SELECT uuid, stream,"
            " seq, leaf_hash, body, audience, recorded_at FROM audit_entry"
            " ON CONFLICT (stream, seq) DO UPDATE SET body = ''"
        ),
        "UPDATE casefiles_payload SET facts = '{}'",
        (
            "INSERT INTO casefiles_catalogueversion (version, digest, content, loaded_at)"
            " VALUES ('2099.1', encode(sha256(''), 'hex'), '', now())"
        ),
        "UPDATE casefiles_casefilegrant SET agency_id = 1",
    ),
    SEQUENCER: (
        (
            "INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at) SELECT"
            " gen_random_uuid(), stream, seq + 1000, '', body, audience, recorded_at FROM audit_entry LIMIT 1"
        ),
        "INSERT INTO audit_pending (entry_id) SELECT max(id) FROM audit_entry",
        "UPDATE audit_pending SET entry_id = entry_id",
        "DELETE FROM audit_leaf",
        (
            "INSERT INTO audit_leaf (index, entry_id, leaf_hash) SELECT index, entry_id, leaf_hash FROM audit_leaf"
            " ON CONFLICT (index) DO UPDATE SET leaf_hash = ''"
        ),
        (
            "INSERT INTO audit_checkpoint (number, size, note) VALUES (1, 1, '')"
            " ON CONFLICT (number) DO UPDATE SET note = ''"
        ),
        "DELETE FROM audit_logstatus",
        "SELECT facts FROM casefiles_payload",
        "SELECT state FROM casefiles_casefile",
        "SELECT name FROM agencies_agency",
        "SELECT token_checksum FROM agencies_accesstoken",
        "SELECT shown FROM audit_access",
    ),
    READER: (
        (
            "INSERT INTO audit_access (at, request_id, agency, client, route, purpose, shown)"
            " VALUES (now(), gen_random_uuid(), 1, 'x', 'x', 'x', '{}')"
        ),
        "UPDATE audit_logstatus SET refused = ''",
        "DELETE FROM audit_pending",
        "SELECT token_checksum FROM agencies_accesstoken",
        "SELECT jti FROM agencies_usedassertion",
        "SELECT key_digest FROM api_idempotencyrecord",
        "SELECT password FROM agencies_user",
        "SELECT answer FROM delivery_attempt",
    ),
    COURIER: (
        "SELECT facts FROM casefiles_payload",
        "SELECT public_jwk FROM agencies_clientkey",
        "UPDATE delivery_webhook SET url = 'https://elsewhere.go.id/'",
        "UPDATE delivery_webhook SET secret = ''",
        "INSERT INTO audit_leaf (index, entry_id, leaf_hash) VALUES (99, 1, '')",
        "UPDATE casefiles_casefile SET state = 'closed'",
        "DELETE FROM delivery_webhook",
    ),
    WORKER: (
        "UPDATE casefiles_casefile SET state = 'closed'",
        "UPDATE casefiles_payload SET facts = '{}'",
        "INSERT INTO audit_leaf (index, entry_id, leaf_hash) VALUES (99, 1, '')",
        "UPDATE contents_content SET key = ''",
        "UPDATE audit_access SET purpose = 'audit'",
        "SELECT token_checksum FROM agencies_accesstoken",
        "SELECT public_jwk FROM agencies_clientkey",
        "SELECT password FROM people_person",
        "SELECT session_data FROM django_session",
        "UPDATE procrastinate_jobs SET args = '{}'",
    ),
    DESK: (
        "SELECT password FROM people_person",
        "SELECT session_data FROM django_session",
        "UPDATE casefiles_payload SET facts = '{}'",
        "DELETE FROM casefiles_transition",
        "INSERT INTO audit_leaf (index, entry_id, leaf_hash) VALUES (99, 1, '')",
        "UPDATE audit_entry SET body = ''",
        "SELECT token_checksum FROM agencies_accesstoken",
        "SELECT public_jwk FROM agencies_clientkey",
        "SELECT answer FROM api_idempotencyrecord",
        "UPDATE console_form SET user_id = 1",
        "INSERT INTO audit_opening (entry_id, given, state) VALUES (1, '{}', '{}')",
        "SELECT role FROM people_person",
        "UPDATE people_person SET role = 'officer'",
        "SELECT people_tells(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "UPDATE agencies_agency SET roles = '{examiner}'",
        "INSERT INTO agencies_mandate DEFAULT VALUES",
        "UPDATE casefiles_transition SET to_state = 'closed'",
        "INSERT INTO casefiles_snapshot DEFAULT VALUES",
        "DELETE FROM api_refusalbucket",
        "DELETE FROM console_form",
    ),
    CONSOLE: (
        "UPDATE casefiles_casefile SET state = 'closed'",
        "UPDATE casefiles_payload SET facts = '{}'",
        "DELETE FROM casefiles_transition",
        "INSERT INTO audit_pending (entry_id) SELECT max(id) FROM audit_entry",
        "UPDATE audit_access SET purpose = 'audit'",
        "UPDATE people_person SET role = 'manager'",
        "UPDATE agencies_user SET is_active = true",
        "SELECT token_checksum FROM agencies_accesstoken",
    ),
}
