"""What an auditor finds: a handful of cases, walked once, in which everything happened that he asks about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from casefiles.operations import erasers
from demo.client import Client
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICER,
    OFFICIAL,
    RECEIVER,
    SUBMITTER,
    Journey,
    finding,
    registered,
    sanction,
    subject,
)
from tests.live_server import Server

AUDITOR, KASN, PROVINCE = "bpk", "kasn", "pemprov-sumatera-barat"
HOLDER, LETTER = "hukum-2", "S-12/2026"
DECREE = "SKB 3 Menteri Nomor 9/2027"
MAYOR = {"kind": "candidate", "is_personnel_authority": True}
LATE, PAUSED = 3, 10
"""Days by which the city was late with its sanction, and days that the examiner had granted it before."""

Parties = Mapping[str, Client]


@dataclass(frozen=True)
class Audited:
    """The cases by what is remarkable about them; `handed_over` came from KASN in September 2024."""

    reprimanded: Journey
    closed_room: Journey
    misnamed: Journey
    retired: Journey
    rejected: Journey
    handed_over: Sequence[Journey]
    minutes: str


def walked(parties: Parties, server: Server, folder: Path) -> Audited:
    """Walk them all, hand KASN's over, hold one from erasure, and amend the calendar by a decree."""
    handed_over = _handed_over(parties, server, folder)
    reprimanded, minutes = _reprimanded(parties)
    audited = Audited(
        reprimanded=reprimanded,
        minutes=minutes,
        closed_room=_closed_room(parties),
        misnamed=_misnamed(parties),
        retired=_retired(parties),
        rejected=_rejected(parties),
        handed_over=handed_over,
    )
    _held(reprimanded, server, folder)
    amendment = folder / "holiday.yaml"
    amendment.write_text(
        f"decree: {DECREE}\nsource: https://example.go.id/skb\nreason: Hari libur tambahan\n"
        "add:\n  - {date: 2027-07-01, kind: public_holiday, name_id: Libur tambahan}\n"
    )
    server.does("amend_calendar", str(amendment), role="owner")
    return audited


