"""`/docs` serves the site that was built, and nothing beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from tests.partner import said

HASH = "'sha256-abc='"


@pytest.fixture
def site(tmp_path: Path, settings: Settings) -> Path:
    """A site of a page, a script and a folder."""
    home = tmp_path / "site"
    (home / "docs").mkdir(parents=True)
    (home / "index.html").write_text("<h1>Lintas</h1>")
    (home / "docs" / "flow.html").write_text("<h1>Alur</h1>")
    (home / "search.js").write_text("1")
    (home / "policy.json").write_text(json.dumps({"script-src": [HASH], "style-src": []}))
    (tmp_path / "secret.txt").write_text("secret")
    settings.LINTAS_DOCS = str(home)
    return home


@pytest.mark.usefixtures("site")
def test_a_page_comes_with_a_policy_that_names_its_scripts() -> None:
    answer = Browser().get("/docs/")
    assert (answer.status_code, answer.content) == (200, b"<h1>Lintas</h1>")
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    policy = {part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split(";")}
    assert policy["script-src"] == ["'self'", HASH]
    assert policy["style-src"] == ["'self'"]
    assert policy["default-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert Browser().get("/docs/search.js")["Content-Type"].startswith("text/javascript")
    assert Browser().get("/docs/docs/flow.html").status_code == 200
    assert Browser().get("/docs")["Location"] == "/docs/"
    unchanged = Browser().get("/docs/", headers={"If-None-Match": answer["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("path", ["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "policy.json", "none.html"])
def test_nothing_else_is_served(path: str) -> None:
    answer = Browser().get(f"/docs/{path}")
    assert (answer.status_code, said(answer)["code"]) in {(404, "not-found"), (404, "unknown-route")}


def test_a_link_out_of_the_site_is_not_followed(site: Path) -> None:
    (site / "out.txt").symlink_to(site.parent / "secret.txt")
    assert Browser().get("/docs/out.txt").status_code == 404


def test_where_nothing_was_built_there_is_no_such_route(settings: Settings, tmp_path: Path) -> None:
    for home in ("", str(tmp_path)):
        settings.LINTAS_DOCS = home
        answer = Browser().get("/docs/")
        assert (answer.status_code, said(answer)["code"]) == (404, "unknown-route")
    # The documentation of every call is another page.
    assert Browser().get("/api/docs").status_code == 200
