"""The overview's weeks: each number is what a recount of the steps gives, and the last one is that of today."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from casefiles.models import Casefile, Referral, Transition
from casefiles.sight import waiting
from casefiles.sight.weeks import WEEKS, weeks
from people import persons
from people.models import Person
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.console.test_pages import _count

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("email", [AUDITOR, EMPLOYER])
def test_weeks_are_what_a_recount_gives(arranged: Arranged, email: str) -> None:
    newest = Transition.objects.order_by("-recorded_at").values_list("recorded_at", flat=True)[0]
    with time_machine.travel(newest + timedelta(days=16), tick=False):
        actor, now = persons.actor_of(Person.objects.get(email=email)), timezone.now()
        found = weeks(actor, waiting=waiting.overview(actor, now=now).total("waiting"), now=now)
        mine = set(Casefile.objects.visible_to(actor).values_list("pk", flat=True))
        steps = list(Transition.objects.filter(casefile__in=mine).order_by("casefile", "seq"))
        referrals = list(Referral.objects.filter(casefile__in=mine))
        assert len(found.mondays) == WEEKS
        zone = timezone.get_fixed_timezone(7 * 60)
        for number, monday in enumerate(found.mondays):
            begin = datetime.combine(monday, time(), zone)
            end = min(begin + timedelta(days=7), now.astimezone(UTC))
            within = [step for step in steps if begin <= step.recorded_at < end]
            assert found.submitted[number] == sum(step.from_state == "" for step in within)
            assert found.closed[number] == sum(
                step.to_state == "closed" and step.from_state != "closed" for step in within
            )
            states = {step.casefile_id: step.to_state for step in steps if step.recorded_at < end}
            assert found.waiting[number] == sum(state != "closed" for state in states.values())
            assert found.late[number] == sum(
                row.opened_at <= end and row.due_at <= end and (row.answered_at is None or row.answered_at > end)
                for row in referrals
            )
        assert sum(found.submitted) == len(mine) > 0
        assert found.waiting[0] == 0 < found.waiting[-1]


@pytest.mark.parametrize("email", [AUDITOR, EXAMINER, EMPLOYER])
def test_delay_by_party_links_to_its_lists_and_net_is_not_more_than_gross(arranged: Arranged, email: str) -> None:
    client: Client = signed_in(email)
    page = text_of(client.get("/"))
    rows = re.findall(r'<tr><th scope="row">[^<]*</th><td class="number"[^>]*><a href="[^"]*party.*?</tr>', page, re.S)
    assert rows
    for row in rows:
        for href, number in re.findall(r'<a href="(/perkara\?[^"]*)"[^>]*>([\d.]+)<span', row):
            assert _count(client, unescape(href)) == int(number) > 0
        averages = [float(cell.replace(",", ".")) for cell in re.findall(r">([\d]+,\d)</td>", row)]
        if averages:
            net, gross = averages
            assert net <= gross + 1
    assert page.count('<svg class="line-of-weeks"') == 4
