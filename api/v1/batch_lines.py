"""What a line of a batch may say, how it is read, and how it is done: as the single call would have done it.

Each line is its own request: it has its own id, its own reading of the clock, its own key and transaction, and stores
its answer with its act.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils import timezone

from api.http import authentication, batching, bodies, problems, quotas, signatures, strict, throttling
from api.http.idempotency import Answer
from api.http.problems import ErrorItem, Problem
from api.http.view import DoorRequest, in_milliseconds
from api.v1 import acting, presenting
from audit import evidence
from casefiles import flow, register_time
from casefiles.catalogue import book
from casefiles.flow.finding import FindingGiven
from casefiles.flow.follow_up import Acknowledgement
from casefiles.flow.intake import Acceptance
from casefiles.flow.sanction import SanctionReport
from casefiles.shapes import Between, Doc, Ref
from casefiles.transitions.unit import Part

_CasefileId = Annotated[
    UUID, Ref("casefile"), Doc(id="Perkara", en="The casefile", example="0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b00")
]
_Version = Annotated[
    int, Between(1, 999_999_999), Doc(id="Versi yang dibaca (If-Match)", en="The version read (If-Match)", example=3)
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitLine:
    """A finding, as in POST /findings."""

    act: Annotated[Literal["submit"], Doc(id="Perbuatan", en="The act", example="submit")]
    body: Annotated[FindingGiven, Doc(id="Temuan", en="The finding")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptLine:
    """An acceptance, as in POST /casefiles/{casefile}/accept."""

    act: Annotated[Literal["accept"], Doc(id="Perbuatan", en="The act", example="accept")]
    casefile: _CasefileId
    version: _Version
    body: Annotated[Acceptance, Doc(id="Isi", en="The body")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeLine:
    """An acknowledgement, as in POST /casefiles/{casefile}/acknowledge."""

    act: Annotated[Literal["acknowledge"], Doc(id="Perbuatan", en="The act", example="acknowledge")]
    casefile: _CasefileId
    version: _Version
    body: Annotated[Acknowledgement, Doc(id="Isi", en="The body")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSanctionLine:
    """A sanction report, as in POST /casefiles/{casefile}/report-sanction."""

    act: Annotated[Literal["report-sanction"], Doc(id="Perbuatan", en="The act", example="report-sanction")]
    casefile: _CasefileId
    version: _Version
    body: Annotated[SanctionReport, Doc(id="Isi", en="The body")]


Line: TypeAlias = SubmitLine | AcceptLine | AcknowledgeLine | ReportSanctionLine
SHAPES: Final[Mapping[str, type[Line]]] = {
    "submit": SubmitLine,
    "accept": AcceptLine,
    "acknowledge": AcknowledgeLine,
    "report-sanction": ReportSanctionLine,
}
SCOPES: Final[Mapping[str, str]] = {act: "findings:write" if act == "submit" else "casefiles:write" for act in SHAPES}

# Refusals that say nothing of the line: it is still to be done, and the run ends where the next would be refused, too.
_ENDS_THE_RUN: Final = frozenset(
    {
        "rate-limited", "writes-paused", "temporarily-unavailable", "token-invalid", "token-expired",
        "delegation-ended", "signature-required",
    }
)  # fmt: skip
_FOR_NOW: Final = _ENDS_THE_RUN | {"try-again", "request-in-progress", "internal"}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a line. `ends` where the run cannot go on; `is_kept` where the answer stands for good."""

    status: int
    said: Mapping[str, Any]
    is_kept: bool = True
    ends: Problem | None = None


def done(request: DoorRequest, number: int, line: bytes, *, batch: UUID | None) -> Done:
    """Do one line; `batch` is None where everything is only tried."""
    one = _request_of(request, number, line)
    try:
        # Whoever lost their key, token or delegation while the batch was worked on does nothing more.
        one.auth = authentication.again(request, now=one.wall)
        if one.signed is None and batch is not None and one.actor.must_sign(now=one.wall):
            raise signatures.missing()
        throttling.check(quotas.holder_of(one.actor), "writes")
        return _done(one, number, line, batch=batch)
    except Exception as raised:
        problem = problems.from_exception(raised, request=one._request)
        said = {"problem": _in_both(problem, instance=f"urn:uuid:{one.request_id}")}
        if problem.code in _FOR_NOW:
            ends = problem if problem.code in _ENDS_THE_RUN else None
            return Done(problem.status, said, is_kept=False, ends=ends)
        if batch is not None:
            batching.note(batch, number, status=problem.status, said=said, now=one.now)
        return Done(problem.status, said)


