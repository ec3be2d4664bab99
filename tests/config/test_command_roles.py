"""Every management command says as which role of the database it signs in, and is started so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from config import command_roles
from config.roles import VARIABLES

OURS = command_roles.commands()
UNITS = sorted((command_roles.ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.mark.parametrize("name", OURS)
def test_a_command_declares_its_role(name: str) -> None:
    """Whoever adds a command says `database_role = "…"` in its class, or this fails."""
    assert command_roles.declared(OURS[name]) in VARIABLES, f'{OURS[name]}: class Command lacks database_role = "web"'


def test_there_are_commands_of_every_role() -> None:
    # The desk's role is the console's second connection, and no command's.
    assert {command_roles.role_of(name) for name in OURS} == set(VARIABLES) - {"desk"}
    assert (command_roles.role_of("migrate"), command_roles.role_of("check")) == ("owner", "web")


def test_a_command_that_declares_nothing_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "casefiles" / "management" / "commands"
    folder.mkdir(parents=True)
    (folder / "silent.py").write_text("class Command:\n    help = 'x'\n")
    assert command_roles.declared(folder / "silent.py") is None
    assert command_roles.role_of("silent", root=tmp_path) == "web"


def test_what_is_declared_is_a_constant_of_the_class() -> None:
    """It is read before Django starts, so it is written as it stands, once, and in no base class."""
    for path in OURS.values():
        source = ast.parse(path.read_text(encoding="utf-8"))
        said = [node for node in ast.walk(source) if isinstance(node, ast.Name) and node.id == command_roles.ATTRIBUTE]
        assert len(said) == 1, path


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_its_command_in_the_role_that_it_declares(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    started = re.search(r"^ExecStart=.*manage\.py (\w+)", text, re.M)
    role = re.search(r"^Environment=LINTAS_DB_ROLE=(\w+)", text, re.M)
    if started is not None:
        assert role is None or role[1] == command_roles.role_of(started[1])
