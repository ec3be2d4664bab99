"""What was typed, kept where a session ended over it: encrypted, for the same person, for a day at most."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core import signing

from console.models import Form

SALT: Final = "lintas.console.desk.form.1"
LIVES: Final = timedelta(days=1)
NO_CASEFILE: Final = UUID(int=0)
"""A finding is about no casefile yet."""
PAPER: Final = "document"
"""Stands for the transition in the ticket of a paper."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Which form it is: its key, whom it was shown to, of which casefile, act and version. Sealed in the page."""

    form: UUID
    user: int
    casefile: UUID
    transition: str
    version: int

    @property
    def as_draft(self) -> UUID:
        """The id of the draft that this form becomes: the same form is one draft, however often it is sent."""
        return uuid5(self.form, "draft")

    def sealed(self) -> str:
        """The ticket as the page carries it."""
        told = [str(self.form), self.user, str(self.casefile), self.transition, self.version]
        sealed: str = signing.dumps(told, salt=SALT)
        return sealed


def ident_in(text: str | None) -> str:
    """The id that an address or a hidden field names; "" for anything else, which goes into no address of ours."""
    try:
        return str(UUID(text or ""))
    except ValueError:
        return ""


class NoTicket(Exception):
    """The page's ticket was changed, is another page's, or is older than a day."""


def new_ticket(*, user: int, casefile: UUID, transition: str, version: int) -> Ticket:
    """The ticket of a form that is shown now."""
    return Ticket(uuid4(), user, casefile, transition, version)


def opened(text: str) -> Ticket:
    """The ticket that a page carried. Raises `NoTicket`."""
    try:
        form, user, casefile, transition, version = signing.loads(text, salt=SALT, max_age=LIVES)
        return Ticket(UUID(form), int(user), UUID(casefile), str(transition), int(version))
    except (signing.BadSignature, ValueError, TypeError) as why:
        raise NoTicket from why


def keep(ticket: Ticket, typed: Mapping[str, Sequence[str]], *, now: datetime) -> None:
    """Keep what was typed. Nothing is kept of a form that was spent."""
    content = encrypted(typed)
    row, is_new = Form.objects.get_or_create(
        id=ticket.form,
        defaults={
            "user_id": ticket.user,
            "casefile": ticket.casefile,
            "transition": ticket.transition,
            "version": ticket.version,
            "kept": content,
            "kept_at": now,
        },
    )
    if not is_new and row.done_at is None and row.user_id == ticket.user:
        Form.objects.filter(pk=row.pk, done_at=None).update(kept=content, kept_at=now)


def kept_for(user: int, form: str) -> tuple[Ticket, dict[str, list[str]]] | None:
    """The form and what was typed into it, for the person whose it is; None where nothing is kept."""
    ident = ident_in(form)
    row = Form.objects.filter(pk=ident, user=user, done_at=None, kept__isnull=False).first() if ident else None
    if row is None:
        return None
    typed = decrypted(row.kept)
    return None if typed is None else (Ticket(row.pk, user, row.casefile, row.transition, row.version), typed)


def encrypted(typed: Mapping[str, Sequence[str]]) -> bytes:
    """What was typed, by name, as it is kept."""
    return _keys().encrypt(json.dumps({name: list(values) for name, values in typed.items()}).encode())


def decrypted(content: bytes | memoryview | None) -> dict[str, list[str]] | None:
    """What was typed, by name; None where nothing is kept, or under a secret that the service has no more."""
    try:
        typed: dict[str, Any] = json.loads(_keys().decrypt(bytes(content or b"")))
    except InvalidToken:
        return None
    return {str(name): [str(value) for value in values] for name, values in typed.items()}


def forget_old(*, now: datetime) -> int:
    """Delete what has been kept for a day; how many forms that were."""
    return Form.objects.filter(kept__isnull=False, kept_at__lt=now - LIVES).update(kept=None)


def _keys() -> MultiFernet:
    return _derived(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def _derived(*secrets: str) -> MultiFernet:
    keys = (
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"lintas.desk.kept.1").derive(secret.encode())
        for secret in secrets
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
