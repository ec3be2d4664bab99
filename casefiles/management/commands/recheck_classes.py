"""`manage.py recheck_classes [--casefile NUMBER]`: every class computed again, under the version that it names."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.models import F

from casefiles.catalogue import versions
from casefiles.catalogue.law import classified
from casefiles.file import Classified, Violation
from casefiles.models import Payload
from casefiles.queries import by_number


class Command(BaseCommand):
    """Run with LINTAS_DB_ROLE=reader. Prints numbers of casefiles and violations, nothing personal."""

    database_role = "reader"
    help = "Computes the class of every violation again from the catalogue on record; exit 1 where one differs."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--casefile", help="the number of one casefile; without it, all of them")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = list(_current(options["casefile"]))
        if options["casefile"] and not found:
            raise CommandError("There is no casefile of that number, or its content was erased.")
        checked = differing = 0
        for number, facts in found:
            for violation in facts["violations"]:
                checked += 1
                if differs := difference(violation, facts["finding"]):
                    differing += 1
                    self.stdout.write(f"{number}, violation {violation['number']}: {differs}")
        self.stdout.write(f"{checked} classes of {len(found)} casefiles computed again, {differing} differ.")
        if differing:
            sys.exit(1)


def difference(violation: Violation, finding: Mapping[str, Any]) -> str | None:
    """What a fresh computation under the same version says otherwise; None where it says the same."""
    version = violation["class"]["rule_version"]
    try:
        fresh = classified(violation, finding, catalogue=versions.stored(version))
    except versions.NeverLoaded:
        return f"version {version} of the catalogue is not on record"
    differing = [
        f"{name} differs" if name in _SENTENCES else f"{name} is {_spelled(kept)}, computed {_spelled(again)}"
        for name, kept, again in _pairs(violation, fresh)
        if kept != again
    ]
    return "; ".join(differing) or None


# These tell of the act; the others are codes, days of designation and articles.
_SENTENCES = ("class.reasoning_id", "class.reasoning_en")


def _pairs(violation: Violation, fresh: Classified) -> Iterator[tuple[str, Any, Any]]:
    """What is kept beside what was computed, member by member."""
    for name, again in fresh.items():
        if name != "class":
            yield name, violation.get(name), again
    kept = _with_decree_alone(violation["class"], fresh["class"])
    for name in sorted({*kept, *fresh["class"]}):
        yield f"class.{name}", kept.get(name), fresh["class"].get(name)


def _with_decree_alone(kept: Mapping[str, Any], fresh: Mapping[str, Any]) -> Mapping[str, Any]:
    """The class as kept, its designation said as today.

    A class of before version 2026.3 has no `legal_basis` of the day and says it as the decree where there is none.
    """
    designation, again = kept.get("designation"), fresh["designation"]
    if not designation or not again or "legal_basis" in designation:
        return kept
    if designation["decree"] != (again["decree"] or again["legal_basis"]):
        return kept
    legal_ground = {"decree": again["decree"], "legal_basis": again["legal_basis"]}
    return {**kept, "designation": {**designation, **legal_ground}}


def _spelled(value: Any) -> str:
    return "null" if value is None else str(value)


def _current(number: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The facts of every casefile as they stand, by number; erased ones have none."""
    rows = Payload.objects.filter(casefile__isnull=False, seq=F("casefile__version"))
    if number is not None:
        rows = rows.filter(casefile__number=number)
    for found, facts in (
        rows.order_by(*by_number("casefile__number")).values_list("casefile__number", "facts").iterator()
    ):
        if facts is not None:
            yield str(found), facts
