"""Provinces: each stands once on the map, and every number of casefiles is that of its list."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from agencies import regions
from casefiles.flow import State
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.console.test_pages import _count

pytestmark = pytest.mark.django_db


def test_every_province_stands_once_on_the_map() -> None:
    tiles = regions.tiles()
    assert [tile.code for tile in tiles] == [code for code, one in regions.load().items() if one.level == "province"]
    assert len({(tile.row, tile.column) for tile in tiles}) == len({tile.short for tile in tiles}) == 38
    by_code = {tile.code: tile for tile in tiles}
    # The ends of the country are where they belong.
    assert by_code["11"].column < by_code["51"].column < by_code["91"].column
    assert by_code["71"].row < by_code["53"].row


@pytest.mark.parametrize("email", [AUDITOR, EXAMINER, EMPLOYER])
def test_every_number_is_that_of_its_list(arranged: Arranged, email: str) -> None:
    client = signed_in(email)
    page = text_of(client.get("/wilayah"))
    links = re.findall(r'<a href="(/perkara\?province[^"]*)"[^>]*>([\d.]+)<span', page)
    assert links
    for href, number in links:
        assert _count(client, unescape(href)) == int(number) > 0, href
    assert sum(int(number) for href, number in links if "late" not in href) == _count(client, "/perkara")


def test_a_measure_is_drawn_and_an_officer_of_several_cases_counts_once(auditor: Client, arranged: Arranged) -> None:
    drawn = {
        measure: re.findall(
            r"<title>Sumatera Barat: (\d+)</title>", text_of(auditor.get(f"/wilayah?measure={measure}"))
        )
        for measure in ("casefiles", "findings", "officers", "late")
    }
    total = len(arranged.cases)
    # Nobody knows yet whom the submitted one is about; all others are about one officer.
    assert State.SUBMITTED in arranged.cases
    assert (drawn["casefiles"], drawn["findings"], drawn["officers"]) == ([str(total)], [str(total)], ["1"])
    for hostile in ("measure=cats", "by=province", "measure=late&measure[]=1"):
        assert auditor.get(f"/wilayah?{hostile}").status_code == 400, hostile
