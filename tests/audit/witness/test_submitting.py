"""The log's side: whatever a witness or the network answers is an outcome, soon, and only a true cosignature counts."""

import base64
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog import notes
from audit.witness.submitting import Behind, Cosigned, Outcome, Refused, Unreachable, _cosignature, submit
from tests.audit.witness.logs import Log, Running, drawn, waited_for

WITNESS = drawn("w.example/1", notes.COSIGNER)
LOG = Log()


@contextmanager
def answering(*pieces: bytes, pause: float = 0, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that reads one request and sends these pieces."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def work() -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        try:
            with tls.wrap_socket(connection, server_side=True) if tls else connection as peer:
                got = b""
                while not got.endswith(LOG.note(5).encode()) and (piece := peer.recv(65536)):
                    got += piece
                for piece in pieces:
                    if over.wait(pause):
                        return
                    peer.sendall(piece)
        except OSError:
            return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(60)


def answer(status: int, body: bytes, kind: str = "text/plain") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        kind.encode(),
        len(body),
        body,
    )


def outcome(*pieces: bytes, old: int = 3, timeout: float = 5, pause: float = 0) -> Outcome:
    with answering(*pieces, pause=pause) as port:
        url = f"http://127.0.0.1:{port}/some/prefix/"
        proof = LOG.proof(old, 5)
        return submit(url=url, note=LOG.note(5), old_size=old, proof=proof, key=WITNESS.vkey, timeout=timeout)


def line(time_: int = 77) -> bytes:
    return (WITNESS.sign(LOG.checkpoint(5).text, time=time_) + "\n").encode()


def test_only_the_witness_own_line_is_taken() -> None:
    text = LOG.checkpoint(5).text
    stranger = (drawn("w.example/1", notes.COSIGNER).sign(text, time=1) + "\n").encode()
    log_line = (LOG.signer.sign(text) + "\n").encode()
    wanted = Cosigned(line=line().decode().rstrip("\n"), time=77)
    assert outcome(answer(200, line())) == wanted
    assert outcome(answer(200, stranger + log_line + line())) == wanted
    for body in (stranger, log_line, b"", b"ok\n", line()[:-1], line()[:-9] + b"\n", b"\xff\xfe\n"):
        got = outcome(answer(200, body))
        assert isinstance(got, Refused)
        assert got.status == 200
        assert not got.contests


def test_a_cosignature_of_another_checkpoint_or_with_a_changed_time_is_refused() -> None:
    other = (WITNESS.sign(LOG.checkpoint(6).text, time=77) + "\n").encode()
    assert isinstance(outcome(answer(200, other)), Refused)
    start, _, encoded = line().decode().strip().rpartition(" ")
    blob = bytearray(base64.b64decode(encoded))
    blob[11] ^= 1
    assert isinstance(outcome(answer(200, f"{start} {base64.b64encode(blob).decode()}\n".encode())), Refused)


def test_a_size_that_it_knows_is_said_and_never_leads_in_a_circle() -> None:
    size = "text/x.tlog.size"
    assert outcome(answer(409, b"4\n", size)) == Behind(4)
    assert outcome(answer(409, b"0\n", size)) == Behind(0)
    assert outcome(answer(409, b"99\n", size)) == Behind(99)
    for body, kind in ((b"3\n", size), (b"-1\n", size), (b"x", size), ("٣\n".encode(), size), (b"4\n", "text/plain")):
        got = outcome(answer(409, body, kind))
        assert isinstance(got, Refused)
        assert got.contests


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 418])
def test_a_refusal_is_passed_on_short_and_printable(status: int) -> None:
    got = outcome(answer(status, b"no\x1b[31m\n" + b"x" * 5_000))
    assert isinstance(got, Refused)
    assert (got.status, got.contests) == (status, False)
    assert got.text.isprintable()
    assert len(got.text) <= 300


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_witness_in_trouble_is_unreachable_not_a_refusal(status: int) -> None:
    assert isinstance(outcome(answer(status, b"trouble")), Unreachable)


def test_a_redirect_is_not_followed() -> None:
    got = outcome(b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    assert isinstance(got, Refused)
    assert got.status == 307


def test_an_endless_answer_is_cut_off() -> None:
    got = outcome(b"HTTP/1.1 200 OK\r\n\r\n", *[b"a" * 65_536] * 4)
    assert got == Unreachable("the answer is longer than 64 KB")


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"]
)
def test_a_dripping_answer_takes_no_longer_than_allowed(beginning: bytes) -> None:
    began = time.monotonic()
    got = outcome(beginning, *[b"a"] * 200, timeout=0.6, pause=0.05)
    assert isinstance(got, Unreachable)
    assert time.monotonic() - began < 6


