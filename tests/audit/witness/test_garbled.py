"""Whatever is sent, the witness answers 4xx, changes nothing, and goes on."""

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.audit.witness.logs import Log, Running, asked, raw, running, waited_for


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:80]
    return int(answer.split(b" ", 2)[1])


def request(body: bytes) -> bytes:
    return b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.fixture
def settled(witness: Running, log: Log) -> Running:
    """A witness that has seen five leaves."""
    assert witness.post(log.body(0, 5)).status == 200
    return witness


def test_a_body_cut_at_any_byte_is_4xx(settled: Running, log: Log) -> None:
    body = log.body(5, 9)
    for end in range(len(body)):
        assert 400 <= settled.post(body[:end]).status < 500, body[:end]
    assert settled.remembered() == 5
    assert settled.post(body).status == 200


def test_a_request_cut_at_any_byte_is_4xx_or_silence(settled: Running, log: Log) -> None:
    whole = request(log.body(5, 9))
    for end in range(len(whole)):
        answer = raw(settled.service.port, whole[:end])
        assert not answer or 400 <= status(answer) < 500, whole[:end]
    assert settled.remembered() == 5
    assert status(raw(settled.service.port, whole)) == 200


def test_a_checkpoint_that_ends_before_its_announced_length_is_not_taken(settled: Running, log: Log) -> None:
    body = log.body(5, 9)
    longer = request(body).replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % (len(body) + 1))
    assert status(raw(settled.service.port, longer)) == 400
    assert settled.remembered() == 5


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_body_with_changed_bytes_is_4xx(settled: Running, log: Log, data: st.DataObject) -> None:
    body = bytearray(body_of(log))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        kind = data.draw(st.sampled_from(["change", "drop", "insert"]))
        if kind == "change":
            body[at] = (body[at] + data.draw(st.integers(1, 255))) % 256
        elif kind == "drop":
            del body[at]
        else:
            body.insert(at, data.draw(st.integers(0, 255)))
    if bytes(body) == body_of(log):
        return
    answer = settled.post(bytes(body))
    assert 400 <= answer.status < 500, bytes(body)
    assert settled.witness.store.logs()[log.signer.name].size == 5


def body_of(log: Log) -> bytes:
    return log.body(5, 9)


ANYTHING = st.binary(max_size=300) | st.text(max_size=200).map(
    lambda said: b"old 5\n\n" + said.encode("utf-8", "ignore")
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=ANYTHING)
def test_any_bytes_are_400_or_404(settled: Running, body: bytes) -> None:
    assert settled.post(body).status in (400, 404)


@pytest.mark.parametrize(
    "head",
    [
        "old 05", "old", "old ", "old -1", "old 5 ", " old 5", "Old 5", "old 5\r", "old 1e1", "old 0x5",
        "old 99999999999999999999", "old 9999999999999999999", "old 9223372036854775808", "old 5\n", "old 5\n\n",
        "old 5\n" + "A" * 43 + "=" * 2, "old 5\n" + "A" * 42 + "B=", "old 5\nAAAA", "",
        "old \N{ARABIC-INDIC DIGIT FIVE}",
        "old 5\n" + "\n".join(["A" * 43 + "="] * 64),
    ],
)  # fmt: skip
def test_a_head_of_another_spelling_is_400(settled: Running, log: Log, head: str) -> None:
    assert settled.post(f"{head}\n\n{log.note(9)}".encode()).status == 400
    assert settled.remembered() == 5


