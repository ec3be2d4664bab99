"""A register of any size, made of a few cases that walked the real API: every copy is sound.

The walked cases become templates: their canonical texts with holes for whatever is a case's own (ids, number, office,
employer, name, digests). PostgreSQL fills the holes for all copies at once, hashes leaves and commitments, and chains
the entries, so a copy passes every check that a walked case passes. What is left out: kept answers, idempotency rows
and reading records of the past.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from audit.ledger import canonical
from benchmarks import walk, world
from benchmarks.spread import (
    CALLING_OFFICES,
    DEPTHS,
    PATHS,
    TRANSITION_TARGETS,
    busy_until,
    employer,
    name_of_copy,
    nip_of_copy,
    office,
    padded,
    rank_of_employer,
    rank_of_office,
    share,
)
from casefiles.models import Casefile
from casefiles.transitions import write

# The holes that all texts of a case share, in this order (the first nine are in `_CASES`); then come those of one step.
REFERRALS_FROM, MOST_REFERRALS = 10, 8
DOCUMENTS_FROM, MOST_DOCUMENTS = REFERRALS_FROM + MOST_REFERRALS, 3
STEP_FROM = DOCUMENTS_FROM + MOST_DOCUMENTS
STEP = {name: STEP_FROM + n for n, name in enumerate(("entry", "request", "prev", "before", "after", "payload"))}
ATTACHED_FROM = STEP_FROM + len(STEP)

LOT = 5_000

HEAVY = (
    "audit_entry", "audit_pending", "casefiles_finding", "casefiles_casefile", "casefiles_historicalcasefile",
    "casefiles_referral", "casefiles_transition", "casefiles_document", "casefiles_attachment", "casefiles_payload",
    "casefiles_casefilegrant",
)  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A walked case: its id, and how many of a hundred copies are made of it."""

    casefile: str
    share: float


def seed(*, casefiles: int, now: datetime, callers_seed: int = 7) -> dict[str, Any]:
    """Fill an empty migrated database; returns the plan of requests for the load generator. Needs the owner's role."""
    made = world.build(casefiles=casefiles, now=now)
    walker = walk.Walker(made.tokens)
    templates = [
        Template(walker.walk(era, steps=steps, week=week), share(steps))
        for steps in DEPTHS
        for era in walk.ERAS
        for week in (0, 1)
    ]
    multiply(templates, copies=casefiles - len(templates), offices=made.offices, employers=made.employers)
    assert Casefile.objects.count() == casefiles
    return plan(walker, made, random.Random(callers_seed))


# -- multiplying ------------------------------------------------------------------------------------------------------


def multiply(templates: Sequence[Template], *, copies: int, offices: int, employers: int) -> None:
    """Make that many copies of the walked cases, in one transaction, then VACUUM ANALYZE."""
    with transaction.atomic(), world.cursor() as cursor, bare_tables(cursor, HEAVY):
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(
            "CREATE TEMP TABLE seed_template (n int, casefile uuid, upto float8);"
            "CREATE TEMP TABLE seed_text (casefile uuid, seq int, facts text, given text, body text, digests jsonb);"
            "CREATE TEMP TABLE seed_finding (casefile uuid, given text);"
            "CREATE TEMP TABLE seed_referral AS SELECT id, casefile_id,"
            " row_number() OVER (PARTITION BY casefile_id ORDER BY opened_seq) AS n FROM casefiles_referral;"
            "CREATE TEMP TABLE seed_document AS SELECT document_id, casefile_id, seq,"
            " row_number() OVER (PARTITION BY casefile_id ORDER BY seq) AS n FROM casefiles_attachment"
        )
        upto = 0.0
        for n, template in enumerate(templates):
            upto += template.share
            cursor.execute("INSERT INTO seed_template VALUES (%s, %s, %s)", [n, template.casefile, upto])
            _read_texts(cursor, template.casefile)
        cursor.execute(
            _CASES, {"copies": copies, "offices": offices, "employers": employers, "busy": busy_until(copies)}
        )
        cursor.execute("CREATE INDEX ON seed_case (i); ANALYZE seed_case; ANALYZE seed_text")
        cursor.execute(_FINDINGS)
        cursor.execute("SELECT max(seq) FROM seed_text")
        for seq in range(1, cursor.fetchone()[0] + 1):
            # In lots that fit into memory; a hundred thousand at once would go through temporary files.
            for first in range(1, copies + 1, LOT):
                cursor.execute(_STEP, {"seq": seq, "first": first, "last": first + LOT - 1})
            cursor.execute("ANALYZE seed_chain")
        cursor.execute(_ROWS)
        cursor.execute("SELECT setval('casefiles_number', (SELECT max(number) FROM seed_case) + 1)")
        cursor.execute(
            "DROP TABLE seed_case, seed_chain, seed_template, seed_text, seed_finding, seed_referral, seed_document"
        )
    with world.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


