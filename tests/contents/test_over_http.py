"""Uploads and downloads through the real server: 50 MB in constant memory, slow senders, broken ones, kill -9."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from config.streams import AT_ONCE_EACH
from contents import sealing, sweeping
from contents.models import Content
from contents.receiving import MOST
from tests.conftest import Copies, using
from tests.contents.conftest import EICAR, content_digest, described, pdf, put
from tests.factories import PADANG
from tests.live_server import Server, serving
from tests.partner import Partner
from tests.world import World

PATIENCE_S = 1.0


@dataclass(frozen=True)
class Running:
    """A server that keeps contents, in this folder, and a token of the office that brings them."""

    server: Server
    folder: Path
    token: str
    database: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One request; status, headers, body."""
        asked = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            asked.request(method, f"/api/v1{path}", body, {"Authorization": f"Bearer {self.token}", **headers})
            answer = asked.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            asked.close()

    def register(self, data: bytes, **changed: Any) -> str:
        """The descriptor of these bytes."""
        key = {"Idempotency-Key": os.urandom(16).hex(), "Content-Type": "application/json"}
        status, _, said = self.ask("POST", "/documents", json.dumps(described(data, **changed)), **key)
        assert status == 201, said
        return str(json.loads(said)["id"])

    def put(self, document: str, data: bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """The content."""
        return self.ask(
            "PUT", f"/documents/{document}/content", data, **{"Content-Digest": content_digest(data), **headers}
        )

    def files(self) -> list[Path]:
        """Every file in the store."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def socket(self, document: str, data: bytes, **headers: str) -> socket.socket:
        """A connection whose head was sent, and nothing of its body."""
        head = {"Host": "127.0.0.1", "Authorization": f"Bearer {self.token}", "Content-Length": str(len(data))}
        head |= {"Content-Digest": content_digest(data), "Content-Type": "application/pdf", **headers}
        lines = [
            f"PUT /api/v1/documents/{document}/content HTTP/1.1",
            *(f"{name}: {value}" for name, value in head.items()),
        ]
        opened = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
        opened.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return opened


def worker_of(server: Server) -> int:
    """The process that answers: granian's own child."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return max(map(int, children), key=lambda pid: _status(pid, "VmRSS"))


def _status(pid: int, name: str) -> int:
    """A line of /proc/PID/status, in bytes."""
    said = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) * 1024 for line in said.splitlines() if line.startswith(f"{name}:")), 0)


