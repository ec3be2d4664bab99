"""Every accepted write happens once, whoever repeats it and however often."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections

from api.http import idempotency_key, retention
from api.http.problems import Problem
from api.models import IdempotencyRecord
from audit.models import Access
from casefiles.models import Document, Payload
from casefiles.operations import payloads
from tests import callers
from tests.api.conftest import Caller
from tests.racing import room_for

KEY = "0f9d1c5e-5c6b-4c39-8f2e-6d1f4c0a7b11"
BODY = b'{"number": "006/TM", "date": "2024-10-02"}'


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run it in as many threads at once, each with its own connection."""
    room_for(count)
    gate = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            gate.wait()
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_a_repeated_request_gets_the_stored_answer(padang: Caller) -> None:
    first = padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    again = padang("POST", "/api/v1/things", b'{"date":"2024-10-02","number":"006\\/TM"}', Idempotency_Key=f'"{KEY}"')
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert (first["ETag"], first["Location"]) == (again["ETag"], again["Location"])
    assert "Idempotency-Replayed" not in first.headers
    assert again["Idempotency-Replayed"] == "true"
    assert Document.objects.count() == 1


def test_another_request_under_the_same_key_is_refused(padang: Caller) -> None:
    padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    other = padang("POST", "/api/v1/things", b'{"number": "7"}', Idempotency_Key=KEY)
    assert other.status_code == 422
    assert json.loads(other.content)["code"] == "idempotency-key-reused"
    assert Document.objects.count() == 1


def test_a_key_belongs_to_one_client(padang: Caller) -> None:
    with callers.as_owner():
        callers.register_system("padang-lain")
    padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    theirs = Caller("padang-lain")("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    assert theirs.status_code == 201
    assert "Idempotency-Replayed" not in theirs.headers
    assert Document.objects.count() == 2


def test_a_refused_request_leaves_the_key_free(padang: Caller) -> None:
    refused = padang("POST", "/api/v1/things", b'{"nomber": "1"}', Idempotency_Key=KEY)
    assert refused.status_code == 422
    assert IdempotencyRecord.objects.count() == 0
    assert padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY).status_code == 201


def test_a_replay_asks_for_sight_again_unless_the_act_ended_it(padang: Caller) -> None:
    padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    assert padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY, Toy_Blind="1").status_code == 404
    parting = KEY[::-1]
    padang("POST", "/api/v1/things", BODY, Idempotency_Key=parting, Toy_Parting="1")
    again = padang("POST", "/api/v1/things", BODY, Idempotency_Key=parting, Toy_Blind="1")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")


def test_an_erased_answer_is_gone(padang: Caller, owner_connection: psycopg.Connection) -> None:
    padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    owner_connection.execute(f"UPDATE {Payload._meta.db_table} SET answer = NULL")  # noqa: S608 - a table's name
    gone = padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    assert gone.status_code == 410
    assert json.loads(gone.content)["code"] == "erased"


def test_an_answer_ends_after_its_time_and_its_key_stays_used(padang: Caller) -> None:
    keys = [f"{KEY}-{number}" for number in range(4)]
    for key in keys:
        padang("POST", "/api/v1/things", BODY, Idempotency_Key=key)
    records = list(IdempotencyRecord.objects.order_by("pk"))
    day = records[0].created_at
    heard: list[int] = []
    with callers.as_owner():
        long_ago = IdempotencyRecord.objects.filter(pk__in=[record.pk for record in records[:3]])
        long_ago.update(created_at=day - timedelta(days=400))
        assert retention.end_answers(before=day - timedelta(days=30), progress=heard.append, batch=2) == 3
        assert retention.end_answers(before=day - timedelta(days=30)) == 0
        with pytest.raises(CommandError, match="7 days at least"):
            call_command("end_answers", days=1)
    assert (heard, Payload.objects.filter(answer__isnull=False).count()) == ([2, 3], 1)
    ended, kept = (padang("POST", "/api/v1/things", BODY, Idempotency_Key=keys[number]) for number in (0, 3))
    assert (ended.status_code, json.loads(ended.content)["code"]) == (410, "answer-ended")
    assert (kept.status_code, kept["Idempotency-Replayed"]) == (201, "true")
    other = padang("POST", "/api/v1/things", b'{"number": "7"}', Idempotency_Key=keys[0])
    assert json.loads(other.content)["code"] == "idempotency-key-reused"
    unseen = padang("POST", "/api/v1/things", BODY, Idempotency_Key=keys[0], Toy_Blind="1")
    assert unseen.status_code == 404
    assert Document.objects.count() == 4


def test_the_answer_lies_in_the_erasable_place_only(padang: Caller) -> None:
    padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    record = IdempotencyRecord.objects.get()
    assert "006/TM" not in str(vars(record))
    assert bytes(payloads.read_answer(record.answer or 0) or b"").startswith(b'{"id"')


def test_a_trial_run_says_what_would_happen_and_stores_nothing(padang: Caller) -> None:
    tried = padang("POST", "/api/v1/things?validate_only=true", BODY, Idempotency_Key=KEY)
    assert json.loads(tried.content) == {"valid": True, "warnings": ["toy"], "would": {"number": "006/TM"}}
    assert tried.status_code == 200
    assert (Document.objects.count(), IdempotencyRecord.objects.count(), Payload.objects.count()) == (0, 0, 0)
    assert padang("POST", "/api/v1/things?validate_only=true", b"{}").status_code == 422


