"""A vendor's client acts for employers that let it, and for nobody else; what it does names both."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies import delegations, tokens
from agencies.models import Agency
from api.http import throttling
from audit.models import Entry
from casefiles.flow import Party, State
from casefiles.operations.log_readers import reader_of
from casefiles.transitions import parties
from delivery.models import Webhook
from tests import callers
from tests.api.answers import assert_answers
from tests.api.test_constant_queries import counted
from tests.api.v1.test_batches import sent
from tests.api.v1.test_batches import told as lines_of
from tests.factories import casefile_at
from tests.partner import Partner, call, said
from tests.signed import Signer
from tests.vendors import KOTIM, PEMKOT, VENDOR, answered, ask, asking, bought, delegated, system, token_for
from tests.world import World

pytestmark = pytest.mark.django_db

DOCUMENT = {"type": "other", "title": "Berkas", "media_type": "text/plain", "size": 1, "sha256": "0" * 64}


def entry_of(receipt: dict[str, Any]) -> dict[str, Any]:
    """The entry that a receipt promises."""
    told: dict[str, Any] = orjson.loads(bytes(Entry.objects.get(uuid=receipt["entry"]).body))
    return told


def post(token: str, path: str, body: Any, **headers: str) -> Any:
    """POST JSON with a key of its own unless told."""
    return call("POST", path, token=token, body=body, **{"Idempotency-Key": uuid.uuid4().hex, **headers})


def test_from_the_asking_to_the_end(world: World) -> None:
    vendor, employer, stranger = Signer(world, VENDOR), Signer(world, PEMKOT), Signer(world, KOTIM)
    client = system(world)
    answer = ask(vendor, asking())
    assert_answers(answer, "ask_delegation")
    told = said(answer)
    ident, resource = told["id"], told["resource"]
    assert (answer.status_code, told["status"], told["receipt"]["seq"] > 1) == (201, "asked", True)
    assert entry_of(told["receipt"])["actor"] == {
        "party": "recorder", "agency": VENDOR, "client": vendor.client_id, "key": vendor_key(world), "person": None,
    }  # fmt: skip
    again = said(ask(vendor, asking(valid_until=told["valid_until"])))
    assert (again["id"], again["receipt"]) == (ident, None)

    refused = bought(client.form(client.assertion(resource=resource)))
    assert (refused.status_code, said(refused)["error"]) == (400, "invalid_target")
    assert said(answered(employer, ident, "approve", sign=False))["code"] == "signature-required"
    assert said(answered(vendor, ident, "approve"))["code"] == "not-the-employer"
    assert answered(stranger, ident, "approve").status_code == 404
    wider = answered(
        employer, ident, "approve", scopes=["casefiles:read", "accesses:read"], valid_until="2099-01-01T00:00:00Z"
    )
    assert {one["code"] for one in said(wider)["errors"]} == {"delegation-wider", "delegation-longer"}
    approved = answered(employer, ident, "approve")
    assert_answers(approved, "approve_delegation")
    assert said(approved)["status"] == "serves"
    entry = entry_of(said(approved)["receipt"])
    assert (entry["kind"], entry["actor"]["agency"]) == ("delegation.approved", PEMKOT)
    assert entry["request"]["signature"] is not None
    assert said(answered(employer, ident, "approve"))["receipt"] is None

    token = token_for(client, PEMKOT)
    me = call("GET", "/me", token=token)
    assert_answers(me, "read_me")
    seen = said(me)
    assert (seen["agency"]["code"], seen["client"], seen["vendor"]["code"]) == (PEMKOT, vendor.client_id, VENDOR)
    assert (seen["vendor"]["delegation"], seen["parties"]) == (ident, ["addressee", "employer"])
    for path in ("/delegations", f"/delegations/{ident}", "/clients/me/keys"):
        assert said(call("GET", path, token=token))["code"] == "not-delegated"

    ended = answered(employer, ident, "end", sign=False)
    assert_answers(ended, "end_delegation")
    assert said(ended)["status"] == "ended"
    after = call("GET", "/me", token=token)
    assert (after.status_code, said(after)["code"]) == (401, "delegation-ended")
    assert "invalid_token" in after.headers["WWW-Authenticate"]
    assert said(answered(employer, ident, "approve"))["code"] == "delegation-over"
    assert said(answered(vendor, ident, "end"))["receipt"] is None


def vendor_key(world: World) -> str:
    """The thumbprint of the vendor's key."""
    return str(callers.load(system(world).private_jwk).thumbprint())


