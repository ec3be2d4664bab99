"""Persons: inviting them, changing their role, ending them, and letting them in.

Each change of who may sign in as what is an entry of the log, in the person's own stream: ids, agency and role, no
name and no address. Setting a password or a second factor changes neither, and is none.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower

from agencies import purposes
from agencies.actor import Actor, Proved
from agencies.models import Agency, User
from audit import ledger
from audit.ledger import instant
from audit.recording import by_operator
from people.models import ROLES, Invitation, Person

LIVES: Final = timedelta(days=1)
"""How long an invitation may be used."""


TELLS: Final = "people_tells"
"""The database's function by which the console writes an entry of a person (migration 0003)."""
FACTORS: Final = frozenset({"totp", "webauthn", "recovery_codes"})
"""Second factors, as entries of the log name the one that a person gave before an act."""
CLIENT: Final = "person:"
"""How the record of reads spells a person: this and their id."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person was not registered or changed, and what to do: a sentence in each language."""

    indonesian: str
    english: str

    def __str__(self) -> str:
        """Both, a line each, as a terminal shows them."""
        return f"{self.indonesian}\n{self.english}"


class PersonRefused(Exception):
    """The person was not registered or changed, for these reasons; as text each is a line in each language."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("\n".join(str(reason) for reason in reasons))
        self.reasons = reasons


class NotYours(PersonRefused):
    """A manager invites, changes and ends people of their own agency, and no managers; those are the operator's."""


class InvitationInvalid(Exception):
    """There is no such invitation, or it was used, or it has run out."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A person and the secret part of the link; it is shown once and not kept."""

    person: UUID
    token: str
    expires_at: datetime


def _registered_already(email: str, *, by_operator: bool) -> Reason:
    return Reason(
        f"{email} sudah terdaftar. Bila tautan atau faktor keduanya hilang, buatlah undangan baru untuknya, "
        + ("dengan `invite_person --again`." if by_operator else "dengan tombol “Undangan baru” di sebelah namanya."),
        f"{email} is registered already. If the link or the second factor is lost, make a new invitation for that "
        + (
            "person, by `invite_person --again`."
            if by_operator
            else "person, by the button “New invitation” beside it."
        ),
    )


def invite(*, agency: str, email: str, name: str, role: str, now: datetime, by: Person | None = None) -> Invited:
    """Register a person of that agency (a code) and make an invitation. Raises `PersonRefused` with every reason.

    `by` is the manager who invites, in the console; without one it is the operator.
    """
    email, name = email.strip(), " ".join(name.split())
    with transaction.atomic():
        owner = Agency.objects.filter(code=agency).first()
        reasons = _reasons_against(email=email, name=name, role=role)
        _refuse_foreign(by, agency=agency, role=role)
        if owner is None:
            reasons.append(
                Reason(
                    f"Tidak ada instansi {agency!r}: daftarkan dahulu.",
                    f"There is no agency {agency!r}: register it first.",
                )
            )
        if Person.objects.filter(email__iexact=email).exists():
            reasons.append(_registered_already(email, by_operator=by is None))
        if reasons or owner is None:
            raise PersonRefused(*reasons)
        ident = uuid4()
        user = User(username=f"{CLIENT}{ident}")
        user.set_unusable_password()
        user.save()
        person = Person.objects.create(
            id=ident, user=user, agency=owner, role=role, email=email, name=name, created_at=now
        )
        _record("person.invited", person, now=now, by=by)
        return _invitation(person, now=now)


def invite_again(*, email: str, now: datetime, by: Person | None = None) -> Invited:
    """A new link for a person who lost theirs, or their second factor: password, factors and old links are void.

    `by` is the manager who resets it, in the console; without one it is the operator. Raises `PersonRefused`.
    """
    with transaction.atomic():
        person = _locked(email)
        _refuse_foreign(by, agency=person.agency.code, role=person.role)
        person.invitations.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
        person.password = person.subject = person.issuer = ""
        person.save(update_fields=("password", "subject", "issuer"))
        Authenticator.objects.filter(user=person.user).delete()
        _record("person.reinvited", person, now=now, by=by)
        return _invitation(person, now=now)


