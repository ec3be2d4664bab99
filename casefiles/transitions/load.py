"""The first step of `perform`: lock the casefile and bring everything the guards need, in two statements.

The lock comes first and alone: under READ COMMITTED a statement that waits for a row lock re-reads that row, but not
the rows it joined, so the rest is read by a second statement, after the lock is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from agencies.actor import Actor
from agencies.ancestry import and_above
from agencies.calendar import NEWEST
from agencies.naming import day_of, name_on
from audit import access
from audit.ledger import head_of
from casefiles.errors import Erased, NotVisible
from casefiles.file import CaseFile
from casefiles.sight import protected
from casefiles.sight.first_readings import OPENED
from casefiles.transitions import columns
from casefiles.transitions.loaded import Context, Loaded, agency_view, document_view, loaded_of, mandate_view, superiors

# Preventions that named the officer, held until the day of their last act, newest first.
PREVENTIONS = """
SELECT coalesce(json_agg(json_build_object('id', v.id, 'kind', v.kind, 'held_on', v.held_on,
    'office', json_build_object('code', o.code, 'name', o.name)) ORDER BY v.held_on DESC, v.id DESC), '[]')
FROM casefiles_payload w
JOIN casefiles_prevention v ON v.id = w.prevention_id
JOIN agencies_agency o ON o.id = v.office_id
WHERE w.prevention_id IS NOT NULL AND w.nip = ANY({nips}) AND w.nip <> '' AND v.held_on <= {until} {further}
"""

# The NIP of a version's officer and those that they had before.
NIPS = """
ARRAY(SELECT p.nip UNION ALL SELECT jsonb_array_elements_text(coalesce(p.facts->'subject'->'former_nips', '[]')))
"""
LAST_ACT = "(SELECT max((act->>'act_date')::date) FROM jsonb_array_elements(p.facts->'violations') act)"

_AGENCY = """
json_build_object('pk', a.id, 'code', a.code, 'name', {name}, 'roles', a.roles, 'level', a.level, 'region', a.region,
    'time_zone', a.time_zone, 'parent', a.parent_id, 'valid_until', a.valid_until, 'heirs', a.heirs,
    'in_force', a.valid_from <= %(today)s AND (a.valid_until IS NULL OR %(today)s < a.valid_until))
