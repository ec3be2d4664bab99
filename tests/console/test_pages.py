"""What the pages show: numbers that equal their lists, an agency's own sight, recorded reads, and no whole NIP."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Access
from casefiles.flow import State
from casefiles.models import Transition
from console.telling import told
from people.models import Person
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.factories import NAME, NIP

pytestmark = pytest.mark.django_db

NOBODYS = "00000000-0000-4000-8000-000000000000"


def _count(client: Client, path: str) -> int:
    answer = client.get(path)
    assert answer.status_code == 200, path
    found = re.search(r'data-count="(\d+)"', text_of(answer))
    assert found is not None, path
    return int(found[1])


@pytest.mark.parametrize("email", [AUDITOR, EXAMINER, EMPLOYER])
def test_every_number_of_the_overview_is_that_of_its_list(arranged: Arranged, email: str) -> None:
    client = signed_in(email)
    page = text_of(client.get("/"))
    links = re.findall(r'<a href="(/perkara\?[^"]*)"[^>]*>([\d.]+)<span', page)
    assert len(links) > 8
    for href, number in links:
        assert _count(client, unescape(href)) == int(number.replace(".", "")), href


def test_the_list_filters_orders_and_says_what_it_cannot_do(auditor: Client, arranged: Arranged) -> None:
    assert _count(auditor, "/perkara") == 4
    assert _count(auditor, "/perkara?state=submitted&state=closed") == 2
    assert _count(auditor, "/perkara?turn=pemkot-padang&open=1") == 1
    assert _count(auditor, "/perkara?late_from=1&late_until=3000") == 3
    assert _count(auditor, "/perkara?number=&state=&order=waiting") == 3
    for hostile in (
        "state=nowhere", "turn=nobody", "late_from=-1", "late_from=1e9", "open=maybe%00", "sort=1", "state[]=closed",
        "number=" + "9" * 41, f"number={NIP}",
    ):  # fmt: skip
        answer = auditor.get(f"/perkara?{hostile}")
        assert answer.status_code == (200 if hostile.startswith("open") else 400), hostile
    # A page's mark belongs to its own filters: with others the list begins anew, and says so.
    assert "dimulai dari awal" in text_of(auditor.get("/perkara?after=made-up.mark"))


def test_pages_follow_each_other_without_gap_or_double(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.pages.casefiles.ON_A_PAGE", 1)
    for order, number in (("newest", 4), ("waiting", 3), ("due", 3)):
        path, seen = f"/perkara?order={order}", []
        while path:
            page = text_of(auditor.get(path))
            seen += re.findall(r'href="/perkara/([0-9a-f-]{36})"', page)
            following = re.search(r'href="([^"]*)" rel="next"', page)
            path = unescape(following[1]) if following else ""
        assert len(seen) == len(set(seen)) == number, order


def test_an_agency_sees_its_own_cases_and_the_others_are_not_there(arranged: Arranged) -> None:
    other = signed_in(EMPLOYER)
    seen = set(re.findall(r'href="/perkara/([0-9a-f-]{36})"', text_of(other.get("/perkara"))))
    assert arranged.cases[State.AWAITING_SANCTION] in seen
    assert arranged.cases[State.SUBMITTED] not in seen
    foreign = other.get(f"/perkara/{arranged.cases[State.SUBMITTED]}")
    nobodys = other.get(f"/perkara/{NOBODYS}")
    assert foreign.status_code == nobodys.status_code == 404
    pages = [
        re.sub(r'[0-9a-f-]{36}|(?<=csrfmiddlewaretoken" value=")\w+', "", text_of(answer))
        for answer in (foreign, nobodys)
    ]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("email", [AUDITOR, EXAMINER, EMPLOYER])
def test_a_case_tells_its_whole_life_and_no_whole_nip(arranged: Arranged, email: str) -> None:
    client = signed_in(email)
    for language in ("id", "en"):
        client.cookies["lintas-language"] = language
        for path in ("/", "/perkara", f"/perkara/{arranged.cases[State.CLOSED]}", "/log", "/tujuan"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            page = text_of(answer)
            assert f'<html lang="{language}">' in page
            assert NIP not in page
            assert not re.search(r"(?<![0-9a-f])[0-9]{18}(?![0-9a-f])", page), path
            assert "style=" not in page
            assert "<script" not in page
    page = text_of(client.get(f"/perkara/{arranged.cases[State.CLOSED]}"))
    steps = Transition.objects.filter(casefile=UUID(arranged.cases[State.CLOSED])).count()
    assert page.count('<li id="v') == steps > 5
    assert "1985************01" in page
    assert ("Who has seen this casefile" in page) is (email != EMPLOYER)


def test_a_read_is_recorded_with_person_and_purpose_before_it_is_shown(arranged: Arranged) -> None:
    person, client = Person.objects.get(email=AUDITOR), signed_in(AUDITOR)
    client.post("/tujuan", {"purpose": "legal_proceedings"})
    case = arranged.cases[State.AWAITING_SANCTION]
    before = Access.objects.count()
    page = text_of(client.get(f"/perkara/{case}"))
    client.get("/perkara")
    opened, listed = Access.objects.order_by("pk")[before:]
    assert (opened.client, opened.purpose, opened.route) == (
        f"person:{person.pk}", "legal_proceedings", "console:/perkara/{id}",
    )  # fmt: skip
    assert opened.shown == [UUID(case)]
    assert set(listed.shown) == {UUID(ident) for ident in arranged.cases.values()}
    assert "Ayu Rekaan" in page
    # To others a reader is somebody of that agency.
    assert "Ayu Rekaan" not in text_of(signed_in(EXAMINER).get(f"/perkara/{case}"))


def test_an_officer_is_found_by_nip_or_name_for_a_purpose(arranged: Arranged) -> None:
    client, before = signed_in(EMPLOYER), Access.objects.count()
    for what in ({"nip": f"{NIP[:8]} {NIP[8:14]} {NIP[14:]}"}, {"name": NAME.upper()}):
        page = text_of(client.post("/perkara/cari", {**what, "purpose": "subject_request"}))
        assert set(re.findall(r'href="/perkara/([0-9a-f-]{36})"', page)) == {
            ident for state, ident in arranged.cases.items() if state is not State.SUBMITTED
        }
        assert page.count("1985") <= 1  # what was typed, in the form
    assert [row.purpose for row in Access.objects.order_by("pk")[before:]] == ["subject_request"] * 2
    assert "Tidak ada perkara" in text_of(client.post("/perkara/cari", {"name": "Siapa", "purpose": "audit"}))
    asked = {"purpose": "audit"}
    for wrong in (asked, {"nip": "123", **asked}, {"nip": NIP}, {"nip": NIP, "purpose": "curiosity"}):
        assert client.post("/perkara/cari", wrong).status_code == 400


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 13), ("/alur", 9), ("/statistik/hukuman", 8), ("/wilayah", 9), ("/instansi", 8),
     ("/instansi/pemkot-padang", 17), ("/instansi/bawaslu-kota-padang", 19), ("/perkara", 13),
     ("/perkara/{closed}", 13), ("/perkara/{closed}?version=3", 11), ("/log", 12),
     ("/katalog", 7), ("/kalender", 8), ("/akses", 12), ("/statistik?by=employer", 10),
     ("/tenggat", 7), ("/tenggat?by=agency", 7), ("/perkara/{closed}/tenggat/{referral}", 11),
     ("/perkara/{closed}/beda?since_version=0&until_version=3", 11),
     ("/perkara/{closed}/nip", 9), ("/kunci-sandi", 8), ("/kunci-sandi/baru", 11), ("/masuk/sekali-lagi", 13)],
)  # fmt: skip
def test_a_page_takes_so_many_statements_whatever_it_shows(
    auditor: Client, arranged: Arranged, path: str, most: int
) -> None:
    path = path.format(closed=arranged.cases[State.CLOSED], referral=arranged.referrals[0])
    auditor.get(path)
    with CaptureQueriesContext(connection) as told:
        assert auditor.get(path).status_code == 200
    statements = [
        query["sql"] for query in told.captured_queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
    ]
    assert len(statements) <= most, "\n".join(statements)


def test_a_proof_of_an_entry_that_no_checkpoint_covers_is_not_there(auditor: Client) -> None:
    for index in ("0", "9" * 30):
        assert auditor.get(f"/log/bukti/{index}").status_code == 404


def test_the_page_that_verifies_is_kept_as_a_file_and_named_by_its_digest(auditor: Client) -> None:
    answer = auditor.get("/log/verifikasi.html")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lintas-verify.html"'
    assert b"verify()" in answer.content
    page = text_of(auditor.get("/log"))
    assert hashlib.sha256(answer.content).hexdigest() in page
    assert 'href="/log/verifikasi.html"' in page


def test_what_somebody_wrote_is_text(auditor: Client) -> None:
    change = {"pointer": "#/subject/name", "before": None, "after": "<script>alert(1)</script>\u202egnp"}
    assert told(change)[0].after == change["after"]
    page = text_of(auditor.get("/perkara", {"number": "<img src=x>"}))
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
