"""A casefile as of a moment, and what differs between two: the same as the versions kept, within the reader's sight."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any, cast
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Access
from casefiles.flow import State
from casefiles.models import Transition
from casefiles.sight.versions import KeptVersion
from console import words
from console.pages.moments import NotThere, version_at
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.factories import NIP

pytestmark = pytest.mark.django_db


def _steps(case: str) -> list[Transition]:
    return list(Transition.objects.filter(casefile=UUID(case)).order_by("seq"))


def test_the_file_stands_as_it_stood_after_each_version(auditor: Client, arranged: Arranged) -> None:
    case = arranged.cases[State.CLOSED]
    for step in _steps(case):
        page = text_of(auditor.get(f"/perkara/{case}?version={step.seq}"))
        assert page.count('<li id="v') == step.seq
        assert f"versi {step.seq}." in page
        assert f"<strong>{words.STATES[step.to_state]}" in page
        assert "Siapa melihat" not in page
    today = timezone.localdate().isoformat()
    assert f"versi {step.seq}." in text_of(auditor.get(f"/perkara/{case}?day={today}"))


def test_a_day_means_its_end_and_before_the_first_step_there_is_nothing() -> None:
    noon = timezone.now()
    versions = [cast("KeptVersion", _Kept(seq, noon + timedelta(days=days))) for seq, days in ((1, 0), (2, 0), (3, 2))]
    assert version_at(versions, noon).seq == 2
    assert version_at(versions, noon + timedelta(days=1)).seq == 2
    assert version_at(versions, noon + timedelta(days=3)).seq == 3
    assert version_at(versions, 1).seq == 1
    for moment in (noon - timedelta(microseconds=1), 4):
        with pytest.raises(NotThere) as gone:
            version_at(versions, moment)
        assert gone.value.last.seq == 3


class _Kept:
    def __init__(self, seq: int, recorded_at: Any) -> None:
        self.seq, self.recorded_at = seq, recorded_at


def test_the_difference_of_neighbours_is_what_the_step_changed(auditor: Client, arranged: Arranged) -> None:
    case = arranged.cases[State.CLOSED]
    timeline = text_of(auditor.get(f"/perkara/{case}"))
    for step in _steps(case):
        page = text_of(auditor.get(f"/perkara/{case}/beda?since_version={step.seq - 1}&until_version={step.seq}"))
        of_step = re.findall(rf'<li id="v{step.seq}">.*?</li>', timeline, re.S)[0]
        assert _rows(page) == _rows(of_step), step.name
        assert page.count('<tr id="v') == 1


def _rows(html: str) -> list[tuple[str, ...]]:
    """Label, before and after of every change."""
    found = re.search(r'<table class="changes">.*?</table>', html, re.S)
    return [
        tuple(unescape(part) for part in row)
        for row in re.findall(
            r'<tr><th scope="row">(.*?)</th><td [^>]*>(.*?)</td><td [^>]*>(.*?)</td>', found[0] if found else "", re.S
        )
    ]


def test_a_difference_names_the_agency_that_changed_it_and_is_recorded(arranged: Arranged) -> None:
    client, case, before = signed_in(AUDITOR), arranged.cases[State.CLOSED], Access.objects.count()
    page = text_of(client.get(f"/perkara/{case}/beda?since_version=0&until_version={len(_steps(case))}"))
    assert page.count('<tr id="v') == len(_steps(case))
    state = re.search(r'<th scope="row">Keadaan</th>.*?</tr>', page, re.S)
    assert state is not None
    assert "Selesai" in state[0]
    assert _steps(case)[-1].agency.name in unescape(state[0])
    assert "pemkot-padang" not in page
    (row,) = Access.objects.order_by("pk")[before:]
    assert (row.route, row.shown) == ("console:/perkara/{id}/beda", [UUID(case)])
    assert NIP not in page


def test_what_a_long_history_leaves_out_is_said(
    auditor: Client, arranged: Arranged, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = arranged.cases[State.CLOSED]
    last = len(_steps(case))
    for module in ("casefile", "difference"):
        monkeypatch.setattr(f"console.pages.{module}.MOST_VERSIONS", 3)
    page = text_of(auditor.get(f"/perkara/{case}"))
    assert re.findall(r'<li id="v(\d+)">', page) == ["1", "2", "3", str(last)]
    assert f"{last - 4} langkah sebelum yang terbaru" in page
    # What the newest one changed is not known beside the third, and so not told.
    assert "perubahan</summary>" not in page.partition(f'<li id="v{last}">')[2]
    between = text_of(auditor.get(f"/perkara/{case}/beda?since_version=1&until_version={last}"))
    assert f"{last - 1 - 3} langkah lain" in between


def test_an_employer_compares_no_more_than_it_sees(arranged: Arranged) -> None:
    client, case = signed_in(EMPLOYER), arranged.cases[State.CLOSED]
    last = len(_steps(case))
    whole = text_of(signed_in(AUDITOR).get(f"/perkara/{case}/beda?since_version=0&until_version={last}"))
    own = text_of(client.get(f"/perkara/{case}/beda?since_version=0&until_version={last}"))
    assert 0 < len(_rows(own)) < len(_rows(whole))
    foreign = arranged.cases[State.SUBMITTED]
    for path in (f"/perkara/{foreign}/beda", f"/perkara/{foreign}?version=1"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["version=99", "version=0", "version=1e3", "version=2147483647", "day=2020-02-30", "day=2999-01-01",
     "day=1999-01-01"],
)  # fmt: skip
def test_a_moment_that_is_none_is_told_and_shows_nothing(auditor: Client, arranged: Arranged, query: str) -> None:
    answer = auditor.get(f"/perkara/{arranged.cases[State.CLOSED]}?{query}")
    assert answer.status_code == 400
    assert "LTS/" not in text_of(answer)


@pytest.mark.parametrize(
    "query",
    ["since_version=2", "since_version=3&until_version=2", "since_version=0&until_version=99", "since=2024-01-01",
     "since=2024-02-01&until=2024-01-01", "since=2024-01-01&until=2999-01-01", "since=1999-01-01&until=1999-02-01"],
)  # fmt: skip
def test_moments_that_cannot_be_compared_are_told(auditor: Client, arranged: Arranged, query: str) -> None:
    answer = auditor.get(f"/perkara/{arranged.cases[State.CLOSED]}/beda?{query}")
    assert answer.status_code == 400
    assert "LTS/" not in text_of(answer)
