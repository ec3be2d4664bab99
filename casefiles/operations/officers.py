"""Which person a data-protection officer asks about, and where that person stands in the register.

Most officers are found by their NIP. Governors, regents, ministers and judges have none, and the subject of a finding
may be known by name only. They are found by a casefile, by a finding, or by a name with an agency: then the places are
listed, and a person chooses among them, because two people may bear one name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast
from uuid import UUID

import orjson
from django.db import connection

from casefiles import nip as nips
from casefiles.file import Subject
from casefiles.identifiers import number_key, number_order
from casefiles.models import Attachment, Casefile, Payload
from casefiles.names import name_key


@dataclass(frozen=True, slots=True)
class Traces:
    """Where one person stands: ids only."""

    casefiles: frozenset[UUID] = field(default_factory=frozenset)
    findings: frozenset[UUID] = field(default_factory=frozenset)
    preventions: frozenset[UUID] = field(default_factory=frozenset)
    documents: frozenset[UUID] = field(default_factory=frozenset)
    mentioned_in: frozenset[UUID] = field(default_factory=frozenset)
    zero_reports: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def ids(self) -> frozenset[UUID]:
        """All records that show something of the officer to whoever is shown them."""
        others = self.mentioned_in | self.zero_reports
        return self.casefiles | self.findings | self.preventions | self.documents | others


Kind = Literal["subject", "official", "prevention", "zero_report"]


@dataclass(frozen=True, slots=True)
class Place:
    """One place where somebody stands; `number` is the casefile's, or the record's id. `facts` tell it from others."""

    kind: Kind
    ident: UUID
    number: str
    agency: str | None
    facts: str
    name: str
    nips: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody, by all their NIPs, or by the places that were chosen and the names (`name_key`) that stand there."""

    nips: frozenset[str] = frozenset()
    chosen: tuple[Place, ...] = ()

    def of(self, kind: Kind) -> frozenset[UUID]:
        """The chosen records of that kind."""
        return frozenset(place.ident for place in self.chosen if place.kind == kind)

    def is_named_by(self, value: Mapping[str, Any], *, record: UUID) -> bool:
        """Whether this object of that record names the officer."""
        if self.nips.intersection(inner for inner in value.values() if isinstance(inner, str)):
            return True
        if value.get("nip") or not isinstance(value.get("name"), str):
            return False
        names = {place.name for place in self.chosen if place.ident == record}
        return name_key(value["name"]) in names


class TwoPersons(ValueError):
    """The chosen casefiles are of officers with different NIPs."""


def by_nip(nip: str) -> Officer:
    """The officer with that NIP of 18 digits."""
    return Officer(frozenset({nip}))


def chosen(places: Sequence[Place]) -> Officer:
    """The officer who stands in those places, whose NIP may be known there. Raises `TwoPersons`."""
    known = [place.nips for place in places if place.nips]
    if any(not one & other for one in known for other in known):
        raise TwoPersons
    return Officer(frozenset().union(*known), tuple(places))


def mark(places: Iterable[Place]) -> str:
    """Six hexadecimal digits that stand for this list, so that nobody chooses from another one."""
    listed = "\n".join(f"{place.kind} {place.ident}" for place in places)
    return hashlib.sha256(listed.encode()).hexdigest()[:6]


# -- where somebody may stand ------------------------------------------------------------------------------------------


def of_casefile(casefile: str) -> tuple[Place, ...]:
    """The subject of the casefile of that number or id; empty where there is none."""
    try:
        return _subjects(Casefile.objects.filter(pk=UUID(casefile)))
    except ValueError:
        return _subjects(Casefile.objects.filter(number=number_key(casefile)))


def of_finding(finding: UUID) -> tuple[Place, ...]:
    """The subjects of a finding, in the order of their casefiles' numbers."""
    return _subjects(Casefile.objects.filter(finding=finding))


def named(name: str, *, agency: str) -> tuple[Place, ...]:
    """Where that name stands with that agency, however it is written (`name_key`).

    As the subject of a casefile whose employer it is, or is not known yet; as an official of a step that it performed,
    or of a zero report of its own; and as an officer of its own whom a prevention names. Reads every step's content.
    """
    key = name_key(name)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    bore_it = Payload.objects.filter(name_key=key, seq__gte=1, casefile__isnull=False).values("casefile")
    rows = Casefile.objects.filter(pk__in=bore_it).select_related("employer")
    own = [row.pk for row in rows if row.employer is None or row.employer.code == agency]
    return (
        *_subjects(Casefile.objects.filter(pk__in=own)),
        *_officials(key, agency=agency),
        *_warned(key, agency=agency),
        *_answering(key, agency=agency),
    )


def _subjects(rows: Any) -> tuple[Place, ...]:
    found = sorted(rows.select_related("employer"), key=lambda row: number_order(row.number))
    facts = {
        payload.casefile_id: payload.facts or {}
        for payload in Payload.objects.filter(casefile__in=found, seq__gte=1).order_by("seq").only("casefile", "facts")
    }
    return tuple(
        Place(
            kind="subject",
            ident=row.pk,
            number=row.number,
            agency=row.employer.code if row.employer else None,
            facts=row.state,
            name=name_key((facts[row.pk].get("subject") or {}).get("name") or ""),
            nips=nips.all_of(cast("Subject", facts[row.pk].get("subject") or {})),
        )
        for row in found
    )


