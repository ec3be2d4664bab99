"""Who may call what: each operation of the OpenAPI document, without a token, without the scope, by each party.

A route that the document gains and this table does not know fails `test_no_route_is_forgotten`.
"""

from __future__ import annotations

import pytest

from api.contract.openapi.files import kept
from casefiles.flow import FLOW
from tests.api.matrix.stage import (
    EVERYONE,
    FORMER,
    ONE_CASEFILE,
    PERFORMS,
    SEES_NOT,
    TRANSITIONS,
    Stage,
    assert_like_nothing,
    body_of,
    nowhere,
    path_of,
    send,
)
from tests.partner import Partner, call, said
from tests.world import World

# Operations that answer everybody, and those that any token opens.
OPEN = {
    ("get", "/"),
    ("get", "/problems"),
    ("get", "/openapi.yaml"),
    ("get", "/openapi.json"),
    ("get", "/catalogue/classifications"),
    ("post", "/catalogue/classifications"),
    ("get", "/log/checkpoint"),
    ("get", "/log/consistency"),
}
ANY_TOKEN = {
    "/me",
    "/agencies",
    "/mandates",
    "/catalogue/calendar",
    "/catalogue/codes",
    "/catalogue/deadlines",
    "/catalogue/document-types",
    "/catalogue/elections",
    "/catalogue/events",
    "/catalogue/ladder",
    "/catalogue/reasons",
    "/catalogue/regions",
    "/catalogue/routing",
    "/catalogue/sanctions",
    "/catalogue/siasn",
    "/catalogue/stages",
    "/catalogue/transitions",
    "/catalogue/violations",
}
# Any token opens these too; of what they hold, each caller gets what it had sight of (`test_log.py`).
LOG = {"/log/entries", "/log/entries/{index}/receipt"}
LISTS = {"/casefiles", "/findings", "/referrals", "/documents", "/preventions", "/zero-reports", "/events"}
# A client's own only: whose they are is tried in `tests/api/v1/test_webhooks.py`.
WEBHOOKS = {
    ("get", "/webhooks"),
    ("post", "/webhooks"),
    ("get", "/webhooks/{webhook}"),
    ("patch", "/webhooks/{webhook}"),
    ("delete", "/webhooks/{webhook}"),
    ("post", "/webhooks/{webhook}/ping"),
    ("post", "/webhooks/{webhook}/secret"),
    ("post", "/webhooks/{webhook}/replay"),
    ("get", "/webhooks/{webhook}/deliveries"),
    ("post", "/webhooks/{webhook}/deliveries/{delivery}/redeliver"),
}
# A client's own only, line by line what its scopes allow: `tests/api/v1/test_batches.py`.
BATCHES = {("post", "/batches"), ("get", "/batches/{batch}"), ("get", "/batches/{batch}/results")}
# A client's own only, and signed: `tests/api/v1/test_own_keys.py`.
OWN_KEYS = {("get", "/clients/me/keys"), ("post", "/clients/me/keys"), ("delete", "/clients/me/keys/{kid}")}
# Of whoever asked or was asked: `tests/api/v1/test_delegations.py`.
DELEGATIONS = {
    ("get", "/delegations"),
    ("post", "/delegations"),
    ("get", "/delegations/{delegation}"),
    ("post", "/delegations/{delegation}/approve"),
    ("post", "/delegations/{delegation}/end"),
}
KNOWN = (
    OPEN
    | {("get", path) for path in ANY_TOKEN | LOG | LISTS | ONE_CASEFILE}
    | {("post", path) for path in TRANSITIONS}
    | {
        ("post", "/findings"),
        ("get", "/findings/{finding}"),
        ("post", "/findings/{finding}/subjects"),
        ("post", "/casefiles/search"),
        ("post", "/reconciliations"),
        ("post", "/documents"),
        ("get", "/documents/{document}"),
        ("get", "/documents/{document}/content"),
        ("put", "/documents/{document}/content"),
        ("get", "/statistics"),
        ("post", "/preventions"),
        ("get", "/preventions/{prevention}"),
        ("post", "/zero-reports"),
        ("get", "/zero-reports/{zero_report}"),
        ("get", "/statistics/obligations"),
        ("get", "/statistics/disparity"),
        ("get", "/statistics/preventions"),
        ("get", "/statistics/snapshots"),
        ("post", "/statistics/snapshots"),
        ("get", "/statistics/snapshots/{snapshot}"),
        ("get", "/statistics/snapshots/{snapshot}/csv"),
        ("post", "/zero-reports/{zero_report}/withdraw"),
        ("get", "/silent-agencies"),
        ("get", "/agencies/{agency}/register-gaps"),
        ("get", "/casefiles/{casefile}/hukdis"),
        ("post", "/casefiles/{casefile}/hukdis"),
    }
    | BATCHES
    | WEBHOOKS
    | OWN_KEYS
    | DELEGATIONS
)


