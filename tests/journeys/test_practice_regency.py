"""Sixty-eight officers of one regency in one finding, as reported from the campaign of 2024: each his own case.

A governor's and a regent's contest, acts before and after the candidates were designated, every kind of ending; and no
agency ever learns who else is named, nor how many.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.endings import (
    SANCTIONED,
    Ends,
    acknowledges,
    closes,
    delivers,
    events,
    imposes,
    named,
    officer,
    reads_out,
    recommends,
    sanctioned,
    told,
)
from tests.journeys.paths import EXAMINER, OFFICIAL, SUBMITTER, Journey, finding

Parties = Mapping[str, Client]

OFFICE, REGENCY, MINISTRY = "bawaslu-kab-kotawaringin-timur", "pemkab-kotawaringin-timur", "kemdikbudristek"
OFFICERS = 68

GOVERNOR, REGENT = {"office": "governor", "region": "62"}, {"office": "regent", "region": "62.02"}
ACTS: tuple[dict[str, Any], ...] = (
    {"number": 1, "form": "social_media_engagement", "act_date": "2024-09-29", "contest": GOVERNOR},
    {"number": 2, "form": "joint_photo", "act_date": "2024-09-10", "contest": REGENT},
    {"number": 3, "form": "install_props", "act_date": "2024-09-10", "act_until": "2024-09-25", "contest": REGENT},
)
BENEFICIARIES = {"governor": "candidate", "regent": "coalition"}


def _forwarded(parties: Parties) -> tuple[list[Journey], list[dict[str, Any]]]:
    people = [
        officer("Guru Rekaan", employer=MINISTRY if place == 1 else REGENCY, position="Guru")
        for place in range(OFFICERS)
    ]
    acts = [
        {
            **act,
            "description": "Menurut unggahan.",
            "beneficiary": {"kind": BENEFICIARIES[act["contest"]["office"]], "is_personnel_authority": True},
        }
        for act in ACTS
    ]
    subjects = [named(person, 1 + place % 3) for place, person in enumerate(people)]
    subjects[3]["violations"] = [1, 2]
    body = finding(parties[OFFICE], subjects=subjects, origin_office=OFFICE, violations=acts, source="finding")
    answer = parties[OFFICE].post("/findings", body).data
    made = [Journey(parties, one["id"], answer["id"], one["number"]) for one in answer["casefiles"]]
    assert len({journey.number for journey in made}) == OFFICERS
    return made, people


def _cleared(parties: Parties, journey: Journey) -> None:
    examiner = parties[EXAMINER]
    examiner.act(journey.casefile, "accept", {"occurred_at": "2024-10-10T09:00:00+07:00"})
    letter = {"number": "R-68/2024", "date": "2024-10-11"}
    given = {"letter": letter, "reason": {"code": "evidence_insufficient"}, "official": OFFICIAL}
    examiner.act(journey.casefile, "clear", {"occurred_at": "2024-10-11T09:00:00+07:00", **given})


def _knows_only(
    parties: Parties,
    agency: str,
    own: Sequence[Journey],
    everybody: Sequence[Journey],
    named_in: Mapping[str, str],
) -> None:
    """Whatever the agency asks for, no answer holds a trace of anybody else's case, nor of how many there are."""
    answers = "\n".join(told(journey, agency) for journey in own)
    client = parties[agency]
    mine = client.get("/casefiles", finding=own[0].finding, count="exact").data
    assert mine["count"]["value"] == len(own)
    assert {one["id"] for one in mine["data"]} == {journey.casefile for journey in own}
    for journey in own:
        seen = journey.seen_by(agency)
        assert not {"subjects", "casefiles", "violations"} & set(seen["finding"])
        assert seen["suspected_duplicates"] is None
    others = [journey for journey in everybody if journey not in own]
    fed = {one["casefile"] for one in events(client)} & {journey.casefile for journey in everybody}
    assert fed == {journey.casefile for journey in own}
    for journey in others:
        assert journey.casefile not in answers
        assert journey.number not in answers
        assert named_in[journey.casefile] not in answers
        body = {"name": named_in[journey.casefile], "purpose": "case_handling"}
        assert client.post("/casefiles/search", body).data["data"] == []
    for journey in (others[0], others[-1]):
        assert journey.is_hidden_from(agency)
    with pytest.raises(Refused, match="not-found"):
        client.get(f"/findings/{own[0].finding}")


