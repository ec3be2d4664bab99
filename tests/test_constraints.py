"""Every constraint of the schema is a sentence, and for every sentence there is somebody who tries to break it."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from casefiles.flow import State
from config.roles import on_database
from tests.conftest import Copies
from tests.factories import casefile_at, handed_to_siasn, zero_report
from tests.tree_rows import grow

NEW = str(uuid.UUID(int=7))
# An entry of other bytes (`{}`), under their own hash.
OTHER_BYTES = {"uuid": NEW, "body": r"\x7b7d", "leaf_hash": r"\x" + sha256(b"\0{}").hexdigest()}

# Names that Django and PostgreSQL give by themselves, and the tables of libraries, say nothing of ours.
SENTENCES = r"""
SELECT conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    AND conname !~ '(_pkey|_fk_[a-z_]+|_fk|_check|_key|_uniq|_not_null)$'
    AND conrelid::regclass::text ~ '^(agencies|api|audit|casefiles|console|contents|delivery|people|verifications)_'
UNION
SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE i.indisunique
    AND t.relname ~ '^(agencies|api|audit|casefiles|console|contents|delivery|people|verifications)_'
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
"""


@dataclass(frozen=True)
class Try:
    """A copy of an existing row of the table, with members changed so that it breaks the sentence."""

    name: str
    table: str
    changed: dict[str, Any] = field(default_factory=dict)
    where: str = "true"


MANDATE = "code = 'examining-2024'"
TRIES = (
    Try("agency_ends_after_it_begins", "agencies_agency", {"valid_until": "1990-01-01"}, "valid_from > '1990-01-01'"),
    Try("agency_ends_after_it_begins", "agencies_agency", {"valid_from": "2020-01-01", "valid_until": "2020-01-01"}),
    Try("agency_is_not_its_own_parent", "agencies_agency", {"id": 900, "parent_id": 900}),
    Try("a_day_is_off_once_per_kind", "agencies_calendarday"),
    Try("a_client_names_a_key_once", "agencies_clientkey", {"thumbprint": "x"}),
    Try("a_key_belongs_to_one_client", "agencies_clientkey", {"kid": "another"}),
    Try("mandate_ends_after_it_begins", "agencies_mandate", {"code": "x", "valid_until": "2024-09-04"}, MANDATE),
    Try("mandates_of_a_scope_do_not_overlap", "agencies_mandate", {"code": "x"}, MANDATE),
    Try(
        "mandates_of_a_scope_do_not_overlap", "agencies_mandate",
        {"code": "x", "valid_from": "2024-09-03", "valid_until": "2024-09-04"}, MANDATE,
    ),
    Try(
        "mandates_of_a_scope_do_not_overlap", "agencies_mandate",
        {"code": "x", "valid_from": "2030-01-01", "caretaker": True}, MANDATE,
    ),
    Try("an_assertion_is_used_once", "agencies_usedassertion"),
    Try("delegation_ends_after_it_was_asked_for", "agencies_delegation", {"id": NEW, "valid_until": "2020-01-01"}),
    Try("a_client_asks_an_employer_for_one_thing", "agencies_delegation", {"id": NEW}, "approved_at IS NULL"),
    Try("an_employer_delegates_to_a_client_once", "agencies_delegation", {"id": NEW}, "approved_at IS NOT NULL"),
    Try("a_client_uses_a_key_once", "api_idempotencyrecord"),
    Try("a_call_that_ends_is_counted_once_per_client", "api_deprecatedcall"),
    Try("a_client_uses_the_key_of_a_batch_once", "api_batch", {"id": NEW}),
    Try("a_batch_has_a_line", "api_batch", {"id": NEW, "key_digest": r"\x78", "lines": 0}),
    Try("a_line_of_a_batch_is_answered_once", "api_batchline"),
    Try("a_line_is_done_or_refused_for_good", "api_batchline", {"number": 2, "status": 503}),
    Try("a_line_is_done_or_refused_for_good", "api_batchline", {"number": 0}),
    Try("only_accepted_requests_keep_an_answer", "api_idempotencyrecord", {"status": 409, "answer": 1}),
    Try("only_accepted_requests_keep_an_answer", "api_idempotencyrecord", {"status": None, "answer": 1}),
    Try("only_accepted_requests_keep_an_answer", "api_idempotencyrecord", {"status": 201}),
    Try("evidence_is_whole_or_erased", "audit_evidence", {"request_id": NEW, "base": None}),
    Try("a_leaf_is_written_once", "audit_entry", {"uuid": NEW, "stream": NEW}),
    Try("a_stream_has_one_entry_per_number", "audit_entry", OTHER_BYTES),
    Try("a_stream_counts_from_one", "audit_entry", {**OTHER_BYTES, "seq": 0}),
    Try("a_leaf_is_the_hash_of_its_bytes", "audit_entry", {**OTHER_BYTES, "stream": NEW, "body": r"\x7b7d20"}),
    Try(
        "a_leaf_is_the_hash_of_its_bytes", "audit_entry",
        {**OTHER_BYTES, "stream": NEW, "leaf_hash": r"\x" + sha256(b"{}").hexdigest()},
    ),
    Try("a_leaf_is_the_hash_of_its_bytes", "audit_entry", {**OTHER_BYTES, "stream": NEW, "leaf_hash": r"\x78"}),
    Try("an_audience_names_agencies", "audit_entry", {**OTHER_BYTES, "stream": NEW, "audience": [4, None]}),
    Try("leaves_count_from_nought", "audit_leaf", {"index": -1}),
    Try("a_leaf_has_32_bytes", "audit_leaf", {"index": 1000, "leaf_hash": r"\x78"}),
    Try("a_leaf_has_32_bytes", "audit_leaf", {"index": 1000, "leaf_hash": r"\x" + "00" * 33}),
    Try("a_node_is_above_the_leaves", "audit_node", {"level": 0}),
    Try("a_node_has_32_bytes", "audit_node", {"index": 1000, "hash": r"\x78"}),
    Try("a_node_has_32_bytes", "audit_node", {"index": 1000, "hash": r"\x" + "00" * 33}),
    Try("a_witness_cosigns_a_checkpoint_once", "audit_cosignature"),
    Try("the_log_has_one_pulse", "audit_logstatus", {"id": 2}),
    Try("a_step_attaches_a_document_once", "casefiles_attachment"),
    Try("a_casefile_changes_by_transition_only", "casefiles_casefile", {"id": NEW, "number": "x"}, "state = 'closed'"),
    Try(
        "a_casefile_counts_from_one", "casefiles_casefile", {"id": NEW, "number": "x", "version": 0}, "state = 'closed'"
    ),
    Try(
        "a_closed_casefile_has_an_outcome_and_an_open_one_none", "casefiles_casefile",
        {"id": NEW, "number": "x", "outcome": ""}, "state = 'closed'",
    ),
    Try(
        "a_closed_casefile_has_an_outcome_and_an_open_one_none", "casefiles_casefile",
        {"id": NEW, "number": "x", "outcome": "rejected"}, "state <> 'closed'",
    ),
    Try(
        "an_open_casefile_has_exactly_one_open_referral", "casefiles_casefile",
        {"id": NEW, "number": "x", "open_referral_id": None}, "state <> 'closed'",
    ),
    Try(
        "an_open_casefile_has_exactly_one_open_referral", "casefiles_casefile",
        {"id": NEW, "number": "x", "open_referral_id": NEW}, "state = 'closed'",
    ),
    Try(
        "the_open_referral_is_of_this_casefile", "casefiles_casefile",
        {"id": NEW, "number": "x", "open_referral_id": NEW}, "state <> 'closed'",
    ),
    Try("a_catalogue_version_is_loaded_once", "casefiles_catalogueversion"),
    Try("a_digest_is_that_of_its_content", "casefiles_catalogueversion", {"version": "2099.1", "digest": "ab" * 32}),
    Try("a_digest_is_that_of_its_content", "casefiles_catalogueversion", {"version": "2099.1", "content": r"\x78"}),
    Try("a_document_has_a_size", "casefiles_document", {"id": NEW, "size": -1}),
    Try(
        "a_matter_is_known_before_it_is_registered", "casefiles_finding",
        {"id": NEW, "register_key": "X", "known_on": "2024-10-04"},
    ),
    Try("a_register_number_is_used_once_per_office_for_ever", "casefiles_finding", {"id": NEW}),
    Try("a_payload_belongs_to_something", "casefiles_payload", {"casefile_id": None}, "casefile_id IS NOT NULL"),
    Try("a_version_has_one_payload", "casefiles_payload", {}, "casefile_id IS NOT NULL"),
    Try(
        "an_answered_referral_says_when", "casefiles_referral", {"id": NEW, "answered_at": None}, "status = 'answered'"
    ),
    Try(
        "an_answered_referral_says_when", "casefiles_referral", {"id": NEW, "answered_at": "2024-11-01T00:00:00Z"},
        "status = 'open'",
    ),
    Try("a_casefile_has_one_open_referral", "casefiles_referral", {"id": NEW}, "status = 'open'"),
    Try("there_is_one_clock", "casefiles_tick", {"id": 2}),
    Try("a_casefile_version_has_one_transition", "casefiles_transition", {"entry_id": 0}),
    Try(
        "a_step_happens_before_it_is_recorded", "casefiles_transition",
        {"seq": 99, "entry_id": 0, "occurred_at": "2100-01-01T00:00:00Z"},
    ),
    Try(
        "an_agency_holds_one_live_grant_of_a_kind_per_casefile", "casefiles_casefilegrant", {}, "until_entry_id IS NULL"
    ),
    Try("an_agency_reports_a_period_empty_once_per_subject", "casefiles_zeroreport", {"id": NEW}),
    Try("a_reported_period_ends_after_it_begins", "casefiles_zeroreport", {"id": NEW, "period_until": "2023-12-31"}),
    Try("what_is_handed_to_siasn_is_a_version", "casefiles_hukdishandover", {"id": NEW, "sanction_version": 0}),
    Try("a_zero_report_has_a_known_subject", "casefiles_zeroreport", {"id": NEW, "subject": "preventions"}),
    Try(
        "an_address_signs_in_as_one_person", "people_person",
        {"id": NEW, "user_id": 0, "email": "AYU@bpk.example", "subject": ""},
    ),
    Try("an_account_signs_in_as_one_person", "people_person", {"id": NEW, "user_id": 0, "email": "x"}),
    Try("an_account_is_bound_with_its_issuer", "people_person", {"id": NEW, "user_id": 0, "email": "x", "issuer": ""}),
    Try("a_person_names_a_view_once", "people_savedview"),
    Try("a_morning_mail_has_a_known_language", "people_morningmail", {"person_id": NEW, "language": "fr"}),
    Try("a_mail_was_refused_on_a_day", "people_morningmail", {"person_id": NEW, "refused": True}),
    Try("a_person_has_a_known_role", "people_person", {"id": NEW, "user_id": 0, "email": "x", "role": "king"}),
    Try(
        "an_ended_person_has_no_password", "people_person",
        {"id": NEW, "user_id": 0, "email": "x", "password": "x", "ended_at": "2026-11-20T00:00:00Z"},
    ),
    Try("an_invitation_lasts_a_while", "people_invitation", {"digest": "x", "expires_at": "1990-01-01T00:00:00Z"}),
    Try("an_agency_opens_a_version_once", "casefiles_firstreading", {"id": NEW}),
    Try("what_is_opened_is_a_version", "casefiles_firstreading", {"id": NEW, "version": 0}),
    Try("a_snapshot_has_a_name_of_its_own", "casefiles_snapshot", {"id": NEW}),
    Try("a_snapshot_name_is_used_once_however_it_is_written", "casefiles_snapshot", {"id": NEW, "name": "x"}),
    Try(
        "a_snapshot_is_of_a_place_in_the_log", "casefiles_snapshot",
        {"id": NEW, "name": "x", "name_key": "X", "index": -1},
    ),
    Try("a_content_lies_under_a_name_of_its_own", "contents_content", {"id": NEW, "document_id": NEW}),
    Try("a_content_has_a_known_status", "contents_content", {"id": NEW, "name": "x", "status": "fine"}),
    Try("a_content_has_a_key_until_it_is_erased", "contents_content", {"id": NEW, "name": "x", "key": ""}),
    Try("a_content_has_a_key_until_it_is_erased", "contents_content", {"id": NEW, "name": "x", "status": "erased"}),
    Try("a_verdict_has_its_moment", "contents_content", {"id": NEW, "name": "x", "status": "clean"}),
    Try("a_key_registers_one_webhook", "delivery_webhook", {"id": NEW}),
    Try("a_webhook_has_a_known_status", "delivery_webhook", {"id": NEW, "key_digest": "x", "status": "asleep"}),
    Try("a_former_secret_ends", "delivery_webhook", {"id": NEW, "key_digest": "x", "secret_before": "x"}),
    Try("a_warning_has_its_moment", "delivery_webhook", {"id": NEW, "key_digest": "x", "warning": "sent"}),
    Try("a_cursor_is_a_place_in_the_log", "delivery_webhook", {"id": NEW, "key_digest": "x", "cursor": -2}),
    Try("an_event_is_one_delivery", "delivery_delivery", {"id": NEW}),
    Try("a_delivery_is_of_a_known_kind", "delivery_delivery", {"id": NEW, "kind": "letter", "index": None}),
    Try("a_delivery_has_a_known_status", "delivery_delivery", {"id": NEW, "index": 2, "status": "lost"}),
    Try("an_event_has_a_place_in_the_log", "delivery_delivery", {"id": NEW, "index": None}),
    Try("an_attempt_has_a_number", "delivery_attempt"),
    Try("an_export_is_of_a_known_page", "console_export", {"id": NEW, "kind": "people"}),
    Try("an_export_has_a_known_format", "console_export", {"id": NEW, "format": "doc"}),
    Try("a_dossier_is_of_one_casefile", "console_export", {"id": NEW, "format": "pdf"}),
    Try("a_kept_file_is_deleted_some_day", "console_export", {"id": NEW, "stored_as": "x"}),
    Try("a_spent_form_has_its_receipt_and_no_content", "console_form", {"id": NEW, "entry": NEW}),
    Try("kept_content_is_deleted_some_day", "console_form", {"id": NEW, "kept": "x"}),
    Try("a_draft_has_a_known_state", "console_draft", {"id": NEW, "state": "lost"}),
    Try(
        "a_draft_is_performed_by_another", "console_draft",
        {"id": NEW, "state": "done", "drafter_id": NEW, "performer_id": NEW},
    ),
    Try("a_performed_draft_has_its_performer_and_no_content", "console_draft", {"id": NEW, "state": "done"}),
    Try("a_draft_lasts_a_while", "console_draft", {"id": NEW, "expires_at": "1990-01-01T00:00:00Z"}),
    Try("a_verification_that_ended_has_a_verdict", "verifications_verification", {"id": NEW, "verdict": 0}),
)  # fmt: skip

# The primary key alone is narrower, so no row can break this one; it is there for the open referral's foreign key.
A_TARGET_ONLY = {"a_referral_belongs_to_its_casefile"}

# Is looked at when the transaction ends; a test of its own tries it.
AT_THE_END = {"a_person_has_an_entry"}

SIGNED_IN = """
WITH person AS (
    INSERT INTO people_person (id, user_id, agency_id, role, email, name, password, issuer, subject, created_at)
    SELECT e.stream, u.id, a.id, 'reader', 'ayu@bpk.example', 'Ayu', '', 'issuer', 'account', now()
    FROM agencies_user u, agencies_agency a, audit_entry e LIMIT 1 RETURNING id
), view AS (
    INSERT INTO people_savedview (person_id, name, query, saved_at) SELECT id, 'late', 'late_from=1', now() FROM person
), morning AS (
    INSERT INTO people_morningmail (person_id, language) SELECT id, 'id' FROM person
), draft AS (
    INSERT INTO console_draft (id, agency_id, drafter_id, casefile, transition, version, drafted_at, factor, proved_at,
        expires_at, state)
    SELECT gen_random_uuid(), a.id, p.id, gen_random_uuid(), 'note', 1, now(), 'totp', now(), now() + interval '1 day',
        'waits' FROM person p, agencies_agency a LIMIT 1
)
INSERT INTO people_invitation (person_id, digest, made_at, expires_at)
SELECT id, 'd', now(), now() + interval '1 day' FROM person
"""

ASKED = """
WITH export AS (
    INSERT INTO console_export (id, user_id, agency_id, person_name, purpose, language, kind, format, query,
        opens_content, request_id, asked_at, rows_done, fault, stored_as, sha256, digest, log_root)
    SELECT gen_random_uuid(), u.id, a.id, '', '', 'id', 'casefiles', 'csv', '', false, gen_random_uuid(), now(), 0, '',
        '', '', '', '' FROM agencies_user u, agencies_agency a LIMIT 1
), form AS (
    INSERT INTO console_form (id, user_id, casefile, transition, version)
    SELECT gen_random_uuid(), id, gen_random_uuid(), 'note', 1 FROM agencies_user LIMIT 1
)
INSERT INTO verifications_verification (id, agency_id, client, asked_at, part, done)
SELECT gen_random_uuid(), id, '', now(), '', 0 FROM agencies_agency LIMIT 1
"""

DELIVERED = """
WITH webhook AS (
    INSERT INTO delivery_webhook (id, client_id, agency_id, url, host, url_digest, types, status, pause_reason, secret,
        secrets, cursor, attempts, due_at, leased_until, created_at, changed_at, key_digest, fingerprint, salt)
    SELECT gen_random_uuid(), id, agency_id, '', '', '', '{}', 'active', '', '', 1, 0, 0, now(), now(), now(), now(),
        'k', '', '' FROM agencies_client LIMIT 1 RETURNING id
), delivery AS (
    INSERT INTO delivery_delivery (id, webhook_id, kind, event, type, index, status, attempts, token, created_at)
    SELECT gen_random_uuid(), id, 'event', gen_random_uuid(), '', 1, 'pending', 1, '', now() FROM webhook RETURNING id
)
INSERT INTO delivery_attempt (delivery_id, number, at, outcome, latency_ms, answer)
SELECT id, 1, now(), 'refused', 1, '' FROM delivery
"""

BROUGHT = """
WITH content AS (
    INSERT INTO contents_content (id, document_id, agency_id, name, key, size, status, finding, flags, created_at, salt)
    SELECT gen_random_uuid(), id, owner_id, 'n', 'k', 1, 'quarantined', '', '{}', now(), ''
    FROM casefiles_document LIMIT 1
), snapshot AS (
    INSERT INTO casefiles_snapshot (id, name, name_key, index, agency_id, published, content, created_at, salt)
    SELECT gen_random_uuid(), 'n', 'N', 0, id, false, '{}', now(), '' FROM agencies_agency LIMIT 1
)
INSERT INTO casefiles_firstreading (id, casefile_id, version, agency_id, created_at, salt)
SELECT gen_random_uuid(), id, 1, examiner_id, now(), '' FROM casefiles_casefile LIMIT 1
"""

# Identity columns draw their own number in the copy, unless a try names one.
DRAWN = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attidentity <> '' AND NOT attisdropped
"""


