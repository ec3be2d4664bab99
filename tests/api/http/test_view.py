"""The door's order of checks, its headers, and that nothing leaves it as HTML."""

import json
import re
import uuid
from html import unescape
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from api import urls
from api.contract import assertion_examples
from api.http.queries import NoQuery
from api.http.view import DoorRequest, DoorView
from tests.api.conftest import Caller

KEY = "a-key-of-one-intention"


def code(response: Any) -> str:
    assert response["Content-Type"] == "application/problem+json", response.content[:200]
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    assert body["instance"] == f"urn:uuid:{response['X-Request-Id']}"
    return str(body["code"])


def test_the_checks_come_in_the_promised_order(padang: Caller) -> None:
    """One request with everything wrong; mending what is named brings the next refusal."""
    wrong: dict[str, Any] = {
        "Authorization": "",
        "Accept": "text/html",
        "Content-Type": "text/plain",
        "Content-Length": "300000",
    }
    path, body = "/api/v1/things/x/renumber?nope=1", b"{"
    assert code(padang("PUT", path, body, **wrong)) == "method-not-allowed"
    assert code(padang("POST", path, body, **wrong)) == "token-missing"
    wrong["Authorization"] = "Bearer padang-pengawasan casefiles:read"
    assert code(padang("POST", path, body, **wrong)) == "insufficient-scope"
    del wrong["Authorization"]
    assert code(padang("POST", path, body, **wrong)) == "not-acceptable"
    del wrong["Accept"]
    assert code(padang("POST", path, body, **wrong)) == "invalid-query"
    path = path.partition("?")[0]
    assert code(padang("POST", path, body, **wrong)) == "body-too-large"
    del wrong["Content-Length"]
    assert code(padang("POST", path, body, **wrong)) == "unsupported-media-type"
    del wrong["Content-Type"]
    assert code(padang("POST", path, body, **wrong)) == "malformed-json"
    assert code(padang("POST", path, b"{}", **wrong)) == "idempotency-key-missing"
    wrong["Idempotency-Key"] = "short"
    assert code(padang("POST", path, b"{}", **wrong)) == "idempotency-key-malformed"
    wrong["Idempotency-Key"] = KEY
    assert code(padang("POST", path, b"{}", **wrong)) == "precondition-required"
    wrong["If-Match"] = "9"
    assert code(padang("POST", path, b"{}", **wrong)) == "precondition-malformed"
    wrong["If-Match"] = '"9"'
    assert json.loads(padang("POST", path, b"{}", **wrong).content) == {"version": 9}


def test_a_trial_run_needs_neither_key_nor_version_but_no_broken_ones(padang: Caller) -> None:
    path = "/api/v1/things/x/renumber?validate_only=true"
    assert padang("POST", path, b"{}").status_code == 200
    assert code(padang("POST", path, b"{}", If_Match="9")) == "precondition-malformed"
    assert code(padang("POST", path, b"{}", Idempotency_Key="x")) == "idempotency-key-malformed"
    refused = padang("POST", "/api/v1/things?validate_only=1", b"{}", Idempotency_Key=KEY)
    assert code(refused) == "invalid-query"


def test_an_empty_body_is_malformed_not_missing_fields(padang: Caller) -> None:
    refused = padang("POST", "/api/v1/things", Idempotency_Key=KEY)
    assert code(refused) == "malformed-json"
    assert json.loads(refused.content)["errors"][0]["code"] == "empty-body"


def test_what_is_no_uuid_names_nothing(padang: Caller) -> None:
    unlike = padang("GET", "/api/v1/things/x")
    absent = padang("GET", f"/api/v1/things/{uuid.uuid4()}")
    assert code(unlike) == code(absent) == "not-found"
    known = re.compile(rb"[0-9a-f-]{36}")
    assert known.sub(b"", unlike.content) == known.sub(b"", absent.content)


def test_reading_again_what_has_not_changed_costs_nothing(padang: Caller) -> None:
    made = padang("POST", "/api/v1/things", b'{"number": "1"}', Idempotency_Key=KEY)
    path = made["Location"]
    first = padang("GET", path)
    assert re.fullmatch(r'"9\.[0-9a-f]{8}"', first["ETag"])
    again = padang("GET", path, If_None_Match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert padang("GET", path, If_None_Match='"9"').status_code == 200
    assert padang("HEAD", path)["ETag"] == first["ETag"]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/api/v1/thing", "/api/v1/things"),
        ("/api/v1/things/", "/api/v1/things"),
        ("/api/v1/things/0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10/renumbr", "/api/v1/things/{thing}/renumber"),
        ("/api/v1/things/0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10/RENUMBER", "/api/v1/things/{thing}/renumber"),
        ("/wp-admin", None),
        ("/", None),
        ("/api/v1/" + "x/" * 3000, None),
    ],
)
def test_an_unknown_route_is_told_the_nearest(call: Caller, path: str, meant: str | None) -> None:
    refused = call("GET", path)
    assert code(refused) == "unknown-route"
    assert json.loads(refused.content).get("did_you_mean") == meant


