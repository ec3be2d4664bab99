"""The contract is whole, its examples are true, and the server's real answers are what it says."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import get_resolver
from openapi_spec_validator import validate

from api.contract.openapi import files
from api.contract.openapi.parts import OUTSIDE
from api.http import bodies
from api.http.middleware import _walk
from api.v1.casefiles import CasefileSearch
from casefiles import flow, shapes
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.guidance import Asked
from casefiles.flow import State
from casefiles.flow.finding import FindingGiven, MoreSubjects
from casefiles.intake.documents import Descriptor
from casefiles.intake.zero_reports import ZeroReportGiven, ZeroReportWithdrawn
from casefiles.operations.hukdis import HukdisHandedOver
from casefiles.references import plain
from casefiles.statistics.reconciliations import ReconciliationGiven
from casefiles.statistics.snapshots import SnapshotGiven
from tests import factories
from tests.api import answers
from tests.api.answers import assert_answers, assert_valid, operations, resolved
from tests.partner import Partner, call, said
from tests.ready import ROUTED, ready
from tests.world import World

NAMES = [one["operationId"] for _, _, one in operations()]
BODIES: Mapping[str, type[Any]] = {
    "submit_finding": FindingGiven,
    "add_subjects": MoreSubjects,
    "register_document": Descriptor,
    "classify_act": Asked,
    "search_casefiles": CasefileSearch,
    "reconcile_registers": ReconciliationGiven,
    "record_zero_report": ZeroReportGiven,
    "take_snapshot": SnapshotGiven,
    "withdraw_zero_report": ZeroReportWithdrawn,
    "record_hukdis": HukdisHandedOver,
    **{
        f"perform_{row.name.replace('-', '_')}": row.takes
        for row in flow.FLOW
        if row.takes and row.routed and not row.creates
    },
}


# -- the document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_both_forms_are_valid_openapi(version: str) -> None:
    validate(files.kept(version))
    assert files.kept(version)["openapi"].startswith(version)


def test_what_spectacular_itself_gives_is_the_contract() -> None:
    """Its own command, with the generator that the settings name: nothing is added after it."""
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    assert json.loads(out.getvalue()) == files.kept("3.0")


def test_every_route_is_an_operation_or_says_why_not() -> None:
    routes = {"/" + route for route in _walk(get_resolver("config.urls"), "")}
    documented = set(answers.document()["paths"])
    assert routes - documented == set(OUTSIDE)
    assert documented <= routes


def test_every_transition_with_a_route_has_its_operation() -> None:
    routed = {f"perform_{row.name.replace('-', '_')}" for row in flow.FLOW if row.routed and not row.creates}
    assert {name for name in NAMES if name.startswith("perform_")} == routed


def test_no_operation_shares_its_name() -> None:
    assert len(NAMES) == len(set(NAMES))


def test_what_a_client_sends_is_closed_and_what_it_reads_is_open() -> None:
    sent = _reached(one["requestBody"] for _, _, one in operations() if "requestBody" in one)
    read = _reached(one["responses"] for _, _, one in operations())
    for name, schema in sent.items():
        assert "enum" in schema or schema["additionalProperties"] is False, name
    for name, schema in read.items():
        assert "enum" not in str(_keys(schema)), name
        assert schema.get("additionalProperties") is not False, name


def test_in_the_contract_nothing_stands_beside_a_reference() -> None:
    for node in _nodes(files.kept("3.0")):
        assert "$ref" not in node or len(node) == 1, node


def test_the_codes_of_a_set_have_a_name() -> None:
    """Java's generator takes codes that stand inline in a set for text, and what it writes does not compile."""
    sets = [
        (name, member)
        for name, schema in files.kept("3.0")["components"]["schemas"].items()
        for member, said in schema.get("properties", {}).items()
        if said.get("uniqueItems")
    ]
    assert ("DataBlock", "services") in sets
    for name, member in sets:
        assert "enum" not in files.kept("3.0")["components"]["schemas"][name]["properties"][member]["items"]


def test_each_operation_asks_for_the_scope_that_the_door_asks_for() -> None:
    scopes = {one["operationId"]: one["security"] for _, _, one in operations()}
    assert scopes["submit_finding"] == [{"client_credentials": ["findings:write"]}]
    assert scopes["perform_close"] == [{"client_credentials": ["casefiles:write"]}]
    assert scopes["list_accesses"] == [{"client_credentials": ["accesses:read"]}]
    assert scopes["read_me"] == [{"client_credentials": []}]
    assert scopes["create_token"] == []


