"""What is doubtful about a NIP: it is warned about, never refused (wrong birth dates are frozen in real ones).

18 digits: birth date (8), then for PNS year and month of appointment (6), for PPPK year and a two-digit code; sex (1),
serial (3). There is no check digit. Perka BKN 22/2007, 43/2007; for PPPK from practice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

DOUBTFUL = "nip-doubtful"


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
    if employment_kind in {"pns", "cpns"}:
        appointed = _day(nip[8:14] + "01")
        if appointed is None:
            found.append(
                (
                    "Angka ke-13 dan 14 bukan bulan pengangkatan; pada PPPK keduanya berarti lain.",
                    "Digits 13 and 14 are no month of appointment; for PPPK they mean something else.",
                )
            )
        elif born is not None and _years(born, appointed) < 17:
            found.append(
                ("Pengangkatan menurut NIP sebelum umur 17 tahun.", "Appointed before the age of 17, by the NIP.")
            )
    return tuple(found)


def warnings(
    nip: str | None, *, employment_kind: str | None, violations: Iterable[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """The doubts as the file keeps them; the officer's age is taken on the day of his first act."""
    if nip is None:
        return []
    act_date = min(date.fromisoformat(violation["act_date"]) for violation in violations)
    return [
        {"code": DOUBTFUL, "pointer": "#/subject/nip", "id": spoken, "en": english}
        for spoken, english in doubts(nip, employment_kind=employment_kind, act_date=act_date)
    ]


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
