"""The form that `/oauth/*` takes, and all that is wrong with it and with its assertion where that needs no key.

Nothing here asks a database: what is told, and how long it takes, is the same whoever is registered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from agencies import assertions
from agencies.assertion_text import Reason
from agencies.assertions import AssertionRefused, Claimed
from api.contract import problem_catalogue
from api.contract.operations import FORM, JSON
from api.http.language import Wording
from api.http.problems import ErrorItem, Problem
from api.oauth.wording import ASSERTION_REFUSED, REQUEST_REFUSED

# What a form may say to us. Everything else is ignored (RFC 6749, 3.2) and never reaches oauthlib, whose request object
# takes any field of the form for an attribute of its own.
PARAMETERS: Final = frozenset(
    {
        "grant_type",
        "scope",
        "client_id",
        "client_assertion_type",
        "client_assertion",
        "client_secret",
        "token",
        "token_type_hint",
        "resource",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A form without fault, and what its assertion says of itself. Nobody is believed yet."""

    form: Mapping[str, str]
    claimed: Claimed


def issuer() -> str:
    """The one spelling of who we are, for `aud`, `iss` and the metadata: no slash at the end."""
    return str(settings.LINTAS_BASE_URL)


def token_url() -> str:
    """Where tokens are bought."""
    return f"{issuer()}/oauth/token"


def read(request: HttpRequest, *, wants: str, now: datetime) -> Asked:
    """The form of this request, which must hold the parameter `wants` and an assertion.

    Raises a problem with every fault that shows without a key: `invalid-request` if the form itself has one, otherwise
    `unsupported-grant-type`, otherwise `invalid-client`; and `body-too-large`.
    """
    pairs, faults = _pairs(request)
    if pairs is None:
        raise refusal("invalid-request", *faults)
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in PARAMETERS and value:
            form.setdefault(name, value)
    if len({name for name, _ in pairs}) != len(pairs):
        faults.append(Reason("repeated", parameter=""))
    # Line breaks in an assertion are reported together with its other faults.
    faults += [
        Reason("control-character", {"parameter": name}, name)
        for name, value in form.items()
        if not value.isprintable() and (name != "client_assertion" or "\0" in value)
    ]
    if wants not in form:
        faults.append(Reason(f"{wants.replace('_', '-')}-missing", parameter=wants))
    code = "invalid-request" if faults else ""
    if wants == "grant_type" and form.get(wants, "client_credentials") != "client_credentials":
        code = code or "unsupported-grant-type"
        faults.append(Reason("grant-type-other", parameter=wants))
    claimed, reasons = _examined(form, has_authorization="Authorization" in request.headers, now=now)
    faults += reasons
    if faults or claimed is None:
        raise refusal(code or "invalid-client", *faults)
    return Asked(form=form, claimed=claimed)


def refusal(code: str, *reasons: Reason) -> Problem:
    """The problem of that code for these reasons: each among `errors`, all of them in `detail`.

    An OAuth library understands it too: `error` is RFC 6749's name for the code, `error_description` the detail.
    """
    worded = [(reason, wording(reason)) for reason in reasons]
    detail = problem_catalogue.load().kinds[code].detail
    if worded:
        detail = Wording(id=" ".join(words.id for _, words in worded), en=" ".join(words.en for _, words in worded))
    return Problem(
        code,
        detail=detail,
        errors=[ErrorItem(reason.code, parameter=reason.parameter or None, detail=words) for reason, words in worded],
        members=oauth_members(code, detail),
    )


def oauth_members(code: str, detail: Wording) -> dict[str, Any]:
    """What an OAuth library reads of a refusal."""
    return {"error": code.replace("-", "_"), "error_description": detail}


def wording(reason: Reason) -> Wording:
    """What is said of that reason, in both languages."""
    sentence = ASSERTION_REFUSED.get(reason.code) or REQUEST_REFUSED[reason.code]
    return Wording(id=sentence.id.format(**reason.facts), en=sentence.en.format(**reason.facts))


def _pairs(request: HttpRequest) -> tuple[list[tuple[str, str]] | None, list[Reason]]:
    """The names and values of the body (None where it cannot be read), and the faults in how it was sent.

    A body of another type is refused. It is read all the same, so that one answer names every other fault.
    """
    faults: list[Reason] = []
    if request.META.get("QUERY_STRING"):
        faults.append(Reason("query", parameter=""))
    body = _body(request)
    if request.content_type != FORM:
        faults.append(Reason("not-a-form", {"type": FORM}, parameter=""))
    if body is not None and request.content_type == JSON:
        return _pairs_of_json(body), faults
    if (request.content_type or "").startswith("multipart/"):
        return None, faults
    try:
        if body is not None:
            return parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=50), faults
    except ValueError:  # UnicodeDecodeError is one
        pass
    return None, [*faults, Reason("unreadable", parameter="")]


def _pairs_of_json(body: bytes) -> list[tuple[str, str]] | None:
    try:
        parsed = orjson.loads(body)
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    return [(name, value) for name, value in parsed.items() if isinstance(value, str)]


def _body(request: HttpRequest) -> bytes | None:
    """The bytes of the body, None where they did not all arrive. Raises the problem `body-too-large`."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
        if announced > settings.LINTAS_MAX_BODY_BYTES:
            raise Problem("body-too-large")
        body = request.body
    except (ValueError, UnreadablePostError):
        return None
    if len(body) > settings.LINTAS_MAX_BODY_BYTES:
        raise Problem("body-too-large")
    return body


def _examined(
    form: Mapping[str, str], *, has_authorization: bool, now: datetime
) -> tuple[Claimed | None, list[Reason]]:
    """What the form's assertion says of itself, and every reason not to believe it that shows without a key."""
    faults = list(_faults_of_client(form, has_authorization=has_authorization))
    if "client_assertion" not in form:
        return None, faults
    try:
        claimed = assertions.examine(form["client_assertion"], issuer=issuer(), token_url=token_url(), now=now)
    except AssertionRefused as refused:
        return None, [*faults, *refused.reasons]
    if form.get("client_id", claimed.client_id) != claimed.client_id:
        faults.append(Reason("client-id-differs", parameter="client_id"))
    return claimed, faults


def _faults_of_client(form: Mapping[str, str], *, has_authorization: bool) -> Iterator[Reason]:
    if "client_secret" in form or has_authorization:
        yield Reason("secret-sent", parameter="client_secret")
    if form.get("client_assertion_type") != assertions.TYPE:
        yield Reason("type", {"type": assertions.TYPE}, "client_assertion_type")
    if "client_assertion" not in form:
        yield Reason("absent")
