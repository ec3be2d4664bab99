"""The command line, as a person types it: wrong input first, then an act, its receipt and its event."""

from __future__ import annotations

import argparse
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partialmethod
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from joserfc.jwk import ECKey

from demo.client import Client as Counterpart
from lintas_client import Client, Identity, Patience, SigningKey, Store
from lintas_client.commands import explaining
from lintas_client.commands.__main__ import main
from lintas_client.commands.bodies import BadFile, read_body
from lintas_client.commands.words import Words
from tests.journeys.paths import EXAMINER, OFFICER, OFFICIAL, RECEIVER, Journey, submitted
from tests.kit.client.conftest import in_this_process
from tests.world import Sandbox, World

ROOT = Path(__file__).resolve().parents[3]
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types a command; exit code, output and what was said beside it."""
    monkeypatch.setenv("LINTAS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LINTAS_LANG", raising=False)
    monkeypatch.chdir(tmp_path)

    def type_(*words: str) -> tuple[int, str, str]:
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return type_


def test_a_login_that_does_not_work_says_why_and_keeps_nothing(typed: Typed, sandbox: Sandbox, tmp_path: Path) -> None:
    # Everything wrong first: each answer says what to type.
    assert typed("inbox")[::2] == (1, f"{tmp_path}/home/default.json is missing: type `lintas login` first.\n")
    code, _, said = typed("login", "--client-id", "x")
    assert code == 1
    assert "--base-url, --kid, --key" in said
    login = ("login", "--sandbox", str(sandbox.keys), "--agency")
    assert "pemkot-padang" in typed(*login, "padang")[2]
    stranger = tmp_path / "stranger.json"
    stranger.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=True)))
    who = ("--client-id", "pemkot-padang-system", "--kid", "x", "--key", str(stranger))
    code, _, said = typed("login", "--base-url", sandbox.base_url, *who)
    assert (code, "401 invalid-client" in said) == (1, True)
    assert not (tmp_path / "home" / "default.json").exists()


def recommended(counterparts: Mapping[str, Counterpart]) -> Journey:
    """A casefile that waits for the employer's acknowledgement."""
    journey = submitted(counterparts)
    journey.act(EXAMINER, "identify", **OFFICER)
    journey.accept()
    journey.act(
        EXAMINER, "recommend", letter=journey.letter("B-1"), violations=[1], sanction="discipline_medium",
        reasoning="Terbukti.", official=OFFICIAL,
    )  # fmt: skip
    return journey


def test_a_person_acknowledges_a_recommendation(
    typed: Typed, counterparts: Mapping[str, Counterpart], sandbox: Sandbox, tmp_path: Path
) -> None:
    login = ("login", "--sandbox", str(sandbox.keys), "--agency")
    code, out, _ = typed("--lang", "en", *login, "pemkot-padang")
    assert code == 0
    assert "Signed in as Pemerintah Kota Padang (pemkot-padang)" in out
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "home").iterdir()} == {0o600}

    journey = recommended(counterparts)
    code, out, _ = typed("inbox")
    assert code == 0
    [line] = [line for line in out.splitlines() if journey.casefile in line]
    assert journey.number in line
    assert "acknowledge" in line
    assert RECEIVER["nip"] not in out

    body = tmp_path / "terima.yaml"
    body.write_text("received_on: 2024-10-22\nreceived_by: {name: Melati Kencana, nip: 198403032008012902}\n")
    code, _, said = typed("acknowledge", journey.number, "terima.yaml")
    assert code == 1
    assert "#/received_by/position missing-field" in said
    assert "lintas explain invalid-body" in said
    assert "invalid-body" in typed("explain", "invalid-body")[1]
    assert typed("explain", "tidak-ada")[0] == 1
    assert typed("outbox")[:1] == (1,)
    body.write_text(body.read_text().replace("}", ", position: Pengelola surat}"))
    assert typed("acknowledge", journey.casefile, "terima.yaml", "--validate-only")[0] == 0
    assert typed("acknowledge", journey.casefile, "terima.yaml")[0] == 0
    # Typed again, it is not done again.
    code, _, said = typed("acknowledge", journey.casefile, "terima.yaml")
    assert (code, "--again" in said) == (0, True)
    assert journey.seen_by(EXAMINER)["state"] == "awaiting_sanction"

    receipts = typed("receipts")
    assert receipts[0] == 2  # no policy names anybody who saw the tree
    assert journey.casefile in receipts[1]
    seen: list[str] = []
    while "lintas.casefile.acknowledged" not in seen:  # the sequencer gives it its place a moment later
        events = [json.loads(line) for line in typed("follow", "--once")[1].splitlines()]
        seen += [event["type"] for event in events if event["data"]["casefile"] == journey.casefile]
    assert seen.count("lintas.casefile.acknowledged") == 1
    last = max(event["logindex"] for event in events)
    again = typed("follow", "--once", "--after", str(last - 1))[1].splitlines()
    assert json.loads(again[0])["logindex"] == last
    assert "beyond-head" in typed("follow", "--once", "--after", "999999999")[2]
    assert typed("explain", "assertion") == (2, "", "Hanya di kotak pasir.\n")
    assert json.loads(typed("me")[1])["agency"]["code"] == "pemkot-padang"


