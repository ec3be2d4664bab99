"""What stands around the service on its server: units, disks, the clock, TLS, the witness, the backup."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

from config.server.finding import Finding, Server, ill, well

SERVICES: Final = ("lintas-sequencer", "lintas-web", "lintas-console", "lintas-courier", "lintas-worker", "nginx")
TIMERS: Final = ("lintas-tick.timer", *(f"lintas-daily@{role}.timer" for role in ("web", "console", "worker", "owner")))
OF_BACKUPS: Final = ("lintas-wal", "lintas-backup.timer")
"""Looked at where deploy/debian/backups.sh has enabled them."""
LITTLE_BYTES: Final = 2 * 10**9
LITTLE: Final = 0.05
PORT: Final = 8000
"""Where lintas-web.service serves on its machine."""
ENDS_WITHIN: Final = timedelta(days=21)
BACKUP_AT_LEAST_EVERY: Final = timedelta(hours=26)


def units() -> Iterator[Finding]:
    """Whether every unit runs, and starts with the machine."""
    faults = 0
    for unit in (*SERVICES, *TIMERS):
        for verb, remedy in (
            ("is-active", f"systemctl start {unit}; journalctl -u {unit}"),
            ("is-enabled", f"systemctl enable {unit}"),
        ):
            done = subprocess.run(["systemctl", verb, unit], check=False, capture_output=True, text=True)
            if done.returncode:
                faults += 1
                said = done.stdout.strip() or "?"
                yield ill("units", (f"{unit}: {said}", f"{unit}: {said}"), (f"Ketik: {remedy}", f"Type: {remedy}"))
                break
    for unit in OF_BACKUPS:
        is_enabled, is_active = (
            subprocess.run(["systemctl", verb, unit], check=False, capture_output=True).returncode == 0
            for verb in ("is-enabled", "is-active")
        )
        if is_enabled and not is_active:
            faults += 1
            remedy = f"systemctl start {unit}; journalctl -u {unit}"
            yield ill(
                "units", (f"{unit} tidak berjalan", f"{unit} does not run"), (f"Ketik: {remedy}", f"Type: {remedy}")
            )
    failed = subprocess.run(
        ["systemctl", "list-units", "--failed", "--plain", "--no-legend", "lintas-*"],
        check=False,
        capture_output=True,
        text=True,
    )
    for line in failed.stdout.splitlines():
        unit = line.split()[0]
        faults += 1
        remedy = f"journalctl -u {unit} -n 30; systemctl reset-failed {unit}"
        yield ill("units", (f"{unit} gagal", f"{unit} has failed"), (f"Ketik: {remedy}", f"Type: {remedy}"))
    if not faults:
        count = len(SERVICES) + len(TIMERS)
        yield well("units", f"{count} unit berjalan", f"{count} units run")


def disks(*folders: Path) -> Iterator[Finding]:
    """Whether there is room."""
    for folder in folders:
        if not folder.exists():
            continue
        usage = shutil.disk_usage(folder)
        said = f"{usage.free / 1e9:.0f} GB ({folder})"
        if usage.free < LITTLE_BYTES or usage.free < LITTLE * usage.total:
            look = "du -xh --max-depth=2 /var | sort -h | tail"
            yield ill(
                "disk",
                (f"tinggal {said}", f"only {said} left"),
                (
                    f"Kosongkan ruang: PostgreSQL berhenti menulis bila penuh. Ketik: {look}",
                    f"Make room: PostgreSQL stops writing on a full disk. Type: {look}",
                ),
            )
        else:
            yield well("disk", f"{said} bebas", f"{said} free")


def clock() -> Iterator[Finding]:
    """Whether the machine's clock is kept by a time server."""
    done = subprocess.run(
        ["timedatectl", "show", "-p", "NTPSynchronized", "--value"], check=False, capture_output=True, text=True
    )
    if done.stdout.strip() == "yes":
        yield well("clock", "disetel oleh NTP", "kept by NTP")
    else:
        remedy = "apt-get install systemd-timesyncd && timedatectl set-ntp true"
        yield ill(
            "clock",
            ("jam mesin ini tidak disetel oleh NTP", "no time server keeps this machine's clock"),
            (f"Ketik: {remedy}", f"Type: {remedy}"),
        )


