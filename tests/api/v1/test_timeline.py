"""The timeline: what it says of each step beyond what the journeys read."""

from __future__ import annotations

import psycopg
import pytest

from casefiles.flow import State
from tests import factories
from tests.api.answers import assert_answers
from tests.partner import Partner, said
from tests.world import World


@pytest.mark.django_db(transaction=True)
def test_a_step_says_its_place_in_the_log_once_it_has_one(world: World, owner_connection: psycopg.Connection) -> None:
    told, examiner = factories.casefile_at(State.IDENTITY_REQUESTED), Partner(factories.BKN)
    path = f"/casefiles/{told.casefile}/timeline?kind=transition"
    waiting = examiner.get(path)
    assert [item["transition"]["entry"]["index"] for item in said(waiting)["data"]] == [None, None]
    owner_connection.execute(
        "INSERT INTO audit_leaf (index, entry_id, leaf_hash) "
        "SELECT 4711, id, leaf_hash FROM audit_entry WHERE stream = %s AND seq = 1",
        [told.casefile],
    )
    answer = examiner.get(path)
    assert_answers(answer, "read_timeline")
    assert [item["transition"]["entry"]["index"] for item in said(answer)["data"]] == [4711, None]
    assert answer.headers["ETag"] != waiting.headers["ETag"]
