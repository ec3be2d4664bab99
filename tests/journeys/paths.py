"""The ways a casefile goes, over HTTP: each helper walks one stretch and leaves the file where the test begins."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from demo.client import Answer, Client, Refused

SUBMITTER = "bawaslu-kota-padang"
EXAMINER = "bkn"
EMPLOYER = "pemkot-padang"
ABOVE = "bawaslu-sumatera-barat"
UNRELATED = ("bawaslu-kab-agam", "pemprov-sumatera-barat", "kasn", "pemkab-kotawaringin-timur")

OFFICIAL = {"name": "Satria Bumiputra", "nip": "196701011992031901", "position": "Pejabat yang memutus"}
RECEIVER = {"name": "Melati Kencana", "nip": "198403032008012902", "position": "Pengelola surat"}
OFFICER = {
    "nip": "198501012010011903",
    "name": "Putra Rantau",
    "employer": EMPLOYER,
    "employment_kind": "pns",
    "position_kind": "functional_expert",
    "position": "Guru",
}
REPORTER = {"kind": "voter", "name": "Pelapor Rahasia", "phone": "081200009999"}


@dataclass
class Journey:
    """One casefile and everyone's clients. Each act happens a day after the one before, at nine in the morning."""

    parties: Mapping[str, Client]
    casefile: str
    finding: str
    number: str
    today: date = field(default_factory=lambda: date(2024, 10, 9))

    def act(self, agency: str, transition: str, **given: Any) -> dict[str, Any]:
        """Perform a transition on the version as it stands; the casefile after it."""
        self.today += timedelta(days=1)
        self.parties[agency].get(f"/casefiles/{self.casefile}")
        answer = self.parties[agency].act(
            self.casefile, transition, {"occurred_at": f"{self.today}T09:00:00+07:00", **given}
        )
        seen: dict[str, Any] = answer.data
        return seen

    def accept(self, **given: Any) -> dict[str, Any]:
        """The examiner accepts, as another matter than whatever other journeys tell of the same officer."""
        suspected = self.seen_by(EXAMINER)["suspected_duplicates"]
        return self.act(EXAMINER, "accept", not_duplicate_of=[one["casefile"] for one in suspected], **given)

    def seen_by(self, agency: str) -> dict[str, Any]:
        """The casefile as that agency sees it now."""
        return self.parties[agency].casefile(self.casefile)

    def read(self, agency: str, below: str = "", **query: str) -> Answer:
        """Something below the casefile."""
        return self.parties[agency].get(f"/casefiles/{self.casefile}{below}", **query)

    def is_hidden_from(self, agency: str) -> bool:
        """Whether the casefile does not exist for that agency: not by its address, not in its list."""
        with pytest.raises(Refused) as refused:
            self.seen_by(agency)
        listed = self.parties[agency].get("/casefiles", number=self.number).data["data"]
        return refused.value.code == "not-found" and listed == []

    def letter(self, number: str) -> dict[str, Any]:
        """A letter of today, without a descriptor."""
        return {"number": number, "date": str(self.today)}


