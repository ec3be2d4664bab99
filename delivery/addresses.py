"""Where a webhook may go: which URLs are accepted, and which addresses are connected to.

A URL is read when it is registered and again before each exchange. Its name is resolved once for a connection, every
address it has must be public, and the connection goes to one of these very addresses: a name that says something else
a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

PORTS: Final = frozenset({443, 8443})
LONGEST: Final = 2000

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_LOOPBACK: Final = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}

# `is_global` of Python 3.11 calls NAT64, 6to4 and multicast global, so the registries themselves stand here (IANA,
# IPv4 and IPv6 Special-Purpose Address Registry). Of IPv6 only 2000::/3 was ever given out to the public.
_NOT_PUBLIC_4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_PUBLIC_6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"))
)


class AddressRefused(Exception):
    """The receiver may not be there; `code` says why (`WORDS`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


WORDS: Final = {
    "url-unreadable": (
        "Ini bukan URL yang dapat dipakai: tulis https://nama.go.id/jalur, tanpa spasi dan tanpa #.",
        "This is no URL that can be used: write https://name.go.id/path, without blanks and without #.",
    ),
    "url-not-https": ("Penerima hanya boleh lewat https.", "A receiver is reached by https only."),
    "url-userinfo": (
        "Nama pengguna dan kata sandi tidak boleh ada di URL; tanda tangan sudah membuktikan pengirimnya.",
        "No user name or password may stand in the URL; the signature proves the sender.",
    ),
    "url-port": ("Port yang boleh: 443 dan 8443.", "Ports that may be used: 443 and 8443."),
    "url-host-not-approved": (
        "Nama host ini belum disetujui pengelola; alamat IP tidak pernah. Nama internasional ditulis sebagai xn--.",
        "The operator has not approved this host name; an IP address never is. Write international names as xn--.",
    ),
}
"""Why a URL is refused, in Indonesian and English."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send: `path` with its query as it stands in the request line."""

    is_tls: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.is_tls else 80) else f"{name}:{self.port}"


def endpoint(url: str) -> Endpoint:
    """The URL taken apart. Raises `AddressRefused`."""
    if len(url) > LONGEST or not re.fullmatch(r"[!-~]+", url) or "\\" in url or "#" in url:
        raise AddressRefused("url-unreadable")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise AddressRefused("url-unreadable") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("url-userinfo")
    if settings.LINTAS_WEBHOOKS_TO_LOOPBACK and host in _LOOPBACK and parts.scheme == "http":
        return Endpoint(is_tls=False, host=host, port=port or 80, path=path)
    if parts.scheme != "https":
        raise AddressRefused("url-not-https")
    if port not in PORTS | {None}:
        raise AddressRefused("url-port")
    if not _is_approved(host):
        raise AddressRefused("url-host-not-approved")
    return Endpoint(is_tls=True, host=host, port=port or 443, path=path)


def _is_approved(host: str) -> bool:
    if len(host) > 253 or not _NAME.fullmatch(host):
        return False
    suffixes = [f".{suffix.lstrip('.').lower()}" for suffix in settings.LINTAS_WEBHOOK_HOSTS if suffix.strip(".")]
    return any(host.endswith(suffix) for suffix in suffixes)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is one of a machine on the open internet; never one that carries another inside."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return (
        address.scope_id is None and address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
    )


def loopback_of(to: Endpoint) -> str | None:
    """The address of an endpoint on this machine, where the sandbox allows one; nothing is resolved then."""
    return _LOOPBACK.get(to.host) if settings.LINTAS_WEBHOOKS_TO_LOOPBACK and not to.is_tls else None


def checked(found: Sequence[str]) -> list[str]:
    """A name's addresses, as they may be connected to. Raises `AddressRefused` unless every one is public."""
    try:
        addresses = [ipaddress.ip_address(one) for one in found]
    except ValueError:
        raise AddressRefused("address-not-public") from None
    if not addresses:
        raise AddressRefused("name-unresolved")
    if not all(is_public(address) for address in addresses):
        raise AddressRefused("address-not-public")
    return list(dict.fromkeys(str(address) for address in addresses))
