"""The image, its compose file and its manifests: what each process gets, and that they say what the units say."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource

from config.roles import VARIABLES

ROOT: Final = Path(__file__).resolve().parents[2]
HERE: Final = ROOT / "deploy" / "container"
CONTAINERFILE: Final = (HERE / "Containerfile").read_text(encoding="utf-8")
ENTRY: Final = (HERE / "lintas").read_text(encoding="utf-8")
MANIFESTS: Final[list[dict[str, Any]]] = list(
    yaml.safe_load_all((HERE / "kubernetes" / "lintas.yaml").read_text(encoding="utf-8"))
)
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((HERE / "compose.yaml").read_text(encoding="utf-8"))
SCHEMAS: Final = sorted((ROOT / ".run" / "kubernetes").glob("*.whl"))
PARTS: Final = ("web", "console", "sequencer", "courier", "worker")


def pods() -> dict[str, dict[str, Any]]:
    """The specification of each pod, by the name of what makes it."""
    found = {}
    for one in MANIFESTS:
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found[one["metadata"]["name"]] = spec["template"]["spec"]
    return found


def words() -> set[str]:
    """The first words that the image knows."""
    return set(re.findall(r"^    ([a-z-]+)\)", ENTRY, re.MULTILINE))


def test_the_image_holds_each_package_of_the_service_and_none_of_the_checkouts() -> None:
    packages = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"])
    copied = set(re.findall(r"^COPY (\w+) /opt/lintas/\1$", CONTAINERFILE, re.MULTILINE))
    assert packages - {"dev"} <= copied
    assert not copied & {"dev", "tests", "benchmarks", "kit"}
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["10001:10001"]
    assert not re.search(r"\bgcc|build-essential|python3-venv|pip install", last)


@pytest.mark.parametrize("part", PARTS)
def test_a_process_is_started_as_its_unit_starts_it(part: str) -> None:
    unit = (ROOT / "deploy" / "systemd" / f"lintas-{part}.service").read_text(encoding="utf-8")
    started = re.search(r"^ExecStart=\S+ (.*)$", unit, re.MULTILINE)
    assert started is not None
    if "granian" in started[1]:
        assert re.search(
            rf"^    {part}\) .*serve {re.findall('--port ([0-9]+)', started[1])[0]} ;;", ENTRY, re.MULTILINE
        )
        assert "config.asgi:application" in ENTRY
    else:
        assert f"    {part}) exec python {started[1]} ;;" in ENTRY


def held_to_its_schema(manifest: dict[str, Any]) -> None:
    """Raise ValidationError where Kubernetes 1.35 refuses it, or does not know one of its members."""
    folder = "kubernetes_validate/kubernetes-json-schema/v1.35.0-local-strict"
    group, _, version = manifest["apiVersion"].rpartition("/")
    name = "-".join(filter(None, (manifest["kind"].lower(), group.partition(".")[0], version)))
    with zipfile.ZipFile(SCHEMAS[0]) as wheel:
        schema, shared = (
            Resource.from_contents(json.loads(wheel.read(f"{folder}/{file}.json"))) for file in (name, "_definitions")
        )
    Draft202012Validator(schema.contents, registry=[schema, shared] @ Registry()).validate(manifest)


@pytest.mark.skipif(
    not SCHEMAS, reason="the schemas of Kubernetes are not here, so nobody held the manifests to them. "
    "Type: .ci/fetch-kubernetes-schemas",
)  # fmt: skip
def test_manifests_are_of_their_schemas() -> None:
    for one in MANIFESTS:
        held_to_its_schema(one)
    broken = {**MANIFESTS[2], "spec": {"template": {"spec": {"containers": [{}]}}}}
    for wrong in (broken, {**MANIFESTS[2], "specs": {}}):
        with pytest.raises(ValidationError):
            held_to_its_schema(wrong)


def test_no_container_may_more_than_it_needs() -> None:
    assert {f"lintas-{part}" for part in PARTS} <= set(pods())
    for name, spec in pods().items():
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            assert container["args"][0] in words() | {"tick"}, name
            assert container["securityContext"] == {
                "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
            }  # fmt: skip
    for name, service in COMPOSE["services"].items():
        if name != "database":
            assert service["command"][0] in words()
            assert (service["read_only"], service["cap_drop"], service["user"]) == (True, ["ALL"], "10001:10001")


def keys_of(spec: dict[str, Any]) -> set[str]:
    """The keys that a pod is given."""
    sources = [source for volume in spec["volumes"] for source in volume.get("projected", {}).get("sources", ())]
    return {source["secret"]["name"].removeprefix("lintas-").removesuffix("-key") for source in sources}


def test_each_process_has_the_key_that_it_signs_with_and_no_other() -> None:
    wanted = {"web": {"receipt"}, "console": {"receipt"}, "sequencer": {"log"}, "courier": {"courier"}, "worker": set()}
    assert {part: keys_of(pods()[f"lintas-{part}"]) for part in PARTS} == wanted
    for part in PARTS:
        mounted = {
            re.sub(r".*/keys/(\w+)_key\.pem:.*", r"\1", one) for one in COMPOSE["services"][part].get("volumes", ())
        }
        assert {one for one in mounted if one in {"log", "receipt", "courier"}} == wanted[part]


def prepare(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HERE / "prepare", *map(str, arguments)], check=False, capture_output=True, text=True)


def test_what_is_drawn_gives_each_process_its_own_password_alone_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    asked = (folder, "--host", "lintas.example.go.id", "--console-host", "konsol.example.go.id")
    assert prepare(*asked).returncode == 0
    drawn = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert prepare(*asked).returncode == 0
    assert {path: path.read_bytes() for path in drawn} == drawn
    urls = {}
    for part in (*PARTS, "set-up"):
        lines = dict(line.split("=", 1) for line in (folder / "env" / f"{part}.env").read_text().splitlines())
        assert lines["LINTAS_BASE_URL"] == "https://lintas.example.go.id"
        urls[part] = {name for name in lines if name.startswith("DATABASE_")}
        assert (folder / "env" / f"{part}.env").stat().st_mode & 0o077 == 0
    assert urls["set-up"] == {*VARIABLES.values(), "DATABASE_ADMIN_URL"}
    assert urls["web"] == {"DATABASE_WEB_URL"}
    assert urls["console"] == {"DATABASE_CONSOLE_URL", "DATABASE_DESK_URL"}
    assert urls["sequencer"] == {"DATABASE_SEQUENCER_URL"}
    assert urls["worker"] == {"DATABASE_WORKER_URL", "DATABASE_READER_URL"}


@pytest.mark.parametrize(
    "asked", [(), ("x",), ("x", "--host", "a.b"), ("x", "--host", "a.b", "--console-host", "a.b"), ("x", "--wrong")]
)
def test_a_wrong_answer_is_told_in_both_languages_and_draws_nothing(tmp_path: Path, asked: tuple[str, ...]) -> None:
    done = subprocess.run([HERE / "prepare", *asked], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert " / " in done.stderr
    assert list(tmp_path.iterdir()) == []
