"""The whole NIP: for whoever has just proved who they are, with a reason, and as a read of its own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from audit.models import Access
from casefiles.flow import State
from people import sandbox
from people.models import Person
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.factories import NIP

pytestmark = pytest.mark.django_db


def test_the_nip_is_shown_for_a_reason_and_that_is_a_read_of_its_own(arranged: Arranged) -> None:
    client, case = signed_in(AUDITOR), arranged.cases[State.CLOSED]
    asked = text_of(client.get(f"/perkara/{case}/nip"))
    assert NIP not in asked
    before = Access.objects.count()
    page = text_of(client.post(f"/perkara/{case}/nip", {"reason": "legal_proceedings"}))
    assert NIP in page
    (read,) = Access.objects.order_by("pk")[before:]
    person = Person.objects.get(email=AUDITOR)
    assert (read.client, read.purpose, read.route) == (
        f"person:{person.pk}", "legal_proceedings", "console:/perkara/{id}/nip",
    )  # fmt: skip
    assert read.shown == [UUID(case)]
    assert NIP not in text_of(client.get(f"/perkara/{case}"))


@pytest.mark.parametrize("reason", ["", "curiosity"])
def test_without_a_reason_nothing_is_shown_or_recorded(arranged: Arranged, reason: str) -> None:
    before = Access.objects.count()
    refused = signed_in(EXAMINER).post(f"/perkara/{arranged.cases[State.CLOSED]}/nip", {"reason": reason})
    assert refused.status_code == 400
    assert NIP not in text_of(refused)
    assert Access.objects.count() == before


def test_a_case_that_is_not_seen_is_not_there(arranged: Arranged) -> None:
    path = f"/perkara/{arranged.cases[State.SUBMITTED]}/nip"
    for answer in (signed_in(EMPLOYER).get(path), signed_in(EMPLOYER).post(path, {"reason": "audit"})):
        assert answer.status_code == 404


def test_after_a_quarter_of_an_hour_the_second_factor_is_asked_again(arranged: Arranged) -> None:
    client, path = Client(), f"/perkara/{arranged.cases[State.CLOSED]}/nip"
    person, now = arranged.person(EXAMINER), timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        client.post("/masuk", {"login": EXAMINER, "password": person["password"]})
        client.post("/masuk/kode", {"code": sandbox.code(person["totp_secret"], now=timezone.now())})
        assert client.get(path).status_code == 200
        for _ in range(2):
            clock.shift(timedelta(minutes=10))
            assert client.get("/").status_code == 200
        for answer in (client.get(path), client.post(path, {"reason": "audit"})):
            assert answer["Location"] == f"/masuk/sekali-lagi?next={path.replace('/', '%2F')}"
        again = answer["Location"]
        wrong = client.post(again, {"code": "000000"})
        assert wrong.status_code == 200
        assert "errorlist" in text_of(wrong)
        assert client.get(path).status_code == 302
        back = client.post(again, {"code": sandbox.code(person["totp_secret"], now=timezone.now())})
        assert back["Location"] == path
        assert NIP in text_of(client.post(path, {"reason": "audit"}))
