"""Refusals that are about how a program spells something, said for whoever fills in a form.

A form has no UUID, no `null` and no RFC 3339: it has a list, an empty box and a day as people write it. The codes are
those of the API's problems and of the flow's reasons; what is not named here is said in the API's words (`wording`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["id", "en"]
Said = Mapping[Language, str]

_DAY: Final[Said] = {
    "id": "Tanggal ditulis seperti 2 Oktober 2024 atau 2/10/2024: hari yang ada di kalender, bulan, tahun empat angka.",
    "en": "A day is written like 2 October 2024 or 2/10/2024: a day that the calendar has, month, year of four digits.",
}
_MOMENT: Final[Said] = {
    "id": "Waktu ditulis seperti 2 Oktober 2024 pukul 08.30.",
    "en": "A moment is written like 2 October 2024 at 08.30.",
}
_REQUIRED: Final[Said] = {"id": "Ini wajib diisi.", "en": "This has to be filled in."}
_CHOICE: Final[Said] = {"id": "Pilih dari daftarnya.", "en": "Choose from the list."}
_ONE: Final[Said] = {"id": "Di sini hanya satu jawaban.", "en": "One answer only is asked for here."}
_LATER: Final[Said] = {
    "id": "Sekarang belum dapat dicatat, dan tidak ada yang tersimpan. Tekan tombolnya sekali lagi sebentar lagi: "
    "tidak ada yang dicatat dua kali.",
    "en": "It cannot be recorded right now, and nothing was stored. Press the button again shortly: nothing is "
    "recorded twice.",
}
_OPERATOR: Final[Said] = {
    "id": "Mandat pemeriksa untuk hari itu belum ada dalam register. Tanyakan kepada operator.",
    "en": "The register has no examiner's mandate for that day yet. Ask the operator.",
}
LABELS: Final[Mapping[str, Said]] = {
    "Dokumen kajian dan bukti: daftarkan dahulu di POST /documents": {
        "id": "Dokumen kajian dan bukti",
        "en": "Assessment and evidence",
    },
    "Versi yang dibuka penerima (anggota opened perkara), bila menguatkan penyampaian": {
        "id": "Versi berkas yang dibuka penerima, bila menguatkan penyampaian",
        "en": "The version of the file that the addressee opened, where that supports the delivery",
    },
    "Nilai yang benar: teks, kode, id dokumen, atau tanggal TTTT-BB-HH": {
        "id": "Nilai yang benar: teks, kode, dokumen, atau tanggal (tahun-bulan-hari)",
        "en": "The right value: text, a code, a document, or a day (year-month-day)",
    },
}
"""Questions whose documentation speaks of routes and members, by what it says in Indonesian."""
AT_THE_DESK: Final[Mapping[str, Said]] = {
    "bad-date": _DAY,
    # A corrected value is read as it stands: it may be a text as well.
    "value-not-a-date": {
        "id": "Nilai ini harus tanggal, ditulis tahun-bulan-hari: 2024-10-02.",
        "en": "This value has to be a day, written year-month-day: 2024-10-02.",
    },
    "in-the-future": {
        "id": "Ini masih di masa depan. Hanya yang sudah terjadi yang dicatat: periksa tanggal dan tahunnya.",
        "en": "This lies in the future. Only what has happened is recorded: check the day and the year.",
    },
    "bad-instant": _MOMENT,
    "no-time-zone": _MOMENT,
    "absurd-time": {"id": "Tahunnya harus di antara 1900 dan 2100.", "en": "The year has to be from 1900 to 2100."},
    "bad-id": {
        "id": "Pilih dari daftarnya, atau salin id dari alamat halaman perkaranya.",
        "en": "Choose from the list, or copy the id from the address of the casefile's page.",
    },
    "value-not-a-document": {
        "id": "Pilih dokumen instansi Anda sendiri. Daftarkan dahulu dengan tombol “Daftarkan dokumen baru”.",
        "en": "Choose a document of your own agency. Register it first, by the button “Register a new document”.",
    },
    "document-not-in-file": {
        "id": "Pilih dokumen berkas ini yang digantikan.",
        "en": "Choose the document of this file that is replaced.",
    },
    "unknown-code": _CHOICE,
    "not-among-choices": _CHOICE,
    "wrong-type": {
        "id": "Isian ini tidak dapat dibaca. Bandingkan dengan contohnya.",
        "en": "This cannot be read. Compare it with the example.",
    },
    "not-a-flag": {"id": "Pilih Ya atau Tidak.", "en": "Choose Yes or No."},
    "missing-field": _REQUIRED,
    "missing-field-or-null": _REQUIRED,
    "null-not-allowed": _REQUIRED,
    "blank": _REQUIRED,
    "not-a-list": _ONE,
    "not-an-object": _ONE,
    "unknown-field": {
        "id": "Formulir ini tidak menanyakan hal itu. Buka formulirnya sekali lagi.",
        "en": "This form does not ask for that. Open the form anew.",
    },
    "lone-surrogate": {
        "id": "Teks ini memuat karakter yang rusak. Ketik sekali lagi.",
        "en": "This text has a broken character in it. Type it again.",
    },
    "personal-number-in-identifier": {
        "id": "Isian ini memuat 16 atau 18 angka seperti NIK atau NIP, dan tetap ada ketika data pribadi dihapus. "
        "Pakai nomor atau nama yang tidak menunjuk orang; NIP mempunyai isiannya sendiri.",
        "en": "This holds 16 or 18 digits like a NIK or NIP, and stays when personal data is erased. Use a number or "
        "name that names nobody; a NIP has a box of its own.",
    },
    "before-stage": {
        "id": "Perbuatan terjadi dan diketahui sebelum tahapan dimulai; Bawaslu hanya meneruskan. Pilih Tidak pada "
        "“Klarifikasi dilakukan?”, dengan alasan “tahapan belum dimulai”.",
        "en": "The act happened and was known before the first stage, so Bawaslu only forwards it. Choose No for the "
        "clarification, with the reason “the stage has not begun”.",
    },
    "heard-without-attending": {
        "id": "Pegawai tidak hadir, jadi tidak ada hari ia diperiksa. Kosongkan “Tanggal pemeriksaan”, atau pilih Ya "
        "pada “Pegawai hadir?”.",
        "en": "The officer did not come, so there is no day of a hearing. Leave “Day examined” empty, or choose Yes "
        "for “Did the officer attend?”.",
    },
    "no-such-contest": {
        "id": "Tidak ada pemilihan untuk jabatan itu di wilayah itu. Bila keduanya keliru, betulkan dahulu wilayahnya "
        "menjadi kosong.",
        "en": "There is no contest for that office in that region. Where both are wrong, empty the region first.",
    },
    "no-mandate": _OPERATOR,
    "unknown-mandate": _OPERATOR,
    "stale-version": {
        "id": "Perkara ini sudah berubah sejak Anda membacanya.",
        "en": "This casefile has changed since you read it.",
    },
    "request-in-progress": _LATER,
    "try-again": _LATER,
    "temporarily-unavailable": _LATER,
    "writes-paused": {
        "id": "Sekarang tidak ada yang diterima, karena pencatatannya tidak dapat dijamin. Membaca tetap bisa; tekan "
        "tombolnya sekali lagi nanti.",
        "en": "Nothing is accepted right now, because its place in the log cannot be promised. Reading goes on; press "
        "the button again later.",
    },
    "content-not-accepted": {
        "id": "Isi berkas ini bukan PDF, JPEG, atau PNG, apa pun namanya. Simpan dokumennya sebagai PDF, lalu pilih "
        "PDF itu.",
        "en": "What this file holds is no PDF, JPEG or PNG, whatever its name says. Save the document as PDF, and "
        "choose that PDF.",
    },
    "content-too-large": {"id": "Berkas paling besar 50 MB.", "en": "A file has 50 MB at most."},
    "content-damaged": {
        "id": "Berkasnya rusak di jalan. Tidak ada yang disimpan; unggah sekali lagi.",
        "en": "The file was damaged on its way. Nothing was stored; upload it again.",
    },
    "content-not-what-it-says": {
        "id": "Isi berkasnya bukan PDF, JPEG, atau PNG yang utuh. Tidak ada yang disimpan.",
        "en": "The file is no whole PDF, JPEG or PNG. Nothing was stored.",
    },
    "content-over-quota": {
        "id": "Tempat untuk dokumen instansi Anda penuh. Tidak ada yang disimpan; tanyakan kepada operator.",
        "en": "The room for your agency's documents is full. Nothing was stored; ask the operator.",
    },
    "content-too-slow": {
        "id": "Berkasnya datang terlalu lambat. Tidak ada yang disimpan; unggah sekali lagi.",
        "en": "The file came too slowly. Nothing was stored; upload it again.",
    },
}
