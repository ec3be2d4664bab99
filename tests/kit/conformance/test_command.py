"""The command line as a partner uses it: steps, report, signature, badge; with the client of one file in PHP."""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lintas_conformance import Act, badge, reports
from lintas_conformance.__main__ import BROKEN, HELD, MISUSED, main
from lintas_conformance.acts import BadSteps, Commanded, read_steps
from lintas_simulator.contract import contract
from lintas_simulator.keys import PublicKey, SigningKey, thumbprint
from tests.kit.conformance.test_conformance import EMPLOYER, judged

ROOT = Path(__file__).resolve().parents[3]
KIT = ROOT / "kit"
ESSENTIAL = ("limited", "cut", "half", "invalid", "race", "revoked", "feed", "feed-repeated", "feed-hole")


@pytest.fixture
def partner(tmp_path: Path) -> Path:
    """A partner's folder: the client in PHP, a key, the file of steps."""
    shutil.copy(KIT / "php" / "lintas.php", tmp_path)
    shutil.copy(KIT / "conformance" / "examples" / "php.json", tmp_path / "steps.json")
    (tmp_path / "key.pem").write_bytes(SigningKey.draw().pem)
    return tmp_path


def test_the_client_in_php_passes_the_essential_part_and_its_report_is_signed(
    partner: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = partner / "report"
    chosen = [word for name in ESSENTIAL for word in ("--only", name)]
    assert main(["run", str(partner / "steps.json"), "--out", str(out), *chosen]) == HELD, capsys.readouterr().out
    made = json.loads((out / "report.json").read_text(encoding="utf-8"))
    held = {one["id"] for one in made["results"] if one["verdict"] == "held"}
    assert {
        "idempotency.same-key-after-cut",
        "list_events.gap-noticed",
        "retry.after-429",
        "pdp.nip-not-in-log",
    } <= held
    public = PublicKey.of_pem((partner / "key.pem").read_bytes(), kid="")
    assert made["key_thumbprint"] == thumbprint(public.jwk)
    assert reports.read_signed((out / "report.jws").read_text(encoding="utf-8"), public) == made

    signed, key = str(out / "report.jws"), str(partner / "key.pem")
    assert main(["verify", signed, "--key", key]) == HELD
    assert main(["badge", signed, "--key", key, "--check"]) == HELD
    assert (
        main(["badge", signed, "--key", key, "--check", "--openapi", str(ROOT / "openapi" / "lintas-v1.yaml")]) == HELD
    )
    changed = partner / "openapi.yaml"
    changed.write_text("openapi: 3.0.3\n")
    shown = partner / "badge.svg"
    assert main(["badge", signed, "--key", key, "--check", "--openapi", str(changed)]) == BROKEN
    assert not shown.exists()
    assert main(["badge", signed, "--key", key, "--openapi", str(changed), "--out", str(shown)]) == HELD
    assert badge.GREY in shown.read_text(encoding="utf-8")
    assert "usang / outdated" in shown.read_text(encoding="utf-8")

    (partner / "other.pem").write_bytes(SigningKey.draw().pem)
    capsys.readouterr()
    assert main(["verify", signed, "--key", str(partner / "other.pem")]) == MISUSED
    assert "signature" in capsys.readouterr().err


def test_a_report_shows_what_is_broken_and_how_to_mend_it_in_both_languages() -> None:

    results = list(judged(EMPLOYER, "new-key-on-retry", only=("unavailable",)).values())
    about = reports.About(EMPLOYER, "<b>&system", "thumb", datetime(2026, 12, 1, 3, tzinfo=UTC))
    made = reports.report(results, about)
    assert not made["passed"]
    page = reports.page(made)
    assert "<b>&system" not in page
    assert "&lt;b&gt;&amp;system" in page
    assert "idempotency.same-key-after-503" in page
    assert "simpan sebelum dikirim" in page
    assert page.count("<h1>") == 1
    assert "<script" not in page
    drawn = badge.badge(made, openapi_digest=contract()["openapi_digest"])
    assert badge.RED in drawn
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    assert "2026-12-01" in (root.get("aria-label") or "")


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("{", "this is no JSON"),
        ('{"agency": "pemkot-padang"}', "kid, key, acts missing"),
        ('{"agency": "a", "kid": "k", "key": "k", "acts": {"send": ["x"]}}', "acts.send is not asked"),
        ('{"agency": "a", "kid": "k", "key": "k", "acts": {"submit": "php x"}}', "list of words"),
        ('{"agency": "a", "kid": "k", "key": "k", "acts": {"submit": ["x"]}}', "choose one of"),
        ('{"agency": "pemkot-padang", "kid": "k", "key": "absent.pem", "acts": {"submit": ["x"]}}', "absent.pem"),
    ],
)
def test_a_wrong_file_of_steps_is_told_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], told: str, says: str
) -> None:
    file = tmp_path / "steps.json"
    file.write_text(told)
    assert main(["run", str(file), "--out", str(tmp_path / "out")]) == MISUSED
    assert says in capsys.readouterr().err


