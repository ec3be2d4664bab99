"""`manage.py hand_over protocol.yaml`: the cases of one mandate pass to the holder of another.

from: examining-2014
to: examining-2024
number: BA-12/2024              # of the protocol
date: 2024-09-12
signed_by: [kasn, bkn]          # both authorities
document: protocol.pdf          # optional: its SHA-256 goes on record
occurred_at: 2024-09-12T10:00:00+07:00   # optional: now
expected: 400                   # optional: how many cases both sides counted
closed_too: true                # optional: closed cases as well, so that the new authority may reopen them
states: {submitted: restart, recommended: continue}
cases: {LTS/2024/000017: return}         # goes before its state

With --check alone it lists the orphans: what stands under a mandate that has ended.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from agencies import strict_yaml
from agencies.strict_yaml import UnreadableYaml
from audit.management.receipted import ReceiptedCommand
from casefiles import register_time
from casefiles.operations import handover
from casefiles.operations.handover import HandOverRefused, Signed
from casefiles.operations.pacing import teller

logger = logging.getLogger("lintas.handover")

SHAPE: dict[str, tuple[type, bool]] = {
    "from": (str, True),
    "to": (str, True),
    "number": (str, True),
    "date": (date, True),
    "signed_by": (list, True),
    "document": (str, False),
    "occurred_at": (datetime, False),
    "expected": (int, False),
    "closed_too": (bool, False),
    "states": (dict, False),
    "cases": (dict, False),
}
WORDS = {
    str: "text (quote it)",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a mapping",
    date: "a day (YYYY-MM-DD)",
    datetime: "a moment (2024-09-12T10:00:00+07:00)",
}


class Command(ReceiptedCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Hands the cases of one mandate over to the holder of another, by a signed protocol: all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the protocol."""
        super().add_arguments(parser)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = __doc__
        parser.add_argument("protocol", type=Path, nargs="?", help="the protocol, as YAML")
        parser.add_argument("--check", action="store_true", help="count and say what stands against it; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over, or name every orphan and every contradiction."""
        now = register_time.now()
        if options["protocol"] is None:
            if not options["check"]:
                raise CommandError("Name the protocol, or type --check to list the orphans. See the help.")
            self._list_orphans(now, covered=None)
            return
        protocol = read(options["protocol"])
        try:
            progress = teller(logger, "%d cases so far; none is handed over before all are")
            done = handover.hand_over(protocol=protocol, now=now, only_check=options["check"], progress=progress)
        except HandOverRefused as refused:
            raise CommandError("\n".join(refused.reasons)) from refused
        for disposition, count in sorted(done.by_disposition.items()):
            self.stdout.write(f"{count:>7}  {disposition}")
        verb = "would pass" if options["check"] else "passed"
        self.stdout.write(f"{done.total:>7}  {verb} from {protocol.from_mandate} to {protocol.to_mandate}.")
        self.stdout.write(f"SHA-256 of the list: {done.digest}")
        self._list_orphans(now, covered=protocol if options["check"] else None)

    def _list_orphans(self, now: datetime, *, covered: Signed | None) -> None:
        """What stands under ended mandates, but for what a protocol that is only checked would hand over."""
        count = 0
        for left in handover.left_behind(now=now):
            passes = covered is not None and left.mandate == covered.from_mandate
            orphans = () if passes else left.orphans
            closed = 0 if passes and covered is not None and covered.closed_too else left.closed
            count += len(orphans)
            if not orphans and not closed:
                continue
            self.stdout.write(f"{left.mandate} ({left.agency}) ended on {left.ended_on}; nobody examines under it:")
            for number, state in orphans:
                self.stdout.write(f"         {number}  {state}")
            if closed:
                self.stdout.write(f"{closed:>7}  closed; nobody may reopen them (closed_too: true hands them over)")
        self.stdout.write(f"{count:>7}  orphans.")


def read(path: Path) -> Signed:
    """The protocol in that file. Raises CommandError with everything that is wrong with it."""
    try:
        content = strict_yaml.read(path)
    except OSError as why:
        raise CommandError(f"{path} cannot be read: {why.strerror}") from why
    except UnreadableYaml as why:
        raise CommandError(f"{path} is no protocol: {why}. Nothing was handed over.") from why
    if not isinstance(content, dict):
        raise CommandError(f"{path} must be a mapping: see the help of this command.")
    faults = [f"unknown key {key!r} (there are {', '.join(SHAPE)})" for key in content if key not in SHAPE]
    for key, (kind, required) in SHAPE.items():
        if key not in content:
            faults += [f"{key} is missing"] if required else []
        elif not isinstance(content[key], kind) or (kind is date and isinstance(content[key], datetime)):
            faults.append(f"{key} must be {WORDS[kind]}")
        elif kind is str and not content[key].strip():
            faults.append(f"{key} must not be blank")
        elif isinstance(content[key], dict) and not all(
            isinstance(part, str) for pair in content[key].items() for part in pair
        ):
            faults.append(f"{key} must map words to words")
        elif isinstance(content[key], list) and not all(isinstance(part, str) for part in content[key]):
            faults.append(f"{key} must be a list of words")
    at = content.get("occurred_at")
    if isinstance(at, datetime) and at.tzinfo is None:
        faults.append("occurred_at must say its time zone, as in 2024-09-12T10:00:00+07:00")
    if faults:
        raise CommandError(f"{path}: " + "; ".join(faults) + ". Nothing was handed over.")
    return Signed(
        from_mandate=content["from"],
        to_mandate=content["to"],
        number=content["number"],
        date=content["date"],
        signed_by=tuple(content["signed_by"]),
        sha256=_digest(path, content["document"]) if "document" in content else None,
        by_state=content.get("states", {}),
        by_number=content.get("cases", {}),
        expected=content.get("expected"),
        occurred_at=at,
        closed_too=content.get("closed_too", False),
    )


def _digest(path: Path, document: str) -> str:
    try:
        return hashlib.sha256((path.parent / document).read_bytes()).hexdigest()
    except OSError as why:
        raise CommandError(f"document {document} cannot be read: {why.strerror}") from why
