"""`/events` over HTTP: pages, refusals, and waiting for what comes next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from agencies import tokens
from agencies.models import Client
from api.http import queries, waiting
from api.http.problems import Problem
from api.models import FeedWaiter
from api.v1.events import EventsQuery
from casefiles.catalogue.book import load
from casefiles.sight import feed
from tests import factories, sessions
from tests.factories import AUDITOR, BKN, PADANG, PEMKOT
from tests.live_server import Server
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing
from tests.world import World


def test_a_page_tells_where_to_go_on(sequenced: Sequencing) -> None:
    """`next` keeps limit and wait; `next_after` is the head once everything was read."""
    for _ in range(3):
        factories.story()
    sequenced()
    examiner = Partner(BKN)
    first = examiner.get("/events?limit=2&wait=1")
    page = said(first)
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["Cache-Control"] == "no-store"
    assert list(page) == ["data", "next_after", "next", "head"]
    assert len(page["data"]) == 2
    assert page["next_after"] == page["data"][-1]["logindex"] < page["head"]
    assert page["next"] == f"/api/v1/events?after={page['next_after']}&limit=2&wait=1"
    second = said(examiner.get(page["next"].removeprefix("/api/v1")))
    assert len(second["data"]) == 1
    assert second["data"][0]["previous"] == page["next_after"]
    assert second["next_after"] == second["head"] == page["head"]
    assert said(examiner.get("/events?limit=2"))["data"] == page["data"]
    assert len(said(Partner(AUDITOR).get("/events"))["data"]) == 3
    assert said(Partner(PEMKOT).get("/events")) == {
        "data": [],
        "next_after": page["head"],
        "next": f"/api/v1/events?after={page['head']}",
        "head": page["head"],
    }
    assert examiner.get("/casefiles?limit=1").status_code == 200
    assert _reads("/events") == 0, "an event holds ids only: reading it is no reading of the file"


def _reads(route: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_access WHERE route = %s", [route])
        found: int = cursor.fetchone()[0]
    return found


def test_head_answers_as_get_does_and_never_waits(sequenced: Sequencing) -> None:
    sequenced()
    examiner = Partner(BKN)
    began = time.monotonic()
    answer = call("HEAD", "/events?wait=20", token=examiner.token)
    assert (answer.status_code, answer.content) == (200, b"")
    assert time.monotonic() - began < 15


def test_beyond_the_head_is_a_problem_that_tells_the_head(sequenced: Sequencing) -> None:
    """Whoever holds a greater index than there is knows that the log was restored or forked."""
    sequenced()
    examiner = Partner(BKN)
    head = said(examiner.get("/events"))["head"]
    assert examiner.get(f"/events?after={head}").status_code == 200
    answer = examiner.get(f"/events?after={head + 1}&wait=30", **{"Accept-Language": "en"})
    refused = said(answer)
    assert (answer.status_code, refused["code"]) == (400, "beyond-head")
    assert f"is {head}" in refused["detail"]
    assert "restored" in refused["detail"]


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("after=-2", "after", "out-of-range"),
        ("after=x", "after", "out-of-range"),
        ("after=", "after", "empty-parameter"),
        ("after=1.0", "after", "out-of-range"),
        ("after=99999999999999999999", "after", "out-of-range"),
        ("after=0&after=0", "after", "repeated-parameter"),
        ("limit=0", "limit", "out-of-range"),
        ("limit=501", "limit", "out-of-range"),
        ("wait=31", "wait", "out-of-range"),
        ("wait=-1", "wait", "out-of-range"),
        ("wait=true", "wait", "out-of-range"),
        ("cursor=c1.x.y", "cursor", "unknown-parameter"),
        ("type=lintas.casefile.closed", "type", "unknown-parameter"),
        ("casefile=0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10", "casefile", "unknown-parameter"),
    ],
)
def test_a_wrong_parameter_is_named(db: None, world: World, query: str, parameter: str, code: str) -> None:
    """There are no filters, and no second spelling of a number."""
    answer = Partner(BKN).get(f"/events?{query}")
    assert (answer.status_code, said(answer)["code"]) == (400, "invalid-query")
    assert [(item["parameter"], item["code"]) for item in said(answer)["errors"]] == [(parameter, code)]


@given(name=st.sampled_from(["after", "limit", "wait"]), value=st.text(st.characters(codec="ascii"), max_size=30))
def test_whatever_a_parameter_holds_the_answer_is_a_page_or_a_problem(name: str, value: str) -> None:
    refused: Problem | None = None
    try:
        asked = queries.parse(
            EventsQuery,
            f"{name}={quote(value)}",
            catalogue=load(),
            now=factories.at(factories.SUBMITTED_ON),
            time_zone="Asia/Jakarta",
        )
    except Problem as problem:
        refused = problem
    if refused:
        assert refused.code == "invalid-query"
    else:
        assert (asked.after >= -1, 1 <= asked.limit <= 500, 0 <= asked.wait <= 30) == (True, True, True)


def test_the_types_are_a_list_of_the_catalogue(db: None, world: World) -> None:
    """One per transition, with who gets it; unchanged for who has it."""
    partner = Partner(PEMKOT, scopes="")
    answer = partner.get("/catalogue/events")
    rows = {row["transition"]: row for row in said(answer)["data"]}
    assert rows["recommend"] | {"received_by_id": "", "received_by_en": ""} == {
        "type": "lintas.casefile.recommended",
        "transition": "recommend",
        "states": ["recommended"],
        "title_id": rows["recommend"]["title_id"],
        "title_en": rows["recommend"]["title_en"],
        "gives_sight": True,
        "ends_sight": False,
        "received_by_id": "",
        "received_by_en": "",
    }
    assert {name for name, row in rows.items() if row["ends_sight"]} == {
        "request-identity", "identify", "disown", "recall", "release", "reopen", "transfer",
    }  # fmt: skip
    assert not rows["accept"]["gives_sight"]
    assert "last item" in rows["disown"]["received_by_en"]
    again = partner.get("/catalogue/events", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


# -- waiting -----------------------------------------------------------------------------------------------------------


def test_waiting_in_vain_ends_with_an_empty_page(sequenced: Sequencing) -> None:
    """After the time, not before, with a place to go on from; and the client may wait again at once."""
    sequenced()
    examiner = Partner(BKN)
    for _ in range(2):
        began = time.monotonic()
        answer = examiner.get("/events?wait=1")
        assert 0.9 < time.monotonic() - began < 15
        assert (answer.status_code, said(answer)["data"]) == (200, [])
        assert "Retry-After" not in answer.headers


def test_what_is_there_is_not_waited_for(sequenced: Sequencing) -> None:
    """An answer at once, and no place taken for it."""
    factories.story()
    sequenced()
    began = time.monotonic()
    assert len(said(Partner(BKN).get("/events?wait=30"))["data"]) == 1
    assert time.monotonic() - began < 15
    assert not FeedWaiter.objects.exists()


def test_who_lost_the_token_while_waiting_is_told_nothing(
    sequenced: Sequencing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequenced()
    examiner, patient = Partner(BKN), Partner(BKN)

    def meanwhile(_: feed.Page, *, read: Callable[[], feed.Page], **__: Any) -> feed.Page:
        factories.story()
        sequenced()
        tokens.revoke(examiner.token, client=Client.objects.get(agency__code=BKN))
        return read()

    monkeypatch.setattr(waiting, "wait", meanwhile)
    answer = examiner.get("/events?wait=30")
    assert (answer.status_code, said(answer)["code"]) == (401, "token-invalid")
    assert len(said(patient.get("/events?wait=30"))["data"]) == 1


def test_a_full_process_answers_at_once(sequenced: Sequencing, settings: Settings) -> None:
    """Rather than have no thread left for anybody else: an empty page, and when to come back."""
    sequenced()
    settings.LINTAS_FEED_WAITERS = 0
    began = time.monotonic()
    answer = Partner(BKN).get("/events?wait=30")
    assert time.monotonic() - began < 15
    assert (answer.status_code, said(answer)["data"], answer.headers["Retry-After"]) == (200, [], "2")
    assert not FeedWaiter.objects.exists()


def test_a_place_is_taken_once_given_back_and_never_for_another(transactional_db: None, world: World) -> None:
    """By its mark: a waiter that was thought dead does not release the one who came after."""
    client = Client.objects.get(agency__code=BKN)
    with waiting._only_waiter(client.pk, seconds=10):
        with pytest.raises(Problem) as refused, waiting._only_waiter(client.pk, seconds=10):
            pytest.fail("two at once")
        assert refused.value.code == "too-many-waiters"
        assert 10 <= int(refused.value.headers["Retry-After"]) <= 10 + waiting.GRACE
        _expire()
        with waiting._only_waiter(client.pk, seconds=10):
            mark = FeedWaiter.objects.get().mark
    assert FeedWaiter.objects.get().mark == mark
    with pytest.raises(ZeroDivisionError), waiting._only_waiter(client.pk, seconds=10):
        raise ZeroDivisionError
    with waiting._only_waiter(client.pk, seconds=10):
        pass


def _expire() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_feedwaiter SET until = clock_timestamp() - interval '1 second'")


def test_the_watcher_looks_only_while_somebody_waits(sequenced: Sequencing) -> None:
    """Its thread and its connection go when nobody waits any more, and a waiter holds no connection."""
    sequenced()
    assert said(Partner(BKN).get("/events?wait=1"))["data"] == []
    _until_nobody_looks()


def _until_nobody_looks() -> None:
    deadline = time.monotonic() + 20
    while any(thread.name == "feed-watcher" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_places_are_counted_over_all_agencies_and_given_back(transactional_db: None) -> None:
    watcher = waiting.Watcher()
    for _ in range(2):
        with (
            watcher.place(1, client=1, of=2) as first,
            watcher.place(2, client=2, of=2) as second,
            watcher.place(1, client=3, of=2) as third,
        ):
            assert (first, second, third) == (True, True, False)
        with watcher.place(3, client=1, of=1) as alone:
            assert alone
    _until_nobody_looks()


def test_nobody_reads_again_for_what_is_not_in_his_feed(sequenced: Sequencing) -> None:
    """The log has grown, for one of two who wait: he reads it, the other one takes no connection for it."""
    factories.story()
    sequenced()
    assert _readings(BKN) == (1, 1)
    assert _readings(PEMKOT) == (0, 0)
    _until_nobody_looks()


def _readings(code: str) -> tuple[int, int]:
    """Wait a second behind the newest; returns how often was read meanwhile, and how many items came of it."""
    client = Client.objects.get(agency__code=code)
    readings: list[feed.Page] = []

    def read() -> feed.Page:
        readings.append(
            feed.page(agency=client.agency_id, after=-1, limit=10, base_url="https://x.example", casefiles="/")
        )
        return readings[-1]

    behind = feed.Page(items="[]", count=0, next_after=-1, head=-1)
    with waiting.watcher.place(client.agency_id, client=client.pk, of=1) as is_free:
        assert is_free
        page = waiting.wait(behind, whose=client.pk, agency=client.agency_id, seconds=1, read=read)
    return len(readings), page.count


def test_who_begins_to_wait_is_not_woken_by_what_an_earlier_one_saw(sequenced: Sequencing) -> None:
    """What was in the feed before he came is in the page that he has read."""
    factories.story()
    sequenced()
    agency = Client.objects.get(agency__code=BKN).agency_id
    watcher = waiting.Watcher()
    head = feed.newest_of([agency])[agency]
    with watcher.place(agency, client=1, of=2):
        assert watcher.is_beyond(agency, head - 1, until=time.monotonic() + 5)
        assert not watcher.is_beyond(agency, head, until=time.monotonic() + 0.5)
        assert not watcher.is_beyond(agency + 1, -1, until=time.monotonic() + 0.1), "nobody looks for another one"
    _until_nobody_looks()


# -- on a real server --------------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """A request under way in a thread of its own."""

    began: float
    thread: threading.Thread
    answers: list[httpx.Response]
    ended: list[float]

    def answer(self) -> httpx.Response:
        self.thread.join(40)
        return self.answers[0]


@pytest.fixture
def ask(sequenced: Sequencing, server_here: Server) -> Callable[[str, str], Asked]:
    """Ask the server on behalf of an agency's system, without waiting for the answer."""
    sequenced()
    tokens: dict[str, str] = {}

    def go(agency: str, query: str) -> Asked:
        tokens.setdefault(agency, Partner(agency).token)
        answers: list[httpx.Response] = []
        ended: list[float] = []

        def send() -> None:
            headers = {"Authorization": f"Bearer {tokens[agency]}"}
            answers.append(httpx.get(f"{server_here.base_url}/api/v1/events?{query}", headers=headers, timeout=40))
            ended.append(time.monotonic())

        thread = threading.Thread(target=send)
        thread.start()
        return Asked(began=time.monotonic(), thread=thread, answers=answers, ended=ended)

    return go