@contextmanager
def peak_of(pid: int) -> Iterator[list[int]]:
    """By how many bytes the process grows at its peak while the block lasts."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    before, grown = _status(pid, "VmRSS"), [0]
    yield grown
    grown[0] = _status(pid, "VmHWM") - before


@contextmanager
def keeping_server(copies: Copies, name: str, folder: Path, **more: str) -> Iterator[Server]:
    """The server on that database, with contents in that folder."""
    sealing.draw_ring(folder / "contents.keys", name="k1")
    own: dict[str, Any] = {
        "LINTAS_CONTENTS": str(folder / "contents"),
        "LINTAS_CONTENTS_KEY_FILE": str(folder / "contents.keys"),
    }
    own |= {"LINTAS_BODY_WITHIN_S": str(PATIENCE_S), **more}
    with serving(copies.roles.on(name), log=folder / "server.log", **own) as server:
        yield server


@pytest.fixture(scope="module")
def running(
    copies: Copies, world: World, django_db_setup: None, django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory, clamd: str,
) -> Iterator[Running]:  # fmt: skip
    """One server for all of these tests."""
    folder, name = tmp_path_factory.mktemp("contents"), copies.make(world.template)
    with django_db_blocker.unblock(), using(name):
        token = Partner(PADANG).token
    with keeping_server(copies, name, folder, LINTAS_CONTENTS_SCANNER=clamd) as server:
        yield Running(server=server, folder=folder / "contents", token=token, database=name)
    copies.drop(name)


def scanned(running: Running, clamd: str) -> str:
    """What the command says that scans."""
    return running.server.manage(
        "scan_contents", LINTAS_CONTENTS=str(running.folder), LINTAS_CONTENTS_SCANNER=clamd,
        LINTAS_CONTENTS_KEY_FILE=str(running.folder.parent / "contents.keys"),
    )  # fmt: skip


def of_size(size: int, salt: bytes = b"") -> bytes:
    head = b"%PDF-1.7\n" + salt
    return (head + bytes(range(256)) * (size // 256 + 1))[: size - 6] + b"%%EOF\n"


def test_fifty_megabytes_go_in_and_out_in_constant_memory(running: Running, clamd: str) -> None:
    # A photograph: that a PDF of 50 MB is looked through as well takes a scanner's time, which is not measured here.
    small, data = of_size(1_000_000, b"warm"), b"\xff\xd8\xff" + bytes(MOST - 5) + b"\xff\xd9"
    document = running.register(small)
    status, headers, _ = running.put(document, small)
    assert (status, headers["ratelimit"].partition(";r=")[0]) == (201, '"uploads"'), "told though it began before"
    large, worker = running.register(data, media_type="image/jpeg"), worker_of(running.server)
    with peak_of(worker) as grown:
        status, _, said = running.put(large, data, **{"Content-Type": "image/jpeg"})
    assert status == 201, said
    assert grown[0] < 16 * 1024 * 1024, f"{grown[0] / 1024**2:.1f} MB for an upload of {MOST / 1024**2:.0f}"
    infected = of_size(400_000, EICAR)
    bad = running.register(infected)
    assert running.put(bad, infected)[0] == 201
    assert sorted(scanned(running, clamd).split(", ")) == ["1 infected\n", "2 clean"]

    with peak_of(worker) as grown:
        status, headers, got = running.ask("GET", f"/documents/{large}/content")
    assert (status, hashlib.sha256(got).digest()) == (200, hashlib.sha256(data).digest())
    assert headers["content-length"] == str(MOST)
    assert grown[0] < 16 * 1024 * 1024, f"{grown[0] / 1024**2:.1f} MB for a download"
    assert running.ask("GET", f"/documents/{bad}/content")[0] == 409

    with peak_of(worker) as grown:
        reader = socket.create_connection(("127.0.0.1", running.server.port), timeout=10)
        head = f"GET /api/v1/documents/{large}/content HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        reader.sendall(f"{head}Authorization: Bearer {running.token}\r\n\r\n".encode())
        time.sleep(1.0)
        reader.close()
    assert grown[0] < 16 * 1024 * 1024, f"{grown[0] / 1024**2:.1f} MB for a reader who does not read"


def test_a_body_in_chunks_is_taken_in(running: Running) -> None:
    data = of_size(700_000, b"chunks")
    document = running.register(data)
    assert in_chunks(running, document, data, data[:5], data[5:300_000], data[300_000:])[0] == 201
    longer = data + b"%%EOF\n"
    assert in_chunks(running, running.register(longer), longer, data) == (409, "content-differs")
    shorter = data[:-1]
    assert in_chunks(running, running.register(shorter), shorter, data) == (409, "content-differs")


def in_chunks(running: Running, document: str, data: bytes, *parts: bytes) -> tuple[int, str]:
    """Announce these bytes and send those parts, without a length; status and code of the answer."""
    headers = {"Content-Digest": content_digest(data), "Transfer-Encoding": "chunked"}
    headers["Authorization"] = f"Bearer {running.token}"
    opened = http.client.HTTPConnection("127.0.0.1", running.server.port, timeout=20)
    try:
        path = f"/api/v1/documents/{document}/content"
        opened.request("PUT", path, iter(parts), headers, encode_chunked=True)
        answer = opened.getresponse()
        return answer.status, json.loads(answer.read()).get("code", "")
    finally:
        opened.close()


def test_who_is_refused_is_told_so_before_sending(running: Running) -> None:
    """With `Expect: 100-continue` nothing is sent; without it the answer can still be read after 51 MB."""
    data = of_size(MOST)
    document = running.register(data, size=MOST + 1024 * 1024)
    before = len(running.files())
    with running.socket(document, data, Expect="100-continue") as asked:
        assert asked.recv(65536).startswith(b"HTTP/1.1 413 ")
    status, headers, said = running.put(document, data)
    assert (status, json.loads(said)["code"]) == (413, "content-too-large")
    assert headers["connection"] == "close"
    with running.socket(document, data, Expect="100-continue", Authorization="Bearer nobody") as asked:
        assert asked.recv(65536).startswith(b"HTTP/1.1 401 ")
    assert len(running.files()) == before


def test_one_byte_a_second_holds_a_socket_and_is_left(running: Running) -> None:
    data = of_size(300_000, b"slow")
    document = running.register(data)
    before = running.files()
    began = time.monotonic()
    with ExitStack() as stack:
        slow = [stack.enter_context(running.socket(document, data)) for _ in range(AT_ONCE_EACH)]
        for one in slow:
            one.sendall(data[:1])
        _left_alone(running, slow, document, data)
    assert time.monotonic() - began < 10 * PATIENCE_S
    assert running.files() == before
    assert running.put(document, data)[0] == 201


def _left_alone(running: Running, slow: list[socket.socket], document: str, data: bytes) -> None:
    # As many as a client may have at a time; the next is asked to come later, and everything else goes on.
    time.sleep(0.3)
    status, headers, said = running.put(document, data)
    assert (status, json.loads(said)["code"]) == (429, "too-many-at-once")
    assert headers["retry-after"]
    assert running.ask("GET", "/documents?limit=1")[0] == 200
    for one in slow:
        answer = one.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"content-too-slow" in answer


def test_a_connection_that_breaks_leaves_nothing(running: Running) -> None:
    data = of_size(900_000, b"cut")
    document = running.register(data)
    before = running.files()
    for sent in (0, 1, 65_536, 500_000, len(data) - 1):
        with running.socket(document, data) as cut:
            cut.sendall(data[:sent])
            time.sleep(0.05)
    until = time.monotonic() + 5
    while running.files() != before and time.monotonic() < until:
        time.sleep(0.05)
    assert running.files() == before
    # The server may still be busy with the last of those that broke off.
    while (status := running.put(document, data)[0]) == 429 and time.monotonic() < until + 10:
        time.sleep(0.2)
    assert status == 201


def test_twins_keep_one(running: Running) -> None:
    """Two uploads of the same bytes, each begun before the other ended."""
    data = pdf(b"twins" * 3000)
    document = running.register(data)
    before = len(running.files())
    with ExitStack() as stack:
        twins = [stack.enter_context(running.socket(document, data)) for _ in range(2)]
        for one in twins:
            one.sendall(data[:100])
        time.sleep(0.3)
        for one in twins:
            one.sendall(data[100:])
        statuses = sorted(one.recv(65536)[9:12] for one in twins)
    assert statuses == [b"201", b"204"]
    assert len(running.files()) == before + 1


def test_killed_in_the_middle_nothing_half_is_there(
    running: Running, django_db_blocker: DjangoDbBlocker, settings: Any
) -> None:
    """kill -9 while the bytes come: rubbish that nobody can read, and no row; the next upload is whole.

    The last of these tests: the server is gone after it.
    """
    data = of_size(2_000_000, b"killed")
    document = running.register(data)
    before = set(running.files())
    with running.socket(document, data) as cut:
        cut.sendall(data[:1_200_000])
        until = time.monotonic() + 5
        while not [one for one in running.files() if one.suffix == ".part" and one.stat().st_size > 600_000]:
            assert time.monotonic() < until
            time.sleep(0.02)
        os.kill(worker_of(running.server), signal.SIGKILL)
    (rubbish,) = set(running.files()) - before
    assert rubbish.suffix == ".part"
    assert data[100_000:100_064] not in rubbish.read_bytes()

    settings.LINTAS_CONTENTS = str(running.folder)
    settings.LINTAS_CONTENTS_KEY_FILE = running.folder.parent / "contents.keys"
    with django_db_blocker.unblock(), using(running.database):
        assert not Content.objects.filter(document_id=document).exists()
        owner = Partner(PADANG)
        assert put(owner, document, data).status_code == 201
        # A file that got its name, and whose row was never stored.
        orphan = running.folder / "ab" / f"ab{'0' * 38}"
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"sealed")
        swept = sweeping.sweep(before=datetime.now(UTC) + timedelta(seconds=1))
        assert (swept.drafts, swept.files, swept.missing) == (1, 1, 0)
    assert len(running.files()) == len(before) + 1