def operations() -> set[tuple[str, str]]:
    """Every operation under /api/v1, from the checked-in document."""
    document = kept("3.0")
    return {
        (method, path.removeprefix("/api/v1") or "/")
        for path, item in document["paths"].items()
        if path.startswith("/api/v1")
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }


def test_no_route_is_forgotten() -> None:
    """The table above and the document name the same operations."""
    assert operations() == KNOWN


@pytest.mark.parametrize(("method", "template"), sorted(KNOWN - OPEN))
def test_without_a_token_every_route_is_401(db: None, world: World, method: str, template: str) -> None:
    """No token, a garbage token: 401 as a problem, on every route that wants one."""
    for token, code in ((None, "token-missing"), ("x" * 43, "token-invalid")):
        answer = call(
            method.upper(),
            nowhere(template),
            token=token,
            body=body_of(template) if method in {"post", "patch"} else None,
        )
        assert (answer.status_code, said(answer)["code"]) == (401, code)
        assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(("method", "template"), sorted(KNOWN - OPEN))
def test_without_the_scope_a_route_is_403(told: Stage, method: str, template: str) -> None:
    """A token of no scope opens only what asks for none; the refusal comes before sight."""
    answer = send(Partner("bkn", scopes=""), method, nowhere(template), template)
    if template in ANY_TOKEN:
        assert answer.status_code == 200
    elif template in LOG:
        # Past the scope: one asks no question, the other for a proof that nobody has signed yet.
        assert said(answer)["code"] in {"invalid-query", "not-sequenced-yet"}
    elif (method, template) in OWN_KEYS:
        # No scope opens them, but a signature.
        assert answer.status_code == (200 if method == "get" else 401)
    elif (method, template) in DELEGATIONS:
        # Nor these: but they are of others, want another body, or a signature.
        assert answer.status_code in {200, 401, 404, 422}
    else:
        assert (answer.status_code, said(answer)["code"]) == (403, "insufficient-scope")


@pytest.mark.parametrize("template", sorted(TRANSITIONS))
@pytest.mark.parametrize("agency", [agency for agency in EVERYONE if agency != "bpk"])
def test_a_transition_is_its_partys_only(told: Stage, agency: str, template: str) -> None:
    """Not visible: 404 like nothing. Readable but another's: 403. One's own: anything but those, and never a 5xx."""
    row = next(row for row in FLOW if template.endswith(f"/{row.name}"))
    partner = Partner(agency)
    answer = send(partner, "post", path_of(template, told), template, told.version)
    if agency in SEES_NOT:
        assert_like_nothing(answer, send(partner, "post", nowhere(template), template, told.version))
        return
    if agency == FORMER:
        assert (answer.status_code, said(answer)["code"]) == (403, "wrong-party")
    mine = any(agency in PERFORMS.get(party, ()) for party in row.by)
    if mine:
        assert answer.status_code in {200, 409, 422}, answer.content
    else:
        # A body that names another's document is mended before the party is judged (422), never performed.
        assert (answer.status_code, said(answer)["code"]) in {(403, "wrong-party"), (422, "invalid-body")}
        if answer.status_code == 403:
            assert ", ".join(row.by) in said(answer)["detail"]
    assert told.story.row.version == told.version + (answer.status_code == 200)


def test_auditors_change_nothing(told: Stage) -> None:
    """An auditor's system has no writing scope; given one, it is no party."""
    refused = Partner("bpk").post(f"/casefiles/{told.story.casefile}/note", body_of("/note"), version=told.version)
    assert said(refused)["code"] == "insufficient-scope"
    armed = Partner("bpk", scopes="casefiles:write casefiles:read")
    answer = armed.post(f"/casefiles/{told.story.casefile}/note", {"code": "other", "date": "2024-10-10"}, version=9)
    assert answer.status_code == 403
    assert told.story.row.version == told.version
