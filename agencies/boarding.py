"""Bringing the register to the directory: what would change, and the change itself, as entries of the log.

An agency that the directory boarded once and names no longer is ended on that day; its row stays for ever. Agencies
that were registered by hand (they have no `source`) are left alone until a row of the directory bears their code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from simple_history.utils import bulk_update_with_history

from agencies import records
from agencies.directory_files import DirectoryRefused
from agencies.entries import EMPTY, AgencyEntry, both, facts_of, in_force
from agencies.models import Agency, Mandate
from agencies.registration import state, store
from audit import ledger
from audit.ledger import Author
from audit.together import Told, append_together
from audit.turns import one_at_a_time

RENAMED: Final = "agency.renamed"
CHANGED: Final = "agency.changed"
ENDED: Final = "agency.ended"
KINDS: Final[Mapping[str, frozenset[str]]] = {
    RENAMED: frozenset({"name", "former_names"}),
    CHANGED: frozenset({
        "roles", "level", "region", "parent", "time_zone", "valid_from", "valid_until", "heirs", "legal_basis",
        "source", "certainty",
    }),
    ENDED: frozenset({"valid_until", "heirs"}),
}  # fmt: skip
"""What an entry of each kind may tell, in the order in which an agency's changes are told."""

MANY: Final = 10
"""More ends of vanished rows than this are carried out only where their number is confirmed."""

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry to come: the agency (a code), its kind, and the facts that become others, by name."""

    code: str
    kind: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the directory would change of the register."""

    registered: tuple[AgencyEntry, ...]
    changes: tuple[Change, ...]
    vanished: frozenset[str]
    unchanged: int
    found: Mapping[str, Agency] = field(repr=False)
    """The agencies of the register by code, before the change."""

    @property
    def is_empty(self) -> bool:
        """Whether the register is as the directory has it."""
        return not self.registered and not self.changes


def plan(
    directory: Sequence[AgencyEntry], *, corrections: frozenset[tuple[str, str]], today: date, ending: int | None = None
) -> Plan:
    """Compare the register with a directory that was checked.

    `corrections` are the names (code, name) that were mistaken; `ending` is how many vanished rows somebody confirmed.
    Raises `DirectoryRefused` with everything that stands against it.
    """
    found = {row.code: row for row in Agency.objects.select_related("parent").order_by("pk")}
    by_code = {entry.code: entry for entry in directory}
    changes: list[Change] = []
    vanished, unchanged = set(), 0
    for code, row in found.items():
        before = state(row)
        if code in by_code:
            own = list(_changes(before, facts_of(by_code[code])))
            unchanged += not own
            changes += own
        elif row.source and in_force(before, on=max(today, row.valid_from)):
            vanished.add(code)
            changes.append(Change(code, ENDED, {"valid_until": None}, {"valid_until": today.isoformat()}))
    result = Plan(
        registered=tuple(entry for entry in directory if entry.code not in found),
        changes=tuple(changes),
        vanished=frozenset(vanished),
        unchanged=unchanged,
        found=found,
    )
    faults = [*_faults(result, by_code, corrections=corrections, today=today)]
    if len(vanished) > MANY and ending != len(vanished):
        faults.append(
            both(
                (
                    f"{len(vanished)} instansi tidak lagi ada dalam direktori dan akan diakhiri. Jika memang "
                    f"demikian, ketik --ending {len(vanished)}."
                ),
                (
                    f"{len(vanished)} agencies are no longer in the directory and would be ended. If that is "
                    f"meant, type --ending {len(vanished)}."
                ),
            )
        )
    if faults:
        raise DirectoryRefused(faults)
    return result


def carry_out(
    directory: Sequence[AgencyEntry],
    *,
    corrections: frozenset[tuple[str, str]],
    today: date,
    now: datetime,
    ending: int | None = None,
    author: Author | None = None,
    progress: Progress = lambda part, done, total: None,
) -> Plan:
    """Make the register what the directory says, all of it or nothing. Raises `DirectoryRefused`."""
    with transaction.atomic():
        one_at_a_time("the directory of agencies")
        made = plan(directory, corrections=corrections, today=today, ending=ending)
        progress("register", 0, len(made.registered))
        agencies, told = store(made.registered, known=made.found, now=now)
        progress("register", len(agencies), len(made.registered))
        told += _change(made, {**made.found, **{row.code: row for row in agencies}}, now=now)
        progress("log", 0, len(told))
        append_together(told, now=now, author=author)
        progress("log", len(told), len(told))
    return made


