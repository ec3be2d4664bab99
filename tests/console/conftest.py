"""The console's ground: its own settings, its own role of the database, people who can sign in, and cases to read.

All is arranged once per process, as the web and the owner, on a copy of the world; each test then runs in a transaction
of the console's role that is rolled back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

import agencies.models
import config.console
import config.settings
from casefiles.flow import State
from casefiles.models import Referral
from console.sign_in import sessions
from console.sign_in.views import BACKEND
from delivery.models import Attempt, Delivery, Webhook
from people import persons, sandbox
from people.models import Person
from tests.conftest import Copies, using
from tests.factories import casefile_at
from tests.signing_in import as_role
from tests.world import World

AUDITOR, EXAMINER, EMPLOYER = "auditor@bpk.example", "pemeriksa@bkn.example", "petugas@padang.example"
OWN = {
    name: getattr(config.console, name)
    for name in dir(config.console)
    if name.isupper()
    and name not in {"DATABASES", "INSTALLED_APPS", "EVERY_APP", "LINTAS_DB_ROLE"}
    and getattr(config.console, name) != getattr(config.settings, name, None)
}

OWN["ALLOWED_HOSTS"] = [*config.console.ALLOWED_HOSTS, "testserver"]


@dataclass(frozen=True)
class Arranged:
    """A database with cases in several states, its people as `sandbox.json` lists them, and an open invitation."""

    database: str
    cases: Mapping[State, str]
    people: list[dict[str, Any]]
    invitation: str
    referrals: list[str] = field(default_factory=list)
    """Of the closed case, in the order in which they were opened."""

    def person(self, email: str) -> dict[str, Any]:
        return next(person for person in self.people if person["email"] == email)


@pytest.fixture(scope="session")
def arranged(
    copies: Copies, world: World, django_db_setup: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Arranged]:
    name = copies.make(world.template)
    with django_db_blocker.unblock(), using(name):
        cases = {
            state: str(casefile_at(state).row.pk)
            for state in (State.SUBMITTED, State.UNDER_EXAMINATION, State.AWAITING_SANCTION, State.CLOSED)
        }
        with as_role(copies, "owner"):
            people = sandbox.seed([], now=timezone.now())
            _failing_webhook("pemkot-padang-system")
            invited = persons.invite(
                agency="bawaslu-ri", email="baru@bawaslu.example", name="Eka Rekaan", role="reader", now=timezone.now()
            )
        opened = Referral.objects.filter(casefile=UUID(cases[State.CLOSED])).order_by("opened_seq")
        referrals = [str(ident) for ident in opened.values_list("pk", flat=True)]
    yield Arranged(name, cases, people, invited.token, referrals)
    copies.drop(name)


def _failing_webhook(client_id: str) -> None:
    """A subscription of that client whose one attempt timed out."""
    now, client = timezone.now(), agencies.models.Client.objects.get(client_id=client_id)
    hook = Webhook.objects.create(
        id=uuid4(), client=client, agency=client.agency, url="https://sistem.padang.example/rahasia",
        host="sistem.padang.example", url_digest="0" * 64, status="active", secret=b"", cursor=-1, due_at=now,
        failing_since=now, leased_until=now, created_at=now, changed_at=now, key_digest=b"1", fingerprint=b"1",
    )  # fmt: skip
    ping = Delivery.objects.create(
        id=uuid4(), webhook=hook, kind="ping", event=uuid4(), type="lintas.webhook.ping", created_at=now
    )
    Attempt.objects.create(delivery=ping, number=1, at=now, outcome="timed-out", latency_ms=1)


@pytest.fixture(scope="module", autouse=True)
def _own_settings() -> Iterator[None]:
    with override_settings(**OWN):
        yield


@pytest.fixture
def _own_database(copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(arranged.database):
        yield


def signed_in(email: str) -> Client:
    """A browser in which that person has given password and code."""
    person = Person.objects.select_related("user").get(email=email)
    client = Client()
    client.force_login(person.user, backend=BACKEND)
    session = client.session
    session[sessions.BEGAN] = time.time()
    session[sessions.KEY] = sessions._key(person)
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.user.pk)
    session.save()
    return client


def text_of(response: Any) -> str:
    """The page."""
    return str(response.content.decode())


@pytest.fixture
def auditor(db: None) -> Client:
    return signed_in(AUDITOR)


@pytest.fixture
def employer(db: None) -> Client:
    return signed_in(EMPLOYER)
