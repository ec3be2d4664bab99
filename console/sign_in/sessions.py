"""How long a session lasts, and what ends it: eight hours, another password, a person who has ended.

That nothing was asked for a quarter of an hour ends it as well; the session's own expiry does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from people import persons
from people.models import Person

WHOLE: Final = timedelta(hours=8)
"""However busy somebody is, they sign in again after that."""
LATELY: Final = timedelta(minutes=15)
"""For so long a second factor counts as proof of who sits there, for what is more than reading."""
BEGAN, KEY, INVITED, PURPOSE = "console.began", "console.key", "console.invited", "console.purpose"


def begin(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Note when it began and under which password."""
    person = persons.of_user(user.pk)
    request.session[BEGAN] = timezone.now().timestamp()
    request.session[KEY] = _key(person) if person else ""


def person_of(request: HttpRequest, *, now: datetime) -> Person | None:
    """The person of this session, or None where it is over."""
    if not request.user.is_authenticated:
        return None
    person = persons.of_user(request.user.pk)
    if person is None or not constant_time_compare(request.session.get(KEY, ""), _key(person)):
        return None
    began = float(request.session.get(BEGAN, 0))
    return person if now.timestamp() - began < WHOLE.total_seconds() else None


def has_second_factor(request: HttpRequest) -> bool:
    """Whether a code was given in this very session."""
    user = request.user
    records = get_authentication_records(request, user) if isinstance(user, AbstractBaseUser) else []
    return any(record.get("method") == "mfa" for record in records)


def proved_lately(request: HttpRequest, *, now: datetime) -> bool:
    """Whether a second factor was given within the last quarter of an hour, at signing in or again since."""
    given = last_proof(request)
    return given is not None and now - given.at < LATELY


@dataclass(frozen=True, slots=True)
class Proof:
    """A second factor that was given in this session: which kind, and when."""

    factor: str
    at: datetime


def last_proof(request: HttpRequest) -> Proof | None:
    """The last second factor that was given in this session."""
    user = request.user
    records = get_authentication_records(request, user) if isinstance(user, AbstractBaseUser) else []
    given = [record for record in records if record.get("method") == "mfa"]
    if not given:
        return None
    last = max(given, key=lambda record: float(record.get("at", 0)))
    return Proof(str(last.get("type", "")), datetime.fromtimestamp(float(last.get("at", 0)), UTC))


def _key(person: Person) -> str:
    """Changes with the password, and tells nothing of it."""
    return salted_hmac("lintas.console.session", person.password, algorithm="sha256").hexdigest()
