"""The pages behind `type`: what a problem means, why it happens, what mends it, with an example, in both languages."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.assertion_text import Reason
from api.contract import assertion_examples, problem_catalogue
from api.contract.problem_catalogue import Kind
from api.http.language import Language, Wording, preferred
from api.http.problems import ErrorItem, Problem, problem_response
from api.http.rendering import dumps
from api.oauth.form import refusal

# A request id for examples; it names no request.
_INSTANCE = "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2"


@require_safe
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/problems/{code}`: one problem for people, Indonesian first, English below (or first, by Accept-Language)."""
    kind = problem_catalogue.load().kinds.get(code)
    if kind is None:
        return problem_response(request, Problem("not-found"))
    first = preferred(request.headers.get("Accept-Language", ""))
    languages: tuple[Language, Language] = ("en", "id") if first == "en" else ("id", "en")
    sides = [
        {
            "language": language,
            "words": _HEADINGS[language],
            "title": kind.title.said(language),
            "cause": kind.cause.said(language),
            "remedy": kind.remedy.said(language),
            "example": json.dumps(example(kind, language), ensure_ascii=False, indent=2),
        }
        for language in languages
    ]
    programs = assertion_examples.read() if code in _ABOUT_ASSERTIONS else {}
    shown = {"kind": kind, "sides": sides, "first": first, "programs": programs}
    response = render(request, "api/problem.html", shown)
    response["Vary"] = "Accept-Language"
    response["Content-Language"] = ", ".join(languages)
    return response


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """`GET /api/v1/problems`: every code with its status and wording, for whoever programs against them."""
    language = preferred(request.headers.get("Accept-Language", ""))
    data = [
        {
            "code": kind.code,
            "status": kind.status,
            "type": f"{settings.LINTAS_BASE_URL}/problems/{kind.code}",
            "title": kind.title.said(language),
            "cause": kind.cause.said(language),
            "remedy": kind.remedy.said(language),
        }
        for kind in problem_catalogue.load().kinds.values()
    ]
    response = HttpResponse(dumps({"data": data}), content_type="application/json")
    response["Content-Language"] = language
    response["Cache-Control"] = "public, max-age=300"
    return response


def example(kind: Kind, language: Language) -> dict[str, Any]:
    """How the problem looks on the wire, made by the same code that answers for real."""
    given = dict(kind.example)
    if reasons := given.pop("reasons", None):
        return refusal(kind.code, *(Reason(**one) for one in reasons)).said(language, instance=_INSTANCE)
    items = [_item(one) for one in given.pop("errors", [])]
    members = given.pop("members", None)
    return Problem(kind.code, params=given, errors=items, members=members).said(language, instance=_INSTANCE)


def _item(one: dict[str, Any]) -> ErrorItem:
    rest = dict(one)
    detail = rest.pop("detail", None)
    return ErrorItem(
        rest.pop("code"),
        pointer=rest.pop("pointer", None),
        parameter=rest.pop("parameter", None),
        params=rest.pop("params", {}),
        detail=Wording(**detail) if detail else None,
        members=rest,
    )


# The problems whose pages show how an assertion is made.
_ABOUT_ASSERTIONS = frozenset({"invalid-client", "invalid-request"})

_HEADINGS: dict[Language, dict[str, str]] = {
    "id": {
        "cause": "Mengapa terjadi",
        "remedy": "Apa yang perlu dilakukan",
        "programs": "Cara membuat asersi",
        "example": "Contoh jawaban",
    },
    "en": {
        "cause": "Why it happens",
        "remedy": "What to do",
        "programs": "How an assertion is made",
        "example": "An example answer",
    },
}
