"""The file as it stood: `as_of`, the difference between two moments, and what former parties read."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from audit.ledger import instant
from audit.models import Access
from casefiles.flow import State
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import BKN, PEMKOT, PEMPROV, REPORTER, Story
from tests.partner import Partner, said
from tests.world import World

# What a casefile says of the moment at which it is read, not of the file.
# What a reading adds, or who has read since (`opened`).
OF_THE_READING = {"available", "as_of", "former", "suspected_duplicates", "opened"}

MILLISECOND = timedelta(milliseconds=1)


def recorded_at(told: Story, version: int) -> datetime:
    """When that version was recorded."""
    moment: datetime = told.row.transitions.get(seq=version).recorded_at
    return moment


def as_of(partner: Partner, told: Story, moment: datetime, part: str = "") -> Any:
    """The casefile as it stood at that moment."""
    return partner.get(f"/casefiles/{told.casefile}{part}?as_of={instant(moment)}")


def between(partner: Partner, told: Story, first: object, second: object) -> Any:
    """The difference between two moments, and everything else of the timeline."""
    return partner.get(f"/casefiles/{told.casefile}/timeline?between={first},{second}")


def refusals(answer: Any, status: int = 400) -> list[tuple[str, str | None]]:
    """The reasons of a refused query: code and parameter."""
    assert answer.status_code == status, answer.content
    problem = said(answer)
    assert problem["code"] == "invalid-query"
    return [(item["code"], item.get("parameter")) for item in problem["errors"]]


# -- as of ------------------------------------------------------------------------------------------------------------


def test_a_file_is_shown_as_it_was_answered_then(db: None, world: World) -> None:
    """At every version, what is read as of its instant is what was read live while it was the newest."""
    told, examiner = factories.story(reporter=REPORTER), Partner(BKN)
    live = {1: said(examiner.get(f"/casefiles/{told.casefile}"))}
    for name in ("return", "complete", *factories.PATHS[State.CLOSED]):
        told.do(name)
        answer = said(examiner.get(f"/casefiles/{told.casefile}"))
        live[answer["version"]] = answer
    assert set(live) == set(range(1, 12))
    for version, then in live.items():
        moment = recorded_at(told, version)
        for asked in (moment, moment + timedelta(minutes=5)):
            answer = as_of(examiner, told, asked)
            assert_answers(answer, "read_casefile")
            shown = said(answer)
            assert (shown["as_of"], shown["former"], shown["available"]) == (instant(asked), False, [])
            assert (then["as_of"], then["former"]) == (None, False)
            assert _without_the_reading(shown) == _without_the_reading(then)
            assert shown["updated_at"] == instant(moment)


def _without_the_reading(shown: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in shown.items() if name not in OF_THE_READING}
    if kept["turn"] is not None:
        kept["turn"] = {name: value for name, value in kept["turn"].items() if name not in ("overdue", "explanation")}
    return kept


def test_a_step_counts_from_the_millisecond_in_which_it_was_recorded(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.UNDER_EXAMINATION), Partner(BKN)
    for version in (2, 3, 4):
        moment = recorded_at(told, version)
        assert said(as_of(examiner, told, moment))["version"] == version
        assert said(as_of(examiner, told, moment - MILLISECOND))["version"] == version - 1


def test_overdue_is_judged_at_that_moment(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.SUBMITTED), Partner(BKN)
    due_at = datetime.fromisoformat(said(examiner.get(f"/casefiles/{told.casefile}"))["turn"]["due_at"])
    assert said(as_of(examiner, told, due_at - MILLISECOND))["turn"]["overdue"] is False
    assert said(as_of(examiner, told, due_at))["turn"]["overdue"] is True


def test_before_it_was_recorded_there_is_no_file(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.SUBMITTED), Partner(BKN)
    created_at = datetime.fromisoformat(said(examiner.get(f"/casefiles/{told.casefile}"))["created_at"])
    assert as_of(examiner, told, created_at).status_code == 200
    refused = as_of(examiner, told, created_at - MILLISECOND)
    assert refusals(refused) == [("before-it-began", "as_of")]
    assert_answers(refused, "read_casefile")


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("2024-10-20T09:00:00", "no-time-zone"),
        ("2024-10-20T09:00:00+07:00", "blank-for-plus"),
        ("2024-10-20", "bad-instant"),
        ("now", "bad-instant"),
        ("", "empty-parameter"),
        ("1234-10-20T09:00:00Z", "absurd-time"),
        ("2099-01-01T00:00:00Z", "in-the-future"),
        ("2024-10-20T09:00:00Z&as_of=2024-10-21T09:00:00Z", "repeated-parameter"),
    ],
)
def test_an_instant_is_asked_for_plainly(db: None, world: World, spelling: str, code: str) -> None:
    """A zone, a past instant, once; the refusal comes before sight, so it tells nothing of any file."""
    answer = Partner(BKN).get(f"/casefiles/{uuid.uuid4()}?as_of={spelling}")
    assert refusals(answer) == [(code, "as_of")]


def test_local_time_is_as_good_as_utc(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.UNDER_EXAMINATION), Partner(BKN)
    moment = recorded_at(told, 2).strftime("%Y-%m-%dT%H:%M:%S")
    there = (recorded_at(told, 2) + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%S")
    path = f"/casefiles/{told.casefile}?as_of="
    assert said(examiner.get(f"{path}{there}%2B07:00")) == said(examiner.get(f"{path}{moment}Z"))


def test_today_s_sight_decides_what_is_shown_of_yesterday(db: None, world: World) -> None:
    """An employer reads what came before it was asked; never the reporter. Whoever sees nothing today reads nothing."""
    told = factories.casefile_at(State.UNDER_EXAMINATION, reporter=REPORTER)
    moment = recorded_at(told, 1)
    employer = as_of(Partner(PEMKOT), told, moment)
    shown = said(employer)
    assert (shown["version"], shown["employer"], shown["finding"]["href"]) == (1, None, None)
    assert "#/finding/reporter" in shown["withheld"]
    assert str(REPORTER.name) not in employer.content.decode()
    assert str(REPORTER.name) in as_of(Partner(BKN), told, moment).content.decode()
    for stranger in ("kasn", PEMPROV, "bawaslu-kab-agam"):
        for when in (moment, moment - timedelta(days=400)):
            hidden = as_of(Partner(stranger), told, when)
            assert (hidden.status_code, said(hidden)["code"]) == (404, "not-found")


def test_the_past_keeps_its_etag(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.SUBMITTED), Partner(BKN)
    moment = recorded_at(told, 1)
    first = as_of(examiner, told, moment)
    live = examiner.get(f"/casefiles/{told.casefile}")
    assert first.headers["ETag"] != live.headers["ETag"]
    told.do("return")
    path = f"/casefiles/{told.casefile}?as_of={instant(moment)}"
    assert examiner.get(path, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    stale = examiner.post(
        f"/casefiles/{told.casefile}/recall",
        {"reason": {"code": "no_answer"}},
        **{"If-Match": first.headers["ETag"]},
    )
    assert (stale.status_code, said(stale)["current_version"]) == (412, 2), "the past is no ground to act upon"


def test_reading_the_past_is_recorded_as_reading(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.SUBMITTED), Partner(BKN)
    before = Access.objects.count()
    as_of(examiner, told, recorded_at(told, 1))
    read = Access.objects.latest("pk")
    assert (Access.objects.count(), read.route, read.shown) == (before + 1, "/casefiles/{id}", [told.casefile])


@pytest.mark.django_db(transaction=True)
def test_an_erased_casefile_has_no_past_either(world: World, owner_connection: psycopg.Connection) -> None:
    told = factories.casefile_at(State.SUBMITTED, through=("request-identity", "recall"))
    moment = recorded_at(told, 1)
    owner_connection.execute(
        "UPDATE casefiles_payload SET facts = NULL, given = NULL, facts_salt = NULL, given_salt = NULL, "
        "erased_at = now() WHERE casefile_id = %s",
        [told.casefile],
    )
    for answer in (
        as_of(Partner(BKN), told, moment),
        Partner(PEMKOT).get(f"/casefiles/{told.casefile}"),
        Partner(PEMKOT).get(f"/casefiles/{told.casefile}/timeline"),
    ):
        assert (answer.status_code, said(answer)["code"]) == (410, "erased")


# -- the difference between two moments -------------------------------------------------------------------------------


def test_two_instants_say_what_their_versions_say(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.RECOMMENDED), Partner(BKN)
    for first, second in ((1, 5), (2, 4), (3, 3), (4, 2)):
        moments = (instant(recorded_at(told, version) + timedelta(minutes=1)) for version in (first, second))
        answer = between(examiner, told, *moments)
        assert_answers(answer, "read_timeline")
        difference = said(answer)["difference"]
        assert (difference["from"], difference["to"]) == (first, second)
        assert difference == said(between(examiner, told, first, second))["difference"]
    assert {"pointer": "#/state", "before": "submitted", "after": "recommended"} in said(
        between(examiner, told, instant(recorded_at(told, 1)), instant(recorded_at(told, 5)))
    )["difference"]["changes"]


def test_before_it_was_recorded_the_file_is_empty(db: None, world: World) -> None:
    """Version 0, so that the difference holds the whole file; backwards, everything is taken away."""
    told, examiner = factories.casefile_at(State.SUBMITTED), Partner(BKN)
    earlier, later = instant(recorded_at(told, 1) - timedelta(days=1)), instant(recorded_at(told, 1))
    answer = between(examiner, told, earlier, later)
    assert_answers(answer, "read_timeline")
    came = said(answer)["difference"]
    assert (came["from"], came["to"]) == (0, 1)
    assert {"pointer": "#/state", "before": None, "after": "submitted"} in came["changes"]
    assert came["changes"] == next(item for item in said(answer)["data"] if item["seq"] == 1)["changes"]
    gone = said(between(examiner, told, later, earlier))["difference"]
    assert (gone["from"], gone["to"]) == (1, 0)
    assert {(one["pointer"], one["after"]) for one in gone["changes"]} == {
        (one["pointer"], one["before"]) for one in came["changes"]
    }
    nothing = said(between(examiner, told, earlier, earlier))["difference"]
    assert nothing == {"from": 0, "to": 0, "changes": []}


@pytest.mark.parametrize(
    ("spelling", "codes"),
    [
        ("1", {"too-few-items"}),
        ("1,2,3", {"too-many-items"}),
        ("0,1", {"out-of-range"}),
        ("1,9", {"out-of-range"}),
        ("a,b", {"out-of-range"}),
        ("1,", {"blank"}),
        ("1,2024-10-20T09:00:00Z", {"bad-instant"}),
        ("2024-10-20T09:00:00Z,2", {"bad-instant"}),
        ("2024-10-20,2024-10-21", {"bad-instant"}),
        ("2024-10-20T09:00:00,2024-10-21T09:00:00", {"no-time-zone"}),
        ("2024-10-20T09:00:00+07:00,2024-10-21T09:00:00Z", {"blank-for-plus"}),
        ("2024-10-20T09:00:00Z,2099-10-21T09:00:00Z", {"in-the-future"}),
        ("2024-10-20T09:00:00Z", {"too-few-items"}),
    ],
)
def test_two_versions_or_two_instants_but_not_one_of_each(
    db: None, world: World, spelling: str, codes: set[str]
) -> None:
    told = factories.casefile_at(State.SUBMITTED)
    answer = Partner(BKN).get(f"/casefiles/{told.casefile}/timeline?between={spelling}")
    assert {code for code, _ in refusals(answer)} == codes
    assert {parameter for _, parameter in refusals(answer)} == {"between"}
    assert_answers(answer, "read_timeline")


# -- former parties ---------------------------------------------------------------------------------------------------


@pytest.fixture
def replaced(db: None, world: World) -> Story:
    """An employer identified his officer; then the examiner asked another agency, and the file went on with it."""
    told = factories.casefile_at(
        State.SUBMITTED, through=("return", "complete", "request-identity", "identify"), reporter=REPORTER
    )
    told.do("request-identity", employer=PEMPROV)
    told.employer = told.addressee = PEMPROV
    told.do("identify", body=replace(factories.given("identify", employer=PEMPROV), name="Nama Yang Lain"))
    told.do("accept")
    told.do("recommend")
    return told


def test_a_former_party_reads_the_file_as_it_left_it(replaced: Story) -> None:
    """As at the version before the step that ended its sight: what came with that step is not told."""
    former = Partner(PEMKOT)
    left_at = recorded_at(replaced, 6)
    answer = former.get(f"/casefiles/{replaced.casefile}")
    assert_answers(answer, "read_casefile")
    shown = said(answer)
    assert (shown["version"], shown["state"], shown["former"]) == (5, "submitted", True)
    assert (shown["as_of"], shown["updated_at"]) == (instant(left_at), instant(recorded_at(replaced, 5)))
    assert (shown["available"], shown["turn"]["purpose"], shown["turn"]["overdue"]) == ([], "verify", False)
    assert shown["employer"]["code"] == PEMKOT
    assert shown["subject"]["name"] == factories.NAME
    assert shown["recommendation"] is None


def test_a_former_party_is_not_told_how_the_file_went_on(replaced: Story) -> None:
    """Not by the detail, the timeline, an earlier or later instant, or a difference."""
    former = Partner(PEMKOT)
    timeline = former.get(f"/casefiles/{replaced.casefile}/timeline")
    assert_answers(timeline, "read_timeline")
    items = said(timeline)["data"]
    assert [item["transition"]["name"] for item in items if item["kind"] == "transition"] == [
        "submit",
        "return",
        "complete",
        "request-identity",
        "identify",
    ]
    assert max(item["seq"] for item in items) == 5
    later = recorded_at(replaced, 9)
    answers = [
        former.get(f"/casefiles/{replaced.casefile}"),
        timeline,
        as_of(former, replaced, later),
        between(former, replaced, instant(recorded_at(replaced, 1)), instant(later)),
        between(former, replaced, 1, 5),
    ]
    live = Partner(BKN).get(f"/casefiles/{replaced.casefile}/timeline").content.decode()
    for told in (PEMPROV, "Nama Yang Lain", "recommend", "under_examination"):
        assert told in live
        for answer in answers:
            assert answer.status_code == 200
            assert f'"{told}"' not in answer.content.decode()
    for answer in answers:
        assert str(REPORTER.name) not in answer.content.decode()
    assert refusals(between(former, replaced, 1, 6)) == [("out-of-range", "between")]
    assert said(between(former, replaced, instant(later), instant(later)))["difference"]["to"] == 5


def test_a_referral_that_was_open_when_it_left_stays_open_for_a_former_party(replaced: Story) -> None:
    """Its answer came with the step that ended sight; lateness is counted to the day it left."""
    former = Partner(PEMKOT)
    items = said(former.get(f"/casefiles/{replaced.casefile}/timeline?kind=referral"))["data"]
    asked, verify = items[-2]["referral"], items[-1]["referral"]
    assert (asked["purpose"], asked["status"], asked["answered_with"]) == ("identify", "answered", "identify")
    assert (verify["purpose"], verify["status"], verify["answered_at"]) == ("verify", "open", None)
    assert (verify["answered_by"], verify["answered_with"], verify["days_late"]) == (None, None, 0)
    assert (verify["casefile"]["state"], verify["casefile"]["version"]) == ("submitted", 5)
    turn = said(former.get(f"/casefiles/{replaced.casefile}"))["turn"]
    assert (verify["id"], verify["due_on"], verify["overdue"]) == (turn["referral"], turn["due_on"], False)


def test_a_former_party_reads_further_back_but_not_on(replaced: Story) -> None:
    former, left_at = Partner(PEMKOT), recorded_at(replaced, 6)
    earlier = said(as_of(former, replaced, recorded_at(replaced, 2)))
    assert (earlier["version"], earlier["as_of"], earlier["former"]) == (2, instant(recorded_at(replaced, 2)), True)
    for moment in (left_at, left_at + timedelta(days=100)):
        shown = said(as_of(former, replaced, moment))
        assert (shown["version"], shown["as_of"]) == (5, instant(left_at))
    assert refusals(as_of(former, replaced, datetime(2020, 1, 1, tzinfo=UTC))) == [("before-it-began", "as_of")]


def test_what_a_former_party_reads_never_changes(replaced: Story) -> None:
    former = Partner(PEMKOT)
    for part in ("", "/timeline"):
        first = former.get(f"/casefiles/{replaced.casefile}{part}")
        assert first.headers["ETag"].startswith('"5.')
    tags = {part: former.get(f"/casefiles/{replaced.casefile}{part}").headers["ETag"] for part in ("", "/timeline")}
    replaced.do("acknowledge")
    for part, tag in tags.items():
        again = former.get(f"/casefiles/{replaced.casefile}{part}", **{"If-None-Match": tag})
        assert again.status_code == 304


def test_a_former_party_takes_no_part(replaced: Story) -> None:
    """403 for every act, whatever its version, and nothing said of where the file stands now."""
    former = Partner(PEMKOT, scopes="casefiles:read casefiles:write")
    for version in (5, 9):
        answer = former.post(
            f"/casefiles/{replaced.casefile}/note", {"code": "other", "date": "2024-10-10"}, version=version
        )
        problem = said(answer)
        assert (answer.status_code, problem["code"]) == (403, "wrong-party")
        assert not {"current_version", "state", "available"} & set(problem)
    tried = former.post(
        f"/casefiles/{replaced.casefile}/note?validate_only=true", {"code": "other", "date": "2024-10-10"}
    )
    assert (tried.status_code, said(tried)["code"]) == (403, "wrong-party")
    broken = former.post(f"/casefiles/{replaced.casefile}/note", {"kode": "other"}, version=5)
    assert (broken.status_code, said(broken)["code"]) == (422, "invalid-body")


def test_a_claimed_employer_who_was_asked_in_vain_cannot_act_on_the_column_that_names_it(
    db: None, world: World
) -> None:
    """After the recall the file names it as employer again, as the submitter claimed; it has no sight for all that."""
    told = factories.casefile_at(
        State.SUBMITTED,
        through=("request-identity", "recall"),
        subjects=(factories.known_subject(employer=PEMKOT, nip=None),),
    )
    employer = told.row.employer
    assert employer is not None
    assert employer.code == PEMKOT
    answer = Partner(PEMKOT).post(
        f"/casefiles/{told.casefile}/note", {"code": "other", "date": "2024-10-10"}, version=told.row.version
    )
    assert (answer.status_code, said(answer)["code"]) == (403, "wrong-party")


def test_a_former_party_s_own_act_is_replayed_to_it(db: None, world: World) -> None:
    """The answer to an act of the time when it was a party was lost; it is told again, with what it saw then."""
    told = factories.casefile_at(State.IDENTITY_REQUESTED)
    employer = Partner(PEMKOT)
    path, body = f"/casefiles/{told.casefile}/identify", _identity()
    first = employer.post(path, body, version=2, key="identified-by-the-employer")
    assert first.status_code == 200, first.content
    told.do("request-identity", employer=PEMPROV, occurred_at=datetime.now(tz=UTC))
    again = employer.post(path, body, version=2, key="identified-by-the-employer")
    assert (again.status_code, again.content) == (200, first.content)
    other = employer.post(path, body | {"grade": "III/d"}, version=2, key="identified-by-the-employer")
    assert (other.status_code, said(other)["code"]) == (422, "idempotency-key-reused")


def _identity() -> dict[str, Any]:
    return {
        "nip": factories.NIP,
        "name": factories.NAME,
        "employer": PEMKOT,
        "employment_kind": "pns",
        "position_kind": "functional_expert",
        "position": "Guru",
        "occurred_at": "2024-10-20T09:00:00+07:00",
    }


@pytest.mark.django_db(transaction=True)
def test_who_else_read_it_is_not_a_former_party_s_to_know(world: World, owner_connection: psycopg.Connection) -> None:
    told = factories.casefile_at(State.IDENTITY_REQUESTED)
    owner_connection.execute(
        "UPDATE agencies_client SET scopes = scopes || '{accesses:read}' "
        "WHERE agency_id = (SELECT id FROM agencies_agency WHERE code = %s)",
        [PEMKOT],
    )
    employer = Partner(PEMKOT)
    assert employer.get(f"/casefiles/{told.casefile}/accesses").status_code == 200
    told.do("recall")
    answer = employer.get(f"/casefiles/{told.casefile}/accesses")
    assert (answer.status_code, said(answer)["code"]) == (404, "not-found")


def test_a_former_party_s_reads_are_recorded(replaced: Story) -> None:
    former = Partner(PEMKOT)
    former.get(f"/casefiles/{replaced.casefile}")
    former.get(f"/casefiles/{replaced.casefile}/timeline")
    reads = list(Access.objects.filter(shown__contains=[replaced.casefile]).order_by("pk"))[-2:]
    assert [(read.agency, read.route) for read in reads] == [
        (factories.actor(PEMKOT).agency_id, "/casefiles/{id}"),
        (factories.actor(PEMKOT).agency_id, "/casefiles/{id}/timeline"),
    ]