def change_role(*, email: str, role: str, now: datetime, by: Person | None = None) -> None:
    """Give a person another role, from their next request on. Raises `PersonRefused`.

    `by` is the manager who does it, in the console; without one it is the operator. A manager's change is made by the
    database's function that stores the entry: the console itself may update no role.
    """
    with transaction.atomic():
        person = _locked(email)
        _refuse_foreign(by, agency=person.agency.code, role=role)
        _refuse_foreign(by, agency=person.agency.code, role=person.role)
        if role not in ROLES or role == person.role:
            raise PersonRefused(
                Reason(
                    f"Perannya sekarang {person.role}; pilih salah satu yang lain dari: {', '.join(ROLES)}.",
                    f"The role now is {person.role}; choose another one of: {', '.join(ROLES)}.",
                )
            )
        person.role = role
        if by is None:
            person.save(update_fields=("role",))
        _record("person.role_changed", person, now=now, by=by)


def end(*, email: str, now: datetime, by: Person | None = None) -> None:
    """Let a person in no more: their next request finds nobody. `by` as for `change_role`. Raises `PersonRefused`."""
    with transaction.atomic():
        person = _locked(email)
        _refuse_foreign(by, agency=person.agency.code, role=person.role)
        person.ended_at, person.password = now, ""
        if by is None:
            person.save(update_fields=("ended_at", "password"))
            person.user.is_active = False
            person.user.save(update_fields=("is_active",))
        Authenticator.objects.filter(user=person.user).delete()
        _record("person.ended", person, now=now, by=by)


# -- signing in --------------------------------------------------------------------------------------------------------


def invited(token: str, *, now: datetime) -> Person:
    """The person whom this link invites. Raises `InvitationInvalid`."""
    return _open(token, now=now).person


def accept(token: str, *, password: str, now: datetime) -> Person:
    """Spend the link and set the password, which has been checked before. Raises `InvitationInvalid`."""
    with transaction.atomic():
        found = _open(token, now=now, lock=True)
        found.used_at = now
        found.save(update_fields=("used_at",))
        person = found.person
        person.password = make_password(password)
        person.save(update_fields=("password",))
        return person


def known_as(email: str) -> Person | None:
    """The person of that address; not one who has ended."""
    rows = Person.objects.select_related("user").filter(ended_at__isnull=True)
    return rows.filter(email__iexact=email.strip()).first()


def recognised(*, issuer: str, subject: str, addresses: Collection[str]) -> Person | None:
    """The person of that account of an agency's own sign-in; None where it is nobody's here.

    An account is its issuer and its identifier there: after a change of issuer the identifiers of before open nothing.

    One whom no account was bound to yet is known by a verified address, once they have accepted their invitation; the
    account is bound to them then, and the address counts no more.
    """
    rows = Person.objects.select_related("user").filter(ended_at__isnull=True).exclude(password="")
    if (bound := rows.filter(issuer=issuer, subject=subject).first()) is not None:
        return bound
    wanted = [address.strip().lower() for address in addresses]
    person = rows.annotate(lowered=Lower("email")).filter(lowered__in=wanted, subject="").first()
    if person is not None:
        person.issuer, person.subject = issuer, subject
        person.save(update_fields=("issuer", "subject"))
    return person


def of_user(user: int) -> Person | None:
    """The person behind a session's user, with the agency; None where there is none any more."""
    return Person.objects.select_related("agency__parent").filter(user=user, ended_at__isnull=True).first()


def actor_of(person: Person) -> Actor:
    """The person acting for their agency. `client_id` names them by id, as the record of reads does."""
    return actor_for(person.agency, client=f"{CLIENT}{person.id}", user=person.user_id)


def officer_of(person: Person, *, factor: str, proved_at: datetime) -> Actor:
    """The person about to act at the desk: `factor` is their second factor, and `proved_at` when they gave it."""
    return replace(actor_of(person), proved=Proved(person=person.id, factor=factor, at=proved_at))


def actor_of_user(user: User, agency: Agency) -> Actor:
    """The same, where only the session's user is known: its name spells the person (`invite`)."""
    return actor_for(agency, client=user.username, user=user.pk)


