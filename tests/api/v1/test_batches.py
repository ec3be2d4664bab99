"""`/batches`: many acts in one body, each as its single call would be, and the same result however often it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from agencies.actor import Actor
from agencies.models import Client, ClientKey
from api.http import batching, retention, security, throttling
from api.models import Batch, BatchLine
from api.v1 import batches
from audit.models import Entry, Evidence
from casefiles import references
from casefiles.flow import State
from casefiles.models import Casefile, Finding
from tests import factories
from tests.api.answers import assert_answers
from tests.api.test_constant_queries import statements
from tests.callers import as_owner
from tests.factories import BKN, PADANG, PEMKOT
from tests.partner import Partner, said
from tests.signed import Signer
from tests.world import World

pytestmark = pytest.mark.usefixtures("db", "world")

NDJSON = "application/x-ndjson"


def sent(
    partner: Partner, lines: Sequence[Any] | bytes, *, key: str | None = None, query: str = "", kind: str = NDJSON,
    **headers: str,
) -> Any:  # fmt: skip
    """The answer to a batch of these lines; what is no text yet is written as JSON."""
    body = lines if isinstance(lines, bytes) else b"".join(_written(line) + b"\n" for line in lines)
    headers |= {"Authorization": f"Bearer {partner.token}"} | ({"Idempotency-Key": key} if key else {})
    return Browser(raise_request_exception=False).generic(
        "POST", f"/api/v1/batches{query}", body, content_type=kind, headers=headers
    )


def _written(line: Any) -> bytes:
    return line if isinstance(line, bytes) else orjson.dumps(line)


def told(answer: Any) -> list[dict[str, Any]]:
    """The lines of a streamed answer."""
    assert answer.status_code == 200, answer.content
    return [orjson.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def cut(answer: Any) -> None:
    """End the answer as its server does when the caller has gone; the test's own connection stays open."""
    for close in answer._resource_closers:
        close()


def submit(assessment: uuid.UUID, number: str, **changed: Any) -> dict[str, Any]:
    """A line that forwards a finding of that number."""
    given = factories.finding_given(documents=(assessment,), register_number=number)
    return {"act": "submit", "body": {**references.plain(given), **changed}}


def act(story: factories.Story, name: str, **changed: Any) -> dict[str, Any]:
    """A line that performs a transition on the story's casefile as it stands."""
    body = {**references.plain(factories.given(name, day=story.day, document=_decision)), "occurred_at": None}
    return {"act": name, "casefile": str(story.casefile), "version": story.row.version, "body": body, **changed}


def _decision(kind: str) -> uuid.UUID:
    return factories.document(PEMKOT, kind)


@pytest.fixture
def office() -> Partner:
    """The system of Bawaslu in Padang."""
    return Partner(PADANG)


@pytest.fixture
def assessment() -> uuid.UUID:
    """Its assessment."""
    return factories.document(PADANG, "assessment")


def new_key() -> str:
    """A key as clients draw them."""
    return uuid.uuid4().hex


def test_each_line_is_done_and_answered_by_itself(office: Partner, assessment: uuid.UUID) -> None:
    """Good lines come in with their receipts; each bad one is told what is wrong with it, where in the line."""
    key = new_key()
    lines: list[Any] = [
        submit(assessment, "001/TM/2024"),
        b"",
        {"act": "submit", "body": {**submit(assessment, "002/TM/2024")["body"], "registernumber": "x"}},
        b'{"act": "submit",',
        {"act": "close", "body": {}},
        [1],
        submit(assessment, "001/tm/2024"),
        submit(uuid.uuid4(), "003/TM/2024"),
        submit(assessment, "004/TM/2024"),
    ]
    answer = sent(office, lines, key=key)
    assert answer.headers["Content-Type"] == NDJSON
    first, *answers, last = told(answer)
    assert (first["kind"], first["lines"], first["answered"]) == ("batch", 8, 0)
    assert [(one["line"], one["status"]) for one in answers] == [
        (1, 201), (3, 422), (4, 400), (5, 422), (6, 422), (7, 409), (8, 422), (9, 201),
    ]  # fmt: skip
    assert last == {"kind": "end", "done": 2, "refused": 6, "left": 0, "stopped": None}
    made = answers[0]["casefiles"][0]
    assert (made["version"], made["state"]) == (1, "submitted")
    entries = [one["casefiles"][0]["receipt"] for one in (answers[0], answers[-1])]
    assert len({one["entry"] for one in entries}) == 2
    for one in entries:
        assert Entry.objects.get(uuid=one["entry"]).leaf_hash.hex() == one["leaf_hash"]
        assert one["jws"]
    problems = [one["problem"] for one in answers if one["status"] >= 400]
    assert [problem["errors"][0].get("pointer") for problem in problems if "errors" in problem] == [
        "#/body/registernumber", None, "#/act", "#", "#/body/assessment/documents/0",
    ]  # fmt: skip
    assert problems[4]["existing"]["href"] == answers[0]["finding"]["href"]
    assert answer.headers["Location"] == first["batch"]["href"]


