"""Which office is contested in which election and where, and what is said of a contest that nobody holds."""

import dataclasses

import pytest

from agencies import regions
from casefiles.catalogue import places
from casefiles.catalogue.book import load
from casefiles.file import ViolationStated
from casefiles.flow import corrections

CATALOGUE = load()
LOCAL, GENERAL = "pilkada-2024", "pemilu-2024"


@pytest.mark.parametrize(
    ("election", "office", "region"),
    [
        (LOCAL, "governor", "13"),
        (LOCAL, "regent", "13.01"),
        (LOCAL, "mayor", "13.71"),
        (LOCAL, "governor", "31"),
        (LOCAL, "mayor", "34.71"),
        (LOCAL, "governor", None),
        (LOCAL, "none", "13.71.01"),
        (LOCAL, "none", None),
        ("pilkada-2020", "mayor", "13.71"),
        (GENERAL, "president", None),
        (GENERAL, "dpr", "13"),
        (GENERAL, "dpr", None),
        (GENERAL, "dpd", "34"),
        (GENERAL, "dprd_province", "31"),
        (GENERAL, "dprd_regency_city", "13.01"),
        (GENERAL, "dprd_regency_city", "13.71"),
        ("of-a-later-catalogue", "mayor", "13.71"),
    ],
)
def test_a_contest_that_is_held_has_no_fault(election: str, office: str, region: str | None) -> None:
    assert places.contest_fault(office, region, election=election, catalogue=CATALOGUE, pointer="#") is None


@pytest.mark.parametrize(
    ("election", "office", "region", "code", "pointer", "near"),
    [
        (LOCAL, "president", None, "office-not-of-election", "office", None),
        (LOCAL, "dprd_province", "13", "office-not-of-election", "office", None),
        (GENERAL, "mayor", "13.71", "office-not-of-election", "office", None),
        (LOCAL, "mayor", "13.01", "office-not-of-region", "office", "regent"),
        (LOCAL, "regent", "13.71", "office-not-of-region", "office", "mayor"),
        (LOCAL, "governor", "13.71", "office-not-of-region", "region", "13"),
        (LOCAL, "governor", "13.01.02", "office-not-of-region", "region", "13"),
        (LOCAL, "mayor", "13", "office-not-of-region", "region", "13.71"),
        (LOCAL, "mayor", "76", "office-not-of-region", "region", None),
        (LOCAL, "mayor", "13.71.01", "office-not-of-region", "region", "13.71"),
        (GENERAL, "dprd_province", "13.71", "office-not-of-region", "region", "13"),
        (GENERAL, "dpr", "13.71", "office-not-of-region", "region", "13"),
        (GENERAL, "dprd_regency_city", "13", "office-not-of-region", "region", "13.01"),
        (GENERAL, "president", "13", "office-not-of-region", "region", None),
        (LOCAL, "governor", "34", "office-not-elected-here", "office", None),
        (LOCAL, "mayor", "31.71", "office-not-elected-here", "office", "governor"),
        (LOCAL, "regent", "31.01", "office-not-elected-here", "office", "governor"),
        (GENERAL, "dprd_regency_city", "31.71", "office-not-elected-here", "office", "dprd_province"),
        (LOCAL, "mayor", "99.99", "unknown-region", "region", None),
        (LOCAL, "mayor", "27.09", "unknown-region", "region", "17.09"),
        ("of-a-later-catalogue", "mayor", "13.01", "office-not-of-region", "office", "regent"),
    ],
)
def test_a_contest_that_nobody_holds_is_named_with_the_nearest(
    election: str, office: str, region: str | None, code: str, pointer: str, near: str | None
) -> None:
    fault = places.contest_fault(office, region, election=election, catalogue=CATALOGUE, pointer="#/contest")
    assert fault is not None
    assert (fault.code, fault.pointer, fault.near) == (code, f"#/contest/{pointer}", near)
    if near is not None:
        assert near in fault.id
        assert near in fault.en


def test_every_office_of_the_list_is_contested_somewhere_or_is_none() -> None:
    assert {*places.OFFICES, "none"} == set(CATALOGUE.codes("contest_office"))
    for office, contested in places.OFFICES.items():
        held = [
            region
            for region in (None, *regions.load())
            for election in CATALOGUE.codes("elections")
            if places.contest_fault(office, region, election=election, catalogue=CATALOGUE, pointer="#") is None
        ]
        assert {regions.load()[region].level for region in held if region} == set(contested.levels), office


def test_every_stage_of_the_catalogue_is_of_a_contest_that_is_held() -> None:
    for row in CATALOGUE.stages:
        for office in row.offices:
            fault = places.contest_fault(office, row.region, election=row.election, catalogue=CATALOGUE, pointer="#")
            assert fault is None, (row, fault)


def test_an_election_that_the_catalogue_knows_in_some_regions_only_is_held_there() -> None:
    """As a repeat election is, once its rows are in the catalogue."""
    template = next(row for row in CATALOGUE.stages if row.election == LOCAL)
    only = dataclasses.replace(template, election="pilkada-2020", offices=("mayor",), region="13.71")
    rows = (*(row for row in CATALOGUE.stages if row.election != "pilkada-2020"), only)
    catalogue = dataclasses.replace(CATALOGUE, stages=rows)

    def code(office: str, region: str | None) -> str | None:
        fault = places.contest_fault(office, region, election="pilkada-2020", catalogue=catalogue, pointer="#")
        return fault.code if fault else None

    assert [code("mayor", region) for region in ("13.71", "13.72", None)] == [None, "election-not-held-here", None]
    assert code("regent", "13.01") is None, "the catalogue is silent about regents"


def test_a_place_of_bawaslu_s_numbering_is_said_to_be_of_another_numbering() -> None:
    fault = places.unknown_region("27.09", pointer="#/region")
    assert fault is not None
    assert "Bawaslu" in fault.id
    assert "17.09 KABUPATEN BENGKULU TENGAH" in fault.en
    known_province = places.unknown_region("13.99", pointer="#/region")
    assert known_province is not None
    assert "Bawaslu" not in known_province.en


def test_a_correction_replaces_the_warnings_that_follow_from_places() -> None:
    assert set(corrections.OF_PLACES) == {places.NOT_LISTED, places.COPIED}


def test_a_region_with_the_digits_of_the_register_number_is_doubted() -> None:
    acts: list[ViolationStated] = [
        {"region": "13.71", "contest": {"office": "mayor", "region": "13.71"}},
        {"region": None, "contest": None},
    ]
    found = places.warnings(acts, register="006/TM/PW/Kota/13.71/IX/2024")
    assert [(one["code"], one["pointer"]) for one in found] == [
        (places.COPIED, "#/violations/0/region"),
        (places.COPIED, "#/violations/0/contest/region"),
    ]
    assert places.warnings(acts, register="006/TM/PW/Kota/03.01/IX/2024") == places.warnings(acts, register="12") == []


@pytest.mark.parametrize(
    ("code", "warned"), [(None, 0), ("13", 0), ("13.71", 0), ("13.71.01", 1), ("13.71.01.1001", 1)]
)
def test_what_lies_below_the_list_is_warned_about(code: str | None, warned: int) -> None:
    assert len(places.not_listed(code, pointer="#/region")) == warned
