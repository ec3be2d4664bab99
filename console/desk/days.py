"""Days and moments as people write them: `6 November 2024`, `6/11/2024`, `6 Nov 2024 pukul 10.30`."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

_MONTHS: Final = (
    ("januari", "january", "jan"), ("februari", "pebruari", "february", "feb"), ("maret", "march", "mar"),
    ("april", "apr"), ("mei", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"),
    ("agustus", "august", "agu", "ags", "aug"), ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"), ("november", "nopember", "nov", "nop"),
    ("desember", "december", "des", "dec"),
)  # fmt: skip
_NUMBER_OF: Final = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_DAY: Final = re.compile(r"(\d{1,2})[\s./-]+([A-Za-z]+|\d{1,2})[\s./-]+(\d{4})")
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"(.+?)[\s,T]+(?:pukul|jam|at)?\s*(\d{1,2})[.:](\d{2})\s*(?:WIB|WITA|WIT)?", re.IGNORECASE)
_LONGEST: Final = 60
"""Characters that a day or a moment has at most; reading more would take as long as a stranger likes."""


def read(text: str) -> str:
    """The day as `2024-11-06`; what is no day stays as it was typed, for the door to refuse. The day comes first."""
    if len(text) > _LONGEST:
        return text
    text = " ".join(text.split())
    matched = _DAY.fullmatch(text)
    if matched is None:
        return text
    day, month, year = matched.groups()
    number = int(month) if month.isdigit() else _NUMBER_OF.get(month.lower().rstrip("."))
    try:
        return date(int(year), number or 0, int(day)).isoformat()
    except ValueError:
        return text


def read_moment(text: str, *, zone: str) -> str:
    """The moment as RFC 3339 spells it, in the office's time zone; what is none stays as it was typed."""
    if len(text) > _LONGEST:
        return text
    text = " ".join(text.split())
    matched = _MOMENT.fullmatch(text)
    if matched is None:
        return text
    day = read(matched[1])
    if not _ISO_DAY.fullmatch(day):
        return text
    try:
        moment = datetime.fromisoformat(f"{day}T{int(matched[2]):02d}:{matched[3]}:00")
    except ValueError:
        return text
    return moment.replace(tzinfo=ZoneInfo(zone)).isoformat()
