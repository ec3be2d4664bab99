"""Bawaslu's register numbers, taken apart: `006/TM/PL/Kab/27.09/IV/2024`, `001/Reg/TM/PB/Kab/14.11/IX/2024`.

Sequence, `Reg` once registered, kind (LP a report, TM a finding), election letters, level, Bawaslu's own number of the
place, Roman month, year. Read off the public list of SIGAPLAPOR of 2024; the meaning of most letters is from memory.
The raw number is what counts and is always kept: what does not parse is no worse a number, it only tells us nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from casefiles.file import Warned
from casefiles.identifiers import code_point, number_key
from casefiles.shapes import Certainty

CODE: Final = "register-number-doubtful"

ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True, slots=True)
class Said:
    """A part of the number with what we take it to mean, and how well founded that is."""

    letters: str
    meaning: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class BawasluPlace:
    """A place in Bawaslu's own numbering: **not** a region of the Ministry of Home Affairs, though it looks like one.

    `14.11` is an office in Central Java; as a region code, 14 is Riau. So this is no text that could be passed where a
    region is wanted, and nothing here turns it into one.
    """

    of_bawaslu: str


@dataclass(frozen=True, slots=True)
class RegisterNumber:
    """A register number taken apart. `month` is 1 to 12."""

    sequence: int
    registered: bool
    kind: Said
    election: Said
    level: Said
    bawaslu_place: BawasluPlace
    month: int
    year: int


KINDS: Final = {"LP": Said("LP", "report", "seen"), "TM": Said("TM", "finding", "seen")}
ELECTIONS: Final = {
    "PL": Said("PL", "general_election", "seen"),
    "PB": Said("PB", "regent_election", "memory"),
    "PW": Said("PW", "mayor_election", "memory"),
    "PG": Said("PG", "governor_election", "memory"),
    "PP": Said("PP", "presidential_election", "memory"),
}
LEVELS: Final = {
    "RI": Said("RI", "national", "seen"),
    "PROV": Said("Prov", "province", "memory"),
    "KAB": Said("Kab", "regency", "seen"),
    "KOTA": Said("Kota", "city", "memory"),
    "KEC": Said("Kec", "sub_district", "memory"),
}

_NUMBER = re.compile(
    r"""(?P<sequence>[0-9]{1,6}) / (?P<registered>REG\.?/)? (?P<kind>LP|TM) / (?P<election>P[LBWGP]) /
    (?P<level>RI|PROV|KAB|KOTA|KEC)\.? / (?P<place>[0-9]{2}\.[0-9]{2}) / (?P<month>[IVX]{1,4}) /
    (?P<year>20[0-9]{2})""",
    re.VERBOSE,
)


def parse(raw: str) -> RegisterNumber | None:
    """The number taken apart, however it is written (`number_key`); None where it is not of this form."""
    found = _NUMBER.fullmatch(number_key(raw))
    if found is None or found["month"] not in ROMAN:
        return None
    return RegisterNumber(
        sequence=int(found["sequence"]),
        registered=found["registered"] is not None,
        kind=KINDS[found["kind"]],
        election=ELECTIONS[found["election"]],
        level=LEVELS[found["level"]],
        bawaslu_place=BawasluPlace(found["place"]),
        month=ROMAN.index(found["month"]) + 1,
        year=int(found["year"]),
    )


def shown(raw: str) -> dict[str, Any] | None:
    """The number taken apart as plain JSON, beside the raw one; None where it does not parse."""
    number = parse(raw)
    if number is None:
        return None
    return {
        "sequence": number.sequence,
        "registered": number.registered,
        "kind": _plain(number.kind),
        "election": _plain(number.election),
        "level": _plain(number.level),
        "bawaslu_place": {"of_bawaslu": number.bawaslu_place.of_bawaslu},
        "month": number.month,
        "year": number.year,
    }


def doubts(raw: str, *, source: str, registered_on: date) -> tuple[tuple[str, str], ...]:
    """Where the number contradicts what else is said of the finding, each in Indonesian and English."""
    number = parse(raw)
    found = list(_letters_of_another_script(raw))
    if number is None:
        return tuple(found)
    if number.sequence == 0:
        found.append(("Nomor urut register nol.", "The sequence in the register number is zero."))
    if source in {"finding", "report"} and number.kind.meaning != source:
        found.append(
            (
                "Nomor register berkode LP (laporan), tetapi sumbernya temuan.",
                "The register number says LP (report), but the source is a finding.",
            )
            if number.kind.letters == "LP"
            else (
                "Nomor register berkode TM (temuan), tetapi sumbernya laporan.",
                "The register number says TM (finding), but the source is a report.",
            )
        )
    if (number.year, number.month) != (registered_on.year, registered_on.month):
        found.append(
            (
                "Bulan dan tahun pada nomor register bukan bulan dan tahun tanggal registrasi.",
                "Month and year in the register number are not those of the day of registration.",
            )
        )
    return tuple(found)


def _letters_of_another_script(raw: str) -> Iterator[tuple[str, str]]:
    """A Cyrillic letter looks like a Latin one and makes another number, which the key does not fold."""
    letters = {char for char in number_key(raw) if char.isalpha() and not char.isascii()}
    if strange := sorted(char for char in letters if not unicodedata.name(char, "").startswith("LATIN ")):
        named = ", ".join(code_point(char) for char in strange)
        yield (
            f"Nomor register memuat huruf yang bukan Latin ({named}); yang tampak sama tetap nomor lain.",
            f"The register number has letters that are not Latin ({named}); what looks the same is another number.",
        )


def warnings(finding: Mapping[str, Any], *, pointer: str) -> list[Warned]:
    """The doubts as the file keeps them; `finding` says `register_number`, `source` and `registered_on`."""
    found = doubts(
        finding["register_number"],
        source=finding["source"],
        registered_on=date.fromisoformat(finding["registered_on"]),
    )
    return [{"code": CODE, "pointer": pointer, "id": spoken, "en": english} for spoken, english in found]


def _plain(part: Said) -> dict[str, str]:
    return {"letters": part.letters, "meaning": part.meaning, "certainty": part.certainty}
