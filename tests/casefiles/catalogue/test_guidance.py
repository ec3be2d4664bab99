"""What the law says of an act that nobody has done: the class a finding gets, and from which day to which."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from casefiles.catalogue import guidance, places
from casefiles.catalogue.book import load
from casefiles.catalogue.classification import explained
from casefiles.catalogue.guidance import Asked, advise
from casefiles.catalogue.law import classified
from casefiles.file import ViolationStated

catalogue = load()
DESIGNATED = dt.date(2024, 9, 22)
FORMS = sorted(catalogue.codes("violations"))
OFFICES = sorted(catalogue.codes("contest_office"))
ELECTIONS = [None, *catalogue.codes("elections")]
REGIONS = [None, "13", "13.71", "13.06", "62.02", "34"]
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2030, 12, 31))


def like(day: dt.date = dt.date(2024, 9, 21), **changed: Any) -> Asked:
    said: dict[str, Any] = {
        "form": "social_media_engagement",
        "election": "pilkada-2024",
        "contest_office": "mayor",
        "region": "13.71",
    }
    return Asked(act_date=day, **{**said, **changed})


ACTS = st.builds(
    Asked,
    form=st.sampled_from(FORMS),
    act_date=DAYS,
    act_until=st.none() | DAYS,
    election=st.sampled_from(ELECTIONS),
    election_nexus=st.sampled_from(sorted(catalogue.codes("election_nexus"))),
    contest_office=st.none() | st.sampled_from(OFFICES),
    region=st.sampled_from(REGIONS),
    employment_kind=st.none() | st.sampled_from(sorted(catalogue.codes("employment_kind"))),
)


@given(ACTS)
def test_the_class_is_the_one_that_a_finding_gets(asked: Asked) -> None:
    """`classified` is what `submit` writes into the file; the whole explanation is compared, not the class alone."""
    violation: ViolationStated = {
        "form": asked.form,
        "act_date": asked.act_date.isoformat(),
        "act_until": asked.act_until.isoformat() if asked.act_until else None,
        "contest": {"office": asked.contest_office, "region": asked.region} if asked.contest_office else None,
    }
    finding = {"election": asked.election, "election_nexus": asked.election_nexus}
    submitted = classified(violation, finding, catalogue=catalogue)
    if asked.contest_office is None:
        # A finding that names no contest has no region of one.
        asked = Asked(
            form=asked.form, act_date=asked.act_date, act_until=asked.act_until, election=asked.election,
            election_nexus=asked.election_nexus,
        )  # fmt: skip
    found = advise(asked, catalogue).now.found
    assert (found.violation_class, found.annex_item) == (submitted["violation_class"], submitted["annex_item"])
    assert explained(found) == submitted["class"]


@given(ACTS, st.data())
def test_from_the_first_day_to_the_last_the_answer_is_the_same(asked: Asked, data: st.DataObject) -> None:
    told = advise(asked, catalogue)
    day = max(asked.act_date, asked.act_until or asked.act_date)
    assert told.since is None or told.since <= day
    assert told.until is None or day < told.until
    first = told.since or dt.date(2010, 1, 1)
    last = told.until - dt.timedelta(days=1) if told.until else dt.date(2040, 1, 1)
    assume(first <= last)
    within = data.draw(st.dates(first, last))
    assert _on(asked, within).now.key == told.now.key
    if told.since is not None:
        assert _on(asked, told.since - dt.timedelta(days=1)).now.key != told.now.key
    if told.until is not None:
        assert told.then is not None
        assert _on(asked, told.until).now.key == told.then.key != told.now.key


def _on(asked: Asked, day: dt.date) -> guidance.Guidance:
    return advise(replace(asked, act_date=day, act_until=None), catalogue)


def test_a_like_is_ethics_until_the_designation_and_discipline_from_that_day_on() -> None:
    told = advise(like(employment_kind="pns"), catalogue)
    assert (told.now.found.violation_class, told.now.found.annex_item) == ("ethics", "A4")
    assert [row.code for row in told.now.sanctions] == ["moral_closed", "moral_open"]
    assert (told.since, told.until, told.certainty) == (dt.date(2022, 9, 22), DESIGNATED, "seen")
    assert told.decree is not None
    assert "PANRB 2/2022" in told.decree.label_id
    assert told.then is not None
    assert (told.then.found.violation_class, told.then.found.annex_item) == ("discipline", "B6")
    assert told.stage is not None
    assert told.stage.stage == "nomination"


def test_the_sanctions_are_those_of_the_day_and_of_that_employment() -> None:
    heavy = {kind: advise(like(DESIGNATED, employment_kind=kind), catalogue).now.sanctions for kind in ("pns", "pppk")}
    assert "release_to_executor_12m" in [row.code for row in heavy["pns"]]
    assert "release_to_executor_12m" not in [row.code for row in heavy["pppk"]]
    assert all(row.in_force(on=DESIGNATED) and row.agency is None for rows in heavy.values() for row in rows)
    assert [row.rank for row in heavy["pns"]] == sorted(row.rank for row in heavy["pns"])


def test_without_a_contest_the_day_of_change_is_not_known_and_nothing_is_made_up() -> None:
    told = advise(like(contest_office=None, region=None), catalogue)
    assert told.now.found.designation_pending
    assert told.until is None
    assert told.then is None


@pytest.mark.parametrize(
    ("office", "region", "member"),
    [("governor", "34", "contest_office"), ("mayor", "13.06", "contest_office"), ("president", "13", "contest_office")],
)
def test_a_contest_that_nobody_holds_is_refused_as_in_a_finding(office: str, region: str, member: str) -> None:
    (fault,) = guidance.faults(like(contest_office=office, region=region), catalogue)
    submitted = places.contest_fault(office, region, election="pilkada-2024", catalogue=catalogue, pointer="#")
    assert submitted is not None
    assert (fault.code, fault.id, fault.near) == (submitted.code, submitted.id, submitted.near)
    assert fault.pointer == f"#/{member}"
