"""What operators ask, and what callers hear when the log cannot keep a promise."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import psycopg
import pytest
from django.test import Client as Browser

from casefiles.flow import Stage
from tests import factories
from tests.partner import Partner, said
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = {
    "type": "assessment",
    "title": "Kajian",
    "media_type": "application/pdf",
    "size": 1,
    "sha256": "ab" * 32,
}


def pulse(owner: psycopg.Connection, *, silent: int = 0, waiting: int | None = None, refused: str = "") -> None:
    owner.execute(
        "INSERT INTO audit_logstatus (id, beat_at, size, checkpoint_size, waiting_since, refused)"
        " VALUES (1, clock_timestamp() - make_interval(secs => %s), 7, 7,"
        " clock_timestamp() - make_interval(secs => %s), %s) ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at,"
        " waiting_since = excluded.waiting_since, refused = excluded.refused",
        [silent, waiting, refused],
    )


def ready() -> tuple[int, dict[str, str]]:
    answer = Browser().get("/readyz")
    return answer.status_code, orjson.loads(answer.content)["checks"]


def test_a_log_that_was_never_opened_is_said_plainly(world: World) -> None:
    status, checks = ready()
    assert status == 503
    assert checks["log"] == "the log has not been opened: manage.py open_log --draw-keys"


@pytest.mark.parametrize(
    ("ill", "word", "paused"),
    [
        ({"silent": 61}, "the sequencer has been silent for 61 s", False),
        ({"silent": 4 * 3600 + 1}, "the sequencer has been silent", True),
        ({"waiting": 15 * 60 + 1}, "no quorum of witnesses for 901 s", False),
        ({"waiting": 4 * 3600 + 1}, "no quorum of witnesses", True),
        ({"refused": "witness w has seen 9 leaves, and here are 7"}, "the tree was refused: witness w", True),
    ],
)
def test_what_ails_the_log_reaches_operators_and_in_time_callers(
    world: World, owner_connection: psycopg.Connection, ill: dict[str, Any], word: str, paused: bool
) -> None:
    owner_connection.execute("DELETE FROM audit_pending")
    pulse(owner_connection, **ill)
    status, checks = ready()
    assert status == 503
    assert checks["log"].startswith(word)
    assert (checks["writes"] != "ok") is paused

    padang = Partner("bawaslu-kota-padang")
    answer = padang.post("/documents", DOCUMENT)
    assert answer.status_code == (503 if paused else 201)
    if paused:
        problem = said(answer)
        assert problem["code"] == "writes-paused"
        assert problem["errors"][0]["code"].startswith("log-")
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


def test_entries_that_wait_too_long_are_told(
    world: World, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.casefile_at(Stage.SUBMITTED)
    pulse(owner_connection)
    with owner_connection.transaction():
        # An entry that has waited since yesterday; the owner may do what nobody else can.
        owner_connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER rows_stay")
        owner_connection.execute("UPDATE audit_entry SET recorded_at = recorded_at - interval '1 day'")
        owner_connection.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER rows_stay")
    status, checks = ready()
    assert status == 503
    assert "entries wait for the tree" in checks["log"]


def test_metrics_are_for_who_has_their_token(world: World, owner_connection: psycopg.Connection, settings: Any) -> None:
    assert Browser().get("/metrics").status_code == 404
    settings.LINTAS_METRICS_TOKEN = "m" * 32
    assert Browser().get("/metrics").status_code == 404
    assert Browser().get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 404
    factories.casefile_at(Stage.SUBMITTED)
    pulse(owner_connection, waiting=30)
    answer = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'lintas_casefiles{state="submitted"} 1\n' in text
    assert "lintas_log_size 7\n" in text
    assert "lintas_writes_paused 0\n" in text
    assert text.count("# TYPE lintas_casefiles gauge") == 1
    assert "198" not in text.replace("1980", ""), "no NIP among numbers"
