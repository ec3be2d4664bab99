"""The answer to what the law says of an act."""

from __future__ import annotations

from api.contract.responses.file import described
from api.contract.responses.grammar import Schema, code, component, day, flag, many, maybe, object_of, text, word
from casefiles.catalogue import guidance
from casefiles.catalogue.rows import CERTAINTIES
from casefiles.file import violations as file

_CERTAINTY = word("Kepastian sumber / How well founded", CERTAINTIES, "seen")


def _worded(doc: str, example: str, label_id: str, label_en: str, **more: Schema) -> Schema:
    return object_of(
        doc,
        code=text("Kode / Code", example),
        label_id=text("Sebutan / Label", label_id),
        label_en=text("Sebutan Inggris / Label", label_en),
        **more,
    )


def _standing(violation_class: str, item: str, basis: str, level: tuple[str, str, str]) -> dict[str, Schema]:
    return {
        "violation_class": code("Golongan / Class", "violation_class", violation_class),
        "annex_item": maybe(text("Butir lampiran; null: tidak bernomor / Item; null: none", item)),
        "legal_basis": maybe(text("Dasar hukum / Legal basis", basis)),
        "level": maybe(
            _worded("Tingkat atau hukuman; null: menurut pasal yang dilanggar / Null: by the article", *level)
        ),
        "sanctions": many(
            _worded(
                "Satu hukuman / A sanction",
                "moral_open",
                "sanksi moral terbuka",
                "open moral sanction",
                legal_basis=maybe(text("Dasar hukum / Legal basis", "PP 42/2004 Pasal 15 ayat (2)")),
                certainty=_CERTAINTY,
            ),
            "Yang ada pada hari itu untuk jenis kepegawaian itu, dari yang teringan; kosong bila tingkatnya tidak "
            "disebut / Those of that day and employment, lightest first; empty where no level is named",
        ),
    }


_INPUTS = described(file.ClassInputs)
_INPUTS["properties"]["employment_kind"] = maybe(code("Jenis ASN / Employment kind", "employment_kind", "pns"))
_INPUTS["required"] = [*_INPUTS["required"], "employment_kind"]

component(
    "ClassificationAnswer",
    object_of(
        "Golongan suatu perbuatan menurut katalog; bukan putusan / The class of an act by the catalogue; not a ruling",
        catalogue_version=text("Versi katalog / Catalogue version", "2026.5"),
        inputs=_INPUTS,
        **_standing(
            "ethics",
            "A4",
            "PP 42/2004 Pasal 11 huruf c",
            ("moral_any", "sanksi moral (terbuka atau tertutup)", "moral sanction (open or closed)"),
        ),
        edition=maybe(text("Edisi lampiran; null: tidak ada yang berlaku / Edition; null: none in force", "2022")),
        decree=maybe(
            _worded(
                "Keputusan yang memuat lampiran itu / The decree of that annex",
                "edition_2022",
                "Keputusan Bersama 22 September 2022",
                "Joint Decree of 22 September 2022",
            )
        ),
        certainty=_CERTAINTY,
        rule=described(file.ClassRule),
        designation=maybe(described(file.Designation)),
        designation_pending=flag("Hari penetapan belum diketahui / The designation is not known yet", example=False),
        stage=maybe(described(file.Stage)),
        since=maybe(day("Berlaku sejak; null: selalu / True since; null: always", "2022-09-22")),
        until=maybe(day("Hari jawabannya berubah / The day on which the answer changes", "2024-09-22")),
        then=maybe(
            object_of(
                "Jawaban sejak hari itu / The answer from that day on",
                **_standing(
                    "discipline",
                    "B6",
                    "PP 94/2021 Pasal 5 huruf n angka 5",
                    ("discipline_heavy", "hukuman disiplin berat", "heavy disciplinary sanction"),
                ),
            )
        ),
        reasoning_id=text("Dalam kata-kata / In words", "Perbuatan 2024-09-21: berakhir sebelum penetapan calon …"),
        reasoning_en=text("Dalam bahasa Inggris / In English", "The act of 2024-09-21: ended before …"),
        notice_id=text("Bahwa ini bukan putusan / That this is no ruling", guidance.NOT_A_RULING_ID),
        notice_en=text("Dalam bahasa Inggris / In English", guidance.NOT_A_RULING_EN),
    ),
)
