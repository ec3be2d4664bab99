"""A store's four verbs, the same for a folder and for an S3 bucket (moto's server)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from contents import scanning, storage, sweeping
from contents.errors import Misconfigured, NotOffered, StoreDown, Unreadable
from contents.models import QUARANTINED, Content
from contents.storage import Folder, Store, draw_name
from tests.contents.conftest import Kept, fetched, pdf, put, registered
from tests.contents.test_contents import judged_clean, refused


@pytest.fixture(scope="session")
def bucket() -> Iterator[dict[str, str]]:
    """An S3 server with an empty bucket; the variables that name it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented", "AWS_DEFAULT_REGION": "ap-southeast-3",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(
            Bucket="lintas", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-3"}
        )
    yield variables
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Store:
    """The store that the setting names."""
    settings.LINTAS_RUN_DIR = tmp_path
    settings.LINTAS_CONTENTS = str(tmp_path / "contents")
    if request.param == "s3":
        for name, value in request.getfixturevalue("bucket").items():
            monkeypatch.setenv(name, value)
        settings.LINTAS_CONTENTS = f"s3://lintas/{tmp_path.name}"
    return storage.opened()


def filled(store: Store, data: bytes) -> str:
    name, file = draw_name(), store.incoming / f"{secrets.token_hex(20)}.part"
    file.write_bytes(data)
    store.put(name, file)
    assert not file.exists()
    return name


@pytest.mark.parametrize("size", [1, 3_000_000, 9_000_000])
def test_what_is_put_is_there_until_it_is_deleted(store: Store, size: int) -> None:
    data = secrets.token_bytes(size)
    name, other = filled(store, data), filled(store, b"another")
    assert store.exists(name)
    assert b"".join(store.open(name, 0, size)) == data
    assert b"".join(store.open(name, size // 2, size)) == data[size // 2 :]
    now = datetime.now(UTC)
    assert set(store.before(now + timedelta(seconds=5))) == {name, other}
    assert set(store.before(now - timedelta(hours=1))) == set()
    store.delete(name)
    store.delete(name)
    assert not store.exists(name)
    assert store.exists(other)
    with pytest.raises(Unreadable):
        store.open(name, 0, 1)


def test_what_others_keep_in_the_bucket_is_left_alone(
    bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    settings.LINTAS_RUN_DIR, settings.LINTAS_CONTENTS = tmp_path, "s3://lintas"
    store, client = storage.opened(), boto3.client("s3")
    name, drawn = filled(store, b"ours"), draw_name()
    for key in ("readme.txt", f"elsewhere/{drawn}"):
        client.put_object(Bucket="lintas", Key=key, Body=b"theirs")
    assert list(store.before(datetime.now(UTC) + timedelta(seconds=5))) == [name]
    store.delete(name)


def test_a_bucket_that_does_not_answer_says_nothing_of_a_content(
    kept: Kept, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    settings.LINTAS_RUN_DIR = tmp_path
    settings.LINTAS_CONTENTS = f"s3://lintas/{tmp_path.name}"
    data = pdf(b"soon away")
    document = registered(kept.owner, data)
    assert put(kept.owner, document, data).status_code == 201
    content = Content.objects.get(document_id=document)

    storage._opened.cache_clear()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    away = storage.opened()
    for act in (lambda: away.exists(content.name), lambda: list(away.before(datetime.now(UTC)))):
        with pytest.raises(StoreDown):
            act()
    with pytest.raises(StoreDown):
        scanning.scan(content.pk, now=lambda: datetime.now(UTC))
    content.refresh_from_db()
    assert content.status == QUARANTINED, "it is scanned when the bucket answers again"
    storage._opened.cache_clear()


@pytest.mark.parametrize("name", ["../x", "..", "", "/etc/passwd", "ab" * 20 + "/..", "AB" * 20])
def test_a_folder_has_only_names_that_were_drawn(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path / "contents")
    for act in (lambda: folder.open(name, 0, 1), lambda: folder.delete(name), lambda: folder.exists(name)):
        with pytest.raises(Unreadable):
            act()


def test_a_setting_that_names_no_store_is_said(tmp_path: Path, settings: Any) -> None:
    settings.LINTAS_CONTENTS = ""
    with pytest.raises(NotOffered):
        storage.opened()
    (tmp_path / "file").touch()
    settings.LINTAS_CONTENTS = str(tmp_path / "file")
    with pytest.raises(Misconfigured, match="LINTAS_CONTENTS"):
        storage.opened()
    settings.LINTAS_CONTENTS = "s3:///prefix"
    with pytest.raises(Misconfigured, match="names no bucket"):
        storage.opened()


def test_contents_go_through_a_bucket(
    kept: Kept, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    settings.LINTAS_RUN_DIR = tmp_path
    settings.LINTAS_CONTENTS = f"s3://lintas/{tmp_path.name}"
    data = pdf(b"in a bucket" * 20_000)
    document = registered(kept.owner, data)
    assert put(kept.owner, document, data).status_code == 201
    judged_clean(document)
    assert fetched(kept.owner, document)[1] == data
    assert fetched(kept.owner, document, Range="bytes=100000-100009")[1] == data[100_000:100_010]
    assert not list((tmp_path / "contents-incoming").iterdir())

    later = registered(kept.owner, pdf(b"later"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    settings.LINTAS_CONTENTS = f"s3://lintas/{tmp_path.name}-away"
    assert refused(put(kept.owner, later, pdf(b"later"))) == (503, "temporarily-unavailable")
    assert not list((tmp_path / "contents-incoming").iterdir())


@contextmanager
def says_500(bucket: str) -> Iterator[tuple[str, list[str]]]:
    """A bucket that stores what is put there and answers 500 all the same; its address, and what was put."""
    stored: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            if self.headers.get("Expect"):
                self.send_response_only(100)
                self.end_headers()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            passed = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
            assert httpx.put(f"{bucket}{self.path}", content=body, headers=passed).status_code == 200
            stored.append(self.path)
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", stored
        server.shutdown()


def test_a_bucket_that_says_500_after_storing_leaves_no_row_and_what_it_stored_is_swept(
    kept: Kept, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    # What boto3 waits between its attempts.
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    settings.LINTAS_RUN_DIR = tmp_path
    settings.LINTAS_CONTENTS = f"s3://lintas/{tmp_path.name}"
    data = pdf(b"stored, and told that it was not")
    document = registered(kept.owner, data)
    with says_500(bucket["AWS_ENDPOINT_URL_S3"]) as (address, stored):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
        storage._opened.cache_clear()
        assert refused(put(kept.owner, document, data)) == (503, "temporarily-unavailable")
    assert len(stored) > len(set(stored)) == 1, "boto3 tries again under the same name"
    assert not Content.objects.exists()
    assert not list((tmp_path / "contents-incoming").iterdir())
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket["AWS_ENDPOINT_URL_S3"])
    storage._opened.cache_clear()
    store = storage.opened()
    assert put(kept.owner, document, data).status_code == 201
    content = Content.objects.get()
    later = datetime.now(UTC) + timedelta(seconds=5)
    assert len(set(store.before(later))) == 2
    swept = sweeping.sweep(before=later)
    assert (swept.files, swept.missing) == (1, 0)
    assert list(store.before(later)) == [content.name]
    storage._opened.cache_clear()