@pytest.mark.race
def test_twenty_twins_make_one_document_and_nineteen_replays(padang: Caller) -> None:
    answers = together(20, lambda _: Caller("padang-pengawasan")("POST", "/api/v1/things", BODY, Idempotency_Key=KEY))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert Document.objects.count() == 1


@pytest.mark.race
def test_a_twin_waits_a_second_and_is_then_told_to_come_back(padang: Caller) -> None:
    def send(_: int) -> Any:
        return Caller("padang-pengawasan")("POST", "/api/v1/things", BODY, Idempotency_Key=KEY, Toy_Slow="3")

    done, waiting = sorted(together(2, send), key=lambda answer: int(answer.status_code))
    assert (done.status_code, waiting.status_code) == (201, 409)
    assert json.loads(waiting.content)["code"] == "request-in-progress"
    assert int(waiting["Retry-After"]) >= 1
    assert Document.objects.count() == 1


def failing(times: int, sqlstate: str) -> Callable[[], None]:
    """An act that the database refuses a few times."""
    left = [times]

    def fail() -> None:
        if left[0]:
            left[0] -= 1
            error = OperationalError("x")
            error.__cause__ = psycopg.errors.lookup(sqlstate)("x")
            raise error

    return fail


@pytest.mark.parametrize(
    ("times", "sqlstate", "status"), [(3, "40001", 201), (3, "40P01", 201), (4, "40001", 503), (1, "57014", 503)]
)
def test_what_the_database_asks_to_repeat_is_repeated_three_times(
    padang: Caller, monkeypatch: pytest.MonkeyPatch, times: int, sqlstate: str, status: int
) -> None:
    fail, real = failing(times, sqlstate), payloads.keep_answer

    def keep_answer(**given: Any) -> tuple[str, dict[str, Any]]:
        fail()
        return real(**given)

    monkeypatch.setattr(payloads, "keep_answer", keep_answer)
    answered = padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    assert answered.status_code == status
    assert Document.objects.count() == (1 if status == 201 else 0)
    if status == 503:
        assert json.loads(answered.content)["code"] == "try-again"


@pytest.mark.parametrize("header", ["x" * 16, "x" * 255, f'"{KEY}"', "!~" * 8])
def test_a_key_of_visible_characters_is_taken(header: str) -> None:
    assert idempotency_key.read(header) == header.strip('"')


@pytest.mark.parametrize(
    "header", ["", "x" * 15, "x" * 256, f'"{"x" * 15}"', "with a blank in it", "kunci-é-0123456789", '""']
)
def test_other_keys_are_malformed(header: str) -> None:
    with pytest.raises(Problem, match="idempotency-key-malformed"):
        idempotency_key.read(header)


@pytest.mark.parametrize("header", ["198501012010011001", "nik-1371016505850003", "key-9999999999999999-1"])
def test_a_key_that_names_a_person_is_refused_with_why(header: str) -> None:
    with pytest.raises(Problem, match="idempotency-key-malformed") as refused:
        idempotency_key.read(header)
    assert [item.code for item in refused.value.errors] == ["personal-number"]
    assert header not in str(refused.value.in_language("en", instance=""))


def test_what_is_kept_of_a_key_is_a_digest(padang: Caller) -> None:
    padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    record = IdempotencyRecord.objects.get()
    assert bytes(record.key_digest) == idempotency_key.digest(client="padang-pengawasan", key=KEY)
    assert KEY not in str(vars(record))


def test_whoever_has_an_answer_repeated_reads_it(padang: Caller) -> None:
    """The first answer belongs to the act; the second is a read, recorded with its purpose."""
    first = padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY)
    assert Access.objects.count() == 0
    again = padang("POST", "/api/v1/things", BODY, Idempotency_Key=KEY, Lintas_Purpose="oversight")
    assert [first["Cache-Control"], again["Cache-Control"]] == ["no-store", "no-store"]
    read = Access.objects.get()
    assert (read.route, read.purpose, read.client) == ("/things", "oversight", "padang-pengawasan")
    assert [str(ident) for ident in read.shown] == [json.loads(first.content)["id"]]
    parting = KEY[::-1]
    for _ in range(2):
        padang("POST", "/api/v1/things", BODY, Idempotency_Key=parting, Toy_Parting="1")
    assert Access.objects.count() == 1


def test_a_fingerprint_knows_client_method_path_and_meaning() -> None:
    base = {"client": "a", "method": "POST", "path": "/x", "body": {"n": 1, "m": [1.0]}}
    same = idempotency_key.fingerprint(**{**base, "body": {"m": [1], "n": 1.0}})  # type: ignore[arg-type]
    assert idempotency_key.fingerprint(**base) == same  # type: ignore[arg-type]
    for name, other in {"client": "b", "method": "PUT", "path": "/y", "body": {"n": 2, "m": [1.0]}}.items():
        assert idempotency_key.fingerprint(**{**base, name: other}) != same  # type: ignore[arg-type]
