"""`lintas doctor` names each fault of a server in both languages, and says what to type; where all is well, none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from config.roles import VARIABLES, Roles
from config.server import databases, files, surroundings, verifying
from config.server.doctor import printed
from config.server.finding import NAMES, Finding, Server
from dev.trial.certificates import Authority
from tests.conftest import Copies

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def faults(found: Iterable[Finding]) -> list[Finding]:
    """What is to be mended; each says what to type in both languages."""
    ill = [finding for finding in found if not finding.well]
    assert all(all(finding.found) and all(finding.remedy) for finding in ill)
    return ill


def settings(server: Server, name: str, **more: str) -> Path:
    """Write the environment file of a process, as install.sh does."""
    path = server.file_of(name)
    path.parent.mkdir(exist_ok=True, parents=True)
    lines = {
        "LINTAS_BASE_URL": "https://lintas.example.go.id",
        VARIABLES[name]: f"postgresql://lintas_{name}:x@db/lintas",
        **more,
    }
    path.write_text("# a comment\n" + "".join(f"{key}={value}\n" for key, value in lines.items()))
    path.chmod(0o600)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A server in a folder, with an environment file for each process."""
    made = Server(conf=tmp_path / "etc", state=tmp_path / "state", code=ROOT, backups=tmp_path / "backup")
    for name in NAMES:
        settings(made, name)
    return made


# -- files -------------------------------------------------------------------------------------------------------------


def test_files_that_are_as_they_should_be(server: Server) -> None:
    assert [finding.well for finding in files.findings(server)] == [True]


@pytest.mark.parametrize(
    ("more", "word", "remedy"),
    [
        (
            {"LINTAS_WITNES_POLICY_FILE": ""},
            "nobody reads LINTAS_WITNES_POLICY_FILE",
            "LINTAS_WITNESS_POLICY_FILE meant",
        ),
        (
            {"LINTAS_LOG_KEY_FILE": "/nowhere"},
            "which is the sequencer's alone",
            "Take the line LINTAS_LOG_KEY_FILE out",
        ),
        (
            {"LINTAS_RECEIPT_KEY_FILE": "/nowhere/key.pem"},
            "LINTAS_RECEIPT_KEY_FILE=/nowhere/key.pem is not there",
            "from its copy",
        ),
        ({"DATABASE_WEB_URL": ""}, "lacks DATABASE_WEB_URL", "install.sh"),
    ],
)
def test_a_faulty_line_is_named(server: Server, more: dict[str, str], word: str, remedy: str) -> None:
    settings(server, "web", **more)
    found = faults(files.findings(server))
    assert any(word in finding.found[1] and remedy in finding.remedy[1] for finding in found), found


def test_a_file_that_is_gone_and_one_that_anybody_reads(server: Server) -> None:
    server.file_of("courier").unlink()
    key = server.conf / "receipt_key.pem"
    key.write_text("a key")
    key.chmod(0o644)
    settings(server, "web", LINTAS_RECEIPT_KEY_FILE=str(key))
    said = [(finding.found[1], finding.remedy[1]) for finding in faults(files.findings(server))]
    assert said == [
        (f"{key} is open to others (644)", f"Type: chmod 640 {key}"),
        (f"{server.file_of('courier')} is missing", "Type: deploy/debian/install.sh"),
    ]


def test_a_senseless_value_is_said_as_the_program_says_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "NAMES", ("web",))
    settings(server, "web", SECRET_KEY="x" * 40)
    assert faults(files.starting(server)) == []
    settings(server, "web", SECRET_KEY="x" * 40, LINTAS_BEHIND_PROXY="some")
    (fault,) = faults(files.starting(server))
    assert "lintas-web cannot start: LINTAS_BEHIND_PROXY='some' is no number of proxies" in fault.found[1]


# -- the database ------------------------------------------------------------------------------------------------------


@pytest.fixture
def migrated(server: Server, copies: Copies) -> Iterator[Roles]:
    """A migrated database whose eight roles stand in the server's files."""
    name = copies.make()
    roles = copies.roles.on(name)
    for role, url in asdict(roles).items():
        settings(server, role, **{VARIABLES[role]: url})
    yield roles
    copies.drop(name)


def test_a_database_that_is_well_and_each_way_in_which_it_is_not(server: Server, migrated: Roles) -> None:
    assert faults(databases.findings(server)) == []
    with psycopg.connect(migrated.owner, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '9999_from_tomorrow', now())"
        )
        owner.execute("DELETE FROM django_migrations WHERE app = 'audit' AND name LIKE '0001%%'")
        ahead, behind = faults(databases.findings(server))
    assert ahead.found[1] == "the database is newer than this program: audit.9999_from_tomorrow"
    assert behind.found[1].startswith("not applied yet: audit.0001")
    assert "lintas migrate" in behind.remedy[0]


