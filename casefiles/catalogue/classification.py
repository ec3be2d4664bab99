"""Which class a violation belongs to, and how an imposed sanction compares with the one recommended.

The same act is a breach of ethics before the candidates are designated and a breach of discipline from the day of the
designation on (annex II of the joint decision of 2022, parts A and B). The class is therefore never given: it is
computed from form, dates, contest and catalogue, and says from which inputs, on which rows and on which decree it
rests. What a file keeps of it (`explained`) is enough to compute it again (`reproduce`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from casefiles.catalogue.book import Catalogue, UnknownCode
from casefiles.catalogue.rows import AnnexRow, Phase, Sanction, StagePeriod, ViolationClass, weakest
from casefiles.file import ClassReasoning
from casefiles.file import Designation as DesignationHeld
from casefiles.shapes import Certainty

Comparison = Literal["equal", "lighter", "heavier", "different_kind"]

_CLASS_ID: dict[ViolationClass, str] = {"ethics": "pelanggaran kode etik", "discipline": "pelanggaran disiplin"}
_CLASS_EN: dict[ViolationClass, str] = {"ethics": "a breach of ethics", "discipline": "a breach of discipline"}


# What the act has to do with an election is the submitter's word (list `election_nexus`).
RELATED = "election_related"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that was stated about the act and that its class is computed from."""

    form: str
    act_date: dt.date
    act_until: dt.date | None
    election: str | None
    election_nexus: str
    contest_office: str | None
    region: str | None

    @property
    def last_day(self) -> dt.date:
        """The last day of an act that lasts, else its only day."""
        return max(self.act_date, self.act_until or self.act_date)

    @property
    def is_related(self) -> bool:
        """Whether the act has to do with the election at all; if not, no designation can change its class."""
        return self.election_nexus == RELATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The row of the annex that was read. One that was not `in_force` on the act's last day was read by analogy."""

    edition: str
    annex_item: str | None
    phase: Phase
    valid_from: dt.date | None
    valid_until: dt.date | None
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Designation:
    """The day of designation that the act was held against, for which region, on which decree, how well founded.

    `decree` is None where its number is not recorded; `legal_basis` is what scheduled the day.
    """

    designated_on: dt.date
    region: str | None
    decree: str | None
    legal_basis: str | None
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of one violation, and on what it rests.

    `level` is the level or sanction the annex names, if any; `rule_version` the catalogue's; `certainty` the weakest
    mark among the rows used; `edition` None when no annex was in force at the act; `designation` None when none is
    known, or when the act has nothing to do with the election.
    """

    violation_class: ViolationClass
    annex_item: str | None
    level: str | None
    edition: str | None
    rule_version: str
    legal_basis: str | None
    certainty: Certainty
    designation: Designation | None
    designation_pending: bool
    reasoning_id: str
    reasoning_en: str
    inputs: Inputs
    rule: Rule

    @property
    def designation_on(self) -> dt.date | None:
        """The day of designation, if there is one to go by."""
        return self.designation.designated_on if self.designation else None


def classify(
    *,
    form: str,
    act_date: dt.date,
    act_until: dt.date | None,
    election: str | None,
    contest_office: str | None,
    region: str | None,
    catalogue: Catalogue,
    election_nexus: str = RELATED,
) -> Classification:
    """The class of that form of act in that contest. `act_until` is the last day of an act that lasts (a banner).

    An act that reaches into the time from designation on is discipline. While the designation is not known it is
    ethics, flagged `designation_pending`. An act that is not related to the election is held against no designation:
    it has the form's class before one, and nothing is pending. UnknownCode for an unknown form; an unknown election or
    office counts as one whose candidates are not designated.
    """
    inputs = Inputs(
        form=form,
        act_date=act_date,
        act_until=act_until,
        election=election,
        election_nexus=election_nexus,
        contest_office=contest_office,
        region=region,
    )
    designated = _designated(inputs, catalogue)
    designation_on = designated.valid_from if designated else None
    phase: Phase = "after" if designation_on is not None and inputs.last_day >= designation_on else "before"
    rows = {row.phase: row for row in _rows_of_the_day(form, inputs.last_day, catalogue)}
    row = rows[phase]
    in_force = row.in_force(on=inputs.last_day)
    # Some forms are discipline at any time (a party member): their class does not rest on the designation.
    rests_on_designation = rows["before"].violation_class != rows["after"].violation_class
    marks: list[Certainty] = [row.certainty if in_force else "proposal"]
    if designated is not None and rests_on_designation:
        marks.append(designated.certainty)
    reasoning_id, reasoning_en = _reasoning(
        inputs, row, designation_on, in_force=in_force, rests_on_designation=rests_on_designation
    )
    return Classification(
        violation_class=row.violation_class,
        annex_item=row.annex_item if in_force else None,
        level=row.level if in_force else None,
        edition=row.edition if in_force else None,
        rule_version=catalogue.version,
        legal_basis=row.legal_basis if in_force else None,
        certainty=weakest(*marks),
        designation=_as_designation(designated),
        designation_pending=inputs.is_related and designation_on is None and rests_on_designation,
        reasoning_id=reasoning_id,
        reasoning_en=reasoning_en,
        inputs=inputs,
        rule=Rule(
            edition=row.edition,
            annex_item=row.annex_item,
            phase=row.phase,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            in_force=in_force,
        ),
    )


def explained(found: Classification) -> ClassReasoning:
    """What a file keeps as the `class` of a violation: the explanation as plain JSON, its inputs included."""
    return {
        "level": found.level,
        "edition": found.edition,
        "rule_version": found.rule_version,
        "legal_basis": found.legal_basis,
        "certainty": found.certainty,
        "designation_on": _iso(found.designation_on),
        "designation_pending": found.designation_pending,
        "inputs": {
            "form": found.inputs.form,
            "act_date": found.inputs.act_date.isoformat(),
            "act_until": _iso(found.inputs.act_until),
            "election": found.inputs.election,
            "election_nexus": found.inputs.election_nexus,
            "contest_office": found.inputs.contest_office,
            "region": found.inputs.region,
        },
        "rule": {
            "edition": found.rule.edition,
            "annex_item": found.rule.annex_item,
            "phase": found.rule.phase,
            "valid_from": _iso(found.rule.valid_from),
            "valid_until": _iso(found.rule.valid_until),
            "in_force": found.rule.in_force,
        },
        "designation": _designation(found.designation) if found.designation else None,
        "reasoning_id": found.reasoning_id,
        "reasoning_en": found.reasoning_en,
    }


def reproduce(violation_class: Mapping[str, Any], catalogue: Catalogue) -> Classification:
    """The class computed again from the inputs that a file keeps (`explained`), and from nothing else of the file.

    Under the catalogue of the kept `rule_version` it is what was kept; under a later one it shows what a change of the
    law would mean.
    """
    kept = violation_class["inputs"]
    return classify(
        form=kept["form"],
        act_date=dt.date.fromisoformat(kept["act_date"]),
        act_until=dt.date.fromisoformat(kept["act_until"]) if kept["act_until"] else None,
        election=kept["election"],
        election_nexus=kept["election_nexus"],
        contest_office=kept["contest_office"],
        region=kept["region"],
        catalogue=catalogue,
    )


def compare(recommended: str, imposed: str, catalogue: Catalogue, *, agency: str | None = None) -> Comparison:
    """How the imposed sanction stands to the recommendation, with the precision of the recommendation.

    A recommended level is met by any sanction of that level; a recommended sanction only by one of its rank. Another
    family is `different_kind`. UnknownCode when `recommended` is neither level nor sanction, or `imposed` no sanction.
    `agency` is the officer's, whose own rows go before the general ones.
    """
    given = catalogue.sanction(imposed, agency=agency)
    wanted_level = catalogue.level(recommended)
    if wanted_level is not None:
        if given.family != wanted_level.family:
            return "different_kind"
        given_level = catalogue.level(given.level) if given.level is not None else None
        if given_level is None:
            raise UnknownCode(f"the sanction {imposed} has no level")
        return _rank(wanted_level.rank, given_level.rank)
    wanted = catalogue.sanction(recommended, agency=agency)
    return "different_kind" if given.family != wanted.family else _rank(wanted.rank, given.rank)


def fits_employment(
    sanction: str, employment_kind: str, on: dt.date, catalogue: Catalogue, *, agency: str | None = None
) -> bool:
    """Whether that sanction, or one of that level, may be imposed on such an officer on that day. UnknownCode.

    Another agency's rows do not count; those of the officer's own `agency` take the place of the general ones.
    """
    if catalogue.level(sanction) is not None:
        candidates: tuple[Sanction, ...] = catalogue.sanctions_of_level(sanction)
    else:
        candidates = catalogue.sanctions_called(sanction)
    own = {row.code for row in candidates if row.agency is not None and row.agency == agency}
    return any(
        employment_kind in row.employment_kinds and row.in_force(on=on)
        for row in candidates
        if row.agency == (agency if row.code in own else None)
    )


def _rank(wanted: int, given: int) -> Comparison:
    if given == wanted:
        return "equal"
    return "lighter" if given < wanted else "heavier"


def _designated(inputs: Inputs, catalogue: Catalogue) -> StagePeriod | None:
    if not inputs.is_related or inputs.election is None or inputs.contest_office is None:
        return None
    return catalogue.designation_row(inputs.election, inputs.contest_office, inputs.region)


def _as_designation(row: StagePeriod | None) -> Designation | None:
    if row is None or row.valid_from is None:
        return None
    return Designation(
        designated_on=row.valid_from,
        region=row.region,
        decree=row.decree,
        legal_basis=row.legal_basis,
        certainty=row.certainty,
    )


def _rows_of_the_day(form: str, day: dt.date, catalogue: Catalogue) -> tuple[AnnexRow, AnnexRow]:
    """The rows before and after designation, of the edition in force that day, else of the first one by analogy."""
    before = catalogue.annex_row(form, "before", on=day) or catalogue.annex_rows(form, "before")[0]
    after = catalogue.annex_row(form, "after", on=day) or catalogue.annex_rows(form, "after")[0]
    return before, after


def _reasoning(
    inputs: Inputs, row: AnnexRow, designation_on: dt.date | None, *, in_force: bool, rests_on_designation: bool
) -> tuple[str, str]:
    """Why this class, in Indonesian and English: the dates, the designation, the row."""
    first, last = inputs.act_date.isoformat(), inputs.last_day.isoformat()
    act_id = f"Perbuatan {first}" if first == last else f"Perbuatan {first} sampai {last}"
    act_en = f"The act of {first}" if first == last else f"The act from {first} to {last}"
    when_id, when_en = _held_against(inputs, row, designation_on, rests_on_designation=rests_on_designation)
    class_id, class_en = _CLASS_ID[row.violation_class], _CLASS_EN[row.violation_class]
    if not in_force:
        rule_id = "tidak ada lampiran yang berlaku pada tanggal itu dalam katalog; golongan dibaca dengan analogi"
        rule_en = "the catalogue has no annex in force on that day; the class is read by analogy"
    elif row.annex_item is None:
        rule_id, rule_en = f"lampiran edisi {row.edition}, tanpa butir", f"annex, edition {row.edition}, no item"
    else:
        rule_id = f"lampiran edisi {row.edition}, butir {row.annex_item}"
        rule_en = f"annex, edition {row.edition}, item {row.annex_item}"
    return f"{act_id}: {when_id}; {class_id} ({rule_id}).", f"{act_en}: {when_en}; {class_en} ({rule_en})."


def _held_against(
    inputs: Inputs, row: AnnexRow, designation_on: dt.date | None, *, rests_on_designation: bool
) -> tuple[str, str]:
    """How the act stands to the designation of candidates."""
    if not rests_on_designation:
        return "tidak bergantung pada penetapan calon", "does not depend on a designation"
    if not inputs.is_related:
        return (
            "tidak beririsan dengan pemilihan, jadi dinilai menurut bentuknya tanpa penetapan calon",
            "is not related to the election and so is judged by its form, without a designation",
        )
    if designation_on is None:
        if inputs.contest_office in {None, "none"}:
            return (
                "penetapan calon belum diketahui karena pemilihan yang dimaksud (contest) tidak disebut",
                "the designation of candidates is not known yet, because no contest was named",
            )
        return "penetapan calon belum diketahui", "the designation of candidates is not known yet"
    day = designation_on.isoformat()
    if row.phase == "before":
        return f"berakhir sebelum penetapan calon {day}", f"ended before the candidates were designated on {day}"
    if inputs.act_date < designation_on:
        return f"berlanjut melewati penetapan calon {day}", f"lasted beyond the designation of candidates on {day}"
    return f"terjadi sejak penetapan calon {day}", f"took place after the candidates were designated on {day}"


def _designation(held: Designation) -> DesignationHeld:
    return {
        "designated_on": held.designated_on.isoformat(),
        "region": held.region,
        "decree": held.decree,
        "legal_basis": held.legal_basis,
        "certainty": held.certainty,
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
