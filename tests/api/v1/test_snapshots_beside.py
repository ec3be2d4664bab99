"""`/statistics/snapshots` beside what was published before: names, who publishes, and what lies between two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agencies import mandates
from audit import reading
from casefiles.flow import State
from casefiles.models import Snapshot
from casefiles.statistics import between, snapshots
from casefiles.statistics.count import Found, Question, units
from casefiles.statistics.keys import OF_CONTENT
from casefiles.statistics.measures import DimensionName
from casefiles.statistics.snapshot_tables import TABLES
from casefiles.statistics.together import Units, then
from tests import factories
from tests.api.answers import assert_answers
from tests.callers import as_owner
from tests.factories import AUDITOR, BKN, OTHER_OFFICE, PADANG, actor, casefile_at
from tests.partner import Partner, said
from tests.sequencing import Sequencing

PATH = "/statistics/snapshots"


def taken(agency: str = AUDITOR, **given: Any) -> tuple[int, str]:
    """The status, and the problem's code or the snapshot's name."""
    made = Partner(agency).post(PATH, {"published": True, **given})
    assert_answers(made, "take_snapshot")
    return made.status_code, said(made).get("code") or said(made)["name"]


@pytest.fixture
def seven(sequenced: Sequencing) -> Sequencing:
    """A register of seven casefiles."""
    for _ in range(7):
        factories.story()
    sequenced()
    return sequenced


def test_a_name_is_used_once_however_it_is_written(seven: Sequencing) -> None:
    assert taken(name="Triwulan III-2026") == (201, "Triwulan III-2026")
    for same in ("triwulan iii-2026", "Triwulan  III\u20132026", "Triwulan \u2162-2026", "TriwulanIII-2026"):
        assert taken(name=same) == (409, "snapshot-exists"), same
    assert taken(name="Triwulan IV-2026") == (201, "Triwulan IV-2026")
    assert Snapshot.objects.count() == 2


def test_a_few_casefiles_after_a_published_one_nothing_is_published(seven: Sequencing) -> None:
    first = Partner(AUDITOR).post(PATH, {"name": "Satu", "published": True})
    for _ in range(2):
        factories.story()
    seven()
    assert taken(name="Dua") == (409, "near-published")
    assert taken(name="Dua, untuk kami", published=False)[0] == 201
    assert taken(name="Satu lagi", as_of=said(first)["index"])[0] == 201
    for _ in range(3):
        factories.story()
    seven()
    assert taken(name="Dua")[0] == 201


def test_a_row_that_grew_by_a_few_is_left_out(seven: Sequencing) -> None:
    """Six new ones: two of an office that the first shows with seven, four of another one that nobody was shown."""
    Partner(AUDITOR).post(PATH, {"name": "Satu", "published": True})
    for number in range(6):
        factories.story(by=PADANG if number < 2 else OTHER_OFFICE)
    seven()
    assert taken(name="Dua")[0] == 201
    first, second = (snapshots.read(Snapshot.objects.get(name=name)) for name in ("Satu", "Dua"))
    shown = [
        {row["key"]: row["numbers"]["submitted"] for row in table["rows"]}
        for content in (first, second)
        for table in content["tables"]
        if table["by"] == "submitter"
    ]
    assert shown == [{PADANG: 7}, {}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_an_examiner_publishes_while_its_mandate_lasts(sequenced: Sequencing) -> None:
    for _ in range(7):
        factories.story()
    sequenced()
    assert taken(BKN, name="Dalam masa mandat")[0] == 201
    now = datetime.now(UTC)
    with as_owner():
        mandates.end(code="examining-2024", on=date(2025, 1, 1), legal_basis="contoh", now=now)
    refused = Partner(BKN).post(PATH, {"name": "Sesudahnya", "published": True})
    assert (refused.status_code, said(refused)["code"]) == (403, "not-in-office")
    with as_owner():
        mandates.register(
            code="examining-2025", agency="kasn", valid_from=date(2025, 1, 1), legal_basis="contoh", now=now
        )
    refused = Partner(BKN).post(PATH, {"name": "Sesudahnya", "published": True})
    assert "(kasn), examining-2025" in said(refused)["detail"]
    assert taken(BKN, name="Untuk kami", published=False)[0] == 201
    assert taken(AUDITOR, name="Pengawas") == (201, "Pengawas")


def test_what_lies_between_is_what_both_moments_count(seven: Sequencing) -> None:
    """The tables of both moments, made of the newer one and of what moved, are the tables of each."""
    earlier = reading.size() - 1
    casefile_at(State.RECOMMENDED)
    factories.story(by=OTHER_OFFICE).do("reject")
    old = factories.story()
    seven()
    middle = reading.size() - 1
    old.do("reject")
    casefile_at(State.SANCTION_REPORTED)
    seven()
    now = reading.size() - 1
    for before, after in ((earlier, now), (middle, now), (now, earlier), (now, now)):
        moves = between.moved(earlier=before, now=after, actor=actor(AUDITOR))
        assert bool(moves) is (before != after)
        then_, now_ = _tables(before), _tables(after)
        for table in TABLES:
            whole = table.whole
            both = between.of_both(_of(now_[table.by], whole), table.by, moves, whole=whole)
            assert _half(both, 0) == _plain(_of(now_[table.by], whole)), table.by
            assert _half(both, 1) == _plain(_of(then_[table.by], whole)), table.by


def _tables(index: int) -> Mapping[DimensionName, Found]:
    who = actor(AUDITOR)
    plain = {table.by: units(Question(by=(table.by,)), index=index, actor=who) for table in TABLES}
    assert OF_CONTENT & plain.keys()
    return plain


def _of(found: Found, whole: int) -> dict[Any, Units]:
    """As a snapshot takes it: the units that the table is about."""
    rows = {
        key[0]: Units(
            {profile: number for profile, number in row.profiles.items() if profile & whole},
            {profile: number for profile, number in found.alone[key].items() if profile & whole},
        )
        for key, row in found.rows.items()
    }
    return {key: row for key, row in rows.items() if row.profiles}


def _half(rows: Mapping[Any, Units], side: int) -> dict[Any, dict[int, int]]:
    """The table of one of the moments."""
    shift = then(1).bit_length() - 1
    found: dict[Any, Counter[int]] = {}
    for key, row in rows.items():
        for profile, number in row.profiles.items():
            half = profile >> shift if side else profile & ((1 << shift) - 1)
            found.setdefault(key, Counter())[half] += number if half else 0
    return {key: dict(+counted) for key, counted in found.items() if +counted}


def _plain(rows: Mapping[Any, Units]) -> dict[Any, dict[int, int]]:
    return {key: dict(row.profiles) for key, row in rows.items()}
