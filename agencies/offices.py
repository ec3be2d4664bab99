"""Where the election supervisor's offices are: their registered names, and their addresses where those are known.

Addresses are data (`offices.csv`), one row a region; an empty region is the national office. Who adds one says where it
was read (`source`) and how certain it is, as the catalogue's rows do.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from django.db.models import Q

from agencies.models import Agency
from agencies.regions import Region

FILE = Path(__file__).parent / "offices.csv"
NATIONAL = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an office is, where that was read, and how certain it is."""

    address: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Office:
    """An office of the supervisor. `name` is None where none is registered here; `address` None where none is known."""

    region: str
    level: str
    name: str | None
    address: Address | None


def supervisors(region: Region, *, on: dt.date) -> list[Office]:
    """The offices for that region on that day, the nearest first: its own, its province's, the national one.

    One statement.
    """
    wanted = [region.code, *([region.province] if region.province else []), NATIONAL]
    rows = Agency.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on),
        region__in=wanted,
        roles__contains=["election_supervisor"],
        valid_from__lte=on,
    )
    names = dict(rows.values_list("region", "name"))
    levels = {region.code: region.level, region.province: "province", NATIONAL: "national"}
    return [Office(code, levels[code], names.get(code), addresses().get(code)) for code in wanted]


@cache
def addresses() -> Mapping[str, Address]:
    """The addresses by region. KeyError or ValueError at once where a row lacks a column or repeats a region."""
    found: dict[str, Address] = {}
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["region"] in found:
                raise ValueError(f"{FILE.name} has two addresses of the region {row['region']!r}")
            found[row["region"]] = Address(row["address"], row["source"], row["certainty"])
    return MappingProxyType(found)
