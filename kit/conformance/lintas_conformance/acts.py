"""What an integration is asked to do, and how it is told: by a command of the partner's own, or by a person."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "document": ("daftarkan dokumen pada LINTAS_BODY", "register the document in LINTAS_BODY"),
    "submit": ("teruskan temuan pada LINTAS_BODY", "forward the finding in LINTAS_BODY"),
    "transition": (
        "baca perkara LINTAS_CASEFILE, lalu lakukan LINTAS_TRANSITION dengan badan LINTAS_BODY",
        "read the casefile LINTAS_CASEFILE, then perform LINTAS_TRANSITION with the body LINTAS_BODY",
    ),
    "inbox": ("tarik semua rujukan terbuka", "pull all open referrals"),
    "follow": (
        "ambil peristiwa baru sampai habis; cetak id setiap peristiwa yang dikerjakan, satu sebaris",
        "take the new events to the end; print the id of each event that took effect, one a line",
    ),
    "heard": (
        "cetak id semua peristiwa yang dikerjakan dari webhook, satu sebaris",
        "print the ids of all events that took effect from webhooks, one a line",
    ),
    "receipts": ("tagih bukti semua tanda terima", "redeem all receipts for proofs"),
}
"""What may be asked, with what has to be done, in both languages."""
_UUID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class BadSteps(ValueError):
    """The file of steps cannot be used; the message says where and what to write."""


@dataclass(frozen=True)
class Act:
    """One thing to be done. `reference` names the intention: the same reference again is the same intention."""

    verb: str
    client: str
    reference: str
    casefile: str = ""
    number: str = ""
    transition: str = ""
    body: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Outcome:
    """What came of it: exit code 0 for done, what was printed and logged, and the events that took effect."""

    code: int
    said: str = field(default="", repr=False)
    handled: tuple[str, ...] = ()


class Integration(Protocol):
    """A partner's system as the kit sees it."""

    @property
    def agencies(self) -> Sequence[str]:
        """Whose system it is; several where a test plays everybody."""

    @property
    def verbs(self) -> frozenset[str]:
        """What it can be asked, of `VERBS`."""

    @property
    def hook(self) -> str:
        """Where its receiver of webhooks listens; empty where it has none."""

    def do(self, act: Act) -> Outcome:
        """Do it, and say what came of it."""

    def take_secret(self, secret: str) -> None:
        """Keep the webhook's secret, before the first message comes."""


@dataclass(frozen=True)
class Steps:
    """The partner's file of steps: for which agency, with which key, and which command does what."""

    agency: str
    kid: str
    key: Path
    folder: Path
    acts: Mapping[str, Sequence[str]]
    webhook: str = ""
    secret_file: Path | None = None
    logs: Sequence[Path] = ()
    timeout: float = 120.0


def read_steps(file: Path) -> Steps:
    """Read a file of steps (JSON). Paths are taken from its folder. Raises `BadSteps`."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except OSError as why:
        raise BadSteps(f"{file}: {why.strerror}.") from None
    except ValueError as why:
        raise BadSteps(f"{file}: this is no JSON: {why}.") from None
    if not isinstance(told, dict):
        raise BadSteps(f"{file}: an object with agency, kid, key and acts is needed.")
    if missing := [name for name in ("agency", "kid", "key", "acts") if name not in told]:
        raise BadSteps(f"{file}: {', '.join(missing)} missing / tidak ada.")
    acts = told["acts"]
    if not isinstance(acts, dict) or not acts:
        raise BadSteps(f'{file}: acts is an object of commands, for instance {{"submit": ["php", "kirim.php"]}}.')
    for verb, command in acts.items():
        if verb not in VERBS:
            raise BadSteps(f"{file}: acts.{verb} is not asked by the kit. It asks: {', '.join(VERBS)}.")
        if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
            raise BadSteps(f"{file}: acts.{verb} is a list of words; an empty list means that a person does it.")
    folder, hook = file.resolve().parent, told.get("webhook") or {}
    return Steps(
        agency=str(told["agency"]),
        kid=str(told["kid"]),
        key=folder / str(told["key"]),
        folder=folder,
        acts=acts,
        webhook=str(hook.get("url", "")),
        secret_file=folder / hook["secret_file"] if hook.get("secret_file") else None,
        logs=[folder / one for one in told.get("logs", ())],
        timeout=float(told.get("timeout", 120)),
    )


class Commanded:
    """An integration that is told by commands, or, where a command is empty, by a sentence to a person."""

    def __init__(self, steps: Steps, base_url: str, *, scratch: Path, waits: Callable[[str], object] = input) -> None:
        self.agencies = (steps.agency,)
        self.verbs = frozenset(steps.acts)
        self.hook = steps.webhook
        self._steps = steps
        self._base_url = base_url
        self._scratch = scratch
        self._waits = waits
        self._read = {log: _size(log) for log in steps.logs}

    def take_secret(self, secret: str) -> None:
        """Write the secret where the receiver reads it."""
        if self._steps.secret_file is not None:
            self._steps.secret_file.write_text(secret, encoding="utf-8")

    def do(self, act: Act) -> Outcome:
        """Run the command with what it needs in its environment."""
        body = self._scratch / "body.json"
        body.write_text(json.dumps(act.body or {}, ensure_ascii=False), encoding="utf-8")
        settings = {
            "LINTAS_BASE": self._base_url,
            "LINTAS_CLIENT_ID": act.client,
            "LINTAS_KID": self._steps.kid,
            "LINTAS_KEY": str(self._steps.key),
            "LINTAS_ACT": act.verb,
            "LINTAS_REFERENCE": act.reference,
            "LINTAS_CASEFILE": act.casefile,
            "LINTAS_NUMBER": act.number,
            "LINTAS_TRANSITION": act.transition,
            "LINTAS_BODY": str(body),
        }
        command = self._steps.acts[act.verb]
        if not command:
            return self._by_hand(act, settings)
        try:
            done = subprocess.run(
                command,
                cwd=self._steps.folder,
                env={**os.environ, **settings},
                capture_output=True,
                timeout=self._steps.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome(124, self._logged())
        except OSError as why:
            raise BadSteps(f"acts.{act.verb}: {command[0]}: {why.strerror}") from None
        printed = done.stdout.decode("utf-8", "replace")
        said = printed + done.stderr.decode("utf-8", "replace") + self._logged()
        return Outcome(
            done.returncode, said, tuple(_first_id(line) for line in printed.splitlines() if _first_id(line))
        )

    def _by_hand(self, act: Act, settings: Mapping[str, str]) -> Outcome:
        indonesian, english = VERBS[act.verb]
        shown = "\n".join(f"  {name}={value}" for name, value in settings.items() if value)
        print(f"\n{indonesian} / {english}\n{shown}", file=sys.stderr)
        said = str(self._waits("0 = berhasil / done, 1 = gagal / failed: "))
        return Outcome(0 if said.strip() in {"", "0"} else 1, self._logged(), tuple(_UUID.findall(said)))

    def _logged(self) -> str:
        """What the partner's log files have got since they were last looked at."""
        found = []
        for log, read in self._read.items():
            if log.exists():
                with log.open("rb") as file:
                    file.seek(read)
                    found.append(file.read().decode("utf-8", "replace"))
                self._read[log] = _size(log)
        return "\n".join(found)


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _first_id(line: str) -> str:
    """The id that a line names: of a whole event its member `id`, else the first id that stands there."""
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if isinstance(told, dict):
        return str(told.get("id", ""))
    found = _UUID.search(line)
    return found.group() if found else ""
