"""`./run`, the parts that need neither network nor database."""

import importlib.machinery
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from config import postgres
from config.roles import Roles, Unavailable, database_name

SCRIPT = Path(__file__).resolve().parent.parent / "run"


@pytest.fixture(scope="module")
def run() -> ModuleType:
    return loaded()


def loaded() -> ModuleType:
    """The script `./run` as a module."""
    loader = importlib.machinery.SourceFileLoader("lintas_run", str(SCRIPT))
    spec = importlib.util.spec_from_loader("lintas_run", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


def test_every_verb_says_in_a_sentence_what_it_does(run: ModuleType) -> None:
    assert all(verb.__doc__ and verb.__doc__.strip().endswith(".") for verb in run.VERBS.values())


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


def test_a_busy_port_is_refused_in_one_line_that_names_a_free_one(run: ModuleType) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        with pytest.raises(run.Stop, match=rf"^Port {port} on 127\.0\.0\.1 is in use\. Type: \./run serve --port \d+$"):
            run.require_port("serve", "127.0.0.1", port)


def test_the_clock_stands_still_while_the_demo_tells_of_the_past(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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

    monkeypatch.setattr(run, "database", lambda: noted("database", None))
    monkeypatch.setattr(run, "RUN_DIR", tmp_path)
    monkeypatch.setattr(run, "sandbox", lambda *_, **__: noted("sandbox", (Inside(), {}, None)))
    monkeypatch.setattr(run, "clock", lambda *_, **__: noted("clock", None))
    monkeypatch.setattr(run, "waited", lambda _: 0)

    assert run.demo(["--keep", "--port", str(run.free_port("127.0.0.1"))]) == 0

    assert happened == ["database begins", "sandbox begins", "the walk is told", "clock begins"]


def test_dotenv_never_overrides_what_the_shell_has_set(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("# a comment\nFROM_SHELL=file\nFROM_FILE='quoted value'\nnot a pair\n")
    monkeypatch.setenv("FROM_SHELL", "shell")
    monkeypatch.setenv("FROM_FILE", "")
    monkeypatch.delenv("FROM_FILE")

    run.read_dotenv(tmp_path / ".env")

    assert (os.environ["FROM_SHELL"], os.environ["FROM_FILE"]) == ("shell", "quoted value")


def test_the_environment_is_stale_as_soon_as_the_lock_changes(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements.lock"
    monkeypatch.setattr(run, "LOCK", lock)
    monkeypatch.setattr(run, "VENV", tmp_path)
    lock.write_text("a==1")
    (tmp_path / ".lock-stamp").write_text(run.stamp())
    assert run.venv_is_fresh()

    lock.write_text("a==2")

    assert not run.venv_is_fresh()


def test_a_child_that_ignores_nothing_hands_its_exit_code_on(run: ModuleType) -> None:
    assert run.waited(subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])) == 7


def test_a_url_keeps_its_socket_folder_when_it_moves_to_another_database() -> None:
    roles = Roles(
        owner="postgresql://o:p@%2Fa%20b%2Fc/lintas",
        web="postgresql://w:p@host:5433/lintas?sslmode=require",
        sequencer="postgresql://s:p@host/lintas",
        reader="postgresql://r:p@host/lintas",
    )

    moved = roles.on("lintas_sandbox")

    assert moved.owner == "postgresql://o:p@%2Fa%20b%2Fc/lintas_sandbox"
    assert moved.web == "postgresql://w:p@host:5433/lintas_sandbox?sslmode=require"
    assert database_name(moved.web) == "lintas_sandbox"
    assert moved.guests == ("w", "s", "r")


def test_a_folder_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    trap = tmp_path / "trap"
    trap.symlink_to(elsewhere)

    with pytest.raises(Unavailable, match="belongs to somebody else"):
        postgres._own_folder(trap, None)


def test_a_pid_file_left_by_a_killed_server_is_forgotten_and_a_live_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "bindir", lambda: tmp_path)
    monkeypatch.setattr(postgres, "_unprivileged_user", lambda: None)
    cluster = postgres.Cluster(checkout=tmp_path, run_dir=tmp_path)
    cluster.data.mkdir(parents=True)
    pid_file = cluster.data / "postmaster.pid"
    with subprocess.Popen(["sleep", "30"]) as gone:
        gone.kill()
    pid_file.write_text(f"{gone.pid}\n{cluster.data}\n123\n")

    cluster._forget_dead_server()
    assert not pid_file.exists()

    with subprocess.Popen(["sleep", "30"], executable="/bin/sleep") as stranger:
        pid_file.write_text(f"{stranger.pid}\n{cluster.data}\n123\n")
        cluster._forget_dead_server()  # the pid lives again, as something that is no server
        stranger.kill()
    assert not pid_file.exists()


def test_a_long_checkout_path_gets_a_short_socket_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "bindir", lambda: tmp_path)
    monkeypatch.setattr(postgres, "_unprivileged_user", lambda: None)
    deep = tmp_path / ("x" * 90) / ".run"
    deep.mkdir(parents=True)

    cluster = postgres.Cluster(checkout=deep.parent, run_dir=deep)

    assert len(os.fsencode(cluster.socket_dir / postgres.SOCKET_NAME)) <= postgres.SOCKET_PATH_LIMIT
    assert cluster.data.is_relative_to(deep)


def test_a_server_that_dies_is_started_again_until_it_is_told_to_end(run: ModuleType) -> None:
    """However often: granian itself ends when a worker dies twice, and PostgreSQL must not end with it."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[-1]

    server = run.Revived(start(), start)
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
    assert server.wait(10) == server.poll() == -signal.SIGTERM
    assert len(started) == 3