def registered(client: Client, kind: str = "assessment") -> str:
    """The id of a document that this agency registers."""
    content = f"{kind} {uuid.uuid4()}".encode()
    described = {
        "type": kind,
        "title": "Dokumen contoh",
        "media_type": "text/plain",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return str(client.post("/documents", described).data["id"])


def subject(name: str, *, violations: Sequence[int] = (1,), **known: Any) -> dict[str, Any]:
    """An officer as the submitter knows him."""
    return {"name": name, "violations": list(violations), **known}


def finding(client: Client, *, subjects: Sequence[Mapping[str, Any]], **changed: Any) -> dict[str, Any]:
    """The body of a finding of likes on Facebook after the candidates were designated."""
    acts = sorted({number for one in subjects for number in one["violations"]})
    return {
        "occurred_at": "2024-10-09T09:00:00+07:00",
        "register_number": f"{uuid.uuid4()}",
        "source": "report",
        "origin_office": SUBMITTER,
        "election": "pilkada-2024",
        "known_on": "2024-10-02",
        "registered_on": "2024-10-03",
        "clarification": {"held": True, "held_on": "2024-10-05"},
        "assessment": {"summary": "Menyukai unggahan calon.", "documents": [registered(client)]},
        "reporter": REPORTER,
        "violations": [
            {
                "number": number,
                "form": "social_media_engagement",
                "act_date": "2024-09-29",
                "channel": "facebook",
                "interaction": "like",
                "contest": {"office": "mayor", "region": "13.71"},
                "description": "Menyukai unggahan calon.",
            }
            for number in acts
        ],
        "subjects": list(subjects),
        **changed,
    }


def submitted(parties: Mapping[str, Client], **changed: Any) -> Journey:
    """A finding of one officer, forwarded."""
    return submitted_together(parties, [subject("Putra Rantau")], **changed)[0]


def submitted_together(
    parties: Mapping[str, Client], subjects: Sequence[Mapping[str, Any]], **changed: Any
) -> list[Journey]:
    """A finding of several officers, forwarded: a journey for each."""
    office = parties[SUBMITTER]
    answer = office.post("/findings", finding(office, subjects=subjects, **changed)).data
    return [Journey(parties, one["id"], answer["id"], one["number"]) for one in answer["casefiles"]]


def identity_requested(parties: Mapping[str, Client]) -> Journey:
    """The employer was asked who the officer is."""
    journey = submitted(parties)
    journey.act(EXAMINER, "request-identity", employer=EMPLOYER)
    return journey


def under_examination(parties: Mapping[str, Client]) -> Journey:
    """The employer named its officer, and the examiner took the case on."""
    journey = identity_requested(parties)
    journey.act(EMPLOYER, "identify", **OFFICER)
    journey.accept()
    return journey


def recommended(parties: Mapping[str, Client], *, sanction: str = "discipline_medium") -> Journey:
    """Proven; the employer has the recommendation before it."""
    journey = under_examination(parties)
    journey.act(
        EXAMINER,
        "recommend",
        letter=journey.letter("R-1/2024"),
        violations=[1],
        sanction=sanction,
        reasoning="Terbukti.",
        official=OFFICIAL,
    )
    return journey


def awaiting_sanction(parties: Mapping[str, Client]) -> Journey:
    """The employer acknowledged, on the day it was sent."""
    journey = recommended(parties)
    journey.act(EMPLOYER, "acknowledge", received_on=str(journey.today), received_by=RECEIVER)
    return journey


def sanction(journey: Journey, code: str, **more: Any) -> dict[str, Any]:
    """What `report-sanction` takes, decided on the journey's day."""
    return {
        "sanction": code,
        "decision": {
            "number": "SK-1/2024",
            "date": str(journey.today),
            "legal_basis": "PP 94/2021",
            "document": registered(journey.parties[EMPLOYER], "decision"),
        },
        "official": OFFICIAL,
        "examination": {"by": "team", "summoned_on": [], "examined_on": str(journey.today), "attended": True},
        **more,
    }


def sanction_reported(parties: Mapping[str, Client]) -> Journey:
    """A lighter sanction than recommended, reported and delivered to the officer."""
    journey = awaiting_sanction(parties)
    reason = {"code": "mitigating"}
    journey.act(EMPLOYER, "report-sanction", **sanction(journey, "written_reprimand", reason=reason))
    journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    return journey


def refusal(journey: Journey, agency: str, transition: str, **given: Any) -> Refused:
    """The refusal of what must be refused; the casefile keeps its version."""
    before = journey.seen_by(agency)["version"]
    with pytest.raises(Refused) as refused:
        journey.act(agency, transition, **given)
    assert journey.seen_by(agency)["version"] == before
    return refused.value
