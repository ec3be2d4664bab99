"""Bawaslu's register numbers taken apart, and what in them contradicts the finding. No database."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casefiles import register_number
from casefiles.catalogue.rows import CERTAINTIES
from casefiles.register_number import ELECTIONS, KINDS, LEVELS, ROMAN, BawasluPlace, RegisterNumber

PLACES = st.from_regex(r"[0-9]{2}\.[0-9]{2}", fullmatch=True)


@dataclasses.dataclass(frozen=True)
class Written:
    """A number with what it was made of."""

    raw: str
    number: RegisterNumber


@st.composite
def numbers(draw: st.DrawFn) -> Written:
    sequence, registered = draw(st.integers(0, 999_999)), draw(st.booleans())
    kind, election = draw(st.sampled_from(list(KINDS))), draw(st.sampled_from(list(ELECTIONS)))
    level, place = draw(st.sampled_from(list(LEVELS))), draw(PLACES)
    month, year = draw(st.integers(1, 12)), draw(st.integers(2000, 2099))
    parts = [f"{sequence:03}", *(["Reg"] if registered else []), kind, election, LEVELS[level].letters, place]
    slash = draw(st.sampled_from(["/", " /", "/ ", " / "]))
    raw = slash.join([*parts, ROMAN[month - 1], str(year)])
    return Written(
        raw=draw(st.sampled_from([raw, raw.upper(), raw.lower(), f"  {raw}\n"])),
        number=RegisterNumber(
            sequence=sequence,
            registered=registered,
            kind=KINDS[kind],
            election=ELECTIONS[election],
            level=LEVELS[level],
            bawaslu_place=BawasluPlace(place),
            month=month,
            year=year,
        ),
    )


@given(numbers())
def test_a_number_is_taken_apart_into_what_it_was_made_of(written: Written) -> None:
    assert register_number.parse(written.raw) == written.number


@given(st.text())
def test_any_text_is_taken_apart_or_tells_nothing(raw: str) -> None:
    number = register_number.parse(raw)
    assert (number is None) == (register_number.shown(raw) is None)


@given(st.text("0123456789/LPTMKABREGIVX. ", max_size=40))
def test_what_looks_like_a_number_does_no_harm(raw: str) -> None:
    number = register_number.parse(raw)
    assert number is None or 1 <= number.month <= 12


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("006/TM/PL/Kab/27.09/IV/2024", (6, False, "finding", "general_election", "regency", "27.09", 4, 2024)),
        ("021/LP/PL/RI/00.00/III/2024", (21, False, "report", "general_election", "national", "00.00", 3, 2024)),
        ("001/Reg/TM/PB/Kab/14.11/IX/2024", (1, True, "finding", "regent_election", "regency", "14.11", 9, 2024)),
        ("2/reg./lp/pw/kota/08.02/viii/2024", (2, True, "report", "mayor_election", "city", "08.02", 8, 2024)),
    ],
)
def test_numbers_that_are_in_use(raw: str, said: tuple[object, ...]) -> None:
    number = register_number.parse(raw)
    assert number is not None
    assert said == (
        number.sequence, number.registered, number.kind.meaning, number.election.meaning, number.level.meaning,
        number.bawaslu_place.of_bawaslu, number.month, number.year,
    )  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        "", "12", "B-12/KASN/2024", "006/TM/PL/Kab/27.09/IIII/2024", "006/TM/PL/Kab/27.09/XIII/2024",
        "006/TM/PL/Kab/27.09/4/2024", "006/XX/PL/Kab/27.09/IV/2024", "006/TM/PX/Kab/27.09/IV/2024",
        "006/TM/PL/Kab/2709/IV/2024", "006/TM/PL/Kab/27.09/IV/24", "006/TM/PL/Kab/27.09/IV/2024/1",
    ],
)  # fmt: skip
def test_what_is_of_another_form_is_kept_raw_only(raw: str) -> None:
    assert register_number.parse(raw) is None
    assert register_number.doubts(raw, source="report", registered_on=date(2024, 4, 1)) == ()


def test_a_letter_of_another_script_is_doubted_because_it_makes_another_number() -> None:
    looks_the_same = "006/\u0422\u041c/PL/Kab/27.09/IV/2024"
    ((spoken, english),) = register_number.doubts(looks_the_same, source="finding", registered_on=date(2024, 4, 1))
    for said in (spoken, english):
        assert "U+041C CYRILLIC CAPITAL LETTER EM, U+0422 CYRILLIC CAPITAL LETTER TE" in said
    assert register_number.doubts("\u00c9-12", source="finding", registered_on=date(2024, 4, 1)) == ()


def test_a_place_of_bawaslu_passes_for_no_region() -> None:
    number = register_number.parse("002/LP/PL/Kab/14.11/IV/2024")
    assert number is not None
    assert not issubclass(BawasluPlace, str)
    assert (register_number.shown("002/LP/PL/Kab/14.11/IV/2024") or {})["bawaslu_place"] == {"of_bawaslu": "14.11"}


def test_every_letter_says_how_well_founded_its_meaning_is() -> None:
    for said in (*KINDS.values(), *ELECTIONS.values(), *LEVELS.values()):
        assert said.certainty in CERTAINTIES


@pytest.mark.parametrize(
    ("raw", "source", "about"),
    [
        ("006/TM/PL/Kab/27.09/IV/2024", "finding", []),
        ("006/LP/PL/Kab/27.09/IV/2024", "report", []),
        ("006/TM/PL/Kab/27.09/IV/2024", "agency_report", []),
        ("006/TM/PL/Kab/27.09/IV/2024", "report", ["says TM"]),
        ("006/LP/PL/Kab/27.09/IV/2024", "finding", ["says LP"]),
        ("000/TM/PL/Kab/27.09/IV/2024", "finding", ["zero"]),
        ("006/TM/PL/Kab/27.09/V/2024", "finding", ["Month and year"]),
        ("006/TM/PL/Kab/27.09/IV/2023", "finding", ["Month and year"]),
        ("0/TM/PL/Kab/27.09/V/2024", "report", ["zero", "says TM", "Month and year"]),
    ],
)
def test_each_contradiction_is_a_doubt(raw: str, source: str, about: list[str]) -> None:
    found = [english for _, english in register_number.doubts(raw, source=source, registered_on=date(2024, 4, 30))]
    assert len(found) == len(about)
    assert all(part in one for part, one in zip(about, found, strict=True))
