"""Whom a recommendation obliges, by rule; and that no letter lands on the desk of the officer it is about."""

from dataclasses import replace
from typing import Any

import pytest

from casefiles.flow import Party, Refused, Stage, routing
from tests.casefiles.views import AGENCIES, allowed, facts_at, view_at
from tests.factories import BKN, PEMKOT, PEMPROV, Story, actor, known_subject, story

EXAMINED = Stage.UNDER_EXAMINATION


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
        (("regional_secretary", "acting_regional_head"), PEMPROV, PEMPROV),
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


def test_a_unit_of_the_office_he_leads_is_his_own_desk_too() -> None:
    unit = replace(AGENCIES[PEMPROV], pk=99, code="bkpsdm-padang", level="city", parent=AGENCIES[PEMKOT].pk)
    case = replace(_case("regional_secretary"), agencies={**AGENCIES, unit.code: unit})
    assert routing.own_desk(case, unit.code)
    assert not routing.own_desk(replace(case, facts=facts_at(EXAMINED)), unit.code), "a teacher leads nothing"


def test_whoever_names_another_addressee_than_the_rule_is_told_what_the_rule_says() -> None:
    facts = {"subject": {**facts_at(None)["subject"], "position_roles": ["regional_secretary"]}}
    by_rule = allowed("recommend", EXAMINED, Party.EXAMINER, facts=facts)
    other = allowed("recommend", EXAMINED, Party.EXAMINER, facts=facts, addressee="kemendagri")
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
