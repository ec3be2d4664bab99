"""Whom a recommendation obliges, by rule; and that no letter lands on the desk of the officer it is about."""

from dataclasses import replace
from typing import Any

import pytest

from casefiles import flow
from casefiles.flow import Party, Refused, State, routing
from casefiles.flow.finding import Subject
from casefiles.flow.given import TransferReason
from tests.casefiles.flow.test_effects import sight
from tests.casefiles.flow.views import AGENCIES, allowed, facts_at, view_at
from tests.factories import BKN, PEMKOT, PEMPROV, Story, actor, given, known_subject, story

S = State
EXAMINED = State.UNDER_EXAMINATION


def _case(*roles: str, employer: str = PEMKOT, **subject: Any) -> Any:
    facts = {
        "employer": employer,
        "subject": {**facts_at(None)["subject"], "position_roles": list(roles), **subject},
    }
    parties = {**view_at(EXAMINED).parties, Party.EMPLOYER: AGENCIES[employer]}
    return view_at(EXAMINED, facts=facts, parties=parties)


@pytest.mark.parametrize(
    ("roles", "employer", "addressee"),
    [
        ((), PEMKOT, PEMKOT),
        (("teacher",), PEMPROV, PEMPROV),
        (("unit_head", "hr_unit_head"), PEMKOT, PEMKOT),
        (("regional_secretary",), PEMKOT, PEMPROV),
        (("regional_secretary",), PEMPROV, "kemendagri"),
        (("acting_regional_head",), PEMPROV, PEMPROV),
        # A secretary who also acts as a head: the home agency is the office whose letters are theirs.
        (("regional_secretary", "acting_regional_head"), PEMPROV, "kemendagri"),
        (("regional_secretary", "acting_regional_head"), PEMKOT, PEMPROV),
        (("acting_village_head",), PEMKOT, PEMKOT),
    ],
)
def test_the_addressee_follows_from_what_the_officer_is(roles: tuple[str, ...], employer: str, addressee: str) -> None:
    found = routing.routed(_case(*roles, employer=employer)).agency
    assert found is not None
    assert found.code == addressee


def test_an_acting_head_s_case_goes_to_his_home_agency_and_never_to_the_government_he_leads() -> None:
    case = _case("acting_regional_head", employer=PEMPROV, workplace=PEMKOT)
    assert routing.routed(case).agency == AGENCIES[PEMPROV]
    assert (routing.own_desk(case, PEMKOT), routing.own_desk(case, PEMPROV)) == (True, False)


@pytest.mark.parametrize(("home", "addressee"), [(PEMKOT, PEMPROV), (PEMPROV, "kemendagri")])
def test_of_an_acting_head_of_the_home_agency_itself_the_one_above_is_obliged(home: str, addressee: str) -> None:
    case = _case("acting_regional_head", employer=home, workplace=home)
    found = routing.routed(case).agency
    assert found is not None
    assert found.code == addressee
    assert routing.own_desk(case, home)


def test_while_it_is_unknown_which_government_an_acting_head_leads_no_regional_one_is_named() -> None:
    """But the province above the regency or city that employs the officer, and any central agency."""
    facts = _case("acting_regional_head").facts
    for addressee in ("kemendagri", PEMPROV):
        named = allowed("recommend", EXAMINED, Party.EXAMINER, facts=dict(facts), addressee=addressee)
        assert named.changes["addressee"] == addressee
    for employer, addressee in ((PEMKOT, PEMKOT), (PEMPROV, PEMKOT), (PEMPROV, PEMPROV)):
        case = _case("acting_regional_head", employer=employer)
        view = {"parties": case.parties}
        with pytest.raises(Refused, match="workplace-unknown"):
            allowed("recommend", EXAMINED, Party.EXAMINER, facts=dict(case.facts), view=view, addressee=addressee)


