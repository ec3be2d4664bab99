"""Violations as a file holds them: the act, the stage it fell into, its class and why."""

from __future__ import annotations

from typing import Annotated, TypedDict

from casefiles.file.marks import Day, NotInTimeline, Word
from casefiles.shapes import Code, Doc


class Contest(TypedDict, total=False):
    """Pemilihan yang dimaksud / The contest."""

    office: Annotated[str, Code("contest_office"), Doc(id="Jabatan", en="Office", example="mayor")]
    region: Annotated[str | None, Doc(id="Wilayah", en="Region", example="13.71")]


class Beneficiary(TypedDict, total=False):
    """Yang diuntungkan / Whom it favoured."""

    kind: Annotated[str, Code("beneficiary_kind"), Doc(id="Jenis", en="Kind", example="candidate")]
    name: Annotated[str | None, Doc(id="Nama", en="Name")]
    is_personnel_authority: Annotated[
        bool, Doc(id="Calon itu PPK terlapor", en="Is the officer's personnel authority", example=False)
    ]


class Stage(TypedDict, total=False):
    """Tahapan pada hari itu / The stage on that day."""

    stage: Annotated[
        str | None,
        Code("stage"),
        Doc(id="Tahapan; null: katalog tidak mengenalnya", en="Null: not in the catalogue", example="campaign"),
    ]
    between: Annotated[
        bool, Doc(id="Di sela tahapan: yang terakhir dimulai", en="In a gap: the last one begun", example=False)
    ]
    since: Annotated[Day | None, Doc(id="Sejak", en="Since", example="2024-09-25")]
    decree: Annotated[
        str | None,
        Doc(
            id="Keputusan; null: nomornya belum dicatat",
            en="Decree; null: its number is not recorded",
            example="PKPU 2/2024",
        ),
    ]
    legal_basis: Annotated[
        str | None, Doc(id="Dasar hukum harinya", en="Legal basis of the day", example="PKPU 2/2024")
    ]
    certainty: Annotated[
        str | None, Word("certainties"), Doc(id="Kepastian sumber", en="How well founded", example="seen")
    ]


class ClassInputs(TypedDict, total=False):
    """Masukan; golongan dapat dihitung ulang darinya / The inputs, from which the class can be computed again."""

    form: Annotated[str, Code("violations"), Doc(id="Bentuk", en="Form", example="social_media_engagement")]
    act_date: Annotated[Day, Doc(id="Tanggal perbuatan", en="Day of the act", example="2024-09-29")]
    act_until: Annotated[Day | None, Doc(id="Sampai", en="Until")]
    election: Annotated[str | None, Code("elections"), Doc(id="Pemilihan", en="Election", example="pilkada-2024")]
    election_nexus: Annotated[
        str, Code("election_nexus"), Doc(id="Kaitan pemilihan", en="Election nexus", example="election_related")
    ]
    contest_office: Annotated[str | None, Code("contest_office"), Doc(id="Jabatan", en="Office", example="mayor")]
    region: Annotated[str | None, Doc(id="Wilayah pemilihan", en="The contest's region", example="13.71")]


class ClassRule(TypedDict, total=False):
    """Baris lampiran yang dibaca / The row of the annex that was read."""

    edition: Annotated[str, Doc(id="Edisi", en="Edition", example="2022")]
    annex_item: Annotated[str | None, Doc(id="Butir", en="Item", example="B6")]
    phase: Annotated[
        str, Word("phases"), Doc(id="Sebelum atau sejak penetapan", en="Before or from designation on", example="after")
    ]
    valid_from: Annotated[Day | None, Doc(id="Berlaku sejak", en="Valid from", example="2022-09-22")]
    valid_until: Annotated[Day | None, Doc(id="Tidak lagi sejak", en="No longer from")]
    in_force: Annotated[
        bool, Doc(id="Berlaku saat itu; bila tidak, analogi", en="In force then; else by analogy", example=True)
    ]


