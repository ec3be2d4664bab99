"""What an answer says of the caller's quotas, that each kind of call has its own, and that /me lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from api.http import quotas, throttling
from api.http.quotas import Policy
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import BKN, PEMKOT
from tests.partner import Partner, said
from tests.world import World

DESCRIPTOR = {"type": "decision", "title": "Surat", "media_type": "application/pdf", "size": 1, "sha256": "ab" * 32}


@pytest.fixture(autouse=True)
def no_lots() -> Iterator[None]:
    throttling._lots.clear()
    yield
    throttling._lots.clear()


def told(answer: Any) -> tuple[str, int, int, int, int]:
    """Kind, quota, window, what is left, and seconds until it is whole."""
    policy = re.fullmatch(r'"(\w+)";q=(\d+);w=(\d+)', answer["RateLimit-Policy"])
    left = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', answer["RateLimit"])
    assert policy is not None
    assert left is not None
    assert policy[1] == left[1]
    return policy[1], int(policy[2]), int(policy[3]), int(left[2]), int(left[3])


@pytest.mark.parametrize(
    ("ahead", "left", "whole_in"), [(-3.0, 10, 0), (0.0, 10, 0), (0.4, 8, 1), (2.0, 0, 2), (9.0, 0, 9)]
)
def test_what_is_left_of_a_bucket(ahead: float, left: int, whole_in: int) -> None:
    found = Policy("reads", 5.0, 10).left(ahead)
    assert (found.left, found.whole_in) == (left, whole_in)
    assert found.fields() == {"RateLimit-Policy": '"reads";q=10;w=2', "RateLimit": f'"reads";r={left};t={whole_in}'}


@pytest.mark.django_db(transaction=True)
def test_every_call_says_what_is_left_until_nothing_is(world: World, settings: Settings) -> None:
    settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST = 0.01, 3
    examiner = Partner(BKN)
    answers = [examiner.get("/referrals") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [told(answer)[:4] for answer in answers] == [("reads", 3, 300, left) for left in (2, 1, 0, 0)]
    assert 290 <= told(answers[-1])[4] <= 300
    # One permit comes back before all of them do.
    assert 90 <= int(answers[-1]["Retry-After"]) <= 100
    assert_answers(answers[0], "list_referrals")


@pytest.mark.django_db(transaction=True)
def test_who_has_read_too_much_may_write_and_prove_all_the_same(world: World, settings: Settings) -> None:
    settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST = 0.01, 2
    settings.LINTAS_WRITE_BURST, settings.LINTAS_PROOF_BURST = 5, 7
    examiner = Partner(BKN)
    assert [examiner.get("/referrals").status_code for _ in range(3)] == [200, 200, 429]
    made = examiner.post("/documents", DESCRIPTOR)
    assert (made.status_code, told(made)[:4]) == (201, ("writes", 5, 500, 4))
    proved = examiner.get("/log/entries?first=0")
    assert (proved.status_code, told(proved)[:4]) == (200, ("proofs", 7, 700, 6))
    # A search is a reading, though it has a body.
    assert examiner.post("/casefiles/search", {"name": "x", "purpose": "case_handling"}).status_code == 429
    # What one client uses up is its own.
    assert Partner(PEMKOT).get("/referrals").status_code == 200


def test_a_refusal_says_it_too_and_a_stranger_is_told_nothing(db: None, world: World) -> None:
    employer = Partner(PEMKOT)
    assert told(employer.get(f"/casefiles/{factories.OTHER_CASEFILE}"))[0] == "reads"
    assert told(employer.post("/findings", {}))[0] == "writes"
    from tests.partner import call

    for answer in (call("GET", "/referrals"), call("GET", "/referrals", token="x" * 43), call("GET", "/problems")):
        assert "RateLimit" not in answer
        assert "RateLimit-Policy" not in answer


def test_without_limits_nothing_is_said(db: None, world: World, settings: Settings) -> None:
    settings.LINTAS_RATE_PER_SECOND = settings.LINTAS_TOKEN_RATE_PER_SECOND = 0
    answer = Partner(BKN).get("/me")
    assert "RateLimit" not in answer
    assert said(answer)["quotas"] == []


def test_me_lists_all_quotas_by_one_statement(db: None, world: World, settings: Settings) -> None:
    from django.db import connection

    settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST = 0.01, 100
    settings.LINTAS_WRITE_BURST = 50
    examiner = Partner(BKN)
    examiner.post("/documents", DESCRIPTOR)
    answer = examiner.get("/me")
    assert_answers(answer, "read_me")
    found = {one["kind"]: one for one in said(answer)["quotas"]}
    assert list(found) == ["reads", "writes", "proofs", "uploads", "token"]
    # A process draws twenty-five at a time.
    assert (found["reads"]["limit"], found["reads"]["window_seconds"], found["reads"]["remaining"]) == (100, 10000, 75)
    assert (found["writes"]["limit"], found["writes"]["remaining"]) == (50, 25)
    assert found["proofs"]["remaining"] == 100
    with CaptureQueriesContext(connection) as statements:
        quotas.of(1)
    assert len(statements) == 1
