"""Pages for everybody: the answer is that of the catalogue, no cookie is set, and a cache may keep every one."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from html import unescape
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies import offices
from casefiles.catalogue import guidance
from casefiles.catalogue.book import load
from casefiles.catalogue.guidance import Asked
from console.public import acts
from tests.console.conftest import AUDITOR, Arranged, signed_in, text_of

pytestmark = pytest.mark.django_db

LIKE = {"act": "like", "day": "2024-09-21", "kind": "pns", "contest": "pilkada-2024.mayor", "region": "13.71"}
PATHS = ("/bolehkah", "/bolehkah/lembar/sebelum", "/bolehkah/poster/sejak", "/ke-mana-melapor", "/angka")
catalogue = load()


def ask(**changed: str) -> str:
    return unescape(text_of(Client().get("/bolehkah", {**LIKE, **changed})))


def test_a_like_before_designation_is_ethics_and_the_day_of_change_is_named() -> None:
    page = ask()
    changes = "Mulai 22 September 2024 jawabannya berubah: pelanggaran disiplin"
    for said in (
        "Jangan: pelanggaran kode etik", "<dd>A4</dd>", "sanksi moral terbuka", "PANRB 2/2022", changes, "(B6)",
        "bukan putusan",
    ):  # fmt: skip
        assert said in page, said
    english = unescape(text_of(Client().get("/en/bolehkah", LIKE)))
    for said in ('<html lang="en">', "Do not: breach of ethics", "From 22 September 2024 the answer changes"):
        assert said in english, said


@pytest.mark.parametrize(
    "act", [*acts.EVERYDAY, *(code for code in catalogue.codes("violations") if code != acts.OTHER)]
)
def test_the_page_says_what_the_catalogue_says_of_every_act(act: str) -> None:
    for day in ("2024-09-21", "2024-09-22"):
        asked = Asked(
            form=acts.form_of(act), act_date=dt.date.fromisoformat(day), election="pilkada-2024",
            contest_office="mayor", region="13.71", employment_kind="pns",
        )  # fmt: skip
        found = guidance.advise(asked, catalogue).now.found
        # What no everyday act stands for is asked by its form.
        known = act in acts.EVERYDAY or act in dict(acts.other_forms())
        page = ask(act=act, day=day)
        if not known:
            assert "tidak dapat dijawab" in page
            continue
        label = catalogue.codes("violation_class")[found.violation_class].label_id
        assert f"Jangan: {label}" in page
        assert f"<dd>{found.annex_item or 'tidak bernomor dalam daftar'}</dd>" in page


def test_a_form_that_is_named_without_leave_only_is_not_named_with_it() -> None:
    asked = {"act": "spouse_event_without_leave"}
    assert "Jangan: pelanggaran" in ask(**asked)
    assert "Tidak termasuk daftar" in ask(**asked, leave="on")
    assert "Jangan: pelanggaran" in ask(leave="on")


def test_without_a_day_it_is_about_today() -> None:
    with time_machine.travel("2024-09-21T20:00:00Z", tick=False):
        page = ask(day="")
    # It is the next day already in Jakarta.
    assert "pada 22 September 2024" in page
    assert "Jangan: pelanggaran disiplin" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"act": "<script>"}, "Perbuatan:"),
        ({"day": "besok"}, "Hari perbuatan:"),
        ({"region": "99"}, "Pilih wilayah dari daftar."),
        ({"region": "13.06"}, "adalah kabupaten"),
        ({"contest": "pemilu-2024.mayor"}, "Pemilihan:"),
    ],
)
def test_bad_input_is_explained_and_answers_nothing(changed: dict[str, str], said: str) -> None:
    answer = Client().get("/bolehkah", {**LIKE, **changed})
    assert (answer.status_code, answer["Cache-Control"]) == (400, "no-store")
    page = unescape(text_of(answer))
    assert said in page
    assert "Jangan:" not in page
    assert "<script" not in text_of(answer)


@pytest.mark.parametrize("path", [*PATHS, *(f"/en{path}" for path in PATHS), f"/bolehkah?{urlencode(LIKE)}"])
def test_a_cache_may_keep_a_public_page_for_everybody(arranged: Arranged, path: str) -> None:
    """Nobody's session, cookie or language changes a byte of it, nor is anything set or kept."""
    for client in (Client(), signed_in(AUDITOR)):
        client.cookies["lintas-language"] = "en"
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
        assert answer["Cache-Control"].startswith("public, max-age=300")
        assert answer["Vary"] == "Accept-Encoding"
        assert not answer.cookies
        page = gzip.decompress(answer.content).decode()
        assert f'<html lang="{"en" if path.startswith("/en/") else "id"}">' in page
        assert "csrfmiddlewaretoken" not in page
        assert "Ayu Rekaan" not in page
        again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert Client().post(path.partition("?")[0]).status_code == 405


