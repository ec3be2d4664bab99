"""Six people handle the lecturer's case in Chromium: with scripts and without, on a phone's width, and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from casefiles.models import Casefile, Transition
from demo.lecturer import STEPS_OF_THE_LECTURER, west_sumatra
from people import sandbox
from tests.chromium import needs_chromium
from tests.conftest import Copies, using
from tests.console.browser_desk import Officers
from tests.console.test_browser import _faults, browser, serving  # noqa: F401 - the browser is a fixture
from tests.console.test_desk_lecturer import SIX
from tests.signing_in import as_role
from tests.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from demo.walk import Walk

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module", autouse=True)
def _beside_a_browser() -> Iterator[None]:
    """Playwright's loop runs in this thread, and Django asks the database of no thread that has one unless told."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="module")
def staffed(
    copies: Copies, world: World, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """A world without a case, and two officers of each agency of the story with their second factors."""
    name = copies.make(world.template)
    people: dict[str, dict[str, Any]] = {}
    with django_db_blocker.unblock(), using(name), as_role(copies, "owner"):
        for agency, email in SIX:
            person = {"email": email, "name": f"Petugas {email.split('@')[0]}", "agency": agency, "role": "officer"}
            people[email] = sandbox._made(person, now=timezone.now())
    yield name, people
    copies.drop(name)


@pytest.fixture
def _own_database(copies: Copies, staffed: tuple[str, Any], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), using(staffed[0]):
        yield


def test_six_people_handle_the_lecturer_s_case_in_their_browsers(
    copies: Copies,
    staffed: tuple[str, dict[str, dict[str, Any]]],
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    with serving(copies, staffed[0], tmp_path) as served:
        desk = Officers(browser, served, staffed[1], tmp_path, _faults)
        case = west_sumatra(cast("Walk", desk))
    steps = Transition.objects.filter(casefile=UUID(case.id)).order_by("seq")
    assert [step.name for step in steps] == STEPS_OF_THE_LECTURER
    row = Casefile.objects.get(pk=case.id)
    assert (row.state, row.outcome) == ("closed", "sanctioned")
    assert len({page for page, _ in desk.receipts}) == len(SIX)
    assert set(desk.happened) == {"double click", "by keyboard", "session over", "back button", "somebody else acted"}
    assert desk.faults == [], "\n".join(desk.faults)
