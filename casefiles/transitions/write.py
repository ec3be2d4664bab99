"""The third step of `perform`: one statement stores a step whole, or nothing of it.

Casefile row, history row, transition, payload, entry and its pending row, the referral answered and the one opened,
attachments, sight given and ended. One step or a hundred (a finding with many subjects) go the same way.
`tests/casefiles/transitions/test_writing.py` proves that the history rows equal what simple-history itself would write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from audit.ledger import Sealed
from casefiles.file import CaseFile


@dataclass(frozen=True, slots=True)
class Opened:
    """The referral that a step opens."""

    id: UUID
    purpose: str
    party: str
    from_agency: int
    to_agency: int
    clock_from: date
    due_on: date
    due_at: datetime
    time_zone: str
    rule: dict[str, Any]
    continues: UUID | None
    original_due_on: date
    missed_due_on: date | None = None
    # Whose levels of the ladder it stands on: those of the clock that starts after this day. Not stored.
    climbed_by: date | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The referral that a step answers; `voided` where it was addressed wrongly and its delay counts for nobody."""

    id: UUID
    by: int
    days_late: int
    status: str = "answered"


@dataclass(frozen=True, slots=True)
class Moved:
    """The open referral whose due day a step moves."""

    id: UUID
    due_on: date
    due_at: datetime
    paused_days: int
    rule: Mapping[str, Any]
    clock_from: date
    missed_due_on: date | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document joined to the casefile by a step."""

    document: UUID
    salt: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """Everything one step writes. `agency_*` are primary keys; `seq` 1 creates the casefile."""

    casefile: UUID
    number: str
    finding: UUID
    seq: int
    name: str
    from_state: str
    state: str
    came_from: str
    outcome: str
    mandate: int | None
    submitter: int
    examiner: int
    employer: int | None
    addressee: int | None
    election: str
    forms: tuple[str, ...]
    violation_class: str
    overdue_level: int
    data_block: str
    legal_hold: bool
    open_referral: UUID | None
    created_at: datetime
    party: str
    agency: int
    client: str
    user: int | None
    occurred_at: datetime
    recorded_at: datetime
    legal_basis: str
    request_id: UUID
    sealed: Sealed
    facts: CaseFile
    facts_salt: bytes
    given: dict[str, Any]
    given_salt: bytes
    nip: str
    name_key: str
    reference_keys: tuple[str, ...]
    opens: Opened | None
    answers: Answered | None
    voided: tuple[UUID, ...]
    moves: Moved | None
    attachments: tuple[Attachment, ...]
    sees: tuple[int, ...]
    unsees: tuple[int, ...]
    forgets: bool


CASEFILE = (
    "number, version, state, came_from, outcome, election, forms, violation_class, overdue_level, data_block, "
    "legal_hold, created_at, updated_at, addressee_id, employer_id, examiner_id, mandate_id, submitter_id, finding_id, "
    "open_referral_id"
)

WRITE = f"""
WITH step AS MATERIALIZED (
    SELECT *, ARRAY(SELECT jsonb_array_elements_text(forms)) AS form_codes,
        ARRAY(SELECT jsonb_array_elements_text(audience)::bigint) AS audience_ids
    FROM jsonb_to_recordset(%(steps)s::jsonb) AS s(
        casefile uuid, number text, finding uuid, seq int, name text, from_state text, state text, came_from text,
        outcome text, mandate bigint, submitter bigint, examiner bigint, employer bigint, addressee bigint,
        election text, forms jsonb, violation_class text, overdue_level int, data_block text, legal_hold bool,
        open_referral uuid, created_at timestamptz, party text, agency bigint, client text, "user" bigint,
        occurred_at timestamptz, recorded_at timestamptz, legal_basis text, request_id uuid, entry uuid, leaf text,
        body text, audience jsonb, facts jsonb, facts_salt text, given jsonb, given_salt text, nip text, name_key text,
        reference_keys jsonb,
        opens jsonb, answers jsonb, voided jsonb, moves jsonb, attachments jsonb, sees jsonb, unsees jsonb, forgets bool
    )
), entry AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at)
    SELECT entry, casefile, seq, decode(leaf, 'hex'), convert_to(body, 'UTF8'), audience_ids, recorded_at
    FROM step RETURNING id, stream
), pending AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM entry
), created AS (
    INSERT INTO casefiles_casefile (id, {CASEFILE})
    SELECT casefile, number, seq, state, came_from, outcome, election, form_codes, violation_class, overdue_level,
        data_block, legal_hold, created_at, recorded_at, addressee, employer, examiner, mandate, submitter, finding,
        open_referral
    FROM step WHERE seq = 1 RETURNING id, {CASEFILE}
), changed AS (
    UPDATE casefiles_casefile c SET
        version = s.seq, state = s.state, came_from = s.came_from, outcome = s.outcome, forms = s.form_codes,
        violation_class = s.violation_class, overdue_level = s.overdue_level, data_block = s.data_block,
        legal_hold = s.legal_hold, updated_at = s.recorded_at, addressee_id = s.addressee, employer_id = s.employer,
        examiner_id = s.examiner, mandate_id = s.mandate, submitter_id = s.submitter,
        open_referral_id = s.open_referral
    FROM step s WHERE c.id = s.casefile AND s.seq > 1 AND c.version = s.seq - 1
    RETURNING c.id, {", ".join("c." + column.strip() for column in CASEFILE.split(","))}
), history AS (
    INSERT INTO casefiles_historicalcasefile (id, {CASEFILE}, history_date, history_change_reason, history_type,
        history_user_id, step_transition, step_agency, step_client, step_request)
    SELECT w.*, s.recorded_at, NULL, CASE WHEN s.seq = 1 THEN '+' ELSE '~' END, s."user", s.name, s.agency, s.client,
        s.request_id
    FROM (SELECT * FROM created UNION ALL SELECT * FROM changed) w JOIN step s ON s.casefile = w.id
    RETURNING 1
), transition AS (
    INSERT INTO casefiles_transition (casefile_id, seq, name, from_state, to_state, party, agency_id, client,
        occurred_at, recorded_at, legal_basis, request_id, entry_id)
    SELECT s.casefile, s.seq, s.name, s.from_state, s.state, s.party, s.agency, s.client, s.occurred_at, s.recorded_at,
        s.legal_basis, s.request_id, e.id
    FROM step s JOIN entry e ON e.stream = s.casefile
), payload AS (
    INSERT INTO casefiles_payload (casefile_id, seq, given, given_salt, facts, facts_salt, attachments, nip, name_key,
        reference_keys, created_at)
    SELECT casefile, seq, given, decode(given_salt, 'hex'), facts, decode(facts_salt, 'hex'), attachments, nip,
        name_key, ARRAY(SELECT jsonb_array_elements_text(reference_keys)), recorded_at
    FROM step
), answered AS (
    UPDATE casefiles_referral r SET status = s.answers->>'status', answered_at = s.occurred_at, answered_seq = s.seq,
        answered_by_id = (s.answers->>'by')::bigint, answered_with = s.name,
        days_late = (s.answers->>'days_late')::int
    FROM step s WHERE s.answers IS NOT NULL AND r.id = (s.answers->>'id')::uuid AND r.status = 'open'
    RETURNING r.casefile_id
), opened AS (
    -- The count makes PostgreSQL answer the old referral before the new one meets the unique index.
    INSERT INTO casefiles_referral (id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at,
        opened_seq, clock_from, due_on, due_at, time_zone, rule, continues_id, answered_with, days_late, paused_days,
        original_due_on, missed_due_on)
    SELECT (o->>'id')::uuid, s.casefile, o->>'purpose', o->>'party', (o->>'from_agency')::bigint,
        (o->>'to_agency')::bigint, 'open', s.occurred_at, s.seq, (o->>'clock_from')::date, (o->>'due_on')::date,
        (o->>'due_at')::timestamptz, o->>'time_zone', o->'rule', (o->>'continues')::uuid, '', 0, 0,
        (o->>'original_due_on')::date, (o->>'missed_due_on')::date
    FROM step s CROSS JOIN LATERAL (SELECT s.opens AS o) x
    WHERE s.opens IS NOT NULL AND (SELECT count(*) FROM answered) >= 0
), voided AS (
    UPDATE casefiles_referral r SET status = 'voided', days_late = 0
    FROM step s CROSS JOIN LATERAL jsonb_array_elements_text(s.voided) v
    WHERE r.id = v::uuid AND r.casefile_id = s.casefile AND r.status = 'answered'
), moved AS (
    UPDATE casefiles_referral r SET due_on = (s.moves->>'due_on')::date, due_at = (s.moves->>'due_at')::timestamptz,
        paused_days = r.paused_days + (s.moves->>'paused_days')::int, rule = s.moves->'rule',
        clock_from = (s.moves->>'clock_from')::date, missed_due_on = (s.moves->>'missed_due_on')::date
    FROM step s WHERE s.moves IS NOT NULL AND r.id = (s.moves->>'id')::uuid AND r.status = 'open'
), attached AS (
    INSERT INTO casefiles_attachment (document_id, casefile_id, seq)
    SELECT (a->>'document')::uuid, s.casefile, s.seq
    FROM step s CROSS JOIN LATERAL jsonb_array_elements(s.attachments) a
), seen AS (
    INSERT INTO casefiles_casefilegrant (content_object_id, agency_id, group_id, permission_id, from_entry_id)
    SELECT s.casefile, a.id, a.group_id, (
        SELECT p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE t.app_label = 'casefiles' AND t.model = 'casefile' AND p.codename = 'view_casefile'
    ), e.id
    FROM step s JOIN entry e ON e.stream = s.casefile CROSS JOIN LATERAL jsonb_array_elements_text(s.sees) v
    JOIN agencies_agency a ON a.id = v::bigint
), unseen AS (
    UPDATE casefiles_casefilegrant g SET until_entry_id = e.id, reads_on = NOT s.forgets
    FROM step s JOIN entry e ON e.stream = s.casefile CROSS JOIN LATERAL jsonb_array_elements_text(s.unsees) v
    WHERE g.content_object_id = s.casefile AND g.agency_id = v::bigint AND g.until_entry_id IS NULL
)
SELECT count(*) FROM history
"""  # noqa: S608 - composed of constants only


class WriteConflict(RuntimeError):
    """A casefile was not where the step expected it, although it was locked: a fault of ours, never the caller's."""


