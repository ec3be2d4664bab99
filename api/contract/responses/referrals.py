"""Answers about referrals, the timeline and the record of reads."""

from __future__ import annotations

from typing import get_args

from agencies.calendar_files import KINDS
from api.contract.responses.casefiles import AGENCY, ATTACHED, CASEFILE_HREF, CASEFILE_ID, agency, party, purpose, state
from api.contract.responses.grammar import (
    anything,
    code,
    component,
    day,
    digest,
    flag,
    free,
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
    word,
)
from casefiles import flow
from casefiles.catalogue.rows import CERTAINTIES, ClockStart

NAMES = [row.name for row in flow.FLOW]

_PERSON = (
    "Id orang yang bertindak di meja konsol, tanpa kunci; kosong bila sebuah sistem / "
    "The id of the person who acted at the console's desk, without a key; null of a system"
)

VENDOR = object_of(
    "Vendor yang kliennya bertindak untuk instansi itu / The vendor whose client acted for that agency",
    code=text("Kode / Code", "vendor-kepegawaian"),
    name=text("Nama / Name", "PT Sistem Kepegawaian"),
)

_SEQ = number("Versi perkara saat itu / The casefile's version then", 12, least=1)

RULE = component(
    "DueRule",
    object_of(
        "Bagaimana tenggat dihitung / How the deadline was counted",
        code=text("Aturan / Rule", "follow_up"),
        days=number("Hari / Days", 14),
        day_basis=word("Hitungan hari / Basis", ("calendar", "working"), "working"),
        starts_from=word("Peristiwa yang memulai / The fact that starts the clock", get_args(ClockStart), "received"),
        clock_from=day("Hari peristiwa itu, tidak dihitung / The day of that fact, not counted", "2024-04-05"),
        counted_to=day("Hari terakhir menurut hitungan saja / The last day by the count alone", "2024-05-06"),
        time_zone=text("Zona waktu yang mengakhiri harinya / The zone whose midnight ends it", "Asia/Jakarta"),
        source=maybe(text("Sumber / Source", "Praktik KASN")),
        legal_basis=maybe(text("Dasar hukum / Legal basis", "UU 5/2014 pasal 33"), shown=False),
        certainty=word("Kepastian sumber / How well founded", CERTAINTIES, "seen"),
        calendar_version=text("Versi kalender / Calendar version", "2026.2"),
        skipped=many(
            object_of(
                "Hari libur yang dilewati selain Sabtu dan Minggu / A day off that was skipped, weekends apart",
                date=day("Tanggal / Date", "2024-04-08"),
                name_id=text("Nama / Name", "Cuti Bersama Hari Raya Idul Fitri"),
                kind=word("Jenis / Kind", KINDS, "joint_leave"),
                decree=maybe(text("Keputusan / Decree", "SKB 3 Menteri"), shown=False),
                source=text("Sumber / Source", "holidays 0.108, decrees 2026.1"),
            )
        ),
        beyond_calendar=flag(
            "Ada tahun yang liburnya belum dimuat / A year's days off are not loaded yet", example=False
        ),
        resumed=many(
            object_of(
                "Berkas pada pihak lain; hari itu tidak dihitung / The file was elsewhere; those days do not count",
                seq=_SEQ,
                away_from=day("Pergi / Left", "2024-04-18"),
                away_until=day("Kembali / Came back", "2024-04-22"),
                days=number("Hari yang tidak dihitung / Days that do not count", 2),
                due_on=day("Tenggat sejak itu / Due since", "2024-05-08"),
            ),
            "Jeda karena berkas pergi / Absences",
            example=[],
        ),
        pauses=many(
            object_of(
                "Perpanjangan oleh pemeriksa, atau tenggat dari tindakan (0 hari) / Time granted by the examiner, or a "
                "day set by a measure (0 days)",
                seq=_SEQ,
                until=day("Sampai / Until", "2024-12-03"),
                days=number("Hari / Days", 12),
                reason=text("Alasan, dari reasons/extend / Reason, of reasons/extend", "subject_absent"),
            ),
            "Perpanjangan / Extensions",
            example=[],
        ),
        moved=many(
            object_of(
                "Perpindahan tenggat / A move of the due day",
                seq=_SEQ,
                cause=word("Transisi yang memindahkannya / The transition that moved it", NAMES, "recompute"),
                due_from=day("Tenggat semula / Due before", "2024-05-06"),
                due_to=day("Tenggat baru / Due since", "2024-05-07"),
                calendar_from=text("Kalender semula / Calendar before", "2026.1"),
                calendar_to=text("Kalender baru / Calendar since", "2026.2"),
            ),
            "Semua perpindahan tenggat / Every move of the due day",
            example=[],
        ),
        explanation=text(
            "Penjelasan dalam bahasa pemanggil / Explained in the caller's language",
            "14 hari kerja sejak 5 April 2024 (hari itu tidak dihitung); Sabtu dan Minggu dilewati; juga dilewati: "
            "8 April 2024 (Cuti Bersama Hari Raya Idul Fitri); berakhir pada akhir 6 Mei 2024. Kalender 2026.2.",
        ),
    ),
)

