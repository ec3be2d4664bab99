"""Registers for a change of the law: cases that walked the real API, multiplied (`benchmarks.data`).

    python -m benchmarks.law.registers examined --casefiles 100000

as the owner, in a process of its own. `examined` cases wait for their examiner, whose fourteen working days run from
one of four weeks in October 2024; `of_kasn` cases stand under its mandate, as far as those of the register are spread;
`waiting` ones have an open referral each, and the clock has been at half of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import django

WEEKS = 4
DUE_OF_A_HUNDRED = 2


def examined(casefiles: int, *, now: datetime) -> None:
    """So many cases under examination by BKN. Django must be set up, the database empty and the role the owner's."""
    from benchmarks import multiplying, walk, world

    made = world.build(casefiles=casefiles, now=now)
    walker, era = walk.Walker(made.tokens), walk.ERAS[1]
    templates = []
    for week in range(WEEKS):
        casefile = walker.walk(era, steps=1, week=week)
        accepted = era.begins + timedelta(weeks=week, days=1)
        given = {
            "examiner_reference": "W-112/2024",
            "occurred_at": walk.instant(accepted),
            "not_duplicate_of": walker.suspected(era.examiner, casefile),
        }
        walker.post(era.examiner, f"/casefiles/{casefile}/accept", given, 1)
        templates.append(multiplying.Template(casefile, 100 / WEEKS))
    multiplying.multiply(templates, copies=casefiles - WEEKS, offices=made.offices, employers=made.employers, now=now)


def of_kasn(casefiles: int, *, now: datetime) -> None:
    """So many cases under KASN's mandate: submitted, under examination, or with a sanction reported."""
    from benchmarks import multiplying, walk, world
    from benchmarks.spread import ACCEPTED, REPORTED, SUBMITTED

    made = world.build(casefiles=casefiles, now=now)
    walker = walk.Walker(made.tokens)
    templates = [
        multiplying.Template(walker.walk(walk.ERAS[0], steps=steps, week=week), of_a_hundred / 2)
        for steps, of_a_hundred in {SUBMITTED: 60, ACCEPTED: 25, REPORTED: 15}.items()
        for week in (0, 1)
    ]
    multiplying.multiply(
        templates, copies=casefiles - len(templates), offices=made.offices, employers=made.employers, now=now
    )


def waiting(casefiles: int, *, now: datetime) -> None:
    """So many open referrals: of a hundred, two have until 26 October 2024, the others until later or never.

    Half of the others are a year late and stand at the last level of their ladder: the clock looks at them each time,
    and has nothing to do. The other half are on time.
    """
    from benchmarks import multiplying, walk, world
    from casefiles.operations import clock

    made = world.build(casefiles=casefiles, now=now)
    walker = walk.Walker(made.tokens)
    late = walker.walk(walk.ERAS[0], steps=1, week=0)
    clock.tick(now=walk.ERAS[0].begins + timedelta(days=150))
    silent = walker.walk(walk.ERAS[1], steps=6, week=0)
    on_time = walker.walk(walk.ERAS[1], steps=1, week=4)
    templates = [
        multiplying.Template(late, 49),
        multiplying.Template(silent, DUE_OF_A_HUNDRED),
        multiplying.Template(on_time, 49),
    ]
    multiplying.multiply(
        templates, copies=casefiles - len(templates), offices=made.offices, employers=made.employers, now=now
    )


REGISTERS: Mapping[str, Callable[..., None]] = {"examined": examined, "of_kasn": of_kasn, "waiting": waiting}


def main() -> None:
    """Seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("register", choices=REGISTERS)
    parser.add_argument("--casefiles", type=int, required=True)
    chosen = parser.parse_args()
    django.setup()
    REGISTERS[chosen.register](chosen.casefiles, now=datetime.now(UTC))


if __name__ == "__main__":
    main()
