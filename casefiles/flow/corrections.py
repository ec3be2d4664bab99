"""Which recorded facts may be corrected, by whom, and what a corrected value has to look like.

A fact is corrected by its author: whoever had to state it when it was recorded. The value is held to the rules of the
field that it was first given in. State, parties, sanctions and what was confirmed are not facts of this kind: they are
changed by acts, which the refusal names (`CHANGED_BY`). `#/violations/*/…` means the violation whose number is given
beside it, `#/documents/*` the document of the file that is named under `replaces`.

Two dates that were both recorded wrongly are corrected one after the other, by whoever recorded each and in any order.
In between they may run backwards, and the file warns of it; the warning goes with the correction of the other one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias, get_args

from casefiles import identifiers, nip
from casefiles.file import Changes, there
from casefiles.flow.binding import binding
from casefiles.flow.finding import Contest, FindingGiven, Violation
from casefiles.flow.follow_up import Acknowledgement
from casefiles.flow.given import NumberedLetter
from casefiles.flow.grammar import CaseView, Facts, Party, Refusal
from casefiles.flow.identity import Identity
from casefiles.flow.intake import Acceptance
from casefiles.flow.sanction import Decision, Delivery
from casefiles.shapes import (
    AgencySlug,
    Code,
    EighteenDigits,
    Identifier,
    Member,
    NotAfterToday,
    RegionDots,
    Text,
    members,
)

FactName: TypeAlias = Literal[
    "#/subject/name",
    "#/subject/nip",
    "#/subject/position",
    "#/subject/position_kind",
    "#/subject/position_roles",
    "#/subject/grade",
    "#/subject/work_unit",
    "#/subject/workplace",
    "#/subject/employment_kind",
    "#/subject/identity_source",
    "#/finding/register_number",
    "#/violations/*/act_date",
    "#/violations/*/act_until",
    "#/violations/*/region",
    "#/violations/*/place",
    "#/violations/*/channel",
    "#/violations/*/interaction",
    "#/violations/*/description",
    "#/violations/*/contest/office",
    "#/violations/*/contest/region",
    "#/examiner_reference",
    "#/unit",
    "#/recommendation/letter/number",
    "#/recommendation/letter/date",
    "#/received_on",
    "#/sanction/decision/number",
    "#/sanction/decision/date",
    "#/sanction/decision/legal_basis",
    "#/sanction/effective_stated",
    "#/sanction/decision/imposed_by",
    "#/sanction/delivered_on",
    "#/documents/*",
    "#/employer",
    "#/addressee",
    "#/submitter",
    "#/recommendation/violations",
    "#/recommendation/sanction",
    "#/sanction/sanction",
]
Author: TypeAlias = Literal["identity", "office", "matter", "examiner", "addressee", "decree", "receipt", "owner"]

# What is wrong here is put right by another act: it moves a turn, sight or a remedy.
CHANGED_BY: Mapping[str, tuple[str, ...]] = {
    "#/employer": ("identify", "transfer"),
    "#/addressee": ("transfer", "dispute"),
    "#/submitter": ("reassign",),
    "#/recommendation/violations": ("dispute", "uphold"),
    "#/recommendation/sanction": ("dispute", "uphold"),
    "#/sanction/sanction": ("require-correction",),
}
REGISTER_NUMBER = "#/finding/register_number"
DOCUMENT = "#/documents/*"

# The warnings that follow from where an act happened and where its contest is held.
OF_PLACES = ("region-not-listed", "region-looks-like-register-place")

# Facts that an act records first: until then there is nothing to correct.
RECORDED_BY: Mapping[str, str] = {
    "#/recommendation": "recommend",
    "#/received_on": "acknowledge",
    "#/sanction": "report-sanction",
    "#/sanction/delivered_on": "record-delivery",
}

AUTHORS: Mapping[Author, tuple[str, str]] = {
    "identity": (
        "pengirim selama terlapor belum diidentifikasi, lalu instansi pegawai atau pemeriksa",
        "the submitter while the officer is not identified; then his employer or the examiner",
    ),
    "office": ("pengirim", "the submitter"),
    "matter": (
        "pengirim sampai perkara diterima, lalu pemeriksa",
        "the submitter until the case is accepted; then the examiner",
    ),
    "examiner": ("pemeriksa", "the examiner"),
    "addressee": ("instansi yang menindaklanjuti", "the addressee"),
    "decree": (
        "instansi yang menindaklanjuti; pemeriksa bila keputusan itu terikat putusan banding atau pengadilan",
        "the addressee; the examiner where a ruling binds that decree",
    ),
    "receipt": (
        "instansi yang menindaklanjuti; pemeriksa bila disampaikan dengan bukti (serve)",
        "the addressee; the examiner where it was served with proof",
    ),
    "owner": ("pemilik dokumen yang digantikan", "the owner of the document that is replaced"),
}


@dataclass(frozen=True, slots=True)
class Correctable:
    """One fact that may be corrected: whose it is, and the field whose rules its value keeps."""

    author: Author
    shape: type[Any]
    field: str

    @property
    def member(self) -> Member:
        """The field in which the fact was first given."""
        return next(member for member in members(self.shape) if member.name == self.field)


def _table() -> dict[str, Correctable]:
    owners: Mapping[str, tuple[Author, type[Any]]] = {
        "#/subject": ("identity", Identity),
        "#/finding": ("office", FindingGiven),
        "#/violations/*": ("matter", Violation),
        "#/violations/*/contest": ("matter", Contest),
        "#": ("examiner", Acceptance),
        "#/received_on": ("receipt", Acknowledgement),
        "#/recommendation/letter": ("examiner", NumberedLetter),
        "#/sanction/decision": ("decree", Decision),
        "#/sanction": ("addressee", Delivery),
    }
    table = {
        # Named otherwise than where it was given.
        "#/sanction/effective_stated": Correctable("decree", Decision, "effective_on"),
        DOCUMENT: Correctable("owner", NumberedLetter, "document"),
    }
    for name in get_args(FactName):
        if name not in table and name not in CHANGED_BY:
            parent, _, field = name.rpartition("/")
            author, shape = owners.get(name) or owners[parent]
            table[name] = Correctable(author, shape, field)
    return {name: table[name] for name in get_args(FactName) if name in table}


CORRECTABLE: Mapping[str, Correctable] = _table()


def of_violation(fact: str) -> bool:
    """Whether it is a fact of one violation, whose number has to be given."""
    return fact.startswith("#/violations/*")


def authors(case: CaseView, fact: str) -> frozenset[Party]:
    """The parties that may correct that fact now; any party, where it may own the document that is replaced."""
    author = CORRECTABLE[fact].author
    if author == "owner":
        return frozenset(Party)
    if author == "office":
        return frozenset({Party.SUBMITTER})
    if author == "identity":
        known = case.facts["subject"].get("identified")
        return frozenset({Party.EMPLOYER, Party.EXAMINER} if known else {Party.SUBMITTER})
    if author == "matter":
        return frozenset({Party.EXAMINER if case.done("accept") else Party.SUBMITTER})
    if author == "decree":
        # Whoever a ruling binds does not write anew what it binds.
        return frozenset({Party.EXAMINER if binding(case.facts) is not None else Party.ADDRESSEE})
    if author == "receipt":
        return frozenset({Party.EXAMINER if case.facts.get("served") else Party.ADDRESSEE})
    return frozenset({Party(author)})


# --- where a fact lies ----------------------------------------------------------------------------------------------


def read(facts: Facts, fact: str, violation: int | None) -> Any:
    """The value of that fact now; None where it, or what holds it, is not there."""
    found: Any = _violation(facts, violation) if of_violation(fact) else facts
    for step in _steps(fact):
        found = found.get(step) if found else None
    return found


def is_there(case: CaseView, fact: str, violation: int | None) -> bool:
    """Whether there is something to correct: whatever holds the fact, and the fact where only an act may give it."""
    holder = fact.rpartition("/")[0]
    if holder == "#" and fact not in RECORDED_BY:
        return bool(case.done("accept"))
    if fact.endswith("/contest/office"):
        return True
    return read(case.facts, fact if fact in RECORDED_BY else holder, violation) is not None


def first_recorded_by(fact: str) -> tuple[str, ...]:
    """The act that gives that fact first, to name it where it is missing."""
    acts = (act for prefix, act in sorted(RECORDED_BY.items(), reverse=True) if fact.startswith(prefix))
    return (next(acts, "accept"),)


def written(facts: Facts, fact: str, violation: int | None, value: Any) -> Changes:
    """The part of the file that holds the fact, by its name, with the new value in its place."""
    steps = _steps(fact)
    if of_violation(fact):
        return {
            "violations": [
                _with(one, steps, value) if one["number"] == violation else one for one in facts["violations"]
            ]
        }
    part: Any = {steps[0]: _with(facts, steps, value)[steps[0]]}
    changes: Changes = part
    return changes


def _with(holder: Any, steps: list[str], value: Any) -> Any:
    step, *rest = steps
    held = holder or dict.fromkeys(member.name for member in members(Contest))  # only a contest may be missing
    return {**held, step: _with(held.get(step), rest, value) if rest else value}


def _steps(fact: str) -> list[str]:
    path = fact.removeprefix("#/").removeprefix("violations/*").removeprefix("/")
    return path.split("/") if path else []


def _violation(facts: Facts, number: int | None) -> Any:
    return next((one for one in facts["violations"] if one["number"] == number), None)


# --- what a value has to look like ----------------------------------------------------------------------------------

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")


def valued(case: CaseView, fact: str, said: str | None) -> Any:
    """The value as the file holds it, or the reason why it cannot be one."""
    member = CORRECTABLE[fact].member
    if member.item is not None:
        return _list(case, member.item, said)
    if said is None and not member.nullable:
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
    if "/contest/" not in given.fact or not _violation(case.facts, given.violation):
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
