"""A log with a real key, its forks, and a witness over real HTTP, for the tests beside this file."""

import base64
import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.tlog import notes, tree
from audit.tlog.notes import Checkpoint, Signer
from audit.witness import home, submitting
from audit.witness.deciding import Witness
from audit.witness.service import Service

ORIGIN = "lintas.example.go.id/log/1"
NAME = "ombudsman.example/w1"


def drawn(name: str = ORIGIN, kind: int = notes.LOG) -> Signer:
    """A fresh key."""
    return Signer(name=name, type=kind, private=Ed25519PrivateKey.generate())


@dataclass(frozen=True)
class Log:
    """A log that is as large as anybody asks; leaves from `forks_at` on are another history's."""

    signer: Signer = field(default_factory=drawn)
    forks_at: int = 1 << 40
    history: str = "fork"

    def fork(self, at: int, history: str = "fork") -> "Log":
        return Log(signer=self.signer, forks_at=at, history=history)

    def leaves(self, size: int) -> list[bytes]:
        return [tree.leaf_hash(f"{i}{self.history if i >= self.forks_at else ''}".encode()) for i in range(size)]

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(origin=self.signer.name, size=size, root=tree.root_of(self.leaves(size)))

    def note(self, size: int) -> str:
        return str(self.checkpoint(size).signed(self.signer))

    def proof(self, old: int, size: int) -> list[bytes]:
        way = tree.consistency(old, size)
        return way.hashes(tree.from_leaves(self.leaves(size))(way.needs))

    def body(self, old: int, size: int, *, proof: list[bytes] | None = None, note: str | None = None) -> bytes:
        given = self.proof(old, size) if proof is None else proof
        lines = [f"old {old}", *(base64.b64encode(step).decode() for step in given)]
        return ("\n".join(lines) + "\n\n" + (note or self.note(size))).encode()


@dataclass(frozen=True)
class Answered:
    status: int
    kind: str
    text: str


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Running:
    """A witness that answers on loopback."""

    directory: Path
    witness: Witness
    service: Service
    clock: Clock

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.service.port}"

    def post(self, body: bytes, path: str = "/add-checkpoint") -> Answered:
        return asked(self.service.port, "POST", path, body)

    def submit(self, log: Log, old: int, size: int, *, note: str | None = None) -> submitting.Outcome:
        """By the log's own client; what it proves is where `old` is below `size`."""
        proof = log.proof(old, size) if old <= size else []
        key = self.witness.signer.vkey
        return submitting.submit(
            url=self.url, note=note or log.note(size), old_size=old, proof=proof, key=key, now=self.clock()
        )

    def remembered(self) -> int | None:
        """The size that lies in the state file, read anew."""
        with opened(self.directory) as witness:
            seen = witness.store.logs().get(ORIGIN)
            return seen.size if seen else None


def asked(port: int, method: str, path: str, body: bytes | None = None) -> Answered:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return Answered(answer.status, answer.headers["Content-Type"], answer.read().decode())
    finally:
        connection.close()


def raw(port: int, sent: bytes, *, timeout: float = 5) -> bytes:
    """Send bytes, say that no more will come, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            got = b""
            while piece := connection.recv(65536):
                got += piece
        except ConnectionError:
            return b""
    return got


@contextmanager
def opened(directory: Path) -> Iterator[Witness]:
    config = home.read_config(directory)
    signer = home.read_signer(directory, config.name)
    witness = Witness(signer=signer, logs=config.logs, store=home.open_state(directory, signer))
    try:
        yield witness
    finally:
        witness.store.close()


@contextmanager
def running(directory: Path, *, patience: float = 10.0) -> Iterator[Running]:
    clock = Clock()
    with opened(directory) as witness:
        service = Service(witness, host="127.0.0.1", port=0, clock=clock, patience=patience)
        service.start()
        try:
            yield Running(directory=directory, witness=witness, service=service, clock=clock)
        finally:
            service.stop()


def waited_for(condition: object, *, seconds: float = 10) -> None:
    """Wait until a callable says yes."""
    assert callable(condition)
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
