"""Answers about how many."""

from __future__ import annotations

from api.contract.responses.casefiles import agency
from api.contract.responses.grammar import (
    component,
    digest,
    flag,
    free,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    text,
    word,
)
from casefiles.statistics.measures import DIMENSIONS, MEASURES, UNITS

_NUMBERS = {
    measure.code: optional(maybe(number(f"{measure.id} / {measure.en}", example)))
    if measure.code != "submitted"
    else maybe(number(f"{measure.id} / {measure.en}", example))
    for measure, example in zip(MEASURES, (41, 12, 30, 6, 24, 29, 5, 0, 2), strict=True)
}
_SUPPRESSED = flag(
    "Benar bila ada angka yang tidak diperlihatkan (null) / True where a number is not shown (null)", example=False
)


def _definition(doc: str, codes: list[str], example: str, meaning: str) -> dict[str, object]:
    return object_of(doc, code=word("Kode / Code", codes, example), text=text("Artinya / What it means", meaning))


component(
    "Statistics",
    object_of(
        "Angka dengan satuan, definisi, dan saatnya / Numbers with their unit, definitions and moment",
        unit=word("Satuan / Unit", [unit.code for unit in UNITS], "casefiles"),
        by=many(word("Dimensi / Dimension", [dimension.code for dimension in DIMENSIONS], "employer")),
        filters=free("Saringan yang dipakai / The filters that were applied", {"election": ["pilkada-2024"]}),
        publish=flag("Bentuk untuk pers dan publik / The form for press and public", example=False),
        as_of=object_of(
            "Saat dalam log / The moment in the log",
            index=number("Nomor entri; -1: log kosong / Index of the entry; -1: an empty log", 10481, least=-1),
            at=maybe(instant("Saat entri itu diterima / When that entry was accepted")),
        ),
        head=number("Nomor terbaru log saat ini / The newest index of the log now", 10490, least=-1),
        sight=word(
            "Dihitung atas: own = perkara yang dilihat instansi Anda; all = semua (auditor) / Counted over: own = the "
            "casefiles that your agency sees; all = every one (auditors)",
            ["own", "all"],
            "own",
        ),
        counted_for=agency("bkn", "Badan Kepegawaian Negara"),
        definitions=object_of(
            "Arti angka-angka ini / What these numbers mean",
            edition=number("Edisi definisi / Edition of the definitions", 2, least=1),
            unit=text("Satuan / Unit", "Perkara: satu terlapor dalam satu urusan."),
            dimensions=many(
                _definition(
                    "Dimensi / A dimension",
                    [dimension.code for dimension in DIMENSIONS],
                    "employer",
                    "Instansi pegawai saat itu.",
                )
            ),
            measures=many(
                _definition(
                    "Ukuran / A measure",
                    [measure.code for measure in MEASURES],
                    "recommended",
                    "Rekomendasi pernah diterbitkan.",
                )
            ),
            merged=text("Yang digabungkan / The merged ones", "Perkara yang sudah digabungkan ke perkara lain."),
        ),
        totals=object_of(
            "Jumlah seluruhnya, tiap satuan sekali / The totals, each unit once", **_NUMBERS, suppressed=_SUPPRESSED
        ),
        data=many(
            object_of(
                "Satu baris / A row",
                key=free(
                    "Nilai tiap dimensi: kode, {code, name} untuk instansi, atau null / The value of each dimension: a "
                    "code, {code, name} for agencies, or null",
                    {"employer": {"code": "pemkot-padang", "name": "Pemerintah Kota Padang"}},
                ),
                **_NUMBERS,
                suppressed=_SUPPRESSED,
            ),
            "Menurut kunci, dalam urutan tetap; dengan publish=true kosong bila tidak satu baris pun dapat "
            "diperlihatkan / By key, in a fixed order; with publish=true none where no row may be shown",
        ),
        merged=maybe(number("Perkara yang digabungkan / Casefiles merged into others", 1)),
        erased=maybe(
            number(
                "Hanya unit officers: perkara yang NIP-nya sudah dihapus, jadi angka officers dapat berubah pada nomor "
                "log yang sama / With the unit officers only: casefiles whose NIP was erased, which changes the "
                "officers' numbers at the same index",
                0,
            ),
            shown=False,
        ),
        suppressed_below=maybe(
            number("Angka 1 sampai di bawah ini tidak diperlihatkan / Counts from 1 to below this are not shown", 5),
            shown=False,
        ),
        digest=digest(
            "SHA-256 (RFC 8785) atas {edition, unit, as_of, by, filters, publish, data, totals, merged} dengan kode "
            "saja: dua kantor yang sama digest-nya memegang angka yang sama / SHA-256 (RFC 8785) over these members, "
            "with codes only: two offices with one digest hold the same numbers"
        ),
    ),
)