def _done(one: DoorRequest, number: int, line: bytes, *, batch: UUID | None) -> Done:
    given = _read(one, line)
    one.expected_version = None if isinstance(given, SubmitLine) else given.version
    told: list[Mapping[str, Any]] = []

    def beside(answer: Answer, batch: UUID) -> Part:
        told.append(_made(given.act, answer.data, answer.warnings))
        return batching.answered(batch, number, status=answer.status, said=told[-1], now=one.now)

    if batch is None:
        response = _performed(one, given, beside=None)
        return Done(response.status_code, {"act": given.act, **orjson.loads(response.content)}, is_kept=False)
    response = _performed(one, given, beside=partial(beside, batch=batch))
    if not told:
        # Its key was used by an earlier run whose notes have ended since: the stored answer says what it made.
        data = orjson.loads(response.content)
        told.append(_made(given.act, data, data.get("warnings", ())))
        batching.note(batch, number, status=response.status_code, said=told[-1], now=one.now)
    return Done(response.status_code, told[-1])


def _request_of(request: DoorRequest, number: int, line: bytes) -> DoorRequest:
    """The line as a request of its own. Where the batch is signed, its evidence is the line's, under its own salt."""
    one = copy.copy(request)
    one.wall = in_milliseconds(timezone.now())
    one.now = one.wall + register_time.ahead()
    one.request_id = uuid.uuid4()
    one.answer = None
    if request.key is not None:
        one.sent_key, one.key = request.key, batching.line_key(key=request.key, number=number, line=line)
    if (signed := request.signed) is not None:
        one.signed = evidence.signed(
            base=signed.base, signature=signed.signature, alg=signed.alg, jwk=signed.jwk, thumbprint=signed.thumbprint
        )
    return one


def _read(one: DoorRequest, line: bytes) -> Line:
    """The line as its act's shape. Raises Problem `body-too-large`, `malformed-json`, `invalid-body`, or for scope."""
    strict.check_size(len(line))
    one._json = strict.loads(line)
    act = one._json.get("act") if isinstance(one._json, dict) else None
    if not isinstance(act, str) or act not in SHAPES:
        raise Problem("invalid-body", errors=list(_no_act(one._json)))
    if SCOPES[act] not in one.actor.scopes:
        raise Problem("insufficient-scope", params={"scope": SCOPES[act]})
    given: Line = bodies.parse(SHAPES[act], one._json, catalogue=book.load(), now=one.now, time_zone=one.time_zone)
    return given


def _no_act(data: Any) -> Iterator[ErrorItem]:
    if not isinstance(data, dict):
        yield ErrorItem("not-an-object", pointer="#")
    elif "act" not in data:
        yield ErrorItem("missing-field", pointer="#/act")
    else:
        yield ErrorItem("not-among-choices", pointer="#/act", members={"allowed": list(SHAPES)})


def _performed(one: DoorRequest, given: Line, *, beside: acting.Beside | None) -> HttpResponse:
    """Do it as the single call does; pointers into the body are told as pointers into the line."""
    try:
        if isinstance(given, SubmitLine):
            return acting.forward(one, given.body, beside=beside)
        return acting.transition(one, flow.ROWS[given.act], given.casefile, given.body, beside=beside)
    except Exception as raised:
        problem = problems.from_exception(raised, request=one._request)
        if problem.code != "invalid-body":
            raise problem from raised
        errors = [replace(item, pointer=f"#/body{(item.pointer or '#')[1:]}") for item in problem.errors]
        raise Problem("invalid-body", errors=errors) from raised


def _made(act: str, data: Mapping[str, Any], warnings: Any) -> dict[str, Any]:
    """What the line made, as ids, versions, states and receipts: nothing of what it said."""
    made = data["casefiles"] if act == "submit" else [data]
    found: dict[str, Any] = {
        "act": act,
        "casefiles": [
            {
                "id": one["id"],
                "number": one["number"],
                "version": one["version"],
                "state": one.get("state"),
                "href": presenting.casefile_href(one["id"]),
                "receipt": one["receipt"],
            }
            for one in made
        ],
        "warnings": [{"code": one["code"], "pointer": one["pointer"]} for one in warnings],
    }
    if act == "submit":
        found["finding"] = {"id": data["id"], "href": f"{presenting.API}/findings/{data['id']}"}
    return found


def _in_both(problem: Problem, *, instance: str) -> dict[str, Any]:
    return {language: problem.in_language(language, instance=instance) for language in ("id", "en")}


def shown(number: int, status: int, said: Mapping[str, Any], *, language: str) -> dict[str, Any]:
    """One answer, as it stands in the stream and in a page."""
    spoken = {name: value[language] if name == "problem" else value for name, value in said.items()}
    return {"line": number, "status": status, **spoken}
