"""West Sumatra, 2023: a lecturer accompanies a candidate; from the finding to the sanction, in twelve transitions."""

from __future__ import annotations

from typing import Any

from demo.printing import Said
from demo.story import ELSEWHERE, EXAMINER_THEN, MINISTRY, SUPERVISOR, at, history, mended, misspelled, next_number
from demo.walk import AUDITOR, Case, Then, Walk

LECTURER = {
    "nip": "197903142008121907",
    "name": "Rasyid Marapalam",
    "employer": MINISTRY,
    "employment_kind": "pns",
    "position_kind": "functional_expert",
    "position_roles": ["lecturer"],
    "position": "Lektor",
    "grade": "III/d",
    "work_unit": "Perguruan tinggi negeri di Padang",
    "identity_source": "agency_records",
}
COMMISSIONER = {"name": "Halim Sidabutar", "nip": "196405171990031902", "position": "Ketua KASN"}
REGISTRAR = {"name": "Wening Prabandari", "nip": "198207092006042905", "position": "Kepala Subbagian Persuratan"}
SECRETARY_GENERAL = {"name": "Bagas Tirtawijaya", "nip": "196811231993031904", "position": "Sekretaris Jenderal"}


def west_sumatra(walk: Walk) -> Case:
    """A lecturer at a candidate's registration: examined, recommended, sanctioned lighter, delivered, closed."""
    walk.screen.chapter(
        Said(
            "Sumatera Barat, Mei 2023: dosen mendampingi bakal calon anggota DPD saat pendaftaran",
            "West Sumatra, May 2023: a lecturer accompanies a candidate for the DPD to the registration",
        )
    )
    case = _found(walk)
    _identified(walk, case)
    _completed(walk, case)
    _examined(walk, case)
    _followed_up(walk, case)
    return case


def _found(walk: Walk) -> Case:
    study = walk.registers(
        SUPERVISOR, "assessment", "Kajian dugaan pelanggaran netralitas", number="014/KJ/V/2023", date="2023-05-20"
    )
    witness = walk.registers(
        SUPERVISOR, "witness_minutes", "Berita acara keterangan saksi", number="031/BA/V/2023", date="2023-05-19"
    )
    finding = {
        "occurred_at": at("2023-05-22", "10:00"),
        "register_number": f"{next_number(walk[SUPERVISOR])}/TM/PL/Prov/03.00/V/2023",
        "source": "finding",
        "origin_office": SUPERVISOR,
        "found_by": {"level": "province", "region": "13"},
        "election": "pemilu-2024",
        "known_on": "2023-05-12",
        "registered_on": "2023-05-15",
        "forwarded_on": "2023-05-22",
        "clarification": {"held": True, "held_on": "2023-05-19", "subject_heard": True},
        "assessment": {
            "summary": "Terlapor mendampingi bakal calon anggota DPD di kantor KPU provinsi pada hari pendaftaran.",
            "documents": [study, witness],
        },
        "violations": [
            {
                "number": 1,
                "form": "attend_declaration",
                "act_date": "2023-05-11",
                "region": "13.71",
                "place": "Kantor KPU Provinsi Sumatera Barat",
                "channel": "official_event",
                "interaction": "accompany",
                "contest": {"office": "dpd", "region": "13"},
                "beneficiary": {"kind": "prospective_candidate"},
                "description": "Mendampingi bakal calon anggota DPD pada saat pendaftaran, berdiri di belakangnya.",
            }
        ],
        "subjects": [
            {"name": "Rasyid Marapalam", "position_roles": ["lecturer"], "position": "Dosen", "violations": [1]}
        ],
    }
    walk.refused(
        SUPERVISOR,
        Said(
            "Nama kolom salah ketik: ditolak, dengan nama yang terdekat",
            "A misspelled field: refused, with the nearest",
        ),
        lambda client: client.post("/findings", misspelled(finding, "register_number", "registr_number")),
        status=422,
        code="invalid-body",
        shows=mended,
    )
    case = walk.submits(
        SUPERVISOR,
        finding,
        Said("Bawaslu provinsi meneruskan temuannya kepada pemeriksa", "The province's Bawaslu forwards its finding"),
        Then("submitted", EXAMINER_THEN, "verify", "2023-05-29"),
    )
    walk.repeats(
        SUPERVISOR,
        case,
        Said(
            "Jawaban hilang di jalan; kunci yang sama dikirim lagi", "The answer got lost; the same key is sent again"
        ),
    )
    return case


