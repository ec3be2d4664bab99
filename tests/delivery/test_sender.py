"""Receivers that drip, hang, flood or speak another protocol: one exchange ends, in time and in size."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest
from pytest_django import Settings

from delivery import sender
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


@pytest.mark.parametrize(
    ("behaves", "outcome"),
    [
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
    """The limits are shorter here; of ten gigabytes no more than 64 KB are read."""
    monkeypatch.setattr(sender, "TOTAL_S", 0.6)
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    with raw(behaves) as url:
        began = time.monotonic()
        reply = asyncio.run(sender.Line(url).post([], b"{}"))
    assert reply.outcome == outcome
    assert time.monotonic() - began < 2
    assert len(reply.body) <= sender.MOST_BYTES
    assert len(reply.text) <= sender.KEPT_CHARACTERS
