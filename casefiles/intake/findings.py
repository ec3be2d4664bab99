"""Taking in a finding: n subjects become n casefiles, all or nothing, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from agencies import mandates
from agencies.actor import Actor
from agencies.models import Agency, Mandate
from audit.ids import uuid7
from casefiles import flow, references
from casefiles.catalogue.law import local_day, open_book
from casefiles.catalogue.versions import ensure_on_record
from casefiles.errors import Erased, FindingExists, InvalidGiven, NoMandate, NotVisible, NotYourOffice
from casefiles.flow import AgencyView, DocumentView, WrongParty
from casefiles.flow.finding import FindingGiven, MoreSubjects
from casefiles.identifiers import number_key
from casefiles.intake import committing, finding_checks
from casefiles.intake.finding_steps import Office, Submission, agency_view, finding_steps
from casefiles.models import Finding, Payload
from casefiles.sight import protected
from casefiles.transitions.decide import before_the_last_step, unknown_agencies, unknown_documents
from casefiles.transitions.loaded import document_view
from casefiles.transitions.step import RequestFacts
from casefiles.transitions.write import Step, write


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A finding with the casefiles that it made; `warnings` are about this act, and stand in no casefile."""

    finding: UUID
    version: int
    content: Mapping[str, Any]
    steps: tuple[Step, ...]
    warnings: tuple[Mapping[str, str], ...] = ()


def submit(*, actor: Actor, given: FindingGiven, now: datetime, request: RequestFacts) -> TakenIn:
    """Take in a finding, inside the caller's transaction.

    Raises `WrongParty` (no election supervisor), `CatalogueNotOnRecord`, `InvalidGiven`, `NotYourOffice`,
    `FindingExists`; nothing is stored then.
    """
    row = flow.ROWS["submit"]
    if "election_supervisor" not in actor.roles:
        raise WrongParty(row.name, row.by)
    ensure_on_record()
    moment = given.occurred_at or now
    law = open_book()
    found = _agencies(given, actor=actor, today=local_day(moment, actor.time_zone))
    documents = _documents(given.assessment.documents, actor=actor)
    faults = [
        *unknown_agencies(references.agencies(given), set(found)),
        *unknown_documents(references.documents(given), documents),
        *finding_checks.contradictions(given, documents),
        *finding_checks.contest_faults(given, law.catalogue),
        *finding_checks.day_faults(
            given, documents, today=local_day(moment, actor.time_zone), time_zone=actor.time_zone
        ),
        *finding_checks.stage_faults(given, law.catalogue),
        *finding_checks.subject_faults(
            given.subjects, [violation.number for violation in given.violations], agencies=found
        ),
    ]
    if faults:
        raise InvalidGiven(tuple(faults))
    office = _office(given.origin_office)
    if actor.agency_id not in {office.office.pk, *(above.pk for above in office.above)}:
        raise NotYourOffice
    mandate = mandates.in_force(on=local_day(moment, office.office.time_zone))
    if mandate is None:
        raise NoMandate
    content = references.plain(given)
    finding = _insert_finding(given, office=office, mandate=mandate, now=now)
    shielded, salt = protected.sealed(content)
    own = committing.fresh_salt()
    Payload.objects.create(finding_id=finding, seq=1, given=content, given_salt=salt, facts_salt=own, created_at=now)
    committing.recorded("finding", finding, salt=own, actor=actor, now=now, request=request)
    steps = finding_steps(
        given.subjects,
        Submission(
            content=content,
            shielded=shielded,
            finding=finding,
            office=office,
            mandate=mandate,
            agencies=found,
            documents=documents,
            actor=actor,
            law=law,
            now=now,
            moment=moment,
            stated=given.occurred_at,
            arrived=moment,
            request=request,
        ),
    )
    write(steps)
    warnings = finding_checks.mandate_warnings(mandate, moment, now=now, time_zone=office.office.time_zone)
    return TakenIn(finding=finding, version=1, content=content, steps=steps, warnings=warnings)


