"""The first step of `perform`: lock the casefile and bring everything the guards need, in two statements.

The lock comes first and alone: under READ COMMITTED a statement that waits for a row lock re-reads that row, but not
the rows it joined, so the rest is read by a second statement, after the lock is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from audit.ledger import Head, head_of
from casefiles.errors import Erased, NotVisible
from casefiles.flow import AgencyView, DocumentView, MandateView, Party, ReferralView, Stage


@dataclass(frozen=True, slots=True)
class Loaded:
    """A locked casefile as it stands."""

    id: UUID
    number: str
    finding: UUID
    version: int
    stage: Stage
    came_from: Stage | None
    mandate_pk: int | None
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
    created_at: datetime
    recorded_at: datetime
    facts: dict[str, Any]
    head: Head
    last_occurred_at: datetime
    referral: ReferralView | None
    past_referrals: tuple[Mapping[str, Any], ...]
    mandate: MandateView | None
    named_mandate: MandateView | None
    named_mandate_pk: int | None
    superiors: frozenset[int]
    agencies: Mapping[int, AgencyView]
    documents: Mapping[str, DocumentView]
    sighted: frozenset[int]
    auditors: frozenset[int]
    calendar_version: str | None

    def agency(self, code: str) -> AgencyView | None:
        """The agency of that code among those that were brought along."""
        return next((agency for agency in self.agencies.values() if agency.code == code), None)

    def with_role(self, role: str) -> tuple[AgencyView, ...]:
        """The agencies of that role among those that were brought along."""
        return tuple(agency for agency in self.agencies.values() if role in agency.roles and agency.in_force)


AGENCY = """
json_build_object('pk', a.id, 'code', a.code, 'name', a.name, 'roles', a.roles, 'level', a.level, 'region', a.region,
    'time_zone', a.time_zone, 'parent', a.parent_id,
    'in_force', a.valid_from <= %(today)s AND (a.valid_until IS NULL OR %(today)s < a.valid_until))
"""

PAST = """
(
    SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.opened_seq DESC), '[]') FROM (
        SELECT id, purpose, opened_seq, clock_from, due_on, answered_at, time_zone, rule
        FROM casefiles_referral
        WHERE %(with_past)s AND casefile_id = c.id AND id IS DISTINCT FROM c.open_referral_id
    ) r
)
"""

# Beside those named: offices above them and above the submitter, the province above the obliged government, and
# whoever holds the mandate that a hand-over names.
MENTIONED = """
UNION ALL SELECT id FROM (
    WITH RECURSIVE up AS (
        SELECT id, parent_id FROM agencies_agency WHERE id = c.submitter_id OR code = ANY(%(codes)s)
        UNION SELECT p.id, p.parent_id FROM agencies_agency p JOIN up ON p.id = up.parent_id
    ) SELECT id FROM up
) above
UNION ALL SELECT id FROM agencies_agency WHERE roles && %(roles)s::varchar[]
UNION ALL SELECT p.id FROM agencies_agency o JOIN agencies_agency p
    ON p.level = 'province' AND 'employer' = ANY(p.roles) AND p.region = split_part(o.region, '.', 1)
    WHERE o.id IN (c.employer_id, c.addressee_id) AND o.region <> ''
