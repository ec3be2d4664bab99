"""What a verification found: findings with their place, counts of what was checked, and the exit code that follows."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from .words import CHECKED, FINDINGS, NOT_EXPECTED, NOTE, PLACES, TAMPERED, UNDECIDED, UNEXPECTED, VERDICTS, VERIFIED

SOUND, WRONG, UNKNOWN = 0, 1, 2
"""The exit codes: everything fits; something was changed, or is not expected; nobody can say."""

KEPT = 20

Place = str | int


class CannotDecide(Exception):
    """A file, key or connection is missing, so that there is no verdict; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs (a code of `words.FINDINGS`) and where; places are ids, hashes, codes, never content."""

    code: str
    where: Mapping[str, Place]

    @property
    def kind(self) -> str:
        """`tampered`, `unexpected`, `undecided` or `note`."""
        return FINDINGS[self.code][0]

    def sentence(self, *, indonesian: bool = False) -> str:
        """The finding as a person reads it."""
        language = 1 if indonesian else 0
        if self.code == "stopped":
            return f"{self.where['why']}."
        where = ", ".join(f"{PLACES[place][language]} {self.where[place]}" for place in PLACES if place in self.where)
        what = FINDINGS[self.code][1 + language]
        return f"{where}: {what}." if where else f"{what[0].upper()}{what[1:]}."


class Report:
    """Collects findings; counts them all and keeps the first `keep` (None: all)."""

    def __init__(self, *, keep: int | None = KEPT) -> None:
        self.keep = keep
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()
        self.notes: list[Finding] = []
        self.verified: dict[str, Place] = {}
        """What the verdict is about: origin, size of the tree, entry and index, the witnesses that vouched."""

    def add(self, code: str, **where: Place | None) -> None:
        """Take down a finding; places that are None are left out."""
        finding = Finding(code, {place: value for place, value in where.items() if value is not None})
        self.counts[code] += 1
        if finding.kind == NOTE:
            self.notes.append(finding)
        elif self.keep is None or len(self.findings) < self.keep:
            self.findings.append(finding)

    def merge(self, other: Report) -> None:
        """Take over what another report found and counted, after one's own."""
        self.counts.update(other.counts)
        self.checked.update(other.checked)
        self.notes += other.notes
        room = None if self.keep is None else max(0, self.keep - len(self.findings))
        self.findings += other.findings[:room]

    def _of(self, kind: str) -> int:
        return sum(count for code, count in self.counts.items() if FINDINGS[code][0] == kind)

    @property
    def total(self) -> int:
        """How many findings there are, notes left out."""
        return self._of(TAMPERED) + self._of(UNEXPECTED) + self._of(UNDECIDED)

    @property
    def exit_code(self) -> int:
        """0 sound, 1 tampered or not expected, 2 cannot decide."""
        if self._of(TAMPERED) or self._of(UNEXPECTED):
            return WRONG
        return UNKNOWN if self._of(UNDECIDED) else SOUND

    @property
    def _is_only_unexpected(self) -> bool:
        return bool(self._of(UNEXPECTED)) and not self._of(TAMPERED)

    def as_json(self, *, indonesian: bool = False) -> str:
        """The report for machines, one JSON object."""
        members = {
            "verdict": UNEXPECTED
            if self._is_only_unexpected
            else {SOUND: "sound", WRONG: "tampered", UNKNOWN: "undecided"}[self.exit_code],
            "exit": self.exit_code,
            "verified": {name: value for name, value in self.verified.items() if value != ""},
            "checked": dict(self.checked),
            "count": self.total,
            "counts": dict(self.counts),
            "findings": [self._as_dict(finding, indonesian=indonesian) for finding in self.findings],
            "notes": [self._as_dict(note, indonesian=indonesian) for note in self.notes],
        }
        return json.dumps(members, ensure_ascii=False)

    @staticmethod
    def _as_dict(finding: Finding, *, indonesian: bool) -> dict[str, object]:
        sentence = finding.sentence(indonesian=indonesian)
        return {"code": finding.code, "kind": finding.kind, **finding.where, "sentence": sentence}

    def print(self, *, indonesian: bool = False, out: TextIO | None = None) -> None:
        """The report for people."""
        out, language = out or sys.stdout, 1 if indonesian else 0
        checked = ", ".join(
            f"{self.checked[name]:,} {words[language]}" for name, words in CHECKED.items() if self.checked[name]
        )
        what = f" ({checked})" if checked else ""
        verdict = NOT_EXPECTED if self._is_only_unexpected else VERDICTS[self.exit_code]
        print(f"{verdict[language]}{what}", file=out)
        for name, words in VERIFIED.items():
            if name in self.verified:
                nobody = ("nobody", "tidak ada")[language]
                print(f"  = {words[language]}: {self.verified[name] or nobody}", file=out)
        for finding in self.findings:
            print(f"  - {finding.sentence(indonesian=indonesian)}", file=out)
        if more := self.total - len(self.findings):
            print((f"  … and {more:,} more (--all)", f"  … dan {more:,} lagi (--all)")[language], file=out)
        for note in self.notes:
            print(f"  * {note.sentence(indonesian=indonesian)}", file=out)