def _identified(walk: Walk, case: Case) -> None:
    walk.reads(
        EXAMINER_THEN,
        "/referrals",
        Said("KASN menarik apa yang menunggunya", "KASN pulls what waits for it"),
        lambda page: {"waiting": (case.id in [row["casefile"]["id"] for row in page["data"]], True)},
        shows=lambda page: [
            f"{row['casefile']['number']}: {row['purpose']}, {row['due_on']}" for row in page["data"][:3]
        ],
        purpose="verify",
        limit="500",
    )
    walk.refused(
        ELSEWHERE,
        Said("Bawaslu daerah lain mencoba membuka perkara itu", "Another region's Bawaslu tries to open the casefile"),
        lambda client: client.get(f"/casefiles/{case.id}"),
        status=404,
        code="not-found",
        case=case,
    )
    walk.refused(
        MINISTRY,
        Said("Kementerian belum ditanya, jadi belum tahu apa-apa", "The ministry has not been asked: no tip-off"),
        lambda client: client.get(f"/casefiles/{case.id}"),
        status=404,
        code="not-found",
        case=case,
    )
    walk.performs(
        EXAMINER_THEN,
        case,
        "request-identity",
        {"employer": MINISTRY, "text": "Mohon identitas dosen ini.", "occurred_at": at("2023-05-23")},
        Said("KASN bertanya kepada kementerian: siapa dosen ini?", "KASN asks the ministry who the lecturer is"),
        Then("identity_requested", MINISTRY, "identify", "2023-05-30"),
    )
    walk.performs(
        MINISTRY,
        case,
        "identify",
        {**LECTURER, "occurred_at": at("2023-05-25", "14:00")},
        Said(
            "Kementerian menjawab; jam pemeriksa berjalan lagi, dua hari menunggu tidak dihitung",
            "The ministry answers; the examiner's clock resumes, the two days away do not count",
        ),
        Then("submitted", EXAMINER_THEN, "verify", "2023-05-31"),
    )


def _completed(walk: Walk, case: Case) -> None:
    walk.performs(
        EXAMINER_THEN,
        case,
        "return",
        {
            "occurred_at": at("2023-05-26", "11:00"),
            "items": [
                {"code": "missing_evidence", "text": "Lampirkan foto saat pendaftaran."},
                {"code": "candidate_link_unclear", "text": "Jelaskan hubungan terlapor dengan bakal calon."},
            ],
        },
        Said("Berkas dikembalikan dengan dua butir kekurangan", "The file goes back with two items to supply"),
        Then("returned", SUPERVISOR, "complete", "2023-05-31"),
        shows=lambda seen: [f"{item['number']}. {item['code']}" for item in seen["returned"]["items"]],
    )
    photo = walk.registers(
        SUPERVISOR,
        "evidence",
        "Foto pendaftaran bakal calon anggota DPD",
        number="BB-02/V/2023",
        date="2023-05-11",
        evidence_kind="photo",
    )
    walk.performs(
        SUPERVISOR,
        case,
        "complete",
        {
            "occurred_at": at("2023-05-30", "15:30"),
            "answers": [
                {"item": 1, "text": "Foto terlampir.", "documents": [photo]},
                {"item": 2, "text": "Menurut saksi, terlapor adalah saudara sepupu bakal calon."},
            ],
        },
        Said("Bawaslu menjawab tiap butir dan melampirkan foto", "Bawaslu answers every item and adds the photograph"),
        Then("submitted", EXAMINER_THEN, "verify", "2023-06-04"),
    )
    walk.refused(
        SUPERVISOR,
        Said("Pengirim mencoba menerima temuannya sendiri", "The submitter tries to accept its own finding"),
        lambda client: client.act(case.id, "accept", {}),
        status=403,
        code="wrong-party",
        case=case,
    )
    walk.refused(
        EXAMINER_THEN,
        Said("KASN bertindak atas versi yang sudah usang", "KASN acts on a version that is out of date"),
        lambda client: client.act(case.id, "accept", {}),
        status=412,
        code="stale-version",
        shows=lambda refused: [f"current_version: {refused.members['current_version']}, ETag: {refused.answer.etag}"],
        case=case,
    )


