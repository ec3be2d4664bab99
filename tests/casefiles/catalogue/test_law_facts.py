"""What the law says of acts, sanctions and remedies, written down beside the files, from the sources they name."""

import datetime as dt
import json
from typing import NamedTuple

import pytest

from casefiles.catalogue.book import Catalogue, load, rebuilt
from casefiles.catalogue.rows import Phase, Sanction
from casefiles.shapes import Certainty

catalogue = load()


class Fact(NamedTuple):
    """What the annex says of a form in a phase; `basis` are parts of the legal basis."""

    form: str
    phase: Phase
    item: str | None
    level: str | None
    basis: str
    mark: Certainty
    violation_class: str = "discipline"


ETHICS = "PP 42/2004 Pasal 11 huruf c; PP 42/2004 Pasal 15"
HEAVY, MEDIUM, PTDH = "discipline_heavy", "discipline_medium", "dismissal_dishonourable"

# The joint decree of 22 September 2022: seven items of ethics, twelve of discipline.
OF_2022 = [
    Fact("install_props", "before", "A1", "moral_any", ETHICS, "seen", "ethics"),
    Fact("online_campaign", "before", "A2", "moral_any", ETHICS, "seen", "ethics"),
    Fact("attend_declaration", "before", "A3", "moral_any", ETHICS, "seen", "ethics"),
    Fact("social_media_engagement", "before", "A4", "moral_any", ETHICS, "seen", "ethics"),
    Fact("joint_photo", "before", "A5", "moral_any", ETHICS, "seen", "ethics"),
    Fact("introduction_event", "before", "A6", "moral_any", ETHICS, "seen", "ethics"),
    Fact("spouse_event_without_leave", "before", "A7", "moral_any", ETHICS, "seen", "ethics"),
    Fact("install_props", "after", "B1", HEAVY, "Pasal 14 huruf i angka 3 dan 4", "seen"),
    Fact("online_campaign", "after", "B2", HEAVY, "Pasal 14 huruf i angka 3 dan 4", "seen"),
    Fact("approach_party_or_public", "before", "B3", MEDIUM, "Pasal 10 ayat (1) huruf b dan c", "seen"),
    Fact("approach_party_or_public", "after", "B3", MEDIUM, "Pasal 10 ayat (1) huruf b dan c", "seen"),
    Fact("attend_declaration", "after", "B4", HEAVY, "Pasal 14 huruf i angka 3 dan 4", "seen"),
    Fact("social_media_engagement", "after", "B6", HEAVY, "Pasal 5 huruf n angka 5; Pasal 14 huruf i", "seen"),
    Fact("joint_photo", "after", "B7", HEAVY, "Pasal 14 huruf i angka 3", "seen"),
    Fact("partisan_activity", "before", "B8", HEAVY, "Pasal 14 huruf i angka 3 dan 4", "proposal"),
    Fact("partisan_activity", "after", "B8", HEAVY, "Pasal 14 huruf i angka 3 dan 4", "seen"),
    Fact("expert_or_winning_team", "before", "B9", MEDIUM, "PP 94/2021 Pasal 5 huruf n", "seen"),
    Fact("expert_or_winning_team", "after", "B10", HEAVY, "PP 94/2021 Pasal 5 huruf n", "seen"),
    Fact("support_letter", "before", "B11", HEAVY, "Pasal 5 huruf n angka 7; Pasal 14 huruf i angka 5", "seen"),
    Fact("support_letter", "after", "B11", HEAVY, "Pasal 5 huruf n angka 7; Pasal 14 huruf i angka 5", "seen"),
    Fact("favouring_decision", "before", "B12", HEAVY, "Pasal 14 huruf i angka 3", "proposal"),
    Fact("favouring_decision", "after", "B12", HEAVY, "Pasal 14 huruf i angka 3", "seen"),
    # No list has these.
    Fact("campaign_participation", "after", None, None, "Pasal 5 huruf n angka 1", "proposal"),
    Fact("campaign_with_attributes", "after", None, MEDIUM, "Pasal 5 huruf n angka 2; Pasal 13 huruf g", "seen"),
    Fact("mobilise_civil_servants", "after", None, HEAVY, "Pasal 14 huruf i angka 1", "seen"),
    Fact("campaign_state_facilities", "after", None, HEAVY, "Pasal 14 huruf i angka 2", "seen"),
    Fact("introduction_event", "after", None, HEAVY, "Pasal 5 huruf n", "proposal"),
    Fact("spouse_event_without_leave", "after", None, None, "Pasal 5 huruf n", "proposal"),
    Fact("spouse_campaign_breach", "after", None, None, "Pasal 5 huruf n", "proposal"),
    Fact("party_event_speaker", "after", None, None, "Pasal 5 huruf n", "proposal"),
    Fact("self_declaration_without_leave", "after", None, None, "Pasal 5 huruf n", "proposal"),
    Fact("campaign_organiser", "after", None, None, "Pasal 5 huruf n", "proposal"),
]
# The joint decree of 10 September 2020 under PP 53/2010: its list of sixteen acts was read, its annex was not.
INVOLVED = "Pasal 4 angka 15 huruf a; Pasal 12 angka 9"
ACTIVITY = "Pasal 4 angka 15 huruf d; Pasal 12 angka 9"
OF_2020 = [
    (Fact("social_media_engagement", "after", None, MEDIUM, ACTIVITY, "proposal"), "1"),
    (Fact("joint_photo", "after", None, MEDIUM, ACTIVITY, "proposal"), "3"),
    (Fact("party_event_speaker", "before", None, "moral_any", ETHICS, "proposal", "ethics"), "4"),
    (Fact("party_event_speaker", "after", None, MEDIUM, ACTIVITY, "proposal"), "4"),
    (Fact("approach_party_or_public", "before", None, "moral_any", ETHICS, "proposal", "ethics"), "5"),
    (Fact("self_declaration_without_leave", "before", None, "moral_any", ETHICS, "proposal", "ethics"), "6"),
    (Fact("partisan_activity", "after", None, MEDIUM, ACTIVITY, "seen"), "8"),
    (Fact("campaign_organiser", "after", None, MEDIUM, INVOLVED, "proposal"), "9"),
    (Fact("campaign_participation", "after", None, MEDIUM, INVOLVED, "seen"), "10"),
    (Fact("campaign_with_attributes", "after", None, MEDIUM, INVOLVED, "proposal"), "10"),
    (Fact("mobilise_civil_servants", "after", None, MEDIUM, INVOLVED, "proposal"), "10"),
    (Fact("support_letter", "before", None, MEDIUM, "Pasal 4 angka 14; Pasal 12 angka 8", "seen"), "12"),
    (Fact("support_letter", "after", None, MEDIUM, "Pasal 4 angka 14; Pasal 12 angka 8", "seen"), "12"),
    (
        Fact("campaign_state_facilities", "after", None, HEAVY, "angka 15 huruf b; Pasal 13 angka 13", "seen"),
        "13 dan 14",
    ),
    (Fact("favouring_decision", "after", None, HEAVY, "angka 15 huruf c; Pasal 13 angka 13", "seen"), "15"),
    (Fact("party_membership", "after", None, PTDH, "UU 5/2014 Pasal 87 ayat (4) huruf c", "memory"), "16"),
]


