"""What a row of past cases comes to: the finding, then each act on its day, as bodies of the flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from casefiles.flow import Party
from casefiles.flow.closing import Closing
from casefiles.flow.examination import Clearance, Recommendation
from casefiles.flow.finding import Assessment, Clarification, Contest, FindingGiven, MoreSubjects, Subject, Violation
from casefiles.flow.follow_up import Acknowledgement
from casefiles.flow.given import ClearReason, LighterReason, NumberedLetter, Official, RejectReason
from casefiles.flow.intake import Acceptance, Rejection, Verification
from casefiles.flow.sanction import Decision, Delivery, Examination, SanctionReport
from casefiles.operations.past_cases import PastCase

UNTOLD: Final = "(tidak disebut dalam daftar)"
"""Stands for a name or text that the flow asks for and the list does not tell: "not named in the list"."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One act of the walk: the row of the flow, whose act it was, its body, and the column of its day."""

    name: str
    party: Party
    body: Any
    column: str


def finding_of(case: PastCase, *, assessment: UUID, time_zone: str) -> FindingGiven:
    """The finding that the row tells, forwarded on its day; `assessment` is the list itself as a document."""
    return FindingGiven(
        occurred_at=_moment(case.forwarded_on, 0, time_zone),
        register_number=case.register_number,
        source=case.source,
        origin_office=case.origin_office,
        election=case.election,
        election_nexus="election_related" if case.election else "not_election_related",
        known_on=case.known_on,
        registered_on=case.registered_on,
        forwarded_on=case.forwarded_on,
        clarification=Clarification(
            held=case.clarified_on is not None,
            held_on=case.clarified_on,
            reason=None if case.clarified_on is not None else "other",
        ),
        assessment=Assessment(summary=UNTOLD, documents=(assessment,)),
        violations=(_violation(case),),
        subjects=(_subject(case),),
    )


def subject_of(case: PastCase, *, time_zone: str) -> MoreSubjects:
    """The row's officer, to be added to a finding that an earlier row of the same number has made."""
    return MoreSubjects(occurred_at=_moment(case.forwarded_on, 0, time_zone), subjects=(_subject(case),))


def is_same_act(case: PastCase, violations: list[Mapping[str, Any]]) -> bool:
    """Whether the act that the row tells is the one that the finding of its number holds."""
    return [(one["form"], one["act_date"]) for one in violations] == [(case.form, case.act_date.isoformat())]


def _violation(case: PastCase) -> Violation:
    contest = Contest(office=case.contest_office, region=case.contest_region) if case.contest_office else None
    return Violation(
        number=1,
        form=case.form,
        act_date=case.act_date,
        region=case.region,
        channel=case.channel,
        contest=contest,
        description=case.description,
        legal_basis=case.legal_basis,
    )


def _subject(case: PastCase) -> Subject:
    return Subject(
        name=case.name,
        nip=case.nip,
        employer=case.employer,
        employment_kind=case.employment_kind,
        position_kind=case.position_kind,
        position=case.position,
        violations=(1,),
    )


def planned(case: PastCase, *, decision: UUID, time_zone: str) -> tuple[Planned, ...]:
    """What is walked after the finding, as far as the row's days go; each act after the one before.

    `decision` is the list itself as a document: it stands where the decree would.
    """
    steps: list[Planned] = []
    day = case.forwarded_on
    for number, (name, party, column, body) in enumerate(_acts(case, decision), 1):
        day = max(day, getattr(case, column))
        steps.append(Planned(name, party, replace(body, occurred_at=_moment(day, number, time_zone)), column))
    return tuple(steps)


