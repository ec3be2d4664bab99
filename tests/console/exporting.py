"""Asking for exports, doing them as the worker, and taking them: for tests that commit."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import Settings

from console.models import Export
from jobs import worker
from tests.conftest import Copies, using
from tests.console.conftest import Arranged
from tests.signing_in import as_role


@pytest.fixture
def _own_database(copies: Copies, arranged: Arranged, django_db_blocker: Any) -> Iterator[None]:
    """A copy of its own for each test: the worker sees only what is committed."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), as_role(copies, "console"), using(name):
        yield
        connections.close_all()
    copies.drop(name)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    settings.LINTAS_EXPORTS_DIR = tmp_path / "exports"


def work(copies: Copies) -> None:
    """The worker, in its role, until nothing waits."""
    with as_role(copies, "worker"):
        asyncio.run(worker.work(worker.Pace(), once=True))


def taken(person: Client, page: str) -> bytes:
    answer = person.get(f"{page}/berkas")
    assert answer.status_code == 200, answer.headers
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a file
    export = Export.objects.get(pk=page.rsplit("/", 1)[1])
    assert hashlib.sha256(content).hexdigest() == export.sha256
    return content
