"""What watches a server knows the numbers that it tells: guide, alarms and dashboard name them, and no others."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
import yaml
from django.core.management import call_command
from django.test import Client as Browser
from pytest_django import Settings

from tests.world import World

ROOT: Final = Path(__file__).resolve().parents[2]
RULES: Final = ROOT / "deploy" / "prometheus" / "lintas.rules.yml"
NAME: Final = re.compile(r"\b(lintas_[a-z_]+?)(?:_bucket|_sum|_count)?\b")


def documented(*, by_label: bool = False) -> set[str]:
    """The table of the guide; only those with a label, if asked so."""
    chapter = (
        (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").partition("## Watch")[2].partition("\n## ")[0]
    )
    return set(re.findall(r"^\| `(lintas_[a-z_]+)" + (r"\{" if by_label else ""), chapter, re.MULTILINE))


def rules() -> list[dict[str, Any]]:
    """The alarms."""
    read: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def queries() -> list[str]:
    """What the dashboard asks."""
    board = json.loads((ROOT / "deploy" / "grafana" / "lintas.json").read_text(encoding="utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


@pytest.mark.django_db(transaction=True)
def test_the_guide_lists_what_the_server_tells(
    world: World, owner_connection: psycopg.Connection, settings: Settings
) -> None:
    settings.LINTAS_METRICS_TOKEN = "m" * 32
    owner_connection.execute(
        "INSERT INTO audit_logstatus (id, beat_at, size, checkpoint_size, refused, contested, origin)"
        " VALUES (1, clock_timestamp(), 7, 7, '', '', '') ON CONFLICT (id) DO NOTHING"
    )
    call_command("tick")
    text = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32}).content.decode()
    told = set(re.findall(r"^# TYPE (lintas_[a-z_]+) ", text, re.MULTILINE))
    assert told - documented() == set()
    # What is counted by a label appears with the first thing that bears it.
    assert documented() - told <= documented(by_label=True)


def test_alarms_and_dashboard_ask_for_what_is_told_and_every_number_is_on_the_dashboard() -> None:
    asked = set(NAME.findall(" ".join(queries())))
    assert asked == documented()
    assert set(NAME.findall(" ".join(rule["expr"] for rule in rules()))) <= documented()


def test_each_alarm_says_what_to_type() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert " / " in rule["annotations"]["summary"], "in both languages"
        assert rule["annotations"]["type"]
    units = set(re.findall(r"\blintas-[a-z]+(?:\.timer)?", RULES.read_text(encoding="utf-8")))
    here = {path.name.removesuffix(".service") for path in (ROOT / "deploy" / "systemd").iterdir()}
    assert units <= here


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus")
def test_each_alarm_rings_when_it_should_and_none_when_all_is_well() -> None:
    tested = yaml.safe_load(RULES.with_suffix(".test.yml").read_text(encoding="utf-8"))["tests"]
    ringing = {case["alertname"] for test in tested for case in test["alert_rule_test"] if case.get("exp_alerts")}
    silent = {case["alertname"] for test in tested for case in test["alert_rule_test"] if not case.get("exp_alerts")}
    assert ringing == silent == {rule["alert"] for rule in rules()}
    done = subprocess.run(
        ["promtool", "test", "rules", RULES.with_suffix(".test.yml").name],
        cwd=RULES.parent, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
