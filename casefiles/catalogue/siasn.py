"""A sanction as SIASN's discipline record takes it: the body of `POST /hukdis/save` of BKN's service.

Pure: a file in, records out. Each version of the sanction is one record. What SIASN calls level, kind, reason and
regulation stands in `data/siasn.yaml`; what has no row there stays empty, and the record says which member it is and
why. Nothing is guessed. Shapes are those of public clients (dossier 2.6): every value is text, a day is dd-mm-yyyy, an
empty `id` makes a record and a filled one updates it, `skPembatalan*` annuls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from casefiles.catalogue.book import Catalogue, UnknownCode
from casefiles.catalogue.rows import SiasnMember, SiasnRow, weakest
from casefiles.file import CaseFile, Sanction
from casefiles.shapes import Certainty

MEMBERS: Final = (
    "id", "pnsOrangId", "golonganId", "golonganLama", "kedudukanHukumId", "jenisHukumanId", "jenisTingkatHukumanId",
    "alasanHukumanDisiplinId", "nomorPp", "skNomor", "skTanggal", "hukumanTanggal", "akhirHukumanTanggal", "masaTahun",
    "masaBulan", "keterangan", "hukdisYangDiberhentikanId", "skPembatalanNomor", "skPembatalanTanggal", "path",
)  # fmt: skip
"""In the order of the public clients. All are text but `path`, a list of documents."""

Status = Literal["in_force", "superseded", "annulled"]
_REGULATION: Final = re.compile(r"PP [0-9]{1,3}/[0-9]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why a member is empty, or a record is not to be handed over now; in both languages. `code` is stable."""

    code: str
    id: str
    en: str
    member: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HukdisRecord:
    """One version of the sanction. `certainty` says how well each mapped member is founded; `waits` is empty where
    the record may be handed over now.
    """

    sanction_version: int
    sanction: str
    status: Status
    payload: Mapping[str, Any]
    certainty: Mapping[str, Certainty]
    unfilled: tuple[Because, ...]
    waits: tuple[Because, ...]


def records(
    facts: CaseFile, *, known: Mapping[int, str], catalogue: Catalogue, today: date
) -> tuple[HukdisRecord, ...]:
    """The records of a file, oldest version first; none where no sanction was reported.

    `known` are the ids that SIASN gave to versions that were handed over, `today` is the day where the employer is.
    """
    versions: list[tuple[Sanction, Status]] = [(one, "superseded") for one in facts.get("sanction_versions", ())]
    if (sanction := facts.get("sanction")) is not None:
        versions.append((sanction, "annulled" if sanction.get("annulled_on") else "in_force"))
    return tuple(
        _record(facts, version, status, known=known, catalogue=catalogue, today=today) for version, status in versions
    )


def _record(
    facts: CaseFile, sanction: Sanction, status: Status, *, known: Mapping[int, str], catalogue: Catalogue, today: date
) -> HukdisRecord:
    number = sanction["version"]
    found = [*_plain(facts, sanction, known), *_mapped(facts, sanction, catalogue), *_nowhere()]
    payload: dict[str, Any] = dict.fromkeys(MEMBERS, "") | {"path": []}
    certainty: dict[str, Certainty] = {}
    unfilled: list[Because] = []
    for member, value in found:
        if isinstance(value, Because):
            unfilled.append(value)
        elif isinstance(value, tuple):
            payload[member], certainty[member] = value
        else:
            payload[member] = value
    place = {name: position for position, name in enumerate(MEMBERS)}
    return HukdisRecord(
        sanction_version=number,
        sanction=sanction["sanction"],
        status=status,
        payload=payload,
        certainty=certainty,
        unfilled=tuple(sorted(unfilled, key=lambda one: place[one.member or "id"])),
        waits=tuple(_waits(facts, sanction, status, is_known=number in known, today=today)),
    )


Value = str | tuple[str, Certainty] | Because
"""A member's value, one by a row of the catalogue with that row's certainty, or why it is empty."""


