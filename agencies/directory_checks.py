"""What is wrong with a directory as a whole: codes, parents, regions, time zones, periods, and who took over from whom.

All of it is found at once, each fault with file and line; with one fault nothing of the directory is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Final

from agencies.directory_files import Directory, DirectoryRefused, Event, Place, Row
from agencies.entries import LEVELS, SUCCESSIONS, AgencyEntry, FormerName, Heir, both, faults_of

REGIONAL: Final = frozenset({"province", "regency", "city"})
"""Levels at which a region has one government and one office of the supervisor at a time."""

ALONE: Final = ("election_supervisor", "employer")
"""The roles of those."""

Fault = tuple[Place, str]


def checked(found: Directory) -> tuple[AgencyEntry, ...]:
    """The agencies, each with its former names and heirs. Raises `DirectoryRefused` with every fault."""
    rows: dict[str, Row] = {}
    faults = list(found.faults)
    for row in found.rows:
        faults += [(row.place, fault) for fault in faults_of(row.entry)]
        if row.entry.level not in LEVELS:
            faults.append((row.place, f"level harus salah satu dari / must be one of: {', '.join(LEVELS)}."))
        first = rows.setdefault(row.entry.code, row)
        if first is not row:
            faults.append(
                (
                    row.place,
                    both(
                        f"kode {row.entry.code} sudah ada di {first.place.file} baris {first.place.line}.",
                        f"the code {row.entry.code} stands in {first.place.file} line {first.place.line} already.",
                    ),
                )
            )
    faults += _faults_of_parents(rows, codes=found.codes)
    faults += _faults_of_zones(rows.values())
    faults += _faults_of_periods(rows.values())
    for event in found.events:
        faults += [(event.place, fault) for fault in _faults_of_event(event, rows, codes=found.codes)]
    faults += _faults_of_heirs(found.events)
    if faults:
        ordered = sorted(set(faults), key=lambda fault: (fault[0].file, fault[0].line, fault[1]))
        raise DirectoryRefused([place.says(sentence) for place, sentence in ordered])
    return tuple(_with_events(row.entry, found.events) for row in rows.values())


def corrections(found: Directory) -> frozenset[tuple[str, str]]:
    """The names (code, name) that were never right: no case keeps such a one."""
    return frozenset((event.agency, event.other) for event in found.events if event.kind == "correction")


def _with_events(entry: AgencyEntry, events: Iterable[Event]) -> AgencyEntry:
    names: list[FormerName] = []
    heirs: list[Heir] = []
    for event in events:
        if event.agency != entry.code or event.on is None:
            continue
        if event.kind == "rename":
            names.append(FormerName(event.other, event.on))
        else:
            heirs.append(Heir(event.other, event.kind, event.on))
    if not names and not heirs:
        return entry
    return replace(
        entry,
        former_names=tuple(sorted(names, key=lambda name: name.until)),
        heirs=tuple(sorted(heirs, key=lambda heir: (heir.on, heir.agency))),
    )


# --- above and below ------------------------------------------------------------------------------------------------


def _faults_of_parents(rows: Mapping[str, Row], *, codes: Iterable[str]) -> Iterator[Fault]:
    known = set(codes)
    for row in rows.values():
        parent = row.entry.parent
        if parent is None:
            continue
        if parent not in known:
            yield (
                row.place,
                both(
                    f"induk {parent} tidak ada dalam direktori ini.", f"the parent {parent} is not in this directory."
                ),
            )
            continue
        line, is_circle = _line_above(row.entry.code, rows)
        if is_circle:
            way = " → ".join(line)
            yield row.place, both(f"induk melingkar: {way}.", f"the parents form a circle: {way}.")
        elif len(line) > 3:
            way = " → ".join(line)
            yield (
                row.place,
                both(f"lebih dari dua tingkat di atasnya: {way}.", f"more than two levels above it: {way}."),
            )
        if parent in rows and _outlives(row.entry.valid_until, rows[parent].entry.valid_until):
            ends = rows[parent].entry.valid_until
            yield (
                row.place,
                both(
                    f"induk {parent} berakhir pada {ends}, lebih dahulu dari kantor ini.",
                    f"the parent {parent} ends on {ends}, before this office does.",
                ),
            )


def _line_above(code: str, rows: Mapping[str, Row]) -> tuple[list[str], bool]:
    line, at = [code], rows.get(code)
    while at is not None and at.entry.parent is not None:
        is_circle = at.entry.parent in line
        line.append(at.entry.parent)
        if is_circle:
            return line, True
        at = rows.get(at.entry.parent)
    return line, False


def _outlives(ends: date | None, other: date | None) -> bool:
    return other is not None and (ends is None or ends > other)


# --- regions --------------------------------------------------------------------------------------------------------


def _faults_of_zones(rows: Iterable[Row]) -> Iterator[Fault]:
    """Two time zones in one province. A province has one (Keppres 41/1987)."""
    first: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row.entry.level != "province", row.place.file, row.place.line)):
        if not row.entry.region:
            continue
        other = first.setdefault(row.entry.region.partition(".")[0], row)
        if other.entry.time_zone != row.entry.time_zone:
            where, zone = f"{other.place.file} {other.place.line}", other.entry.time_zone
            yield (
                row.place,
                both(
                    f"dua zona waktu dalam satu provinsi: {row.entry.time_zone} di sini, {zone} di {where}.",
                    f"two time zones in one province: {row.entry.time_zone} here, {zone} in {where}.",
                ),
            )


def _faults_of_periods(rows: Iterable[Row]) -> Iterator[Fault]:
    """Two governments, or two offices of the supervisor, of one region on the same day."""
    same: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.entry.region and row.entry.level in REGIONAL:
            for role in set(ALONE) & set(row.entry.roles):
                same[row.entry.region, role].append(row)
    for (region, role), those in same.items():
        for one, other in combinations(those, 2):
            if not _overlap(one.entry, other.entry):
                continue
            where = f"{one.place.file} {one.place.line}"
            yield (
                other.place,
                both(
                    (
                        f"masa berlaku tumpang tindih dengan {one.entry.code} ({where}): satu {role} per wilayah "
                        f"{region} pada satu hari."
                    ),
                    (
                        f"the period overlaps that of {one.entry.code} ({where}): one {role} of region {region} on "
                        "a day."
                    ),
                ),
            )


def _overlap(one: AgencyEntry, other: AgencyEntry) -> bool:
    return (one.valid_until is None or other.valid_from < one.valid_until) and (
        other.valid_until is None or one.valid_from < other.valid_until
    )


# --- what became of them --------------------------------------------------------------------------------------------


def _faults_of_event(event: Event, rows: Mapping[str, Row], *, codes: Iterable[str]) -> Iterator[str]:
    known = set(codes)
    row = rows.get(event.agency)
    if event.agency not in known:
        yield both(
            f"instansi {event.agency} tidak ada dalam direktori ini.",
            f"the agency {event.agency} is not in this directory.",
        )
    if event.kind in {"rename", "correction"}:
        yield from _faults_of_name(event, row)
    elif event.kind in SUCCESSIONS:
        yield from _faults_of_succession(event, row, heir=rows.get(event.other), known=known)
    else:
        kinds = ", ".join(("rename", "correction", *SUCCESSIONS))
        yield f"kind harus salah satu dari / must be one of: {kinds}."


def _faults_of_name(event: Event, row: Row | None) -> Iterator[str]:
    if not event.other:
        yield both("other harus nama lama.", "other must be the former name.")
    elif row is not None and event.other == row.entry.name:
        yield both("other sama dengan nama sekarang.", "other is the present name.")
    if row is not None and event.on is not None and not _within(event.on, row.entry):
        yield both("on harus di dalam masa berlaku instansi.", "on must lie within the agency's period.")


def _faults_of_succession(event: Event, row: Row | None, *, heir: Row | None, known: Container[str]) -> Iterator[str]:
    if event.other not in known:
        yield both(
            f"penerus {event.other} tidak ada dalam direktori ini.", f"the heir {event.other} is not in this directory."
        )
    if event.other == event.agency:
        yield both("instansi tidak dapat menjadi penerusnya sendiri.", "an agency cannot be its own heir.")
    if row is None or heir is None or event.on is None:
        return
    if event.kind != "split" and row.entry.valid_until != event.on:
        yield (
            both(
                f"{event.kind}: valid_until {event.agency} harus {event.on}.",
                f"{event.kind}: valid_until of {event.agency} must be {event.on}.",
            )
        )
    if event.kind == "split" and not _within(event.on, row.entry) and row.entry.valid_until != event.on:
        yield both(
            "on harus di dalam masa berlaku instansi, atau akhirnya.",
            "on must lie within the agency's period, or end it.",
        )
    if not heir.entry.valid_from <= event.on or _outlives(event.on, heir.entry.valid_until):
        yield both(
            f"penerus {event.other} tidak berlaku pada {event.on}.",
            f"the heir {event.other} is not in force on {event.on}.",
        )


def _within(day: date, entry: AgencyEntry) -> bool:
    return entry.valid_from < day and (entry.valid_until is None or day < entry.valid_until)


def _faults_of_heirs(events: Iterable[Event]) -> Iterator[Fault]:
    """Heirs that form a circle of agencies that are gone: whoever looked for the living one would never find it."""
    ended = [event for event in events if event.kind in {"merge", "successor"}]
    after: dict[str, list[str]] = defaultdict(list)
    for event in ended:
        after[event.agency].append(event.other)
    for event in ended:
        met, waiting = set(), [event.other]
        while waiting:
            code = waiting.pop()
            if code == event.agency:
                yield event.place, both(f"penerus melingkar kembali ke {code}.", f"the heirs lead back to {code}.")
                break
            if code not in met:
                met.add(code)
                waiting += after[code]
