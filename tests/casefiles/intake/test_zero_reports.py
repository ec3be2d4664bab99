"""Zero reports: who may say it, of which days, what the register says against it, and where the official lies."""

import dataclasses
import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from agencies.models import Agency
from casefiles.errors import InvalidGiven, NotYourOffice, RegisterSaysOtherwise, ZeroReportExists
from casefiles.flow import State, WrongParty
from casefiles.flow.given import Letter
from casefiles.intake import zero_reports
from casefiles.models import Payload, ZeroReport
from casefiles.sight.silent import Subject
from tests.callers import as_owner
from tests.casefiles.flow.test_transfer import MISADDRESSED
from tests.factories import (
    AUDITOR,
    BKN,
    HOME_AFFAIRS,
    KASN,
    OFFICIAL,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    SUBMITTED_ON,
    actor,
    at,
    casefile_at,
    document,
    given,
    heard,
    known_subject,
    period,
    story,
    submit,
    zero_report,
)
from tests.racing import together
from tests.snapshots import snapshot

pytestmark = pytest.mark.usefixtures("db", "world")

TODAY = date(2025, 1, 15)
DAY = timedelta(days=1)
# The factories' stories begin on this day; the finding was registered four days before.
REGISTERED_ON = date(2024, 10, 3)


def faults(by: str = PEMKOT, **changed: Any) -> list[tuple[str, str]]:
    before = snapshot()
    with pytest.raises(InvalidGiven) as invalid:
        zero_report(by=by, **changed)
    assert snapshot() == before
    assert all(fault.id and fault.en for fault in invalid.value.faults)
    return [(fault.code, fault.pointer) for fault in invalid.value.faults]


def refused(by: str = PEMKOT, **changed: Any) -> RegisterSaysOtherwise:
    before = snapshot()
    with pytest.raises(RegisterSaysOtherwise) as why:
        zero_report(by=by, **changed)
    assert snapshot() == before
    return why.value


def findings_of(office: str, by: str | None = None, **changed: Any) -> uuid.UUID:
    return zero_report(by=by or office, agency=office, subject="findings", **changed)


# --- what is asked for ----------------------------------------------------------------------------------------------


def test_everything_wrong_is_said_at_once() -> None:
    foreign = document(PADANG, "other")
    assert faults(
        agency="tidak-ada",
        letter=Letter(number="1", date=TODAY, document=foreign),
        period=period(TODAY + 9 * DAY, TODAY + DAY),
    ) == [
        ("unknown-agency", "#/agency"),
        ("unknown-document", "#/letter/document"),
        ("in-the-future", "#/period/until"),
        ("out-of-order", "#/period/until"),
    ]
    assert faults(period=period(TODAY - 366 * DAY, TODAY)) == [("period-too-long", "#/period")]


def test_a_period_that_is_not_over_is_told_by_how_much_and_where() -> None:
    (fault,) = zero_reports.wrong_days(period(TODAY, TODAY + 3 * DAY), today=TODAY, time_zone="Asia/Jayapura")
    for words in (fault.id, fault.en):
        assert all(part in words for part in ("3 ", TODAY.isoformat(), "Asia/Jayapura"))


def test_a_day_a_year_and_today_may_be_reported() -> None:
    for days in (period(TODAY, TODAY), period(TODAY - 365 * DAY, TODAY)):
        zero_report(period=days)


@pytest.mark.django_db(transaction=True)
def test_today_is_today_where_the_agency_is() -> None:
    """At 16:00 UTC of the 15th it is the 16th in Jayapura, and still the 15th in Padang."""
    late, tomorrow = at(TODAY, 16), period(TODAY + DAY, TODAY + DAY)
    with pytest.raises(InvalidGiven):
        findings_of(OTHER_OFFICE, by=PROVINCE, period=tomorrow, now=late)
    with as_owner():
        Agency.objects.filter(code=OTHER_OFFICE).update(time_zone="Asia/Jayapura")
    findings_of(OTHER_OFFICE, by=PROVINCE, period=tomorrow, now=late)
    assert not ZeroReport.objects.filter(agency__code=PADANG).exists()


def test_an_office_speaks_for_itself_and_those_below_an_employer_for_itself_only() -> None:
    findings_of(PADANG)
    findings_of(OTHER_OFFICE, by=PROVINCE)
    for by, office in ((PADANG, PROVINCE), (PADANG, OTHER_OFFICE), (PROVINCE, PEMKOT)):
        with pytest.raises(NotYourOffice):
            findings_of(office, by=by)
    with pytest.raises(NotYourOffice):
        zero_report(by=PEMPROV)
    wrong: list[tuple[str, Subject]] = [
        (PEMKOT, "findings"), (PADANG, "sanctions"), (AUDITOR, "sanctions"), (KASN, "findings"),
    ]  # fmt: skip
    for by, subject in wrong:
        with pytest.raises(WrongParty):
            zero_report(by=by, agency=by, subject=subject)