@contextmanager
def bare_tables(cursor: Any, tables: Sequence[str], *, keys: bool = False) -> Iterator[None]:
    """Take foreign keys, secondary indexes and our own triggers away, and put them back when the rows are in.

    With `keys` primary keys and unique constraints too, and whatever refers to them.
    """
    cursor.execute(
        """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
            format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
            CASE contype WHEN 'f' THEN 0 ELSE 1 END AS turn
        FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%(tables)s::regclass[])
            OR %(keys)s AND (contype IN ('p', 'u') AND conrelid = ANY(%(tables)s::regclass[])
                OR contype = 'f' AND confrelid = ANY(%(tables)s::regclass[]))
        UNION ALL
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid), 2 FROM pg_index i
        WHERE indrelid = ANY(%(tables)s::regclass[])
            AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
        UNION ALL
        SELECT format('ALTER TABLE %%s DISABLE TRIGGER %%I', tgrelid::regclass, tgname),
            format('ALTER TABLE %%s ENABLE %%s TRIGGER %%I', tgrelid::regclass,
                CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, tgname), 3
        FROM pg_trigger WHERE tgrelid = ANY(%(tables)s::regclass[]) AND NOT tgisinternal AND tgenabled IN ('O', 'A')
        ORDER BY turn
        """,
        {"tables": list(tables), "keys": keys},
    )
    found = cursor.fetchall()
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for away, _, _ in found:
        cursor.execute(away)
    yield
    cursor.execute("SET maintenance_work_mem = '256MB'")
    for _, back, _ in reversed(found):
        cursor.execute(back)


def _read_texts(cursor: Any, casefile: str) -> None:
    """Store the canonical texts of a walked case with holes in place of whatever is its own."""
    cursor.execute(
        """
        SELECT c.finding_id::text, c.number, p.facts #>> '{finding,register_number}', f.id, f.given::text
        FROM casefiles_casefile c JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = 1
        JOIN casefiles_payload f ON f.finding_id = c.finding_id AND f.seq = 1 WHERE c.id = %s
        """,
        [casefile],
    )
    finding, number, register, _, finding_given = cursor.fetchone()
    holes = {
        casefile: 1, finding: 2, number: 3, "bawaslu-kota-padang": 4, "bawaslu-sumatera-barat": 5,
        "pemkot-padang": 6, register: 7, "Pegawai Contoh": 8, "198501012010011001": 9,
        # The number in the other system: each copy has one of its own, or all would be suspected duplicates.
        register.split("/", maxsplit=1)[0]: 3,
    }  # fmt: skip
    cursor.execute("SELECT id::text FROM casefiles_referral WHERE casefile_id = %s ORDER BY opened_seq", [casefile])
    referrals = [row[0] for row in cursor.fetchall()]
    cursor.execute("SELECT document_id::text FROM casefiles_attachment WHERE casefile_id = %s ORDER BY seq", [casefile])
    documents = [row[0] for row in cursor.fetchall()]
    if len(referrals) > MOST_REFERRALS or len(documents) > MOST_DOCUMENTS:
        raise ValueError("a template has more referrals or documents than there are holes for")
    holes |= {ident: REFERRALS_FROM + n for n, ident in enumerate(referrals)}
    holes |= {ident: DOCUMENTS_FROM + n for n, ident in enumerate(documents)}
    cursor.execute("INSERT INTO seed_finding VALUES (%s, %s)", [casefile, _holed(finding_given, holes)])
    cursor.execute(
        """
        SELECT p.seq, p.facts::text, p.given::text, p.attachments::text, convert_from(e.body, 'UTF8')
        FROM casefiles_payload p JOIN casefiles_transition t ON t.casefile_id = p.casefile_id AND t.seq = p.seq
        JOIN audit_entry e ON e.id = t.entry_id WHERE p.casefile_id = %s AND p.seq >= 1
        """,
        [casefile],
    )
    for seq, facts, given, attachments, body in cursor.fetchall():
        said = json.loads(body)
        own = {said["entry"]: STEP["entry"], said["request"]["id"]: STEP["request"]}
        own |= {said[name]: STEP[name] for name in ("prev", "before", "after", "payload") if said[name]}
        own |= {item["digest"]: ATTACHED_FROM + n for n, item in enumerate(said["attachments"])}
        named = {item["id"]: item["sha256"] for item in json.loads(facts)["documents"]}
        digests = [
            {"document": holes[item["document"]], "sha256": named[item["document"]]} for item in json.loads(attachments)
        ]
        cursor.execute(
            "INSERT INTO seed_text VALUES (%s, %s, %s, %s, %s, %s)",
            [
                casefile,
                seq,
                _holed(canonical(json.loads(facts)).decode(), holes),
                _holed(canonical(json.loads(given)).decode(), holes),
                _holed(body, {**holes, **own}),
                json.dumps(digests),
            ],
        )


