"""`manage.py hold set|lift|list`: legal holds, which keep a casefile, an agency's cases or a span of time.

    manage.py hold set --casefile LTS/2026/000123 --reason court_case --letter "W2-U1/77/HK.05/2026" --by hukum-2
    manage.py hold set --agency pemkot-padang --reason audit --letter "S-12/2026" --by hukum-2
    manage.py hold set --from 2026-11-01 --until 2026-12-01 --reason data_breach --letter "ND-3/2026" --by hukum-2
    manage.py hold lift 3 --letter "S-40/2027" --by arsip-1
    manage.py hold list --json

`docs/retention.md` says what is held and what a hold keeps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import holds
from audit.holds import Hold, HoldRefused
from casefiles import register_time
from casefiles.management import erasers_file
from casefiles.operations import holding
from casefiles.operations.erasers import ErasureRefused


class Command(BaseCommand):
    """As the owner, who alone may erase. Each hold and each end of one is an entry of the log."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Sets, lifts and lists legal holds: what is held is neither erased nor ended."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the three acts."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        act = acts.add_parser("set", help="hold a casefile, an agency or a span of time")
        on = act.add_mutually_exclusive_group(required=True)
        on.add_argument("--casefile", help="its number (LTS/2026/000123) or its id")
        on.add_argument("--agency", help="its code: every casefile that it sees or saw")
        on.add_argument("--from", dest="begins", type=date.fromisoformat, help="the first day, in UTC")
        act.add_argument("--until", type=date.fromisoformat, help="the day after the last one, with --from")
        act.add_argument("--reason", required=True, choices=sorted(holds.REASONS))
        _by_letter(act)
        act = acts.add_parser("lift", help="end a hold")
        act.add_argument("number", type=int)
        _by_letter(act)
        act = acts.add_parser("list", help="the holds that stand")
        act.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act, or say why not; a refusal changes nothing."""
        acts = {"set": self._set, "lift": self._lift, "list": self._list}
        try:
            acts[options["act"]](options)
        except (HoldRefused, ErasureRefused) as refused:
            raise CommandError(f"{refused} [{refused.reason}] Nothing was changed.") from refused

    def _set(self, options: Mapping[str, Any]) -> None:
        asked = {name: options[name] for name in ("casefile", "agency", "begins", "until", "reason", "letter")}
        hold = holding.set_hold(**asked, by=_known(options["by"]), now=register_time.now())
        self.stdout.write(f"hold {hold.number} stands on {hold.on}: {hold.reason}, {hold.letter}, by {hold.by}.")

    def _lift(self, options: Mapping[str, Any]) -> None:
        hold = holding.lift(
            options["number"], letter=options["letter"], by=_known(options["by"]), now=register_time.now()
        )
        self.stdout.write(f"hold {hold.number} on {hold.on} is lifted.")

    def _list(self, options: Mapping[str, Any]) -> None:
        standing = holds.standing()
        for hold in standing:
            self.stdout.write(json.dumps(hold.plain()) if options["json"] else _row(hold))
        if not standing and not options["json"]:
            self.stdout.write("No hold stands.")


def _by_letter(act: CommandParser) -> None:
    act.add_argument("--letter", required=True, help="the number of the letter that says so; it names nobody")
    act.add_argument("--by", required=True, help="your pseudonym, as the erasers' file lists it")


def _known(name: str) -> str:
    if name not in erasers_file.read():
        raise HoldRefused("not-authorised", f"{name} is not in the erasers' file.")
    return name


def _row(hold: Hold) -> str:
    return f"{hold.number:>4}  {hold.set_at[:10]}  {hold.reason:<24} {hold.letter:<24} {hold.by:<16} {hold.on}"
