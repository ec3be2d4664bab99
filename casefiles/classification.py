"""Which class a violation belongs to, and how an imposed sanction compares with the one recommended.

The same act is a breach of ethics before the candidates are designated and a breach of discipline from the day of the
designation on (annex II of the joint decision of 2022, parts A and B). The class is therefore never given: it is
computed from form, dates, contest and catalogue, and says on which rows it rests.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from casefiles.catalogue import Catalogue, UnknownCode
from casefiles.catalogue_rows import AnnexRow, Certainty, Phase, Sanction, ViolationClass, weakest

Comparison = Literal["equal", "lighter", "heavier", "different_kind"]

_CLASS_ID: dict[ViolationClass, str] = {"ethics": "pelanggaran kode etik", "discipline": "pelanggaran disiplin"}
_CLASS_EN: dict[ViolationClass, str] = {"ethics": "a breach of ethics", "discipline": "a breach of discipline"}


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of one violation, and on what it rests.

    `level` is the level or sanction the annex names, if any; `rule_version` the catalogue's; `certainty` the weakest
    mark among the rows used; `edition` None when no annex was in force at the act.
    """

    violation_class: ViolationClass
    annex_item: str | None
    level: str | None
    edition: str | None
    rule_version: str
    legal_basis: str | None
    certainty: Certainty
    designation_on: dt.date | None
    designation_pending: bool
    reasoning_id: str
    reasoning_en: str


def classify(
    *,
    form: str,
    act_date: dt.date,
    act_until: dt.date | None,
    election: str | None,
    contest_office: str | None,
    region: str | None,
    catalogue: Catalogue,
) -> Classification:
    """The class of that form of act in that contest. `act_until` is the last day of an act that lasts (a banner).

    An act that reaches into the time from designation on is discipline. While the designation is not known it is
    ethics, flagged `designation_pending`. UnknownCode for an unknown form; an unknown election or office counts as one
    whose candidates are not designated.
    """
    last_day = max(act_date, act_until or act_date)
    designated = None
    if election is not None and contest_office is not None:
        designated = catalogue.designation_row(election, contest_office, region)
    designation_on = designated.valid_from if designated else None
    phase: Phase = "after" if designation_on is not None and last_day >= designation_on else "before"
    rows = {row.phase: row for row in _rows_of_the_day(form, last_day, catalogue)}
    row = rows[phase]
    in_force = row.in_force(on=last_day)
    # Some forms are discipline at any time (a party member): their class does not rest on the designation.
    rests_on_designation = rows["before"].violation_class != rows["after"].violation_class
    marks: list[Certainty] = [row.certainty if in_force else "proposal"]
    if designated is not None and rests_on_designation:
        marks.append(designated.certainty)
    pending = designation_on is None and rests_on_designation
    reasoning_id, reasoning_en = _reasoning(
        row, act_date, last_day, designation_on, in_force=in_force, rests_on_designation=rests_on_designation
    )
    return Classification(
        violation_class=row.violation_class,
        annex_item=row.annex_item if in_force else None,
        level=row.level if in_force else None,
        edition=row.edition if in_force else None,
        rule_version=catalogue.version,
        legal_basis=row.legal_basis if in_force else None,
        certainty=weakest(*marks),
        designation_on=designation_on,
        designation_pending=pending,
        reasoning_id=reasoning_id,
        reasoning_en=reasoning_en,
    )


def compare(recommended: str, imposed: str, catalogue: Catalogue) -> Comparison:
    """How the imposed sanction stands to the recommendation, with the precision of the recommendation.

    A recommended level is met by any sanction of that level; a recommended sanction only by one of its rank. Another
    family is `different_kind`. UnknownCode when `recommended` is neither level nor sanction, or `imposed` no sanction.
    """
    given = catalogue.sanction(imposed)
    wanted_level = catalogue.level(recommended)
    if wanted_level is not None:
        if given.family != wanted_level.family:
            return "different_kind"
        given_level = catalogue.level(given.level) if given.level is not None else None
        if given_level is None:
            raise UnknownCode(f"the sanction {imposed} has no level")
        return _rank(wanted_level.rank, given_level.rank)
    wanted = catalogue.sanction(recommended)
    return "different_kind" if given.family != wanted.family else _rank(wanted.rank, given.rank)


def fits_employment(sanction: str, employment_kind: str, on: dt.date, catalogue: Catalogue) -> bool:
    """Whether that sanction, or one of that level, may be imposed on such an officer on that day. UnknownCode."""
    if catalogue.level(sanction) is not None:
        candidates: tuple[Sanction, ...] = catalogue.sanctions_of_level(sanction)
    else:
        candidates = catalogue.sanctions_called(sanction)
    return any(employment_kind in row.employment_kinds and row.in_force(on=on) for row in candidates)


def _rank(wanted: int, given: int) -> Comparison:
    if given == wanted:
        return "equal"
    return "lighter" if given < wanted else "heavier"


def _rows_of_the_day(form: str, day: dt.date, catalogue: Catalogue) -> tuple[AnnexRow, AnnexRow]:
    """The rows before and after designation, of the edition in force that day, else of the first one by analogy."""
    before = catalogue.annex_row(form, "before", on=day) or catalogue.annex_rows(form, "before")[0]
    after = catalogue.annex_row(form, "after", on=day) or catalogue.annex_rows(form, "after")[0]
    return before, after


def _reasoning(
    row: AnnexRow,
    act_date: dt.date,
    last_day: dt.date,
    designation_on: dt.date | None,
    *,
    in_force: bool,
    rests_on_designation: bool,
) -> tuple[str, str]:
    """Why this class, in Indonesian and English: the dates, the designation, the row."""
    first, last = act_date.isoformat(), last_day.isoformat()
    act_id = f"Perbuatan {first}" if first == last else f"Perbuatan {first} sampai {last}"
    act_en = f"The act of {first}" if first == last else f"The act from {first} to {last}"
    if not rests_on_designation:
        when_id, when_en = "tidak bergantung pada penetapan calon", "does not depend on a designation"
    elif designation_on is None:
        when_id, when_en = "penetapan calon belum diketahui", "the designation of candidates is not known yet"
    elif row.phase == "before":
        when_id = f"berakhir sebelum penetapan calon {designation_on.isoformat()}"
        when_en = f"ended before the candidates were designated on {designation_on.isoformat()}"
    elif act_date < designation_on:
        when_id = f"berlanjut melewati penetapan calon {designation_on.isoformat()}"
        when_en = f"lasted beyond the designation of candidates on {designation_on.isoformat()}"
    else:
        when_id = f"terjadi sejak penetapan calon {designation_on.isoformat()}"
        when_en = f"took place after the candidates were designated on {designation_on.isoformat()}"
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
