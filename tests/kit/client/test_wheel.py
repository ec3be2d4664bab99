"""The package alone: its wheel, in an environment that has what it names and nothing else."""

from __future__ import annotations

import ast
import importlib.metadata as installed
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

from api.contract import client_shapes
from api.contract.openapi.files import kept

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "kit" / "python"


def test_the_wheel_runs_where_nothing_of_the_register_is(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=PACKAGE, check=True, capture_output=True)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        named = set(archive.namelist())
        [metadata] = [name for name in named if name.endswith(".dist-info/METADATA")]
        required = re.findall("^Requires-Dist: (.*)$", archive.read(metadata).decode(), re.MULTILINE)
        archive.extractall(tmp_path / "site")
    assert {"lintas_client/py.typed", "lintas_client/shapes.py", "lintas_client/log/verify/receipts.py"} <= named
    for name in _with_what_they_need({Requirement(line).name for line in required}):
        for file in installed.files(name) or ():
            top = Path(file.parts[0])
            link = tmp_path / "site" / top
            if ".." not in file.parts and not link.exists():
                link.symlink_to(Path(str(installed.distribution(name).locate_file(top))))
    # -S: no other site-packages; -I: nothing of this folder or the environment.
    shown = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "from importlib.metadata import entry_points\n"
        "[lintas] = entry_points(group='console_scripts', name='lintas')\n"
        "import lintas_client.receipts, lintas_client.webhooks\n"
        "assert lintas_client.receipts.anchors.__name__ == 'lintas_client.log.verify.anchors'\n"
        "assert 'django' not in sys.modules and 'audit' not in sys.modules\n"
        "sys.exit(lintas.load()(['--help']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", shown], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Mulai dengan `lintas login`" in done.stdout


def _with_what_they_need(names: set[str]) -> set[str]:
    """These distributions and all that they need on this machine."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        for line in installed.requires(name) or ():
            needed = Requirement(line)
            if needed.name not in found and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                names.add(needed.name)
    return found


def test_the_client_imports_nothing_of_the_register_but_the_verifier() -> None:
    ours = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert "casefiles" in ours
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.partition(".")[0] not in ours or name.startswith("audit.verify"), f"{path}: {name}"


def test_the_types_have_every_schema_and_every_transition_of_the_contract() -> None:
    contract = kept("3.0")
    made = client_shapes.modules(contract)
    assert made == {path: path.read_text(encoding="utf-8") for path in made}
    shapes = ast.parse(made[client_shapes.SHAPES])
    defined = {node.name for node in shapes.body if isinstance(node, ast.ClassDef)}
    defined |= {str(node.targets[0].id) for node in shapes.body if isinstance(node, ast.Assign)}  # type: ignore[attr-defined]
    assert set(contract["components"]["schemas"]) <= defined
    [acts] = [node for node in ast.parse(made[client_shapes.ACTS]).body if isinstance(node, ast.ClassDef)]
    methods = {node.name.rstrip("_").replace("_", "-") for node in acts.body if isinstance(node, ast.FunctionDef)}
    routes = {
        path.rpartition("/")[2]
        for path, operations in contract["paths"].items()
        for operation in operations.values()
        if operation.get("operationId", "").startswith(client_shapes.PERFORM)
    }
    assert methods - {"--init"} == routes
