"""Who saw what: auditors see every read, their own too; parties those of a casefile that they answer for."""

from __future__ import annotations

import re
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Access
from casefiles.flow import State
from casefiles.models import Casefile
from people.models import Person
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of

WIB = ZoneInfo("Asia/Jakarta")

pytestmark = pytest.mark.django_db


def _number(arranged: Arranged, state: State) -> str:
    return str(Casefile.objects.values_list("number", flat=True).get(pk=arranged.cases[state]))


def _rows(page: str) -> list[str]:
    found = re.search(r"<tbody>.*</tbody>", page, re.S)
    return re.findall(r"<tr>.*?</tr>", found[0], re.S) if found else []


def test_an_auditor_sees_every_read_and_its_own_among_them(arranged: Arranged, auditor: Client) -> None:
    examiner, case = signed_in(EXAMINER), arranged.cases[State.CLOSED]
    examiner.get(f"/perkara/{case}")
    auditor.get(f"/perkara/{case}")
    page = text_of(auditor.get("/akses"))
    newest, before = _rows(page)[:2]
    assert _number(arranged, State.CLOSED) in newest
    assert "console:/perkara/{id}" in newest
    # Its own person by name, another agency's not.
    assert "Ayu Rekaan" in newest
    assert "seorang di instansi itu" in before
    assert not any(name in page for name in Person.objects.exclude(email=AUDITOR).values_list("name", flat=True))
    # The page of reads is a read.
    assert "console:/akses" in _rows(text_of(auditor.get("/akses")))[0]
    (own,) = re.findall(r'href="(/akses\?agency=[^"]*)"', page)
    assert len(_rows(text_of(auditor.get(unescape(own))))) == 3


def test_filters_say_whose_reads_for_what_and_when(arranged: Arranged, auditor: Client) -> None:
    examiner = signed_in(EXAMINER)
    examiner.post("/tujuan", {"purpose": "legal_proceedings"})
    examiner.get(f"/perkara/{arranged.cases[State.CLOSED]}")
    examiner.get(f"/perkara/{arranged.cases[State.AWAITING_SANCTION]}")
    # As people there write it: from 17.00 UTC on, it is tomorrow's.
    today = timezone.localdate(timezone=WIB).isoformat()
    person = f"person:{Person.objects.get(email=AUDITOR).pk}"
    assert len(_rows(text_of(auditor.get(f"/akses?number={_number(arranged, State.CLOSED)}&agency=bkn")))) == 1
    assert len(_rows(text_of(auditor.get("/akses?agency=bkn&purpose=legal_proceedings")))) == 2
    assert len(_rows(text_of(auditor.get(f"/akses?agency=bkn&since={today}&until={today}")))) == 2
    assert not _rows(text_of(auditor.get("/akses?agency=bkn&until=1999-01-01")))
    assert len(_rows(text_of(auditor.get(f"/akses?person={person}")))) == 4
    for hostile in ("agency=nobody", "purpose=curiosity", "since=yesterday", "person=person:1", "before=0", "sort=1",
                    "number=198501012010011001"):  # fmt: skip
        assert auditor.get(f"/akses?{hostile}").status_code == 400, hostile
    assert auditor.get("/akses?number=LTS/1999/000001").status_code == 404


def test_pages_follow_each_other_to_the_first_read(
    arranged: Arranged, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.pages.accesses.ON_A_PAGE", 2)
    for _ in range(5):
        auditor.get("/perkara")
    whole, path, seen = Access.objects.filter(agency=_agency()).count(), "/akses?agency=bpk", 0
    while path:
        page = text_of(auditor.get(path))
        seen += len(_rows(page))
        following = re.search(r'href="([^"]*)" rel="next"', page)
        path = f"/akses{unescape(following[1])}" if following else ""
    assert seen == whole == 5


def _agency() -> int:
    agency: int = Person.objects.get(email=AUDITOR).agency_id
    return agency


def test_others_read_who_saw_a_casefile_that_they_examine_or_submitted(arranged: Arranged) -> None:
    number = _number(arranged, State.CLOSED)
    examiner, employer = signed_in(EXAMINER), signed_in(EMPLOYER)
    examiner.get(f"/perkara/{arranged.cases[State.CLOSED]}")
    assert len(_rows(text_of(examiner.get(f"/akses?number={number}")))) == 1
    assert examiner.get("/akses").status_code == 403
    assert employer.get(f"/akses?number={number}").status_code == 403
    assert employer.get(f"/akses?number={_number(arranged, State.SUBMITTED)}").status_code == 404
    assert 'href="/akses"' not in text_of(examiner.get("/"))
    assert 'href="/akses"' in text_of(signed_in(AUDITOR).get("/"))
