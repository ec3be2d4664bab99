"""The third step of `perform`: one statement stores a step whole, or nothing of it, as a part of its unit of work.

Casefile row, history row, transition, payload, entry and its pending row, the referral answered and the one opened,
attachments, sight given and ended. One step or a hundred (a finding with many subjects) go the same way.
`tests/casefiles/transitions/test_writing.py` proves that the history rows equal what simple-history itself would write.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from casefiles.identifiers import rekeyed
from casefiles.names import name_key
from casefiles.transitions import columns
from casefiles.transitions.unit import Part, Unit, statement
from casefiles.transitions.values import Step

# What a statement is told of each step beside the columns of its casefile.
BESIDE: Final = {
    "name": "text",
    "from_state": "text",
    "party": "text",
    "agency": "bigint",
    "client": "text",
    "history_user": "bigint",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "legal_basis": "text",
    "request_id": "uuid",
    "entry": "uuid",
    "leaf": "text",
    "body": "text",
    "caller_request_id": "text",
    "audience": "bigint[]",
    "facts": "jsonb",
    "facts_salt": "text",
    "given": "jsonb",
    "given_salt": "text",
    "nip": "text",
    "name_key": "text",
    "reference_keys": "text[]",
    "opens": "jsonb",
    "answers": "jsonb",
    "voided": "jsonb",
    "moves": "jsonb",
    "rings": "jsonb",
    "attachments": "jsonb",
    "sees": "jsonb",
    "unsees": "jsonb",
    "forgets": "bool",
}
_TOLD = ", ".join(f"{name} {kind}" for name, kind in {**columns.IN_SQL, **BESIDE}.items())

STEPS: Final = f"""
step AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(steps)s::jsonb) AS s({_TOLD})
), entry AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at, caller_request_id)
    SELECT entry, id, version, decode(leaf, 'hex'), convert_to(body, 'UTF8'), audience, recorded_at, caller_request_id
    FROM step RETURNING id, stream
), pending AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM entry
), created AS (
    INSERT INTO casefiles_casefile ({columns.listed()})
    SELECT {columns.listed()} FROM step WHERE version = 1 RETURNING {columns.listed()}
), changed AS (
    UPDATE casefiles_casefile c SET {columns.changed("s.")}
    FROM step s WHERE c.id = s.id AND s.version > 1 AND c.version = s.version - 1
    RETURNING {columns.listed("c.")}
), history AS (
    INSERT INTO casefiles_historicalcasefile ({columns.listed()}, history_date, history_change_reason, history_type,
        history_user_id, step_transition, step_agency, step_client, step_request)
    SELECT w.*, s.recorded_at, NULL, CASE WHEN s.version = 1 THEN '+' ELSE '~' END, s.history_user, s.name, s.agency,
        s.client, s.request_id
    FROM (SELECT * FROM created UNION ALL SELECT * FROM changed) w JOIN step s ON s.id = w.id
    RETURNING 1
), transition AS (
    INSERT INTO casefiles_transition (casefile_id, seq, name, from_state, to_state, party, agency_id, client,
        occurred_at, recorded_at, legal_basis, request_id, entry_id)
    SELECT s.id, s.version, s.name, s.from_state, s.state, s.party, s.agency, s.client, s.occurred_at, s.recorded_at,
        s.legal_basis, s.request_id, e.id
    FROM step s JOIN entry e ON e.stream = s.id
), payload AS (
    INSERT INTO casefiles_payload (casefile_id, seq, given, given_salt, facts, facts_salt, attachments, nip, name_key,
        reference_keys, created_at)
    SELECT id, version, given, decode(given_salt, 'hex'), facts, decode(facts_salt, 'hex'), attachments, nip,
        name_key, reference_keys, recorded_at
    FROM step
), answered AS (
    UPDATE casefiles_referral r SET status = s.answers->>'status', answered_at = s.occurred_at,
        answered_seq = s.version, answered_by_id = (s.answers->>'by')::bigint, answered_with = s.name,
        days_late = (s.answers->>'days_late')::int
    FROM step s WHERE s.answers IS NOT NULL AND r.id = (s.answers->>'id')::uuid AND r.status = 'open'
    RETURNING r.casefile_id
), opened AS (
    -- The count makes PostgreSQL answer the old referral before the new one meets the unique index.
    INSERT INTO casefiles_referral (id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at,
        opened_seq, clock_from, due_on, due_at, time_zone, rule, continues_id, answered_with, days_late, paused_days,
        original_due_on, missed_due_on, clock_at, clock_law)
    SELECT (o->>'id')::uuid, s.id, o->>'purpose', o->>'party', (o->>'from_agency')::bigint,
        (o->>'to_agency')::bigint, 'open', s.occurred_at, s.version, (o->>'clock_from')::date, (o->>'due_on')::date,
        (o->>'due_at')::timestamptz, o->>'time_zone', o->'rule', (o->>'continues')::uuid, '', 0, 0,
        (o->>'original_due_on')::date, (o->>'missed_due_on')::date, (s.rings->>'at')::timestamptz, s.rings->>'law'
    FROM step s CROSS JOIN LATERAL (SELECT s.opens AS o) x
    WHERE s.opens IS NOT NULL AND (SELECT count(*) FROM answered) >= 0
), voided AS (
    UPDATE casefiles_referral r SET status = 'voided', days_late = 0
    FROM step s CROSS JOIN LATERAL jsonb_array_elements_text(s.voided) v
    WHERE r.id = v::uuid AND r.casefile_id = s.id AND r.status = 'answered'
), moved AS (
    UPDATE casefiles_referral r SET due_on = (s.moves->>'due_on')::date, due_at = (s.moves->>'due_at')::timestamptz,
        paused_days = r.paused_days + (s.moves->>'paused_days')::int, rule = s.moves->'rule',
        clock_from = (s.moves->>'clock_from')::date, missed_due_on = (s.moves->>'missed_due_on')::date,
        clock_at = CASE WHEN s.rings IS NULL THEN r.clock_at ELSE (s.rings->>'at')::timestamptz END,
        clock_law = coalesce(s.rings->>'law', r.clock_law)
    FROM step s WHERE s.moves IS NOT NULL AND r.id = (s.moves->>'id')::uuid AND r.status = 'open'
), rung AS (
    UPDATE casefiles_referral r SET clock_at = (s.rings->>'at')::timestamptz, clock_law = s.rings->>'law'
    FROM step s
    WHERE s.rings IS NOT NULL AND s.moves IS NULL AND s.opens IS NULL AND r.id = (s.rings->>'id')::uuid
        AND r.status = 'open'
), attached AS (
    INSERT INTO casefiles_attachment (document_id, casefile_id, seq)
    SELECT (a->>'document')::uuid, s.id, s.version
    FROM step s CROSS JOIN LATERAL jsonb_array_elements(s.attachments) a
), seen AS (
    INSERT INTO casefiles_casefilegrant (content_object_id, agency_id, group_id, permission_id, from_entry_id)
    SELECT s.id, a.id, a.group_id, (
        SELECT p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE t.app_label = 'casefiles' AND t.model = 'casefile' AND p.codename = 'view_casefile'
    ), e.id
    FROM step s JOIN entry e ON e.stream = s.id CROSS JOIN LATERAL jsonb_array_elements_text(s.sees) v
    JOIN agencies_agency a ON a.id = v::bigint
), unseen AS (
    UPDATE casefiles_casefilegrant g SET until_entry_id = e.id, reads_on = NOT s.forgets
    FROM step s JOIN entry e ON e.stream = s.id CROSS JOIN LATERAL jsonb_array_elements_text(s.unsees) v
    WHERE g.content_object_id = s.id AND g.agency_id = v::bigint AND g.until_entry_id IS NULL
)
"""  # noqa: S608 - composed of constants only


SAYS: Final = "(SELECT count(*) FROM history)"
WRITE: Final = statement(((STEPS, SAYS),))
"""Steps that are all there is to store."""


class WriteConflict(RuntimeError):
    """A casefile was not where the step expected it, although it was locked: a fault of ours, never the caller's."""


