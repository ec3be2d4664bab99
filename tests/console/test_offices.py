"""One office: its numbers are those of its lists, and how its systems are doing is for those whom it concerns."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from agencies.models import Agency
from tests.conftest import Copies, using
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.console.test_pages import _count
from tests.signing_in import as_role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("email", [AUDITOR, EXAMINER, EMPLOYER])
@pytest.mark.parametrize("code", ["bkn", "pemkot-padang", "bawaslu-kota-padang"])
def test_every_number_is_that_of_its_list(arranged: Arranged, email: str, code: str) -> None:
    client = signed_in(email)
    page = text_of(client.get(f"/instansi/{code}"))
    links = re.findall(r'<a href="(/perkara\?[^"]*)"[^>]*>([\d.]+)<span', page)
    assert len(links) == 6
    for href, number in links:
        assert _count(client, unescape(href)) == int(number), href
    if email == AUDITOR:
        assert any(int(number) for _, number in links)


def test_systems_are_told_to_the_office_itself_and_to_auditors(arranged: Arranged) -> None:
    for email, code, may in (
        (AUDITOR, "pemkot-padang", True), (EMPLOYER, "pemkot-padang", True), (EMPLOYER, "bkn", False),
        (EXAMINER, "pemkot-padang", False), (EXAMINER, "bkn", True),
    ):  # fmt: skip
        page = text_of(signed_in(email).get(f"/instansi/{code}"))
        assert ("Sistemnya" in page) is may, (email, code)
        assert (f"{code}-system" in page) is may
        assert ("Webhook" in page) is may
    page = text_of(signed_in(EMPLOYER).get("/instansi/pemkot-padang"))
    assert "sistem.padang.example" in page
    assert "timed-out" in page
    assert "gagal sejak" in page
    assert "rahasia" not in page
    assert "kunci berlaku" in text_of(signed_in(AUDITOR).get("/instansi/bkn"))


def test_what_an_office_said_last_and_which_numbers_it_skips_is_told_to_whom_it_concerns(arranged: Arranged) -> None:
    """Of sanctions an employer speaks, of findings an office of Bawaslu; its register is the examiner's to look at."""
    for email, code, words, numbers in (
        (EXAMINER, "pemkot-padang", True, False), (EMPLOYER, "pemkot-padang", True, False),
        (EXAMINER, "bawaslu-kota-padang", True, True), (EMPLOYER, "bawaslu-kota-padang", False, False),
    ):  # fmt: skip
        page = text_of(signed_in(email).get(f"/instansi/{code}"))
        assert ("Tanpa kabar sejak" in page) is words, (email, code)
        assert ("Nomor register yang terlewat" in page) is numbers, (email, code)
    # The factories' numbers have no sequence that can be read, and the page counts them.
    assert "4 nomor berbentuk lain" in text_of(signed_in(EXAMINER).get("/instansi/bawaslu-kota-padang"))


def test_offices_are_found_by_name_and_code(auditor: Client) -> None:
    page = text_of(auditor.get("/instansi?q=padang"))
    assert 'href="/instansi/pemkot-padang"' in page
    assert 'href="/instansi/bkn"' not in page
    assert "Tidak ada instansi yang cocok" in text_of(auditor.get("/instansi?q=atlantis"))
    for path, status in (
        ("/instansi?q=" + "x" * 81, 400), ("/instansi?name=bkn", 400), ("/instansi/nobody", 404),
        ("/instansi/%00", 404), ("/instansi?q=%25", 200), ("/instansi?q=%00", 400),
        ("/instansi?q=198501012010011001", 400),
    ):  # fmt: skip
        assert auditor.get(path).status_code == status, path


def test_an_office_that_ended_says_so_and_names_its_heirs(auditor: Client) -> None:
    """In the list and on its page; the page of an heir names whose work it took over."""
    listed = text_of(auditor.get("/instansi?q=kasn"))
    assert "sudah berakhir pada 4 September 2024" in listed
    assert "berakhir pada" not in text_of(auditor.get("/instansi?q=bkn"))
    ended = text_of(auditor.get("/instansi/kasn"))
    assert "sudah berakhir pada 4 September 2024" in ended
    assert re.search(r'diteruskan oleh</dt><dd><a href="/instansi/bkn">[^<]+</a> [^<]*<[^>]*>\(pengganti, 4 Sep', ended)
    split = text_of(auditor.get("/instansi/kemdikbudristek"))
    for heir in ("kemendikdasmen", "kemdiktisaintek", "kemenbud"):
        assert f'<a href="/instansi/{heir}">' in split
    heir = text_of(auditor.get("/instansi/bkn"))
    assert re.search(r'Meneruskan tugas</dt><dd><a href="/instansi/kasn">', heir)
    assert "diteruskan oleh" not in heir
    auditor.cookies["lintas-language"] = "en"
    english = text_of(auditor.get("/instansi/kasn"))
    assert "ended on 4 September 2024" in english
    assert "(successor, 4 September 2024)" in english


@pytest.mark.django_db(transaction=True)
def test_former_names_stand_on_the_page(arranged: Arranged, copies: Copies, django_db_blocker: DjangoDbBlocker) -> None:
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        with as_role(copies, "owner"):
            names = [{"name": "Departemen <Dalam> Negeri", "until": "2009-11-03"}]
            Agency.objects.filter(code="kemendagri").update(former_names=names, valid_until="2999-01-01")
        with as_role(copies, "console"):
            page = text_of(signed_in(AUDITOR).get("/instansi/kemendagri"))
    copies.drop(name)
    assert "Departemen &lt;Dalam&gt; Negeri" in page
    assert "(sebelum 3 November 2009)" in page
    assert "akan berakhir pada 1 Januari 2999" in page
