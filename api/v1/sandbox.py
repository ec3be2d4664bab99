"""`/sandbox/explain-assertion` and `/sandbox/explain-signature`: which check fails, and how to mend it.

Open to everybody, and only in a sandbox that nobody else reaches (`LINTAS_EXPLAINS`): in earnest a stranger is told no
more than that nobody was recognised. Nothing is spent or stored: a `jti` can still buy its token afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from agencies import assertions, tokens
from agencies.assertions import AssertionRefused
from api.contract import problem_catalogue
from api.http import rendering, signatures, strict
from api.http.language import Wording
from api.http.problems import ErrorItem, Problem, problem_response
from api.http.signatures import Message, Reason, SignatureRefused
from api.http.view import answer, wall_of
from api.oauth.form import issuer, token_url
from api.oauth.form import wording as wording_of_assertion


def _explaining(explain: Callable[[HttpRequest, Any], dict[str, Any]]) -> Callable[[HttpRequest], HttpResponse]:
    """The view of a function that explains what was posted as JSON."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            if not settings.LINTAS_EXPLAINS:
                raise Problem("unknown-route")
            if request.method != "POST":
                raise Problem("method-not-allowed", headers={"Allow": "POST"})
            strict.check_size(len(request.body))
            response = answer(rendering.dumps(explain(request, strict.loads(request.body))))
        except Problem as refused:
            return problem_response(request, refused)
        response["Cache-Control"] = "no-store"
        return response

    return view


@_explaining
def explain_assertion(request: HttpRequest, body: Any) -> dict[str, Any]:
    """What is wrong with `{"assertion": "eyJ…"}`, with or without a key; its claims' times against our clock."""
    token, now = _text(body, "assertion"), wall_of(request)
    reasons: Iterable[Any] = ()
    try:
        claimed = assertions.examine(token, issuer=issuer(), token_url=token_url(), now=now)
        tokens.check(claimed, now=now)
    except AssertionRefused as refused:
        reasons = refused.reasons
    return _verdict([(reason.code, wording_of_assertion(reason)) for reason in reasons], now=now)


@_explaining
def explain_signature(request: HttpRequest, body: Any) -> dict[str, Any]:
    """What is wrong with a signed request, given as `{"method", "url", "headers": {…}, "body": "…"}`.

    `url` is what was called, whole or from its path on; `body` the text that was sent. `base` in the answer is what we
    say was signed.
    """
    now = wall_of(request)
    headers = body.get("headers") if isinstance(body, dict) else None
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise Problem("invalid-body", errors=[ErrorItem("missing-field", pointer="#/headers")])
    try:
        target = urlsplit(_text(body, "url"))
    except ValueError as error:
        raise Problem("invalid-body", errors=[ErrorItem("wrong-form", pointer="#/url")]) from error
    address = f"{target.path}{f'?{target.query}' if target.query else ''}"
    message = Message(
        method=_text(body, "method"),
        url=f"{settings.LINTAS_BASE_URL}{address}",
        headers={str(name).title(): value for name, value in headers.items()},
        body=_text(body, "body", may_be_empty=True).encode(),
    )
    found: list[Reason] = []
    base: str | None = None
    try:
        base = signatures.base_of(message, signatures.claimed(message.headers))
        signatures.verify(message, key=_key_of(message, now=now), now=now)
    except SignatureRefused as refused:
        found = [*refused.reasons]
    except tokens.TokenInvalid:
        found = [Reason("explained-token-invalid")]
    except tokens.TokenExpired:
        found = [Reason("explained-token-expired")]
    items = problem_catalogue.load().items
    words = [(reason.code, _filled(items[reason.code], reason.facts)) for reason in found]
    return {**_verdict(words, now=now), "base": base}


def _key_of(message: Message, *, now: Any) -> tokens.SigningKey | None:
    """The key that the message names, of the client whose token it carries."""
    scheme, _, token = (message.header("authorization") or "").partition(" ")
    if scheme.lower() not in {"bearer", "dpop"}:
        raise tokens.TokenInvalid
    return tokens.resolve_caller(token.strip(), now=now, keyid=signatures.keyid_of(message.headers)).signing_key


def _filled(wording: Wording, facts: Any) -> Wording:
    return Wording(id=wording.id.format(**facts), en=wording.en.format(**facts))


def _verdict(reasons: Iterable[tuple[str, Wording]], *, now: Any) -> dict[str, Any]:
    errors = [{"code": code, "id": words.id, "en": words.en} for code, words in reasons]
    return {"holds": not errors, "errors": errors, "now": now, "issuer": issuer()}


def _text(body: Any, name: str, *, may_be_empty: bool = False) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not (value or may_be_empty):
        raise Problem("invalid-body", errors=[ErrorItem("missing-field", pointer=f"#/{name}")])
    return value
