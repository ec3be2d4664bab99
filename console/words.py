"""What codes are called in the reader's language: those of the flow here, those of the law in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casefiles import flow
from casefiles.catalogue.book import UnknownCode
from casefiles.catalogue.book import load as load_catalogue

STATES: Mapping[str, Promise] = {
    "submitted": _("Menunggu verifikasi"),
    "identity_requested": _("Identitas diminta"),
    "returned": _("Dikembalikan untuk dilengkapi"),
    "under_examination": _("Dalam pemeriksaan"),
    "recommended": _("Direkomendasikan"),
    "awaiting_sanction": _("Menunggu hukuman"),
    "disputed": _("Rekomendasi dipersoalkan"),
    "sanction_reported": _("Hukuman dilaporkan"),
    "contested": _("Upaya administratif"),
    "closed": _("Selesai"),
}
ENTERED = _("Diteruskan Bawaslu")
NATIONAL = _("Kantor pusat, tanpa provinsi")
OUTCOMES: Mapping[str, Promise] = {
    "sanctioned": _("Dijatuhi hukuman"),
    "not_proven": _("Tidak terbukti"),
    "terminated": _("Dihentikan"),
    "redirected": _("Dialihkan"),
    "rejected": _("Ditolak"),
    "withdrawn": _("Ditarik"),
    "merged": _("Digabungkan"),
    "annulled": _("Hukuman dibatalkan"),
}
PURPOSES: Mapping[str, Promise] = {
    "verify": _("Verifikasi berkas"),
    "identify": _("Mengenali terlapor"),
    "complete": _("Melengkapi berkas"),
    "examine": _("Pemeriksaan"),
    "acknowledge": _("Mengakui penerimaan rekomendasi"),
    "follow_up": _("Tindak lanjut rekomendasi"),
    "answer": _("Menjawab keberatan atas rekomendasi"),
    "deliver": _("Menyampaikan keputusan hukuman"),
    "review": _("Menelaah hukuman"),
    "settle": _("Memutus upaya administratif"),
}
PARTIES: Mapping[str, Promise] = {
    "submitter": _("Pengirim"),
    "examiner": _("Pemeriksa"),
    "superior_office": _("Kantor di atas pengirim"),
    "employer": _("Instansi pegawai"),
    "addressee": _("Pejabat yang wajib menindaklanjuti"),
    "appeal_board": _("Badan pertimbangan"),
    "civil_service_agency": _("Badan kepegawaian"),
    "oversight": _("Pengawas"),
    "clock": _("Jam tenggat"),
    "operator": _("Operator"),
}
ROLES: Mapping[str, Promise] = {
    "reader": _("Pembaca"),
    "officer": _("Petugas"),
    "manager": _("Pengelola"),
}
FACTORS: Mapping[str, Promise] = {
    "totp": _("kode dari aplikasi"),
    "webauthn": _("kunci sandi"),
    "recovery_codes": _("kode cadangan"),
}
SUCCESSIONS: Mapping[str, Promise] = {
    "split": _("pemekaran atau pemecahan"),
    "merge": _("penggabungan"),
    "successor": _("pengganti"),
}
WEBHOOK_STATUSES: Mapping[str, Promise] = {
    "unproven": _("belum terbukti"),
    "active": _("bekerja"),
    "paused": _("dijeda"),
    "disabled": _("dimatikan penerima"),
}
CERTAINTIES: Mapping[str, Promise] = {
    "seen": _("dibaca pada sumbernya"),
    "code": _("dari kode atau templat instansi"),
    "memory": _("dari ingatan, belum diperiksa ahli hukum"),
    "proposal": _("usulan, belum diperiksa ahli hukum"),
}
DAY_BASES: Mapping[str, Promise] = {
    "working": _("hari kerja"),
    "calendar": _("hari kalender"),
}
DAYS_OFF: Mapping[str, Promise] = {
    "public_holiday": _("libur nasional"),
    "joint_leave": _("cuti bersama"),
    "election_day": _("hari pemungutan suara"),
}
PHASES: Mapping[str, Promise] = {
    "before": _("sebelum penetapan calon"),
    "after": _("sejak penetapan calon"),
}
FAMILIES: Mapping[str, Promise] = {
    "moral": _("sanksi moral"),
    "discipline": _("hukuman disiplin"),
    "dismissal": _("pemberhentian"),
}
EFFECTS: Mapping[str, Promise] = {
    "working_day_15_after_receipt": _("hari kerja ke-15 sesudah diterima"),
    "on_execution": _("ketika dilaksanakan"),
    "as_decree_states": _("menurut keputusannya"),
}
REMEDIES: Mapping[str, Promise] = {
    "objection": _("keberatan"),
    "appeal": _("banding administratif"),
    "none": _("tidak ada"),
}
ADDRESSEES: Mapping[str, Promise] = {
    "employer": _("instansi pegawai"),
    "province_above": _("provinsi di atasnya"),
    "home_affairs": _("Kementerian Dalam Negeri"),
    "policy_ministry": _("kementerian urusan aparatur negara"),
}
CLOCK_STARTS: Mapping[str, Promise] = {
    "submitted": _("temuan tercatat"),
    "identity_asked": _("identitas diminta"),
    "returned": _("berkas dikembalikan"),
    "accepted": _("temuan diterima"),
    "letter_sent": _("surat dikirim"),
    "received": _("rekomendasi diterima"),
    "reprimanded": _("teguran diberikan"),
    "disputed": _("sanggahan diajukan"),
    "decided": _("keputusan ditetapkan"),
    "absent_at_delivery": _("terlapor tidak hadir ketika keputusan disampaikan"),
    "delivered": _("keputusan disampaikan"),
    "objection_received": _("keberatan diterima"),
    "appeal_received": _("banding diterima"),
    "copy_received": _("tembusan diterima"),
    "remedy_window_ended": _("masa upaya berakhir"),
    "sanction_reported": _("hukuman dilaporkan"),
    "lawsuit_filed": _("gugatan didaftarkan"),
}
UNITS: Mapping[str, Promise] = {
    "casefiles": _("Perkara"),
    "findings": _("Temuan"),
    "officers": _("Pegawai"),
}
DIMENSIONS: Mapping[str, Promise] = {
    "state": _("Keadaan"),
    "outcome": _("Hasil"),
    "election": _("Pemilihan"),
    "form": _("Bentuk pelanggaran"),
    "violation_class": _("Golongan"),
    "submitter": _("Kantor pengirim"),
    "examiner": _("Otoritas pemeriksa"),
    "employer": _("Instansi pegawai"),
    "employer_level": _("Tingkat instansi pegawai"),
    "overdue": _("Tingkat keterlambatan"),
    "data_block": _("Pemblokiran data"),
    "month": _("Bulan masuk"),
    "sanction": _("Hukuman"),
    "reason": _("Alasan penutupan"),
    "position_kind": _("Jenis jabatan"),
    "channel": _("Saluran perbuatan"),
    "interaction": _("Tindakan"),
    "lateness": _("Lama keterlambatan"),
    "sbt_status": _("Kata SBT"),
}
MEASURES: Mapping[str, Promise] = {
    "submitted": _("Diteruskan"),
    "open": _("Terbuka"),
    "recommended": _("Terbukti"),
    "not_proven": _("Tidak terbukti"),
    "followed_up": _("Ditindaklanjuti"),
    "closed": _("Ditutup"),
    "overdue": _("Terlambat"),
    "blocked": _("Data diblokir"),
    "unidentified": _("Belum dikenali"),
}
OF_CODE: Mapping[str, Mapping[str, Promise]] = {
    "states": STATES,
    "outcomes": OUTCOMES,
    "purposes": PURPOSES,
    "parties": PARTIES,
}
"""By the name of the list of words that a member of the file bears (`casefiles.file.marks.Word`)."""


def is_english() -> bool:
    """Whether the reader chose English."""
    return get_language() == "en"


def code(list_name: str, value: str) -> str:
    """The label of a code of the catalogue; the code itself where the list does not know it."""
    try:
        row = load_catalogue().codes(list_name).get(value)
    except UnknownCode:
        return value
    if row is None:
        return value
    return row.label_en if is_english() else row.label_id


def choices(list_name: str) -> list[tuple[str, str]]:
    """Code and label of every row of a list."""
    rows = load_catalogue().codes(list_name)
    return [(row.code, row.label_en if is_english() else row.label_id) for row in rows.values()]


def step(name: str) -> str:
    """What a transition is called."""
    found = _titles().get(name)
    return name if found is None else found[is_english()]


@cache
def _titles() -> Mapping[str, tuple[str, str]]:
    return {row.name: (row.title_id, row.title_en) for row in flow.ROWS.values()}


def spelt(name: str) -> str:
    """A name that the list of regions writes in capitals, as a sentence writes it."""
    short = {"DKI", "DI"}
    return " ".join(word if word in short else word.capitalize() for word in name.split())
