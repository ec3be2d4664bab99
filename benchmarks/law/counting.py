"""Days and classes, in memory: deadlines against a loop over the days, classification against one dict lookup.

Both sides do the same random starts and acts, in turns. The loop finds the due day and nothing else; the due day alone
is the fair comparison, the whole deadline with its reasons is what a transition pays.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from agencies.calendar import SEEDED_YEARS, Calendar, seed_rows
from benchmarks.log.table import Figure, ratio
from casefiles.catalogue import classification, deadlines
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.book import load as load_catalogue

RULE, DAYS, ZONE = "examine", 14, "Asia/Jakarta"
YEAR = dt.date(2024, 1, 1)
Act = Callable[[], object]


def measure(quick: bool) -> list[Figure]:
    """The figures: nine rounds of 2,000 of each, or three of 200."""
    catalogue = load_catalogue()
    calendar = Calendar.from_rows("2026.1", seed_rows(SEEDED_YEARS))
    drawn = random.Random(7)
    starts = [YEAR + dt.timedelta(days=drawn.randrange(366)) for _ in range(200 if quick else 2_000)]
    acts = _acts(catalogue, drawn, len(starts))
    rounds = 3 if quick else 9
    return [*_deadlines(starts, catalogue, calendar, rounds), *_classes(acts, catalogue, rounds)]


def day_by_day(start: dt.date, number: int, calendar: Calendar) -> dt.date:
    """The number-th working day after `start`, as one would write it first."""
    day, left = start, number
    while left:
        day += dt.timedelta(days=1)
        if day.weekday() < 5 and day not in calendar.days:
            left -= 1
    return day


def _deadlines(starts: Sequence[dt.date], catalogue: Catalogue, calendar: Calendar, rounds: int) -> list[Figure]:
    def loop() -> object:
        return [day_by_day(start, DAYS, calendar) for start in starts]

    def counted() -> object:
        return [deadlines.nth_working_day(start, DAYS, calendar=calendar) for start in starts]

    def explained() -> object:
        return [
            deadlines.kept(
                deadlines.due(
                    rule=catalogue.deadline_rule(RULE, on=start), start=start, calendar=calendar, time_zone=ZONE
                )
            )
            for start in starts
        ]

    if loop() != counted():
        raise RuntimeError("the loop and the calendar count differently")
    rates = _in_turns({"loop": loop, "counted": counted, "explained": explained}, len(starts), rounds)
    against = f"a loop over the days ({_rate(rates['loop'])})"
    return [
        Figure("counting", f"due day, {DAYS} working days", ratio(rates["counted"], rates["loop"]), against,
               _rate(rates["counted"])),
        Figure("counting", "the whole deadline: rule, day, midnight, days skipped, both explanations",
               ratio(rates["explained"], rates["loop"]), against, _rate(rates["explained"])),
    ]  # fmt: skip


def _classes(acts: Sequence[dict[str, Any]], catalogue: Catalogue, rounds: int) -> list[Figure]:
    keys = [(act["form"], act["election"], act["contest_office"], act["region"], act["act_date"]) for act in acts]
    answers = {key: act["form"] for key, act in zip(keys, acts, strict=True)}

    def looked_up() -> object:
        return [answers[key] for key in keys]

    def classified() -> object:
        return [classification.classify(**act, catalogue=catalogue) for act in acts]

    rates = _in_turns({"looked up": looked_up, "classified": classified}, len(acts), rounds)
    return [
        Figure("counting", "the class of an act, with its reasoning", ratio(rates["classified"], rates["looked up"]),
               f"one dict lookup by the same inputs ({_rate(rates['looked up'])})", _rate(rates["classified"])),
    ]  # fmt: skip


def _acts(catalogue: Catalogue, drawn: random.Random, number: int) -> list[dict[str, Any]]:
    """Random acts of the year of the regional elections, in contests whose designation is known."""
    contests = [
        (row.election, office, row.region)
        for row in catalogue.stages
        if row.stage == "designation"
        for office in row.offices
    ]
    forms = list(catalogue.codes("violations"))
    acts = []
    for _ in range(number):
        election, office, region = drawn.choice(contests)
        acts.append(
            {
                "form": drawn.choice(forms),
                "act_date": YEAR + dt.timedelta(days=drawn.randrange(366)),
                "act_until": None,
                "election": election,
                "contest_office": office,
                "region": region,
            }
        )
    return acts


def _in_turns(sides: dict[str, Act], each: int, rounds: int) -> dict[str, list[float]]:
    """How many a second, by side and round; the first turn of each is not counted."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for act in sides.values():
        act()
    for _ in range(rounds):
        for name, act in sides.items():
            began = time.perf_counter()
            act()
            rates[name].append(each / (time.perf_counter() - began))
    return rates


def _rate(rates: Sequence[float]) -> str:
    return f"{median(rates):,.0f}/s"