def test_a_witness_given_up_keeps_no_thread_busy() -> None:
    endless = [b"HTTP/1.1 200 OK\r\n", *[b"a"] * 200]
    with answering(*endless, pause=0.05) as port:
        got = submit(
            url=f"http://127.0.0.1:{port}", note=LOG.note(5), old_size=0, proof=[], key=WITNESS.vkey, timeout=0.5
        )
        assert isinstance(got, Unreachable)
        waited_for(lambda: not any(one.name == "submitting" for one in threading.enumerate()), seconds=30)


def test_a_connection_that_comes_too_late_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.create_connection

    def late(address: tuple[str, int], timeout: float) -> socket.socket:
        time.sleep(0.6)
        return connect(address, timeout=timeout)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setattr("audit.witness.submitting.socket.create_connection", late)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        got = submit(url=url, note=LOG.note(5), old_size=0, proof=[], key=WITNESS.vkey, timeout=0.2)
        assert isinstance(got, Unreachable)
        listening.settimeout(5)
        peer, _ = listening.accept()
        with peer:
            peer.settimeout(5)
            assert peer.recv(100) == b""


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1", "http://", "", "ftp://a.example", "https://u:p@a.example", "http://a.example/?q=1",
        "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://[::1", f"http://{'a' * 70}.example", "file:///etc/passwd",
        "http://127.0.0.1:1/a b",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_unreachable(url: str) -> None:
    assert isinstance(submit(url=url, note=LOG.note(5), old_size=0, proof=[], key=WITNESS.vkey, timeout=3), Unreachable)


@given(said=st.binary(max_size=200))
def test_nonsense_is_never_an_exception_nor_a_cosignature(said: bytes) -> None:
    assert isinstance(outcome(said), Unreachable | Refused)


@given(body=st.binary(max_size=120), status=st.sampled_from([200, 204, 301, 400, 409, 422, 500]), sized=st.booleans())
def test_a_nonsense_body_is_never_an_exception_nor_a_cosignature(body: bytes, status: int, sized: bool) -> None:
    got = outcome(answer(status, body, "text/x.tlog.size" if sized else "text/plain"))
    assert isinstance(got, Unreachable | Refused | Behind)


def test_a_lost_answer_is_made_good_by_asking_from_the_size_it_names(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 8))  # the answer was lost
    first = witness.submit(log, 0, 8)
    assert first == Behind(8)
    assert isinstance(witness.submit(log, 8, 8), Cosigned)


# -- TLS ---------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, host: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def over_tls(pem: Path) -> Outcome:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with answering(answer(200, line()), tls=context) as port:
        return submit(
            url=f"https://localhost:{port}", note=LOG.note(5), old_size=3, proof=LOG.proof(3, 5), key=WITNESS.vkey
        )


def test_a_certificate_must_be_trusted_and_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = certificate(tmp_path, "localhost"), certificate(tmp_path, "elsewhere.example")
    untrusted = over_tls(right)
    assert isinstance(untrusted, Unreachable)
    assert "CERTIFICATE_VERIFY_FAILED" in untrusted.reason or "certificate verify failed" in untrusted.reason
    monkeypatch.setenv("SSL_CERT_FILE", str(right))
    assert isinstance(over_tls(right), Cosigned)
    monkeypatch.setenv("SSL_CERT_FILE", str(wrong))
    assert isinstance(over_tls(wrong), Unreachable)


def test_a_tls_handshake_that_never_ends_takes_no_longer_than_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        began = time.monotonic()
        url = f"https://localhost:{listening.getsockname()[1]}"
        got = submit(url=url, note=LOG.note(5), old_size=0, proof=[], key=WITNESS.vkey, timeout=0.5)
        assert isinstance(got, Unreachable)
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("ahead", [86_500, 10**9, 2**62])
def test_a_cosignature_dated_far_ahead_is_refused(ahead: int) -> None:
    now = int(time.time())
    got = outcome(answer(200, line(now + ahead)))
    assert isinstance(got, Refused)
    assert "ahead" in got.text
    assert isinstance(outcome(answer(200, line(now + 86_000))), Cosigned)


def test_a_clock_of_ours_that_is_wrong_lets_no_time_in_that_has_no_date() -> None:
    text = LOG.checkpoint(5).text
    last = 253_402_300_799
    assert isinstance(_cosignature(line(last), text=text, key=WITNESS.vkey, now=2.0**62), Cosigned)
    assert dt.datetime.fromtimestamp(last, dt.UTC).year == 9999
    assert isinstance(_cosignature(line(last + 1), text=text, key=WITNESS.vkey, now=2.0**62), Refused)
