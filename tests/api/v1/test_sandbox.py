"""In a sandbox on one's own machine, the service says which check of an assertion or a signature fails."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.conf import settings as configured
from django.test import Client as Browser
from pytest_django import Settings

from audit.models import Evidence
from tests.callers import System
from tests.live_server import ROOT
from tests.partner import said
from tests.signed import BODY, OFFICE, PATH, Signer
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _explains(settings: Settings) -> None:
    settings.LINTAS_EXPLAINS = True


def explained(what: str, body: Any) -> dict[str, Any]:
    """The answer, in both languages."""
    answer = Browser().post(f"/api/v1/sandbox/explain-{what}", orjson.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = said(answer)
    assert told["holds"] is (told["errors"] == [])
    assert all(one["id"] and one["en"] and one["id"] != one["en"] for one in told["errors"])
    return told


def codes(told: dict[str, Any]) -> list[str]:
    """What is wrong."""
    return [one["code"] for one in told["errors"]]


def test_a_signature_is_explained_and_nothing_is_stored(world: World) -> None:
    signer = Signer(world)
    headers = signer.sign("POST", PATH, BODY, signer.headers())
    message = {"method": "POST", "url": f"https://elsewhere.example{PATH}", "headers": headers, "body": BODY.decode()}
    good = explained("signature", message)
    assert (good["holds"], good["errors"]) == (True, [])
    assert good["base"].startswith(f'"@method": POST\n"@authority": {configured.LINTAS_BASE_URL.partition("://")[2]}\n')
    for change, code in (
        ({"body": BODY.decode() + " "}, "content-digest-differs"),
        ({"method": "PUT"}, "signature-differs"),
        ({"headers": {**headers, "Authorization": "Bearer x"}}, "explained-token-invalid"),
        ({"headers": {**headers, "Signature": "sig=:AA==:"}}, "signature-is-der"),
        ({"headers": {"Authorization": headers["Authorization"]}}, "signature-half-sent"),
    ):
        assert codes(explained("signature", {**message, **change})) == [code]
    assert not Evidence.objects.exists()


def test_an_assertion_is_explained_and_not_spent(world: World) -> None:
    told = world.clients[OFFICE]
    system = System(told["client_id"], dict(told["private_jwk"]), kid=told["private_jwk"]["kid"])
    good = system.assertion()
    assert codes(explained("assertion", {"assertion": good})) == []
    assert codes(explained("assertion", {"assertion": good})) == []
    late = system.assertion(iat=0, exp=60, aud=f"{configured.LINTAS_BASE_URL}/")
    assert codes(explained("assertion", {"assertion": late})) == ["aud-has-a-slash", "clock-behind"]
    assert codes(explained("assertion", {"assertion": good[:-8] + "AAAAAAAA"})) == ["not-recognised"]
    form = urlencode(system.form(good))
    bought = Browser().post("/oauth/token", form, content_type="application/x-www-form-urlencoded")
    assert bought.status_code == 200, bought.content


def test_elsewhere_there_is_no_such_route(settings: Settings) -> None:
    settings.LINTAS_EXPLAINS = False
    answer = Browser().post("/api/v1/sandbox/explain-assertion", b"{}", content_type="application/json")
    assert (answer.status_code, said(answer)["code"]) == (404, "unknown-route")


def test_what_is_no_question_is_refused() -> None:
    for body, code in (
        (b"{}", 422), (b"[", 400), (b'{"method": "POST", "url": "/", "headers": 3}', 422),
        (b'{"method": "POST", "url": "http://[", "headers": {}}', 422),
    ):  # fmt: skip
        answer = Browser().post("/api/v1/sandbox/explain-signature", body, content_type="application/json")
        assert answer.status_code == code, answer.content
    assert Browser().get("/api/v1/sandbox/explain-signature").status_code == 405


def test_the_setting_refuses_a_public_address() -> None:
    program = "import django; django.setup()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "LINTAS_EXPLAINS": "1", "LINTAS_SANDBOX": "1",
             "LINTAS_BASE_URL": "https://lintas.example.go.id"},
    )  # fmt: skip
    assert "LINTAS_EXPLAINS belongs to a sandbox on this machine" in done.stderr