def holds(fact: Fact, edition: str, on: dt.date) -> str:
    """Compare the row in force on that day with the fact; the row's note."""
    row = catalogue.annex_row(fact.form, fact.phase, on=on)
    assert row is not None
    assert (row.edition, row.annex_item, row.level, row.certainty, row.violation_class) == (
        edition, fact.item, fact.level, fact.mark, fact.violation_class,
    )  # fmt: skip
    missing = [part for part in fact.basis.split("; ") if part not in str(row.legal_basis)]
    assert not missing
    return row.note_id or ""


@pytest.mark.parametrize("fact", OF_2022, ids=lambda fact: f"{fact.form}-{fact.phase}")
def test_the_annex_of_2022(fact: Fact) -> None:
    for on in (dt.date(2022, 9, 22), dt.date(2024, 10, 1)):
        holds(fact, "2022", on)


def test_who_takes_part_in_a_campaign_has_no_article_that_names_the_level() -> None:
    row = catalogue.annex_row("campaign_participation", "after", on=dt.date(2024, 10, 1))
    assert row is not None
    assert "Pasal 13" not in str(row.legal_basis)


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(
    ("on", "law"),
    [
        (dt.date(2022, 9, 22), "UU 5/2014 Pasal 87 ayat (4) huruf c"),
        (dt.date(2023, 10, 30), "UU 5/2014 Pasal 87 ayat (4) huruf c"),
        (dt.date(2023, 10, 31), "UU 20/2023 Pasal 52 ayat (4) jo. Pasal 52 ayat (3) huruf j"),
    ],
)
def test_a_party_s_member_is_dismissed_by_the_law_of_the_day(phase: Phase, on: dt.date, law: str) -> None:
    holds(Fact("party_membership", phase, "B5", PTDH, law, "seen"), "2022", on)


