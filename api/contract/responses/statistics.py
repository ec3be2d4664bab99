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
            edition=number("Edisi definisi / Edition of the definitions", 3, least=1),
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
            words=many(
                object_of(
                    "Kata SBT dan artinya di sini, bila ditanya menurut sbt_status; baris pertama yang cocok berlaku / "
                    "A word of SBT and what is read as it here, where sbt_status is asked for; the first that fits "
                    "holds",
                    code=text("Kode / Code", "waiting_for_follow_up"),
                    label=text("Katanya / The word", "Menunggu tindak lanjut PPK"),
                    states=many(text("Keadaan / State", "recommended")),
                    outcomes=many(text("Hasil / Outcome", "sanctioned")),
                    reasons=many(text("Hanya dengan alasan ini / For these reasons only", "retired")),
                    certainty=text("Kepastian / Certainty", "proposal"),
                    source=text("Sumber / Source", "portaltribun.id, 4 Desember 2024"),
                )
            ),
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
                "Perkara yang isinya sudah dihapus, bila angkanya membaca isi (unit officers; dimensi sanction, "
                "reason, position_kind, channel, interaction, lateness, sbt_status): angka dapat berubah pada nomor "
                "log yang sama; selain itu null / Casefiles whose content was erased, where the numbers read content: "
                "they may change at the same index; null otherwise",
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

_SIGHT = word("Dihitung atas / Counted over", ["own", "all"], "own")

component(
    "Obligations",
    object_of(
        "Kewajiban, yang paling terlambat dahulu / Obligations, the most overdue first",
        by=many(word("Menurut / By", ["purpose", "party", "agency"], "agency")),
        sight=_SIGHT,
        at=instant("Dihitung / Counted"),
        data=many(
            object_of(
                "Giliran satu kunci / The turns of one key",
                key=free(
                    "Keperluan, pihak, atau {code, name} instansi / Purpose, party, or an agency's {code, name}",
                    {"agency": {"code": "bkn", "name": "Badan Kepegawaian Negara"}},
                ),
                open=number("Menunggu / Open", 12),
                overdue=number("Menunggu dan lewat tenggat terakhir / Open, past the due day set last", 3),
                overdue_at_first=number("Menunggu dan lewat tenggat semula / Open, past the due day set first", 5),
                longest_overdue=number("Hari lewat terlama / Most days overdue", 41),
                answered=number("Dijawab / Answered", 80),
                answered_late=number("Dijawab sesudah tenggat terakhir / Answered after the due day set last", 9),
                answered_late_at_first=number("Dijawab sesudah tenggat semula / After the one set first", 14),
                days_late=number("Jumlah hari terlambat, tenggat terakhir / Days late in all, by the last due day", 77),
                days_late_at_first=number("Jumlah hari terlambat, tenggat semula / By the first due day", 130),
                median_days=maybe(number("Median hari sampai dijawab / Median days until answered", 8)),
                p90_days=maybe(number("Sembilan dari sepuluh paling lama / Nine of ten at most", 21)),
                paused_days=number("Hari jeda yang diizinkan / Days of granted pauses", 14),
            )
        ),
    ),
)

_BY_SANCTION = many(
    object_of(
        "Perkara menurut hukuman / Casefiles by sanction",
        sanction=text("Hukuman (catalogue: sanctions) / Sanction", "moral_open"),
        casefiles=number("Perkara / Casefiles", 7),
    )
)
component(
    "Disparity",
    object_of(
        "Bentuk sama, hukuman berbeda / Same form, different sanction",
        by=word("Menurut / By", ["employer", "position_kind"], "employer"),
        sight=_SIGHT,
        data=many(
            object_of(
                "Satu bentuk / One form",
                form=text("Bentuk (catalogue: violations) / Form", "social_media_engagement"),
                sanctions=_BY_SANCTION,
                groups=many(
                    object_of(
                        "Satu instansi atau jenis jabatan / An agency or a kind of position",
                        key=maybe(text("Kode; null: tidak diketahui / Code; null: not known", "pemkot-padang")),
                        name=maybe(text("Nama instansi / The agency's name", "Pemerintah Kota Padang")),
                        sanctions=_BY_SANCTION,
                        comparisons=many(
                            object_of(
                                "Perkara menurut bandingan / Casefiles by comparison",
                                comparison=text("Bandingan (catalogue: codes/comparison) / Comparison", "lighter"),
                                casefiles=number("Perkara / Casefiles", 2),
                            )
                        ),
                    )
                ),
            )
        ),
    ),
)
component(
    "PreventionsBeside",
    object_of(
        "Pencegahan di samping pelanggaran / Prevention beside violations",
        by=word("Menurut / By", ["office", "month", "election"], "office"),
        sight=_SIGHT,
        data=many(
            object_of(
                "Satu kunci / One key",
                key=maybe(text("Kode; null: tanpa pemilihan / Code; null: of no election", "bawaslu-kota-padang")),
                name=maybe(text("Nama kantor / The office's name", "Bawaslu Kota Padang")),
                preventions=number("Pencegahan / Preventions", 14),
                findings=number("Temuan / Findings", 6),
                casefiles=number("Perkara, tanpa yang digabungkan / Casefiles, merged ones left out", 9),
                recommended=number("Di antaranya kini direkomendasikan / Of these recommended now", 5),
            )
        ),
    ),
)