def test_the_readmes_program_does_what_it_says(
    typed: Typed, counterparts: Mapping[str, Counterpart], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("login", "--sandbox", str(sandbox.keys), "--agency", "pemkot-padang")
    journey = recommended(counterparts)
    # Of all that waits in this register, the one casefile.
    monkeypatch.setattr(Client, "referrals", partialmethod(Client.referrals, casefile=journey.casefile))
    programs = []
    for name in ("README.md", "README.id.md"):
        page = (ROOT / "kit" / "python" / name).read_text(encoding="utf-8")
        programs.append(page.partition("```python\n")[2].partition("```")[0])
    assert programs[0] == programs[1]
    exec(compile(programs[0], "README.md", "exec"), {})  # noqa: S102 - our own page
    assert journey.seen_by(EXAMINER)["state"] == "awaiting_sanction"


def test_a_person_forwards_a_finding_as_the_readme_says(typed: Typed, sandbox: Sandbox, tmp_path: Path) -> None:
    typed("login", "--sandbox", str(sandbox.keys), "--agency", "bawaslu-kota-padang")
    (tmp_path / "kajian.pdf").write_bytes(b"%PDF-1.7 " + uuid.uuid4().bytes)
    code, out, _ = typed("documents", "register", "kajian.pdf", "--type", "assessment", "--title", "Kajian")
    assert code == 0
    example = json.loads((ROOT / "openapi" / "examples" / "submit_finding.json").read_text(encoding="utf-8"))
    example["assessment"]["documents"] = [out.strip()]
    example["register_number"] = str(uuid.uuid4())
    (tmp_path / "temuan.yaml").write_text(yaml.safe_dump(example, allow_unicode=True), encoding="utf-8")
    assert typed("findings", "submit", "tidak-ada.yaml")[0] == 1
    assert typed("findings", "submit", "temuan.yaml", "--validate-only")[0] == 0
    code, out, _ = typed("findings", "submit", "temuan.yaml")
    assert code == 0
    assert "LTS/" in out
    assert "tanda terima" in out
    again = typed("findings", "submit", "temuan.yaml")
    assert (again[0], again[1]) == (0, out)
    code, _, said = typed("findings", "submit", "temuan.yaml", "--again")
    assert (code, "finding-exists" in said, "-> /api/v1/findings/" in said) == (1, True, True)


def test_nobody_answers_and_the_finding_is_kept(
    typed: Typed, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("login", "--sandbox", str(sandbox.keys), "--agency", "bawaslu-kota-padang")
    (tmp_path / "temuan.yaml").write_text("register_number: '1'\n")
    profile = tmp_path / "home" / "default.json"
    kept = profile.read_text()
    monkeypatch.setattr(Patience, "pause", lambda self, attempt, *, asked: 0.0)
    profile.write_text(kept.replace(sandbox.base_url, "http://127.0.0.1:9"))
    code, _, said = typed("--lang", "en", "findings", "submit", "temuan.yaml")
    assert (code, "lintas outbox --send" in said) == (3, True)
    code, out, _ = typed("outbox")
    assert code == 1
    [pending] = out.splitlines()
    assert pending.startswith("pending ")
    key = pending.split()[1]
    assert typed("outbox", "--dismiss", key)[0] == 0
    assert typed("outbox", "--dismiss", key)[0] == 1
    assert typed("outbox") == (0, "", "")


def test_help_is_in_both_languages(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    told = {}
    for language in ("id", "en"):
        for words in (["--help"], ["findings", "submit", "--help"], ["acknowledge", "-h"]):
            with pytest.raises(SystemExit) as ended:
                main(["--lang", language, *words])
            assert ended.value.code == 0
        told[language] = capsys.readouterr().out
    assert "Teruskan temuan dari berkas" in told["id"]
    assert "Forward a finding from a file" in told["en"]
    assert "Forward a finding" not in told["id"]


def test_a_body_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "temuan.yaml"
    file.write_text(
        "nip: 198501012010011903\nregion: 13.71\nphone: 081200009999\nday: 2024-10-02\nanswer: no\nat: 12:30\n"
        "held: true\nreporter: null\nnumbers: [1, 20]\nempty:\n"
    )
    assert read_body(str(file)) == {
        "nip": "198501012010011903", "region": "13.71", "phone": "081200009999", "day": "2024-10-02", "answer": "no",
        "at": "12:30", "held": True, "reporter": None, "numbers": [1, 20], "empty": None,
    }  # fmt: skip
    file.write_text('{"a": {"b": "2024-10-02", "c": [true]}}')
    assert read_body(str(file)) == {"a": {"b": "2024-10-02", "c": [True]}}
    for wrong in ("nip: 1\nnip: 2\n", "a: [1\n", "- 1\n", "a: !!python/object:os.system x\n"):
        file.write_text(wrong)
        with pytest.raises(BadFile, match=r"line|object"):
            read_body(str(file))
    file.write_bytes(b"a: \xff\n")
    with pytest.raises(BadFile, match="UTF-8"):
        read_body(str(file))
    with pytest.raises(BadFile, match="cannot be read"):
        read_body(str(tmp_path / "tidak-ada.yaml"))


def test_the_sandbox_explains_assertion_and_signature(
    db: None, world: World, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LINTAS_EXPLAINS = True
    http = httpx.Client(transport=httpx.MockTransport(in_this_process))
    client = world.clients["bkn"]
    key = SigningKey.read(client["private_jwk"])
    for client_id, code, said in (
        (client["client_id"], 0, "Every check passes."),
        ("somebody-else", 1, ""),
    ):
        identity = Identity(base_url=settings.LINTAS_BASE_URL, client_id=client_id, key=key)
        asking = Client(identity, Store(tmp_path / "store.sqlite"), http=http)
        assert explaining.explain(asking, argparse.Namespace(what="assertion"), Words("en")) == code
        assert said in capsys.readouterr().out
    asking = Client(replace(identity, client_id=client["client_id"]), Store(tmp_path / "store.sqlite"), http=http)
    assert explaining.explain(asking, argparse.Namespace(what="signature"), Words("en")) == 0
