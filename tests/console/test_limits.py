"""A person has so many exports under way, saved views and passkeys, also when they ask for all of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpRequest, HttpResponse, SimpleCookie
from django.test import Client
from django.utils import timezone

from console.models import Export
from console.pages.downloads import AT_ONCE
from console.pages.views import MOST
from console.sign_in import passkeys
from people.models import Person, SavedView
from tests.console.conftest import AUDITOR, Arranged, signed_in
from tests.console.exporting import _folder, _own_database  # noqa: F401 - fixtures
from tests.racing import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_own_database")]


def _posted(person: Client, path: str, form: dict[str, str]) -> int:
    """From a browser of its own, with the same session."""
    twin = Client()
    twin.cookies = SimpleCookie({name: morsel.value for name, morsel in person.cookies.items()})
    answer: Any = twin.post(path, form)
    return int(answer.status_code)


def test_exports_asked_for_at_once_are_counted(arranged: Arranged) -> None:
    person = signed_in(AUDITOR)
    form = {"kind": "casefiles", "format": "csv", "query": "open=1"}
    came = together(AT_ONCE * 2, lambda number: _posted(person, "/unduhan", form))
    assert came == {"302": AT_ONCE, "429": AT_ONCE}
    assert Export.objects.count() == AT_ONCE


def test_views_saved_at_once_are_counted(arranged: Arranged) -> None:
    person, owner = signed_in(AUDITOR), Person.objects.get(email=AUDITOR)
    for number in range(MOST - 2):
        SavedView.objects.create(person=owner, name=f"{number}", query="open=1", saved_at=timezone.now())
    came = together(8, lambda number: _posted(person, "/perkara/simpan", {"name": f"Lagi {number}", "query": "open=1"}))
    assert came == {"302": 2, "400": 6}
    assert SavedView.objects.filter(person=owner).count() == MOST


def test_passkeys_made_at_once_are_counted(arranged: Arranged, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's ceremony is a browser's (`test_browser.py`); here it only stores what it would."""
    person, user = signed_in(AUDITOR), Person.objects.get(email=AUDITOR).user

    def stored(view: AddWebAuthnView, request: HttpRequest) -> HttpResponse:
        Authenticator.objects.create(user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN, data={})
        return HttpResponse(status=201)

    monkeypatch.setattr(AddWebAuthnView, "dispatch", stored)
    for _ in range(passkeys.MOST - 2):
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    came = together(8, lambda number: _posted(person, "/kunci-sandi/baru", {}))
    assert came == {"201": 2, "302": 6}
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count() == passkeys.MOST
