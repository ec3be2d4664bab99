"""What is held on one officer, and who saw it: for the answer within three days."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from audit.models import Access
from casefiles.flow import State
from casefiles.models import Document, Payload
from contents.models import CLEAN, Content
from tests import factories
from tests.desk_acts import acknowledged, acting
from tests.factories import BKN, OFFICIAL, PADANG, PEMKOT, casefile_at, handed_to_siasn, known_subject
from tests.partner import Partner
from tests.world import World

OTHER = "197203152001122003"


@pytest.fixture
def asked(db: None, world: World, tmp_path: Path) -> Any:
    """A command about a NIP; what it wrote."""

    def command(name: str, nip: str, **options: str) -> Any:
        file, out = tmp_path / "nip.txt", tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        file.write_text(f" {nip[:8]} {nip[8:14]} {nip[14:15]} {nip[15:]}\n")
        call_command(name, nip_file=file, out=out, **options)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        return json.loads(out.read_text())

    return command


def exported(asked: Any, nip: str) -> Any:
    return asked("export_subject", nip, reference="DPO-1/2026")


def test_an_officer_gets_what_is_held_on_them_and_nothing_of_others(asked: Any) -> None:
    told = casefile_at(
        State.RECOMMENDED, subjects=(known_subject(), known_subject(name="Orang Lain", nip=OTHER, violations=(1,)))
    )
    factories.prevention()
    nip = told.facts["subject"]["nip"]
    said = exported(asked, nip)
    (case,) = said["casefiles"]
    assert (case["number"], case["state"]) == (told.row.number, "recommended")
    assert [version["version"] for version in case["versions"]] == list(range(1, told.row.version + 1))
    assert case["versions"][-1]["file"]["subject"]["nip"] == nip
    (finding,) = said["findings"]
    assert [subject["nip"] for subject in finding["subjects"]] == [nip]
    assert [one["number"] for one in finding["violations"]] == [1]
    written = json.dumps(said, ensure_ascii=False)
    assert OTHER not in written
    assert "Orang Lain" not in written
    official = case["versions"][-1]["given"]["official"]["nip"]
    assert official is None or "*" in official
    assert said["documents"]
    read = Access.objects.order_by("pk").last()
    assert read is not None
    assert (read.purpose, read.client) == ("subject_request", "manage.py export_subject")
    assert told.casefile in read.shown


def test_an_official_is_told_where_they_decided_and_no_more(asked: Any) -> None:
    told = casefile_at(State.RECOMMENDED, subjects=(known_subject(),))
    official = Payload.objects.get(casefile=told.casefile, seq=told.row.version).given["official"]  # type: ignore[index]
    said = exported(asked, official["nip"])
    assert (said["casefiles"], said["findings"]) == ([], [])
    (case,) = said["as_official"]
    assert case["number"] == told.row.number
    assert {"version": told.row.version, "pointer": "#/given/official", "value": official} in case["facts"]
    assert told.facts["subject"]["name"] not in json.dumps(said, ensure_ascii=False)


def test_who_acted_at_the_desk_is_nobody_of_the_subjects(asked: Any) -> None:
    """The step of an officer is told as their agency's: the export names the person neither by name nor by id."""
    told, colleague = casefile_at(State.RECOMMENDED, subjects=(known_subject(),)), uuid4()
    acknowledged(acting(colleague), told)
    text = json.dumps(said := exported(asked, told.facts["subject"]["nip"]))
    (case,) = said["casefiles"]
    assert [(one["step"], one["by"]) for one in case["versions"]][-1] == ("acknowledge", PEMKOT)
    assert str(colleague) not in text
    assert "person:" not in text