def test_a_personal_number_in_a_letters_number_is_refused_and_kept_nowhere(
    office: Partner, assessment: uuid.UUID
) -> None:
    """The line is told where it stands and how to mend it; neither the answer nor what is kept of the batch has it."""
    nip, key = factories.NIP, new_key()
    lines = [
        submit(assessment, f"B-{nip}"),
        submit(assessment, "001/TM/2024"),
        {"act": "acknowledge", "casefile": nip, "version": 1, "body": {}},
    ]
    answer = sent(office, lines, key=key, **{"Accept-Language": "en"})
    batch, refused, done, malformed, end = told(answer)
    assert (refused["status"], done["status"], malformed["status"]) == (422, 201, 422)
    (error,) = refused["problem"]["errors"]
    assert (error["code"], error["pointer"]) == ("personal-number-in-identifier", "#/body/register_number")
    assert "NIP goes into a field nip" in error["detail"]
    assert (end["done"], end["refused"], end["left"]) == (1, 2, 0)
    again = told(sent(office, lines, key=key, **{"Accept-Language": "en"}))
    results = office.get(f"{batch['batch']['href'].removeprefix('/api/v1')}/results").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(l::text)::text FROM api_batchline l")
        (kept,) = cursor.fetchone()
    for written in (str([refused, malformed]), str(again), results, kept):
        assert nip not in written
    assert Finding.objects.count() == 1


def test_sent_again_it_is_the_same(office: Partner, assessment: uuid.UUID) -> None:
    """Nothing is done twice, the answers are those of the first time, and another body under the key is refused."""
    key, lines = new_key(), [submit(assessment, "001/TM/2024"), {"act": "submit"}, submit(assessment, "002/TM/2024")]
    first = told(sent(office, lines, key=key))
    entries = Entry.objects.count()
    again = told(sent(office, lines, key=key))
    assert again[0] == {**first[0], "answered": 3}
    assert again[1:] == first[1:]
    assert (Finding.objects.count(), Entry.objects.count()) == (2, entries)
    changed = sent(office, lines[:2], key=key)
    assert (changed.status_code, said(changed)["code"]) == (422, "idempotency-key-reused")
    # Another client may draw the same key.
    assert told(sent(Partner("bawaslu-kab-agam"), lines[:1], key=key))[1]["status"] == 422


def test_cut_half_way_it_goes_on(office: Partner, assessment: uuid.UUID) -> None:
    """Wherever the answer is cut, the lines that were told are done, and the next time does what is left."""
    lines = [submit(assessment, f"{number:03d}/TM/2024") for number in range(1, 7)]
    key = new_key()
    for told_before in (0, 2, 3):
        answer = sent(office, lines, key=key)
        parts: Iterator[bytes] = iter(answer.streaming_content)
        seen = [orjson.loads(next(parts)) for _ in range(told_before + 2)]
        cut(answer)
        assert [one.get("status") for one in seen[1:]] == [201] * (told_before + 1)
        far = said(office.get(seen[0]["batch"]["href"].removeprefix("/api/v1")))
        assert (far["lines"], far["done"], far["left"], far["running"]) == (6, told_before + 1, 5 - told_before, False)
    whole = told(sent(office, lines, key=key))
    assert whole[-1] == {"kind": "end", "done": 6, "refused": 0, "left": 0, "stopped": None}
    assert Finding.objects.count() == Casefile.objects.count() == 6


