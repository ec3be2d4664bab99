"""A sandbox in the run folder: what is kept from one start to the next, and that one server at a time works on it.

    .run/sandbox.json     base URL, every client's private key, a case in every state
    .run/sandbox/         the log's keys, the witness's home, what the database was made of
    <database>_sandbox    the data

`./run` begins a sandbox anew or goes on with it; nothing here starts a process. Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from config.roles import Roles, write_secret

# How long a server whose `./run` was killed may take to end.
ENDS_WITHIN_S: Final = 20
# Seconds before each attempt to reach a webhook's receiver; in earnest they take 75 hours.
SOON_AGAIN: Final = "0,1,2,4,8,15,30,60,60,60"
_FRESH: Final = "Type: ./run serve --sandbox --fresh (it begins anew, with new keys and an empty log)"


class Unusable(Exception):
    """The sandbox cannot be worked on; the message says why and what to type."""


@dataclass(frozen=True)
class Place:
    """Where a sandbox is kept: `name` is that of its folder, and the ending of its database's."""

    run_dir: Path
    name: str = "sandbox"

    @property
    def folder(self) -> Path:
        """Keys of the log, home of the witness."""
        return self.run_dir / self.name

    @property
    def keys(self) -> Path:
        """The clients' private keys, and the cases."""
        return self.run_dir / f"{self.name}.json"

    @property
    def policy(self) -> Path:
        """The witness that must have seen the log."""
        return self.folder / "witnesses.policy"

    @property
    def scanner(self) -> Path:
        """The socket of the sandbox's own scanner of contents, where clamd is installed."""
        return self.folder / "clamd.ctl"

    @property
    def asks(self) -> Path:
        """Where its server asks `./run` for what the web may not do (`agencies.asking`)."""
        return self.folder / "asks"

    @property
    def _made_of(self) -> Path:
        return self.folder / "made-of.json"

    # -- what is there ------------------------------------------------------------------------------------------------

    @property
    def was_made(self) -> bool:
        """Whether it was made to the end at some time; one that was interrupted is begun anew."""
        return self._made_of.exists()

    def missing(self) -> list[str]:
        """What is gone of a sandbox that was made: without it, it cannot go on."""
        needed = [
            self.keys,
            self.policy,
            *(self.folder / name for name in ("log_key.pem", "receipt_key.pem", "witness")),
        ]
        return [str(path) for path in needed if not path.exists()]

    def require_whole(self, *, database_exists: bool) -> None:
        """Raises `Unusable` where part of it is gone."""
        gone = self.missing() + ([] if database_exists else ["its database"])
        if gone:
            raise Unusable(f"The sandbox cannot go on: {', '.join(gone)} is gone. {_FRESH}")

    def log_key(self) -> str:
        """The log's key, as its witness knows it."""
        return self._said_of("log")[1]

    def witness_key(self) -> str:
        """The witness's key."""
        return self._said_of("witness")[2]

    def _said_of(self, word: str) -> list[str]:
        lines = (line.split() for line in self.policy.read_text(encoding="utf-8").splitlines())
        return next(line for line in lines if line and line[0] == word)

    def settings(self, base_url: str) -> dict[str, str]:
        """The environment of whatever works on it."""
        policy = {"LINTAS_WITNESS_POLICY_FILE": str(self.policy)} if self.policy.exists() else {}
        local = {"LINTAS_WEBHOOKS_TO_LOOPBACK": "1", "LINTAS_WEBHOOK_SCHEDULE": SOON_AGAIN}
        local |= {"LINTAS_EXPLAINS": "1", "LINTAS_SANDBOX_CONTROL": "1", "LINTAS_SANDBOX_ASKS": str(self.asks)}
        local = local if _is_local(base_url) else {}
        contents = {
            "LINTAS_CONTENTS": str(self.folder / "contents"),
            "LINTAS_CONTENTS_KEY_FILE": str(self.folder / "contents.keys"),
            "LINTAS_CONTENTS_SCANNER": f"unix:{self.scanner}",
        }
        return {"LINTAS_SANDBOX": "1", "LINTAS_BASE_URL": base_url, **policy, **local, **contents}

    def read(self) -> dict[str, Any]:
        """What `sandbox.json` says."""
        said: dict[str, Any] = json.loads(self.keys.read_text(encoding="utf-8"))
        return said

    # -- beginning and going on ---------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget all of it but the database."""
        self.keys.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)

    def note(self, made_of: Mapping[str, str]) -> None:
        """It is whole now, and made of this."""
        write_secret(self._made_of, json.dumps(dict(made_of), indent=1) + "\n")

    def made_of(self) -> dict[str, str]:
        """What it was made of."""
        said: dict[str, str] = json.loads(self._made_of.read_text(encoding="utf-8"))
        return said

    def moves_to(self, base_url: str) -> None:
        """Say in `sandbox.json` where it answers now; keys and client ids stay."""
        said = self.read()
        if said["base_url"] != base_url:
            write_secret(self.keys, json.dumps({**said, "base_url": base_url}, indent=1) + "\n")

    # -- one at a time ------------------------------------------------------------------------------------------------

    @contextmanager
    def alone(self, base_url: str) -> Iterator[int]:
        """The only server on it while the block lasts; yields a file descriptor for its processes to inherit.

        A process that inherits it counts as long as it lives, so that nobody starts beside what a killed `./run` left.
        Raises `Unusable` where another is at work.
        """
        with (self.run_dir / f"{self.name}.lock").open("a+") as handle:
            _lock(handle, name=self.name)
            handle.seek(0)
            handle.truncate()
            handle.write(json.dumps({"pid": os.getpid(), "base_url": base_url}))
            handle.flush()
            yield handle.fileno()


