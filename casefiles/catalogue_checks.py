"""What must be true of the catalogue files before one row of them is used.

Each check raises `CatalogueError` through the row it is about, so that the message names file, line, row and reason.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from agencies import regions
from casefiles.catalogue_files import CatalogueError, RawFile, RawRow
from casefiles.catalogue_rows import (
    AnnexRow,
    Code,
    CodeList,
    DeadlineRule,
    Election,
    Row,
    Sanction,
    SanctionLevel,
    StagePeriod,
)

_CODE = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_VERSION = re.compile(r"([1-9][0-9]{3})\.([1-9][0-9]*)")
_ITEM = re.compile(r"[AB][1-9][0-9]?")
# The form whose legal basis the submitter names: the only annex row that may come without one.
FREE_FORM = "other_with_legal_basis"


Kind = TypeVar("Kind", bound=Row)


@dataclass(frozen=True)
class Sheet:
    """A file with its rows, as written and as built."""

    raw: RawFile
    rows: tuple[Row, ...]

    def of(self, row_type: type[Kind]) -> Iterator[tuple[RawRow, Kind]]:
        """The rows of that type, each with what was written."""
        for raw, row in zip(self.raw.rows, self.rows, strict=True):
            if isinstance(row, row_type):
                yield raw, row


def version(raw: RawFile) -> tuple[int, int]:
    """The version of a file or of the catalogue, `2026.1`, as numbers that can be compared."""
    found = _VERSION.fullmatch(raw.text("version"))
    if found is None:
        raise raw.refuse("version must look like 2026.1")
    return int(found[1]), int(found[2])


def header(raw: RawFile, *, stem: str, newest: tuple[int, int], required: Collection[str]) -> None:
    """The header says what the list is, in both languages, where it comes from, and is not newer than the catalogue."""
    for key in ("title_id", "title_en", "source"):
        raw.text(key)
    if raw.text("list") != stem:
        raise raw.refuse(f"list must be {stem}, as the file is called")
    if version(raw) > newest:
        raise raw.refuse("version is newer than the catalogue's: raise the version in catalogue.yaml")
    for key in required:
        if key not in raw.header:
            raise raw.refuse(f"the header lacks {key}")
    if not raw.rows:
        raise raw.refuse("has no rows")


def sheet(found: Sheet) -> None:
    """What holds for the rows of any file by themselves."""
    seen: dict[tuple[object, ...], list[tuple[dt.date, dt.date]]] = {}
    for raw, row in found.of(Row):
        if isinstance(row, Code) and not _CODE.fullmatch(row.code):
            raise raw.refuse("code must be lower case words joined by _ or -")
        if (row.note_id is None) != (row.note_en is None):
            raise raw.refuse("a note is given in both languages or not at all")
        begins, ends = row.valid_from or dt.date.min, row.valid_until or dt.date.max
        if begins >= ends:
            raise raw.refuse("valid_until must come after valid_from")
        for key in _keys(row):
            for other_begins, other_ends in seen.setdefault(key, []):
                if begins < other_ends and other_begins < ends:
                    always = {begins, other_begins} == {dt.date.min} and {ends, other_ends} == {dt.date.max}
                    raise raw.refuse("duplicate of another row" if always else "its validity overlaps another row's")
            seen[key].append((begins, ends))


def code_list(raw: RawFile) -> tuple[bool, tuple[str, ...]]:
    """`open` and `acts` of the header, which must agree with the rows."""
    is_open, acts = raw.header.get("open", False), raw.header.get("acts")
    if not isinstance(is_open, bool):
        raise raw.refuse("open must be true or false")
    if acts is not None and not (acts and isinstance(acts, list) and all(isinstance(act, str) for act in acts)):
        raise raw.refuse("acts must name the acts that give these reasons")
    codes = [row.values.get("code") for row in raw.rows]
    if is_open and codes[-1] != "other":
        raise raw.refuse("an open list ends with the code other")
    if not is_open and "other" in codes:
        raise raw.refuse("a list with the code other must say open: true")
    return is_open, tuple(acts or ())


def whole(sheets: Mapping[str, Sheet], lists: Mapping[str, CodeList]) -> None:
    """What the files say of each other."""
    _acts_have_one_list(sheets)
    codes = {name: {row.code for row in found.rows} for name, found in lists.items()}
    _deadlines(sheets)
    for check in (_sanctions, _annex, _elections, _stages):
        check(sheets, codes)


def _keys(row: Row) -> Iterator[tuple[object, ...]]:
    """Under what a row is looked up: two rows of one key may not hold on the same day."""
    match row:
        case Sanction():
            yield (row.code, row.agency)
        case DeadlineRule():
            yield (row.code, row.mandate)
        case Code():
            yield (row.code,)
        case AnnexRow():
            yield (row.form, row.phase)
        case StagePeriod():
            for office in row.offices or ("",):
                yield (row.election, row.stage, office, row.region)


def _acts_have_one_list(sheets: Mapping[str, Sheet]) -> None:
    taken: dict[str, str] = {}
    for file, found in sheets.items():
        for act in code_list(found.raw)[1]:
            if act in taken:
                raise found.raw.refuse(f"the act {act} already has its reasons in {taken[act]}")
            taken[act] = file


def _sanctions(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
    families = {row.code: row.family for _, row in sheets["sanction-levels.yaml"].of(SanctionLevel)}
    for raw, row in sheets["sanctions.yaml"].of(Sanction):
        if row.code in families:
            raise raw.refuse("a level is no sanction")
        if row.level is not None and row.level not in families:
            raise raw.refuse(f"unknown level {row.level}")
        if row.level is not None and families[row.level] != row.family:
            raise raw.refuse(f"its level belongs to the family {families[row.level]}")
        if row.level is None and row.family in families.values():
            raise raw.refuse("level is missing: its family has levels")
        _known(raw, "employment kind", row.employment_kinds, codes["employment_kind"])
        if not row.employment_kinds:
            raise raw.refuse("employment_kinds is empty: the sanction fits nobody")
        if row.legal_basis is None:
            raise raw.refuse("legal_basis is missing")


def _annex(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
    said: dict[str, set[tuple[str, str]]] = {}
    for raw, row in sheets["annex.yaml"].of(AnnexRow):
        _known(raw, "violation form", (row.form,), codes["violations"])
        if row.annex_item is not None and not _ITEM.fullmatch(row.annex_item):
            raise raw.refuse("annex_item must look like A1 or B16")
        if row.level is not None:
            _known(raw, "level or sanction", (row.level,), codes["sanction-levels"] | codes["sanctions"])
        if row.legal_basis is None and row.form != FREE_FORM:
            raise raw.refuse("legal_basis is missing")
        said.setdefault(row.edition, set()).add((row.form, row.phase))
    for edition, rows in said.items():
        for form in sorted(codes["violations"]):
            for phase in ("before", "after"):
                if (form, phase) not in rows:
                    reason = f"the edition {edition} says nothing of {form} {phase} designation"
                    raise CatalogueError("annex.yaml", reason)


def _deadlines(sheets: Mapping[str, Sheet]) -> None:
    purposes: dict[str, str | None] = {}
    for raw, row in sheets["deadlines.yaml"].of(DeadlineRule):
        if not 1 <= row.days <= 3650:
            raise raw.refuse("days must be between 1 and 3650")
        if not _CODE.fullmatch(row.mandate):
            raise raw.refuse("mandate must be the code of a mandate, or any")
        if purposes.setdefault(row.code, row.purpose) != row.purpose:
            raise raw.refuse("the rows of one rule time one purpose")


def _elections(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
    for raw, row in sheets["elections.yaml"].of(Election):
        _known(raw, "election kind", (row.kind,), codes["election_kind"])


def _stages(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
    designated: set[tuple[str, str, str | None]] = set()
    for raw, row in sheets["stages.yaml"].of(StagePeriod):
        _known(raw, "election", (row.election,), codes["elections"])
        _known(raw, "stage", (row.stage,), codes["stage"])
        _known(raw, "office", row.offices, codes["contest_office"])
        if row.region is not None:
            _known(raw, "region", (row.region,), set(regions.load()))
        if row.valid_from is None or row.valid_until is None:
            raise raw.refuse("a stage has a first day and a day after its last")
        if row.stage != "designation":
            continue
        if not row.offices:
            raise raw.refuse("a designation names its offices")
        for office in row.offices:
            if (row.election, office, row.region) in designated:
                raise raw.refuse(f"the candidates for {office} are designated twice")
            designated.add((row.election, office, row.region))


def _known(raw: RawRow, what: str, values: Collection[str], known: Collection[str]) -> None:
    for value in values:
        if value not in known:
            raise raw.refuse(f"unknown {what} {value}")