# --- what the file says itself --------------------------------------------------------------------------------------


def _plain(facts: CaseFile, sanction: Sanction, known: Mapping[int, str]) -> Iterator[tuple[str, Value]]:
    number, decision = sanction["version"], sanction["decision"]
    yield "id", known.get(number, "")
    yield "skNomor", decision["number"]
    yield "skTanggal", _day(decision["date"])
    effective = sanction.get("effective_on")
    yield "hukumanTanggal", _day(effective) if effective else _because("hukumanTanggal", "not-in-effect")
    yield "keterangan", f"Lintas {facts['number']}"
    earlier = max((one for one in known if one < number), default=0)
    yield "hukdisYangDiberhentikanId", known.get(earlier, "")
    if (annulled := sanction.get("annulled_by")) is not None:
        yield "skPembatalanNomor", annulled["decision"]["number"]
        yield "skPembatalanTanggal", _day(annulled["decision"]["date"])


def _nowhere() -> Iterator[tuple[str, Value]]:
    """What this register does not hold, of anybody."""
    for member in ("pnsOrangId", "golonganId", "golonganLama", "kedudukanHukumId", "akhirHukumanTanggal", "path"):
        yield member, _because(member, f"{_SPELLED[member]}-not-held")


_SPELLED: Final = {
    "pnsOrangId": "person",
    "golonganId": "grade",
    "golonganLama": "former-grade",
    "kedudukanHukumId": "legal-position",
    "akhirHukumanTanggal": "last-day",
    "path": "documents",
}


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d-%m-%Y")


# --- what SIASN calls otherwise -------------------------------------------------------------------------------------


def _mapped(facts: CaseFile, sanction: Sanction, catalogue: Catalogue) -> Iterator[tuple[str, Value]]:
    kind = facts["subject"].get("employment_kind")
    decided_on = date.fromisoformat(sanction["decision"]["date"])
    code = sanction["sanction"]

    def word(member: SiasnMember, ours: str | None, why: str) -> Value:
        row = row_of(catalogue, member, ours, employment_kind=kind) if ours else None
        return (row.siasn, row.certainty) if row else _because(member, why, said=ours)

    family, level, basis = _law_of(facts, code, decided_on, catalogue)
    yield "jenisHukumanId", word("jenisHukumanId", code, "kind-unmapped")
    yield "jenisTingkatHukumanId", word("jenisTingkatHukumanId", level, "level-unmapped")
    regulation = _REGULATION.match(basis)
    yield "nomorPp", word("nomorPp", regulation[0] if regulation else None, "regulation-unmapped")
    yield "alasanHukumanDisiplinId", _reason(facts, kind, family, catalogue)
    yield from _duration(row_of(catalogue, "masaBulan", code, employment_kind=kind))


def _law_of(facts: CaseFile, sanction: str, decided_on: date, catalogue: Catalogue) -> tuple[str, str, str]:
    """Family, level and legal basis of a sanction as it was that day; empty where the catalogue does not know it."""
    try:
        row = catalogue.sanction(sanction, agency=facts.get("employer"), on=decided_on)
    except UnknownCode:
        return "", "", ""
    # A dismissal by statute has no level of ours; SIASN's list puts both dismissals at the heavy one.
    level = "discipline_heavy" if row.family == "dismissal" else row.level
    return row.family, level or "", row.legal_basis or ""


def row_of(
    catalogue: Catalogue, member: SiasnMember, code: str, *, employment_kind: str | None,
    election_kind: str | None = None,
) -> SiasnRow | None:  # fmt: skip
    """What SIASN calls that word in a record of such an officer, or None where no list that was found has it."""
    for row in catalogue.siasn:
        fits = employment_kind in row.employment_kinds and row.election_kind in (None, election_kind)
        if fits and (row.member, row.code) == (member, code):
            return row
    return None


