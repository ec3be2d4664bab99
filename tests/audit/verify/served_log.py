"""A log in memory at its public addresses, for tests of whoever watches one."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.tlog import tiles, tree
from audit.tlog.notes import LOG, Checkpoint, Note, Signer

ORIGIN = "watched.example/log/1"


@dataclass
class Log:
    """A log in memory and its two public addresses; every answer may be made to lie."""

    signer: Signer = field(default_factory=lambda: Signer(ORIGIN, LOG, Ed25519PrivateKey.generate()))
    leaves: list[bytes] = field(default_factory=lambda: [bytes([n]) * 32 for n in range(5)])
    witnesses: tuple[Signer, ...] = ()
    checkpoint: str | None = None
    proof: str | None = None
    status: int = 200
    damaged: list[bytes] | None = None

    def tile(self, path: str) -> bytes | None:
        """A tile of the tree; the partial ones of sizes before this one are gone."""
        for made in tiles.new_tiles(0, len(self.leaves)):
            if path.endswith("/" + made.path):
                nodes = [(made.level * 8, made.index * 256 + number) for number in range(made.width)]
                known = tree.from_leaves(self.damaged or self.leaves)(nodes)
                return b"".join(known[node] for node in nodes)
        return None

    def answer(self, path: str) -> str | bytes | None:
        """What stands at that address; None where the log has not so many leaves."""
        if "/tile/" in path:
            return self.tile(path)
        if urlsplit(path).path.endswith("/checkpoint"):
            made = Checkpoint(self.signer.name, len(self.leaves), tree.root_of(self.leaves)).signed(self.signer)
            lines = tuple(witness.sign(made.text, time=1_700_000_000) for witness in self.witnesses)
            return self.checkpoint if self.checkpoint is not None else str(Note(made.text, made.lines + lines))
        asked = parse_qs(urlsplit(path).query)
        first, second = int(asked["first"][0]), int(asked["second"][0])
        if second > len(self.leaves):
            return None
        proof = tree.consistency(first, second)
        hashes = proof.hashes(tree.from_leaves(self.leaves)(proof.needs))
        said = {"first": first, "second": second, "proof": [base64.b64encode(one).decode() for one in hashes]}
        return self.proof if self.proof is not None else json.dumps(said)


@contextmanager
def serving(log: Log) -> Iterator[str]:
    """The log over HTTP; where it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = log.answer(self.path)
            body = said if isinstance(said, bytes) else (said or "beyond the head").encode()
            self.send_response(log.status if said is not None else 404 if "/tile/" in self.path else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