def _examined(walk: Walk, case: Case) -> None:
    minutes = walk.registers(
        EXAMINER_THEN, "verification_minutes", "Berita acara verifikasi", number="BA-77/V/2023", date="2023-05-31"
    )
    walk.performs(
        EXAMINER_THEN,
        case,
        "accept",
        {
            "occurred_at": at("2023-05-31", "16:00"),
            "examiner_reference": "W-112/2023",
            "not_duplicate_of": walk.other_matters(EXAMINER_THEN, case),
            "unit": "Asisten Komisioner Bidang Pengaduan dan Penyelidikan",
            "verification": {
                "held_on": "2023-05-31",
                "result": "complete",
                "members": [EXAMINER_THEN, SUPERVISOR],
                "minutes": minutes,
            },
        },
        Said(
            "Berkas lengkap: KASN menerima dan memeriksa sendiri",
            "The file is complete: KASN takes it on, and examines",
        ),
        Then("under_examination", EXAMINER_THEN, "examine", "2023-06-22"),
    )
    letter = walk.registers(
        EXAMINER_THEN,
        "recommendation",
        "Rekomendasi atas pelanggaran netralitas",
        number="R-2094/2023",
        date="2023-06-20",
    )
    walk.performs(
        EXAMINER_THEN,
        case,
        "recommend",
        {
            "occurred_at": at("2023-06-20", "13:00"),
            "letter": {"number": "R-2094/2023", "date": "2023-06-20", "document": letter},
            "violations": [1],
            "sanction": "moral_open",
            "reasoning": "Terbukti mendampingi bakal calon. Calon belum ditetapkan, sehingga kode etik yang berlaku.",
            "official": COMMISSIONER,
        },
        Said(
            "KASN merekomendasikan sanksi moral terbuka; golongan dihitung dari bentuk, tanggal, dan katalog",
            "KASN recommends an open moral sanction; the class is computed from form, dates and catalogue",
        ),
        Then("recommended", MINISTRY, "acknowledge", "2023-06-22"),
        shows=lambda seen: [
            f"{violation['violation_class']}, {violation['annex_item']}: {violation['class_reasoning']['reasoning']}"
            for violation in seen["violations"]
        ],
    )


