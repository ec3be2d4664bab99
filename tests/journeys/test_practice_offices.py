"""Cases as they run in practice, told by who forwards them: two offices at once, one for another."""

import uuid
from collections.abc import Mapping

import pytest

from demo.client import Client, Refused
from tests.journeys.endings import (
    ASKED,
    SANCTIONED,
    Ends,
    asked_and_accepted,
    named,
    officer,
    recommends,
    sanctioned,
    steps_told,
    told,
)
from tests.journeys.paths import (
    ABOVE,
    EMPLOYER,
    EXAMINER,
    REPORTER,
    SUBMITTER,
    Journey,
    finding,
    refusal,
    registered,
    submitted,
)

Parties = Mapping[str, Client]

NEIGHBOUR, RI = "bawaslu-kab-agam", "bawaslu-ri"


def test_a_matter_of_two_channels_is_merged_late_and_both_offices_follow_it_to_the_end(
    parties: Parties, ends: Ends
) -> None:
    person, number = officer("Dua Kanal"), f"2024-{uuid.uuid4()}"
    channels = ((SUBMITTER, "report", "sbt"), (NEIGHBOUR, "public_complaint", "sigaplapor"))
    made = []
    for office, source, system in channels:
        body = finding(parties[office], subjects=[named(person)], origin_office=office, source=source)
        # SIGAPLAPOR quotes the number that SBT gave, as the office was told it on the telephone.
        body["references"] = [{"system": system, "value": number}, {"system": "other", "value": number}]
        answer = parties[office].post("/findings", body).data
        made.append(Journey(parties, answer["casefiles"][0]["id"], answer["id"], answer["casefiles"][0]["number"]))
    first, late = made
    first.act(EXAMINER, "request-identity", employer=EMPLOYER)
    first.act(EMPLOYER, "identify", **person)
    refused = refusal(first, EXAMINER, "accept")
    assert [(one["code"], one["resolve_with"]) for one in refused.errors] == [("duplicates-not-judged", ["merge"])]
    (hint,) = first.seen_by(EXAMINER)["suspected_duplicates"]
    assert (hint["number"], "shared_reference" in hint["because"]) == (late.number, True)
    # At first it looked like another day's act; the letter was out when it proved to be the same.
    first.accept()
    recommends(first, "discipline_medium")
    late.today = first.today
    merged = late.act(EXAMINER, "merge", into=first.casefile, text="Temuan yang sama lewat SIGAPLAPOR.")
    assert (merged["outcome"], merged["merged"]["number"]) == ("merged", first.number)
    first.today = late.today
    sanctioned(first, "allowance_cut_25_6m")

    unseen = ("kemendagri", "bawaslu-kab-kotawaringin-timur")
    ends(late, "merged", ("submit", "merge"), submitter=NEIGHBOUR, unseen=(*unseen, SUBMITTER, EMPLOYER))
    ends(first, "sanctioned", (*ASKED, "recommend", "absorb", *SANCTIONED), unseen=unseen)
    # The office whose file was taken in finds the other by its own number, and hears of it from there on.
    (found,) = parties[NEIGHBOUR].get("/casefiles", number=late.number).data["data"]
    (led,) = parties[NEIGHBOUR].get("/casefiles", number=found["merged"]["number"]).data["data"]
    assert (led["id"], led["outcome"]) == (first.casefile, "sanctioned")
    assert ends.fed(first, NEIGHBOUR) == ["absorb", *SANCTIONED]
    assert NEIGHBOUR not in first.read(EMPLOYER).content.decode() + first.read(EMPLOYER, "/timeline").content.decode()


def test_the_province_takes_a_case_over_completes_it_delegates_it_and_reads_on_to_the_end(
    parties: Parties, ends: Ends
) -> None:
    journey = submitted(parties)
    person = officer("Diambil Alih")
    journey.act(EXAMINER, "return", items=[{"code": "missing_evidence", "text": "Lampirkan bukti."}])
    letter = journey.letter("P-1/2024")
    taken = journey.act(ABOVE, "reassign", office=ABOVE, kind="taken_over", letter=letter)
    assert (taken["submitter"]["code"], taken["turn"]["agency"]["code"]) == (ABOVE, ABOVE)
    answers = [{"item": 1, "text": "Terlampir."}]
    with pytest.raises(Refused, match="wrong-party"):
        journey.act(SUBMITTER, "complete", answers=answers)
    evidence = registered(parties[ABOVE], "evidence")
    journey.act(ABOVE, "complete", answers=[{**answers[0], "documents": [evidence]}])
    assert journey.is_hidden_from(NEIGHBOUR)
    down = journey.act(ABOVE, "reassign", office=NEIGHBOUR, kind="delegated", text="Terlapor bertugas di Agam.")
    assert down["submitter"]["code"] == NEIGHBOUR
    asked_and_accepted(journey, person)
    journey.act(NEIGHBOUR, "note", code="new_evidence", date=str(journey.today))
    recommends(journey, "discipline_medium")
    sanctioned(journey, "allowance_cut_25_6m")

    steps = (
        *("submit", "return", "reassign", "complete", "reassign", "request-identity", "identify", "accept", "note"),
        *("recommend", *SANCTIONED),
    )
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-kotawaringin-timur", "kemendagri"))
    for office in (ABOVE, RI):
        assert ends.fed(journey, office) == list(steps)
    # Who has the case from the second change of hands on reads its past and hears of its future.
    assert [step["name"] for step in steps_told(journey, NEIGHBOUR)] == list(steps)
    assert ends.fed(journey, NEIGHBOUR) == list(steps[4:])
    assert REPORTER["name"] in journey.read(NEIGHBOUR).content.decode()
    for reader in (ABOVE, SUBMITTER):
        assert REPORTER["name"] not in journey.read(reader).content.decode()
    assert REPORTER["name"] not in told(journey, EMPLOYER)