def _holed(text: str, holes: Mapping[str, int]) -> str:
    """The text as a template for PostgreSQL's format(); longer values first, so that none hides in another."""
    text = text.replace("%", "%%")
    for value in sorted(holes, key=len, reverse=True):
        text = text.replace(value, f"%{holes[value]}$s")
    return text


_UUID7 = "(prefix || substr(gen_random_uuid()::text, 16))::uuid"

# Which case is made of which template, for which office and employer; the newest has the highest id and number.
_CASES = f"""
CREATE TEMP TABLE seed_case AS
WITH numbered AS (
    SELECT i, regexp_replace(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - (%(copies)s - i) * 50), 12, '0'),
            '(.{{8}})(.{{4}})', '\\1-\\2-7') AS prefix,
        (SELECT max(substr(number, 10)::int) FROM casefiles_casefile) + i AS number,
        (SELECT casefile FROM seed_template WHERE upto > (i * 61 %% 100) ORDER BY upto LIMIT 1) AS template
    FROM generate_series(1, %(copies)s) i
), placed AS (
    SELECT n.*, o.id AS office, o.group_id AS office_group, o.code AS office_code, p.id AS parent,
        p.group_id AS parent_group, p.code AS parent_code, e.id AS employer, e.group_id AS employer_group,
        e.code AS employer_code, {_UUID7} AS casefile, {_UUID7} AS finding,
        ARRAY(SELECT {_UUID7} FROM generate_series(1, {MOST_REFERRALS}) WHERE i > 0) AS referrals,
        ARRAY(SELECT {_UUID7} FROM generate_series(1, {MOST_DOCUMENTS}) WHERE i > 0) AS documents
    FROM numbered n
    JOIN agencies_agency o ON o.code = 'bawaslu-uji-' || {padded(rank_of_office("%(offices)s"), 3)}
    JOIN agencies_agency p ON p.id = o.parent_id
    JOIN agencies_agency e ON e.code = 'pemda-uji-' || {padded(rank_of_employer("%(employers)s"), 3)}
)
SELECT *, ARRAY[
    casefile::text, finding::text, 'LTS/' || extract(year FROM now()) || '/' || {padded("number", 6)},
    office_code, parent_code, employer_code, i || '/TM/PL/UJI/X/2024', {name_of_copy()},
    {nip_of_copy("%(busy)s")}] || referrals::text[] || documents::text[] AS args
FROM placed
"""

_FINDINGS = """
INSERT INTO casefiles_finding (id, office_id, register_number, register_key, source, election, mandate_id, known_on,
    registered_on, created_at)
SELECT s.finding, s.office, s.args[7], s.args[7], f.source, f.election, f.mandate_id, f.known_on, f.registered_on,
    f.created_at
FROM seed_case s JOIN casefiles_casefile c ON c.id = s.template JOIN casefiles_finding f ON f.id = c.finding_id;

INSERT INTO casefiles_payload (finding_id, seq, given, nip, name_key, created_at)
SELECT s.finding, 1, format(t.given, VARIADIC s.args)::jsonb, '', '', f.created_at
FROM seed_case s JOIN seed_finding t ON t.casefile = s.template JOIN casefiles_finding f ON f.id = s.finding;

CREATE TEMP TABLE seed_chain (i int, seq int, entry bigint, uuid uuid, request uuid, leaf bytea, after bytea);
CREATE INDEX ON seed_chain (i)
"""

