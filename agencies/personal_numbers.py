"""Whether a NIP or a NIK stands in a text that is no place for one: a key, a query, the number of a document.

A NIK has 16 digits: province, regency and district (6), birth date as day, month, year (6, the day of women plus 40),
serial (4). Kepmendagri 470/2006; Perpres 26/2009. Ids drawn at random have long runs of digits too, so that a run
inside a longer word counts only where it reads as one of these numbers.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_NIP, _NIK = 18, 16
_WORDS: Final = re.compile("[0-9A-Za-z]+")
# 128 bits in hexadecimal, as a UUID or without hyphens, and SHA-256: of those drawn at random, one in 8,000 and one in
# 4,000 hold what reads as a NIK.
_DRAWN: Final = re.compile(
    "(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}|[0-9A-Fa-f]{64})(?![0-9A-Za-z])"
)
# Up to three signs between two digits: `1985-01-01 / 201001`.
_GROUPED: Final = re.compile("[0-9](?:[-._/: ]{0,3}[0-9]){15,}")


def is_in(text: str) -> bool:
    """Whether the text holds what reads as a NIP or NIK, its digits together or in groups."""
    drawn = [found.span() for found in _DRAWN.finditer(text)]
    for grouped in _GROUPED.finditer(text):
        digits = re.sub("[^0-9]", "", grouped.group())
        if any(_reads_as_nip(digits[start : start + _NIP]) for start in range(len(digits) - _NIP + 1)):
            return True
        inside = any(start <= grouped.start() and grouped.end() <= end for start, end in drawn)
        if len(digits) == _NIK and not inside and _reads_as_nik(digits):
            return True
    return False


def is_or_could_be_in(text: str) -> bool:
    """`is_in`, and also where a word of the text is exactly so many digits, whatever they say."""
    return is_in(text) or any(word.isdigit() and len(word) in {_NIP, _NIK} for word in _WORDS.findall(text))


def _reads_as_nip(digits: str) -> bool:
    born = _day(digits[:4], digits[4:6], digits[6:8])
    return born and "1940" <= digits[:4] < digits[8:12] <= "2099" and digits[12:14] != "00" and digits[14] in "12"


def _reads_as_nik(digits: str) -> bool:
    day = int(digits[6:8])
    return "11" <= digits[:2] <= "97" and _day("2000", digits[8:10], f"{day - 40 if day > 40 else day:02}")


def _day(year: str, month: str, day: str) -> bool:
    try:
        return bool(date(int(year), int(month), int(day)))
    except ValueError:
        return False