@pytest.fixture(scope="module")
def filled(arranged_once: Callable[[Callable[[], Any]], tuple[str, Any]], copies: Copies) -> str:
    """Two casefiles with a past, a zero report, and a tree."""

    def arrange() -> None:
        casefile_at(State.RECOMMENDED)
        handed_to_siasn(casefile_at(State.CLOSED))
        zero_report()
        here = on_database(copies.roles.sequencer, connection.settings_dict["NAME"])
        with psycopg.connect(here, autocommit=True) as sequencer:
            grow(sequencer)

    return arranged_once(arrange)[0]


@pytest.fixture
def owner(transactional_db: None, filled: str, owner_connection: psycopg.Connection) -> psycopg.Connection:
    """The owner on a database that holds a row of everything."""
    owner_connection.execute(
        "INSERT INTO agencies_usedassertion (client_id, jti, expires)"
        " SELECT id, 'j', now() FROM agencies_client LIMIT 1"
    )
    owner_connection.execute(
        "INSERT INTO agencies_delegation"
        " (id, client_id, employer_id, roles, scopes, purposes, requested_at, valid_until, approved_at)"
        " SELECT gen_random_uuid(), c.id, c.agency_id, '{}', '{}', '{}', now(), now() + interval '1 day', x"
        " FROM (SELECT * FROM agencies_client LIMIT 1) c, unnest(ARRAY[NULL, now()]) x"
    )
    owner_connection.execute(
        "INSERT INTO api_idempotencyrecord"
        " (client_id, key_digest, fingerprint, etag, location, owner_kind, parting, created_at)"
        " SELECT id, 'k', '', '', '', '', false, now() FROM agencies_client LIMIT 1"
    )
    owner_connection.execute(
        "INSERT INTO api_deprecatedcall (client_id, operation, total, last_at)"
        " SELECT id, 'list_referrals', 1, now() FROM agencies_client LIMIT 1"
    )
    owner_connection.execute(
        "WITH batch AS (INSERT INTO api_batch (id, client_id, agency_id, key_digest, fingerprint, lines, created_at)"
        " SELECT gen_random_uuid(), id, agency_id, 'k', '', 1, now() FROM agencies_client LIMIT 1 RETURNING id)"
        " INSERT INTO api_batchline (batch_id, number, status, said, done_at) SELECT id, 1, 201, '{}', now() FROM batch"
    )
    owner_connection.execute(
        "INSERT INTO audit_evidence (request_id, base, signature, alg, jwk, salt, created_at)"
        " VALUES (gen_random_uuid(), 'b', 's', 'ES256', '{}', 's', now())"
    )
    owner_connection.execute("INSERT INTO casefiles_tick (id, ticked_at) VALUES (1, now())")
    owner_connection.execute(SIGNED_IN)
    owner_connection.execute(ASKED)
    owner_connection.execute(DELIVERED)
    owner_connection.execute(BROUGHT)
    return owner_connection


