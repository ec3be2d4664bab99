"""Answers about preventions."""

from __future__ import annotations

from api.contract.responses.casefiles import PREVENTION_ID, agency
from api.contract.responses.grammar import (
    code,
    component,
    day,
    having,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    page,
    pointer,
    text,
)
from api.contract.responses.sanctions import LETTER
from api.contract.responses.writes import RECORD_RECEIPT

_PUBLIC = {
    "id": ident("Id", PREVENTION_ID),
    "kind": code("Jenis / Kind", "prevention_kind", "verbal_warning"),
    "held_on": day("Tanggal / Day", "2024-08-12"),
    "office": agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
    "election": maybe(code("Pemilihan / Election", "elections", "pilkada-2024")),
    "region": maybe(text("Wilayah / Region", "13.71")),
    "addressed": maybe(agency("pemkot-padang", "Pemerintah Kota Padang")),
    "created_at": instant("Dicatat / Recorded"),
    "href": href("Alamat / Address", f"/api/v1/preventions/{PREVENTION_ID}"),
}

_WHOLE = component(
    "Prevention",
    object_of(
        "Satu pencegahan; tidak ada di /events / One act of prevention; it is not in /events",
        **_PUBLIC,
        audience=maybe(number("Jumlah hadirin / Size of the audience", 40, least=1), shown=False),
        letter=maybe(LETTER, shown=False),
        officers=many(
            object_of(
                "Pegawai yang diperingatkan / An officer who was warned",
                nip=maybe(text("NIP, bila diketahui / NIP, where known", "198501012010011001")),
                name=text("Nama / Name", "Contoh Nama"),
                employer=maybe(agency("pemkot-padang", "Pemerintah Kota Padang")),
            ),
            "Instansi yang dituju hanya melihat pegawainya sendiri / The agency addressed sees its own officers only",
        ),
        text=maybe(text("Uraian / In words", "Peringatan setelah apel pagi.")),
        withheld=many(pointer("Pointer", "#/officers"), "Yang tidak diperlihatkan / What is not shown", example=[]),
    ),
)
component(
    "PreventionRecorded",
    having(_WHOLE, "Pencegahan dan tanda terimanya / The prevention and its receipt", receipt=RECORD_RECEIPT),
)
page(
    "PreventionPage",
    component(
        "PreventionItem", object_of("Pencegahan dalam daftar, tanpa nama / A prevention in a list, no names", **_PUBLIC)
    ),
    "Halaman pencegahan, terbaru dahulu / A page of preventions, newest first",
    counted=False,
)