# One step of every copy, in one statement: fill the holes, commit, seal, write.
_STEP = """
WITH texts AS MATERIALIZED (
    SELECT s.i, s.casefile, s.template, s.args, s.office, s.parent, s.employer, t.seq, t.body,
        format(t.facts, VARIADIC s.args) AS facts, format(t.given, VARIADIC s.args) AS given,
        gen_random_uuid() AS uuid, gen_random_uuid() AS request, b.leaf AS prev, b.after AS before,
        sha256(convert_to(s.casefile || ':facts:' || t.seq, 'UTF8')) AS facts_salt,
        sha256(convert_to(s.casefile || ':given:' || t.seq, 'UTF8')) AS given_salt,
        ARRAY(
            SELECT jsonb_build_object('document', s.args[(d->>'document')::int], 'salt', encode(salt, 'hex'),
                'digest', encode(sha256(salt || convert_to(format('{"document":"%%s","sha256":"%%s"}',
                    s.args[(d->>'document')::int], d->>'sha256'), 'UTF8')), 'hex'))
            FROM jsonb_array_elements(t.digests) WITH ORDINALITY x(d, n)
            CROSS JOIN LATERAL (SELECT sha256(convert_to(s.casefile || ':' || t.seq || ':' || n, 'UTF8')) AS salt) y
            ORDER BY n
        ) AS attached
    FROM seed_case s JOIN seed_text t ON t.casefile = s.template AND t.seq = %(seq)s
    LEFT JOIN seed_chain b ON b.i = s.i AND b.seq = t.seq - 1
    WHERE s.i BETWEEN %(first)s AND %(last)s
), committed AS MATERIALIZED (
    -- Read once: what is asked of it below would unpack the text again for each question.
    SELECT t.*, facts::jsonb AS stored, sha256(facts_salt || convert_to(facts, 'UTF8')) AS after,
        sha256(given_salt || convert_to(given, 'UTF8')) AS payload
    FROM texts t
), sealed AS MATERIALIZED (
    SELECT i, casefile, template, seq, uuid, request, after, office, parent, employer,
        convert_to(format(body, VARIADIC args || ARRAY[uuid::text, request::text, encode(prev, 'hex'),
            encode(before, 'hex'), encode(after, 'hex'), encode(payload, 'hex'),
            attached[1]->>'digest', attached[2]->>'digest', attached[3]->>'digest']), 'UTF8') AS body
    FROM committed
), entry AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at)
    SELECT n.uuid, n.casefile, n.seq, sha256('\\x00'::bytea || n.body), n.body, ARRAY(
            SELECT unnest(array_replace(array_replace(array_replace(e.audience, o.office, n.office),
                o.parent, n.parent), o.employer, n.employer)) ORDER BY 1
        ), e.recorded_at
    FROM sealed n JOIN (
        SELECT stream, audience, recorded_at FROM audit_entry
        WHERE seq = %(seq)s AND stream IN (SELECT casefile FROM seed_template)
    ) e ON e.stream = n.template
    CROSS JOIN (
        SELECT max(id) FILTER (WHERE code = 'bawaslu-kota-padang') AS office,
            max(id) FILTER (WHERE code = 'bawaslu-sumatera-barat') AS parent,
            max(id) FILTER (WHERE code = 'pemkot-padang') AS employer
        FROM agencies_agency
    ) o
    ORDER BY n.i RETURNING id, uuid, leaf_hash
), pending AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM entry
), chain AS (
    INSERT INTO seed_chain SELECT n.i, n.seq, e.id, n.uuid, n.request, e.leaf_hash, n.after
    FROM sealed n JOIN entry e USING (uuid)
)
INSERT INTO casefiles_payload (casefile_id, seq, given, given_salt, facts, facts_salt, attachments, nip, name_key,
    reference_keys, created_at)
SELECT n.casefile, n.seq, n.given::jsonb, n.given_salt, n.stored, n.facts_salt,
    coalesce((SELECT jsonb_agg(a - 'digest') FROM unnest(n.attached) a), '[]'),
    n.args[9], lower(n.args[8]), ARRAY(SELECT jsonb_array_elements_text(n.stored->'reference_keys')), p.created_at
FROM committed n JOIN (
    SELECT casefile_id, created_at FROM casefiles_payload
    WHERE seq = %(seq)s AND casefile_id IN (SELECT casefile FROM seed_template)
) p ON p.casefile_id = n.template
"""

