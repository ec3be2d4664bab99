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