def test_a_public_page_asks_the_database_for_offices_and_numbers_only() -> None:
    for path, most in (("/bolehkah", 0), (f"/bolehkah?{urlencode(LIKE)}", 0), ("/bolehkah/lembar/sejak", 0),
                       ("/ke-mana-melapor?region=13.71", 1), ("/angka", 1)):  # fmt: skip
        with CaptureQueriesContext(connection) as told:
            assert Client().get(path).status_code == 200
        assert len(told) <= most, path


def test_the_offices_of_a_region_are_its_own_the_provinces_and_the_national_one(arranged: Arranged) -> None:
    page = text_of(Client().get("/ke-mana-melapor", {"region": "13.71"}))
    found = re.findall(r'<section class="office"><h3>(.*?)</h3>', page)
    assert found == ["Bawaslu Kota Padang", "Bawaslu Provinsi Sumatera Barat", "Bawaslu Republik Indonesia"]
    assert "Thamrin" in page
    assert "dari ingatan dan belum diperiksa" in page
    assert page.count("Alamatnya belum tercatat") == 2
    unregistered = text_of(Client().get("/en/ke-mana-melapor", {"region": "51.03"}))
    assert "Bawaslu of the regency or city" in unregistered
    unknown = Client().get("/ke-mana-melapor", {"region": "99.99"})
    assert unknown.status_code == 400
    assert "Pilih salah satu" in text_of(unknown)


def test_a_sheet_has_every_act_of_the_list_in_its_phase() -> None:
    today = timezone.now().date()
    for phase, word in (("before", "sebelum"), ("after", "sejak")):
        page = unescape(text_of(Client().get(f"/bolehkah/lembar/{word}")))
        rows = [
            row for row in catalogue.annex if row.phase == phase and row.in_force(on=today) and row.form != acts.OTHER
        ]
        assert page.count('<th scope="row">') == len(rows) > 15
        for row in rows:
            assert catalogue.codes("violations")[row.form].label_id in page
        assert "tanya" in text_of(Client().get(f"/bolehkah/poster/{word}")).lower()
    assert Client().get("/bolehkah/lembar/nanti").status_code == 404


def test_no_figures_are_published_and_the_page_says_so() -> None:
    assert "Belum ada angka yang diterbitkan" in text_of(Client().get("/angka"))
    assert Client().get("/angka.csv").status_code == 404


@pytest.mark.parametrize("path", ["lembar/sebelum", "lembar/sejak", "poster/sebelum", "poster/sejak"])
def test_a_sheet_is_a_file_of_one_accessible_page_too(path: str) -> None:
    """The compiler refuses what is not PDF/UA-1 and PDF/A-2a; a cache keeps the file as it keeps the page."""
    for prefix in ("", "/en"):
        answer = Client().get(f"{prefix}/bolehkah/{path}.pdf")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Cache-Control"].startswith("public")
        assert re.findall(rb"/Type\s*/Page\b", answer.content) == [b"/Type/Page"] or b"/Count 1" in answer.content
        assert b"pdfuaid" in answer.content
        assert f"{prefix}/bolehkah/{path}.pdf" in text_of(Client().get(f"{prefix}/bolehkah/{path}"))
    assert Client().get(f"/bolehkah/{path}x.pdf").status_code == 404


@pytest.mark.parametrize("host", ["testserver:4444", "TESTSERVER", "testserver."])
@pytest.mark.parametrize(
    "path", ["/bolehkah/lembar/sejak", "/en/bolehkah/poster/sebelum", "/bolehkah/lembar/sejak.pdf"]
)
def test_what_a_reader_calls_this_host_is_in_no_page_that_a_cache_keeps(host: str, path: str) -> None:
    """Nor is a file made anew for each way to spell it."""
    usual, other = Client().get(path), Client().get(path, headers={"Host": host})
    assert other.content == usual.content
    assert settings.LINTAS_CONSOLE_BASE_URL in usual.content.decode("latin-1") or path.endswith(".pdf")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("13.71,Jl. A,,,seen", "has a source and read_on"),
        ("13.71,Jl. A,bawaslu.go.id,2026-11-20,memory", "nothing else has"),
        ("99.99,Jl. A,,,memory", "no such region"),
        ("13.71,Jl. A,,,sure", "certainty is one of"),
        ("13.71,Jl. A,,,memory\n13.71,Jl. B,,,memory", "two addresses"),
    ],
)
def test_an_address_says_where_it_was_read_or_that_it_was_not(row: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        offices.read_addresses(f"region,address,source,read_on,certainty\n{row}\n".splitlines())
    good = offices.read_addresses(
        ["region,address,source,read_on,certainty", "13.71,Jl. A,bawaslu.go.id,2026-11-20,seen"]
    )
    assert good["13.71"].is_checked
    assert not any(address.is_checked for address in offices.addresses().values()), "nobody has looked these up yet"
