"""Nobody reads without both factors; how a session begins, how it ends, and what closes the door."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from console.public.middleware import is_public
from console.sign_in.middleware import OPEN
from people import persons, sandbox
from people.models import Invitation, Person
from tests.console.conftest import AUDITOR, EXAMINER, Arranged, signed_in, text_of

pytestmark = pytest.mark.django_db

NOBODYS = "00000000-0000-4000-8000-000000000000"


def _paths() -> list[tuple[str, str]]:
    """Every route's name and a path of it, so that a new one cannot be forgotten."""
    found = []
    for route in get_resolver("console.urls").url_patterns:
        assert isinstance(route, URLPattern)
        found.append(
            (
                str(route.name),
                "/" + re.sub(r"<int:\w+>", "7", re.sub(r"<(?:str|uuid|slug):\w+>", NOBODYS, str(route.pattern))),
            )
        )
    return found


def test_every_page_but_those_named_is_closed() -> None:
    closed = {name: path for name, path in _paths() if name not in OPEN and not is_public(name)}
    assert {"overview", "casefiles", "casefile", "log", "purpose"} <= set(closed)
    for path in closed.values():
        for response in (Client().get(path), Client().post(path)):
            assert response.status_code == 302, path
            assert response["Location"].startswith("/masuk"), path


def test_a_password_alone_opens_nothing(arranged: Arranged) -> None:
    client = Client()
    answer = client.post("/masuk", {"login": AUDITOR, "password": sandbox.PASSWORD})
    assert answer["Location"] == "/masuk/kode"
    assert client.get("/").status_code == 302
    assert client.get("/masuk/faktor-kedua").status_code == 302


def test_password_and_code_open_and_a_code_opens_once(arranged: Arranged) -> None:
    code = sandbox.code(arranged.person(AUDITOR)["totp_secret"], now=timezone.now())
    first, second = Client(), Client()
    for client, opens in ((first, True), (second, False)):
        client.post("/masuk", {"login": AUDITOR.upper(), "password": sandbox.PASSWORD})
        answer = client.post("/masuk/kode", {"code": code})
        assert (answer.status_code == 302) is opens
    assert first.get("/").status_code == 200
    assert second.get("/").status_code == 302
    first.post("/keluar")
    assert first.get("/").status_code == 302


@pytest.mark.parametrize(("asked", "opened"), [("/perkara?open=1", "/perkara?open=1"), ("https://lain.example/", "/")])
def test_signing_in_leads_back_to_the_page_that_was_asked_for(arranged: Arranged, asked: str, opened: str) -> None:
    client, person = Client(), arranged.person(EXAMINER)
    if asked.startswith("/"):
        assert client.get(asked)["Location"] == f"/masuk?next={quote(asked, safe='')}"
    client.post("/masuk", {"login": EXAMINER, "password": person["password"], "next": asked})
    answer = client.post("/masuk/kode", {"code": sandbox.code(person["totp_secret"], now=timezone.now())})
    assert answer["Location"] == opened


def test_an_invitation_leads_to_the_first_page_once(arranged: Arranged) -> None:
    client, link = Client(), f"/undangan/{arranged.invitation}"
    assert "Eka Rekaan" in text_of(client.get(link))
    weak = client.post(link, {"password": "1234567", "again": "1234567"})
    assert weak.status_code == 200
    assert client.post(link, {"password": "kuda hitam di sawah", "again": "kuda hitam di sawah"}).status_code == 302
    assert client.get("/").headers["Location"] == "/masuk/faktor-kedua"
    answer = client.get("/masuk/faktor-kedua")
    page = text_of(answer)
    secret = re.search(r'<span class="mono">([A-Z2-7]{32})</span>', page)
    assert secret is not None
    shown = text_of(client.post("/masuk/faktor-kedua", {"code": sandbox.code(secret[1], now=timezone.now())}))
    codes = re.findall(r"<li>(\d{8})</li>", shown)
    assert len(codes) == 10
    assert client.get("/").status_code == 200
    assert Client().get(link).status_code == 410
    # A recovery code stands for the phone, once.
    for expected in (302, 200):
        again = Client()
        again.post("/masuk", {"login": "baru@bawaslu.example", "password": "kuda hitam di sawah"})
        assert again.post("/masuk/kode", {"code": codes[0]}).status_code == expected


def test_an_invitation_runs_out_after_a_day(arranged: Arranged) -> None:
    assert Client().get(f"/undangan/{arranged.invitation}").status_code == 200
    with time_machine.travel(timezone.now() + persons.LIVES + timedelta(seconds=1)):
        assert Client().get(f"/undangan/{arranged.invitation}").status_code == 410
    assert Invitation.objects.filter(used_at__isnull=True).count() == 1


