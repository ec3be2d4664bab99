"""The PostgreSQL that comes along: its URLs, its folders, its process; without starting one."""

import os
import subprocess
from pathlib import Path

import pytest

from config import postgres
from config.roles import Roles, Unavailable, database_name


def test_a_url_keeps_its_socket_folder_when_it_moves_to_another_database() -> None:
    roles = Roles(
        owner="postgresql://o:p@%2Fa%20b%2Fc/lintas",
        web="postgresql://w:p@host:5433/lintas?sslmode=require",
        sequencer="postgresql://s:p@host/lintas",
        reader="postgresql://r:p@host/lintas",
        console="postgresql://c:p@host/lintas",
        courier="postgresql://d:p@host/lintas",
        worker="postgresql://k:p@host/lintas",
        desk="postgresql://m:p@host/lintas",
    )

    moved = roles.on("lintas_sandbox")

    assert moved.owner == "postgresql://o:p@%2Fa%20b%2Fc/lintas_sandbox"
    assert moved.web == "postgresql://w:p@host:5433/lintas_sandbox?sslmode=require"
    assert database_name(moved.web) == "lintas_sandbox"
    assert moved.guests == ("w", "s", "r", "c", "d", "k", "m")


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


def test_the_tests_data_lies_in_memory_where_there_is_enough_and_is_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "bindir", lambda: tmp_path)
    monkeypatch.setattr(postgres, "_unprivileged_user", lambda: None)
    memory, run_dir, other = (tmp_path / name for name in ("memory", "run", "other"))
    for folder in (memory, run_dir, other):
        folder.mkdir()
    monkeypatch.setattr(postgres, "MEMORY", memory)

    def data(place: Path, *, room: int, in_memory: bool = True) -> Path:
        monkeypatch.setattr(postgres, "MEMORY_FROM", room)
        return postgres.Cluster(checkout=tmp_path, run_dir=place, in_memory=in_memory).data

    held = data(run_dir, room=1)
    assert held.is_relative_to(memory)
    assert held == data(run_dir, room=1) != data(other, room=1)
    assert data(run_dir, room=2**62) == data(run_dir, room=1, in_memory=False) == run_dir / "postgres" / "data"
    monkeypatch.setattr(postgres, "MEMORY", tmp_path / "none")
    assert data(run_dir, room=1) == run_dir / "postgres" / "data"


def test_a_server_is_told_only_what_its_version_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "bindir", lambda: tmp_path)
    monkeypatch.setattr(postgres, "_unprivileged_user", lambda: None)
    ours = postgres.Cluster(checkout=tmp_path, run_dir=tmp_path, settings={"fsync": "off"})
    durable = postgres.Cluster(checkout=tmp_path, run_dir=tmp_path)
    for version, more in {
        "15.9": set(),
        "17.2": {"scram_iterations"},
        "18.4": {"scram_iterations", "io_method"},
    }.items():
        monkeypatch.setattr(postgres.Cluster, "_version", lambda _, told=version: told)
        assert ours._settings().keys() == {"fsync", *more}
        assert durable._settings() == {}
