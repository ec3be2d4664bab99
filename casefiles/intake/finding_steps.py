"""The first step of each officer's casefile: a finding that was taken in becomes one `submit` per subject.

What the casefiles of one act share stands in `Submission`; `findings` brings it and writes the steps.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from audit.ids import uuid7
from casefiles import nip, references, register_number
from casefiles.catalogue import election_stages
from casefiles.catalogue.law import LawBook, local_day
from casefiles.file import Changes, Protected, Violation, ViolationStated
from casefiles.flow import AgencyView, DocumentView, chronology
from casefiles.flow.finding import MoreSubjects, Subject
from casefiles.intake import finding_checks
from casefiles.intake.surroundings import Mandate, Office
from casefiles.transitions import duplicates
from casefiles.transitions.columns import Columns
from casefiles.transitions.decide import decide
from casefiles.transitions.loaded import Context, Loaded
from casefiles.transitions.values import Act, Step


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What the casefiles of one act share; the act is performed for each with a subject of its own as what is given.

    `content` is the finding as it stands after the act and `shielded` the commitment to what of it is protected;
    `agencies` and `documents` are those it names, `auditors` the agencies of that role. `arrived` is when the finding
    itself had been forwarded.
    """

    act: Act
    law: LawBook
    office: Office
    mandate: Mandate
    agencies: Mapping[str, AgencyView]
    documents: Mapping[str, DocumentView]
    content: Mapping[str, Any]
    shielded: Protected | None
    finding: UUID
    arrived: datetime
    auditors: frozenset[int]
    spare: list[str] = field(default_factory=list)
    """Numbers that were drawn before for what was rolled back; they are given first, and taken out."""

    @cached_property
    def judged(self) -> list[Violation]:
        """The finding's violations with class and stage: of each once, however many officers it is said of."""
        stated: list[ViolationStated] = self.content["violations"]
        return [
            {
                **violation,
                **self.law.classify(violation, self.content),
                "stage_at_act": self.law.stage_at_act(violation, self.content),
                "confirmed": None,
            }
            for violation in stated
        ]


def finding_steps(subjects: tuple[Subject, ...], shared: Submission) -> tuple[Step, ...]:
    """The `submit` of each subject's casefile, in the order of the subjects."""
    context = _context(shared)
    steps = []
    for subject, number in zip(subjects, _numbers(len(subjects), shared), strict=True):
        # Nothing of the finding's other subjects.
        given = MoreSubjects(occurred_at=shared.act.occurred_at, subjects=(subject,))
        loaded = _to_begin_with(subject, number, shared, context)
        steps.append(decide(replace(shared.act, given=given), loaded, law=shared.law).step)
    return tuple(steps)


def _context(shared: Submission) -> Context:
    """What bears on every casefile of the act."""
    examiner = shared.mandate.examiner(now=shared.act.now)
    involved = (*shared.agencies.values(), shared.office.office, *shared.office.above, examiner)
    return Context(
        agencies={agency.pk: agency for agency in involved},
        # The first step has no guard that asks for a mandate: whether there is one was asked before.
        mandate=None,
        named_mandate=None,
        named_mandate_pk=None,
        every_mandate=(),
        superiors=frozenset(agency.pk for agency in shared.office.above),
        documents=shared.documents,
        auditors=shared.auditors,
        calendar_version=None,
    )


def _to_begin_with(subject: Subject, number: str, shared: Submission, context: Context) -> Loaded:
    """The casefile before its first step: where nothing stands yet, with the file as the finding opens it."""
    examiner = context.agencies[shared.mandate.holder["pk"]]
    return Loaded(
        columns=Columns(
            id=uuid7(shared.act.now),
            number=number,
            election=shared.content["election"] or "",
            created_at=shared.act.now,
            updated_at=shared.act.now,
            examiner_id=examiner.pk,
            mandate_id=shared.mandate.pk,
            submitter_id=shared.office.office.pk,
            finding_id=shared.finding,
        ),
        facts={
            **_first_facts(subject, shared, examiner=examiner),
            "number": number,
            "version": 0,
            "state": "",
            "outcome": None,
            "turn": None,
            "steps": {},
            # They are joined to it by the step.
            "documents": [],
        },
        head=None,
        last_occurred_at=shared.arrived,
        context=context,
    )


def _numbers(count: int, shared: Submission) -> list[str]:
    """The next numbers of the register, drawn once nothing is refused any more; who only tries draws none."""
    year = shared.act.now.astimezone(ZoneInfo("Asia/Jakarta")).year
    if shared.act.request.only_tries:
        # Nobody is shown these. They differ, or two who try at once would wait for each other.
        return [f"LTS/{year}/{secrets.token_hex(5)}" for _ in range(count)]
    again = [number for number in shared.spare if number.startswith(f"LTS/{year}/")][:count]
    shared.spare[:] = [number for number in shared.spare if number not in again]
    return [*again, *drawn(count - len(again), year=year)]


def drawn(count: int, *, year: int) -> list[str]:
    """So many numbers of that year, the next of the register."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('casefiles_number') FROM generate_series(1, %s)", [count])
        return [f"LTS/{year}/{number:06d}" for number in sorted(row[0] for row in cursor.fetchall())]


def _first_facts(subject: Subject, shared: Submission, *, examiner: AgencyView) -> Changes:
    content, law, office = shared.content, shared.law, shared.office.office
    attached = [document.listed for document in shared.documents.values()]
    forwarded_on = local_day(shared.act.moment, office.time_zone)
    arrived_on = max(local_day(shared.arrived, zone) for zone in (office.time_zone, shared.act.actor.time_zone))
    mine = set(subject.violations)
    violations = [violation for violation in shared.judged if violation["number"] in mine]
    stage = election_stages.at_submission(violations, content, forwarded_on, law.catalogue)
    person = references.plain(subject)
    employer = person.pop("employer")
    person["identified"] = all((subject.nip, subject.name, subject.employer, subject.employment_kind))
    person["identity_source"] = "submitter" if person["identified"] else None
    facts: Changes = {
        "finding": {
            "id": str(shared.finding),
            "register_number": content["register_number"],
            "register_kind": content["register_kind"],
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
        "mandate": shared.mandate.view.code,
        "examiner_reference": None,
        "subject": person,
        "violations": violations,
        "recommendation": None,
        "sanction": None,
        "overdue_level": 0,
        "data_block": "none",
        "legal_hold": False,
        "reference_keys": duplicates.reference_keys(content["references"]),
        "documents": attached,
    }
    facts["warnings"] = [
        *register_number.warnings(content, pointer="#/finding/register_number"),
        *finding_checks.warnings(content, violations, arrived_on=arrived_on, law=law),
        *chronology.warnings(facts),
        *nip.warnings(subject.nip, employment_kind=subject.employment_kind, violations=violations),
    ]
    return facts
