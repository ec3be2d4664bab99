"""Prevention beside violations: how often an office prevented, and how much it found, by office, month or election.

Both are counted as the actor sees them. That the one brought the other about is said by neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias

from django.db.models import Count, F, Func, Q, TextField, Value
from django.db.models.functions import NullIf

from agencies.actor import Actor
from casefiles.models import Casefile, Finding, Prevention

By: TypeAlias = Literal["office", "month", "election"]


def _month(field: str) -> Func:
    return Func(F(field), Value("YYYY-MM"), function="to_char", output_field=TextField())


_OF_PREVENTION: Final[Mapping[By, Any]] = {
    "office": F("office__code"),
    "month": _month("held_on"),
    "election": NullIf(F("election"), Value("")),
}
_OF_FINDING: Final[Mapping[By, Any]] = {
    "office": F("office__code"),
    "month": _month("registered_on"),
    "election": NullIf(F("election"), Value("")),
}
_OF_CASEFILE: Final[Mapping[By, Any]] = {
    "office": F("finding__office__code"),
    "month": _month("finding__registered_on"),
    "election": NullIf(F("election"), Value("")),
}


@dataclass(frozen=True, slots=True)
class Beside:
    """One key (None: no election), and the office's name: what was prevented, found, and who was found proven."""

    key: str | None
    name: str | None
    preventions: int
    findings: int
    casefiles: int
    recommended: int


def beside(actor: Actor, *, by: By, on: date) -> Sequence[Beside]:
    """By key, in three statements; `on` is today where the actor sits."""
    name = "office__name" if by == "office" else None
    prevented = _grouped(Prevention.objects.visible_to(actor, on=on), _OF_PREVENTION[by], name, number=Count("pk"))
    found = _grouped(Finding.objects.visible_to(actor), _OF_FINDING[by], name, number=Count("pk", distinct=True))
    cases = _grouped(
        Casefile.objects.filter(pk__in=Casefile.objects.visible_to(actor).values("pk")).exclude(outcome="merged"),
        _OF_CASEFILE[by],
        "finding__office__name" if name else None,
        number=Count("pk"),
        recommended=Count("pk", filter=Q(addressee__isnull=False)),
    )
    keys = sorted({*prevented, *found, *cases}, key=lambda key: (key[0] is None, key[0] or ""))
    return [
        Beside(
            key[0],
            key[1],
            preventions=prevented.get(key, {}).get("number", 0),
            findings=found.get(key, {}).get("number", 0),
            casefiles=cases.get(key, {}).get("number", 0),
            recommended=cases.get(key, {}).get("recommended", 0),
        )
        for key in keys
    ]


def _grouped(rows: Any, key: Any, name: str | None, **counts: Any) -> dict[tuple[Any, Any], dict[str, int]]:
    named = F(name) if name else Value(None, output_field=TextField())
    grouped = rows.order_by().annotate(of_key=key, of_name=named).values("of_key", "of_name").annotate(**counts)
    return {(row.pop("of_key"), row.pop("of_name")): row for row in grouped.order_by()}
