"""Handing a mail to the operator's mail server (`LINTAS_SMTP_URL`), and what it said."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger("lintas.delivery")

_BACKEND: Final = "django.core.mail.backends.smtp.EmailBackend"

Outcome = Literal["sent", "refused"]


def is_offered() -> bool:
    """Whether the operator has named a mail server."""
    return bool(settings.LINTAS_SMTP_URL)


def mark(name: str, *, base: str) -> str:
    """A `Message-ID`: the same name and address (a URL of ours) give the same, by which a second copy is dropped."""
    return f"<{name}@{urlsplit(base).hostname}>"


def handed_over(make: Callable[[BaseEmailBackend], EmailMessage], *, about: str) -> Outcome | None:
    """Hand the mail to the mail server; None where it could not be asked, or puts us off. Raises nothing.

    `about` is what the mail is about, by id, as the program's log says it.
    """
    try:
        with get_connection(_BACKEND, timeout=settings.EMAIL_TIMEOUT) as line:
            make(line).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as why:
        code = _code(why)
        if code < 500:
            logger.warning("%s: the mail server puts us off (%d)", about, code)
            return None
        logger.warning("%s: the mail server takes nothing for this address (%d)", about, code)
        return "refused"
    except (smtplib.SMTPException, OSError) as why:
        logger.warning("%s: nobody could be mailed: %s", about, type(why).__name__)
        return None
    return "sent"


def _code(why: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> int:
    if isinstance(why, smtplib.SMTPDataError):
        return int(why.smtp_code)
    return max(int(code) for code, _ in why.recipients.values())
