"""Inviting people, changing what they may do, ending them: each an entry of the log that names nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core.management import CommandError, call_command
from django.test import override_settings

from audit.models import Entry, Opening
from people import persons
from people.models import Person
from people.persons import InvitationInvalid, PersonRefused

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
AYU = {"email": "ayu@bpk.example", "name": "Ayu Rekaan"}


def _invited() -> persons.Invited:
    return persons.invite(agency="bpk", role="reader", now=NOW, email=AYU["email"], name=AYU["name"])


def test_every_change_is_an_entry_of_ids() -> None:
    invited = _invited()
    persons.accept(invited.token, password="kuda hitam di sawah", now=NOW)
    persons.change_role(email="AYU@bpk.example", role="manager", now=NOW)
    persons.invite_again(email=AYU["email"], now=NOW)
    persons.end(email=AYU["email"], now=NOW)

    entries = list(Entry.objects.filter(stream=invited.person).order_by("seq"))
    kinds = [json.loads(bytes(entry.body))["kind"] for entry in entries]
    assert kinds == ["person.invited", "person.role_changed", "person.reinvited", "person.ended"]
    told = [Opening.objects.get(entry=entry) for entry in entries]
    assert [opening.state["role"] for opening in told] == ["reader", "manager", "manager", "manager"]
    assert [opening.state["ended_at"] for opening in told] == [None, None, None, "2026-11-20T03:00:00.000Z"]
    for entry, opening in zip(entries, told, strict=True):
        whole = bytes(entry.body).decode() + json.dumps([opening.given, opening.state])
        assert not [word for word in ("Ayu", "ayu@", "kuda") if word in whole]


def test_what_is_wrong_is_told_at_once_and_registers_nobody() -> None:
    with pytest.raises(PersonRefused) as refused:
        persons.invite(agency="nobody", email="no address", name=" ", role="king", now=NOW)
    assert len(refused.value.reasons) == 4
    assert str(refused.value).splitlines() == [
        sentence for reason in refused.value.reasons for sentence in (reason.indonesian, reason.english)
    ], "a line for each reason in each language"
    _invited()
    with pytest.raises(PersonRefused, match="registered already"):
        persons.invite(agency="bkn", role="reader", email="Ayu@BPK.example", name="Lain", now=NOW)
    for act in (persons.end, persons.invite_again):
        with pytest.raises(PersonRefused, match="Nobody signs in"):
            act(email="siapa@bpk.example", now=NOW)
    assert Person.objects.count() == 1


def test_a_new_link_voids_the_old_one_the_password_and_the_second_factor() -> None:
    first = _invited()
    person = persons.accept(first.token, password="kuda hitam di sawah", now=NOW)
    auth.TOTP.activate(person.user, auth.generate_totp_secret())
    second = persons.invite_again(email=AYU["email"], now=NOW)
    third = persons.invite_again(email=AYU["email"], now=NOW + timedelta(hours=1))
    person.refresh_from_db()
    assert (person.password, Authenticator.objects.count()) == ("", 0)
    for token in (first.token, second.token):
        with pytest.raises(InvitationInvalid):
            persons.accept(token, password="kuda hitam di sawah", now=NOW + timedelta(hours=2))
    assert persons.invited(third.token, now=NOW + timedelta(hours=2)).pk == person.pk


def test_who_has_ended_is_nobody() -> None:
    invited = _invited()
    person = Person.objects.get()
    assert persons.known_as(AYU["email"]) == person
    persons.end(email=AYU["email"], now=NOW)
    assert persons.known_as(AYU["email"]) is None
    assert persons.of_user(person.user_id) is None
    with pytest.raises(InvitationInvalid):
        persons.accept(invited.token, password="kuda hitam di sawah", now=NOW)


def test_secrets_are_kept_under_a_key_and_links_as_digests() -> None:
    invited = _invited()
    person = Person.objects.get()
    secret = auth.generate_totp_secret()
    factor = auth.TOTP.activate(person.user, secret)
    assert secret not in json.dumps(factor.instance.data)
    assert factor.validate_code(
        auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))
    )
    assert invited.token not in str(list(person.invitations.values()))
    assert not person.user.has_usable_password()


def test_the_commands_say_what_they_did_and_what_they_lack() -> None:
    said = StringIO()
    with override_settings(LINTAS_CONSOLE_BASE_URL="https://konsol.example"):
        call_command("invite_person", AYU["email"], agency="bpk", name=AYU["name"], quiet_receipts=True, stdout=said)
    link, until = said.getvalue().splitlines()
    assert link.startswith("https://konsol.example/undangan/")
    assert "works once" in until
    with pytest.raises(CommandError, match="--agency CODE"):
        call_command("invite_person", "lain@bpk.example")
    call_command("change_person", AYU["email"], role="officer", quiet_receipts=True, stdout=said)
    assert Person.objects.get().role == "officer"
    call_command("change_person", AYU["email"], end=True, quiet_receipts=True, stdout=said)
    with pytest.raises(CommandError, match="Nobody signs in"):
        call_command("change_person", AYU["email"], end=True)
    with pytest.raises(CommandError, match="no sandbox"), override_settings(LINTAS_SANDBOX=False):
        call_command("sandbox_people")
