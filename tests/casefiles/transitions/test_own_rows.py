"""Contract staff fall under their own agency's rows of sanctions: what those say holds for its officers only."""

import dataclasses
import datetime as dt

import pytest

from casefiles.catalogue import book as files
from casefiles.catalogue import law
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.classification import compare, fits_employment
from casefiles.catalogue.law import LawBook
from casefiles.catalogue.rows import Sanction
from casefiles.flow import Refused, State
from tests.casefiles.flow import views
from tests.factories import PEMKOT, Story, casefile_at, known_subject

ON = dt.date(2024, 11, 4)
DELAY = "pppk_raise_delay_1y"


def with_own_row(agency: str, code: str = DELAY, **said: object) -> Catalogue:
    """The catalogue, and beside the general row of a delayed raise that agency's own, which says otherwise."""
    catalogue = files.load()
    listed = catalogue.lists["sanctions"]
    general = next(row for row in listed.rows if isinstance(row, Sanction) and row.code == DELAY and row.agency is None)
    own = dataclasses.replace(general, code=code, agency=agency, **said)  # type: ignore[arg-type]  # any column
    lists = {**catalogue.lists, "sanctions": dataclasses.replace(listed, rows=(*listed.rows, own))}
    return dataclasses.replace(catalogue, lists=lists)


def test_an_agency_s_own_row_takes_the_general_one_s_place_for_its_officers_only() -> None:
    catalogue = with_own_row(PEMKOT, remedy="none", rank=999, employment_kinds=("pppk",))
    book = LawBook(catalogue, views.law().calendar)
    assert [book.of(agency).sanction(DELAY)["remedy"] for agency in (PEMKOT, "pemkab-agam", None)] == [
        "none", "objection", "objection",
    ]  # fmt: skip
    assert book.of(PEMKOT).contest_ends(DELAY, ON, ON) is None
    assert book.of(None).contest_ends(DELAY, ON, ON) is not None
    kinds = [fits_employment(DELAY, "pppk_part_time", ON, catalogue, agency=one) for one in (PEMKOT, None)]
    assert kinds == [False, True]
    assert compare("pppk_grade_down_1y", DELAY, catalogue, agency=PEMKOT) == "heavier"
    assert compare("pppk_grade_down_1y", DELAY, catalogue) == "lighter"


def test_what_only_another_agency_knows_is_no_sanction_here() -> None:
    catalogue = with_own_row("pemkab-demak", code="pppk_extra_duty")
    fits = {
        agency: fits_employment("pppk_extra_duty", "pppk", ON, catalogue, agency=agency)
        for agency in ("pemkab-demak", PEMKOT, None)
    }
    assert fits == {"pemkab-demak": True, PEMKOT: False, None: False}


@pytest.mark.usefixtures("db", "world")
def test_the_flow_judges_by_the_rows_of_the_officer_s_employer(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = with_own_row(PEMKOT, remedy="none")
    monkeypatch.setattr(law, "load_catalogue", lambda: catalogue)
    told: Story = casefile_at(State.AWAITING_SANCTION, subjects=(known_subject(employment_kind="pppk"),), through=SHORT)
    told.do("report-sanction", sanction=DELAY)
    told.do("record-delivery")
    # Without a remedy nothing is waited for.
    told.do("close", contest_waived=None)
    assert told.row.outcome == "sanctioned"


@pytest.mark.usefixtures("db", "world")
def test_a_sanction_of_another_agency_is_refused_and_not_stumbled_over(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = with_own_row("pemkab-demak", code="pppk_extra_duty")
    monkeypatch.setattr(law, "load_catalogue", lambda: catalogue)
    told = casefile_at(State.AWAITING_SANCTION, subjects=(known_subject(employment_kind="pppk"),), through=SHORT)
    with pytest.raises(Refused) as refused:
        told.do("report-sanction", sanction="pppk_extra_duty", reason=None)
    assert {reason.code for reason in refused.value.reasons} == {"sanction-does-not-fit", "reason-missing"}


SHORT = ("accept", "recommend", "acknowledge")