def test_an_act_names_vendor_and_employer_wherever_it_is_told(world: World) -> None:
    ident = delegated(world)
    story = casefile_at(State.RECOMMENDED)
    path, token = f"/casefiles/{story.casefile}", token_for(system(world), PEMKOT)
    note = {"code": "other", "date": "2024-10-25", "text": "Surat diterima."}
    version = story.row.version
    receiver = {"name": "Penerima", "position": "Sekretaris"}
    body = {"received_on": "2024-10-25", "received_by": receiver, "occurred_at": None}
    answer = post(token, f"{path}/acknowledge", body, **{"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.content
    entry = entry_of(said(answer)["receipt"])
    assert entry["actor"] == {
        "party": "addressee", "agency": PEMKOT, "client": f"{VENDOR}-system", "key": vendor_key(world), "person": None,
        "vendor": VENDOR, "delegation": ident,
    }  # fmt: skip
    assert post(token, f"{path}/note", note, **{"If-Match": f'"{version + 1}"'}).status_code == 200
    timeline = call("GET", f"{path}/timeline", token=token)
    assert_answers(timeline, "read_timeline")
    steps = [one["transition"]["actor"] for one in said(timeline)["data"] if one["kind"] == "transition"]
    by_vendor = [actor["agency"]["code"] for actor in steps if actor["vendor"] is not None]
    assert by_vendor == [PEMKOT, PEMKOT]
    assert steps[-1]["vendor"]["code"] == VENDOR
    reads = call("GET", f"{path}/accesses", token=Partner("bkn").token)
    assert_answers(reads, "list_accesses")
    assert Counter(one["vendor"]["code"] for one in said(reads)["data"] if one["vendor"]) == {VENDOR: 1}
    refused = call("GET", path, token=token, **{"Lintas-Purpose": "audit"})
    assert (refused.status_code, said(refused)["code"]) == (403, "purpose-not-delegated")


def test_what_cannot_be_delegated_is_refused_at_the_asking_with_which(world: World) -> None:
    vendor = Signer(world, VENDOR)
    everything = asking(
        "bkn",
        roles=["employer", "examiner", "auditor"],
        scopes=["casefiles:read", "findings:write", "webhooks:write", "casefiles:own"],
        purposes=["case_handling", "audit", "curiosity"],
        valid_until="2020-01-01T00:00:00Z",
    )
    refused = ask(vendor, everything)
    assert_answers(refused, "ask_delegation")
    assert refused.status_code == 422
    assert {(one["code"], one["pointer"]) for one in said(refused)["errors"]} == {
        ("delegation-employer-has-more", "#/employer"),
        ("delegation-role-own", "#/roles/1"),
        ("delegation-role-not-theirs", "#/roles/2"),
        ("delegation-scope-own", "#/scopes/1"),
        ("delegation-scope-own", "#/scopes/2"),
        ("delegation-scope-unknown", "#/scopes/3"),
        ("delegation-purpose-own", "#/purposes/1"),
        ("delegation-purpose-unknown", "#/purposes/2"),
        ("delegation-ends-before-it-begins", "#/valid_until"),
    }
    nowhere = said(ask(vendor, asking("nowhere", valid_until="2099-01-01T00:00:00Z")))
    assert {one["code"] for one in nowhere["errors"]} == {"delegation-no-such-employer", "delegation-too-long"}
    assert said(ask(Signer(world, PEMKOT), asking(KOTIM)))["code"] == "not-a-vendor"


def test_two_employers_are_kept_apart(world: World) -> None:
    delegated(world, PEMKOT)
    delegated(world, KOTIM)
    client = system(world)
    city, regency = token_for(client, PEMKOT), token_for(client, KOTIM)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (post(token, "/documents", DOCUMENT, **key) for token in (city, regency))
    assert (first.status_code, second.status_code) == (201, 201)
    assert said(first)["id"] != said(second)["id"]
    assert "Idempotency-Replayed" not in second.headers
    replayed = post(city, "/documents", DOCUMENT, **key)
    assert (said(replayed)["id"], replayed.headers["Idempotency-Replayed"]) == (said(first)["id"], "true")
    assert call("GET", f"/documents/{said(first)['id']}", token=regency).status_code == 404
    story = casefile_at(State.RECOMMENDED)
    assert call("GET", f"/casefiles/{story.casefile}", token=city).status_code == 200
    assert call("GET", f"/casefiles/{story.casefile}", token=regency).status_code == 404
    assert call("GET", f"/casefiles/{story.casefile}", token=token_for(client)).status_code == 404


def test_a_vendor_is_limited_for_each_employer(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "_lots", {})
    delegated(world, PEMKOT)
    delegated(world, KOTIM)
    client = system(world)
    city, regency = token_for(client, PEMKOT), token_for(client, KOTIM)
    settings.LINTAS_WRITE_RATE_PER_SECOND, settings.LINTAS_WRITE_BURST = 0.001, 1
    throttling._lots.clear()  # what this process has drawn for tests before
    assert [post(city, "/documents", DOCUMENT).status_code for _ in range(2)] == [201, 429]
    assert post(regency, "/documents", DOCUMENT).status_code == 201
    left = {one["kind"]: one["remaining"] for one in said(call("GET", "/me", token=city))["quotas"]}
    assert left["writes"] == 0


@pytest.mark.parametrize(
    ("claimed", "form", "code"),
    [
        (..., delegations.resource(PEMKOT), "resource-unsigned"),
        (delegations.resource(KOTIM), delegations.resource(PEMKOT), "resource-unsigned"),
        ([delegations.resource(PEMKOT)], None, "resource-unreadable"),
        (f"{delegations.resource(PEMKOT)}/", None, "resource-unreadable"),
        (f"https://elsewhere.example/api/v1/agencies/{PEMKOT}", None, "resource-unreadable"),
        (delegations.resource(KOTIM), None, "resource-not-delegated"),
        (delegations.resource("nowhere"), None, "resource-not-delegated"),
        (delegations.resource("nowhere\0"), None, "resource-unreadable"),
    ],
)
def test_a_token_is_bought_for_whom_the_assertion_names(
    world: World, claimed: Any, form: str | None, code: str
) -> None:
    delegated(world, PEMKOT)
    client = system(world)
    said_of = {} if form is None else {"resource": form}
    answer = bought(client.form(client.assertion(resource=claimed), **said_of))
    assert_answers(answer, "create_token")
    told = said(answer)
    assert (answer.status_code, told["error"], told["errors"][0]["code"]) == (400, "invalid_target", code)


def test_who_is_no_vendor_acts_for_its_own_agency_only(world: World) -> None:
    office = system(world, PEMKOT)
    refused = bought(office.form(office.assertion(resource=delegations.resource(KOTIM))))
    assert said(refused)["errors"][0]["code"] == "resource-not-yours"
    assert token_for(office, PEMKOT)


def test_less_than_was_asked_for_may_be_approved_and_takes_the_former_ones_place(world: World) -> None:
    vendor, employer, client = Signer(world, VENDOR), Signer(world, PEMKOT), system(world)
    former = delegated(world)
    old = token_for(client, PEMKOT)
    ident = said(ask(vendor, asking(scopes=["casefiles:read", "casefiles:write"])))["id"]
    # The former serves until the other is approved.
    assert tokens.resolve(old, now=datetime.now(UTC)).vendor is not None
    approved = said(answered(employer, ident, "approve", scopes=["casefiles:read"]))
    assert (approved["status"], approved["scopes"]) == ("serves", ["casefiles:read"])
    assert said(call("GET", "/me", token=old))["code"] == "delegation-ended"
    listed = call("GET", "/delegations", token=employer.token)
    assert_answers(listed, "list_delegations")
    assert [(one["id"], one["status"]) for one in said(listed)["data"]] == [(ident, "serves"), (former, "ended")]
    token = token_for(client, PEMKOT)
    assert said(post(token, "/documents", DOCUMENT))["code"] == "insufficient-scope"
    wider = bought(client.form(client.assertion(resource=delegations.resource(PEMKOT)), scope="casefiles:write"))
    assert said(wider)["error"] == "invalid_scope"


def test_a_vendor_is_no_other_party_than_its_employer_delegated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agency may examine, supervise or oversee the very casefile besides."""
    delegated(world)
    actor = tokens.resolve(token_for(system(world), PEMKOT), now=datetime.now(UTC))
    here = actor.agency_id
    columns = SimpleNamespace(submitter_id=here, examiner_id=here, employer_id=here, addressee_id=here)
    monkeypatch.setattr(parties, "governs", lambda *_: True)
    loaded: Any = SimpleNamespace(columns=columns, context=SimpleNamespace(superiors={here}, agencies={}))
    assert parties.parties_of(loaded, actor) == {Party.EMPLOYER, Party.ADDRESSEE}
    assert parties.parties_of(loaded, replace(actor, vendor=None)) >= {Party.EXAMINER, Party.OVERSIGHT}


def test_a_list_of_delegations_costs_the_same_however_long_it_is(world: World) -> None:
    vendor = Signer(world, VENDOR)
    call("GET", "/delegations", token=vendor.token)
    counts = []
    for employer in (PEMKOT, KOTIM, "kemenbud", "pemprov-sumatera-barat"):
        made = ask(vendor, asking(employer))
        assert made.status_code == 201, made.content
        with CaptureQueriesContext(connection) as asked:
            listed = said(call("GET", "/delegations?limit=3", token=vendor.token))
        counts.append(counted(asked))
    assert len(set(counts)) == 1, counts
    assert len(listed["data"]) == 3
    rest = said(call("GET", listed["next"].removeprefix("/api/v1"), token=vendor.token))
    assert [one["employer"]["code"] for one in rest["data"]] == [PEMKOT]


def test_an_employer_that_becomes_more_than_that_is_no_employer_to_delegate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sight is an agency's as a whole: the vendor would see what the employer sees as an examiner."""
    delegated(world)
    client, vendor, employer = system(world), Signer(world, VENDOR), Signer(world, PEMKOT)
    token = token_for(client, PEMKOT)
    waiting = said(ask(vendor, asking(scopes=["casefiles:read"])))["id"]
    # As if it were: which roles an agency has is not the web's to change.
    monkeypatch.setattr(delegations, "ROLES", frozenset({"addressee"}))
    assert said(call("GET", "/me", token=token))["code"] == "delegation-ended"
    refused = bought(client.form(client.assertion(resource=delegations.resource(PEMKOT))))
    assert said(refused)["errors"][0]["code"] == "resource-not-delegated"
    late = answered(employer, waiting, "approve")
    assert_answers(late, "approve_delegation")
    assert (late.status_code, said(late)["errors"][0]["code"]) == (422, "delegation-employer-has-more")


def test_a_vendor_learns_of_no_other_vendor_by_the_evidence_of_a_step(world: World) -> None:
    """The evidence comes with all that the employer's stream tells: its clients, vendors and delegations."""
    delegated(world)
    story = casefile_at(State.RECOMMENDED)
    refused = call("GET", f"/casefiles/{story.casefile}/evidence/1", token=token_for(system(world), PEMKOT))
    assert_answers(refused, "read_evidence")
    assert (refused.status_code, said(refused)["code"]) == (403, "not-delegated")


def test_an_employer_is_asked_a_few_times_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each asking is an entry of the employer's stream that tells of all delegations before it."""
    monkeypatch.setattr(delegations, "ASKED_A_DAY", 2)
    vendor = Signer(world, VENDOR)
    bodies = [asking(scopes=["casefiles:read"]), asking(), asking(scopes=["events:read"])]
    assert [ask(vendor, body).status_code for body in bodies] == [201, 201, 422]
    again = ask(vendor, bodies[1])
    assert (again.status_code, said(again)["receipt"]) == (201, None)
    refused = ask(vendor, bodies[0])
    assert_answers(refused, "ask_delegation")
    assert said(refused)["errors"][0]["code"] == "delegation-asked-often"
    assert ask(vendor, asking(KOTIM)).status_code == 201


def test_a_vendor_sees_nothing_of_the_employer_s_own_systems(world: World, settings: Any) -> None:
    """Their batches, webhooks and deliveries, keys and quotas, and what the log tells of the agency itself."""
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    delegated(world)
    employer, token = Partner(PEMKOT), token_for(system(world), PEMKOT)
    line = {"act": "acknowledge", "casefile": str(uuid.uuid4()), "version": 1, "body": {}}
    batch = lines_of(sent(employer, [line], key=uuid.uuid4().hex))[0]["batch"]["id"]
    webhook = said(employer.post("/webhooks", {"url": "http://127.0.0.1:9/hook"}))["id"]
    Webhook.objects.filter(pk=webhook).update(failing_since=datetime.now(UTC))
    assert employer.get(f"/batches/{batch}").status_code == 200
    assert [one["id"] for one in said(employer.get("/me"))["webhooks"]] == [webhook]
    for path in (f"/batches/{batch}", f"/batches/{batch}/results"):
        assert call("GET", path, token=token).status_code == 404
    for path in ("/webhooks", f"/webhooks/{webhook}", f"/webhooks/{webhook}/deliveries", "/clients/me/keys"):
        refused = call("GET", path, token=token)
        assert (refused.status_code, said(refused)["code"]) == (403, "not-delegated"), path
    me = said(call("GET", "/me", token=token))
    assert (me["webhooks"], me["deprecated_calls"]) == ([], [])
    writes = {one["kind"]: one["remaining"] for one in me["quotas"]}["writes"]
    assert writes == settings.LINTAS_RATE_BURST, "what the employer's own systems wrote is not counted here"
    for stream in ("agency", "people"):
        told = call("GET", f"/log/entries?stream={stream}", token=token)
        assert (told.status_code, said(told)["code"]) == (404, "not-found"), stream
    own = Agency.objects.get(code=PEMKOT).stream
    streams = [reader_of(tokens.resolve(one, now=datetime.now(UTC))).streams for one in (employer.token, token)]
    assert [own in one for one in streams] == [True, False]
