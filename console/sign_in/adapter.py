"""What the sign-in's library asks us: how a session begins, and whence a request comes."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from console.http import address_of
from console.sign_in import sessions


class Adapter(DefaultAccountAdapter):
    """allauth's account adapter."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Alamat surel atau kata sandi tidak cocok."),
    }

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Begin the session: its eight hours count from here."""
        super().login(request, user)
        sessions.begin(request, user)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers themselves."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: axes counts failures, by person and address together. By person alone anybody is locked out."""
        self._login_failed_rl_usage = None

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by which attempts are counted."""
        return address_of(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """This service writes to nobody."""
