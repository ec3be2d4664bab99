"""`/sandbox`: a client with keys of one's own, by the page in a real browser, by its lines in bash, and by its call."""

from __future__ import annotations

import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from django.test import Client as Browser
from joserfc.jwk import ECKey
from pytest_django import Settings

from agencies import asking
from agencies.asking import Said, answering
from agencies.keys import prove
from config.sandbox import Place
from dev import screens
from tests import commanding
from tests.chromium import needs_chromium
from tests.conftest import Copies
from tests.live_server import ROOT, Server, serving
from tests.partner import said
from tests.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Page

AGENCY = "bawaslu-kota-padang"
PATHS = ("/api/v1/sandbox/reset", "/api/v1/sandbox/clients")


@pytest.fixture(scope="module")
def sandbox(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose clerk registers by the operator's command, as `./run serve --sandbox` does."""
    folder, name = tmp_path_factory.mktemp("asks"), copies.make(world.template)
    asks = folder / "asks"
    log, roles = folder / "server.log", copies.roles.on(name)
    with serving(roles, log=log, LINTAS_SANDBOX_CONTROL="1", LINTAS_SANDBOX_ASKS=str(asks)) as server:

        def register(file: Path) -> Said:
            try:
                lines = server.does("register_client", str(file), "--quiet-receipts", role="owner")
            except AssertionError as refused:
                return Said(done=False, lines=tuple(str(refused).splitlines()))
            return Said(done=True, lines=tuple(lines.splitlines()))

        with answering(asks, register=register, reset=lambda: None):
            yield server
    copies.drop(name)


def registration(server: Server, client_id: str, **more: Any) -> dict[str, Any]:
    key = ECKey.generate_key("P-256")
    private = {**key.as_dict(private=True), "kid": "k"}
    public = {name: private[name] for name in ("kty", "crv", "x", "y")}
    proof = prove(private, client_id=client_id, audience=server.base_url)
    return {"agency": AGENCY, "client_id": client_id, "keys": [{"jwk": public, "kid": "k", "proof": proof}], **more}


def post(server: Server, body: Any, path: str = "/api/v1/sandbox/clients", **headers: str) -> httpx.Response:
    return httpx.post(f"{server.base_url}{path}", json=body, headers=headers, timeout=200)


def in_bash(lines: str, folder: Path) -> Mapping[str, Any]:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines], cwd=folder, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a browser of this module's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=screens.chromium(), args=["--no-sandbox"])
        yield browser.new_page(locale="id-ID", viewport={"width": 360, "height": 800})
        browser.close()


