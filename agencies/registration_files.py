"""Registration files: agencies, clients and keys as an operator writes them down, in YAML or JSON.

# agencies.yaml: one agency, or a list with parents before children
code: bawaslu-kota-padang
name: Bawaslu Kota Padang
roles: [election_supervisor]
level: regency
region: "13.71"
parent: bawaslu-sumatera-barat
time_zone: Asia/Jakarta
valid_from: 2018-08-15

# client.yaml: one client, or a list; the proof is what `agencies.keys.prove` makes
client_id: padang-pengawasan
name: Aplikasi pengawasan
agency: bawaslu-kota-padang
scopes: ["findings:write", "casefiles:read", "casefiles:write", "documents:read", "documents:write"]
keys:
  - jwk: {kty: EC, crv: P-256, x: …, y: …, kid: "2026-1"}
    proof: eyJ…
    valid_until: 2027-12-31T17:00:00Z

# key.yaml: one of those keys by itself

# mandates.yaml: one mandate, or a list; without valid_until its end is open
code: examining-2027
agency: badan-pengawas
valid_from: 2027-10-16
legal_basis: UU 1/2027
caretaker: false
verification_required: false
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from agencies import strict_yaml
from agencies.clients import KeyOffer
from agencies.entries import AgencyEntry
from agencies.registration import RegistrationRefused
from agencies.strict_yaml import UnreadableYaml


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """One client of a file, ready for `clients.register_client`."""

    client_id: str
    name: str
    agency: str
    scopes: tuple[str, ...]
    offers: tuple[KeyOffer, ...]
    default_purpose: str


@dataclass(frozen=True, slots=True)
class MandateEntry:
    """One mandate of a file, ready for `mandates.register`."""

    code: str
    agency: str
    valid_from: date
    valid_until: date | None
    legal_basis: str
    caretaker: bool
    verification_required: bool


def read_agencies(path: Path) -> tuple[AgencyEntry, ...]:
    """The agencies of a file, in its order. Raises `RegistrationRefused`."""
    return tuple(_agency(_Record(record, where)) for where, record in _records(path))


def read_clients(path: Path) -> tuple[ClientEntry, ...]:
    """The clients of a file, in its order. Raises `RegistrationRefused`."""
    return tuple(_client(_Record(record, where)) for where, record in _records(path))


def read_mandates(path: Path) -> tuple[MandateEntry, ...]:
    """The mandates of a file, in its order. Raises `RegistrationRefused` with the faults of all of them."""
    found: list[MandateEntry] = []
    faults: list[str] = []
    for where, content in _records(path):
        try:
            found.append(_mandate(_Record(content, where)))
        except RegistrationRefused as refused:
            faults.extend(refused.reasons)
    if not found and not faults:
        faults.append(f"{path} holds no mandate.")
    if faults:
        raise RegistrationRefused(*faults)
    return tuple(found)


def read_key(path: Path) -> KeyOffer:
    """The one key of a file. Raises `RegistrationRefused`."""
    records = _records(path)
    if len(records) != 1:
        raise RegistrationRefused(f"{path} must hold exactly one key.")
    where, record = records[0]
    return _offer(record, where)


def _records(path: Path) -> list[tuple[str, Any]]:
    try:
        content = strict_yaml.read(path)
    except OSError as error:
        raise RegistrationRefused(f"{path} cannot be read: {error.strerror}.") from error
    except UnreadableYaml as error:
        raise RegistrationRefused(f"{path} is neither YAML nor JSON: {error}") from error
    if isinstance(content, list):
        return [(f"{path}, item {number}", record) for number, record in enumerate(content, start=1)]
    return [(str(path), content)]


class _Record:
    """A mapping that is read member by member; `finish` names all that was wrong with it, unknown members included."""

    def __init__(self, content: Any, where: str) -> None:
        if not isinstance(content, Mapping):
            raise RegistrationRefused(f"{where}: expected members with values, such as code: …")
        self._rest = dict(content)
        self._where = where
        self._faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._rest.pop(name, default)
        if isinstance(value, str):
            return value
        self._faults.append(f"{name} must be text" + (" in quotation marks." if name in ("region",) else "."))
        return ""

    def maybe_text(self, name: str) -> str | None:
        return self.text(name) if self._rest.get(name) is not None else self._rest.pop(name, None)

    def written(self, name: str) -> str:
        """Text that says something."""
        value = self._rest.pop(name, None)
        if isinstance(value, str) and value.strip():
            return value
        self._faults.append(f"{name} must be text, and not blank.")
        return ""

    def flag(self, name: str) -> bool:
        value = self._rest.pop(name, False)
        if not isinstance(value, bool):
            self._faults.append(f"{name} must be true or false.")
        return value is True

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._rest.pop(name, None)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self._faults.append(f"{name} must be a list of texts.")
        return ()

    def records(self, name: str) -> list[Any]:
        value = self._rest.pop(name, None)
        if isinstance(value, list):
            return value
        self._faults.append(f"{name} must be a list.")
        return []

    def day(self, name: str) -> date:
        return self.maybe_day(name, required=True) or date.max

    def maybe_day(self, name: str, *, required: bool = False) -> date | None:
        value = self._rest.pop(name, None)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                self._faults.append(f"{name} must be a date such as 2018-08-15.")
                return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None or required:
            self._faults.append(f"{name} must be a date such as 2018-08-15.")
        return None

    def maybe_instant(self, name: str) -> datetime | None:
        value = self._rest.pop(name, None)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = False
        if value is None:
            return None
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        self._faults.append(f"{name} must be an instant with its offset, such as 2027-12-31T17:00:00Z.")
        return None

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self._rest.pop(name, None)
        if isinstance(value, Mapping):
            return {str(member): content for member, content in value.items()}
        self._faults.append(f"{name} must be an object.")
        return {}

    def finish(self) -> None:
        faults = [*self._faults, *(f"{name} is no member of this file." for name in self._rest)]
        if faults:
            raise RegistrationRefused(*(f"{self._where}: {fault}" for fault in faults))


def _agency(record: _Record) -> AgencyEntry:
    entry = AgencyEntry(
        code=record.text("code"),
        name=record.text("name"),
        roles=record.texts("roles"),
        level=record.text("level"),
        valid_from=record.day("valid_from"),
        region=record.text("region", ""),
        parent=record.maybe_text("parent"),
        time_zone=record.text("time_zone", "Asia/Jakarta"),
        valid_until=record.maybe_day("valid_until"),
    )
    record.finish()
    return entry


def _mandate(record: _Record) -> MandateEntry:
    entry = MandateEntry(
        code=record.written("code"),
        agency=record.written("agency"),
        valid_from=record.day("valid_from"),
        valid_until=record.maybe_day("valid_until"),
        legal_basis=record.written("legal_basis"),
        caretaker=record.flag("caretaker"),
        verification_required=record.flag("verification_required"),
    )
    record.finish()
    return entry


def _client(record: _Record) -> ClientEntry:
    entry = ClientEntry(
        client_id=record.text("client_id"),
        name=record.text("name"),
        agency=record.text("agency"),
        scopes=record.texts("scopes"),
        offers=tuple(_offer(key, f"key {number}") for number, key in enumerate(record.records("keys"), start=1)),
        default_purpose=record.text("default_purpose", ""),
    )
    record.finish()
    return entry


def _offer(content: Any, where: str) -> KeyOffer:
    record = _Record(content, where)
    offer = KeyOffer(
        jwk=record.mapping("jwk"),
        proof=record.maybe_text("proof"),
        kid=record.maybe_text("kid"),
        valid_from=record.maybe_instant("valid_from"),
        valid_until=record.maybe_instant("valid_until"),
    )
    record.finish()
    return offer