"""
# For an act with the names of its day, for who reads with those that the casefile has.
AGENCY = _AGENCY.format(name=name_on("a", "%(today)s::date"))
AGENCY_THEN = _AGENCY.format(name=name_on("a", day_of("t.recorded_at")))

PAST = """
(
    SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.opened_seq DESC), '[]') FROM (
        SELECT id, purpose, party, to_agency_id, status, opened_seq, clock_from, due_on, answered_at, time_zone, rule,
            original_due_on, missed_due_on, answered_with
        FROM casefiles_referral
        WHERE %(with_past)s AND casefile_id = c.id AND id IS DISTINCT FROM c.open_referral_id
    ) r
)
"""

# Beside those named: offices above them and above the submitter, the provinces above the governments that employ, are
# obliged, named or led by the officer, and whoever holds the mandate that a hand-over names.
MENTIONED = f"""
UNION ALL SELECT id FROM ({and_above("id = c.submitter_id OR code = ANY(%(codes)s)")}) above
UNION ALL SELECT id FROM agencies_agency WHERE roles && %(roles)s::varchar[]
UNION ALL SELECT above.id FROM agencies_agency o JOIN agencies_agency above
    ON above.level = 'province' AND 'employer' = ANY(above.roles) AND above.region = split_part(o.region, '.', 1)
    WHERE o.region <> '' AND o.id = ANY(ARRAY(
        SELECT unnest(ARRAY[c.employer_id, c.addressee_id])
        UNION ALL SELECT id FROM agencies_agency WHERE code = ANY(%(codes)s)
        UNION ALL SELECT id FROM agencies_agency WHERE code = (SELECT p.facts#>>'{{subject,workplace}}')
    ))
UNION ALL SELECT agency_id FROM agencies_mandate WHERE code = %(mandate)s
"""  # noqa: S608 - composed of constants only

# What is shown says whether an appeal may be filed: there has to be a board.
BOARDS = "UNION ALL SELECT id FROM agencies_agency WHERE roles && ARRAY['appeal_board']::varchar[]"
# And whether its submitter, who is shown it, may hand it on: the offices above, and the first in force below.
LINE = """
UNION ALL SELECT id FROM (
    WITH RECURSIVE line AS (
        SELECT unnest(ARRAY[c.submitter_id, (
            WITH RECURSIVE down AS (
                SELECT a.* FROM agencies_agency a WHERE a.parent_id = c.submitter_id
                UNION ALL SELECT a.* FROM agencies_agency a JOIN down ON a.parent_id = down.id
            )
            SELECT d.id FROM down d WHERE d.valid_from <= %(today)s
                AND (d.valid_until IS NULL OR %(today)s < d.valid_until) AND 'election_supervisor' = ANY(d.roles)
            LIMIT 1
        )]) AS id WHERE c.submitter_id = %(actor)s
        UNION SELECT (SELECT parent_id FROM agencies_agency WHERE id = line.id) FROM line WHERE id IS NOT NULL
    ) SELECT id FROM line
) line
"""

NAMED_MANDATE = """
(
    SELECT row_to_json(m) FROM (
        SELECT m.id AS pk, m.code, a.code AS agency, a.name AS agency_name, m.valid_from, m.valid_until, m.caretaker,
            m.verification_required, m.legal_basis
        FROM agencies_mandate m JOIN agencies_agency a ON a.id = m.agency_id WHERE m.code = %(mandate)s
    ) m
)
"""

SUPERIORS = f"""
ARRAY(SELECT id FROM ({and_above("id = c.submitter_id")}) above WHERE id <> c.submitter_id)
"""  # noqa: S608 - composed of constants only

DOCUMENTS = """
(
    SELECT coalesce(json_agg(json_build_object('id', d.id, 'type', d.type, 'number', d.number, 'date', d.date,
        'sha256', d.sha256, 'size', d.size, 'owner', o.code)), '[]')
    FROM casefiles_document d JOIN agencies_agency o ON o.id = d.owner_id
    WHERE d.id = ANY(%(documents)s) AND (d.owner_id = %(actor)s OR EXISTS (
        SELECT 1 FROM casefiles_attachment x
        WHERE x.document_id = d.id AND x.casefile_id IN (c.id, %(beside)s::uuid) AND (
            -- What came with a merge that was undone has left again.
            x.casefile_id <> c.id OR p.facts->'documents' @> jsonb_build_array(jsonb_build_object('id', d.id)))))
)
"""

# What an act may not have happened before. A level of the ladder that the clock reached in the meantime bounds nobody:
# an authority that acted in time may say so late.
LAST_OCCURRED = """
CASE WHEN t.party <> 'clock' OR t.from_state <> t.to_state THEN t.occurred_at ELSE (
    SELECT max(x.occurred_at) FROM casefiles_transition x
    WHERE x.casefile_id = c.id AND (x.party <> 'clock' OR x.from_state <> x.to_state)
) END
"""

# What a casefile's own rows say.
OWN = f"""
    {columns.as_json("c.")},
    'occurred_at', {LAST_OCCURRED}, 'facts', p.facts,
    'erased', p.erased_at IS NOT NULL,
    'written_by', t.agency_id, 'opened', {OPENED.format(further="")},
    'referral', (
        SELECT row_to_json(r) FROM (
            SELECT id, purpose, party, to_agency_id, opened_at, clock_from, due_on, due_at, rule, time_zone,
                original_due_on, missed_due_on, opened_seq
            FROM casefiles_referral WHERE id = c.open_referral_id
        ) r
    ),
    'sighted', ARRAY(
        SELECT agency_id FROM casefiles_casefilegrant g WHERE g.content_object_id = c.id AND g.until_entry_id IS NULL
    )
"""  # noqa: S608 - composed of constants only

# `p.seq >= 1` lets PostgreSQL use the index of payloads: it holds versions only, no kept answers.
SOURCES = """
FROM casefiles_casefile c
JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = c.version
JOIN audit_entry e ON e.id = t.entry_id
"""

# The same for every casefile. There are few mandates; which is in office is told by the day one asks on.
FOR_ALL = f"""
    'every_mandate', (
        SELECT coalesce(json_agg(row_to_json(m) ORDER BY m.valid_from), '[]') FROM (
            SELECT m.code, a.code AS agency, a.name AS agency_name, m.valid_from, m.valid_until, m.caretaker,
                m.verification_required, m.legal_basis
            FROM agencies_mandate m JOIN agencies_agency a ON a.id = m.agency_id WHERE m.scope = 1
        ) m
    ),
    'calendar_version', ({NEWEST}),
    'auditors', ARRAY(SELECT id FROM agencies_agency WHERE 'auditor' = ANY(roles))
"""  # noqa: S608 - composed of constants only


def _statement(*, agency: str, past: str, mentioned: str, documents: str, named_mandate: str, superiors: str) -> str:
    return f"""
SELECT json_build_object({OWN},
    'past', {past},
    'named_mandate', {named_mandate},
    'superiors', {superiors},
    'mandate', (
        SELECT row_to_json(m) FROM (
            SELECT m.code, a.code AS agency, a.name AS agency_name, m.valid_from, m.valid_until, m.caretaker,
                m.verification_required, m.legal_basis
            FROM agencies_mandate m JOIN agencies_agency a ON a.id = m.agency_id WHERE m.id = c.mandate_id
        ) m
    ),
    'agencies', (
        SELECT json_agg({agency}) FROM agencies_agency a
        -- An array, for which PostgreSQL looks up each; for a set of unknown size it would read the whole directory.
        WHERE a.id = ANY(ARRAY(
            SELECT unnest(ARRAY[c.submitter_id, c.examiner_id, c.employer_id, c.addressee_id, %(actor)s])
            -- A query of its own, or PostgreSQL would unpack the whole file for each agency it looks at.
            UNION ALL SELECT id FROM agencies_agency WHERE code = (SELECT p.facts->>'claimed_employer')
            UNION ALL SELECT id FROM agencies_agency WHERE code = (SELECT p.facts#>>'{{subject,workplace}}')
            {mentioned}
        ))
    ),
    'documents', {documents},
    {FOR_ALL},
    'preventions', CASE WHEN %(auditor)s OR c.examiner_id = %(actor)s THEN (
        {PREVENTIONS.format(nips=NIPS, until=LAST_ACT, further="")}
    ) END,
    'nip', p.nip,
    'identities', {protected.OF_FINDING}
)::text AS told, p.erased_at IS NOT NULL AS erased, e.leaf_hash, e.body
{SOURCES}
WHERE c.id = %(casefile)s
"""  # noqa: S608 - composed of constants only


# The offices above the submitter are among those mentioned already.
LOAD = _statement(
    agency=AGENCY, past=PAST, mentioned=MENTIONED, documents=DOCUMENTS, named_mandate=NAMED_MANDATE,
    superiors="NULL::json",
)  # fmt: skip

# Showing a casefile needs less. With four scalars for parameters PostgreSQL plans it once; with arrays, at every call.
LOAD_TO_SHOW = _statement(
    agency=AGENCY_THEN, past="'[]'::json", mentioned=BOARDS + LINE, documents="'[]'::json", named_mandate="NULL::json",
    superiors=SUPERIORS,
)  # fmt: skip

# The read is recorded where something is shown.
LOAD_AND_RECORD = f"""
WITH shown AS MATERIALIZED ({LOAD_TO_SHOW}), {access.noted("shown WHERE NOT shown.erased")}
SELECT * FROM shown
"""  # noqa: S608 - composed of constants only

# From the lock to the commit everything is looked up by id: a plan made once serves all, and planning LOAD and WRITE
# anew would cost more than running them. The setting ends with the transaction.
LOCK = """
SELECT set_config('plan_cache_mode', 'force_generic_plan', true) FROM casefiles_casefile WHERE id = %(casefile)s
FOR UPDATE
"""


def lock(casefile: UUID) -> None:
    """Wait for the casefile's row and hold it until the transaction ends. Raises `NotVisible` if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"casefile": casefile})
        if cursor.fetchone() is None:
            raise NotVisible


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """What an act mentions, to be brought along with the casefile it is performed on.

    The agencies and documents it names, the agencies of those roles, the mandate of that code and its holder; `beside`
    is a casefile whose documents may be mentioned too.
    """

    codes: tuple[str, ...] = ()
    documents: tuple[UUID, ...] = ()
    roles: tuple[str, ...] = ()
    mandate: str | None = None
    beside: UUID | None = None


def load(
    casefile: UUID,
    *,
    actor: int,
    today: date,
    auditor: bool = False,
    mentioned: Mentioned | None = None,
    read: access.Read | None = None,
) -> Loaded:
    """Everything about one casefile; call `lock` first if it is going to change.

    `auditor` says that the actor is one, who is shown preventions as the examiner is. An act says what it mentions:
    then answered referrals come along too. A `read` is recorded with it. Raises `NotVisible`, or `Erased` where the
    content is gone.
    """
    acts, named = mentioned is not None, mentioned or Mentioned()
    with connection.cursor() as cursor:
        cursor.execute(
            LOAD if acts else LOAD_TO_SHOW if read is None else LOAD_AND_RECORD,
            {
                **(access.parameters_of(read) if read else {}),
                "casefile": casefile,
                "actor": actor,
                "auditor": auditor,
                "today": today,
                "codes": list(named.codes),
                "documents": list(named.documents),
                "roles": list(named.roles),
                "mandate": named.mandate,
                "with_past": acts,
                "beside": named.beside,
            },
        )
        found = cursor.fetchone()
    if found is None:
        raise NotVisible
    row_text, erased, leaf, body = found
    if erased:
        raise Erased
    row = orjson.loads(row_text)
    agencies = {item["pk"]: agency_view(item) for item in row["agencies"]}
    context = Context(
        agencies=agencies,
        mandate=mandate_view(row["mandate"]) if row["mandate"] else None,
        named_mandate=mandate_view(row["named_mandate"]) if row["named_mandate"] else None,
        named_mandate_pk=row["named_mandate"]["pk"] if row["named_mandate"] else None,
        every_mandate=tuple(mandate_view(item) for item in row["every_mandate"]),
        superiors=superiors(row["submitter_id"], agencies) if acts else frozenset(row["superiors"]),
        documents={item["id"]: document_view(item) for item in row["documents"]},
        auditors=frozenset(row["auditors"]),
        calendar_version=row["calendar_version"],
    )
    return loaded_of(row, head_of(bytes(body), leaf=bytes(leaf)), context=context)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A casefile as one version recorded it, for reading only.

    `facts` are the file after that version's step, `parties` (agency codes) those of the last version the reader may
    know: they decide what the reader sees of it. `names` are the agencies' names by code.
    """

    version: int
    facts: CaseFile
    parties: Mapping[str, str | None]
    names: Mapping[str, str]
    created_at: datetime
    recorded_at: datetime
    preventions: tuple[Mapping[str, Any], ...] | None
    identities: Mapping[str, Any] | None
    opened: tuple[Mapping[str, Any], ...]


LOAD_RECORDED = f"""
WITH shown AS MATERIALIZED (
SELECT c.created_at, last.facts IS NULL AS erased, t.seq, t.recorded_at, p.facts::text,
    json_build_object('submitter', last.facts->'submitter', 'examiner', last.facts->'examiner',
        'employer', last.facts->'employer', 'addressee', last.facts->'addressee')::text,
    (
        SELECT json_object_agg(a.code, {name_on("a", day_of("t.recorded_at"))}) FROM agencies_agency a
        WHERE a.code IN (p.facts->>'submitter', p.facts->>'examiner', p.facts->>'employer', p.facts->>'addressee',
            p.facts->'turn'->>'agency', p.facts->'finding'->>'origin_office')
    )::text,
    CASE WHEN %(auditor)s OR last.facts->>'examiner' = %(agency)s THEN (
        {PREVENTIONS.format(nips=NIPS, until=LAST_ACT, further="AND v.created_at <= %(at)s")}
    )::text END,
    {protected.OF_FINDING}::text,
    {OPENED.format(further="AND o.created_at <= %(at)s AND o.version <= t.seq")}::text
FROM casefiles_casefile c
JOIN casefiles_payload last
    ON last.casefile_id = c.id AND last.seq = coalesce(%(until)s::int, c.version) AND last.seq >= 1
LEFT JOIN LATERAL (
    SELECT seq, recorded_at FROM casefiles_transition
    WHERE casefile_id = c.id AND seq <= last.seq AND recorded_at <= %(at)s ORDER BY seq DESC LIMIT 1
) t ON true
LEFT JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = t.seq AND p.seq >= 1
WHERE c.id = %(casefile)s
), {access.noted("shown WHERE NOT shown.erased AND shown.facts IS NOT NULL")}
SELECT * FROM shown
"""  # noqa: S608 - composed of constants only


def load_recorded(
    casefile: UUID, *, at: datetime, until: int | None, actor: Actor, read: access.Read
) -> Recorded | None:
    """The casefile as recorded at that instant, looking no further than version `until`; None before the first.

    The `read` is recorded where something is shown.
    Raises `NotVisible` where there is no such casefile, `Erased` where the content is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            LOAD_RECORDED,
            {
                **access.parameters_of(read),
                "casefile": casefile,
                "at": at,
                "until": until,
                "auditor": actor.is_auditor,
                "agency": actor.agency_code,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise NotVisible
    created_at, erased, version, recorded_at, facts, parties, names, preventions, identities, opened = row
    if erased:
        raise Erased
    if version is None:
        return None
    if facts is None:
        raise Erased
    return Recorded(
        version=version,
        facts=orjson.loads(facts),
        parties=orjson.loads(parties),
        names=orjson.loads(names),
        created_at=created_at,
        recorded_at=recorded_at,
        preventions=None if preventions is None else tuple(orjson.loads(preventions)),
        identities=orjson.loads(identities) if identities else None,
        opened=tuple(orjson.loads(opened)),
    )


def preventions_of(nips: Iterable[str], *, until: date) -> tuple[Mapping[str, Any], ...]:
    """The preventions that name the officer by one of those NIPs and were held until that day, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            PREVENTIONS.format(nips="%(nips)s::varchar[]", until="%(until)s", further=""),
            {"nips": sorted(nips), "until": until},
        )
        row = cursor.fetchone()
    return tuple(row[0]) if row else ()
