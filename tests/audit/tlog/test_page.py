"""The page that verifies in a browser, in a real Chromium, from a file: it judges every vector as the command does.

Skipped, with a plain word, where no Chromium is; CI installs one and has `LINTAS_BROWSER=required`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from api.contract.verify_page import PAGE, CoreMissing, verify_page
from audit.tlog import policy, proof
from dev import screens
from tests.audit.tlog.make_vectors import SOUND, TAMPERED, UNDECIDED
from tests.audit.tlog.test_node import CASES, NODE, SAID, in_node, needs_node
from tests.chromium import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["in_node"]

PLACES = ("file", "policy", "receipt", "jwks", "checkpoint")
# Drops files (name and base64), waits until each lies in its place, and asks; a place may be given by its id.
JUDGE = """
async (cases) => {
  const at = (id) => document.getElementById(id);
  const told = [];
  for (const one of cases) {
    at("asked").reset();
    for (const [id, [name, octets]] of Object.entries(one.files)) {
      const held = new DataTransfer();
      held.items.add(new File([Uint8Array.from(atob(octets), (c) => c.charCodeAt(0))], name));
      at(id).files = held.files;
    }
    at("keys").value = one.keys.join("\\n");
    at("leaf").value = one.leaf_hash ?? "";
    at("asked").requestSubmit();
    while (at("result").dataset.exit === undefined) await new Promise((done) => setTimeout(done, 0));
    const lines = [...at("checks").children].map((li) => [li.className, li.textContent]);
    told.push([Number(at("result").dataset.exit), lines, at("verdict").textContent]);
  }
  return told;
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screens.browsing() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The page from its file, in English; whatever it asks for or complains of fails the test."""
    context = browser.new_context(viewport={"width": 360, "height": 800})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: None if request.url == PAGE.as_uri() else faults.append(request.url))
    opened.goto(PAGE.as_uri())
    opened.click("button[data-language=en]")
    yield opened
    assert faults == []
    context.close()


def _given(case: dict[str, Any]) -> dict[str, Any]:
    """A vector as the page takes it."""
    texts = {
        "file": ("case.tlog-proof", _proof(case)),
        "policy": ("policy", SAID["policies"].get(case["policy"])),
        "receipt": ("receipt", case["receipt"]),
        "jwks": ("jwks", json.dumps(SAID["jwks"][case["jwks"]]) if case["jwks"] else None),
    }
    files = {
        place: (name, base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode())
        for place, (name, text) in texts.items()
        if text is not None
    }
    return {"files": files, "keys": case["keys"], "leaf_hash": case["leaf_hash"]}


def _proof(case: dict[str, Any]) -> bytes | None:
    if case["proof"] is None:
        return None
    return base64.b64decode(case["proof"]) if case["proof_is_base64"] else str(case["proof"]).encode()


def _named(name: str) -> dict[str, Any]:
    return next(case for case in CASES if case["name"] == name)


@needs_chromium
def test_it_judges_every_vector_in_the_words_of_the_command(page: Page, request: pytest.FixtureRequest) -> None:
    told = page.evaluate(JUDGE, [_given(case) for case in CASES])
    in_node_too = request.getfixturevalue("in_node") if NODE else {}
    for case, (code, lines, verdict) in zip(CASES, told, strict=True):
        assert code == case["exit"], (case["name"], case["why"], lines)
        assert sum(mark == "is-fault" for mark, _ in lines) == (code != SOUND), case["name"]
        assert verdict.startswith(("SOUND", "TAMPERED", "CANNOT DECIDE")[code])
        if case["name"] in in_node_too and case["proof"] is not None:
            _, out = in_node_too[case["name"]]
            said = [(f"is-{one['mark']}", one["detail"]) for one in json.loads(out)["checks"]]
            # The command names a file by its path.
            said = [(mark, re.sub(r"^/\S*/", "", line)) for mark, line in said]
            assert [tuple(line) for line in lines] == said, case["name"]
    assert {code for code, *_ in told} == {SOUND, TAMPERED, UNDECIDED}


@needs_chromium
def test_files_that_are_dropped_find_their_places(page: Page, tmp_path: Path) -> None:
    case = _named("receipt")
    for place, (name, octets) in _given(case)["files"].items():
        (tmp_path / f"{place}-{name}").write_bytes(base64.b64decode(octets))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    page.set_input_files("#any", sorted(tmp_path.iterdir()))
    page.wait_for_selector("#unknown li")
    assert page.inner_text("#unknown") == "picture.png was not recognised. Choose it below in its place."
    assert {place for place in PLACES if page.evaluate(f"document.getElementById('{place}').files.length")} == {
        "file", "policy", "receipt", "jwks",
    }  # fmt: skip
    page.fill("#keys", "\n".join(case["keys"]))
    page.click("button.main")
    page.wait_for_selector("#result[data-exit]")
    assert page.get_attribute("#result", "data-exit") == str(case["exit"]) == "0"
    assert "The policy asks for no witness" in page.inner_text("#checks")
    assert page.inner_text("#facts").count("\n") > 5
    page.click("button[data-language=id]")
    assert page.inner_text("#verdict") == "UTUH: semua di atas terbukti."
    assert page.get_attribute("html", "lang") == "id"


@needs_chromium
def test_a_checkpoint_by_itself_and_keys_of_witnesses(page: Page, tmp_path: Path) -> None:
    case = _named("two of three witnesses")
    signed = proof.read_proof(str(case["proof"])).checkpoint
    rules = policy.read_policy(SAID["policies"][case["policy"]])
    witnesses = [str(one.key) for one in rules.witnesses]
    (tmp_path / "checkpoint").write_text(signed)
    (tmp_path / "bent").write_text(signed.replace("\n40\n", "\n41\n"))
    (tmp_path / "log").write_text(SAID["log_key"])
    (tmp_path / "witness").write_text(witnesses[0] + "\n")
    page.set_input_files("#any", [tmp_path / name for name in ("checkpoint", "log", "witness")])
    _wait(page, "document.getElementById('witnesses').value !== ''")
    assert _verdict(page) == "SOUND: everything above holds."
    assert "Witness w1 saw this checkpoint" in page.inner_text("#checks")
    page.fill("#witnesses", "\n".join(witnesses))
    assert page.is_hidden("#result"), "a verdict is of what stands in the form"
    assert _verdict(page).startswith("CANNOT DECIDE"), "one of three has not signed"
    page.set_input_files("#checkpoint", tmp_path / "bent")
    assert _verdict(page).startswith("TAMPERED")


@needs_chromium
def test_it_says_what_it_lacks(page: Page, tmp_path: Path) -> None:
    assert _verdict(page).startswith("CANNOT DECIDE")
    assert "Choose a proof file or a checkpoint." in page.inner_text("#checks")
    (tmp_path / "p.tlog-proof").write_text(str(_named("receipt")["proof"]))
    (tmp_path / "jwks.json").write_text(json.dumps(SAID["jwks"]["published"]))
    page.set_input_files("#any", [tmp_path / "p.tlog-proof", tmp_path / "jwks.json"])
    _wait(page, "document.getElementById('jwks').files.length > 0")
    assert _verdict(page).startswith("CANNOT DECIDE")
    assert "A receipt needs the key set" in page.inner_text("#checks")
    page.click("button[type=reset]")
    assert page.is_hidden("#result")


@needs_chromium
def test_a_strangers_text_is_shown_as_text(page: Page) -> None:
    given = _given(_named("another log"))
    given["files"]["policy"] = ("<img src=x>", base64.b64encode(b"<img src=y>").decode())
    ((code, lines, _),) = page.evaluate(JUDGE, [given])
    assert code == UNDECIDED
    assert "<img src=x>" in lines[-1][1]
    assert page.query_selector("#result img") is None


@needs_chromium
@pytest.mark.parametrize("language", ["id", "en"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page: Page, language: str) -> None:
    page.evaluate(JUDGE, [_given(_named("two of three witnesses"))])
    page.click(f"button[data-language={language}]")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    assert Axe().run(page, options=rules).response["violations"] == []
    for width in (360, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def _wait(page: Page, until: str) -> None:
    """For an expression to hold; the page's own policy refuses playwright's way of waiting."""
    page.evaluate(f"async () => {{ while (!({until})) await new Promise((done) => setTimeout(done, 5)); }}")


def _verdict(page: Page) -> str:
    page.click("button.main")
    page.wait_for_selector("#result[data-exit]")
    return page.inner_text("#verdict")


def test_its_policy_allows_nothing_but_itself() -> None:
    text = PAGE.read_text(encoding="utf-8")
    (said,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    digest = r"'sha256-\S{44}'"
    assert re.fullmatch(
        rf"default-src 'none'; script-src {digest}; style-src {digest}; base-uri 'none'; form-action 'none'", said
    )
    assert not re.search(r'(?:src|href|action)="', text)


def test_a_verifier_without_its_marks_makes_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (PAGE.parent / "page").iterdir():
        (tmp_path / "page").mkdir(exist_ok=True)
        (tmp_path / "page" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "lintas-verify.mjs").write_text("// nothing\n")
    monkeypatch.setattr("api.contract.verify_page.FOLDER", tmp_path)
    with pytest.raises(CoreMissing, match="core"):
        verify_page()


@needs_node
def test_the_command_takes_a_checkpoint_by_itself(tmp_path: Path) -> None:
    import subprocess

    assert NODE is not None
    case = _named("two of three witnesses")
    (tmp_path / "c").write_text(proof.read_proof(str(case["proof"])).checkpoint)
    (tmp_path / "p").write_text(SAID["policies"][case["policy"]])
    verifier = str(PAGE.parent / "lintas-verify.mjs")
    for more, code in (([], SOUND), (["--leaf-hash", "0" * 64], UNDECIDED)):
        words = [NODE, verifier, "--checkpoint", "c", "--policy", "p", *more]
        done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == code, done.stdout