_HIS = (
    "CASE {0} WHEN k.submitter_id THEN s.office WHEN k.employer THEN s.employer WHEN k.parent THEN s.parent "
    "ELSE {0} END"
)


def _mapped(column: str) -> str:
    """The copy's agency in place of the template's."""
    return _HIS.format(column)


_KNOWN = """
JOIN (
    SELECT c.*, p.parent_id AS parent, (SELECT id FROM agencies_agency WHERE code = 'pemkot-padang') AS employer
    FROM casefiles_casefile c JOIN agencies_agency p ON p.id = c.submitter_id
) k ON k.id = s.template
"""

_CASEFILE = """version, state, came_from, outcome, election, forms, violation_class, overdue_level, data_block,
    legal_hold, created_at, updated_at, mandate_id, examiner_id"""

# A copy's n-th referral or document stands for the template's n-th (`seed_referral`, `seed_document`).
_REFERRAL_OF = "s.referrals[(SELECT y.n FROM seed_referral y WHERE y.id = {0})]"
_DOCUMENT = "s.documents[a.n]"

_ROWS = f"""
INSERT INTO casefiles_document (id, owner_id, type, number, date, media_type, size, sha256, signature_status,
    evidence_kind, created_at)
SELECT {_DOCUMENT}, {_mapped("d.owner_id")}, d.type, d.number, d.date, d.media_type, d.size, d.sha256,
    d.signature_status, d.evidence_kind, d.created_at
FROM seed_case s {_KNOWN} JOIN seed_document a ON a.casefile_id = s.template
JOIN casefiles_document d ON d.id = a.document_id;

INSERT INTO casefiles_payload (document_id, seq, given, nip, name_key, created_at)
SELECT {_DOCUMENT}, 1, p.given, '', '', p.created_at
FROM seed_case s JOIN seed_document a ON a.casefile_id = s.template
JOIN casefiles_payload p ON p.document_id = a.document_id AND p.seq = 1;

INSERT INTO casefiles_attachment (document_id, casefile_id, seq)
SELECT {_DOCUMENT}, s.casefile, a.seq FROM seed_case s JOIN seed_document a ON a.casefile_id = s.template;

INSERT INTO casefiles_referral (id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at,
    opened_seq, clock_from, due_on, due_at, time_zone, rule, continues_id, answered_at, answered_seq, answered_by_id,
    answered_with, days_late, paused_days, original_due_on, missed_due_on, clock_at, clock_law)
SELECT s.referrals[y.n], s.casefile, r.purpose, r.party, {_mapped("r.from_agency_id")},
    {_mapped("r.to_agency_id")}, r.status, r.opened_at, r.opened_seq, r.clock_from, r.due_on, r.due_at, r.time_zone,
    r.rule, {_REFERRAL_OF.format("r.continues_id")}, r.answered_at, r.answered_seq, {_mapped("r.answered_by_id")},
    r.answered_with, r.days_late, r.paused_days, r.original_due_on, r.missed_due_on, r.clock_at, r.clock_law
FROM seed_case s {_KNOWN} JOIN seed_referral y ON y.casefile_id = s.template JOIN casefiles_referral r ON r.id = y.id;

INSERT INTO casefiles_casefile (id, number, finding_id, submitter_id, employer_id, addressee_id, open_referral_id,
    {_CASEFILE})
SELECT s.casefile, s.args[3], s.finding, s.office, {_mapped("c.employer_id")}, {_mapped("c.addressee_id")},
    {_REFERRAL_OF.format("c.open_referral_id")}, {", ".join("c." + name.strip() for name in _CASEFILE.split(","))}
FROM seed_case s {_KNOWN} JOIN casefiles_casefile c ON c.id = s.template;

INSERT INTO casefiles_historicalcasefile (id, number, finding_id, submitter_id, employer_id, addressee_id,
    open_referral_id, {_CASEFILE}, history_date, history_type, history_user_id, step_transition, step_agency,
    step_client, step_request)
SELECT s.casefile, s.args[3], s.finding, s.office, {_mapped("h.employer_id")}, {_mapped("h.addressee_id")},
    {_REFERRAL_OF.format("h.open_referral_id")}, {", ".join("h." + name.strip() for name in _CASEFILE.split(","))},
    h.history_date, h.history_type, h.history_user_id, h.step_transition, {_mapped("h.step_agency")}, h.step_client,
    n.request
FROM seed_case s {_KNOWN} JOIN casefiles_historicalcasefile h ON h.id = s.template
JOIN seed_chain n ON n.i = s.i AND n.seq = h.version;

INSERT INTO casefiles_transition (casefile_id, seq, name, from_state, to_state, party, agency_id, client, occurred_at,
    recorded_at, legal_basis, request_id, entry_id)
SELECT s.casefile, t.seq, t.name, t.from_state, t.to_state, t.party, {_mapped("t.agency_id")},
    replace(replace(t.client, 'bawaslu-kota-padang', s.office_code), 'pemkot-padang', s.employer_code),
    t.occurred_at, t.recorded_at, t.legal_basis, n.request, n.entry
FROM seed_case s {_KNOWN} JOIN casefiles_transition t ON t.casefile_id = s.template
JOIN seed_chain n ON n.i = s.i AND n.seq = t.seq;

INSERT INTO casefiles_casefilegrant (content_object_id, agency_id, group_id, permission_id, from_entry_id,
    until_entry_id)
SELECT s.casefile, m.id, m.group_id, g.permission_id, n.entry, u.entry
FROM seed_case s {_KNOWN} JOIN casefiles_casefilegrant g ON g.content_object_id = s.template
JOIN audit_entry f ON f.id = g.from_entry_id JOIN seed_chain n ON n.i = s.i AND n.seq = f.seq
LEFT JOIN audit_entry l ON l.id = g.until_entry_id LEFT JOIN seed_chain u ON u.i = s.i AND u.seq = l.seq
JOIN agencies_agency m ON m.id = {_mapped("g.agency_id")};
"""


