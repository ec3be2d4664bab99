"""Six people handle the lecturer's case in Chromium: with scripts and without, on a phone's width, and by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from casefiles.flow import State
from casefiles.intake.documents import Descriptor, register
from casefiles.models import Casefile, Transition
from demo.lecturer import STEPS_OF_THE_LECTURER, west_sumatra
from people import sandbox
from tests import factories, sessions
from tests.chromium import needs_chromium
from tests.conftest import Copies, using
from tests.console.browser_desk import MISHAPS, Officers
from tests.console.test_browser import Served, _faults, browser, serving  # noqa: F401 - the browser is a fixture
from tests.console.test_desk_lecturer import SIX
from tests.console.test_desk_many import ASSESSMENT
from tests.factories import recorded_at_once
from tests.signing_in import as_role
from tests.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from demo.walk import Walk

pytestmark = needs_chromium

CITY = (
    ("pengelola@padang.example", factories.PEMKOT, "manager"),
    ("satu@padang.example", factories.PEMKOT, "officer"),
    ("dua@padang.example", factories.PEMKOT, "officer"),
    ("satu@bawaslu-padang.example", factories.PADANG, "officer"),
)
People = dict[str, dict[str, Any]]
Ask = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="module")
def staffed(copies: Copies, world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, People]]:
    """A world that is Django's while the module lasts, two officers of each agency of the story, and the city's people.

    One case waits for the city, and one assessment is registered.

    It is made before the browser is: then no loop runs yet in this thread.
    """
    name = copies.make(world.template)
    people: People = {}
    with django_db_blocker.unblock(), using(name):
        with as_role(copies, "owner"):
            for email, agency, role in (*((email, agency, "officer") for agency, email in SIX), *CITY):
                person = {"email": email, "name": f"Petugas {email.split('@')[0]}", "agency": agency, "role": role}
                people[email] = sandbox._made(person, now=timezone.now())
        with recorded_at_once():
            factories.casefile_at(State.RECOMMENDED)
        given = Descriptor(
            type="assessment", title="Kajian", number=ASSESSMENT, media_type="application/pdf", size=9, sha256="ab" * 32
        )
        register(actor=factories.actor(factories.PADANG), given=given, now=timezone.now())
        yield name, people
    copies.drop(name)


@pytest.fixture(scope="module")
def ask(staffed: tuple[str, People]) -> Iterator[Ask]:
    """A way to ask the database in a thread in which no browser's loop runs."""
    with ThreadPoolExecutor(1) as beside:
        yield lambda question: beside.submit(question).result()
        beside.submit(_leave).result()


def _leave() -> None:
    """Close this thread's sessions, those that wait among them: no other thread may use them."""
    sessions.close_on(None)
    connections.close_all()


@pytest.fixture(scope="module")
def served(copies: Copies, staffed: tuple[str, People], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(copies, staffed[0], tmp_path_factory.mktemp("console")) as console:
        yield console


def test_six_people_handle_the_lecturer_s_case_in_their_browsers(
    staffed: tuple[str, People],
    ask: Ask,
    served: Served,
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    desk = Officers(browser, served, staffed[1], tmp_path, ask=ask, look=_faults)
    case = west_sumatra(cast("Walk", desk))
    steps = Transition.objects.filter(casefile=UUID(case.id)).order_by("seq").values_list("name", flat=True)
    assert ask(lambda: list(steps)) == STEPS_OF_THE_LECTURER
    row = ask(lambda: Casefile.objects.get(pk=case.id))
    assert (row.state, row.outcome) == ("closed", "sanctioned")
    assert len({id(officer) for officer in desk.done}) == len(SIX)
    assert desk.happened == MISHAPS
    assert desk.kinds == {"inbox", "casefile", "paper", "finding", "form", "summary", "receipt"}
    assert desk.faults == [], "\n".join(desk.faults)
