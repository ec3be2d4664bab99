"""The statements that make a lot of copies of walked cases, table by table; `multiplying.py` sends them.

They read temporary tables: `seed_…` says what the copies of the lot are, `walked_…` holds the rows of the walked cases.
None of them looks into a table that grows, so that a lot costs the same at any size.

The entries of copies wait in no queue and have no place in the tree: to whatever asks for the newest, they are of old.
"""

from benchmarks.spread import name_of_copy, nip_of_copy, padded, rank_of_employer, rank_of_office

# The holes that all texts of a case share, in this order (the first nine are in `CASES`); then come those of one step.
REFERRALS_FROM, MOST_REFERRALS = 10, 8
DOCUMENTS_FROM, MOST_DOCUMENTS = REFERRALS_FROM + MOST_REFERRALS, 3
STEP_FROM = DOCUMENTS_FROM + MOST_DOCUMENTS
STEP_HOLES = {name: STEP_FROM + n for n, name in enumerate(("entry", "request", "prev", "before", "after", "payload"))}
ATTACHED_FROM = STEP_FROM + len(STEP_HOLES)

# What was walked, before anything is copied.
WALKED = """
CREATE TEMP TABLE seed_template (casefile uuid, upto float8);
INSERT INTO seed_template SELECT * FROM unnest(%(templates)s::uuid[], %(upto)s::float8[]);
CREATE TEMP TABLE seed_text (casefile uuid, seq int, facts text, given text, body text, digests jsonb);
CREATE TEMP TABLE seed_finding (casefile uuid, given text);
CREATE TEMP TABLE walked_casefile AS SELECT * FROM casefiles_casefile WHERE id = ANY(%(templates)s::uuid[]);
CREATE TEMP TABLE walked_historicalcasefile AS
SELECT * FROM casefiles_historicalcasefile WHERE id = ANY(%(templates)s::uuid[]);
CREATE TEMP TABLE walked_finding AS
SELECT * FROM casefiles_finding WHERE id IN (SELECT finding_id FROM walked_casefile);
CREATE TEMP TABLE walked_referral AS SELECT * FROM casefiles_referral WHERE casefile_id = ANY(%(templates)s::uuid[]);
CREATE TEMP TABLE walked_transition AS
SELECT * FROM casefiles_transition WHERE casefile_id = ANY(%(templates)s::uuid[]);
CREATE TEMP TABLE walked_casefilegrant AS
SELECT * FROM casefiles_casefilegrant WHERE content_object_id = ANY(%(templates)s::uuid[]);
CREATE TEMP TABLE seed_referral AS
SELECT id, casefile_id, row_number() OVER (PARTITION BY casefile_id ORDER BY opened_seq) AS n FROM walked_referral;
CREATE TEMP TABLE seed_document AS
SELECT document_id, casefile_id, seq, row_number() OVER (PARTITION BY casefile_id ORDER BY seq) AS n
FROM casefiles_attachment WHERE casefile_id = ANY(%(templates)s::uuid[]);
CREATE TEMP TABLE walked_document AS
SELECT * FROM casefiles_document WHERE id IN (SELECT document_id FROM seed_document);
CREATE TEMP TABLE walked_payload AS SELECT * FROM casefiles_payload
WHERE casefile_id = ANY(%(templates)s::uuid[]) AND seq >= 1 OR document_id IN (SELECT document_id FROM seed_document);
CREATE TEMP TABLE walked_entry AS
SELECT id, stream, seq, audience, recorded_at FROM audit_entry WHERE stream = ANY(%(templates)s::uuid[]);
CREATE TEMP TABLE seed_case (i int, template uuid, casefile uuid, finding uuid, office bigint, office_code text,
    parent bigint, employer bigint, employer_code text, referrals uuid[], documents uuid[], args text[]);
CREATE TEMP TABLE seed_chain (i int, seq int, entry bigint, uuid uuid, request uuid, leaf bytea, after bytea)
"""