@pytest.mark.parametrize("path", ["/api/v1/broken", "/api/v1/broken-plain"])
def test_a_crash_is_a_problem_that_tells_only_its_instance(call: Caller, path: str) -> None:
    crashed = call("GET", path)
    assert code(crashed) == "internal"
    assert b"1985" not in crashed.content
    assert list(json.loads(crashed.content)) == ["type", "title", "status", "code", "detail", "instance"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused_and_told_which_there_are(call: Caller, method: str) -> None:
    refused = call(method, "/api/v1/things")
    assert code(refused) == "method-not-allowed"
    assert refused["Allow"] == "GET, POST, HEAD"
    assert code(call("POST", "/problems/not-found")) == "method-not-allowed"


def test_a_request_that_cannot_be_ours_is_refused_before_anything_else(call: Caller) -> None:
    assert code(call("GET", "/api/v1/things?x=" + "1" * 9000)) == "uri-too-long"
    assert code(call("GET", "/api/v1/things", X_Long="1" * 40_000)) == "headers-too-long"
    assert code(call("GET", "/api/v1/things", Host="evil.example")) == "unknown-host"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/*;q=0.1", "text/html, application/json;q=0.5", "application/problem+json"]
)
def test_whoever_takes_json_is_served(call: Caller, accept: str) -> None:
    assert code(call("GET", "/api/v1/broken", Accept=accept)) == "internal"


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/xml",
        "application/json;q=0",
        "*/*, application/json;q=0, application/problem+json;q=0",
        "text/*",
    ],
)
def test_whoever_does_not_is_told(call: Caller, accept: str) -> None:
    assert code(call("GET", "/api/v1/broken", Accept=accept)) == "not-acceptable"


def test_every_answer_carries_its_headers(call: Caller) -> None:
    sent = str(uuid.uuid4())
    for response in (
        call("GET", "/api/v1/broken", X_Request_Id=sent),
        call("GET", "/api/v1/problems", X_Request_Id=sent),
    ):
        # Ours is another, however often the caller sends the same; the caller's stands beside it.
        assert response["X-Caller-Request-Id"] == sent
        assert str(uuid.UUID(response["X-Request-Id"])) == response["X-Request-Id"] != sent
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "default-src" in response["Content-Security-Policy"]
        assert response["API-Version"]
        assert response["Cache-Control"]
    for unfit in ("198501012010011001", "x" * 65, "", "dua kata"):
        response = call("GET", "/api/v1/broken", X_Request_Id=unfit)
        assert "X-Caller-Request-Id" not in response
        answered = response["X-Request-Id"]
        assert answered != unfit
        assert str(uuid.UUID(answered)) == answered


def test_a_problem_page_explains_itself_in_both_languages(toy_api: None) -> None:
    page = Client().get("/problems/stale-version", headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert page.status_code == 200
    assert text.index("Stale version") < text.index("Versi sudah berganti")
    assert "current_version" in text
    assert "<script" not in text
    listed = json.loads(Client().get("/api/v1/problems").content)["data"]
    assert len(listed) > 30
    for kind in listed:
        assert Client().get(f"/problems/{kind['code']}").status_code == 200
    assert code(Client().get("/problems/nope")) == "not-found"


def test_the_page_about_clients_shows_how_an_assertion_is_made() -> None:
    for language in ("en", "id"):
        page = unescape(
            Client().get("/problems/invalid-client", headers={"Accept-Language": language}).content.decode()
        )
        for program in assertion_examples.read().values():
            assert page.count(program) == 1
        for word in ("kid-missing", "signature-is-der", "iat", "jti"):
            assert word in page
    assert "asn1parse" not in Client().get("/problems/stale-version").content.decode()


def test_a_view_that_names_no_scope_does_not_even_start() -> None:
    def get(self: DoorView, request: DoorRequest) -> HttpResponse:
        return HttpResponse()

    with pytest.raises(TypeError, match="names no scope"):
        type("Forgetful", (DoorView,), {"get": get})
    with pytest.raises(TypeError, match="unknown scope"):
        type("Misspelt", (DoorView,), {"get": get, "required_scopes": {"get": "casefile:read"}})
    with pytest.raises(TypeError, match="must be a Writing"):
        type(
            "Untried",
            (DoorView,),
            {"post": get, "required_scopes": {"post": None}, "keyed": True, "queries": {"post": NoQuery}},
        )


def test_a_query_is_handed_over_only_as_it_was_declared(padang: Caller) -> None:
    class Mistaken(DoorView):
        authentication_classes = ()
        required_scopes: ClassVar[dict[str, str | None]] = {"get": None}

        def get(self, request: DoorRequest) -> HttpResponse:
            request.asked(str)
            return HttpResponse()

    from django.test import RequestFactory

    assert Mistaken.as_view()(RequestFactory().get("/")).status_code == 500


def test_every_scope_that_is_offered_opens_some_call() -> None:
    views = [getattr(pattern.callback, "cls", None) for pattern in urls.urlpatterns]
    asked = {scope for view in views if view for scope in getattr(view, "required_scopes", {}).values()}
    assert asked - {None} == settings.SCOPES.keys()
