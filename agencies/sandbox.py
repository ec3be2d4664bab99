"""The sandbox's world: agencies, mandates and one client for each party, with private keys that are given away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from joserfc.jwk import ECKey

from agencies import calendar, clients, directory_checks, directory_files, keys, mandates, registration
from agencies.entries import AgencyEntry

WORLD = Path(__file__).with_name("sandbox.yaml")


@cache
def world() -> Mapping[str, Any]:
    """Agencies in no directory, the codes of the others, mandates and clients, as `sandbox.yaml` lists them."""
    lists: dict[str, Any] = yaml.safe_load(WORLD.read_text(encoding="utf-8"))
    return lists


@cache
def agencies() -> tuple[AgencyEntry, ...]:
    """The agencies that are in no directory, and the others as the directory has them."""
    directory = {entry.code: entry for entry in directory_checks.checked(directory_files.read())}
    beside = (AgencyEntry(**each) for each in world()["beside_the_directory"])
    return (*beside, *(directory[code] for code in world()["agencies"]))


def seed(*, issuer: str, now: datetime, kept: Mapping[str, Mapping[str, Any]] = {}) -> list[dict[str, Any]]:
    """Register the whole world in one transaction; the clients with their private keys, as `sandbox.json` lists them.

    `kept` has private keys (JWK) by client id that an earlier sandbox gave away; the others are drawn.
    Raises `RegistrationRefused` where any of it is there already.
    """
    roles = {agency.code: list(agency.roles) for agency in agencies()}
    given_away = []
    with transaction.atomic():
        calendar.seed(now=now)
        registration.register_agencies(agencies(), now=now)
        for mandate in world()["mandates"]:
            mandates.register(**mandate, now=now)
        for client in world()["clients"]:
            client_id = f"{client['agency']}-system"
            key = ECKey.import_key(dict(kept[client_id])) if client_id in kept else ECKey.generate_key("P-256")
            private = {**key.as_dict(private=True), "kid": f"{client['agency']}-1", "alg": "ES256", "use": "sig"}
            public = {name: private[name] for name in ("kty", "crv", "x", "y")}
            clients.register_client(
                client_id=client_id,
                name=client["name"],
                agency=client["agency"],
                scopes=client["scopes"],
                offers=(
                    clients.KeyOffer(
                        jwk=public,
                        proof=keys.prove(private, client_id=client_id, audience=issuer),
                        kid=str(private["kid"]),
                    ),
                ),
                issuer=issuer,
                now=now,
            )
            given_away.append(
                {
                    "name": client["name"],
                    "agency": client["agency"],
                    "roles": roles[client["agency"]],
                    "client_id": client_id,
                    "scopes": client["scopes"],
                    "private_jwk": private,
                    "private_pem": key.as_pem(private=True).decode(),
                }
            )
    return given_away


def write(path: Path, *, base_url: str, given_away: list[dict[str, Any]]) -> None:
    """Write `sandbox.json`, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps({"base_url": base_url, "clients": given_away}, indent=1) + "\n", encoding="utf-8")
