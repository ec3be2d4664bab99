"""Who takes part, as lists: agencies and mandates. All of it is public among the parties."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from agencies.models import Agency, Client, Mandate


def agencies(
    *,
    role: str | None,
    level: str | None,
    region: str | None,
    parent: str | None,
    in_force_on: date | None,
    q: str | None,
) -> QuerySet[Agency]:
    """The agencies that match; `q` is a part of the name, now or formerly, or the beginning of the code."""
    rows = Agency.objects.select_related("parent")
    conditions: dict[str, Any] = {}
    if role is not None:
        conditions["roles__contains"] = [role]
    if level is not None:
        conditions["level"] = level
    if region is not None:
        conditions["region"] = region
    if parent is not None:
        conditions["parent__code"] = parent
    if in_force_on is not None:
        rows = rows.filter(_in_force(in_force_on))
    if q is not None:
        formerly = RawSQL(_ONE_OF_ITS_FORMER_NAMES, (q,), output_field=BooleanField())  # noqa: S611 - a constant
        rows = rows.filter(Q(name__icontains=q) | Q(code__startswith=q.lower()) | Q(formerly))
    return rows.filter(**conditions)


def mandates(*, in_force_on: date | None) -> QuerySet[Mandate]:
    """The mandates, oldest first; only that day's where one is named."""
    rows = Mandate.objects.select_related("agency").order_by("valid_from")
    return rows if in_force_on is None else rows.filter(_in_force(in_force_on))


def everybody() -> list[tuple[str, str]]:
    """Code and name of every agency, by code: for a sandbox, where they are few."""
    return list(Agency.objects.order_by("code").values_list("code", "name"))


def names(codes: Collection[str]) -> dict[str, str]:
    """The names of those agencies by code; a code that no agency has is left out."""
    return dict(Agency.objects.filter(code__in=codes).values_list("code", "name"))


def named(texts: Collection[str], *, on: date) -> Mapping[str, list[tuple[str, str]]]:
    """Code and name of the agencies that people mean by those texts, the best ones only; one statement.

    A code is its agency's alone, also as `Name (code)`. Then the whole name counts, then a whole former name, then
    every word of name, former names and code. Of equally good ones those count that exist on that day, if there are
    any. At most ten for each text; a text that names nobody is left out.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"texts": list(texts), "on": on})
        for text, code, name in cursor.fetchall():
            found.setdefault(text, []).append((code, name))
    return found


def predecessors(code: str) -> QuerySet[Agency]:
    """The agencies of which the one of that code is an heir, by code."""
    return Agency.objects.filter(heirs__contains=[{"agency": code}]).order_by("code")


def codes_and_names(agencies: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """Code and name of those agencies, by primary key."""
    rows = Agency.objects.filter(pk__in=agencies).values_list("pk", "code", "name")
    return {pk: (code, name) for pk, code, name in rows}


def vendors(clients: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Code and name of the vendors whose those clients are, by client id; clients of other agencies are left out."""
    rows = Client.objects.filter(client_id__in=clients, agency__roles__contains=["vendor"])
    return {
        client: (code, name) for client, code, name in rows.values_list("client_id", "agency__code", "agency__name")
    }


def numbered(code: str) -> QuerySet[Agency, int]:
    """The primary key of the agency of that code, for use in a query of another table; none where there is none."""
    return Agency.objects.filter(code=code).values_list("pk", flat=True)


def stream_of(agency: int) -> UUID:
    """The stream in which the log tells of that agency (its primary key). Raises Agency.DoesNotExist."""
    stream: UUID = Agency.objects.values_list("stream", flat=True).get(pk=agency)
    return stream


_ONE_OF_ITS_FORMER_NAMES: Final = (
    "EXISTS (SELECT FROM jsonb_array_elements(agencies_agency.former_names) AS former "
    "WHERE strpos(upper(former->>'name'), upper(%s)) > 0)"
)


_NAMED: Final = r"""
WITH asked AS (
    SELECT text, lower(regexp_replace(btrim(text), '^.*\(([a-z0-9-]+)\)$', '\1')) AS code,
        upper(regexp_replace(btrim(text), '\s+', ' ', 'g')) AS wanted
    FROM unnest(%(texts)s::text[]) AS text
), fitting AS (
    SELECT asked.text, a.code, a.name, CASE
        WHEN a.code = asked.code THEN 0
        WHEN upper(a.name) = asked.wanted THEN 2
        WHEN EXISTS (
            SELECT FROM jsonb_array_elements(a.former_names) former WHERE upper(former->>'name') = asked.wanted
        ) THEN 4
        WHEN length(asked.wanted) > 2 AND NOT EXISTS (
            SELECT FROM regexp_split_to_table(asked.wanted, ' ') word
            WHERE strpos(upper(concat_ws(' ', a.name, a.code, a.former_names::text)), word) = 0
        ) THEN 6
    END + (a.valid_from > %(on)s OR coalesce(a.valid_until <= %(on)s, false))::int AS rank
    FROM asked CROSS JOIN agencies_agency a
), best AS (
    SELECT text, code, name, rank = min(rank) OVER (PARTITION BY text) AS is_best,
        row_number() OVER (PARTITION BY text ORDER BY rank, length(name), code) AS place
    FROM fitting WHERE rank IS NOT NULL
)
SELECT text, code, name FROM best WHERE is_best AND place <= 10 ORDER BY text, place
"""


def _in_force(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
