"""The playbooks of `docs/playbooks`, in both languages: the same commands, and every block runs, from top to bottom."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kit.languages import gateway
from tests.kit.languages.programs import ENDS_WITHIN_S, ROOT
from tests.world import Sandbox

FOLDER = ROOT / "docs" / "playbooks"
ENDS = {
    "bawaslu": "submitted",
    "pemeriksa": "recommended",
    "daerah": "sanction_reported",
    "auditor": "tampered",
    "splp": "pemkot-padang",
    "sbt-siasn": "kept",
}
"""What each prints last."""
REFUSED = {
    "bawaslu": ["invalid-body"],
    "pemeriksa": ["stale-version"],
    "daerah": ["transition-refused"],
    "auditor": ["insufficient-scope"],
    "splp": ["invalid-client"],
    "sbt-siasn": ["invalid-body"],
}
"""What each tries wrongly first; nothing else may be refused."""
NEEDED = {"auditor": ("node",)}
MARKS = {"seen", "code", "memory", "proposal", "unknown"}


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", ENDS)
def test_a_playbook_runs_from_top_to_bottom(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    needed = ("bash", "curl", "openssl", *NEEDED.get(name, ()))
    if missing := [program for program in needed if shutil.which(program) is None]:
        pytest.skip(f"{', '.join(missing)} is not on this machine: docs/playbooks/{name}.md did not run")
    (tmp_path / ".run").mkdir()
    (tmp_path / ".run" / "sandbox.json").write_text(sandbox.keys.read_text())
    for folder in ("docs", "kit", "openapi"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    own = {variable: value for variable, value in os.environ.items() if not variable.startswith("LINTAS_")}
    with gateway.standing_before(sandbox.server.port) as between:
        script = "\n".join(blocks(FOLDER / f"{name}.md"))
        script = script.replace("http://127.0.0.1:8000", sandbox.base_url).replace("http://127.0.0.1:8080", between.url)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=own, check=False, capture_output=True,
            text=True, encoding="utf-8", timeout=ENDS_WITHIN_S,
        )  # fmt: skip
        assert bool(between.came) == (name == "splp"), "it went through the gateway where it says so"
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == ENDS[name]
    assert re.findall(r"^\d{3} ([\w-]+): ", done.stderr, flags=re.MULTILINE) == REFUSED[name]


def test_both_languages_have_the_same_commands_and_lead_to_each_other() -> None:
    for name in ENDS:
        page, english = FOLDER / f"{name}.md", FOLDER / f"{name}.en.md"
        assert blocks(page) == blocks(english) != []
        assert f"({english.name})" in page.read_text(encoding="utf-8")
        assert f"({page.name})" in english.read_text(encoding="utf-8")
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {file.name for file in FOLDER.glob("*.md")} == {*re.findall(r"\]\(([\w.-]+\.md)\)", listed), "README.md"}


def test_every_row_of_the_table_of_fields_has_a_certainty() -> None:
    pages = [(FOLDER / name).read_text(encoding="utf-8") for name in ("sbt-siasn.md", "sbt-siasn.en.md")]
    rows = [
        re.findall(r"^\| (SBT|SIASN|SIGAPLAPOR|SP4N-LAPOR) \|.*\| `(\w+)` \|$", page, re.MULTILINE) for page in pages
    ]
    assert rows[0] == rows[1]
    assert {system for system, _ in rows[0]} == {"SBT", "SIASN", "SIGAPLAPOR", "SP4N-LAPOR"}
    assert {mark for _, mark in rows[0]} <= MARKS
