"""The mail server by its URL, as Django's settings have it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def mail_server(url: str) -> dict[str, Any]:
    """Django's settings for that mail server. Its password is never said in a refusal."""
    parts = urlsplit(url)
    port = {"smtps": 465, "smtp+tls": 587, "smtp": 25}.get(parts.scheme)
    is_here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if port is None or not parts.hostname or (parts.scheme == "smtp" and not is_here):
        raise ImproperlyConfigured(
            f"LINTAS_SMTP_URL ({parts.scheme}://…@{parts.hostname}) is no mail server that can be used: write smtps:// "
            "or smtp+tls:// for STARTTLS; smtp:// only to this machine."
        )
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
    }
