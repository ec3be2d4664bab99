"""The forms of signing in, in our words. What they check is the library's."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Alamat surel")
        self.fields["password"].label = _("Kata sandi")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class CodeForm(AuthenticateForm):
    """The second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _as_code(self.fields["code"])
        self.fields["code"].help_text = _("Enam angka dari aplikasi autentikator, atau satu kode pemulihan.")


class AgainForm(ReauthenticateForm):
    """The second factor once more, before something that is more than reading."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _as_code(self.fields["code"])
        self.fields["code"].help_text = _("Enam angka dari aplikasi autentikator, atau satu kode pemulihan.")


class ActivateForm(ActivateTOTPForm):
    """The first code of a new second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _as_code(self.fields["code"])
        self.fields["code"].help_text = _("Enam angka yang kini ditunjukkan aplikasi itu.")


class PasskeyForm(AddWebAuthnForm):
    """A new passkey: what it is called here, and what the browser made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.max_length, name.initial = _("Nama kunci ini"), 60, ""
        name.help_text = _("Misalnya: laptop kantor.")
        self.initial["name"] = ""

    def clean_name(self) -> str:
        """At most 60 characters; without a name it is called what the library calls it."""
        return str(super().clean_name())[:60]


def _as_code(field: forms.Field) -> None:
    field.label = _("Kode")
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric"}


class InvitationForm(forms.Form):
    """A password, chosen once and typed twice."""

    password = forms.CharField(
        label=_("Kata sandi baru"),
        help_text=_("Sedikitnya 12 huruf; satu kalimat pendek lebih mudah diingat."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(label=_("Sekali lagi"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def clean_password(self) -> str:
        """As Django's validators want it."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        """Both alike."""
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", _("Kedua kata sandi tidak sama."))
        return given
