"""One line of `lintas doctor`: what was looked at, how it is, and what to type, in Indonesian and in English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.roles import VARIABLES

NAMES: Final = ("web", "console", "sequencer", "courier", "worker", "owner", "reader")
"""The processes and their users: `lintas-<name>`. Each has an environment file of its own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`found` and `remedy` are pairs: Indonesian, English. `remedy` is empty where all is well."""

    name: str
    well: bool
    found: tuple[str, str]
    remedy: tuple[str, str] = ("", "")


def well(name: str, indonesian: str, english: str) -> Finding:
    """A line that says that something is as it should be."""
    return Finding(name, True, (indonesian, english))


def ill(name: str, found: tuple[str, str], remedy: tuple[str, str]) -> Finding:
    """A line that says what is wrong, and what to type."""
    return Finding(name, False, found, remedy)


@dataclass(frozen=True)
class Server:
    """Where the parts of an installed server lie. The tests make one in a folder of their own."""

    conf: Path = Path("/etc/lintas")
    state: Path = Path("/var/lib/lintas")
    code: Path = Path("/opt/lintas")
    backups: Path = Path("/var/lib/lintas-backup")

    def file_of(self, name: str) -> Path:
        """The environment file of one process, or of the process that signs in as that role."""
        if name == "desk":
            return self.file_of("console")
        own = name in ("sequencer", "courier", "owner")
        return self.conf / name / f"{name}.env" if own else self.conf / f"{name}.env"

    def settings_of(self, name: str) -> dict[str, str]:
        """The NAME=value lines of that file; nothing where there is no such file."""
        try:
            lines = self.file_of(name).read_text(encoding="utf-8").splitlines()
        except OSError:
            return {}
        pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith(("#", ";")))
        return {name.strip(): value.strip().strip("'\"") for name, value in pairs}

    def url_of(self, name: str) -> str:
        """Where that role signs in to the database; empty where its file does not say.

        The desk is a role without a process of its own: the console's file names it.
        """
        return self.settings_of(name).get(VARIABLES[name], "")
