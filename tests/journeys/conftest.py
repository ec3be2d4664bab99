"""Everyone's clients, on one real server that all journeys share."""

import logging
from collections.abc import Iterator, Mapping

import httpx
import pytest
from pytest_django import DjangoDbBlocker

from demo.client import Client, clients
from tests.journeys.endings import Ends
from tests.world import Sandbox


@pytest.fixture(scope="session")
def parties(sandbox: Sandbox) -> Iterator[Mapping[str, Client]]:
    """One client for every agency of the sandbox, by the agency's code."""
    # A line for each request would bury the failure somebody looks for.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with httpx.Client(base_url=sandbox.base_url, timeout=20) as http:
        yield clients(sandbox.keys, http)


@pytest.fixture
def ends(sandbox: Sandbox, django_db_blocker: DjangoDbBlocker) -> Ends:
    """What every journey of practice asks once it is over."""
    return Ends(sandbox, django_db_blocker)
