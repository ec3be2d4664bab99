"""Taking in a finding: n subjects become n casefiles, all or nothing, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models.expressions import RawSQL

from agencies import mandates
from agencies.actor import Actor
from agencies.ancestry import and_above
from agencies.models import Agency, Mandate
from audit.ids import uuid7
from casefiles import flow, references
from casefiles.catalogue.law import local_day, open_book
from casefiles.catalogue.versions import ensure_on_record
from casefiles.errors import Erased, FindingExists, InvalidGiven, NoMandate, NotVisible, NotYourOffice
from casefiles.file import Warned
from casefiles.flow import AgencyView, DocumentView, Party, WrongParty
from casefiles.flow.finding import FindingGiven, MoreSubjects, Subject
from casefiles.flow.offices import above
from casefiles.identifiers import number_key
from casefiles.intake import finding_checks
from casefiles.intake.finding_steps import Office, Submission, agency_view, finding_steps
from casefiles.models import Finding, Payload
from casefiles.sight import protected
from casefiles.transitions import committing
from casefiles.transitions.decide import before_the_last_step, unknown_agencies, unknown_documents
from casefiles.transitions.loaded import document_view
from casefiles.transitions.values import Act, RequestFacts, Step
from casefiles.transitions.write import write


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A finding with the casefiles that it made; `warnings` are about this act, and stand in no casefile."""

    finding: UUID
    version: int
    content: Mapping[str, Any]
    steps: tuple[Step, ...]
    warnings: tuple[Warned, ...] = ()


def submit(*, actor: Actor, given: FindingGiven, now: datetime, request: RequestFacts) -> TakenIn:
    """Take in a finding, inside the caller's transaction.

    Raises `WrongParty` (no election supervisor), `CatalogueNotOnRecord`, `InvalidGiven`, `NotYourOffice`,
    `FindingExists`; nothing is stored then.
    """
    act = _submits(given, actor=actor, now=now, request=request)
    if "election_supervisor" not in actor.roles:
        raise WrongParty(act.row.name, act.row.by)
    ensure_on_record()
    moment = act.moment
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
    office = _office(given.origin_office, today=local_day(moment, actor.time_zone))
    if actor.agency_id not in office.pks:
        raise NotYourOffice
    mandate = mandates.in_force(on=local_day(moment, office.office.time_zone))
    if mandate is None:
        raise NoMandate
    content = references.plain(given)
    finding = _insert_finding(given, office=office, mandate=mandate, now=now)
    shielded, salt = protected.sealed(content)
    shared = Submission(
        act=act,
        law=law,
        office=office,
        mandate=mandate,
        agencies=found,
        documents=documents,
        content=content,
        shielded=shielded,
        finding=finding,
        arrived=moment,
    )
    return _taken_in(given.subjects, shared, version=1, salt=salt)


def add_subjects(*, actor: Actor, finding: UUID, given: MoreSubjects, now: datetime, request: RequestFacts) -> TakenIn:
    """Add further officers to a finding the caller submitted; each becomes a casefile of its own.

    Raises `CatalogueNotOnRecord`, `NotVisible`, `WrongParty` (another office's finding), `Erased`, `InvalidGiven`.
    """
    ensure_on_record()
    act = _submits(given, actor=actor, now=now, request=request)
    with connection.cursor() as cursor:
        # One adder at a time, so that the finding's versions count without gaps. The row itself is append-only.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"finding:{finding}"])
    stored = Finding.objects.select_related("office", "mandate__agency").filter(pk=finding).first()
    if stored is None:
        raise NotVisible
    office = _office(stored.office.code, today=local_day(act.moment, actor.time_zone))
    if actor.agency_id not in office.pks:
        raise WrongParty(act.row.name, act.row.by)
    last = Payload.objects.filter(finding=stored, answer__isnull=True).order_by("-seq")[0]
    if last.given is None:
        raise Erased
    content = dict(last.given)
    moment = act.moment
    law = open_book()
    found = _agencies(given, actor=actor, today=local_day(moment, actor.time_zone))
    documents = _documents(tuple(UUID(ident) for ident in content["assessment"]["documents"]), actor=None)
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
    shared = Submission(
        act=act,
        law=law,
        office=office,
        mandate=mandate,
        agencies=found,
        documents=documents,
        content=content,
        shielded=shielded,
        finding=finding,
        arrived=arrived,
    )
    return _taken_in(given.subjects, shared, version=last.seq + 1, salt=salt)


def _submits(given: FindingGiven | MoreSubjects, *, actor: Actor, now: datetime, request: RequestFacts) -> Act:
    """The act, whoever of the submitting side performs it: an office above forwards what its office submits."""
    return Act(
        row=flow.ROWS["submit"],
        actor=actor,
        given=given,
        occurred_at=given.occurred_at,
        now=now,
        request=request,
        party=Party.SUBMITTER,
    )


def _taken_in(subjects: tuple[Subject, ...], shared: Submission, *, version: int, salt: bytes | None) -> TakenIn:
    """Store that version of the finding's content with its entry, and the first step of each subject's casefile."""
    act, own = shared.act, committing.fresh_salt()
    Payload.objects.create(
        finding_id=shared.finding,
        seq=version,
        given=shared.content,
        given_salt=salt,
        facts_salt=own,
        created_at=act.now,
    )
    committing.recorded(
        "finding",
        shared.finding,
        salt=own,
        actor=act.actor,
        now=act.now,
        request=act.request,
        is_first=version == 1,
    )
    steps = finding_steps(subjects, shared)
    write(steps)
    warnings = finding_checks.mandate_warnings(
        shared.mandate, act.moment, now=act.now, time_zone=shared.office.office.time_zone
    )
    return TakenIn(finding=shared.finding, version=version, content=shared.content, steps=steps, warnings=warnings)


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


def _office(code: str, *, today: date) -> Office:
    ids = RawSQL(f"({and_above('code = %s')})", [code])  # noqa: S611 - composed of constants only
    chain = {agency.pk: agency_view(agency, today=today) for agency in Agency.objects.filter(pk__in=ids)}
    office = next(agency for agency in chain.values() if agency.code == code)
    return Office(office=office, above=tuple(above(office, chain.values())))


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
