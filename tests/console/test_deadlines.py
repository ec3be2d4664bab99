"""Deadlines: the heat map's numbers are those of the lists behind them, and a deadline shows how it was counted."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
import time_machine

from audit.models import Access
from casefiles.models import Referral
from casefiles.sight.due import WEEKS, spans_from
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.console.test_pages import NOBODYS, _count

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("today", [date(2026, 11, 30), date(2026, 12, 6), date(2024, 2, 29)])
def test_weeks_have_no_gap_and_the_first_is_the_present_one(today: date) -> None:
    before, *weeks, after = spans_from(today)
    assert len(weeks) == WEEKS
    assert weeks[0].first is not None
    assert weeks[0].last is not None
    assert weeks[0].first <= today <= weeks[0].last
    assert weeks[0].first.weekday() == 0
    for one, next_one in zip([before, *weeks], [*weeks, after], strict=True):
        assert one.last is not None
        assert next_one.first == one.last + timedelta(days=1)


@pytest.mark.parametrize("email", [AUDITOR, EMPLOYER])
@pytest.mark.parametrize("by", ["party", "agency"])
def test_every_number_is_that_of_its_list_and_a_row_adds_up(arranged: Arranged, email: str, by: str) -> None:
    first = Referral.objects.filter(status="open").order_by("due_on").values_list("due_on", flat=True)[0]
    with time_machine.travel(datetime.combine(first - timedelta(days=9), time(5), UTC)):
        client = signed_in(email)
        page = text_of(client.get(f"/tenggat?by={by}"))
        lines = re.findall(r'<tr><th scope="row">(?!<).*?</tr>', page, re.S)
        assert lines
        spans = 0
        for line in lines:
            *cells, whole = re.findall(r'<a href="(/perkara\?[^"]*)">([\d.]+)<span', line)
            spans += len(cells)
            assert sum(int(number) for _, number in cells) == int(whole[1])
            for href, number in (*cells, whole):
                assert _count(client, unescape(href)) == int(number) > 0, href
        assert spans > (1 if email == AUDITOR else 0)
        # Nothing was late nine days before: the weeks to come hold it all.
        assert "due_from" in page


def test_a_deadline_is_counted_day_by_day_and_its_days_off_are_named(arranged: Arranged) -> None:
    client, before = signed_in(AUDITOR), Access.objects.count()
    for referral in Referral.objects.filter(pk__in=arranged.referrals):
        page = text_of(client.get(f"/perkara/{referral.casefile_id}/tenggat/{referral.pk}"))
        rule = referral.rule
        counted = [int(number) for number in re.findall(r'class="count is-\w+"[^>]*>■? ?(\d+)</text>', page)]
        assert counted == list(range(1, rule["days"] + 1)), rule
        for day in rule["skipped"]:
            assert day["name_id"] in unescape(page)
        assert "pemeriksaan auditor" in page  # for what is read, not for what the referral is
        assert page.count(">x<") >= len(rule["skipped"])
        assert rule["explanation_id"] in unescape(page)
    rows = Access.objects.order_by("pk")[before:]
    assert {row.route for row in rows} == {"console:/perkara/{id}/tenggat/{id}"}
    assert len(rows) == len(arranged.referrals) > 3


def test_a_referral_is_found_in_its_own_casefile_alone(arranged: Arranged) -> None:
    client = signed_in(EMPLOYER)
    other = next(case for case in arranged.cases.values() if case != str(_case_of(arranged)))
    paths = [f"/perkara/{_case_of(arranged)}/tenggat/{NOBODYS}", f"/perkara/{other}/tenggat/{arranged.referrals[0]}"]
    for path in paths:
        assert client.get(path).status_code == 404


def _case_of(arranged: Arranged) -> object:
    return Referral.objects.get(pk=arranged.referrals[0]).casefile_id
