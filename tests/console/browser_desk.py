"""The lecturer's case as people walk it in Chromium: every officer has another kind of browser, and mishaps happen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from playwright.sync_api import Error, Page

from casefiles.models import Casefile, Document, Referral
from dev import screens
from tests.console import paper_forms
from tests.console.desk_walk import CHECK, enter, tab_to
from tests.console.test_desk_lecturer import SIX, Desk, as_written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from demo.walk import Case, Then

T = TypeVar("T")
CONFIRM: Final = "button[value=confirm]"
RECEIPT: Final = "**/meja/tanda-terima/*"
MISHAPS: Final = {"session over", "double click", "back button", "two tabs", "somebody else acted"}


class Mode(NamedTuple):
    """A kind of browser, and of using it."""

    width: int
    scripts: bool
    keys: bool

    @property
    def size(self) -> Any:
        """The window's, in CSS pixels."""
        return {"width": self.width, "height": 800}


MODES: Final = (
    Mode(360, scripts=True, keys=False),
    Mode(1280, scripts=False, keys=True),
    Mode(360, scripts=False, keys=False),
    Mode(1280, scripts=True, keys=False),
    Mode(360, scripts=True, keys=True),
    Mode(1280, scripts=False, keys=False),
)
"""Those of the six people, in their order: two of each agency."""


@dataclass(eq=False)
class Officer:
    """Somebody at their browser, signed in."""

    page: Page
    person: Mapping[str, Any]
    mode: Mode

    def presses(self, selector: str, *, then: str) -> None:
        """Press that button or follow that link, by mouse or by key, on to a page that has what follows."""
        if self.mode.keys:
            tab_to(self.page, selector)
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        else:
            self.page.click(selector)
        self.page.wait_for_selector(then)

    def answers(self, name: str, values: list[str]) -> None:
        """Put that into the question of that name."""
        selector = f"form.desk [name='{name}']:not([type=hidden])"
        kind = self.page.locator(selector).first.evaluate("one => one.tagName + ' ' + one.type")
        if "checkbox" in kind:
            for value in values:
                self._ticks(f"{selector}[value='{value}']")
        elif kind.startswith("SELECT"):
            self._chooses(selector, values[0])
        elif self.mode.keys:
            tab_to(self.page, selector)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text("; ".join(values))
        else:
            self.page.fill(selector, "; ".join(values))

    def _ticks(self, box: str) -> None:
        if self.mode.keys and not self.page.is_checked(box):
            tab_to(self.page, box)
            self.page.keyboard.press("Space")
        else:
            self.page.check(box)
        assert self.page.is_checked(box)

    def _chooses(self, selector: str, value: str) -> None:
        if not self.mode.keys:
            self.page.select_option(selector, value)
            return
        tab_to(self.page, selector)
        for _ in range(self.page.locator(f"{selector} option").count()):
            if self.page.input_value(selector) == value:
                return
            self.page.keyboard.press("ArrowDown")
        assert self.page.input_value(selector) == value

    def fills_in(self, said: Mapping[str, list[str]]) -> None:
        """Answer every question of the form, from its beginning to its end; rows that are missing are asked for."""
        while missing := sorted(name for name in said if not self.page.locator(f"[name='{name}']").count()):
            grows = re.sub(r"[.][0-9]+[.][^.]+$", "", missing[0])
            assert grows != missing[0], f"{self.page.url} does not ask for {missing}"
            self.presses(f"button[name=_grow][value='{grows}']", then=f"[name='{missing[0]}']")
        asked = self.page.eval_on_selector_all("form.desk [name]", "all => all.map(one => one.name)")
        for name in sorted(said, key=asked.index):
            self.answers(name, said[name])

    def shows(self, said: Mapping[str, list[str]]) -> None:
        """What was typed stands in the form."""
        for name, values in said.items():
            box = self.page.locator(f"input:not([type=checkbox])[name='{name}'], textarea[name='{name}']")
            if box.count() == 1 and len(values) == 1:
                assert values[0] in box.input_value(), name

    def signs_in(self, url: str, owner: str) -> None:
        """With both factors."""
        with psycopg.connect(owner, autocommit=True) as connection:
            # A code serves once, and the same person may have signed in within this half minute.
            connection.execute("DELETE FROM people_cache")
        screens.sign_in(self.page, url, self.person, screens.code_now(self.person["totp_secret"]))


