"""Refusals as answers: RFC 9457 problems in Indonesian and English, for DRF, plain views and middleware alike.

`problem_data.yaml` holds status and wording of every code; `EXCEPTIONS` says which exception speaks with which code.
What is not in the table is our mistake: 500 `internal`, which tells the caller nothing but the request's id.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.conf import settings
from django.core import exceptions as django_exceptions
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf

from agencies import delegations, keys
from agencies.calendar import NoCalendarYet
from api.contract import problem_catalogue
from api.http import caller_ids, unforeseen
from api.http.language import Language, Wording, preferred
from api.http.rendering import dumps
from audit.nodes import LogBroken
from audit.quorum import BadPolicyFile
from casefiles import errors
from casefiles.flow import judging
from contents import errors as content_errors
from delivery import errors as delivery_errors

logger = logging.getLogger("lintas.problems")

MEDIA_TYPE = "application/problem+json"

MOST_ERRORS = 100
"""Reasons that one answer names; of the others it says how many there are."""


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One reason among `errors[]`.

    `code` is stable. The sentence comes from the items of `problem_data.yaml` with `params` filled in, unless `detail`
    brings its own. `pointer` (a JSON pointer as fragment, `#/a/0/b`) or `parameter` says where; `members` are further
    members such as `did_you_mean`, `allowed`, `href`, `resolve_with`. None of them may carry the value refused.
    """

    code: str
    pointer: str | None = None
    parameter: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    detail: Wording | None = None
    members: Mapping[str, Any] = field(default_factory=dict)

    def in_language(self, language: Language) -> dict[str, Any]:
        """The item as it stands in the answer."""
        item: dict[str, Any] = {"code": self.code}
        if self.pointer is not None:
            item["pointer"] = self.pointer
        if self.parameter is not None:
            item["parameter"] = self.parameter
        if self.detail is not None:
            item["detail"] = self.detail.in_language(language)
        else:
            item["detail"] = problem_catalogue.load().items[self.code].in_language(language, self.params)
        return item | {name: _spoken(value, language) for name, value in self.members.items()}


