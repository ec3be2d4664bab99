"""Problems: complete, bilingual, with one status per code; and nothing leaks out of an unforeseen one."""

import json
import logging
import re
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core import exceptions as django_exceptions
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions as drf

from api.contract import pages, problem_catalogue
from api.http import problems
from api.http.language import Wording, preferred
from api.http.problems import ErrorItem, Problem
from audit.nodes import LogBroken
from audit.quorum import BadPolicyFile
from audit.sequencer import CannotSequence
from casefiles import errors
from casefiles.flow import judging
from casefiles.flow.grammar import Refusal, State
from casefiles.flow.judging import Refused, WrongParty, WrongState

KINDS = problem_catalogue.load().kinds

# One code has one status for ever: changing a line here breaks partners.
STATUSES = {
    400: "invalid-target invalid-dpop-proof use-dpop-nonce "
    "unsupported-grant-type invalid-scope invalid-request precondition-malformed idempotency-key-missing "
    "idempotency-key-malformed malformed-json invalid-query invalid-cursor beyond-head unknown-host malformed-request "
    "purpose-unknown body-cut body-not-expected header-repeated upload-digest-missing upload-digest-malformed "
    "content-damaged",
    401: "delegation-ended dpop-proof-refused dpop-nonce-required "
    "token-missing token-invalid token-expired invalid-client signature-required signature-refused",
    403: "not-delegated purpose-not-delegated not-a-vendor not-the-employer "
    "insufficient-scope wrong-party not-in-office not-your-office not-your-document",
    404: "not-found not-sequenced-yet unknown-route no-evidence evidence-not-yet content-not-offered content-absent",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "request-timeout content-too-slow",
    409: "delegation-over "
    "wrong-state transition-refused request-in-progress finding-exists zero-report-exists snapshot-exists "
    "near-published "
    "register-says-otherwise batch-in-progress too-many-webhooks not-an-event too-many-keys last-key "
    "withdrawn-already content-differs content-not-clean",
    410: "answer-ended erased",
    412: "stale-version",
    413: "body-too-large batch-too-large content-too-large",
    414: "uri-too-long",
    415: "unsupported-media-type content-not-accepted",
    416: "range-not-satisfiable",
    422: "cannot-delegate idempotency-key-reused invalid-body key-refused content-not-what-it-says",
    428: "precondition-required",
    429: "rate-limited too-many-waiters too-many-at-once",
    431: "headers-too-long",
    500: "internal",
    503: "try-again temporarily-unavailable writes-paused",
    507: "content-over-quota content-no-room",
}


def test_every_code_keeps_its_status() -> None:
    promised = {code: status for status, codes in STATUSES.items() for code in codes.split()}
    assert {code: kind.status for code, kind in KINDS.items()} == promised


@pytest.mark.parametrize("code", KINDS)
def test_every_problem_is_told_in_two_languages_and_shows_an_example(code: str) -> None:
    kind = KINDS[code]
    for wording in (kind.title, kind.detail, kind.cause, kind.remedy):
        assert wording.id.strip()
        assert wording.en.strip()
        assert wording.id != wording.en
        assert set(re.findall(r"{(\w+)}", wording.id)) == set(re.findall(r"{(\w+)}", wording.en))
    example = pages.example(kind, "id")
    assert list(example)[:6] == ["type", "title", "status", "code", "detail", "instance"]
    assert "{" not in example["detail"]


@pytest.mark.parametrize("code", problem_catalogue.load().items)
def test_every_item_is_told_in_two_languages(code: str) -> None:
    wording = problem_catalogue.load().items[code]
    assert wording.id != wording.en
    assert set(re.findall(r"{(\w+)}", wording.id)) == set(re.findall(r"{(\w+)}", wording.en))


def answer(exc: Exception, **headers: str) -> tuple[Any, dict[str, Any]]:
    request = RequestFactory().get("/api/v1/x", headers=headers)
    response = problems.handler(exc, {"request": request})
    return response, json.loads(response.content)