@pytest.mark.parametrize(("fact", "number"), OF_2020, ids=lambda one: one.form if isinstance(one, Fact) else one)
def test_the_list_of_2020(fact: Fact, number: str) -> None:
    note = holds(fact, "2020", dt.date(2020, 10, 1))
    assert f"daftar 16 butir, no. {number})" in note


@pytest.mark.parametrize("form", ["introduction_event", "expert_or_winning_team", "spouse_campaign_breach"])
def test_what_the_list_of_2020_does_not_have_says_so(form: str) -> None:
    row = catalogue.annex_row(form, "after", on=dt.date(2020, 10, 1))
    assert row is not None
    assert "tidak ada dalam daftar 16 butir" in str(row.note_id)


def test_no_regional_head_s_election_rests_on_articles_about_president_and_parliament() -> None:
    """PP 53/2010 art. 4 no. 12 and 13, art. 12 no. 6 and 7, art. 13 no. 11 and 12."""
    for row in catalogue.annex:
        if "PP 53/2010" in str(row.legal_basis):
            for gone in ("angka 12", "angka 13 huruf", "Pasal 12 angka 6", "Pasal 12 angka 7", "angka 11"):
                assert gone not in str(row.legal_basis), (row.form, row.phase)


def test_marks_follow_the_sources() -> None:
    assert catalogue.codes("violations")["spouse_campaign_breach"].certainty == "proposal"
    acting = next(row for row in catalogue.routing if row.role == "acting_regional_head")
    assert (acting.addressee, acting.certainty) == ("employer", "seen")
    election = catalogue.election("pilkada-2020")
    assert (election.certainty, election.legal_basis) == ("seen", "PKPU 5/2020 Pasal 8C")
    assert {row.certainty for row in catalogue.stages if row.stage == "pre_stage" and "pilkada" in row.election} == {
        "proposal"
    }


# --- sanctions and remedies -----------------------------------------------------------------------------------------

OLD, NEW = dt.date(2020, 12, 1), dt.date(2024, 12, 1)
PPK, OTHER, PRESIDENT = "personnel_authority", "other_official", "president"