def test_sanctions_are_reported_together(assessment: uuid.UUID) -> None:
    """An employer acknowledges and reports in one body, in the order of its lines; each has the casefile's version."""
    stories = [factories.casefile_at(State.RECOMMENDED) for _ in range(2)]
    city = Partner(PEMKOT)
    lines = [act(story, "acknowledge") for story in stories]
    lines += [act(stories[0], "report-sanction", version=stories[0].row.version + 1)]
    lines += [act(stories[1], "report-sanction")]
    lines += [act(stories[1], "acknowledge", casefile=str(uuid.uuid4()))]
    answers = told(sent(city, lines, key=new_key()))[1:-1]
    assert [(one["status"], one.get("problem", {}).get("code")) for one in answers] == [
        (200, None), (200, None), (200, None), (412, "stale-version"), (404, "not-found"),
    ]  # fmt: skip
    assert [story.row.state for story in stories] == ["sanction_reported", "awaiting_sanction"]
    assert answers[2]["casefiles"][0]["receipt"]["seq"] == stories[0].row.version
    refused = told(sent(Partner(BKN), [act(stories[1], "acknowledge")], key=new_key()))[1]
    assert refused["problem"]["code"] == "wrong-party"


def test_each_line_needs_the_scope_of_its_act(assessment: uuid.UUID) -> None:
    """A client without any writing scope is refused at once; one with another's scope line by line."""
    reader = sent(Partner(PADANG, scopes="casefiles:read"), [submit(assessment, "001/TM/2024")], key=new_key())
    assert (reader.status_code, said(reader)["code"]) == (403, "insufficient-scope")
    assert scopes_refused() == 1
    lines = [submit(assessment, f"00{number}/TM/2024") for number in range(1, 4)]
    answer = told(sent(Partner(PADANG, scopes="casefiles:write"), lines, key=new_key()))
    assert [(line["status"], line["problem"]["code"]) for line in answer[1:4]] == [(403, "insufficient-scope")] * 3
    assert scopes_refused() == 2, "security hears of it once, however many lines there are"


def scopes_refused() -> int:
    """How often security has heard of a scope that was refused."""
    return next(one.total for one in security.seen() if one.event == "scope-refused")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code", "reason"),
    [
        (b"\n\n", NDJSON, 400, "malformed-json", "empty-body"),
        (b'[{"act": "submit"}]', NDJSON, 400, "malformed-json", "array-for-lines"),
        (b"\xef\xbb\xbf{}", NDJSON, 400, "malformed-json", "byte-order-mark"),
        (b"{}\n" * 5_001, NDJSON, 413, "batch-too-large", "batch-lines"),
        (b"{}" + b" " * 8 * 1024**2, NDJSON, 413, "batch-too-large", "batch-bytes"),
        (b"{}", "application/json", 415, "unsupported-media-type", None),
    ],
)
def test_what_is_no_list_of_lines_is_refused_whole(
    office: Partner, body: bytes, kind: str, status: int, code: str, reason: str | None
) -> None:
    answer = sent(office, body, key=new_key(), kind=kind)
    assert (answer.status_code, said(answer)["code"]) == (status, code)
    assert said(answer).get("errors", [{}])[0].get("code") == reason
    assert not Batch.objects.exists()


def test_a_batch_has_a_key(office: Partner) -> None:
    assert said(sent(office, [{}]))["code"] == "idempotency-key-missing"
    assert said(sent(office, [{}], key="short"))["code"] == "idempotency-key-malformed"


def test_what_is_only_tried_is_not_stored(office: Partner, assessment: uuid.UUID) -> None:
    """No key is needed; every line is told what would come of it, and nothing is kept."""
    before = Entry.objects.count()
    lines = [submit(assessment, "001/TM/2024"), submit(assessment, "002/TM/2024", source="rumour")]
    first, good, bad, last = told(sent(office, lines, query="?validate_only=true"))
    assert first["batch"] is None
    assert (good["status"], good["valid"], good["would"]["state"]) == (200, True, "submitted")
    assert bad["problem"]["errors"][0]["pointer"] == "#/body/source"
    assert (last["done"], last["refused"]) == (1, 1)
    assert (Entry.objects.count(), Batch.objects.count(), Finding.objects.count()) == (before, 0, 0)


def test_progress_and_results_are_the_clients_own(office: Partner, assessment: uuid.UUID) -> None:
    """Results come in pages by line number, in the reader's language; nobody else finds the batch."""
    lines = [submit(assessment, "001/TM/2024"), {"act": "submit"}, submit(assessment, "002/TM/2024")]
    href = told(sent(office, lines, key=new_key()))[0]["batch"]["href"].removeprefix("/api/v1")
    far = office.get(href)
    assert_answers(far, "read_batch")
    assert (said(far)["done"], said(far)["refused"], said(far)["left"]) == (2, 1, 0)
    page = office.get(f"{href}/results?limit=2")
    assert_answers(page, "list_batch_results")
    assert [one["line"] for one in said(page)["data"]] == [1, 2]
    rest = office.get(said(page)["next"].removeprefix("/api/v1"))
    assert [one["line"] for one in said(rest)["data"]] == [3]
    refused = office.get(f"{href}/results?refused=true", **{"Accept-Language": "en"})
    (one,) = said(refused)["data"]
    assert (one["line"], one["problem"]["errors"][0]["detail"]) == (2, "This field is required.")
    for path in (href, f"{href}/results"):
        stranger = Partner("bawaslu-sumatera-barat").get(path)
        assert (stranger.status_code, said(stranger)["code"]) == (404, "not-found")


