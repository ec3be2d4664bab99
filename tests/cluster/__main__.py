"""`deploy/try-cluster`: the cluster of docs/cluster.md on one machine, hurt under load; prints what it measured.

Wanted: Debian's etcd-server, haproxy, pgbouncer, postgresql-15, iproute2, and Patroni in an environment of its own
(deploy/cluster/patroni.lock).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from dev.context import log_files
from dev.ground import RUN_DIR, secret_key_file

WANTED = ("etcd", "haproxy", "pgbouncer", "ip", "setpriv", "psql")
PATRONI = Path("/opt/patroni/bin/patroni")


def settings() -> None:
    """What config/settings.py wants to read before the drills' modules may be imported."""
    unused = "postgresql://lintas_web@127.0.0.1/lintas"
    (RUN_DIR / "cluster").mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.update(log_files(RUN_DIR / "cluster"))
    os.environ.update(
        SECRET_KEY_FILE=str(secret_key_file()), DJANGO_SETTINGS_MODULE="config.settings", DATABASE_WEB_URL=unused,
        LINTAS_LOG_ORIGIN="cluster.example/log/1", LINTAS_RUN_DIR=str(RUN_DIR),
        LINTAS_WRITE_RATE_PER_SECOND="100000", LINTAS_WRITE_BURST="1000000",
    )  # fmt: skip


def main() -> int:
    """Run the drills that were asked for; 1 where one of them found what must not be."""
    parser = argparse.ArgumentParser(prog="deploy/try-cluster", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="failovers of the first drill (default 20)")
    parser.add_argument("--no-asynchronous", action="store_true", help="leave the asynchronous failover out")
    parser.add_argument("--minutes", type=float, default=60, help="begin no round after that many (default 60)")
    parser.add_argument("--writers", type=int, default=4, help="offices that write at once (default 4)")
    parser.add_argument("--patroni", type=Path, default=PATRONI, help=f"its program (default {PATRONI})")
    parser.add_argument("--keep", action="store_true", help="leave the folder with the logs")
    chosen = parser.parse_args()
    if missing := [name for name in WANTED if not shutil.which(name)]:
        print(
            f"Missing: {', '.join(missing)}. Type: apt-get install etcd-server haproxy pgbouncer postgresql-15 iproute2"
        )
        return 1
    if not chosen.patroni.exists():
        print(
            f"{chosen.patroni} is not there. Type: /usr/bin/python3 -m venv /opt/patroni && "
            f"/opt/patroni/bin/pip install -r deploy/cluster/patroni.lock"
        )
        return 1
    settings()
    import django

    django.setup()
    from tests.cluster import drills
    from tests.drills import service

    # Three nodes and the register start on a few cores.
    service.STARTS_WITHIN_S = 600
    folder = Path(tempfile.mkdtemp(prefix="lintas-cluster-", dir="/var/tmp"))
    began, failed = time.monotonic(), 0
    try:
        drills.quorum(folder / "cluster", chosen)
        print(f"   sound, {time.monotonic() - began:.0f} s", flush=True)
    except (AssertionError, RuntimeError) as why:
        failed = 1
        print(f"   FAILED: {why}", flush=True)
    finally:
        if chosen.keep:
            print(f"   logs: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
