"""What operators ask, and what callers hear when the log cannot keep a promise."""

from __future__ import annotations

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connections
from django.test import Client as Browser
from pytest_django import Settings

from agencies.models import Client
from api.http import idempotency_key, problems, throttling
from api.v1 import vital_signs
from audit import access, quorum
from casefiles import register_time
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
        # Well before the minute that receipts promise: it beats every two seconds.
        ({"silent": 3}, None, None),
        ({"silent": 6}, "the sequencer has been silent for {} s", None),
        ({"silent": 14 * 60}, "the sequencer has been silent for {} s", None),
        ({"silent": 15 * 60 + 1}, "the sequencer has been silent for {} s", "silent"),
        ({"waiting": 15 * 60 + 1}, "no quorum of witnesses for {} s", None),
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
    # So long, and what it took to ask.
    least = int(ill.get("silent") or ill.get("waiting") or 0)
    words = tuple((word or "").format(seconds) for seconds in range(least, least + 30))
    assert [alarm.startswith(words) for alarm in alarms] == [True] * (word is not None)
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
    assert next(alarm for alarm in alarms if "clock" not in alarm).startswith("3 entries wait for the tree")
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
    assert re.findall(r"(?<![0-9.])[0-9]{16,18}(?![0-9])", text) == [], "no NIP among numbers"
    assert "lintas_clock_silent_seconds" not in text, "it has not ticked yet"
    call_command("tick")
    text = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32}).content.decode()
    assert re.search(r"^lintas_clock_silent_seconds [0-9.]+$", text, re.M)
    pulse(owner_connection, contested=MISSED)
    text = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32}).content.decode()
    assert "lintas_log_contested 1\n" in text
    assert "lintas_log_refused 0\n" in text


@pytest.mark.parametrize("query", ["", "?validate_only=true"])
def test_whoever_finds_a_casefile_locked_is_soon_told_to_come_again(
    world: World, owner_connection: psycopg.Connection, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    """A thread that waited for seconds would be missing to everybody else."""
    told = factories.casefile_at(State.SUBMITTED)
    examiner, path = Partner("bkn"), f"/casefiles/{told.casefile}/note{query}"
    note = {"code": "other", "date": "2024-10-10"}
    with owner_connection.transaction():
        owner_connection.execute("SELECT 1 FROM casefiles_casefile WHERE id = %s FOR UPDATE", [told.casefile])
        began = time.monotonic()
        answer = examiner.post(path, note, version=told.row.version)
        if said(answer)["code"] == "try-again":
            # Seen once: the database broke off for a reason of its own, which the log now names.
            # Whoever is told to come again comes again.
            began = time.monotonic()
            answer = examiner.post(path, note, version=told.row.version)
        waited = time.monotonic() - began
        logged = [record.getMessage() for record in caplog.records]
    assert (answer.status_code, said(answer)["code"]) == (409, "request-in-progress"), (waited, logged)
    assert answer["Retry-After"] == "1"
    assert 0.9 < waited < 5, "the patience is a second"
    assert examiner.post(path, note, version=told.row.version).status_code == 200


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("bkn", {"code": "no such code"}, 422),
        ("pemkot-padang", {"code": "other", "date": "2024-10-10"}, 403),
        ("bawaslu-kab-agam", {"code": "other", "date": "2024-10-10"}, 404),
    ],
)
def test_whoever_will_be_refused_waits_for_no_lock(
    world: World, owner_connection: psycopg.Connection, who: str, body: dict[str, Any], status: int
) -> None:
    """A faulty body, a former party and a stranger: nobody of them locks the row, or is kept by who has."""
    told = factories.casefile_at(State.SUBMITTED, through=("request-identity", "recall"))
    partner, began = Partner(who), time.monotonic()
    with owner_connection.transaction():
        owner_connection.execute("SELECT 1 FROM casefiles_casefile WHERE id = %s FOR UPDATE", [told.casefile])
        answer = partner.post(f"/casefiles/{told.casefile}/note", body, version=told.row.version)
    assert answer.status_code == status, answer.content
    assert time.monotonic() - began < 0.9


