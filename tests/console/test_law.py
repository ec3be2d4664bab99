"""The law as it is applied: every row of every list with its mark, and every day off with its decree."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from agencies import calendar
from casefiles.catalogue.book import load
from console.pages.catalogue import SHEETS, _differences
from tests.console.conftest import text_of

pytestmark = pytest.mark.django_db


def _rows(page: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", page.partition("<tbody>")[2].partition("</tbody>")[0], re.S)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_list_shows_all_its_rows_in_words(auditor: Client, language: str) -> None:
    auditor.cookies["lintas-language"] = language
    catalogue = load()
    for name in (*SHEETS, *catalogue.lists):
        listed = catalogue.lists[name].rows if name in catalogue.lists else getattr(catalogue, name)
        page = text_of(auditor.get(f"/katalog?list={name}"))
        assert len(_rows(page)) == len(listed), name
        if name in SHEETS:
            # No code is shown where there is a word for it.
            cells = [unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<td.*?</td>", page, re.S)]
            assert not [cell for cell in cells if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", cell)], name


def test_a_row_that_no_lawyer_has_confirmed_says_so_and_a_day_leaves_out_what_did_not_hold(auditor: Client) -> None:
    catalogue = load()
    page = text_of(auditor.get("/katalog?list=ladder"))
    unsure = [row for row in catalogue.ladder if row.certainty not in {"seen", "code"}]
    assert page.count('class="small soon"') == len(unsure) > 0
    day = date(2021, 6, 1)
    rows = _rows(text_of(auditor.get(f"/katalog?list=annex&valid_on={day}")))
    held = [row for row in catalogue.annex if row.in_force(on=day)]
    assert 0 < len(rows) == len(held) < len(catalogue.annex)
    for hostile in ("list=nothing", "version=1999.1", "valid_on=2021-13-01", "list=" + "x" * 300):
        assert auditor.get(f"/katalog?{hostile}").status_code == 400, hostile


def test_two_versions_differ_by_the_rows_that_one_of_them_lacks(auditor: Client) -> None:
    now = load()
    _first, second, *rest = now.ladder
    changed = dataclasses.replace(second, offset_days=second.offset_days + 5)
    before = dataclasses.replace(now, ladder=(changed, *rest))
    found = _differences(before, now, "ladder", SHEETS["ladder"])
    # One row is new; of the one that was changed, the old and the new text.
    assert [one.is_new for one in found].count(True) == 2
    assert [one.is_new for one in found].count(False) == 1
    assert len({str(one.line.cells) for one in found}) == 3
    assert _differences(now, now, "ladder", SHEETS["ladder"]) == []
    page = text_of(auditor.get(f"/katalog?list=ladder&since={now.version}"))
    assert "Daftar ini sama dalam kedua versi" in page
    assert auditor.get("/katalog?list=ladder&since=1999.1").status_code == 400


def test_the_days_off_of_a_year_name_their_decree(auditor: Client) -> None:
    found = calendar.load()
    page = text_of(auditor.get("/kalender?year=2024"))
    days = [day for when, day in found.days.items() if when.year == 2024]
    assert len(_rows(page)) == len(days) > 10
    for day in days:
        assert day.name_id in unescape(page)
        assert (day.decree or "belum tercatat") in unescape(page)
    for hostile in ("year=1900", "year=twenty", "version=1.1"):
        assert auditor.get(f"/kalender?{hostile}").status_code == 400, hostile