def test_a_password_without_a_second_factor_cannot_bring_one(arranged: Arranged) -> None:
    """Whoever learns the password of somebody who never finished must not enrol in their stead."""
    persons.accept(arranged.invitation, password="kuda hitam di sawah", now=timezone.now())
    stranger = Client()
    stranger.post("/masuk", {"login": "baru@bawaslu.example", "password": "kuda hitam di sawah"})
    for path in ("/", "/masuk/faktor-kedua"):
        assert stranger.get(path).headers["Location"] == "/masuk/tanpa-faktor-kedua"
    assert stranger.get("/masuk/tanpa-faktor-kedua").status_code == 403


@pytest.mark.parametrize(
    ("minutes", "every", "lasts"), [(14, 14, True), (16, 16, False), (8 * 60 - 4, 14, True), (8 * 60 + 4, 14, False)]
)
def test_a_session_ends_after_15_idle_minutes_and_after_8_hours(
    arranged: Arranged, minutes: int, every: int, lasts: bool
) -> None:
    began = timezone.now()
    with time_machine.travel(began, tick=False) as clock:
        client = signed_in(AUDITOR)
        for passed in [*range(every, minutes, every), minutes]:
            clock.move_to(began + timedelta(minutes=passed))
            answer = client.get("/tujuan")
    assert (answer.status_code == 200) is lasts


def test_another_password_ends_the_sessions_of_the_old_one(arranged: Arranged) -> None:
    client = signed_in(AUDITOR)
    assert client.get("/tujuan").status_code == 200
    Person.objects.filter(email=AUDITOR).first()
    person = Person.objects.get(email=AUDITOR)
    person.password = make_password("sesuatu yang lain")
    person.save(update_fields=("password",))
    answer = client.get("/tujuan")
    assert answer.status_code == 302
    assert "over=1" in answer["Location"]


def test_five_failures_close_the_way_from_that_address_alone(arranged: Arranged) -> None:
    wrong, right = {"login": AUDITOR, "password": "salah"}, {"login": AUDITOR, "password": sandbox.PASSWORD}
    for _ in range(5):
        last = Client().post("/masuk", wrong, REMOTE_ADDR="192.0.2.1")
    assert last.status_code == 429
    assert Client().post("/masuk", right, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert Client().post("/masuk", right, REMOTE_ADDR="192.0.2.2").status_code == 302
    other = {"login": "pemeriksa@bkn.example", "password": sandbox.PASSWORD}
    assert Client().post("/masuk", other, REMOTE_ADDR="192.0.2.1").status_code == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert Client().post("/masuk", right, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_a_wrong_address_and_a_wrong_password_are_told_alike(arranged: Arranged) -> None:
    pages = [
        text_of(Client().post("/masuk", {"login": login, "password": "salah"}))
        for login in (AUDITOR, "siapa@tidak.example")
    ]
    errors = [re.findall(r'<ul class="errorlist.*?</ul>', unescape(page), re.S) for page in pages]
    assert errors[0] == errors[1] != []


def test_hosts_origins_and_forms_are_strict(auditor: Client) -> None:
    assert auditor.get("/", HTTP_HOST="lain.example").status_code == 400
    checked = Client(enforce_csrf_checks=True)
    assert checked.post("/masuk", {"login": AUDITOR, "password": "x"}).status_code == 403
    answer = auditor.get("/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    session = auditor.cookies["lintas-session"]
    assert (session["httponly"], session["samesite"], session["domain"]) == (True, "Lax", "")


def test_a_form_that_comes_after_the_session_ended_is_explained_and_its_page_opened_again(arranged: Arranged) -> None:
    client, person = Client(), arranged.person(EXAMINER)
    late = client.post("/perkara/cari?x=1", {"nip": "198501012010011001", "purpose": "audit"})
    assert late["Location"] == "/masuk?next=%2Fperkara%2Fcari&over=form"
    assert "isinya tidak disimpan" in text_of(client.get(late["Location"]))
    client.post("/masuk", {"login": EXAMINER, "password": person["password"], "next": "/perkara/cari"})
    answer = client.post("/masuk/kode", {"code": sandbox.code(person["totp_secret"], now=timezone.now())})
    assert answer["Location"] == "/perkara/cari"
    assert Client().post("/keluar")["Location"] == "/masuk"


def test_an_invitation_that_was_used_or_replaced_says_what_to_do(arranged: Arranged) -> None:
    link = f"/undangan/{arranged.invitation}"
    Invitation.objects.filter(person__email="baru@bawaslu.example").update(used_at=timezone.now())
    for answer in (Client().get(link), Client().post(link, {"password": "x", "again": "x"})):
        assert answer.status_code == 410
        assert "sudah dipakai" in text_of(answer)