def add_subjects(*, actor: Actor, finding: UUID, given: MoreSubjects, now: datetime, request: RequestFacts) -> TakenIn:
    """Add further officers to a finding the caller submitted; each becomes a casefile of its own.

    Raises `CatalogueNotOnRecord`, `NotVisible`, `WrongParty` (another office's finding), `Erased`, `InvalidGiven`.
    """
    ensure_on_record()
    row = flow.ROWS["submit"]
    with connection.cursor() as cursor:
        # One adder at a time, so that the finding's versions count without gaps. The row itself is append-only.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"finding:{finding}"])
    stored = Finding.objects.select_related("office", "mandate__agency").filter(pk=finding).first()
    if stored is None:
        raise NotVisible
    office = _office(stored.office.code)
    if actor.agency_id not in {office.office.pk, *(above.pk for above in office.above)}:
        raise WrongParty(row.name, row.by)
    last = Payload.objects.filter(finding=stored, answer__isnull=True).order_by("-seq")[0]
    if last.given is None:
        raise Erased
    content = dict(last.given)
    moment = given.occurred_at or now
    law = open_book()
    found = _agencies(given, actor=actor, today=local_day(moment, actor.time_zone))
    documents = _documents(tuple(UUID(one) for one in content["assessment"]["documents"]), actor=None)
    arrived = datetime.fromisoformat(content["occurred_at"] or stored.created_at.isoformat())
    faults = [
        *unknown_agencies(references.agencies(given), set(found)),
        *finding_checks.subject_faults(
            given.subjects,
            [violation["number"] for violation in content["violations"]],
            agencies=found,
            named=frozenset(subject["nip"] for subject in content["subjects"] if subject["nip"]),
        ),
        *before_the_last_step(moment, arrived),
    ]
    if faults:
        raise InvalidGiven(tuple(faults))
    # Not the finding's own: a casefile stands under the mandate in force when it was submitted.
    mandate = mandates.in_force(on=local_day(moment, office.office.time_zone))
    if mandate is None:
        raise NoMandate
    content["subjects"] = [*content["subjects"], *(references.plain(subject) for subject in given.subjects)]
    shielded, salt = protected.sealed(content)
    own = committing.fresh_salt()
    Payload.objects.create(
        finding=stored, seq=last.seq + 1, given=content, given_salt=salt, facts_salt=own, created_at=now
    )
    committing.recorded("finding", finding, salt=own, actor=actor, now=now, request=request, is_first=False)
    steps = finding_steps(
        given.subjects,
        Submission(
            content=content,
            shielded=shielded,
            finding=finding,
            office=office,
            mandate=mandate,
            agencies=found,
            documents=documents,
            actor=actor,
            law=law,
            now=now,
            moment=moment,
            stated=given.occurred_at,
            arrived=arrived,
            request=request,
        ),
    )
    write(steps)
    warnings = finding_checks.mandate_warnings(mandate, moment, now=now, time_zone=office.office.time_zone)
    return TakenIn(finding=finding, version=last.seq + 1, content=content, steps=steps, warnings=warnings)


# --- what is brought along ------------------------------------------------------------------------------------------


def _agencies(given: FindingGiven | MoreSubjects, *, actor: Actor, today: date) -> dict[str, AgencyView]:
    codes = {code for _, code in references.agencies(given)} | {actor.agency_code}
    return {agency.code: agency_view(agency, today=today) for agency in Agency.objects.filter(code__in=codes)}


def _documents(ids: tuple[UUID, ...], *, actor: Actor | None) -> dict[str, DocumentView]:
    """The documents of those ids that the caller may attach: its own (no caller: all of them)."""
    owner = actor.agency_id if actor else None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(json_agg(json_build_object('id', d.id, 'type', d.type, 'number', d.number, 'date', d.date,
                'sha256', d.sha256, 'size', d.size, 'owner', o.code)), '[]')::text
            FROM casefiles_document d JOIN agencies_agency o ON o.id = d.owner_id
            WHERE d.id = ANY(%s) AND (%s::bigint IS NULL OR d.owner_id = %s::bigint)
            """,
            [list(ids), owner, owner],
        )
        row = cursor.fetchone()
    return {item["id"]: document_view(item) for item in orjson.loads(row[0])} if row else {}


def _office(code: str) -> Office:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE chain AS (
                SELECT a.*, 0 AS height FROM agencies_agency a WHERE a.code = %s
                UNION ALL
                SELECT p.*, c.height + 1 FROM agencies_agency p JOIN chain c ON p.id = c.parent_id WHERE c.height < 6
            )
            SELECT id, code, name, roles, level, region, time_zone FROM chain ORDER BY height
            """,
            [code],
        )
        rows = cursor.fetchall()
    chain = [
        AgencyView(pk=pk, code=code, name=name, roles=frozenset(roles), level=level, region=region, time_zone=zone)
        for pk, code, name, roles, level, region, zone in rows
    ]
    return Office(office=chain[0], above=tuple(chain[1:]))


def _insert_finding(given: FindingGiven, *, office: Office, mandate: Mandate, now: datetime) -> UUID:
    key = number_key(given.register_number)
    with connection.cursor() as cursor:
        # The unique index decides a race: the later one waits for the earlier, then finds the row.
        cursor.execute(
            """
            INSERT INTO casefiles_finding (id, office_id, register_number, register_key, source, election, mandate_id,
                known_on, registered_on, created_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (office_id, register_key) DO NOTHING
            RETURNING id
            """,
            [
                uuid7(now),
                office.office.pk,
                given.register_number,
                key,
                given.source,
                given.election or "",
                mandate.pk,
                given.known_on,
                given.registered_on,
                now,
            ],
        )
        row = cursor.fetchone()
    if row is not None:
        return UUID(str(row[0]))
    raise FindingExists(Finding.objects.values_list("pk", flat=True).get(office=office.office.pk, register_key=key))
