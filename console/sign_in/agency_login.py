"""Signing in with an agency's own account (OpenID Connect), in the password's place: which person it belongs to.

The first time, a verified address that is a person's; from then on the account's own identifier and its issuer, which
are kept with the person, so that an address given to somebody else opens nothing, nor does another issuer's account of
the same identifier. Of what the issuer says, nothing else is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse

from people import persons


class Adapter(DefaultSocialAccountAdapter):
    """What the sign-in's library asks us."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person, or say that the account is nobody's here. Nobody registers themselves."""
        # The address of the link may ask to connect an account instead, which is for libraries that keep accounts.
        sociallogin.state["process"] = AuthProcess.LOGIN
        verified = [found.email for found in sociallogin.email_addresses if found.verified]
        app = _app()
        person = None
        if app is not None:
            person = persons.recognised(
                issuer=app["settings"]["server_url"], subject=sociallogin.account.uid, addresses=verified
            )
        if person is None:
            raise ImmediateHttpResponse(render(request, "console/sign_in/account_unknown.html", status=403))
        sociallogin.user = person.user
        sociallogin.account.extra_data = {}

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Nobody registers themselves."""
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """This service writes to nobody."""


def offered() -> dict[str, str] | None:
    """Where it begins and what it is called; None where none is set up."""
    app = _app()
    if app is None:
        return None
    return {"href": reverse("openid_connect_login", args=[app["provider_id"]]), "name": app["name"]}


def _app() -> Mapping[str, Any] | None:
    """The one issuer that is set up (`config.console`)."""
    apps = app_settings.PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return apps[0] if apps else None
