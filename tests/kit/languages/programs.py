"""The one-file clients of `kit/`, started as a partner would start them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
KIT = ROOT / "kit"
FILES = {
    "bash": KIT / "bash" / "lintas.sh",
    "php": KIT / "php" / "lintas.php",
    "node": KIT / "node" / "lintas.mjs",
    "java": KIT / "java" / "Lintas.java",
}
NEEDED = {"bash": ("bash", "curl", "openssl"), "php": ("php",), "node": ("node",), "java": ("java", "javac")}
DONE, MISUSED, NOT_GENUINE, REFUSED, NO_ANSWER = range(5)
"""Exit codes."""
ENDS_WITHIN_S = 120
# What makes a short Java program short.
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp")


@dataclass(frozen=True)
class Said:
    """How one call of a client ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The one JSON that it printed."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSONs that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Program:
    """One of the clients as one system of one agency; `folder` has its key and what it keeps."""

    command: Sequence[str]
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        """What it keeps."""
        return self.folder / "state"

    def environment(self, **settings: str) -> dict[str, str]:
        """What it is told, and nothing of ours."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("LINTAS_")}
        return {**own, "LINTAS_STATE": str(self.state), **self.settings, **settings, "LC_ALL": "C"}

    def begun(self, *given: str | Path, **settings: str) -> subprocess.Popen[str]:
        """A call that runs."""
        return subprocess.Popen(
            [*self.command, *map(str, given)], cwd=self.folder, env=self.environment(**settings), text=True,
            encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def run(self, *given: str | Path, **settings: str) -> Said:
        """A call to its end."""
        with self.begun(*given, **settings) as process:
            out, err = process.communicate(timeout=ENDS_WITHIN_S)
            return Said(process.returncode, out, err)

    def done(self, *given: str | Path, **settings: str) -> Said:
        """A call that has to succeed."""
        said = self.run(*given, **settings)
        assert said.code == DONE, (given, said.code, said.err)
        return said

    def pending(self) -> list[Path]:
        """The intentions that are open."""
        return sorted((self.state / "pending").iterdir())

    def file(self, name: str, content: Any) -> Path:
        """A file of the partner's."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def belonging_to(self, listed: Any, folder: Path, **settings: str) -> Program:
        """The same program as the system of an entry of sandbox.json."""
        folder.mkdir()
        key = folder / "key.pem"
        key.touch(mode=0o600)
        key.write_text(listed["private_pem"])
        own = {
            "LINTAS_CLIENT_ID": listed["client_id"],
            "LINTAS_KID": listed["private_jwk"]["kid"],
            "LINTAS_KEY": str(key),
        }
        return replace(self, folder=folder, settings={**self.settings, **own, **settings})


def program(language: str, folder: Path) -> Program:
    """The client in that language; skips, saying so, where the machine cannot. Java's is compiled in `folder`, once."""
    if missing := [name for name in NEEDED[language] if shutil.which(name) is None]:
        pytest.skip(f"{', '.join(missing)} is not on this machine: kit/{language} did not run")
    file = FILES[language]
    if language != "java":
        return Program((NEEDED[language][0], str(file)), folder)
    classes = folder / "classes-of-the-kit"
    if not classes.exists():
        light = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")
        subprocess.run(["javac", *light, "-Xlint:all,-serial", "-Werror", "-d", str(classes), str(file)], check=True)
    return Program((*JAVA, str(classes), "Lintas"), folder)
