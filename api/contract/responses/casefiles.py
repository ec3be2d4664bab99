"""Answers about casefiles: the file as a party sees it, the receipt, what a transition leads to."""

from __future__ import annotations

from typing import get_args

from api.contract.casebook import people_and_ids
from api.contract.responses import sanctions, violations  # noqa: F401 - they describe parts that the whole refers to
from api.contract.responses.file import Differs, described, not_in_lists, part
from api.contract.responses.grammar import (
    Schema,
    code,
    component,
    day,
    flag,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    page,
    pointer,
    text,
    without,
    word,
)
from api.contract.responses.identity import DUPLICATE, REGISTER
from casefiles import file, flow
from casefiles.catalogue.rows import Purpose
from casefiles.flow import Party, State
from casefiles.flow.days import WARNINGS

CASEFILE_ID, FINDING_ID = people_and_ids.CASEFILE, people_and_ids.FINDING
CASEFILE_HREF = f"/api/v1/casefiles/{CASEFILE_ID}"
PREVENTION_ID = "0193e1f2-6b00-7aa1-8c11-4d5e6f708192"
ZERO_REPORT_ID = people_and_ids.ZERO_REPORT

AGENCY = component(
    "AgencyName",
    object_of(
        "Instansi: kode dan nama / An agency: code and name",
        code=text("Kode instansi / Agency code", "pemkot-padang"),
        name=text("Nama / Name", "Pemerintah Kota Padang"),
    ),
)


def agency(code_: str, name: str) -> Schema:
    """An agency, another one in the examples."""
    return {**object_of("Instansi / Agency", code=text("Kode / Code", code_), name=text("Nama / Name", name))}


def state(doc: str = "Tahap / State") -> Schema:
    """A state of the flow."""
    return word(doc, State, "recommended")


def party(doc: str = "Pihak / Party", example: str = "addressee") -> Schema:
    """A party of the flow."""
    return word(doc, Party, example)


def purpose(example: str = "acknowledge") -> Schema:
    """What a referral is for."""
    return word("Keperluan / Purpose", get_args(Purpose), example)


WARNING = part(
    "Warning",
    file.Warned,
    Differs(
        name="code",
        instead_of=("code",),
        schema=word(
            "Kode / Code",
            (
                "nip-doubtful",
                "register-number-doubtful",
                "late-finding",
                "mandate-ended",
                "mandate-not-begun",
                "anonymous-report",
                "act-before-stage",
                "region-not-listed",
                "region-looks-like-register-place",
                "addressee-not-by-rule",
                "level-outside-annex",
                "long-extension",
                "effect-differs",
                "effect-not-stated",
                "imposer-not-stated",
                "contest-late",
                "block-active",
                "sanction-unfit",
                *sorted(WARNINGS),
            ),
            "nip-doubtful",
        ),
    ),
    Differs(
        name="detail",
        instead_of=("id", "en"),
        schema=text("Penjelasan / What is doubtful", "Angka ke-15 (jenis kelamin) bukan 1 atau 2."),
    ),
)

REFUSAL = component(
    "BlockedBy",
    object_of(
        "Alasan suatu transisi terhalang / Why a transition is blocked",
        code=text("Kode / Code", "mandate-not-in-force"),
        detail=text("Penjelasan / In words", "Mandat pemeriksa tidak berlaku pada tanggal perbuatan ini."),
        pointer=maybe(pointer("Letaknya / Where", "#/occurred_at")),
        resolve_with=many(text("Nama transisi / A transition", "hand-over"), "Jalan keluar / What would mend it"),
    ),
)

AVAILABLE = component(
    "AvailableTransition",
    object_of(
        "Transisi yang boleh dicoba pihak ini sekarang / A transition this party may try now",
        transition=word("Nama / Name", (row.name for row in flow.FLOW if row.routed), "acknowledge"),
        href=href("Alamat / Address", f"{CASEFILE_HREF}/acknowledge"),
        blocked_by=many(
            REFUSAL, "Semua penghalang; kosong berarti bebas / All that blocks it; empty: free", example=[]
        ),
    ),
)

TURN = part(
    "Turn",
    file.Turn,
    Differs(name="agency", instead_of=("agency",), schema=AGENCY),
    Differs(name="overdue", after="due_at", schema=flag("Lewat tenggat / Overdue", example=False)),
    Differs(
        name="explanation",
        after="overdue",
        schema=optional(
            text(
                "Mengapa sampai hari itu; hanya pada perkara seperti adanya sekarang / Why until that day; only with a "
                "single casefile as it stands now",
                "2 hari kerja sejak 21 Oktober 2024 (hari itu tidak dihitung); Sabtu dan Minggu dilewati; berakhir "
                "pada akhir 23 Oktober 2024. Kalender 2026.2.",
            )
        ),
    ),
)

