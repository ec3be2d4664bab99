"""Flow: every move and every outcome is the number of its list, and a case's own way is drawn as it went."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from casefiles.flow import FLOW, OPEN, State
from casefiles.sight.moves import Move
from casefiles.sight.waiting import ENTERED
from console.pages import flow_picture
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.console.test_pages import _count

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("email", [AUDITOR, EMPLOYER])
def test_every_move_is_the_number_of_its_list(arranged: Arranged, email: str) -> None:
    client = signed_in(email)
    page = text_of(client.get("/alur?first=2024-01-01"))
    links = re.findall(r'<a href="(/perkara\?[^"]*)">([\d.]+)<span', page)
    assert len(links) > 5
    for href, number in links:
        assert _count(client, unescape(href)) == int(number) > 0, href
    # The same numbers are in the picture.
    drawn = re.findall(r'<path class="band[^>]*><title>[^<]*: (\d+)</title>', page)
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert sorted(drawn) == sorted(re.findall(r">(\d+)<span", table))


def test_a_span_without_moves_and_one_that_is_none(auditor: Client) -> None:
    tomorrow = (timezone.now() + timedelta(days=2)).date()
    assert "Tidak ada perkara yang beralih" in text_of(auditor.get(f"/alur?first={tomorrow}&last={tomorrow}"))
    for hostile in ("first=2024-02-02&last=2024-02-01", "first=yesterday", "since=2024-01-01", "first=0000-00-00"):
        assert auditor.get(f"/alur?{hostile}").status_code == 400, hostile


def test_each_state_has_its_place_in_the_picture() -> None:
    assert set(flow_picture.COLUMNS) == {ENTERED, *map(str, State)}
    assert len(set(flow_picture.COLUMNS.values())) == len(flow_picture.COLUMNS)
    everywhere = [row for row in FLOW if set(row.source) >= set(OPEN)]
    assert everywhere, "what may happen anywhere is not drawn as usual"
    assert ("submitted", "under_examination") in flow_picture._usual()


def test_bands_are_as_wide_as_what_they_carry_and_ways_back_are_marked() -> None:
    moves = [
        Move(ENTERED, "submitted", 10), Move("submitted", "under_examination", 8), Move("submitted", "closed", 2),
        Move("returned", "submitted", 1), Move("submitted", "returned", 1),
    ]  # fmt: skip
    nodes, bands, width, height = flow_picture.bands(moves)
    tall = {node.code: node.height for node in nodes}
    assert tall["submitted"] == max(tall.values())
    assert {band.number for band in bands} == {1, 2, 8, 10}
    forward = {band.title: band.width for band in bands if not band.is_back}
    assert max(forward.values()) / min(forward.values()) == pytest.approx(10, rel=0.1)
    assert [band.title.endswith(": 1") for band in bands if band.is_back] == [True]
    assert width > 400
    assert height > flow_picture.HEIGHT


def test_a_case_shows_its_own_way(auditor: Client, arranged: Arranged) -> None:
    page = text_of(auditor.get(f"/perkara/{arranged.cases[State.CLOSED]}"))
    assert page.count('<path class="own"') >= 5
    assert page.count('<g class="is-here"') == 1
    assert re.search(r'<g class="is-here".*?Selesai', page, re.S)
    first = text_of(auditor.get(f"/perkara/{arranged.cases[State.SUBMITTED]}"))
    assert '<path class="own"' not in first
