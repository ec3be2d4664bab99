"""Sanctions as a file holds them: the decree in force, its earlier versions, and what was filed against them."""

from __future__ import annotations

from typing import Annotated, TypedDict

from casefiles.file.marks import AtLeast, Day, Id, InTimeline, MayLack, Seldom, Word
from casefiles.file.papers import Decision, Letter, Reason
from casefiles.shapes import Code, Doc


class Imposition(Decision, total=False):
    """Keputusan yang menjatuhkannya / The decree that imposed it."""

    imposed_by: Annotated[
        str | None,
        MayLack(),
        Code("imposed_by"),
        Doc(
            id="Pejabat yang menjatuhkan; null: tidak disebut",
            en="Who imposed it; null: not said",
            example="personnel_authority",
        ),
    ]


class Examination(TypedDict, total=False):
    """Pemeriksaan / How the officer was heard."""

    by: Annotated[str, Code("examination_by"), Doc(id="Pemeriksa", en="By", example="team")]
    summoned_on: Annotated[
        list[Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-10-25")]], Doc(id="Panggilan", en="Summonses")
    ]
    examined_on: Annotated[Day | None, Doc(id="Diperiksa", en="Examined on", example="2024-10-30")]
    attended: Annotated[bool, Doc(id="Hadir", en="Attended", example=True)]


class ByContest(TypedDict, total=False):
    """Putusan yang menetapkannya / The ruling that ordered it."""

    kind: Annotated[str, Code("contest_kind"), Doc(id="Jenis upaya", en="Kind of contest", example="appeal")]
    ruling: Annotated[str, Code("reasons/settle"), Doc(id="Amar", en="Ruling", example="lightened")]


class BoundBy(TypedDict, total=False):
    """Putusan yang mengikat hukuman ini / The ruling that binds this sanction."""

    kind: Annotated[str, Code("contest_kind"), Doc(id="Jenis upaya", en="Kind of contest", example="appeal")]
    ruling: Annotated[
        str, Word("rulings"), Doc(id="Amar", en="Ruling (catalogue: reasons/settle; annulled)", example="upheld")
    ]
    decision: Decision


class Execution(TypedDict, total=False):
    """Satu pelaksanaan / One time it was carried out."""

    executed_on: Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-12-02")]
    form: Annotated[
        str | None,
        Code("moral_form"),
        Doc(id="Bentuk pernyataan moral", en="Form of a moral statement", example="ceremony"),
    ]
    attended: Annotated[bool, Doc(id="Pegawai hadir", en="The officer was there", example=True)]
    place: Annotated[str | None, Doc(id="Tempat", en="Place", example="Halaman balai kota")]
    proof: Annotated[Id, Doc(id="Bukti", en="Proof")]


class AnnulledBy(TypedDict, total=False):
    """Pembatalannya / What annulled it."""

    kind: Annotated[str, Word("contests"), Doc(id="Karena", en="By", example="appeal")]
    decision: Decision


class SupersededBy(TypedDict, total=False):
    """Yang menggantinya / By what."""

    kind: Annotated[str, Word("superseding"), Doc(id="Karena", en="By", example="appeal")]
    decision: Decision


class Sanction(TypedDict, total=False):
    """Hukuman yang berlaku / The sanction in force."""

    version: Annotated[int, AtLeast(1), Doc(id="Versi", en="Version", example=1)]
    sanction: Annotated[str, Code("sanctions"), Doc(id="Hukuman", en="Sanction", example="moral_open")]
    comparison: Annotated[
        str,
        Code("comparison"),
        Doc(id="Dibanding rekomendasi", en="Against the recommendation", example="different_kind"),
    ]
    reason: Reason | None
    ruling: Annotated[ByContest | None, Seldom()]
    bound_by: Annotated[BoundBy | None, Seldom()]
    decision: Imposition
    examination: Examination | None
    delivered_on: Annotated[Day | None, Doc(id="Disampaikan", en="Delivered on", example="2024-11-06")]
    effective_on: Annotated[
        Day | None, Doc(id="Berlaku sejak, menurut aturannya", en="Effective on, by its rule", example="2024-11-28")
    ]
    effective_stated: Annotated[Day | None, Doc(id="TMT menurut keputusan", en="As the decree states")]
    remedy_until: Annotated[
        Day | None, Doc(id="Hari terakhir upaya administratif", en="Last day of the remedy", example="2024-11-26")
    ]
    executions: Annotated[list[Execution] | None, Seldom(), Doc(id="Pelaksanaannya", en="When it was carried out")]
    annulled_on: Annotated[Day | None, Doc(id="Dibatalkan", en="Annulled on")]
    annulled_by: Annotated[AnnulledBy | None, Seldom()]
    delivery_document: Annotated[Id | None, InTimeline()]


class Superseded(Sanction, total=False):
    """Versi hukuman yang sudah diganti / A version of the sanction that another superseded."""

    superseded_on: Annotated[Day, Doc(id="Diganti pada", en="Superseded on", example="2025-03-10")]
    superseded_by: SupersededBy


class OpenContest(TypedDict, total=False):
    """Upaya yang sedang diperiksa / The contest that waits for its ruling."""

    kind: Annotated[str, Code("contest_kind"), Doc(id="Jenis upaya", en="Kind", example="appeal")]
    sanction_version: Annotated[
        int, AtLeast(1), Doc(id="Versi hukuman yang digugat", en="The version it is filed against", example=1)
    ]
    filed_on: Annotated[Day, Doc(id="Diajukan", en="Filed on", example="2024-11-18")]
    letter: Letter | None
    late: Annotated[bool, Doc(id="Lewat waktu", en="Filed late", example=False)]
    days_late: Annotated[int, Doc(id="Hari terlambat", en="Days late", example=0)]
    last_day: Annotated[Day | None, Doc(id="Hari terakhir; null untuk gugatan", en="The last day; null for a lawsuit")]
    decide_by: Annotated[
        Day | None, Doc(id="Hari terakhir memutus; null: gugatan", en="The last day to decide; null: a lawsuit")
    ]


class SettledContest(OpenContest, total=False):
    """Upaya yang sudah diputus / A contest that was settled."""

    ruling: Annotated[
        str, Word("rulings"), Doc(id="Amar", en="Ruling (catalogue: reasons/settle; annulled)", example="lightened")
    ]
    decision: Decision
    settled_on: Annotated[Day, Doc(id="Diputus, menurut pencatatannya", en="Settled on", example="2025-03-12")]
