"""The verifier runs without the register: copied out of it, it imports neither Django nor a line of ours."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit.verify.conftest import ROOT, Register

RUN = """
import json, sys
folder, hidden, *arguments = sys.argv[1:]
sys.path.insert(0, folder)

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden.split(","):
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Hide())
from lintas_log.verify.__main__ import main
code = main(arguments)
ours = {"django", "audit", "agencies", "casefiles", "api", "config", "rest_framework"}
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} & ours)))
sys.exit(code)
"""


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages under the name that the wheel gives them, as its build file lists them."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(ROOT / "deploy/lintas-log/lintas_log", folder / "lintas_log")
    for name in ("tlog", "verify", "witness"):
        assert f'"../../audit/{name}" = "lintas_log/{name}"' in (ROOT / "deploy/lintas-log/pyproject.toml").read_text()
        shutil.copytree(ROOT / "audit" / name, folder / "lintas_log" / name)
    return folder


@pytest.mark.parametrize("hidden", ["django,psycopg", "django,psycopg,orjson,rich"])
def test_it_verifies_without_the_register(
    alone: Path, exported: Path, cases: dict[str, Path], register: Register, tmp_path: Path, hidden: str
) -> None:
    for what in (("dump", exported), ("case", cases["closed"])):
        command = [*(sys.executable, "-I", "-c", RUN, alone, hidden), *what, "--policy", register.policy, "--json"]
        done = subprocess.run(list(map(str, command)), cwd=tmp_path, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        said, imported = done.stdout.splitlines()
        assert (json.loads(said)["verdict"], json.loads(imported)) == ("sound", [])


def test_only_db_asks_for_a_driver(alone: Path, tmp_path: Path) -> None:
    command = [*(sys.executable, "-I", "-c", RUN, alone, "django,psycopg"), "db", "x", "--trust-genesis"]
    done = subprocess.run(list(map(str, command)), cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "psycopg" in done.stdout


def test_it_runs_in_the_project_too(exported: Path, register: Register) -> None:
    command = [sys.executable, "-m", "audit.verify", "dump", exported, "--policy", register.policy, "--progress"]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()[0]) == (0, "SOUND")
    assert "entries: " in done.stderr