def test_a_problem_has_its_members_in_order() -> None:
    response, body = answer(
        Problem(
            "wrong-state",
            params={"state": "submitted"},
            errors=[ErrorItem("missing-field", pointer="#/a")],
            members={"state": "submitted"},
            headers={"X-Toy": "1"},
        )
    )
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response["Content-Language"] == "id"
    assert response["X-Toy"] == "1"
    assert list(body) == ["type", "title", "status", "code", "detail", "instance", "errors", "state"]
    assert body["type"].endswith("/problems/wrong-state")
    assert body["instance"].startswith("urn:uuid:")
    assert body["detail"] == "Langkah ini tidak dapat dimulai dari tahap submitted."
    assert body["errors"] == [{"code": "missing-field", "pointer": "#/a", "detail": "Isian ini wajib ada."}]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "id"),
        ("en", "en"),
        ("en-US,en;q=0.9,id;q=0.8", "en"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("en;q=0.8,id", "id"),
        ("en;q=0", "id"),
        ("fr, en;q=0.3", "en"),
        ("*", "id"),
        ("de", "id"),
        ("en;q=x", "id"),
        (",;;=,en;q=1;x", "id"),
        ("x" * 10_000, "id"),
    ],
)
def test_english_is_spoken_to_who_asks_for_it(header: str, language: str) -> None:
    assert preferred(header) == language
    response, _ = answer(Problem("not-found"), **{"Accept-Language": header[:100]})
    assert response["Content-Language"] == language


def test_words_of_the_flow_are_said_as_they_stand() -> None:
    refused = Refused((Refusal("x", "tidak {0} boleh", "may {not}", pointer="#/a", resolve_with=("identify",)),))
    _, body = answer(refused, **{"Accept-Language": "en"})
    assert body["code"] == "transition-refused"
    assert body["errors"] == [{"code": "x", "pointer": "#/a", "detail": "may {not}", "resolve_with": ["identify"]}]


def database_error(sqlstate: str | None, kind: type[Exception] = OperationalError) -> Exception:
    cause = psycopg.errors.lookup(sqlstate)("x") if sqlstate else psycopg.OperationalError("no route")
    error = kind("x")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("exc", "code"),
    [
        (WrongState(State.SUBMITTED, (State.RETURNED,)), "wrong-state"),
        (WrongParty("accept", ()), "wrong-party"),
        (errors.NotVisible(), "not-found"),
        (errors.UnknownTransition(), "unknown-route"),
        (errors.StaleVersion(9), "stale-version"),
        (errors.InvalidGiven(()), "invalid-body"),
        (errors.FindingExists(UUID(int=1)), "finding-exists"),
        (errors.ZeroReportExists(UUID(int=1)), "zero-report-exists"),
        (errors.SnapshotExists(UUID(int=1)), "snapshot-exists"),
        (errors.NotForThisRole(("examiner",)), "wrong-party"),
        (errors.NearPublished(), "near-published"),
        (errors.NotInOffice(("BKN (bkn), examining-2024",)), "not-in-office"),
        (errors.RegisterSaysOtherwise((), total=1), "register-says-otherwise"),
        (errors.WithdrawnAlready(), "withdrawn-already"),
        (errors.NotYourOffice(), "not-your-office"),
        (errors.Erased(), "erased"),
        (Http404(), "not-found"),
        (drf.NotAuthenticated(), "token-missing"),
        (drf.AuthenticationFailed(), "token-invalid"),
        (drf.MethodNotAllowed("PUT"), "method-not-allowed"),
        (drf.UnsupportedMediaType("x"), "unsupported-media-type"),
        (drf.NotAcceptable(), "not-acceptable"),
        (drf.Throttled(3.2), "rate-limited"),
        (django_exceptions.RequestDataTooBig(), "body-too-large"),
        (django_exceptions.DisallowedHost(), "unknown-host"),
        (django_exceptions.SuspiciousOperation(), "malformed-request"),
        (database_error("40001"), "try-again"),
        (database_error("40P01"), "try-again"),
        (database_error("55P03"), "try-again"),
        (database_error("57014"), "try-again"),
        (database_error("53100"), "temporarily-unavailable"),
        (database_error("57P01"), "temporarily-unavailable"),
        (database_error("08006"), "temporarily-unavailable"),
        (database_error(None), "temporarily-unavailable"),
        (database_error(None, InterfaceError), "temporarily-unavailable"),
        (database_error("42P01", DatabaseError), "internal"),
        (database_error("23505", DatabaseError), "internal"),
        (KeyError("x"), "internal"),
        (AssertionError(), "internal"),
    ],
)
def test_exceptions_speak_with_their_codes(exc: Exception, code: str) -> None:
    response, body = answer(exc)
    assert body["code"] == code
    assert response.status_code == KINDS[code].status
    assert ("Retry-After" in response.headers) == (response.status_code in {429, 503})


