"""A disk is lost while the register is written to: what the backups bring back, held against what was acknowledged."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass

from dev.trial.container import Failed, wait
from dev.trial.server import HOST, UNPACKED, Server

DATA = "/var/lib/postgresql/15/main"
AGENCY = """- code: uji-{number}
  name: Instansi Uji {number}
  roles: [employer]
  level: city
  region: "13.71"
  valid_from: 2020-01-01
"""
# Registers agency after agency and writes down each number once its command has said that it is done.
WRITER = """cd /var/lib/try && n=0
while lintas register_agency --quiet-receipts agency-$((n + 1)).yaml >/dev/null 2>&1; do
    n=$((n + 1))
    echo $n >>acknowledged
done"""


@dataclass(frozen=True)
class Lost:
    """What was acknowledged when the disk went: agencies, and the log's size that a witness had seen."""

    acknowledged: int
    checkpoint: str


def set_up(server: Server) -> str:
    """Backups with a synchronous copy of the WAL; the first one is made."""
    server.container.do("bash", f"{UNPACKED}/deploy/debian/backups.sh", "--synchronous")
    if faults := [found for found in server.doctor() if found["name"] == "backup"]:
        raise Failed(f"doctor finds {faults}")
    return server.container.said("cat", "/var/lib/lintas-backup/last.json")


def lose(server: Server) -> Lost:
    """The disk of the database is gone in the middle of writing: the server is killed, and its folder moved away."""
    container = server.container
    here = container.folder / "var/lib/try"
    for number in range(1, 200):
        (here / f"agency-{number}.yaml").write_text(AGENCY.format(number=number))
    writer = subprocess.Popen(
        container.inside("sh", "-c", WRITER), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    acknowledged = here / "acknowledged"
    wait(lambda: acknowledged.exists() and len(acknowledged.read_text().split()) >= 4, "four acknowledged writes")
    checkpoint = server.curl(f"https://{HOST}/api/v1/log/checkpoint")
    # The unit is masked first, or systemd would start it again on what is left.
    container.do("systemctl", "mask", "--runtime", "-q", "postgresql@15-main")
    container.do("sh", "-c", f"pkill -9 -u postgres -f 'bin/postgres -D'; mv {DATA} {DATA}.lost")
    writer.wait(60)
    container.do("systemctl", "unmask", "--runtime", "-q", "postgresql@15-main")
    (container.folder / "root/newest.checkpoint").write_text(checkpoint)
    return Lost(acknowledged=len(acknowledged.read_text().split()), checkpoint=checkpoint)


def restore(server: Server) -> str:
    """On an empty folder: everything that was acknowledged is there again, and the witness goes on."""
    container = server.container
    lost = lose(server)
    said = container.said("sh", "-c", f"bash {UNPACKED}/deploy/debian/restore.sh --checkpoint /root/none 2>&1")
    if "Name the newest checkpoint" not in said:
        raise Failed(f"restore.sh without a checkpoint said {said}")
    container.do("mkdir", DATA)
    container.do("touch", f"{DATA}/something")
    said = container.said(
        "sh", "-c", f"bash {UNPACKED}/deploy/debian/restore.sh --checkpoint /root/newest.checkpoint 2>&1"
    )
    if "is not empty" not in said:
        raise Failed(f"restore.sh on a folder that is not empty said {said}")
    container.do("rm", "-r", DATA)
    began = time.monotonic()
    container.do("bash", f"{UNPACKED}/deploy/debian/restore.sh", "--checkpoint", "/root/newest.checkpoint")
    server.wait_until_ready()
    took = time.monotonic() - began
    kept = int(container.said("runuser", "-u", "postgres", "--", "psql", "-qAtd", "lintas", "-c",
                              "SELECT count(*) FROM agencies_agency WHERE code LIKE 'uji-%'"))  # fmt: skip
    if kept < lost.acknowledged:
        raise Failed(f"{lost.acknowledged} writes were acknowledged, {kept} came back.")
    size = int(server.curl(f"https://{HOST}/api/v1/log/checkpoint").splitlines()[1])
    seen = int(lost.checkpoint.splitlines()[1])
    if size < seen:
        raise Failed(f"The witness had seen {seen} leaves, and there are {size}.")
    return (
        f"{lost.acknowledged} acknowledged, {kept} there (RPO 0), witnessed {seen} of {size} leaves, RTO {took:.0f} s"
    )
