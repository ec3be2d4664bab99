"""What a finding is taken in with: the agencies that it names, its office and those above, documents, mandates.

One statement brings all of it. The door asks it together with the key, so nothing in it is locked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from agencies import mandates
from agencies.actor import Actor
from agencies.ancestry import and_above
from casefiles.catalogue.law import local_day
from casefiles.flow import AgencyView, DocumentView, MandateView
from casefiles.flow.offices import above
from casefiles.identifiers import number_key
from casefiles.transitions.load import FOR_ALL
from casefiles.transitions.loaded import agency_view, document_view, mandate_view
from casefiles.transitions.unit import Question


@dataclass(frozen=True, slots=True)
class Office:
    """The office of origin and everyone above it, nearest first."""

    office: AgencyView
    above: tuple[AgencyView, ...]

    @property
    def pks(self) -> frozenset[int]:
        """Whose findings these are: the office's own agency and those above it."""
        return frozenset({self.office.pk, *(agency.pk for agency in self.above)})


@dataclass(frozen=True, slots=True)
class Mandate:
    """The mandate under which a finding falls, and its holder's row."""

    pk: int
    view: MandateView
    holder: Mapping[str, Any]

    @property
    def valid_from(self) -> date:
        """The first day on which it holds."""
        return self.view.valid_from

    def examiner(self, *, now: datetime) -> AgencyView:
        """Its holder, in force or not on the day that it is there."""
        return _agency(self.holder, today=local_day(now, self.holder["time_zone"]))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was brought, as rows. `earlier` is the finding that bears the register number already."""

    agencies: Mapping[str, Mapping[str, Any]]
    documents: Mapping[str, DocumentView]
    mandates: tuple[Mandate, ...]
    auditors: frozenset[int]
    calendar_version: str | None
    earlier: UUID | None

    def named(self, codes: Collection[str], *, today: date) -> dict[str, AgencyView]:
        """The agencies of those codes as they are on that day; a code that nobody has is left out."""
        return {code: _agency(self.agencies[code], today=today) for code in sorted(codes) if code in self.agencies}

    def office(self, code: str, *, today: date) -> Office:
        """The office of that code, which exists, with everyone above it."""
        office = _agency(self.agencies[code], today=today)
        return Office(office, tuple(above(office, (_agency(row, today=today) for row in self.agencies.values()))))

    def mandate(self, *, on: date) -> Mandate | None:
        """The mandate that a finding of that day falls under (`agencies.mandates.in_force`)."""
        return mandates.in_force(self.mandates, on=on)

    def names(self) -> dict[str, str]:
        """The names of all agencies that were brought, by code."""
        return {code: row["name"] for code, row in self.agencies.items()}


def wanted(
    *, office: str, codes: Collection[str], documents: Collection[UUID], owner: Actor | None, register_number: str = ""
) -> Question[Surroundings]:
    """What brings the surroundings of a finding of that office which names those agencies and documents.

    `owner` brings its own documents only. Of a new finding the `register_number` is told, to see whether it is taken.
    """
    parameters = {
        "office": office,
        "codes": orjson.dumps(sorted(codes)).decode(),
        "documents": orjson.dumps(list(documents)).decode(),
        "owner": owner.agency_id if owner else None,
        "register_key": number_key(register_number),
    }
    return Question(_SURROUNDINGS, parameters, _read)


def wanted_by_many(
    *, offices: Collection[str], codes: Collection[str], documents: Collection[UUID]
) -> Question[Surroundings]:
    """What brings the surroundings of findings of those offices together: none of a number that is taken (`earlier`).

    Each finding takes of it what it names, as from surroundings of its own.
    """
    parameters = {
        "offices": orjson.dumps(sorted(offices)).decode(),
        "codes": orjson.dumps(sorted(codes)).decode(),
        "documents": orjson.dumps(list(documents)).decode(),
        "owner": None,
    }
    return Question(_OF_MANY, parameters, _read)


def bring(question: Question[Surroundings]) -> Surroundings:
    """Ask it in a statement of its own."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {question.sql}", question.parameters)
        row = cursor.fetchone()
    return question.read(orjson.loads(row[0]) if row else None)


# Lists come as one JSON text: the plan that was made once then serves however many there are.
def _asked(*, offices: str, earlier: str) -> str:
    return f"""
(SELECT json_build_object(
    -- Everything from here to the commit is looked up by id or key: plans that were made once serve all.
    'planned', set_config('plan_cache_mode', 'force_generic_plan', true),
    'agencies', (
        SELECT coalesce(json_agg(json_build_object('pk', a.id, 'code', a.code, 'name', a.name, 'roles', a.roles,
            'level', a.level, 'region', a.region, 'time_zone', a.time_zone, 'parent', a.parent_id,
            'valid_from', a.valid_from, 'valid_until', a.valid_until, 'heirs', a.heirs) ORDER BY a.id), '[]')
        FROM agencies_agency a WHERE a.id = ANY(ARRAY(
            SELECT (SELECT id FROM agencies_agency WHERE code = named)
            FROM jsonb_array_elements_text(%(codes)s::jsonb) named
            UNION SELECT id FROM ({and_above(offices)}) office
            UNION SELECT agency_id FROM agencies_mandate WHERE scope = 1
        ))
    ),
    'documents', (
        SELECT coalesce(json_agg(json_build_object('id', d.id, 'type', d.type, 'number', d.number, 'date', d.date,
            'sha256', d.sha256, 'size', d.size, 'owner', o.code)), '[]')
        FROM jsonb_array_elements_text(%(documents)s::jsonb) named
        -- Each by its id, however many the office has registered.
        CROSS JOIN LATERAL (SELECT * FROM casefiles_document WHERE id = named::uuid OFFSET 0) d
        JOIN agencies_agency o ON o.id = d.owner_id
        WHERE %(owner)s::bigint IS NULL OR d.owner_id = %(owner)s::bigint
    ),
    'mandate_keys', (SELECT json_object_agg(code, id) FROM agencies_mandate WHERE scope = 1),
    'earlier', {earlier},
    {FOR_ALL}
)::text)
"""  # noqa: S608 - composed of constants only  # noqa: S608 - composed of constants only


_SURROUNDINGS = _asked(
    offices="code = %(office)s",
    earlier="""(
        SELECT f.id FROM casefiles_finding f JOIN agencies_agency o ON o.id = f.office_id
        WHERE o.code = %(office)s AND f.register_key = %(register_key)s
    )""",
)
_OF_MANY = _asked(offices="code IN (SELECT jsonb_array_elements_text(%(offices)s::jsonb))", earlier="NULL::uuid")


def _read(found: Any) -> Surroundings:
    agencies = {row["code"]: row for row in found["agencies"]}
    return Surroundings(
        agencies=agencies,
        documents={item["id"]: document_view(item) for item in found["documents"]},
        mandates=tuple(
            Mandate(found["mandate_keys"][item["code"]], mandate_view(item), agencies[item["agency"]])
            for item in found["every_mandate"]
        ),
        auditors=frozenset(found["auditors"]),
        calendar_version=found["calendar_version"],
        earlier=UUID(found["earlier"]) if found["earlier"] else None,
    )


def _agency(row: Mapping[str, Any], *, today: date) -> AgencyView:
    day = today.isoformat()
    is_in_force = row["valid_from"] <= day and (row["valid_until"] is None or day < row["valid_until"])
    return agency_view({**row, "in_force": is_in_force})
