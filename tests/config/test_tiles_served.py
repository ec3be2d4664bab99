"""The shipped proxy serves the log's files, and nothing else that lies beside them."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CONF = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "lintas.conf"
SHIPPED = re.findall(
    r"^    location ~ \S*\^/log/.*?^    \}\n", CONF.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Path]:
    """nginx with the shipped places of the log's files, on a socket of this test's."""
    assert len(SHIPPED) == 2
    places = "".join(SHIPPED).replace("/var/lib/lintas/tiles", str(tmp_path / "tiles"))
    at = tmp_path / "socket"
    temporary = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "conf").write_text(
        f"daemon off; user root; pid {tmp_path}/pid; error_log {tmp_path}/error; events {{}} http {{ {temporary} "
        f"access_log off; server {{ listen unix:{at}; {places} }} }}"
    )
    with (tmp_path / "out").open("wb") as out:
        child = subprocess.Popen(
            [str(NGINX), "-c", tmp_path / "conf", "-e", tmp_path / "error"], stdout=out, stderr=out
        )
        try:
            until = time.monotonic() + 60
            while not at.exists():
                assert child.poll() is None, (tmp_path / "out").read_text()
                assert time.monotonic() < until
                time.sleep(0.02)
            yield at
        finally:
            child.terminate()
            child.wait(30)


def got(at: Path, path: str) -> tuple[int, str, bytes]:
    """Status, head and body."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(30)
        asked.connect(str(at))
        asked.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        said = b"".join(iter(lambda: asked.recv(65536), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), body


def test_checkpoint_and_tiles_are_served_as_the_specification_wants(proxy: Path, tmp_path: Path) -> None:
    log = tmp_path / "tiles" / "log" / "1"
    for name in (
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/7",
        "tile/1/x001/x234/067",
        ".checkpoint",
        "tile/0/.000",
        "secret",
    ):
        (log / name).parent.mkdir(parents=True, exist_ok=True)
        (log / name).write_text(name)
    status, head, body = got(proxy, "/log/1/checkpoint")
    assert (status, body) == (200, b"checkpoint")
    assert "content-type: text/plain; charset=utf-8" in head
    assert "max-age=2\r" in head
    for name in ("tile/0/000", "tile/0/001.p/7", "tile/1/x001/x234/067"):
        status, head, body = got(proxy, f"/log/1/{name}")
        assert (status, body) == (200, name.encode())
        assert "content-type: application/octet-stream" in head
        assert "immutable" in head
    for name in (".checkpoint", "tile/0/.000", "secret", "tile/0/002", "tile/", "../1/secret"):
        assert got(proxy, f"/log/1/{name}")[0] in {400, 404}, name
