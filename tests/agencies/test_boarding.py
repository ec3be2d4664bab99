"""Boarding: the register becomes what the directory says, as entries of the log, and old cases keep their names."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies import boarding, directory_checks, directory_files, offices, regions, sandbox
from agencies.directory_files import FOLDER, DirectoryRefused
from agencies.models import Agency
from audit.models import Entry, Opening
from audit.verify.tellings import CHANGES
from casefiles.flow import Refused, State
from config.roles import on_database
from tests.agencies.test_directory import GOOD, NATIONAL, event, folder
from tests.audit.verify.logs import at_its_word, verify
from tests.callers import as_owner, register_agency
from tests.conftest import Copies
from tests.factories import BKN, PADANG, PEMKOT, casefile_at, recorded_at_once
from tests.partner import Partner, said
from tests.sequencing import Sequencing

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def owner(transactional_db: None) -> Iterator[None]:
    """A register without agencies, committed, and the owner's hands."""
    with as_owner():
        yield


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the shipped directory, to be changed."""
    return Path(shutil.copytree(FOLDER, tmp_path / "directory"))


def board(place: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the command says, line by line, less the receipts."""
    call_command("board", str(place), "--quiet-receipts", *options)
    return capsys.readouterr().out.splitlines()


def read(place: Path) -> tuple[Any, frozenset[tuple[str, str]]]:
    """The agencies of a folder, and the names that were mistaken."""
    found = directory_files.read(place)
    return directory_checks.checked(found), directory_checks.corrections(found)


def carry_out(place: Path, **options: Any) -> boarding.Plan:
    """Board a folder on the day of these tests."""
    rows, corrections = read(place)
    return boarding.carry_out(rows, corrections=corrections, today=TODAY, now=NOW, **options)


def edit(file: Path, *changes: tuple[str, str]) -> None:
    """Change lines of a file: each pattern once, to what stands beside it."""
    text = file.read_text(encoding="utf-8")
    for pattern, becomes in changes:
        text, number = re.subn(pattern, becomes, text, count=1, flags=re.MULTILINE)
        assert number == 1, pattern
    file.write_text(text, encoding="utf-8")


def kinds_of(code: str) -> list[str]:
    """The kinds of the entries of that agency's stream, in their order."""
    rows = Entry.objects.filter(stream=Agency.objects.get(code=code).stream).order_by("seq")
    return [json.loads(bytes(row.body))["kind"] for row in rows]


# -- the whole country -----------------------------------------------------------------------------------------------


