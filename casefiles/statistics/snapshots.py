"""Numbers that are frozen: a set of tables as of one place in the log, in the form for press and public.

    sealed = take(actor=actor, given=SnapshotGiven(name="Triwulan III 2026", published=True), now=now)

A snapshot is stored once and never counted again, so that it stays what it was whatever is merged, reopened or erased
afterwards. Its entry in the log commits to every byte of it. All its tables went through disclosure control together
(`casefiles.statistics.together`), published or not: what is in a snapshot may be read by anybody. To publish what was
taken unpublished, take another one of the same index: the same numbers are counted again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from agencies import queries as directory
from agencies.actor import Actor
from audit import ledger, reading
from audit.ids import uuid7
from audit.ledger import Sealed
from audit.requests import RequestFacts
from casefiles import personal_numbers
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.law import local_day
from casefiles.errors import BeyondHead, Fault, InvalidGiven, NotForThisRole, NotInOffice, SnapshotExists
from casefiles.identifiers import number_key
from casefiles.models import Snapshot
from casefiles.queries import SnapshotQuerySet
from casefiles.shapes import Between, Doc, Text
from casefiles.statistics import between
from casefiles.statistics.between import MIXED
from casefiles.statistics.count import Found, Question, moment, units
from casefiles.statistics.disclosure import THRESHOLD, Row
from casefiles.statistics.keys import OF_CONTENT
from casefiles.statistics.measures import EDITION, UNITS, DimensionName, Unit, measures_of
from casefiles.statistics.obligations import obligations
from casefiles.statistics.snapshot_tables import TABLES, Earlier, withheld

KIND: Final = "snapshot.recorded"
COLUMNS: Final = ("id", "name", "index", "agency_id", "published", "content", "created_at")
"""The row's columns by which `record` is taken. `audit.verify.kept` reads the same."""
FORMAT: Final = "lintas-snapshot/1"
MAY: Final = ("examiner", "auditor")
"""The roles whose agencies take snapshots."""

MOST_COMPARED: Final = 12
"""Published snapshots whose numbers a new one is compared with, the newest first."""
MOST_MIXED: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotGiven:
    """POST /statistics/snapshots: what to freeze, and whether everybody may read it."""

    name: Annotated[
        str,
        Text(120),
        Doc(
            id="Nama, sekali pakai; tanpa nama orang",
            en="A name, used once; no person's name",
            example="Triwulan III 2026",
        ),
    ]
    as_of: (
        Annotated[
            int,
            Between(0, 10**15 - 1),
            Doc(
                id="Nomor log: keadaan sesudah entri itu; kosong: yang terbaru",
                en="Index of the log: as things stood after that entry; left out: the newest",
                example=10481,
            ),
        ]
        | None
    ) = None
    published: Annotated[
        bool,
        Doc(
            id="true: siapa pun membacanya, juga pada halaman Angka tanpa token",
            en="true: everybody reads it, also on the page Angka without a token",
            example=True,
        ),
    ] = False


_NUMBER_IN_NAME: Final = Fault(
    "personal-number-in-name",
    "#/name",
    "Nama cuplikan tidak boleh memuat NIP atau NIK: nama itu dibaca siapa pun dan tidak dapat diubah. Beri nama lain.",
    "A snapshot's name may hold no NIP or NIK: everybody reads it, and it cannot be changed. Give it another name.",
)


def take(*, actor: Actor, given: SnapshotGiven, now: datetime, request: RequestFacts | None = None) -> Sealed:
    """Count, withhold and store inside the caller's transaction. Returns the entry, whose stream is the snapshot's id.

    Raises `NotForThisRole`, `NotInOffice` (an examiner publishes without a mandate), `InvalidGiven`, `BeyondHead`
    (also where nothing has its place in the log yet), `NearPublished`, `SnapshotExists`.
    """
    if actor.roles.isdisjoint(MAY):
        raise NotForThisRole(MAY)
    if personal_numbers.is_or_could_be_in(given.name):
        raise InvalidGiven((_NUMBER_IN_NAME,))
    if given.published and not actor.is_auditor:
        _require_mandate(actor, now=now)
    head, index, recorded_at = moment(given.as_of)
    if index > head or index < 0:
        raise BeyondHead(head)
    as_of = {"index": index, "at": None if recorded_at is None else ledger.instant(recorded_at)}
    # How long answers took is known of today only.
    handling = _handling(actor, now=now) if index == head else []
    content = contents(given.name, as_of, actor=actor, published=given.published) | {"handling": handling}
    return _stored(given, content, index=index, actor=actor, now=now, request=request)


def _require_mandate(actor: Actor, *, now: datetime) -> None:
    """Who publishes as the examiner is the examiner of today. Raises `NotInOffice`, which names that one."""
    held = list(directory.mandates(in_force_on=local_day(now, actor.time_zone)))
    if all(mandate.agency_id != actor.agency_id for mandate in held):
        raise NotInOffice([f"{one.agency.name} ({one.agency.code}), {one.code}" for one in held])


