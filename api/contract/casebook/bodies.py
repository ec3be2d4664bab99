"""The bodies, by the name of their file: the operation, and a second word where an operation has several.

One officer of Kota Padang likes a candidate's posting in September 2024. Every body says when its act happened, so
that the days fit together whenever it is sent. Persons and ids stand in `people_and_ids`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.contract.casebook.people_and_ids import (
    ANNULMENT,
    ASSESSMENT,
    CITY,
    DECISION,
    DELIVERY_PROOF,
    DIRECTOR,
    EVIDENCE,
    EXAMINER,
    EXECUTION_PROOF,
    HEAD_OF_PERSONNEL,
    NAME,
    NEXT_EMPLOYER,
    NIP,
    NUMBER,
    PROVINCE,
    REGISTRAR,
    RULING,
    SECOND_ASSESSMENT,
    SECOND_CASEFILE,
    SUPERVISOR,
)


def _at(day: str, time: str = "10:00") -> str:
    """That moment in western Indonesia."""
    return f"{day}T{time}:00+07:00"


def _letter(number: str, date: str) -> dict[str, str]:
    return {"number": number, "date": date}


def _document(kind: str, title: str, number: str, date: str, digest: str, **more: str) -> dict[str, Any]:
    return {
        "type": kind,
        "title": title,
        "number": number,
        "date": date,
        "media_type": "application/pdf",
        "size": 18233,
        "sha256": digest * 16,
        "signature_status": "unknown",
        **more,
    }


_LIKE = {
    "number": 1,
    "form": "social_media_engagement",
    "act_date": "2024-09-29",
    "region": "13.71",
    "channel": "facebook",
    "interaction": "like",
    "contest": {"office": "mayor", "region": "13.71"},
    "beneficiary": {"kind": "candidate"},
    "description": "Menyukai unggahan calon.",
}

_INTAKE: Mapping[str, Mapping[str, Any]] = {
    "register_document": _document("assessment", "Kajian dugaan pelanggaran", "12/PL/2024", "2024-10-06", "9f86"),
    "register_document.second_assessment": _document(
        "assessment", "Kajian atas laporan", "31/PL/2024", "2024-10-08", "3a7b"
    ),
    "register_document.evidence": _document(
        "evidence", "Tangkapan layar", "BB-01/X/2024", "2024-09-30", "51c4", evidence_kind="screenshot"
    ),
    "submit_finding": {
        "occurred_at": _at("2024-10-07"),
        "register_number": "006/TM/PW/Kota/03.01/X/2024",
        "register_kind": "register",
        "source": "finding",
        "origin_office": SUPERVISOR,
        "found_by": {"level": "sub_district", "region": "13.71.01"},
        "election": "pilkada-2024",
        "known_on": "2024-10-02",
        "registered_on": "2024-10-03",
        "forwarded_on": "2024-10-07",
        "election_nexus": "election_related",
        "clarification": {"held": True, "held_on": "2024-10-05", "subject_heard": True},
        "assessment": {"summary": "Menyukai unggahan calon wali kota di Facebook.", "documents": [ASSESSMENT]},
        "violations": [_LIKE],
        "subjects": [{"name": NAME, "employer": CITY, "position": "Guru", "violations": [1]}],
        "references": [{"system": "sbt", "value": "2024-001"}],
    },
    # The same act reached the province too, by a report.
    "submit_finding.report": {
        "occurred_at": _at("2024-10-09"),
        "register_number": "014/LP/PW/Prov/03.00/X/2024",
        "source": "report",
        "origin_office": PROVINCE,
        "election": "pilkada-2024",
        "known_on": "2024-10-04",
        "registered_on": "2024-10-07",
        "forwarded_on": "2024-10-09",
        "clarification": {"held": False, "reason": "subject_absent"},
        "assessment": {"summary": "Laporan pemilih tentang unggahan yang sama.", "documents": [SECOND_ASSESSMENT]},
        "reporter": {"kind": "voter", "name": "Nama Pelapor", "phone": "0800000000"},
        "violations": [_LIKE],
        "subjects": [{"name": NAME, "employer": CITY, "violations": [1]}],
    },
    "add_subjects": {
        "occurred_at": _at("2024-10-08", "14:00"),
        "subjects": [
            {
                "name": "Contoh Nama Kedua",
                "nip": "199003152015032002",
                "employer": CITY,
                "employment_kind": "pns",
                "position_kind": "functional_expert",
                "position": "Guru",
                "violations": [1],
            }
        ],
    },
    "perform_request_identity": {
        "occurred_at": _at("2024-10-08"),
        "employer": CITY,
        "text": "Mohon identitas guru ini.",
    },
    "perform_identify": {
        "occurred_at": _at("2024-10-09"),
        "nip": NIP,
        "name": NAME,
        "employer": CITY,
        "employment_kind": "pns",
        "position_kind": "functional_expert",
        "position_roles": ["teacher"],
        "position": "Guru",
        "grade": "III/d",
        "work_unit": "SMP Negeri Contoh",
        "identity_source": "agency_records",
    },
    "perform_disown": {"occurred_at": _at("2024-10-09"), "reason": {"code": "not_ours"}, "employer": NEXT_EMPLOYER},
    "perform_recall": {"occurred_at": _at("2024-10-16"), "reason": {"code": "no_answer"}},
    "perform_return": {
        "occurred_at": _at("2024-10-10"),
        "items": [{"code": "missing_evidence", "text": "Lampirkan tangkapan layar."}],
    },
    "perform_complete": {
        "occurred_at": _at("2024-10-11"),
        "answers": [{"item": 1, "text": "Terlampir.", "documents": [EVIDENCE]}],
    },
    "perform_withdraw": {
        "occurred_at": _at("2024-10-08"),
        "reason": {"code": "registered_in_error", "text": "Akun itu bukan milik terlapor."},
    },
    "perform_reject": {
        "occurred_at": _at("2024-10-09"),
        "reason": {"code": "not_neutrality"},
        "official": DIRECTOR,
    },
    "perform_redirect": {
        "occurred_at": _at("2024-10-09"),
        "authority": "gakkumdu",
        "letter": _letter("S-1102/2024", "2024-10-09"),
        "text": "Perkara ini ditangani Sentra Gakkumdu.",
    },
    "perform_reassign": {"occurred_at": _at("2024-10-08"), "office": PROVINCE, "kind": "taken_over"},
    "perform_merge": {
        "occurred_at": _at("2024-10-10"),
        "into": SECOND_CASEFILE,
        "text": "Temuan yang sama.",
    },
    "perform_unmerge": {"occurred_at": _at("2024-10-14"), "reason": {"code": "not_the_same_act"}},
    "perform_accept": {
        "occurred_at": _at("2024-10-14"),
        "examiner_reference": "W-112/2024",
        "unit": "Direktorat Wasdal",
        "verification": {"held_on": "2024-10-14", "result": "complete", "members": [EXAMINER, SUPERVISOR]},
        "not_duplicate_of": [],
    },
}

_EXAMINATION: Mapping[str, Mapping[str, Any]] = {
    "perform_correct": {
        "occurred_at": _at("2024-10-15"),
        "fact": "#/unit",
        "value": "Direktorat Pengawasan dan Pengendalian",
        "reason": {"code": "clerical_error"},
    },
    "perform_clear": {
        "occurred_at": _at("2024-10-21"),
        "letter": _letter("S-1188/2024", "2024-10-21"),
        "reason": {"code": "evidence_insufficient"},
        "official": DIRECTOR,
    },
    "perform_terminate": {
        "occurred_at": _at("2024-10-21"),
        "reason": {"code": "resigned"},
        "violation_found": "undecided",
        "official": DIRECTOR,
    },
    "perform_extend": {
        "occurred_at": _at("2024-10-30"),
        "until": "2024-11-15",
        "reason": {"code": "examination_running", "text": "Saksi baru dapat didengar minggu depan."},
    },
    "perform_recommend": {
        "occurred_at": _at("2024-10-21"),
        "letter": _letter("R-1194/2024", "2024-10-21"),
        "violations": [1],
        "sanction": "discipline_heavy",
        "reasoning": "Terbukti menurut bukti yang diperiksa.",
        "official": DIRECTOR,
    },
    "perform_acknowledge": {"occurred_at": _at("2024-10-22"), "received_on": "2024-10-22", "received_by": REGISTRAR},
    "register_document.delivery_proof": _document(
        "delivery_proof", "Bukti penyampaian rekomendasi", "BP-77/2024", "2024-10-25", "7d20"
    ),
    "perform_serve": {
        "occurred_at": _at("2024-10-28"),
        "delivered_on": "2024-10-25",
        "method": "courier",
        "proof": DELIVERY_PROOF,
    },
    "perform_note": {"occurred_at": _at("2024-10-24"), "code": "team_formed", "date": "2024-10-23"},
    "perform_dispute": {
        "occurred_at": _at("2024-10-25"),
        "reason": {"code": "not_proven_by_agency", "text": "Pemeriksaan kami tidak menemukan unggahan itu."},
        "letter": _letter("800/211/BKPSDM/2024", "2024-10-25"),
    },
    "perform_uphold": {
        "occurred_at": _at("2024-10-31"),
        "letter": _letter("R-1230/2024", "2024-10-31"),
        "reason": {"code": "reasons_rejected"},
        "clock": "runs_on",
    },
    "perform_retract": {
        "occurred_at": _at("2024-10-31"),
        "letter": _letter("R-1231/2024", "2024-10-31"),
        "reason": {"code": "evidence_insufficient"},
        "official": DIRECTOR,
    },
    "perform_transfer": {
        "occurred_at": _at("2024-10-29"),
        "employer": NEXT_EMPLOYER,
        "moved_on": "2024-10-28",
        "reason": {"code": "inter_agency_move"},
        "clock": "fresh",
    },
    "perform_measure": {
        "occurred_at": _at("2024-11-08"),
        "code": "warning",
        "letter": _letter("P-402/2024", "2024-11-08"),
        "addressed_to": CITY,
        "due_on": "2024-11-15",
    },
}

_SANCTION: Mapping[str, Mapping[str, Any]] = {
    "register_document.decision": _document(
        "decision", "Keputusan hukuman disiplin", "SK.800/12/2024", "2024-11-04", "c0de"
    ),
    "perform_report_sanction": {
        "occurred_at": _at("2024-11-05"),
        "sanction": "release_to_executor_12m",
        "decision": {
            "number": "SK.800/12/2024",
            "date": "2024-11-04",
            "legal_basis": "PP 94/2021 pasal 14",
            "document": DECISION,
        },
        "official": HEAD_OF_PERSONNEL,
        "examination": {
            "by": "team",
            "summoned_on": ["2024-10-25"],
            "examined_on": "2024-10-30",
            "attended": True,
        },
    },
    "perform_record_delivery": {"occurred_at": _at("2024-11-06"), "delivered_on": "2024-11-06", "method": "hand"},
    "perform_require_correction": {
        "occurred_at": _at("2024-11-13"),
        "letter": _letter("R-1260/2024", "2024-11-13"),
        "reason": {"code": "wrong_legal_basis"},
    },
    "perform_block_data": {
        "occurred_at": _at("2024-11-12"),
        "letter": _letter("P-415/2024", "2024-11-12"),
        "reason": {"code": "partial_follow_up", "text": "Keputusan belum dilaksanakan."},
        "scope": "partial",
        "services": ["promotion"],
    },
    "perform_unblock_data": {
        "occurred_at": _at("2024-12-03"),
        "letter": _letter("P-440/2024", "2024-12-03"),
        "reason": {"code": "followed_up"},
    },
    "perform_contest": {
        "occurred_at": _at("2024-11-19"),
        "kind": "objection",
        "filed_on": "2024-11-18",
        "letter": _letter("K-01/XI/2024", "2024-11-18"),
    },
    "register_document.ruling": _document("ruling", "Keputusan atas keberatan", "SK.800/15/2024", "2024-12-09", "b00c"),
    "perform_settle": {
        "occurred_at": _at("2024-12-11"),
        "ruling": "lightened",
        "decision": {
            "number": "SK.800/15/2024",
            "date": "2024-12-09",
            "legal_basis": "PP 79/2021 pasal 8",
            "document": RULING,
        },
        "official": HEAD_OF_PERSONNEL,
        "sanction": "demotion_one_level_12m",
        "delivery": {"delivered_on": "2024-12-10", "method": "hand"},
    },
    "register_document.annulment": _document(
        "annulment_decree", "Pembatalan keputusan hukuman disiplin", "SK.800/16/2024", "2024-12-09", "a11e"
    ),
    "perform_annul": {
        "occurred_at": _at("2024-12-10"),
        "decision": {
            "number": "SK.800/16/2024",
            "date": "2024-12-09",
            "legal_basis": "PP 79/2021 pasal 8",
            "document": ANNULMENT,
        },
        "official": HEAD_OF_PERSONNEL,
    },
    "register_document.execution_proof": _document(
        "execution_proof", "Berita acara pelaksanaan", "BA.800/40/2024", "2024-12-02", "e5ec"
    ),
    "perform_record_execution": {
        "occurred_at": _at("2024-12-02"),
        "executed_on": "2024-12-02",
        "proof": EXECUTION_PROOF,
        "attended": True,
        "place": "Balai Kota Padang",
    },
    "perform_close": {
        "occurred_at": _at("2024-12-04"),
        "conformity": "in_line",
        "note": "Hukuman sesuai dengan rekomendasi.",
    },
    "perform_reopen": {
        "occurred_at": _at("2025-01-13"),
        "ground": {"code": "new_evidence", "text": "Pemilik akun yang sebenarnya ditemukan."},
        "letter": _letter("R-0012/2025", "2025-01-13"),
        "official": DIRECTOR,
    },
}

_BESIDE: Mapping[str, Mapping[str, Any]] = {
    "record_prevention": {
        "kind": "verbal_warning",
        "held_on": "2024-08-12",
        "office": SUPERVISOR,
        "election": "pilkada-2024",
        "region": "13.71",
        "addressed": CITY,
        "audience": 40,
        "officers": [{"nip": NIP, "name": NAME}],
        "text": "Peringatan setelah apel pagi.",
    },
    # Before the first finding of the story reached the city: of October it could not say so.
    "record_zero_report": {
        "agency": CITY,
        "subject": "sanctions",
        "period": {"from": "2024-09-01", "until": "2024-09-30"},
        "official": HEAD_OF_PERSONNEL,
        "text": "Nihil berdasarkan register bulan September.",
    },
    "take_snapshot": {"name": "Triwulan III 2026", "published": True},
    "withdraw_zero_report": {
        "reason": "Keputusan tanggal 20 September terlewat pada laporan ini.",
        "official": HEAD_OF_PERSONNEL,
    },
    "register_webhook": {
        "url": "https://sistem.bkn.go.id/lintas/webhook",
        "types": ["lintas.casefile.submitted", "lintas.casefile.sanction_reported"],
    },
    "ping_webhook": {},
    "rotate_webhook_secret": {},
    "classify_act": {
        "form": "social_media_engagement",
        "act_date": "2024-09-21",
        "election": "pilkada-2024",
        "contest_office": "mayor",
        "region": "13.71",
        "employment_kind": "pns",
    },
    "search_casefiles": {"nip": NIP, "purpose": "case_handling"},
    "reconcile_registers": {
        "scope": {"role": "employer", "election": "pilkada-2024"},
        "items": [
            {"ref": "SIKAP-17", "number": NUMBER, "state": "awaiting_sanction", "due_on": "2024-11-05"},
            {"ref": "SIKAP-18", "nip": "198501012010011002", "election": "pilkada-2024", "outcome": "sanctioned"},
        ],
    },
}

OFF_THE_PATHS: Mapping[str, Mapping[str, Any]] = {
    "change_webhook": {"url": "https://sistem.bkn.go.id/lintas/webhook-2", "active": True},
    "replay_webhook": {"from_index": 10480},
    "redeliver": {},
    "ask_delegation": {
        "employer": "pemkot-padang",
        "roles": ["employer"],
        "scopes": ["casefiles:read", "casefiles:write", "documents:read", "documents:write", "events:read"],
        "valid_until": "2027-12-31T00:00:00+07:00",
    },
    "approve_delegation": {"scopes": ["casefiles:read", "events:read"], "valid_until": "2027-06-30T00:00:00+07:00"},
    "end_delegation": {},
    "add_own_key": {
        "jwk": {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
        "kid": "bkn-2027",
        "nonce": "bkn-system:1vM2Qk:3nq0Yy",
        "proof": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImxpbnRhcy1rZXktcHJvb2Yrand0In0.eyJjbGllbnRfaWQiOiJia24tc3lzdGVtIn0.MEUC",
        "valid_until": "2029-01-01T00:00:00+07:00",
    },
}
"""Bodies that no path sends: they name places of a log, prove a key, take a vendor, or are no POST."""

BODIES: Mapping[str, Mapping[str, Any]] = {**_INTAKE, **_EXAMINATION, **_SANCTION, **_BESIDE}
"""Every example body, by the name of its file in `openapi/examples`."""


def of_operation(operation: str) -> dict[str, Mapping[str, Any]]:
    """The bodies of one operation by their name within it: its own first, under the operation's name."""
    return {
        name.partition(".")[2] or operation: body
        for name, body in {**BODIES, **OFF_THE_PATHS}.items()
        if name.partition(".")[0] == operation
    }
