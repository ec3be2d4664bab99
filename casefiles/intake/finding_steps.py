"""The first step of each officer's casefile: a finding that was taken in becomes one `submit` per subject.

What the casefiles of one act share stands in `Submission`; `findings` brings it and writes the steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from agencies.actor import Actor
from agencies.models import Agency, Mandate
from audit.ids import uuid7
from casefiles import flow, nip, references, register_number
from casefiles.catalogue import election_stages
from casefiles.catalogue.law import LawBook, local_day, rule_of
from casefiles.file import Attached, Changes, Protected, Standing, Violation, ViolationStated
from casefiles.flow import AgencyView, DocumentView, Party, State, chronology
from casefiles.flow.finding import MoreSubjects, Subject
from casefiles.intake import finding_checks
from casefiles.transitions import duplicates
from casefiles.transitions.step import RequestFacts, described, make_step
from casefiles.transitions.write import Opened, Step


@dataclass(frozen=True, slots=True)
class Office:
    """The office of origin and everyone above it, nearest first."""

    office: AgencyView
    above: tuple[AgencyView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the casefiles of one act share.

    `content` is the finding as it stands after the act and `shielded` the commitment to what of it is protected;
    `agencies` and `documents` are those it names. `moment` is when the act happened, `stated` what its body said of
    that, and `arrived` when the finding itself had been forwarded.
    """

    content: Mapping[str, Any]
    shielded: Protected | None
    finding: UUID
    office: Office
    mandate: Mandate
    agencies: Mapping[str, AgencyView]
    documents: Mapping[str, DocumentView]
    actor: Actor
    law: LawBook
    now: datetime
    moment: datetime
    stated: datetime | None
    arrived: datetime
    request: RequestFacts


def finding_steps(subjects: tuple[Subject, ...], shared: Submission) -> tuple[Step, ...]:
    """The `submit` of each subject's casefile, in the order of the subjects."""
    law, mandate, office, now, moment = shared.law, shared.mandate, shared.office, shared.now, shared.moment
    row = flow.ROWS["submit"]
    examiner = agency_view(mandate.agency, today=local_day(now, mandate.agency.time_zone))
    attached = [described(document) for document in shared.documents.values()]
    due = law.due(
        rule="verify",
        start=local_day(moment, examiner.time_zone),
        time_zone=examiner.time_zone,
        mandate=mandate.code,
    )
    sees = tuple({agency.pk: agency for agency in (office.office, *office.above, examiner)}.values())
    auditors = frozenset(Agency.objects.filter(roles__contains=["auditor"]).values_list("pk", flat=True))
    names = {agency.pk: agency.code for agency in (*sees, *shared.agencies.values())}
    steps = []
    for subject, number in zip(subjects, _numbers(len(subjects), now), strict=True):
        facts = _first_facts(subject, shared, examiner=examiner, attached=attached)
        employer = shared.agencies.get(subject.employer) if subject.employer else None
        steps.append(
            make_step(
                row=row,
                party=Party.SUBMITTER,
                state=State.SUBMITTED,
                came_from=None,
                outcome="",
                casefile=uuid7(now),
                number=number,
                finding=shared.finding,
                head=None,
                from_state=None,
                facts={**_nothing_yet(number), **facts},
                given=_for_one(subject, shared),
                mandate_pk=mandate.pk,
                pks={
                    "submitter": office.office.pk,
                    "examiner": examiner.pk,
                    "employer": employer.pk if employer else None,
                    "addressee": None,
                },
                election=shared.content["election"] or "",
                overdue_level=0,
                data_block="none",
                legal_hold=False,
                created_at=now,
                actor=shared.actor,
                law=law,
                now=now,
                occurred_at=moment,
                request=shared.request,
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


def _numbers(count: int, now: datetime) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('casefiles_number') FROM generate_series(1, %s)", [count])
        drawn = sorted(row[0] for row in cursor.fetchall())
    year = now.astimezone(ZoneInfo("Asia/Jakarta")).year
    return [f"LTS/{year}/{number:06d}" for number in drawn]


def _nothing_yet(number: str) -> Standing:
    """Where a casefile stands that no step has been written of."""
    return {"number": number, "version": 0, "state": "", "outcome": None, "turn": None, "steps": {}}


def _for_one(subject: Subject, shared: Submission) -> MoreSubjects:
    """What one casefile's transition was given: nothing of the finding's other subjects."""
    return MoreSubjects(occurred_at=shared.stated, subjects=(subject,))


def _first_facts(subject: Subject, shared: Submission, *, examiner: AgencyView, attached: list[Attached]) -> Changes:
    content, law, office = shared.content, shared.law, shared.office.office
    forwarded_on = local_day(shared.moment, office.time_zone)
    arrived_on = max(local_day(shared.arrived, zone) for zone in (office.time_zone, shared.actor.time_zone))
    mine = set(subject.violations)
    stated: list[ViolationStated] = content["violations"]
    violations: list[Violation] = [
        {
            **violation,
            **law.classify(violation, content),
            "stage_at_act": election_stages.plain(election_stages.at_act(violation, content, law.catalogue)),
            "confirmed": None,
        }
        for violation in stated
        if violation["number"] in mine
    ]
    stage = election_stages.at_submission(violations, content, forwarded_on, law.catalogue)
    person = references.plain(subject)
    employer = person.pop("employer")
    person["identified"] = all((subject.nip, subject.name, subject.employer, subject.employment_kind))
    person["identity_source"] = "submitter" if person["identified"] else None
    facts: Changes = {
        "finding": {
            "id": str(shared.finding),
            "register_number": content["register_number"],
            "source": content["source"],
            "origin_office": office.code,
            "election": content["election"],
            "election_nexus": content["election_nexus"],
            "stage_at_submission": election_stages.plain(stage),
            "protected": shared.shielded,
            **finding_checks.days_of(content, attached, arrived_on=arrived_on),
        },
        "submitter": office.code,
        "examiner": examiner.code,
        "employer": employer,
        "addressee": None,
        "mandate": shared.mandate.code,
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