def _copy(owner: psycopg.Connection, attempt: Try) -> None:
    drawn = [name for (name,) in owner.execute(DRAWN, [attempt.table]).fetchall() if name not in attempt.changed]
    columns = [
        name
        for (name,) in owner.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [attempt.table],
        ).fetchall()
        if name not in drawn
    ]
    # Other unique columns get values of their own, so that the sentence is what breaks.
    changed = dict(attempt.changed)
    if attempt.table == "agencies_agency":
        group = owner.execute("INSERT INTO auth_group (name) VALUES ('copied') RETURNING id").fetchone()
        assert group is not None
        changed = {"code": "copied", "stream": NEW, "group_id": group[0], **changed}
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM (SELECT * FROM {table} WHERE "  # noqa: S608 - `where` is one of the conditions above
        + attempt.where
        + " LIMIT 1) t, jsonb_populate_record(NULL::{table}, to_jsonb(t) || %s::jsonb) AS x"
    ).format(
        table=sql.Identifier(attempt.table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(sql.Identifier("x", name) for name in columns),
    )
    done = owner.execute(statement, [json.dumps(changed)])
    assert done.rowcount == 1, f"{attempt.table} holds no row to copy"
    if attempt.name in {"a_casefile_changes_by_transition_only", "the_open_referral_is_of_this_casefile"}:
        owner.execute(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(sql.Identifier(attempt.name)))


def test_every_sentence_is_kept(owner: psycopg.Connection) -> None:
    for attempt in TRIES:
        with pytest.raises(psycopg.errors.IntegrityError) as broken, owner.transaction():
            _copy(owner, attempt)
        assert broken.value.diag.constraint_name == attempt.name, str(broken.value)


def test_every_sentence_is_tried(owner: psycopg.Connection) -> None:
    sentences = {name for (name,) in owner.execute(SENTENCES).fetchall()}
    assert sentences == {attempt.name for attempt in TRIES} | A_TARGET_ONLY | AT_THE_END


def test_a_person_without_an_entry_is_refused(owner: psycopg.Connection) -> None:
    changed = {"id": NEW, "user_id": 0, "email": "x", "subject": ""}
    other = owner.execute("SELECT id FROM agencies_user WHERE id NOT IN (SELECT user_id FROM people_person)").fetchone()
    assert other is not None
    with pytest.raises(psycopg.errors.CheckViolation, match="with an entry of the log"), owner.transaction():
        _copy(owner, Try("", "people_person", {**changed, "user_id": other[0]}))


def test_an_open_referral_does_not_move_to_another_casefile(owner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as broken:
        owner.execute(
            "UPDATE casefiles_referral SET casefile_id = (SELECT id FROM casefiles_casefile WHERE state = 'closed')"
            " WHERE status = 'open'"
        )
    assert broken.value.diag.constraint_name == "the_open_referral_is_of_this_casefile"


def test_a_successor_s_mandate_may_begin_on_the_day_the_first_one_ends(owner: psycopg.Connection) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute("UPDATE agencies_mandate SET valid_until = '2030-01-01' WHERE code = 'examining-2024'")
        _copy(
            owner,
            Try("", "agencies_mandate", {"code": "next", "valid_from": "2030-01-01", "valid_until": None}, MANDATE),
        )
    with owner.transaction(force_rollback=True):
        # Another scope is another question.
        _copy(owner, Try("", "agencies_mandate", {"code": "other", "scope": 2}, MANDATE))
