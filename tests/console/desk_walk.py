"""The desk's walk in a browser: from what waits to the receipt, by keyboard, and every page of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

DECREE = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
REPORT = {
    "#f-sanction": "25% 6 bulan",
    "#f-decision-number": "SK.800/12/2026",
    "#f-decision-date": "2 November 2026",
    "#f-decision-legal-basis": "PP 94/2021 pasal 14",
    "#f-official-name": "Pejabat Rekaan",
    "#f-official-position": "Wali Kota",
    "#f-examination-summoned-on": "12 Oktober 2026, 19 Oktober 2026",
    "#f-examination-examined-on": "20 Oktober 2026",
}
CHOSEN = {"#f-examination-by": "team", "#f-examination-attended": "true"}
CHECK = "button[value=check]:not([hidden])"


def reported(page: Page, url: str, case: str, *, folder: Path) -> str:
    """Report a sanction with its decree, by keyboard; the receipt's address. A wrong form first."""
    page.goto(f"{url}/meja")
    enter(page, f"a[href='/meja/{case}']", then="#dapat")
    enter(page, "a[href$='/report-sanction']", then="form.desk")
    enter(page, CHECK, then="[role=alert] li")
    assert page.locator("[role=alert] li").count() >= 3, "an empty form says what is missing"
    tab_to(page, "#f-decision-number")
    page.keyboard.type(REPORT["#f-decision-number"])
    enter(page, "button[value=document]", then="#f-file")
    decree = folder / "sk.pdf"
    decree.write_bytes(DECREE)
    page.set_input_files("#f-file", decree)
    tab_to(page, "#f-type")
    page.keyboard.type("decision")
    tab_to(page, "#f-title")
    page.keyboard.type("Keputusan hukuman disiplin")
    enter(page, "main form button", then="#f-decision-number")
    assert page.input_value("#f-decision-number") == REPORT["#f-decision-number"], "what was typed waited"
    assert page.input_value("#f-decision-document") != ""
    for selector, text in REPORT.items():
        tab_to(page, selector)
        page.fill(selector, "")
        page.keyboard.type(text)
    for selector, value in CHOSEN.items():
        page.select_option(selector, value)
    enter(page, CHECK, then="#akibat, [role=alert]")
    assert "2 November 2026" in page.inner_text("main"), page.inner_text("main")
    enter(page, "button[value=confirm]", then="main a[download]")
    said = page.inner_text("main")
    assert "Tercatat." in said
    with page.expect_download() as taken:
        page.click("main a[download]")
    receipt = json.loads(Path(taken.value.path()).read_text())
    assert receipt["jws"]
    assert receipt["entry"] in said
    return page.url


def every_page(page: Page, url: str, case: str, *, receipt: str) -> Iterator[str]:
    """Open each of the desk's pages in both languages, forms refused and summed up among them; tells where it is."""
    for language in ("id", "en"):
        page.click(f"button[name=language][value={language}]")
        for path in ("/meja", f"/meja/{case}", f"/meja/{case}/record-delivery", f"/meja/{case}/dokumen"):
            page.goto(url + path)
            yield f"{language} {path}"
        page.goto(f"{url}/meja/{case}/record-delivery")
        page.click(CHECK)
        yield f"{language} refused form"
        _delivery(page)
        yield f"{language} summary"
        page.goto(receipt)
        yield f"{language} receipt"


def delivered_by_a_double_click(page: Page, url: str, case: str) -> None:
    """Record the delivery with a double click on the last button."""
    page.goto(f"{url}/meja/{case}/record-delivery")
    _delivery(page)
    page.dblclick("button[value=confirm]")
    page.wait_for_url("**/meja/tanda-terima/*")


def _delivery(page: Page) -> None:
    page.fill("#f-delivered-on", "3/11/2026")
    page.select_option("#f-method", "hand")
    page.click(CHECK)
    assert page.locator("button[value=confirm]").count() == 1, page.inner_text("main")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until that element has the focus."""
    for _ in range(120):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {selector}")


def enter(page: Page, selector: str, *, then: str) -> None:
    """Press Enter on that element, and wait for what the next page has."""
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_selector(then)