# PostgreSQL built without OpenSSL opens /dev/urandom for each random UUID, which is a tenth of all work; a digest of
# what the id is for is as good as a draw.
def _uuid7(what: str) -> str:
    """An id of the copy: its time, then a digest."""
    return f"overlay(overlay(md5(number || {what}) PLACING prefix FROM 1) PLACING '8' FROM 17)::uuid"


def _uuid4(what: str) -> str:
    """An id that says nothing of its time."""
    return f"overlay(overlay(md5({what}) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid"


# Which case is made of which template, for which office and employer; the newest has the highest id and number.
CASES = f"""
INSERT INTO seed_case
WITH numbered AS (
    SELECT i, lpad(to_hex((extract(epoch FROM %(now)s::timestamptz) * 1000)::bigint - (%(copies)s - i) * 50), 12, '0')
            || '7' AS prefix,
        %(numbered_from)s - 1 + i AS number,
        (SELECT casefile FROM seed_template WHERE upto > (i * 61 %% 100) ORDER BY upto LIMIT 1) AS template
    FROM generate_series(%(first)s, %(last)s) i
), placed AS (
    SELECT n.*, o.id AS office, o.code AS office_code, p.id AS parent, p.code AS parent_code,
        e.id AS employer, e.code AS employer_code, {_uuid7("'casefile'")} AS casefile, {_uuid7("'finding'")} AS finding,
        ARRAY(SELECT {_uuid7("'referral' || k")} FROM generate_series(1, {MOST_REFERRALS}) k) AS referrals,
        ARRAY(SELECT {_uuid7("'document' || k")} FROM generate_series(1, {MOST_DOCUMENTS}) k) AS documents
    FROM numbered n
    JOIN agencies_agency o ON o.code = 'bawaslu-uji-' || {padded(rank_of_office("%(offices)s"), 3)}
    JOIN agencies_agency p ON p.id = o.parent_id
    JOIN agencies_agency e ON e.code = 'pemda-uji-' || {padded(rank_of_employer("%(employers)s"), 3)}
)
SELECT i, template, casefile, finding, office, office_code, parent, employer, employer_code, referrals, documents,
    ARRAY[casefile::text, finding::text,
    'LTS/' || extract(year FROM %(now)s::timestamptz) || '/' || {padded("number", 6)},
    office_code, parent_code, employer_code, i || '/TM/PL/UJI/X/2024', {name_of_copy()},
    {nip_of_copy("%(busy)s")}] || referrals::text[] || documents::text[] AS args
FROM placed
"""

FINDINGS = """
INSERT INTO casefiles_finding (id, office_id, register_number, register_key, source, election, mandate_id, known_on,
    registered_on, created_at)
SELECT s.finding, s.office, s.args[7], s.args[7], f.source, f.election, f.mandate_id, f.known_on, f.registered_on,
    f.created_at
FROM seed_case s JOIN walked_casefile c ON c.id = s.template JOIN walked_finding f ON f.id = c.finding_id;

INSERT INTO casefiles_payload (finding_id, seq, given, nip, name_key, created_at)
SELECT s.finding, 1, format(t.given, VARIADIC s.args)::jsonb, '', '', f.created_at
FROM seed_case s JOIN seed_finding t ON t.casefile = s.template JOIN walked_casefile c ON c.id = s.template
JOIN walked_finding f ON f.id = c.finding_id
"""