def _held(journey: Journey, server: Server, folder: Path) -> None:
    (folder / "erasers").write_text(erasers.draw_key(HOLDER)[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINTAS_ERASERS_FILE", str(folder / "erasers"))
        words = ("--casefile", journey.casefile, "--reason", "audit", "--letter", LETTER, "--by", HOLDER)
        server.does("hold", "set", *words, role="owner")


def _forwarded(parties: Parties, sequence: int, *, beneficiary: Any = None, **changed: Any) -> Journey:
    """A finding under that number of the city office's register; its neighbours in the register may be missing."""
    office = parties[SUBMITTER]
    number = f"{sequence:03}/Reg/TM/PW/Kota/13.71/X/2024"
    body = finding(office, subjects=[subject("Putra Rantau")], register_number=number, source="finding", **changed)
    body["violations"][0]["beneficiary"] = beneficiary
    made = office.post("/findings", body).data
    return Journey(parties, made["casefiles"][0]["id"], made["id"], made["casefiles"][0]["number"])


def _recommended(journey: Journey, employer: str, nip: str, *, sanction: str, **known: Any) -> Journey:
    """Identified by the examiner, accepted, recommended, and received by the employer."""
    journey.act(EXAMINER, "identify", **{**OFFICER, "nip": nip, "employer": employer, **known})
    journey.accept(unit="Direktorat Pengawasan")
    journey.act(
        EXAMINER, "recommend", letter=journey.letter("R-1/2024"), violations=[1], sanction=sanction,
        reasoning="Terbukti.", official=OFFICIAL,
    )  # fmt: skip
    journey.act(employer, "acknowledge", received_on=str(journey.today), received_by=RECEIVER)
    return journey


def _reprimanded(parties: Parties) -> tuple[Journey, str]:
    """The city's teacher: found late, heard by his superior, his allowance cut, days after the time he was granted."""
    journey = _forwarded(parties, 6, beneficiary=MAYOR, known_on="2024-09-30", registered_on="2024-10-08")
    _recommended(journey, EMPLOYER, OFFICER["nip"], sanction="discipline_medium")
    journey.act(EXAMINER, "note", code="official_recused", date=str(journey.today), text="Atasan langsung dari calon.")
    minutes = _minutes(parties[EMPLOYER])
    summoned = str(journey.today)
    journey.act(EMPLOYER, "note", code="summons_1", date=summoned)
    journey.act(EMPLOYER, "note", code="subject_examined", date=str(journey.today), document=minutes)
    until = date.fromisoformat(journey.seen_by(EXAMINER)["turn"]["due_on"]) + timedelta(days=PAUSED)
    journey.act(EXAMINER, "extend", until=str(until), reason={"code": "examination_running"})
    examined_on = str(journey.today)
    journey.today = until + timedelta(days=LATE - 1)
    heard = {"by": "superior", "summoned_on": [summoned], "examined_on": examined_on, "attended": True}
    journey.act(EMPLOYER, "report-sanction", **sanction(journey, "allowance_cut_25_6m", examination=heard))
    journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    journey.today += timedelta(days=40)
    proof = registered(parties[EMPLOYER], "execution_proof")
    journey.act(EMPLOYER, "record-execution", executed_on=str(journey.today), proof=proof)
    journey.act(EXAMINER, "close", conformity="in_line")
    return journey, minutes


def _minutes(client: Client) -> str:
    described = {
        "type": "examination_minutes", "title": "Berita acara pemeriksaan", "media_type": "application/pdf",
        "size": 2048, "sha256": "ab" * 32, "held_by": "Inspektorat Kota Padang", "archive_ref": "BAP/12/2024",
    }  # fmt: skip
    return str(client.post("/documents", described).data["id"])


def _closed_room(parties: Parties) -> Journey:
    """The province's official, for the same act: a moral sanction, read out behind a closed door."""
    journey = _forwarded(parties, 7)
    nip, position = "197907072005011907", {"position_kind": "supervisory_official", "position": "Kepala seksi"}
    _recommended(journey, PROVINCE, nip, sanction="discipline_medium", **position)
    said = sanction(journey, "moral_closed", reason={"code": "mitigating"})
    said["decision"]["document"] = registered(parties[PROVINCE], "decision")
    journey.act(PROVINCE, "report-sanction", **said)
    journey.act(PROVINCE, "record-delivery", delivered_on=str(journey.today), method="hand")
    proof = registered(parties[PROVINCE], "execution_proof")
    journey.act(PROVINCE, "record-execution", executed_on=str(journey.today), proof=proof, form="closed_room")
    journey.act(EXAMINER, "close", conformity="lighter_accepted", reason={"code": "mitigating"})
    return journey


def _misnamed(parties: Parties) -> Journey:
    """Another man of that name: his data were blocked, until his city said so."""
    journey = _recommended(_forwarded(parties, 9), EMPLOYER, "198811112014011911", sanction="discipline_light")
    journey.today = date.fromisoformat(journey.seen_by(EXAMINER)["turn"]["due_on"]) + timedelta(days=4)
    journey.act(
        EXAMINER, "block-data", letter=journey.letter("P-1/2024"), reason={"code": "no_follow_up"}, scope="partial",
        services=["promotion"],
    )  # fmt: skip
    journey.act(EMPLOYER, "dispute", reason={"code": "wrong_person"}, letter=journey.letter("B-1/2024"))
    journey.act(
        EXAMINER, "retract", letter=journey.letter("R-2/2024"), reason={"code": "identity_not_established"},
        official=OFFICIAL,
    )  # fmt: skip
    journey.act(EXAMINER, "unblock-data", letter=journey.letter("P-2/2024"), reason={"code": "misidentified"})
    return journey


def _retired(parties: Parties) -> Journey:
    """He moved to the province while he was examined, and was pensioned off there."""
    journey = _recommended(_forwarded(parties, 10), EMPLOYER, "196612121990011912", sanction="discipline_medium")
    moved = {"employer": PROVINCE, "moved_on": str(journey.today), "reason": {"code": "inter_agency_move"}}
    journey.act(EMPLOYER, "transfer", decree=registered(parties[EMPLOYER], "transfer_decree"), **moved)
    journey.act(EXAMINER, "terminate", reason={"code": "retired"}, violation_found="yes", official=OFFICIAL)
    return journey


def _rejected(parties: Parties) -> Journey:
    journey = _forwarded(parties, 11)
    journey.act(EXAMINER, "reject", reason={"code": "not_asn", "text": "Perangkat desa."}, official=OFFICIAL)
    return journey


def _handed_over(parties: Parties, server: Server, folder: Path) -> list[Journey]:
    """Two cases of KASN's, one of them under examination, passed to BKN by a protocol."""
    office = parties[SUBMITTER]
    officers = [{**OFFICER, "name": f"Terlapor {n}", "nip": f"19850101201001192{n}", "violations": [1]} for n in (1, 2)]
    body = finding(
        office, subjects=officers, occurred_at="2024-08-12T09:00:00+07:00", known_on="2024-08-05",
        registered_on="2024-08-06", clarification={"held": True, "held_on": "2024-08-08"},
    )  # fmt: skip
    body["violations"][0]["act_date"] = "2024-08-01"
    made = office.post("/findings", body).data
    cases = [
        Journey(parties, one["id"], made["id"], one["number"], today=date(2024, 8, 12)) for one in made["casefiles"]
    ]
    cases[0].act(KASN, "accept")
    protocol = folder / "protocol.yaml"
    protocol.write_text(
        "from: examining-2014\nto: examining-2024\nnumber: BA-12/2024\ndate: 2024-09-12\nsigned_by: [kasn, bkn]\n"
        "occurred_at: 2024-09-12T10:00:00+07:00\nexpected: 2\n"
        "states: {submitted: restart, under_examination: report_to_ministry}\n"
    )
    server.does("hand_over", str(protocol), role="owner")
    return cases
