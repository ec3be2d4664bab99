"""What an agency was called on a day: cases and their steps keep the names that their agencies had.

A casefile is shown with the names of the day on which its last step was recorded, a step with those of the day on which
it occurred, a referral with those of the day on which it was opened. Days are those of the capital.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from agencies.models import Agency

ZONE: Final = "Asia/Jakarta"


def day_of(moment: str) -> str:
    """An SQL expression: the day of an instant (an expression, too)."""
    return f"(({moment}) AT TIME ZONE '{ZONE}')::date"


def name_on(agency: str, day: str) -> str:
    """An SQL expression: the name on that day (an expression) of the agency of that alias."""
    return f"""
    CASE WHEN {agency}.former_names = '[]' THEN {agency}.name ELSE coalesce((
        SELECT old->>'name' FROM jsonb_array_elements({agency}.former_names) WITH ORDINALITY AS former(old, place)
        WHERE old->>'until' > to_char({day}, 'YYYY-MM-DD') ORDER BY place LIMIT 1
    ), {agency}.name) END
    """  # noqa: S608 - composed of constants only


def name_then(name: str, former_names: Collection[Mapping[str, Any]], *, on: date) -> str:
    """The same of an agency that was read already."""
    return next((str(old["name"]) for old in former_names if old["until"] > on.isoformat()), name)


def names_then(codes: Collection[str]) -> Callable[[datetime], Mapping[str, str]]:
    """The names of those agencies by code, as they were at a moment. One statement, for however many moments."""
    rows = list(Agency.objects.filter(code__in=codes).values_list("code", "name", "former_names"))
    present = {code: name for code, name, _ in rows}
    renamed = [(code, name, former) for code, name, former in rows if former]

    def at(moment: datetime) -> Mapping[str, str]:
        if not renamed:
            return present
        day = moment.astimezone(ZoneInfo(ZONE)).date()
        return {**present, **{code: name_then(name, former, on=day) for code, name, former in renamed}}

    return at