def write(steps: tuple[Step, ...]) -> None:
    """Store the steps (of different casefiles) in one statement. Raises `WriteConflict` if one found no place."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE, {"steps": orjson.dumps([_row(step) for step in steps]).decode()})
        row = cursor.fetchone()
    if row is None or row[0] != len(steps):
        raise WriteConflict(f"{row and row[0]} of {len(steps)} steps were stored")


def _row(step: Step) -> dict[str, Any]:
    return {
        "casefile": step.casefile,
        "number": step.number,
        "finding": step.finding,
        "seq": step.seq,
        "name": step.name,
        "from_state": step.from_state,
        "state": step.state,
        "came_from": step.came_from,
        "outcome": step.outcome,
        "mandate": step.mandate,
        "submitter": step.submitter,
        "examiner": step.examiner,
        "employer": step.employer,
        "addressee": step.addressee,
        "election": step.election,
        "forms": step.forms,
        "violation_class": step.violation_class,
        "overdue_level": step.overdue_level,
        "data_block": step.data_block,
        "legal_hold": step.legal_hold,
        "open_referral": step.open_referral,
        "created_at": step.created_at,
        "party": step.party,
        "agency": step.agency,
        "client": step.client,
        "user": step.user,
        "occurred_at": step.occurred_at,
        "recorded_at": step.recorded_at,
        "legal_basis": step.legal_basis,
        "request_id": step.request_id,
        "entry": step.sealed.uuid,
        "leaf": step.sealed.leaf_hash.hex(),
        "body": step.sealed.body.decode(),
        "audience": step.sealed.audience,
        "facts": step.facts,
        "facts_salt": step.facts_salt.hex(),
        "given": step.given,
        "given_salt": step.given_salt.hex(),
        "nip": step.nip,
        "name_key": step.name_key,
        "reference_keys": step.reference_keys,
        "opens": _opens(step.opens),
        "answers": {
            "id": step.answers.id,
            "by": step.answers.by,
            "days_late": step.answers.days_late,
            "status": step.answers.status,
        }
        if step.answers
        else None,
        "voided": step.voided,
        "moves": {
            "id": step.moves.id,
            "due_on": step.moves.due_on,
            "due_at": step.moves.due_at,
            "paused_days": step.moves.paused_days,
            "rule": step.moves.rule,
            "clock_from": step.moves.clock_from,
            "missed_due_on": step.moves.missed_due_on,
        }
        if step.moves
        else None,
        "attachments": [{"document": item.document, "salt": item.salt.hex()} for item in step.attachments],
        "sees": step.sees,
        "unsees": step.unsees,
        "forgets": step.forgets,
    }


def _opens(opens: Opened | None) -> dict[str, Any] | None:
    if opens is None:
        return None
    return {
        "id": opens.id,
        "purpose": opens.purpose,
        "party": opens.party,
        "from_agency": opens.from_agency,
        "to_agency": opens.to_agency,
        "clock_from": opens.clock_from,
        "due_on": opens.due_on,
        "due_at": opens.due_at,
        "time_zone": opens.time_zone,
        "rule": opens.rule,
        "continues": opens.continues,
        "original_due_on": opens.original_due_on,
        "missed_due_on": opens.missed_due_on,
    }
