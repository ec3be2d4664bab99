"""What a file keeps of a class: inputs, rule, decree; enough to compute it again. And the traps of the joint decree."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casefiles.catalogue.book import Catalogue, load
from casefiles.catalogue.classification import Classification, classify, explained, reproduce
from casefiles.catalogue.law import LawBook
from casefiles.catalogue.rows import StagePeriod
from casefiles.file import ViolationStated, there
from tests.casefiles.flow.views import law

catalogue = load()
DESIGNATED = dt.date(2024, 9, 22)
EVE, MORROW = DESIGNATED - dt.timedelta(days=1), DESIGNATED + dt.timedelta(days=1)


def act(form: str = "social_media_engagement", day: dt.date = DESIGNATED, **changed: Any) -> Classification:
    said: dict[str, Any] = {
        "act_until": None,
        "election": "pilkada-2024",
        "contest_office": "mayor",
        "region": "13.71",
        "catalogue": catalogue,
    }
    return classify(form=form, act_date=day, **{**said, **changed})


def test_the_explanation_names_inputs_rule_and_decree() -> None:
    said = explained(act("install_props", dt.date(2024, 9, 1), act_until=MORROW))
    assert said["inputs"] == {
        "form": "install_props",
        "act_date": "2024-09-01",
        "act_until": "2024-09-23",
        "election": "pilkada-2024",
        "election_nexus": "election_related",
        "contest_office": "mayor",
        "region": "13.71",
    }
    assert there(said["rule"]) | {"valid_until": None} == {
        "edition": "2022",
        "annex_item": "B1",
        "phase": "after",
        "valid_from": "2022-09-22",
        "valid_until": None,
        "in_force": True,
    }
    assert said["designation"] == {
        "designated_on": "2024-09-22",
        "region": None,
        "decree": None,
        "legal_basis": "PKPU 2/2024",
        "certainty": "seen",
    }
    assert said["rule_version"] == catalogue.version


@pytest.mark.parametrize(
    ("day", "class_", "item"), [(EVE, "ethics", "A4"), (DESIGNATED, "discipline", "B6"), (MORROW, "discipline", "B6")]
)
def test_the_same_act_before_on_and_after_the_day_of_designation(day: dt.date, class_: str, item: str) -> None:
    found = act(day=day)
    assert (found.violation_class, found.annex_item) == (class_, item)
    assert found.designation is not None
    assert found.designation.designated_on == DESIGNATED


@pytest.mark.parametrize("until", [DESIGNATED, MORROW])
def test_an_act_that_lasts_into_the_day_of_designation_is_discipline(until: dt.date) -> None:
    found = act("install_props", EVE, act_until=until)
    assert (found.violation_class, found.rule.phase) == ("discipline", "after")
    assert "lasted beyond" in found.reasoning_en


def test_a_designation_still_to_come_leaves_it_pending_and_names_no_decree() -> None:
    found = act(election="pilkada-2029", day=MORROW)
    assert (found.violation_class, found.designation, found.designation_pending) == ("ethics", None, True)


@pytest.mark.parametrize("office", [None, "none"])
def test_no_contest_is_said_in_the_reasoning(office: str | None) -> None:
    found = act(day=MORROW, contest_office=office)
    assert found.designation_pending
    assert "contest" in found.reasoning_id
    assert "no contest was named" in found.reasoning_en


def test_a_region_with_a_designation_of_its_own_goes_by_its_own() -> None:
    later = dt.date(2024, 10, 5)
    own = StagePeriod(
        election="pilkada-2024",
        stage="designation",
        offices=("mayor",),
        region="13.71",
        valid_from=later,
        valid_until=later + dt.timedelta(days=1),
        decree="Keputusan KPU Kota Padang (rekaan)",
        decree_status="named",
        certainty="memory",
    )
    law_of_padang = dataclasses.replace(catalogue, stages=(*catalogue.stages, own))
    here, elsewhere = (act(day=MORROW, region=region, catalogue=law_of_padang) for region in ("13.71", "13.72"))
    assert (here.violation_class, elsewhere.violation_class) == ("ethics", "discipline")
    assert here.designation is not None
    assert (here.designation.region, here.designation.decree) == ("13.71", own.decree)
    assert here.certainty == "memory", "the weakest mark travels"


def test_each_violation_of_a_finding_goes_by_its_own_contest() -> None:
    """Governor and mayor of one finding, designated on different days."""
    earlier = dt.date(2024, 9, 10)
    governor = next(row for row in catalogue.stages if row.stage == "designation" and row.election == "pilkada-2024")
    mine = dataclasses.replace(governor, offices=("governor",), valid_from=earlier, valid_until=DESIGNATED)
    others = dataclasses.replace(governor, offices=("regent", "mayor"))
    rows = tuple(row for row in catalogue.stages if row is not governor)
    book = LawBook(dataclasses.replace(catalogue, stages=(*rows, mine, others)), law().calendar)
    finding = {"election": "pilkada-2024", "election_nexus": "election_related"}
    classes = [
        book.classify(
            {"form": "joint_photo", "act_date": "2024-09-15", "contest": {"office": office, "region": region}}, finding
        )["violation_class"]
        for office, region in (("governor", "13"), ("mayor", "13.71"))
    ]
    assert classes == ["discipline", "ethics"]


def test_an_act_that_has_nothing_to_do_with_the_election_knows_no_designation() -> None:
    """Judged by its form as before any designation; nothing is pending, whatever contest was named."""
    found = act(day=MORROW, election_nexus="not_election_related")
    assert (found.violation_class, found.annex_item, found.designation) == ("ethics", "A4", None)
    assert not found.designation_pending
    assert "tidak beririsan" in found.reasoning_id
    assert "not related" in found.reasoning_en
    member = act("party_membership", MORROW, election_nexus="not_election_related")
    assert (member.violation_class, member.level) == ("discipline", "dismissal_dishonourable")


def test_before_any_edition_the_rule_is_read_by_analogy_and_says_which_row() -> None:
    found = act(day=dt.date(2015, 11, 1), election=None, contest_office=None)
    assert (found.edition, found.annex_item, found.legal_basis, found.certainty) == (None, None, None, "proposal")
    assert not found.rule.in_force
    assert "analogi" in found.reasoning_id


# --- traps of the joint decree (Lampiran II) ------------------------------------------------------------------------

BEFORE, AFTER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [
        ("social_media_engagement", "A4", "B6"),
        ("joint_photo", "A5", "B7"),
    ],
)
def test_items_are_not_numbered_alike_in_both_lists(form: str, before: str, after: str) -> None:
    assert [act(form, day).annex_item for day in (BEFORE, AFTER)] == [before, after]


def test_accompanying_a_spouse_without_leave_is_an_item_of_the_ethics_list() -> None:
    found = act("spouse_event_without_leave", BEFORE)
    assert (found.violation_class, found.annex_item, found.level) == ("ethics", "A7", "moral_any")


@pytest.mark.parametrize("day", [BEFORE, DESIGNATED, AFTER])
def test_a_party_s_member_is_dismissed_whatever_the_date(day: dt.date) -> None:
    found = act("party_membership", day)
    assert (found.annex_item, found.level, found.designation_pending) == ("B5", "dismissal_dishonourable", False)


@pytest.mark.parametrize(
    ("form", "level"),
    [
        ("introduction_event", "discipline_heavy"),
        ("campaign_participation", None),
        ("spouse_event_without_leave", None),
        ("spouse_campaign_breach", None),
        ("party_event_speaker", None),
        ("self_declaration_without_leave", None),
        ("campaign_organiser", None),
    ],
)
def test_what_no_list_shows_has_no_item_and_is_not_called_seen(form: str, level: str | None) -> None:
    """The lists end with B12. Where no article says so either, the level is open."""
    found = act(form, AFTER)
    assert (found.violation_class, found.annex_item, found.level) == ("discipline", None, level)
    assert found.certainty == "proposal"
    assert "edisi 2022, tanpa butir" in found.reasoning_id


def test_a_winning_team_s_expert_is_in_breach_of_discipline_before_designation_and_more_so_after() -> None:
    found = [act("expert_or_winning_team", day) for day in (BEFORE, AFTER)]
    assert [(one.annex_item, one.level) for one in found] == [("B9", "discipline_medium"), ("B10", "discipline_heavy")]


def test_another_form_keeps_the_submitter_s_own_basis() -> None:
    violation: ViolationStated = {
        "form": "other_with_legal_basis",
        "act_date": "2024-10-01",
        "legal_basis": "UU 20/2023 pasal 9",
    }
    finding = {"election": "pilkada-2024", "election_nexus": "election_related"}
    kept: Any = {**violation, **law().classify(violation, finding)}
    assert kept["legal_basis"] == "UU 20/2023 pasal 9"
    assert kept["class"]["legal_basis"] is None


# --- reproducible ---------------------------------------------------------------------------------------------------

days = st.dates(dt.date(2018, 1, 1), dt.date(2026, 12, 31))


@given(
    form=st.sampled_from(list(catalogue.codes("violations"))),
    day=days,
    until=st.none() | days,
    election=st.none() | st.sampled_from([*catalogue.codes("elections"), "pilkada-2029"]),
    office=st.none() | st.sampled_from(list(catalogue.codes("contest_office"))),
    region=st.none() | st.sampled_from(["13", "13.71", "62.02"]),
    nexus=st.sampled_from(list(catalogue.codes("election_nexus"))),
)
def test_a_class_is_reproducible_from_what_was_kept(
    form: str,
    day: dt.date,
    until: dt.date | None,
    election: str | None,
    office: str | None,
    region: str | None,
    nexus: str,
) -> None:
    found = act(
        form, day, act_until=until, election=election, contest_office=office, region=region, election_nexus=nexus
    )
    kept = explained(found)
    assert reproduce(kept, catalogue) == found
    assert explained(reproduce({"inputs": kept["inputs"]}, catalogue)) == kept, "from the inputs alone"


def test_under_another_catalogue_the_difference_shows() -> None:
    kept = explained(act(day=EVE))
    earlier = tuple(
        dataclasses.replace(row, valid_from=EVE) if row.stage == "designation" else row for row in catalogue.stages
    )
    amended: Catalogue = dataclasses.replace(catalogue, version="2099.1", stages=earlier)
    again = reproduce(kept, amended)
    assert (again.violation_class, again.rule_version) == ("discipline", "2099.1")
    assert kept["rule_version"] == catalogue.version