def test_a_transition_says_all_it_can_refuse() -> None:
    said_ = next(one for _, _, one in operations() if one["operationId"] == "perform_recommend")
    assert {"400", "401", "403", "404", "409", "412", "422", "428", "429", "503"} <= set(said_["responses"])
    assert {"mandate-not-in-force", "sanction-does-not-fit"} <= set(said_["x-refusals"])
    names = {resolved(one)["name"] for one in said_["parameters"]}
    assert {"Idempotency-Key", "If-Match", "validate_only", "casefile"} <= names


# -- its examples -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in operations()])
def test_every_example_validates(method: str, path: str) -> None:
    operation = answers.document()["paths"][path][method]
    contents = list(_contents(operation))
    assert contents or operation["operationId"] == "revoke_token"
    for media_type, content in contents:
        values = [content["example"]] if "example" in content else [one["value"] for one in _examples(content)]
        assert values, f"{operation['operationId']} has no example of {media_type}"
        for value in values:
            assert_valid(value, content["schema"], said=f"an example of {operation['operationId']}")


@pytest.mark.parametrize("name", BODIES)
def test_the_door_reads_every_example_body(name: str) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    for example in _bodies(name):
        bodies.parse(BODIES[name], example, catalogue=load_catalogue(), now=now, time_zone="Asia/Jakarta")


@pytest.mark.parametrize("name", BODIES)
def test_the_schema_demands_what_the_shape_demands(name: str) -> None:
    operation = next(one for _, _, one in operations() if one["operationId"] == name)
    schema = resolved(operation["requestBody"]["content"]["application/json"]["schema"])
    members = shapes.members(BODIES[name])
    assert set(schema["properties"]) == {member.name for member in members}
    assert set(schema.get("required", ())) == {member.name for member in members if member.required}


# -- real answers -----------------------------------------------------------------------------------------------------

# Every way a casefile can look; each is read by everybody who sees it.
WALKS: Mapping[str, tuple[State, tuple[str, ...] | None]] = {
    **{str(state): (state, None) for state in factories.PATHS},
    "withdrawn": (State.CLOSED, ("withdraw",)),
    "rejected": (State.CLOSED, ("reject",)),
    "redirected": (State.CLOSED, ("redirect",)),
    "terminated": (State.CLOSED, ("terminate",)),
    "not proven": (State.CLOSED, (*factories.PATHS[State.UNDER_EXAMINATION], "clear")),
    "retracted": (State.CLOSED, (*factories.PATHS[State.DISPUTED], "retract")),
    "settled": (State.SANCTION_REPORTED, (*factories.PATHS[State.CONTESTED], "settle", "record-execution")),
    "annulled": (State.CLOSED, (*factories.PATHS[State.CONTESTED], "annul")),
}


@pytest.mark.parametrize("walk", WALKS)
def test_a_casefile_is_read_as_documented_at_every_stage(db: None, world: World, walk: str) -> None:
    state, through = WALKS[walk]
    told = factories.casefile_at(state, through=through)
    for agency in ("bawaslu-kota-padang", "bawaslu-ri", "bkn", "pemkot-padang", "bpk", "kasn"):
        partner = Partner(agency)
        assert_answers(partner.get(f"/casefiles/{told.casefile}"), "read_casefile")
        assert_answers(partner.get(f"/casefiles/{told.casefile}/timeline?between=1,1"), "read_timeline")
        assert_answers(partner.get("/casefiles?count=exact"), "list_casefiles")
        assert_answers(partner.get("/referrals?to=any&status=any&count=exact"), "list_referrals")
        assert_answers(partner.get(f"/findings/{told.finding}"), "read_finding")


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        (path.removeprefix("/api/v1"), one["operationId"])
        for method, path, one in operations()
        if method == "get" and path.startswith("/api/v1") and "{" not in path
        # A log that was opened and sequenced takes a test that commits: `test_log.py` has it.
        if not path.startswith("/api/v1/log/")
        # A question of its own: `test_classifications.py`.
        if not path.endswith("/catalogue/classifications")
    ],
)
def test_what_stands_at_a_fixed_address_is_as_documented(db: None, world: World, path: str, operation: str) -> None:
    told = factories.casefile_at(State.SUBMITTED)
    partner = Partner("bkn")
    answer = partner.get(path)
    assert answer.status_code == 200
    assert_answers(answer, operation)
    assert_answers(partner.get(f"{path}?stat=open"))
    if "ETag" in answer:
        unchanged = partner.get(path, **{"If-None-Match": answer["ETag"]})
        assert unchanged.status_code == 304
        assert_answers(unchanged, operation)
    assert told.row.state == "submitted"


