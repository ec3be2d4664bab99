"""An upload that the door refuses once it has come leaves nothing behind: no file, no descriptor."""

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from api.http import arriving
from config.asgi import Door
from contents.receiving import PDF, Draft, Intent
from contents.storage import Folder

DATA = b"%PDF-1.7\n" + bytes(70_000) + b"%%EOF"


class EndedMeanwhile:
    """The application: takes the upload in, and refuses its token once the bytes are there."""

    def __init__(self, folder: Path) -> None:
        self._store, self.drafts = Folder(folder), list[Draft]()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if self.drafts:
            assert environ[arriving.UPLOAD].is_whole
            start("401 Unauthorized", [])
            return [b""]
        digest = hashlib.sha256(DATA).digest()
        intent = Intent(content=uuid.uuid4(), document=uuid.uuid4(), media_type=PDF, size=len(DATA), digest=digest)
        self.drafts.append(Draft(self._store, intent))
        environ[arriving.UPLOAD].draft = self.drafts[0]
        start("202 Accepted", [])
        return [b""]


@pytest.mark.parametrize("method", ["PUT", "put"])
def test_a_token_that_ended_meanwhile_leaves_nothing(tmp_path: Path, method: str) -> None:
    """However the method is spelt, for Django reads both alike."""
    application, statuses = EndedMeanwhile(tmp_path / "contents"), list[int]()
    path = f"/api/v1/documents/{uuid.uuid4()}/content"
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "http_version": "1.1", "headers": [(b"host", b"127.0.0.1"), (b"authorization", b"Bearer x")],
        "client": ("192.0.2.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    coming = [DATA[:30_000], DATA[30_000:]]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": coming.pop(0), "more_body": bool(coming)}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    opened = len(list(Path("/proc/self/fd").iterdir()))
    asyncio.run(Door(application)(scope, receive, send))
    assert statuses == [401]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert application.drafts[0]._file == -1
    assert len(list(Path("/proc/self/fd").iterdir())) <= opened