def test_the_government_that_a_secretary_led_at_the_time_stays_their_own_desk() -> None:
    case = _case("regional_secretary", employer=PEMPROV)
    case = replace(case, facts={**case.facts, "former_employers": [PEMKOT]})
    assert routing.led(case) == {PEMKOT, PEMPROV}
    assert not routing.led(replace(case, facts={**case.facts, **facts_at(None)})), "a teacher led nothing"


@pytest.mark.parametrize(
    ("known", "asked", "may"),
    [
        ({}, "kemendagri", True),
        ({}, PEMPROV, False),
        ({}, PEMKOT, False),
        ({"workplace": PEMKOT}, PEMPROV, True),
        ({"workplace": PEMPROV}, PEMPROV, False),
        ({"workplace": PEMPROV}, "kemendagri", True),
    ],
)
@pytest.mark.parametrize("role", ["regional_secretary", "acting_regional_head"])
def test_of_a_head_without_employer_whoever_is_surely_above_may_be_asked(
    known: dict[str, str], asked: str, may: bool, role: str
) -> None:
    facts = {"employer": None, "subject": {"identified": False, "position_roles": [role], "violations": [1], **known}}
    parties = {party: one for party, one in view_at(S.SUBMITTED).parties.items() if party is not Party.EMPLOYER}

    def ask() -> Any:
        return allowed(
            "request-identity", S.SUBMITTED, Party.EXAMINER, facts=facts, view={"parties": parties}, employer=asked
        )

    if may:
        assert ask().changes["employer"] == asked
        return
    with pytest.raises(Refused, match="asks-the-subject-himself"):
        ask()


@pytest.mark.parametrize(
    ("asked", "named", "answers"),
    [("kemendagri", PEMKOT, True), (PEMPROV, PEMKOT, True), (PEMPROV, "kemendagri", False)],
)
def test_whoever_is_asked_above_a_head_may_say_whose_officer_it_is(asked: str, named: str, answers: bool) -> None:
    subject = {"identified": False, "position_roles": ["regional_secretary"], "violations": [1]}
    case = view_at(S.IDENTITY_REQUESTED, Party.EMPLOYER, facts={"employer": asked, "subject": subject})
    case = replace(case, acting=AGENCIES[asked], parties={**case.parties, Party.EMPLOYER: AGENCIES[asked]})
    reasons = flow.refusals(flow.ROWS["identify"], case, given("identify", employer=named))
    assert [reason.code for reason in reasons] == ([] if answers else ["not-our-officer"])


def test_a_unit_of_the_office_he_leads_is_his_own_desk_too() -> None:
    unit = replace(AGENCIES[PEMPROV], pk=99, code="bkpsdm-padang", level="city", parent=AGENCIES[PEMKOT].pk)
    case = replace(_case("regional_secretary"), agencies={**AGENCIES, unit.code: unit})
    assert routing.own_desk(case, unit.code)
    below = replace(unit, pk=100, code="bidang-bkpsdm", parent=unit.pk)
    assert routing.own_desk(replace(case, agencies={**case.agencies, below.code: below}), below.code)
    assert not routing.own_desk(replace(case, facts=facts_at(EXAMINED)), unit.code), "a teacher leads nothing"


def test_whoever_names_another_addressee_than_the_rule_is_told_what_the_rule_says() -> None:
    facts = {"subject": {**facts_at(None)["subject"], "position_roles": ["regional_secretary"]}}
    heavy = {"sanction": "discipline_heavy"}
    by_rule = allowed("recommend", EXAMINED, Party.EXAMINER, facts=facts, **heavy)
    other = allowed("recommend", EXAMINED, Party.EXAMINER, facts=facts, addressee="kemendagri", **heavy)
    assert (by_rule.changes["addressee"], by_rule.changes["warnings"]) == (PEMPROV, [])
    assert other.changes["addressee"] == "kemendagri"
    assert [one["code"] for one in other.changes["warnings"]] == ["addressee-not-by-rule"]
    assert PEMPROV in other.changes["warnings"][0]["en"]


