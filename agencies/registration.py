"""Taking an agency into the register, with the group that will hold its rights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.db import transaction

from agencies import regions
from agencies.models import Agency
from audit import ledger
from audit.ledger import Author

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

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")


class RegistrationRefused(ValueError):
    """It cannot be registered like this. `reasons` holds every sentence about what to mend, not only the first."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class RegisteredAgency:
    """An agency as it stands after the act."""

    agency_id: int
    code: str
    group_pk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntry:
    """An agency to be registered; `parent` is a code."""

    code: str
    name: str
    roles: Sequence[str]
    level: str
    valid_from: date
    region: str = ""
    parent: str | None = None
    time_zone: str = "Asia/Jakarta"
    valid_until: date | None = None


def register_agency(entry: AgencyEntry, *, now: datetime, author: Author | None = None) -> RegisteredAgency:
    """Registers an agency and writes `agency.registered` into its own stream.

    Raises `RegistrationRefused`. A code is never used again, not even by a successor of the same name.
    """
    reasons = list(
        _reasons_against(code=entry.code, name=entry.name, roles=entry.roles, level=entry.level, region=entry.region)
    )
    reasons += _reasons_against_period(
        valid_from=entry.valid_from, valid_until=entry.valid_until, time_zone=entry.time_zone
    )
    with transaction.atomic():
        above = Agency.objects.filter(code=entry.parent).first() if entry.parent is not None else None
        if entry.parent is not None and above is None:
            reasons.append(f"There is no agency {entry.parent!r} to be the parent: register it first.")
        if Agency.objects.filter(code=entry.code).exists():
            reasons.append(f"The code {entry.code!r} belongs to an agency already; a code is never reused.")
        if reasons:
            raise RegistrationRefused(*reasons)
        group = Group.objects.create(name=f"agency:{entry.code}")
        agency = Agency.objects.create(
            code=entry.code,
            name=entry.name,
            roles=list(entry.roles),
            level=entry.level,
            region=entry.region,
            parent=above,
            time_zone=entry.time_zone,
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
            group=group,
        )
        facts = state(agency)
        ledger.append_open(
            stream=agency.stream,
            kind="agency.registered",
            given=facts,
            state={**facts, "clients": []},
            author=author,
            now=now,
        )
    return RegisteredAgency(agency_id=agency.pk, code=agency.code, group_pk=group.pk)


def state(agency: Agency) -> Mapping[str, Any]:
    """The public facts of an agency, as its entries commit to them."""
    return {
        "code": agency.code,
        "name": agency.name,
        "roles": sorted(agency.roles),
        "level": agency.level,
        "region": agency.region,
        "parent": agency.parent.code if agency.parent is not None else None,
        "time_zone": agency.time_zone,
        "valid_from": agency.valid_from.isoformat(),
        "valid_until": agency.valid_until.isoformat() if agency.valid_until is not None else None,
    }


def _reasons_against(*, code: str, name: str, roles: Sequence[str], level: str, region: str) -> list[str]:
    reasons = []
    if not _SLUG.fullmatch(code) or len(code) > 80:
        reasons.append("code must be lower-case words joined by hyphens, 80 characters at most.")
    if not name.strip() or len(name) > 200:
        reasons.append("name must be 1 to 200 characters.")
    if not roles or len(set(roles)) != len(roles) or not set(roles) <= set(ROLES):
        reasons.append(f"roles must name one or more of {', '.join(ROLES)}, each once.")
    if "vendor" in roles and len(roles) > 1:
        reasons.append("A vendor has no other role: it acts for the agencies that delegate to it.")
    if not level or len(level) > 40:
        reasons.append("level must be 1 to 40 characters.")
    if region and not _REGION.fullmatch(region):
        reasons.append("region must be a code of Permendagri such as 13, 13.71, 13.71.01 or 13.71.01.1001.")
    elif region:
        reasons += _reasons_against_region(region, level=level)
    return reasons


def _reasons_against_region(region: str, *, level: str) -> list[str]:
    """A region nobody has, or one that is not of the agency's level; the code is one by its form."""
    place = regions.listed(region)
    if place is None:
        near = regions.called(regions.nearest(region))
        hint = f" The nearest: {near}." if near else ""
        return [f"There is no region {region}: see agencies/regions/README.md.{hint}"]
    if level in {"province", "regency", "city"} and (place.code != region or place.level != level):
        actual = f"{place.name} is a {place.level}" if place.code == region else f"it is a part of {place.name}"
        return [f"level {level} does not fit region {region}: {actual}."]
    return []


def _reasons_against_period(*, valid_from: date, valid_until: date | None, time_zone: str) -> list[str]:
    reasons = []
    if valid_until is not None and valid_until <= valid_from:
        reasons.append("valid_until is the first day on which the agency is gone, so it lies after valid_from.")
    try:
        ZoneInfo(time_zone)
    except (ValueError, OSError, KeyError):
        reasons.append("time_zone must be an IANA name such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura.")
    return reasons
