"""A finding that is forwarded at the desk: tried, and then taken in once, under the form's key, as a system's is."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection, transaction

from audit import status
from casefiles.flow.finding import FindingGiven
from casefiles.intake import findings
from casefiles.intake.findings import TakenIn
from casefiles.transitions.unit import Unit
from console.desk import limits
from console.desk.acting import REFUSALS, Asked, is_spent, not_done, refuse_paused, spend, stated
from console.desk.connection import storing

ROWS_A_PERMIT: Final = 5
"""Rows of a list that count as one act: nobody reads between them."""


def tried(asked: Asked, *, is_counted: bool = False) -> TakenIn:
    """What would be taken in; nothing is stored. `is_counted`: in the quota of a whole list. Raises `NotDone`."""
    try:
        if not is_counted:
            limits.check(asked.person, limits.ACTS)
        given = asked.read_as(FindingGiven)
        with storing():
            taken = _taken_in(asked, given)
            connection.check_constraints()
            transaction.set_rollback(True)
    except REFUSALS as why:
        raise not_done(why, asked) from why
    return taken


def forwarded(asked: Asked, *, is_counted: bool = False) -> bool:
    """Take the finding in once; whether it is done now, and not before. `is_counted` as above. Raises `NotDone`."""
    try:
        if not is_counted:
            limits.check(asked.person, limits.ACTS)
        given = asked.read_as(FindingGiven)
        with storing():
            if is_spent(asked):
                return False
            taken = _taken_in(asked, given)
            told: list[dict[str, Any]] = [
                {**stated(step.sealed), "number": step.columns.number} for step in taken.steps
            ]
            spend(asked, taken.steps[0].sealed.uuid, told)
    except REFUSALS as why:
        raise not_done(why, asked) from why
    return True


def count_list(asked: Asked, rows: int) -> None:
    """Take the permits of a list of so many rows. Raises `NotDone`."""
    try:
        limits.check(asked.person, limits.ACTS, permits=-(-rows // ROWS_A_PERMIT))
    except REFUSALS as why:
        raise not_done(why, asked) from why


def _taken_in(asked: Asked, given: FindingGiven) -> TakenIn:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {status.PULSE}")
        refuse_paused(cursor.fetchone()[0])
    unit = Unit()
    taken = findings.submit(actor=asked.actor, given=given, now=asked.now, request=asked.request, unit=unit)
    unit.write()
    return taken
