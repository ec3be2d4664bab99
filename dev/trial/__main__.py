"""`deploy/try`: the server that docs/operating.md describes, from an empty Debian on; prints how long each step took.

Root and Debian's packages mmdebstrap, systemd-container and curl are needed. What it makes lies in .run/try and goes at
the end; the built Debian and the Python packages stay there for the next time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dev.ground import PYTHON, ROOT, RUN_DIR
from dev.screen import paint, say
from dev.trial import steps
from dev.trial.certificates import Authority
from dev.trial.container import Container, Failed, run
from dev.trial.server import Server

WANTED = ("mmdebstrap", "systemd-nspawn", "nsenter", "unshare", "curl", "git")


class Table:
    """The steps, each with its duration; the first that fails ends the trial."""

    def __init__(self, *, begins_at: str = "") -> None:
        self.rows: list[tuple[str, float, str]] = []
        self._begins_at = begins_at

    def step(self, name: str, do: Callable[[], object]) -> None:
        """Do it, and note how long it took and what it says."""
        if self._begins_at and not name.startswith(self._begins_at):
            return
        self._begins_at = ""
        began = time.monotonic()
        said = str(do() or "")
        took = time.monotonic() - began
        self.rows.append((name, took, said))
        say(f"  {paint('green', 'ok')} {name:<44} {took:7.1f} s  {said}")


def previous() -> str:
    """The last tag before this commit; where there is none, the commit before the last that changed a migration."""
    tag = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "HEAD~1"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if tag.returncode == 0:
        return tag.stdout.strip()
    return run(
        "git", "log", "-1", "--format=%h~1", "--no-merges", "--diff-filter=A", "--", "*/migrations/*.py", cwd=ROOT
    ).strip()


def wheels(folder: Path) -> None:
    """The Python packages of a server, which has no network in the trial: what the lock names, and our verifier."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder.with_suffix(".stamp")
    lock = (ROOT / "locks/service.lock").read_text()
    if not stamp.exists() or stamp.read_text() != lock:
        pip = (PYTHON, "-m", "pip") if (PYTHON.parent / "pip").exists() else ("python3", "-m", "pip")
        run(*pip, "download", "-q", "--require-hashes", "-r", ROOT / "locks/service.lock", "-d", folder)
        stamp.write_text(lock)
    pip = (PYTHON, "-m", "pip") if (PYTHON.parent / "pip").exists() else ("python3", "-m", "pip")
    run(*pip, "wheel", "-q", "--no-deps", ROOT / "deploy/lintas-log", "-w", folder)


def main() -> int:
    """Try all of it, or the steps until the one that fails."""
    parser = argparse.ArgumentParser(prog="deploy/try", description=__doc__)
    parser.add_argument("--from", dest="before", help="the release to upgrade from (default: the last tag)")
    parser.add_argument("--keep", action="store_true", help="leave the container's folder for looking around")
    parser.add_argument(
        "--resume", metavar="STEP", default="", help="go on with the kept container at the step of that name"
    )
    chosen = parser.parse_args()
    if missing := [name for name in WANTED if not shutil.which(name)]:
        say(f"Missing: {', '.join(missing)}. Type: apt-get install mmdebstrap systemd-container curl git")
        return 1
    if os.geteuid():
        say("A container is booted here, which only root may do. Type: sudo deploy/try")
        return 1
    if run("git", "status", "--porcelain", "--untracked-files=no", cwd=ROOT):
        say("What is not committed is not tried: the trial installs HEAD.")
    folder = RUN_DIR / "try"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    container = Container(folder / "debian", base=folder / "base.tar")
    server = Server(container, folder=folder, authority=Authority.kept(folder))
    # Whoever ends us with `kill` ends the container as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    table, began = Table(begins_at=chosen.resume), time.monotonic()
    try:
        table.step("Python packages", lambda: wheels(folder / "wheels"))
        if chosen.resume:
            container.boot()
            # Where the trial ended before its first installation, nothing would answer.
            if (container.folder / "opt/lintas").is_symlink():
                server.wait_until_ready()
        steps.all_of_them(server, table.step, before=chosen.before or previous(), wheels=folder / "wheels")
    except Failed as why:
        say(f"  {paint('red', 'Failed.')} {why}")
        say(container.said("journalctl", "-n", "40", "--no-pager", "-p", "warning"))
        return 1
    finally:
        container.stop()
        if not chosen.keep:
            container.remove()
    say(f"\n  {len(table.rows)} steps in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
