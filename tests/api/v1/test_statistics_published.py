"""`/statistics?publish=true`: what goes to press, and that it stays within what may."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from audit import ledger
from casefiles.flow.finding import Clarification
from casefiles.statistics import measures
from tests import factories
from tests.counted import CODES, asked, refused
from tests.factories import AUDITOR, OTHER_OFFICE, PADANG
from tests.partner import Partner, said
from tests.sequencing import Sequencing


def test_what_goes_to_press_shows_no_cell_below_five(sequenced: Sequencing) -> None:
    """Seven of one office, three of another: the three are withheld, and the seven which would give them away."""
    for number in range(10):
        factories.story(by=PADANG if number < 7 else OTHER_OFFICE)
    sequenced()
    told = asked(AUDITOR, "?by=submitter&publish=true")
    assert (told["publish"], told["suppressed_below"]) == (True, 5)
    assert [(row["submitted"], row["closed"], row["suppressed"]) for row in told["data"]] == [(None, 0, True)] * 2
    assert (told["totals"]["submitted"], told["totals"]["suppressed"]) == (10, False)
    assert asked(AUDITOR, "?by=submitter")["data"][0]["submitted"] == 3
    small = asked(AUDITOR, f"?submitter={OTHER_OFFICE}&publish=true")["totals"]
    assert (small["submitted"], small["open"], small["closed"], small["suppressed"]) == (None, None, 0, True)


def test_what_is_withheld_does_not_stand_in_the_digest(sequenced: Sequencing) -> None:
    """Whoever tried all numbers from one to four would find it: two tables with other withheld numbers are alike."""
    digests = []
    for _ in range(2):
        factories.story()
        sequenced()
        told = asked(AUDITOR, "?publish=true")
        numbers = {"totals": {code: told["totals"][code] for code in CODES}, "data": [], "merged": 0}
        said_of_it = {"edition": measures.EDITION, "unit": "casefiles", "by": [], "filters": {}, "publish": True}
        assert ledger.digest_of({**said_of_it, **numbers, "as_of": told["as_of"]["index"]}).hex() == told["digest"]
        digests.append(numbers)
    assert digests[0] == digests[1]


def test_a_key_that_says_how_it_stands_is_refused_with_the_measures_that_tell_it(db: None, world: object) -> None:
    """Its rows would be the totals of other tables: six not proven there, and here withheld beside two withdrawn."""
    problem = said(Partner(AUDITOR).get("/statistics?by=outcome&publish=true", **{"Accept-Language": "en"}))
    (item,) = problem["errors"]
    assert (item["code"], item["parameter"]) == ("not-published-by-standing", "by")
    assert "not_proven, followed_up, closed" in item["detail"]
    assert "ukuran" in refused(AUDITOR, "?by=state&publish=true")["errors"][0]["detail"].lower()


def test_what_a_table_withholds_of_the_totals_no_other_table_of_the_moment_shows(sequenced: Sequencing) -> None:
    """Eight of two offices, two of them closed: the totals withhold the same by whatever key."""
    for number in range(10):
        told = factories.story(by=PADANG if number < 4 else OTHER_OFFICE)
        if number in (0, 9):
            told.do("reject")
    sequenced()
    tables = [asked(AUDITOR, f"?publish=true{by}") for by in ("", "&by=submitter", "&by=month", "&by=form")]
    assert [one["totals"] for one in tables] == [tables[0]["totals"]] * 4
    assert [tables[0]["totals"][code] for code in ("submitted", "open", "closed")] == [10, None, None]
    assert [row["closed"] for row in tables[1]["data"]] == [None, None]


def test_rows_that_would_all_be_one_are_left_out_with_their_names(sequenced: Sequencing) -> None:
    """Four in the total, which is withheld, and four keys: each would be known to be one."""
    for month in range(6, 10):
        factories.story(occurred_at=datetime(2024, month, 20, 3, tzinfo=UTC), **on(date(2024, month, 18)))
    sequenced()
    assert len(asked(AUDITOR, "?by=month")["data"]) == 4
    told = asked(AUDITOR, "?by=month&publish=true")
    assert (told["data"], told["totals"]["submitted"]) == ([], None)


def on(day: date) -> dict[str, Any]:
    """A finding about an act of that day, known, registered and clarified on it."""
    return {
        "known_on": day,
        "registered_on": day,
        "clarification": Clarification(held=True, held_on=day),
        "violations": (factories.violation(act_date=day),),
    }


def test_the_merged_are_withheld_where_they_are_few(sequenced: Sequencing) -> None:
    kept, merged = factories.story(), factories.story()
    merged.do("merge", into=kept.casefile)
    sequenced()
    assert asked(AUDITOR, "?publish=true")["merged"] is None
    assert asked(AUDITOR)["merged"] == 1
