"""Where the election supervisor's offices are: their registered names, and their addresses where those are known.

Addresses are data (`offices.csv`), one row a region; an empty region is the national office. Who adds one says how
certain it is, as the catalogue's rows do. What somebody has read (`seen`) names where (`source`) and on which day
(`read_on`); what nobody has looked up names neither, and the page says that it was not checked.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from django.db.models import Q

from agencies import regions
from agencies.models import Agency
from agencies.regions import Region

FILE = Path(__file__).parent / "offices.csv"
NATIONAL = ""
CERTAINTIES: Final = ("seen", "memory")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an office is, where and on which day that was read (None: it was not), and how certain it is."""

    address: str
    source: str | None
    read_on: dt.date | None
    certainty: str

    @property
    def is_checked(self) -> bool:
        """Whether somebody has read it where the source says."""
        return self.certainty == "seen"


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
    """The addresses by region. KeyError or ValueError at once where a row is not as `read_addresses` wants it."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return MappingProxyType(read_addresses(lines))


def read_addresses(lines: Iterable[str]) -> dict[str, Address]:
    """The addresses in those lines of CSV.

    Raises KeyError where a column is missing, ValueError where a row repeats a region, names one that is none, or says
    that it was read without saying where and when, or says so of what nobody read.
    """
    found: dict[str, Address] = {}
    for row in csv.DictReader(lines):
        region, place = row["region"], f"{FILE.name}, region {row['region']!r}"
        if region in found:
            raise ValueError(f"{place}: it has two addresses")
        if region != NATIONAL and region not in regions.load():
            raise ValueError(f"{place}: there is no such region")
        if row["certainty"] not in CERTAINTIES:
            raise ValueError(f"{place}: certainty is one of {', '.join(CERTAINTIES)}")
        read_on = dt.date.fromisoformat(row["read_on"]) if row["read_on"] else None
        if (row["certainty"] == "seen") != bool(row["source"] and read_on):
            raise ValueError(f"{place}: what was seen has a source and read_on, and nothing else has")
        found[region] = Address(row["address"], row["source"] or None, read_on, row["certainty"])
    return found
