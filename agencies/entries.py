"""An agency as it is written down, before it is registered: its facts, and what is wrong with them.

A fault is one sentence in Indonesian and one in English, joined by a slash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from agencies import regions

ROLES: Final = (
    "election_supervisor",
    "examiner",
    "employer",
    "civil_service_agency",
    "appeal_board",
    "home_affairs",
    "policy_ministry",
    "auditor",
    "operator",
    "vendor",
)

LEVELS: Final = (
    "national", "province", "regency", "city", "ministry", "central_agency", "non_structural_agency", "regional_office",
)  # fmt: skip
"""Levels of the catalogue's list `agency_levels`."""

SUCCESSIONS: Final = ("split", "merge", "successor")
"""How one agency took over from another: a part of its work, its work among that of others, or all of it."""

CERTAINTIES: Final = ("seen", "code", "memory", "proposal")
"""Seen in a source, seen in a public data set or program, remembered, our own."""

EMPTY: Final[Mapping[str, Any]] = MappingProxyType(
    {"former_names": [], "heirs": [], "legal_basis": "", "source": "", "certainty": ""}
)
"""Facts that an entry tells only where there is something to tell, each as it is where there is nothing."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that an agency had; `until` is the first day of the next one."""

    name: str
    until: date


@dataclass(frozen=True, slots=True)
class Heir:
    """The agency (a code) that took over from that day on, and how (`SUCCESSIONS`)."""

    agency: str
    kind: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntry:
    """An agency to be registered; `parent` is a code. `source` and `certainty` are those of a row of the directory."""

    code: str
    name: str
    roles: Sequence[str]
    level: str
    valid_from: date
    region: str = ""
    parent: str | None = None
    time_zone: str = "Asia/Jakarta"
    valid_until: date | None = None
    former_names: Sequence[FormerName] = ()
    heirs: Sequence[Heir] = ()
    legal_basis: str = ""
    source: str = ""
    certainty: str = ""


def both(indonesian: str, english: str) -> str:
    """A fault, as everybody may read it."""
    return f"{indonesian} / {english}"


def facts_of(entry: AgencyEntry) -> dict[str, Any]:
    """The public facts of an agency as JSON, as its log entries commit to them."""
    facts: dict[str, Any] = {
        "code": entry.code,
        "name": entry.name,
        "roles": sorted(entry.roles),
        "level": entry.level,
        "region": entry.region,
        "parent": entry.parent,
        "time_zone": entry.time_zone,
        "valid_from": entry.valid_from.isoformat(),
        "valid_until": entry.valid_until.isoformat() if entry.valid_until is not None else None,
    }
    optional = {
        "former_names": [{"name": old.name, "until": old.until.isoformat()} for old in entry.former_names],
        "heirs": [{"agency": heir.agency, "kind": heir.kind, "on": heir.on.isoformat()} for heir in entry.heirs],
        "legal_basis": entry.legal_basis,
        "source": entry.source,
        "certainty": entry.certainty,
    }
    return facts | {name: value for name, value in optional.items() if value}


def in_force(facts: Mapping[str, Any], *, on: date) -> bool:
    """Whether the agency of those facts takes part on that day."""
    day, until = on.isoformat(), facts["valid_until"]
    return bool(facts["valid_from"] <= day and (until is None or day < until))


def faults_of(entry: AgencyEntry) -> list[str]:
    """What is wrong with an agency taken by itself."""
    faults = [
        *_faults_of_words(entry),
        *_faults_of_region(entry.region, level=entry.level),
    ]
    if entry.valid_until is not None and entry.valid_until <= entry.valid_from:
        faults.append(
            both(
                ("valid_until adalah hari pertama instansi itu tidak ada lagi, jadi harus sesudah valid_from."),
                "valid_until is the first day on which the agency is gone, so it lies after valid_from.",
            )
        )
    if not _is_zone(entry.time_zone):
        faults.append(
            both(
                ("zona waktu harus satu nama IANA, misalnya Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura."),
                "time_zone must be one IANA name such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura.",
            )
        )
    return faults


def _faults_of_words(entry: AgencyEntry) -> list[str]:
    faults = []
    if not _SLUG.fullmatch(entry.code) or len(entry.code) > 80:
        faults.append(
            both(
                "code harus berupa kata huruf kecil dihubungkan tanda hubung, paling panjang 80 huruf.",
                "code must be lower-case words joined by hyphens, 80 characters at most.",
            )
        )
    if not entry.name.strip() or len(entry.name) > 200:
        faults.append(both("name harus 1 sampai 200 huruf.", "name must be 1 to 200 characters."))
    if not entry.roles or len(set(entry.roles)) != len(entry.roles) or not set(entry.roles) <= set(ROLES):
        known = ", ".join(ROLES)
        faults.append(
            both(
                f"roles harus menyebut satu atau lebih dari {known}, masing-masing sekali.",
                f"roles must name one or more of {known}, each once.",
            )
        )
    if "vendor" in entry.roles and len(entry.roles) > 1:
        faults.append(
            both(
                "Vendor tidak mempunyai peran lain: ia bertindak untuk instansi yang melimpahkan kepadanya.",
                "A vendor has no other role: it acts for the agencies that delegate to it.",
            )
        )
    if not entry.level or len(entry.level) > 40:
        faults.append(both("level harus 1 sampai 40 huruf.", "level must be 1 to 40 characters."))
    return faults


def _faults_of_region(region: str, *, level: str) -> list[str]:
    """A region nobody has, or one that is not of the agency's level."""
    if not region:
        return []
    if not _REGION.fullmatch(region):
        return [
            both(
                (
                    "region harus kode Permendagri seperti 13, 13.71, 13.71.01, atau 13.71.01.1001 (di Excel: "
                    "format kolom sebagai Teks)."
                ),
                (
                    "region must be a code of Permendagri such as 13, 13.71, 13.71.01 or 13.71.01.1001 (in "
                    "Excel: format the column as Text)."
                ),
            )
        ]
    place = regions.listed(region)
    if place is None:
        near = regions.called(regions.nearest(region))
        hint, nearest = (f" Yang terdekat: {near}.", f" The nearest: {near}.") if near else ("", "")
        return [
            both(
                f"Tidak ada wilayah {region}: lihat agencies/regions/README.md.{hint}",
                f"There is no region {region}: see agencies/regions/README.md.{nearest}",
            )
        ]
    if level in {"province", "regency", "city"} and (place.code != region or place.level != level):
        is_its_own = place.code == region
        ini = f"{place.name} adalah {place.level}" if is_its_own else f"itu bagian dari {place.name}"
        actual = f"{place.name} is a {place.level}" if is_its_own else f"it is a part of {place.name}"
        return [
            both(
                f"level {level} tidak cocok dengan wilayah {region}: {ini}.",
                f"level {level} does not fit region {region}: {actual}.",
            )
        ]
    return []


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return bool(name)
