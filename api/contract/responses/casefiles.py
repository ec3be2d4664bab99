"""Answers about casefiles: the file as a party sees it, the receipt, what a transition leads to."""

from __future__ import annotations

from typing import get_args

from api.contract.casebook import bodies
from api.contract.responses.grammar import (
    Schema,
    code,
    component,
    day,
    digest,
    flag,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    optional,
    page,
    pointer,
    text,
    thing,
    without,
    word,
)
from api.contract.responses.identity import DUPLICATE, REGISTER
from api.contract.responses.sanctions import (
    DECISION,
    LETTER,
    OPEN_CONTEST,
    REASON,
    SANCTION,
    SETTLED_CONTEST,
    SUPERSEDED,
)
from api.contract.responses.violations import STAGE, VIOLATION
from casefiles import flow
from casefiles.catalogue.rows import Purpose
from casefiles.flow import OutcomeName, Party, State
from casefiles.flow.corrections import FactName
from casefiles.flow.days import WARNINGS

CASEFILE_ID, FINDING_ID = bodies.CASEFILE, bodies.FINDING
CASEFILE_HREF = f"/api/v1/casefiles/{CASEFILE_ID}"
PREVENTION_ID = "0193e1f2-6b00-7aa1-8c11-4d5e6f708192"
ZERO_REPORT_ID = "0193e1f2-6c00-7bb2-9d22-5e6f708192a3"

AGENCY = component(
    "AgencyName",
    thing(
        "Instansi: kode dan nama / An agency: code and name",
        code=text("Kode instansi / Agency code", "pemkot-padang"),
        name=text("Nama / Name", "Pemerintah Kota Padang"),
    ),
)


def agency(code_: str, name: str) -> Schema:
    """An agency, another one in the examples."""
    return {**thing("Instansi / Agency", code=text("Kode / Code", code_), name=text("Nama / Name", name))}


def state(doc: str = "Tahap / State") -> Schema:
    """A state of the flow."""
    return word(doc, State, "recommended")


def party(doc: str = "Pihak / Party", example: str = "addressee") -> Schema:
    """A party of the flow."""
    return word(doc, Party, example)


def purpose(example: str = "acknowledge") -> Schema:
    """What a referral is for."""
    return word("Keperluan / Purpose", get_args(Purpose), example)


