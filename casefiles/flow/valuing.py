"""What a corrected value has to look like: it keeps the rules of the field in which the fact was first given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from casefiles import identifiers, nip
from casefiles.file import there
from casefiles.flow.corrections import CORRECTABLE, NEVER_EMPTY, is_there, read, written
from casefiles.flow.grammar import CaseView, Facts, Refusal
from casefiles.shapes import (
    AgencySlug,
    Code,
    EighteenDigits,
    Identifier,
    Member,
    NotAfterToday,
    RegionDots,
    Text,
    outlives,
)

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")


def valued(case: CaseView, fact: str, said: str | None) -> Any:
    """The value as the file holds it, or the reason why it cannot be one."""
    member = CORRECTABLE[fact].member
    if member.item is not None:
        return _list(case, member.item, said)
    if said is None and (fact in NEVER_EMPTY or not member.nullable):
        return Refusal(
            "value-missing",
            "Fakta ini tidak boleh kosong; berikan nilai yang benar.",
            "This fact cannot be empty; give the right value.",
            pointer="#/value",
        )
    if said is None:
        return None
    return _date(case, member, said) if member.base is date else _text(case, member, said)


def _list(case: CaseView, item: Member, said: str | None) -> Any:
    """Codes one after the other, separated by commas; null for none."""
    found = [_text(case, item, one.strip()) for one in (said or "").split(",") if one.strip()]
    return next((one for one in found if isinstance(one, Refusal)), list(dict.fromkeys(found)))


def _date(case: CaseView, member: Member, said: str) -> str | Refusal:
    try:
        day = date.fromisoformat(said) if _DATE.fullmatch(said) else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2100:
        return Refusal(
            "value-not-a-date",
            "Nilai ini harus tanggal, ditulis TTTT-BB-HH, misalnya 2026-11-20.",
            "This value has to be a date, written YYYY-MM-DD, for example 2026-11-20.",
            pointer="#/value",
        )
    if member.mark(NotAfterToday) and day > case.today:
        return Refusal(
            "date-in-the-future",
            f"Tanggal ini {(day - case.today).days} hari sesudah hari langkah ini dilakukan (occurred_at), yaitu "
            f"{case.today.isoformat()} di zona waktu {case.acting.time_zone}.",
            f"This date is {(day - case.today).days} day(s) after the day of this step (occurred_at), "
            f"{case.today.isoformat()} in {case.acting.time_zone}.",
            pointer="#/value",
        )
    return day.isoformat()


def _nip(said: str) -> str | Refusal:
    """The digits however they are grouped, as everywhere; sixteen of them are another number, and are named so."""
    try:
        return nip.read(said)
    except ValueError as why:
        further_id, further_en = _NOT_A_NIP.get(str(why), ("", ""))
        return Refusal(
            "value-not-a-nip",
            f"NIP terdiri atas 18 angka.{further_id}",
            f"A NIP has 18 digits.{further_en}",
            pointer="#/value",
        )


_NOT_A_NIP: Mapping[str, tuple[str, str]] = {
    "bad-nip-is-nik": (" Enam belas angka tampak seperti NIK.", " Sixteen digits look like a NIK."),
    "bad-nip-filler": (" Angka-angka ini hanya mengisi kolom.", " These digits only fill the field."),
}


def _text(case: CaseView, member: Member, said: str) -> str | Refusal:
    if (code := member.mark(Code)) is not None:
        lists = code.list_name.split("|")
        if any(case.law.has_code(name, said) for name in lists):
            return said
        listed = " | ".join(lists)
        return Refusal(
            "value-not-a-code",
            f"Nilai ini bukan kode dari daftar {listed}. Lihat /catalogue/codes.",
            f"This value is no code of the list {listed}. See /catalogue/codes.",
            pointer="#/value",
        )
    if member.mark(EighteenDigits):
        return _nip(said)
    if member.mark(AgencySlug):
        if said in case.agencies:
            return said
        return Refusal(
            "value-not-an-agency",
            "Tidak ada instansi dengan kode ini. Cari dengan GET /api/v1/agencies?q=",
            "No agency has this code. Search with GET /api/v1/agencies?q=",
            pointer="#/value",
        )
    if member.mark(RegionDots):
        if _REGION.fullmatch(said):
            fault = case.law.unknown_region(said)
            return Refusal("value-not-a-region", fault.id, fault.en, pointer="#/value") if fault else said
        return Refusal(
            "value-not-a-region",
            "Kode wilayah ditulis seperti 13, 13.71, 13.71.01 atau 13.71.01.1001.",
            "A region code is written like 13, 13.71, 13.71.01 or 13.71.01.1001.",
            pointer="#/value",
        )
    if member.mark(Identifier) and (unseen := identifiers.unwritable(said)) is not None:
        char = identifiers.code_point(unseen)
        return Refusal(
            "unwritable-character",
            f"Nomor ini memuat {char}, karakter yang tidak tampak. Hapus karakter itu, atau ketik ulang nomornya.",
            f"This number holds {char}, a character that cannot be seen. Remove it, or type the number anew.",
            pointer="#/value",
        )
    if outlives(member) and identifiers.names_a_person(said):
        return Refusal(
            "personal-number-in-identifier",
            "Nomor ini memuat 16 atau 18 angka seperti NIK atau NIP. Nomor tetap ada sesudah data pribadi dimusnahkan; "
            "hilangkan angka itu.",
            "This number holds 16 or 18 digits like a NIK or NIP. A number outlives the personal data; leave them out.",
            pointer="#/value",
        )
    longest = (member.mark(Text) or Text()).max_length
    compared = identifiers.number_key(said) if member.mark(Identifier) else said
    if max(len(said), len(compared)) <= longest:
        return said
    return Refusal(
        "value-too-long",
        f"Nilai ini paling panjang {longest} karakter.",
        f"This value is at most {longest} characters long.",
        pointer="#/value",
    )


def contest_exists(case: CaseView, given: Any) -> Refusal | None:
    """The contest as corrected is one that somebody holds. Its region may be taken away first, the office after it."""
    if "/contest/" not in given.fact or not any(one["number"] == given.violation for one in case.facts["violations"]):
        return None
    value = valued(case, given.fact, given.value)
    if isinstance(value, Refusal) or not is_there(case, given.fact, given.violation):
        return None
    after: Facts = {**case.facts, **written(case.facts, given.fact, given.violation, value)}
    contest = read(after, "#/violations/*/contest", given.violation)
    fault = case.law.contest_fault(contest, there(case.facts["finding"]["election"]))
    if fault is None:
        return None
    return Refusal(
        "no-such-contest",
        f"{fault.id} Bila jabatan dan wilayahnya sama-sama keliru, betulkan dahulu contest/region menjadi null.",
        f"{fault.en} Where both office and region are wrong, first correct contest/region to null.",
        pointer="#/value",
    )
