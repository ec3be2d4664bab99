"""The class of an act from form, dates and contest; what was imposed against what was recommended."""

import datetime as dt

import pytest

from casefiles.catalogue.book import UnknownCode, load
from casefiles.catalogue.classification import Classification, classify, compare, fits_employment

catalogue = load()
MAYOR_DESIGNATED = dt.date(2024, 9, 22)


def act(
    form: str,
    day: dt.date,
    *,
    until: dt.date | None = None,
    election: str | None = "pilkada-2024",
    office: str | None = "mayor",
) -> Classification:
    return classify(
        form=form,
        act_date=day,
        act_until=until,
        election=election,
        contest_office=office,
        region="13.71",
        catalogue=catalogue,
    )


def test_a_like_before_designation_is_a_breach_of_ethics() -> None:
    found = act("social_media_engagement", dt.date(2024, 9, 21))
    assert (found.violation_class, found.annex_item, found.level) == ("ethics", "A4", "moral_any")
    assert found.designation_on == MAYOR_DESIGNATED
    assert not found.designation_pending
    assert found.rule_version == catalogue.version
    assert found.edition == "2022"
    assert found.certainty == "seen"
    assert "PP 42/2004" in (found.legal_basis or "")


def test_the_same_like_on_the_day_of_designation_is_a_breach_of_discipline() -> None:
    found = act("social_media_engagement", MAYOR_DESIGNATED)
    assert (found.violation_class, found.annex_item, found.level) == ("discipline", "B6", "discipline_heavy")
    assert "PP 94/2021" in (found.legal_basis or "")


def test_a_banner_that_stays_up_across_designation_is_discipline_and_says_so() -> None:
    found = act("install_props", dt.date(2024, 9, 1), until=dt.date(2024, 9, 22))
    assert (found.violation_class, found.annex_item) == ("discipline", "B1")
    assert "2024-09-22" in found.reasoning_id
    assert "berlanjut melewati penetapan" in found.reasoning_id
    assert "lasted beyond the designation" in found.reasoning_en


def test_a_banner_taken_down_the_day_before_designation_is_ethics() -> None:
    found = act("install_props", dt.date(2024, 9, 1), until=dt.date(2024, 9, 21))
    assert (found.violation_class, found.annex_item) == ("ethics", "A1")


def test_an_end_before_the_beginning_does_not_make_the_act_earlier() -> None:
    assert act("install_props", MAYOR_DESIGNATED, until=dt.date(2024, 9, 1)).violation_class == "discipline"


@pytest.mark.parametrize(
    ("election", "office"), [(None, None), ("pilkada-2029", "mayor"), ("pilkada-2024", "none"), ("pilkada-2024", None)]
)
def test_without_a_designation_it_is_ethics_and_flagged(election: str | None, office: str | None) -> None:
    found = act("joint_photo", dt.date(2024, 10, 1), election=election, office=office)
    assert found.violation_class == "ethics"
    assert found.designation_pending
    assert found.designation_on is None
    assert "belum diketahui" in found.reasoning_id
    assert "not known yet" in found.reasoning_en


def test_two_contests_of_one_day_have_their_own_designation() -> None:
    between = dt.date(2023, 11, 8)
    senator = act("online_campaign", between, election="pemilu-2024", office="dpd")
    president = act("online_campaign", between, election="pemilu-2024", office="president")
    assert (senator.violation_class, president.violation_class) == ("discipline", "ethics")


def test_accompanying_a_candidate_at_registration_in_may_2023_is_ethics() -> None:
    found = act("introduction_event", dt.date(2023, 5, 12), election="pemilu-2024", office="dpd")
    assert (found.violation_class, found.annex_item) == ("ethics", "A6")


def test_the_weakest_mark_travels_with_the_result() -> None:
    # The annex item was seen, the day of designation is from memory.
    found = act("online_campaign", dt.date(2023, 12, 1), election="pemilu-2024", office="dprd_province")
    assert found.certainty == "memory"


