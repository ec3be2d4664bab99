"""Answers about zero reports."""

from __future__ import annotations

from typing import get_args

from api.contract.responses.casefiles import ZERO_REPORT_ID, agency
from api.contract.responses.grammar import (
    code,
    component,
    day,
    having,
    href,
    ident,
    instant,
    maybe,
    number,
    object_of,
    page,
    text,
    word,
)
from api.contract.responses.sanctions import LETTER
from api.contract.responses.writes import RECORD_RECEIPT
from casefiles.sight.silent import Subject

_PUBLIC = {
    "id": ident("Id", ZERO_REPORT_ID),
    "agency": agency("pemkot-padang", "Pemerintah Kota Padang"),
    "subject": word("Pokok / Subject", get_args(Subject), "sanctions"),
    "election": maybe(code("Pemilihan; null: semuanya / Election; null: all", "elections", "pilkada-2024")),
    "period": object_of(
        "Periode; kedua hari termasuk / The period; both days are included",
        from_=day("Hari pertama / First day", "2024-09-01"),
        until=day("Hari terakhir / Last day", "2024-09-30"),
    ),
    "reported_by": agency("pemkot-padang", "Pemerintah Kota Padang"),
    "created_at": instant("Dicatat / Recorded"),
    "contradicted_by": number(
        "Perkara yang boleh dilihat pembaca dan kini menyangkalnya / Casefiles that the reader may see and that "
        "contradict it now",
        0,
    ),
    "withdrawn_at": maybe(instant("Ditarik; null: berlaku / Withdrawn; null: it counts"), shown=False),
    "href": href("Alamat / Address", f"/api/v1/zero-reports/{ZERO_REPORT_ID}"),
}
_OFFICIAL = object_of(
    "Pejabat yang bertanggung jawab / The official who answers for it",
    name=text("Nama / Name", "Nama Pejabat"),
    nip=maybe(
        text(
            "NIP; tersamar bagi kantor di atasnya; null bagi yang bukan ASN / NIP; masked to offices above; null for "
            "who is no civil servant",
            "197001011995031001",
        )
    ),
    position=text("Jabatan / Position", "Kepala Badan"),
)

_WHOLE = component(
    "ZeroReport",
    object_of(
        "Satu laporan nihil; tidak pernah diubah / A zero report; never changed",
        **_PUBLIC,
        letter=maybe(LETTER, shown=False),
        official=maybe(_OFFICIAL),
        text=maybe(text("Keterangan / In words", "Nihil berdasarkan register bulan September.")),
        withdrawal=maybe(
            object_of(
                "Penarikannya / Its withdrawal",
                reason=text("Alasan / Why", "Keputusan tanggal 20 September terlewat pada laporan ini."),
                official=maybe(_OFFICIAL),
                withdrawn_by=agency("pemkot-padang", "Pemerintah Kota Padang"),
            ),
            shown=False,
        ),
    ),
)
component(
    "ZeroReportRecorded",
    having(_WHOLE, "Laporan nihil dan tanda terimanya / The zero report and its receipt", receipt=RECORD_RECEIPT),
)
page(
    "ZeroReportPage",
    component(
        "ZeroReportItem",
        object_of("Laporan nihil dalam daftar, tanpa nama / A zero report in a list, no names", **_PUBLIC),
    ),
    "Halaman laporan nihil, terbaru dahulu / A page of zero reports, newest first",
    counted=False,
)
