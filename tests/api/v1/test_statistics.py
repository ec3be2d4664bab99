"""`/statistics` at the door: what is counted, as of when, for whom, at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import ledger
from audit.models import Access
from casefiles.flow import State
from casefiles.flow.finding import Clarification, Subject
from casefiles.flow.given import ReopenReason
from casefiles.models import Payload
from casefiles.operations import clock
from tests import factories
from tests.callers import as_owner
from tests.counted import CODES, asked, keyed, refused, totals
from tests.factories import (
    AUDITOR,
    BKN,
    HOME_AFFAIRS,
    KASN,
    NIP,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
)
from tests.partner import Partner, said
from tests.sequencing import Sequencing

OTHER_NIP = "197905052006041001"


# -- what is counted --------------------------------------------------------------------------------------------------


def test_the_funnel_counts_what_a_casefile_has_been_through_and_where_it_stands(sequenced: Sequencing) -> None:
    """Reported, proven, followed up: as KASN and BKN told it, each with its definition."""
    factories.casefile_at(State.SUBMITTED)
    for state in (State.RECOMMENDED, State.SANCTION_REPORTED, State.CLOSED):
        factories.casefile_at(state)
    factories.casefile_at(State.CLOSED, through=(*factories.PATHS[State.UNDER_EXAMINATION], "clear"))
    factories.casefile_at(State.CLOSED, through=(*factories.PATHS[State.DISPUTED], "retract"))
    factories.casefile_at(State.CLOSED, through=("reject",))
    sequenced()
    told = asked(AUDITOR, **{"Accept-Language": "en"})
    assert {code: told["totals"][code] for code in CODES} == {
        "submitted": 7,
        "open": 3,
        "recommended": 4,
        "not_proven": 2,
        "followed_up": 2,
        "closed": 4,
        "overdue": 0,
        "blocked": 0,
    }
    assert [one["code"] for one in told["definitions"]["measures"]] == list(CODES)
    assert "proven" in told["definitions"]["measures"][2]["text"]
    assert "terbukti" in asked(AUDITOR)["definitions"]["measures"][2]["text"]
    assert (told["unit"], told["by"], told["data"], told["filters"]) == ("casefiles", [], [], {})


def test_overdue_and_blocked_are_what_the_log_says(sequenced: Sequencing) -> None:
    """A level that the clock reached, not a due day that has passed."""
    late, blocked = factories.casefile_at(State.AWAITING_SANCTION), factories.story()
    blocked.do("block-data")
    blocked.do("reject")
    sequenced()
    assert totals(AUDITOR) == {"submitted": 2, "open": 1, "recommended": 1, "closed": 1, "blocked": 1}
    clock.tick(now=factories.at(date(2024, 10, 27)))
    sequenced()
    assert late.row.overdue_level == 2
    assert (totals(AUDITOR)["overdue"], totals(AUDITOR)["blocked"]) == (1, 1)
    assert keyed(AUDITOR, "?by=overdue") == {0: 1, 2: 1}
    assert keyed(AUDITOR, "?by=data_block") == {"active": 1, "none": 1}


def test_a_merged_casefile_is_counted_once_and_stated_apart(sequenced: Sequencing) -> None:
    """And again as itself once the merge is undone."""
    kept, merged = factories.story(), factories.story()
    merged.do("merge", into=kept.casefile)
    sequenced()
    told = asked(AUDITOR, "?by=outcome")
    assert (told["totals"]["submitted"], told["totals"]["closed"], told["merged"]) == (1, 0, 1)
    assert [row["key"] for row in told["data"]] == [{"outcome": None}]
    merged.do("unmerge")
    sequenced()
    again = asked(AUDITOR)
    assert (again["totals"]["submitted"], again["merged"]) == (2, 0)


def test_by_two_dimensions_in_a_fixed_order(sequenced: Sequencing) -> None:
    """Agencies as code and name; what is not known is null and comes last."""
    factories.casefile_at(State.RECOMMENDED)
    factories.casefile_at(State.UNDER_EXAMINATION)
    factories.casefile_at(State.SUBMITTED)
    sequenced()
    assert list(keyed(AUDITOR, "?by=employer,state").items()) == [
        ((PEMKOT, "recommended"), 1),
        ((PEMKOT, "under_examination"), 1),
        ((None, "submitted"), 1),
    ]
    first = asked(AUDITOR, "?by=employer,state")["data"][0]["key"]
    assert first == {"employer": {"code": PEMKOT, "name": "Pemerintah Kota Padang"}, "state": "recommended"}


def test_every_dimension_can_be_asked_for(sequenced: Sequencing) -> None:
    factories.casefile_at(State.CLOSED)
    sequenced()
    said_of_it = {
        "state": "closed",
        "outcome": "sanctioned",
        "election": "pilkada-2024",
        "form": "social_media_engagement",
        "violation_class": "discipline",
        "submitter": PADANG,
        "examiner": BKN,
        "employer": PEMKOT,
        "overdue": 0,
        "data_block": "none",
        "month": "2024-10",
    }
    assert {name: keyed(AUDITOR, f"?by={name}") for name in said_of_it} == {
        name: {value: 1} for name, value in said_of_it.items()
    }


def test_a_casefile_of_two_forms_stands_in_two_rows_and_counts_once(sequenced: Sequencing) -> None:
    acts = (factories.violation(), factories.violation(2, form="online_campaign"))
    factories.story(violations=acts, subjects=(Subject(name="Orang", violations=(1, 2)),))
    sequenced()
    forms = keyed(AUDITOR, "?by=form")
    assert forms == {"online_campaign": 1, "social_media_engagement": 1}
    assert totals(AUDITOR, "?by=form") == {"submitted": 1, "open": 1}
    assert totals(AUDITOR, "?form=online_campaign")["submitted"] == 1
    assert totals(AUDITOR, "?form=party_membership") == {}


def test_findings_and_officers_are_other_units(sequenced: Sequencing) -> None:
    """One finding of three officers, of whom one has another matter and one is not identified: 4, 2, 2."""
    known = factories.known_subject()
    other = factories.known_subject(nip=OTHER_NIP, name="Orang Lain")
    factories.submit(subjects=(known, other, Subject(name="Tak Dikenal", violations=(1,))))
    again = factories.story(subjects=(known,))
    again.do("reject")
    sequenced()
    assert totals(AUDITOR) == {"submitted": 4, "open": 3, "closed": 1}
    assert totals(AUDITOR, "?unit=findings") == {"submitted": 2, "open": 1, "closed": 1}
    assert totals(AUDITOR, "?unit=officers") == {"submitted": 2, "open": 2, "closed": 1, "unidentified": 1}
    assert asked(AUDITOR, "?unit=officers")["erased"] == 0
    assert asked(AUDITOR)["erased"] is None


def test_filters_are_those_of_the_list(sequenced: Sequencing) -> None:
    factories.casefile_at(State.RECOMMENDED)
    factories.story(by=OTHER_OFFICE)
    sequenced()
    passing = [
        f"submitter={PADANG}", f"employer={PEMKOT}", "state=recommended", "state=recommended,closed",
    ]  # fmt: skip
    for query in passing:
        assert totals(AUDITOR, f"?{query}") == {"submitted": 1, "open": 1, "recommended": 1}, query
    for query in ("election=pilkada-2024", "violation_class=discipline", f"examiner={BKN}"):
        assert totals(AUDITOR, f"?{query}")["submitted"] == 2, query
    for query in ("outcome=sanctioned", f"employer={BKN}", f"examiner={KASN}"):
        assert totals(AUDITOR, f"?{query}") == {}, query
    assert asked(AUDITOR, "?state=recommended,closed&submitted_from=2024-10-01")["filters"] == {
        "state": ["closed", "recommended"],
        "submitted_from": "2024-10-01",
    }


def test_the_day_of_submission_is_jakartas_and_the_period_half_open(sequenced: Sequencing) -> None:
    """Recorded at 18:00 UTC on the last day of September, which is October in Jakarta."""
    moment = datetime(2024, 9, 30, 17, tzinfo=UTC)
    factories.story(
        occurred_at=moment,
        known_on=date(2024, 9, 29),
        registered_on=date(2024, 9, 30),
        clarification=Clarification(held=True, held_on=date(2024, 9, 30)),
    )
    sequenced()
    assert keyed(AUDITOR, "?by=month") == {"2024-10": 1}
    assert totals(AUDITOR, "?submitted_from=2024-10-01&submitted_until=2024-10-02")["submitted"] == 1
    assert totals(AUDITOR, "?submitted_until=2024-10-01") == {}


# -- as of when -------------------------------------------------------------------------------------------------------


def test_the_same_question_at_the_same_index_has_the_same_answer_after_more_has_happened(
    sequenced: Sequencing,
) -> None:
    """Counted, acted, counted again as of the old index: not a byte of rows and digest has moved."""
    told, other = factories.casefile_at(State.RECOMMENDED), factories.casefile_at(State.UNDER_EXAMINATION)
    acts = (factories.violation(), factories.violation(2, form="online_campaign"))
    of_two_forms = factories.story(violations=acts, subjects=(Subject(name="Orang", violations=(1, 2)),))
    sequenced()
    queries = (
        "?by=state,employer",
        "?by=form,state",
        "?by=form&unit=findings",
        "?by=month&unit=officers",
        "?by=form&publish=true",
    )
    before = {query: Partner(BKN).get(f"/statistics{query}").content for query in queries}
    index = asked(BKN)["as_of"]["index"]
    at_first = asked(BKN, "?by=outcome")
    assert keyed(BKN, "?by=form") == {"online_campaign": 1, "social_media_engagement": 3}
    told.do("acknowledge")
    told.do("report-sanction")
    other.do("terminate")
    of_two_forms.do("reject")
    factories.submit(subjects=(factories.known_subject(),))
    sequenced()
    assert asked(BKN, "?by=outcome")["data"] != at_first["data"], "more has happened"
    for query in queries:
        after = Partner(BKN).get(f"/statistics{query}&as_of={index}").content
        assert _of_today(after) == _of_today(before[query])
    assert asked(BKN, f"?as_of={index}")["head"] > index


def _of_today(content: bytes) -> bytes:
    """Without the one member that says how far the log is today."""
    return re.sub(rb'"head":\s*\d+', b"", content)


def test_each_index_counts_the_versions_of_its_moment(sequenced: Sequencing) -> None:
    """From one entry to the next exactly what that entry says has changed."""
    factories.casefile_at(State.CLOSED)
    sequenced()
    head = asked(AUDITOR)["head"]
    states: list[str] = []
    for index in range(head + 1):
        rows = asked(AUDITOR, f"?by=state&as_of={index}")["data"]
        states += [row["key"]["state"] for row in rows if [row["key"]["state"]] != states[-1:]]
    assert states == [
        "submitted", "identity_requested", "submitted", "under_examination", "recommended", "awaiting_sanction",
        "sanction_reported", "closed",
    ]  # fmt: skip
    assert totals(AUDITOR, "?as_of=0") == {}


def test_what_was_recommended_of_a_wrong_person_is_not_counted_for_the_right_one(sequenced: Sequencing) -> None:
    """Reopened about another: from that index on nothing was, until it is again; at the index before it still was."""
    told, other = factories.casefile_at(State.CLOSED), factories.casefile_at(State.CLOSED)
    sequenced()
    before = asked(AUDITOR)["head"]
    told.do("reopen", ground=ReopenReason(code="wrong_person"))
    other.do("reopen", ground=ReopenReason(code="new_evidence"))
    sequenced()
    after = asked(AUDITOR)["head"]
    was = {"submitted": 2, "closed": 2, "recommended": 2, "followed_up": 2}
    came = {"submitted": 2, "open": 2, "recommended": 1, "followed_up": 1}
    assert (totals(AUDITOR, f"?as_of={before}"), totals(AUDITOR)) == (was, came)
    told.do("request-identity", employer=PEMPROV)
    told.do("identify", by=PEMPROV, employer=PEMPROV, nip=OTHER_NIP)
    for name in ("accept", "recommend"):
        told.do(name)
    sequenced()
    assert totals(AUDITOR) == came | {"recommended": 2}
    assert totals(AUDITOR, "?unit=officers") == came | {"recommended": 2}
    assert [totals(AUDITOR, f"?as_of={index}") for index in (before, after)] == [was, came]


def test_what_has_no_place_in_the_log_yet_is_not_counted(sequenced: Sequencing) -> None:
    """Otherwise the number would be of no index, and could not be had again."""
    told = factories.story()
    sequenced()
    told.do("reject")
    factories.story()
    assert totals(AUDITOR) == {"submitted": 1, "open": 1}
    sequenced()
    assert totals(AUDITOR) == {"submitted": 2, "open": 1, "closed": 1}


def test_the_moment_is_said(sequenced: Sequencing) -> None:
    told = factories.story()
    sequenced()
    moment = asked(AUDITOR)
    assert moment["as_of"] == {"index": moment["head"], "at": ledger.instant(told.row.updated_at)}
    problem = refused(AUDITOR, f"?as_of={moment['head'] + 1}")
    assert (problem["code"], str(moment["head"]) in problem["detail"]) == ("beyond-head", True)


def test_an_empty_log_counts_nothing(db: None, world: object) -> None:
    factories.story()
    told = asked(AUDITOR)
    assert (told["as_of"], told["head"], told["totals"]["submitted"]) == ({"index": -1, "at": None}, -1, 0)
    assert refused(AUDITOR, "?as_of=0")["code"] == "beyond-head"


def test_an_erased_casefile_counts_and_its_officer_does_no_more(sequenced: Sequencing) -> None:
    """The one thing that changes the past, and only for officers: the answer says how many were erased."""
    factories.story(subjects=(factories.known_subject(),)).do("reject")
    sequenced()
    index = asked(AUDITOR)["head"]
    casefiles, officers = asked(AUDITOR, f"?as_of={index}"), f"?unit=officers&as_of={index}"
    assert totals(AUDITOR, officers) == {"submitted": 1, "closed": 1}
    with as_owner():  # what `casefiles.operations.erasure` does to the rows of a casefile
        Payload.objects.filter(nip=NIP).update(nip="", facts=None, given=None, erased_at=datetime.now(UTC))
    assert asked(AUDITOR, f"?as_of={index}") == casefiles
    assert totals(AUDITOR, officers) == {"unidentified": 1}
    assert asked(AUDITOR, officers)["erased"] == 1


# -- for whom ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_cities(sequenced: Sequencing) -> tuple[Story, Story]:
    """A casefile of Padang's city and one of the province's, forwarded by two offices, both recommended."""
    told = (
        factories.casefile_at(State.RECOMMENDED),
        factories.story(by=OTHER_OFFICE, subjects=(factories.known_subject(nip=OTHER_NIP, employer=PEMPROV),)),
    )
    told[1].employer = told[1].addressee = PEMPROV
    for name in ("accept", "recommend"):
        told[1].do(name)
    sequenced()
    return told


@pytest.mark.parametrize(
    ("agency", "sight", "number"),
    [(AUDITOR, "all", 2), (BKN, "own", 2), (PROVINCE, "own", 2), (PADANG, "own", 1), (PEMKOT, "own", 1),
     (PEMPROV, "own", 1), (KASN, "own", 0), (HOME_AFFAIRS, "own", 0)],
)  # fmt: skip
def test_each_counts_what_it_sees(two_cities: object, agency: str, sight: str, number: int) -> None:
    told = asked(agency, "?by=employer")
    assert (told["sight"], told["counted_for"]["code"], told["totals"]["submitted"]) == (sight, agency, number)
    assert sum(row["submitted"] for row in told["data"]) == number


def test_an_employer_learns_nothing_of_others(two_cities: object) -> None:
    """By no dimension, no filter and no unit, and at no index; nor from a casefile of the same finding."""
    factories.submit(
        subjects=(factories.known_subject(), factories.known_subject(nip=OTHER_NIP, employer=PEMPROV)),
    )
    for query in ("?by=submitter,employer", "?unit=findings&by=submitter", "?unit=officers&by=employer"):
        answer = Partner(PEMKOT).get(f"/statistics{query}")
        assert PEMPROV not in answer.content.decode()
        assert OTHER_OFFICE not in answer.content.decode()
        assert said(answer)["totals"]["submitted"] == 1
    assert totals(PEMKOT, f"?employer={PEMPROV}") == {}
    assert totals(PEMKOT, f"?submitter={OTHER_OFFICE}&unit=findings") == {}


def test_whoever_was_asked_for_nothing_any_more_does_not_count_it(sequenced: Sequencing) -> None:
    """A former party reads the file as it left it; a count would tell it how that went on."""
    told = factories.casefile_at(State.SUBMITTED, through=("request-identity", "disown"))
    sequenced()
    assert told.row.employer is None
    assert totals(PEMKOT) == {}


def test_that_somebody_counted_is_recorded_and_no_casefile_named(two_cities: object) -> None:
    asked(AUDITOR, f"?by=state&employer={PEMKOT}")
    row = Access.objects.latest("id")
    assert (row.route, row.shown, row.client.startswith("bpk")) == ("/statistics", [], True)


def test_two_offices_with_one_digest_hold_the_same_numbers(two_cities: object) -> None:
    """Whatever language they read and whose sight it was; another question or number has another digest."""
    mine, theirs = asked(AUDITOR, "?by=employer"), asked(BKN, "?by=employer", **{"Accept-Language": "en"})
    assert mine["digest"] == theirs["digest"]
    others = [asked(AUDITOR, query)["digest"] for query in ("", "?by=submitter", "?by=employer&as_of=0")]
    assert len({mine["digest"], asked(PEMKOT, "?by=employer")["digest"], *others}) == 5
    numbers = {
        "edition": mine["definitions"]["edition"],
        "unit": "casefiles",
        "as_of": mine["as_of"]["index"],
        "by": ["employer"],
        "filters": {},
        "publish": False,
        "data": [
            {**{code: row[code] for code in CODES}, "key": {"employer": row["key"]["employer"]["code"]}}
            for row in mine["data"]
        ],
        "totals": {code: mine["totals"][code] for code in CODES},
        "merged": 0,
    }
    assert ledger.digest_of(numbers).hex() == mine["digest"], "the documented recipe"


# -- what it costs ----------------------------------------------------------------------------------------------------


def test_it_takes_as_many_statements_for_many_as_for_one(sequenced: Sequencing) -> None:
    """Token, moment, numbers, names of agencies, the record of the read."""

    def statements(query: str) -> int:
        partner = Partner(BKN)
        partner.get(f"/statistics{query}")
        with CaptureQueriesContext(connection) as seen:
            assert partner.get(f"/statistics{query}").status_code == 200
        return sum(1 for one in seen if "SAVEPOINT" not in one["sql"] and "api_ratebucket" not in one["sql"])

    queries: dict[str, Callable[[int], bool]] = {
        "": lambda number: number == 4,
        "?by=state": lambda number: number == 4,
        "?by=submitter,employer&unit=officers": lambda number: number == 5,
        "?by=employer&publish=true&as_of=2": lambda number: number == 5,
    }
    factories.casefile_at(State.RECOMMENDED)
    sequenced()
    first = {query: statements(query) for query in queries}
    for number in range(20):
        factories.story(by=PADANG if number % 2 else OTHER_OFFICE)
    sequenced()
    assert {query: statements(query) for query in queries} == first
    assert all(expected(first[query]) for query, expected in queries.items()), first
