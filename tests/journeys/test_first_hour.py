"""The first hour, as a newcomer has it: the commands of the README from top to bottom, and every published program that
makes an assertion, against a real server. What needs an interpreter that is not here is skipped and says so.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from agencies.assertions import TYPE
from api.contract.assertion_examples import FILES
from tests.test_readme import ROOT, blocks
from tests.world import Sandbox

OFFICE = "bawaslu-kota-padang"
# Java's is run with the rest of its client, compiled once: tests/kit/languages.
INTERPRETERS: dict[str, Sequence[str]] = {
    "bash + openssl": ("bash",),
    "PHP": ("php",),
    "Node.js": ("node",),
    "Python": (sys.executable,),
}


def key_file(sandbox: Sandbox, folder: Path) -> Path:
    """The office's private key as a PEM file."""
    listed = json.loads(sandbox.keys.read_text())["clients"]
    (pem,) = (client["private_pem"] for client in listed if client["agency"] == OFFICE)
    path = folder / "key.pem"
    path.touch(mode=0o600)
    path.write_text(pem)
    return path


@pytest.mark.parametrize("name", INTERPRETERS)
def test_the_published_programs_buy_a_token(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    command = INTERPRETERS[name]
    needed = (*command, "openssl") if name == "bash + openssl" else command
    if missing := [program for program in needed if shutil.which(program) is None]:
        pytest.skip(f"{', '.join(missing)} is not on this machine")
    key = key_file(sandbox, tmp_path)
    program = (str(ROOT / FILES[name]), *(["assertion"] if FILES[name].startswith("kit/") else []))
    arguments = (f"{OFFICE}-system", f"{OFFICE}-1", str(key), sandbox.base_url)
    for _ in range(3):  # a number that begins with zero bytes is shorter in DER
        made = subprocess.run([*command, *program, *arguments], capture_output=True, text=True, check=True)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": TYPE,
            "client_assertion": made.stdout.strip(),
        }
        answer = httpx.post(f"{sandbox.base_url}/oauth/token", data=form, timeout=20)
        assert answer.status_code == 200, answer.text
        assert answer.json()["expires_in"] == 600


def test_the_readme_leads_a_newcomer_to_an_accepted_finding(sandbox: Sandbox, tmp_path: Path) -> None:
    if missing := [program for program in ("bash", "curl", "openssl") if shutil.which(program) is None]:
        pytest.skip(f"{', '.join(missing)} is not on this machine")
    (tmp_path / ".run").mkdir()
    (tmp_path / ".run" / "sandbox.json").write_text(sandbox.keys.read_text())
    for folder in ("docs", "kit", "openapi"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    commands = [block for block in blocks("README.md") if "$BASE" in block or "BASE=" in block]
    assert len(commands) == 4
    script = "\necho\n".join(commands).replace("http://127.0.0.1:8000", sandbox.base_url)
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env={**os.environ, "PATH": path}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    me, finding = (json.loads(line) for line in done.stdout.splitlines() if line)
    assert me["agency"]["code"] == OFFICE
    (casefile,) = finding["casefiles"]
    assert casefile["state"] == "submitted"
    assert casefile["receipt"]["jws"]
