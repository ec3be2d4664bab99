"""The morning mail: who turned it on is told what waits, once a working day, and nothing of a case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from agencies import calendar
from audit.models import Access
from casefiles.flow import State
from casefiles.models import Casefile, Referral
from console.desk import morning
from console.management.commands import mail_morning
from people import morning_mails, persons
from people.models import MorningMail, Person
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.delivery.mailbox import Mailbox, taking_mail

pytestmark = pytest.mark.django_db

OFFICER_OF_BKN = "petugas@bkn.example"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with taking_mail(settings) as taken:
        yield taken


def a_working_morning() -> datetime:
    """Nine o'clock in Padang on the next working day."""
    return _at_nine(calendar.load().working_day_after(timezone.now().date(), 1))


def _at_nine(day: date) -> datetime:
    return datetime.combine(day, time(2), UTC)


def a_saturday() -> datetime:
    today = timezone.now().date()
    return _at_nine(today + timedelta(days=(5 - today.weekday()) % 7))


def wants(email: str, language: str = "id") -> Person:
    """That person has turned the mail on, on the page."""
    assert signed_in(email).post("/meja/surel", {"mail": language}).status_code == 302
    return Person.objects.get(email=email)


def test_the_switch_is_off_until_the_person_turns_it_on(employer: Client, mailbox: Mailbox, settings: Settings) -> None:
    assert "Sekarang: tidak." in text_of(employer.get("/meja"))
    wrong = employer.post("/meja/surel", {"mail": "fr"})
    assert wrong.status_code == 422
    assert "salah satu tombol" in text_of(wrong)
    assert employer.get("/meja/surel").status_code == 405
    assert signed_in(AUDITOR).post("/meja/surel", {"mail": "id"}).status_code == 403
    assert not MorningMail.objects.exists()
    for language, said in (("id", "dalam bahasa Indonesia."), ("en", "dalam bahasa Inggris.")):
        wants(EMPLOYER, language)
        assert said in text_of(employer.get("/meja"))
    assert MorningMail.objects.count() == 1
    settings.LINTAS_SMTP_URL = ""
    refused = employer.post("/meja/surel", {"mail": "id"})
    assert refused.status_code == 409
    assert "peladen surel" in text_of(refused)
    wants(EMPLOYER, "off")
    assert not MorningMail.objects.exists()
    assert "Surel pagi" not in text_of(employer.get("/meja"))


def test_what_waits_is_mailed_once_on_a_working_day_and_recorded_as_a_read(
    arranged: Arranged, mailbox: Mailbox, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person, now = wants(EMPLOYER), a_working_morning()
    assert morning.mail_all(now=a_saturday()) == morning.Round()
    calendar.load()
    with django_assert_num_queries(7):
        assert morning.mail_all(now=now) == morning.Round(sent=1)
    assert morning.mail_all(now=now + timedelta(hours=5)) == morning.Round()
    (sent,) = mailbox.got
    case = Casefile.objects.get(pk=arranged.cases[State.AWAITING_SANCTION])
    assert case.number in sent.get_content()
    assert sent["To"] == EMPLOYER
    assert re.fullmatch(r"Lintas: \d+ perkara menunggu(, \d+ [a-z ]+)*", sent["Subject"])
    waiting = Referral.objects.filter(to_agency=person.agency, status="open").count()
    assert f" {waiting} perkara" in sent["Subject"]
    assert sent["Message-ID"].startswith(f"<{person.pk}.{now.date()}@")
    record = Access.objects.get(client=f"{persons.CLIENT}{person.pk}", route=morning.ROUTE)
    assert UUID(str(case.pk)) in record.shown
    morning.mail_all(now=_at_nine(calendar.load().working_day_after(now.date(), 1)))
    assert len({mail["Message-ID"] for mail in mailbox.got}) == 2


def test_it_names_nobody_and_speaks_the_person_s_language(mailbox: Mailbox) -> None:
    wants(EMPLOYER, "en")
    wants(OFFICER_OF_BKN)
    assert morning.mail_all(now=a_working_morning()).sent == 2
    english = next(mail for mail in mailbox.got if mail["To"] == EMPLOYER)
    indonesian = next(mail for mail in mailbox.got if mail["To"] == OFFICER_OF_BKN)
    assert re.search(r"waits?\b|wait\b", english["Subject"])
    assert "You can turn it off" in english.get_content()
    assert "Anda dapat mematikannya" in indonesian.get_content()
    words = r"[A-Za-z]+: |LTS/\d{4}/\d{6}|\d{1,2} [A-Z][a-z]+ \d{4}|https?://\S+/meja"
    for mail in mailbox.got:
        body = mail.get_content()
        assert not re.search(r"\d{16,18}", body)
        assert not re.search(r"Rekaan|Pemerintah|Badan|Kota", body), "no person, no agency"
        assert re.search(words, body)


def test_a_mail_that_may_not_have_come_is_sent_again_under_its_name(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants(EMPLOYER)
    now = a_working_morning()

    def dies(*_: Any, **__: Any) -> None:
        raise InterruptedError

    with monkeypatch.context() as patched:
        patched.setattr(morning_mails, "note", dies)
        with pytest.raises(InterruptedError):
            morning.mail_all(now=now)
    assert morning.mail_all(now=now).sent == 1
    assert len(mailbox.got) == 2
    assert len({mail["Message-ID"] for mail in mailbox.got}) == 1


def test_who_has_ended_or_is_no_officer_any_more_gets_none(mailbox: Mailbox) -> None:
    person, manager = wants(OFFICER_OF_BKN), Person.objects.get(email=EXAMINER)
    now = a_working_morning()
    persons.change_role(email=OFFICER_OF_BKN, role="reader", now=now, by=manager)
    assert morning.mail_all(now=now) == morning.Round()
    persons.change_role(email=OFFICER_OF_BKN, role="officer", now=now, by=manager)
    persons.end(email=OFFICER_OF_BKN, now=now, by=manager)
    assert morning.mail_all(now=now) == morning.Round()
    assert MorningMail.objects.filter(person=person).exists()
    assert mailbox.got == []


def test_a_server_that_puts_us_off_is_asked_again_and_a_refused_address_is_told(
    employer: Client, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants(EMPLOYER)
    now = a_working_morning()
    monkeypatch.setattr(mail_morning, "timezone", SimpleNamespace(now=lambda: now))
    mailbox.says = "451 later"
    with pytest.raises(CommandError, match="1 wait still"):
        call_command("mail_morning", once=True)
    waited: list[int] = []

    def passes(seconds: int) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            mailbox.says = "550 no such mailbox"

    monkeypatch.setattr(mail_morning, "time", SimpleNamespace(sleep=passes))
    said = StringIO()
    call_command("mail_morning", stdout=said)
    assert said.getvalue() == "0 mailed, 1 refused by the mail server.\n"
    assert waited == list(mail_morning.WAITS[:2])
    assert "Surel terakhir ditolak" in text_of(employer.get("/meja"))
    wants(EMPLOYER)
    assert "Surel terakhir ditolak" not in text_of(employer.get("/meja"))


def test_without_a_mail_server_the_command_says_so(settings: Settings) -> None:
    settings.LINTAS_SMTP_URL = ""
    said = StringIO()
    call_command("mail_morning", stdout=said)
    assert "LINTAS_SMTP_URL names no mail server" in said.getvalue()
