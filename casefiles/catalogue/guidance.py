"""What the law says of an act before it is done: the class that a finding of it would get, and until which day.

Class, item and explanation are those of `classification.classify`, the one function that a finding's class comes from.
What stands beside them is read from the same rows: which sanctions exist for that kind of employment, since which day
the answer is this one, and on which day it becomes another. Pure: what is asked is kept nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from casefiles.catalogue import election_stages, places
from casefiles.catalogue.book import Catalogue, UnknownCode
from casefiles.catalogue.classification import RELATED, Classification, classify
from casefiles.catalogue.election_stages import StageNow
from casefiles.catalogue.rows import Code as CodeRow
from casefiles.catalogue.rows import Row, Sanction
from casefiles.errors import Fault
from casefiles.shapes import Ascending, Certainty, Code, Date, Doc, RegionCode

NOT_A_RULING_ID = (
    "Ini keterangan dari katalog, bukan putusan. Golongan suatu perbuatan ditetapkan dalam pemeriksaan atas semua "
    "keadaannya; perbuatan yang tidak ada dalam daftar tidak berarti dibolehkan."
)
NOT_A_RULING_EN = (
    "This is what the catalogue says, not a ruling. The class of an act is found by an examination of all its "
    "circumstances; an act that is not in the list is not thereby allowed."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An act, by what its class is computed from; named as in the `inputs` that a file keeps of a class."""

    orders: ClassVar[tuple[Ascending, ...]] = (Ascending("act_date", "act_until"),)

    form: Annotated[str, Code("violations"), Doc(id="Bentuk", en="Form", example="social_media_engagement")]
    act_date: Annotated[
        Date,
        Doc(id="Tanggal perbuatan; boleh yang akan datang", en="Day of the act; may lie ahead", example="2024-09-21"),
    ]
    act_until: Annotated[Date, Doc(id="Sampai, bila berlangsung", en="Until, if it lasts")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election", example="pilkada-2024")] | None = (
        None
    )
    election_nexus: Annotated[
        str, Code("election_nexus"), Doc(id="Kaitan pemilihan", en="Election nexus", example="election_related")
    ] = RELATED
    contest_office: (
        Annotated[str, Code("contest_office"), Doc(id="Jabatan yang dipilih", en="Office contested", example="mayor")]
        | None
    ) = None
    region: Annotated[RegionCode, Doc(id="Wilayah pemilihan", en="The contest's region", example="13.71")] | None = None
    employment_kind: (
        Annotated[str, Code("employment_kind"), Doc(id="Jenis ASN", en="Employment kind", example="pns")] | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the catalogue says of an act on one day. `sanctions` are those of the level, none where none is named."""

    found: Classification
    sanctions: tuple[Sanction, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two days answer alike."""
        found = self.found
        codes = tuple(row.code for row in self.sanctions)
        return (found.violation_class, found.annex_item, found.level, found.edition, found.legal_basis, codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The answer. `since` is the first day on which it is true (None: always), `until` the first on which it is not.

    `then` is what holds from `until` on; both are None where the catalogue knows of no change. `stage` is None for an
    act that is not related to an election. `decree` is the joint decree whose annex was read, None where none was.
    """

    asked: Asked
    now: Standing
    stage: StageNow | None
    decree: CodeRow | None
    level: CodeRow | None
    since: dt.date | None
    until: dt.date | None
    then: Standing | None

    @property
    def certainty(self) -> Certainty:
        """The weakest mark among the rows that the class rests on."""
        return self.now.found.certainty


def faults(asked: Asked, catalogue: Catalogue) -> list[Fault]:
    """A contest that nobody holds, as a finding would be refused for it; pointers name the members of `Asked`."""
    if asked.contest_office is None:
        return []
    fault = places.contest_fault(
        asked.contest_office, asked.region, election=asked.election, catalogue=catalogue, pointer="#"
    )
    return [] if fault is None else [replace(fault, pointer=_MEMBERS.get(fault.pointer, fault.pointer))]


_MEMBERS = {"#/office": "#/contest_office", "#/region": "#/region"}


def advise(asked: Asked, catalogue: Catalogue) -> Guidance:
    """The class of that act, and what follows. UnknownCode for an unknown form."""
    day = max(asked.act_date, asked.act_until or asked.act_date)
    now = _standing(asked, catalogue)
    days = sorted(set(_days_of_change(asked, now, catalogue)))
    since = None
    for earlier in (changed_on for changed_on in reversed(days) if changed_on <= day):
        if _on(asked, earlier - dt.timedelta(days=1), catalogue).key != now.key:
            since = earlier
            break
    later = ((changed_on, _on(asked, changed_on, catalogue)) for changed_on in days if changed_on > day)
    until, then = next(
        ((changed_on, standing) for changed_on, standing in later if standing.key != now.key), (None, None)
    )
    found = now.found
    return Guidance(
        asked=asked,
        now=now,
        stage=_stage(asked, catalogue) if found.inputs.is_related else None,
        decree=_decree(found.edition, catalogue),
        level=_level(found.level, catalogue),
        since=since,
        until=until,
        then=then,
    )


def level_of(standing: Standing, catalogue: Catalogue) -> CodeRow | None:
    """The level or sanction that the annex names for that standing, with its words."""
    return _level(standing.found.level, catalogue)


def _on(asked: Asked, day: dt.date, catalogue: Catalogue) -> Standing:
    return _standing(replace(asked, act_date=day, act_until=None), catalogue)


def _standing(asked: Asked, catalogue: Catalogue) -> Standing:
    found = classify(
        form=asked.form,
        act_date=asked.act_date,
        act_until=asked.act_until,
        election=asked.election,
        election_nexus=asked.election_nexus,
        contest_office=asked.contest_office,
        region=asked.region,
        catalogue=catalogue,
    )
    return Standing(found=found, sanctions=tuple(_sanctions(found, asked.employment_kind, catalogue)))


def _sanctions(found: Classification, employment_kind: str | None, catalogue: Catalogue) -> Iterator[Sanction]:
    """The general sanctions of that level on the act's last day, lightest first; an agency's own rows are left out."""
    if found.level is None:
        return
    rows = sorted(_named(found.level, catalogue), key=lambda row: row.rank)
    for row in rows:
        fits = employment_kind is None or employment_kind in row.employment_kinds
        if row.agency is None and fits and row.in_force(on=found.inputs.last_day):
            yield row


def _named(level: str, catalogue: Catalogue) -> tuple[Sanction, ...]:
    return catalogue.sanctions_of_level(level) if catalogue.level(level) else catalogue.sanctions_called(level)


def _days_of_change(asked: Asked, now: Standing, catalogue: Catalogue) -> Iterator[dt.date]:
    """Every day on which the answer may become another: of the designation, the annex, and the sanctions it names."""
    if now.found.designation_on is not None:
        yield now.found.designation_on
    annex = (*catalogue.annex_rows(asked.form, "before"), *catalogue.annex_rows(asked.form, "after"))
    yield from _ends(annex)
    for level in {row.level for row in annex if row.level is not None}:
        yield from _ends(_named(level, catalogue))


def _ends(rows: Iterable[Row]) -> Iterator[dt.date]:
    for row in rows:
        yield from (day for day in (row.valid_from, row.valid_until) if day is not None)


def _stage(asked: Asked, catalogue: Catalogue) -> StageNow:
    return election_stages.stage_on(asked.election, asked.contest_office, asked.region, asked.act_date, catalogue)


def _decree(edition: str | None, catalogue: Catalogue) -> CodeRow | None:
    try:
        return catalogue.codes("annex_edition").get(f"edition_{edition}")
    except UnknownCode:
        # A version of before the list.
        return None


def _level(level: str | None, catalogue: Catalogue) -> CodeRow | None:
    return None if level is None else catalogue.codes("sanctions-and-levels").get(level)
