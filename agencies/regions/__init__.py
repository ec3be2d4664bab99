"""Provinces, regencies and cities with the official codes of the Ministry of Home Affairs.

The rows are data (`provinces.csv`, `regencies.csv`, see NOTICE for where they come from): `PP` for a province, `PP.KK`
for a regency (KK 01-69) or a city (KK 71-99). The place code inside a register number of an election supervisor is
another numbering and must never be looked up here.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

DIRECTORY = Path(__file__).parent

# The six parts of Jakarta are administrative: they have no personnel authority of their own.
_ADMINISTRATIVE_PROVINCE = "31"


@dataclass(frozen=True, slots=True)
class Region:
    """One row: `code` (`13` or `13.71`), `name` as the decree writes it, `level`, `province` (None for one itself)."""

    code: str
    name: str
    level: Literal["province", "regency", "city"]
    province: str | None
    autonomous: bool


@cache
def load() -> Mapping[str, Region]:
    """All regions by code, in the order of the codes: 38 provinces and 514 regencies and cities."""
    found: dict[str, Region] = {}
    for row in _rows("provinces.csv"):
        found[row["code"]] = Region(row["code"], row["name"], "province", None, autonomous=True)
    for row in _rows("regencies.csv"):
        code, province = row["code"], row["province_code"]
        level: Literal["regency", "city"] = "city" if int(code.partition(".")[2]) >= 71 else "regency"
        found[code] = Region(code, row["name"], level, province, autonomous=province != _ADMINISTRATIVE_PROVINCE)
    return MappingProxyType(dict(sorted(found.items())))


def _rows(name: str) -> list[dict[str, str]]:
    with (DIRECTORY / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
