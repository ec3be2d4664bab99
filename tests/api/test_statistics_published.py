"""`/statistics?publish=true`: what goes to press, and that it stays within what may."""

from __future__ import annotations

from audit import ledger
from casefiles import measures
from tests import factories
from tests.counted import CODES, asked
from tests.factories import AUDITOR, OTHER_OFFICE, PADANG
from tests.sequencing import Sequencing


def test_what_goes_to_press_shows_no_cell_below_five(sequenced: Sequencing) -> None:
    """Seven of one office, three of another: the three are withheld, and the seven which would give them away."""
    for number in range(10):
        factories.story(by=PADANG if number < 7 else OTHER_OFFICE)
    sequenced()
    told = asked(AUDITOR, "?by=submitter&publish=true")
    assert (told["publish"], told["suppressed_below"]) == (True, 5)
    assert [(row["submitted"], row["closed"], row["suppressed"]) for row in told["rows"]] == [(None, 0, True)] * 2
    assert (told["totals"]["submitted"], told["totals"]["suppressed"]) == (10, False)
    assert asked(AUDITOR, "?by=submitter")["rows"][0]["submitted"] == 3
    small = asked(AUDITOR, f"?submitter={OTHER_OFFICE}&publish=true")["totals"]
    assert (small["submitted"], small["open"], small["closed"], small["suppressed"]) == (None, None, 0, True)


def test_what_is_withheld_does_not_stand_in_the_digest(sequenced: Sequencing) -> None:
    """Whoever tried all numbers from one to four would find it: two tables with other withheld numbers are alike."""
    digests = []
    for _ in range(2):
        factories.story()
        sequenced()
        told = asked(AUDITOR, "?publish=true")
        numbers = {"totals": {code: told["totals"][code] for code in CODES}, "rows": [], "merged": 0}
        said_of_it = {"edition": measures.EDITION, "unit": "casefiles", "by": [], "filters": {}, "publish": True}
        assert ledger.digest_of({**said_of_it, **numbers, "as_of": told["as_of"]["index"]}).hex() == told["digest"]
        digests.append(numbers)
    assert digests[0] == digests[1]


def test_a_key_that_says_how_it_stands_is_published_with_one_number(sequenced: Sequencing) -> None:
    """Closed casefiles by state are closed: the other measures would tell a withheld number again."""
    for _ in range(6):
        factories.story()
    for _ in range(2):
        factories.story().do("reject")
    sequenced()
    told = asked(AUDITOR, "?by=state&publish=true")
    assert [set(row) for row in told["rows"]] == [{"key", "submitted", "suppressed"}] * 2
    assert [row["submitted"] for row in told["rows"]] == [None, None]
    assert set(told["totals"]) == {"submitted", "suppressed"}


def test_the_merged_are_withheld_where_they_are_few(sequenced: Sequencing) -> None:
    kept, merged = factories.story(), factories.story()
    merged.do("merge", into=kept.casefile)
    sequenced()
    assert asked(AUDITOR, "?publish=true")["merged"] is None
    assert asked(AUDITOR)["merged"] == 1
