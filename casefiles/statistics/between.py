"""What happened to casefiles between two places in the log, as two snapshots of them would count it.

Casefiles without a step in between stand in both as they are; the others are read at both, one by one. So a table of
one moment becomes a table of both: a unit's profile is then that of either (`together.then`).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from agencies.actor import Actor
from casefiles.queries import granted
from casefiles.statistics.keys import KEYS, PAYLOAD, codes_of
from casefiles.statistics.measures import AGENCIES, DimensionName
from casefiles.statistics.statements import ANEW, PROFILE
from casefiles.statistics.together import Units, then

Key = Any
MIXED: Final[tuple[DimensionName, ...]] = ("position_kind", "sanction", "channel", "interaction")
"""What is read of the content, in the order in which `mix` has it."""
_PLAIN: Final[tuple[DimensionName, ...]] = (
    "month", "election", "violation_class", "submitter", "examiner", "employer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A casefile at one of the two places: its profile, and its keys in each table."""

    profile: int
    keys: Mapping[DimensionName, Sequence[Key]]


@dataclass(frozen=True, slots=True)
class Moved:
    """A casefile that had a step in between; None where it was not counted."""

    then: Standing | None
    now: Standing | None


def moved(*, earlier: int, now: int, actor: Actor) -> tuple[Moved, ...]:
    """The casefiles of the actor's sight that had a step between these indexes; `earlier` may be the later one."""
    seen, seeing = granted(actor).query.sql_with_params()
    among, seeing = ("true", ()) if actor.is_auditor else (f"t.casefile_id IN ({seen})", seeing)
    values = [min(earlier, now), max(earlier, now), *seeing, earlier, now]
    with connection.cursor() as cursor:
        cursor.execute(_MOVED.replace("{among}", among), values)
        rows = cursor.fetchall()
    codes = codes_of({key for _, _, _, plain, *_ in rows for key in plain[-len(AGENCIES) :]})
    found: defaultdict[Any, dict[bool, Standing]] = defaultdict(dict)
    for ident, is_now, profile, plain, forms, mix in rows:
        told = [*plain[: -len(AGENCIES)], *(codes[key][0] if key else None for key in plain[-len(AGENCIES) :])]
        keys: dict[DimensionName, Sequence[Key]] = {name: (key,) for name, key in zip(_PLAIN, told, strict=True)}
        keys["form"] = forms or (None,)
        for name, key in zip(MIXED, json.loads(mix), strict=True):
            keys[name] = (key or (None,)) if isinstance(key, list) else (key,)
        found[ident][is_now] = Standing(profile, keys)
    return tuple(Moved(one.get(False), one.get(True)) for one in found.values())


def of_both(rows: Mapping[Key, Units], by: DimensionName, moves: Iterable[Moved], *, whole: int) -> dict[Key, Units]:
    """The table of now as a table of both moments. `whole` is the measure that each unit of the table has."""
    profiles: defaultdict[Key, Counter[int]] = defaultdict(Counter)
    alone: defaultdict[Key, Counter[int]] = defaultdict(Counter)
    for key, units in rows.items():
        for into, given in ((profiles, units.profiles), (alone, units.alone)):
            into[key].update({profile | then(profile): number for profile, number in given.items()})
    for one in moves:
        before, after = (_counted(standing, by, whole) for standing in (one.then, one.now))
        for key in after.keys:
            # It does not stand as it did.
            profiles[key][after.profile | then(after.profile)] -= 1
            alone[key][after.profile | then(after.profile)] -= len(after.keys) == 1
        stays = len({*before.keys, *after.keys}) == 1
        for key in {*before.keys, *after.keys}:
            profile = after.profile * (key in after.keys) | then(before.profile * (key in before.keys))
            profiles[key][profile] += 1
            alone[key][profile] += stays
    return {key: Units(+counted, +alone[key]) for key, counted in profiles.items() if +counted}


@dataclass(frozen=True, slots=True)
class _In:
    """Where a casefile stands in a table: nowhere where it is not counted there."""

    profile: int
    keys: frozenset[Key]


def _counted(standing: Standing | None, by: DimensionName, whole: int) -> _In:
    if standing is None or not standing.profile & whole:
        return _In(0, frozenset())
    return _In(standing.profile, frozenset(standing.keys[by]))


_MOVED: Final = f"""
WITH moved AS MATERIALIZED (
    SELECT DISTINCT t.casefile_id AS id FROM audit_leaf l JOIN casefiles_transition t ON t.entry_id = l.entry_id
    WHERE l.index > %s AND l.index <= %s AND {{among}}
), stood AS MATERIALIZED (
    SELECT m.id, place.is_now, (
        SELECT max(t.seq) FROM casefiles_transition t JOIN audit_leaf l ON l.entry_id = t.entry_id
        WHERE t.casefile_id = m.id AND l.index <= place.index
    ) AS version
    FROM moved m CROSS JOIN (VALUES (false, %s::bigint), (true, %s::bigint)) place(is_now, index)
)
SELECT h.id, s.is_now, {PROFILE},
    ARRAY[{", ".join(f"({KEYS[name]})::text" for name in _PLAIN)}], h.forms, ({KEYS["mix"]})
FROM stood s JOIN casefiles_historicalcasefile h ON h.id = s.id AND h.version = s.version
CROSS JOIN LATERAL (
    SELECT max(t.seq) FILTER (WHERE t.name = 'recommend') AS recommended,
        max(t.seq) FILTER (WHERE t.name = 'report-sanction') AS followed_up,
        coalesce(max(t.seq) FILTER (WHERE {ANEW}), 0) AS anew
    FROM casefiles_transition t WHERE t.casefile_id = h.id AND t.seq <= h.version
) b {PAYLOAD}
WHERE h.outcome <> 'merged'
"""  # noqa: S608 - composed of constants only