REPORTER = component(
    "ReporterRead",
    object_of(
        "Pelapor; hanya bagi pengirim dan pemeriksa / The reporter; for submitter and examiner only",
        kind=code("Jenis / Kind", "reporter_kind", "voter"),
        name=maybe(text("Nama / Name", "Pelapor Contoh")),
        address=maybe(text("Alamat / Address", "Jalan Contoh 1")),
        phone=maybe(text("Telepon / Phone", "0800000000")),
    ),
)

WITNESS = component(
    "WitnessRead",
    object_of(
        "Saksi; hanya bagi pengirim dan pemeriksa / A witness; for submitter and examiner only",
        name=text("Nama / Name", "Saksi Contoh"),
        address=maybe(text("Alamat / Address", "Jalan Contoh 2")),
        phone=maybe(text("Telepon / Phone", "0800000001")),
    ),
)

SUBJECT = part(
    "SubjectRead",
    file.Subject,
    Differs(name="workplace", instead_of=("workplace",), schema=maybe(AGENCY, shown=False)),
)

RECOMMENDATION = part("RecommendationRead", file.Recommendation)

REACHED = part("LadderReached", file.Reached, Differs(name="agency", instead_of=("agency",), schema=AGENCY))

SERVED = part("ServedRead", file.Served, Differs(name="agency", instead_of=("agency",), schema=AGENCY))

EXTENSION = part("ExtensionRead", file.Extension, Differs(name="by", instead_of=("by",), schema=AGENCY))

CORRECTED = part("CorrectedRead", file.Corrected, Differs(name="by", instead_of=("by",), schema=AGENCY))

HANDED_OVER = part(
    "HandedOverRead",
    file.HandedOver,
    Differs(name="from_agency", instead_of=("from_agency",), schema=agency("kasn", "Komisi Aparatur Sipil Negara")),
    Differs(name="to_agency", instead_of=("to_agency",), schema=AGENCY),
)

MEASURE = part(
    "MeasureRead",
    file.Measure,
    Differs(name="by", instead_of=("by",), schema=agency("kemendagri", "Kementerian Dalam Negeri")),
    Differs(name="addressed_to", instead_of=("addressed_to",), schema=AGENCY),
)

BLOCK = part("BlockRead", file.Block)

ATTACHED = part(
    "AttachedDocument",
    file.Attached,
    Differs(name="owner", instead_of=("owner",), schema=maybe(agency("bawaslu-kota-padang", "Bawaslu Kota Padang"))),
)

PRIOR_PREVENTION = component(
    "PriorPrevention",
    object_of(
        "Pencegahan terdahulu / An earlier prevention",
        id=ident("Id", PREVENTION_ID),
        kind=code("Jenis / Kind", "prevention_kind", "verbal_warning"),
        held_on=day("Tanggal / Day", "2024-08-12"),
        office=agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
        href=href("Alamat / Address", f"/api/v1/preventions/{PREVENTION_ID}"),
    ),
)

FINDING_OF_CASEFILE = described(
    file.Finding,
    Differs(name="id", instead_of=("id",), schema=ident("Id", FINDING_ID)),
    Differs(name="register", after="register_number", schema=maybe(REGISTER)),
    Differs(
        name="origin_office", instead_of=("origin_office",), schema=agency("bawaslu-kota-padang", "Bawaslu Kota Padang")
    ),
    Differs(name="reporter", after="registered_on", schema=maybe(REPORTER, shown=False), in_lists=False),
    Differs(name="witnesses", after="reporter", schema=many(WITNESS, example=[]), in_lists=False),
    Differs(
        name="href",
        after="witnesses",
        schema=maybe(
            href("Null bagi yang tidak melihat temuan / Null for who may not see it", f"/api/v1/findings/{FINDING_ID}")
        ),
    ),
)

