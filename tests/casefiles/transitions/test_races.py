"""Many at once on PostgreSQL: one wins, the others are told, nobody waits for ever."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from joserfc import jwt
from joserfc.jwk import ECKey

from agencies.actor import Actor
from audit.models import Entry
from casefiles.errors import FindingExists, StaleVersion
from casefiles.flow import Refused, State, WrongParty, WrongState
from casefiles.intake import findings
from casefiles.intake.documents import Descriptor
from casefiles.models import Casefile, Finding, Payload
from casefiles.operations import clock
from casefiles.transitions import perform
from casefiles.transitions.load import lock
from tests.factories import BKN, PADANG, PEMKOT, actor, at, casefile_at, document, finding_given, given, request
from tests.live_server import Server
from tests.racing import together
from tests.reconciling import nothing_is_left_over, reconcile

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def test_a_hundred_identical_submissions_are_one_finding() -> None:
    who = actor(PADANG)
    said = finding_given(documents=(document(PADANG, "assessment"),))
    now = at(said.registered_on + timedelta(days=9))

    def submit(number: int) -> str:
        with transaction.atomic():
            findings.submit(actor=who, given=said, now=now, request=request())
        return "created"

    assert together(100, submit) == {"created": 1, FindingExists.__name__: 99}
    assert Finding.objects.count() == 1
    (row,) = Casefile.objects.all()
    reconcile(row.pk)
    nothing_is_left_over()


def test_the_same_number_of_two_offices_is_two_findings() -> None:
    offices = {office: (actor(office), document(office, "assessment")) for office in (PADANG, "bawaslu-kab-agam")}

    def submit(number: int) -> str:
        who, paper = list(offices.values())[number % 2]
        said = finding_given(documents=(paper,), register_number="006/TM/2024", origin_office=who.agency_code)
        with transaction.atomic():
            findings.submit(actor=who, given=said, now=at(said.registered_on + timedelta(days=9)), request=request())
        return "created"

    assert together(20, submit) == {"created": 2, FindingExists.__name__: 18}


def _act(told: Any, who: Actor, name: str, version: int | None = None) -> str:
    day = told.day + timedelta(days=1)
    with transaction.atomic():
        perform.perform(
            actor=who, casefile=told.casefile, name=name, given=given(name, day=day), occurred_at=at(day),
            now=at(day) + timedelta(hours=1), request=request(), expected_version=version,
        )  # fmt: skip
    return name


def _act_and_break(told: Any, who: Actor) -> None:
    _act(told, who, "return")
    raise RuntimeError("the door broke")


def test_fifty_transitions_on_one_version_are_one() -> None:
    told = casefile_at(State.SUBMITTED)
    who = actor(BKN)
    came = together(50, lambda number: _act(told, who, "return", version=1))
    assert came == {"return": 1, StaleVersion.__name__: 49}
    assert told.row.version == 2
    reconcile(told.casefile)


def test_without_a_version_the_state_decides() -> None:
    told = casefile_at(State.SUBMITTED)
    who = actor(BKN)
    came = together(20, lambda number: _act(told, who, "return"))
    assert came == {"return": 1, WrongState.__name__: 19}
    reconcile(told.casefile)


def test_of_two_different_transitions_one_wins_and_the_other_is_told() -> None:
    told = casefile_at(State.SUBMITTED, through=("request-identity", "identify"))
    who = actor(BKN)
    names = ("accept", "reject", "redirect", "return")
    came = together(24, lambda number: _act(told, who, names[number % 4], version=told.row.version and 3))
    assert sum(came[name] for name in names) == 1
    assert came[StaleVersion.__name__] == 23
    reconcile(told.casefile)


def test_notes_queue_up_and_each_gets_its_number() -> None:
    told = casefile_at(State.SUBMITTED)
    who = actor(BKN)
    day = told.day + timedelta(days=1)
    body = given("note", day=day, code="inquiry_made")

    def note(number: int) -> str:
        with transaction.atomic():
            perform.perform(
                actor=who, casefile=told.casefile, name="note", given=body, occurred_at=None,
                now=at(day) + timedelta(milliseconds=number), request=request(),
            )  # fmt: skip
        return "note"

    assert together(30, note) == {"note": 30}
    assert told.row.version == 31
    reconcile(told.casefile)


def test_casefiles_never_wait_for_each_other() -> None:
    """While one casefile is held, another one moves on."""
    held, free = casefile_at(State.SUBMITTED), casefile_at(State.SUBMITTED)
    who = actor(BKN)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock(held.casefile)
                locked.set()
                done.wait(60)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(60)
    began = time.monotonic()
    assert _act(free, who, "return") == "return"
    took = time.monotonic() - began
    done.set()
    holder.join(60)
    assert took < 30, "as long as the other lock is held"


def test_a_rolled_back_act_leaves_the_version_to_the_next() -> None:
    told = casefile_at(State.SUBMITTED)
    who = actor(BKN)
    with pytest.raises(RuntimeError, match="the door broke"), transaction.atomic():
        _act_and_break(told, who)
    assert Entry.objects.filter(stream=told.casefile).count() == 1
    assert _act(told, who, "redirect") == "redirect"
    reconcile(told.casefile)


def test_subjects_added_at_once_lose_nobody() -> None:
    from casefiles.flow.finding import MoreSubjects, Subject

    told = casefile_at(State.SUBMITTED)
    who = actor(PADANG)

    def add(number: int) -> str:
        more = MoreSubjects(subjects=(Subject(name=f"Terlapor {number}", violations=(1,)),))
        with transaction.atomic():
            findings.add_subjects(
                actor=who, finding=told.finding, given=more, now=at(told.day + timedelta(days=1)), request=request()
            )
        return "added"

    assert together(12, add) == {"added": 12}
    versions: Any = Payload.objects.filter(finding=told.finding, answer=None).order_by("seq")
    assert [one.seq for one in versions] == list(range(1, 14))
    assert [len(one.given["subjects"]) for one in versions] == list(range(1, 14))
    assert Casefile.objects.filter(finding=told.finding).count() == 13
    nothing_is_left_over()


def test_a_transfer_and_the_sanction_of_the_old_addressee_at_once_are_one_of_them() -> None:
    """Whoever comes second is told: the version is another, or he is no party of it any more."""
    told = casefile_at(State.AWAITING_SANCTION)
    day = told.day + timedelta(days=1)
    paper = document(PEMKOT, "decision", now=at(told.day))
    acts = (
        (actor(BKN), "transfer", given("transfer", day=day)),
        (actor(PEMKOT), "report-sanction", given("report-sanction", day=day, document=lambda kind: paper)),
    )
    version = told.row.version

    def either(number: int, expected: int | None) -> str:
        who, name, body = acts[number % 2]
        with transaction.atomic():
            perform.perform(
                actor=who, casefile=told.casefile, name=name, given=body, occurred_at=at(day),
                now=at(day) + timedelta(hours=1), request=request(), expected_version=expected,
            )  # fmt: skip
        return name

    came = together(12, lambda number: either(number, version))
    done = [name for name in ("transfer", "report-sanction") if came[name]]
    assert len(done) == 1
    assert came[done[0]] == 1
    assert came[StaleVersion.__name__] + came[WrongParty.__name__] == 11
    assert told.row.version == version + 1
    reconcile(told.casefile)

    # Without a version the state decides: both may happen in one order, never the sanction of whoever was left behind.
    told = casefile_at(State.AWAITING_SANCTION)
    paper = document(PEMKOT, "decision", now=at(told.day))
    came = together(12, lambda number: either(number, None))
    assert came["transfer"] == 1
    assert came["report-sanction"] <= 1
    assert set(came) <= {"transfer", "report-sanction", "WrongParty", "WrongState", "Refused"}
    imposed = told.facts["sanction"] is not None
    assert imposed is bool(came["report-sanction"])
    assert told.open.to_agency.code == "pemprov-sumatera-barat"
    reconcile(told.casefile)


# --- over HTTP ------------------------------------------------------------------------------------------------------


def _token(server: Server, world: Any, agency: str) -> str:
    said = world.clients[agency]
    now = int(time.time())
    claims = {
        "iss": said["client_id"], "sub": said["client_id"], "aud": server.base_url, "iat": now, "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }  # fmt: skip
    key = ECKey.import_key(said["private_jwk"])
    assertion = jwt.encode({"alg": "ES256", "kid": said["private_jwk"]["kid"]}, claims, key)
    answer = httpx.post(
        f"{server.base_url}/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        },
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def _post_all(server: Server, path: str, count: int, *, headers: Callable[[int], dict[str, str]], body: Any) -> Any:
    answers: list[httpx.Response] = []

    def post(number: int) -> int:
        """As a partner does: whoever is told to come again soon comes with the same key."""
        own = headers(number)
        with httpx.Client(timeout=60) as caller:
            answer = caller.post(f"{server.base_url}{path}", json=body, headers=own)
            while answer.status_code in {409, 429} and "retry-after" in answer.headers:
                time.sleep(float(answer.headers["retry-after"]))
                answer = caller.post(f"{server.base_url}{path}", json=body, headers=own)
        answers.append(answer)
        return answer.status_code

    return together(count, post), answers


def test_a_hundred_identical_requests_are_one_finding_and_ninety_nine_equal_answers(
    server_here: Server, world: Any
) -> None:
    auth = {"Authorization": f"Bearer {_token(server_here, world, PADANG)}"}
    paper = httpx.post(
        f"{server_here.base_url}/api/v1/documents",
        json=_descriptor(),
        headers={**auth, "Idempotency-Key": f"paper-{uuid.uuid4()}"},
    ).json()["id"]
    key = f"finding-{uuid.uuid4()}"

    came, answers = _post_all(
        server_here, "/api/v1/findings", 100, headers=lambda _: {**auth, "Idempotency-Key": key}, body=_finding(paper)
    )

    assert came == {"201": 100}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert Finding.objects.count() == 1
    nothing_is_left_over()


def test_fifty_requests_on_one_etag_are_one_success(server_here: Server, world: Any) -> None:
    told = casefile_at(State.SUBMITTED)
    auth = {"Authorization": f"Bearer {_token(server_here, world, BKN)}"}

    came, _ = _post_all(
        server_here,
        f"/api/v1/casefiles/{told.casefile}/return",
        50,
        headers=lambda number: {**auth, "Idempotency-Key": f"return-{number}-{uuid.uuid4()}", "If-Match": '"1"'},
        body={"items": [{"code": "missing_evidence", "text": "Lampirkan bukti."}]},
    )

    assert came == {"200": 1, "412": 49}
    assert told.row.version == 2
    reconcile(told.casefile)


def _descriptor() -> dict[str, Any]:
    said = Descriptor(type="assessment", title="Kajian", media_type="application/pdf", size=10, sha256="ab" * 32)
    return {
        "type": said.type, "title": said.title, "media_type": said.media_type, "size": said.size, "sha256": said.sha256,
    }  # fmt: skip


def _finding(paper: str) -> dict[str, Any]:
    return {
        "register_number": "006/TM/PL/Kab/27.09/IV/2024",
        "source": "finding",
        "origin_office": PADANG,
        "election": "pilkada-2024",
        "known_on": "2024-10-02",
        "registered_on": "2024-10-03",
        "clarification": {"held": True, "held_on": "2024-10-05"},
        "assessment": {"summary": "Menyukai unggahan calon.", "documents": [paper]},
        "violations": [
            {"number": 1, "form": "social_media_engagement", "act_date": "2024-09-29", "description": "Menyukai."}
        ],
        "subjects": [{"name": "Terlapor Rekaan", "violations": [1]}],
    }


def test_refusals_of_the_moment_are_told_as_such() -> None:
    """A guard that the loser of a race now meets is a refusal, never a database error."""
    told = casefile_at(State.SUBMITTED, through=("return", "complete") * 2)
    who = actor(BKN)
    came = together(10, lambda number: _act(told, who, "return"))
    assert came == {"return": 1, WrongState.__name__: 9}
    told.day += timedelta(days=1)
    told.do("complete")
    assert together(5, lambda number: _act(told, who, "return")) == {Refused.__name__: 5}


def test_two_clocks_at_once_reach_every_level_once() -> None:
    """With the lock one of them is told so; without it, the lock on each casefile and its guards say the same."""
    told = [casefile_at(State.AWAITING_SANCTION) for _ in range(3)]
    now = at(told[0].open.due_on + timedelta(days=40))

    @contextmanager
    def nobody_asks() -> Iterator[bool]:
        yield True

    def round_(number: int) -> str:
        done = clock.tick(now=now)
        return "busy" if done.busy else f"refused {done.refused}"

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "_alone", nobody_asks)
        came = together(4, round_)
    assert came == Counter({"refused 0": 4})
    for one in told:
        assert [reached["level"] for reached in one.facts["ladder"]] == [1, 2, 3, 4, 5]
        assert one.row.version == len(one.walked) + 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [clock.LOCK])
    came = together(3, round_)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [clock.LOCK])
    assert came == Counter({"busy": 3})
    nothing_is_left_over()