def test_whoever_waits_for_a_twin_has_the_casefile_not_locked(
    world: World, owner_connection: psycopg.Connection
) -> None:
    told, key = factories.casefile_at(State.SUBMITTED), "waits-for-its-twin-0123456789"
    examiner, client = Partner("bkn"), Client.objects.get(agency__code="bkn")
    digest = idempotency_key.digest(client=client.client_id, key=key)
    twin = (
        "INSERT INTO api_idempotencyrecord (client_id, key_digest, fingerprint, created_at, etag, location, "
        "owner_kind, parting) VALUES (%s, %s, '', now(), '', '', '', false)"
    )

    def post() -> int:
        body = {"code": "other", "date": "2024-10-10"}
        try:
            return int(examiner.post(f"/casefiles/{told.casefile}/note", body, version=1, key=key).status_code)
        finally:
            connections.close_all()

    with owner_connection.transaction():
        owner_connection.execute(twin, [client.pk, digest])
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(post)
            time.sleep(0.4)
            assert not waiting.done()
            owner_connection.execute(
                "SELECT 1 FROM casefiles_casefile WHERE id = %s FOR UPDATE NOWAIT", [told.casefile]
            )
            assert waiting.result() == 409


# -- the machine ------------------------------------------------------------------------------------------------------


def no_room(*_: Any, **__: Any) -> Any:
    """What Django says where the database's disk is full."""
    error = OperationalError("x")
    error.__cause__ = psycopg.errors.DiskFull("x")
    raise error


@pytest.mark.parametrize(
    ("ill", "word"),
    [
        ({"silent": 6}, "the sequencer has been silent for 6 s"),
        ({"waiting": 6}, "no quorum of witnesses for 6 s"),
        ({"silent": -60}, "the sequencer's last sign of life lies 60 s ahead"),
    ],
)
def test_what_is_lost_is_told_within_seconds_and_stops_nobody(
    opened: None, owner_connection: psycopg.Connection, ill: dict[str, Any], word: str
) -> None:
    pulse(owner_connection, **ill)
    status, _, alarms = ready()
    assert (status, [alarm.startswith(word) for alarm in alarms]) == (200, [True])


def test_a_full_disk_is_said_and_what_needs_no_record_is_read(
    opened: None, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read about a person that cannot be recorded is refused plainly; a limit that cannot be counted stops nobody."""
    pulse(owner_connection)
    examiner, told = Partner("bkn"), factories.casefile_at(State.SUBMITTED)
    owner_connection.execute("DELETE FROM audit_pending")
    assert ready()[1]["writes"] == "ok"
    throttling._lots.clear()
    monkeypatch.setattr(throttling, "draw", no_room)
    monkeypatch.setattr(access, "parameters_of", no_room)
    for path in ("/me", "/catalogue/sanctions", "/agencies"):
        assert examiner.get(path).status_code == 200, path
    refused = examiner.get(f"/casefiles/{told.casefile}", **{"Accept-Language": "en"})
    assert (refused.status_code, said(refused)["code"]) == (503, "temporarily-unavailable")
    assert [item["code"] for item in said(refused)["errors"]] == ["read-not-recorded"]
    assert told.row.number not in refused.content.decode()
    status, checks, _ = ready()
    assert (status, checks["writes"].startswith("the disk of the database is full")) == (503, True)
    monkeypatch.setattr(problems, "_without_room", [time.monotonic() - 11])
    assert ready()[1]["writes"] == "ok", "and it comes back by itself"
    throttling._lots.clear()


def test_a_sandbox_that_cannot_ask_what_time_it_is_says_so(opened: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock lies in the database, and is asked for each request before anything else."""
    monkeypatch.setattr(register_time, "ahead", no_room)
    refused = Browser(raise_request_exception=False).get("/api/v1")
    assert (refused.status_code, said(refused)["code"]) == (503, "temporarily-unavailable")


def test_a_disk_that_fills_up_and_a_clock_that_was_set_are_alarms(
    opened: None, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    pulse(owner_connection)
    settings.LINTAS_DISKS = ["/proc/nowhere", "/"]
    monkeypatch.setattr(vital_signs, "LITTLE", 1.1)
    monkeypatch.setattr(vital_signs, "_wall_clock", vital_signs.WallClock())
    kinds = [alarm.partition(":")[0] for alarm in ready()[2]]
    assert kinds == ["the disk of /proc/nowhere cannot be looked at", "the disk of / is nearly full"]
    settings.LINTAS_DISKS = []
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + 60)
    alarms = ready()[2]
    assert alarms[0].startswith("this machine's clock was set by +60 s")
    assert alarms[1] == "the database's clock is 60 s behind this machine's"
    monkeypatch.setattr(time, "time", clock)
    assert [alarm.partition(" s ")[0] for alarm in ready()[2]] == ["this machine's clock was set by -60"]
