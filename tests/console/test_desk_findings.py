"""A finding that a small office forwards by form: several officers and violations, all or nothing, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from agencies import queries
from agencies.models import Agency
from casefiles.models import Casefile, Finding
from tests import factories
from tests.conftest import Copies, using
from tests.console import paper_forms
from tests.console.conftest import EMPLOYER, Arranged, signed_in, text_of
from tests.console.test_desk import ticket_of
from tests.signing_in import as_role, with_a_desk

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])

OFFICER = "petugas@bawaslu-padang.example"
NUMBER = "017/TM/PL/Kota/03.01/X/2024"


@pytest.fixture(scope="module")
def office(copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, UUID]]:
    """A database of this module's own, with an assessment of Bawaslu's office of the city."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        assessment = factories.document(factories.PADANG, "assessment")
        with as_role(copies, "owner"):
            formerly = [{"name": "Kotamadya Padang", "until": "2001-01-01"}]
            Agency.objects.filter(code=factories.PEMKOT).update(former_names=formerly)
    yield name, assessment
    copies.drop(name)


@pytest.fixture
def _own_database(copies: Copies, office: tuple[str, UUID], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(office[0]), with_a_desk(copies):
        yield


def typed(assessment: UUID) -> dict[str, Any]:
    """Two officers who did one thing, and one of them another."""
    found = {
        "register_number": NUMBER, "source": "finding", "origin_office": factories.PADANG, "election": "pilkada-2024",
        "known_on": "2 Oktober 2024", "registered_on": "3 Oktober 2024", "forwarded_on": "7 Oktober 2024",
        "clarification.held": "true", "clarification.held_on": "5 Oktober 2024",
        "clarification.subject_heard": "true", "assessment.summary": "Terbukti menyukai unggahan.",
        "assessment.documents": [str(assessment)],
    }  # fmt: skip
    for place, act in enumerate(("social_media_engagement", "social_media_engagement")):
        found |= {
            f"violations.{place}.number": str(place + 1), f"violations.{place}.form": act,
            f"violations.{place}.act_date": "29/9/2024", f"violations.{place}.region": "13.71",
            f"violations.{place}.channel": "facebook", f"violations.{place}.interaction": "like",
            f"violations.{place}.contest.office": "mayor", f"violations.{place}.contest.region": "13.71",
            f"violations.{place}.description": "Menyukai unggahan calon.",
        }  # fmt: skip
    for place, (name, numbers) in enumerate((("Gita Rekaan", "1, 2"), ("Hadi Rekaan", "1"))):
        found |= {
            f"subjects.{place}.name": name, f"subjects.{place}.employer": factories.PEMKOT,
            f"subjects.{place}.position": "Guru", f"subjects.{place}.violations": numbers,
        }  # fmt: skip
    return found


def test_a_finding_with_two_officers_becomes_two_casefiles_once(office: tuple[str, UUID], tmp_path: Path) -> None:
    officer = signed_in(OFFICER)
    assert "/meja/temuan" in text_of(officer.get("/meja"))
    ticket = ticket_of(officer.get("/meja/temuan"))
    body = typed(office[1])
    before = Casefile.objects.count()

    def sent(step: str, **changed: Any) -> Any:
        return officer.post("/meja/temuan", {**body, **changed, "_ticket": ticket, "_step": step})

    wrong = sent("check", **{"known_on": "kemarin", "subjects.1.violations": "7"})
    assert wrong.status_code == 422
    assert "Hadi Rekaan" in text_of(wrong)
    wrong = sent("check", **{"subjects.1.violations": "7"})
    assert wrong.status_code == 422
    assert re.findall(r'<a href="#(f-[a-z0-9-]+)">', text_of(wrong)) == ["f-subjects-1-violations"]
    summary = sent("check")
    assert summary.status_code == 200, text_of(summary)
    assert "Ia menjadi 2 perkara" in text_of(summary)
    assert "Verifikasi berkas" in text_of(summary)
    assert Casefile.objects.count() == before
    answers = [sent("confirm") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303], text_of(answers[0])
    assert Casefile.objects.count() == before + 2
    receipts = text_of(officer.get(answers[0]["Location"]))
    entries = re.findall(r"receipt\.json\?entri=([0-9a-f-]{36})", receipts)
    assert len(entries) == 2
    for entry in entries:
        assert officer.get(f"{answers[0]['Location']}/receipt.json?entri={entry}").json()["entry"] == entry
    other = ticket_of(officer.get("/meja/temuan"))
    again = officer.post("/meja/temuan", {**body, "_ticket": other, "_step": "confirm"})
    assert again.status_code == 409, "a register number is good once"
    assert Finding.objects.filter(register_number=NUMBER).count() == 1


def test_who_supervises_no_election_forwards_nothing(db: None) -> None:
    employer: Client = signed_in(EMPLOYER)
    assert employer.get("/meja/temuan").status_code == 403
    assert "/meja/temuan" not in text_of(employer.get("/meja"))


PEMKOT_SAID = [(factories.PEMKOT, "Pemerintah Kota Padang")]


def test_an_agency_is_known_by_code_name_former_name_or_words_of_them(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    certain = (
        "pemkot-padang", "PEMKOT-PADANG", "apa saja (pemkot-padang)", "pemerintah  kota padang", "kotamadya padang",
        "kotamadya", "padang pemerintah", "pemkot",
    )  # fmt: skip
    several, nobody = "kota padang", ("Atlantis", "pa", "", "()", "%", "'; --", "(", "\\")
    with django_assert_num_queries(1):
        found = queries.named([*certain, several, *nobody], on=date(2026, 12, 1))
    assert {text: found[text] for text in certain} == dict.fromkeys(certain, PEMKOT_SAID)
    assert {code for code, _ in found[several]} == {factories.PEMKOT, factories.PADANG}
    assert not [text for text in nobody if text in found]


def test_an_ended_agency_is_meant_only_where_none_that_lasts_fits(db: None) -> None:
    lasting = queries.named(["komisi", "aparatur"], on=date(2023, 1, 1))
    ended = queries.named(["kasn"], on=date(2999, 1, 1))
    assert {code for rows in (*lasting.values(), *ended.values()) for code, _ in rows} >= {"kasn"}


def test_a_name_that_fits_several_agencies_is_told_with_them(office: tuple[str, UUID]) -> None:
    officer = signed_in(OFFICER)
    ticket = ticket_of(officer.get("/meja/temuan"))
    body = typed(office[1]) | {"register_number": "018/TM/PL/Kota/03.01/X/2024"}

    def checked(**changed: Any) -> Any:
        return officer.post("/meja/temuan", {**body, **changed, "_ticket": ticket, "_step": "check"})

    several = checked(**{"subjects.0.employer": "kota padang", "violations.0.channel": "siar"})
    assert several.status_code == 422
    page = unescape(text_of(several))
    assert "“kota padang” cocok dengan beberapa: " in page
    assert "Pemerintah Kota Padang (pemkot-padang)" in page
    assert paper_forms.controls(text_of(several))["subjects.0.employer"] == ["kota padang"], "nothing typed is lost"
    refused = {"f-violations-0-channel", "f-subjects-0-employer"}
    assert refused & set(re.findall(r'<a href="#(f-[a-z0-9-]+)">', text_of(several)))
    nobody = checked(**{"subjects.0.employer": "Atlantis"})
    assert "Tidak ada yang cocok dengan “Atlantis”" in unescape(text_of(nobody))
    one = checked(**{"subjects.0.employer": "Kotamadya Padang", "violations.0.region": "kota padang"})
    assert one.status_code == 200, text_of(one)
    assert "Pemerintah Kota Padang" in text_of(one)
    sent = re.findall(r'name="(subjects.0.employer|violations.0.region)" value="([^"]*)"', text_of(one))
    assert dict(sent) == {"subjects.0.employer": factories.PEMKOT, "violations.0.region": "13.71"}
