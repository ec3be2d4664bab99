"""Six people handle the lecturer's case in Chromium: with scripts and without, on a phone's width, and by keyboard.

Then a manager switches four eyes on, and what one officer drafts another performs, each with another kind of browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
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
from tests import factories
from tests.chromium import needs_chromium
from tests.conftest import Copies, using
from tests.console.browser_desk import CONFIRM, MISHAPS, MODES, Mode, Officer, Officers
from tests.console.desk_walk import CHECK, tab_to
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
# Of an agency that has no part in the lecturer's case. The second is to become an officer.
MANAGER, FIRST, SECOND = (f"{place}@pemkot-padang.example" for place in ("pengelola", "satu", "dua"))
STAFF = (
    *((agency, email, "officer") for agency, email in (*SIX, (factories.PADANG, OFFICE), (factories.PEMKOT, FIRST))),
    (factories.PEMKOT, MANAGER, "manager"),
    (factories.PEMKOT, SECOND, "reader"),
)
PHONE, DESKTOP = Mode(360, scripts=False, keys=True), Mode(1280, scripts=True, keys=False)
DRAFT = "button[value=draft]"
ACKNOWLEDGE = {
    "received_on": ["30 Oktober 2024"],
    "received_by.name": ["Rina Rekaan"],
    "received_by.position": ["Kepala BKPSDM"],
}
NOTE = {"code": ["team_formed"], "date": ["31 Oktober 2024"], "text": ["Tim sudah dibentuk."]}
People = dict[str, dict[str, Any]]
Ask = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="module")
def staffed(copies: Copies, world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, People]]:
    """A world that is Django's while the module lasts, and its people: two officers of each agency of the
    story, one of an office that has registered an assessment, and those of a city that is to want four eyes.

    It is made before the browser is: then no loop runs yet in this thread.
    """
    name = copies.make(world.template)
    people: People = {}
    with django_db_blocker.unblock(), using(name):
        with as_role(copies, "owner"):
            for agency, email, role in STAFF:
                person = {"email": email, "name": f"Petugas {email.split('@')[0]}", "agency": agency, "role": role}
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
    """The faults of that page in both languages; it stands in the other one then."""
    page = officer.page
    language, path = page.get_attribute("html", "lang"), urlsplit(page.url).path
    faults = _faults(page, f"{language} {where}")
    other = "en" if language == "id" else "id"
    page.click(f"button[name=language][value={other}]")
    assert (page.get_attribute("html", "lang"), urlsplit(page.url).path) == (other, path)
    faults += _faults(page, f"{other} {where}")
    page.set_viewport_size(officer.mode.size)
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


def switched_on(manager: Officer, browser: Browser, served: Served) -> list[str]:  # noqa: F811
    """Four eyes, by keys and without a script; then off and on again by mouse. With one officer the page warns.

    Returns the faults of the page.
    """
    page = manager.page
    state = page.context.storage_state()
    narrow = browser.new_context(viewport=PHONE.size, java_script_enabled=False, storage_state=state).new_page()
    narrow.goto(f"{served.url}/orang")
    warning = "Empat mata memerlukan dua petugas yang aktif; petugas aktif instansi Anda: 1."
    assert narrow.inner_text("p.notice").startswith(warning)
    Officer(narrow, manager.person, PHONE).presses("button[name=four_eyes]", then="button[value=one]")
    assert "Sekarang: menyala sejak" in narrow.inner_text("main")
    page.goto(f"{served.url}/orang")
    assert page.inner_text("p.notice").startswith(warning)
    faults = seen(manager, "four eyes with one officer")
    manager.presses(f"tr:has-text('{SECOND}') button[name=role_of]", then="[role=status]")
    assert page.locator("p.notice").count() == 0
    for button, then in (("one", "two"), ("two", "one")):
        manager.presses(f"button[name=four_eyes][value={button}]", then=f"button[name=four_eyes][value={then}]")
        assert page.locator("[role=status]").count() == 1
    return faults


def test_a_manager_wants_four_eyes_and_two_officers_act_in_their_browsers(
    staffed: tuple[str, People],
    ask: Ask,
    served: Served,
    browser: Browser,  # noqa: F811
) -> None:
    """Sent back, mended and performed by somebody with scripts; then the other way round, and once withdrawn."""
    faults = switched_on(arrived(browser, served, staffed[1][MANAGER], DESKTOP), browser, served)
    case = ask(lambda: str(factories.casefile_at(State.RECOMMENDED).row.pk))
    phone, desktop = (
        arrived(browser, served, staffed[1][email], mode) for email, mode in ((FIRST, PHONE), (SECOND, DESKTOP))
    )
    begun = ask(lambda: version_of(case))
    draft = drafts(phone, served, f"/meja/{case}/acknowledge", ACKNOWLEDGE)
    opens(desktop, served, draft, then=CONFIRM)
    faults += seen(desktop, "draft that waits")
    sends_back(desktop, "Jabatannya keliru.")
    opens(phone, served, draft, then="button[value=mend]")
    assert "Jabatannya keliru." in phone.page.inner_text("main")
    phone.presses("button[value=mend]", then="form.desk")
    phone.shows({"received_by.name": ["Rina Rekaan"]})
    draft = drafts(phone, served, None, {"received_by.position": ["Wali Kota"]})
    assert ask(lambda: version_of(case)) == begun, "a draft records nothing"
    opens(desktop, served, draft, then=CONFIRM)
    assert "Wali Kota" in desktop.page.inner_text("#isian + dl")
    desktop.presses(CONFIRM, then="main a[download]")
    assert ask(lambda: version_of(case)) == begun + 1

    draft = drafts(desktop, served, f"/meja/{case}/note", NOTE)
    opens(phone, served, draft, then=CONFIRM)
    sends_back(phone, "Kapan?")
    opens(desktop, served, draft, then="button[value=withdraw]")
    faults += seen(desktop, "own draft, sent back")
    desktop.presses("button[value=withdraw]", then="main:not(:has(form))")
    assert "Ditarik kembali oleh perancangnya" in desktop.page.inner_text("main")
    draft = drafts(desktop, served, f"/meja/{case}/note", NOTE)
    opens(phone, served, draft, then=CONFIRM)
    phone.presses(CONFIRM, then="main a[download]")
    desktop.page.reload()
    assert "oleh Petugas satu" in desktop.page.inner_text("main [role=status]")
    faults += seen(desktop, "draft that was performed")
    assert ask(lambda: version_of(case)) == begun + 2
    assert faults == [], "\n".join(faults)


def drafts(officer: Officer, served: Served, where: str | None, said: Mapping[str, list[str]]) -> str:
    """Fill in that form, or the one that is open, and save it as a draft; the draft's path."""
    if where is not None:
        officer.page.goto(served.url + where)
    officer.fills_in(said)
    officer.presses(CHECK, then=DRAFT)
    assert officer.page.locator(CONFIRM).count() == 0
    officer.presses(DRAFT, then="button[value=withdraw]")
    assert officer.page.locator(CONFIRM).count() == 0
    return officer.page.url.removeprefix(served.url)


def opens(officer: Officer, served: Served, draft: str, *, then: str) -> None:
    """From the inbox, where it waits."""
    officer.page.goto(f"{served.url}/meja")
    officer.presses(f"a[href='{draft}']", then=then)


def sends_back(officer: Officer, remark: str) -> None:
    """With that remark; then nothing is left to do on the page."""
    if officer.mode.keys:
        tab_to(officer.page, "#f-remark")
        officer.page.keyboard.type(remark)
    else:
        officer.page.fill("#f-remark", remark)
    officer.presses("button[value=return]", then="main:not(:has(form))")
    assert remark in officer.page.inner_text("main [role=status]")


def version_of(case: str) -> int:
    """How many acts the casefile has seen."""
    return int(Casefile.objects.values_list("version", flat=True).get(pk=case))
