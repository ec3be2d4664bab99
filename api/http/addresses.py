"""From where a call comes, as far as that can be known, and a digest of it that may be kept."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from typing import Final

from django.conf import settings
from django.http import HttpRequest

_WITH_PORT: Final = re.compile(r"^(?:\[([0-9A-Fa-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$")
_IPV6_PREFIX: Final = 64
"""Bits of a version 6 address that stand for one caller, who usually holds a whole network of this size."""


def caller(remote: str, forwarded: str) -> str:
    """The address from which the request was sent: the connection's, or what our outermost proxy saw.

    Each proxy appends the address that it saw to `X-Forwarded-For`. Behind so many of our own (`LINTAS_BEHIND_PROXY`)
    the caller's is that many places from the end; whatever stands before it, anybody may have written. Where fewer
    stand there the request did not come through all of them, and the connection's address is all that is known.
    """
    hops = int(settings.LINTAS_BEHIND_PROXY)
    seen = [hop.strip() for hop in forwarded.split(",")]
    if not hops or len(seen) < hops:
        return remote
    # Some proxies write a port, and brackets around an address of version 6.
    bare = _WITH_PORT.sub(r"\1\2", seen[-hops])
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return remote
    return bare


def address(remote: str, forwarded: str) -> str:
    """The address that stands for the caller: of version 6 its network."""
    text = caller(remote, forwarded)
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return text
    if parsed.version == 6:
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed)


def address_of(request: HttpRequest) -> str:
    """The address from which this request came."""
    return address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def digest(kind: str, text: str) -> bytes:
    """Sixteen bytes that stand for an address or a name. Without our key nobody can find it from them."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"{kind}:{text}".encode(), hashlib.sha256)[:16]
