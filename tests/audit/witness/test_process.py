"""The witness as people run it: its commands, kill -9, restart, lost state."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit.tlog import notes, policy
from audit.tlog.notes import VerifierKey
from audit.witness import home
from audit.witness.submitting import Behind, Cosigned, Outcome, Refused, submit
from tests.audit.witness.logs import NAME, Log, drawn, opened

ROOT = Path(__file__).resolve().parents[3]


def command(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the program as another agency would, without any of our environment."""
    return subprocess.run(
        [sys.executable, "-m", "audit.witness", *map(str, words)],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=30, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip


@contextmanager
def serving(directory: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "audit.witness", "serve", "--dir", str(directory), "--port", "0"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert child.stderr is not None
    try:
        said = child.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found, said + child.stderr.read()
        yield child, found[0]
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        child.stderr.close()


def key_of(directory: Path) -> VerifierKey:
    with opened(directory) as witness:
        return witness.signer.vkey


def sent(url: str, log: Log, old: int, size: int, key: VerifierKey) -> Outcome:
    proof = log.proof(old, size) if old <= size else []
    return submit(url=url, note=log.note(size), old_size=old, proof=proof, key=key)


def test_two_commands_make_a_witness_whose_line_fits_the_policy(tmp_path: Path, log: Log) -> None:
    directory = tmp_path / "deep" / "w1"
    url = "https://witness.ombudsman.example"
    made = command("init", "--name", NAME, "--dir", directory, "--log", log.signer.vkey, "--url", url)
    assert made.returncode == 0, made.stderr
    (line,) = [line for line in made.stdout.splitlines() if line.startswith("witness ")]
    read = policy.read_policy(f"log {log.signer.vkey}\n{line}\nquorum {line.split()[1]}\n")
    assert (read.witnesses[0].key.name, read.witnesses[0].url) == (NAME, url)
    assert stat.S_IMODE((directory / home.KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE((directory / home.STATE).stat().st_mode) == 0o600
    with serving(directory) as (_, at):
        outcome = sent(at, log, 0, 5, read.witnesses[0].key)
        assert isinstance(outcome, Cosigned)
        assert abs(outcome.time - time.time()) < 60
        note = notes.read_note(log.note(5) + outcome.line + "\n")
        assert read.is_met(note)


def test_init_never_writes_over_a_witness(directory: Path, log: Log) -> None:
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    again = command("init", "--name", NAME, "--dir", directory, "--log", log.signer.vkey)
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


@pytest.mark.parametrize("vkey", ["", "nonsense", "a+b+c", "cosigner"])
def test_init_refuses_what_is_no_key_of_a_log(tmp_path: Path, vkey: str) -> None:
    given = str(drawn("w.example", notes.COSIGNER).vkey) if vkey == "cosigner" else vkey
    made = command("init", "--name", NAME, "--dir", tmp_path / "w", "--log", given)
    assert (made.returncode, made.stdout) == (2, "")
    assert not (tmp_path / "w").exists()


def test_init_refuses_a_name_that_cannot_stand_in_a_note(tmp_path: Path, log: Log) -> None:
    made = command("init", "--name", "two words", "--dir", tmp_path / "w", "--log", log.signer.vkey)
    assert made.returncode == 2
    assert not (tmp_path / "w").exists()


def test_sigterm_ends_it_and_a_restart_remembers(directory: Path, log: Log) -> None:
    key = key_of(directory)
    with serving(directory) as (child, url):
        assert isinstance(sent(url, log, 0, 9, key), Cosigned)
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0
    with serving(directory) as (_, url):
        assert sent(url, log, 0, 12, key) == Behind(9)
        assert isinstance(sent(url, log.fork(at=3), 9, 12, key), Refused)
        assert isinstance(sent(url, log, 9, 12, key), Cosigned)


def test_killed_at_any_moment_it_remembers_all_that_it_cosigned(directory: Path, log: Log) -> None:
    key = key_of(directory)
    acknowledged, tried = 0, 0
    for round_ in range(6):
        with serving(directory) as (child, url):
            killer = threading.Timer(0.05 + 0.04 * round_, child.kill)
            killer.start()
            old = acknowledged
            while True:
                tried = max(tried, old + 1)
                outcome = sent(url, log, old, old + 1, key)
                if isinstance(outcome, Behind):
                    assert acknowledged <= outcome.size <= tried
                    old = outcome.size
                elif isinstance(outcome, Cosigned):
                    acknowledged = old = old + 1
                else:
                    assert child.wait(60) == -signal.SIGKILL, outcome
                    break
            killer.join()
        with opened(directory) as witness:
            seen = witness.store.logs().get(log.signer.name)
        assert acknowledged <= (seen.size if seen else 0) <= tried
    assert acknowledged > 3
    with serving(directory) as (_, url):
        size = sent(url, log, 0, tried + 1, key)
        assert isinstance(size, Behind)
        assert isinstance(sent(url, log.fork(at=1), size.size, size.size + 5, key), Refused)


def test_a_trusted_key_is_added_while_it_runs(directory: Path, log: Log) -> None:
    key, second = key_of(directory), Log(signer=drawn("second.example/log"))
    with serving(directory) as (child, url):
        assert sent(url, second, 0, 3, key) == Refused(
            404, "Log ini tidak dikenal di sini. This log is not known here."
        )
        assert command("trust", "--dir", directory, "--log", second.signer.vkey).returncode == 0
        assert "already" in command("trust", "--dir", directory, "--log", second.signer.vkey).stdout
        child.send_signal(signal.SIGHUP)
        assert child.stderr is not None
        assert "2 kunci log" in child.stderr.readline()
        assert isinstance(sent(url, second, 0, 3, key), Cosigned)
        assert isinstance(sent(url, log, 0, 3, key), Cosigned)


def test_a_configuration_that_became_unreadable_changes_nothing_while_it_runs(directory: Path, log: Log) -> None:
    key = key_of(directory)
    with serving(directory) as (child, url):
        (directory / home.CONFIG).write_text("name a\nlgo nonsense\n")
        child.send_signal(signal.SIGHUP)
        assert child.stderr is not None
        assert "baris 2" in child.stderr.readline()
        assert isinstance(sent(url, log, 0, 3, key), Cosigned)


def test_status_and_evidence_say_when_a_log_contradicted_itself(directory: Path, log: Log) -> None:
    key = key_of(directory)
    with serving(directory) as (_, url):
        sent(url, log, 0, 9, key)
        calm = command("status", "--dir", directory)  # beside the running service
        assert (calm.returncode, "size 9" in calm.stdout) == (0, True)
        sent(url, log.fork(at=3), 9, 9, key)
    alarmed = command("status", "--dir", directory)
    assert (alarmed.returncode, "ALARM" in alarmed.stdout) == (1, True)
    shown = command("evidence", "--dir", directory)
    assert shown.returncode == 1
    assert log.note(9) in shown.stdout
    assert log.fork(at=3).note(9) in shown.stdout


def test_a_lost_state_is_not_replaced_silently_and_an_empty_one_says_size_0(directory: Path, log: Log) -> None:
    key = key_of(directory)
    with serving(directory) as (_, url):
        sent(url, log, 0, 9, key)
    for path in directory.glob(f"{home.STATE}*"):
        path.unlink()
    refused = command("serve", "--dir", directory, "--port", "0")
    assert refused.returncode == 2
    assert "it is missing" in refused.stderr

    assert command("begin-anew", "--dir", directory).returncode == 0
    assert command("begin-anew", "--dir", directory).returncode == 2
    with serving(directory) as (_, url):
        assert sent(url, log, 9, 12, key) == Behind(0)
        assert isinstance(sent(url, log.fork(at=3), 0, 12, key), Cosigned)  # that is what a lost memory means


def test_a_state_that_is_damaged_or_anothers_is_refused(directory: Path, tmp_path: Path, log: Log) -> None:
    home.begin(tmp_path / "w2", name="other.example/w2", logs=[log.signer.vkey], now=1)
    state = directory / home.STATE
    state.write_bytes((tmp_path / "w2" / home.STATE).read_bytes())
    assert "another witness" in command("status", "--dir", directory).stderr
    state.write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    broken = command("serve", "--dir", directory, "--port", "0")
    assert (broken.returncode, "Traceback" in broken.stderr) == (2, False)


def test_a_key_that_others_can_read_is_refused(directory: Path) -> None:
    (directory / home.KEY).chmod(0o640)
    refused = command("serve", "--dir", directory, "--port", "0")
    assert refused.returncode == 2
    assert "chmod 600" in refused.stderr


def test_a_port_in_use_is_said_plainly(directory: Path) -> None:
    with serving(directory) as (_, url):
        refused = command("serve", "--dir", directory, "--port", url.rpartition(":")[2])
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)


def test_the_sample_configuration_is_one(tmp_path: Path) -> None:
    (tmp_path / home.CONFIG).write_bytes((ROOT / "deploy" / "witness" / "witness.conf.example").read_bytes())
    config = home.read_config(tmp_path)
    assert (config.name, len(config.logs)) == (NAME, 1)


def test_it_needs_nothing_of_the_project_but_the_tree_and_its_notes(tmp_path: Path) -> None:
    """Other agencies install it without the rest: under another name, and with no other package beside it."""
    alone = tmp_path / "lintas_log"
    for part in ("tlog", "witness"):
        shutil.copytree(ROOT / "audit" / part, alone / part, ignore=shutil.ignore_patterns("__pycache__"))
    (alone / "__init__.py").touch()
    program = "import sys; from lintas_log.witness import __main__, submitting; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"audit", "django", "psycopg", "rfc8785"}
    assert {name for name in loaded if name not in sys.stdlib_module_names} >= {"cryptography", "lintas_log"}