def test_a_wrong_password_and_a_server_that_is_not_there(server: Server, migrated: Roles) -> None:
    settings(server, "console", DATABASE_CONSOLE_URL=migrated.console.replace("lintas_console:", "lintas_console:no"))
    (fault,) = faults(databases.findings(server))
    assert fault.found[0].startswith("sandi DATABASE_CONSOLE_URL salah")
    settings(server, "owner", DATABASE_URL="postgresql://lintas_owner:x@127.0.0.1:1/lintas")
    (fault,) = faults(databases.findings(server))
    assert fault.found[1].startswith("PostgreSQL does not answer")


@pytest.mark.parametrize(("number", "well"), [(140_012, False), (150_000, True), (180_001, True)])
def test_a_postgresql_that_is_too_old(number: int, well: bool) -> None:
    assert databases.version(number).well is well


# -- what stands around ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        (timedelta(days=90), None),
        (timedelta(days=-1), "the certificate ended"),
        (timedelta(days=5), "the certificate ends in 4 days"),
    ],
)
def test_a_certificate_that_ends(tmp_path: Path, ends: timedelta, word: str | None) -> None:
    authority = Authority.drawn(tmp_path)
    certificate, _ = authority.issue(tmp_path, "lintas.example.go.id", "*.konsol.example", ends=ends)
    hosts = ("lintas.example.go.id", "a.konsol.example")
    found = faults(surroundings.certificate(certificate, hosts=hosts, now=datetime.now(UTC)))
    assert [finding.found[1].startswith(word or "") for finding in found] == [True] * (word is not None)
    (other,) = faults(
        surroundings.certificate(certificate, hosts=("x.example",), now=datetime.now(UTC) + ends - timedelta(days=30))
    )
    assert other.found[1] == "the certificate is not for x.example"


def test_a_backup_and_its_age(server: Server) -> None:
    (none,) = faults(surroundings.backup(server, now=NOW))
    assert "backups.sh" in none.remedy[1]
    server.backups.mkdir()
    note = server.backups / "last.json"
    for text, ages in (
        ('{"ended_at": "2026-12-01T06:59:00Z"}', None),
        ('{"ended_at": "2026-11-29T08:00:00Z"}', "48 hours old"),
        ("{", "cannot be read"),
    ):
        note.write_text(text)
        found = faults(surroundings.backup(server, now=NOW))
        assert [ages in finding.found[1] for finding in found if ages] == [True] * (ages is not None)


def test_a_disk_that_is_full_and_a_service_that_is_silent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "LITTLE_BYTES", 10**18)
    (full,) = faults(surroundings.disks(server.conf, server.conf / "none"))
    assert full.found[1].startswith("only ")
    monkeypatch.setattr(surroundings, "PORT", 1)
    (silent,) = faults(surroundings.readiness(server))
    assert silent.found[1].startswith("lintas-web does not answer")


def test_both_languages_are_printed_and_no_secret(server: Server) -> None:
    finding = Finding("tls", False, ("berakhir", "ended"), ("Perbarui", "Renew it"))
    both, english = (" ".join(printed(finding, languages=chosen).split()) for chosen in ((0, 1), (1,)))
    assert both == "ILL tls berakhir ended -> Perbarui -> Renew it"
    assert english == "ILL tls ended -> Renew it"
    assert "x@db" not in "".join(printed(one, languages=(0, 1)) for one in databases.findings(server))


def test_the_verifier_gets_the_readers_password_by_its_environment() -> None:
    url = "postgresql://lintas_reader:s%2Fx@127.0.0.1:5432/lintas"
    words, password = verifying.arguments(["db", "--policy", "p"], reader_url=url)
    assert (words, password) == (["db", "postgresql://lintas_reader@127.0.0.1:5432/lintas", "--policy", "p"], "s/x")
    assert verifying.arguments(["receipt", "r"], reader_url=url) == (["receipt", "r"], "")


def test_every_setting_of_the_program_is_known_to_it() -> None:
    source = "".join(
        (ROOT / name).read_text()
        for name in ("config/settings.py", "config/console.py", "api/management/commands/erase.py")
    )
    read = set(re.findall(r'"(LINTAS_[A-Z0-9_]+|DATABASE_[A-Z_]+|SECRET_KEY)"', source))
    assert read - files.known_settings() - {"LINTAS_NAME"} == set()