@pytest.mark.parametrize("form", ["party_membership", "approach_party_or_public", "partisan_activity"])
def test_some_forms_are_discipline_whatever_the_designation(form: str) -> None:
    for found in (
        act(form, dt.date(2024, 1, 5)),
        act(form, dt.date(2024, 10, 5)),
        act(form, dt.date(2024, 1, 5), office=None),
    ):
        assert found.violation_class == "discipline"
        assert not found.designation_pending
        assert "tidak bergantung pada penetapan" in found.reasoning_id


def test_party_membership_leads_to_dismissal() -> None:
    assert act("party_membership", dt.date(2024, 1, 5)).level == "dismissal_dishonourable"


def test_another_form_takes_its_legal_basis_from_the_submitter() -> None:
    before, after = (act("other_with_legal_basis", day) for day in (dt.date(2024, 9, 1), dt.date(2024, 10, 1)))
    assert (before.violation_class, after.violation_class) == ("ethics", "discipline")
    assert before.annex_item is after.annex_item is None
    assert before.legal_basis is after.legal_basis is None
    assert before.certainty == "proposal"


def test_before_the_first_annex_the_class_is_an_analogy_and_nothing_more() -> None:
    found = act("social_media_engagement", dt.date(2019, 10, 1), election="pilkada-2020", office="governor")
    assert found.violation_class == "ethics"
    assert (found.edition, found.annex_item, found.level, found.legal_basis) == (None, None, None, None)
    assert found.certainty == "proposal"
    assert "analogi" in found.reasoning_id


@pytest.mark.parametrize(
    ("day", "edition", "level", "law"),
    [
        (dt.date(2020, 9, 9), None, None, None),
        (dt.date(2020, 9, 10), "2020", "discipline_medium", "PP 53/2010 Pasal 12 angka 8"),
        (dt.date(2021, 8, 30), "2020", "discipline_medium", "PP 53/2010 Pasal 12 angka 8"),
        (dt.date(2021, 8, 31), "2020", "discipline_heavy", "PP 94/2021 Pasal 14 huruf i angka 5"),
        (dt.date(2022, 9, 21), "2020", "discipline_heavy", "PP 94/2021 Pasal 14 huruf i angka 5"),
        (dt.date(2022, 9, 22), "2022", "discipline_heavy", "PP 94/2021 Pasal 14 huruf i angka 5"),
    ],
)
def test_a_support_letter_became_heavy_with_the_law_and_not_with_the_annex(
    day: dt.date, edition: str | None, level: str | None, law: str | None
) -> None:
    """The circular of 2016 says medium, and is right until PP 94/2021."""
    found = act("support_letter", day, election="pilkada-2020", office="governor")
    assert (found.violation_class, found.edition, found.level) == ("discipline", edition, level)
    assert (law or "") in (found.legal_basis or "")
    assert found.annex_item == ("B11" if edition == "2022" else None)


def test_a_case_of_the_elections_of_2020_says_that_its_item_is_not_known() -> None:
    before, after = (
        act("social_media_engagement", day, election="pilkada-2020", office="regent")
        for day in (dt.date(2020, 9, 22), dt.date(2020, 9, 23))
    )
    assert (before.violation_class, before.level, before.edition) == ("ethics", "moral_any", "2020")
    assert (after.violation_class, after.level, after.edition) == ("discipline", "discipline_medium", "2020")
    assert after.certainty == "proposal"
    assert "edisi 2020, tanpa butir" in after.reasoning_id


def test_a_medium_sanction_of_the_old_law_fits_an_old_case_only() -> None:
    assert fits_employment("raise_delay_1y", "pns", dt.date(2020, 12, 1), catalogue)
    assert not fits_employment("raise_delay_1y", "pns", dt.date(2021, 8, 31), catalogue)
    assert fits_employment("oral_reprimand", "pns", dt.date(2020, 12, 1), catalogue)
    assert fits_employment("oral_reprimand", "pns", dt.date(2024, 12, 1), catalogue)
    assert fits_employment("pppk_dismissal_dishonourable", "pppk", dt.date(2024, 12, 1), catalogue)
    assert not fits_employment("pppk_dismissal_dishonourable", "pns", dt.date(2024, 12, 1), catalogue)
    assert compare("dismissal_dishonourable", "pppk_dismissal_dishonourable", catalogue) == "equal"
    assert fits_employment("dismissal_dishonourable_discipline", "pns", dt.date(2020, 12, 1), catalogue)
    assert not fits_employment("dismissal_dishonourable_discipline", "pns", dt.date(2021, 8, 31), catalogue)


