"""The register on the container: installed as an operator does it, called as a partner does it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dev.ground import PYTHON, ROOT
from dev.trial.certificates import Authority
from dev.trial.container import Container, run, wait

HOST: Final = "lintas.example.go.id"
CONSOLE: Final = "konsol.lintas.example.go.id"
SERVICES: Final = (
    "lintas-sequencer",
    "lintas-web",
    "lintas-console",
    "lintas-courier",
    "lintas-worker",
    "nginx",
    "postgresql@15-main",
)
ONCE: Final = ("lintas-tick", "lintas-daily-web", "lintas-daily-console", "lintas-daily-worker", "lintas-daily-owner")
UNPACKED: Final = "/root/checkout"


@dataclass
class Server:
    """A container with a register on it."""

    container: Container
    folder: Path
    authority: Authority
    log_key: str = ""
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def sandbox_file(self) -> Path:
        """The clients' private keys, in the container."""
        return self.container.folder / "var/lib/try/sandbox.json"

    @property
    def hosts(self) -> Path:
        """Where this machine's programs look the two names up."""
        path = self.folder / "hosts"
        path.write_text(f"127.0.0.1 localhost {HOST} {CONSOLE}\n")
        return path

    # -- as the operator ----------------------------------------------------------------------------------------------

    def unpack(self, commit: str, *, name: str) -> str:
        """Put that commit into the container, without its history; where it lies there."""
        place = self.container.folder / "root" / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "-C", str(place), "-xf", "-"], input=archive, check=True)
        return f"/root/{name}"

    def install(self, *options: str, tools: str) -> str:
        """Run install.sh of that checkout; what it printed."""
        return self.container.do(
            "bash", f"{tools}/deploy/debian/install.sh", "--wheels", "/root/wheels", *options, within_s=1500
        )

    def bring(self, path: Path, name: str) -> str:
        """Copy a file of ours into the container's /root."""
        target = self.container.folder / "root" / name
        shutil.copyfile(path, target)
        target.chmod(0o600)
        return f"/root/{name}"

    def seed(self) -> None:
        """The sandbox's agencies and clients, whose keys we get."""
        self.container.do("install", "-d", "-o", "lintas-owner", "-m", "700", "/var/lib/try")
        self.container.do(
            "sh",
            "-c",
            f"cd /var/lib/try && lintas seed_sandbox --base-url https://{HOST} --out /var/lib/try/sandbox.json",
        )

    def doctor(self) -> list[dict[str, Any]]:
        """What `lintas doctor` found to mend."""
        found: list[dict[str, Any]] = json.loads(self.container.said("lintas", "doctor", "--json"))
        return [finding for finding in found if not finding["well"]]

    def witness(self) -> str:
        """A witness, by its own unit, as another agency would run it; the policy asks for it."""
        inside = self.container
        key = next(
            line.split()[-1]
            for line in (inside.folder / "var/log/lintas-install.log").read_text().splitlines()
            if line.startswith("Log key")
        )
        self.log_key = key
        inside.do(
            "sh",
            "-c",
            "id lintas-witness || useradd --system --home-dir /var/lib/lintas-witness --create-home lintas-witness",
        )
        inside.do("python3", "-m", "venv", "/opt/lintas-witness")
        inside.do(
            "/opt/lintas-witness/bin/pip", "install", "-q", "--no-index", "--find-links", "/root/wheels", "lintas-log"
        )
        inside.do("chmod", "700", "/var/lib/lintas-witness")
        made = inside.do("runuser", "-u", "lintas-witness", "--", "/opt/lintas-witness/bin/lintas-witness", "init",
                         "--name", "witness.example/w1", "--dir", "/var/lib/lintas-witness", "--log", key)  # fmt: skip
        vkey = next(word for word in made.split() if word.startswith("witness.example/w1+"))
        inside.do("cp", f"{UNPACKED}/deploy/witness/lintas-witness.service", "/etc/systemd/system/")
        inside.do("systemctl", "daemon-reload")
        inside.do("systemctl", "enable", "-q", "--now", "lintas-witness")
        (inside.folder / "etc/lintas/witnesses.policy").write_text(
            f"log {key}\nwitness nearby {vkey} http://127.0.0.1:8090\nquorum nearby\n"
        )
        inside.do("systemctl", "restart", "lintas-sequencer", "lintas-web")
        self.wait_until_ready()
        return "lintas-witness.service"

    # -- as systemd sees it -------------------------------------------------------------------------------------------

    def main_pid(self, unit: str) -> str:
        """The unit's process; "0" where it runs none."""
        return self.container.said("systemctl", "show", "-p", "MainPID", "--value", unit)

    def kill(self, unit: str) -> float:
        """`kill -9` the unit's process; seconds until another one is up, and the register ready."""
        before = self.main_pid(unit)
        self.container.do("kill", "-9", before)
        took = wait(
            lambda: self.main_pid(unit) not in ("0", before, "") and self.is_active(unit), f"{unit} that came back"
        )
        return took + self.wait_until_ready()

    def is_active(self, unit: str) -> bool:
        """Whether systemd calls it active."""
        return self.container.said("systemctl", "is-active", unit) == "active"

    def wait_until_ready(self) -> float:
        """Seconds until API and console answer through the proxy, and the API says that it is ready."""
        return wait(
            lambda: self.status("/readyz") == 200 and self.status("/livez", host=CONSOLE) == 200,
            "answer of /readyz through nginx",
        )

    # -- as a partner -------------------------------------------------------------------------------------------------

    def curl(self, *arguments: str) -> str:
        """What curl prints, in the container's network, trusting our authority."""
        words = self.container.from_here(
            "curl", "-s", "--max-time", "40", "--cacert", self.authority.file, *arguments, hosts=self.hosts
        )
        return subprocess.run(words, check=False, capture_output=True, text=True).stdout

    def status(self, path: str, *more: str, host: str = HOST) -> int:
        """The status of an answer through the proxy; 0 where there was none."""
        if not self.container.leader:
            return 0
        said = self.curl("-o", "/dev/null", "-w", "%{http_code}", *more, f"https://{host}{path}")
        return int(said) if said.isdigit() else 0

    def walk(self) -> str:
        """The demo's two cases through the proxy; its summary."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "LINTAS_"))},
            "SECRET_KEY": "x" * 40, "DATABASE_WEB_URL": "postgresql://nobody@127.0.0.1:1/none",
            "SSL_CERT_FILE": str(self.authority.file),
        }  # fmt: skip
        words = self.container.from_here(
            PYTHON, "manage.py", "walk_demo", "--base-url", f"https://{HOST}", "--sandbox-file", self.sandbox_file,
            "--policy", self.container.folder / "etc/lintas/witnesses.policy", hosts=self.hosts,
        )  # fmt: skip
        said = run(*words, env=environment, cwd=ROOT)
        return ", ".join(
            line.strip(" │") for line in said.splitlines() if "transitions" in line or " requests in " in line
        )[:120]

    @contextmanager
    def polled(self, path: str = "/api/v1/log/checkpoint") -> Iterator[dict[str, Any]]:
        """Somebody asks all the while; at the end the dictionary says how long they had no answer."""
        words = self.container.from_here(
            PYTHON, "-m", "dev.trial.poll", HOST, path, self.authority.file, hosts=self.hosts
        )
        poller = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT)
        said: dict[str, Any] = {}
        try:
            yield said
        finally:
            # unshare and sh became python by exec: the process that was started is the poller itself.
            poller.send_signal(signal.SIGTERM)
            out, _ = poller.communicate(timeout=60)
            said |= json.loads(out or b"{}")