def _changes(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Change]:
    """The changes that lead from the one to the other, in the order in which they are told."""
    names = [name for name in {**before, **wanted} if before.get(name) != wanted.get(name)]
    is_ending = before["valid_until"] is None and wanted["valid_until"] is not None
    for kind, members in KINDS.items():
        own = [name for name in names if name in members]
        if kind == CHANGED and is_ending:
            own = [name for name in own if name not in KINDS[ENDED]]
        if kind == ENDED and not is_ending:
            own = []
        if own:
            yield Change(
                wanted["code"],
                kind,
                {name: before.get(name) for name in own},
                {name: wanted.get(name, EMPTY.get(name)) for name in own},
            )


def _faults(
    made: Plan, by_code: Mapping[str, AgencyEntry], *, corrections: frozenset[tuple[str, str]], today: date
) -> Iterator[str]:
    examining = {
        mandate.agency_id: mandate
        for mandate in Mandate.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=today))
    }
    for code in sorted(made.vanished):
        if made.found[code].valid_from >= today:
            yield (
                both(
                    (
                        f"{code}: barisnya hilang, padahal baru berlaku sejak {made.found[code].valid_from}; "
                        "kembalikan barisnya dengan valid_until."
                    ),
                    (
                        f"its row is gone, and it begins on {made.found[code].valid_from} only; restore the row "
                        "with a valid_until."
                    ),
                )
            )
    for change in made.changes:
        row = made.found[change.code]
        if change.kind == RENAMED and "name" in change.after and (change.code, row.name) not in corrections:
            known = [old["name"] for old in change.after.get("former_names", [])]
            if row.name not in known:
                yield (
                    both(
                        (
                            f"{change.code}: namanya dalam register {row.name!r}, dalam direktori "
                            f"{change.after['name']!r}. Tulis di succession.csv sejak kapan (rename), atau bahwa nama "
                            "lama salah tulis (correction)."
                        ),
                        (
                            f"its name in the register is {row.name!r}, in the directory {change.after['name']!r}. "
                            "Write into succession.csv from when on (rename), or that the former one was misspelt "
                            "(correction)."
                        ),
                    )
                )
        mandate = examining.get(row.pk)
        loses = change.kind == ENDED or ("roles" in change.after and "examiner" not in change.after["roles"])
        ends = by_code[change.code].valid_until if change.code in by_code else today
        if (
            mandate is not None
            and loses
            and (ends is None or mandate.valid_until is None or ends < mandate.valid_until)
        ):
            yield (
                both(
                    f"{change.code}: masih memegang mandat {mandate.code}; akhiri dahulu dengan end_mandate.",
                    f"it still holds the mandate {mandate.code}; end that first with end_mandate.",
                )
            )


def _change(made: Plan, agencies: Mapping[str, Agency], *, now: datetime) -> list[Told]:
    """Carry the changes out, kind by kind; what the log is to be told of each."""
    if not made.changes:
        return []
    touched = Agency.objects.filter(code__in={change.code for change in made.changes})
    for stream in sorted(touched.values_list("stream", flat=True), key=str):
        ledger.hold(stream)  # before the clients are read that the entry tells of
    rows = {row.code: row for row in touched.select_related("parent").prefetch_related(*records.BESIDE)}
    told = []
    for kind in KINDS:
        own = [change for change in made.changes if change.kind == kind]
        if not own:
            continue
        fields = {name for change in own for name in change.after}
        for change in own:
            _set(rows[change.code], change.after, agencies)
        bulk_update_with_history(
            [rows[change.code] for change in own], Agency, sorted(fields), batch_size=200, default_date=now
        )
        told += [
            Told(
                rows[change.code].stream,
                kind,
                {"code": change.code, **change.after},
                records.of_agency(rows[change.code]),
            )
            for change in own
        ]
    return told


def _set(row: Agency, facts: Mapping[str, Any], agencies: Mapping[str, Agency]) -> None:
    for name, value in facts.items():
        if name == "parent":
            row.parent = agencies[value] if value is not None else None
        elif name in {"valid_from", "valid_until"}:
            setattr(row, name, date.fromisoformat(value) if value is not None else None)
        else:
            setattr(row, name, value)


def told_lines(made: Plan) -> Iterable[str]:
    """One line for each agency that would change: `+` registered, `~` changed, `-` ended."""
    for entry in made.registered:
        yield f"+ {entry.code}: {entry.name}"
    for change in made.changes:
        what = "; ".join(
            f"{name}: {_short(change.before.get(name))} → {_short(value)}" for name, value in change.after.items()
        )
        yield f"{'-' if change.kind == ENDED else '~'} {change.code}: {what}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(" ".join(item.values()) if isinstance(item, dict) else str(item) for item in value) or "∅"
    return str(value) if value not in (None, "") else "∅"
