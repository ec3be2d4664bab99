"""Where a webhook may go: hostile URLs, and addresses that are not public. No database, no network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

import pytest
from pytest_django import Settings

from delivery import addresses
from delivery.addresses import AddressRefused
from delivery.sender import Line

GOOD = {
    "https://sistem.padang.go.id/lintas": ("sistem.padang.go.id", 443, "/lintas"),
    "https://SISTEM.Padang.GO.ID:8443/a?b=c": ("sistem.padang.go.id", 8443, "/a?b=c"),
    "https://sistem.padang.go.id.": ("sistem.padang.go.id", 443, "/"),
    "https://xn--sstem-2pa.go.id/": ("xn--sstem-2pa.go.id", 443, "/"),
}
BAD = {
    "url-not-https": [
        "http://sistem.padang.go.id/", "ftp://sistem.padang.go.id/", "file:///etc/passwd", "gopher://a.go.id/",
        "//sistem.padang.go.id/", "sistem.padang.go.id", "javascript:alert(1)", "http://127.0.0.1/",
    ],
    "url-userinfo": [
        "https://a@sistem.padang.go.id/", "https://a:b@sistem.padang.go.id/", "https://sistem.go.id@127.0.0.1/",
        "https://@sistem.padang.go.id/",
    ],
    "url-port": [
        "https://sistem.padang.go.id:22/", "https://sistem.padang.go.id:80/", "https://sistem.padang.go.id:5432/",
        "https://sistem.padang.go.id:0/",
    ],
    "url-host-not-approved": [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/", "https://example.com/", "https://go.id/", "https://go.id.example.com/",
        "https://padang.go.id.evil.net/", "https://evilgo.id/", "https://padang-go.id/", "https://-a.go.id/",
        "https://a_b.go.id/", "https://a..go.id/", "https://.go.id/", "https://%31%32%37.go.id/",
        "https://sistem.padang.go.id,evil.net/", "https://" + "a" * 64 + ".go.id/", "https://" + "a." * 125 + "go.id/",
        "https:///path", "https://[::ffff:7f00:1]/", "https://[fe80::1%25eth0]/", "https://017700000001/",
        "https://0x7f.1/",
    ],
    "url-unreadable": [
        "", " https://sistem.padang.go.id/", "https://sistem.padang.go.id/ a",
        "https://sistem.padang.go.id/\r\nHost: x",
        "https://sistem.padang.go.id\\@evil.net/", "https://sistem.padang.go.id/#part", "https://a.go.id/\u200b",
        "https://s\u0131stem.go.id/", "https://[::1/", "https://sistem.padang.go.id:99999/",
        "https://sistem.padang.go.id:x/", "https://sistem.padang.go.id/" + "a" * 2000, "https://a.go.id/\x00",
        "https://\uff41.go.id/", "https://a\u3002go.id/",
    ],
}  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_an_ordinary_address_is_taken_apart(url: str) -> None:
    to = addresses.endpoint(url)
    assert (to.host, to.port, to.path) == GOOD[url]
    assert to.is_tls


@pytest.mark.parametrize(("code", "url"), [(code, url) for code, urls in BAD.items() for url in urls])
def test_a_hostile_address_is_refused_and_says_why(code: str, url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        addresses.endpoint(url)
    assert refused.value.code == code
    assert all(addresses.WORDS[code])


def test_this_machine_is_reached_in_a_sandbox_only(settings: Settings) -> None:
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    assert addresses.endpoint("http://127.0.0.1:9999/hook").port == 9999
    for url in ("http://127.0.0.2/", "http://10.0.0.1/", "http://169.254.169.254/", "https://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            addresses.endpoint(url)


NOT_PUBLIC = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",  # noqa: S104 - one of the table
    "172.31.255.255", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::",
    "2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "ff0e::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "103.14.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "223.255.255.255",
    "2404:c0::1", "2606:4700::1111",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_never_connected_to(address: str) -> None:
    assert not addresses.is_public(ipaddress.ip_address(address))
    with pytest.raises(AddressRefused):
        addresses.checked(["8.8.8.8", address])


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_connected_to(address: str) -> None:
    assert addresses.checked([address, address]) == [address]


@pytest.mark.parametrize("said", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:10.0.0.1"], []])
def test_a_name_that_turns_inwards_after_its_registration_reaches_nothing(said: list[str]) -> None:
    """The name was approved; what it resolves to is looked at before each connection, and nobody is connected to."""
    asked = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return said

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.05)
        line = Line("https://sistem.padang.go.id/hook", resolve=resolve)
        reply = asyncio.run(line.post([], b"{}"))
        with pytest.raises(TimeoutError):
            listening.accept()
    assert reply.outcome == ("address-not-public" if said else "name-unresolved")
    assert asked == [("sistem.padang.go.id", 443)]