@pytest.mark.parametrize(
    ("code", "article", "remedies"),
    [
        ("oral_reprimand", "ayat (2) huruf a", ("none", "none", "none")),
        ("written_reprimand", "ayat (2) huruf b", ("none", "none", "none")),
        ("written_dissatisfaction", "ayat (2) huruf c", ("none", "none", "none")),
        ("raise_delay_1y", "ayat (3) huruf a", ("none", "objection", "none")),
        ("promotion_delay_1y", "ayat (3) huruf b", ("none", "objection", "none")),
        ("rank_down_1y", "ayat (3) huruf c", ("none", "none", "none")),
        ("rank_down_3y", "ayat (4) huruf a", ("none", "none", "none")),
        ("transfer_demotion", "ayat (4) huruf b", ("none", "none", "none")),
        ("release_from_office", "ayat (4) huruf c", ("none", "none", "none")),
        ("dismissal_honourable_not_own_request", "ayat (4) huruf d", ("appeal", "appeal", "none")),
        ("dismissal_dishonourable_discipline", "ayat (4) huruf e", ("appeal", "appeal", "none")),
    ],
)
def test_what_pp_53_knows_and_what_lies_against_it(code: str, article: str, remedies: tuple[str, str, str]) -> None:
    row = catalogue.sanction(code, on=OLD)
    assert row.legal_basis == f"PP 53/2010 Pasal 7 {article}"
    assert (row.certainty, row.valid_from, row.valid_until) == ("seen", dt.date(2010, 6, 6), dt.date(2021, 8, 31))
    assert tuple(row.remedy_against(one) for one in (PPK, OTHER, PRESIDENT)) == remedies


def test_dishonourable_dismissal_was_a_heavy_disciplinary_sanction() -> None:
    row = catalogue.sanction("dismissal_dishonourable_discipline")
    assert (row.family, row.level) == ("discipline", "discipline_heavy")
    assert row.rank > catalogue.sanction("dismissal_honourable_not_own_request").rank


@pytest.mark.parametrize("row", [row for row in catalogue.codes("sanctions").values() if row.in_force(on=NEW)],
                         ids=lambda row: row.code)  # fmt: skip
def test_since_pp_79_only_the_authority_s_dismissal_is_appealed(row: Sanction) -> None:
    """Objection: any other decision of the authority, and every decision of another official."""
    ends = "dismissal" in row.code or "termination" in row.code
    if row.family == "moral":
        assert {row.remedy_against(one) for one in (None, PPK, OTHER, PRESIDENT)} == {"none"}
        return
    assert (row.remedy_against(PPK), row.remedy_against(OTHER)) == ("appeal" if ends else "objection", "objection")
    assert row.remedy_against(None) == row.remedy_against(PPK), "nobody said: the authority"


@pytest.mark.parametrize(
    ("on", "law", "mark"),
    [
        (dt.date(2020, 12, 1), "UU 5/2014 Pasal 87 ayat (4)", "seen"),
        (dt.date(2023, 10, 30), "UU 5/2014 Pasal 87 ayat (4)", "seen"),
        (dt.date(2023, 10, 31), "UU 20/2023 Pasal 52 ayat (4) jo. Pasal 52 ayat (3) huruf j", "seen"),
    ],
)
def test_dishonourable_dismissal_outside_discipline_follows_the_law_of_the_day(
    on: dt.date, law: str, mark: Certainty
) -> None:
    row = catalogue.sanction(PTDH, on=on)
    assert law in str(row.legal_basis)
    assert row.certainty == mark


# --- versions on record ---------------------------------------------------------------------------------------------


def as_before(found: Catalogue) -> Catalogue:
    """That catalogue as a version of before this one has it: without the columns and lists invented since."""
    said = json.loads(found.content)
    del said["codes/imposed_by.yaml"]
    for row in said["sanctions.yaml"]["rows"]:
        for column in [name for name in row if name.startswith("remedy_if_")]:
            del row[column]
    return rebuilt(json.dumps(said).encode())


def test_a_version_that_does_not_ask_who_imposed_it_has_one_remedy_for_all() -> None:
    older = as_before(catalogue)
    row = older.sanction("raise_delay_1y")
    assert {row.remedy_against(one) for one in (None, PPK, OTHER, PRESIDENT)} == {"objection"}
    assert "imposed_by" not in older.lists