def _until_somebody_waits(owner: psycopg.Connection, *, how_many: int = 1) -> None:
    deadline = time.monotonic() + 30
    while _waiters(owner) < how_many:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)


def _waiters(owner: psycopg.Connection) -> int:
    found = owner.execute("SELECT count(*) FROM api_feedwaiter WHERE until > clock_timestamp()").fetchone()
    assert found is not None
    return int(found[0])


def test_who_waits_is_told_at_once(
    ask: Callable[[str, str], Asked], sequenced: Sequencing, owner_connection: psycopg.Connection
) -> None:
    """Three systems wait; a finding is taken in: two of them see it and get it, the third goes on waiting."""
    waiters = {BKN: ask(BKN, "wait=30"), PADANG: ask(PADANG, "wait=30"), PEMKOT: ask(PEMKOT, "wait=8")}
    _until_somebody_waits(owner_connection, how_many=3)
    _until_one_session_is_left(owner_connection)
    factories.story()
    sequenced()
    placed = time.monotonic()
    for agency in (BKN, PADANG):
        page = waiters[agency].answer().json()
        assert [one["data"]["transition"] for one in page["data"]] == ["submit"]
        assert waiters[agency].ended[0] - placed < 15, "not told, but found when the wait ended"
    in_vain = waiters[PEMKOT].answer().json()
    assert waiters[PEMKOT].ended[0] - waiters[PEMKOT].began > 7.5
    assert (in_vain["data"], in_vain["next_after"]) == ([], in_vain["head"])
    assert in_vain["head"] < page["head"], "nobody read again for what only others got"
    assert _waiters(owner_connection) == 0


