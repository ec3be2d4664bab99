"""The files of a server: environment files without typos, keys that are there and that nobody else reads."""

from __future__ import annotations

import difflib
import grp
import os
import pwd
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from config.roles import VARIABLES
from config.server.finding import NAMES, Finding, Server, ill, well

ROOT: Final = Path(__file__).resolve().parents[2]
SECRETS: Final = (
    "LINTAS_LOG_KEY_FILE",
    "LINTAS_RECEIPT_KEY_FILE",
    "LINTAS_COURIER_KEY_FILE",
    "LINTAS_CONTENTS_KEY_FILE",
)
"""Settings that name a file which signs or opens something."""
BELONGS_TO: Final = {"LINTAS_LOG_KEY_FILE": "sequencer", "LINTAS_COURIER_KEY_FILE": "courier"}
"""Keys that one process alone may have."""
STARTS: Final = """
import sys
try:
    import django
    django.setup()
except Exception as why:
    sys.exit((str(why).splitlines() or [type(why).__name__])[0])
"""
"""A program that does what each process does first: it reads the settings."""
INSTALL: Final = ("Ketik: deploy/debian/install.sh", "Type: deploy/debian/install.sh")


def known_settings() -> frozenset[str]:
    """Every name that `.env.example` describes, and its form with `_FILE`."""
    described = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", described, re.MULTILINE))
    names |= {name.removesuffix("_FILE") for name in names} | {f"{name}_FILE" for name in names}
    return frozenset(names | {"DJANGO_SETTINGS_MODULE"})


def findings(server: Server) -> Iterator[Finding]:
    """What is to be said of the environment files and of the keys that they name."""
    known = known_settings()
    faults = 0
    for name in NAMES:
        for fault in (*_file(server, name), *_typos(server, name, known), *_keys(server, name)):
            faults += 1
            yield fault
    if not faults:
        yield well(
            "settings",
            f"{len(NAMES)} berkas di {server.conf}, hak bacanya benar",
            f"{len(NAMES)} files in {server.conf}, readable by whom they should be",
        )


def _file(server: Server, name: str) -> Iterator[Finding]:
    path = server.file_of(name)
    if not path.exists():
        yield ill("settings", (f"{path} tidak ada", f"{path} is missing"), INSTALL)
        return
    if not server.settings_of(name).get(VARIABLES[name]) and not server.settings_of(name).get(
        f"{VARIABLES[name]}_FILE"
    ):
        yield ill(
            "settings",
            (f"{path} tidak memuat {VARIABLES[name]}", f"{path} lacks {VARIABLES[name]}"),
            (f"Hapus {path} lalu ketik: deploy/debian/install.sh", f"Remove {path} and type: deploy/debian/install.sh"),
        )
    yield from _modes(path, f"lintas-{name}")


def _modes(path: Path, *groups: str) -> Iterator[Finding]:
    """A file with a secret is nobody's but root's and its group's; anybody else's eyes are a fault."""
    about = path.stat()
    mode = stat.S_IMODE(about.st_mode)
    if mode & 0o027:
        wanted = f"chmod 640 {path}"
        yield ill(
            "modes",
            (f"{path} terbuka bagi orang lain ({mode:o})", f"{path} is open to others ({mode:o})"),
            (f"Ketik: {wanted}", f"Type: {wanted}"),
        )
    group = _group(about.st_gid)
    if groups and mode & 0o040 and group not in groups:
        wanted = f"chown root:{groups[0]} {path}"
        yield ill(
            "modes",
            (f"{path} milik kelompok {group}", f"{path} belongs to the group {group}"),
            (f"Ketik: {wanted}", f"Type: {wanted}"),
        )


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _typos(server: Server, name: str, known: frozenset[str]) -> Iterator[Finding]:
    for setting in server.settings_of(name):
        if setting not in known:
            near = difflib.get_close_matches(setting, known, n=1, cutoff=0.6)
            indonesian = f"maksudnya {near[0]}?" if near else "lihat .env.example"
            english = f"is {near[0]} meant?" if near else "see .env.example"
            yield ill(
                "settings",
                (f"{server.file_of(name)}: {setting} tidak dikenal", f"{server.file_of(name)}: nobody reads {setting}"),
                (f"Perbaiki nama itu: {indonesian}", f"Mend the name: {english}"),
            )


def _keys(server: Server, name: str) -> Iterator[Finding]:
    settings = server.settings_of(name)
    for setting in SECRETS:
        owner = BELONGS_TO.get(setting)
        if setting in settings and owner not in (None, name):
            yield ill(
                "keys",
                (
                    f"{server.file_of(name)} menyebut {setting}, kunci milik {owner}",
                    f"{server.file_of(name)} names {setting}, which is the {owner}'s alone",
                ),
                (f"Hapus baris {setting} dari berkas itu", f"Take the line {setting} out of that file"),
            )
    for setting, value in settings.items():
        if setting.endswith("_FILE") and value:
            path = Path(value)
            if not path.exists():
                yield ill(
                    "keys",
                    (f"{setting}={value} tidak ada", f"{setting}={value} is not there"),
                    (
                        "Kembalikan berkas itu dari salinannya; jangan membuat kunci baru (docs/operating.md)",
                        "Put the file back from its copy; do not draw a new key (docs/operating.md)",
                    ),
                )
            elif setting in SECRETS:
                yield from _modes(path)


def starting(server: Server) -> Iterator[Finding]:
    """Whether each process could start on its settings: the program itself is asked, as the user of that process."""
    for name in NAMES:
        settings = server.settings_of(name)
        if not settings:
            continue
        module = "config.console" if name == "console" else "config.settings"
        environment = {"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": module, "LINTAS_DB_ROLE": name, **settings}
        done = _run_as(
            f"lintas-{name}", [str(server.code / ".venv/bin/python"), "-c", STARTS], server.code, environment
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "?"
            path = server.file_of(name)
            yield ill(
                "settings",
                (f"lintas-{name} tidak dapat mulai: {said}", f"lintas-{name} cannot start: {said}"),
                (
                    f"Perbaiki {path}, lalu: systemctl restart 'lintas-*'",
                    f"Mend {path}, then: systemctl restart 'lintas-*'",
                ),
            )


def _run_as(
    user: str, command: list[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command as that user, where this process may choose and the machine knows the user."""
    try:
        entry = None if os.geteuid() else pwd.getpwnam(user)
    except KeyError:
        entry = None
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True,
        user=entry.pw_uid if entry else None, group=entry.pw_gid if entry else None,
        extra_groups=os.getgrouplist(user, entry.pw_gid) if entry else None,
    )  # fmt: skip
