"""What must be true of the catalogue files before one row of them is used.

Each check raises `CatalogueError` through the row it is about, so that the message names file, line, row and reason.
"""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from casefiles.catalogue.files import CatalogueError, Faults, RawFile, RawRow
from casefiles.catalogue.rows import (
    ANY_MANDATE,
    ANY_ROLE,
    AnnexRow,
    Code,
    CodeList,
    DeadlineRule,
    Election,
    LadderStep,
    RoutingRow,
    Row,
    Sanction,
    SanctionLevel,
    SiasnRow,
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
    try:
        return version_order(raw.text("version"))
    except ValueError as why:
        raise raw.refuse(str(why)) from None


def version_order(version: str) -> tuple[int, int]:
    """Year and number, so that 2026.10 comes after 2026.9. ValueError where it is no version."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError("version must look like 2026.1")
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
    _one_row_a_day(found)
    _no_day_without_a_row(found)


def _one_row_a_day(found: Sheet) -> None:
    seen: dict[tuple[object, ...], list[tuple[dt.date, dt.date]]] = {}
    faults = Faults()
    for raw, row in found.of(Row):
        with faults.collected():
            _row_by_itself(raw, row)
            begins, ends = _period(row)
            for key in _keys(row):
                for other_begins, other_ends in seen.setdefault(key, []):
                    if begins < other_ends and other_begins < ends:
                        always = {begins, other_begins} == {dt.date.min} and {ends, other_ends} == {dt.date.max}
                        raise raw.refuse(
                            "duplicate of another row" if always else "its validity overlaps another row's"
                        )
                seen[key].append((begins, ends))
    faults.refuse()


def _row_by_itself(raw: RawRow, row: Row) -> None:
    if isinstance(row, Code) and not _CODE.fullmatch(row.code):
        raise raw.refuse("code must be lower case words joined by _ or -")
    if (row.note_id is None) != (row.note_en is None):
        raise raw.refuse("a note is given in both languages or not at all")
    begins, ends = _period(row)
    if begins >= ends:
        raise raw.refuse("valid_until must come after valid_from")


def _no_day_without_a_row(found: Sheet) -> None:
    """Where the law changed, the new row begins on the day on which the old one ends."""
    runs: dict[tuple[object, ...], list[tuple[dt.date, dt.date, RawRow]]] = {}
    for raw, row in found.of(Row):
        if (key := _run(row)) is not None:
            runs.setdefault(key, []).append((*_period(row), raw))
    faults = Faults()
    for rows in runs.values():
        rows.sort(key=lambda run: run[:2])
        for (_, ends, _), (begins, _, raw) in itertools.pairwise(rows):
            with faults.collected():
                if ends != begins:
                    reason = f"leaves a gap: the row before it holds until {ends}, this one from {begins}"
                    raise raw.refuse(reason)
    faults.refuse()


def _period(row: Row) -> tuple[dt.date, dt.date]:
    return row.valid_from or dt.date.min, row.valid_until or dt.date.max


def _run(row: Row) -> tuple[object, ...] | None:
    """The rows that must follow each other without a gap. A sanction may end and come back, a stage has its days."""
    match row:
        case AnnexRow():
            return (row.edition, row.form, row.phase)
        case DeadlineRule():
            return (row.code, row.mandate)
        case LadderStep():
            return (row.party, row.purpose, row.mandate, row.level)
    return None


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


def whole(sheets: Mapping[str, Sheet], lists: Mapping[str, CodeList], regions: Collection[str]) -> None:
    """What the files say of each other. A version on record may lack a list that was invented after it."""
    faults = Faults()
    with faults.collected():
        _acts_have_one_list(sheets)
    codes = {name: {row.code for row in found.rows} for name, found in lists.items()}
    codes["region"] = set(regions)
    for file, check in _OF_FILE.items():
        if file in sheets:
            with faults.collected():
                check(sheets, codes)
    faults.refuse()


def _keys(row: Row) -> Iterator[tuple[object, ...]]:
    """Under what a row is looked up: two rows of one key may not hold on the same day."""
    match row:
        case Sanction():
            yield (row.code, row.agency)
        case DeadlineRule():
            yield (row.code, row.mandate)
        case LadderStep():
            yield (row.party, row.purpose, row.mandate, row.level)
            yield (row.code, row.mandate)
        case Code():
            yield (row.code,)
        case AnnexRow():
            yield (row.form, row.phase)
        case StagePeriod():
            for office in row.offices or ("",):
                yield (row.election, row.stage, office, row.region)
        case RoutingRow():
            for level in row.levels or ("",):
                yield (row.role, level)
        case SiasnRow():
            yield (row.member, row.code, row.election_kind)


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
    editions: dict[str, dict[tuple[str, str], list[tuple[RawRow, AnnexRow]]]] = {}
    for raw, row in sheets["annex.yaml"].of(AnnexRow):
        _known(raw, "violation form", (row.form,), codes["violations"])
        if row.annex_item is not None and not _ITEM.fullmatch(row.annex_item):
            raise raw.refuse("annex_item must look like A1 or B16")
        if row.level is not None:
            _known(raw, "level or sanction", (row.level,), codes["sanction-levels"] | codes["sanctions"])
        if row.legal_basis is None and row.form != FREE_FORM:
            raise raw.refuse("legal_basis is missing")
        editions.setdefault(row.edition, {}).setdefault((row.form, row.phase), []).append((raw, row))
    for edition, rows in editions.items():
        for form in sorted(codes["violations"]):
            for phase in ("before", "after"):
                if (form, phase) not in rows:
                    reason = f"the edition {edition} says nothing of {form} {phase} designation"
                    raise CatalogueError("annex.yaml", reason)
        _edition_is_whole(edition, rows)


def _edition_is_whole(edition: str, rows_by_form: Mapping[tuple[str, str], list[tuple[RawRow, AnnexRow]]]) -> None:
    """An edition came and went as a whole: it is silent about no form on any of its days."""
    periods = [_period(row) for rows in rows_by_form.values() for _, row in rows]
    begins, ends = min(begun for begun, _ in periods), max(ended for _, ended in periods)
    for (form, phase), rows in rows_by_form.items():
        raw, last = max(rows, key=lambda line: _period(line[1]))
        first = min(_period(row)[0] for _, row in rows)
        if (first, _period(last)[1]) != (begins, ends):
            raise raw.refuse(
                f"leaves a gap: the edition {edition} holds from {begins} until {ends}, "
                f"but says of {form} {phase} designation only what holds from {first} until {_period(last)[1]}"
            )


def _deadlines(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
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
        if (row.decree is None) != (row.decree_status == "not_recorded"):
            raise raw.refuse("a stage names its decree, or says decree_status: not_recorded")
        if row.region is not None:
            _known(raw, "region", (row.region,), codes["region"])
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


def _ladder(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
    ladders: dict[tuple[str, str, str], list[tuple[RawRow, LadderStep]]] = {}
    for raw, row in sheets["ladder.yaml"].of(LadderStep):
        if row.act is not None:
            _known(raw, "measure", (row.act,), codes["reasons/measure"])
        _known(raw, "role", row.sees, codes["agency_roles"])
        if not _CODE.fullmatch(row.mandate):
            raise raw.refuse("mandate must be the code of a mandate, or any")
        if row.level < 1 or abs(row.offset_days) > 365:
            raise raw.refuse("levels count from 1, and offset_days stay within a year")
        ladders.setdefault((row.party, row.purpose, row.mandate), []).append((raw, row))
    for steps in ladders.values():
        # The ladder changes on the days on which a row begins or ends.
        for day in sorted({day for _, row in steps for day in _period(row)} - {dt.date.max}):
            _ladder_of_the_day([step for step in steps if step[1].in_force(on=day)])
    if (*_LAST_MEASURE_OF, ANY_MANDATE) not in ladders:
        raise sheets["ladder.yaml"].raw.refuse("there is no ladder for the addressee's follow_up")


# Only whoever owes the follow-up can bring a case to the point where nothing more can be done.
_LAST_MEASURE_OF = ("addressee", "follow_up")


def _ladder_of_the_day(steps: list[tuple[RawRow, LadderStep]]) -> None:
    """The levels of one ladder on one day: numbered 1, 2, 3, each later than the one before, the top marked."""
    steps = sorted(steps, key=lambda step: step[1].level)
    seen: set[str] = set()
    for number, (raw, row) in enumerate(steps, start=1):
        below = steps[number - 2][1] if number > 1 else None
        if row.level != number:
            raise raw.refuse(f"the ladder for {row.party} and {row.purpose} has no level {number}")
        if below is not None and row.day_basis != below.day_basis:
            raise raw.refuse("the levels of one ladder count the same days: its day_basis differs")
        if below is not None and row.offset_days <= below.offset_days:
            raise raw.refuse(f"offset_days must be more than {below.offset_days}, those of the level below")
        seen |= set(row.sees)
        if row.by_role in _OVERSIGHT and row.by_role not in seen:
            raise raw.refuse(f"{row.by_role} acts without sight: name it in sees")
        is_top = number == len(steps) and (row.party, row.purpose) == _LAST_MEASURE_OF
        if row.last != is_top:
            raise raw.refuse("last belongs to the top level of the addressee's follow_up, and to no other")
        if row.last and row.scope != "any":
            raise raw.refuse("the last measure is for every agency: scope must be any")


# These act on a case that is not theirs; the others are parties of it, or have no system of their own.
_OVERSIGHT = ("civil_service_agency", "home_affairs", "policy_ministry")


def _routing(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
    rows = list(sheets["routing.yaml"].of(RoutingRow))
    for raw, row in rows:
        if row.role != ANY_ROLE:
            _known(raw, "position role", (row.role,), codes["position_roles"])
        _known(raw, "level of an agency", row.levels, codes["agency_levels"])
        if row.legal_basis is None:
            raise raw.refuse("legal_basis is missing")
        if row.addressee == "province_above" and not set(row.levels) <= {"regency", "city"}:
            raise raw.refuse("only regencies and cities have a province above them")
    raw, last = rows[-1]
    if last.role != ANY_ROLE or last.levels or last.valid_from or last.valid_until:
        raise raw.refuse("the last row fits every officer, of every level, at any time: role any, no levels")


def _siasn(sheets: Mapping[str, Sheet], codes: Mapping[str, set[str]]) -> None:
    words = {
        "jenisHukumanId": ("sanction", codes["sanctions"]),
        "masaBulan": ("sanction", codes["sanctions"]),
        "jenisTingkatHukumanId": ("level", codes["sanction-levels"]),
        "alasanHukumanDisiplinId": ("violation form", codes["violations"]),
    }
    for raw, row in sheets["siasn.yaml"].of(SiasnRow):
        if row.member in words:
            what, known = words[row.member]
            _known(raw, what, (row.code,), known)
        if row.member == "masaBulan" and not (row.siasn.isdecimal() and 1 <= int(row.siasn) <= 120):
            raise raw.refuse("siasn must be whole months, 1 to 120")
        if row.election_kind is not None:
            _known(raw, "election kind", (row.election_kind,), codes["election_kind"])
        _known(raw, "employment kind", row.employment_kinds, codes["employment_kind"])
        if not row.employment_kinds:
            raise raw.refuse("employment_kinds is empty: the row fits nobody")


_OF_FILE: Mapping[str, Callable[[Mapping[str, Sheet], Mapping[str, set[str]]], None]] = {
    "deadlines.yaml": _deadlines,
    "sanctions.yaml": _sanctions,
    "annex.yaml": _annex,
    "elections.yaml": _elections,
    "stages.yaml": _stages,
    "ladder.yaml": _ladder,
    "routing.yaml": _routing,
    "siasn.yaml": _siasn,
}


def _known(raw: RawRow, what: str, values: Collection[str], known: Collection[str]) -> None:
    for value in values:
        if value not in known:
            raise raw.refuse(f"unknown {what} {value}")
