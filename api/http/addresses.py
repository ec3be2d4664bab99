"""From where a call comes, as far as that can be known, and a digest of it that may be kept."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from typing import Final

from django.conf import settings
from django.http import HttpRequest

_IPV6_PREFIX: Final = 64
"""Bits that stand for one caller: whoever holds an address of version 6 holds the whole network behind it."""


def address(remote: str, forwarded: str) -> str:
    """The address of the caller: the connection's, or behind our own proxy (`LINTAS_BEHIND_PROXY`) what it wrote down.

    A proxy appends the address it saw to `X-Forwarded-For`; whatever stands before that, anybody may have written.
    """
    seen = forwarded.rpartition(",")[2].strip() if settings.LINTAS_BEHIND_PROXY and forwarded else remote
    try:
        parsed = ipaddress.ip_address(seen)
    except ValueError:
        return remote
    if parsed.version == 6:
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed)


def address_of(request: HttpRequest) -> str:
    """The address from which this request came."""
    return address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def digest(kind: str, text: str) -> bytes:
    """Sixteen bytes that stand for an address or a name, and from which nobody without our key finds it again."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"{kind}:{text}".encode(), hashlib.sha256)[:16]
