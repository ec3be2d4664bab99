"""Contents in a bucket of an S3 store: `LINTAS_CONTENTS=s3://bucket/prefix`.

Endpoint, region and credentials come from boto3's own variables and files (`AWS_ENDPOINT_URL_S3`, …). What is put there
is sealed already. boto3 is an optional dependency: the group `s3` of pyproject.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contents.errors import Misconfigured, StoreDown, Unreadable
from contents.storage import PART, is_drawn

try:
    import boto3
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError as missing:
    raise Misconfigured("LINTAS_CONTENTS names an S3 store, and boto3 is not here: install locks/s3.lock.") from missing


_GONE = frozenset({"404", "NoSuchKey"})


class Bucket:
    """A store in a bucket. The file lies in `incoming` on this machine until the bucket has all of it."""

    def __init__(self, where: str, *, incoming: Path) -> None:
        said = urlsplit(where)
        if not said.netloc:
            raise Misconfigured(f"LINTAS_CONTENTS={where} names no bucket. Example: s3://lintas-contents/a")
        self._bucket, self._prefix = said.netloc, said.path.strip("/")
        self.incoming = incoming
        self.incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        patience = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3, "mode": "standard"})
        self._client = boto3.client("s3", config=patience)
        # One part at a time, in this thread: memory stays that of one part.
        self._transfer = TransferConfig(
            use_threads=False, multipart_threshold=8 * 1024 * 1024, multipart_chunksize=8 * 1024 * 1024
        )

    def put(self, name: str, file: Path) -> None:
        """See `Store`. Raises `StoreDown`."""
        try:
            self._client.upload_file(str(file), self._bucket, self._key(name), Config=self._transfer)
        except (ClientError, BotoCoreError, boto3.exceptions.S3UploadFailedError) as why:
            raise StoreDown(str(why)) from why
        file.unlink()

    def open(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """See `Store`. Raises `StoreDown`, which says nothing of the content: it may be read later."""
        try:
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._key(name), Range=f"bytes={start}-{stop - 1}"
            )
        except (ClientError, BotoCoreError) as why:
            if _is_gone(why):
                raise Unreadable(f"{name} is not in the bucket of the contents") from why
            raise StoreDown(str(why)) from why
        return _read(answer["Body"])

    def delete(self, name: str) -> None:
        """See `Store`."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))
        except (ClientError, BotoCoreError) as why:
            raise StoreDown(str(why)) from why

    def exists(self, name: str) -> bool:
        """See `Store`. Raises `StoreDown`."""
        try:
            self._client.head_object(Bucket=self._bucket, Key=self._key(name))
        except (ClientError, BotoCoreError) as why:
            if _is_gone(why):
                return False
            raise StoreDown(str(why)) from why
        return True

    def before(self, moment: datetime) -> Iterator[str]:
        """See `Store`. Raises `StoreDown`. What somebody else keeps in the same bucket is never told."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._key(""))
        try:
            for page in pages:
                for found in page.get("Contents", ()):
                    name = found["Key"].rpartition("/")[2]
                    if is_drawn(name) and found["Key"] == self._key(name) and found["LastModified"] < moment:
                        yield name
        except (ClientError, BotoCoreError) as why:
            raise StoreDown(str(why)) from why

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name


def _is_gone(why: Exception) -> bool:
    """Whether the bucket answered, and has no such object."""
    return isinstance(why, ClientError) and why.response["Error"]["Code"] in _GONE


def _read(body: Any) -> Iterator[bytes]:
    """The parts of an object as they come. Raises `StoreDown` where the connection breaks off."""
    try:
        yield from body.iter_chunks(PART)
    except BotoCoreError as why:
        raise StoreDown(str(why)) from why