class Problem(Exception):
    """A refusal on its way to the caller. Raises KeyError at once for a code that `problem_data.yaml` lacks.

    `params` fill the catalogue's sentence; `detail` replaces it. `members` are further members of the problem itself
    (`state`, `allowed_from`, `current_version`, `existing`, ...); `headers` go with the answer.
    """

    def __init__(
        self,
        code: str,
        *,
        detail: Wording | None = None,
        params: Mapping[str, Any] | None = None,
        errors: Sequence[ErrorItem] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = problem_catalogue.load().kinds[code]
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.params = dict(params or {})
        self.errors = tuple(errors)
        self.members = dict(members or {})
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return self.kind.status

    def in_language(self, language: Language, *, instance: str) -> dict[str, Any]:
        """The members of the problem, in the order in which they are written."""
        detail = (
            self.detail.in_language(language) if self.detail else self.kind.detail.in_language(language, self.params)
        )
        body: dict[str, Any] = {
            "type": f"{_base_url()}/problems/{self.code}",
            "title": self.kind.title.in_language(language),
            "status": self.status,
            "code": self.code,
            "detail": detail,
            "instance": instance,
        }
        if self.errors:
            body["errors"] = [item.in_language(language) for item in self.errors[:MOST_ERRORS]]
        if len(self.errors) > MOST_ERRORS:
            body["more_errors"] = len(self.errors) - MOST_ERRORS
        return body | {name: _spoken(value, language) for name, value in self.members.items()}


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as an answer to this request; for views and middleware outside DRF too."""
    language = preferred(request.headers.get("Accept-Language", ""))
    body = problem.in_language(language, instance=f"urn:uuid:{request_id(request)}")
    response = HttpResponse(dumps(body), status=problem.status, content_type=MEDIA_TYPE)
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept-Language"
    # Read by `api.http.security`, which counts refusals that look like an attack.
    response.refused_with = problem.code, [item.code for item in problem.errors[:MOST_ERRORS]]  # type: ignore[attr-defined]
    if problem.status == 401:
        response["WWW-Authenticate"] = _challenge(problem.code)
    elif problem.code == "insufficient-scope":
        response["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{problem.params["scope"]}"'
    elif problem.status in {409, 503} and problem.code in _PASSING:
        response["Retry-After"] = _RETRY_AFTER_S.get(problem.code, "1")
    for name, value in problem.headers.items():
        response[name] = value
    return response


def request_id(request: HttpRequest) -> uuid.UUID:
    """The id the middleware gave this request; a new one where a test or a tool goes round the middleware."""
    known = getattr(request, "request_id", None)
    if isinstance(known, uuid.UUID):
        return known
    drawn = uuid.uuid4()
    request.request_id = drawn  # type: ignore[attr-defined]  # the middleware's own attribute
    return drawn


def handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's exception handler (`REST_FRAMEWORK["EXCEPTION_HANDLER"] = "api.http.problems.handler"`)."""
    request = context["request"]
    plain: HttpRequest = getattr(request, "_request", request)
    return problem_response(plain, from_exception(exc, request=plain))


def from_exception(exc: BaseException, *, request: HttpRequest | None = None) -> Problem:
    """The problem an exception means. Never fails: what no table knows is `internal`, and is logged."""
    if isinstance(exc, Problem):
        return exc
    for kind in type(exc).__mro__:
        meaning = EXCEPTIONS.get(kind)
        if meaning is not None:
            return Problem(meaning) if isinstance(meaning, str) else meaning(exc)
    if isinstance(exc, DatabaseError | InterfaceError):
        code = code_of_database_error(exc)
        if code is not None:
            # Which refusal it was is told to nobody but the operator. Its message could hold values, its code cannot.
            logger.warning("%s: the database refused with SQLSTATE %s", code, sqlstate(exc) or "(no answer)")
            return Problem(code)
    unforeseen.log(
        exc,
        request_id=str(request_id(request)) if request is not None else "-",
        caller_request_id=(caller_ids.of(request) or None) if request is not None else None,
    )
    return Problem("internal")


# -- which exception speaks with which code ---------------------------------------------------------------------------


def _log_broken(exc: LogBroken | BadPolicyFile) -> Problem:
    # Ids, sizes and settings only. The operator must look; the caller can but come again.
    logger.critical("%s", exc)
    return Problem("temporarily-unavailable")


def _not_offered(exc: delivery_errors.NotOffered) -> Problem:
    logger.critical("no courier's key is on record. As the owner: manage.py open_delivery --draw-key")
    return Problem("temporarily-unavailable")


def _not_clean(exc: content_errors.NotClean) -> Problem:
    headers = {"Retry-After": "5"} if exc.status == "quarantined" else {}
    return Problem(
        "content-not-clean", params={"status": exc.status}, members={"status_of_content": exc.status}, headers=headers
    )


def _misconfigured(exc: content_errors.Misconfigured) -> Problem:
    logger.critical("%s", exc)
    return Problem("temporarily-unavailable")


def _refused(exc: judging.Refused) -> Problem:
    return Problem(
        "transition-refused",
        errors=[
            ErrorItem(
                code=reason.code,
                pointer=reason.pointer or None,
                detail=Wording(reason.id, reason.en),
                members={"resolve_with": list(reason.resolve_with)} if reason.resolve_with else {},
            )
            for reason in exc.reasons
        ],
    )


def _wrong_state(exc: judging.WrongState) -> Problem:
    """`available` is added by the view, which knows what this party may do instead."""
    return Problem(
        "wrong-state",
        params={"state": str(exc.state)},
        members={"state": str(exc.state), "allowed_from": [str(state) for state in exc.allowed_from]},
    )


def _stale(exc: errors.StaleVersion) -> Problem:
    """With the version the caller should have named, and an ETag that names it."""
    return Problem(
        "stale-version",
        params={"current_version": exc.current},
        members={"current_version": exc.current},
        headers={"ETag": f'"{exc.current}"'},
    )


def _invalid(exc: errors.InvalidGiven) -> Problem:
    return Problem(
        "invalid-body",
        errors=[
            ErrorItem(
                fault.code,
                pointer=fault.pointer,
                detail=Wording(fault.id, fault.en),
                members={"did_you_mean": fault.near} if fault.near else {},
            )
            for fault in exc.faults
        ],
    )


def _finding_exists(exc: errors.FindingExists) -> Problem:
    return Problem("finding-exists", members={"existing": {"href": f"/api/v1/findings/{exc.finding}"}})


def _zero_report_exists(exc: errors.ZeroReportExists) -> Problem:
    return Problem("zero-report-exists", members={"existing": {"href": f"/api/v1/zero-reports/{exc.report}"}})


def _snapshot_exists(exc: errors.SnapshotExists) -> Problem:
    return Problem("snapshot-exists", members={"existing": {"href": f"/api/v1/statistics/snapshots/{exc.snapshot}"}})


def _register_says_otherwise(exc: errors.RegisterSaysOtherwise) -> Problem:
    """One reason per casefile that the caller sees; `contradicted_by` counts the others too."""
    return Problem(
        "register-says-otherwise",
        params={"count": exc.total},
        members={"contradicted_by": exc.total},
        errors=[
            ErrorItem(
                casefile.because,
                pointer="#/period",
                params={"number": casefile.number},
                members={"number": casefile.number, "href": f"/api/v1/casefiles/{casefile.id}"},
            )
            for casefile in exc.casefiles
        ],
    )


def _too_many_rows(exc: errors.TooManyRows) -> Problem:
    return Problem("invalid-query", errors=[ErrorItem("too-many-rows", parameter="by", params={"max": exc.most})])


def _throttled(exc: drf.Throttled) -> Problem:
    wait = max(1, int(getattr(exc, "wait", None) or 1))
    return Problem("rate-limited", params={"retry_after": wait}, headers={"Retry-After": str(wait)})


Meaning: TypeAlias = str | Callable[[Any], Problem]

EXCEPTIONS: dict[type[BaseException], Meaning] = {
    judging.Refused: _refused,
    judging.WrongState: _wrong_state,
    judging.WrongParty: lambda exc: Problem("wrong-party", params={"by": ", ".join(exc.by)}),
    errors.NotVisible: "not-found",
    errors.UnknownTransition: "unknown-route",
    errors.StaleVersion: _stale,
    errors.InvalidGiven: _invalid,
    errors.FindingExists: _finding_exists,
    errors.ZeroReportExists: _zero_report_exists,
    errors.SnapshotExists: _snapshot_exists,
    errors.NotForThisRole: lambda exc: Problem("wrong-party", params={"by": ", ".join(exc.roles)}),
    errors.NearPublished: "near-published",
    errors.NotInOffice: lambda exc: Problem("not-in-office", params={"office": "; ".join(exc.office) or "-"}),
    errors.RegisterSaysOtherwise: _register_says_otherwise,
    errors.WithdrawnAlready: "withdrawn-already",
    errors.NotYourOffice: "not-your-office",
    errors.Erased: "erased",
    errors.BeyondHead: lambda exc: Problem("beyond-head", params={"head": exc.head}),
    errors.TooManyRows: _too_many_rows,
    errors.NoMandate: "temporarily-unavailable",
    errors.CatalogueNotOnRecord: "temporarily-unavailable",
    delivery_errors.NotOffered: _not_offered,
    delivery_errors.LogPaused: lambda exc: Problem("writes-paused", errors=[ErrorItem(f"log-{exc.why}")]),
    delivery_errors.NoSuchWebhook: "not-found",
    delivery_errors.TooManyWebhooks: "too-many-webhooks",
    delivery_errors.KeyReused: "idempotency-key-reused",
    delivery_errors.NotAnEvent: "not-an-event",
    content_errors.NotOffered: "content-not-offered",
    content_errors.LogPaused: lambda exc: Problem("writes-paused", errors=[ErrorItem(f"log-{exc.why}")]),
    content_errors.NotYours: "not-your-document",
    content_errors.NotAccepted: "content-not-accepted",
    content_errors.TooLarge: "content-too-large",
    content_errors.Differs: lambda exc: Problem(
        "content-differs", errors=[ErrorItem(f"content-other-{by}") for by in exc.by]
    ),
    content_errors.Damaged: "content-damaged",
    content_errors.NotWhatItSays: "content-not-what-it-says",
    content_errors.OverQuota: lambda exc: Problem("content-over-quota", params={"used": exc.used, "most": exc.most}),
    content_errors.NoRoom: "content-no-room",
    content_errors.StoreDown: "temporarily-unavailable",
    content_errors.Absent: "content-absent",
    content_errors.NotClean: _not_clean,
    content_errors.Unreadable: "temporarily-unavailable",
    content_errors.Misconfigured: _misconfigured,
    delegations.CannotDelegate: lambda exc: Problem(
        "cannot-delegate",
        errors=[ErrorItem(fault.code, pointer=fault.pointer, params=fault.facts) for fault in exc.faults],
    ),
    delegations.NotAVendor: "not-a-vendor",
    delegations.NoSuchDelegation: "not-found",
    delegations.NotTheEmployer: "not-the-employer",
    delegations.DelegationOver: "delegation-over",
    delegations.AlreadyApproved: "delegation-over",
    delegations.KeyEnded: "token-invalid",
    LogBroken: _log_broken,
    BadPolicyFile: _log_broken,
    NoCalendarYet: "temporarily-unavailable",
    Http404: "not-found",
    drf.NotFound: "not-found",
    drf.NotAuthenticated: "token-missing",
    drf.AuthenticationFailed: "token-invalid",
    drf.MethodNotAllowed: "method-not-allowed",
    drf.NotAcceptable: "not-acceptable",
    drf.UnsupportedMediaType: "unsupported-media-type",
    drf.ParseError: "malformed-request",
    drf.Throttled: _throttled,
    django_exceptions.DisallowedHost: "unknown-host",
    django_exceptions.RequestDataTooBig: "body-too-large",
    django_exceptions.TooManyFieldsSent: "invalid-query",
    django_exceptions.SuspiciousOperation: "malformed-request",
    django_exceptions.BadRequest: "malformed-request",
}


# -- the database's own refusals --------------------------------------------------------------------------------------

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_RETRY = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_BUSY = _RETRY | {"55P03", "57014", "25P03", "55006"}  # lock_not_available, query_canceled (statement_timeout), idle
_DOWN_CLASSES = ("08", "53", "58")  # connection, resources (disk full, memory, connections), system error
_DOWN = frozenset({"57P01", "57P02", "57P03", "25006"})  # shutdown, crash, cannot connect now, read-only

_RETRY_AFTER_S = {"temporarily-unavailable": "10", "writes-paused": "60"}
_PASSING = frozenset({"request-in-progress", "try-again", "temporarily-unavailable", "writes-paused"})


def sqlstate(exc: BaseException) -> str:
    """The SQLSTATE behind a database error; empty where the server never answered."""
    found: str | None = getattr(exc.__cause__, "sqlstate", None)
    return found or ""


def may_succeed_again(exc: BaseException) -> bool:
    """Whether the whole transaction may be repeated at once: serialization failures and deadlocks."""
    return isinstance(exc, DatabaseError) and sqlstate(exc) in _RETRY


def code_of_database_error(exc: BaseException) -> str | None:
    """`try-again`, `temporarily-unavailable`, or None where the error is a defect of ours."""
    state = sqlstate(exc)
    if is_without_room(exc):
        _without_room[:] = [time.monotonic()]
    if state in _BUSY:
        return "try-again"
    if state in _DOWN or state[:2] in _DOWN_CLASSES:
        return "temporarily-unavailable"
    if not state and isinstance(exc, OperationalError | InterfaceError):
        return "temporarily-unavailable"
    return None


_without_room = [float("-inf")]


def is_without_room(exc: BaseException) -> bool:
    """Whether the database's disk is full (disk_full)."""
    return isinstance(exc, DatabaseError) and sqlstate(exc) == "53100"


def last_without_room() -> float:
    """When a statement of this process found no room last, by the monotonic clock."""
    return _without_room[0]


# -- small parts ------------------------------------------------------------------------------------------------------


def _base_url() -> str:
    base: str = settings.LINTAS_BASE_URL
    return base.rstrip("/")


def _challenge(code: str) -> str:
    if code.startswith("signature-"):
        return 'Signature realm="lintas", tag="lintas-v1"'
    if code.startswith("dpop-"):
        error = "use_dpop_nonce" if code == "dpop-nonce-required" else "invalid_dpop_proof"
        return f'DPoP realm="lintas", error="{error}", algs="{" ".join(keys.ALGORITHMS)}"'
    if code in {"token-invalid", "token-expired", "delegation-ended"}:
        return 'Bearer realm="lintas", error="invalid_token"'
    return 'Bearer realm="lintas"'


def _spoken(value: Any, language: Language) -> Any:
    return value.in_language(language) if isinstance(value, Wording) else value
