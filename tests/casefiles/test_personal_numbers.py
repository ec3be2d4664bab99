"""A NIP or NIK where it has no business is recognised; ids drawn at random are not taken for one."""

import random
import uuid
from itertools import pairwise

import pytest

from casefiles import personal_numbers


@pytest.mark.parametrize(
    "text",
    [
        "198501012010011001",
        "finding-198501012010011001",
        "nip198501012010011001x",
        "19850101-201001-1-001",
        "19850101 201001 1 001",
        "1985-01-01 / 201001 / 1 / 001",
        "2024198501012010011001",
        "1371012505850003",
        "nik:1371016505850003",
    ],
)
def test_a_number_of_a_person_is_found(text: str) -> None:
    assert personal_numbers.is_in(text)


@pytest.mark.parametrize("text", ["", "006/TM/PL/Kab/27.09/IV/2024", "LTS/2026/000123", "2024-10-02T08:30:00.123456Z"])
def test_other_numbers_are_not(text: str) -> None:
    assert not personal_numbers.is_or_could_be_in(text)


def test_a_word_of_as_many_digits_could_be_one_and_reads_as_none() -> None:
    for text in ("key-9999999999999999", "123456789012345678"):
        assert not personal_numbers.is_in(text)
        assert personal_numbers.is_or_could_be_in(text)


def test_ids_drawn_at_random_are_not_taken_for_one() -> None:
    drawn = random.Random(7)
    ids = [uuid.UUID(int=drawn.getrandbits(128), version=4) for _ in range(20_000)]
    written = [form for one in ids for form in (str(one), one.hex)]
    written += [f"https://sistem.padang.go.id/{one}/lintas" for one in ids]
    written += [f"{one.hex}{other.hex}" for one, other in pairwise(ids)]
    assert [one for one in written if personal_numbers.is_or_could_be_in(one)] == []


def test_a_number_that_was_dressed_up_as_a_uuid_is_found() -> None:
    assert personal_numbers.is_in("19850101-2010-0110-0100-000000000000")