@pytest.mark.parametrize("form", list(catalogue.codes("violations")))
def test_every_form_has_a_class_in_every_phase(form: str) -> None:
    before, after = act(form, dt.date(2024, 9, 1)), act(form, dt.date(2024, 10, 1))
    assert after.violation_class == "discipline"
    assert before.edition == after.edition == "2022"
    assert before.reasoning_id != before.reasoning_en


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(UnknownCode):
        act("shouting", dt.date(2024, 9, 1))


@pytest.mark.parametrize(
    ("recommended", "imposed", "comparison"),
    [
        ("moral_any", "moral_closed", "equal"),
        ("moral_any", "moral_open", "equal"),
        ("moral_any", "oral_reprimand", "different_kind"),
        ("moral_open", "moral_closed", "lighter"),
        ("moral_closed", "moral_open", "heavier"),
        ("discipline_medium", "moral_open", "different_kind"),
        ("discipline_medium", "written_dissatisfaction", "lighter"),
        ("discipline_medium", "allowance_cut_25_6m", "equal"),
        ("discipline_medium", "allowance_cut_25_12m", "equal"),
        ("discipline_medium", "raise_delay_1y", "equal"),
        ("discipline_medium", "demotion_one_level_12m", "heavier"),
        ("discipline_light", "oral_reprimand", "equal"),
        ("discipline_heavy", "dismissal_honourable_not_own_request", "equal"),
        ("discipline_heavy", "dismissal_dishonourable", "different_kind"),
        ("discipline_heavy", "dismissal_dishonourable_discipline", "equal"),
        ("discipline_medium", "dismissal_dishonourable_discipline", "heavier"),
        ("discipline_heavy", "pppk_termination_dishonourable", "equal"),
        ("dismissal_dishonourable", "dismissal_honourable_not_own_request", "different_kind"),
        ("dismissal_dishonourable", "dismissal_dishonourable", "equal"),
        ("allowance_cut_25_9m", "allowance_cut_25_6m", "lighter"),
        ("allowance_cut_25_9m", "allowance_cut_25_9m", "equal"),
        ("allowance_cut_25_9m", "allowance_cut_25_12m", "heavier"),
        ("oral_reprimand", "pppk_oral_reprimand", "equal"),
    ],
)
def test_the_comparison_is_as_precise_as_the_recommendation(recommended: str, imposed: str, comparison: str) -> None:
    assert compare(recommended, imposed, catalogue) == comparison


def test_an_agency_imposes_a_sanction_and_not_a_level() -> None:
    with pytest.raises(UnknownCode, match="discipline_medium"):
        compare("discipline_medium", "discipline_medium", catalogue)


TODAY = dt.date(2024, 10, 1)


@pytest.mark.parametrize(
    ("sanction", "kind", "on", "fits"),
    [
        ("discipline_medium", "pns", TODAY, True),
        ("discipline_medium", "pppk", TODAY, True),
        ("allowance_cut_25_6m", "pns", TODAY, True),
        ("allowance_cut_25_6m", "pppk", TODAY, False),
        ("allowance_cut_25_6m", "pns", dt.date(2021, 8, 30), False),
        ("rank_down_3y", "pns", dt.date(2021, 8, 30), True),
        ("rank_down_3y", "pns", TODAY, False),
        ("pppk_termination_honourable", "pppk_part_time", TODAY, True),
        ("pppk_termination_honourable", "pns", TODAY, False),
        ("moral_any", "pppk", TODAY, True),
        ("demotion_one_level_12m", "cpns", TODAY, False),
        ("moral_any", "village_head", TODAY, False),
    ],
)
def test_a_sanction_must_fit_the_employment_and_the_day(sanction: str, kind: str, on: dt.date, fits: bool) -> None:
    assert fits_employment(sanction, kind, on, catalogue) is fits


def test_an_unknown_sanction_fits_nobody_and_is_refused() -> None:
    with pytest.raises(UnknownCode):
        fits_employment("flogging", "pns", TODAY, catalogue)
