"""The sandbox's people: one for each kind of reader, with passwords and secrets that are given away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from allauth.mfa import app_settings
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.db import transaction

from people import persons
from people.models import Person

PASSWORD: Final = "kotak-pasir-terbuka"  # noqa: S105 - printed for everybody who starts a sandbox
PEOPLE: Final[Sequence[Mapping[str, str]]] = (
    {"email": "auditor@bpk.example", "name": "Ayu Rekaan", "agency": "bpk", "role": "reader"},
    {"email": "pemeriksa@bkn.example", "name": "Bima Rekaan", "agency": "bkn", "role": "manager"},
    {"email": "pengawas@bawaslu.example", "name": "Citra Rekaan", "agency": "bawaslu-ri", "role": "manager"},
    {"email": "petugas@padang.example", "name": "Dodi Rekaan", "agency": "pemkot-padang", "role": "officer"},
    # With these two a whole case can be handled at the desk alone.
    {
        "email": "petugas@bawaslu-padang.example",
        "name": "Fitri Rekaan",
        "agency": "bawaslu-kota-padang",
        "role": "officer",
    },
    {"email": "petugas@bkn.example", "name": "Gilang Rekaan", "agency": "bkn", "role": "officer"},
)


def seed(listed: Sequence[Mapping[str, Any]], *, now: datetime) -> list[dict[str, Any]]:
    """Each of `PEOPLE` as somebody who has accepted an invitation; those listed already stay as they are."""
    known = {entry["email"]: dict(entry) for entry in listed}
    return [known.get(person["email"]) or _made(person, now=now) for person in PEOPLE]


def _made(person: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    with transaction.atomic():
        if Person.objects.filter(email=person["email"]).exists():
            invited = persons.invite_again(email=person["email"], now=now)
        else:
            invited = persons.invite(
                agency=person["agency"], email=person["email"], name=person["name"], role=person["role"], now=now
            )
        accepted = persons.accept(invited.token, password=PASSWORD, now=now)
        secret = auth.generate_totp_secret()
        auth.TOTP.activate(accepted.user, secret)
        RecoveryCodes.activate(accepted.user)
    return {**person, "password": PASSWORD, "totp_secret": secret}


def code(secret: str, *, now: datetime) -> str:
    """The code that an authenticator shows then, and for at most half a minute."""
    counter = int(now.timestamp()) // int(app_settings.TOTP_PERIOD)
    return str(auth.format_hotp_value(auth.hotp_value(secret, counter)))
