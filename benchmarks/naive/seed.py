"""The walked cases, multiplied into the naive tables: as many rows, versions and rights as ours holds."""

from __future__ import annotations

import json
import random
from typing import Any

import psycopg
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection, transaction

from benchmarks.spread import (
    CALLING_OFFICES,
    MOST_READ,
    PATHS,
    PROVINCES,
    TRANSITION_TARGETS,
    employer,
    office,
    offices_for,
    padded,
    rank_of_employer,
    rank_of_office,
)
from benchmarks.spread import share as share_of
from benchmarks.tables import bare_tables

LOT = 20_000
HEAVY = (
    "naive_finding", "naive_casefile", "naive_historicalcasefile", "naive_document", "naive_casefile_documents",
    "naive_referral", "naive_historicalreferral", "naive_auditentry", "naive_outbox", "naive_transition",
    "guardian_groupobjectpermission",
)  # fmt: skip
SANDBOX = ("bawaslu-ri", "kasn", "bkn", "bpk")


def seed(*, casefiles: int, templates: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the tables and fill them; returns the plan of requests. The database must be empty."""
    call_command("migrate", verbosity=0)
    connection.ensure_connection()
    sending = psycopg.ClientCursor(connection.connection)
    offices = offices_for(casefiles)
    sees = Permission.objects.get(codename="view_casefile")
    sending.execute(_AGENCIES, {"provinces": PROVINCES, "offices": offices, "sandbox": list(SANDBOX)})
    _templates(sending, templates, casefiles)
    given = {"casefiles": casefiles, "offices": offices, "permission": sees.pk, "type": sees.content_type_id}
    # Rows that a crash of the server would take are made again anyway.
    sending.execute("SET synchronous_commit = off; SET work_mem = '128MB'")
    with bare_tables(sending, HEAVY, keys=True):
        for first in range(1, casefiles + 1, LOT):
            with transaction.atomic():
                sending.execute(_LOT, {**given, "first": first, "last": min(first + LOT - 1, casefiles)})
    sending.execute("VACUUM (ANALYZE)")
    return _plan(sending, offices)


def _templates(sending: Any, templates: list[dict[str, Any]], casefiles: int) -> None:
    sending.execute(
        "CREATE TEMP TABLE seed_case (i int, n int, election text, id uuid, finding uuid, office bigint, parent bigint,"
        " employer bigint, at timestamptz);"
        "CREATE TEMP TABLE seed_template (n int, upto float8, said jsonb);"
        "CREATE TEMP TABLE seed_step (n int, seq int, name text, source text, target text, agency text,"
        " occurred_at timestamptz, given jsonb, facts jsonb, body jsonb, state text, examiner text)"
    )
    upto = 0.0
    for n, template in enumerate(templates):
        upto += share_of(len(template["steps"]), casefiles)
        said = {name: value for name, value in template.items() if name != "steps"}
        sending.execute("INSERT INTO seed_template VALUES (%s, %s, %s)", [n, upto, json.dumps(said)])
        for seq, step in enumerate(template["steps"], start=1):
            sending.execute(
                "INSERT INTO seed_step VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    n,
                    seq,
                    step["name"],
                    step["from"],
                    step["to"],
                    step["agency"],
                    step["occurred_at"],
                    json.dumps(step["given"]),
                    json.dumps(step["facts"]),
                    step["body"],
                    template["state"],
                    template["examiner"],
                ],
            )


_AGENCIES = """
CREATE TEMP TABLE seed_agency AS
SELECT code, role, parent FROM (
    SELECT unnest(%(sandbox)s::text[]) AS code, 'other' AS role, NULL AS parent
    UNION ALL SELECT 'bawaslu-prov-uji-' || lpad(i::text, 3, '0'), 'office', 'bawaslu-ri'
        FROM generate_series(1, %(provinces)s) i
    UNION ALL SELECT 'bawaslu-uji-' || lpad(i::text, 3, '0'), 'office',
        'bawaslu-prov-uji-' || lpad((1 + i %% %(provinces)s)::text, 3, '0') FROM generate_series(1, %(offices)s) i
    UNION ALL SELECT 'pemda-uji-' || lpad(i::text, 3, '0'), 'employer', NULL FROM generate_series(1, %(offices)s) i
) a;
INSERT INTO auth_group (name) SELECT code FROM seed_agency;
INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
SELECT code, '!', false, '', '', '', false, true, now() FROM seed_agency;
INSERT INTO auth_user_groups (user_id, group_id)
SELECT u.id, g.id FROM auth_user u JOIN auth_group g ON g.name = u.username;
INSERT INTO authtoken_token (key, created, user_id)
SELECT encode(sha256(convert_to(username, 'UTF8')), 'hex')::varchar(40), now(), id FROM auth_user
WHERE username <> 'AnonymousUser';
INSERT INTO naive_agency (code, name, roles, group_id, user_id)
SELECT a.code, 'Instansi uji ' || a.code, '[]', g.id, u.id
FROM seed_agency a JOIN auth_group g ON g.name = a.code JOIN auth_user u ON u.username = a.code;
UPDATE naive_agency n SET parent_id = p.id FROM seed_agency a JOIN naive_agency p ON p.code = a.parent
WHERE a.code = n.code
"""

# The template's agencies stand for the copy's own.
_AGENCY = """(CASE {0} WHEN 'bawaslu-kota-padang' THEN s.office WHEN 'bawaslu-sumatera-barat' THEN s.parent
    WHEN 'pemkot-padang' THEN s.employer ELSE (SELECT id FROM naive_agency WHERE code = {0}) END)"""

# A lot of cases; no statement reads what was stored before, so that a lot costs the same at any size.
_LOT = f"""
TRUNCATE seed_case;
INSERT INTO seed_case
SELECT i, t.n, t.said->>'election', gen_random_uuid(), gen_random_uuid(), o.id, o.parent_id, e.id,
    now() - (%(casefiles)s - i) * interval '50 ms'
FROM generate_series(%(first)s, %(last)s) i
CROSS JOIN LATERAL (SELECT * FROM seed_template WHERE upto > (i * 61 %% 100) ORDER BY upto LIMIT 1) t
JOIN naive_agency o ON o.code = 'bawaslu-uji-' || {padded(rank_of_office("%(offices)s"), 3)}
JOIN naive_agency e ON e.code = 'pemda-uji-' || {padded(rank_of_employer("%(offices)s"), 3)};
INSERT INTO naive_finding (id, office_id, register_number, source, election, known_on, registered_on, content,
    created_at)
SELECT s.finding, s.office, i || '/TM/PL/UJI', 'finding', s.election, '2024-10-02', '2024-10-03', p.given, at
FROM seed_case s JOIN seed_step p ON p.n = s.n AND p.seq = 1;
INSERT INTO naive_casefile (id, number, finding_id, version, state, submitter_id, examiner_id, employer_id,
    addressee_id, election, violation_class, facts, created_at, updated_at)
SELECT s.id, 'LTS/2026/' || {padded("i", 6)}, s.finding, p.seq, p.state, s.office, x.id, s.employer,
    CASE WHEN p.seq > 4 THEN s.employer END, s.election, 'ethics', p.facts, at, at
FROM seed_case s JOIN LATERAL (SELECT * FROM seed_step p WHERE p.n = s.n ORDER BY seq DESC LIMIT 1) p ON true
JOIN naive_agency x ON x.code = p.examiner;
INSERT INTO naive_historicalcasefile (id, number, finding_id, version, state, submitter_id, examiner_id, employer_id,
    addressee_id, election, violation_class, facts, created_at, updated_at, history_date, history_type, history_user_id)
SELECT s.id, 'LTS/2026/' || {padded("i", 6)}, s.finding, p.seq, p.target, s.office, x.id, s.employer,
    CASE WHEN p.seq > 4 THEN s.employer END, s.election, 'ethics', p.facts, at, at, at,
    CASE p.seq WHEN 1 THEN '+' ELSE '~' END, a.user_id
FROM seed_case s JOIN seed_step p ON p.n = s.n JOIN naive_agency x ON x.code = p.examiner
JOIN naive_agency a ON a.id = {_AGENCY.format("p.agency")};
WITH made AS (
    SELECT s.*, gen_random_uuid() AS document, k
    FROM seed_case s JOIN seed_template t ON t.n = s.n
    CROSS JOIN LATERAL generate_series(1, (t.said->>'documents')::int) k
), stored AS (
    INSERT INTO naive_document (id, owner_id, type, title, size, sha256, created_at)
    SELECT document, office, 'assessment', 'Kajian ' || i || '/' || k, 482113,
        encode(sha256(convert_to(i || '/' || k, 'UTF8')), 'hex'), at
    FROM made
)
INSERT INTO naive_casefile_documents (casefile_id, document_id) SELECT id, document FROM made;
WITH made AS (
    INSERT INTO naive_referral (id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at,
        opened_seq, due_on, due_at, rule, answered_at)
    SELECT gen_random_uuid(), s.id, r->>'purpose', r->>'party', s.office, {_AGENCY.format("(r->>'to')")}, r->>'status',
        (r->>'opened_at')::timestamptz, (r->>'opened_seq')::int, (r->>'due_on')::date, (r->>'due_at')::timestamptz,
        r->'rule', (r->>'answered_at')::timestamptz
    FROM seed_case s JOIN seed_template t ON t.n = s.n
    CROSS JOIN LATERAL jsonb_array_elements(t.said->'referrals') r
    RETURNING *
)
INSERT INTO naive_historicalreferral (id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at,
    opened_seq, due_on, due_at, rule, answered_at, history_date, history_type)
SELECT id, casefile_id, purpose, party, from_agency_id, to_agency_id, 'open', opened_at, opened_seq, due_on, due_at,
    rule, NULL::timestamptz, opened_at, '+' FROM made
UNION ALL
SELECT id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at, opened_seq, due_on, due_at,
    rule, answered_at, answered_at, '~' FROM made WHERE status <> 'open';
WITH made AS (
    INSERT INTO naive_auditentry (stream, seq, leaf_hash, previous, body, created_at)
    SELECT s.id, p.seq, encode(sha256(convert_to(s.id || '/' || p.seq, 'UTF8')), 'hex'),
        CASE p.seq WHEN 1 THEN '' ELSE encode(sha256(convert_to(s.id || '/' || p.seq - 1, 'UTF8')), 'hex') END, p.body,
        at
    FROM seed_case s JOIN seed_step p ON p.n = s.n
    RETURNING id, stream, seq
), waiting AS (
    INSERT INTO naive_outbox (entry_id) SELECT id FROM made
)
INSERT INTO naive_transition (casefile_id, seq, name, from_state, to_state, agency_id, given, occurred_at, recorded_at,
    entry_id)
SELECT s.id, p.seq, p.name, p.source, p.target, {_AGENCY.format("p.agency")}, p.given, p.occurred_at, at, e.id
FROM seed_case s JOIN seed_step p ON p.n = s.n JOIN made e ON e.stream = s.id AND e.seq = p.seq;
INSERT INTO guardian_groupobjectpermission (object_pk, content_type_id, group_id, permission_id)
SELECT DISTINCT s.id::text, %(type)s, a.group_id, %(permission)s
FROM seed_case s JOIN seed_template t ON t.n = s.n CROSS JOIN LATERAL jsonb_array_elements_text(t.said->'sees') c
JOIN naive_agency a ON a.id = {_AGENCY.format("c")}
"""


def _plan(sending: Any, offices: int) -> dict[str, Any]:
    draw = random.Random(7)

    def rows(sql: str, *parameters: Any) -> list[Any]:
        return list(sending.execute(sql, list(parameters)).fetchall())

    tokens = dict(rows("SELECT a.code, t.key FROM naive_agency a JOIN authtoken_token t ON t.user_id = a.user_id"))
    documents = dict(
        rows(
            "INSERT INTO naive_document (id, owner_id, type, title, size, sha256, created_at) "
            "SELECT gen_random_uuid(), a.id, 'assessment', 'Kajian', 482113, repeat('0', 64), now() "
            "FROM naive_agency a RETURNING (SELECT code FROM naive_agency x WHERE x.id = owner_id), id::text"
        )
    )
    callers = [office(number) for number in range(1, CALLING_OFFICES + 1)]
    submitted = [
        one
        for (one,) in rows(
            "SELECT c.id::text FROM naive_casefile c JOIN naive_agency a ON a.id = c.examiner_id "
            "WHERE c.state = 'submitted' AND a.code = 'bkn' ORDER BY 1"
        )
    ]
    seen = rows(
        "SELECT c.id::text, a.code FROM naive_casefile c JOIN naive_agency a ON a.id = c.submitter_id "
        "WHERE a.code = ANY(%s) ORDER BY 1",
        callers,
    )
    seen = draw.sample(seen, min(len(seen), MOST_READ))
    targets = draw.sample(submitted, min(len(submitted) // 2, PATHS * TRANSITION_TARGETS + 1))
    return {
        "submit": [
            {"token": tokens[code], "office": code, "document": documents[code], "employer": employer(1 + n % offices)}
            for n, code in enumerate(callers)
        ],
        "transition": {
            "token": tokens["bkn"],
            "employers": [employer(n) for n in range(1, offices + 1)],
            "casefiles": targets[:-1],
            "probe": {"casefiles": targets[-1:]},
        },
        "read": [{"casefile": one, "office": code, "token": tokens[code]} for one, code in seen],
        "page": [{"examiner": code, "token": tokens[code]} for code in ("kasn", "bkn")],
    }
