"""Answers about findings and documents."""

from __future__ import annotations

from api.contract.responses.casefiles import (
    CASEFILE_HREF,
    CASEFILE_ID,
    FINDING_ID,
    REPORTER,
    WARNING,
    WITNESS,
    agency,
    state,
)
from api.contract.responses.grammar import (
    code,
    component,
    day,
    digest,
    flag,
    having,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    page,
    pointer,
    text,
    word,
)
from api.contract.responses.identity import REGISTER
from api.contract.responses.violations import VIOLATION_STATED
from api.contract.responses.writes import RECEIPT, RECORD_RECEIPT
from contents.models import CLEAN, INFECTED, QUARANTINED, SCAN_FAILED
from contents.pdf_flags import FLAGS
from contents.pdf_signatures import NOT_CHECKED, STATUSES
from contents.receiving import TRAILING

SUBJECT_SAID = object_of(
    "Terlapor seperti disampaikan / The officer as they were named",
    name=maybe(text("Nama / Name", "Contoh Nama")),
    nip=maybe(text("NIP", "198501012010011001")),
    employer=maybe(agency("pemkot-padang", "Pemerintah Kota Padang")),
    employment_kind=maybe(code("Jenis ASN / Employment", "employment_kind", "pns")),
    position_kind=maybe(code("Jenis jabatan / Kind of position", "position_kind", "functional_expert")),
    position_roles=many(code("Peran / Role", "position_roles", "teacher")),
    position=maybe(text("Jabatan / Position", "Guru")),
    grade=maybe(text("Golongan / Grade", "III/d"), shown=False),
    work_unit=maybe(text("Unit kerja / Work unit", "SMP Negeri Contoh"), shown=False),
    workplace=maybe(text("Kode instansi tempat bertugas / Code of where he serves", "pemkot-padang"), shown=False),
    violations=many(number("Nomor / Number", 1)),
)

CONTENT = {
    "occurred_at": maybe(instant("Saat diteruskan / When it was forwarded")),
    "register_number": text("Nomor register / Register number", "006/TM/PW/Kota/03.01/X/2024"),
    "register_kind": code("Jenis nomor / Kind of number", "register_kind", "register"),
    "source": code("Sumber / Source", "source", "finding"),
    "origin_office": agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
    "found_by": maybe(
        object_of(
            "Ditemukan oleh / Found by",
            level=code("Tingkat / Level", "found_by_level", "sub_district"),
            region=maybe(text("Wilayah / Region", "13.71.01")),
        )
    ),
    "election": maybe(code("Pemilihan; null: tidak ada / Election; null: none", "elections", "pilkada-2024")),
    "known_on": day("Diketahui / Known on", "2024-10-02"),
    "registered_on": day("Diregistrasi / Registered on", "2024-10-03"),
    "forwarded_on": maybe(day("Diteruskan / Forwarded on", "2024-10-07")),
    "election_nexus": code("Kaitan pemilihan / Election nexus", "election_nexus", "election_related"),
    "clarification": object_of(
        "Klarifikasi / Clarification",
        held=flag("Dilakukan / Held", example=True),
        held_on=maybe(day("Tanggal / Day", "2024-10-05")),
        subject_heard=maybe(flag("Terlapor didengar / Subject heard", example=True)),
        reason=maybe(code("Alasan tidak dilakukan / Why not", "clarification_reason", "before_stage"), shown=False),
    ),
    "assessment": object_of(
        "Kajian / Assessment",
        summary=text("Ringkasan / Summary", "Menyukai unggahan calon."),
        documents=many(ident("Dokumen / Document")),
    ),
    "reporter": maybe(REPORTER, shown=False),
    "witnesses": many(WITNESS, "Saksi / Witnesses", example=[]),
    "violations": many(VIOLATION_STATED),
    "subjects": many(SUBJECT_SAID),
    "references": many(
        object_of(
            "Nomor pada sistem lain / Number in another system",
            system=code("Sistem / System", "reference_system", "sbt"),
            value=text("Nomor / Number", "2024-001"),
        )
    ),
}

_READ = {"register": maybe(REGISTER)}
_MADE = {
    "id": ident("Id", CASEFILE_ID),
    "number": text("Nomor perkara / Number", "LTS/2026/000123"),
    "version": number("Versi / Version", 1, least=1),
    "state": state() | {"example": "submitted"},
    "href": href("Alamat / Address", CASEFILE_HREF),
}

_CONTENT = component("FindingContent", object_of("Isi temuan seperti disampaikan / What was forwarded", **CONTENT))
_IDENTITY = {"id": ident("Id", FINDING_ID), "version": number("Versi / Version", 1, least=1)}

