"""Answers about sanctions: the decree in force, its earlier versions, and what was filed against them."""

from __future__ import annotations

from collections.abc import Iterable

from api.contract.responses.grammar import (
    Schema,
    code,
    component,
    day,
    flag,
    ident,
    many,
    maybe,
    number,
    optional,
    resolved,
    text,
    thing,
    word,
)
from casefiles.catalogue.book import load as load_catalogue

LETTER = component(
    "LetterRead",
    thing(
        "Surat / A letter",
        number=maybe(text("Nomor; null: surat tanpa nomor / Number; null: it bears none", "R-1194/2024")),
        date=day("Tanggal / Date", "2024-10-21"),
        document=maybe(ident("Dokumen / Document"), shown=False),
    ),
)

REASON = thing(
    "Alasan / Reason",
    code=text("Kode dari /catalogue/reasons / A code of /catalogue/reasons", "mitigating"),
    text=optional(maybe(text("Penjelasan / In words", "Belum pernah dihukum."))),
)

DECISION = thing(
    "Keputusan / The decree",
    number=text("Nomor / Number", "SK.800/12/2024"),
    date=day("Tanggal / Date", "2024-11-04"),
    legal_basis=text("Dasar hukum / Legal basis", "PP 94/2021 pasal 14"),
    document=ident("Dokumen / Document"),
)

IMPOSITION = thing(
    "Keputusan yang menjatuhkannya / The decree that imposed it",
    **DECISION["properties"],
    imposed_by=optional(
        maybe(
            code(
                "Pejabat yang menjatuhkan; null: tidak disebut / Who imposed it; null: not said",
                "imposed_by",
                "personnel_authority",
            )
        )
    ),
)

EXAMINATION = thing(
    "Pemeriksaan / How he was heard",
    by=code("Pemeriksa / By", "examination_by", "team"),
    summoned_on=many(day("Tanggal / Day", "2024-10-25"), "Panggilan / Summonses"),
    examined_on=maybe(day("Diperiksa / Examined on", "2024-10-30")),
    attended=flag("Hadir / Attended", example=True),
)

BY_CONTEST = thing(
    "Putusan yang menetapkannya / The ruling that ordered it",
    kind=code("Jenis upaya / Kind of contest", "contest_kind", "appeal"),
    ruling=code("Amar / Ruling", "reasons/settle", "lightened"),
)

BOUND_BY = thing(
    "Putusan yang mengikat hukuman ini / The ruling that binds this sanction",
    kind=code("Jenis upaya / Kind of contest", "contest_kind", "appeal"),
    ruling=word(
        "Amar / Ruling (catalogue: reasons/settle; annulled)",
        (*load_catalogue().codes("reasons/settle"), "annulled"),
        "upheld",
    ),
    decision=DECISION,
)

EXECUTION = thing(
    "Satu pelaksanaan / One time it was carried out",
    executed_on=day("Tanggal / Day", "2024-12-02"),
    form=maybe(code("Bentuk pernyataan moral / Form of a moral statement", "moral_form", "ceremony")),
    attended=flag("Pegawai hadir / The officer was there", example=True),
    place=maybe(text("Tempat / Place", "Halaman balai kota")),
    proof=ident("Bukti / Proof"),
)


def by_decision(doc: str, kinds: Iterable[str], example: str) -> Schema:
    """What put an end to a version of the sanction: which kind of act, by which decree."""
    return thing(doc, kind=word("Karena / By", kinds, example), decision=DECISION)


CONTEST_KINDS = ("objection", "appeal", "lawsuit")

SANCTION = component(
    "SanctionRead",
    thing(
        "Hukuman yang berlaku / The sanction in force",
        version=number("Versi / Version", 1, least=1),
        sanction=code("Hukuman / Sanction", "sanctions", "moral_open"),
        comparison=code("Dibanding rekomendasi / Against the recommendation", "comparison", "different_kind"),
        reason=maybe(REASON),
        ruling=maybe(BY_CONTEST, shown=False),
        bound_by=maybe(BOUND_BY, shown=False),
        decision=IMPOSITION,
        examination=maybe(EXAMINATION),
        delivered_on=maybe(day("Disampaikan / Delivered on", "2024-11-06")),
        effective_on=maybe(day("Berlaku sejak, menurut aturannya / Effective on, by its rule", "2024-11-28")),
        effective_stated=maybe(day("TMT menurut keputusan / As the decree states", "2024-11-28"), shown=False),
        remedy_until=maybe(day("Hari terakhir upaya administratif / Last day of the remedy", "2024-11-26")),
        executions=maybe(many(EXECUTION, "Pelaksanaannya / When it was carried out"), shown=False),
        annulled_on=maybe(day("Dibatalkan / Annulled on", "2025-03-10"), shown=False),
        annulled_by=maybe(by_decision("Pembatalannya / What annulled it", CONTEST_KINDS, "appeal"), shown=False),
    ),
)

SUPERSEDED = component(
    "SupersededSanction",
    thing(
        "Versi hukuman yang sudah diganti / A version of the sanction that another superseded",
        **resolved(SANCTION)["properties"],
        superseded_on=day("Diganti pada / Superseded on", "2025-03-10"),
        superseded_by=by_decision("Yang menggantinya / By what", ("correction", *CONTEST_KINDS), "appeal"),
    ),
)

CONTEST_SAID = {
    "kind": code("Jenis upaya / Kind", "contest_kind", "appeal"),
    "sanction_version": number("Versi hukuman yang digugat / The version it is filed against", 1, least=1),
    "filed_on": day("Diajukan / Filed on", "2024-11-18"),
    "letter": maybe(LETTER),
    "late": flag("Lewat waktu / Filed late", example=False),
    "days_late": number("Hari terlambat / Days late", 0),
    "last_day": maybe(
        day("Hari terakhir; null untuk gugatan / The last day; null for a lawsuit", "2024-11-29"), shown=False
    ),
    "decide_by": maybe(
        day("Hari terakhir memutus; null: gugatan / The last day to decide; null: a lawsuit", "2025-03-03"),
        shown=False,
    ),
}

OPEN_CONTEST = component(
    "Contest", thing("Upaya yang sedang diperiksa / The contest that waits for its ruling", **CONTEST_SAID)
)

SETTLED_CONTEST = component(
    "SettledContest",
    thing(
        "Upaya yang sudah diputus / A contest that was settled",
        **CONTEST_SAID,
        ruling=word(
            "Amar / Ruling (catalogue: reasons/settle; annulled)",
            (*load_catalogue().codes("reasons/settle"), "annulled"),
            "lightened",
        ),
        decision=DECISION,
        settled_on=day("Diputus, menurut pencatatannya / Settled on", "2025-03-12"),
    ),
)
