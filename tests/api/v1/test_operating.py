"""What operators ask, and what callers hear when the log cannot keep a promise."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from django.core.management import call_command
from django.test import Client as Browser
from pytest_django import Settings

from audit import quorum
from casefiles.flow import State
from tests import factories
from tests.audit.running import by_the_owner
from tests.partner import Partner, said
from tests.sequencing import witness
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = {
    "type": "assessment",
    "title": "Kajian",
    "media_type": "application/pdf",
    "size": 1,
    "sha256": "ab" * 32,
}


def pulse(
    owner: psycopg.Connection,
    *,
    silent: int = 0,
    waiting: int | None = None,
    refused: str = "",
    contested: str = "",
    origin: str = "",
) -> None:
    owner.execute(
        "INSERT INTO audit_logstatus (id, beat_at, size, checkpoint_size, waiting_since, refused, contested, origin)"
        " VALUES (1, clock_timestamp() - make_interval(secs => %s), 7, 7,"
        " clock_timestamp() - make_interval(secs => %s), %s, %s, %s) ON CONFLICT (id) DO UPDATE SET"
        " beat_at = excluded.beat_at, waiting_since = excluded.waiting_since, refused = excluded.refused,"
        " contested = excluded.contested, origin = excluded.origin",
        [silent, waiting, refused, contested, origin],
    )


@pytest.fixture
def opened(world: World, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection) -> None:
    """A log with its keys and nothing in the queue: all is well but what a test says of the pulse."""
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "log_key.pem"
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "receipt_key.pem"
    by_the_owner("open_log", draw_keys=True)
    owner_connection.execute("DELETE FROM audit_pending")


def ready() -> tuple[int, dict[str, str], list[str]]:
    """Status, checks and alarms; whether it is ready is the same in all three places."""
    answer = Browser().get("/readyz")
    said = orjson.loads(answer.content)
    assert list(said) == ["ready", "checks", "alarms"]
    assert said["ready"] is (answer.status_code == 200) is all(word == "ok" for word in said["checks"].values())
    return answer.status_code, said["checks"], [alarm for alarm in said["alarms"] if not alarm.startswith(ALONE)]


ALONE = "no witness is asked to vouch for this log"


def test_a_log_that_was_never_opened_is_said_plainly(world: World) -> None:
    _, checks, alarms = ready()
    assert alarms == ["the log has not been opened: manage.py open_log --draw-keys"]
    assert set(checks) == {"database", "role", "calendar", "catalogue", "receipts", "writes"}


def test_a_log_without_witnesses_is_an_alarm(opened: None, settings: Settings, tmp_path: Path) -> None:
    """No checkpoint ever waits for a quorum that nobody asked for."""

    def told() -> list[str]:
        return [one for one in orjson.loads(Browser().get("/readyz").content)["alarms"] if "witness" in one.lower()]

    (alarm,) = told()
    assert alarm.startswith(ALONE)
    policy = tmp_path / "policy"
    settings.LINTAS_WITNESS_POLICY_FILE = policy
    (alarm,) = told()
    assert "cannot be read" in alarm
    quorum.read_once.cache_clear()
    policy.write_text(f"witness w {witness('w.example/1').vkey}\nquorum w\n")
    assert told() == []


MISSED = "witness w has seen 9 leaves, and here are 7"


@pytest.mark.parametrize(
    ("ill", "word", "why"),
    [
        ({}, None, None),
        # Well before the minute that receipts promise.
        ({"silent": 19}, None, None),
        ({"silent": 21}, "the sequencer has been silent for 21 s", None),
        ({"silent": 14 * 60}, "the sequencer has been silent for 840 s", None),
        ({"silent": 15 * 60 + 1}, "the sequencer has been silent for 901 s", "silent"),
        ({"waiting": 15 * 60 + 1}, "no quorum of witnesses for 901 s", None),
        ({"waiting": 4 * 3600 + 1}, "no quorum of witnesses", "unwitnessed"),
        ({"contested": MISSED}, f"the tree is contested: {MISSED}", None),
        ({"refused": MISSED}, f"the tree was refused: {MISSED}", "refused"),
    ],
)
def test_what_ails_the_log_reaches_operators_and_in_time_callers(
    opened: None, owner_connection: psycopg.Connection, ill: dict[str, Any], word: str | None, why: str | None
) -> None:
    """An alarm takes no process out of service: only what pauses the writes does."""
    pulse(owner_connection, **ill)
    status, checks, alarms = ready()
    assert status == (503 if why else 200)
    assert [alarm.startswith(word or "") for alarm in alarms] == [True] * (word is not None)
    assert checks["writes"] == (f"paused, the log is {why}: {alarms[0]}" if why else "ok")
    paused = why is not None

    padang = Partner("bawaslu-kota-padang")
    answer = padang.post("/documents", DOCUMENT)
    assert answer.status_code == (503 if paused else 201)
    if paused:
        problem = said(answer)
        assert problem["code"] == "writes-paused"
        assert problem["errors"][0]["code"] == f"log-{why}"
        assert answer["Retry-After"] == "60"
        assert padang.get("/documents").status_code == 200, "reading goes on"


def test_what_was_accepted_is_replayed_while_writes_are_paused(
    world: World, owner_connection: psycopg.Connection
) -> None:
    padang, key = Partner("bawaslu-kota-padang"), uuid.uuid4().hex
    first = padang.post("/documents", DOCUMENT, key=key)
    pulse(owner_connection, refused="no")
    again = padang.post("/documents", DOCUMENT, key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert padang.post("/documents", DOCUMENT).status_code == 503
    pulse(owner_connection)
    assert padang.post("/documents", DOCUMENT).status_code == 201


def test_entries_that_wait_too_long_are_told(opened: None, owner_connection: psycopg.Connection) -> None:
    factories.casefile_at(State.SUBMITTED)
    pulse(owner_connection)
    with owner_connection.transaction():
        # An entry that has waited since yesterday; the owner may do what nobody else can.
        owner_connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER rows_stay")
        owner_connection.execute("UPDATE audit_entry SET recorded_at = recorded_at - interval '1 day'")
        owner_connection.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER rows_stay")
    status, _, alarms = ready()
    assert status == 200
    assert next(alarm for alarm in alarms if "clock" not in alarm).startswith("1 entries wait for the tree")
    assert "something is overdue, and the clock has never ticked: manage.py tick" in alarms


def test_a_web_that_is_set_up_for_another_log_accepts_nothing(
    opened: None, owner_connection: psycopg.Connection, settings: Settings
) -> None:
    """Its entries would name a log that they are not in, and be called tampered with for ever."""
    padang = Partner("bawaslu-kota-padang")
    pulse(owner_connection, origin=settings.LINTAS_LOG_ORIGIN)
    assert ready()[0] == 200
    assert padang.post("/documents", DOCUMENT).status_code == 201
    before = _entries(owner_connection)
    settings.LINTAS_LOG_ORIGIN = "elsewhere.example/log/1"
    status, checks, _ = ready()
    assert (status, checks["writes"].startswith("paused, the log is elsewhere")) == (503, True)
    answer = padang.post("/documents", DOCUMENT)
    problem = said(answer)
    assert (answer.status_code, problem["code"]) == (503, "writes-paused")
    assert problem["errors"][0]["code"] == "log-elsewhere"
    assert _entries(owner_connection) == before
    assert padang.get("/documents").status_code == 200


def _entries(owner: psycopg.Connection) -> int:
    row = owner.execute("SELECT count(*) FROM audit_entry").fetchone()
    assert row is not None
    return int(row[0])


def test_metrics_are_for_who_has_their_token(world: World, owner_connection: psycopg.Connection, settings: Any) -> None:
    assert Browser().get("/metrics").status_code == 404
    settings.LINTAS_METRICS_TOKEN = "m" * 32
    assert Browser().get("/metrics").status_code == 404
    assert Browser().get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 404
    factories.casefile_at(State.SUBMITTED)
    pulse(owner_connection, waiting=30)
    answer = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'lintas_casefiles{state="submitted"} 1\n' in text
    assert "lintas_log_size 7\n" in text
    assert "lintas_writes_paused 0\n" in text
    assert "lintas_log_contested 0\n" in text
    assert text.count("# TYPE lintas_casefiles gauge") == 1
    assert "198" not in text.replace("1980", ""), "no NIP among numbers"
    assert "lintas_clock_silent_seconds" not in text, "it has not ticked yet"
    call_command("tick")
    text = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32}).content.decode()
    assert re.search(r"^lintas_clock_silent_seconds [0-9.]+$", text, re.M)
    pulse(owner_connection, contested=MISSED)
    text = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32}).content.decode()
    assert "lintas_log_contested 1\n" in text
    assert "lintas_log_refused 0\n" in text