def test_a_size_beyond_what_can_be_stored_is_400(settled: Running, log: Log) -> None:
    note = log.note(9)
    for size in ("9223372036854775808", "9999999999999999999", "18446744073709551615", "09", "-9"):
        lines = note.split("\n")
        lines[1] = size
        assert settled.post(b"old 5\n\n" + "\n".join(lines).encode()).status == 400


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nold 5\r\n0\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nold 5", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: +5\r\n\r\nold 5", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nold 5\n", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", 413),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 999999999999999\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 9\r\n\r\nold 5", 400),
        (b"POST /elsewhere HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404),
        (b"POST /add-checkpoint?x=1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404),
        (b"PUT /add-checkpoint HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
        (b"GET /add-checkpoint HTTP/1.1\r\n\r\n", 404),
        (b"BREW / HTTP/1.1\r\n\r\n", 405),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/x\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    ],
)  # fmt: skip
def test_what_is_no_request_of_ours_is_4xx(settled: Running, sent: bytes, expected: int) -> None:
    with socket.create_connection(("127.0.0.1", settled.service.port), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert status(connection.recv(65536)) == expected


def test_a_refusal_repeats_nothing_that_was_sent_and_nothing_is_logged(
    settled: Running, log: Log, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "198001012005011001"
    for body in (secret.encode(), b"old 5\n\n" + secret.encode(), f"old 5\n\n{secret}\n9\nx\n\n— a b\n".encode()):
        assert secret not in settled.post(body).text
    for sent in (f"{secret} / HTTP/1.1\r\n\r\n", f"GET /{secret} HTTP/1.1\r\n\r\n", f"GET / {secret}\r\n\r\n"):
        assert secret.encode() not in raw(settled.service.port, sent.encode())
    said = capfd.readouterr()
    assert secret not in caplog.text + said.out + said.err


# -- a connection ------------------------------------------------------------------------------------------------------


def test_a_connection_is_kept_for_many_checkpoints_and_refusals(settled: Running, log: Log) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", settled.service.port, timeout=30)
    old, statuses = 5, []
    for size in (6, 7, 8):
        for body in (log.body(0, size), log.body(old, size)):
            connection.request("POST", "/add-checkpoint", body)
            statuses.append((answer := connection.getresponse()).status)
            answer.read()
        old = size
    held = connection.sock
    assert held is not None
    connection.close()
    assert statuses == [409, 200] * 3


def test_people_and_machines_can_look(settled: Running, log: Log) -> None:
    page = asked(settled.service.port, "GET", "/")
    assert (page.status, page.kind) == (200, "text/plain; charset=utf-8")
    assert f"log    {log.signer.name} size 5 root " in page.text
    assert str(settled.witness.signer.vkey) in page.text
    assert asked(settled.service.port, "GET", "/livez").text == "ok\n"
    head = asked(settled.service.port, "HEAD", "/")
    assert (head.status, head.text) == (200, "")


@pytest.fixture
def impatient(directory: Path) -> Iterator[Running]:
    with running(directory, patience=0.6) as started:
        yield started


def test_slow_clients_do_not_hold_up_the_others(witness: Running, log: Log) -> None:
    beginnings = [b"", b"POST /add-ch", b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 500\r\n\r\nold 5"]
    slow = [socket.create_connection(("127.0.0.1", witness.service.port)) for _ in range(24)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall(beginnings[number % 3])
        began = time.monotonic()
        assert witness.post(log.body(0, 5)).status == 200
        assert time.monotonic() - began < 8, "nearly as long as a slow one is borne with"
    finally:
        for connection in slow:
            connection.close()


def test_who_drips_byte_by_byte_loses_the_connection(impatient: Running) -> None:
    with socket.create_connection(("127.0.0.1", impatient.service.port), timeout=30) as connection:
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 60:
                connection.sendall(b"P")
                time.sleep(0.1)
        assert time.monotonic() - began < 30


def test_after_more_slow_clients_than_places_the_witness_answers_again(impatient: Running, log: Log) -> None:
    slow = [socket.create_connection(("127.0.0.1", impatient.service.port)) for _ in range(40)]
    try:

        def answers() -> bool:
            try:
                return impatient.post(log.body(0, 5)).status in (200, 409)
            except (OSError, http.client.HTTPException):
                return False

        waited_for(answers)
        assert impatient.remembered() == 5
    finally:
        for connection in slow:
            connection.close()
