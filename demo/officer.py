"""Kotawaringin Timur, 2024: an officer likes, comments and shares on Facebook; today's examiner finds it not proven."""

from __future__ import annotations

from typing import Any

from demo.printing import Said
from demo.story import ELSEWHERE, EXAMINER_NOW, REGENCY, at, next_number
from demo.walk import Case, Then, Walk

OFFICER = {
    "nip": "198806212011011903",
    "name": "Dadang Sampitono",
    "employer": REGENCY,
    "employment_kind": "pns",
    "position_kind": "executor",
    "position": "Pengelola layanan operasional",
    "grade": "II/d",
    "work_unit": "Dinas Perhubungan",
    "identity_source": "siasn",
}
DIRECTOR = {
    "name": "Ratna Kusumaningayu",
    "nip": "197001251996032906",
    "position": "Direktur Pengawasan dan Pengendalian",
}


def kotawaringin_timur(walk: Walk) -> Case:
    """Like, comment and share on Facebook: examined by today's authority, and not proven."""
    walk.screen.chapter(
        Said(
            "Kotawaringin Timur, September 2024: suka, komentar, dan bagikan di Facebook",
            "Kotawaringin Timur, September 2024: like, comment and share on Facebook",
        )
    )
    study = walk.registers(
        ELSEWHERE, "assessment", "Kajian dugaan pelanggaran netralitas", number="009/KJ/X/2024", date="2024-10-08"
    )
    screenshot = walk.registers(
        ELSEWHERE,
        "evidence",
        "Tangkapan layar tiga kegiatan di Facebook",
        number="BB-01/X/2024",
        date="2024-10-01",
        evidence_kind="screenshot",
    )
    case = walk.submits(
        ELSEWHERE,
        {
            "occurred_at": at("2024-10-09"),
            "register_number": f"{next_number(walk[ELSEWHERE])}/TM/PB/Kab/21.10/X/2024",
            "source": "finding",
            "origin_office": ELSEWHERE,
            "election": "pilkada-2024",
            "known_on": "2024-10-01",
            "registered_on": "2024-10-02",
            "forwarded_on": "2024-10-09",
            "clarification": {"held": False, "reason": "subject_absent"},
            "assessment": {
                "summary": "Sebuah akun Facebook atas nama terlapor menyukai, mengomentari, dan membagikan unggahan.",
                "documents": [study, screenshot],
            },
            "violations": [
                _on_facebook(1, "like", "2024-09-27", "Menyukai unggahan pasangan calon."),
                _on_facebook(2, "comment", "2024-09-28", "Mengomentari unggahan itu dengan ajakan memilih."),
                _on_facebook(3, "share", "2024-09-29", "Membagikan unggahan itu pada lini masanya."),
            ],
            "subjects": [{"name": "Dadang Sampitono", "employer": REGENCY, "violations": [1, 2, 3]}],
        },
        Said(
            "Bawaslu kabupaten meneruskan tiga perbuatan satu pegawai",
            "The regency's Bawaslu forwards three acts of one",
        ),
        Then("submitted", EXAMINER_NOW, "verify", "2024-10-16"),
    )
    walk.performs(
        EXAMINER_NOW,
        case,
        "identify",
        {**OFFICER, "occurred_at": at("2024-10-11")},
        Said(
            "BKN mengenalinya sendiri dari SIASN, tanpa bertanya", "BKN knows him from its own records, without asking"
        ),
        Then("submitted", EXAMINER_NOW, "verify", "2024-10-16"),
    )
    walk.performs(
        EXAMINER_NOW,
        case,
        "accept",
        {
            "occurred_at": at("2024-10-15"),
            "examiner_reference": "WASDAL-0415/2024",
            "not_duplicate_of": walk.other_matters(EXAMINER_NOW, case),
        },
        Said(
            "BKN menerima: sesudah penetapan calon, ini disiplin", "BKN takes it on: after the designation, discipline"
        ),
        Then("under_examination", EXAMINER_NOW, "examine", "2024-11-04"),
        shows=lambda seen: [
            f"{violation['interaction']}: {violation['violation_class']}, {violation['annex_item']}"
            for violation in seen["violations"]
        ],
    )
    letter = walk.registers(
        EXAMINER_NOW, "outcome_letter", "Surat hasil pemeriksaan", number="S-3317/2024", date="2024-10-31"
    )
    walk.performs(
        EXAMINER_NOW,
        case,
        "clear",
        {
            "occurred_at": at("2024-11-01", "15:00"),
            "letter": {"number": "S-3317/2024", "date": "2024-10-31", "document": letter},
            "reason": {"code": "evidence_insufficient", "text": "Akun itu tidak terbukti milik terlapor."},
            "official": DIRECTOR,
        },
        Said("Akun itu tidak terbukti miliknya: tidak terbukti", "The account is not shown to be his: not proven"),
        Then("closed", outcome="not_proven"),
    )
    walk.refused(
        REGENCY,
        Said("Pemerintah kabupaten tidak pernah mendengar tuduhan itu", "The regency never heard of the allegation"),
        lambda client: client.get(f"/casefiles/{case.id}"),
        status=404,
        code="not-found",
        case=case,
    )
    return case


def _on_facebook(number: int, interaction: str, day: str, description: str) -> dict[str, Any]:
    return {
        "number": number,
        "form": "social_media_engagement",
        "act_date": day,
        "region": "62.02",
        "channel": "facebook",
        "interaction": interaction,
        "contest": {"office": "regent", "region": "62.02"},
        "beneficiary": {"kind": "candidate"},
        "description": description,
    }
