"""What the runbook lists for every day is started by a timer, once, as its role, by a user of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from config import command_roles

FOLDER: Final = command_roles.ROOT / "deploy" / "systemd"
DAILY: Final = sorted(FOLDER.glob("lintas-daily-*.service"))
TIMER: Final = FOLDER / "lintas-daily@.timer"


def role_of(unit: Path) -> str:
    """The role in the unit's name."""
    return unit.stem.removeprefix("lintas-daily-")


def settings_of(unit: Path) -> dict[str, list[str]]:
    """The unit's settings by name, in their order."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def typed(unit: Path) -> list[str]:
    """The management commands that it starts."""
    return [line.rsplit("manage.py ", 1)[1].split()[0] for line in settings_of(unit)["ExecStart"]]


def test_what_the_runbook_lists_is_what_the_timers_start() -> None:
    runbook = (command_roles.ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    chapter = runbook.partition("## Every day")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| `manage\.py (\w+)` \| (\w+) \|", chapter, re.MULTILINE))
    started = {command: role_of(unit) for unit in DAILY for command in typed(unit)}
    assert started == listed
    assert sum(len(typed(unit)) for unit in DAILY) == len(listed), "a command is started twice"
    assert {command: command_roles.role_of(command) for command in listed} == listed
    enabled = re.search(r"systemctl enable --now lintas-daily@\{([a-z,]+)\}\.timer", runbook)
    assert enabled is not None
    assert sorted(enabled[1].split(",")) == [role_of(unit) for unit in DAILY]


def test_each_is_once_a_day_and_as_its_own_user() -> None:
    timer = settings_of(TIMER)
    assert (timer["Unit"], timer["Persistent"]) == (["lintas-daily-%i.service"], ["yes"])
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:00", timer["OnCalendar"][0])
    for unit in DAILY:
        said, role = settings_of(unit), role_of(unit)
        assert (said["Type"], said["User"], said["Group"]) == (["oneshot"], [f"lintas-{role}"], [f"lintas-{role}"])
        assert Path(said["EnvironmentFile"][0]).stem == role
        assert said["ProtectSystem"] == ["strict"]
