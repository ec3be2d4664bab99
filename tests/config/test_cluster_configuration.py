"""deploy/cluster/configure.sh writes what a machine of the cluster needs, or says what is wrong, and writes nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.live_server import ROOT

SCRIPT = ROOT / "deploy/cluster/configure.sh"
EXAMPLE = (ROOT / "deploy/cluster/cluster.env.example").read_text()


def configured(machine: str, folder: Path, *, answers: str) -> subprocess.CompletedProcess[str]:
    """Run it on these answers."""
    file = folder / "cluster.env"
    file.write_text(answers)
    return subprocess.run([SCRIPT, machine, file], check=False, capture_output=True, text=True)


def filled(folder: Path) -> str:
    """The example with passwords, and a folder of the test's for what is written."""
    return EXAMPLE.replace("PASSWORD=\n", "PASSWORD=s3cret\n").replace(
        "CONFIG=/etc/lintas-cluster", f"CONFIG={folder}/out"
    )


def test_a_node_gets_its_own_addresses_and_commits_that_wait(tmp_path: Path) -> None:
    done = configured("node2", tmp_path, answers=filled(tmp_path))
    assert done.returncode == 0, done.stderr
    written = tmp_path / "out/patroni.yml"
    assert written.stat().st_mode & 0o077 == 0
    patroni = yaml.safe_load(written.read_text())
    dcs = patroni["bootstrap"]["dcs"]
    assert (patroni["name"], patroni["postgresql"]["listen"]) == ("node2", "10.0.0.2:5432")
    assert (dcs["synchronous_mode"], dcs["synchronous_mode_strict"], dcs["failsafe_mode"]) == ("quorum", True, True)
    assert dcs["ttl"] >= dcs["loop_wait"] + 2 * dcs["retry_timeout"]
    etcd = yaml.safe_load((tmp_path / "out/etcd.conf.yml").read_text())
    assert etcd["listen-client-urls"] == "http://10.0.0.2:2379"
    assert "node3=http://10.0.0.3:2380" in etcd["initial-cluster"]


def test_an_application_machine_gets_proxy_pooler_and_its_users(tmp_path: Path) -> None:
    done = configured("application", tmp_path, answers=filled(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "server node3 10.0.0.3:5432 check port 8008" in (tmp_path / "out/haproxy.cfg").read_text()
    assert "pool_mode = transaction" in (tmp_path / "out/pgbouncer.ini").read_text()
    users = tmp_path / "out/userlist.txt"
    assert users.stat().st_mode & 0o077 == 0
    assert '"lintas_web" "s3cret"' in users.read_text()


@pytest.mark.parametrize(
    ("machine", "change", "words"),
    [
        ("node4", ("", ""), "node1|node2|node3|application"),
        ("node1", ("NODE3=10.0.0.3", "NODE3="), "NODE3 is not set"),
        ("node1", ("s3cret", 'a"b'), "may hold letters"),
        ("node1", ("=quorum", "=on"), "SYNCHRONOUS_MODE is quorum, or off"),
        ("node1", ("SHARED_BUFFERS", "SHARED_BUFERS"), "SHARED_BUFERS is not known"),
    ],
)
def test_a_wrong_answer_is_named_in_both_languages(
    machine: str, change: tuple[str, str], words: str, tmp_path: Path
) -> None:
    done = configured(machine, tmp_path, answers=filled(tmp_path).replace(*change) if change[0] else filled(tmp_path))
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2
    assert "s3cret" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_pooled_roles_have_the_limits_that_the_processes_ask_for() -> None:
    """`options` of a session do not pass pgbouncer (config/settings.py, `database`)."""
    said = (ROOT / "deploy/cluster/pooled-roles.sql").read_text()
    for role in ("web", "console", "desk"):
        for limit in (
            "lock_timeout = '5s'",
            "statement_timeout = '10s'",
            "idle_in_transaction_session_timeout = '15s'",
        ):
            assert f"ALTER ROLE lintas_{role} IN DATABASE lintas SET {limit};" in said