def test_a_period_is_reported_once_and_another_one_again() -> None:
    first = zero_report()
    with pytest.raises(ZeroReportExists) as exists:
        zero_report()
    assert exists.value.report == first
    zero_report(election="pilkada-2024")
    zero_report(period=period(date(2024, 1, 1), date(2024, 2, 1)))
    findings_of(PADANG)
    assert ZeroReport.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_recorded() -> None:
    def try_it(_: int) -> str:
        try:
            zero_report()
        except ZeroReportExists:
            return "exists"
        return "recorded"

    assert together(4, try_it) == {"recorded": 1, "exists": 3}
    assert (ZeroReport.objects.count(), Payload.objects.filter(zero_report__isnull=False).count()) == (1, 1)


# --- what the register says -----------------------------------------------------------------------------------------


def test_an_office_that_registered_a_finding_cannot_report_none() -> None:
    taken = submit()
    told = refused(by=PADANG, agency=PADANG, subject="findings", period=period(REGISTERED_ON, REGISTERED_ON))
    assert [(one.because, one.id, one.number) for one in told.casefiles] == [
        ("finding-in-period", taken.steps[0].casefile, taken.steps[0].columns.number)
    ]
    assert told.total == 1
    above = {"by": PROVINCE, "agency": PROVINCE, "subject": "findings"}
    assert refused(**above, period=period(REGISTERED_ON - DAY, REGISTERED_ON + DAY)).total == 1
    for days in (period(date(2024, 9, 1), REGISTERED_ON - DAY), period(REGISTERED_ON + DAY, TODAY)):
        findings_of(PADANG, period=days)
    findings_of(OTHER_OFFICE, period=period(REGISTERED_ON, REGISTERED_ON))
    findings_of(PADANG, period=period(REGISTERED_ON, REGISTERED_ON), election="pemilu-2024")


def test_a_finding_about_many_contradicts_with_each_of_its_casefiles() -> None:
    submit(subjects=(known_subject(), known_subject(nip="199002022012012002", name="Lain")))
    assert refused(by=PADANG, agency=PADANG, subject="findings", period=period(REGISTERED_ON, TODAY)).total == 2


@pytest.mark.parametrize("stage", [State.RECOMMENDED, State.AWAITING_SANCTION, State.SANCTION_REPORTED])
def test_an_agency_that_a_case_waited_for_cannot_report_nothing_outstanding(stage: State) -> None:
    told = casefile_at(stage)
    why = refused(period=period(told.day, told.day))
    assert [(one.because, one.number) for one in why.casefiles] == [("referral-in-period", told.row.number)]
    # It waits still.
    assert refused(period=period(told.day + 30 * DAY, told.day + 40 * DAY)).total == 1
    zero_report(period=period(SUBMITTED_ON - 30 * DAY, SUBMITTED_ON))
    zero_report(period=period(told.day, told.day), election="pemilu-2024")


def test_before_it_was_asked_and_after_it_answered_there_was_nothing() -> None:
    """Recommended on the 11th, delivered on the 14th: from the 15th on nothing is outstanding."""
    told = casefile_at(State.CLOSED)
    assert told.day == date(2024, 10, 15)
    assert refused(period=period(date(2024, 10, 14), TODAY)).total == 1
    zero_report(period=period(date(2024, 10, 15), TODAY))
    assert refused(period=period(date(2024, 9, 1), date(2024, 10, 11))).total == 1
    zero_report(period=period(date(2024, 9, 1), date(2024, 10, 10)))


def test_a_decision_dated_in_the_period_counts_though_nothing_was_asked_yet() -> None:
    """The decree was signed on the 2nd; the recommendation came on the 11th, and the report on the 13th."""
    told = casefile_at(State.AWAITING_SANCTION)
    usual = given("report-sanction", day=told.day + DAY)
    decision = dataclasses.replace(usual.decision, date=date(2024, 10, 2), document=document(PEMKOT, "sanction_decree"))
    told.do("report-sanction", decision=decision, examination=heard(date(2024, 10, 2)))
    why = refused(period=period(date(2024, 10, 1), date(2024, 10, 5)))
    assert [(one.because, one.number) for one in why.casefiles] == [("sanction-in-period", told.row.number)]
    zero_report(period=period(date(2024, 10, 3), date(2024, 10, 5)))


