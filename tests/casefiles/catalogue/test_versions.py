"""A version of the law is put on record once, stays what it was, and every class can be computed again from it."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from casefiles.catalogue import book
from casefiles.catalogue import versions as catalogue_register
from casefiles.catalogue.book import DATA, Catalogue
from casefiles.errors import CatalogueNotOnRecord
from casefiles.flow import State
from casefiles.models import Casefile, CatalogueVersion, Payload
from tests.callers import as_owner, as_reader
from tests.factories import casefile_at
from tests.snapshots import snapshot
from tests.world import World

SHIPPED = book.load()
DOCUMENT = {
    "type": "assessment",
    "title": "Kajian",
    "media_type": "application/pdf",
    "size": 1,
    "sha256": "ab" * 32,
}
NOW = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture
def owner(transactional_db: None, owner_connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """Loading is the owner's: Django signs in as the owner, on a database of this test's own."""
    with as_owner():
        yield owner_connection


def change(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def raised(root: Path, version: str) -> None:
    """The files of the folder under another version."""
    change(root, "catalogue.yaml", f'"{SHIPPED.version}"', f'"{version}"')


def load(root: Path = DATA, **options: object) -> str:
    said = StringIO()
    call_command("load_catalogue", root=root, stdout=said, quiet_receipts=True, **options)
    return said.getvalue()


def without_record(owner: psycopg.Connection) -> None:
    """As if the files deployed here had never been loaded; only an owner who puts the triggers to sleep can do so."""
    owner.execute("ALTER TABLE casefiles_catalogueversion DISABLE TRIGGER rows_stay")
    owner.execute("DELETE FROM casefiles_catalogueversion")
    owner.execute("ALTER TABLE casefiles_catalogueversion ENABLE ALWAYS TRIGGER rows_stay")


# -- loading --------------------------------------------------------------------------------------------------------


def test_a_load_is_a_row_and_one_entry_and_the_second_is_nothing(owner: psycopg.Connection) -> None:
    assert load().startswith(f"Loaded: version {SHIPPED.version}, ")
    before = snapshot()
    assert load().startswith("Nothing to do: ")
    assert snapshot() == before
    row, entry = CatalogueVersion.objects.get(), Entry.objects.get(stream=catalogue_register.STREAM)
    assert (row.version, row.digest, bytes(row.content)) == (SHIPPED.version, SHIPPED.digest, SHIPPED.content)
    said = json.loads(bytes(entry.body))
    assert (said["kind"], said["catalogue"], said["seq"]) == ("catalogue.loaded", SHIPPED.version, 1)
    assert entry.opening.state == {"version": SHIPPED.version, "digest": SHIPPED.digest, "lists": SHIPPED.counts()}
    assert entry.opening.state["lists"]["annex"] == len(SHIPPED.annex)


def test_a_load_prints_its_receipt(owner: psycopg.Connection) -> None:
    said = StringIO()
    call_command("load_catalogue", stdout=said)
    [receipt] = [line for line in said.getvalue().splitlines() if line.startswith("receipt ")]
    entry = Entry.objects.get(stream=catalogue_register.STREAM)
    assert json.loads(receipt.removeprefix("receipt "))["leaf_hash"] == bytes(entry.leaf_hash).hex()


BROKEN: list[tuple[str, str, str, str]] = [
    ("annex.yaml", "valid_until: 2021-08-31", "valid_until: 2021-08-30", "annex.yaml, line {}, row 49: leaves a gap"),
    ("annex.yaml", "valid_until: 2021-08-31", "valid_until: 2021-09-30", "annex.yaml, line {}, row 49: its validity"),
    ("annex.yaml", "level: moral_any", "level: shame", "annex.yaml, line {}, row 1: unknown level or sanction shame"),
    ("sanctions.yaml", "legal_basis: PP 42", "source: PP 42", "row 1 (moral_closed): legal_basis is missing"),
    ("ladder.yaml", "level: 3", "level: 6", "ladder.yaml, line {}, row 4 (follow_up_reprimand): the ladder for"),
    ("codes/channel.yaml", "certainty: proposal", "certainty: sure", "codes/channel.yaml, line {}, row "),
]


@pytest.mark.parametrize(("file", "old", "new", "reason"), BROKEN)
def test_one_wrong_row_and_nothing_is_loaded(
    owner: psycopg.Connection, copy: Path, file: str, old: str, new: str, reason: str
) -> None:
    change(copy, file, old, new)
    before = snapshot()
    for check in (True, False):
        with pytest.raises(CommandError) as refusal:
            load(copy, check=check)
        for part in reason.split("{}"):
            assert part in str(refusal.value)
        assert "Nothing was loaded." in str(refusal.value)
        assert ", line " in str(refusal.value)
    assert snapshot() == before


def test_a_check_stores_nothing(owner: psycopg.Connection, copy: Path) -> None:
    before = snapshot()
    assert load(copy, check=True).startswith(f"Well: version {SHIPPED.version}, ")
    assert snapshot() == before


def test_a_folder_that_is_not_there_is_named(owner: psycopg.Connection, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        load(tmp_path / "elsewhere")


def test_one_version_has_one_content(owner: psycopg.Connection, copy: Path) -> None:
    load()
    change(copy, "deadlines.yaml", "days: 7", "days: 8")
    before = snapshot()
    with pytest.raises(CommandError, match=rf"{SHIPPED.version} is on record with another content.*Raise the version"):
        load(copy)
    assert snapshot() == before
    raised(copy, "2026.10")
    other = Path(shutil.copytree(copy, copy.parent / "raised"))  # a folder is read once per process
    assert load(other).startswith("Loaded: version 2026.10, ")
    assert Entry.objects.filter(stream=catalogue_register.STREAM).count() == 2


def test_versions_ascend_by_number(owner: psycopg.Connection, copy: Path) -> None:
    raised(copy, "2026.10")
    load(copy)
    with pytest.raises(CommandError, match=rf"Version {SHIPPED.version} comes before 2026\.10"):
        load()
    assert CatalogueVersion.objects.count() == 1


# -- on record ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_on_record_is_the_same_catalogue(world: World) -> None:
    found = catalogue_register.stored(SHIPPED.version)
    assert found == SHIPPED
    assert found is not SHIPPED
    assert catalogue_register.stored(SHIPPED.version) is found
    with pytest.raises(catalogue_register.NeverLoaded, match=r"2019\.1"):
        catalogue_register.stored("2019.1")


@pytest.mark.django_db
def test_a_process_asks_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_register, "_found", set())
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            catalogue_register.ensure_on_record()
        counts.append(len(seen))
    assert counts == [1, 0, 0]


def test_a_version_that_is_missing_is_asked_for_again_and_healed_by_a_load(owner: psycopg.Connection) -> None:
    for _ in range(2):
        with pytest.raises(CatalogueNotOnRecord, match=r"run manage\.py load_catalogue"):
            catalogue_register.ensure_on_record()
    load()
    catalogue_register.ensure_on_record()
    assert catalogue_register.ailment() is None


def test_other_files_under_a_loaded_version_are_no_catalogue_on_record(owner: psycopg.Connection, copy: Path) -> None:
    change(copy, "deadlines.yaml", "days: 7", "days: 8")
    load(copy)
    with pytest.raises(CatalogueNotOnRecord, match="on record with another content"):
        catalogue_register.ensure_on_record()


def test_no_step_is_taken_under_a_catalogue_that_is_not_on_record(
    transactional_db: None, world: World, owner_connection: psycopg.Connection
) -> None:
    told = casefile_at(State.SUBMITTED)
    without_record(owner_connection)
    catalogue_register._found.clear()
    before = snapshot()
    for act in (lambda: told.do("accept"), lambda: casefile_at(State.SUBMITTED)):
        with pytest.raises(CatalogueNotOnRecord):
            act()
    # The second act registers its document first, as any submitter does; no step of either is stored.
    changed = {table for table, rows in snapshot().items() if rows != before[table]}
    assert changed == {"audit_entry", "audit_pending", "casefiles_document", "casefiles_payload"}


# -- reproducible ---------------------------------------------------------------------------------------------------


def recheck(**options: object) -> tuple[int, str]:
    said = StringIO()
    with as_reader():
        try:
            call_command("recheck_classes", stdout=said, **options)
        except SystemExit as ended:
            return int(str(ended.code)), said.getvalue()
    return 0, said.getvalue()


def test_every_class_is_computed_again_under_the_version_it_names(transactional_db: None, world: World) -> None:
    told, other = casefile_at(State.RECOMMENDED), casefile_at(State.SUBMITTED)
    assert recheck() == (0, "2 classes of 2 casefiles computed again, 0 differ.\n")
    assert recheck(casefile=told.row.number)[0] == recheck(casefile=other.row.number)[0] == 0
    with pytest.raises(CommandError, match="no casefile of that number"):
        recheck(casefile="LINTAS-0")


def test_a_class_that_somebody_changed_is_named_by_casefile(
    transactional_db: None, world: World, owner_connection: psycopg.Connection
) -> None:
    told, other = casefile_at(State.RECOMMENDED), casefile_at(State.SUBMITTED)
    edit_class(owner_connection, told.row, "level", "moral_any")
    code, said = recheck()
    assert code == 1
    [line, last] = said.splitlines()
    assert line == f"{told.row.number}, violation 1: class.level is moral_any, computed discipline_heavy"
    assert last.endswith("1 differ.")
    assert recheck(casefile=other.row.number)[0] == 0


@pytest.mark.parametrize(("said", "differs"), [("PKPU 2/2024", False), ("PKPU 9/2024", True)])
def test_a_class_of_before_the_legal_basis_was_told_from_the_decree_is_still_reproduced(
    transactional_db: None, world: World, owner_connection: psycopg.Connection, said: str, differs: bool
) -> None:
    told = casefile_at(State.SUBMITTED)
    kept = {"designated_on": "2024-09-22", "region": None, "decree": said, "certainty": "seen"}
    owner_connection.execute(
        "UPDATE casefiles_payload SET facts = jsonb_set(facts, '{violations,0,class,designation}', %s::jsonb)"
        " WHERE casefile_id = %s AND seq = %s",
        [json.dumps(kept), told.row.pk, told.row.version],
    )
    code, text = recheck()
    assert code == differs
    assert ("class.designation" in text) == differs


def test_a_version_that_was_never_loaded_cannot_be_reproduced(
    transactional_db: None, world: World, owner_connection: psycopg.Connection
) -> None:
    told = casefile_at(State.SUBMITTED)
    edit_class(owner_connection, told.row, "rule_version", "2019.1")
    code, said = recheck()
    assert code == 1
    assert "version 2019.1 of the catalogue is not on record" in said


def test_an_old_result_is_reproduced_after_the_law_has_changed(
    transactional_db: None, world: World, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = casefile_at(State.SUBMITTED)
    change(copy, "annex.yaml", "level: discipline_heavy", "level: discipline_light")
    raised(copy, "2027.1")
    newer = book.load(copy)
    with as_owner():
        catalogue_register.load(newer, now=NOW)
    deploy(newer, monkeypatch)
    again = casefile_at(State.SUBMITTED)
    versions = {one["class"]["rule_version"] for story in (told, again) for one in facts(story.row)["violations"]}
    assert versions == {SHIPPED.version, "2027.1"}
    assert recheck() == (0, "2 classes of 2 casefiles computed again, 0 differ.\n")


def deploy(newer: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the files deployed here were those of another version."""

    def loaded(root: Path = DATA) -> Catalogue:
        return newer

    monkeypatch.setattr("casefiles.catalogue.book.load", loaded)
    monkeypatch.setattr("casefiles.catalogue.law.load_catalogue", loaded)


def facts(row: Casefile) -> Any:
    return Payload.objects.get(casefile=row, seq=row.version).facts


def edit_class(owner: psycopg.Connection, row: Casefile, member: str, value: str) -> None:
    owner.execute(
        "UPDATE casefiles_payload SET facts = jsonb_set(facts, ARRAY['violations', '0', 'class', %s],"
        " to_jsonb(%s::text)) WHERE casefile_id = %s AND seq = %s",
        [member, value, row.pk, row.version],
    )
