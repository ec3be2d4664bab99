"""Numbers of registers, letters and cases: how they are compared, and which characters none of them may hold.

`number_key` is the one normal form: what the unique key, filters, search, hints of duplicates and reconciliations
compare. The raw text is kept beside it as it was given.
"""

from __future__ import annotations

import unicodedata

from audit.tlog.spelling import number_key, reference_key, rekeyed, unwritable
from casefiles import personal_numbers

__all__ = [
    "code_point", "names_a_person", "number_key", "number_order", "reference_key", "rekeyed", "shows_nothing",
    "unwritable",
]  # fmt: skip


def number_order(number: str) -> tuple[int, str]:
    """What sorts casefiles' numbers as they were drawn: text alone would put the millionth before the second.

    The year has four digits, and the sequence goes on from year to year. In SQL: `queries.by_number`.
    """
    return len(number), number


def shows_nothing(text: str) -> bool:
    """Whether nobody sees anything of the text: blanks, and characters that are invisible."""
    return all(char.isspace() or unwritable(char) is not None for char in text)


def names_a_person(text: str) -> bool:
    """Whether a NIP or NIK stands in the text as it was written, or as numbers are compared."""
    return any(personal_numbers.is_or_could_be_in(form) for form in (text, number_key(text)))


def code_point(char: str) -> str:
    """A character that cannot be shown, as it is named: `U+200B ZERO WIDTH SPACE`, `U+0007`."""
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}{' ' if name else ''}{name}"
