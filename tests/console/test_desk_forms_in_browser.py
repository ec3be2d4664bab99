"""Every act's form in Chromium, in both languages with its example: what it looks like, and what it sends.

In `./run drill` and in CI, as Chromium computes half a minute for it. The same forms without a browser:
`test_desk_forms.py`.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation

from api.contract import schemas
from casefiles.catalogue import book
from console import words
from tests.chromium import needs_chromium
from tests.console.paper_forms import typed
from tests.console.test_browser import _faults, browser  # noqa: F401 - the browser is a fixture
from tests.console.test_desk_forms import SHAPES, drawn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [
    needs_chromium,
    pytest.mark.drill,
    pytest.mark.skipif(os.environ.get("LINTAS_DRILL") != "long", reason="every form in a browser: ./run drill"),
]

DESK = "http://desk.example"
SENT = "() => [...new FormData(document.querySelector('form.desk'))].map(([name, value]) => [name, String(value)])"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """What a page of that path is."""
    return {}


@pytest.fixture(scope="module")
def page(browser: Browser, pages: Mapping[str, str]) -> Iterator[Page]:  # noqa: F811
    """A window that is answered from `pages`, with the console's own styles and scripts."""
    opened = browser.new_page()

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if path in pages:
            route.fulfill(body=pages[path], content_type="text/html; charset=utf-8")
        elif isinstance(file, str):
            route.fulfill(path=file, content_type=mimetypes.guess_type(file)[0])
        else:
            route.fulfill(status=404)

    opened.route("**/*", answer)
    yield opened
    opened.close()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_browser_sends_the_example_back(name: str, language: str, page: Page, pages: dict[str, str]) -> None:
    shape = SHAPES[name]
    example = schemas.example_of(shape, catalogue=book.load())
    with translation.override(language):
        form = drawn(shape, dict(typed(example)))
        said = {"form": form, "title": words.step(name), "action": "/", "back": "/", "ticket": "sealed"}
        said |= {"language": language}
        pages[f"/{language}/{name}"] = render_to_string("console/desk/form.html", said)
        page.goto(f"{DESK}/{language}/{name}")
        assert page.locator("link[rel=stylesheet]").evaluate("one => one.sheet.cssRules.length") > 0
        assert _faults(page, name) == []
        assert drawn(shape, _sent(page)).body() == {member: value for member, value in example.items() if value != []}


def _sent(page: Page) -> dict[str, list[str]]:
    """What the browser would send, but for the form's own seal."""
    sent: dict[str, Any] = {}
    for name, value in page.evaluate(SENT):
        if name not in ("_ticket", "csrfmiddlewaretoken"):
            sent.setdefault(name, []).append(value)
    return sent
