"""Which decree made a day off: by day, or by year and kind, as `calendar_decrees.yaml` says with its sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agencies import strict_yaml
from agencies.calendar_files import KINDS

FILE = Path(__file__).with_name("calendar_decrees.yaml")


@dataclass(frozen=True, slots=True)
class Decrees:
    """The decrees of one version of the file."""

    version: str
    of_day: Mapping[tuple[dt.date, str], str]
    of_year: Mapping[tuple[int, str], str]

    def decree_of(self, date: dt.date, kind: str) -> str:
        """The decree that made the day off; empty where none is recorded."""
        return self.of_day.get((date, kind)) or self.of_year.get((date.year, kind), "")


@cache
def load(path: Path = FILE) -> Decrees:
    """The file, checked: every entry has a year, a kind, a decree and a source, and says nothing twice.

    Raises ValueError with the faulty entry, and `agencies.strict_yaml.UnreadableYaml`.
    """
    content: Any = strict_yaml.read(path)
    of_day: dict[tuple[dt.date, str], str] = {}
    of_year: dict[tuple[int, str], str] = {}
    for entry in content["decrees"]:
        year, kind, days = entry.get("year"), entry.get("kind"), entry.get("days")
        named = all(isinstance(entry.get(name), str) and entry[name] for name in ("decree", "source"))
        dated = days is None or all(isinstance(day, dt.date) and day.year == year for day in days)
        if not (isinstance(year, int) and kind in KINDS and named and dated):
            raise ValueError(f"{path.name}, line {entry.line}: year, kind, decree, source and days do not fit")
        if days is None and (year, kind) in of_year:
            raise ValueError(f"{path.name}, line {entry.line}: {kind} of {year} has its decree already")
        if days is None:
            of_year[year, kind] = entry["decree"]
        of_day |= {(day, kind): entry["decree"] for day in days or ()}
    return Decrees(str(content["version"]), of_day, of_year)
