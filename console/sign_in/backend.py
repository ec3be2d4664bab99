"""Who somebody is by address and password. The password lies with the person, in a table that is the console's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from agencies.models import User
from people import persons


class PersonBackend(BaseBackend):
    """Finds the person; nobody has permissions by it: what they see is their agency's."""

    def authenticate(
        self,
        request: HttpRequest | None,
        email: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """The session's user of that person."""
        if not email or not password:
            return None
        person = persons.known_as(email)
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
    return str((credentials or {}).get("email") or request.POST.get("login", "")).strip().lower()[:255]
