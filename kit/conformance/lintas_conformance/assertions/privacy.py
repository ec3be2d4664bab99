"""Personal data (UU 27/2022): in bodies alone, never in addresses, headers or logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_plus

from lintas_conformance.assertions.grammar import EVERYWHERE, Assertion, all_shown
from lintas_conformance.stage import Seen
from lintas_simulator.messages import Exchange

_SOURCE: Final = "UU 27/2022 pasal 35-36"


def _told(seen: Seen, kind: str) -> set[str]:
    return {value for one, value in seen.told["personal"] if one == kind}


def _in_request(kind: str, where: Callable[[Exchange], str]) -> Callable[[Seen], list[str]]:
    def judge(seen: Seen) -> list[str]:
        values = _told(seen, kind)
        return all_shown(one for one in seen.exchanges if any(value in where(one) for value in values))

    return judge


def _address(one: Exchange) -> str:
    return unquote_plus(one.request.path) + " " + " ".join(value for _, value in one.request.query)


def _headers(one: Exchange) -> str:
    return " ".join(value for name, value in one.request.headers.items() if name != "idempotency-key")


def _key(one: Exchange) -> str:
    return one.request.headers.get("idempotency-key", "")


def _logged(kind: str) -> Callable[[Seen], list[str]]:
    def judge(seen: Seen) -> list[str]:
        values = _told(seen, kind)
        told = [asked for asked in seen.asked if any(value in asked.outcome.said for value in values)]
        what = "a NIP" if kind == "nip" else "an officer's name"
        return [f"{asked.act.verb}: {what} stands in what was printed or logged" for asked in told][:10]

    return judge


def _of(ident: str, judge: Callable[[Seen], list[str]], indonesian: str, english: str) -> Assertion:
    return Assertion(f"pdp.{ident}", EVERYWHERE, judge, indonesian, english, source=_SOURCE)


_URL_ID = (
    "Cari pegawai dengan POST /casefiles/search; URL tercatat di banyak tempat dan tidak boleh memuat NIP atau nama."
)
_URL_EN = "Look for officers by POST /casefiles/search; addresses are logged in many places: no NIP, no name in them."
_LOG_ID = "Catat id perkara dan kode penolakan saja, bukan badan permintaan atau jawaban."
_LOG_EN = "Log ids of casefiles and codes of refusals alone, not the bodies of requests or answers."

PRIVACY: Final = (
    _of("nip-not-in-url", _in_request("nip", _address), _URL_ID, _URL_EN),
    _of("name-not-in-url", _in_request("name", _address), _URL_ID, _URL_EN),
    _of("nip-not-in-headers", _in_request("nip", _headers),
        "Jangan taruh NIP di tajuk (X-Request-Id, User-Agent, dan lainnya).",
        "Put no NIP into headers (X-Request-Id, User-Agent and others)."),
    _of("nip-not-in-key", _in_request("nip", _key),
        "Pakai UUID acak sebagai Idempotency-Key; kunci tidak boleh dibentuk dari NIP.",
        "Take a random UUID as Idempotency-Key; a key must not be made of a NIP."),
    _of("nip-not-in-log", _logged("nip"), _LOG_ID, _LOG_EN),
    _of("name-not-in-log", _logged("name"), _LOG_ID, _LOG_EN),
)  # fmt: skip
