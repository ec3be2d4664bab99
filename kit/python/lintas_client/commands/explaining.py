"""`lintas explain`: what a problem's code means, and in a sandbox which check of an assertion or a signature fails."""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lintas_client import signing
from lintas_client.client import Client
from lintas_client.commands.words import Words
from lintas_client.problems import Problem
from lintas_client.wire import API


def explain(client: Client, options: argparse.Namespace, say: Words) -> int:
    """Explain a code, the assertion or the signature; 0 where all is well, 2 where nobody explains."""
    if options.what == "assertion":
        return explain_assertion(client, say)
    if options.what == "signature":
        return _told(_explained(client, "signature", _signed(client)), say)
    listed = {row["code"]: row for row in client.ask_openly("GET", "/problems").data["data"]}
    row = listed.get(options.what)
    if row is None:
        print(say("Kode tidak dikenal. Yang ada:", "Unknown code. There are:"), *sorted(listed), file=sys.stderr)
        return 1
    print(f"{row['status']} {row['code']}: {row['title']}\n{say('Sebab', 'Cause')}: {row['cause']}")
    print(f"{say('Yang perlu dilakukan', 'Remedy')}: {row['remedy']}\n{row['type']}")
    return 0


def explain_assertion(client: Client, say: Words) -> int:
    """Which check of our assertion fails; asked without a token, for that is what cannot be bought then."""
    client.wire.tokens.discover()
    return _told(_explained(client, "assertion", {"assertion": client.wire.tokens.assertion()}), say)


def _signed(client: Client) -> dict[str, Any]:
    tokens, body = client.wire.tokens, "{}"
    headers = {**tokens.authorised("POST", f"{API}/documents"), "Idempotency-Key": str(uuid.uuid4())}
    url = f"{tokens.issuer}{API}/documents"
    headers |= signing.signed("POST", url, body.encode(), headers, key=client.identity.key, created=tokens.now())
    return {"method": "POST", "url": urlsplit(url).path, "headers": headers, "body": body}


def _explained(client: Client, what: str, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        verdict: Mapping[str, Any] = client.ask_openly("POST", f"/sandbox/explain-{what}", asked).data
    except Problem as refused:
        if refused.code == "unknown-route":
            return None
        raise
    return verdict


def _told(verdict: Mapping[str, Any] | None, say: Words) -> int:
    if verdict is None:
        print(say("Hanya di kotak pasir.", "In a sandbox only."), file=sys.stderr)
        return 2
    for error in verdict["errors"]:
        print(f"{error['code']}: {error[say.language]}")
    if verdict["holds"]:
        print(say("Semua pemeriksaan lolos.", "Every check passes."))
    return 0 if verdict["holds"] else 1