def test_a_person_may_do_it_and_logs_are_read(partner: Path) -> None:
    told = json.loads((partner / "steps.json").read_text())
    log = partner / "app.log"
    log.write_text("before the run\n")
    told |= {"acts": {"inbox": [], "heard": ["sh", "-c", "echo one; exit 3"]}, "logs": ["app.log"]}
    (partner / "steps.json").write_text(json.dumps(told))
    steps = read_steps(partner / "steps.json")

    def waits(asked: str) -> str:
        with log.open("a") as file:
            file.write("198501012010011001\n")
        return "0"

    integration = Commanded(steps, "http://127.0.0.1:1", scratch=partner, waits=waits)

    done = integration.do(Act("inbox", "pemkot-padang-system", "r"))
    assert (done.code, done.said) == (0, "198501012010011001\n")
    assert integration.do(Act("heard", "pemkot-padang-system", "r")).code == 3
    told["acts"]["inbox"] = ["no-such-command"]
    (partner / "steps.json").write_text(json.dumps(told))
    again = Commanded(read_steps(partner / "steps.json"), "http://127.0.0.1:1", scratch=partner)
    with pytest.raises(BadSteps, match="no-such-command"):
        again.do(Act("inbox", "pemkot-padang-system", "r"))


def test_the_list_of_assertions_is_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == HELD
    assert "acknowledge.performed\n" in capsys.readouterr().out
    assert main(["list", "--json"]) == HELD
    assert len(json.loads(capsys.readouterr().out)) > 100


def test_the_wheel_runs_where_nothing_of_the_register_is(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=KIT / "conformance", check=True, capture_output=True)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(io.BytesIO(wheel.read_bytes())) as archive:
        named = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    assert {"lintas_simulator/contract.json", "lintas_simulator/tlog/tree.py", "lintas_conformance/py.typed"} <= named
    shown = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "from importlib.metadata import entry_points\n"
        "[judge] = entry_points(group='console_scripts', name='lintas-conformance')\n"
        "[stand_in] = entry_points(group='console_scripts', name='lintas-simulator')\n"
        "stand_in.load(); code = judge.load()(['list'])\n"
        "from lintas_simulator.log import tree\n"
        "assert tree.__name__ == 'lintas_simulator.tlog.tree'\n"
        "assert 'django' not in sys.modules and 'audit' not in sys.modules and 'httpx' not in sys.modules\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", shown], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_kit_imports_nothing_of_the_register_but_the_tree() -> None:
    allowed = re.compile(r"lintas_simulator|lintas_conformance|cryptography|audit\.tlog")
    for package in (KIT / "simulator", KIT / "conformance"):
        for path in package.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    standard = name.partition(".")[0] in sys.stdlib_module_names
                    assert standard or allowed.match(name), f"{path}: {name}"
