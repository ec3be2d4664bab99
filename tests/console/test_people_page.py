"""A manager invites their agency's people; the database lets the console tell of persons, and of nothing else."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import User
from audit import ledger
from audit.models import Entry
from audit.recording import by_operator
from people import persons
from people.models import Person
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of

pytestmark = pytest.mark.django_db

MANAGER = "pengawas@bawaslu.example"
NEW = {"name": "Fajar Rekaan", "email": "fajar@bawaslu.example", "role": "officer"}
SignIn = Callable[[str], psycopg.Connection]


def test_a_manager_invites_and_the_entry_says_who_by_ids(arranged: Arranged, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[dict[str, Any]] = []  # the console may not read what an entry opens to
    append = ledger.append_open

    def overheard(**told: Any) -> ledger.Sealed:
        opened.append(told)
        return append(**told)

    monkeypatch.setattr(ledger, "append_open", overheard)
    client, manager = signed_in(MANAGER), Person.objects.get(email=MANAGER)
    page = text_of(client.post("/orang", NEW))
    link = re.search(r"/undangan/[\w-]+", page)
    assert link is not None
    person = Person.objects.select_related("agency").get(email=NEW["email"])
    assert (person.agency.code, person.role) == ("bawaslu-ri", "officer")
    (entry,) = Entry.objects.filter(stream=person.id)
    (told,) = opened
    body = json.loads(bytes(entry.body))
    assert (body["kind"], body["actor"]["party"], body["actor"]["client"]) == ("person.invited", "operator", "console")
    assert told["given"] == {
        "person": str(person.id), "agency": "bawaslu-ri", "role": "officer", "by": str(manager.id),
    }  # fmt: skip
    assert "Fajar" not in bytes(entry.body).decode() + json.dumps([told["given"], told["state"]])
    assert "Fajar Rekaan" in text_of(Client().get(link[0]))
    assert link[0] not in text_of(client.get("/orang"))


def test_a_lost_device_is_reset_by_a_manager_and_the_old_one_is_void(arranged: Arranged) -> None:
    client = signed_in(MANAGER)
    client.post("/orang", NEW)
    person = Person.objects.get(email=NEW["email"])
    Authenticator.objects.create(user=person.user, type="totp", data={})
    before = person.invitations.get()
    page = text_of(client.post("/orang", {"again": str(person.id)}))
    assert "/undangan/" in page
    assert not Authenticator.objects.filter(user=person.user).exists()
    before.refresh_from_db()
    assert before.expires_at <= timezone.now()
    kinds = [json.loads(bytes(one.body))["kind"] for one in Entry.objects.filter(stream=person.id).order_by("seq")]
    assert kinds == ["person.invited", "person.reinvited"]


def test_a_manager_changes_a_role_and_ends_somebody_who_is_asked_about_first(arranged: Arranged) -> None:
    client, manager = signed_in(MANAGER), Person.objects.get(email=MANAGER)
    client.post("/orang", NEW)
    person = Person.objects.select_related("user").get(email=NEW["email"])
    Authenticator.objects.create(user=person.user, type="totp", data={})
    page = text_of(client.post("/orang", {"role_of": str(person.id)}))
    assert "Fajar Rekaan sekarang Pembaca." in page
    assert Person.objects.get(pk=person.pk).role == "reader"
    asked = text_of(client.post("/orang", {"end": str(person.id)}))
    assert "Akhiri Fajar Rekaan?" in asked
    assert Person.objects.get(pk=person.pk).ended_at is None
    assert "Fajar Rekaan tidak dapat masuk lagi." in text_of(client.post("/orang", {"end_now": str(person.id)}))
    person.refresh_from_db()
    assert person.ended_at is not None
    assert (person.password, User.objects.get(pk=person.user_id).is_active) == ("", False)
    assert not Authenticator.objects.filter(user=person.user).exists()
    bodies = [json.loads(bytes(one.body)) for one in Entry.objects.filter(stream=person.id).order_by("seq")]
    assert [body["kind"] for body in bodies] == ["person.invited", "person.role_changed", "person.ended"]
    # Once is enough: whoever has ended is nobody's colleague any more.
    assert client.post("/orang", {"end_now": str(person.id)}).status_code == 400
    assert manager.role == "manager"


@pytest.mark.parametrize("column", ["role", "ended_at"])
def test_the_console_itself_updates_neither_role_nor_end(arranged: Arranged, column: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Person.objects.filter(email=EMPLOYER).update(**{column: "manager" if column == "role" else timezone.now()})


@pytest.mark.parametrize(
    ("kind", "changed", "by"),
    [
        ("person.role_changed", {"role": "manager"}, MANAGER),
        ("person.role_changed", {}, MANAGER),
        ("person.role_changed", {"role": "officer"}, EMPLOYER),
        ("person.role_changed", {"role": "officer"}, AUDITOR),
        ("person.ended", {"ended_at": "2026-11-20T00:00:00.000Z"}, AUDITOR),
        ("person.ended", {}, MANAGER),
    ],
)
def test_a_change_wants_a_manager_of_the_agency_and_says_what_it_does(
    arranged: Arranged, kind: str, changed: dict[str, str], by: str
) -> None:
    """What the function stores, it does: so it stores nothing that a manager may not do."""
    client = signed_in(MANAGER)
    client.post("/orang", {**NEW, "role": "reader"})
    person = Person.objects.get(email=NEW["email"])
    told = {"agency": "bawaslu-ri", "role": "reader", **changed}
    with pytest.raises(ProgrammingError, match="a manager invites"), transaction.atomic():
        ledger.append_open(
            stream=person.id,
            kind=kind,
            given={"by": str(Person.objects.get(email=by).id)},
            state=told,
            now=timezone.now(),
            author=by_operator("console"),
            through=persons.TELLS,
        )
    assert Person.objects.filter(pk=person.pk, role="reader", ended_at__isnull=True).exists()


@pytest.mark.parametrize(
    "changed", [{"role": "manager"}, {"email": "no address"}, {"name": " "}, {"email": AUDITOR}, {"role": "king"}]
)
def test_what_a_manager_may_not_or_cannot_is_explained(arranged: Arranged, changed: dict[str, str]) -> None:
    before = Person.objects.count()
    refused = signed_in(MANAGER).post("/orang", NEW | changed)
    assert refused.status_code == 400
    assert "errorlist" in text_of(refused) or "notice bad" in text_of(refused)
    assert Person.objects.count() == before


def test_others_agencies_people_and_managers_are_not_a_managers_to_reset(arranged: Arranged) -> None:
    client = signed_in(MANAGER)
    for email in (AUDITOR, MANAGER):
        person = Person.objects.get(email=email)
        for button in ("again", "role_of", "end_now"):
            refused = client.post("/orang", {button: str(person.id)})
            assert refused.status_code == 400
            assert Authenticator.objects.filter(user=person.user).exists()
            assert Person.objects.filter(pk=person.pk, role=person.role, ended_at__isnull=True).exists()
    assert "Ayu Rekaan" not in text_of(client.get("/orang"))
    for email in (AUDITOR, EMPLOYER):
        assert signed_in(email).get("/orang").status_code == 403
        assert signed_in(email).post("/orang", NEW).status_code == 403


@pytest.mark.parametrize("kind", ["casefile.closed", "person.role_changed", "person.ended"])
def test_the_console_can_tell_of_an_invitation_only(arranged: Arranged, kind: str) -> None:
    told = {"agency": "pemkot-padang", "role": "officer"}
    person = Person.objects.get(email=EMPLOYER)
    with pytest.raises(ProgrammingError, match="a manager invites"), transaction.atomic():
        ledger.append_open(
            stream=person.id, kind=kind, given=told, state=told, now=timezone.now(), through=persons.TELLS
        )
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ledger.append_open(stream=person.id, kind=kind, given=told, state=told, now=timezone.now())


STORED = "SELECT people_tells(%s, %s, %s, sha256('\\x00'::bytea || %s), %s, now(), '{}', '', %s, '')"
ACTOR = {"party": "operator", "agency": "bkn", "client": "console", "key": None}
CHANGED: dict[str, dict[str, Any]] = {
    "nothing": {},
    **{name: {name: None} for name in ("kind", "stream", "entry", "seq", "actor", "prev")},
    "author": {"actor": {**ACTOR, "party": "recorder", "client": "padang-hr"}},
    "key": {"actor": {**ACTOR, "key": "a" * 43}},
    "gap": {"seq": 7},
}


@pytest.mark.parametrize("changed", [*CHANGED, "no object", "leaf"])
def test_an_entry_that_does_not_say_what_it_is_about_is_not_stored(arranged: Arranged, changed: str) -> None:
    """SQL compares what is not there to nothing, which is not false; and what is in the log stays there."""
    stored = STORED.replace("x00", "x01") if changed == "leaf" else STORED
    example = Person.objects.select_related("agency").get(email=EMPLOYER)
    last = Entry.objects.filter(stream=example.id).order_by("seq").last()
    assert last is not None
    entry, stream, number = str(uuid.uuid4()), str(example.id), last.seq + 1
    said = {"kind": "person.reinvited", "stream": stream, "entry": entry, "seq": number, "actor": ACTOR}
    said |= {"prev": bytes(last.leaf_hash).hex(), **CHANGED.get(changed, {})}
    body: Any = {name: value for name, value in said.items() if value is not None}
    written = json.dumps(["person.reinvited"] if changed == "no object" else body).encode()
    told = json.dumps({"agency": example.agency.code, "role": example.role})
    parameters: list[Any] = [entry, stream, said["seq"] or number, written, written, told]
    before = Entry.objects.count()
    with transaction.atomic(), connection.cursor() as cursor:
        if changed == "nothing":
            cursor.execute(stored, parameters)
            assert Entry.objects.count() == before + 1
        else:
            with pytest.raises(ProgrammingError, match="a manager invites"), transaction.atomic():
                cursor.execute(stored, parameters)
            assert Entry.objects.count() == before
        transaction.set_rollback(True)


@pytest.mark.parametrize("email", [MANAGER, AUDITOR])
def test_it_tells_of_no_manager_and_of_nobody_as_another_agencys(arranged: Arranged, email: str) -> None:
    person, told = Person.objects.get(email=email), {"agency": "bkn", "role": "reader"}
    with pytest.raises(ProgrammingError, match="a manager invites"), transaction.atomic():
        ledger.append_open(
            stream=person.id, kind="person.reinvited", given=told, state=told, now=timezone.now(), through=persons.TELLS
        )


def test_a_person_without_an_entry_is_refused(arranged: Arranged) -> None:
    """At the end of the transaction, whoever wrote the row."""
    with pytest.raises(IntegrityError, match="with an entry of the log"), transaction.atomic():
        _untold()


def _untold() -> None:
    example = Person.objects.select_related("agency").get(email=EMPLOYER)
    user = User.objects.create(username="person:untold")
    said = {"role": "reader", "email": "diam@padang.example", "name": "Diam", "created_at": timezone.now()}
    Person.objects.create(id=uuid.uuid4(), user=user, agency=example.agency, **said)
    connection.cursor().execute("SET CONSTRAINTS a_person_has_an_entry IMMEDIATE")


@pytest.mark.parametrize("role", ["web", "reader", "sequencer", "courier", "worker"])
def test_no_other_role_may_call_it(sign_in: SignIn, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="people_tells"):
        sign_in(role).execute(
            "SELECT people_tells(gen_random_uuid(), gen_random_uuid(), 1, '', '', now(), '{}', '', '{}', '')"
        )


def test_the_page_takes_so_many_statements_whatever_it_shows(arranged: Arranged) -> None:
    client = signed_in(MANAGER)
    client.get("/orang")
    with CaptureQueriesContext(connection) as few:
        client.get("/orang")
    for number in range(3):
        client.post("/orang", NEW | {"email": f"{number}@bawaslu.example"})
    with CaptureQueriesContext(connection) as more:
        client.get("/orang")
    assert len(few) == len(more) <= 9
