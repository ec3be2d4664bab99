"""The verb `doctor`: what is well, what is missing, and what to type."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

from dev.context import database
from dev.ground import OLDEST_PYTHON, PORT, PYTHON, ROOT, venv_is_fresh
from dev.processes import ask, port_is_free
from dev.sandbox import sandbox_state
from dev.screen import Stop, paint, say


def doctor(arguments: list[str]) -> int:
    """Say what is well, what is missing, and what to type."""
    ill = 0

    def report(name: str, well: bool, found: str, remedy: str = "") -> None:
        nonlocal ill
        ill += not well
        say(f"  {paint('green', 'ok  ') if well else paint('red', 'ill ')} {name:<12} {found}")
        if not well:
            say(f"       {'':<12} {paint('bold', remedy)}")

    report("python", sys.version_info >= OLDEST_PYTHON, sys.version.split()[0])
    report("libraries", venv_is_fresh(), "as requirements.lock says", "./run help")
    free = shutil.disk_usage(ROOT).free / 1e9
    report("disk", free > 1, f"{free:.0f} GB free", "Make room: PostgreSQL stops writing on a full disk.")
    ours = ask("127.0.0.1", PORT, "/livez")[0] == 200
    where = f"{PORT} on this machine" + (", where a server answers" if ours else "")
    report("port", ours or port_is_free("127.0.0.1", PORT), where, f"./run serve --port {PORT + 1}")
    try:
        with database() as context:
            command = [str(PYTHON), "-m", "config.database"]
            out = subprocess.run(command, cwd=ROOT, env=context.environment(), stdout=subprocess.PIPE, check=True)
            for finding in json.loads(out.stdout):
                report(*finding)
            report("sandbox", *sandbox_state(context))
    except Stop as why:
        report("database", False, str(why), "Read the message above; DATABASE_URL chooses another server.")
    say(f"\n  {'All is well.' if not ill else f'{ill} to mend.'}")
    return bool(ill)