WARNING = component(
    "Warning",
    thing(
        "Peringatan; tidak menolak apa pun / A warning; it refuses nothing",
        code=word(
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
        pointer=pointer("Letaknya / Where", "#/subject/nip"),
        detail=text("Penjelasan / What is doubtful", "Angka ke-15 (jenis kelamin) bukan 1 atau 2."),
    ),
)

REFUSAL = component(
    "BlockedBy",
    thing(
        "Alasan suatu transisi terhalang / Why a transition is blocked",
        code=text("Kode / Code", "mandate-not-in-force"),
        detail=text("Penjelasan / In words", "Mandat pemeriksa tidak berlaku pada tanggal perbuatan ini."),
        pointer=maybe(pointer("Letaknya / Where", "#/occurred_at")),
        resolve_with=many(text("Nama transisi / A transition", "hand-over"), "Jalan keluar / What would mend it"),
    ),
)

AVAILABLE = component(
    "AvailableTransition",
    thing(
        "Transisi yang boleh dicoba pihak ini sekarang / A transition this party may try now",
        transition=word("Nama / Name", (row.name for row in flow.FLOW if row.routed), "acknowledge"),
        href=href("Alamat / Address", f"{CASEFILE_HREF}/acknowledge"),
        blocked_by=many(
            REFUSAL, "Semua penghalang; kosong berarti bebas / All that blocks it; empty: free", example=[]
        ),
    ),
)

TURN = component(
    "Turn",
    thing(
        "Giliran siapa, untuk apa, sampai kapan / Whose turn, for what, until when",
        party=party(),
        agency=AGENCY,
        purpose=purpose(),
        referral=ident("Rujukan yang terbuka / The open referral", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a99"),
        since=instant("Sejak / Since", "2024-10-21T03:00:00.000Z"),
        due_on=day("Tenggat: tanggal setempat, untuk orang / Due: local date, for people", "2024-10-23"),
        original_due_on=day("Tenggat semula, sebelum dipindahkan / As it was first due", "2024-10-23"),
        due_at=instant("Saat tenggat lewat (eksklusif) / The instant it is over", "2024-10-23T17:00:00.000Z"),
        overdue=flag("Lewat tenggat / Overdue", example=False),
        explanation=optional(
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
    thing(
        "Pelapor; hanya bagi pengirim dan pemeriksa / The reporter; for submitter and examiner only",
        kind=code("Jenis / Kind", "reporter_kind", "voter"),
        name=maybe(text("Nama / Name", "Pelapor Contoh")),
        address=maybe(text("Alamat / Address", "Jalan Contoh 1")),
        phone=maybe(text("Telepon / Phone", "0800000000")),
    ),
)

WITNESS = component(
    "WitnessRead",
    thing(
        "Saksi; hanya bagi pengirim dan pemeriksa / A witness; for submitter and examiner only",
        name=text("Nama / Name", "Saksi Contoh"),
        address=maybe(text("Alamat / Address", "Jalan Contoh 2")),
        phone=maybe(text("Telepon / Phone", "0800000001")),
    ),
)

SUBJECT = component(
    "SubjectRead",
    thing(
        "Terlapor / The officer",
        identified=flag("NIP, nama, instansi dan jenis ASN diketahui / Known", example=True),
        identity_source=maybe(code("Sumber identitas / Where it is from", "identity_source", "agency_records")),
        nip=maybe(text("NIP", "198501012010011001")),
        former_nips=many(
            text("NIP", "199003152019211004"),
            "NIP sebelumnya, mis. NI PPPK dari kontrak terdahulu / Earlier ones, as of a former contract",
            example=[],
        ),
        name=maybe(text("Nama / Name", "Contoh Nama")),
        employment_kind=maybe(code("Jenis ASN / Employment", "employment_kind", "pns")),
        position_kind=maybe(code("Jenis jabatan / Kind of position", "position_kind", "functional_expert")),
        position_roles=many(
            code("Peran jabatan / Role", "position_roles", "teacher"), "Peran / Roles", example=["teacher"]
        ),
        position=maybe(text("Jabatan / Position", "Guru")),
        grade=maybe(text("Golongan / Grade", "III/d")),
        work_unit=maybe(text("Unit kerja / Work unit", "SMP Negeri Contoh")),
        workplace=maybe(text("Kode instansi tempat bertugas / Code of where he serves", "pemkot-padang"), shown=False),
        violations=many(number("Nomor / Number", 1), "Nomor pelanggarannya / Numbers of his violations"),
    ),
)

RECOMMENDATION = component(
    "RecommendationRead",
    thing(
        "Rekomendasi yang berlaku / The recommendation in force",
        version=number("Versi / Version", 1, least=1),
        letter=LETTER,
        violations=many(number("Nomor / Number", 1), "Yang terbukti / The confirmed ones"),
        sanction=code(
            "Hukuman: kode atau tingkat / Sanction: code or level", "sanctions-and-levels", "discipline_medium"
        ),
        reasoning=text("Pertimbangan / Reasoning", "Terbukti menurut bukti yang diperiksa."),
    ),
)

SERVED = thing(
    "Rekomendasi disampaikan dengan bukti / The recommendation was served, with proof",
    agency=text("Kode instansi penerima / On which agency", "pemkot-padang"),
    delivered_on=day("Disampaikan / Delivered on", "2024-10-25"),
    method=code("Cara / Method", "delivery_method", "courier"),
    proof=ident("Bukti / Proof"),
)

EXTENSION = thing(
    "Waktu yang diberi pemeriksa / Time that the examiner granted",
    purpose=purpose("follow_up"),
    until=day("Tenggat baru / New due day", "2024-11-15"),
    days=number("Hari kalender / Calendar days", 14, least=1),
    reason=thing(
        "Alasan / Reason",
        code=code("Kode / Code", "reasons/extend", "examination_running"),
        text=maybe(text("Penjelasan / In words", "Tim masih memeriksa.")),
    ),
    by=text("Kode otoritas pemeriksa / The examiner's code", "bkn"),
    on=day("Diberikan / Granted on", "2024-10-30"),
)

RETURNED = thing(
    "Yang harus dilengkapi / What has to be supplied",
    round=number("Pengembalian ke- / Return number", 1, least=1),
    items=many(
        thing(
            "Satu kekurangan / One item",
            number=number("Nomor / Number", 1, least=1),
            code=code("Kode / Code", "reasons/return", "missing_evidence"),
            text=text("Penjelasan / In words", "Lampirkan tangkapan layar."),
        )
    ),
)

CLOSING = thing(
    "Bagaimana perkara ditutup; isinya menurut cara menutup / How it was closed; members depend on the way",
    conformity=optional(code("Kesesuaian / Conformity", "reasons/close-conformity", "in_line")),
    note=optional(maybe(text("Catatan / Note", "Sesuai."))),
    reason=optional(maybe(REASON)),
    contest_waived=optional(
        maybe(
            thing(
                "Pelepasan upaya hukum / Waived remedy",
                on=day("Tanggal / Day", "2024-12-04"),
                document=ident("Surat pernyataan / The statement"),
            )
        )
    ),
    remedy_judged=optional(
        maybe(
            text(
                "Mengapa upaya hukum dinilai sudah lewat meskipun tanggalnya diragukan / Why the remedy was held to be "
                "over although its day is doubted",
                "Tanda terima asli bertanggal sama dengan delivered_on.",
            )
        )
    ),
    decision=optional(DECISION),
    letter=optional(maybe(LETTER)),
    authority=optional(code("Instansi berwenang / Competent authority", "reasons/redirect", "gakkumdu")),
    violation_found=optional(code("Pelanggaran terbukti / Violation found", "violation_found", "undecided")),
    prior_sanction=optional(
        thing(
            "Hukuman terdahulu / The earlier sanction",
            sanction=code("Hukuman / Sanction", "sanctions", "moral_open"),
            decision=LETTER,
        )
    ),
)

MERGED = thing(
    "Digabungkan ke perkara mana; hanya yang berhak melihat perkara itu dapat membacanya / Into which casefile it was "
    "merged; only who may see that one can read it",
    into=ident("Id perkara yang menerima / Id of the casefile that took it in", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a22"),
    number=text("Nomornya / Its number", "LTS/2026/000124"),
    **{"from": state("Tahap saat digabungkan / State it was merged from")},
    on=day("Tanggal / Day", "2024-10-10"),
)

ABSORBED = thing(
    "Perkara yang digabungkan ke perkara ini / A casefile that was merged into this one",
    casefile=ident("Id", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a23"),
    number=text("Nomornya / Its number", "LTS/2026/000125"),
    on=day("Tanggal / Day", "2024-10-10"),
    released_on=maybe(day("Dilepas kembali / Parted again on", "2024-10-14"), shown=False),
)

REOPENED = thing(
    "Pernah ditutup dan dibuka kembali / It was closed once, and opened again",
    ground=code("Dasar / Ground", "reasons/reopen", "new_evidence"),
    outcome=word("Hasil waktu itu / Outcome at that time", get_args(OutcomeName), "not_proven"),
    closing=maybe(CLOSING, shown=False),
    on=day("Dibuka kembali / Opened again on", "2025-01-13"),
)

CORRECTED = thing(
    "Fakta yang dibetulkan; nilainya pada timeline / A corrected fact; its values are in the timeline",
    fact=word("Fakta / Fact", get_args(FactName), "#/violations/*/act_date"),
    violation=maybe(number("Nomor pelanggaran / Number of the violation", 1)),
    by=text("Kode instansi / Agency code", "bkn"),
    on=day("Tanggal / Day", "2024-10-15"),
    reason=REASON,
)

REACHED = component(
    "LadderReached",
    thing(
        "Satu jenjang eskalasi yang tercapai; lihat /catalogue/ladder / A level of the ladder that was reached",
        level=number("Jenjang / Level", 2, least=1),
        code=text("Langkah (katalog: ladder) / Step (catalogue: ladder)", "follow_up_warning"),
        party=party(),
        agency=AGENCY,
        purpose=purpose("follow_up"),
        due_on=day("Tenggat yang dilewati / The due day it was judged by", "2024-11-05"),
        reached_on=day("Tercapai pada / Reached on", "2024-11-06"),
        last=flag("Jenjang terakhir / The last level", example=False),
        measure=maybe(code("Tindakan pada jenjang ini / The measure taken at it", "reasons/measure", "warning")),
    ),
)

MEASURE = component(
    "MeasureRead",
    thing(
        "Tindakan pengendalian / A measure of oversight",
        code=code("Tindakan / Measure", "reasons/measure", "reprimand"),
        by=agency("kemendagri", "Kementerian Dalam Negeri"),
        letter=LETTER,
        addressed_to=AGENCY,
        on=day("Tanggal / Day", "2024-11-08"),
        new_due=maybe(day("Tenggat baru / New due day", "2024-11-15")),
    ),
)

BLOCK = component(
    "BlockRead",
    thing(
        "Pemblokiran data terakhir / The last block of his data",
        scope=code("Luasnya / Extent", "block_scope", "partial"),
        services=many(code("Layanan / Service", "blocked_services", "promotion"), example=["promotion"]),
        reason=REASON,
        letter=LETTER,
        on=day("Sejak / Since", "2024-11-12"),
        lifted=maybe(
            thing(
                "Pembukaannya / How it was lifted",
                reason=REASON,
                letter=LETTER,
                on=day("Tanggal / Day", "2024-12-03"),
            ),
            shown=False,
        ),
    ),
)

ATTACHED = component(
    "AttachedDocument",
    thing(
        "Dokumen pada perkara; isi menurut jenisnya / A document of the file; its content by the type's audience",
        id=ident("Id"),
        type=code("Jenis / Type", "document-types", "assessment"),
        number=maybe(text("Nomor / Number", "12/PL/2024")),
        date=maybe(day("Tanggal / Date", "2024-10-06")),
        sha256=maybe(digest("SHA-256; null bila tidak dibagikan / null where withheld")),
        size=maybe(number("Ukuran dalam bita / Size in bytes", 18233)),
        owner=maybe(agency("bawaslu-kota-padang", "Bawaslu Kota Padang")),
    ),
)

PRIOR_PREVENTION = component(
    "PriorPrevention",
    thing(
        "Pencegahan terdahulu / An earlier prevention",
        id=ident("Id", PREVENTION_ID),
        kind=code("Jenis / Kind", "prevention_kind", "verbal_warning"),
        held_on=day("Tanggal / Day", "2024-08-12"),
        office=agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
        href=href("Alamat / Address", f"/api/v1/preventions/{PREVENTION_ID}"),
    ),
)

FINDING_OF_CASEFILE = thing(
    "Temuan asalnya / The finding it came from",
    id=ident("Id", FINDING_ID),
    register_number=text("Nomor register / Register number", "006/TM/PW/Kota/03.01/X/2024"),
    register=maybe(REGISTER),
    source=code("Sumber / Source", "source", "finding"),
    origin_office=agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
    election=maybe(code("Pemilihan; null: tidak ada / Election; null: none", "elections", "pilkada-2024")),
    election_nexus=code("Kaitan pemilihan / Election nexus", "election_nexus", "election_related"),
    stage_at_submission=maybe(STAGE),
    known_on=day("Diketahui / Known on", "2024-10-02"),
    registered_on=day("Diregistrasi / Registered on", "2024-10-03"),
    reporter=maybe(REPORTER, shown=False),
    witnesses=many(WITNESS, example=[]),
    href=maybe(
        href("Null bagi yang tidak melihat temuan / Null for who may not see it", f"/api/v1/findings/{FINDING_ID}")
    ),
)

HANDED_OVER = thing(
    "Perkara beralih ke mandat lain / The case passed to another mandate",
    from_mandate=maybe(text("Mandat lama / The old mandate", "examining-2014")),
    to_mandate=text("Mandat baru / The new mandate", "examining-2024"),
    from_agency=text("Kode instansi lama / The old holder's code", "kasn"),
    to_agency=text("Kode instansi baru / The new holder's code", "bkn"),
    disposition=code("Disposisi / Disposition", "disposition", "restart"),
    protocol=thing(
        "Berita acara / The protocol",
        number=text("Nomor / Number", "BA-12/2024"),
        date=day("Tanggal / Date", "2024-09-12"),
    ),
    on=day("Tanggal serah terima / Day of the hand-over", "2024-09-12"),
)

CASEFILE = component(
    "Casefile",
    thing(
        "Satu terlapor dalam satu perkara, menurut yang boleh dilihat pemanggil / One officer in one matter, as the "
        "caller may see it",
        id=ident("Id", CASEFILE_ID),
        number=text("Nomor perkara / Number", "LTS/2026/000123"),
        version=number("Versi; pakai dalam If-Match / Version; for If-Match", 9, least=1),
        state=state(),
        outcome=maybe(
            word("Hasil, bila closed / Outcome, once closed", get_args(OutcomeName), "sanctioned"), shown=False
        ),
        turn=maybe(TURN),
        finding=FINDING_OF_CASEFILE,
        submitter=agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
        examiner=agency("bkn", "Badan Kepegawaian Negara"),
        employer=maybe(AGENCY),
        addressee=maybe(AGENCY),
        mandate=maybe(text("Mandat pemeriksa / Mandate", "examining-2024")),
        examiner_reference=maybe(text("Nomor pada pemeriksa / Examiner's number", "W-112/2024")),
        subject=SUBJECT,
        violations=many(VIOLATION),
        recommendation=maybe(RECOMMENDATION),
        served=maybe(SERVED, shown=False),
        sanction=maybe(SANCTION, shown=False),
        sanction_versions=many(SUPERSEDED, "Versi terdahulu / Earlier versions, oldest first", example=[]),
        contest=maybe(OPEN_CONTEST, shown=False),
        contests=many(SETTLED_CONTEST, "Upaya terdahulu / Settled contests, oldest first", example=[]),
        overdue_level=number("Jenjang eskalasi / Escalation level", 0),
        ladder=many(REACHED, "Jenjang yang tercapai / Levels reached", example=[]),
        measures=many(MEASURE, "Tindakan yang diambil / Measures taken", example=[]),
        data_block=code("Blokir data / Data block", "data_block", "none"),
        block=maybe(BLOCK, shown=False),
        legal_hold=flag("Ditahan dari pemusnahan / Kept from erasure", example=False),
        extensions=many(EXTENSION, "Perpanjangan, tertua dahulu / Extensions, oldest first", example=[]),
        returned=maybe(RETURNED, shown=False),
        closing=maybe(CLOSING, shown=False),
        handed_over=many(
            HANDED_OVER,
            "Serah terima antarotoritas pemeriksa, yang terdahulu di depan / Hand-overs between examining authorities, "
            "oldest first",
            example=[],
        ),
        merged=maybe(MERGED, shown=False),
        absorbed=many(ABSORBED, example=[]),
        reopened=many(REOPENED, example=[]),
        corrections=many(CORRECTED, example=[]),
        documents=many(ATTACHED),
        suspected_duplicates=maybe(
            many(
                DUPLICATE,
                "Mungkin perkara yang sama dan belum dinilai (digabungkan, atau disebut dalam not_duplicate_of pada "
                "accept); hanya bagi pemeriksa dan auditor, bagi pihak lain null / May be the same matter and is not "
                "judged yet (merged, or named in accept's not_duplicate_of); for examiner and auditors, else null",
                example=[],
            )
        ),
        available=many(AVAILABLE, "Yang boleh dicoba pihak ini sekarang / What this party may try now"),
        warnings=many(WARNING, example=[]),
        withheld=many(
            pointer("Pointer", "#/finding/reporter"),
            "Yang tidak diperlihatkan / What is not shown",
            example=["#/finding/reporter"],
        ),
        created_at=instant("Dibuat / Created"),
        updated_at=instant("Diubah / Updated"),
        prior_preventions=maybe(
            many(
                PRIOR_PREVENTION,
                "Pencegahan yang menyebut terlapor sebelum perbuatannya; hanya bagi pemeriksa dan auditor / What was "
                "done to prevent it and names the officer, before his act; for examiner and auditors only",
            )
        ),
        as_of=maybe(
            instant(
                "Berkas sebagaimana tercatat pada saat ini; null: sebagaimana adanya sekarang / The file as recorded "
                "at this instant; null: as it stands now"
            ),
            shown=False,
        ),
        former=flag(
            "Bekas pihak: membaca berkas sebagaimana adanya ketika ia keluar / A former party: reads the file as it "
            "stood when it left",
            example=False,
        ),
    ),
)


def _listed() -> Schema:
    item = without(
        CASEFILE,
        "documents",
        "suspected_duplicates",
        "warnings",
        "withheld",
        "closing",
        "handed_over",
        "sanction_versions",
        "contests",
        "reopened",
        "corrections",
        "ladder",
        "measures",
        "block",
        "available",
        "prior_preventions",
        "as_of",
        "former",
        doc="Perkara dalam daftar: tanpa NIP, dokumen, dan pertimbangan / A casefile in a list: no NIP, documents, "
        "reasoning",
    )
    item["properties"]["subject"] = without(
        SUBJECT, "nip", "former_nips", doc="Terlapor, tanpa NIP / The officer, without NIP"
    )
    item["properties"]["finding"] = without(
        FINDING_OF_CASEFILE,
        "reporter",
        "witnesses",
        doc="Temuan asalnya, tanpa pelapor dan saksi / The finding it came from, without reporter and witnesses",
    )
    item["properties"]["recommendation"] = maybe(
        without(RECOMMENDATION, "reasoning", doc="Rekomendasi / Recommendation")
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