def test_the_country_is_boarded_once_changes_once_and_the_log_knows_it_all(
    sequenced: Sequencing, copies: Copies, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1,205 rows on the sandbox's world: the second time changes nothing, the third what was edited and no more."""
    reader = on_database(copies.roles.reader, connection.settings_dict["NAME"])
    with as_owner():
        before = Agency.objects.count()
        begun = time.monotonic()
        assert board(directory, "--check", capsys=capsys)[-1].startswith("Would be: 1,186 registered")
        assert Agency.objects.count() == before
        assert board(directory, capsys=capsys)[-1] == "1,186 registered, 0 renamed, 0 changed, 0 ended, 19 unchanged."
        assert time.monotonic() - begun < 60
        entries = Entry.objects.count()
        assert board(directory, capsys=capsys) == ["0 registered, 0 renamed, 0 changed, 0 ended, 1,205 unchanged."]
        assert Entry.objects.count() == entries

        edit(
            directory / "centre.csv",
            ("^kemenpora,Kementerian Pemuda dan Olahraga,", "kemenpora,Kementerian Olahraga,"),
            ("^(bsn,.*),2014-01-15,,", r"\1,2014-01-15,2026-01-01,"),
            ("^tvri,.*\n", ""),
        )
        edit(directory / "governments.csv", ("^(pemkab-nduga,.*),2014-01-15,,", r"\1,2014-01-15,2026-06-01,"))
        edit(directory / "supervisors.csv", ("^(bawaslu-kab-agam,.*),bawaslu-sumatera-barat,", r"\1,bawaslu-ri,"))
        events = [
            "kemenpora,rename,2026-02-01,Kementerian Pemuda dan Olahraga,Perpres,uji,proposal",
            "bsn,merge,2026-01-01,brin,Perpres,uji,proposal",
            "pemkab-nduga,split,2026-06-01,pemkab-jayawijaya,UU,uji,proposal",
            "pemkab-nduga,split,2026-06-01,pemkab-yahukimo,UU,uji,proposal",
        ]
        with (directory / "succession.csv").open("a", encoding="utf-8") as file:
            file.write("\n".join(events) + "\n")
        told = board(directory, capsys=capsys)
        assert told[-1] == "0 registered, 1 renamed, 1 changed, 3 ended, 1,200 unchanged."
        assert {line.partition(":")[0] for line in told[:-1]} == {
            "~ kemenpora", "- bsn", "- tvri", "- pemkab-nduga", "~ bawaslu-kab-agam",
        }  # fmt: skip
        assert board(directory, capsys=capsys)[-1].startswith("0 registered, 0 renamed, 0 changed, 0 ended")
        gone = Agency.objects.get(code="tvri")
        assert gone.valid_until is not None
        assert kinds_of("tvri") == ["agency.registered", "agency.ended"]
        assert kinds_of("kemenpora") == ["agency.registered", "agency.renamed"]
        assert kinds_of("bawaslu-kab-agam")[-1] == "agency.changed"
        assert [heir["agency"] for heir in Agency.objects.get(code="pemkab-nduga").heirs] == [
            "pemkab-jayawijaya", "pemkab-yahukimo",
        ]  # fmt: skip
    with recorded_at_once():
        casefile_at(State.SUBMITTED)  # an act of a client of whose agency the directory has told
    sequenced()
    verdict = verify("db", reader, *at_its_word(sequenced.signer.vkey))
    assert (verdict.exit, verdict.codes) == (0, set())
    _every_new_column_is_noticed(copies, reader, verdict=sequenced)


def _every_new_column_is_noticed(copies: Copies, reader: str, *, verdict: Sequencing) -> None:
    """An edit of what the directory told is named by table and column, in the row and in its history."""
    edits = {
        "former_names": "'[]'", "heirs": "'[{}]'", "legal_basis": "'x'", "source": "''", "certainty": "'seen '",
    }  # fmt: skip
    name = connection.settings_dict["NAME"]
    with psycopg.connect(on_database(copies.roles.owner, name), autocommit=True) as session:
        session.execute("ALTER TABLE agencies_historicalagency DISABLE TRIGGER rows_stay")
        for table in ("agencies_agency", "agencies_historicalagency"):
            for column, value in edits.items():
                code = "pemkab-nduga" if column == "heirs" else "kemenpora"
                session.execute(f"UPDATE {table} SET {column} = {value} WHERE code = '{code}'")  # noqa: S608 - constants
    named = verify("db", reader, *at_its_word(verdict.signer.vkey))
    assert named.exit == 1
    found = {(item["table"], item["column"]) for item in named.said["findings"]}
    assert found == {(table, column) for table in ("agencies_agency", "agencies_historicalagency") for column in edits}


def test_the_number_of_statements_does_not_follow_the_number_of_agencies(owner: None, tmp_path: Path) -> None:
    def boarded(rows: list[dict[str, str]]) -> int:
        with CaptureQueriesContext(connection) as sent:
            carry_out(folder(tmp_path / "directory", *rows))
        return len(sent)

    one = boarded([{**NATIONAL, "code": "office-0"}])
    many = boarded([{**NATIONAL, "code": f"office-{number}"} for number in range(300)])
    assert many <= one + 2


def test_the_kinds_are_those_that_the_verifier_follows() -> None:
    assert boarding.KINDS == CHANGES


# -- refused ---------------------------------------------------------------------------------------------------------


def test_a_faulty_folder_boards_nothing(owner: None, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(directory / "centre.csv", ("^lan,(.*),memory", r"lan,\1,sure"))
    edit(directory / "governments.csv", ("^pemkot-bitung,", "Bitung,"))
    with pytest.raises(CommandError, match=r"Nothing was boarded \(2 faults\)") as refused:
        board(directory, capsys=capsys)
    assert re.search(r"^centre\.csv, baris/line \d+: ", str(refused.value), re.MULTILINE)
    assert not Entry.objects.exists()


OFFICES = [{**NATIONAL, "code": f"office-{number}"} for number in range(12)]


def test_many_that_vanish_and_names_without_a_day_are_refused(owner: None, tmp_path: Path) -> None:
    place = tmp_path / "directory"
    carry_out(folder(place, *OFFICES, GOOD))
    before = Entry.objects.count()
    with pytest.raises(DirectoryRefused, match=r"12 agencies .* --ending 12"):
        carry_out(folder(place, GOOD))
    with pytest.raises(DirectoryRefused, match="from when on") as refused:
        carry_out(folder(place, *({**office, "name": "B"} for office in OFFICES), GOOD))
    assert len(refused.value.faults) == 12
    assert Entry.objects.count() == before
    assert len(carry_out(folder(place, GOOD), ending=12).vanished) == 12


def test_an_examiner_goes_on_while_it_holds_the_mandate(transactional_db: None, world: Any, tmp_path: Path) -> None:
    rows = [row for row in _world_with() if row["code"] != BKN]
    bkn = next(row for row in _world_with() if row["code"] == BKN)
    place = tmp_path / "directory"
    with as_owner():
        for changed in ([], [{**bkn, "roles": "employer"}], [{**bkn, "valid_until": TODAY.isoformat()}]):
            with pytest.raises(DirectoryRefused, match="it still holds the mandate examining-2024"):
                carry_out(folder(place, *rows, *changed))


def test_a_row_that_vanishes_before_its_first_day_is_asked_for(owner: None, tmp_path: Path) -> None:
    place = tmp_path / "directory"
    later = {**NATIONAL, "code": "b", "valid_from": "2027-01-01"}
    carry_out(folder(place, NATIONAL, later))
    with pytest.raises(DirectoryRefused, match="restore the row with a valid_until"):
        carry_out(folder(place, NATIONAL))


def test_what_was_registered_by_hand_is_left_alone_until_a_row_bears_its_code(owner: None, tmp_path: Path) -> None:
    register_agency("by-hand", level="national", region="", name="A")
    place = tmp_path / "directory"
    assert not carry_out(folder(place, NATIONAL)).vanished
    carry_out(folder(place, NATIONAL, {**NATIONAL, "code": "by-hand", "valid_from": "2018-08-15"}))
    assert kinds_of("by-hand") == ["agency.registered", "agency.changed"]
    assert carry_out(folder(place, NATIONAL)).vanished == {"by-hand"}


def test_a_name_that_was_misspelt_is_kept_by_nobody(owner: None, tmp_path: Path) -> None:
    place = tmp_path / "directory"
    carry_out(folder(place, {**NATIONAL, "name": "Kementrian"}))
    mended = event(kind="correction", on="", other="Kementrian")
    carry_out(folder(place, {**NATIONAL, "name": "Kementerian"}, events=[mended]))
    row = Agency.objects.get(code="a")
    assert (row.name, row.former_names) == ("Kementerian", [])
    assert kinds_of("a") == ["agency.registered", "agency.renamed"]


def test_a_row_that_comes_back_goes_on(owner: None, tmp_path: Path) -> None:
    place = tmp_path / "directory"
    carry_out(folder(place, NATIONAL, {**NATIONAL, "code": "b"}))
    carry_out(folder(place, NATIONAL))
    assert Agency.objects.get(code="b").valid_until == TODAY
    carry_out(folder(place, NATIONAL, {**NATIONAL, "code": "b"}))
    assert Agency.objects.get(code="b").valid_until is None
    assert kinds_of("b") == ["agency.registered", "agency.ended", "agency.changed"]


# -- cases -----------------------------------------------------------------------------------------------------------


def _world_with(**changed: str) -> list[dict[str, str]]:
    """The sandbox's agencies as rows, pemkot-padang changed."""
    rows = []
    for entry in sandbox.agencies()[2:]:
        row = {
            "code": entry.code, "name": entry.name, "roles": " ".join(entry.roles), "level": entry.level,
            "region": entry.region, "parent": entry.parent or "", "zone": entry.time_zone,
            "valid_from": entry.valid_from.isoformat(),
            "valid_until": entry.valid_until.isoformat() if entry.valid_until else "",
            "legal_basis": entry.legal_basis, "source": entry.source, "certainty": entry.certainty,
        }  # fmt: skip
        rows.append({**row, **(changed if entry.code == PEMKOT else {})})
    return rows


def test_a_case_keeps_the_names_that_its_agencies_had(transactional_db: None, world: Any, tmp_path: Path) -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    other = casefile_at(State.AWAITING_SANCTION)
    day = told.day + timedelta(days=2)
    former = "Pemerintah Kota Padang"
    rename = event(agency=PEMKOT, kind="rename", on=day.isoformat(), other=former)
    with as_owner():
        carry_out(folder(tmp_path / "directory", *_world_with(name="Padang Raya"), events=[rename]))
    other.do("report-sanction", on=day + timedelta(days=5))
    bkn, padang = Partner(BKN), Partner(PADANG)
    assert said(bkn.get(f"/casefiles/{told.casefile}"))["employer"]["name"] == former
    assert said(bkn.get(f"/casefiles/{other.casefile}"))["employer"]["name"] == "Padang Raya"
    listed = {row["id"]: row["employer"]["name"] for row in said(padang.get("/casefiles"))["data"]}
    assert listed == {str(told.casefile): former, str(other.casefile): "Padang Raya"}
    steps = said(bkn.get(f"/casefiles/{other.casefile}/timeline"))["data"]
    done = [item["transition"] for item in steps if item["kind"] == "transition"]
    names = [step["actor"]["agency"]["name"] for step in done if step["name"] in {"acknowledge", "report-sanction"}]
    assert names == [former, "Padang Raya"]
    turns = said(bkn.get(f"/referrals?casefile={told.casefile}&to=any&status=any"))["data"]
    assert {turn["to"]["name"] for turn in turns if turn["to"]["code"] == PEMKOT} == {former}
    assert [row["code"] for row in said(bkn.get("/agencies?q=pemerintah%20KOTA%20padang"))["data"]] == [PEMKOT]
    row = said(bkn.get("/agencies?q=pemkot"))["data"][0]
    assert (row["name"], row["former_names"]) == (
        "Padang Raya", [{"name": former, "until": day.isoformat()}],
    )  # fmt: skip


def test_who_ended_is_asked_for_nothing_and_the_refusal_names_the_heirs(
    transactional_db: None, world: Any, tmp_path: Path
) -> None:
    told = casefile_at(State.UNDER_EXAMINATION)
    heir = {**GOOD, "code": "pemkot-padang-raya", "name": "Pemerintah Kota Padang Raya", "valid_from": "2024-01-01"}
    succeeded = event(agency=PEMKOT, kind="successor", on="2024-01-01", other="pemkot-padang-raya")
    with as_owner():
        carry_out(folder(tmp_path / "directory", *_world_with(valid_until="2024-01-01"), heir, events=[succeeded]))
    with pytest.raises(Refused) as refused:
        told.do("recommend")
    (reason,) = refused.value.reasons
    assert (reason.code, reason.resolve_with) == ("agency-ended", ("transfer",))
    assert "pemkot-padang-raya" in reason.id
    assert "it ended on 2024-01-01. Its heirs: pemkot-padang-raya." in reason.en
    with pytest.raises(Refused) as refused:
        told.do("transfer", by=BKN, employer=PEMKOT)
    assert "agency-ended" in {each.code for each in refused.value.reasons}
    told.do("transfer", by=BKN, employer="pemkot-padang-raya")
    told.do("recommend")
    assert told.open.to_agency.code == "pemkot-padang-raya"


def test_the_directory_is_a_page_at_a_time_whoever_is_in_it(
    transactional_db: None, world: Any, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1,206 agencies: a page takes as many statements as with twenty (one more for heirs), and each is on one page."""
    bkn = Partner(BKN)

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as sent:
            assert bkn.get(path).status_code == 200
        return len(sent)

    bkn.get("/agencies")  # what a new connection asks first is not counted
    few = statements("/agencies?q=bawaslu&limit=10")
    with as_owner():
        board(directory, capsys=capsys)
    bkn.get("/agencies")
    assert [statements(f"/agencies?q=bawaslu&limit={limit}") for limit in (10, 100)] == [few, few]
    assert [statements(f"/agencies?q=kem&limit={limit}") for limit in (20, 100)] == [few + 1, few + 1]
    met: list[str] = []
    path: str | None = "/agencies?limit=100"
    while path:
        page = said(bkn.get(path))
        met += [row["code"] for row in page["data"]]
        path = (page["next"] or "").removeprefix("/api/v1") or None
    assert len(met) == len(set(met)) == 1_207
    nearest = offices.supervisors(regions.load()["94.03"], on=TODAY)
    assert [office.name for office in nearest] == [
        "Bawaslu Kabupaten Paniai", "Bawaslu Provinsi Papua Tengah", "Bawaslu Republik Indonesia",
    ]  # fmt: skip
    ended = said(bkn.get("/agencies?q=kemdikbud"))["data"][0]
    assert {heir["agency"]["name"] for heir in ended["heirs"]} >= {"Kementerian Kebudayaan"}
    assert (ended["certainty"], ended["legal_basis"]) == ("memory", "Perpres 62/2021; berakhir: Perpres 139/2024")


def test_an_entry_tells_no_more_than_changed(owner: None, tmp_path: Path) -> None:
    place = tmp_path / "directory"
    carry_out(folder(place, NATIONAL))
    carry_out(folder(place, {**NATIONAL, "roles": "auditor"}))
    opening = Opening.objects.order_by("-entry_id")[0]
    assert opening.given == {"code": "a", "roles": ["auditor"]}
    assert opening.state["roles"] == ["auditor"]
    assert date.fromisoformat(opening.state["valid_from"]) == Agency.objects.get(code="a").valid_from