def test_writing_answers_as_documented_until_the_parting(transactional_db: None, world: World) -> None:
    padang, bkn, pemkot = Partner("bawaslu-kota-padang"), Partner("bkn"), Partner("pemkot-padang")
    registered = padang.post("/documents", _body("register_document"))
    assert registered.status_code == 201
    assert_answers(registered, "register_document")
    document = said(registered)["id"]
    assert_answers(padang.get(f"/documents/{document}"), "read_document")
    assert_answers(bkn.get(f"/documents/{document}"), "read_document")

    finding = _body("submit_finding")
    finding["assessment"]["documents"] = [document]
    finding["subjects"] = [{"name": "Terlapor Rekaan", "violations": [1]}]
    assert_answers(padang.post("/findings?validate_only=true", finding), "submit_finding")
    made = padang.post("/findings", finding, key="one-key-per-intention")
    assert made.status_code == 201
    assert_answers(made, "submit_finding")
    again = padang.post("/findings", finding, key="one-key-per-intention")
    assert again["Idempotency-Replayed"] == "true"
    assert_answers(again, "submit_finding")
    taken = padang.post("/findings", finding)
    assert said(taken)["code"] == "finding-exists"
    assert_answers(taken, "submit_finding")
    assert_answers(bkn.post("/findings", finding), "submit_finding")
    more = padang.post(
        f"/findings/{said(made)['id']}/subjects", {"subjects": [{"name": "Satu Lagi", "violations": [1]}]}
    )
    assert more.status_code == 201
    assert_answers(more, "add_subjects")

    file = f"/casefiles/{said(made)['casefiles'][0]['id']}"
    asked = bkn.post(f"{file}/request-identity", {"employer": "pemkot-padang"}, version=1)
    assert asked.status_code == 200
    assert_answers(asked, "perform_request_identity")
    rehearsed = pemkot.post(f"{file}/disown?validate_only=true", _body("perform_disown"), version=2)
    assert_answers(rehearsed, "perform_disown")
    parted = pemkot.post(f"{file}/disown", _body("perform_disown"), version=2)
    assert set(said(parted)) == {"id", "number", "version", "receipt"}
    assert_answers(parted, "perform_disown")
    assert_answers(pemkot.get(file), "read_casefile")
    assert_answers(
        bkn.post("/casefiles/search", {"name": "Terlapor Rekaan", "purpose": "integration_test"}), "search_casefiles"
    )
    assert_answers(bkn.get(f"{file}/accesses"), "list_accesses")


@pytest.mark.parametrize("name", ROUTED)
def test_every_transition_answers_as_documented(db: None, world: World, name: str) -> None:
    case = ready(name)
    path, version = f"/casefiles/{case.story.casefile}/{name}", case.story.row.version
    answer = Partner(case.who).post(path, plain(case.given), version=version)
    assert answer.status_code == 200, answer.content
    assert_answers(answer, f"perform_{name.replace('-', '_')}")


def test_refusals_are_documented_where_they_come(db: None, world: World) -> None:
    told = factories.casefile_at(State.SUBMITTED)
    file = f"/casefiles/{told.casefile}"
    bkn = Partner("bkn")
    body = _body("perform_reject")
    unreadable = {"If-Match": "nine", "Idempotency-Key": "a-key-that-is-long-enough"}
    refused = {
        "wrong-party": Partner("bawaslu-kota-padang").post(f"{file}/reject", body, version=1),
        "not-found": Partner("pemkot-padang").post(f"{file}/reject", body, version=1),
        "insufficient-scope": Partner("bkn", scopes="casefiles:read").post(f"{file}/reject", body, version=1),
        "wrong-state": bkn.post(f"{file}/close", _body("perform_close") | {"contest_waived": None}, version=1),
        "transition-refused": bkn.post(f"{file}/accept", {}, version=1),
        "stale-version": bkn.post(f"{file}/reject", body, version=9),
        "precondition-required": bkn.post(f"{file}/reject", body),
        "precondition-malformed": call("POST", f"{file}/reject", token=bkn.token, body=body, **unreadable),
        "idempotency-key-malformed": bkn.post(f"{file}/reject", body, version=1, key="short"),
        "invalid-body": bkn.post(f"{file}/reject", {"reson": 1}, version=1),
        "invalid-query": bkn.post(f"{file}/reject?validate_only=1", body, version=1),
        "token-missing": call("POST", f"{file}/reject", body=body),
        "token-invalid": call("GET", file, token="x" * 43),
        "not-acceptable": bkn.get(file, Accept="text/html"),
        "invalid-cursor": bkn.get("/casefiles?cursor=c1.x.y"),
        "unknown-route": bkn.post(f"{file}/recomend", body, version=1),
        "method-not-allowed": call("DELETE", file, token=bkn.token),
    }
    for code, answer in refused.items():
        assert said(answer)["code"] == code
        assert_answers(answer)