def _until_one_session_is_left(owner: psycopg.Connection) -> None:
    sessions.close_on(owner.info.dbname)  # what this process has waiting there is no waiter's
    deadline = time.monotonic() + 20
    while _sessions(owner) != 1:
        assert time.monotonic() < deadline, "one looks for all of them, and a waiter holds no connection"
        time.sleep(0.02)


def _sessions(owner: psycopg.Connection) -> int:
    """How many sessions the server has; this test's own is another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    found = owner.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lintas-web' AND datname = current_database()"
        " AND pid <> %s",
        [mine],
    ).fetchone()
    assert found is not None
    return int(found[0])


def test_a_client_waits_once(ask: Callable[[str, str], Asked], owner_connection: psycopg.Connection) -> None:
    """The second waiter of one client is told when to come; another client, and one who does not wait, are not."""
    first = ask(BKN, "wait=5")
    _until_somebody_waits(owner_connection)
    second = ask(BKN, "wait=5").answer()
    assert (second.status_code, second.json()["code"]) == (429, "too-many-waiters")
    assert 1 <= int(second.headers["Retry-After"]) <= 5 + waiting.GRACE
    assert ask(BKN, "").answer().status_code == 200
    assert ask(PADANG, "wait=1").answer().status_code == 200
    assert first.answer().status_code == 200
    assert ask(BKN, "wait=1").answer().status_code == 200


def test_the_place_of_a_killed_waiter_expires(
    ask: Callable[[str, str], Asked], owner_connection: psycopg.Connection
) -> None:
    """A row left behind by a process that died keeps its client waiting until its time, no longer."""
    owner_connection.execute(
        "INSERT INTO api_feedwaiter (client_id, until, mark) SELECT c.id, clock_timestamp() + interval '5 seconds',"
        " gen_random_uuid() FROM agencies_client c JOIN agencies_agency a ON a.id = c.agency_id WHERE a.code = 'bkn'"
    )
    refused = ask(BKN, "wait=1").answer()
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 5
    time.sleep(5.1)
    assert ask(BKN, "wait=1").answer().status_code == 200


def test_waiting_outlives_the_database_going_away(
    ask: Callable[[str, str], Asked], owner_connection: psycopg.Connection, sequenced: Sequencing
) -> None:
    """All the server's sessions are cut while somebody waits: he is told of what comes afterwards all the same."""
    waiter = ask(BKN, "wait=30")
    _until_somebody_waits(owner_connection)
    time.sleep(0.4)
    owner_connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lintas-web'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    connection.close()
    factories.story()
    sequenced()
    assert [one["data"]["transition"] for one in waiter.answer().json()["data"]] == ["submit"]
    assert waiter.ended[0] - waiter.began < 25
