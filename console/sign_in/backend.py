"""Who somebody is by address and password. The password lies with the person, in a table that is the console's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from agencies.models import User
from people import persons
from people.models import Person


class PersonBackend(BaseBackend):
    """Finds the person; nobody has permissions by it: what they see is their agency's."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        email: str | None = None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """The session's user of that person. `username` is what the library knows of one who is signed in."""
        login = email or username
        if not login or not password:
            return None
        person = persons.known_as(login)
        if person is None or not person.password:
            # As long as for somebody who exists.
            make_password(password)
            return None
        if not check_password(password, person.password, setter=lambda _: None):
            return None
        return person.user

    def get_user(self, user_id: int) -> User | None:
        """The user of a session."""
        return User.objects.filter(pk=user_id, is_active=True, person__isnull=False).first()


def typed_login(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Under which name failures are counted: the address as it was typed, in one spelling."""
    given = credentials or {}
    login = given.get("email") or given.get("username") or request.POST.get("login", "")
    known = persons.known_as(login) if str(login).startswith(persons.CLIENT) else None
    return (known.email if isinstance(known, Person) else str(login)).strip().lower()[:255]