def test_a_token_is_refused_as_documented(db: None) -> None:
    form = {"grant_type": "password", "client_assertion": "x", "client_assertion_type": "y"}
    for answer in (
        Browser().post("/oauth/token", form),
        Browser().post(
            "/oauth/token", "grant_type=client_credentials", content_type="application/x-www-form-urlencoded"
        ),
        Browser().post("/oauth/revoke", "token=x", content_type="application/x-www-form-urlencoded"),
        Browser().get("/.well-known/oauth-authorization-server"),
    ):
        assert_answers(answer)


# -- the helper itself ------------------------------------------------------------------------------------------------


@pytest.fixture
def casefile_answer(db: None, world: World) -> Any:
    return Partner("bkn").get(f"/casefiles/{factories.casefile_at(State.RECOMMENDED).casefile}")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data.update(surname="x"), "surname"),
        (lambda data: data.pop("state"), "state"),
        (lambda data: data.update(version="9"), "#/version"),
        (lambda data: data["subject"].update(age=1), "#/subject"),
        (lambda data: data["turn"].update(due_on="tomorrow"), "#/turn/due_on"),
    ],
)
def test_an_answer_that_differs_is_caught(casefile_answer: Any, spoil: Any, says: str) -> None:
    assert_answers(casefile_answer)
    data = said(casefile_answer)
    spoil(data)
    with pytest.raises(AssertionError, match=re.escape(says)):
        assert_valid(data, {"$ref": "#/components/schemas/Casefile"}, said="a spoilt casefile")


def test_an_undocumented_status_is_caught(casefile_answer: Any) -> None:
    spoilt = copy.copy(casefile_answer)
    spoilt.status_code = 402
    with pytest.raises(AssertionError, match="answered 402, which is not documented"):
        assert_answers(spoilt)
    with pytest.raises(AssertionError, match="not of list_casefiles"):
        assert_answers(casefile_answer, "list_casefiles")


# -- where it is served -----------------------------------------------------------------------------------------------


def test_the_document_is_served_as_it_is_checked_in() -> None:
    served = Browser().get("/api/v1/openapi.yaml")
    assert served.content == files.FILES["3.0"].read_bytes()
    assert served["Content-Type"] == "application/yaml"
    newer = Browser().get("/api/v1/openapi.yaml?version=3.1")
    assert newer.content == files.FILES["3.1"].read_bytes()
    assert said(Browser().get("/api/v1/openapi.json")) == files.kept("3.0")
    assert said(Browser().get("/api/v1/openapi.json?version=4"))["code"] == "invalid-query"


def test_the_page_runs_under_our_policy_and_has_no_inline_script() -> None:
    page = Browser().get("/api/docs")
    text = page.content.decode()
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", text) == []
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    assert len(files) == 4
    for file in files:
        served = Browser().get(file)
        assert served.status_code == 200, file
        served.close()


# -- small parts ------------------------------------------------------------------------------------------------------


def _bodies(name: str) -> list[dict[str, Any]]:
    operation = next(one for _, _, one in operations() if one["operationId"] == name)
    content = copy.deepcopy(operation["requestBody"]["content"]["application/json"])
    return [content["example"]] if "example" in content else [one["value"] for one in content["examples"].values()]


def _body(name: str) -> dict[str, Any]:
    """The first example of the operation, as an act of this moment."""
    return {member: value for member, value in _bodies(name)[0].items() if member != "occurred_at"}


def _contents(operation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from resolved(one).get("content", {}).items()


def _examples(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [resolved(one) for one in content.get("examples", {}).values()]


def _reached(parts: Any) -> dict[str, Mapping[str, Any]]:
    """Every schema component those parts lead to."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting = [node["$ref"] for part in parts for node in _nodes(part) if "$ref" in node]
    while waiting:
        reference = waiting.pop()
        _, _, kind, name = reference.split("/")
        if name in found and kind == "schemas":
            continue
        said_ = resolved({"$ref": reference})
        if kind == "schemas":
            found[name] = said_
        if kind in {"schemas", "responses"}:
            waiting += [node["$ref"] for node in _nodes(said_) if "$ref" in node]
    return found


def _nodes(said_: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(said_, dict):
        yield said_
        for name, value in said_.items():
            if name not in {"example", "value"}:
                yield from _nodes(value)
    elif isinstance(said_, list):
        for value in said_:
            yield from _nodes(value)


def _keys(schema: Any) -> set[str]:
    return {name for node in _nodes(schema) for name in node if name == "enum"}