def _duration(row: SiasnRow | None) -> Iterator[tuple[str, Value]]:
    if row is None:
        for member in ("masaTahun", "masaBulan"):
            yield member, _because(member, "no-duration")
        return
    years, months = divmod(int(row.siasn), 12)
    yield "masaTahun", (str(years), row.certainty)
    yield "masaBulan", (str(months), row.certainty)


def _reason(facts: CaseFile, employment_kind: str | None, family: str, catalogue: Catalogue) -> Value:
    """SIASN takes one reason. Several violations with one reason have it; with several or none it stays empty."""
    member: Literal["alasanHukumanDisiplinId"] = "alasanHukumanDisiplinId"
    if family == "moral":
        return _because(member, "no-reason-for-ethics")
    forms = _forms(facts)
    election = facts["finding"].get("election")
    try:
        election_kind = catalogue.election(election).kind if election else None
    except UnknownCode:
        election_kind = None
    rows = {
        form: row_of(catalogue, member, form, employment_kind=employment_kind, election_kind=election_kind)
        for form in forms
    }
    unmapped = [form for form, row in rows.items() if row is None]
    if unmapped or not rows:
        return _because(member, "reason-unmapped", said=", ".join(unmapped) or None)
    found = {row.siasn: row.certainty for row in rows.values() if row is not None}
    if len(found) > 1:
        return _because(member, "several-reasons", said=", ".join(sorted(found)))
    return next(iter(found)), weakest(*found.values())


def _forms(facts: CaseFile) -> Sequence[str]:
    """The forms of the violations that the recommendation names, each once, in their order."""
    named = (facts.get("recommendation") or {}).get("violations", ())
    forms = [one["form"] for one in facts["violations"] if not named or one["number"] in named]
    return list(dict.fromkeys(forms))


# --- what a record waits for ----------------------------------------------------------------------------------------


def _waits(facts: CaseFile, sanction: Sanction, status: Status, *, is_known: bool, today: date) -> Iterator[Because]:
    """Why the record is not to be handed over now."""
    if status != "in_force":
        if not is_known:
            yield _waiting("never-handed-over")
        elif status == "superseded":
            yield _waiting("replaced")
        return
    if sanction.get("delivered_on") is None:
        yield _waiting("not-delivered")
    elif (effective := sanction.get("effective_on")) is None or date.fromisoformat(effective) > today:
        yield _waiting("not-in-effect-yet")
    contest = facts.get("contest")
    if contest is not None and contest["sanction_version"] == sanction["version"]:
        yield _waiting("under-remedy")
    elif _remedy_is_open(facts, sanction, today=today):
        yield _waiting("remedy-open")


def _remedy_is_open(facts: CaseFile, sanction: Sanction, *, today: date) -> bool:
    until, closing = sanction.get("remedy_until"), facts.get("closing") or {}
    return until is not None and today <= date.fromisoformat(until) and not closing.get("contest_waived")


# --- in words -------------------------------------------------------------------------------------------------------


def _because(member: str, code: str, *, said: str | None = None) -> Because:
    text_id, text_en = UNFILLED[code]
    tail = f" ({said})" if said else ""
    return Because(code=code, id=f"{text_id}{tail}.", en=f"{text_en}{tail}.", member=member)


def _waiting(code: str) -> Because:
    text_id, text_en = WAITS[code]
    return Because(code=code, id=f"{text_id}.", en=f"{text_en}.")


