"""`lintas login`: who calls which register, tried out before it is kept."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from lintas_client.client import Client
from lintas_client.commands.explaining import explain_assertion
from lintas_client.commands.words import Words
from lintas_client.identity import BadProfile, Profile, home, write_private
from lintas_client.problems import Unauthenticated
from lintas_client.store import Store


def add_arguments(parser: argparse.ArgumentParser, say: Words) -> None:
    """The options of `login`."""
    parser.add_argument(
        "--base-url", help=say("alamat dasar layanan (https://…)", "base URL of the service (https://…)")
    )
    parser.add_argument("--client-id", help=say("id klien dari operator", "the client id, from the operator"))
    parser.add_argument("--kid", help=say("nama kunci pada register", "the key's name at the register"))
    parser.add_argument(
        "--key", type=Path, help=say("berkas kunci privat, JWK atau PEM", "file of the private key, JWK or PEM")
    )
    parser.add_argument(
        "--resource",
        default="",
        help=say("instansi yang diwakili vendor, dari /delegations", "whom a vendor acts for, as /delegations says"),
    )
    parser.add_argument(
        "--policy",
        type=Path,
        help=say("berkas saksi log (witnesses.policy)", "file of the log's witnesses (witnesses.policy)"),
    )
    parser.add_argument("--dpop", action="store_true", help=say("ikat token pada kunci", "bind tokens to the key"))
    parser.add_argument(
        "--sign", action="store_true", help=say("tanda tangani setiap tulisan", "sign every write (RFC 9421)")
    )
    parser.add_argument(
        "--sandbox",
        type=Path,
        help=say("ambil klien dari sandbox.json, bersama --agency", "take the client from sandbox.json, with --agency"),
    )
    parser.add_argument("--agency", help=say("kode instansi di kotak pasir", "an agency's code in the sandbox"))


def login(options: argparse.Namespace, say: Words) -> int:
    """Try the key, say who we are, and keep the profile. Raises `BadProfile`, `BadKey`, `Problem` or `Unanswered`."""
    profile = _profile(options, say)
    identity = profile.identity(language=say.language)
    with Client(identity, Store(profile.store)) as client:
        try:
            me = client.me()
        except Unauthenticated:
            # In a sandbox the register says which check fails; elsewhere strangers are told no more than the refusal.
            explain_assertion(client, say)
            raise
    settings = dict(profile.settings)
    settings["signs"] = bool(settings["signs"] or me["signatures_required_from"])
    settings["dpop"] = bool(settings["dpop"] or me["sender_constrained"])
    Profile(profile.name, profile.folder, settings).write()
    print(say("Masuk sebagai", "Signed in as"), f"{me['agency']['name']} ({me['agency']['code']}), {me['client']}")
    print(say("Cakupan:", "Scopes:"), " ".join(me["scopes"]))
    print(say("Pihak:", "Parties:"), " ".join(me["parties"]))
    for ending in me["keys_ending"]:
        print(say("Kunci segera berakhir:", "This key ends soon:"), ending["kid"], ending["valid_until"])
    print(say("Disimpan di", "Kept in"), profile.folder / f"{profile.name}.json")
    return 0


def _profile(options: argparse.Namespace, say: Words) -> Profile:
    settings: dict[str, Any] = {
        "base_url": options.base_url, "client_id": options.client_id, "kid": options.kid, "key": options.key,
        "resource": options.resource, "policy": options.policy, "dpop": options.dpop, "signs": options.sign,
        "language": say.language,
    }  # fmt: skip
    if options.sandbox:
        settings |= _of_sandbox(options, say)
    missing = [name for name in ("base_url", "client_id", "kid", "key") if not settings[name]]
    if missing:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise BadProfile(
            say(
                f"Belum lengkap: berikan {names}. Untuk kotak pasir cukup --sandbox BERKAS --agency KODE.",
                f"Not complete: give {names}. For the sandbox, --sandbox FILE --agency CODE is enough.",
            )
        )
    for name in ("key", "policy"):
        if settings[name]:
            settings[name] = str(Path(settings[name]).absolute())
    return Profile(options.profile, home(), settings)


def _of_sandbox(options: argparse.Namespace, say: Words) -> dict[str, Any]:
    try:
        document = json.loads(options.sandbox.read_text(encoding="utf-8"))
        clients = {client["agency"]: client for client in document["clients"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise BadProfile(
            say(f"{options.sandbox} bukan sandbox.json.", f"{options.sandbox} is no sandbox.json.")
        ) from None
    client = clients.get(options.agency)
    if client is None:
        listed = ", ".join(sorted(clients))
        raise BadProfile(say(f"--agency salah satu dari: {listed}", f"--agency is one of: {listed}"))
    key = home() / f"{options.profile}.key.json"
    write_private(key, json.dumps(client["private_jwk"]))
    return {
        "base_url": options.base_url or document["base_url"], "client_id": client["client_id"],
        "kid": client["private_jwk"]["kid"], "key": key,
    }  # fmt: skip
