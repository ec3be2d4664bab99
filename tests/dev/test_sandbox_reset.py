"""A sandbox that is asked to begins anew with the same clients; who asks, and who answers, share a folder."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agencies import asking
from agencies.asking import KEPT, Said, answering
from config import database
from config.sandbox import Place
from dev import sandbox as dev_sandbox
from dev import serving
from dev.registrar import registrar


def happens(what: Callable[[], bool]) -> None:
    """Wait for it, for as long as a busy machine may take."""
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


# -- the folder -------------------------------------------------------------------------------------------------------


def test_what_is_asked_is_done_and_kept_and_what_an_earlier_run_was_asked_is_forgotten(tmp_path: Path) -> None:
    done: list[Any] = []

    def register(file: Path) -> Said:
        asked = json.loads(file.read_text())
        done.append(asked)
        return Said(done=asked["client_id"] != "taken", lines=("a", "b"))

    (tmp_path / "0.client.json").write_text('{"client_id": "left over"}')
    (tmp_path / "reset").touch()
    with answering(tmp_path, register=register, reset=lambda: None) as clerk:
        run = asking.run_of(tmp_path)
        assert run
        assert asking.register(tmp_path, {"client_id": "mine"}) == Said(done=True, lines=("a", "b"))
        assert asking.register(tmp_path, {"client_id": "taken"}).done is False
        assert not clerk.was_reset
    assert done == [{"client_id": "mine"}, {"client_id": "taken"}]
    assert [json.loads(path.read_text()) for path in (tmp_path / KEPT).iterdir()] == [{"client_id": "mine"}]
    assert {path.name for path in tmp_path.iterdir()} == {KEPT}
    # Now nobody answers, and the next run is another one.
    for ask in (lambda: asking.register(tmp_path, {}), lambda: asking.reset(tmp_path)):
        with pytest.raises(asking.Unanswered):
            ask()
    with answering(tmp_path, register=register, reset=lambda: None):
        assert asking.run_of(tmp_path) not in {None, run}


def test_a_reset_is_done_once_and_ends_the_work(tmp_path: Path) -> None:
    ended = threading.Event()
    with answering(tmp_path, register=lambda file: Said(True, ()), reset=ended.set) as clerk:
        assert asking.reset(tmp_path) == asking.run_of(tmp_path)
        happens(ended.is_set)
        assert clerk.was_reset


# -- the process that registers ---------------------------------------------------------------------------------------

DOUBLE = """
import json, sys
for line in sys.stdin:
    if line == "dies\\n": sys.exit(1)
    print(json.dumps({"done": line != "taken\\n", "lines": [line.strip()]}), flush=True)
"""


def test_one_process_registers_again_and_again_and_is_started_anew_when_it_ended() -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", "-c", DOUBLE]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return started[-1]

    with registrar(start) as clients:
        assert clients.register(Path("mine")) == Said(done=True, lines=("mine",))
        assert clients.register(Path("taken")) == Said(done=False, lines=("taken",))
        assert len(started) == 1
        # It is not asked twice: it may have registered the client before it died.
        assert clients.register(Path("dies")) == Said(done=False, lines=())
        started[0].wait(60)
        assert clients.register(Path("other")) == Said(done=True, lines=("other",))
    assert len(started) == 2
    assert all(child.poll() is not None for child in started)


# -- `./run` ----------------------------------------------------------------------------------------------------------


def test_serving_begins_anew_as_long_as_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[bool, bool]] = []
    answers = iter([(0, True), (0, True), (7, False)])

    def served(*_: Any, fresh: bool, keep: bool, **__: Any) -> tuple[int, bool]:
        begun.append((fresh, keep))
        return next(answers)

    @contextmanager
    def opened(*_: Any) -> Iterator[Any]:
        yield SimpleNamespace()

    monkeypatch.setattr(serving, "_served", served)
    monkeypatch.setattr(serving, "only_one", opened)
    monkeypatch.setattr(serving, "database", opened)
    monkeypatch.setattr(serving, "require_port", lambda *_: None)
    assert serving.serve_sandbox("127.0.0.1", 8000, fresh=False) == 7
    # As the person asked, and then with the same clients.
    assert begun == [(False, False), (True, True), (True, True)]


@pytest.mark.parametrize("keep", [True, False])
def test_a_new_beginning_keeps_clients_and_keys_or_draws_them_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: bool
) -> None:
    place = Place(run_dir=tmp_path)
    (place.asks / KEPT).mkdir(parents=True)
    place.keys.write_text('{"clients": [1]}')
    (place.asks / KEPT / "1.json").write_text('{"client_id": "mine"}')
    (place.folder / "log_key.pem").write_text("old")
    commands: list[tuple[str, ...]] = []
    read: list[str] = []

    def manage(_: str, *command: object, **__: str) -> None:
        commands.append(tuple(map(str, command)))
        for word in command:
            if isinstance(word, Path) and word.exists():
                read.extend(path.read_text() for path in (word.iterdir() if word.is_dir() else [word]))

    monkeypatch.setattr(database, "fresh_copy", lambda *_, **__: None)
    monkeypatch.setattr(dev_sandbox, "open_log", lambda *_, **__: "the key")
    context: Any = SimpleNamespace(roles=None, environment=dict)
    inside: Any = SimpleNamespace(manage=manage, load_catalogue=lambda: None)
    assert dev_sandbox.begin(inside, context, place, base_url="http://127.0.0.1:8000", keep=keep) == "the key"
    assert [command[0] for command in commands] == ["seed_sandbox", *(["register_clients"] if keep else [])]
    assert ("--keys-of" in commands[0]) is keep
    assert read == (['{"clients": [1]}', '{"client_id": "mine"}'] if keep else [])
    # The log's keys are new either way, and the private keys lie in no second file.
    assert not (place.folder / "log_key.pem").exists()
    assert not (place.folder / "earlier.json").exists()