def test_without_a_province_in_the_register_the_examiner_names_somebody() -> None:
    nowhere = {code: one for code, one in AGENCIES.items() if one.level != "province"}
    facts = {"subject": {**facts_at(None)["subject"], "position_roles": ["regional_secretary"]}}
    with pytest.raises(Refused, match="addressee-not-registered"):
        allowed("recommend", EXAMINED, Party.EXAMINER, facts=facts, view={"agencies": nowhere})
    named = allowed(
        "recommend", EXAMINED, Party.EXAMINER, facts=facts, view={"agencies": nowhere}, addressee="kemendagri"
    )
    assert named.changes["addressee"] == "kemendagri"
    (warning,) = [one for one in named.changes["warnings"] if one["code"] == "addressee-not-by-rule"]
    assert "province_above, which is not registered" in warning["en"]


# --- through the database -------------------------------------------------------------------------------------------


def _sekda() -> Story:
    return story(subjects=(known_subject(position_roles=("regional_secretary",)),))


@pytest.mark.usefixtures("db", "world")
def test_a_sekda_s_recommendation_goes_to_the_province_by_itself_and_his_city_never_sees_it() -> None:
    told = _sekda()
    told.do("accept")
    told.do("recommend")
    told.addressee = PEMPROV
    assert (told.open.to_agency.code, told.row.addressee.code) == (PEMPROV, PEMPROV)  # type: ignore[union-attr]  # set
    told.do("acknowledge")
    assert told.row.state == "awaiting_sanction"
    from casefiles.models import Casefile

    assert Casefile.objects.seen_by(actor(PEMKOT), casefile=told.casefile) is None


@pytest.mark.usefixtures("db", "world")
def test_the_province_may_be_asked_who_he_is_where_his_own_office_may_not() -> None:
    told = story(subjects=(known_subject(position_roles=("regional_secretary",), nip=None),))
    with pytest.raises(Refused, match="asks-the-subject-himself"):
        told.do("request-identity", employer=PEMKOT)
    told.do("request-identity", employer=PEMPROV)
    assert told.open.to_agency.code == PEMPROV
    assert told.examiner == BKN


@pytest.mark.usefixtures("db", "world")
def test_a_secretary_of_whom_nothing_else_is_known_is_named_by_home_affairs() -> None:
    """Nobody at the secretary's own office learns of it: neither by the question, nor by the answer."""
    unknown = Subject(name="Sekda Rekaan", position_roles=("regional_secretary",), violations=(1,))
    told = story(subjects=(unknown,))
    for asked in (PEMKOT, PEMPROV):
        with pytest.raises(Refused, match="asks-the-subject-himself"):
            told.do("request-identity", employer=asked)
    told.do("request-identity", employer="kemendagri")
    told.do("identify", by="kemendagri", position_roles=("regional_secretary",))
    assert (told.row.state, told.row.employer.code) == ("submitted", PEMKOT)  # type: ignore[union-attr]  # set
    told.do("accept")
    told.do("recommend")
    assert told.open.to_agency.code == PEMPROV
    assert PEMKOT not in sight(told)
    with pytest.raises(Refused, match="addressee-is-the-subject"):
        told.do("transfer", by=BKN, employer="kemdikbudristek", reason=TransferReason(code="misaddressed"))


@pytest.mark.usefixtures("db", "world")
def test_a_secretary_who_moved_on_is_not_judged_by_the_city_they_led() -> None:
    told = _sekda()
    told.do("accept")
    told.do("transfer", by=BKN, employer="kemdikbudristek")
    with pytest.raises(Refused, match="addressee-is-the-subject"):
        told.do("recommend", addressee=PEMKOT)
    assert told.facts["former_employers"] == [PEMKOT]


@pytest.mark.usefixtures("db", "world")
def test_a_workplace_that_is_no_party_is_brought_along_with_the_province_above_it() -> None:
    acting = Subject(name="Penjabat", position_roles=("acting_regional_head",), workplace=PEMKOT, violations=(1,))
    told = story(subjects=(acting,))
    told.do("request-identity", employer=PEMPROV)
    assert told.open.to_agency.code == PEMPROV