def _is_local(base_url: str) -> bool:
    return urlsplit(base_url).hostname in ("127.0.0.1", "localhost", "::1")


def made_of(root: Path, *, fingerprint: str) -> dict[str, str]:
    """What a sandbox of this checkout is made of: its migrations, its catalogue, and the world it was seeded with."""
    data = (root / "casefiles" / "catalogue" / "data").rglob("*.yaml")
    agencies = root / "agencies"
    world = [agencies / "sandbox.yaml", *(agencies / "directory").glob("*.csv")]
    return {"database": fingerprint, "catalogue": _digest(data), "world": _digest(world)}


def _digest(files: Iterable[Path]) -> str:
    """Of names and bytes of these files. Raises `FileNotFoundError` where there are none: a digest of nothing never
    changes.
    """
    found = sorted(files)
    if not found:
        raise FileNotFoundError("no file to take a digest of")
    digest = hashlib.sha256()
    for path in found:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def exists(roles: Roles, database: str) -> bool:
    """Whether that database is there."""
    import psycopg

    with psycopg.connect(roles.owner, autocommit=True, connect_timeout=10) as owner:
        return owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None


def does_not_fit(why: object) -> Unusable:
    """A kept sandbox cannot be brought up to date; says what to type."""
    return Unusable(f"{why}\nThe sandbox that was kept does not fit this version. {_FRESH}")


def _lock(handle: IO[str], *, name: str) -> None:
    patience = time.monotonic() + ENDS_WITHIN_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder, where = _holder(handle)
            if holder is not None and _lives(holder):
                raise Unusable(
                    f"A server works on this {name} already: {where} (process {holder}). Use it, or end it first; two "
                    f"at once would share one log."
                ) from None
            if time.monotonic() > patience:
                raise Unusable(
                    f"Processes of a killed ./run still work on this {name} ({where}). End them: they have "
                    f"{handle.name} open (`fuser {handle.name}` names them)."
                ) from None
            time.sleep(0.2)
        else:
            return


def _holder(handle: IO[str]) -> tuple[int | None, str]:
    handle.seek(0)
    try:
        said = json.loads(handle.read())
        return int(said["pid"]), str(said["base_url"])
    except (ValueError, KeyError, TypeError):
        return None, "it is just starting"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
