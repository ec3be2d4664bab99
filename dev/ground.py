"""The ground of the checkout: where it lies, its run folder, whether `.venv` is as the lock says.

Standard library only: `run` imports it before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
from collections.abc import Iterable
from pathlib import Path

from dev.screen import Stop

ROOT = Path(__file__).resolve().parent.parent
RUN_DIR = Path(os.environ.get("LINTAS_RUN_DIR") or ROOT / ".run").absolute()
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
OLDEST_PYTHON = (3, 11)
PORT = 8000


def stamp() -> str:
    """What .venv was made from."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def venv_is_fresh() -> bool:
    """Whether .venv has what the lock says."""
    made = VENV / ".lock-stamp"
    return os.access(PYTHON, os.X_OK) and made.exists() and made.read_text() == stamp()


def logged(command: Iterable[object], log: Path) -> int:
    """Run a command with its output in a file; returns its exit code."""
    with log.open("ab") as out:
        words = [str(part) for part in command]
        return subprocess.call(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT)


def read_dotenv(path: Path) -> None:
    """Take NAME=value lines from .env; what the shell has set wins."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def prepare_run_dir() -> None:
    """Make the run folder, for this user only. Raises `Stop` where it is somebody else's."""
    try:
        RUN_DIR.mkdir(mode=0o700, exist_ok=True)
        RUN_DIR.chmod(0o700)
    except PermissionError:
        raise Stop(f"{RUN_DIR} is not yours to write. Clone the project as this user, or set LINTAS_RUN_DIR.") from None


def secret_key_file() -> Path:
    """Django's secret of this checkout, drawn once."""
    path = RUN_DIR / "secret_key"
    if not path.exists():
        draft = RUN_DIR / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        draft.rename(path)
    return path
