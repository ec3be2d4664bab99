"""One number and one name, however they are written; what nobody can write down."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.spelling import name_key, number_key, reference_key, rekeyed, unwritable

REGISTER = "006/TM/PL/Kab/27.09/IV/2024"
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=40)


@pytest.mark.parametrize(
    "written",
    [
        "006/tm/pl/kab/27.09/iv/2024",
        " 006 / TM / PL / Kab / 27.09 / IV / 2024\n",
        "006\u00a0/\u2009TM/PL/Kab/27.09/IV/\u30002024",
        "\uff10\uff10\uff16\uff0f\uff34\uff2d\uff0f\uff30\uff2c\uff0f\uff2b\uff41\uff42\uff0f\uff12\uff17\uff0e\uff10\uff19\uff0f\uff29\uff36\uff0f\uff12\uff10\uff12\uff14",
        "006/TM/PL/Kab/27.09/\u2163/2024",
        "006\u2044TM\u2215PL\u29f8Kab\u2571\u200327.09/IV\uff0f2024",
        "006\\TM\\PL\\Kab\\27.09\\IV\\2024",
        "006\uff3cTM\ufe68PL\u29f5Kab\u29f927.09\u2216IV/2024",
        "\ufeff006/TM\u200b/PL\u200d/Kab\u00ad/27.09\u2060/IV\u200e/2024\u202c",
        "006/TM\ufe0f/PL/Kab/27.09/IV\U000e0100/2024\u3164",
        "\u0660\u0660\u0666/TM/PL/Kab/\u0968\u096d.09/IV/2024",
    ],
)
def test_one_number_however_it_is_written(written: str) -> None:
    assert number_key(written) == number_key(REGISTER) == "006/TM/PL/KAB/27.09/IV/2024"


@pytest.mark.parametrize(
    "dash", ["-", *"\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u2043\u058a\u301c"]
)
def test_every_dash_is_one_and_no_slash(dash: str) -> None:
    assert number_key(f"R{dash}1194/2024") == "R-1194/2024" != number_key("R/1194/2024")


@pytest.mark.parametrize("other", ["06/TM/PL", "006.TM/PL", "006/\u0422M/PL", "006/TM/PL/", "0O6/TM/PL", "006TMPL"])
def test_another_number_stays_another(other: str) -> None:
    """Leading zeros, other punctuation and letters that only look alike (a Cyrillic T) are not folded."""
    assert number_key(other) != number_key("006/TM/PL")


@pytest.mark.parametrize(
    "written",
    [
        "Ahmad Nur'aini",
        "AHMAD  NUR'AINI",
        "Ahmad Nur\u2019aini",
        "Ahmad Nur\u2018aini",
        "Ahmad Nur\u02bcaini",
        "Ahmad Nur`aini",
        "Ahmad Nur\u00b4aini",
        "Ahmad Nur\u2032aini",
        "Ahmad-Nur\uff07aini",
        "Ahmad\u2011Nuraini",
        "\u201cAhmad\u201d \u00abNuraini\u00bb",
        "Ahmad\u00a0Nur\u00adaini\u200b",
        "\uff21hmad Nuraini",
        "Dr. Ahmad Nuraini",
        "Drs. H. Ahmad Nuraini",
        "Prof. Dr. Ir. H. Ahmad Nuraini, S.T., M.T., Ph.D.",
        "dr.h.Ahmad Nuraini,S.Pd,M.Si",
        "K.H. Ahmad Nuraini, Lc., M.A.",
        "Ahmad Nuraini, SE, MM",
        "Ahmad Nuraini, S. Sos., M. Si.",
        "Ahmad Nuraini, Drs., M.Pd.",
        "Ahmad Nuraini S.Pd. M.Si",
        "Ahmad Nuraini S. Pd.",
        "Ahmad.Nuraini",
    ],
)
def test_one_name_however_it_is_written(written: str) -> None:
    assert name_key(written) == "ahmad nuraini"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M. Nur", "Muhammad Nur"),
        ("Ahmad", "Achmad"),
        ("Siregar, Ahmad", "Ahmad Siregar"),
        ("Ahmad SE", "Ahmad"),
        ("Jos\u00e9", "Jose"),
        ("R. Ahmad", "Ahmad"),
    ],
)
def test_what_the_name_s_docstring_says_is_not_folded(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["Ir", "Drs.", "Dr. H.", "...", "'", "\u200b", "-", "S.Pd.", ", S.Pd."])
def test_a_name_always_has_a_key(name: str) -> None:
    assert name_key(name)


@given(ANY_TEXT)
def test_a_key_is_its_own_key(text: str) -> None:
    for key in (number_key, reference_key):
        assert key(key(text)) == key(text)
    assert len(name_key(text)) <= 200


@given(st.lists(ANY_TEXT, max_size=4))
def test_references_are_keyed_anew_without_end(values: list[str]) -> None:
    kept = rekeyed(f"sbt:{value}" for value in values)
    assert rekeyed(kept) == kept


@given(ANY_TEXT)
def test_what_can_be_seen_is_compared_and_nothing_else(text: str) -> None:
    seen = "".join(char for char in text if unwritable(char) is None)
    assert number_key(text) == number_key(seen)


@pytest.mark.parametrize(
    "char",
    [
        "\x00", "\x07", "\t", "\n", "\x7f", "\x85", "\u00ad", "\u034f", "\u061c", "\u115f", "\u180e", "\u200b",
        "\u200d", "\u200e", "\u2028", "\u2029", "\u202e", "\u2060", "\u2066", "\u2800", "\u3164", "\ud800", "\ue000",
        "\ufe0f", "\ufeff", "\uffa0", "\uffff", "\U000e0041", "\U000e0100",
    ],
)  # fmt: skip
def test_what_shows_nothing_cannot_be_written_down(char: str) -> None:
    assert unwritable(f"006/{char}TM") == char


@pytest.mark.parametrize(
    "text",
    [REGISTER, "R\u2013 12 / \u00a7 3 (a)", "\u0421\u041a \u6c49\u5b57 \u0e2a\u0e23", "A\u00a0B\u3000C", "e\u0301"],
)
def test_what_people_write_can_be_written_down(text: str) -> None:
    assert unwritable(text) is None
    assert all(unicodedata.category(char)[0] != "C" for char in text)
