r"""A scanner behind a socket: clamd, by its INSTREAM command (clamd(8)).

zINSTREAM\0  then for each part  length (4 bytes, network order) || part  then a length of 0
answer        stream: OK\0 | stream: <name> FOUND\0 | <words> ERROR\0
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.conf import settings

PATIENCE_S: Final = 120.0
"""Seconds that a scanner may take for an answer."""
LIMITS: Final = "Heuristics.Limits.Exceeded"
"""What clamd calls a file that it did not look at in whole (`AlertExceedsMax yes`): no verdict."""


class ScannerDown(Exception):
    """There is no scanner at that address, or it broke off: whoever asked tries again later."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scanner says: `is_clean`, or the `name` of what it found, or why it could not judge (`failed`)."""

    is_clean: bool = False
    name: str = ""
    failed: str = ""


def scan(parts: Iterable[bytes]) -> Verdict:
    """Show the parts to the scanner of `LINTAS_CONTENTS_SCANNER`. Raises `ScannerDown`."""
    try:
        with _connected(settings.LINTAS_CONTENTS_SCANNER) as scanner:
            answer = _asked(scanner, parts)
    except OSError as why:
        raise ScannerDown(str(why)) from why
    words = answer.removeprefix("stream: ").strip()
    if words == "OK":
        return Verdict(is_clean=True)
    if words.endswith(" FOUND"):
        name = words.removesuffix(" FOUND")[:120]
        return Verdict(failed=name) if name.startswith(LIMITS) else Verdict(name=name)
    if words.endswith("ERROR"):
        return Verdict(failed=words[:120])
    raise ScannerDown("it hung up")


def _asked(scanner: socket.socket, parts: Iterable[bytes]) -> str:
    try:
        scanner.sendall(b"zINSTREAM\0")
        for part in parts:
            if part:
                scanner.sendall(struct.pack(">I", len(part)) + part)
        scanner.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has heard enough (StreamMaxLength), and says so
    answer = b""
    while not answer.endswith(b"\0") and (more := scanner.recv(4096)):
        answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace")


def _connected(where: str) -> socket.socket:
    """`unix:/run/clamav/clamd.ctl` or `tcp:host:port`."""
    kind, _, address = where.partition(":")
    if kind == "unix":
        scanner = socket.socket(socket.AF_UNIX)
        scanner.settimeout(PATIENCE_S)
        try:
            scanner.connect(address)
        except OSError:
            scanner.close()
            raise
        return scanner
    if kind == "tcp":
        host, _, port = address.rpartition(":")
        if host and port.isascii() and port.isdigit():
            return socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE_S)
    raise ScannerDown("LINTAS_CONTENTS_SCANNER is neither unix:PATH nor tcp:HOST:PORT, for example tcp:127.0.0.1:3310")
