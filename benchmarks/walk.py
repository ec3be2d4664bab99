"""A few real cases, walked through the API itself; `data.py` multiplies them.

Each is a path of requests: who, what, when. The acts lie in 2023 (examined by KASN) and 2024 (by BKN).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from benchmarks.spread import CLEARED

OFFICE, EMPLOYER = "bawaslu-kota-padang", "pemkot-padang"
OFFICIAL = {"name": "Nama Pejabat", "nip": "197001011995031001", "position": "Kepala Dinas"}
SUMMARY = (
    "Berdasarkan hasil klarifikasi terhadap terlapor dan dua orang saksi serta tangkapan layar yang "
    "diperoleh pengawas, terlapor selaku pegawai negeri sipil terbukti menyukai, mengomentari dan "
    "membagikan unggahan bakal calon pada akun media sosial pribadinya sebanyak tiga kali dalam masa "
    "sosialisasi. Perbuatan tersebut memenuhi unsur pelanggaran netralitas sebagaimana diatur dalam "
    "peraturan perundang-undangan lain dan diteruskan kepada instansi berwenang. "
)


@dataclass(frozen=True)
class Era:
    """A time with its examiner and election."""

    examiner: str
    election: str
    begins: datetime


ERAS = (
    Era("kasn", "pemilu-2024", datetime(2023, 10, 2, 3, tzinfo=UTC)),
    Era("bkn", "pilkada-2024", datetime(2024, 10, 7, 3, tzinfo=UTC)),
)


def finding(*, office: str, employer: str, register: str, document: str, era: Era, day: datetime) -> dict[str, Any]:
    """The body of POST /findings: one subject, two violations."""
    on = [(day - timedelta(days=back)).date().isoformat() for back in (9, 5, 4, 2)]
    is_local = era.election.startswith("pilkada")
    contest = {"office": "mayor", "region": "13.71"} if is_local else {"office": "dpr", "region": "13"}
    return {
        "occurred_at": instant(day),
        "register_number": register,
        "source": "finding",
        "origin_office": office,
        "found_by": {"level": "sub_district", "region": "13.71.01"},
        "election": era.election,
        "known_on": on[1],
        "registered_on": on[2],
        "clarification": {"held": True, "held_on": on[3], "subject_heard": True},
        "assessment": {"summary": SUMMARY * 2, "documents": [document]},
        "violations": [
            {
                "number": number,
                "form": "social_media_engagement",
                "act_date": on[0],
                "region": "13.71",
                "place": "Akun pribadi terlapor",
                "channel": "facebook",
                "interaction": interaction,
                "contest": contest,
                "description": SUMMARY,
            }
            for number, interaction in ((1, "like"), (2, "share"))
        ],
        "subjects": [
            {
                "name": "Pegawai Contoh",
                "nip": "198501012010011001",
                "employer": employer,
                "employment_kind": "pns",
                "position_kind": "functional_expert",
                "position": "Guru Ahli Muda",
                "work_unit": "Dinas Pendidikan",
                "violations": [1, 2],
            }
        ],
        "references": [{"system": "sbt", "value": register.split("/", maxsplit=1)[0]}],
    }


def descriptor(kind: str = "assessment") -> dict[str, Any]:
    """The body of POST /documents."""
    digest = (uuid4().hex + uuid4().hex)[:64]
    title = "Kajian dugaan pelanggaran netralitas"
    return {"type": kind, "title": title, "media_type": "application/pdf", "size": 482_113, "sha256": digest}


def instant(moment: datetime) -> str:
    """As bodies spell an instant."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Walker:
    """Sends requests through Django's handler, as any of the agencies."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self.tokens, self.client = tokens, Client(SERVER_NAME="127.0.0.1")

    def post(self, agency: str, path: str, body: Mapping[str, Any], version: int | None = None) -> dict[str, Any]:
        """The answer's JSON; an unexpected answer ends the run."""
        headers = {"authorization": f"Bearer {self.tokens[agency]}", "idempotency-key": str(uuid4())}
        if version is not None:
            headers["if-match"] = f'"{version}"'
        answer = self.client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"POST {path} as {agency}: {answer.status_code} {answer.content.decode()[:2000]}")
        return dict(answer.json())

    def suspected(self, agency: str, casefile: str) -> list[str]:
        """The casefiles that may be the same matter, as that agency is told."""
        headers = {"authorization": f"Bearer {self.tokens[agency]}"}
        seen = self.client.get(f"/api/v1/casefiles/{casefile}", headers=headers).json()
        return [str(one["casefile"]) for one in seen["suspected_duplicates"]]

    def document(self, agency: str, kind: str = "assessment") -> str:
        """A descriptor of that agency; its id."""
        return str(self.post(agency, "/documents", descriptor(kind))["id"])

    def walk(self, era: Era, *, steps: int, week: int, office: str = OFFICE, employer: str = EMPLOYER) -> str:
        """One case, so many steps far; its id."""
        day = era.begins + timedelta(weeks=week)
        register = f"{uuid4().hex[:10]}/TM/PL/Kota/03.01/X"
        document = self.document(office)
        body = finding(office=office, employer=employer, register=register, document=document, era=era, day=day)
        casefile = str(self.post(office, "/findings", body)["casefiles"][0]["id"])
        acts = self._later(era, day, employer=employer)[: steps - 1]
        if steps == CLEARED:
            acts[-1] = self._cleared(era, day)
        for version, (agency, name, given) in enumerate(acts, start=1):
            body = {**given(), "occurred_at": instant(day + timedelta(days=version))}
            if name == "accept":
                # Every walk tells of the same officer; each is a matter of its own.
                body["not_duplicate_of"] = self.suspected(agency, casefile)
            self.post(agency, f"/casefiles/{casefile}/{name}", body, version)
        return casefile

    def _later(self, era: Era, day: datetime, *, employer: str) -> list[tuple[str, str, Any]]:
        on = [(day + timedelta(days=ahead)).date().isoformat() for ahead in range(10)]
        letter = {"number": "R-1194/NK.01/2024", "date": on[4]}
        sanction = "moral_open"
        identity = {
            "nip": "198501012010011001",
            "name": "Pegawai Contoh",
            "employer": employer,
            "employment_kind": "pns",
            "position_kind": "functional_expert",
            "position": "Guru Ahli Muda",
            "work_unit": "Dinas Pendidikan",
        }
        return [
            (era.examiner, "request-identity", lambda: {"employer": employer}),
            (employer, "identify", lambda: identity),
            (era.examiner, "accept", lambda: {"examiner_reference": "W-112/2024"}),
            (
                era.examiner,
                "recommend",
                lambda: {
                    "letter": letter,
                    "violations": [1, 2],
                    "sanction": sanction,
                    "reasoning": SUMMARY * 2,
                    "official": OFFICIAL,
                },
            ),
            (employer, "acknowledge", lambda: {"received_on": on[5], "received_by": OFFICIAL}),
            (employer, "note", lambda: {"code": "team_formed", "date": on[6], "text": "Tim pemeriksa dibentuk."}),
            (
                employer,
                "report-sanction",
                lambda: {
                    "sanction": sanction,
                    "decision": {
                        "number": "SK.800/12/2024",
                        "date": on[7],
                        "legal_basis": "PP 42/2004 pasal 15",
                        "document": self.document(employer, "decision"),
                    },
                    "official": OFFICIAL,
                    "examination": {"by": "team", "summoned_on": [on[6]], "examined_on": on[6], "attended": True},
                },
            ),
            (employer, "record-delivery", lambda: {"delivered_on": on[8], "method": "hand"}),
            (era.examiner, "close", lambda: {"conformity": "in_line"}),
        ]

    @staticmethod
    def _cleared(era: Era, day: datetime) -> tuple[str, str, Any]:
        letter = {"number": "T-1194/NK.01/2024", "date": (day + timedelta(days=4)).date().isoformat()}
        given = {"letter": letter, "reason": {"code": "evidence_insufficient"}, "official": OFFICIAL}
        return era.examiner, "clear", lambda: given