@needs_chromium
def test_a_person_makes_a_client_in_a_browser_and_buys_a_token_in_bash(
    sandbox: Server, page: Page, tmp_path: Path
) -> None:
    sent: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"{sandbox.base_url}/sandbox")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("#client", "peramban-saya")
    page.fill("#kid", "laptop")
    page.click("button")
    page.wait_for_selector("#made:not([hidden])", timeout=180_000)

    pem = page.text_content("#pem") or ""
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")
    with page.expect_download() as saved:
        page.click("#save")
    saved.value.save_as(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_text() == pem
    private = str(ECKey.import_key(pem).as_dict(private=True)["d"])
    assert not any(private in body or "PRIVATE" in body for body in sent), "the private key stays in the browser"

    me = in_bash(page.text_content("#buys") or "", tmp_path)
    assert (me["client"], me["agency"]["code"]) == ("peramban-saya", AGENCY)
    assert not faults

    # The same client_id again: the page says why it is refused, and how to go on.
    page.click("button")
    page.wait_for_selector("#refused:not([hidden])", timeout=180_000)
    assert "is taken; a client_id is never reused" in (page.text_content("#refused") or "")
    assert page.is_hidden("#made")


def blocks(server: Server) -> Mapping[str, str]:
    """The lines that the page shows, by the id or the language of each block."""
    text = httpx.get(f"{server.base_url}/sandbox", headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in text
    found = re.findall(r'<pre (?:id|class="lines" data-language)="([^"]+)"[^>]*>(.*?)</pre>', text, re.DOTALL)
    return {name: html.unescape(lines) for name, lines in found}


@pytest.fixture(scope="module")
def newcomer(sandbox: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the key of a client that the page's lines have made, without JavaScript."""
    folder = tmp_path_factory.mktemp("newcomer")
    made = in_bash(blocks(sandbox)["registers"], folder)
    assert (made["client_id"], made["agency"]) == ("percobaan-saya", AGENCY)
    assert len(made["keys"]) == 1
    assert (folder / "key.pem").stat().st_mode & 0o77 == 0
    return folder


def test_who_has_no_javascript_makes_one_in_bash(sandbox: Server, newcomer: Path) -> None:
    assert in_bash(blocks(sandbox)["buys"], newcomer)["client"] == "percobaan-saya"


@pytest.mark.parametrize(("language", "program"), [("bash", "bash"), ("PHP", "php"), ("Node.js", "node")])
def test_a_newcomer_forwards_a_finding_with_what_the_sandbox_hands_out(
    sandbox: Server, newcomer: Path, tmp_path: Path, language: str, program: str
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on this machine")
    (tmp_path / "key.pem").write_bytes((newcomer / "key.pem").read_bytes())
    told = in_bash(f"{{ {blocks(sandbox)[language].rstrip()} ; }} | tail -n 1", tmp_path)
    assert [step["transition"] for step in told["walked"]][-1] == "accept"
    assert told["state"] == "under_examination"


def test_the_library_that_it_hands_out_is_whole(sandbox: Server, tmp_path: Path) -> None:
    """pip builds it of this folder, with the verifier's rules from the two beside it (kit/python/pyproject.toml)."""
    packed = httpx.get(f"{sandbox.base_url}/sandbox/kit/lintas-client.tar.gz").content
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path, filter="data")
    ours = {str(path.relative_to(tmp_path / "lintas")) for path in tmp_path.rglob("*") if path.is_file()}
    wanted = [path for folder in ("kit/python", "audit/tlog", "audit/verify") for path in (ROOT / folder).rglob("*")]
    assert ours == {str(path.relative_to(ROOT)) for path in wanted if path.is_file() and "__pycache__" not in str(path)}
    assert "lintas-client" in blocks(sandbox)["Python"]


def test_it_hands_out_nothing_else(sandbox: Server) -> None:
    assert httpx.get(f"{sandbox.base_url}/sandbox/kit/lintas.php").content == (ROOT / "kit/php/lintas.php").read_bytes()
    for name in ("settings.py", "..%2fREADME.md", ""):
        assert httpx.get(f"{sandbox.base_url}/sandbox/kit/{name}").status_code == 404


# -- the calls --------------------------------------------------------------------------------------------------------


def test_what_is_no_registration_is_refused_with_its_place(sandbox: Server) -> None:
    good = registration(sandbox, "klien-lain")
    stranger = registration(sandbox, "klien-lain")["keys"][0]["proof"]
    for body, pointers in (
        ([], ["#"]),
        ({}, ["#/client_id", "#/agency", "#/keys"]),
        ({**good, "client_secret": "x"}, ["#/client_secret"]),
        ({**good, "scopes": "casefiles:read"}, ["#/scopes"]),
        ({**good, "scopes": ["everything"]}, ["#/scopes"]),
        ({**good, "client_id": "Klien Lain"}, ["#/client_id"]),
        ({**good, "agency": "tidak-ada"}, ["#/agency"]),
        ({**good, "keys": []}, ["#/keys"]),
        ({**good, "keys": [{**good["keys"][0], "proof": stranger}]}, ["#/keys"]),
    ):
        answer = post(sandbox, body)
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == pointers, answer.text
    # A page of another site can post text, but no JSON.
    plain = httpx.post(f"{sandbox.base_url}/api/v1/sandbox/clients", content=json.dumps(good))
    assert (plain.status_code, plain.json()["code"]) == (415, "unsupported-media-type")
    assert httpx.get(f"{sandbox.base_url}/api/v1/sandbox/clients").status_code == 405
    # Nothing of that was registered: the good one still can be, with the scopes that it names.
    assert post(sandbox, {**good, "scopes": ["casefiles:read"]}).json()["scopes"] == ["casefiles:read"]


def test_a_reset_is_asked_for_and_told(sandbox: Server) -> None:
    run = httpx.get(f"{sandbox.base_url}/api/v1/sandbox/reset").json()["run"]
    assert post(sandbox, {"all": True}, "/api/v1/sandbox/reset").status_code == 422
    asked = post(sandbox, {}, "/api/v1/sandbox/reset").json()
    assert asked == {"run": None, "ends": run}


@pytest.mark.parametrize("path", PATHS)
def test_where_nobody_answers_that_is_said(path: str, settings: Settings, tmp_path: Path) -> None:
    settings.LINTAS_SANDBOX_CONTROL = True
    body = {} if path.endswith("reset") else {"agency": AGENCY, "client_id": "abc", "keys": []}
    for folder in ("", str(tmp_path)):
        settings.LINTAS_SANDBOX_ASKS = folder
        answer = Browser().post(path, json.dumps(body), content_type="application/json")
        assert (answer.status_code, said(answer)["code"]) == (503, "temporarily-unavailable")
        assert "./run serve --sandbox" in said(answer)["detail"]


def test_elsewhere_there_is_no_such_route(settings: Settings, tmp_path: Path) -> None:
    settings.LINTAS_SANDBOX_CONTROL, settings.LINTAS_SANDBOX_ASKS = False, str(tmp_path)
    for path in PATHS:
        answer = Browser().post(path, b"{}", content_type="application/json")
        assert (answer.status_code, said(answer)["code"]) == (404, "unknown-route")
    assert Browser().get("/sandbox").status_code == 404
    assert Browser().get("/sandbox/kit/lintas.php").status_code == 404


def test_the_setting_refuses_a_public_address(tmp_path: Path) -> None:
    for base_url, sandbox in (("https://lintas.example.go.id", "1"), ("http://127.0.0.1:8000", "0")):
        done = subprocess.run(
            [sys.executable, "-c", "import config.settings"], cwd=ROOT, check=False, capture_output=True, text=True,
            env={**os.environ, "LINTAS_SANDBOX": sandbox, "LINTAS_BASE_URL": base_url,
                 "LINTAS_SANDBOX_ASKS": str(tmp_path)},
        )  # fmt: skip
        assert "LINTAS_SANDBOX_ASKS belongs to a sandbox on this machine" in done.stderr
    # And `./run` sets it for this machine alone.
    place = Place(run_dir=tmp_path)
    assert "LINTAS_SANDBOX_ASKS" in place.settings("http://localhost:8000")
    assert "LINTAS_SANDBOX_ASKS" not in place.settings("http://0.0.0.0:8000")


def test_who_waits_too_long_gives_up_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a-run")
    with pytest.raises(asking.Unanswered):
        asking.register(tmp_path, {"client_id": "abc"}, patience_s=0.1)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_sandbox_can_be_seeded_with_keys_of_an_earlier_one(copies: Copies, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256")
    private = {**key.as_dict(private=True), "kid": "bkn-1", "alg": "ES256", "use": "sig"}
    earlier, out = tmp_path / "earlier.json", tmp_path / "sandbox.json"
    earlier.write_text(json.dumps({"clients": [{"client_id": "bkn-system", "private_jwk": private}]}))
    name = copies.make()
    command = ("seed_sandbox", "--base-url", "http://127.0.0.1:8000", "--out", str(out), "--keys-of", str(earlier))
    commanding.within(copies.roles.on(name), "owner", command, base_url="http://127.0.0.1:8000")
    copies.drop(name)
    given = {client["client_id"]: client["private_jwk"] for client in json.loads(out.read_text())["clients"]}
    assert given["bkn-system"] == private
    assert len({one["d"] for one in given.values()}) == len(given) > 1