def actor_for(agency: Agency, *, client: str, user: int) -> Actor:
    """A person of that agency, acting for it; `client` is how the record of reads spells them."""
    above = (agency.parent_id, agency.parent.parent_id if agency.parent else None)
    return Actor(
        client_pk=0,
        client_id=client,
        agency_id=agency.pk,
        agency_code=agency.code,
        agency_name=agency.name,
        roles=frozenset(agency.roles),
        scopes=frozenset(),
        user_pk=user,
        group_pk=agency.group_id,
        time_zone=agency.time_zone,
        ancestors=tuple(key for key in above if key is not None),
        token_pk=0,
        key_thumbprint=None,
        default_purpose=purposes.of_roles(agency.roles),
    )


def id_in(client: str) -> str | None:
    """The id of the person whom the log or the record of reads spells so; None of a system."""
    return client.removeprefix(CLIENT) if client.startswith(CLIENT) else None


def names(clients: Collection[str]) -> Mapping[str, str]:
    """The names of the persons among those readers, by the spelling of the record of reads."""
    ids = {UUID(client.removeprefix(CLIENT)) for client in clients if client.startswith(CLIENT)}
    if not ids:
        return {}
    return {f"{CLIENT}{ident}": name for ident, name in Person.objects.filter(pk__in=ids).values_list("pk", "name")}


def of_agency(agency: int) -> Sequence[tuple[str, str]]:
    """The persons of that agency, ended ones too: as the record of reads spells them, and by name."""
    rows = Person.objects.filter(agency=agency).order_by("name", "pk").values_list("pk", "name")
    return [(f"{CLIENT}{ident}", name) for ident, name in rows]


def colleagues(person: Person) -> Sequence[Person]:
    """Everybody of that person's agency, those who have ended last; one statement."""
    rows = Person.objects.select_related("agency").filter(agency=person.agency_id)
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "name", "pk"))


# -- inside ------------------------------------------------------------------------------------------------------------


def _reasons_against(*, email: str, name: str, role: str) -> list[Reason]:
    reasons = []
    try:
        validate_email(email)
    except ValidationError:
        reasons.append(
            Reason(
                "Ini bukan alamat surel. Tulis nama@instansi.go.id.",
                "This is no e-mail address. Write name@agency.go.id.",
            )
        )
    if not 1 <= len(name) <= 200:
        reasons.append(Reason("Nama: 1 sampai 200 huruf.", "The name has 1 to 200 characters."))
    if role not in ROLES:
        known = ", ".join(ROLES)
        reasons.append(Reason(f"Peran salah satu dari: {known}.", f"The role is one of: {known}."))
    return reasons


def _refuse_foreign(by: Person | None, *, agency: str, role: str) -> None:
    if by is not None and (by.role != "manager" or by.agency.code != agency or role == "manager"):
        raise NotYours(
            Reason(
                "Pengelola mengundang, mengubah, dan mengakhiri orang instansinya sendiri; pengelola lain urusan "
                "operator.",
                "A manager invites, changes and ends people of their own agency; managers are the operator's.",
            )
        )


def _locked(email: str) -> Person:
    person = (
        Person.objects.select_for_update(of=("self",))
        .select_related("user", "agency")
        .filter(email__iexact=email.strip(), ended_at__isnull=True)
        .first()
    )
    if person is None:
        raise PersonRefused(Reason(f"Tidak ada orang dengan alamat {email}.", f"Nobody signs in as {email}."))
    return person


def _invitation(person: Person, *, now: datetime) -> Invited:
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(person=person, digest=_digest(token), made_at=now, expires_at=now + LIVES)
    return Invited(person=person.id, token=token, expires_at=now + LIVES)


def _open(token: str, *, now: datetime, lock: bool = False) -> Invitation:
    rows = Invitation.objects.select_related("person__user", "person__agency")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(
        digest=_digest(token), used_at__isnull=True, expires_at__gt=now, person__ended_at__isnull=True
    ).first()
    if found is None:
        raise InvitationInvalid
    return found


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(kind: str, person: Person, *, now: datetime, by: Person | None = None) -> None:
    """The entry. What a manager did is written by the console, which is the operator's, and says who it was, by id."""
    told = {"person": str(person.id), "agency": person.agency.code, "role": person.role}
    state: Mapping[str, Any] = {**told, "ended_at": instant(person.ended_at) if person.ended_at else None}
    if by is None:
        ledger.append_open(stream=person.id, kind=kind, given=told, state=state, now=now)
        return
    author = by_operator("console")
    given = {**told, "by": str(by.id)}
    ledger.append_open(stream=person.id, kind=kind, given=given, state=state, now=now, author=author, through=TELLS)
