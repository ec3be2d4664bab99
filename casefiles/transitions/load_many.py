"""The first step of many steps at once: lock their casefiles, and bring what the guards need in two statements for all.

A casefile's own rows come each for itself. Agencies and mandates are few and the same for many, so they come once, and
each casefile is given those that `loading.load` would bring to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection

from agencies.ancestry import and_above
from audit.ledger import head_of
from casefiles.file import CaseFile
from casefiles.flow import AgencyView
from casefiles.transitions.load import AGENCY, FOR_ALL, OWN, PAST, SOURCES, Mentioned
from casefiles.transitions.loaded import Context, Loaded, agency_view, loaded_of, mandate_view, superiors

# In the order of the ids, whoever asks: two steps that concern the same two casefiles wait, and never for each other.
# Plans made once, as after `loading.LOCK`: two casefiles win by it, and five hundred lose nothing (measured).
LOCK_MANY = """
SELECT id, set_config('plan_cache_mode', 'force_generic_plan', true) FROM casefiles_casefile
WHERE id = ANY(%s) ORDER BY id FOR UPDATE
"""

LOAD_MANY = f"""
SELECT json_build_object({OWN}, 'past', {PAST})::text, e.leaf_hash, e.body
{SOURCES}
WHERE c.id = ANY(%(casefiles)s) ORDER BY c.id
"""

# All agencies that any of the casefiles is brought; which of them each is brought, `Shared` says.
SHARED = f"""
SELECT json_build_object(
    'agencies', (
        SELECT json_agg({AGENCY} ORDER BY a.id) FROM agencies_agency a
        WHERE a.id IN ({and_above("id = ANY(%(submitters)s) OR code = ANY(%(codes)s)")})
            OR a.id = ANY(%(parties)s) OR a.code = ANY(%(claimed)s)
            OR a.roles && %(roles)s::varchar[] OR (a.level = 'province' AND 'employer' = ANY(a.roles))
            OR a.id IN (SELECT agency_id FROM agencies_mandate WHERE code = %(mandate)s)
    ),
    'mandates', (
        SELECT coalesce(json_agg(row_to_json(m)), '[]') FROM (
            SELECT m.id AS pk, m.code, a.code AS agency, a.name AS agency_name, m.valid_from, m.valid_until,
                m.caretaker, m.verification_required, m.legal_basis
            FROM agencies_mandate m JOIN agencies_agency a ON a.id = m.agency_id
            WHERE m.id = ANY(%(mandates)s) OR m.code = %(mandate)s
        ) m
    ),
    {FOR_ALL}
)::text
"""  # noqa: S608 - composed of constants only


BEARS: Final = ("submitter_id", "examiner_id", "employer_id", "addressee_id", "mandate_id")
"""The columns of a casefile by which agencies and a mandate bear on it."""


def lock_many(casefiles: Iterable[UUID]) -> frozenset[UUID]:
    """Wait for the rows of those casefiles, in the order of their ids, and hold them; those that there are."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_MANY, [sorted(set(casefiles))])
        return frozenset(row[0] for row in cursor.fetchall())


def load_many(casefiles: Iterable[UUID], *, actor: int, today: date, mentioned: Mentioned) -> Iterator[Loaded]:
    """What `load` brings for each of many locked casefiles, in the order of their ids, answered referrals included.

    Leaves out those whose content was erased. No documents: what names one is performed on one casefile at a time.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOAD_MANY, {"casefiles": sorted(set(casefiles)), "with_past": True})
        found = [(orjson.loads(text), leaf, body) for text, leaf, body in cursor.fetchall()]
    found = [row for row in found if not row[0]["erased"]]
    if not found:
        return
    shared = brought(_bearing([row for row, _, _ in found]), actor=actor, today=today, mentioned=mentioned)
    for row, leaf, body in found:
        yield loaded_of(row, head_of(bytes(body), leaf=bytes(leaf)), context=shared.of(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """Which agencies and mandates bear on some casefiles, by primary key; `named` are codes that their files name."""

    submitters: Collection[int]
    parties: Collection[int]
    mandates: Collection[int]
    named: Collection[str] = ()


def _bearing(rows: list[dict[str, Any]]) -> Bearing:
    return Bearing(
        submitters={row["submitter_id"] for row in rows},
        parties={row[party] for row in rows for party in ("examiner_id", "employer_id", "addressee_id") if row[party]},
        mandates={row["mandate_id"] for row in rows if row["mandate_id"]},
        named={code for row in rows for code in _named_by(row["facts"])},
    )


def brought(bearing: Bearing, *, actor: int, today: date, mentioned: Mentioned) -> Shared:
    """Those agencies and mandates, with all that comes to every casefile, in one statement.

    The casefiles may be such that are not stored yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            SHARED,
            {
                "submitters": sorted(bearing.submitters),
                "parties": sorted({*bearing.parties, actor}),
                "claimed": sorted(bearing.named),
                "mandates": sorted(bearing.mandates),
                "today": today,
                "codes": list(mentioned.codes),
                "roles": list(mentioned.roles),
                "mandate": mentioned.mandate,
            },
        )
        found = cursor.fetchone()
    return Shared(orjson.loads(found[0]), actor=actor, mentioned=mentioned)


