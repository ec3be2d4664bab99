"""The timeline: what it says of each step beyond what the journeys read."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from api.v1 import timeline
from casefiles.flow import State
from casefiles.references import plain
from casefiles.sight.versions import KeptVersion
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


def pages(partner: Partner, path: str) -> list[dict[str, Any]]:
    """Every page of a list, by its own links."""
    found = []
    following: str | None = path
    while following is not None:
        answer = partner.get(following)
        assert_answers(answer, "read_timeline")
        found.append(said(answer))
        following = found[-1]["next"] and found[-1]["next"].removeprefix("/api/v1")
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("kind", ["", "&kind=document", "&kind=referral,document", "&from=2024-10-10"])
def test_pages_of_any_size_are_the_whole(db: None, world: World, limit: int, kind: str) -> None:
    told, examiner = factories.casefile_at(State.RECOMMENDED), Partner(factories.BKN)
    path = f"/casefiles/{told.casefile}/timeline"
    (whole,) = pages(examiner, f"{path}?limit=500{kind}")
    some = pages(examiner, f"{path}?limit={limit}{kind}")
    assert [item for page in some for item in page["data"]] == whole["data"]
    assert all(len(page["data"]) <= limit for page in some)


def test_a_page_reads_no_more_versions_than_it_shows(db: None, world: World) -> None:
    """However long the casefile is: the page's versions, the one before, the newest, and those of `between`."""
    told, examiner = factories.casefile_at(State.CLOSED), Partner(factories.BKN)
    read: list[int] = []

    def counting(kept: KeptVersion, **more: Any) -> timeline.Version:
        read.append(kept.seq)
        return version_of(kept, **more)

    version_of = timeline._version
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_version", counting)
        first = said(examiner.get(f"/casefiles/{told.casefile}/timeline?limit=1"))
        assert read == [1, 2, 3, told.row.version]
        read.clear()
        whole = said(examiner.get(f"/casefiles/{told.casefile}/timeline?limit=1&between=2,{told.row.version}"))
        assert read == [1, 2, 3, told.row.version]
    assert len(first["data"]) == 1
    assert (whole["difference"]["from"], whole["difference"]["to"]) == (2, told.row.version)


def test_trying_draws_no_number(db: None, world: World, owner_connection: psycopg.Connection) -> None:
    """Neither does what is refused: numbers are drawn after all checks, and gaps stay rare."""

    def drawn() -> int:
        row = owner_connection.execute("SELECT last_value FROM casefiles_number").fetchone()
        assert row is not None
        return int(row[0])

    body = plain(factories.finding_given(documents=(factories.document(factories.PADANG, "assessment"),)))
    padang = Partner(factories.PADANG)
    assert padang.post("/findings", body).status_code == 201
    before = drawn()
    again = {**body, "register_number": "9/TM/PL/Kota/13.71/X/2024"}
    tried = padang.post("/findings?validate_only=true", again)
    assert (tried.status_code, said(tried)["valid"]) == (200, True), tried.content
    assert padang.post("/findings", body).status_code == 409
    assert padang.post("/findings", {**again, "election": None}).status_code == 422
    assert drawn() == before
    assert padang.post("/findings", again).status_code == 201
    assert drawn() == before + len(body["subjects"])
