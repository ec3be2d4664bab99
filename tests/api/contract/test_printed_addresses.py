"""Whoever follows an address of an answer arrives somewhere: of casefiles, lists, timelines and refusals alike."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from django.conf import settings
from django.test import Client as Browser

from casefiles.flow import State
from tests import factories
from tests.factories import BKN, PEMKOT, casefile_at
from tests.partner import Partner, said
from tests.world import World

BEGIN = (
    "/api/v1", "/api/v1/me", "/api/v1/casefiles?limit=2", "/api/v1/findings", "/api/v1/referrals", "/api/v1/documents",
    "/api/v1/preventions", "/api/v1/zero-reports", "/api/v1/agencies?limit=2", "/api/v1/mandates",
    "/problems/not-found",
)  # fmt: skip
_NAMED = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+|cursor=.*")


def addresses(value: Any) -> Iterator[str]:
    """Every address of ours in an answer."""
    if isinstance(value, dict):
        # What a transition is performed at takes no GET.
        yield from addresses([inner for name, inner in value.items() if name != "available"])
    elif isinstance(value, list):
        for inner in value:
            yield from addresses(inner)
    elif isinstance(value, str) and re.fullmatch(f"({re.escape(settings.LINTAS_BASE_URL)})?/[^ *{{]*", value):
        yield value


@pytest.mark.parametrize("agency", [BKN, PEMKOT])
def test_every_address_in_an_answer_leads_somewhere(db: None, world: World, agency: str) -> None:
    casefile_at(State.CLOSED)
    told = casefile_at(State.RECOMMENDED)
    casefile_at(State.SUBMITTED)
    factories.zero_report()
    party = Partner(agency)
    refused = party.post(f"/casefiles/{told.casefile}/accept", {"examiner": 1}, version=1)
    waiting, seen = deque([*BEGIN, f"/api/v1/casefiles/{told.casefile}", *addresses(said(refused))]), set[str]()
    lost = []
    while waiting:
        parts = urlsplit(waiting.popleft())
        kind = _NAMED.sub("*", f"{parts.path}?{parts.query}")
        if kind in seen or not parts.path.startswith("/"):
            continue
        seen.add(kind)
        answer = Browser().get(
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            headers={"Authorization": f"Bearer {party.token}"},
        )
        body = orjson.loads(answer.content) if "json" in answer.headers.get("Content-Type", "") else None
        if answer.status_code >= 500 or (isinstance(body, dict) and body.get("code") == "unknown-route"):
            lost.append((answer.status_code, parts.path))
        # The contract's own examples name things that are not here.
        waiting.extend(() if "openapi" in parts.path else addresses(body))
    assert lost == []
    assert len(seen) > 40, "enough of them were found to follow"