def _followed_up(walk: Walk, case: Case) -> None:
    walk.performs(
        MINISTRY,
        case,
        "acknowledge",
        {"occurred_at": at("2023-06-22", "08:30"), "received_on": "2023-06-21", "received_by": REGISTRAR},
        Said(
            "Kementerian menerima surat; empat belas hari dihitung sejak diterima",
            "Received: fourteen days from that day",
        ),
        Then("awaiting_sanction", MINISTRY, "follow_up", "2023-07-05"),
        shows=lambda seen: [f"ditahan/withheld: {', '.join(seen['withheld']) or '-'}"],
    )
    walk.performs(
        MINISTRY,
        case,
        "note",
        {"occurred_at": at("2023-06-26"), "code": "council_formed", "date": "2023-06-23"},
        Said(
            "Majelis kode etik dibentuk: semua pihak melihat kemajuan",
            "An ethics council is formed: all parties see it",
        ),
        Then("awaiting_sanction", MINISTRY, "follow_up", "2023-07-05"),
    )
    decree = walk.uploads(
        MINISTRY, "ethics_decision", "Keputusan sanksi moral", number="4512/E/KP/2023", date="2023-07-03"
    )
    report = {
        "occurred_at": at("2023-07-04", "10:15"),
        "sanction": "moral_closed",
        "decision": {
            "number": "4512/E/KP/2023",
            "date": "2023-07-03",
            "legal_basis": "PP 42/2004 pasal 15",
            "document": decree,
        },
        "official": SECRETARY_GENERAL,
        "examination": {
            "by": "ethics_council",
            "summoned_on": ["2023-06-24"],
            "examined_on": "2023-06-27",
            "attended": True,
        },
    }
    walk.refused(
        MINISTRY,
        Said("Hukuman lebih ringan tanpa alasan: ditolak", "A lighter sanction without a reason: refused"),
        lambda client: client.act(case.id, "report-sanction", report),
        status=409,
        code="transition-refused",
        shows=mended,
        case=case,
    )
    walk.performs(
        MINISTRY,
        case,
        "report-sanction",
        {**report, "reason": {"code": "mitigating", "text": "Mengakui, menyesal, dan belum pernah dijatuhi sanksi."}},
        Said(
            "Sanksi moral tertutup dilaporkan, dengan alasannya", "A closed moral sanction is reported, with its reason"
        ),
        Then("sanction_reported", MINISTRY, "deliver", "2023-07-24"),
        shows=lambda seen: [
            f"{seen['recommendation']['sanction']} / {seen['sanction']['sanction']}: {seen['sanction']['comparison']}"
        ],
    )
    proof = walk.registers(MINISTRY, "delivery_proof", "Tanda terima keputusan", number="TT-88/2023", date="2023-07-07")
    walk.performs(
        MINISTRY,
        case,
        "record-delivery",
        {"occurred_at": at("2023-07-07", "11:00"), "delivered_on": "2023-07-07", "method": "hand", "document": proof},
        Said("Keputusan sampai di tangan dosen itu; giliran KASN", "The decree is in his hands; now it is KASN's turn"),
        Then("sanction_reported", EXAMINER_THEN, "review", "2023-07-14"),
    )
    walk.performs(
        EXAMINER_THEN,
        case,
        "close",
        {
            "occurred_at": at("2023-07-12", "14:00"),
            "conformity": "lighter_accepted",
            "reason": {"code": "mitigating", "text": "Alasan instansi dapat diterima."},
        },
        Said("KASN menerima yang lebih ringan dan menutup perkara", "KASN accepts the lighter sanction and closes"),
        Then("closed", outcome="sanctioned"),
    )


STEPS_OF_THE_LECTURER = [
    "submit",
    "request-identity",
    "identify",
    "return",
    "complete",
    "accept",
    "recommend",
    "acknowledge",
    "note",
    "report-sanction",
    "record-delivery",
    "close",
]


def read_back(walk: Walk, case: Case) -> None:
    """What remains: the history, read by the submitter and by the auditor."""

    def as_told(timeline: Any) -> dict[str, tuple[Any, Any]]:
        steps = [item["transition"]["name"] for item in timeline["data"] if item["kind"] == "transition"]
        late = [item["referral"]["days_late"] for item in timeline["data"] if item["kind"] == "referral"]
        return {"transitions": (steps, STEPS_OF_THE_LECTURER), "days late": (sum(late), 0)}

    walk.reads(
        SUPERVISOR,
        f"/casefiles/{case.id}/timeline",
        Said("Bawaslu membaca seluruh riwayat perkaranya", "Bawaslu reads the whole history of its case"),
        as_told,
        shows=history,
    )
    walk.reads(
        AUDITOR,
        f"/casefiles/{case.id}",
        Said("Auditor membaca, dan tidak dapat berbuat apa pun", "The auditor reads, and can do nothing"),
        lambda seen: {"outcome": (seen["outcome"], "sanctioned"), "available": (seen["available"], [])},
        shows=lambda seen: [f"{seen['number']}: {seen['outcome']}, version {seen['version']}"],
    )