class Officers(Desk):
    """The demo's walk, where every step is somebody's in a browser of their own. Colleagues take turns.

    `ask` puts a question to the database in a thread that has no browser: Playwright's loop runs in this one, and
    Django would take another connection here. `look` tells the faults of a page that it is shown.
    """

    def __init__(
        self, browser: Browser, served: Any, people: Mapping[str, Mapping[str, Any]], folder: Path,
        *, ask: Callable[[Callable[[], Any]], Any], look: Callable[[Page, str], list[str]],
    ) -> None:  # fmt: skip
        self.screen = SimpleNamespace(chapter=lambda says: None)
        self.case: Case | None = None
        self.done: list[Officer] = []
        self.url, self.folder, self.ask, self.look = served.url, folder, ask, look
        self.owner = served.owner
        self.faults: list[str] = []
        self.kinds: set[str] = set()
        self.happened: set[str] = set()
        self.officers: dict[str, list[Officer]] = {}
        for (agency, email), mode in zip(SIX, MODES, strict=True):
            page = browser.new_context(viewport=mode.size, java_script_enabled=mode.scripts).new_page()
            officer = Officer(page, people[email], mode)
            officer.signs_in(self.url, self.owner)
            self.officers.setdefault(agency, []).append(officer)

    def asked(self, question: Callable[[], T]) -> T:
        """What the database says."""
        said: T = self.ask(question)
        return said

    def registers(self, agency: str, kind: str, title: str, *, number: str, date: str, **more: str) -> str:
        """Register a paper with its file; its id."""
        officer = self.officers[agency][0]
        officer.page.goto(f"{self.url}/meja/{self.case.id if self.case else 'temuan'}/dokumen")
        self._looked_at("paper", officer)
        file = self.folder / "paper.pdf"
        file.write_bytes(f"%PDF-1.7\n{title} {number}\n%%EOF\n".encode())
        officer.page.set_input_files("#f-file", file)
        officer.fills_in({"type": [kind], "title": [title], "number": [number], "date": [as_written(date)]})
        officer.fills_in({name: [value] for name, value in more.items()})
        with officer.page.expect_navigation():
            officer.presses("form.desk p.take button", then="main")
        assert "/dokumen" not in officer.page.url, officer.page.inner_text("main")
        return self.asked(lambda: str(Document.objects.get(type=kind, number=number).pk))

    uploads = registers

    def performs(
        self, agency: str, case: Case, transition: str, given: Mapping[str, Any], says: object, then: Then,
        shows: Any = None,
    ) -> None:  # fmt: skip
        """From the inbox, where it waits, to the case, to the act, to its receipt."""
        page = self.officers[agency][0].page
        turn = self.asked(lambda: Referral.objects.get(casefile=UUID(case.id), status="open").to_agency.code)
        page.goto(f"{self.url}/meja")
        assert page.locator(f"main a[href='/meja/{case.id}']").count() == (turn == agency)
        self._looked_at("inbox", self.officers[agency][0])
        page.goto(f"{self.url}/meja/{case.id}")
        assert page.locator(f"a[href='/meja/{case.id}/{transition}']").count() == 1
        self._looked_at("casefile", self.officers[agency][0])
        self._done(agency, f"/meja/{case.id}/{transition}", given)
        case.version += 1
        self._stands(then)

    def _done(self, agency: str, where: str, given: Mapping[str, Any]) -> None:
        """Fill in, check, confirm, with what may happen on the way; the colleague's turn is next."""
        officer, *others = self.officers[agency]
        self.officers[agency] = [*others, officer]
        act = where.rpartition("/")[2]
        said = {name: [as_written(one) for one in values] for name, values in paper_forms.typed(given) if values}
        beside = self._tab_beside(officer, others[0], act, where, said)
        officer.page.goto(self.url + where)
        officer.fills_in(said)
        self._looked_at("finding" if act == "temuan" else "form", officer)
        if act == "identify":
            self._after_the_session(officer, said)
        officer.presses(CHECK, then=f"{CONFIRM}, [role=alert]")
        assert officer.page.locator(CONFIRM).count() == 1, officer.page.inner_text("main")
        self._looked_at("summary", officer)
        if act == "return":
            officer.page.dblclick(CONFIRM)
            self.happened.add("double click")
        else:
            officer.presses(CONFIRM, then="main a[download]")
        officer.page.wait_for_url(RECEIPT)
        self._looked_at("receipt", officer)
        self.done.append(officer)
        if act == "complete":
            self._goes_back(officer)
        if beside is not None:
            self._too_late(beside, act, said)

    def _looked_at(self, kind: str, officer: Officer) -> None:
        """Axe, and narrow and wide windows, once on each kind of page; as soon as somebody with scripts is on it."""
        if kind in self.kinds or not officer.mode.scripts:
            return
        self.kinds.add(kind)
        self.faults += self.look(officer.page, kind)
        officer.page.set_viewport_size(officer.mode.size)

    # -- mishaps -------------------------------------------------------------------------------------------------------

    def _after_the_session(self, officer: Officer, said: Mapping[str, list[str]]) -> None:
        """The session is over when the form is sent: it waits until its person has signed in again."""
        page = officer.page
        page.context.clear_cookies(name=re.compile("session"))
        officer.presses(CHECK, then="input[name=password]")
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute("DELETE FROM people_cache")
        page.fill("input[name=login]", officer.person["email"])
        page.fill("input[name=password]", officer.person["password"])
        enter(page, "main button", then="input[name=code]")
        page.fill("input[name=code]", screens.code_now(officer.person["totp_secret"]))
        enter(page, "main button", then="form.desk")
        assert "lanjut=" in page.url
        officer.shows(said)
        self.happened.add("session over")

    def _goes_back(self, officer: Officer) -> None:
        """Back to the summary, which the browser asks for anew: the first receipt, and nothing twice."""
        page, receipt, before = officer.page, officer.page.url, self._version()
        try:
            page.go_back()
        except Error as why:
            # What was sent is not kept by the browser; it asks whether to send it again.
            if "ERR_CACHE_MISS" not in why.message:
                raise
            _loaded_again(page)
        if page.locator(CONFIRM).count():
            officer.presses(CONFIRM, then="main a[download]")
        assert page.url == f"{receipt}?lagi=1"
        assert "tidak ada yang dicatat dua kali" in page.inner_text("main")
        assert self._version() == before
        self.happened.add("back button")

    def _tab_beside(
        self, officer: Officer, colleague: Officer, act: str, where: str, said: Mapping[str, list[str]]
    ) -> Officer | None:
        """The same form, filled in and summed up, in another tab of this officer, or at the colleague's."""
        if act == "accept":
            beside = Officer(officer.page.context.new_page(), officer.person, officer.mode)
        elif act == "note":
            beside = colleague
        else:
            return None
        beside.page.goto(self.url + where)
        beside.fills_in(said)
        beside.presses(CHECK, then=CONFIRM)
        return beside

    def _too_late(self, beside: Officer, act: str, said: Mapping[str, list[str]]) -> None:
        """What was summed up before somebody else acted is not done: it says what happened, and keeps the form."""
        before = self._version()
        beside.presses(CONFIRM, then="[role=alert]")
        told = beside.page.inner_text("main")
        assert "Sementara itu perkara ini berubah" in told
        assert "Tidak ada yang tercatat" in told
        beside.shows(said)
        assert self._version() == before
        self.faults += self.look(beside.page, f"too late for {act}") if beside.mode.scripts else []
        if act == "accept":
            beside.page.close()
        self.happened.add("two tabs" if act == "accept" else "somebody else acted")

    def _version(self) -> int:
        assert self.case is not None
        ident = self.case.id
        return self.asked(lambda: Casefile.objects.get(pk=ident).version)


def _loaded_again(page: Page) -> None:
    """Reload the browser's own page, which takes a moment until it can be loaded again."""
    for _ in range(40):
        try:
            page.reload()
        except Error as why:
            if "Not attached" not in why.message:
                raise
            page.wait_for_timeout(250)
        else:
            return
    raise AssertionError("the browser's own page could not be loaded again within ten seconds")
