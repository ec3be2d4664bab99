"""The lecturer's case as people walk it in Chromium: every officer's browser is another kind of browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from casefiles.models import Casefile, Document, Referral
from dev import screens
from tests.console import paper_forms
from tests.console.desk_walk import CHECK
from tests.console.test_desk_lecturer import SIX, Desk, _as_written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MODES: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 360, "height": 800}},
    {"viewport": {"width": 360, "height": 800}, "java_script_enabled": False},
    {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
)
"""A phone with and without scripts, and a window without; the people take them in turn."""


class Officers(Desk):
    """The demo's walk, where every step is somebody's in a browser of their own. Colleagues take turns."""

    def __init__(
        self, browser: Browser, served: Any, people: Mapping[str, Mapping[str, Any]], folder: Path,
        look: Callable[[Page, str], list[str]],
    ) -> None:  # fmt: skip
        self.screen = type("Silent", (), {"chapter": staticmethod(lambda says: None)})()
        self.case = None
        self.receipts = []
        self.url, self.owner, self.folder, self.look = served.url, served.owner, folder, look
        self.faults: list[str] = []
        self.happened: list[str] = []
        self.pages: dict[str, list[Page]] = {}
        self.who: dict[Page, Mapping[str, Any]] = {}
        for number, (agency, email) in enumerate(SIX):
            page = browser.new_context(**MODES[number % len(MODES)]).new_page()
            screens.sign_in(page, self.url, people[email], screens.code_now(people[email]["totp_secret"]))
            self.who[page] = people[email]
            self.pages.setdefault(agency, []).append(page)

    def registers(self, agency: str, kind: str, title: str, *, number: str, date: str, **more: str) -> str:
        """Register a paper with its file; its id."""
        page = self.pages[agency][0]
        page.goto(f"{self.url}/meja/{self.case.id}/dokumen" if self.case else f"{self.url}/meja/temuan/dokumen")
        file = self.folder / "paper.pdf"
        file.write_bytes(f"%PDF-1.7\n{title} {number}\n%%EOF\n".encode())
        page.set_input_files("#f-file", file)
        for name, value in {"type": kind, "title": title, "number": number, "date": _as_written(date), **more}.items():
            self._answers(page, name, [value])
        page.click("main form.desk button.button:visible")
        assert "/dokumen" not in page.url, page.inner_text("main")
        return str(Document.objects.get(type=kind, number=number).pk)

    uploads = registers

    def performs(
        self, agency: str, case: Any, transition: str, given: Mapping[str, Any], says: object, then: Any,
        shows: Any = None,
    ) -> None:  # fmt: skip
        """From the inbox to the case, to the act, to its receipt."""
        page = self.pages[agency][0]
        page.goto(f"{self.url}/meja")
        turn = Referral.objects.get(casefile=UUID(case.id), status="open").to_agency.code
        assert page.locator(f"a[href='/meja/{case.id}']").count() == (turn == agency)
        page.goto(f"{self.url}/meja/{case.id}")
        assert page.locator(f"a[href='/meja/{case.id}/{transition}']").count() == 1
        self._done(agency, f"/meja/{case.id}/{transition}", given)
        case.version += 1
        self._stands(then)

    def _done(self, agency: str, where: str, given: Mapping[str, Any]) -> None:
        page, *others = self.pages[agency]
        self.pages[agency] = [*others, page]
        page.goto(self.url + where)
        said = {name: [_as_written(one) for one in values] for name, values in paper_forms.typed(given) if values}
        while missing := [name for name in sorted(said) if not page.locator(f"[name='{name}']").count()]:
            page.click(f"button[name=_grow][value='{re.sub(r'[.][0-9]+[.][^.]+$', '', missing[0])}']")
        for name, values in said.items():
            self._answers(page, name, values)
        number = len(self.receipts)
        if number == 3:
            self._after_the_session(page, said)
        self.faults += self.look(page, where) if number % 3 == 0 else []
        page.click(CHECK)
        assert page.locator("button[value=confirm]").count() == 1, page.inner_text("main")
        self.faults += self.look(page, f"{where} summed up") if number % 3 == 1 else []
        if number % 3 == 2:
            page.dblclick("button[value=confirm]")
            self.happened.append("double click")
        else:
            page.focus("button[value=confirm]")
            page.keyboard.press("Enter")
            self.happened.append("by keyboard")
        page.wait_for_url("**/meja/tanda-terima/*")
        self.receipts.append((page, page.url))  # type: ignore[arg-type]  # the other walk keeps clients
        if number == 4:
            self._goes_back(page)
        if number == 5:
            self._beside_somebody(agency, where)

    def _after_the_session(self, page: Page, said: Mapping[str, list[str]]) -> None:
        """The session is over when the form is sent: it waits until its person has signed in again."""
        page.context.clear_cookies(name=re.compile("session"))
        page.click(CHECK)
        assert "/masuk" in page.url
        forget_codes(self.owner)
        person = self.who[page]
        page.fill("input[name=login]", person["email"])
        page.fill("input[name=password]", person["password"])
        page.click("main button")
        page.fill("input[name=code]", screens.code_now(person["totp_secret"]))
        page.click("main button")
        page.wait_for_url("**lanjut=*")
        for name, values in said.items():
            box = page.locator(f"input:not([type=checkbox])[name='{name}'], textarea[name='{name}']")
            if box.count() == 1 and len(values) == 1:
                assert values[0] in box.input_value(), name
        self.happened.append("session over")

    def _goes_back(self, page: Page) -> None:
        """Back to the summary, and the same button once more: the first receipt."""
        receipt, before = page.url, Casefile.objects.get().version
        page.go_back()
        if page.locator("button[value=confirm]").count():
            page.click("button[value=confirm]")
            page.wait_for_url("**/meja/tanda-terima/*")
            assert page.url.partition("?")[0] == receipt
            assert "tidak ada yang dicatat dua kali" in page.inner_text("main")
        assert Casefile.objects.get().version == before
        self.happened.append("back button")

    def _beside_somebody(self, agency: str, where: str) -> None:
        """A colleague's tab of before: the act is not offered any more, and nothing is doubled."""
        page, before = self.pages[agency][0], Casefile.objects.get().version
        answer = page.goto(self.url + where)
        assert answer is not None
        assert answer.status in {200, 404}
        assert Casefile.objects.get().version == before
        self.happened.append("somebody else acted")

    def _answers(self, page: Page, name: str, values: list[str]) -> None:
        """Put that into the question of that name."""
        box = page.locator(f"[name='{name}']:not([type=hidden])")
        kind = box.first.evaluate("one => one.tagName + ' ' + one.type")
        if "checkbox" in kind:
            for value in values:
                page.check(f"[name='{name}'][value='{value}']")
        elif kind.startswith("SELECT"):
            page.select_option(f"select[name='{name}']", values[0])
        else:
            box.first.fill("; ".join(values))


def forget_codes(owner: str) -> None:
    """A code serves once, and the same person may have signed in within this half minute."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("DELETE FROM people_cache")
