"""The same form of violation, and what was imposed for it: by agency, or by kind of position.

Counted over the casefiles that the actor sees and that have a sanction in force now. A casefile of several forms stands
under each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from django.db.models import Count, F, Func, Q
from django.db.models.fields.json import KT

from agencies.actor import Actor
from casefiles.models import Casefile, Payload

By: TypeAlias = Literal["employer", "position_kind"]
_KEYS: Final[Mapping[By, Any]] = {
    "employer": F("casefile__employer__code"),
    "position_kind": KT("facts__subject__position_kind"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """One agency or kind of position (None: not known): casefiles by sanction, and by comparison."""

    key: str | None
    name: str | None
    sanctions: Mapping[str, int]
    comparisons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of violation: casefiles by sanction, whoever imposed it, and the groups in the order of their key."""

    form: str
    sanctions: Mapping[str, int]
    groups: Sequence[Group]


def disparity(
    actor: Actor, *, by: By, form: str | None = None, election: str | None = None, with_one: bool = False
) -> Sequence[Form]:
    """The forms for which different sanctions are in force, in one statement; with `with_one` all that have one."""
    seen = Casefile.objects.visible_to(actor).exclude(outcome="merged")
    if form is not None:
        seen = seen.filter(forms__contains=[form])
    if election is not None:
        seen = seen.filter(election=election)
    rows = (
        Payload.objects.filter(casefile__in=seen.values("pk"), seq=F("casefile__version"), seq__gte=1)
        .filter(Q(facts__sanction__sanction__isnull=False))
        .annotate(
            of_form=Func(F("casefile__forms"), function="unnest"),
            key=_KEYS[by],
            sanction=KT("facts__sanction__sanction"),
            annulled=KT("facts__sanction__annulled_on"),
            comparison=KT("facts__sanction__comparison"),
        )
        .filter(annulled__isnull=True)
        .values_list("of_form", "key", "casefile__employer__name", "sanction", "comparison")
        .annotate(number=Count("pk"))
        .order_by()
    )
    found: defaultdict[str, defaultdict[tuple[str | None, str | None], list[tuple[str, str | None, int]]]]
    found = defaultdict(lambda: defaultdict(list))
    for of_form, key, name, sanction, comparison, number in rows:
        if form is None or of_form == form:
            found[of_form][key, name if by == "employer" else None].append((sanction, comparison, number))
    forms = [_form(name, groups) for name, groups in sorted(found.items())]
    return [one for one in forms if with_one or len(one.sanctions) > 1]


def _form(name: str, groups: Mapping[tuple[str | None, str | None], list[tuple[str, str | None, int]]]) -> Form:
    everything = [line for lines in groups.values() for line in lines]
    return Form(
        form=name,
        sanctions=_summed((sanction, number) for sanction, _, number in everything),
        groups=[
            Group(
                key,
                agency,
                _summed((sanction, number) for sanction, _, number in lines),
                _summed((comparison, number) for _, comparison, number in lines if comparison),
            )
            for (key, agency), lines in sorted(groups.items(), key=lambda item: (item[0][0] is None, item[0][0] or ""))
        ],
    )


def _summed(pairs: Any) -> Mapping[str, int]:
    total: defaultdict[str, int] = defaultdict(int)
    for key, number in pairs:
        total[key] += number
    return dict(sorted(total.items()))
