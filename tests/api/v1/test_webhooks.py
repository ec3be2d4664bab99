"""`/webhooks` over HTTP: once per key, the client's own only, and what is refused says why."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone
from psycopg import sql
from pytest_django import Settings

from config.roles import on_database
from delivery.models import Webhook
from tests.api.answers import assert_answers
from tests.audit.verify.logs import at_its_word, verify
from tests.conftest import Copies
from tests.factories import BKN, PADANG
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing
from tests.world import World

URL = "https://sistem.bkn.go.id/lintas"


@pytest.fixture
def examiner(db: None, world: World) -> Partner:
    return Partner(BKN)


def register(partner: Partner, url: str = URL, **more: Any) -> dict[str, Any]:
    answer = partner.post("/webhooks", {"url": url, **more})
    assert answer.status_code == 201, answer.content
    return dict(said(answer))


def test_a_registration_happens_once_and_tells_its_secret_once(examiner: Partner) -> None:
    key = uuid.uuid4().hex
    first = examiner.post("/webhooks", {"url": URL}, key=key)
    assert_answers(first, "register_webhook")
    assert first.headers["Location"] == said(first)["href"]
    assert said(first)["secret"].startswith("whsec_")
    again = examiner.post("/webhooks", {"url": URL}, key=key)
    assert_answers(again, "register_webhook")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert said(again) == {**said(first), "secret": None}
    other = examiner.post("/webhooks", {"url": URL + "/other"}, key=key)
    assert (other.status_code, said(other)["code"]) == (422, "idempotency-key-reused")
    tried = examiner.post("/webhooks?validate_only=true", {"url": URL + "/tried"})
    assert said(tried) == {"valid": True, "warnings": [], "would": {}}
    assert Webhook.objects.count() == 1
    row = Webhook.objects.get()
    assert said(first)["secret"].encode() not in bytes(row.secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM casefiles_payload WHERE convert_from(answer, 'UTF8') LIKE '%whsec_%'")
        assert cursor.fetchone() == (0,), "no secret lies in a kept answer"


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"url": "http://sistem.bkn.go.id/"}, {("#/url", "url-not-https")}),
        ({"url": "https://169.254.169.254/"}, {("#/url", "url-host-not-approved")}),
        ({"url": URL, "types": ["lintas.casefile.recomended"]}, {("#/types/0", "unknown-code")}),
        ({"url": "https://a:b@c.go.id/", "types": ["x"]}, {("#/url", "url-userinfo"), ("#/types/0", "unknown-code")}),
        ({"url": URL, "typs": []}, {("#/typs", "unknown-field")}),
    ],
)
def test_what_is_wrong_with_a_registration_is_said_at_once(examiner: Partner, body: Any, faults: Any) -> None:
    refused = examiner.post("/webhooks", body)
    assert_answers(refused, "register_webhook")
    assert (refused.status_code, said(refused)["code"]) == (422, "invalid-body")
    assert {(one["pointer"], one["code"]) for one in said(refused)["errors"]} == faults
    assert Webhook.objects.count() == 0


def test_beyond_the_head_and_beyond_five(examiner: Partner) -> None:
    ahead = examiner.post("/webhooks", {"url": URL, "after": 10**6})
    assert (ahead.status_code, said(ahead)["code"]) == (400, "beyond-head")
    made = [register(examiner, f"{URL}/{number}") for number in range(5)]
    refused = examiner.post("/webhooks", {"url": f"{URL}/6"})
    assert_answers(refused, "register_webhook")
    assert (refused.status_code, said(refused)["code"]) == (409, "too-many-webhooks")
    ended = call("DELETE", f"/webhooks/{made[0]['id']}", token=examiner.token)
    assert (ended.status_code, ended.content) == (204, b"")
    register(examiner, f"{URL}/6")
    listed = examiner.get("/webhooks")
    assert_answers(listed, "list_webhooks")
    assert [one["url"] for one in said(listed)["data"]] == [f"{URL}/{number}" for number in (1, 2, 3, 4, 6)]
    assert "secret" not in said(listed)["data"][0]


def test_a_client_s_webhooks_are_nobody_else_s(examiner: Partner) -> None:
    webhook = register(examiner)
    drawn = said(examiner.post(f"/webhooks/{webhook['id']}/ping", {}))
    other, home = Partner(PADANG), f"/webhooks/{webhook['id']}"
    asked = [
        ("GET", home, None),
        ("PATCH", home, {"active": False}),
        ("DELETE", home, None),
        ("POST", f"{home}/ping", {}),
        ("POST", f"{home}/secret", {}),
        ("POST", f"{home}/replay", {"from_index": 0}),
        ("GET", f"{home}/deliveries", None),
        ("POST", f"{home}/deliveries/{drawn['id']}/redeliver", {}),
    ]
    for method, path, body in asked:
        refused = call(method, path, token=other.token, body=body)
        assert (refused.status_code, said(refused)["code"]) == (404, "not-found"), path
    assert said(other.get("/webhooks")) == {"data": []}
    assert said(examiner.get(home)) == {name: value for name, value in webhook.items() if name != "secret"}


def test_every_call_answers_as_the_contract_says(examiner: Partner) -> None:
    webhook = register(examiner, types=["lintas.casefile.submitted"])
    home = f"/webhooks/{webhook['id']}"
    assert_answers(examiner.get(home), "read_webhook")
    changes: list[dict[str, Any]] = [{"types": []}, {"active": False}, {"active": True}, {"url": f"{URL}/moved"}, {}]
    for body in changes:
        assert_answers(call("PATCH", home, token=examiner.token, body=body), "change_webhook")
    seen = said(examiner.get(home))
    assert (seen["url"], seen["types"], seen["status"]) == (f"{URL}/moved", [], "unproven")
    assert_answers(examiner.post(f"{home}/ping", {}), "ping_webhook")
    assert_answers(examiner.post(f"{home}/secret", {}), "rotate_webhook_secret")
    assert_answers(examiner.post(f"{home}/replay", {"from_index": 5}), "replay_webhook")
    page = examiner.get(f"{home}/deliveries?limit=2")
    assert_answers(page, "list_deliveries")
    assert [one["status"] for one in said(page)["data"]] == ["pending", "failed"]
    rest = examiner.get(said(page)["next"].removeprefix("/api/v1"))
    assert {one["kind"] for one in said(rest)["data"]} == {"challenge"}
    assert_answers(call("DELETE", home, token=examiner.token), "end_webhook")
    assert examiner.get(home).status_code == 404


def test_a_webhook_under_a_name_that_is_not_approved_any_more_can_be_held_and_moved(
    examiner: Partner, settings: Settings
) -> None:
    webhook = register(examiner)
    settings.LINTAS_WEBHOOK_HOSTS = [".padang.go.id"]
    home = f"/webhooks/{webhook['id']}"
    held = call("PATCH", home, token=examiner.token, body={"active": False})
    assert (held.status_code, said(held)["pause_reason"]) == (200, "by-subscriber")
    assert call("PATCH", home, token=examiner.token, body={"url": f"{URL}/2"}).status_code == 422
    moved = call("PATCH", home, token=examiner.token, body={"url": "https://a.padang.go.id/", "active": True})
    assert (moved.status_code, said(moved)["status"]) == (200, "unproven")


def test_the_keys_of_webhooks_are_published(examiner: Partner) -> None:
    keys = json.loads(Browser().get("/.well-known/jwks.json").content)["keys"]
    (key,) = [one for one in keys if one.get("alg") == "EdDSA"]
    assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}


def test_an_operator_is_told_that_no_courier_runs(examiner: Partner, settings: Settings) -> None:
    settings.LINTAS_METRICS_TOKEN = "metrics"
    register(examiner)

    def told() -> tuple[list[str], str]:
        alarms = json.loads(Browser().get("/readyz").content)["alarms"]
        metrics = Browser().get("/metrics", headers={"Authorization": "Bearer metrics"}).content.decode()
        # Ninety seconds, and what it took to ask.
        return [re.sub(r"for (9|1\d)\d s", "for 90 s", alarm) for alarm in alarms if "courier" in alarm], metrics

    alarms, metrics = told()
    assert alarms == []
    assert 'lintas_webhooks{status="unproven"} 1' in metrics
    Webhook.objects.update(due_at=timezone.now() - timedelta(seconds=90))
    alarms, metrics = told()
    assert alarms == ["webhooks have been waiting for 90 s: is the courier up (manage.py deliver)?"]
    assert re.search(r"^lintas_webhooks_waiting_seconds (9|1\d)\d\b", metrics, re.MULTILINE)
    Webhook.objects.update(status="active")
    assert told()[0] == [], "there is nothing for it in the feed"


def test_the_log_knows_every_change_and_the_verifier_every_hand_on_a_row(
    sequenced: Sequencing, owner_connection: psycopg.Connection, copies: Copies
) -> None:
    """Registered, changed, rotated, ended: sound. A row that somebody edits past the log is named."""
    examiner = Partner(BKN)
    first, second = register(examiner), register(examiner, f"{URL}/2")
    call("PATCH", f"/webhooks/{first['id']}", token=examiner.token, body={"types": ["lintas.casefile.submitted"]})
    examiner.post(f"/webhooks/{first['id']}/secret", {})
    call("DELETE", f"/webhooks/{second['id']}", token=examiner.token)
    sequenced()
    reader = on_database(copies.roles.reader, connection.settings_dict["NAME"])

    def faults() -> set[str]:
        found: set[str] = verify("db", reader, *at_its_word(str(sequenced.signer.vkey))).codes
        return found

    assert faults() == set()
    read = sql.SQL("SELECT {} FROM delivery_webhook WHERE id = %s")
    write = sql.SQL("UPDATE delivery_webhook SET {} = %s WHERE id = %s")
    both = {"record-differs", "commitment-differs"}
    for column, value, told in (
        ("host", "evil.go.id", both),
        ("types", [], both),
        ("status", "active", both),
        ("secrets", 7, both),
        ("salt", b"x", {"commitment-differs"}),
    ):
        (before,) = owner_connection.execute(read.format(sql.Identifier(column)), [first["id"]]).fetchone() or (None,)
        owner_connection.execute(write.format(sql.Identifier(column)), [value, first["id"]])
        assert faults() == told, column
        owner_connection.execute(write.format(sql.Identifier(column)), [before, first["id"]])
    assert faults() == set()
