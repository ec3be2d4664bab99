"""Answers about numbers that were frozen."""

from __future__ import annotations

from api.contract.responses.casefiles import agency
from api.contract.responses.grammar import (
    component,
    digest,
    flag,
    free,
    having,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    page,
    text,
    word,
)
from api.contract.responses.writes import RECORD_RECEIPT
from casefiles.statistics.measures import DIMENSIONS, UNITS

SNAPSHOT_ID = "0193e1f2-6c00-7bb2-9d22-5e6f7081a2b3"

_PUBLIC = {
    "id": ident("Id", SNAPSHOT_ID),
    "name": text("Nama / Name", "Triwulan III 2026"),
    "index": number("Nomor log / Index of the log", 10481),
    "published": flag("Terbit: dibaca siapa pun / Published: read by everybody", example=True),
    "taken_by": agency("bkn", "Badan Kepegawaian Negara"),
    "created_at": instant("Dibekukan / Frozen"),
    "digest": digest(
        "SHA-256 atas bentuk RFC 8785 dari content, yang dikutip bersama angkanya / SHA-256 over the RFC 8785 form of "
        "content, to be quoted with its numbers"
    ),
    "href": href("Alamat / Address", f"/api/v1/statistics/snapshots/{SNAPSHOT_ID}"),
}
_NUMBERS = free(
    "Angka menurut ukuran; null: ditahan / Numbers by measure; null: withheld",
    {"submitted": 41, "open": 12, "recommended": 30, "not_proven": 6, "followed_up": 24, "closed": 29},
)
_CONTENT = object_of(
    "Isi cuplikan; tidak pernah berubah / What was frozen; never changes",
    format=text("Bentuk isi / Form of the content", "lintas-snapshot/1"),
    name=text("Nama / Name", "Triwulan III 2026"),
    origin=text("Asal log / Origin of the log", "lintas.example.go.id/log"),
    as_of=object_of(
        "Saat dalam log / The moment in the log",
        index=number("Nomor entri / Index of the entry", 10481),
        at=maybe(instant("Saat entri itu diterima / When that entry was accepted")),
    ),
    root=digest("Akar pohon log sampai nomor itu / Root of the log's tree up to that index"),
    edition=number("Edisi definisi / Edition of the definitions", 3, least=1),
    catalogue=text("Versi katalog / Version of the catalogue", "2026.4"),
    sight=word(
        "Dihitung atas: own = perkara yang dilihat instansi itu; all = semua / Counted over: own = the casefiles that "
        "that agency sees; all = every one",
        ["own", "all"],
        "all",
    ),
    counted_for=agency("bkn", "Badan Kepegawaian Negara"),
    suppressed_below=number("Angka 1 sampai di bawah ini tidak ada / No counts from 1 to below this", 5),
    totals=many(
        object_of(
            "Jumlah seluruhnya menurut satuan / The totals of a unit",
            unit=word("Satuan / Unit", [unit.code for unit in UNITS], "casefiles"),
            numbers=_NUMBERS,
        )
    ),
    merged=maybe(number("Perkara yang digabungkan; null: ditahan / Merged casefiles; null: withheld", 12)),
    tables=many(
        object_of(
            "Satu tabel; yang dihitung perkara / A table; casefiles are counted",
            by=word("Menurut / By", [dimension.code for dimension in DIMENSIONS], "employer"),
            measures=many(text("Ukuran / Measure", "submitted")),
            rows=many(
                object_of(
                    "Satu baris / A row",
                    key=maybe(text("Kode; null: tidak diketahui / Code; null: not known", "pemkot-padang")),
                    name=optional(text("Nama instansi saat itu / The agency's name then", "Pemerintah Kota Padang")),
                    numbers=_NUMBERS,
                )
            ),
            left_out=flag(
                "Ada baris yang tidak ditampilkan karena terlalu kecil / Rows are left out because they are too small",
                example=True,
            ),
            adds_up=flag(
                "Benar: tiap perkara ada pada satu baris / True: each casefile stands in one row", example=True
            ),
        )
    ),
    handling=many(
        object_of(
            "Hari kalender sampai giliran dijawab, tanpa hari jeda; kosong bila nomor lognya bukan yang terbaru saat "
            "dibekukan / Calendar days until a turn was answered, pauses taken off; none where the index was not the "
            "newest",
            purpose=text("Keperluan giliran / What the turn was for", "follow_up"),
            median_days=number("Median", 12),
            p90_days=number("Sembilan dari sepuluh paling lama / Nine of ten at most", 30),
        )
    ),
)

_WHOLE = component("Snapshot", object_of("Satu cuplikan angka / A snapshot of numbers", **_PUBLIC, content=_CONTENT))
component(
    "SnapshotRecorded",
    having(_WHOLE, "Cuplikan dan tanda terimanya / The snapshot and its receipt", receipt=RECORD_RECEIPT),
)
page(
    "SnapshotPage",
    component("SnapshotItem", object_of("Cuplikan dalam daftar / A snapshot in a list", **_PUBLIC)),
    "Halaman cuplikan, terbaru dahulu / A page of snapshots, newest first",
    counted=False,
)
component(
    "SnapshotFile",
    text(
        "CSV: satu baris per sel / CSV: one line per cell",
        "table,key,name,measure,number,log_index,log_root,snapshot,digest\r\n"
        "total:casefiles,,,submitted,41,10481,9f86…,Triwulan III 2026,9f86…\r\n",
    ),
)
