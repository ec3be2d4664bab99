"""Tokens and keys: bought rarely, renewed when needed, and given to nobody."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs

from lintas_conformance.assertions.grammar import EVERYWHERE, Assertion, NotSeen, all_shown, only_act
from lintas_conformance.assertions.writing import key
from lintas_conformance.stage import Seen

MOST_REFUSED: Final = 3
CALLS_A_TOKEN: Final = 3
"""At least so many calls are made with one token."""
_OUGHT_TO_FAIL: Final = frozenset({"clock", "token-refused"})


def _reasons(seen: Seen, prefix: str) -> list[str]:
    found = []
    for one in seen.tokens():
        told = one.answer.data if one.answer.status >= 400 else None
        if isinstance(told, dict) and any(str(item["code"]).startswith(prefix) for item in told.get("errors", ())):
            found.append(one)
    return all_shown(found)


def _believed(seen: Seen) -> list[str]:
    if not seen.tokens():
        raise NotSeen
    clocks = _reasons(seen, "clock-")
    refused = [one for one in seen.tokens() if one.answer.status >= 400 and one.answer.cut is None]
    return [shown for shown in all_shown(refused) if shown not in clocks]


def _kept(seen: Seen) -> list[str]:
    calls = [one for one in seen.exchanges if one.operation != "create_token" and one.client]
    bought = [one for one in seen.tokens() if one.answer.status == 200]
    clients = len({one.client for one in calls})
    if len(calls) < 2 * CALLS_A_TOKEN:
        raise NotSeen
    if len(bought) > clients and len(bought) * CALLS_A_TOKEN > len(calls):
        return [f"{len(bought)} tokens for {len(calls)} calls"]
    return []


def _no_secret(seen: Seen) -> list[str]:
    wrong = []
    for one in seen.tokens():
        form = parse_qs(one.request.content.decode("utf-8", "replace"))
        if "client_secret" in form or "authorization" in one.request.headers or "PRIVATE KEY" in str(form):
            wrong.append(one)
    return all_shown(wrong)


def _renewed(seen: Seen) -> list[str]:
    attempts = only_act(seen).writes
    if not any(one.answer.status == 401 for one in attempts):
        raise NotSeen
    done = [one for one in attempts if one.committed]
    if len(done) != 1 or key(done[0]) != key(attempts[0]):
        return ["after 401 the act was not done once under the key of the first attempt", *all_shown(attempts)]
    return []


def _no_loop(seen: Seen) -> list[str]:
    refused = [one for one in seen.exchanges if one.answer.status == 401 and one.operation != "create_token"]
    if not refused:
        raise NotSeen
    return all_shown(refused) if len(refused) > MOST_REFUSED or len(seen.tokens()) > MOST_REFUSED else []


def _clock(seen: Seen) -> list[str]:
    refused = [one for one in seen.tokens() if one.answer.status == 401]
    return all_shown(refused) if len(refused) > MOST_REFUSED else []


def _not_in_url(seen: Seen) -> list[str]:
    secret = re.compile(r"(access_token|client_assertion|client_secret|token)$")
    return all_shown(one for one in seen.exchanges if any(secret.match(name) for name, _ in one.request.query))


def _not_logged(seen: Seen) -> list[str]:
    sold = {one.answer.data["access_token"] for one in seen.tokens() if one.answer.status == 200}
    told = [asked for asked in seen.asked if any(token in asked.outcome.said for token in sold)]
    return [f"{asked.act.verb}: the access token stands in what was printed or logged" for asked in told][:10]


ACCESS: Final = (
    Assertion("create_token.assertion-accepted", EVERYWHERE, _believed, source="create_token",
        indonesian="Perbaiki asersi menurut sebab yang disebut errors[] pada jawaban /oauth/token.",
        english="Mend the assertion as errors[] of the answer of /oauth/token says."),
    Assertion("create_token.audience-is-the-issuer", EVERYWHERE, lambda seen: _reasons(seen, "aud-"),
        source="create_token",
        indonesian="Isi aud dengan issuer dari /.well-known/oauth-authorization-server, bukan alamat token.",
        english="Set aud to the issuer of /.well-known/oauth-authorization-server, not to the token's address."),
    Assertion("create_token.assertion-used-once", EVERYWHERE, lambda seen: _reasons(seen, "replayed"),
        source="create_token",
        indonesian="Buat asersi baru dengan jti baru untuk setiap token; yang disimpan adalah token.",
        english="Make a new assertion with a new jti for each token; what is kept is the token."),
    Assertion("create_token.token-kept", "walk", _kept, source="create_token",
        indonesian="Simpan token sampai hampir habis (10 menit); jangan beli token untuk setiap panggilan.",
        english="Keep a token until it is nearly over (10 minutes); do not buy one for each call."),
    Assertion("create_token.no-secret-sent", EVERYWHERE, _no_secret, source="create_token",
        indonesian="Jangan kirim client_secret, Authorization, atau kunci privat ke alamat token.",
        english="Send no client_secret, no Authorization and no private key to the token endpoint."),
    Assertion("create_token.renewed-after-401", "revoked", _renewed, source="problems/token-invalid",
        indonesian="Pada 401 token-invalid atau token-expired, beli satu token baru dan ulangi dengan kunci yang sama.",
        english="On 401 token-invalid or token-expired buy one new token and repeat with the same key."),
    Assertion("create_token.no-loop-on-401", "token-refused", _no_loop, source="problems/token-invalid",
        indonesian="Bila token baru pun ditolak, berhenti dan laporkan; simpan maksudnya.",
        english="Where a new token is refused too, stop and report it; keep the intention."),
    Assertion("create_token.no-loop-when-the-clock-is-off", "clock", _clock, source="create_token",
        indonesian="Bila jam Anda meleset, sesuaikan dengan tajuk Date atau berhenti; jangan mengulang terus.",
        english="Where your clock is off, follow the header Date or stop; do not repeat for ever."),
    Assertion("create_token.token-not-in-url", EVERYWHERE, _not_in_url, source="RFC 6750, 5.3",
        indonesian="Kirim token hanya di tajuk Authorization, tidak pernah di URL.",
        english="Send the token in the header Authorization alone, never in a URL."),
    Assertion("create_token.token-not-logged", EVERYWHERE, _not_logged, source="RFC 6750, 5.3",
        indonesian="Jangan cetak atau catat token.",
        english="Do not print or log tokens."),
)  # fmt: skip
OUGHT_TO_FAIL: Final = _OUGHT_TO_FAIL
"""Scenarios in which refused tokens are no fault of the integration."""