# One step of every copy, in one statement: fill the holes, commit, seal, write.
STEP = f"""
WITH texts AS MATERIALIZED (
    SELECT s.i, s.casefile, s.template, s.args, s.office, s.parent, s.employer, t.seq, t.body,
        format(t.facts, VARIADIC s.args) AS facts, format(t.given, VARIADIC s.args) AS given,
        {_uuid4("s.casefile || ':entry:' || t.seq")} AS uuid,
        {_uuid4("s.casefile || ':request:' || t.seq")} AS request, b.leaf AS prev, b.after AS before,
        sha256(convert_to(s.casefile || ':facts:' || t.seq, 'UTF8')) AS facts_salt,
        sha256(convert_to(s.casefile || ':given:' || t.seq, 'UTF8')) AS given_salt,
        ARRAY(
            SELECT jsonb_build_object('document', s.args[(d->>'document')::int], 'salt', encode(salt, 'hex'),
                'digest', encode(sha256(salt || convert_to(format('{{"document":"%%s","sha256":"%%s"}}',
                    s.args[(d->>'document')::int], d->>'sha256'), 'UTF8')), 'hex'))
            FROM jsonb_array_elements(t.digests) WITH ORDINALITY x(d, n)
            CROSS JOIN LATERAL (SELECT sha256(convert_to(s.casefile || ':' || t.seq || ':' || n, 'UTF8')) AS salt) y
            ORDER BY n
        ) AS attached
    FROM seed_case s JOIN seed_text t ON t.casefile = s.template AND t.seq = %(seq)s
    LEFT JOIN seed_chain b ON b.i = s.i AND b.seq = t.seq - 1
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
    FROM sealed n JOIN walked_entry e ON e.stream = n.template AND e.seq = n.seq
    CROSS JOIN (
        SELECT max(id) FILTER (WHERE code = 'bawaslu-kota-padang') AS office,
            max(id) FILTER (WHERE code = 'bawaslu-sumatera-barat') AS parent,
            max(id) FILTER (WHERE code = 'pemkot-padang') AS employer
        FROM agencies_agency
    ) o
    ORDER BY n.i RETURNING id, uuid, leaf_hash
), chain AS (
    INSERT INTO seed_chain SELECT n.i, n.seq, e.id, n.uuid, n.request, e.leaf_hash, n.after
    FROM sealed n JOIN entry e USING (uuid)
)
INSERT INTO casefiles_payload (casefile_id, seq, given, given_salt, facts, facts_salt, attachments, nip, name_key,
    reference_keys, created_at)
SELECT n.casefile, n.seq, n.given::jsonb, n.given_salt, n.stored, n.facts_salt,
    coalesce((SELECT jsonb_agg(a - 'digest') FROM unnest(n.attached) a), '[]'),
    n.args[9], lower(n.args[8]), ARRAY(SELECT jsonb_array_elements_text(n.stored->'reference_keys')), p.created_at
FROM committed n JOIN walked_payload p ON p.casefile_id = n.template AND p.seq = n.seq
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
    FROM walked_casefile c JOIN agencies_agency p ON p.id = c.submitter_id
) k ON k.id = s.template
"""

_CASEFILE = """version, state, came_from, outcome, election, forms, violation_class, overdue_level, data_block,
    legal_hold, created_at, updated_at, mandate_id, examiner_id"""

# A copy's n-th referral or document stands for the template's n-th (`seed_referral`, `seed_document`).
_REFERRAL_OF = "s.referrals[(SELECT y.n FROM seed_referral y WHERE y.id = {0})]"
_DOCUMENT = "s.documents[a.n]"

