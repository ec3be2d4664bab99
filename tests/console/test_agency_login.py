"""An agency's own account in the password's place, against a small issuer on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import RSAKey
from pytest_django import Settings

from people import sandbox
from people.models import Person
from tests.console.conftest import AUDITOR, EXAMINER, OWN, Arranged, signed_in, text_of

pytestmark = pytest.mark.django_db

KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
LOGIN, BACK = "/masuk/akun/instansi", "/masuk/akun/instansi/kembali"


@dataclass
class Issuer:
    """Knows one account, and gives a code for it; checks the verifier (PKCE) as the standard wants."""

    address: str = ""
    account: dict[str, Any] = field(default_factory=dict)
    challenge: str = ""
    audience: str = "lintas"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/nobody",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def token(self, form: dict[str, list[str]]) -> dict[str, Any]:
        verifier = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        assert base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == self.challenge
        assert (form["code"], form["client_secret"]) == (["kode"], ["rahasia"])
        now = int(time.time())
        claims = {"iss": self.address, "aud": self.audience, "iat": now, "exp": now + 60, **self.account}
        said = jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY)
        return {"access_token": "x", "token_type": "Bearer", "id_token": said}


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    made = Issuer(account={"sub": "akun-1", "email": EXAMINER.upper(), "email_verified": True})

    class Answers(BaseHTTPRequestHandler):
        def _say(self, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._say(made.configuration() if "openid-configuration" in self.path else KEY.as_dict(private=False))

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._say(made.token(form))

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    app = {
        "provider_id": "instansi", "name": "SSO Rekaan", "client_id": "lintas", "secret": "rahasia",
        "settings": {"server_url": made.address, "fetch_userinfo": False, "oauth_pkce_enabled": True},
    }  # fmt: skip
    # As its app does where the console runs; here the API's apps are installed.
    registry.register(OpenIDConnectProvider)
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield made
    server.shutdown()
    thread.join(5)
    server.server_close()


def _comes_back(client: Client, issuer: Issuer, path: str = LOGIN) -> Any:
    """As a browser does: to the issuer, and back with its code."""
    away = client.get(path)
    assert away.status_code == 302, text_of(away)
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert away["Location"].startswith(f"{issuer.address}/authorize?")
    issuer.challenge = asked["code_challenge"][0]
    return client.get(BACK, {"code": "kode", "state": asked["state"][0]})


def test_an_account_stands_for_the_password_and_the_second_factor_stays(arranged: Arranged, issuer: Issuer) -> None:
    client, person = Client(), arranged.person(EXAMINER)
    assert "Masuk dengan SSO Rekaan" in text_of(client.get("/masuk"))
    assert _comes_back(client, issuer, f"{LOGIN}?next=/log")["Location"] == "/masuk/kode"
    assert client.get("/").status_code == 302
    answer = client.post("/masuk/kode", {"code": sandbox.code(person["totp_secret"], now=timezone.now())})
    assert answer["Location"] == "/log"
    assert client.get("/log").status_code == 200
    assert Person.objects.get(email=EXAMINER).subject == "akun-1"


def test_the_account_is_bound_and_its_address_counts_no_more(arranged: Arranged, issuer: Issuer) -> None:
    _comes_back(Client(), issuer)
    issuer.account = {"sub": "akun-1", "email": "lain@bkn.example", "email_verified": False}
    assert _comes_back(Client(), issuer)["Location"] == "/masuk/kode"
    issuer.account = {"sub": "akun-2", "email": EXAMINER, "email_verified": True}
    assert _comes_back(Client(), issuer).status_code == 403


def test_an_account_of_another_issuer_is_another_account(arranged: Arranged, issuer: Issuer) -> None:
    """The same identifier says nothing at an issuer that took the place of the one it was bound at."""
    _comes_back(Client(), issuer)
    bound = Person.objects.filter(email=EXAMINER, subject="akun-1", issuer=issuer.address)
    assert bound.update(issuer="https://dahulu.example") == 1
    assert _comes_back(Client(), issuer).status_code == 403


@pytest.mark.parametrize(
    "account",
    [
        {"sub": "9", "email": EXAMINER, "email_verified": False},
        {"sub": "9", "email": "siapa@bkn.example", "email_verified": True},
        {"sub": "9"},
        {"sub": "9", "email": "baru@bawaslu.example", "email_verified": True},  # has not accepted the invitation
    ],
)
def test_an_account_that_is_nobodys_here_opens_nothing(
    arranged: Arranged, issuer: Issuer, account: dict[str, Any]
) -> None:
    before, issuer.account = Person.objects.count(), account
    client = Client()
    refused = _comes_back(client, issuer)
    assert refused.status_code == 403
    assert "tidak dikenal" in text_of(refused)
    assert client.get("/").status_code == 302
    assert Person.objects.count() == before


def test_what_is_not_this_sign_in_s_is_refused_in_words(arranged: Arranged, issuer: Issuer) -> None:
    client = Client()
    assert "Tidak dapat masuk" in text_of(client.get(BACK, {"code": "kode", "state": "made-up"}))
    client.get(LOGIN)
    assert "Tidak dapat masuk" in text_of(client.get(BACK, {"error": "access_denied"}))
    issuer.audience = "somebody-else"
    assert "Tidak dapat masuk" in text_of(_comes_back(client, issuer))


@pytest.mark.parametrize("process", ["connect", "redirect", "made-up"])
def test_a_link_that_asks_for_something_else_signs_in_all_the_same(
    arranged: Arranged, issuer: Issuer, process: str
) -> None:
    """The library would bind the account to whoever is signed in, or lead on without signing in."""
    for client in (Client(), signed_in(AUDITOR)):
        back = _comes_back(client, issuer, f"{LOGIN}?process={process}&next=https://elsewhere.example/")
        assert (back.status_code, back["Location"]) == (302, "/masuk/kode")
        assert client.get("/")["Location"].startswith("/masuk")


def test_without_an_issuer_there_is_no_such_door(arranged: Arranged) -> None:
    assert OWN["SOCIALACCOUNT_PROVIDERS"] == {}
    assert "/masuk/akun" not in text_of(Client().get("/masuk"))
    assert Client().get(LOGIN).status_code == 404
