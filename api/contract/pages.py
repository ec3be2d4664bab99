"""The pages behind `type`: what a problem means, why it happens, what mends it, with an example, in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.assertion_text import Reason
from api.contract import assertion_examples, problem_catalogue, reasons
from api.contract.problem_catalogue import Kind
from api.http.language import Language, Wording, preferred
from api.http.problems import ErrorItem, Problem, problem_response
from api.http.rendering import dumps
from api.oauth.form import refusal

# A request id for examples; it names no request.
_INSTANCE = "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2"


@require_safe
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/problems/{code}`: one problem, or one code of `errors[]`, for people.

    Indonesian first, English below (or first, by Accept-Language).
    """
    kind = problem_catalogue.load().kinds.get(code)
    if kind is None:
        reason = reasons.load().get(code)
        return _reason_page(request, reason) if reason else problem_response(request, Problem("not-found"))
    languages = _languages(request)
    sides = [
        {
            "language": language,
            "words": _HEADINGS[language],
            "title": kind.title.in_language(language),
            "cause": kind.cause.in_language(language),
            "remedy": kind.remedy.in_language(language),
            "example": json.dumps(example(kind, language), ensure_ascii=False, indent=2),
        }
        for language in languages
    ]
    programs = assertion_examples.read() if code in _ABOUT_ASSERTIONS else {}
    shown = {"kind": kind, "sides": sides, "programs": programs}
    return _page(request, "api/problem.html", shown, languages=languages)


@require_safe
def problem_index(request: HttpRequest) -> HttpResponse:
    """`/problems`: every problem and every code of `errors[]`, each with its page."""
    languages = _languages(request)
    words = _INDEX[languages[0]]
    problems = [
        {
            "href": f"/problems/{kind.code}",
            "name": kind.code,
            "text": f"HTTP {kind.status}. {kind.title.in_language(languages[0])}",
        }
        for kind in sorted(problem_catalogue.load().kinds.values(), key=lambda kind: kind.code)
    ]
    items = [
        {"href": f"/problems/{reason.code}", "name": reason.code, "text": reason.sentences[0].in_language(languages[0])}
        for reason in reasons.load().values()
    ]
    parts = [{"title": words["problems"], "links": problems}, {"title": words["reasons"], "links": items}]
    return _page(request, "api/index.html", {"title": words["problems"], "parts": parts}, languages=languages[:1])


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """`/`: what this is, and where to go on."""
    languages = _languages(request)
    links = [{"href": href, "name": href, "text": text[languages[0]]} for href, text in _FRONT.items()]
    parts = [{"title": _INDEX[languages[0]]["front"], "links": links}]
    return _page(request, "api/index.html", {"title": "Lintas", "parts": parts}, languages=languages[:1])


@require_safe
def log_page(request: HttpRequest, number: int) -> HttpResponse:
    """The address that the feed calls `source`: on to the newest checkpoint of the log that has this name."""
    if not settings.LINTAS_LOG_ORIGIN.endswith(f"/log/{number}"):
        return problem_response(request, Problem("not-found"))
    return HttpResponseRedirect("/api/v1/log/checkpoint")


def _reason_page(request: HttpRequest, reason: reasons.Reason) -> HttpResponse:
    languages = _languages(request)
    sides = [
        {
            "language": language,
            "words": _HEADINGS[language],
            "sentences": [sentence.in_language(language) for sentence in reason.sentences],
        }
        for language in languages
    ]
    return _page(request, "api/reason.html", {"code": reason.code, "sides": sides}, languages=languages)


def _languages(request: HttpRequest) -> tuple[Language, ...]:
    """Both languages, the preferred one first."""
    return ("en", "id") if preferred(request.headers.get("Accept-Language", "")) == "en" else ("id", "en")


def _page(
    request: HttpRequest, template: str, shown: Mapping[str, Any], *, languages: tuple[Language, ...]
) -> HttpResponse:
    response = render(request, template, {**shown, "first": languages[0]})
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
            "title": kind.title.in_language(language),
            "cause": kind.cause.in_language(language),
            "remedy": kind.remedy.in_language(language),
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
        return refusal(kind.code, *(Reason(**reason) for reason in reasons)).in_language(language, instance=_INSTANCE)
    items = [_item(item) for item in given.pop("errors", [])]
    members = given.pop("members", None)
    return Problem(kind.code, params=given, errors=items, members=members).in_language(language, instance=_INSTANCE)


def _item(item: dict[str, Any]) -> ErrorItem:
    rest = dict(item)
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
        "about": "Kode ini berdiri di errors[] sebuah penolakan, dengan kalimat yang menyebut keadaannya. Letaknya: "
        "pointer atau parameter. Yang membuka jalan, bila ada: resolve_with.",
        "sentences": "Yang dikatakan (… adalah keadaan perkara)",
    },
    "en": {
        "cause": "Why it happens",
        "remedy": "What to do",
        "programs": "How an assertion is made",
        "example": "An example answer",
        "about": "This code stands in errors[] of a problem, with a sentence that names the situation. Where: pointer "
        "or parameter. What would open the way, if anything: resolve_with.",
        "sentences": "What is said (… is what the case holds)",
    },
}

_INDEX: dict[Language, dict[str, str]] = {
    "id": {"problems": "Jawaban yang menolak", "reasons": "Kode di errors[]", "front": "Ke mana selanjutnya"},
    "en": {"problems": "Refusals", "reasons": "Codes in errors[]", "front": "Where to go on"},
}

_FRONT: dict[str, dict[Language, str]] = {
    "/api/docs": {"id": "dokumentasi setiap panggilan", "en": "the documentation of every call"},
    "/api/v1": {"id": "dokumen layanan: versi dan tautan", "en": "the service document: versions and links"},
    "/api/v1/openapi.yaml": {"id": "kontrak (OpenAPI 3.0.3)", "en": "the contract (OpenAPI 3.0.3)"},
    "/problems": {
        "id": "arti setiap penolakan, dan jalan keluarnya",
        "en": "what every refusal means and what mends it",
    },
    "/api/v1/log/checkpoint": {"id": "ujung log yang dapat diperiksa", "en": "the head of the verifiable log"},
    "/.well-known/jwks.json": {"id": "kunci publik", "en": "the public keys"},
    "/.well-known/security.txt": {"id": "melaporkan kelemahan", "en": "reporting a weakness"},
}