def _officials(key: str, *, agency: str) -> Iterator[Place]:
    """Officials in steps of that agency, one place for each casefile."""
    seen: set[UUID] = set()
    with connection.cursor() as cursor:
        cursor.execute(_STEPS_OF, {"agency": agency, "pattern": _pattern(key)})
        for casefile, number, step, day, given in cursor.fetchall():
            people = [value for value in _people(orjson.loads(given)) if name_key(value["name"]) == key]
            # The subject of a finding or an identity is a place of its own.
            people = [one for one in people if one.get("position") and "employment_kind" not in one]
            if people and casefile not in seen:
                seen.add(casefile)
                facts = f"{step} {day.isoformat()}, {people[0]['position']}"
                yield Place("official", casefile, number, agency, facts, key, _nips_in(people))


_STEPS_OF: Final = """
SELECT casefile.id, casefile.number, step.name, step.occurred_at::date, content.given::text
  FROM casefiles_payload content
  JOIN casefiles_transition step ON step.casefile_id = content.casefile_id AND step.seq = content.seq
  JOIN agencies_agency agency ON agency.id = step.agency_id
  JOIN casefiles_casefile casefile ON casefile.id = content.casefile_id
 WHERE agency.code = %(agency)s AND content.seq >= 1 AND content.given::text ~* %(pattern)s
 ORDER BY length(casefile.number), casefile.number, step.seq
"""


def _warned(key: str, *, agency: str) -> Iterator[Place]:
    rows = Payload.objects.filter(prevention__isnull=False, seq__gt=1, given__employer=agency)
    for row in rows.select_related("prevention").order_by("prevention", "seq"):
        given = row.given or {}
        if row.prevention is not None and name_key(given.get("name") or "") == key:
            facts = f"{row.prevention.kind} {row.prevention.held_on.isoformat()}"
            yield Place("prevention", row.prevention.pk, str(row.prevention.pk), agency, facts, key, _nips_in([given]))


def _answering(key: str, *, agency: str) -> Iterator[Place]:
    rows = Payload.objects.filter(zero_report__agency__code=agency, seq__gte=1)
    for row in rows.select_related("zero_report").order_by("zero_report", "seq"):
        people = [value for value in _people(row.given) if name_key(value["name"]) == key]
        if row.zero_report is not None and people:
            report = row.zero_report
            facts = f"{report.subject} {report.period_from.isoformat()}/{report.period_until.isoformat()}"
            yield Place("zero_report", report.pk, str(report.pk), agency, facts, key, _nips_in(people))


def _people(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("name"), str):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _people(inner)


def _nips_in(people: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(filter(None, (one.get("nip") for one in people)))


def _pattern(key: str) -> str:
    """What the longest word of a name looks like in a text, with what `name_key` folds between its letters."""
    longest = max(key.split(), key=len)
    return r"[^[:alnum:]]{0,2}".join(re.escape(char) for char in longest)


# -- where an officer stands -------------------------------------------------------------------------------------------


def traces(officer: Officer) -> Traces:
    """Where the officer stands, in any version. Reads every casefile's content: nothing points at officials."""
    named_in, zero_reports = frozenset[UUID](), frozenset[UUID]()
    own = Payload.objects.none()
    if officer.nips:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(_NAMED_IN, {"nips": "|".join(sorted(officer.nips))})
            named_in = frozenset(row[0] for row in cursor.fetchall())
            cursor.execute(_ANSWERED_BY, {"nips": "|".join(sorted(officer.nips))})
            zero_reports = frozenset(row[0] for row in cursor.fetchall())
        own = Payload.objects.filter(nip__in=officer.nips, seq__gte=1)
    as_subject = own.filter(casefile__isnull=False).values_list("casefile", flat=True)
    casefiles = frozenset(as_subject) | officer.of("subject")
    warned = own.filter(prevention__isnull=False).values_list("prevention", flat=True)
    return Traces(
        casefiles=casefiles,
        findings=frozenset(Casefile.objects.filter(pk__in=casefiles).values_list("finding", flat=True)),
        preventions=frozenset(warned) | officer.of("prevention"),
        documents=frozenset(Attachment.objects.filter(casefile__in=casefiles).values_list("document", flat=True)),
        mentioned_in=(named_in | officer.of("official")) - casefiles,
        zero_reports=zero_reports | officer.of("zero_report"),
    )


# NIPs are digits, so that several of them make a pattern.
_NAMED_IN: Final = """
SELECT DISTINCT casefile_id FROM casefiles_payload
WHERE casefile_id IS NOT NULL AND seq >= 1 AND (given::text ~ %(nips)s OR facts::text ~ %(nips)s)
"""
_ANSWERED_BY: Final = """
SELECT DISTINCT zero_report_id FROM casefiles_payload
WHERE zero_report_id IS NOT NULL AND seq >= 1 AND given::text ~ %(nips)s
"""
