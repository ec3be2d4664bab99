"""What was imposed beside what was recommended, by form of violation, by the officer's agency, or by their position.

Counted over the same rows as the list that shows them (`casefiles.sight.waiting`), so that the two agree. A casefile
of several forms stands in several rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from django.db.models import Count, F, Func
from django.db.models.fields.json import KT

from agencies.actor import Actor
from casefiles.models import Payload
from casefiles.sight.waiting import WaitingFilters, waiting_seen

By: TypeAlias = Literal["form", "employer", "position_kind"]
MOST_ROWS: Final = 200
"""Those with most casefiles are shown."""
_KEYS: Final[Mapping[By, Any]] = {
    "form": Func(F("casefile__forms"), function="unnest"),
    "employer": F("casefile__employer__code"),
    "position_kind": KT("facts__subject__position_kind"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One key (None: not known), its name where it is an agency's code, and casefiles by comparison."""

    key: str | None
    name: str
    numbers: Mapping[str, int]

    @property
    def total(self) -> int:
        """Casefiles of this key."""
        return sum(self.numbers.values())


def compared(actor: Actor, *, by: By, now: datetime) -> Sequence[Compared]:
    """What the actor sees, those with most casefiles first, in one statement."""
    seen = waiting_seen(actor, WaitingFilters(is_compared=True), now=now).order_by().values("pk")
    rows = (
        Payload.objects.filter(casefile__in=seen, seq=F("casefile__version"), seq__gte=1)
        .annotate(
            key=_KEYS[by],
            agency=F("casefile__employer__name"),
            comparison=KT("facts__sanction__comparison"),
        )
        .values_list("key", *(["agency"] if by == "employer" else []), "comparison")
        .annotate(number=Count("pk"))
        .order_by()
    )
    found: defaultdict[tuple[str | None, str], dict[str, int]] = defaultdict(dict)
    for key, *name, comparison, number in rows:
        found[key, name[0] if name and name[0] else ""][comparison] = number
    lines = [Compared(key, name, numbers) for (key, name), numbers in found.items()]
    return sorted(lines, key=lambda line: (-line.total, line.key or ""))[:MOST_ROWS]