ROWS = f"""
INSERT INTO casefiles_document (id, owner_id, type, number, date, media_type, size, sha256, signature_status,
    evidence_kind, created_at)
SELECT {_DOCUMENT}, {_mapped("d.owner_id")}, d.type, d.number, d.date, d.media_type, d.size, d.sha256,
    d.signature_status, d.evidence_kind, d.created_at
FROM seed_case s {_KNOWN} JOIN seed_document a ON a.casefile_id = s.template
JOIN walked_document d ON d.id = a.document_id;

INSERT INTO casefiles_payload (document_id, seq, given, nip, name_key, created_at)
SELECT {_DOCUMENT}, 1, p.given, '', '', p.created_at
FROM seed_case s JOIN seed_document a ON a.casefile_id = s.template
JOIN walked_payload p ON p.document_id = a.document_id AND p.seq = 1;

INSERT INTO casefiles_attachment (document_id, casefile_id, seq)
SELECT {_DOCUMENT}, s.casefile, a.seq FROM seed_case s JOIN seed_document a ON a.casefile_id = s.template;

INSERT INTO casefiles_referral (id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at,
    opened_seq, clock_from, due_on, due_at, time_zone, rule, continues_id, answered_at, answered_seq, answered_by_id,
    answered_with, days_late, paused_days, original_due_on, missed_due_on, clock_at, clock_law)
SELECT s.referrals[y.n], s.casefile, r.purpose, r.party, {_mapped("r.from_agency_id")},
    {_mapped("r.to_agency_id")}, r.status, r.opened_at, r.opened_seq, r.clock_from, r.due_on, r.due_at, r.time_zone,
    r.rule, {_REFERRAL_OF.format("r.continues_id")}, r.answered_at, r.answered_seq, {_mapped("r.answered_by_id")},
    r.answered_with, r.days_late, r.paused_days, r.original_due_on, r.missed_due_on, r.clock_at, r.clock_law
FROM seed_case s {_KNOWN} JOIN seed_referral y ON y.casefile_id = s.template JOIN walked_referral r ON r.id = y.id;

INSERT INTO casefiles_casefile (id, number, finding_id, submitter_id, employer_id, addressee_id, open_referral_id,
    {_CASEFILE})
SELECT s.casefile, s.args[3], s.finding, s.office, {_mapped("c.employer_id")}, {_mapped("c.addressee_id")},
    {_REFERRAL_OF.format("c.open_referral_id")}, {", ".join("c." + name.strip() for name in _CASEFILE.split(","))}
FROM seed_case s {_KNOWN} JOIN walked_casefile c ON c.id = s.template;

INSERT INTO casefiles_historicalcasefile (id, number, finding_id, submitter_id, employer_id, addressee_id,
    open_referral_id, {_CASEFILE}, history_date, history_type, history_user_id, step_transition, step_agency,
    step_client, step_request)
SELECT s.casefile, s.args[3], s.finding, s.office, {_mapped("h.employer_id")}, {_mapped("h.addressee_id")},
    {_REFERRAL_OF.format("h.open_referral_id")}, {", ".join("h." + name.strip() for name in _CASEFILE.split(","))},
    h.history_date, h.history_type, h.history_user_id, h.step_transition, {_mapped("h.step_agency")}, h.step_client,
    n.request
FROM seed_case s {_KNOWN} JOIN walked_historicalcasefile h ON h.id = s.template
JOIN seed_chain n ON n.i = s.i AND n.seq = h.version;

INSERT INTO casefiles_transition (casefile_id, seq, name, from_state, to_state, party, agency_id, client, occurred_at,
    recorded_at, legal_basis, request_id, entry_id)
SELECT s.casefile, t.seq, t.name, t.from_state, t.to_state, t.party, {_mapped("t.agency_id")},
    replace(replace(t.client, 'bawaslu-kota-padang', s.office_code), 'pemkot-padang', s.employer_code),
    t.occurred_at, t.recorded_at, t.legal_basis, n.request, n.entry
FROM seed_case s {_KNOWN} JOIN walked_transition t ON t.casefile_id = s.template
JOIN seed_chain n ON n.i = s.i AND n.seq = t.seq;

INSERT INTO casefiles_casefilegrant (content_object_id, agency_id, group_id, permission_id, from_entry_id,
    until_entry_id)
SELECT s.casefile, m.id, m.group_id, g.permission_id, n.entry, u.entry
FROM seed_case s {_KNOWN} JOIN walked_casefilegrant g ON g.content_object_id = s.template
JOIN walked_entry f ON f.id = g.from_entry_id JOIN seed_chain n ON n.i = s.i AND n.seq = f.seq
LEFT JOIN walked_entry l ON l.id = g.until_entry_id LEFT JOIN seed_chain u ON u.i = s.i AND u.seq = l.seq
JOIN agencies_agency m ON m.id = {_mapped("g.agency_id")};
"""