def test_a_case_that_never_was_the_agency_s_does_not_count() -> None:
    """Asked who he is, it disowned him; that was no sanction outstanding."""
    casefile_at(State.SUBMITTED, through=("request-identity", "disown"))
    zero_report(period=period(SUBMITTED_ON, TODAY))


def test_a_referral_to_a_wrong_address_does_not_count() -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    october = period(SUBMITTED_ON, SUBMITTED_ON + 60 * DAY)
    assert refused(period=october).total == 1
    told.do("transfer", by=BKN, reason=MISADDRESSED)
    zero_report(period=october)
    assert refused(by=PEMPROV, agency=PEMPROV, period=october).total == 1


def test_what_the_officer_s_new_agency_decides_is_not_the_old_one_s() -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    told.do("transfer", by=BKN)
    moved = told.day
    told.do("report-sanction", by=PEMPROV, on=moved + 5 * DAY)
    assert refused(period=period(moved, moved + 9 * DAY)).total == 1
    zero_report(period=period(moved + DAY, moved + 9 * DAY))
    assert refused(by=PEMPROV, agency=PEMPROV, period=period(moved + DAY, moved + 2 * DAY)).total == 1


def test_a_later_finding_leaves_the_report_and_contradicts_it_for_who_may_see_it() -> None:
    october = period(date(2024, 10, 1), date(2024, 10, 31))
    office, city = findings_of(PADANG, period=october), zero_report(period=october)
    for by in (PADANG, PROVINCE, BKN, AUDITOR, PEMKOT):
        assert zero_reports.contradicted([office, city], actor=actor(by)) == {}
    casefile_at(State.RECOMMENDED)
    for by in (PADANG, PROVINCE, BKN, AUDITOR):
        assert zero_reports.contradicted([office, city], actor=actor(by)) == {office: 1, city: 1}
    story(subjects=(known_subject(),))
    assert zero_reports.contradicted([office, city], actor=actor(BKN)) == {office: 2, city: 1}
    assert zero_reports.contradicted([office, city], actor=actor(PEMKOT)) == {office: 1, city: 1}
    assert zero_reports.contradicted([], actor=actor(BKN)) == {}


# --- who sees it, and where it lies ---------------------------------------------------------------------------------


def seen_by(**report: Any) -> set[str]:
    ident = zero_report(**report)
    agencies = (
        PADANG, PROVINCE, "bawaslu-ri", OTHER_OFFICE, BKN, KASN, PEMKOT, PEMPROV, HOME_AFFAIRS, "bpasn", AUDITOR,
    )  # fmt: skip
    return {
        agency
        for agency in agencies
        if ZeroReport.objects.visible_to(actor(agency), on=TODAY).filter(pk=ident).exists()
    }


def test_an_office_s_is_seen_above_it_and_an_employer_s_by_no_other_employer() -> None:
    assert seen_by(by=PADANG, agency=PADANG, subject="findings") == {PADANG, PROVINCE, "bawaslu-ri", BKN, AUDITOR}
    assert seen_by() == {PEMKOT, BKN, AUDITOR}


def test_the_examiner_sees_them_while_its_mandate_is_in_force() -> None:
    zero_report()
    seen = {
        (agency, day): ZeroReport.objects.visible_to(actor(agency), on=day).exists()
        for agency in (KASN, BKN)
        for day in (date(2024, 9, 3), date(2024, 9, 4))
    }
    assert seen == {
        (KASN, date(2024, 9, 3)): True,
        (KASN, date(2024, 9, 4)): False,
        (BKN, date(2024, 9, 3)): False,
        (BKN, date(2024, 9, 4)): True,
    }


def test_the_official_lies_in_the_erasable_place_only_and_is_masked_to_those_above() -> None:
    ident = zero_report(letter=Letter(number="B-1/2024", date=date(2024, 2, 1)))
    row = ZeroReport.objects.filter(pk=ident).values().get()
    assert not {OFFICIAL.nip, OFFICIAL.name} & {str(value) for value in row.values()}
    (kept,) = Payload.objects.filter(zero_report=ident).values("seq", "nip", "name_key")
    assert kept == {"seq": 1, "nip": "", "name_key": ""}
    whole, masked = (zero_reports.content_of(ident, whole=whole) for whole in (True, False))
    assert (whole["official"]["nip"], whole["letter"]["number"]) == (OFFICIAL.nip, "B-1/2024")
    assert (masked["official"]["nip"], masked["official"]["name"]) == ("1970************01", OFFICIAL.name)


def test_an_entry_tells_of_it_and_nobody_s_turn_begins() -> None:
    before = snapshot()
    zero_report()
    after = snapshot()
    assert {table for table in after if after[table] != before[table]} == {
        "audit_entry", "audit_pending", "casefiles_zeroreport", "casefiles_payload",
    }  # fmt: skip