UNFILLED: Final[Mapping[str, tuple[str, str]]] = {
    "person-not-held": (
        "Id orang pada SIASN tidak disimpan di sini; ambil dari data utama SIASN menurut NIP",
        "SIASN's id of the person is not kept here; take it from SIASN's main data by NIP",
    ),
    "grade-not-held": (
        "Id golongan SIASN tidak tercatat dan padanannya tidak ditemukan; isi menurut SIASN",
        "SIASN's id of the grade is not recorded and no list of it was found; fill it in from SIASN",
    ),
    "former-grade-not-held": (
        "Golongan sebelum hukuman tidak disimpan di sini; isi hanya bila hukuman menurunkan pangkat",
        "The grade before the sanction is not kept here; fill it in only where the sanction lowers the rank",
    ),
    "legal-position-not-held": (
        "Kedudukan hukum pada SIASN tidak disimpan di sini; isi menurut SIASN",
        "The legal position in SIASN is not kept here; fill it in from SIASN",
    ),
    "last-day-not-held": (
        "Hari terakhir hukuman tidak tercatat, dan tidak ada sumber apakah hari itu dihitung; isi menurut keputusan",
        "The last day of the sanction is not recorded, and no source says whether it counts; fill it in by the decree",
    ),
    "documents-not-held": (
        "Dokumen diunggah ke SIASN lebih dahulu; rujukannya diberikan oleh SIASN",
        "Documents are uploaded to SIASN first; SIASN gives their references",
    ),
    "not-in-effect": (
        "Hari mulai berlaku belum diketahui; catat penyampaian atau pelaksanaannya lebih dahulu",
        "The day of effect is not known yet; record the delivery or the execution first",
    ),
    "kind-unmapped": (
        "Hukuman ini tidak ada pada daftar jenis hukuman SIASN yang ditemukan bagi jenis pegawai ini",
        "The lists of SIASN that were found do not have this sanction for this kind of employment",
    ),
    "level-unmapped": (
        "Tingkat hukuman ini tidak ada pada daftar SIASN yang ditemukan bagi jenis pegawai ini",
        "The lists of SIASN that were found do not have this level for this kind of employment",
    ),
    "regulation-unmapped": (
        "Nomor SIASN bagi peraturan yang mendasari hukuman ini tidak ditemukan",
        "SIASN's number of the regulation behind this sanction was not found",
    ),
    "reason-unmapped": (
        "Alasan hukuman SIASN tidak ditemukan bagi bentuk pelanggaran atau jenis pemilihan ini",
        "No reason of SIASN was found for this form of violation or this kind of election",
    ),
    "several-reasons": (
        "SIASN mengambil satu alasan, pelanggaran ini mempunyai beberapa; pilih salah satu",
        "SIASN takes one reason and these violations have several; choose one",
    ),
    "no-reason-for-ethics": (
        "Daftar alasan SIASN yang ditemukan tidak memuat pelanggaran kode etik",
        "The list of reasons of SIASN that was found has none for a breach of ethics",
    ),
    "no-duration": (
        "Katalog tidak mencatat lama hukuman ini; banyak hukuman tidak mempunyainya",
        "The catalogue records no duration of this sanction; many have none",
    ),
}
"""Why a member is empty, Indonesian and English, without the full stop."""

WAITS: Final[Mapping[str, tuple[str, str]]] = {
    "not-delivered": (
        "Keputusan belum disampaikan kepada pegawai; catat dengan record-delivery",
        "The decree was not delivered to the officer yet; record it with record-delivery",
    ),
    "not-in-effect-yet": (
        "Hukuman belum berlaku; lihat sanction.effective_on pada perkara",
        "The sanction is not in effect yet; see sanction.effective_on of the casefile",
    ),
    "under-remedy": (
        "Upaya terhadap hukuman ini sedang diperiksa; tunggu settle atau annul",
        "A contest against this sanction waits for its ruling; wait for settle or annul",
    ),
    "remedy-open": (
        "Upaya terhadap hukuman ini masih dapat diajukan; lihat sanction.remedy_until pada perkara",
        "A remedy against this sanction may still be filed; see sanction.remedy_until of the casefile",
    ),
    "never-handed-over": (
        "Versi ini sudah tidak berlaku dan menurut catatan tidak pernah diserahkan; tidak ada yang perlu diserahkan",
        "This version is no longer in force and by the record was never handed over; there is nothing to hand over",
    ),
    "replaced": (
        "Versi ini diganti; serahkan versi berikutnya, yang menyebutnya pada hukdisYangDiberhentikanId",
        "This version was superseded; hand over the next one, which names it in hukdisYangDiberhentikanId",
    ),
}
"""Why a record waits, Indonesian and English, without the full stop."""
