"""The matrix's story, told once; every test rolls back to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytest_django import DjangoDbBlocker

from tests.api.matrix.stage import Stage, tell
from tests.conftest import Copies, using
from tests.world import World


@dataclass(frozen=True)
class Told:
    """A stage, and the database in which it was set."""

    database: str
    stage: Stage


@pytest.fixture(scope="package")
def arranged(copies: Copies, world: World, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Told]:
    """The story, told once in a database of this folder's own, and that database's name."""
    name = copies.make(world.template)
    with django_db_blocker.unblock(), using(name):
        stage = tell()
    yield Told(database=name, stage=stage)
    copies.drop(name)


@pytest.fixture(scope="package")
def world_copy(arranged: Told) -> str:
    """Every test of this folder rolls back to the story."""
    return arranged.database


@pytest.fixture
def told(db: None, world: World, arranged: Told) -> Stage:
    """The story as it was told."""
    return arranged.stage
