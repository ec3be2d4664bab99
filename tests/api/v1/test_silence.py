"""`/silent-agencies` and `/agencies/{agency}/register-gaps` at the door."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from agencies.models import Agency
from casefiles.catalogue.law import local_day
from casefiles.flow import State
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import (
    AUDITOR,
    BKN,
    OFFICIAL,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    casefile_at,
    period,
    submit,
)
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")


def silent(partner: Partner, query: str = "") -> dict[str, Any]:
    answer = partner.get(f"/silent-agencies{query}")
    assert answer.status_code == 200, answer.content
    assert_answers(answer, "list_silent_agencies")
    return {item["agency"]["code"]: item for item in said(answer)["data"]}


def test_who_answered_reported_or_never_spoke_is_told_with_what_is_owed() -> None:
    story = casefile_at(State.AWAITING_SANCTION)
    answered = story.referral("acknowledge").answered_at
    assert answered is not None
    told = silent(Partner(BKN))
    city, province = told[PEMKOT], told[PEMPROV]
    day = (answered + timedelta(hours=7)).date()
    assert (city["acted_on"], city["silent_since"]) == (day.isoformat(), (day + timedelta(days=1)).isoformat())
    assert (city["waiting"], city["overdue"], city["oldest_due_on"]) == (1, 1, story.open.due_on.isoformat())
    today = local_day(datetime.now(UTC), "Asia/Jakarta")
    assert city["weeks"] == (today - day - timedelta(days=1)).days // 7
    joined = Agency.objects.get(code=PEMPROV).valid_from
    assert (province["never"], province["silent_since"], province["waiting"]) == (True, joined.isoformat(), 0)
    assert PADANG not in told, "an office of Bawaslu imposes nothing"


def test_a_zero_report_breaks_the_silence_until_it_is_withdrawn() -> None:
    auditor, city = Partner(AUDITOR), Partner(PEMPROV)
    report = factories.zero_report(by=PEMPROV, agency=PEMPROV, period=period(date(2024, 9, 1), date(2024, 9, 30)))
    told = silent(auditor)[PEMPROV]
    assert (told["reported_until"], told["silent_since"], told["never"]) == ("2024-09-30", "2024-10-01", False)
    official = {"name": OFFICIAL.name, "nip": OFFICIAL.nip, "position": OFFICIAL.position}
    gone = city.post(f"/zero-reports/{report}/withdraw", {"reason": "Keliru.", "official": official})
    assert gone.status_code == 200, gone.content
    assert silent(auditor)[PEMPROV]["never"] is True


def test_of_findings_an_office_speaks_by_registering_one() -> None:
    submit(registered_on=date(2024, 10, 3))
    told = silent(Partner(BKN), "?subject=findings")
    assert (told[PADANG]["acted_on"], told[PADANG]["silent_since"]) == ("2024-10-03", "2024-10-04")
    assert told[OTHER_OFFICE]["never"] is True
    assert PEMKOT not in told


def test_weeks_leave_out_who_spoke_lately_and_an_agency_can_be_asked_for() -> None:
    today = datetime.now(UTC).date() - timedelta(days=1)
    factories.zero_report(now=datetime.now(UTC), period=period(today, today))
    examiner = Partner(BKN)
    assert PEMKOT in silent(examiner)
    assert PEMKOT not in silent(examiner, "?weeks=1")
    assert list(silent(examiner, f"?agency={PEMKOT}")) == [PEMKOT]
    page = examiner.get("/silent-agencies?limit=1")
    following = examiner.get(said(page)["next"].removeprefix("/api/v1"))
    assert said(page)["data"][0]["agency"]["code"] < said(following)["data"][0]["agency"]["code"]
    for query in ("?subject=preventions", "?weeks=-1", "?weeks=x", "?agency=tidak-ada"):
        refused = examiner.get(f"/silent-agencies{query}")
        assert (refused.status_code, said(refused)["code"]) == (400, "invalid-query")


def test_others_read_themselves_and_an_office_those_below_it() -> None:
    assert list(silent(Partner(PEMKOT))) == [PEMKOT]
    assert list(silent(Partner(PADANG), "?subject=findings")) == [PADANG]
    assert set(silent(Partner(PROVINCE), "?subject=findings")) == {PROVINCE, PADANG, OTHER_OFFICE}
    assert silent(Partner(PADANG)) == {}


def gaps(agency: str, office: str = PADANG, query: str = "") -> Any:
    return Partner(agency).get(f"/agencies/{office}/register-gaps{query}")


def test_gaps_are_told_by_series_and_what_cannot_be_read_is_counted() -> None:
    for number in ("002/TM/PW/Kota/03.01/X/2024", "003/TM/PW/Kota/03.01/X/2024", "007/Reg/TM/PW/Kota/03.01/X/2024",
                   "010/TM/PW/Kota/03.01/X/2024", "001/LP/PW/Kota/03.01/X/2024", "B-1/2024"):  # fmt: skip
        submit(register_number=number, source="report" if "/LP/" in number else "finding")
    answer = gaps(BKN)
    assert_answers(answer, "list_register_gaps")
    told = said(answer)
    reports, findings = told["series"]
    assert (reports["kind"], reports["present"], reports["missing"], reports["ranges"]) == ("LP", 1, 0, [])
    assert {name: findings[name] for name in ("first", "last", "present", "missing")} == {
        "first": 2, "last": 10, "present": 4, "missing": 5,
    }  # fmt: skip
    assert findings["ranges"] == [{"from": 4, "until": 6}, {"from": 8, "until": 9}]
    assert told["unread"] == 1
    assert said(gaps(BKN, query="?year=2023"))["series"] == []
    assert [gaps(agency).status_code for agency in (PADANG, PROVINCE, AUDITOR, OTHER_OFFICE, PEMKOT)] == [
        200, 200, 200, 403, 403,
    ]  # fmt: skip
    assert gaps(BKN, "tidak-ada").status_code == 404
