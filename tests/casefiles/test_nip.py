"""A NIP as people write it, as we keep it, what is doubtful about it, and how it is shown to strangers. No database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casefiles import nip

ACT = date(2024, 9, 29)
FILLERS = (
    *(str(digit) * 18 for digit in range(10)),
    "123456789012345678",
    "012345678901234567",
    "987654321098765432",
)
DIGITS = st.text("0123456789", min_size=18, max_size=18).filter(lambda digits: digits not in FILLERS)
BETWEEN = st.text(" .-\u00a0\u2009\u200b\u2013\t", max_size=3)


@pytest.mark.parametrize(
    "written",
    [
        "198501012010011001",
        "19850101 201001 1 001",
        "19850101.201001.1.001",
        "19850101-201001-1-001",
        "'198501012010011001",
        "\u2019198501012010011001",
        " 19850101\u00a0201001\u20091\u2013001 \n",
        "\uff11\uff19\uff18\uff15\uff10\uff11\uff10\uff11\uff12\uff10\uff11\uff10\uff10\uff11\uff11\uff10\uff10\uff11",
    ],
)
def test_however_it_is_written_its_digits_are_kept(written: str) -> None:
    assert nip.read(written) == "198501012010011001"


@given(digits=DIGITS, between=st.lists(BETWEEN, min_size=19, max_size=19))
def test_whatever_stands_between_the_digits(digits: str, between: list[str]) -> None:
    written = "".join(gap + digit for gap, digit in zip(between, [*digits, ""], strict=True))
    assert nip.read(written) == digits


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "bad-nip"),
        ("19850101201001100", "bad-nip"),
        ("1985010120100110011", "bad-nip"),
        ("19850101201001100X", "bad-nip"),
        ("198501012010011'001", "bad-nip"),
        ("131 234 567", "bad-nip-old-form"),
        ("3578010101850001", "bad-nip-is-nik"),
        ("1.98501E+17", "bad-nip-rounded"),
        ("1,98501012010011E+17", "bad-nip-rounded"),
    ],
)
def test_what_is_no_nip_is_refused_with_what_it_probably_is(written: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        nip.read(written)


@pytest.mark.parametrize("digits", FILLERS)
@pytest.mark.parametrize("whole", [False, True])
def test_what_only_fills_the_field_is_no_nip(digits: str, whole: bool) -> None:
    for written in (digits, f"{digits[:8]} {digits[8:14]}.{digits[14]}-{digits[15:]}"):
        with pytest.raises(ValueError, match=r"^bad-nip-filler$"):
            nip.read(written, whole=whole)


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("197013011995031001", "bad-nip-birth-date"),
        ("197002301995031001", "bad-nip-birth-date"),
        ("000001011995031001", "bad-nip-birth-date"),
        ("197001011995001001", "bad-nip-appointment"),
        ("197001011995131001", "bad-nip-appointment"),
        ("199503011970011001", "bad-nip-appointment"),
        ("197001011995033001", "bad-nip-sex"),
        ("197001011995030001", "bad-nip-sex"),
    ],
)
def test_of_an_official_a_part_that_cannot_be_is_refused_and_of_the_officer_it_is_doubted(
    digits: str, code: str
) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        nip.read(digits, whole=True)
    assert nip.read(digits) == digits
    assert nip.doubts(digits, employment_kind="pns", act_date=ACT)


@pytest.mark.parametrize("digits", ["197001011995031001", "199003152022212004", "196512311990121999"])
def test_a_nip_of_a_pns_and_of_a_pppk_is_whole(digits: str) -> None:
    assert nip.read(digits, whole=True) == digits


@given(st.text())
def test_any_text_is_read_or_refused_with_a_known_code(written: str) -> None:
    try:
        assert len(nip.read(written)) == 18
    except ValueError as wrong:
        assert str(wrong).startswith("bad-nip")  # noqa: PT017 - either outcome is right


def test_a_masked_nip_shows_the_year_of_birth_and_two_digits() -> None:
    assert nip.masked("198501012010011001") == "1985************01"


@given(DIGITS)
def test_a_masked_nip_is_as_long_and_hides_twelve_digits(digits: str) -> None:
    shown = nip.masked(digits)
    assert (len(shown), shown.count("*"), shown[:4], shown[-2:]) == (18, 12, digits[:4], digits[-2:])


@pytest.mark.parametrize("short", ["", "1", "123456"])
def test_what_is_too_short_to_be_masked_is_hidden_whole(short: str) -> None:
    assert nip.masked(short) == "*" * len(short)


# --- doubts ---------------------------------------------------------------------------------------------------------

GOOD_PNS, GOOD_PPPK = "198501012010011001", "199003152022211004"


@pytest.mark.parametrize(
    ("digits", "kind", "about"),
    [
        (GOOD_PNS, "pns", []),
        (GOOD_PNS, None, []),
        (GOOD_PPPK, "pppk", []),
        (GOOD_PPPK, "pppk_part_time", []),
        (GOOD_PPPK, None, []),
        ("198513012010011001", "pns", ["no real birth date"]),
        ("201001012024011001", None, ["18 to 70"]),
        ("194001011960011001", None, ["18 to 70"]),
        ("198501012010013001", "pns", ["Digit 15"]),
        ("198501012010011000", "pns", ["spreadsheet"]),
        (GOOD_PPPK, "pns", ["no month of appointment"]),
        (GOOD_PPPK, "cpns", ["no month of appointment"]),
        (GOOD_PNS, "pppk", ["look like a month"]),
        ("198501012001121001", "pns", ["before the age of 17"]),
        ("199003152006211004", "pppk", ["before the age of 17"]),
        ("199003152026011004", "pns", ["after the day of the act"]),
        ("199003152025211004", "pppk", ["after the day of the act"]),
        ("199003152024211004", "pppk", []),
    ],
)
def test_each_doubt_is_told_once(digits: str, kind: str | None, about: list[str]) -> None:
    found = [english for _, english in nip.doubts(digits, employment_kind=kind, act_date=ACT)]
    assert len(found) == len(about)
    assert all(any(part in one for one in found) for part in about)


@given(DIGITS, st.sampled_from(["pns", "cpns", "pppk", "pppk_part_time", None]))
def test_no_doubt_repeats_the_digits(digits: str, kind: str | None) -> None:
    for spoken, english in nip.doubts(digits, employment_kind=kind, act_date=ACT):
        assert digits[:8] not in spoken + english
        assert digits not in spoken + english