def certificate(path: Path, *, hosts: tuple[str, ...], now: datetime) -> Iterator[Finding]:
    """Whether the certificate is in force, for a while yet, and for our names."""
    renew = (f"Perbarui, lalu: deploy/debian/install.sh --certificate BARU --key BARU ({path})",
             f"Renew it, then: deploy/debian/install.sh --certificate NEW --key NEW ({path})")  # fmt: skip
    try:
        read = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as why:
        yield ill("tls", (f"{path} tidak terbaca: {why}", f"{path} cannot be read: {why}"), renew)
        return
    ends = read.not_valid_after_utc
    if ends <= now:
        yield ill(
            "tls",
            (f"sertifikat berakhir {ends:%Y-%m-%d %H:%M} UTC", f"the certificate ended {ends:%Y-%m-%d %H:%M} UTC"),
            renew,
        )
    elif ends - now < ENDS_WITHIN:
        yield ill(
            "tls",
            (
                f"sertifikat berakhir dalam {(ends - now).days} hari",
                f"the certificate ends in {(ends - now).days} days",
            ),
            renew,
        )
    else:
        yield well(
            "tls", f"sertifikat berlaku sampai {ends:%Y-%m-%d}", f"the certificate is in force until {ends:%Y-%m-%d}"
        )
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
            x509.DNSName
        )
    except x509.ExtensionNotFound:
        names = []
    for host in hosts:
        if host and not any(
            name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2]) for name in names
        ):
            yield ill("tls", (f"sertifikat tidak berlaku untuk {host}", f"the certificate is not for {host}"), renew)


def readiness(server: Server) -> Iterator[Finding]:
    """What the service itself says: its checks, and its alarms, the witness's among them."""
    host = urlsplit(server.settings_of("web").get("LINTAS_BASE_URL", "")).hostname or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        said = json.loads(connection.getresponse().read())
        faults = [f"{name}: {value}" for name, value in said["checks"].items() if value != "ok"] + list(said["alarms"])
    except (OSError, http.client.HTTPException, ValueError, KeyError) as why:
        yield ill(
            "readyz",
            (f"lintas-web tidak menjawab: {why}", f"lintas-web does not answer: {why}"),
            ("Ketik: journalctl -u lintas-web -n 30", "Type: journalctl -u lintas-web -n 30"),
        )
        return
    finally:
        connection.close()
    for fault in faults:
        yield ill(
            "readyz",
            (fault, fault),
            ('Baca docs/runbook.md, "What /readyz says"', 'Read docs/runbook.md, "What /readyz says"'),
        )
    if not faults:
        yield well("readyz", "siap, tanpa alarm", "ready, without an alarm")


def backup(server: Server, *, now: datetime) -> Iterator[Finding]:
    """How old the newest backup is, by the note that the backup leaves when it has ended well."""
    note = server.backups / "last.json"
    start = (
        "Ketik: systemctl start lintas-backup; journalctl -u lintas-backup",
        "Type: systemctl start lintas-backup; journalctl -u lintas-backup",
    )
    try:
        ended = datetime.fromisoformat(json.loads(note.read_text(encoding="utf-8"))["ended_at"]).astimezone(UTC)
    except FileNotFoundError:
        once = "deploy/debian/backups.sh"
        yield ill(
            "backup",
            ("belum ada cadangan", "there is no backup yet"),
            (f"Ketik sekali: {once} (docs/operating.md)", f"Type once: {once} (docs/operating.md)"),
        )
        return
    except (OSError, ValueError, KeyError, TypeError) as why:
        yield ill("backup", (f"{note} tidak terbaca: {why}", f"{note} cannot be read: {why}"), start)
        return
    age = now - ended
    hours = f"{age.total_seconds() / 3600:.0f}"
    if age > BACKUP_AT_LEAST_EVERY:
        yield ill(
            "backup", (f"cadangan terakhir {hours} jam yang lalu", f"the last backup is {hours} hours old"), start
        )
    else:
        yield well("backup", f"cadangan terakhir {hours} jam yang lalu", f"the last backup is {hours} hours old")