REFERRAL = component(
    "Referral",
    object_of(
        "Perkara yang diserahkan kepada suatu instansi untuk ditindaklanjuti / The case handed to an agency for action",
        id=ident("Id", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a99"),
        casefile=object_of(
            "Perkara / Casefile",
            id=ident("Id", CASEFILE_ID),
            number=text("Nomor perkara / Number", "LTS/2026/000123"),
            state=state() | {"example": "awaiting_sanction"},
            version=number("Versi / Version", 9, least=1),
            href=href("Alamat / Address", CASEFILE_HREF),
        ),
        purpose=purpose("follow_up"),
        party=party(),
        from_=agency("bkn", "Badan Kepegawaian Negara"),
        to=AGENCY,
        status=word("Status", ("open", "answered", "voided"), "open"),
        opened_at=instant("Dibuka / Opened"),
        clock_from=day("Hitungan mulai sesudah hari ini / The clock starts after this day", "2026-11-20"),
        due_on=day("Tenggat, tanggal setempat / Due, local date", "2026-12-04"),
        original_due_on=day("Tenggat semula, sebelum dipindahkan / As it was first due", "2026-12-04"),
        missed_due_on=maybe(
            day(
                "Tenggat pertama yang lewat tanpa jawaban sebelum dipindahkan; days_late dihitung darinya / The first "
                "due day that had passed unanswered when it was moved; days_late counts from it",
                "2026-12-04",
            ),
            shown=False,
        ),
        due_at=instant("Saat tenggat lewat (eksklusif) / The instant it is over", "2026-12-04T17:00:00.000Z"),
        time_zone=text("Zona waktu instansi / The agency's time zone", "Asia/Jakarta"),
        overdue=flag("Terbuka, dan suatu tenggatnya lewat / Open, and a due day of it has passed", example=False),
        answered_at=maybe(instant("Dijawab / Answered"), shown=False),
        answered_by=maybe(AGENCY, shown=False),
        answered_with=maybe(
            word("Transisi yang menjawab / Answering transition", NAMES, "report-sanction"), shown=False
        ),
        days_late=number("Hari terlambat / Days late", 0),
        paused_days=number("Hari jeda yang diberi pemeriksa / Days of pause granted", 0),
        continues=maybe(ident("Rujukan yang hitungannya dilanjutkan / Whose clock runs on"), shown=False),
        rule=RULE,
        expects=many(
            word("Transisi / Transition", NAMES, "report-sanction"),
            "Yang ditunggu dari pemegang giliran / What is expected of the holder",
            example=["dispute", "report-sanction", "note"],
        ),
    ),
)
page("ReferralPage", REFERRAL, "Halaman rujukan, tenggat terdekat dahulu / A page of referrals, soonest due first")

OFFICIAL = object_of(
    "Pejabat yang memutus / The official who decided",
    name=text("Nama / Name", "Nama Pejabat"),
    nip=maybe(
        text(
            "NIP; utuh bagi instansinya sendiri, pemeriksa, dan auditor, bagi pihak lain tersamar: 1970************01; "
            "null bagi yang bukan ASN / NIP; whole for the officer's agency, examiner and auditors, masked for others; "
            "null for who is no civil servant",
            "197001011995031001",
        )
    ),
    position=text("Jabatan / Position", "Kepala Badan"),
)

CHANGE = component(
    "Change",
    object_of(
        "Satu perubahan / One change",
        pointer=pointer("Letaknya / Where", "#/state"),
        before=anything("Sebelum / Before") | {"example": "under_examination"},
        after=anything("Sesudah / After") | {"example": "recommended"},
    ),
)

PERFORMED = object_of(
    "Transisi yang dilakukan / The transition performed",
    name=word("Nama / Name", NAMES, "recommend"),
    from_=maybe(state("Dari / From") | {"example": "under_examination"}),
    to=state("Ke / To"),
    occurred_at=instant("Terjadi / Happened"),
    recorded_at=instant("Dicatat / Recorded"),
    actor=object_of(
        "Pelaku / Who did it",
        party=party(example="examiner"),
        agency=agency("bkn", "Badan Kepegawaian Negara"),
        client=text("Klien / Client", "bkn-system"),
        vendor=maybe(VENDOR, shown=False),
        person=maybe(text(_PERSON, "")) | {"example": None},
    ),
    official=maybe(OFFICIAL),
    legal_basis=text("Dasar hukum / Legal basis", "SKB 2/2022; UU 5/2014 pasal 33"),
    given=free("Yang diberikan, menurut hak lihat / What was given, by sight", {"sanction": "discipline_medium"}),
    request_id=ident("Id permintaan / Request id", "7d444840-9dc0-41d1-b245-5ffdce74fad2"),
    caller_request_id=maybe(
        text(
            "Id pilihan pemanggil, bagi instansinya sendiri / The id that the caller chose, for its own agency",
            "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1",
        )
    ),
    entry=object_of(
        "Entri log / Log entry",
        id=ident("Id", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b01"),
        index=maybe(
            number("Nomor dalam log; null: belum diurutkan / Index in the log; null: not sequenced yet", 10481)
        ),
        leaf_hash=digest("SHA-256 daun / Hash of the leaf"),
    ),
)

component(
    "Timeline",
    object_of(
        "Semua yang terjadi, tertua dahulu / All that happened, oldest first",
        casefile=ident("Perkara / Casefile", CASEFILE_ID),
        data=many(
            component(
                "TimelineItem",
                object_of(
                    "Transisi, rujukan, atau dokumen / A transition, a referral or a document",
                    kind=word("Jenis / Kind", ("transition", "referral", "document"), "transition"),
                    at=instant("Saat dicatat / When it was recorded"),
                    seq=number("Versi perkara / Version of the casefile", 9, least=1),
                    transition=maybe(PERFORMED),
                    changes=many(CHANGE),
                    referral=maybe(REFERRAL, shown=False),
                    document=maybe(ATTACHED, shown=False),
                    withheld=many(
                        pointer("Pointer", "#/finding/reporter"), "Tidak diperlihatkan / Not shown", example=[]
                    ),
                ),
            )
        ),
        next=maybe(
            href(
                "Alamat halaman berikutnya / The next page's address",
                f"/api/v1/casefiles/{CASEFILE_ID}/timeline?cursor=c1.WzksMF0.q2x",
            )
        ),
        next_cursor=maybe(text("Kursor halaman berikutnya / The next page's cursor", "c1.WzksMF0.q2x")),
        difference=optional(
            object_of(
                "Hanya dengan between / Only with between",
                from_=number("Versi; 0: sebelum ada / Version; 0: before it began", 3),
                to=number("Versi; 0: sebelum ada / Version; 0: before it began", 7),
                changes=many(CHANGE),
            )
        ),
    ),
)

page(
    "AccessPage",
    component(
        "Access",
        object_of(
            "Satu pembacaan / One read",
            at=instant("Saat / When"),
            agency=agency("bkn", "Badan Kepegawaian Negara"),
            client=text("Klien / Client", "bkn-system"),
            vendor=maybe(VENDOR, shown=False),
            route=text("Rute / Route", "/casefiles/{id}"),
            purpose=code("Tujuan membaca / Purpose of reading", "reading_purpose", "case_handling"),
            request_id=ident("Id permintaan / Request id", "7d444840-9dc0-41d1-b245-5ffdce74fad2"),
            caller_request_id=maybe(
                text(
                    "Id pilihan pemanggil, bagi instansinya sendiri / The id that the caller chose, for its own agency",
                    "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1",
                )
            ),
        ),
    ),
    "Halaman pembacaan, terbaru dahulu / A page of reads, newest first",
    counted=False,
)
