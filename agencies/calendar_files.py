"""Calendar files: what a decree changes in the days off, as an operator writes it down.

# cuti-bersama-2026.yaml
decree: SKB 3 Menteri Nomor 1/2026, 2/2026, 3/2026 (perubahan)
source: https://setkab.go.id/...
reason: Pemerintah menambah cuti bersama Idul Fitri
add:
  - {date: 2026-03-25, kind: joint_leave, name_id: Cuti Bersama Hari Raya Idul Fitri}
remove:
  - {date: 2026-05-28, kind: joint_leave}

To confirm an estimated feast, remove the estimate and add the decreed day in one file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

KINDS = ("public_holiday", "joint_leave", "election_day")
_LONGEST = 200


class AmendmentRefused(Exception):
    """The calendar stays as it is; `reasons` names every fault of the file at once."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Change:
    """A day that becomes off (with its name), or one that no longer is (without)."""

    line: int
    date: dt.date
    kind: str
    name_id: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """One file. `sha256` is that of what it says, whatever its layout."""

    name: str
    decree: str
    source: str
    reason: str
    add: tuple[Change, ...]
    remove: tuple[Change, ...]

    @property
    def sha256(self) -> str:
        """By this an amendment is known again."""
        days = [[[day.date.isoformat(), day.kind, day.name_id] for day in days] for days in (self.add, self.remove)]
        text = json.dumps([self.decree, self.source, self.reason, *(sorted(part) for part in days)])
        return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path) -> Amendment:
    """The amendment that a file describes. AmendmentRefused, with the line of every fault."""
    try:
        # Composed, not constructed: every value stays the text that was written, and knows its line.
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise AmendmentRefused(f"{path.name} tidak dapat dibaca / cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AmendmentRefused(f"{path.name} bukan YAML / is not YAML: {error}") from error
    file = _File(path.name)
    members = file.members(root, required=("decree", "source", "reason"), optional=("add", "remove"))
    texts = {name: file.text(members.get(name), name) for name in ("decree", "source", "reason")}
    add = file.changes(members.get("add"), "add", ("date", "kind", "name_id"))
    remove = file.changes(members.get("remove"), "remove", ("date", "kind"))
    if not file.faults and not add and not remove:
        file.fault(None, "tidak ada hari di add atau remove / no day stands under add or remove.")
    if file.faults:
        raise AmendmentRefused(*(sentence for _, sentence in sorted(file.faults)))
    return Amendment(name=path.name, **texts, add=add, remove=remove)


class _File:
    """Reads a file's nodes and collects what is wrong with them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.faults: list[tuple[int, str]] = []

    def fault(self, node: yaml.Node | None, what: str) -> None:
        line = node.start_mark.line + 1 if node else 1
        self.faults.append((line, f"{self._name}, baris/line {line}: {what}"))

    def members(
        self, node: yaml.Node | None, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> Mapping[str, yaml.Node]:
        known = (*required, *optional)
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"harus berisi / must have the members {', '.join(known)}.")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name not in known:
                self.fault(key, f"{name} tidak dikenal / is not known; {', '.join(known)}.")
            elif name in found:
                self.fault(key, f"{name} tertulis dua kali / stands twice.")
            else:
                found[name] = value
        for name in required:
            if name not in found:
                self.fault(node, f"{name} tidak ada / is missing.")
        return found

    def text(self, node: yaml.Node | None, name: str) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null" or not node.value.strip():
            self.fault(node, f"{name} harus berupa teks / must be text.")
            return ""
        value = str(node.value).strip()
        if len(value) > _LONGEST or not value.isprintable():
            self.fault(node, f"{name} harus satu baris / must be one line, {_LONGEST} letters at most.")
        return value

    def changes(self, node: yaml.Node | None, name: str, wanted: tuple[str, ...]) -> tuple[Change, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, f"{name} harus berupa daftar / must be a list.")
            return ()
        found: list[Change] = []
        for item in node.value:
            members = self.members(item, required=wanted)
            if len(members) < len(wanted):
                continue
            date, kind = self._date(members["date"]), self._kind(members["kind"])
            name_id = self.text(members["name_id"], "name_id") if "name_id" in members else ""
            if date is None or kind is None:
                continue
            # A day becomes off once, whatever the reason; what is taken away is one kind of a day.
            if any(day.date == date and (name == "add" or day.kind == kind) for day in found):
                self.fault(item, f"{date} tertulis dua kali di / stands twice under {name}.")
                continue
            found.append(Change(item.start_mark.line + 1, date, kind, name_id))
        return tuple(found)

    def _date(self, node: yaml.Node) -> dt.date | None:
        try:
            return dt.date.fromisoformat(node.value)
        except (TypeError, ValueError):
            self.fault(node, "bukan tanggal seperti / is not a date such as 2026-03-25.")
            return None

    def _kind(self, node: yaml.Node) -> str | None:
        if node.value in KINDS:
            return str(node.value)
        self.fault(node, f"kind harus salah satu dari / must be one of {', '.join(KINDS)}.")
        return None
