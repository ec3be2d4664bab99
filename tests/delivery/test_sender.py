"""Receivers that drip, hang, flood or speak another protocol: one exchange ends, in time and in size."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from delivery import addresses, sender
from tests.delivery.receiver import raw

BYTE = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


def _drips(connection_: socket.socket) -> None:
    connection_.recv(65536)
    for byte in BYTE:
        connection_.sendall(bytes([byte]))
        time.sleep(0.2)


def _hangs(connection_: socket.socket) -> None:
    while connection_.recv(65536):
        pass


def _floods(connection_: socket.socket) -> None:
    connection_.recv(65536)
    connection_.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    for _ in range(2_000):
        connection_.sendall(b"x" * 65536)


def _speaks_smtp(connection_: socket.socket) -> None:
    connection_.sendall(b"220 mail.example ESMTP\r\n\r\n")
    time.sleep(0.1)


def _floods_headers(connection_: socket.socket) -> None:
    connection_.recv(65536)
    connection_.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        connection_.sendall(b"x-%d: %s\r\n" % (number, b"y" * 100))


def _bombs(connection_: socket.socket) -> None:
    """Sixty megabytes of blanks, packed into sixty kilobytes: nobody unpacks them."""
    connection_.recv(65536)
    packed = gzip.compress(b" " * 60_000_000, 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    connection_.sendall(head + packed)


def _informs_for_ever(connection_: socket.socket) -> None:
    connection_.recv(65536)
    while True:
        connection_.sendall(b"HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n" * 100)


def _answers_in_endless_chunks(connection_: socket.socket) -> None:
    connection_.recv(65536)
    connection_.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection_.sendall(b"1\r\nx\r\n" * 1000)


@pytest.mark.parametrize(
    ("behaves", "outcome"),
    [
        (_bombs, "delivered"),
        (_informs_for_ever, "not-http"),
        (_answers_in_endless_chunks, "delivered"),
        (_drips, "timed-out"),
        (_hangs, "timed-out"),
        (_floods, "delivered"),
        (_speaks_smtp, "not-http"),
        (_floods_headers, "not-http"),
    ],
)
def test_whatever_a_receiver_does_an_exchange_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, behaves: Any, outcome: str
) -> None:
    """The limits are shorter here; of ten gigabytes no more than 64 KB are read, and of a million parts 512."""
    monkeypatch.setattr(sender, "TOTAL_S", 0.6)
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    with raw(behaves) as url:
        began = time.monotonic()
        reply = asyncio.run(sender.Line(url).post([], b"{}"))
    assert reply.outcome == outcome
    assert time.monotonic() - began < 2
    assert len(reply.body) <= sender.MOST_BYTES
    assert len(reply.text) <= sender.KEPT_CHARACTERS


def test_a_connection_that_was_closed_meanwhile_is_no_failure(settings: Settings) -> None:
    """A receiver that closes after each answer without saying so gets the next message on a new connection."""
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    got: list[bytes] = []

    def answers_once(one: socket.socket) -> None:
        got.append(one.recv(65536))
        one.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def twice(url: str) -> list[str]:
        line = sender.Line(url)
        outcomes = []
        for _ in range(2):
            outcomes.append((await line.post([], b"{}")).outcome)
            await asyncio.sleep(0.05)
        line.close()
        return outcomes

    with raw(answers_once) as url:
        assert asyncio.run(twice(url)) == ["delivered", "delivered"]
    assert len(got) == 2


NAME = "sistem.padang.go.id"


@contextmanager
def _certified(folder: Path, *names: str) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A receiver with a certificate for these names; yields its port, and a context that trusts who issued it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + pem)
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(file)

    def answers(one: socket.socket) -> None:
        with own.wrap_socket(one, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw(answers) as url:
        port = urlsplit(url).port
        assert port is not None
        yield port, ssl.create_default_context(cadata=certificate.public_bytes(Encoding.PEM).decode())


@pytest.mark.parametrize(
    ("certified", "is_trusted", "outcome"),
    [(NAME, True, "delivered"), ("another.padang.go.id", True, "tls-failed"), (NAME, False, "tls-failed")],
)
def test_the_pinned_address_must_have_the_names_certificate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certified: str, is_trusted: bool, outcome: str
) -> None:
    """The connection goes to an address, and the certificate is asked of the name that was registered."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    # This machine stands for a public one.
    monkeypatch.setattr(addresses, "checked", list)
    with _certified(tmp_path, certified) as (port, trusting):
        monkeypatch.setattr(addresses, "PORTS", {port})
        line = sender.Line(f"https://{NAME}:{port}/", resolve=resolve, tls=trusting if is_trusted else None)
        assert asyncio.run(line.post([], b"{}")).outcome == outcome
        line.close()