# -- what the load generator is going to ask ---------------------------------------------------------------------------


def plan(walker: Any, made: Any, draw: random.Random) -> dict[str, Any]:
    """Requests to send: tokens, ids, versions and bodies. Bare PostgreSQL gets casefiles of its own to change."""
    examiner = walk.ERAS[1].examiner
    submitted = _ids(
        "SELECT c.id::text FROM casefiles_casefile c JOIN agencies_agency a ON a.id = c.examiner_id "
        "WHERE c.state = 'submitted' AND a.code = %s ORDER BY 1",
        [examiner],
    )
    # Each operation that moves casefiles has some of its own, and so has the counting of its statements.
    targets = draw.sample(submitted, min(len(submitted), 3 * PATHS * TRANSITION_TARGETS + 2))
    third = (len(targets) - 2) // 3
    offices = [office(number) for number in range(1, CALLING_OFFICES + 1)]
    seen = _rows(
        "SELECT c.id::text, a.code FROM casefiles_casefile c JOIN agencies_agency a ON a.id = c.submitter_id "
        "WHERE a.code = ANY(%s) ORDER BY 1",
        [offices],
    )
    draw.shuffle(seen)
    submits = []
    for number, caller in enumerate(offices):
        document = walker.document(caller)
        body = walk.finding(
            office=caller,
            employer=employer(1 + number % made.employers),
            register="REGISTER",
            document=document,
            era=walk.ERAS[1],
            day=walk.ERAS[1].begins,
        )
        submits.append({"token": made.tokens[caller], "body": body})
    return {
        "submit": submits,
        "transition": {
            "token": made.tokens[examiner],
            "employers": [employer(n) for n in range(1, made.employers + 1)],
            "casefiles": targets[:third],
            "bare": targets[third : 2 * third],
            "mixed": targets[2 * third : 3 * third],
            "probe": {"casefiles": targets[-1:], "mixed": targets[-2:-1]},
        },
        "read": [{"casefile": casefile, "office": code, "token": made.tokens[code]} for casefile, code in seen],
        "page": [{"examiner": era.examiner, "token": made.tokens[era.examiner]} for era in walk.ERAS],
        "busy": {"token": made.tokens[examiner], "casefiles": _busy(examiner)},
        "search": {
            "token": made.tokens[examiner],
            "employers": [employer(1), employer(made.employers), employer(made.employers // 2)],
            "names": [f"Pegawai Uji {number}" for number in range(1, 41)],
        },
        "templates": _templates(),
        "bare": captured(walker),
    }


def _busy(examiner: str) -> list[str]:
    """The casefiles of the officer of whom there are most, as far as that examiner has them."""
    return _ids(
        """
        SELECT c.id::text FROM casefiles_casefile c JOIN agencies_agency a ON a.id = c.examiner_id
        JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
        WHERE a.code = %s AND p.nip = (
            SELECT nip FROM casefiles_payload WHERE casefile_id IS NOT NULL AND nip <> '' AND seq = 1
            GROUP BY nip ORDER BY count(*) DESC, nip LIMIT 1
        ) ORDER BY 1
        """,
        [examiner],
    )


def captured(walker: Any) -> dict[str, Any]:
    """What a submit, a request-identity and a recall hand to the project's WRITE, for bare psycopg to repeat."""
    found: dict[str, Any] = {"write": write.WRITE.strip().removeprefix("WITH ")}
    steps: list[Any] = []

    def keep(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if isinstance(params, dict) and "steps" in params:
            steps.append(json.loads(params["steps"])[0])
        return execute(sql, params, many, context)

    era, register = walk.ERAS[1], "777/TM/PL/UJI/X/2024"
    document = walker.document(office(1))
    body = walk.finding(
        office=office(1), employer=employer(1), register=register, document=document, era=era, day=era.begins
    )
    with connection.execute_wrapper(keep):
        answers = {"submit": walker.post(office(1), "/findings", body)}
        path = f"/casefiles/{answers['submit']['casefiles'][0]['id']}"
        answers["request-identity"] = walker.post(
            era.examiner, f"{path}/request-identity", {"employer": employer(2)}, 1
        )
        answers["recall"] = walker.post(era.examiner, f"{path}/recall", {"reason": {"code": "no_answer"}}, 2)
    for (name, answer), step in zip(answers.items(), steps, strict=True):
        found[name] = {"step": step, "answer": json.dumps(answer)}
    return found


def _ids(sql: str, parameters: Iterable[Any]) -> list[str]:
    return [row[0] for row in _rows(sql, parameters)]


def _rows(sql: str, parameters: Iterable[Any] = ()) -> list[Any]:
    with world.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def _templates() -> list[dict[str, Any]]:
    """The walked cases as plain JSON, for the naive app to store the same content."""
    rows = _rows(
        """
        SELECT json_build_object('state', c.state, 'examiner', e.code, 'election', c.election, 'forms', c.forms,
            'violation_class', c.violation_class, 'steps', (
                SELECT json_agg(json_build_object('name', t.name, 'from', t.from_state, 'to', t.to_state,
                    'party', t.party, 'agency', a.code, 'given', p.given, 'facts', p.facts,
                    'occurred_at', t.occurred_at, 'body', convert_from(n.body, 'UTF8')) ORDER BY t.seq)
                FROM casefiles_transition t JOIN agencies_agency a ON a.id = t.agency_id
                JOIN casefiles_payload p ON p.casefile_id = t.casefile_id AND p.seq = t.seq
                JOIN audit_entry n ON n.id = t.entry_id WHERE t.casefile_id = c.id
            ), 'referrals', (
                SELECT json_agg(json_build_object('purpose', r.purpose, 'party', r.party, 'to', a.code,
                    'status', r.status, 'opened_seq', r.opened_seq, 'opened_at', r.opened_at, 'due_on', r.due_on,
                    'due_at', r.due_at, 'answered_at', r.answered_at, 'rule', r.rule) ORDER BY r.opened_seq)
                FROM casefiles_referral r JOIN agencies_agency a ON a.id = r.to_agency_id WHERE r.casefile_id = c.id
            ), 'documents', (SELECT count(*) FROM casefiles_attachment WHERE casefile_id = c.id),
            'sees', (
                SELECT json_agg(a.code) FROM casefiles_casefilegrant g JOIN agencies_agency a ON a.id = g.agency_id
                WHERE g.content_object_id = c.id AND g.until_entry_id IS NULL
            ))
        FROM casefiles_casefile c JOIN agencies_agency e ON e.id = c.examiner_id
        JOIN agencies_agency s ON s.id = c.submitter_id WHERE s.code = 'bawaslu-kota-padang' ORDER BY c.id
        """
    )
    return [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in rows]
