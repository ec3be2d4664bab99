"""Every number that is a link, on every page, is the length of the list that it leads to."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from console.urls import urlpatterns
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.console.test_pages import _count

pytestmark = pytest.mark.django_db

PAGES = {
    "overview": ("/",),
    "deadlines": ("/tenggat", "/tenggat?by=agency"),
    "flow": ("/alur?first=2024-01-01",),
    "provinces": ("/wilayah", "/wilayah?measure=late"),
    "office": ("/instansi/bkn", "/instansi/pemkot-padang", "/instansi/bawaslu-kota-padang"),
    "comparisons": tuple(f"/statistik/hukuman?by={by}" for by in ("form", "employer", "position_kind")),
}
NUMBER = re.compile(r'<a href="(/perkara\?[^"]*)"[^>]*>([\d.,]+)<span')


def test_no_other_page_has_numbers_that_nobody_clicks(auditor: Client) -> None:
    for pattern in urlpatterns:
        if pattern.name not in PAGES and not pattern.pattern.converters:
            answer = auditor.get(f"/{pattern.pattern}")
            if answer.headers["Content-Type"].startswith("text/html"):
                assert not NUMBER.search(text_of(answer)), f"{pattern.name} belongs into PAGES"


@pytest.mark.parametrize("email", [AUDITOR, EMPLOYER])
def test_a_click_on_a_number_leads_to_as_many_casefiles(arranged: Arranged, email: str) -> None:
    client, counted = signed_in(email), dict[str, int]()
    for path in (path for paths in PAGES.values() for path in paths):
        page = text_of(client.get(path))
        found = NUMBER.findall(page)
        assert found, path
        # No link into the list that this test does not take for a number.
        assert page.count('<a href="/perkara?') == len(found), path
        for href, number in found:
            if href not in counted:
                counted[href] = _count(client, unescape(href))
            assert counted[href] == int(number.replace(".", "")), (path, href)
    assert len(counted) > 25


@pytest.mark.parametrize(
    ("language", "waiting", "says"), [("id", "1.146", "lewat 1.137 hari"), ("en", "1,146", "1,137 days late")]
)
def test_days_by_the_thousand_are_grouped_as_other_numbers_are(language: str, waiting: str, says: str) -> None:
    row = {"id": UUID(int=1), "waiting": 1146, "due_on": date(2023, 10, 21), "late": 1137}
    with translation.override(language):
        page = render_to_string("console/case_rows.html", {"rows": [row]})
    assert says in page
    assert f">{waiting}</td>" in page
