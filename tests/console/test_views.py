"""Saved views are a person's own: kept under a name, shown on the list, and forgotten."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from console.pages.views import MOST
from people.models import SavedView
from tests.console.conftest import AUDITOR, EXAMINER, Arranged, signed_in, text_of
from tests.factories import NIP

pytestmark = pytest.mark.django_db


def test_filters_are_kept_under_a_name_and_forgotten(arranged: Arranged) -> None:
    mine, other = signed_in(AUDITOR), signed_in(EXAMINER)
    saved = mine.post("/perkara/simpan", {"name": "Lewat <b>", "query": "late_from=15&turn=bkn&state="})
    assert (saved.status_code, saved.headers["Location"]) == (302, "/perkara?late_from=15&turn=bkn")
    page = text_of(mine.get("/perkara"))
    assert 'href="/perkara?late_from=15&amp;turn=bkn">Lewat &lt;b&gt;</a>' in page
    assert "Lewat &lt;b&gt;" not in text_of(other.get("/perkara"))
    (number,) = re.findall(r'name="view" value="(\d+)"', page)
    other.post("/perkara/hapus", {"view": number})
    assert SavedView.objects.count() == 1
    for wrong in ("", "x", "9" * 30, "²"):
        assert mine.post("/perkara/hapus", {"view": wrong}).status_code == 302
    mine.post("/perkara/hapus", {"view": number})
    assert SavedView.objects.count() == 0


def test_what_cannot_be_kept_is_told(auditor: Client, arranged: Arranged) -> None:
    assert auditor.post("/perkara/simpan", {"name": "Satu", "query": "open=1"}).status_code == 302
    for given in (
        {"name": "Satu", "query": "open=1"}, {"name": "", "query": "open=1"}, {"name": "x" * 61, "query": "open=1"},
        {"name": NIP, "query": "open=1"}, {"name": "Dua", "query": ""}, {"name": "Dua", "query": "state=nowhere"},
        {"name": "Dua", "query": f"number={NIP}"}, {"name": "Dua", "query": "open=1&x=" + "y" * 2000}, {},
    ):  # fmt: skip
        answer = auditor.post("/perkara/simpan", given)
        assert answer.status_code == 400, given
        assert "tidak dapat dipakai" in text_of(answer)
    for number in range(MOST - 1):
        assert auditor.post("/perkara/simpan", {"name": f"N{number}", "query": "open=1"}).status_code == 302
    assert "Hapus satu dahulu" in text_of(auditor.post("/perkara/simpan", {"name": "Lagi", "query": "open=1"}))
    assert auditor.get("/perkara/simpan").status_code == 405
