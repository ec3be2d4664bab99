"""Retention classes: what is kept, how long after which event, who ends it, and where that is said.

They stand in a reviewed file, read as strictly as the catalogue's; an error names file, line, row and reason. Where a
row names a setting, the period is the operator's: 0, and nothing, keep for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from django.conf import settings

from audit import months
from casefiles.catalogue import files
from casefiles.catalogue.files import CatalogueError, Faults, RawFile, RawRow

FILE: Final = Path(__file__).with_name("retention_classes.yaml")

CODES: Final = (
    "casefiles", "reads", "contents", "evidence", "answers", "deliveries", "exports", "sign_in", "drafts",
    "request_log", "warnings", "log",
)  # fmt: skip
"""The classes that the program knows; the file has a row for each, and for nothing else."""

Since = Literal["closed", "month_ended", "answered", "made", "expired", "casefile"]
EndsBy = Literal["order_per_casefile", "order_per_month", "with_another", "batches", "elsewhere", "never"]
TWO_PERSONS: Final = frozenset({"order_per_casefile", "order_per_month", "with_another"})

_HEADER: Final = ("list", "version", "title_id", "title_en", "source")
_SETTINGS: Final[Mapping[str, str]] = {
    "LINTAS_CASEFILES_KEPT_MONTHS": "months",
    "LINTAS_READS_KEPT_MONTHS": "months",
    "LINTAS_ANSWERS_KEPT_DAYS": "days",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionClass:
    """One class. `certainty`: `seen` in the law, by `memory`, a promise or limit of the program (`code`), `operator`.

    The period is `days`, or what `setting` says in its `unit`, or that of the class it goes with; without any of these
    what is in it is kept for ever. `fewest` is the shortest period that the setting may say, in the same unit.
    """

    code: str
    label_id: str
    label_en: str
    holds: str
    since: Since
    ends_by: EndsBy
    persons: int
    certainty: Literal["seen", "memory", "code", "operator"]
    source: str
    days: int | None = None
    setting: str | None = None
    unit: Literal["days", "months"] | None = None
    fewest: int = 0
    with_class: str | None = None
    command: str = ""

    @property
    def kept(self) -> int:
        """How many of its unit it is kept; 0: for ever."""
        if self.setting is not None:
            return int(getattr(settings, self.setting))
        return self.days or 0

    @property
    def period(self) -> str:
        """The period in words."""
        if self.with_class is not None:
            return f"with {self.with_class}"
        if self.ends_by == "elsewhere":
            return "not in the database"
        unit = self.unit or "days"
        return f"{self.kept} {unit if self.kept != 1 else unit[:-1]}" if self.kept else "for ever"

    def cutoff(self, *, now: datetime) -> datetime | None:
        """What came before that moment is due; None where nothing ever is.

        Raises `CatalogueError` where the operator's setting is shorter than the class allows.
        """
        if (self.kept and self.kept < self.fewest) or self.kept < 0:
            raise CatalogueError(
                FILE.name,
                f"{self.setting} is {self.kept}; {self.fewest} {self.unit} are the fewest, and 0 is for ever",
                row=self.code,
            )
        if not self.kept:
            return None
        if self.unit == "months":
            return months.month_after(now, -self.kept)
        return now - timedelta(days=self.kept)


def load(path: Path = FILE) -> Mapping[str, RetentionClass]:
    """The classes of the file by code. Raises `CatalogueError`, with every fault of the file at once."""
    raw = files.read(path, root=path.parent, allowed=_HEADER)
    faults = Faults()
    found: dict[str, RetentionClass] = {}
    with faults.collected():
        for name in _HEADER:
            raw.text(name)
        if raw.header["list"] != "retention":
            raise raw.refuse("the list is not called retention")
    for row in raw.rows:
        with faults.collected():
            one = files.build(RetentionClass, row)
            _check(one, row, found)
            found[one.code] = one
    with faults.collected():
        _whole(raw, found)
    faults.refuse()
    return found


def _check(one: RetentionClass, row: RawRow, before: Mapping[str, RetentionClass]) -> None:
    """What no type says: each rule with the reason by which it refuses."""
    rules: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: one.code in CODES, f"the program knows no class {one.code}; it knows {', '.join(CODES)}"),
        (lambda: one.code not in before, f"{one.code} stands twice"),
        (lambda: one.setting is None or one.setting in _SETTINGS, f"there is no setting {one.setting}"),
        (lambda: one.unit == _SETTINGS.get(one.setting or ""), "unit is that of the setting, and of nothing else"),
        (
            lambda: sum(value is not None for value in (one.days, one.setting, one.with_class)) <= 1,
            "the period is told by one of days, setting, with_class",
        ),
        (lambda: one.days is None or one.days > 0, "days must be 1 or more"),
        (lambda: one.fewest >= 0 and (not one.fewest or one.setting is not None), "fewest is about a setting"),
        (
            lambda: (one.with_class is not None) == (one.ends_by == "with_another"),
            "with_class says what a class goes with that ends with another",
        ),
        (
            lambda: one.persons == (2 if one.ends_by in TWO_PERSONS else 0),
            "personal content and evidence end by 2 persons, all else by 0",
        ),
        (
            lambda: one.ends_by not in ("never", "elsewhere") or (one.days is None and one.setting is None),
            "what the program never ends has no period here",
        ),
        (
            lambda: one.setting is None or one.certainty == "operator",
            "a period that a setting says is the operator's: certainty must be operator",
        ),
        (lambda: one.ends_by != "batches" or bool(one.command), "command says what ends it"),
    )
    for holds, reason in rules:
        if not holds():
            raise row.refuse(reason)


def _whole(raw: RawFile, found: Mapping[str, RetentionClass]) -> None:
    written = {row.values.get("code") for row in raw.rows}
    if missing := [code for code in CODES if code not in written]:
        raise raw.refuse(f"the classes {', '.join(missing)} are missing")
    for one in found.values():
        if one.with_class is not None and (one.with_class == one.code or one.with_class not in CODES):
            raise raw.refuse(f"{one.code} goes with {one.with_class}, which is no other class")