component(
    "FindingCreated",
    having(
        _CONTENT,
        "Temuan yang diterima; satu perkara per terlapor / The finding taken in; a casefile per officer",
        **_IDENTITY,
        **_READ,
        casefiles=many(object_of("Perkara yang terbentuk / A casefile it made", **_MADE, receipt=RECEIPT)),
        warnings=many(WARNING, example=[]),
    ),
)
component(
    "Finding",
    having(
        _CONTENT,
        "Temuan seperti disampaikan / The finding as it was forwarded",
        **_IDENTITY,
        **_READ,
        casefiles=many(object_of("Perkara yang boleh dilihat / A casefile the caller sees", **_MADE)),
        warnings=many(WARNING, example=[]),
        withheld=many(pointer("Pointer", "#/reporter"), "Yang tidak diperlihatkan / What is not shown", example=[]),
    ),
)
page(
    "FindingPage",
    component(
        "FindingItem",
        object_of(
            "Temuan dalam daftar / A finding in a list",
            id=ident("Id", FINDING_ID),
            register_number=text("Nomor register / Register number", "006/TM/PW/Kota/03.01/X/2024"),
            register=maybe(REGISTER),
            origin_office=agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
            source=code("Sumber / Source", "source", "finding"),
            election=maybe(code("Pemilihan; null: tidak ada / Election; null: none", "elections", "pilkada-2024")),
            known_on=day("Diketahui / Known on", "2024-10-02"),
            registered_on=day("Diregistrasi / Registered on", "2024-10-03"),
            created_at=instant("Diterima / Taken in"),
            href=href("Alamat / Address", f"/api/v1/findings/{FINDING_ID}"),
        ),
    ),
    "Halaman temuan, terbaru dahulu / A page of findings, newest first",
)

CONTENT = object_of(
    "Isi berkas di sini; null bila tidak disimpan di sini atau tidak diperlihatkan / The content here; null where "
    "contents are not kept or this one is not shown",
    status=word("Keadaan / Status", ("absent", QUARANTINED, CLEAN, INFECTED, SCAN_FAILED), "clean"),
    finding=maybe(text("Kata pemindai / The scanner's word", "Eicar-Test-Signature"), shown=False),
    flags=many(
        word("Tanda / Flag", (*FLAGS, TRAILING), "javascript"),
        "Yang ada di dalamnya selain halaman / What it holds besides pages",
        example=[],
    ),
    signatures=maybe(
        many(
            object_of(
                "Satu tanda tangan pada PDF / A signature in the PDF",
                status=word(
                    "valid: utuh, oleh akar yang dipercaya pengelola; changed: isinya berubah sesudah itu; untrusted: "
                    "akarnya tidak dipercaya; expired: sertifikatnya tidak berlaku lagi dan tidak ada stempel waktu "
                    "tepercaya; unreadable / valid: it holds, by a root that the operator trusts; changed: what it "
                    "signed was changed; untrusted: no such root; expired: the certificate was out of date, and no "
                    "trusted timestamp says that the signature is older; unreadable",
                    STATUSES,
                    "valid",
                ),
                covers_file=maybe(flag("Mencakup seluruh berkas? / Does it cover the whole file?", example=True)),
                signed_at=maybe(
                    instant("Saat menurut penanda tangan atau stempel waktu / When, by signer or timestamp")
                ),
                timestamped=flag("Saat itu menurut stempel waktu tepercaya? / By a trusted timestamp?", example=True),
                issuer=maybe(text("Penerbit sertifikat / Who issued the certificate", "Balai Sertifikasi, BSrE")),
                revocation=word("Pencabutan / Revocation", (NOT_CHECKED,), NOT_CHECKED),
            ),
            "Tanda tangan pada PDF; null: tidak diperiksa / Signatures in the PDF; null: nobody looked",
            example=[],
        ),
        shown=False,
    ),
    uploaded_at=maybe(instant("Diunggah / Uploaded")),
    scanned_at=maybe(instant("Dipindai / Scanned")),
)
DOCUMENT = component(
    "Document",
    object_of(
        "Keterangan satu berkas; berkasnya tetap pada pemiliknya / The descriptor of a file that stays with its owner",
        id=ident("Id"),
        type=code("Jenis / Type", "document-types", "assessment"),
        title=maybe(text("Judul / Title", "Kajian dugaan pelanggaran")),
        number=maybe(text("Nomor / Number", "12/PL/2024")),
        date=maybe(day("Tanggal / Date", "2024-10-06")),
        media_type=maybe(text("Jenis media / Media type", "application/pdf")),
        size=maybe(number("Ukuran dalam bita / Size in bytes", 18233)),
        sha256=maybe(digest("SHA-256")),
        signature_status=maybe(code("Tanda tangan elektronik / Signature", "signature_status", "unknown")),
        evidence_kind=maybe(code("Jenis bukti / Kind of evidence", "evidence_kind", "screenshot"), shown=False),
        held_by=maybe(text("Disimpan oleh / Held by", "Sekretariat"), shown=False),
        archive_ref=maybe(text("Rujukan arsip / Archive reference", "A-12"), shown=False),
        owner=maybe(agency("bawaslu-kota-padang", "Bawaslu Kota Padang")),
        content=maybe(CONTENT, shown=False),
        created_at=instant("Didaftarkan / Registered"),
        withheld=many(pointer("Pointer", "#/sha256"), "Yang tidak diperlihatkan / What is not shown", example=[]),
    ),
)
component(
    "DocumentRegistered",
    having(DOCUMENT, "Keterangan berkas dan tanda terimanya / The descriptor and its receipt", receipt=RECORD_RECEIPT),
)
component(
    "ContentUploaded",
    object_of(
        "Isi yang diterima dan tanda terimanya / The content taken in and its receipt",
        document=ident("Dokumen / Document"),
        content=CONTENT,
        receipt=RECORD_RECEIPT,
    ),
)
page("DocumentPage", DOCUMENT, "Halaman dokumen, terbaru dahulu / A page of documents, newest first", counted=False)
