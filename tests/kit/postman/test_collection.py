"""The collection of Postman: newman walks its story on a real register, twice, with the sandbox's own keys."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.contract import postman
from api.contract.openapi import files
from tests.conftest import Copies
from tests.live_server import ROOT, Server, sequencing, serving
from tests.world import World

NEWMAN = ROOT / ".run" / "newman" / "node_modules" / "newman" / "bin" / "newman.js"
STORY = "Satu perkara / One case"
MOST = 3_000_000

needs_newman = pytest.mark.skipif(
    not NEWMAN.exists() or shutil.which("node") is None,
    reason="newman is not here, so nobody ran the collection. Type: .ci/install-newman",
)


@pytest.fixture(scope="module")
def collection() -> Mapping[str, Any]:
    kept: Mapping[str, Any] = json.loads(postman.COLLECTION.read_text(encoding="utf-8"))
    return kept


def _requests(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "request" in item:
        yield item["request"]
    for one in item.get("item", ()):
        yield from _requests(one)


def test_every_operation_of_the_contract_is_in_it_once(collection: Mapping[str, Any]) -> None:
    contract = files.kept("3.0")
    told = {
        (method.upper(), re.sub(r"\{(\w+)\}", r":\1", path).strip("/"))
        for path, item in contract["paths"].items()
        for method in item
        if method in {"get", "put", "post", "patch", "delete"}
    }
    folders = [folder for folder in collection["item"] if folder["name"] != STORY]
    sent = Counter(
        (request["method"], "/".join(request["url"]["path"])) for folder in folders for request in _requests(folder)
    )
    assert set(sent) == told
    assert set(sent.values()) == {1}
    for folder in folders:
        for request in _requests(folder):
            assert request["description"]
            if request["method"] == "POST" and request["body"]["mode"] == "raw":
                json.loads(request["body"]["raw"])


def test_it_is_small_and_holds_no_key(collection: Mapping[str, Any]) -> None:
    assert postman.COLLECTION.stat().st_size < MOST
    kept = json.loads(postman.ENVIRONMENT.read_text(encoding="utf-8"))
    assert all(one["value"] == "" for one in kept["values"] if one["key"] in {"jwk", "client_id"})
    assert '"d":' not in postman.COLLECTION.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    name = copies.make(world.template)
    log = tmp_path_factory.mktemp("postman") / "server.log"
    with serving(copies.roles.on(name), log=log) as server, sequencing(server):
        yield server
    copies.drop(name)


def _environment(server: Server, world: World) -> Mapping[str, Any]:
    """As `kit/postman/environment.py` makes it of sandbox.json."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "kit" / "postman" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    made: Mapping[str, Any] = program.environment(
        {"base_url": server.base_url, "clients": list(world.clients.values())}
    )
    return made


def run(environment: Mapping[str, Any], folder: Path, *more: str) -> Mapping[str, Any]:
    """What newman found when it ran the story."""
    (folder / "environment.json").write_text(json.dumps(environment))
    report = folder / "report.json"
    command = ["node", str(NEWMAN), "run", str(postman.COLLECTION), "-e", str(folder / "environment.json")]
    command += ["--folder", STORY, "-r", "json", "--reporter-json-export", str(report), "--timeout-request", "60000"]
    done = subprocess.run([*command, *more], cwd=folder, check=False, capture_output=True, text=True)
    assert report.exists(), done.stdout + done.stderr
    found: Mapping[str, Any] = json.loads(report.read_text())["run"]
    return found


@needs_newman
def test_newman_walks_the_story_and_again_on_a_register_that_holds_it(
    server: Server, world: World, tmp_path: Path, collection: Mapping[str, Any]
) -> None:
    found = run(_environment(server, world), tmp_path, "-n", "2", "--bail")
    assert [failure["error"]["message"] for failure in found["failures"]] == []
    story = next(folder for folder in collection["item"] if folder["name"] == STORY)
    assert found["stats"]["requests"]["total"] >= 2 * len(story["item"])
    assert found["stats"]["assertions"]["failed"] == 0


@needs_newman
def test_a_wrong_key_is_told(server: Server, world: World, tmp_path: Path) -> None:
    environment = json.loads(json.dumps(_environment(server, world)))
    keys = {one["key"]: one for one in environment["values"]}
    keys["jwk_bawaslu-kota-padang"]["value"] = keys["jwk_bkn"]["value"]
    found = run(environment, tmp_path, "--bail")
    told = [failure["error"]["message"] for failure in found["failures"]]
    assert any("Token ditolak / refused" in message for message in told), told