def test_results_take_as_many_statements_for_many_lines(office: Partner, assessment: uuid.UUID) -> None:
    counts = []
    for count in (1, 5):
        lines = [submit(assessment, f"{number:03d}-{count}/TM/2024") for number in range(count)]
        href = told(sent(office, lines, key=new_key()))[0]["batch"]["href"].removeprefix("/api/v1")
        counts.append([statements(partial(office.get, path)) for path in (href, f"{href}/results")])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 5


def test_a_line_takes_the_statements_of_its_single_call(office: Partner, assessment: uuid.UUID) -> None:
    """The answer of a line is stored by the statement of its act: a batch of ten costs ten acts and a few more."""

    def counted(count: int) -> int:
        lines = [submit(assessment, f"{number:03d}-{count}/TM/2024") for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            told(sent(office, lines, key=new_key()))
        return sum(1 for one in seen if "SAVEPOINT" not in one["sql"] and "bucket" not in one["sql"])

    counted(1)
    assert (counted(7) - counted(2)) / 5 == 4, "who acts is asked again, as the single call asks"


def test_lines_count_against_the_quota_of_writes(
    office: Partner, assessment: uuid.UUID, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is used up the run ends, told when to come back; what was done stays, and the rest is left."""
    settings.LINTAS_WRITE_BURST, settings.LINTAS_WRITE_RATE_PER_SECOND = 3, 0.01
    monkeypatch.setattr(throttling, "_lots", {})
    lines = [submit(assessment, f"{number:03d}/TM/2024") for number in range(5)]
    key = new_key()
    *_, last = told(sent(office, lines, key=key))
    assert (last["done"], last["left"], last["stopped"]["code"]) == (2, 3, "rate-limited")
    settings.LINTAS_WRITE_BURST = 100
    monkeypatch.setattr(throttling, "_lots", {})
    assert told(sent(office, lines, key=key))[-1]["left"] == 0
    assert Finding.objects.count() == 5


def test_one_batch_of_a_client_at_a_time(office: Partner, assessment: uuid.UUID) -> None:
    """While a run has the place another is told to come back; a run that has died keeps it for a few seconds."""
    running = sent(office, [submit(assessment, "001/TM/2024"), submit(assessment, "002/TM/2024")], key=new_key())
    next(iter(running.streaming_content))
    second = sent(office, [submit(assessment, "003/TM/2024")], key=new_key())
    assert (second.status_code, said(second)["code"]) == (409, "batch-in-progress")
    assert second.headers["Retry-After"] == str(batching.RUN_LASTS_S)
    cut(running)
    assert told(sent(office, [submit(assessment, "003/TM/2024")], key=new_key()))[-1]["done"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ended", ["key", "scope"])
def test_who_loses_the_right_to_act_meanwhile_does_no_further_line(
    office: Partner, assessment: uuid.UUID, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    """Or the log would hold entries of a key after its end, which its verifier names."""
    monkeypatch.setattr(batches, "KEEP_EVERY_S", 0.0)
    lines = [submit(assessment, f"{number:03d}/TM/2024") for number in range(3)]
    running = sent(office, lines, key=new_key())
    parts = iter(running.streaming_content)
    told_so_far = [next(parts), next(parts)]
    client = Client.objects.get(agency__code=PADANG)
    with as_owner():
        if ended == "key":
            ClientKey.objects.filter(client=client).update(revoked_at=datetime.now(UTC))
        else:
            Client.objects.filter(pk=client.pk).update(scopes=["casefiles:read", "casefiles:write"])
    *after, last = [orjson.loads(line) for line in (*told_so_far, *parts)][1:]
    if ended == "key":
        assert [one["status"] for one in after] == [201, 401]
        assert (last["done"], last["left"], last["stopped"]["code"]) == (1, 2, "token-invalid")
    else:
        assert [one["status"] for one in after] == [201, 403, 403]
    assert Finding.objects.count() == 1


def test_a_client_that_only_tries_leaves_places_to_others(office: Partner, assessment: uuid.UUID) -> None:
    """A trial has no row that says it runs, and takes a place all the same: one for each client."""
    lines = [submit(assessment, "001/TM/2024"), submit(assessment, "002/TM/2024")]
    tried = sent(office, lines, query="?validate_only=true")
    next(iter(tried.streaming_content))
    second = sent(office, lines, query="?validate_only=true")
    assert (second.status_code, said(second)["code"]) == (409, "batch-in-progress")
    assert told(sent(office, lines, key=new_key()))[-1]["done"] == 2
    other = sent(Partner("bawaslu-sumatera-barat"), lines, query="?validate_only=true")
    assert other.status_code == 200
    cut(other)
    cut(tried)
    assert told(sent(office, lines, query="?validate_only=true"))[-1]["refused"] == 2


def test_no_line_is_kept(office: Partner, assessment: uuid.UUID) -> None:
    """Of what the lines said nothing stands in what is kept of the batch: no name, no NIP, no number of a register."""
    lines = [submit(assessment, "001/TM/2024"), submit(assessment, "077/TM/2024", source="rumour")]
    lines[1]["body"]["subjects"][0]["nip"] = "123"
    told(sent(office, lines, key=new_key()))
    kept = orjson.dumps([row.said for row in BatchLine.objects.all()]).decode()
    assert not [word for word in (factories.NAME, factories.NIP, "001/TM", "077/TM", "rumour") if word in kept]


def test_a_signed_batch_proves_each_of_its_lines(assessment: uuid.UUID, world: World) -> None:
    """One signature over the whole body; each line's entry commits to evidence of its own, under its own salt."""
    signer = Signer(world, PADANG)
    body = b"".join(_written(submit(assessment, f"{number:03d}/TM/2024")) + b"\n" for number in range(2))
    headers = signer.sign("POST", "/api/v1/batches", body, signer.headers())
    answer = Browser(raise_request_exception=False).generic(
        "POST", "/api/v1/batches", body, content_type=NDJSON, headers=headers
    )
    answers = told(answer)[1:-1]
    assert [one["status"] for one in answers] == [201, 201]
    entries = Entry.objects.filter(uuid__in=[one["casefiles"][0]["receipt"]["entry"] for one in answers])
    requests = [orjson.loads(bytes(entry.body))["request"] for entry in entries]
    assert len({one["signature"] for one in requests}) == len({one["id"] for one in requests}) == 2
    # The key that the signature covers: the batch's.
    assert len({one["idempotency"] for one in requests}) == 1
    assert Evidence.objects.filter(pk__in=[one["id"] for one in requests]).count() == 2
    changed = Browser(raise_request_exception=False).generic(
        "POST", "/api/v1/batches", body + b"{}\n", content_type=NDJSON, headers=headers
    )
    assert (changed.status_code, said(changed)["code"]) == (401, "signature-refused")


@pytest.mark.django_db(transaction=True)
def test_batches_end_with_kept_answers(office: Partner, assessment: uuid.UUID) -> None:
    """What came of the lines is taken away with old answers; a line's key stays used, so nothing is done twice."""
    key, lines = new_key(), [submit(assessment, "001/TM/2024"), {"act": "submit"}]
    told(sent(office, lines, key=key))
    with as_owner():
        retention.end_answers(before=datetime.now(UTC) + timedelta(days=1))
        assert (Batch.objects.count(), BatchLine.objects.count()) == (0, 0)
    again = told(sent(office, lines, key=key))[1:-1]
    assert [(one["status"], one["problem"]["code"]) for one in again] == [(410, "answer-ended"), (422, "invalid-body")]
    assert Finding.objects.count() == 1


def test_a_client_that_must_sign_from_now_on_does_no_further_line_unsigned(
    office: Partner, assessment: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = sent(office, [submit(assessment, f"{number:03d}/TM/2024") for number in range(2)], key=new_key())
    parts = iter(running.streaming_content)
    assert [orjson.loads(next(parts))["kind"] for _ in range(2)] == ["batch", "line"]
    monkeypatch.setattr(Actor, "must_sign", lambda _, *, now: now <= datetime.now(UTC))
    last = [orjson.loads(part) for part in parts][-1]
    assert (last["done"], last["left"], last["stopped"]["code"]) == (1, 1, "signature-required")