CASEFILE = part(
    "Casefile",
    file.CaseFile,
    Differs(name="id", schema=ident("Id", CASEFILE_ID)),
    Differs(name="finding", instead_of=("finding",), schema=FINDING_OF_CASEFILE),
    Differs(name="submitter", instead_of=("submitter",), schema=agency("bawaslu-kota-padang", "Bawaslu Kota Padang")),
    Differs(name="examiner", instead_of=("examiner",), schema=agency("bkn", "Badan Kepegawaian Negara")),
    Differs(name="employer", instead_of=("employer",), schema=maybe(AGENCY)),
    Differs(name="addressee", instead_of=("addressee",), schema=maybe(AGENCY)),
    Differs(
        name="suspected_duplicates",
        after="documents",
        schema=maybe(
            many(
                DUPLICATE,
                "Mungkin perkara yang sama dan belum dinilai (digabungkan, atau disebut dalam not_duplicate_of pada "
                "accept); hanya bagi pemeriksa dan auditor, bagi pihak lain null / May be the same matter and is not "
                "judged yet (merged, or named in accept's not_duplicate_of); for examiner and auditors, else null",
                example=[],
            )
        ),
        in_lists=False,
    ),
    Differs(
        name="available",
        after="suspected_duplicates",
        schema=many(AVAILABLE, "Yang boleh dicoba pihak ini sekarang / What this party may try now"),
        in_lists=False,
    ),
    Differs(
        name="withheld",
        after="warnings",
        schema=many(
            pointer("Pointer", "#/finding/reporter"),
            "Yang tidak diperlihatkan / What is not shown",
            example=["#/finding/reporter"],
        ),
        in_lists=False,
    ),
    Differs(name="created_at", after="withheld", schema=instant("Dibuat / Created")),
    Differs(name="updated_at", after="created_at", schema=instant("Diubah / Updated")),
    Differs(
        name="prior_preventions",
        after="updated_at",
        schema=maybe(
            many(
                PRIOR_PREVENTION,
                "Pencegahan yang menyebut terlapor sebelum perbuatannya; hanya bagi pemeriksa dan auditor / What was "
                "done to prevent it and names the officer, before the act; for examiner and auditors only",
            )
        ),
        in_lists=False,
    ),
    Differs(
        name="opened",
        after="prior_preventions",
        schema=many(
            object_of(
                "Pembacaan pertama / A first reading",
                agency=agency("bkn", "Badan Kepegawaian Negara"),
                version=number("Versi yang dibaca / The version that was read", 9, least=1),
                at=instant("Saat / When"),
            ),
            "Instansi yang mendapat giliran telah membuka versi ini; tidak memulai tenggat / The agency whose turn it "
            "was has opened that version; it starts no clock",
            example=[],
        ),
        in_lists=False,
    ),
    Differs(
        name="as_of",
        after="opened",
        schema=maybe(
            instant(
                "Berkas sebagaimana tercatat pada saat ini; null: sebagaimana adanya sekarang / The file as recorded "
                "at this instant; null: as it stands now"
            ),
            shown=False,
        ),
        in_lists=False,
    ),
    Differs(
        name="former",
        after="as_of",
        schema=flag(
            "Bekas pihak: membaca berkas sebagaimana adanya ketika ia keluar / A former party: reads the file as it "
            "stood when it left",
            example=False,
        ),
        in_lists=False,
    ),
)


def _listed() -> Schema:
    item = without(
        CASEFILE,
        *not_in_lists(file.CaseFile),
        doc="Perkara dalam daftar: tanpa NIP, dokumen, dan pertimbangan / A casefile in a list: no NIP, documents, "
        "reasoning",
    )
    item["properties"]["subject"] = without(
        SUBJECT, *not_in_lists(file.Subject), doc="Terlapor, tanpa NIP / The officer, without NIP"
    )
    item["properties"]["finding"] = without(
        FINDING_OF_CASEFILE,
        *not_in_lists(file.Finding),
        doc="Temuan asalnya, tanpa pelapor dan saksi / The finding it came from, without reporter and witnesses",
    )
    item["properties"]["recommendation"] = maybe(
        without(RECOMMENDATION, *not_in_lists(file.Recommendation), doc="Rekomendasi / Recommendation")
    )
    item["properties"]["closing_reason"] = maybe(
        text(
            "Kode alasan penutupan; daftarnya menurut outcome / Code of the reason it was closed for; its list "
            "depends on the outcome",
            "retired",
        ),
        shown=False,
    )
    item["properties"]["href"] = href("Alamat / Address", CASEFILE_HREF)
    item["required"] += ["closing_reason", "href"]
    return item


CASEFILE_ITEM = component("CasefileItem", _listed())
page("CasefilePage", CASEFILE_ITEM, "Halaman perkara, terbaru dahulu / A page of casefiles, newest first")
page(
    "CasefileSearchPage",
    CASEFILE_ITEM,
    "Halaman hasil pencarian; kursornya dikirim dalam badan / A page of what was found; the cursor goes into the body",
    counted=False,
    linked=False,
)