class Shared:
    """The agencies and mandates that came for all, and which of them each casefile is brought."""

    def __init__(self, found: Mapping[str, Any], *, actor: int, mentioned: Mentioned) -> None:
        self._agencies = {item["pk"]: agency_view(item) for item in found["agencies"]}
        self._by_code = {agency.code: agency.pk for agency in self._agencies.values()}
        self._every_mandate = tuple(mandate_view(item) for item in found["every_mandate"])
        self._mandates = {item["pk"]: mandate_view(item) for item in found["mandates"]}
        self._named = next((pk for pk, held in self._mandates.items() if held.code == mentioned.mandate), None)
        self._auditors, self._calendar = frozenset(found["auditors"]), found["calendar_version"]
        self._provinces: dict[str, list[int]] = {}
        for agency in self._agencies.values():
            if agency.level == "province" and "employer" in agency.roles:
                self._provinces.setdefault(agency.region, []).append(agency.pk)
        # Brought to every casefile, whoever its parties are.
        roles = set(mentioned.roles)
        self._contexts: dict[tuple[Any, ...], Context] = {}
        self._to_all = {actor} | {agency.pk for agency in self._agencies.values() if agency.roles & roles}
        for code in mentioned.codes:
            if (pk := self._by_code.get(code)) is not None:
                self._to_all |= {pk, *superiors(pk, self._agencies), *self._provinces_above(self._agencies[pk])}
        if self._named is not None:
            self._to_all.add(self._by_code[self._mandates[self._named].agency])

    def of(self, row: Mapping[str, Any]) -> Context:
        """What is brought to that casefile; the same for all whose parties are the same."""
        facts = row["facts"]
        asked = (*(row[name] for name in BEARS), facts.get("claimed_employer"), facts["subject"].get("workplace"))
        if (known := self._contexts.get(asked)) is None:
            known = self._contexts[asked] = self._context(row)
        return known

    def _context(self, row: Mapping[str, Any]) -> Context:
        offices_above = superiors(row["submitter_id"], self._agencies)
        obliged = [self._agencies[pk] for pk in (row["employer_id"], row["addressee_id"]) if pk is not None]
        named = {self._by_code[code] for code in _named_by(row["facts"]) if code in self._by_code}
        workplace = self._by_code.get(row["facts"]["subject"].get("workplace") or "")
        if workplace is not None:
            obliged.append(self._agencies[workplace])
        brought = {
            *self._to_all,
            *offices_above,
            row["submitter_id"],
            row["examiner_id"],
            *(agency.pk for agency in obliged),
            *(pk for agency in obliged for pk in self._provinces_above(agency)),
            *named,
        }
        return Context(
            agencies={pk: self._agencies[pk] for pk in sorted(brought)},
            mandate=self._mandates.get(row["mandate_id"]),
            named_mandate=None if self._named is None else self._mandates[self._named],
            named_mandate_pk=self._named,
            every_mandate=self._every_mandate,
            superiors=offices_above,
            documents={},
            auditors=self._auditors,
            calendar_version=self._calendar,
        )

    def _provinces_above(self, agency: AgencyView) -> list[int]:
        return self._provinces.get(agency.region.split(".", 1)[0], []) if agency.region else []


def _named_by(facts: CaseFile) -> list[str]:
    """The agencies that a file names beside its parties: the employer claimed, and where the officer serves."""
    named = (facts.get("claimed_employer"), facts["subject"].get("workplace"))
    return [code for code in named if code]