def test_everything_the_domain_refuses_has_its_code() -> None:
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    classes += [one for one in vars(judging).values() if isinstance(one, type) and issubclass(one, Exception)]
    said = [one for one in classes if one is not errors.CasefileError]
    assert [one for one in said if one not in problems.EXCEPTIONS] == []
    assert len(said) >= 10


def test_a_stale_version_is_told_the_current_one() -> None:
    response, body = answer(errors.StaleVersion(9))
    assert (response.status_code, response["ETag"], body["current_version"]) == (412, '"9"', 9)
    assert "9" in body["detail"]


def test_faults_found_by_the_domain_are_said_as_they_stand() -> None:
    fault = errors.Fault("unknown-agency", "#/employer", "tak {ada}", "no {such}", near="pemkot-padang")
    _, body = answer(errors.InvalidGiven((fault,)))
    assert body["errors"] == [
        {"code": "unknown-agency", "pointer": "#/employer", "detail": "tak {ada}", "did_you_mean": "pemkot-padang"}
    ]


@pytest.mark.parametrize("kind", [LogBroken, CannotSequence, BadPolicyFile])
def test_a_broken_log_is_told_to_the_operator_and_callers_come_again(
    kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    response, body = answer(kind("Node 7 of level 1 is missing"))
    assert (response.status_code, body["code"]) == (503, "temporarily-unavailable")
    assert "Node" not in response.content.decode()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("CRITICAL", "Node 7 of level 1 is missing")
    ]


def test_an_unforeseen_error_tells_nothing_and_logs_no_message(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        try:
            raise ValueError("Budi 198501012010011001")
        except ValueError as cause:
            raise RuntimeError("Key (nip)=(198501012010011001)") from cause

    with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError) as caught:
        fail()
    with caplog.at_level(logging.ERROR):
        _, body = answer(caught.value)
    assert list(body) == ["type", "title", "status", "code", "detail", "instance"]
    assert "RuntimeError < builtins.ValueError" in caplog.text
    assert body["instance"].removeprefix("urn:uuid:") in caplog.text
    assert "1985" not in caplog.text + json.dumps(body)
    assert "Budi" not in caplog.text


@pytest.mark.parametrize("code", ["token-missing", "token-invalid", "token-expired", "invalid-client"])
def test_401_says_how_to_authenticate(code: str) -> None:
    response, _ = answer(Problem(code))
    assert response["WWW-Authenticate"].startswith('Bearer realm="lintas"')


def test_a_code_that_is_not_in_the_catalogue_is_a_mistake_at_once() -> None:
    with pytest.raises(KeyError):
        Problem("nope")
    with pytest.raises(KeyError):
        ErrorItem("nope").in_language("id")
    assert ErrorItem("nope", detail=Wording("a", "b")).in_language("en") == {"code": "nope", "detail": "b"}