def stored(steps: tuple[Step, ...]) -> Part:
    """The steps (of different casefiles) as a part of a unit; its check raises `WriteConflict` if one has no place."""

    def check(count: int) -> None:
        if count != len(steps):
            raise WriteConflict(f"{count} of {len(steps)} steps were stored")

    return Part(STEPS, SAYS, {"steps": orjson.dumps([_row(step) for step in steps]).decode()}, check)


def write(steps: tuple[Step, ...]) -> None:
    """Store the steps in a statement of their own. Raises `WriteConflict`."""
    unit = Unit()
    unit.store(stored(steps))
    unit.write()


def _row(step: Step) -> dict[str, Any]:
    act, turn, sight, subject = step.act, step.turn, step.sight, step.facts["subject"]
    return {
        **columns.stored(step.columns),
        "name": act.row.name,
        "from_state": step.from_state,
        "party": act.party,
        "agency": act.actor.agency_id,
        "client": act.actor.client_id,
        "history_user": act.actor.user_pk,
        "occurred_at": act.moment,
        "recorded_at": act.now,
        "legal_basis": act.row.article,
        "request_id": act.request.id,
        "entry": step.sealed.uuid,
        "leaf": step.sealed.leaf_hash.hex(),
        "body": step.sealed.body.decode(),
        "caller_request_id": step.sealed.caller_request_id,
        "audience": step.sealed.audience,
        "facts": step.facts,
        "facts_salt": step.facts_salt.hex(),
        "given": step.given,
        "given_salt": step.given_salt.hex(),
        "nip": subject.get("nip") or "",
        "name_key": name_key(subject.get("name") or ""),
        "reference_keys": rekeyed(step.facts.get("reference_keys", ())),
        # Members that the statement does not ask for are not stored.
        "opens": turn.opens,
        "answers": turn.answers,
        "voided": turn.voided,
        "moves": turn.moves,
        "rings": turn.rings,
        "attachments": [{"document": item.document, "salt": item.salt.hex()} for item in step.attachments],
        "sees": [agency.pk for agency in sight.sees],
        "unsees": [agency.pk for agency in sight.unsees],
        "forgets": sight.forgets,
    }
