"""Registering the clients of many files: each file all or nothing, each with an answer of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from django.db import transaction

from agencies import clients, keys, registration_files
from agencies.entries import both
from agencies.keys import KeyRefused
from agencies.models import Client
from agencies.registration import RegistrationRefused
from agencies.registration_files import ClientEntry
from audit import owed

SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a file: its `lines`, one for each client, or the `reasons` why none of it was registered."""

    outcome: Literal["registered", "unchanged", "would register", "refused"]
    lines: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def files_of(folder: Path) -> list[Path]:
    """The files of the folder that hold clients, by name; empty where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.suffix in SUFFIXES and file.is_file())


def register(file: Path, *, issuer: str, now: datetime, is_check: bool = False) -> Answer:
    """Register the clients of one file that are not there yet: all of them, or none."""
    try:
        entries = registration_files.read_clients(file)
    except RegistrationRefused as refused:
        return Answer("refused", reasons=refused.reasons)
    if not entries:
        return Answer("refused", reasons=(both("berkas ini tidak memuat klien.", "this file holds no client."),))
    lines: list[str] = []
    reasons: list[str] = []
    with owed.collecting() as made, transaction.atomic():
        known = {
            client.client_id: client
            for client in Client.objects.select_related("agency")
            .prefetch_related("keys")
            .filter(client_id__in=[entry.client_id for entry in entries])
        }
        for entry in entries:
            existing = known.get(entry.client_id)
            if existing is not None and _is_the_same(existing, entry):
                lines.append(both(f"{entry.client_id}: sudah terdaftar", "registered already"))
                continue
            done, refusals = _registered(entry, issuer=issuer, now=now)
            reasons += [f"{entry.client_id}: {reason}" for reason in refusals]
            if done is not None:
                lines.append(f"{done.client_id} ({done.agency_code}): {', '.join(done.thumbprints)}")
        if reasons or is_check:
            transaction.set_rollback(True)
    if reasons:
        return Answer("refused", reasons=tuple(reasons))
    if not is_check:
        for sealed in made:
            owed.collect(sealed)
    if len(known) == len(entries):
        return Answer("unchanged", lines=tuple(lines))
    return Answer("would register" if is_check else "registered", lines=tuple(lines))


def register_one(entry: ClientEntry, *, issuer: str, now: datetime) -> clients.RegisteredClient:
    """Register one client of a file. Raises what `clients.register_client` raises."""
    return clients.register_client(
        client_id=entry.client_id,
        name=entry.name,
        agency=entry.agency,
        scopes=entry.scopes,
        offers=entry.offers,
        default_purpose=entry.default_purpose,
        issuer=issuer,
        now=now,
    )


def _registered(
    entry: ClientEntry, *, issuer: str, now: datetime
) -> tuple[clients.RegisteredClient | None, Sequence[str]]:
    """Register one client in a savepoint: what was registered, or why it was refused."""
    try:
        with transaction.atomic():
            return register_one(entry, issuer=issuer, now=now), ()
    except RegistrationRefused as refused:
        return None, refused.reasons
    except KeyRefused as refused:
        return None, (str(refused),)


def _is_the_same(client: Client, entry: ClientEntry) -> bool:
    """Whether that client stands in the register as the file has it: agency, scopes, and every key of the file."""
    held = {(key.kid, key.thumbprint) for key in client.keys.all()}
    return (
        (client.agency.code, sorted(client.scopes)) == (entry.agency, sorted(entry.scopes))
        and client.default_purpose == entry.default_purpose
        and _named(entry.offers) <= held
    )


def _named(offers: Sequence[clients.KeyOffer]) -> set[tuple[str, str]]:
    named = set()
    for offer in offers:
        try:
            key = keys.accept(offer.jwk, kid=offer.kid)
        except KeyRefused:
            return {("", "")}
        named.add((key.kid, key.thumbprint))
    return named
