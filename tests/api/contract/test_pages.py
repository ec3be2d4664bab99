"""Every address that we print answers, and every code of a refusal has its page."""

import ast
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from api.contract import problem_catalogue, reasons
from casefiles.flow import days

ROOT = Path(__file__).resolve().parents[3]


def get(address: str, **headers: str) -> Any:
    parts = urlsplit(address)
    return Client().get(f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)


@pytest.mark.parametrize("path", ["/", "/problems", "/problems/"])
def test_the_pages_that_lead_on_lead_somewhere(path: str, db: None, world: object) -> None:
    page = get(path, Accept_Language="en")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    links = re.findall('href="(/[^"]*)"', page.content.decode())
    assert len(links) > 7
    for link in [link for link in links if not link.startswith("/static")][:: 1 if path == "/" else 9]:
        assert get(link).status_code in {200, 404 if link.endswith("checkpoint") else 200}, link


def test_every_address_that_the_service_prints_answers(db: None, world: object) -> None:
    printed = [
        *json.loads(get("/api/v1").content)["links"].values(),
        *re.findall(r"https?://[^\"]+", get("/.well-known/api-catalog").content.decode()),
        *re.findall(r"https?://[^\s]+", get("/.well-known/security.txt").content.decode()),
        *re.findall(r"https?://[^\"]+", get("/.well-known/oauth-authorization-server").content.decode()),
        f"{settings.LINTAS_BASE_URL}/log/1",
    ]
    ours = [address for address in printed if address.startswith(settings.LINTAS_BASE_URL)]
    assert len(ours) > 20
    for address in ours:
        answer = get(address)
        known = answer.status_code != 404 or json.loads(answer.content)["code"] not in {"unknown-route"}
        assert known, address


def test_the_feeds_source_leads_to_the_checkpoint_of_this_log_only() -> None:
    assert get("/log/1")["Location"] == "/api/v1/log/checkpoint"
    assert get("/log/2").status_code == 404


def codes_in_the_source() -> set[str]:
    """The first words of whatever is called to refuse, wherever it stands."""
    found = set()
    for folder in ("api", "casefiles", "agencies"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                # `reader.refuse(at, code)` names the place first; the catalogue's own `refuse` speaks to operators.
                place = {"Refusal": 0, "Fault": 0, "ErrorItem": 0, "Reason": 0, "_Malformed": 0, "refuse": 1}.get(name)
                if place is None or len(node.args) <= place:
                    continue
                word = node.args[place]
                if isinstance(word, ast.Constant) and isinstance(word.value, str) and " " not in word.value:
                    found.add(word.value)
    return found


def test_every_code_of_errors_has_its_page() -> None:
    codes = codes_in_the_source() | set(problem_catalogue.load().items) | days.SENTENCES.keys()
    assert len(codes) > 200
    kinds = problem_catalogue.load().kinds
    assert sorted(codes - reasons.load().keys() - kinds.keys()) == []
    assert kinds.keys() & reasons.load().keys() == {"token-missing"}, "one address, one page: that of the problem"


def test_the_page_of_a_code_says_what_is_said_with_it() -> None:
    page = get("/problems/accepted-already", Accept_Language="en").content.decode()
    assert page.index("The case was accepted already.") < page.index("Perkara sudah diterima pemeriksa.")
    assert "<script" not in page
    assert "unknown field" not in page
    assert get("/problems/unknown-field").status_code == 200
    assert get("/problems/nope").status_code == 404
