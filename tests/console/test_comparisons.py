"""Recommended against imposed: every number is that of its list."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.console.test_pages import _count

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("email", [AUDITOR, EMPLOYER])
def test_every_number_is_that_of_its_list(arranged: Arranged, email: str) -> None:
    client = signed_in(email)
    for by in ("form", "employer", "position_kind"):
        page = text_of(client.get(f"/statistik/hukuman?by={by}"))
        links = re.findall(r'<a href="(/perkara\?[^"]*)">([\d.]+)<span', page)
        assert links, by
        for href, number in links:
            assert _count(client, unescape(href)) == int(number) > 0, href
    for hostile in ("by=state", "form=x", "by=form&as_of=1"):
        assert client.get(f"/statistik/hukuman?{hostile}").status_code == 400
