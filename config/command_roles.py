"""As which role of the database a management command signs in: its class says so, and is read before it is imported.

`settings` choose the role when Django starts, and only then can a command be imported. Standard library only.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
# Django's own work on the schema. All its others sign in as requests do.
OF_DJANGO: Final = dict.fromkeys(("migrate", "makemigrations", "showmigrations", "sqlmigrate", "dbshell"), "owner")
AS_REQUESTS_DO: Final = "web"
ATTRIBUTE: Final = "database_role"


def role_of(command: str, *, root: Path = ROOT) -> str:
    """The role that this command declares; a command that nobody knows signs in as requests do."""
    if command in OF_DJANGO:
        return OF_DJANGO[command]
    path = commands(root=root).get(command)
    return (declared(path) if path is not None else None) or AS_REQUESTS_DO


def commands(*, root: Path = ROOT) -> dict[str, Path]:
    """The files of our own commands, by their name."""
    return {path.stem: path for path in sorted(root.glob("*/management/commands/*.py")) if path.stem != "__init__"}


def declared(path: Path) -> str | None:
    """What `database_role` of the class `Command` in that file says; None where it says nothing."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == "Command":
            for statement in node.body:
                match statement:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(role))):
                        if name == ATTRIBUTE:
                            return role
    return None
