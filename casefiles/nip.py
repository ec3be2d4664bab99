"""A NIP as it is written, as it is kept, what is doubtful about it, and how it is shown to whom it does not concern.

18 digits: birth date (8), then for PNS year and month of appointment (6), for PPPK year and a two-digit code; sex (1),
serial (3). There is no check digit. Perka BKN 22/2007, 43/2007; for PPPK from practice. What is doubtful about the NIP
of an officer whom a case is about is warned about, never refused: wrong birth dates are frozen in real ones. What fills
a field that somebody had to fill (18 equal digits, digits counting up or down) is no NIP and refused everywhere.

Governors, regents, mayors, ministers, judges, commissioners and members of Bawaslu are no civil servants and have none.
A PPPK may be given another one with a new contract; `all_of` has the former ones too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from casefiles.file import Subject, ViolationStated, Warned

CODE = "nip-doubtful"

# What people and spreadsheets put around and between the digits: blanks of every width (\s and the zero-width ones),
# dots, hyphens and dashes, and the apostrophe by which Excel keeps a number a text.
_BETWEEN = re.compile("[\\s.\u200b\u200c\u2060\ufeff\u00ad\u2010-\u2015\u2212-]")
_APOSTROPHES = "'\u2018\u2019`"
# Full-width digits, as East Asian keyboards type them. Digits of other scripts are no slip of a keyboard.
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
# An 18-digit number as a spreadsheet shows it once it has taken it for a number; three digits are lost by then.
_ROUNDED = re.compile(r"[0-9][.,][0-9]+[eE]\+?1[0-9]")

_PNS, _PPPK = frozenset({"pns", "cpns"}), frozenset({"pppk", "pppk_part_time"})


def read(written: str, *, whole: bool = False) -> str:
    """The 18 digits of a NIP, however they are grouped. Raises ValueError with the code of what is wrong with it.

    With `whole` also where a part of it cannot be.
    """
    said = written.strip().lstrip(_APOSTROPHES).translate(_FULL_WIDTH)
    digits = _BETWEEN.sub("", said)
    if re.fullmatch("[0-9]{18}", digits):
        if _fills_a_field(digits):
            raise ValueError("bad-nip-filler")
        if whole and (impossible := _impossible(digits)):
            raise ValueError(impossible)
        return digits
    if _ROUNDED.fullmatch(said.strip()):
        raise ValueError("bad-nip-rounded")
    if re.fullmatch("[0-9]{9}", digits):
        raise ValueError("bad-nip-old-form")
    if re.fullmatch("[0-9]{16}", digits):
        raise ValueError("bad-nip-is-nik")
    raise ValueError("bad-nip")


def _fills_a_field(digits: str) -> bool:
    """Eighteen equal digits, or digits that count up or down: what people type where a form demands a number."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return steps in ({0}, {1}, {9})


def _impossible(digits: str) -> str | None:
    """The code of the first part that no NIP has: a birth date, an appointment, a sex."""
    if _day(digits[:8]) is None:
        return "bad-nip-birth-date"
    # A month for PNS and CPNS, a code from 21 on for PPPK.
    if not digits[:4] < digits[8:12] or not ("01" <= digits[12:14] <= "12" or digits[12:14] >= "21"):
        return "bad-nip-appointment"
    return None if digits[14] in "12" else "bad-nip-sex"


def all_of(subject: Subject) -> frozenset[str]:
    """The NIP of a file's officer and those that they had before; nothing while none is known."""
    return frozenset(filter(None, (subject.get("nip"), *(subject.get("former_nips") or ()))))


def masked(nip: str) -> str:
    """A NIP for a reader who needs to tell two persons apart and no more: `1985************01`.

    The year of birth and the last two digits stay. Day and month of birth, sex and appointment are hidden, because
    they are what a stranger could use; the four and two that stay point out the person to whoever has the NIP.
    """
    return f"{nip[:4]}{'*' * (len(nip) - 6)}{nip[-2:]}" if len(nip) > 6 else "*" * len(nip)


def masked_in(official: Mapping[str, Any]) -> dict[str, Any]:
    """An official as whom it does not concern is shown them; whoever has no NIP has none to mask."""
    return {**official, "nip": masked(official["nip"]) if official.get("nip") else None}


def doubts(nip: str, *, employment_kind: str | None, act_date: date) -> tuple[tuple[str, str], ...]:
    """Doubts about those 18 digits, each in Indonesian and English; the digits themselves are never repeated."""
    found: list[tuple[str, str]] = []
    born = _day(nip[:8])
    if born is None:
        found.append(
            ("Delapan angka pertama bukan tanggal lahir yang nyata.", "The first eight digits are no real birth date.")
        )
    elif not 18 <= _years(born, act_date) <= 70:
        found.append(
            (
                "Umur menurut NIP di luar 18-70 tahun pada hari perbuatan.",
                "Age by NIP is not 18 to 70 on the act's day.",
            )
        )
    if nip[14] not in "12":
        found.append(("Angka ke-15 (jenis kelamin) bukan 1 atau 2.", "Digit 15 (sex) is neither 1 nor 2."))
    if nip[15:] == "000":
        found.append(
            (
                "Tiga angka terakhir 000: barangkali dibulatkan oleh lembar kerja. Simpan NIP sebagai teks.",
                "The last three digits are 000: a spreadsheet may have rounded it. Keep a NIP as text.",
            )
        )
    found.extend(_doubtful_appointment(nip, born=born, employment_kind=employment_kind, act_date=act_date))
    return tuple(found)


def _doubtful_appointment(
    nip: str, *, born: date | None, employment_kind: str | None, act_date: date
) -> Iterable[tuple[str, str]]:
    """Doubts about digits 9 to 14, which say another thing for PNS than for PPPK."""
    appointed = _day(nip[8:14] + "01")
    if employment_kind in _PNS and appointed is None:
        yield (
            "Angka ke-13 dan 14 bukan bulan pengangkatan; pada PPPK keduanya berarti lain.",
            "Digits 13 and 14 are no month of appointment; for PPPK they mean something else.",
        )
    if employment_kind in _PPPK:
        if appointed is not None:
            yield (
                "Angka ke-13 dan 14 seperti bulan pengangkatan PNS; pada PPPK lazimnya kode seperti 21.",
                "Digits 13 and 14 look like a month, as for PNS; for PPPK they are usually a code such as 21.",
            )
        # Of a PPPK's appointment the digits say the year only; its last day accuses nobody wrongly of being too young.
        appointed = _day(nip[8:12] + "1231")
        if appointed is not None and appointed.year == act_date.year:
            appointed = act_date
    if employment_kind in _PNS | _PPPK and appointed is not None:
        if born is not None and _years(born, appointed) < 17:
            yield ("Pengangkatan menurut NIP sebelum umur 17 tahun.", "Appointed before the age of 17, by the NIP.")
        if appointed > act_date:
            yield (
                "Pengangkatan menurut NIP sesudah hari perbuatan.",
                "Appointed after the day of the act, by the NIP.",
            )


def warnings(nip: str | None, *, employment_kind: str | None, violations: Iterable[ViolationStated]) -> list[Warned]:
    """The doubts as the file keeps them; the officer's age is taken on the day of their first act."""
    if nip is None:
        return []
    act_date = min(date.fromisoformat(violation["act_date"]) for violation in violations)
    return [
        {"code": CODE, "pointer": "#/subject/nip", "id": spoken, "en": english}
        for spoken, english in doubts(nip, employment_kind=employment_kind, act_date=act_date)
    ]


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
