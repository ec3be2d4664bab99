"""The stage of a day for one contest, and what a file stores of it."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casefiles.catalogue import election_stages
from casefiles.catalogue.book import load
from casefiles.catalogue.election_stages import StageNow, stage_on
from casefiles.catalogue.rows import StagePeriod
from casefiles.file import ViolationStated

catalogue = load()


def on(day: str, *, election: str | None = "pilkada-2024", office: str | None = "mayor", region: str | None = "13.71",
       rows: tuple[StagePeriod, ...] = ()) -> StageNow:  # fmt: skip
    book = dataclasses.replace(catalogue, stages=(*catalogue.stages, *rows)) if rows else catalogue
    return stage_on(election, office, region, dt.date.fromisoformat(day), book)


@pytest.mark.parametrize(
    ("day", "stage", "between"),
    [
        ("2024-05-04", "pre_stage", False),
        ("2024-05-05", "nomination", False),
        ("2024-09-21", "nomination", False),
        ("2024-09-22", "designation", False),
        ("2024-09-23", "designation", True),
        ("2024-09-24", "designation", True),
        ("2024-09-25", "campaign", False),
        ("2024-11-24", "quiet_period", False),
        ("2024-11-27", "voting", False),
        ("2024-11-28", "counting_recap", False),
        ("2024-12-16", "counting_recap", False),
        ("2024-12-17", "post_stage", False),
    ],
)
def test_a_day_of_the_elections_of_2024(day: str, stage: str, between: bool) -> None:
    found = on(day)
    assert (found.stage, found.between) == (stage, between)
    # Each local commission designated by a decision of its own, whose number is not recorded.
    assert found.decree == (None if stage == "designation" else "PKPU 2/2024")
    assert (found.legal_basis, found.certainty) == ("PKPU 2/2024", "seen")


def test_a_day_in_a_gap_says_since_when_its_stage_is_the_last() -> None:
    assert on("2024-09-24").since == dt.date(2024, 9, 22)


@pytest.mark.parametrize(
    ("day", "stage", "between", "certainty"),
    [
        ("2019-09-29", "pre_stage", False, "memory"),
        ("2019-09-30", "pre_stage", False, "memory"),
        ("2019-10-26", "nomination", False, "memory"),
        ("2020-03-20", "nomination", False, "memory"),
        ("2020-03-21", "nomination", True, "memory"),
        ("2020-06-14", "nomination", True, "memory"),
        ("2020-06-15", "voter_data", False, "seen"),
        ("2020-06-24", "nomination", False, "seen"),
        ("2020-09-22", "nomination", False, "seen"),
        ("2020-09-23", "designation", False, "seen"),
        ("2020-09-24", "designation", True, "seen"),
        ("2020-09-26", "campaign", False, "seen"),
        ("2020-12-06", "quiet_period", False, "seen"),
        ("2020-12-09", "voting", False, "seen"),
        ("2020-12-10", "counting_recap", False, "seen"),
        ("2020-12-26", "counting_recap", False, "seen"),
        ("2020-12-27", "post_stage", False, "seen"),
    ],
)
def test_a_day_of_the_elections_of_2020(day: str, stage: str, between: bool, certainty: str) -> None:
    found = on(day, election="pilkada-2020")
    assert (found.stage, found.between, found.certainty) == (stage, between, certainty)
    wanted = "PKPU 15/2019" if day < "2020-06-15" else "PKPU 5/2020"
    assert found.decree == (None if stage == "designation" else wanted)


def test_voter_data_give_way_to_the_other_stages() -> None:
    """They ran from 31 May to 23 September 2024, beside nomination and beyond the designation."""
    assert {on(day).stage for day in ("2024-05-31", "2024-08-01", "2024-09-21")} == {"nomination"}
    assert on("2023-08-01", election="pemilu-2024", office="president").stage == "voter_data"


def test_a_day_before_the_first_stage_rests_on_that_stage_and_says_since_when_it_was_prepared() -> None:
    """Where preparations are cut off is a proposal; that nomination began on 5 May is not."""
    found = on("2024-03-01")
    assert (found.stage, found.since, found.certainty) == ("pre_stage", dt.date(2024, 1, 26), "seen")
    assert found.is_founded


def test_before_and_after_rest_on_the_first_and_the_last_row() -> None:
    assert on("2023-01-01").since is None
    assert on("2030-01-01").since == dt.date(2024, 12, 17)


def test_of_stages_that_overlap_the_one_begun_last_counts() -> None:
    assert on("2022-12-10", election="pemilu-2024", office="dpd").stage == "nomination"
    assert on("2022-12-10", election="pemilu-2024", office="dpr").stage == "voter_data"


def test_each_office_has_its_own_stages() -> None:
    found = {office: on("2023-11-03", election="pemilu-2024", office=office) for office in ("dpr", "president")}
    assert {office: one.stage for office, one in found.items()} == {"dpr": "designation", "president": "nomination"}
    assert found["dpr"].certainty == "seen"


def test_a_region_s_own_row_goes_before_its_province_s_and_the_country_s() -> None:
    def campaign(region: str, first: int) -> StagePeriod:
        return StagePeriod(
            election="pilkada-2024", stage="campaign", offices=("mayor",), region=region,
            valid_from=dt.date(2024, 10, first), valid_until=dt.date(2024, 11, 24), certainty="memory",
            decree=None, decree_status="not_recorded",
        )  # fmt: skip

    rows = (campaign("13", 3), campaign("13.71", 9))
    begins = {
        region: min(
            day for day in range(1, 12) if on(f"2024-10-{day:02}", region=region, rows=rows).stage == "campaign"
        )
        for region in ("13.71", "13.72", "62.02", None)
    }
    assert begins == {"13.71": 9, "13.72": 3, "62.02": 1, None: 1}


@pytest.mark.parametrize("office", [None, "none"])
def test_without_an_office_it_is_the_election_s_stage(office: str | None) -> None:
    assert on("2024-10-01", office=office, region=None).stage == "campaign"


@pytest.mark.parametrize(("election", "office"), [(None, "mayor"), ("pilkada-2029", "mayor"), ("pilkada-2024", "dpr")])
def test_what_the_catalogue_does_not_know_is_not_called_before(election: str | None, office: str) -> None:
    found = on("2024-10-01", election=election, office=office)
    assert (found.stage, found.is_before, found.has_begun, found.certainty) == (None, False, False, None)


@given(
    day=st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31)),
    election=st.sampled_from(list(catalogue.codes("elections"))),
    office=st.none() | st.sampled_from(list(catalogue.codes("contest_office"))),
)
def test_every_day_has_one_stage_which_began_before_it(day: dt.date, election: str, office: str | None) -> None:
    found = stage_on(election, office, "13.71", day, catalogue)
    assert found.stage is None or found.stage in catalogue.codes("stage")
    assert found.since is None or found.since <= day
    assert found.is_before + found.has_begun + (found.stage is None) == 1
    kept: Any = election_stages.plain(found)
    assert kept["stage"] == found.stage


def test_several_contests_in_one_file_share_the_election_s_stage() -> None:
    finding = {"election": "pemilu-2024", "election_nexus": "election_related"}
    day = dt.date(2023, 11, 3)
    one: Any
    other: Any
    one, other = ({"contest": {"office": office, "region": None}} for office in ("president", "dpr"))
    alone, same, both = (
        election_stages.at_submission(violations, finding, day, catalogue)
        for violations in ([one], [one, one], [one, other])
    )
    assert [found and found.stage for found in (alone, same, both)] == ["nomination", "nomination", "designation"]


def test_what_has_nothing_to_do_with_the_election_has_no_stage() -> None:
    finding = {"election": "pilkada-2024", "election_nexus": "not_election_related"}
    violation: ViolationStated = {"act_date": "2024-10-01", "contest": None}
    assert election_stages.at_act(violation, finding, catalogue) is None
    assert election_stages.at_submission([violation], finding, dt.date(2024, 10, 7), catalogue) is None
    assert election_stages.plain(None) is None
