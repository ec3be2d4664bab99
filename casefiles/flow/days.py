"""Which day of a casefile may follow which: the kinds of days, their order, and why; one table for every act.

An order that is broken is impossible, and refused, unless it `warns`: then it is odd, and flagged. An order holds
through whatever lies between. `chronology` judges by this table, `dates` says which field of which body tells what.
PKS Bawaslu-KASN 2023; UU 7/2017 art. 454; PP 94/2021 art. 26-39; PP 79/2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from casefiles.file import Warned

BACKWARDS: Final = "dates-run-backwards"
AHEAD: Final = "date-in-the-future"
# Doubts about the day from which a remedy is counted: `close` respects them.
DELIVERY_DOUBTFUL: Final = "delivery-day-doubtful"
DECISION_DOUBTFUL: Final = "decision-day-doubtful"
DIFFERS: Final = "document-date-differs"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of day: what people call it, and where the file holds it, if it does.

    `ahead`: it may lie ahead. `certain`: the day of an act in this register; no correction moves it.
    """

    id: str
    en: str
    held: str = ""
    ahead: bool = False
    certain: bool = False


KINDS: Mapping[str, Kind] = {
    "act": Kind("hari perbuatan", "the day of the act", "#/violations/*/act_date"),
    "act_end": Kind("hari terakhir perbuatan", "the last day of the act", "#/violations/*/act_until"),
    "known": Kind("hari diketahui", "the day it became known", "#/finding/known_on"),
    "registered": Kind("hari registrasi", "the day of registration", "#/finding/registered_on"),
    "clarified": Kind("hari klarifikasi", "the day of the clarification", "#/finding/clarified_on"),
    "assessed": Kind("tanggal kajian", "the date of the assessment", "#/finding/assessed_on"),
    "forwarded": Kind("hari penerusan", "the day it was forwarded", "#/finding/forwarded_on"),
    "arrived": Kind("hari temuan sampai", "the day the finding arrived", "#/finding/arrived_on", certain=True),
    "verified": Kind("hari verifikasi", "the day of the verification", "#/verification/held_on"),
    "accepted": Kind("hari perkara diterima", "the day the case was accepted", "#/accepted_on", certain=True),
    "outcome_letter": Kind("tanggal surat hasil", "the date of the outcome letter"),
    "recommended": Kind(
        "tanggal surat rekomendasi", "the date of the recommendation letter", "#/recommendation/letter/date"
    ),
    "revised": Kind("tanggal surat revisi rekomendasi", "the date of the letter that revises the recommendation"),
    "sent": Kind("hari rekomendasi dikirim", "the day the recommendation was sent"),
    "received": Kind("hari rekomendasi diterima", "the day the recommendation was received", "#/received_on"),
    "served": Kind("hari rekomendasi disampaikan", "the day the recommendation was served"),
    "redirected": Kind("tanggal surat pelimpahan", "the date of the letter that redirects it"),
    "prior_decision": Kind("tanggal keputusan terdahulu", "the date of the earlier decree"),
    "noted": Kind("tanggal catatan", "the date of the note"),
    "disputed": Kind("tanggal surat sanggahan", "the date of the letter that disputes it"),
    "answered": Kind("tanggal surat jawaban", "the date of the answer"),
    "summoned": Kind("hari panggilan", "the day of the summons", "#/sanction/examination/summoned_on/*"),
    "heard": Kind("hari pemeriksaan", "the day of the hearing", "#/sanction/examination/examined_on"),
    "decided": Kind("tanggal keputusan", "the date of the decree", "#/sanction/decision/date"),
    "delivered": Kind("hari penyampaian", "the day of delivery", "#/sanction/delivered_on"),
    "effective": Kind(
        "TMT menurut keputusan", "the day of effect as stated", "#/sanction/effective_stated", ahead=True
    ),
    "carried_out": Kind("hari pelaksanaan", "the day it was carried out", "#/sanction/executions/*/executed_on"),
    "demanded": Kind("tanggal surat permintaan perbaikan", "the date of the letter that asks for a correction"),
    "contest_letter": Kind("tanggal surat keberatan, banding, atau gugatan", "the date of the letter that contests it"),
    "objected": Kind("hari keberatan diajukan", "the day the objection was filed"),
    "appealed": Kind("hari banding diajukan", "the day the appeal was filed"),
    "sued": Kind("hari gugatan diajukan", "the day the lawsuit was filed"),
    "earlier_ruling": Kind("tanggal putusan sebelumnya", "the date of the ruling before", "#/contests/*/decision/date"),
    "ruled": Kind("tanggal putusan", "the date of the ruling"),
    "ruling_delivered": Kind("hari putusan disampaikan", "the day the ruling was delivered"),
    "waived": Kind("tanggal pernyataan pelepasan", "the day of the waiver", "#/closing/contest_waived/on"),
    "closed": Kind("hari perkara ditutup", "the day the case was closed", "#/closed_on", certain=True),
    "reopened": Kind("tanggal surat pembukaan kembali", "the date of the letter that reopens it"),
    "moved": Kind("TMT pindah", "the day the officer moved"),
    "never_there": Kind("TMT pada instansi yang benar", "the day the officer came to the other agency"),
    "reassigned": Kind("tanggal surat perpindahan kantor", "the date of the letter that reassigns it"),
    "office_letter": Kind("tanggal surat", "the date of the letter"),
    "blocked": Kind("tanggal surat pemblokiran", "the date of the letter that blocks the data", "#/block/letter/date"),
    "unblocked": Kind("tanggal surat pembukaan blokir", "the date of the letter that lifts the block"),
    "merged": Kind("hari penggabungan", "the day of the merge", "#/merged/on", certain=True),
    "parted": Kind("tanggal surat pemisahan", "the date of the letter that parts them"),
    "protocol": Kind("tanggal berita acara", "the date of the protocol"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """A day that may not lie before another, and why. `warns`: odd, not impossible.

    `same_item`: both belong to one item of a list, as the days of one violation do.
    """

    earlier: str
    later: str
    id: str
    en: str
    code: str = BACKWARDS
    warns: bool = False
    same_item: bool = False


def _letters_after(earlier: str, *later: str) -> tuple[Order, ...]:
    return tuple(
        Order(earlier, one, "surat itu menyangkut apa yang terjadi lebih dahulu", "the letter is about what came first")
        for one in later
    )


_HELD_FIRST = ("keputusan dibuat sesudah pegawai dipanggil dan diperiksa", "a decree follows summons and hearing")
_PAPER = ("keputusan yang belum ada tidak dapat disampaikan", "what does not exist yet cannot be delivered")
_FILED = ("yang digugat harus sudah ada dan sampai", "what it is filed against is there first, and has arrived")
_RULED = ("putusan menjawab yang sudah diajukan", "a ruling answers what was filed")
_SENT = ("surat tidak sampai sebelum dibuat dan dikirim", "nothing arrives before it was written and sent")
_OF_THE_ACT = ("tidak ada apa pun dalam perkara sebelum perbuatannya", "nothing of a matter lies before its act")
_WRITTEN = ("surat diajukan sesudah ditulis", "a letter is filed once it is written")

ORDERS: tuple[Order, ...] = (
    # --- the finding
    Order("act", "act_end", "perbuatan berakhir sesudah dimulai", "an act ends after it began", same_item=True),
    Order("act", "known", "perbuatan diketahui sesudah terjadi", "an act is known once it happened"),
    Order("known", "registered", "yang diregistrasi sudah diketahui", "what is registered is known"),
    Order("known", "clarified", "yang diklarifikasi sudah diketahui", "what is clarified is known"),
    Order("known", "assessed", "yang dikaji sudah diketahui", "what is assessed is known"),
    Order("registered", "forwarded", "yang diteruskan sudah diregistrasi", "what is forwarded is registered"),
    Order("clarified", "forwarded", "klarifikasi mendahului penerusan", "it is clarified before it is forwarded"),
    Order("assessed", "forwarded", "kajian ikut diteruskan", "the assessment is forwarded along"),
    Order(
        "clarified", "assessed", "kajian biasanya ditulis sesudah klarifikasi",
        "an assessment is written after the clarification as a rule", code="assessed-before-clarified", warns=True,
    ),
    Order("forwarded", "arrived", "temuan sampai sesudah diteruskan", "a finding arrives after it was forwarded"),
    # --- the examination
    Order("forwarded", "verified", "yang diverifikasi sudah diteruskan", "what is verified was forwarded"),
    Order(
        "arrived", "verified", "verifikasi tercatat sebelum temuan sampai di sini",
        "it was verified before the finding arrived here", code="verified-before-arrival", warns=True,
    ),
    Order("verified", "accepted", "verifikasi mendahului penerimaan", "it is verified before it is accepted"),
    Order("forwarded", "accepted", "yang diterima sudah diteruskan", "what is accepted was forwarded"),
    *_letters_after("forwarded", "redirected", "office_letter", "blocked"),
    Order("accepted", "outcome_letter", "hasil mengikuti pemeriksaan", "an outcome follows the examination"),
    Order("accepted", "recommended", "rekomendasi mengikuti pemeriksaan", "a recommendation follows the examination"),
    Order("accepted", "revised", "rekomendasi mengikuti pemeriksaan", "a recommendation follows the examination"),
    # --- the recommendation
    Order("recommended", "received", *_SENT, code="received-before-sent"),
    Order("sent", "received", *_SENT, code="received-before-sent"),
    Order("recommended", "served", *_SENT, code="served-before-sent"),
    Order("sent", "served", *_SENT, code="served-before-sent"),
    *_letters_after("recommended", "disputed", "answered"),
    # --- the sanction
    Order("act", "summoned", *_OF_THE_ACT),
    Order("act", "heard", *_OF_THE_ACT),
    Order("act", "decided", *_OF_THE_ACT),
    Order("act", "effective", *_OF_THE_ACT),
    Order("summoned", "heard", "pegawai diperiksa sesudah dipanggil", "the officer is heard after the summons"),
    Order("summoned", "decided", *_HELD_FIRST),
    Order("heard", "decided", *_HELD_FIRST),
    *(
        Order(
            letter, "decided", "keputusan mendahului rekomendasi yang ditindaklanjuti",
            "the decree is older than the recommendation that it follows", code="decided-before-asked", warns=True,
        )
        for letter in ("recommended", "revised")
    ),
    Order(
        "received", "decided", "keputusan mendahului diterimanya rekomendasi",
        "the decree is older than the receipt of the recommendation", code="decided-before-asked", warns=True,
    ),
    Order("decided", "delivered", *_PAPER, code="delivered-before-decided"),
    Order(
        "decided", "effective", "TMT mendahului keputusannya", "it takes effect before its decree",
        code="effect-too-early", warns=True,
    ),
    Order(
        "delivered", "effective", "TMT mendahului penyampaiannya", "it takes effect before it was delivered",
        code="effect-too-early", warns=True,
    ),
    Order(
        "decided", "carried_out", "yang dilaksanakan sudah diputus", "what is carried out was decided",
        code="executed-before-decided",
    ),
    Order(
        "delivered", "carried_out", "hukuman dilaksanakan sebelum keputusan tercatat sampai",
        "it was carried out before the decree is recorded as delivered", code=DELIVERY_DOUBTFUL, warns=True,
    ),
    *_letters_after("decided", "demanded"),
    # --- what may be filed against it
    Order("delivered", "objected", *_FILED, code="filed-too-early"),
    Order("decided", "appealed", *_FILED, code="filed-too-early"),
    Order(
        "delivered", "appealed", "banding diajukan sebelum keputusan tercatat sampai",
        "it was appealed before the decree is recorded as delivered", code=DELIVERY_DOUBTFUL, warns=True,
    ),
    Order("decided", "sued", *_FILED, code="filed-too-early"),
    Order("earlier_ruling", "sued", *_FILED, code="filed-too-early"),
    *_letters_after("decided", "contest_letter"),
    *(Order("contest_letter", filed, *_WRITTEN) for filed in ("objected", "appealed", "sued")),
    *(Order(filed, "ruled", *_RULED, code="decided-before-filed") for filed in ("objected", "appealed", "sued")),
    Order("ruled", "ruling_delivered", *_PAPER, code="delivered-before-decided"),
    Order(
        "delivered", "waived", "orang melepaskan upaya terhadap keputusan yang sudah diterimanya",
        "a remedy is given up against a decree that has arrived", code="waived-before-delivered",
    ),
    # --- whatever else happens to a file
    Order("act", "prior_decision", *_OF_THE_ACT),
    Order("act", "noted", *_OF_THE_ACT),
    Order(
        "act", "moved", "pegawai pindah sesudah perbuatan; bila sejak semula ia pegawai instansi lain, pakai alasan "
        "misaddressed",
        "officers move after the act; one who was the other agency's all along is transferred as misaddressed",
    ),
    Order("known", "reassigned", *_OF_THE_ACT),
    Order("blocked", "unblocked", "yang dibuka sudah diblokir", "what is lifted was blocked"),
    Order("forwarded", "merged", "yang digabungkan sudah diteruskan", "what is merged was forwarded"),
    Order("merged", "parted", "yang dipisahkan sudah digabungkan", "what is parted was merged"),
    Order("forwarded", "closed", "yang ditutup sudah diteruskan", "what is closed was forwarded"),
    Order("closed", "reopened", "yang dibuka kembali sudah ditutup", "what is reopened was closed"),
)  # fmt: skip

# Where the file holds the day of a paper beside the paper itself, and what it means that they differ.
PAPERS: tuple[tuple[str, str, str, str], ...] = (
    ("recommended", "#/recommendation/letter/date", "#/recommendation/letter/document", DIFFERS),
    ("decided", "#/sanction/decision/date", "#/sanction/decision/document", DECISION_DOUBTFUL),
    ("delivered", "#/sanction/delivered_on", "#/sanction/delivery_document", DELIVERY_DOUBTFUL),
    ("contest_letter", "#/contest/letter/date", "#/contest/letter/document", DIFFERS),
    ("blocked", "#/block/letter/date", "#/block/letter/document", DIFFERS),
)

REMEDY_DOUBTS = frozenset({DELIVERY_DOUBTFUL, DECISION_DOUBTFUL})
WARNINGS = frozenset({BACKWARDS, *(order.code for order in ORDERS if order.warns), *(code for *_, code in PAPERS)})


def doubts_a_remedy(warning: Warned) -> bool:
    """Whether what is flagged is the day from which a remedy is counted."""
    counted_from = {KINDS["decided"].held, KINDS["delivered"].held}
    return warning["code"] in REMEDY_DOUBTS or (warning["code"] == BACKWARDS and warning["pointer"] in counted_from)


# What has to hold, by the code of its refusal.
SENTENCES: Mapping[str, str] = {
    BACKWARDS: "Every day follows the days that lead to it",
    "received-before-sent": "Receipt lies not before the letter and the day it was sent",
    "served-before-sent": "Delivery lies not before the letter and the day it was sent",
    "delivered-before-decided": "Delivery lies not before the decree or ruling",
    "executed-before-decided": "Nothing is carried out before it was decided",
    "filed-too-early": "Nothing is filed before what it is filed against",
    "decided-before-filed": "Nothing is ruled before it was filed",
    "waived-before-delivered": "No remedy is given up before the decree was delivered",
}