def _acts(case: PastCase, decision: UUID) -> Iterator[tuple[str, Party, str, Any]]:
    decider = _official(case.decided_by)
    if case.rejected_on is not None:
        yield (
            "reject",
            Party.EXAMINER,
            "rejected_on",
            Rejection(reason=RejectReason(code=case.reject_reason or ""), official=decider),
        )
    if case.accepted_on is not None:
        verified = Verification(held_on=case.verified_on, result="complete") if case.verified_on else None
        yield "accept", Party.EXAMINER, "accepted_on", Acceptance(verification=verified)
    if case.cleared_on is not None:
        yield (
            "clear",
            Party.EXAMINER,
            "cleared_on",
            Clearance(
                letter=_letter(case, case.cleared_on),
                reason=ClearReason(code=case.clear_reason or ""),
                official=decider,
            ),
        )
    if case.recommended_on is not None:
        yield (
            "recommend",
            Party.EXAMINER,
            "recommended_on",
            Recommendation(
                letter=_letter(case, case.recommended_on),
                violations=(1,),
                sanction=case.recommended_sanction or "",
                reasoning=case.reasoning or UNTOLD,
                official=decider,
            ),
        )
    if case.received_on is not None:
        yield (
            "acknowledge",
            Party.ADDRESSEE,
            "received_on",
            Acknowledgement(received_on=case.received_on, received_by=_official(case.received_by)),
        )
    if case.decree_on is not None:
        yield "report-sanction", Party.ADDRESSEE, "decree_on", _report(case, case.decree_on, decision)
    if case.delivered_on is not None:
        yield (
            "record-delivery",
            Party.ADDRESSEE,
            "delivered_on",
            Delivery(delivered_on=case.delivered_on, method=case.delivery_method or ""),
        )
    if case.closed_on is not None:
        lighter = LighterReason(code=case.lighter_reason) if case.lighter_reason else None
        yield (
            "close",
            Party.EXAMINER,
            "closed_on",
            Closing(conformity=case.conformity or "", reason=lighter, remedy_judged=case.remedy_judged),
        )


def _report(case: PastCase, decreed: date, decision: UUID) -> SanctionReport:
    examination = None
    if case.examined_by is not None:
        examination = Examination(
            by=case.examined_by, examined_on=case.examined_on, attended=case.examined_on is not None
        )
    return SanctionReport(
        sanction=case.sanction or "",
        decision=Decision(
            number=case.decree_number or "",
            date=decreed,
            legal_basis=case.decree_basis or UNTOLD,
            document=decision,
        ),
        official=_official(case.imposed_by),
        examination=examination,
        reason=LighterReason(code=case.lighter_reason) if case.lighter_reason else None,
    )


def _official(name: str | None) -> Official:
    return Official(name=name or UNTOLD, position=UNTOLD)


def _letter(case: PastCase, day: date) -> NumberedLetter:
    return NumberedLetter(number=case.letter_number or "", date=day)


def _moment(day: date, number: int, time_zone: str) -> datetime:
    """Nine in the morning and so many minutes: lists tell days, and acts of one day follow each other."""
    return datetime.combine(day, time(9), ZoneInfo(time_zone)) + timedelta(minutes=number)


# Where a body's member stands in the row, so that what the flow refuses points to a column.
_COLUMNS: Final[Mapping[str, str]] = {
    "#/violations/0/act_date": "act_date",
    "#/violations/0/form": "form",
    "#/violations/0/region": "region",
    "#/violations/0/legal_basis": "legal_basis",
    "#/violations/0/contest": "contest_office",
    "#/violations/0/contest/office": "contest_office",
    "#/violations/0/contest/region": "contest_region",
    "#/subjects/0/employer": "employer",
    "#/subjects/0/nip": "nip",
    "#/subject": "nip",
    "#/employer": "employer",
    "#/clarification/held_on": "clarified_on",
    "#/clarification/reason": "clarified_on",
    "#/origin_office": "origin_office",
    "#/verification": "verified_on",
    "#/examination": "examined_by",
    "#/examination/examined_on": "examined_on",
    "#/decision/date": "decree_on",
    "#/reason": "lighter_reason",
    "#/remedy_judged": "remedy_judged",
    "#/conformity": "conformity",
    "#/received_by/name": "received_by",
}
_NAMES: Final = frozenset(PastCase.__dataclass_fields__)


def column_of(pointer: str, act: Planned | None) -> str:
    """The pointer into the row for what was said of a body: a column of its own, or the day of the act."""
    if (column := _COLUMNS.get(pointer)) is not None:
        return f"#/{column}"
    if act is not None and act.name in {"recommend"} and pointer == "#/sanction":
        return "#/recommended_sanction"
    name = pointer.removeprefix("#/")
    return f"#/{name}" if name in _NAMES else f"#/{act.column if act is not None else 'forwarded_on'}"
