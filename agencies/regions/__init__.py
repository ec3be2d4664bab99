"""Provinces, regencies and cities with the official codes of the Ministry of Home Affairs.

The rows are data (`provinces.csv`, `regencies.csv`, see NOTICE for where they come from): `PP` for a province, `PP.KK`
for a regency (KK 01-69) or a city (KK 71-99). The place code inside a register number of an election supervisor is
another numbering and must never be looked up here.
"""

import csv
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a province stands on a map of squares, from 0 at the north-west, and a name that fits into one."""

    code: str
    short: str
    row: int
    column: int


@cache
def tiles() -> tuple[Tile, ...]:
    """A square for each province (`tiles.csv`), in the order of the codes."""
    return tuple(Tile(row["code"], row["short"], int(row["row"]), int(row["column"])) for row in _rows("tiles.csv"))


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


def listed(code: str) -> Region | None:
    """The region of that code. Of a sub-district or village, which are not listed here, the regency or city above it.

    None for a code that nobody has: an unknown province, regency or city, or a sub-district or village numbered 0.
    """
    groups = code.split(".")
    if any(int(group) == 0 for group in groups[2:]):
        return None
    return load().get(".".join(groups[:2]))


def nearest(code: str, most: int = 3) -> tuple[Region, ...]:
    """The regions that somebody who wrote that unknown code probably meant, the likeliest first; none may be near.

    Of a known province those whose number is next to the one written, of an unknown one those whose code differs in
    one digit or has two neighbours exchanged.
    """
    groups = code.split(".")[:2]
    wanted = ".".join(groups)
    if wanted in load():
        return (load()[wanted],)
    province = load().get(groups[0])
    if province is not None:
        within = [region for region in load().values() if region.province == province.code]
        near = sorted(within, key=lambda region: abs(int(region.code[3:]) - int(groups[1])))
        return ((province, *near) if int(groups[1]) == 0 else tuple(near))[:most]
    slips = [region for region in load().values() if _is_slip(wanted, region.code)]
    return tuple(sorted(slips, key=lambda region: abs(float(region.code) - float(wanted))))[:most]


def called(regions: Iterable[Region]) -> str:
    """Regions as a sentence names them: `13.71 KOTA PADANG, 13.72 KOTA SOLOK`."""
    return ", ".join(f"{region.code} {region.name}" for region in regions)


def _is_slip(written: str, code: str) -> bool:
    """Whether one digit was mistyped, or two neighbours exchanged."""
    if len(written) != len(code):
        return False
    wrong = [place for place, (one, other) in enumerate(zip(written, code, strict=True)) if one != other]
    if len(wrong) == 1:
        return True
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    return written[wrong[0] : wrong[1] + 1] == code[wrong[0] : wrong[1] + 1][::-1]


def _rows(name: str) -> list[dict[str, str]]:
    with (DIRECTORY / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