class Designation(TypedDict, total=False):
    """Penetapan calon yang dipakai / The designation it was held against."""

    designated_on: Annotated[Day, Doc(id="Hari penetapan", en="Day", example="2024-09-22")]
    region: Annotated[str | None, Doc(id="Wilayah; null: seluruhnya", en="Region; null: everywhere")]
    decree: Annotated[
        str | None, Doc(id="Keputusan; null: nomornya belum dicatat", en="Decree; null: its number is not recorded")
    ]
    legal_basis: Annotated[
        str | None, Doc(id="Dasar hukum harinya", en="Legal basis of the day", example="PKPU 2/2024")
    ]
    certainty: Annotated[str, Word("certainties"), Doc(id="Kepastian sumber", en="How well founded", example="seen")]


class ClassReasoning(TypedDict, total=False):
    """Mengapa golongan itu / Why this class."""

    level: Annotated[
        str | None, Doc(id="Tingkat hukuman menurut lampiran", en="Level by the annex", example="discipline_medium")
    ]
    edition: Annotated[str | None, Doc(id="Edisi lampiran", en="Edition of the annex", example="2022")]
    rule_version: Annotated[str, Doc(id="Versi katalog", en="Catalogue version", example="2026.1")]
    legal_basis: Annotated[str | None, Doc(id="Dasar hukum", en="Legal basis", example="PP 94/2021 Pasal 5 huruf n")]
    certainty: Annotated[str, Word("certainties"), Doc(id="Kepastian sumber", en="How well founded", example="seen")]
    designation_on: Annotated[Day | None, Doc(id="Hari penetapan calon", en="Day of designation", example="2024-09-22")]
    designation_pending: Annotated[bool, Doc(id="Hari penetapan belum diketahui", en="Not known yet", example=False)]
    inputs: ClassInputs | None
    rule: ClassRule | None
    designation: Designation | None
    reasoning_id: str
    reasoning_en: str


class ViolationStated(TypedDict, total=False):
    """Pelanggaran seperti disampaikan / A violation as it was stated."""

    number: Annotated[int, Doc(id="Nomor", en="Number", example=1)]
    form: Annotated[str, Code("violations"), Doc(id="Bentuk", en="Form", example="social_media_engagement")]
    act_date: Annotated[Day, Doc(id="Tanggal perbuatan", en="Day of the act", example="2024-09-29")]
    act_until: Annotated[Day | None, Doc(id="Sampai", en="Until")]
    region: Annotated[str | None, Doc(id="Wilayah", en="Region", example="13.71")]
    place: Annotated[str | None, Doc(id="Tempat", en="Place")]
    channel: Annotated[str | None, Code("channel"), Doc(id="Saluran", en="Channel", example="facebook")]
    interaction: Annotated[str | None, Code("interaction"), Doc(id="Tindakan", en="Interaction", example="like")]
    contest: Contest | None
    beneficiary: Beneficiary | None
    description: Annotated[str, Doc(id="Uraian", en="Description", example="Menyukai unggahan calon.")]
    legal_basis: Annotated[str | None, Doc(id="Dasar hukum, untuk bentuk lain", en="Legal basis, for other forms")]


Classified = TypedDict(
    "Classified",
    {
        "annex_item": Annotated[str | None, Doc(id="Butir lampiran", en="Annex item", example="B6")],
        "violation_class": Annotated[
            str, Code("violation_class"), Doc(id="Golongan", en="Class", example="discipline")
        ],
        # `class` is no name that Python lets a body have.
        "class": Annotated[ClassReasoning, NotInTimeline()],
    },
    total=False,
)


class Violation(ViolationStated, Classified, total=False):
    """Pelanggaran; golongannya dihitung / A violation; its class is computed."""

    stage_at_act: Stage | None
    confirmed: Annotated[
        bool | None, Doc(id="Terbukti menurut pemeriksa", en="Confirmed by the examiner", example=True)
    ]
