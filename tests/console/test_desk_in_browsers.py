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

from casefiles.intake.documents import Descriptor, register
from casefiles.models import Casefile, Transition
from demo.lecturer import STEPS_OF_THE_LECTURER, west_sumatra
from people import sandbox
from tests import factories
from tests.chromium import needs_chromium
from tests.conftest import Copies, using
from tests.console.browser_desk import CONFIRM, MISHAPS, MODES, Mode, Officer, Officers
from tests.console.test_browser import Served, _faults, browser, serving  # noqa: F401 - the browser is a fixture
from tests.console.test_desk_lecturer import SIX
from tests.console.test_desk_many import ASSESSMENT, filled, found
from tests.signing_in import as_role
from tests.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from demo.walk import Walk

pytestmark = needs_chromium

OFFICE = "satu@bawaslu-padang.example"
People = dict[str, dict[str, Any]]
Ask = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="module")
def staffed(copies: Copies, world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, People]]:
    """A world that is Django's while the module lasts, and its people: two officers of each agency of the
    story, and one of an office that has registered an assessment.

    It is made before the browser is: then no loop runs yet in this thread.
    """
    name = copies.make(world.template)
    people: People = {}
    with django_db_blocker.unblock(), using(name):
        with as_role(copies, "owner"):
            for agency, email in (*SIX, (factories.PADANG, OFFICE)):
                person = {"email": email, "name": f"Petugas {email.split('@')[0]}", "agency": agency, "role": "officer"}
                people[email] = sandbox._made(person, now=timezone.now())
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
        beside.submit(connections.close_all).result()


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


def arrived(browser: Browser, served: Served, person: dict[str, Any], mode: Mode) -> Officer:  # noqa: F811
    """Somebody who has signed in in a browser of that kind."""
    page = browser.new_context(viewport=mode.size, java_script_enabled=mode.scripts).new_page()
    officer = Officer(page, person, mode)
    officer.signs_in(served.url, served.owner)
    return officer


def seen(officer: Officer, where: str) -> list[str]:
    """The faults of that page in Indonesian and in English; it stands in Indonesian then."""
    faults = []
    for language in ("en", "id"):
        officer.page.click(f"button[name=language][value={language}]")
        assert officer.page.get_attribute("html", "lang") == language
        faults += _faults(officer.page, f"{language} {where}")
    officer.page.set_viewport_size(officer.mode.size)
    return faults


def test_many_findings_are_forwarded_in_a_browser(
    staffed: tuple[str, People],
    served: Served,
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    """A sheet that is none, one with a wrong row, and its right row forwarded."""
    officer = arrived(browser, served, staffed[1][OFFICE], MODES[0])
    page, sheet = officer.page, tmp_path / "temuan.xlsx"
    page.goto(f"{served.url}/meja")
    officer.presses("a[href='/meja/temuan/daftar']", then="#f-file")
    faults = seen(officer, "sheet")
    for content, then in ((b"PK", "[role=alert]"), (filled([found("101/TM"), found("102/TM", known_on="x")]), CONFIRM)):
        sheet.write_bytes(content)
        page.set_input_files("#f-file", sheet)
        officer.presses("button[value=check]", then=then)
        faults += _faults(page, f"sheet answered with {then}")
    officer.presses(CONFIRM, then="a[href*='tanda-terima']")
    faults += _faults(page, "sheet forwarded")
    assert page.locator("tbody .on-time").count() == page.locator("tbody .late").count() == 1
    assert faults == [], "\n".join(faults)