def test_sixty_eight_officers_of_one_regency_go_their_own_ways_and_no_agency_learns_of_the_others(
    parties: Parties, ends: Ends
) -> None:
    everybody, people = _forwarded(parties)
    moral, teacher, heavy, both, retired, redirected, *rest = everybody
    classes = {}
    for journey in (teacher, heavy, moral):
        (violation,) = journey.accept()["violations"]
        classes[violation["number"]] = (
            violation["contest"]["office"], violation["annex_item"], violation["violation_class"],
        )  # fmt: skip
    assert classes == {
        1: ("governor", "B6", "discipline"), 2: ("regent", "A5", "ethics"), 3: ("regent", "B1", "discipline"),
    }  # fmt: skip
    both.accept()

    # The regency's own: a post for a governor, and an officer with two acts of which one is confirmed.
    for journey, act in ((moral, 1), (both, 2)):
        recommends(journey, "moral_any", violations=[act])
        acknowledges(journey, REGENCY)
        imposes(journey, "moral_open", agency=REGENCY)
        delivers(journey, REGENCY)
        reads_out(journey, agency=REGENCY)
        closes(journey, waived=False)
    recommends(heavy, "discipline_heavy", violations=[3])
    sanctioned(heavy, "demotion_one_level_12m", agency=REGENCY)
    confirmed = {one["number"]: one["confirmed"] for one in both.seen_by(REGENCY)["violations"]}
    assert confirmed == {1: False, 2: True}
    # A teacher of the ministry, lent to the regency's school.
    recommends(teacher, "moral_any", violations=[2])
    acknowledges(teacher, MINISTRY)
    imposes(teacher, "moral_closed", agency=MINISTRY)
    delivers(teacher, MINISTRY)
    closes(teacher, waived=False)

    ending = {"reason": {"code": "retired"}, "violation_found": "undecided", "official": OFFICIAL}
    retired.act(EXAMINER, "terminate", **ending)
    redirected.act(EXAMINER, "redirect", authority="gakkumdu")
    for journey in rest:
        _cleared(parties, journey)

    listed = parties[OFFICE].get("/casefiles", finding=moral.finding, limit="500").data["data"]
    assert Counter(one["outcome"] for one in listed) == {
        "sanctioned": 4, "terminated": 1, "redirected": 1, "not_proven": OFFICERS - 6,
    }  # fmt: skip
    assert len(parties[OFFICE].get(f"/findings/{moral.finding}").data["subjects"]) == OFFICERS

    named_in = {journey.casefile: person["name"] for journey, person in zip(everybody, people, strict=True)}
    for agency, own in ((REGENCY, [moral, heavy, both]), (MINISTRY, [teacher])):
        _knows_only(parties, agency, own, everybody, named_in)

    unseen = (SUBMITTER, "pemkot-padang", "pemprov-sumatera-barat")
    read_out = ("submit", "accept", "recommend", *SANCTIONED[:-1], "record-execution", "close")
    for journey in (moral, both):
        ends(journey, "sanctioned", read_out, submitter=OFFICE, unseen=(*unseen, MINISTRY))
    steps = ("submit", "accept", "recommend", *SANCTIONED)
    ends(heavy, "sanctioned", steps, submitter=OFFICE, unseen=(*unseen, MINISTRY))
    ends(teacher, "sanctioned", steps, submitter=OFFICE, unseen=(*unseen, REGENCY))
    for journey, outcome, walked in (
        (retired, "terminated", ("submit", "terminate")),
        (redirected, "redirected", ("submit", "redirect")),
        (rest[0], "not_proven", ("submit", "accept", "clear")),
        (rest[-1], "not_proven", ("submit", "accept", "clear")),
    ):
        ends(journey, outcome, walked, submitter=OFFICE, unseen=(*unseen, REGENCY, MINISTRY))
