"""Taking in a finding: n subjects become n casefiles, all or nothing, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.db import connection

from agencies import mandates
from agencies.actor import Actor
from agencies.models import Agency, Mandate
from audit.ids import uuid7
from casefiles import duplicates, finding_checks, flow, nip, protected, references, register_number, stages
from casefiles.catalogue_register import ensure_on_record
from casefiles.deciding import before_the_last_step, unknown_agencies, unknown_documents
from casefiles.errors import Erased, FindingExists, InvalidGiven, NoMandate, NotVisible, NotYourOffice
from casefiles.flow import AgencyView, DocumentView, Party, Stage, WrongParty, chronology
from casefiles.flow.finding import FindingGiven, MoreSubjects, Subject
from casefiles.identifiers import number_key
from casefiles.law import LawBook, local_day, open_book, rule_of
from casefiles.loading import document_view
from casefiles.models import Finding, Payload
from casefiles.steps import RequestFacts, described, make_step
from casefiles.writing import Opened, Step, write


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A finding with the casefiles that it made; `warnings` are about this act, and stand in no casefile."""

    finding: UUID
    version: int
    content: Mapping[str, Any]
    steps: tuple[Step, ...]
    warnings: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Office:
    """The office of origin and everyone above it, nearest first."""

    office: AgencyView
    above: tuple[AgencyView, ...]


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
    Payload.objects.create(finding_id=finding, seq=1, given=content, given_salt=salt, created_at=now)
    steps = _steps(
        given.subjects,
        content=content,
        shielded=shielded,
        finding=finding,
        office=office,
        mandate=mandate,
        found=found,
        documents=documents,
        actor=actor,
        law=law,
        now=now,
        moment=moment,
        arrived=moment,
        given=given,
        request=request,
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
    Payload.objects.create(finding=stored, seq=last.seq + 1, given=content, given_salt=salt, created_at=now)
    steps = _steps(
        given.subjects,
        content=content,
        shielded=shielded,
        finding=finding,
        office=office,
        mandate=mandate,
        found=found,
        documents=documents,
        actor=actor,
        law=law,
        now=now,
        moment=moment,
        arrived=arrived,
        given=given,
        request=request,
    )
    write(steps)
    warnings = finding_checks.mandate_warnings(mandate, moment, now=now, time_zone=office.office.time_zone)
    return TakenIn(finding=finding, version=last.seq + 1, content=content, steps=steps, warnings=warnings)


# --- what is brought along ------------------------------------------------------------------------------------------


def _agencies(given: FindingGiven | MoreSubjects, *, actor: Actor, today: date) -> dict[str, AgencyView]:
    codes = {code for _, code in references.agencies(given)} | {actor.agency_code}
    return {agency.code: agency_view(agency, today=today) for agency in Agency.objects.filter(code__in=codes)}


def agency_view(agency: Agency, *, today: date) -> AgencyView:
    """An agency as the guards see it on that day."""
    return AgencyView(
        pk=agency.pk,
        code=agency.code,
        name=agency.name,
        roles=frozenset(agency.roles),
        level=agency.level,
        region=agency.region,
        time_zone=agency.time_zone,
        in_force=agency.valid_from <= today and (agency.valid_until is None or today < agency.valid_until),
    )


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


def _office(code: str) -> _Office:
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
    return _Office(office=chain[0], above=tuple(chain[1:]))


def _insert_finding(given: FindingGiven, *, office: _Office, mandate: Mandate, now: datetime) -> UUID:
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


def _numbers(count: int, now: datetime) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('casefiles_number') FROM generate_series(1, %s)", [count])
        drawn = sorted(row[0] for row in cursor.fetchall())
    year = now.astimezone(ZoneInfo("Asia/Jakarta")).year
    return [f"LTS/{year}/{number:06d}" for number in drawn]


def _steps(
    subjects: tuple[Subject, ...],
    *,
    content: Mapping[str, Any],
    shielded: Mapping[str, Any] | None,
    finding: UUID,
    office: _Office,
    mandate: Mandate,
    found: Mapping[str, AgencyView],
    documents: Mapping[str, DocumentView],
    actor: Actor,
    law: LawBook,
    now: datetime,
    moment: datetime,
    arrived: datetime,
    given: Any,
    request: RequestFacts,
) -> tuple[Step, ...]:
    row = flow.ROWS["submit"]
    examiner = agency_view(mandate.agency, today=local_day(now, mandate.agency.time_zone))
    attached = [described(document) for document in documents.values()]
    due = law.due(
        rule="verify",
        start=local_day(moment, examiner.time_zone),
        time_zone=examiner.time_zone,
        mandate=mandate.code,
    )
    sees = tuple({agency.pk: agency for agency in (office.office, *office.above, examiner)}.values())
    auditors = frozenset(Agency.objects.filter(roles__contains=["auditor"]).values_list("pk", flat=True))
    names = {agency.pk: agency.code for agency in (*sees, *found.values())}
    steps = []
    for subject, number in zip(subjects, _numbers(len(subjects), now), strict=True):
        facts = _first_facts(
            subject,
            content=content,
            shielded=shielded,
            finding=finding,
            office=office,
            examiner=examiner,
            mandate=mandate,
            law=law,
            attached=attached,
            forwarded_on=local_day(moment, office.office.time_zone),
            arrived_on=max(local_day(arrived, zone) for zone in (office.office.time_zone, actor.time_zone)),
        )
        facts["number"] = number
        employer = found.get(subject.employer) if subject.employer else None
        steps.append(
            make_step(
                row=row,
                party=Party.SUBMITTER,
                stage=Stage.SUBMITTED,
                came_from=None,
                outcome="",
                casefile=uuid7(now),
                number=number,
                finding=finding,
                head=None,
                from_stage=None,
                facts=facts,
                given=_for_one(given, subject),
                mandate_pk=mandate.pk,
                pks={
                    "submitter": office.office.pk,
                    "examiner": examiner.pk,
                    "employer": employer.pk if employer else None,
                    "addressee": None,
                },
                election=content["election"] or "",
                overdue_level=0,
                data_block="none",
                legal_hold=False,
                created_at=now,
                actor=actor,
                law=law,
                now=now,
                occurred_at=moment,
                request=request,
                opens=Opened(
                    id=uuid7(now),
                    purpose="verify",
                    party=Party.EXAMINER,
                    from_agency=office.office.pk,
                    to_agency=examiner.pk,
                    clock_from=due.clock_from,
                    due_on=due.due_on,
                    original_due_on=due.due_on,
                    due_at=due.due_at,
                    time_zone=due.time_zone,
                    rule=rule_of(due),
                    continues=None,
                ),
                keeps=None,
                moves=None,
                answers=None,
                attached=tuple(attached),
                sees=sees,
                unsees=(),
                names=names,
                audience=auditors | {agency.pk for agency in sees},
            )
        )
    return tuple(steps)


def _for_one(given: Any, subject: Subject) -> Any:
    """What one casefile's transition was given: nothing of the finding's other subjects."""
    return MoreSubjects(occurred_at=given.occurred_at, subjects=(subject,))


def _first_facts(
    subject: Subject,
    *,
    content: Mapping[str, Any],
    shielded: Mapping[str, Any] | None,
    finding: UUID,
    office: _Office,
    examiner: AgencyView,
    mandate: Mandate,
    law: LawBook,
    attached: list[dict[str, Any]],
    forwarded_on: date,
    arrived_on: date,
) -> dict[str, Any]:
    mine = set(subject.violations)
    violations = [
        {
            **violation,
            **law.classify(violation, content),
            "stage_at_act": stages.plain(stages.at_act(violation, content, law.catalogue)),
            "confirmed": None,
        }
        for violation in content["violations"]
        if violation["number"] in mine
    ]
    stage = stages.at_submission(violations, content, forwarded_on, law.catalogue)
    person = references.plain(subject)
    employer = person.pop("employer")
    person["identified"] = all((subject.nip, subject.name, subject.employer, subject.employment_kind))
    person["identity_source"] = "submitter" if person["identified"] else None
    facts = {
        "outcome": None,
        "finding": {
            "id": str(finding),
            "register_number": content["register_number"],
            "source": content["source"],
            "origin_office": office.office.code,
            "election": content["election"],
            "election_nexus": content["election_nexus"],
            "stage_at_submission": stages.plain(stage),
            **finding_checks.days_of(content, attached, arrived_on=arrived_on),
            "protected": shielded,
        },
        "submitter": office.office.code,
        "examiner": examiner.code,
        "employer": employer,
        "addressee": None,
        "mandate": mandate.code,
        "examiner_reference": None,
        "subject": person,
        "violations": violations,
        "recommendation": None,
        "sanction": None,
        "overdue_level": 0,
        "data_block": "none",
        "legal_hold": False,
        "reference_keys": duplicates.reference_keys(content["references"]),
        "documents": list(attached),
    }
    facts["warnings"] = [
        *register_number.warnings(content, pointer="#/finding/register_number"),
        *finding_checks.warnings(content, violations, arrived_on=arrived_on, law=law),
        *chronology.warnings(facts),
        *nip.warnings(subject.nip, employment_kind=subject.employment_kind, violations=violations),
    ]
    return facts
