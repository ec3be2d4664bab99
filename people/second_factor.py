"""The second factor's secrets are kept encrypted under SECRET_KEY: who copies the table cannot make codes."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser


class Adapter(DefaultMFAAdapter):
    """What the library asks us about codes."""

    def encrypt(self, text: str) -> str:
        """The secret as it is kept."""
        return _keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. Raises InvalidToken where SECRET_KEY was changed without a fallback: then invite again."""
        return _keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """The picture that a phone scans, with nothing in it that our content policy refuses (the library's has)."""
        made = qrcode.QRCode(border=0)
        made.add_data(url)
        rows = made.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        box = f"0 0 {len(rows)} {len(rows)}"
        # The page says what it is, and the same secret in letters.
        return f'<svg class="qr" viewBox="{box}" aria-hidden="true"><path d="{path}"/></svg>'

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """What the person's own device shows beside a passkey: their address and name."""
        told: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        person = getattr(user, "person", None)
        return told if person is None else told | {"name": person.email, "display_name": person.name}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom a passkey is for: the host, and the name that the device shows."""
        told: dict[str, str] = super().get_public_key_credential_rp_entity()
        return told | {"name": "Lintas"}

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """What the person's app shows beside the code: their address."""
        person = getattr(user, "person", None)
        return person.email if person is not None else user.get_username()


@cache
def _keys(*secrets: str) -> MultiFernet:
    derived = (
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"lintas.second-factor.1").derive(secret.encode())
        for secret in secrets
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
