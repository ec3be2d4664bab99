"""The library's tables in a process that lets nobody sign in."""

from __future__ import annotations

from allauth.account.apps import AccountConfig
from django.conf import settings


class Addresses(AccountConfig):
    """allauth's accounts. Without the console's settings they lie dormant: the API has no use for their middleware."""

    default = False

    def ready(self) -> None:
        """Check the middleware where people sign in."""
        if settings.ROOT_URLCONF == "console.urls":
            super().ready()
