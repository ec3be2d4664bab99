"""`/status` tells everybody how the register is, from the log's pulse and the operator's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from api.v1 import status_page
from audit import status
from tests.api.v1.test_operating import pulse
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
FILE = """
- {since: 2026-11-20T09:10:00+07:00, until: 2026-11-20T09:40:00+07:00, id: Tertunda., en: <b>Delayed.</b>}
- {since: 2026-11-21T09:10:00+07:00, id: Masih., en: Still.}
"""


def told(**headers: str) -> dict[str, Any]:
    """The answer as JSON."""
    answer = Browser().get("/status", headers={"Accept": "application/json", **headers})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=30")
    said: dict[str, Any] = orjson.loads(answer.content)
    return said


def test_the_page_tells_now_and_lately_in_both_languages(
    world: World, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert told() == {"now": "reading", "incidents": []}, "no log was opened, so nothing can be accepted"
    pulse(owner_connection)
    path = tmp_path / "incidents.yaml"
    path.write_text(FILE)
    monkeypatch.setenv(status_page.FILE, str(path))
    said = told()
    assert said["now"] == "accepting"
    assert [(one["id"], one["until"]) for one in said["incidents"]] == [
        ("Masih.", None),
        ("Tertunda.", "2026-11-20T02:40:00Z"),
    ]
    with CaptureQueriesContext(connection) as sent:
        page = Browser().get("/status", headers={"Accept-Language": "en"})
    assert len(sent) == 1
    text = page.content.decode()
    assert text.index("Running: everything is accepted") < text.index("Berjalan: semua diterima")
    assert "20 November 2026 at 09:10 WIB to 09:40 WIB. &lt;b&gt;Delayed." in text
    assert "20 November 2026 pukul 09.10 WIB sampai 09.40 WIB. Tertunda." in text
    assert "Sejak 21 November 2026 pukul 09.10 WIB, masih berlangsung. Masih." in text
    pulse(owner_connection, refused="no")
    assert told()["now"] == "reading"


@pytest.mark.parametrize(
    "text", ["- {since: yesterday, id: a, en: b}", "- {since: 2026-11-20T09:10:00, id: a, en: b}", "x: [", "- {}"]
)
def test_a_faulty_file_is_the_operators_trouble_and_not_a_strangers(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "incidents.yaml"
    path.write_text(text)
    monkeypatch.setenv(status_page.FILE, str(path))
    assert told()["incidents"] == []
    assert f"incidents are not told: {path}" in caplog.text
    with pytest.raises(status_page.BadIncidents, match=str(path)):
        status_page.incidents_in(str(path))


def test_it_answers_without_a_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> None:
        raise OperationalError("x")

    monkeypatch.setattr(status, "health", unreachable)
    assert told()["now"] == "down"
