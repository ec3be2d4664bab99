"""People are registered by the owner: these tests sign in as the owner, on a copy of the world."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.conftest import Copies, commits, using
from tests.signing_in import as_role


@pytest.fixture
def _own_database(
    request: pytest.FixtureRequest,
    copies: Copies,
    django_db_setup: str,
    world_copy: str,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    assert not commits(request), "what is committed here would stay for every later test: put it into another folder"
    with django_db_blocker.unblock(), as_role(copies, "owner"), using(world_copy):
        yield
