"""What an answer says of a violation: the act, the stage it fell into, its class and why."""

from __future__ import annotations

from typing import get_args

from api.contract.responses.grammar import code, component, day, flag, maybe, number, text, thing, word
from casefiles.catalogue.rows import CERTAINTIES, Phase

CONTEST = thing(
    "Pemilihan yang dimaksud / The contest",
    office=code("Jabatan / Office", "contest_office", "mayor"),
    region=maybe(text("Wilayah / Region", "13.71")),
)

BENEFICIARY = thing(
    "Yang diuntungkan / Whom it favoured",
    kind=code("Jenis / Kind", "beneficiary_kind", "candidate"),
    name=maybe(text("Nama / Name", "Calon Contoh"), shown=False),
    is_personnel_authority=flag("Calon itu PPK terlapor / Is his personnel authority", example=False),
)

_CERTAINTY = "Kepastian sumber / How well founded"
_DECREE = "Keputusan; null: nomornya belum dicatat / Decree; null: its number is not recorded"
_SCHEDULED = "Dasar hukum harinya / Legal basis of the day"

STAGE = thing(
    "Tahapan pada hari itu / The stage on that day",
    stage=maybe(code("Tahapan; null: katalog tidak mengenalnya / Null: not in the catalogue", "stage", "campaign")),
    between=flag("Di sela tahapan: yang terakhir dimulai / In a gap: the last one begun", example=False),
    since=maybe(day("Sejak / Since", "2024-09-25")),
    decree=maybe(text(_DECREE, "PKPU 2/2024")),
    legal_basis=maybe(text(_SCHEDULED, "PKPU 2/2024")),
    certainty=maybe(word(_CERTAINTY, CERTAINTIES, "seen")),
)

CLASS_REASONING = thing(
    "Mengapa golongan itu / Why this class",
    level=maybe(text("Tingkat hukuman menurut lampiran / Level by the annex", "discipline_medium")),
    edition=maybe(text("Edisi lampiran / Edition of the annex", "2022")),
    rule_version=text("Versi katalog / Catalogue version", "2026.1"),
    legal_basis=maybe(text("Dasar hukum / Legal basis", "PP 94/2021 Pasal 5 huruf n")),
    certainty=word(_CERTAINTY, CERTAINTIES, "seen"),
    designation_on=maybe(day("Hari penetapan calon / Day of designation", "2024-09-22")),
    designation_pending=flag("Hari penetapan belum diketahui / Not known yet", example=False),
    inputs=maybe(
        thing(
            "Masukan; golongan dapat dihitung ulang darinya / The inputs, from which the class can be computed again",
            form=code("Bentuk / Form", "violations", "social_media_engagement"),
            act_date=day("Tanggal perbuatan / Day of the act", "2024-09-29"),
            act_until=maybe(day("Sampai / Until", "2024-09-30"), shown=False),
            election=maybe(code("Pemilihan / Election", "elections", "pilkada-2024")),
            election_nexus=code("Kaitan pemilihan / Election nexus", "election_nexus", "election_related"),
            contest_office=maybe(code("Jabatan / Office", "contest_office", "mayor")),
            region=maybe(text("Wilayah pemilihan / The contest's region", "13.71")),
        )
    ),
    rule=maybe(
        thing(
            "Baris lampiran yang dibaca / The row of the annex that was read",
            edition=text("Edisi / Edition", "2022"),
            annex_item=maybe(text("Butir / Item", "B6")),
            phase=word("Sebelum atau sejak penetapan / Before or from designation on", get_args(Phase), "after"),
            valid_from=maybe(day("Berlaku sejak / Valid from", "2022-09-22")),
            valid_until=maybe(day("Tidak lagi sejak / No longer from", "2030-01-01"), shown=False),
            in_force=flag("Berlaku saat itu; bila tidak, analogi / In force then; else by analogy", example=True),
        )
    ),
    designation=maybe(
        thing(
            "Penetapan calon yang dipakai / The designation it was held against",
            designated_on=day("Hari penetapan / Day", "2024-09-22"),
            region=maybe(text("Wilayah; null: seluruhnya / Region; null: everywhere", "13.71"), shown=False),
            decree=maybe(text(_DECREE, "Keputusan KPU 1632 Tahun 2023"), shown=False),
            legal_basis=maybe(text(_SCHEDULED, "PKPU 2/2024")),
            certainty=word(_CERTAINTY, CERTAINTIES, "seen"),
        )
    ),
    reasoning=text("Dalam kata-kata / In words", "Perbuatan 2024-09-29: terjadi sejak penetapan calon 2024-09-22."),
)

VIOLATION_SAID = {
    "number": number("Nomor / Number", 1),
    "form": code("Bentuk / Form", "violations", "social_media_engagement"),
    "act_date": day("Tanggal perbuatan / Day of the act", "2024-09-29"),
    "act_until": maybe(day("Sampai / Until", "2024-09-30"), shown=False),
    "region": maybe(text("Wilayah / Region", "13.71")),
    "place": maybe(text("Tempat / Place", "Padang"), shown=False),
    "channel": maybe(code("Saluran / Channel", "channel", "facebook")),
    "interaction": maybe(code("Tindakan / Interaction", "interaction", "like")),
    "contest": maybe(CONTEST),
    "beneficiary": maybe(BENEFICIARY),
    "description": text("Uraian / Description", "Menyukai unggahan calon."),
    "legal_basis": maybe(
        text("Dasar hukum, untuk bentuk lain / Legal basis, for other forms", "UU 20/2023"), shown=False
    ),
}

VIOLATION = component(
    "ViolationRead",
    thing(
        "Pelanggaran; golongannya dihitung / A violation; its class is computed",
        **VIOLATION_SAID,
        annex_item=maybe(text("Butir lampiran / Annex item", "B6")),
        violation_class=code("Golongan / Class", "violation_class", "discipline"),
        class_reasoning=CLASS_REASONING,
        stage_at_act=maybe(STAGE),
        confirmed=maybe(flag("Terbukti menurut pemeriksa / Confirmed by the examiner", example=True)),
    ),
)
