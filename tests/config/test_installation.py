"""What install.sh makes is what the units, the proxy and the environment files ask for. `deploy/try` runs all of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from config.command_roles import ROOT
from config.server.files import known_settings
from config.server.finding import NAMES, Server
from config.server.surroundings import SERVICES, TIMERS
from tests.config.test_units import settings_of

DEBIAN: Final = ROOT / "deploy" / "debian"
UNITS: Final = sorted(path for path in (ROOT / "deploy" / "systemd").iterdir() if path.suffix in {".service", ".timer"})
WORDS: Final = (DEBIAN / "words.sh").read_text(encoding="utf-8")
INSTALL: Final = (DEBIAN / "install.sh").read_text(encoding="utf-8")


def listed(name: str) -> list[str]:
    """An array of words.sh."""
    found = re.search(rf"^{name}=\((.*)\)$", WORDS, re.MULTILINE)
    assert found is not None
    return found[1].split()


def test_script_and_doctor_know_the_same_processes_units_and_files() -> None:
    assert sorted(listed("ROLES")) == sorted(NAMES)
    assert listed("SERVICES") == [unit for unit in SERVICES if unit != "nginx"]
    assert listed("TIMERS") == list(TIMERS)
    for path in UNITS:
        said = settings_of(path)
        user = said.get("User", ["root"])[0]
        if user.startswith("lintas-"):
            assert user.removeprefix("lintas-") in NAMES
            assert said["EnvironmentFile"] == [str(Server().file_of(user.removeprefix("lintas-")))], path.name


def test_what_the_script_writes_are_settings_that_exist() -> None:
    written = set(re.findall(r'(?:echo "|printf \'|\\n|^)([A-Z][A-Z_]+)=', INSTALL, re.MULTILINE)) - {"PGPORT"}
    assert {"SECRET_KEY_FILE", "DATABASE_WEB_URL", "LINTAS_LOG_KEY_FILE"} <= written
    assert written <= known_settings()


def test_every_refusal_speaks_both_languages() -> None:
    """`stop` takes two sentences, and is given two."""
    for script in sorted(DEBIAN.glob("*")):
        text = script.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"(?<!systemctl )\bstop (\".*)$", text, re.MULTILINE):
            assert len(re.findall(r'"(?:[^"\\]|\\.)*"', line)) >= 2, f"{script.name}: {line[:100]}"


def test_the_proxy_ends_what_is_not_whole_and_answers_with_the_contracts_problems() -> None:
    site = (ROOT / "deploy" / "nginx" / "lintas.conf").read_text(encoding="utf-8")
    for setting in ("client_header_timeout 10s;", "client_body_timeout 10s;", "client_max_body_size 1m;"):
        assert setting in site
    problems = (ROOT / "api" / "contract" / "problem_data.yaml").read_text(encoding="utf-8")
    codes = re.findall(r'"code":"([a-z-]+)"', site)
    assert len(codes) == 6
    for code in codes:
        assert re.search(rf"^  {code}:$", problems, re.MULTILINE), code


@pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="shellcheck is not installed: apt-get install shellcheck"
)
def test_the_scripts_are_sound() -> None:
    scripts = [*sorted(DEBIAN.iterdir()), ROOT / "deploy" / "try"]
    done = subprocess.run(
        ["shellcheck", "-x", *map(str, scripts)], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here: apt-get install systemd"
)
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    """In a root of its own, where the programs that the units start are empty files."""
    folder = tmp_path / "etc" / "systemd" / "system"
    folder.mkdir(parents=True)
    programs = {"/bin/sh"}
    for path in (*UNITS, ROOT / "deploy" / "witness" / "lintas-witness.service"):
        shutil.copy(path, folder)
        programs |= {
            line.split()[0] for name, lines in settings_of(path).items() if name.startswith("Exec") for line in lines
        }
    for program in programs:
        file = tmp_path / program.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o755)
    for target in ("network-online", "sysinit", "basic", "shutdown", "time-sync", "timers", "multi-user"):
        (folder / f"{target}.target").write_text("[Unit]\nDescription=x\n")
    for slice_ in ("system.slice", "-.slice"):
        (folder / slice_).write_text("[Unit]\nDescription=x\n")
    names = [path.name.replace("@.", "@web.") for path in UNITS] + ["lintas-witness.service"]
    done = subprocess.run(
        ["systemd-analyze", "verify", f"--root={tmp_path}", "--man=no", *names],
        check=False,
        capture_output=True,
        text=True,
    )
    # It also speaks of what a root without Debian lacks; of our units it may say nothing.
    said = [line for line in done.stderr.splitlines() if "lintas-" in line and "not found" not in line]
    assert said == [], done.stderr
