"""Everyone's clients, on one real server that all journeys share."""

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import httpx
import pytest
from pytest_django import DjangoDbBlocker

from demo.client import Client, clients
from tests.instants import wrong_instants
from tests.journeys.endings import Ends
from tests.world import Sandbox


@pytest.fixture(scope="session")
def parties(sandbox: Sandbox, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Client]]:
    """One client for every agency of the sandbox, by the agency's code.

    When all journeys are over, the clock must come to whatever they left open at the instant that the ladder says.
    """
    # A line for each request would bury the failure somebody looks for.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with httpx.Client(base_url=sandbox.base_url, timeout=20) as http:
        yield clients(sandbox.keys, http)
    with Ends(sandbox, django_db_blocker).on_the_register():
        assert wrong_instants(now=datetime.now(UTC)) == []


@pytest.fixture
def ends(sandbox: Sandbox, django_db_blocker: DjangoDbBlocker) -> Ends:
    """What every journey of practice asks once it is over."""
    return Ends(sandbox, django_db_blocker)
