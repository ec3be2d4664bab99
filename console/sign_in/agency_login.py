"""Signing in with an agency's own account (OpenID Connect), in the password's place: which person it belongs to.

The first time, a verified address that is a person's; from then on the account's own identifier at the issuer, which is
kept with the person, so that an address given to somebody else opens nothing. Of what the issuer says, nothing else is.
"""

from __future__ import annotations

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
        person = persons.recognised(subject=sociallogin.account.uid, addresses=verified)
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
    apps = app_settings.PROVIDERS.get("openid_connect", {}).get("APPS", [])
    if not apps:
        return None
    return {"href": reverse("openid_connect_login", args=[apps[0]["provider_id"]]), "name": apps[0]["name"]}