UNION ALL SELECT agency_id FROM agencies_mandate WHERE code = %(mandate)s
"""

NAMED_MANDATE = """
(
    SELECT row_to_json(m) FROM (
        SELECT m.id AS pk, m.code, a.code AS agency, m.valid_from, m.valid_until, m.caretaker, m.verification_required,
            m.legal_basis
        FROM agencies_mandate m JOIN agencies_agency a ON a.id = m.agency_id WHERE m.code = %(mandate)s
    ) m
)
"""

SUPERIORS = """
ARRAY(
    WITH RECURSIVE up AS (
        SELECT parent_id FROM agencies_agency WHERE id = c.submitter_id
        UNION SELECT p.parent_id FROM agencies_agency p JOIN up ON p.id = up.parent_id
    ) SELECT parent_id FROM up WHERE parent_id IS NOT NULL
)
"""

DOCUMENTS = """
(
    SELECT coalesce(json_agg(json_build_object('id', d.id, 'type', d.type, 'number', d.number, 'date', d.date,
        'sha256', d.sha256, 'size', d.size, 'owner', o.code)), '[]')
    FROM casefiles_document d JOIN agencies_agency o ON o.id = d.owner_id
    WHERE d.id = ANY(%(documents)s) AND (d.owner_id = %(actor)s OR EXISTS (
        SELECT 1 FROM casefiles_attachment x WHERE x.document_id = d.id AND x.casefile_id = c.id))
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


def _statement(
    *, past: str, mentioned: str, documents: str, named_mandate: str, superiors: str, which: str = "c.id = %(casefile)s"
) -> str:
    # `p.seq >= 1` lets PostgreSQL use the index of payloads: it holds versions only, no kept answers.
    return f"""
SELECT json_build_object(
    'id', c.id, 'number', c.number, 'finding', c.finding_id, 'version', c.version, 'state', c.state,
    'came_from', c.came_from, 'mandate_pk', c.mandate_id, 'submitter', c.submitter_id, 'examiner', c.examiner_id,
    'employer', c.employer_id, 'addressee', c.addressee_id, 'election', c.election, 'forms', c.forms,
    'violation_class', c.violation_class, 'overdue_level', c.overdue_level, 'data_block', c.data_block,
    'legal_hold', c.legal_hold, 'created_at', c.created_at, 'updated_at', c.updated_at,
    'occurred_at', {LAST_OCCURRED}, 'facts', p.facts,
    'erased', p.erased_at IS NOT NULL,
    'referral', (
        SELECT row_to_json(r) FROM (
            SELECT id, purpose, party, to_agency_id, opened_at, clock_from, due_on, due_at, rule, time_zone
            FROM casefiles_referral WHERE id = c.open_referral_id
        ) r
    ),
    'past', {past},
    'named_mandate', {named_mandate},
    'superiors', {superiors},
    'mandate', (
        SELECT row_to_json(m) FROM (
            SELECT m.code, a.code AS agency, m.valid_from, m.valid_until, m.caretaker, m.verification_required,
                m.legal_basis
            FROM agencies_mandate m JOIN agencies_agency a ON a.id = m.agency_id WHERE m.id = c.mandate_id
        ) m
    ),
    'agencies', (
        SELECT json_agg({AGENCY}) FROM agencies_agency a
        WHERE a.id IN (
            SELECT unnest(ARRAY[c.submitter_id, c.examiner_id, c.employer_id, c.addressee_id, %(actor)s])
            UNION ALL SELECT id FROM agencies_agency WHERE code = p.facts->>'claimed_employer'
            {mentioned}
        )
    ),
    'documents', {documents},
    'sighted', ARRAY(
        SELECT agency_id FROM casefiles_casefilegrant g WHERE g.content_object_id = c.id AND g.until_entry_id IS NULL
    ),
    'calendar_version', (
        SELECT version FROM agencies_calendarday
        ORDER BY split_part(version, '.', 1)::int DESC, split_part(version, '.', 2)::int DESC LIMIT 1
    ),
    'auditors', ARRAY(SELECT id FROM agencies_agency WHERE 'auditor' = ANY(roles))
)::text, e.leaf_hash, e.body
FROM casefiles_casefile c
JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = c.version
JOIN audit_entry e ON e.id = t.entry_id
WHERE {which}
"""  # noqa: S608 - composed of constants only


LOAD = _statement(past=PAST, mentioned=MENTIONED, documents=DOCUMENTS, named_mandate=NAMED_MANDATE, superiors=SUPERIORS)
LOAD_MANY = _statement(
    past=PAST,
    mentioned=MENTIONED,
    documents=DOCUMENTS,
    named_mandate=NAMED_MANDATE,
    superiors=SUPERIORS,
    which="c.id = ANY(%(casefiles)s) ORDER BY c.id",
)
# Showing a casefile needs less. With three scalars for parameters PostgreSQL plans it once; with arrays, at every call.
LOAD_TO_SHOW = _statement(
    past="'[]'::json", mentioned="", documents="'[]'::json", named_mandate="NULL::json", superiors=SUPERIORS
)


# From the lock to the commit everything is looked up by id: a plan made once serves all, and planning LOAD and WRITE
# anew would cost more than running them. The setting ends with the transaction.
LOCK = """
SELECT set_config('plan_cache_mode', 'force_generic_plan', true) FROM casefiles_casefile WHERE id = %s FOR UPDATE
"""
# In the order of the ids, whoever asks: two steps that concern the same two casefiles wait, and never for each other.
LOCK_MANY = "SELECT id FROM casefiles_casefile WHERE id = ANY(%s) ORDER BY id FOR UPDATE"


def lock(casefile: UUID) -> None:
    """Wait for the casefile's row and hold it until the transaction ends. Raises `NotVisible` if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [casefile])
        if cursor.fetchone() is None:
            raise NotVisible


def lock_many(casefiles: Iterable[UUID]) -> frozenset[UUID]:
    """Wait for the rows of those casefiles, in the order of their ids, and hold them; those that there are."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_MANY, [sorted(set(casefiles))])
        return frozenset(row[0] for row in cursor.fetchall())


def load(
    casefile: UUID,
    *,
    actor: int,
    today: date,
    codes: tuple[str, ...] = (),
    documents: tuple[UUID, ...] = (),
    roles: tuple[str, ...] = (),
    mandate: str | None = None,
    with_past: bool = False,
) -> Loaded:
    """Everything about one casefile; call `lock` first if it is going to change.

    `codes` and `documents` are the agencies and documents that were mentioned, `roles` asks for the agencies of those
    roles, `mandate` for the mandate of that code and its holder, `with_past` for answered referrals. Raises
    `NotVisible`, or `Erased` where the content is gone.
    """
    acts = codes or documents or roles or mandate or with_past
    with connection.cursor() as cursor:
        cursor.execute(
            LOAD if acts else LOAD_TO_SHOW,
            {
                "casefile": casefile,
                "actor": actor,
                "today": today,
                "codes": list(codes),
                "documents": list(documents),
                "roles": list(roles),
                "mandate": mandate,
                "with_past": with_past,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise NotVisible
    said = orjson.loads(row[0])
    if said["erased"]:
        raise Erased
    return _loaded(said, head_of(bytes(row[2]), leaf=bytes(row[1])))


def load_many(
    casefiles: Iterable[UUID],
    *,
    actor: int,
    today: date,
    codes: tuple[str, ...] = (),
    documents: tuple[UUID, ...] = (),
    roles: tuple[str, ...] = (),
    mandate: str | None = None,
) -> Iterator[Loaded]:
    """The same for many locked casefiles by one statement, in the order of their ids, answered referrals included.

    Leaves out those whose content was erased.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            LOAD_MANY,
            {
                "casefiles": list(casefiles),
                "actor": actor,
                "today": today,
                "codes": list(codes),
                "documents": list(documents),
                "roles": list(roles),
                "mandate": mandate,
                "with_past": True,
            },
        )
        rows = cursor.fetchall()
    for text, leaf, body in rows:
        said = orjson.loads(text)
        if not said["erased"]:
            yield _loaded(said, head_of(bytes(body), leaf=bytes(leaf)))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A casefile as one version recorded it, for reading only.

    `facts` are the file after that version's step, `parties` (agency codes) those of the last version the reader may
    know: they decide what he sees of it. `names` are the agencies' names by code.
    """

    version: int
    facts: dict[str, Any]
    parties: Mapping[str, str | None]
    names: Mapping[str, str]
    created_at: datetime
    recorded_at: datetime


LOAD_RECORDED = """
SELECT c.created_at, last.facts IS NULL, t.seq, t.recorded_at, p.facts::text,
    json_build_object('submitter', last.facts->'submitter', 'examiner', last.facts->'examiner',
        'employer', last.facts->'employer', 'addressee', last.facts->'addressee')::text,
    (
        SELECT json_object_agg(a.code, a.name) FROM agencies_agency a
        WHERE a.code IN (p.facts->>'submitter', p.facts->>'examiner', p.facts->>'employer', p.facts->>'addressee',
            p.facts->'turn'->>'agency', p.facts->'finding'->>'origin_office')
    )::text
FROM casefiles_casefile c
JOIN casefiles_payload last
    ON last.casefile_id = c.id AND last.seq = coalesce(%(until)s::int, c.version) AND last.seq >= 1
LEFT JOIN LATERAL (
    SELECT seq, recorded_at FROM casefiles_transition
    WHERE casefile_id = c.id AND seq <= last.seq AND recorded_at <= %(at)s ORDER BY seq DESC LIMIT 1
) t ON true
LEFT JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = t.seq AND p.seq >= 1
WHERE c.id = %(casefile)s
"""


def load_recorded(casefile: UUID, *, at: datetime, until: int | None) -> Recorded | None:
    """The casefile as recorded at that instant, looking no further than version `until`; None before the first.

    Raises `NotVisible` where there is no such casefile, `Erased` where the content is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOAD_RECORDED, {"casefile": casefile, "at": at, "until": until})
        row = cursor.fetchone()
    if row is None:
        raise NotVisible
    created_at, erased, version, recorded_at, facts, parties, names = row
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
    )


def _loaded(said: dict[str, Any], head: Head) -> Loaded:
    agencies = {item["pk"]: _agency(item) for item in said["agencies"]}
    return Loaded(
        id=UUID(said["id"]),
        number=said["number"],
        finding=UUID(said["finding"]),
        version=said["version"],
        stage=Stage(said["state"]),
        came_from=Stage(said["came_from"]) if said["came_from"] else None,
        mandate_pk=said["mandate_pk"],
        submitter=said["submitter"],
        examiner=said["examiner"],
        employer=said["employer"],
        addressee=said["addressee"],
        election=said["election"],
        forms=tuple(said["forms"]),
        violation_class=said["violation_class"],
        overdue_level=said["overdue_level"],
        data_block=said["data_block"],
        legal_hold=said["legal_hold"],
        created_at=datetime.fromisoformat(said["created_at"]),
        recorded_at=datetime.fromisoformat(said["updated_at"]),
        facts=said["facts"],
        head=head,
        last_occurred_at=datetime.fromisoformat(said["occurred_at"]),
        referral=_referral(said["referral"], agencies) if said["referral"] else None,
        past_referrals=tuple(said["past"]),
        mandate=_mandate(said["mandate"]) if said["mandate"] else None,
        named_mandate=_mandate(said["named_mandate"]) if said["named_mandate"] else None,
        named_mandate_pk=said["named_mandate"]["pk"] if said["named_mandate"] else None,
        superiors=frozenset(said["superiors"]),
        agencies=agencies,
        documents={item["id"]: document_view(item) for item in said["documents"]},
        sighted=frozenset(said["sighted"]),
        auditors=frozenset(said["auditors"]),
        calendar_version=said["calendar_version"],
    )


def _agency(item: Mapping[str, Any]) -> AgencyView:
    return AgencyView(
        pk=item["pk"],
        code=item["code"],
        name=item["name"],
        roles=frozenset(item["roles"]),
        level=item["level"],
        region=item["region"],
        time_zone=item["time_zone"],
        in_force=item["in_force"],
        parent=item["parent"],
    )


def _mandate(item: Mapping[str, Any]) -> MandateView:
    return MandateView(
        code=item["code"],
        agency=item["agency"],
        valid_from=date.fromisoformat(item["valid_from"]),
        valid_until=date.fromisoformat(item["valid_until"]) if item["valid_until"] else None,
        caretaker=item["caretaker"],
        verification_required=item["verification_required"],
        legal_basis=item["legal_basis"],
    )


def _referral(item: Mapping[str, Any], agencies: Mapping[int, AgencyView]) -> ReferralView:
    holder = agencies.get(item["to_agency_id"])
    return ReferralView(
        id=item["id"],
        purpose=item["purpose"],
        party=Party(item["party"]),
        to=holder.code if holder else "",
        opened_at=datetime.fromisoformat(item["opened_at"]),
        clock_from=date.fromisoformat(item["clock_from"]),
        due_on=date.fromisoformat(item["due_on"]),
        due_at=datetime.fromisoformat(item["due_at"]),
        rule=item["rule"],
        time_zone=item["time_zone"],
    )


def document_view(item: Mapping[str, Any]) -> DocumentView:
    """A descriptor as the guards see it, from a JSON row."""
    return DocumentView(
        id=item["id"],
        type=item["type"],
        number=item["number"],
        date=date.fromisoformat(item["date"]) if item["date"] else None,
        sha256=item["sha256"],
        size=item["size"],
        owner=item["owner"],
    )
