"""Contents switched on, in a folder of the test's own, with the real scanner where it is installed."""

from __future__ import annotations

import base64
import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from contents import sealing
from tests.factories import PADANG
from tests.partner import Partner, said
from tests.world import World

EICAR = base64.b64decode("WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=")
"""The file that every scanner knows, and that harms nobody."""


def pdf(text: bytes = b"decree") -> bytes:
    """A small PDF, well formed, with that in its page."""
    page = b"BT /F 12 Tf (" + text + b") Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        b"<</Length " + str(len(page)).encode() + b">>stream\n" + page + b"\nendstream",
    )
    return assembled(*objects)


def assembled(*objects: bytes) -> bytes:
    """These objects as a PDF, the first of them its catalogue."""
    made, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += str(number).encode() + b" 0 obj" + one + b"endobj\n"
    begin = len(made)
    made += b"xref\n0 " + str(len(objects) + 1).encode() + b"\n0000000000 65535 f \n"
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)


def content_digest(data: bytes) -> str:
    """`Content-Digest` of these bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def described(data: bytes, **changed: Any) -> dict[str, Any]:
    """The descriptor of these bytes."""
    said = {"type": "assessment", "title": "Kajian dugaan pelanggaran", "media_type": "application/pdf"}
    return {**said, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **changed}


def put(partner: Partner, document: str, data: bytes, **headers: str) -> Any:
    """PUT these bytes, in this process."""
    headers = {"Content-Digest": content_digest(data), "Authorization": f"Bearer {partner.token}", **headers}
    return Browser(raise_request_exception=False).generic(
        "PUT", f"/api/v1/documents/{document}/content", data, content_type="application/pdf",
        headers={name: value for name, value in headers.items() if value},
    )  # fmt: skip


def fetched(partner: Partner, document: str, **headers: str) -> tuple[HttpResponse, bytes]:
    """GET the content; the answer and its bytes."""
    answer: Any = partner.get(f"/documents/{document}/content", **headers)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def registered(partner: Partner, data: bytes, **changed: Any) -> str:
    """Register the descriptor of these bytes; returns its id."""
    answer = partner.post("/documents", described(data, **changed))
    assert answer.status_code == 201, answer.content
    return str(said(answer)["id"])


@dataclass(frozen=True)
class Kept:
    """Where contents lie, and who brings them."""

    folder: Path
    owner: Partner

    def files(self) -> list[Path]:
        """Every file in the store, drafts among them."""
        return [path for path in sorted(self.folder.rglob("*")) if path.is_file()]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Contents switched on, in this folder."""
    ring = tmp_path / "contents.keys"
    sealing.draw_ring(ring, name="k1")
    settings.LINTAS_CONTENTS = str(tmp_path / "contents")
    settings.LINTAS_CONTENTS_KEY_FILE = ring
    settings.LINTAS_CONTENTS_SCANNER = f"unix:{tmp_path / 'nobody'}"
    return tmp_path / "contents"


@pytest.fixture
def kept(db: None, world: World, folder: Path) -> Kept:
    """Contents switched on, and the office of Padang to bring some."""
    return Kept(folder=folder, owner=Partner(PADANG))


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real scanner, on a database of our own that knows one signature; its address."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("clamd is not installed (Debian: apt-get install clamav-daemon): nothing was scanned")
    home = tmp_path_factory.mktemp("clamd")
    (home / "lintas.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    address = home / "clamd.ctl"
    (home / "clamd.conf").write_text(
        f"LocalSocket {address}\nDatabaseDirectory {home}\nForeground yes\nStreamMaxLength 60M\nMaxFileSize 60M\n"
        f"MaxScanSize 200M\nAlertExceedsMax yes\nTemporaryDirectory {home}\nMaxThreads 2\n"
    )
    with (home / "clamd.log").open("wb") as log:
        child = subprocess.Popen([program, "-c", str(home / "clamd.conf")], stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while not _answers(address):
            assert child.poll() is None, (home / "clamd.log").read_text()
            assert time.monotonic() < until, (home / "clamd.log").read_text()
            time.sleep(0.05)
        yield f"unix:{address}"
    finally:
        child.terminate()
        child.wait(10)


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asked:
        try:
            asked.connect(str(address))
        except OSError:
            return False
        return True
