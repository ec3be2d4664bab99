"""A Debian server in a container: built by mmdebstrap, booted by systemd-nspawn, with no network but its own loopback.

Root is needed, and Debian's packages mmdebstrap and systemd-container. Nothing of it is registered with
systemd-machined, and nothing outside of its folder is touched.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "systemd,systemd-sysv,dbus,ca-certificates,openssl,procps,iproute2,python3,python3-venv,postgresql,nginx,pgbackrest"
)
REBOOTED: Final = 133
"""With this code systemd-nspawn ends where the system in it was told to start anew (its option --keep-unit)."""
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failed(Exception):
    """A step did not end as it should; the message says which, and what was said."""


def run(*command: object, env: Mapping[str, str] | None = None, cwd: Path | None = None, within_s: float = 900) -> str:
    """Run a command of this machine; its output. Raises `Failed`."""
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=env, cwd=cwd, timeout=within_s)
    if done.returncode:
        raise Failed(f"{shlex.join(words)[:300]} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def wait(condition: Callable[[], object], what: str, *, within_s: float = 240) -> float:
    """Wait until it is so; seconds that it took. Raises `Failed`."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within_s:
            raise Failed(f"in {within_s:.0f} s there was no {what}")
        time.sleep(0.1)
    return time.monotonic() - began


class Container:
    """One Debian in a folder."""

    def __init__(self, folder: Path, *, base: Path) -> None:
        self.folder, self._base = folder, base
        self._boot: subprocess.Popen[bytes] | None = None
        self.log = folder.with_suffix(".log")

    def build(self) -> None:
        """Build the Debian from packages alone, once: the next ones unpack it."""
        if not self._base.exists():
            draft = self._base.with_suffix(".new.tar")
            run("mmdebstrap", "-q", "--variant=minbase", f"--include={PACKAGES}", "bookworm", draft, within_s=1800)
            draft.rename(self._base)
        self.remove()
        self.folder.mkdir(parents=True)
        run("tar", "-C", self.folder, "-xf", self._base)
        (self.folder / "etc/hostname").write_text("lintas\n")

    def boot(self) -> float:
        """Start it; seconds until it is up."""
        with self.log.open("ab") as out:
            self._boot = subprocess.Popen(
                ["systemd-nspawn", "-q", "-b", "-D", str(self.folder), "--register=no", "--keep-unit",
                 "--private-network", "--machine=lintas-try", "--resolv-conf=off", "--console=pipe"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        return self.wait_until_up()

    def reboot(self) -> float:
        """Have it start anew, by its own systemd; seconds until it is up again."""
        boot = self._boot
        self.code("systemctl", "reboot")
        if boot is None or boot.wait(180) != REBOOTED:
            raise Failed("the container did not ask to be started again")
        return self.boot()

    def wait_until_up(self) -> float:
        """Seconds until its systemd is `running`, or `degraded`: some units of Debian's own have nothing to do here."""

        def is_up() -> bool:
            if self._boot is not None and self._boot.poll() is not None:
                raise Failed(f"the container ended while it started ({self.log}):\n{self.log.read_text()[-500:]}")
            return self.said("systemctl", "is-system-running") in ("running", "degraded")

        return wait(is_up, "booted system")

    @property
    def leader(self) -> int:
        """The process that is number 1 in there; 0 while there is none."""
        if self._boot is None or self._boot.poll() is not None:
            return 0
        try:
            children = Path(f"/proc/{self._boot.pid}/task/{self._boot.pid}/children").read_text().split()
        except OSError:
            return 0
        return int(children[0]) if children else 0

    def inside(self, *command: object) -> list[str]:
        """That command, as this machine has to type it."""
        enter = ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w"]
        return [*enter, "env", "-i", f"PATH={PATH}", "LANG=C.UTF-8", "HOME=/root", *map(str, command)]

    def said(self, *command: object) -> str:
        """What a command in it prints, whatever its exit code; empty while nobody answers."""
        if not self.leader:
            return ""
        done = subprocess.run(self.inside(*command), check=False, capture_output=True, text=True, timeout=600)
        return done.stdout.strip()

    def code(self, *command: object) -> int:
        """The exit code of a command in it."""
        return subprocess.run(self.inside(*command), check=False, capture_output=True, timeout=600).returncode

    def do(self, *command: object, within_s: float = 900) -> str:
        """Run a command in it; its output. Raises `Failed`."""
        return run(*self.inside(*command), within_s=within_s)

    def from_here(self, *command: object, hosts: Path) -> list[str]:
        """A command of this machine in the network of the container, where names are those of that file."""
        words = shlex.join([str(word) for word in command])
        script = f"mount --bind {shlex.quote(str(hosts))} /etc/hosts && exec {words}"
        return [
            "nsenter",
            "-t",
            str(self.leader),
            "-n",
            "unshare",
            "-m",
            "--propagation",
            "private",
            "sh",
            "-c",
            script,
        ]

    def stop(self) -> None:
        """End it by the process that was started."""
        if self._boot is not None and self._boot.poll() is None:
            # systemd in there ends its services at this signal.
            if leader := self.leader:
                os.kill(leader, signal.SIGRTMIN + 4)
            try:
                self._boot.wait(60)
            except subprocess.TimeoutExpired:
                self._boot.kill()
                self._boot.wait()
        self._boot = None

    def remove(self) -> None:
        """Take its folder away."""
        self.stop()
        if self.folder.exists():
            shutil.rmtree(self.folder)