def _stored(
    given: SnapshotGiven,
    content: Mapping[str, Any],
    *,
    index: int,
    actor: Actor,
    now: datetime,
    request: RequestFacts | None,
) -> Sealed:
    row: dict[str, Any] = {
        "id": str(uuid7(now)),
        "name": given.name,
        "index": index,
        "agency_id": actor.agency_id,
        "published": given.published,
        "content": ledger.canonical(content).decode(),
        "created_at": ledger.instant(now),
    }
    state = ledger.commit(row)
    try:
        with transaction.atomic():
            Snapshot.objects.create(**{**row, "created_at": now}, name_key=name_key(given.name), salt=state.salt)
    except IntegrityError:
        same = Q(name=given.name) | Q(name_key=name_key(given.name))
        existing = Snapshot.objects.filter(same).values_list("pk", flat=True).first()
        if existing is None:
            raise
        raise SnapshotExists(existing) from None
    return ledger.append_committed(
        stream=UUID(row["id"]),
        kind=KIND,
        state=state,
        record=ledger.digest_of(row),
        now=now,
        author=actor.as_recorder(),
        request=request,
        is_first=True,
    )


def name_key(name: str) -> str:
    """A snapshot's name as it is compared with others."""
    longest: int = Snapshot._meta.get_field("name_key").max_length or 0
    return number_key(name)[:longest]


def digest_of(snapshot: Snapshot) -> str:
    """The SHA-256 of its content, in hexadecimal digits: what one quotes beside a number of it."""
    return hashlib.sha256(snapshot.content.encode()).hexdigest()


def read(snapshot: Snapshot) -> dict[str, Any]:
    """The content as it was stored; its numbers stand in the order of the measures, which the stored form has not."""
    found: dict[str, Any] = json.loads(snapshot.content)
    rows = [row for table in found["tables"] for row in table["rows"]]
    for told in (*found["totals"], *rows):
        numbers = told["numbers"]
        told["numbers"] = {one.code: numbers[one.code] for one in measures_of("officers") if one.code in numbers}
    return found


def visible(actor: Actor) -> SnapshotQuerySet:
    """The snapshots that the actor sees, each with the agency that took it."""
    rows: SnapshotQuerySet = Snapshot.objects.visible_to(actor).select_related("agency")
    return rows


def newest() -> Snapshot | None:
    """The published snapshot that was taken last; None before there is one."""
    found: Snapshot | None = Snapshot.objects.published().select_related("agency").order_by("-pk").first()
    return found


# -- what it holds -----------------------------------------------------------------------------------------------------


def contents(name: str, as_of: Mapping[str, Any], *, actor: Actor, published: bool = False) -> dict[str, Any]:
    """The tables as of that place in the log, each in a statement or two, however many rows there are.

    Raises `NearPublished`, for what is going to be published.
    """
    index: int = as_of["index"]

    def found(*by: DimensionName, unit: Unit = "casefiles") -> Found:
        return units(Question(unit=unit, by=by), index=index, actor=actor)

    earlier = earlier_of(actor, index=index)
    tables = {table.by: found(table.by) for table in TABLES if table.by not in OF_CONTENT}
    mixed = units(Question(by=("mix",), most=MOST_MIXED), index=index, actor=actor)
    tables |= {by: _sorted_out(mixed, place) for place, by in enumerate(MIXED)}
    return {
        "format": FORMAT,
        "name": name,
        "origin": settings.LINTAS_LOG_ORIGIN,
        "as_of": dict(as_of),
        "root": reading.root(index + 1).hex(),
        "edition": EDITION,
        "catalogue": load_catalogue().version,
        "sight": "all" if actor.is_auditor else "own",
        "counted_for": {"code": actor.agency_code, "name": actor.agency_name},
        "suppressed_below": THRESHOLD,
        **withheld(
            tables,
            {unit.code: found(unit=unit.code).totals for unit in UNITS if unit.code != "casefiles"},  # type: ignore[arg-type]
            earlier=earlier if published else replace(earlier, guarded=None, compared=()),
        ),
    }


def _sorted_out(mixed: Found, place: int) -> Found:
    """The units by one of the members of `mix`; a list of several keys puts a unit into several rows."""
    rows: defaultdict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
    alone: defaultdict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
    for (text,), row in mixed.rows.items():
        member = json.loads(text)[place]
        keys = (member or [None]) if isinstance(member, list) else [member]
        for key in keys:
            rows[key,].update(row.profiles)
            if len(keys) == 1:
                alone[key,].update(row.profiles)
    return Found(
        rows={key: Row(units_of, frozenset(alone[key])) for key, units_of in rows.items()},
        alone={key: alone[key] for key in rows},
        totals=mixed.totals,
        merged=mixed.merged,
        erased=mixed.erased,
        names={},
    )


def earlier_of(actor: Actor, *, index: int) -> Earlier:
    """What was published before, for a snapshot that this agency takes at that index."""
    rows = Snapshot.objects.published().select_related("agency").order_by("-pk")[:MOST_COMPARED]
    contents = [read(row) for row in rows]
    sight = "all" if actor.is_auditor else "own"
    alike = [one for one in contents if one["sight"] == sight]
    guarded = next((one for one in alike if sight == "all" or one["counted_for"]["code"] == actor.agency_code), None)
    moves = () if guarded is None else between.moved(earlier=guarded["as_of"]["index"], now=index, actor=actor)
    return Earlier(contents[0] if contents else None, contents, guarded, moves)


def _handling(actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """How many days an answer took, by what was asked: half of them at most so many, and nine of ten.

    Counted when the snapshot was taken, over the turns answered by then; without how many they were, so that it tells
    of no count, and nothing of what fewer than `THRESHOLD` were asked.
    """
    return [
        {"purpose": one.key[0], "median_days": one.median_days, "p90_days": one.p90_days}
        for one in sorted(obligations(actor, by=("purpose",), now=now), key=lambda one: one.key)
        if one.answered >= THRESHOLD
    ]