def test_what_lies_beside_the_casefiles_is_told_as_well(asked: Any) -> None:
    """Hand-overs to SIASN, that the files of documents are kept, and a finding that named the officer without a NIP."""
    told = casefile_at(State.CLOSED)
    handed_to_siasn(told, siasn_id="8ae4-0077")
    row = Payload.objects.get(casefile=told.casefile, seq=told.row.version)
    assert row.facts is not None
    (document,) = Document.objects.filter(attachments__casefile=told.casefile, type="assessment")
    now = datetime.now(UTC)
    Content.objects.create(
        id=document.pk, document=document, agency=document.owner, name="c" * 32, key="k", size=321, status=CLEAN,
        created_at=now, scanned_at=now, signatures=[{"status": "valid"}],
    )  # fmt: skip
    said = exported(asked, row.nip)
    (case,) = said["casefiles"]
    (handed,) = case["handed_to_siasn"]
    assert (handed["by"], handed["sanction_version"], handed["siasn_id"]) == (PEMKOT, 1, "8ae4-0077")
    kept = {one["id"]: one["content"] for one in said["documents"]}
    assert (kept[str(document.pk)]["size"], kept[str(document.pk)]["signatures"]) == (321, [{"status": "valid"}])
    assert [one for ident, one in kept.items() if ident != str(document.pk)].count(None) == len(kept) - 1
    (finding,) = said["findings"]
    first: Any = Payload.objects.get(casefile=told.casefile, seq=1).given
    assert finding["subjects"] == first["subjects"]
    assert [subject["nip"] for subject in finding["subjects"]] != [row.nip]


def test_an_official_is_told_for_what_they_answered(asked: Any) -> None:
    ident = factories.zero_report()
    assert OFFICIAL.nip is not None
    (report,) = exported(asked, OFFICIAL.nip)["zero_reports"]
    (fact,) = report["facts"]
    assert (report["id"], report["agency"], fact["pointer"]) == (str(ident), PEMKOT, "#/given/official")
    assert fact["value"]["nip"] == OFFICIAL.nip
    read = Access.objects.order_by("pk").last()
    assert read is not None
    assert ident in read.shown


def test_who_saw_an_officer_between_two_moments_is_told_with_purpose(asked: Any) -> None:
    told, other = casefile_at(State.RECOMMENDED, subjects=(known_subject(),)), casefile_at(State.SUBMITTED)
    nip = told.facts["subject"]["nip"]
    began = datetime.now(UTC) - timedelta(seconds=1)
    Partner(BKN).get(f"/casefiles/{told.casefile}", **{"Lintas-Purpose": "legal_proceedings"})
    Partner(PEMKOT).get("/referrals")
    Partner(PADANG).get(f"/casefiles/{other.casefile}")
    ended = datetime.now(UTC) + timedelta(seconds=1)
    period = {"since": began.isoformat(), "until": ended.isoformat()}
    reads = asked("who_saw", nip, **period)["reads"]
    assert [(read["agency"]["code"], read["route"], read["purpose"]) for read in reads] == [
        (BKN, "/casefiles/{id}", "legal_proceedings"),
        (PEMKOT, "/referrals", "case_handling"),
    ]
    assert all(read["shown"] == [told.row.number] for read in reads)
    before = {"since": (began - timedelta(days=1)).isoformat(), "until": began.isoformat()}
    assert asked("who_saw", nip, **before)["reads"] == []
    assert Access.objects.filter(client="manage.py who_saw", shown__contains=[told.casefile]).count() == 2
    assert asked("who_saw", "199912312020011009", **period)["reads"] == []


def test_what_is_asked_wrongly_changes_nothing(asked: Any, tmp_path: Path) -> None:
    period = {"since": "2026-11-01T00:00:00+07:00", "until": "2026-12-01T00:00:00+07:00"}
    for wrong in ({"since": "2026-11-01"}, {"until": "2026-10-01T00:00:00+07:00"}, {"since": "yesterday"}):
        with pytest.raises(CommandError):
            asked("who_saw", OTHER, **{**period, **wrong})
    with pytest.raises(CommandError, match="no NIP"):
        asked("who_saw", "12345", **period)
    assert [path.name for path in tmp_path.iterdir()] == ["nip.txt"]
    assert Access.objects.count() == 0
