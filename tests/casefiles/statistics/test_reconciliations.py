"""A partner's register held against ours: each way of naming, each belief, who is told what, and sums that agree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casefiles.catalogue import book
from casefiles.errors import InvalidGiven
from casefiles.flow import State
from casefiles.flow.finding import Subject
from casefiles.models import Finding
from casefiles.statistics import reconciliations
from casefiles.statistics.reconciliations import (
    ComparedLine,
    ComparedScope,
    Line,
    Named,
    Reconciliation,
    ReconciliationGiven,
)
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import ordered, perform, signed
from tests.factories import (
    AUDITOR,
    BKN,
    KASN,
    NIP,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    SUBMITTED_ON,
    Story,
    actor,
    at,
    casefile_at,
    known_subject,
    story,
    submit,
)
from tests.snapshots import snapshot

pytestmark = pytest.mark.usefixtures("db", "world")

OTHER_NIP = "199002022012012002"
ROLE_OF = {PADANG: "submitter", PROVINCE: "submitter", OTHER_OFFICE: "submitter", BKN: "examiner", PEMKOT: "employer"}


def compared(by: str, *lines: dict[str, Any], **scope: Any) -> Reconciliation:
    items = tuple(ComparedLine(**{"ref": f"baris-{place}", **line}) for place, line in enumerate(lines))
    asked = ComparedScope(**{"role": ROLE_OF.get(by, "submitter"), **scope})
    return reconciliations.reconcile(
        actor=actor(by), given=ReconciliationGiven(scope=asked, items=items), catalogue=book.load()
    )


def one(by: str, line: dict[str, Any], **scope: Any) -> Line:
    (found,) = compared(by, line, **scope).lines
    return found


def register_number(told: Story) -> str:
    return Finding.objects.get(pk=told.finding).register_number


# --- naming a case --------------------------------------------------------------------------------------------------


def test_a_case_is_found_by_each_of_its_names() -> None:
    told = casefile_at(State.RECOMMENDED)
    said = register_number(told)
    spelled = said[:3] + " " + said[3:].lower()
    for naming in (
        {"number": told.row.number},
        {"number": f" {told.row.number.lower()} "},
        {"number": told.row.number.replace("/", "\u2215")},
        {"register_number": said.replace("/", "\\")},
        {"register_number": said},
        {"register_number": spelled, "origin_office": PADANG},
        {"nip": NIP},
        {"nip": NIP, "election": "pilkada-2024"},
    ):
        line = one(PEMKOT, naming)
        assert (line.status, [found.id for found in line.casefiles]) == ("matched", [told.casefile]), naming
    for naming in (
        {"number": "LTS/2024/999999"},
        {"register_number": said, "origin_office": OTHER_OFFICE},
        {"nip": OTHER_NIP},
        {"nip": NIP, "election": "pemilu-2024"},
    ):
        assert one(PEMKOT, naming).status == "unknown", naming


def test_two_offices_with_one_register_number_are_ambiguous_until_the_office_is_named() -> None:
    here, there = (submit(by=office, register_number="001/TM/2024") for office in (PADANG, OTHER_OFFICE))
    line = one(BKN, {"register_number": "001/TM/2024"})
    assert (line.status, line.found, line.differences) == ("ambiguous", 2, ())
    assert {found.id for found in line.casefiles} == {here.steps[0].casefile, there.steps[0].casefile}
    named = one(BKN, {"register_number": "001/TM/2024", "origin_office": OTHER_OFFICE})
    assert [found.id for found in named.casefiles] == [there.steps[0].casefile]


def test_of_the_cases_a_line_may_mean_those_in_the_scope_count() -> None:
    """The office lists its own of October; the officer has another case since November."""
    old = story(subjects=(known_subject(),))
    story(subjects=(known_subject(),), occurred_at=at(date(2024, 11, 20)))
    assert one(PADANG, {"nip": NIP}).status == "ambiguous"
    line = one(PADANG, {"nip": NIP}, submitted_until=date(2024, 10, 31))
    assert (line.status, [found.id for found in line.casefiles], line.outside_scope) == (
        "matched", [old.casefile], False,
    )  # fmt: skip


def test_a_case_outside_the_scope_is_found_and_said_to_be_outside() -> None:
    told = casefile_at(State.RECOMMENDED)
    found = compared(PEMKOT, {"number": told.row.number}, election="pemilu-2024")
    assert (found.lines[0].status, found.lines[0].outside_scope) == ("matched", True)
    assert (found.counted["ours"], found.counted["listed"], found.missing) == (0, 0, ())


def test_of_many_that_a_line_may_mean_ten_are_named_and_none_is_missing() -> None:
    taken = submit(subjects=tuple(Subject(name=f"Orang {number}", violations=(1,)) for number in range(12)))
    said = Finding.objects.get(pk=taken.finding).register_number
    found = compared(PADANG, {"register_number": said})
    assert (found.lines[0].status, found.lines[0].found, len(found.lines[0].casefiles)) == ("ambiguous", 12, 10)
    assert (found.counted["ours"], found.counted["listed"], found.missing) == (12, 12, ())


def test_whoever_names_a_case_twice_is_told_so() -> None:
    told = casefile_at(State.RECOMMENDED)
    found = compared(PEMKOT, {"number": told.row.number}, {"nip": NIP, "state": "closed"}, {"number": "LTS/2024/1"})
    assert [line.status for line in found.lines] == ["matched", "repeated", "unknown"]
    assert found.lines[1].differences == ()


# --- what is believed -----------------------------------------------------------------------------------------------


def test_each_belief_is_compared_and_what_is_not_said_is_not() -> None:
    told = casefile_at(State.SANCTION_REPORTED)
    number = told.row.number
    turn = told.open
    right = {
        "state": State.SANCTION_REPORTED,
        "employer": PEMKOT,
        "violation_class": "discipline",
        "sanction": told.facts["sanction"]["sanction"],
        "due_on": turn.due_on,
    }
    assert one(PEMKOT, {"number": number, **right}).status == "matched"
    wrong = {
        "state": State.CLOSED,
        "outcome": "sanctioned",
        "employer": PEMPROV,
        "violation_class": "ethics",
        "sanction": "moral_open",
        "due_on": turn.due_on + timedelta(days=1),
    }
    line = one(PEMKOT, {"number": number, **wrong})
    assert line.status == "different"
    assert [(gap.member, gap.yours, gap.ours) for gap in line.differences] == [
        ("state", "closed", "sanction_reported"),
        ("outcome", "sanctioned", None),
        ("employer", PEMPROV, PEMKOT),
        ("violation_class", "ethics", "discipline"),
        ("sanction", "moral_open", right["sanction"]),
        ("due_on", str(wrong["due_on"]), str(turn.due_on)),
    ]
    assert one(PEMKOT, {"number": number}).status == "matched"


def test_of_a_closed_case_nothing_is_due_any_more() -> None:
    told = casefile_at(State.CLOSED)
    line = one(PEMKOT, {"number": told.row.number, "outcome": "sanctioned", "due_on": date(2024, 12, 1)})
    assert [(gap.member, gap.ours) for gap in line.differences] == [("due_on", None)]


# --- what is missing, and for whom ----------------------------------------------------------------------------------


def missing(by: str, **scope: Any) -> set[Any]:
    return {case.id for case in compared(by, {"number": "LTS/2024/000000"}, **scope).missing}


def test_each_role_misses_its_own_cases_and_an_office_those_below_it() -> None:
    told = casefile_at(State.RECOMMENDED)
    roles = {
        (by, role)
        for by in (PADANG, PROVINCE, "bawaslu-ri", OTHER_OFFICE, BKN, KASN, PEMKOT, PEMPROV, AUDITOR)
        for role in ("submitter", "examiner", "employer", "addressee")
        if missing(by, role=role) == {told.casefile}
    }
    assert roles == {
        (PADANG, "submitter"), (PROVINCE, "submitter"), ("bawaslu-ri", "submitter"), (BKN, "examiner"),
        (PEMKOT, "employer"), (PEMKOT, "addressee"),
    }  # fmt: skip


def test_nobody_is_tipped_off() -> None:
    """The office named the officer's agency, which has not been asked yet: it misses nothing, and knows of nothing."""
    told = story(subjects=(known_subject(),))
    assert told.row.employer is not None
    found = compared(PEMKOT, {"nip": NIP}, {"number": told.row.number}, {"nip": OTHER_NIP})
    hidden, by_number, absent = found.lines
    assert found.missing == ()
    for line in (hidden, by_number, absent):
        assert (line.status, line.casefiles, line.found, line.outside_scope, line.merged_into, line.differences) == (
            "unknown", (), 0, False, None, (),
        )  # fmt: skip


def test_whoever_was_asked_and_disowned_the_officer_knows_of_nothing() -> None:
    told = casefile_at(State.SUBMITTED, through=("request-identity", "disown"))
    assert one(PEMKOT, {"number": told.row.number}).status == "unknown"
    assert missing(PEMKOT) == set()


def test_the_day_of_submission_is_the_office_s_own_for_everybody() -> None:
    """Eleven in the evening of the 31st in Padang; an hour later it is November there, and in London it is not."""
    late = at(date(2024, 10, 31), 16)
    told = story(occurred_at=late, subjects=(known_subject(),))
    for by in (PADANG, BKN):
        assert missing(by, submitted_until=date(2024, 10, 31)) == {told.casefile}
        assert missing(by, submitted_from=date(2024, 10, 31), submitted_until=date(2024, 10, 31)) == {told.casefile}
        assert missing(by, submitted_from=date(2024, 11, 1)) == set()
        assert missing(by, submitted_until=date(2024, 10, 30)) == set()
    midnight = story(occurred_at=late + timedelta(hours=1), subjects=(known_subject(),))
    assert missing(PADANG, submitted_from=date(2024, 11, 1)) == {midnight.casefile}


def test_only_the_first_thousand_are_named_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliations, "MOST_MISSING", 2)
    told = [story() for _ in range(4)]
    found = compared(PADANG, {"number": told[0].row.number})
    assert (found.counted["missing"], len(found.missing)) == (3, 2)
    assert [case.id for case in found.missing] == sorted(one.casefile for one in told[1:])[:2]


# --- merged and erased ----------------------------------------------------------------------------------------------


def test_a_merged_number_means_the_case_that_took_it_in_and_is_never_missing() -> None:
    gone, kept = (story(subjects=(known_subject(),)) for _ in range(2))
    number = gone.row.number
    gone.do("merge", into=kept.casefile)
    found = compared(BKN, {"number": number, "state": State.SUBMITTED})
    (line,) = found.lines
    assert (line.status, [case.id for case in line.casefiles]) == ("matched", [kept.casefile])
    assert line.merged_into is not None
    assert (line.merged_into.number, line.merged_into.visible) == (kept.row.number, True)
    assert (found.counted["ours"], found.counted["listed"], found.missing) == (1, 1, ())
    assert compared(BKN, {"number": "LTS/2024/000000"}).counted["missing"] == 1
    both = compared(BKN, {"number": kept.row.number}, {"number": number})
    assert [line.status for line in both.lines] == ["matched", "repeated"]
    knows = one(BKN, {"number": number, "state": State.CLOSED, "outcome": "merged"})
    assert knows.status == "matched"
    believes_closed = one(BKN, {"number": number, "state": State.CLOSED})
    assert [(gap.member, gap.ours) for gap in believes_closed.differences] == [("state", "submitted")]


def test_whoever_does_not_see_what_took_the_case_in_is_told_of_it_as_the_file_tells_it() -> None:
    """The city was asked about the one and not about the other: it reads that number in its own file, and no more."""
    gone = casefile_at(State.SUBMITTED, through=("request-identity", "identify"))
    kept = story(by=OTHER_OFFICE, subjects=(known_subject(),))
    gone.do("merge", into=kept.casefile)
    assert PEMKOT not in {grant.agency.code for grant in kept.row.grants.filter(until_entry__isnull=True)}
    found = compared(PEMKOT, {"number": gone.row.number, "state": State.CLOSED, "outcome": "merged"}, {"nip": NIP})
    line = found.lines[0]
    assert (line.status, [case.id for case in line.casefiles]) == ("matched", [gone.casefile])
    assert line.merged_into == Named(kept.casefile, kept.row.number, visible=False)
    assert found.shown == {gone.casefile}
    assert (found.counted["ours"], found.missing) == (0, ())
    (seen,) = compared(PEMKOT, {"number": kept.row.number}).lines
    assert seen.status == "unknown"


def test_a_register_number_whose_case_was_merged_twice_leads_to_the_last() -> None:
    first, second, third = (story(subjects=(known_subject(),)) for _ in range(3))
    first.do("merge", into=second.casefile)
    second.do("merge", into=third.casefile, on=first.day + timedelta(days=1))
    line = one(PADANG, {"register_number": register_number(first)})
    assert [case.id for case in line.casefiles] == [third.casefile]


@pytest.mark.django_db(transaction=True)
def test_of_an_erased_case_number_state_and_outcome_are_left() -> None:
    told = casefile_at(State.CLOSED, through=("reject",), subjects=(known_subject(),))
    with as_owner():
        perform(signed(ordered(told.casefile)))
    line = one(PADANG, {"number": told.row.number, "state": State.CLOSED, "outcome": "rejected", "employer": PEMPROV})
    assert line.status == "matched"
    wrong = one(PADANG, {"number": told.row.number, "outcome": "withdrawn", "employer": PEMPROV})
    assert [(gap.member, gap.ours) for gap in wrong.differences] == [("outcome", "rejected")]
    assert one(PADANG, {"nip": NIP}).status == "unknown"
    assert [case.number for case in compared(PADANG, {"nip": NIP}).missing] == [told.row.number]


# --- what is refused ------------------------------------------------------------------------------------------------


def test_everything_wrong_is_said_at_once_and_no_value_is_repeated() -> None:
    with pytest.raises(InvalidGiven) as invalid:
        compared(
            PEMKOT,
            {},
            {"number": "LTS/2024/000001", "nip": NIP},
            {"number": "LTS/2024/000001", "election": "pilkada-2024"},
            {"nip": NIP, "origin_office": PADANG},
            {"nip": NIP, "employer": "tidak-ada"},
            {"register_number": "1", "origin_office": "tidak-ada"},
        )
    assert [(fault.code, fault.pointer) for fault in invalid.value.faults] == [
        ("one-way-of-naming", "#/items/0"),
        ("one-way-of-naming", "#/items/1"),
        ("narrows-nothing", "#/items/2/election"),
        ("narrows-nothing", "#/items/3/origin_office"),
        ("unknown-agency", "#/items/4/employer"),
        ("unknown-agency", "#/items/5/origin_office"),
    ]
    assert all(NIP not in f"{fault.id}{fault.en}" and fault.id and fault.en for fault in invalid.value.faults)


def test_nothing_is_stored() -> None:
    casefile_at(State.RECOMMENDED)
    before = snapshot()
    compared(PEMKOT, {"nip": NIP})
    assert snapshot() == before


# --- the counts -----------------------------------------------------------------------------------------------------


@pytest.fixture
def names() -> list[dict[str, Any]]:
    """Eight cases of the office and whatever may name them, well or badly."""
    merged, into = (story(subjects=(known_subject(),)) for _ in range(2))
    merged.do("merge", into=into.casefile)
    several = submit(subjects=tuple(Subject(name=f"Orang {number}", violations=(1,)) for number in range(3)))
    told = [
        merged,
        into,
        casefile_at(State.CLOSED, officer={"nip": OTHER_NIP, "name": "Lain"}),
        story(occurred_at=at(SUBMITTED_ON + timedelta(days=40))),
        story(by=OTHER_OFFICE),
    ]
    said = Finding.objects.get(pk=several.finding).register_number
    return [
        *({"number": each.row.number} for each in told),
        *({"number": step.columns.number} for step in several.steps),
        *({"register_number": register_number(each)} for each in told),
        {"register_number": said},
        {"register_number": said, "origin_office": OTHER_OFFICE},
        {"nip": NIP},
        {"nip": OTHER_NIP, "election": "pilkada-2024"},
        {"nip": OTHER_NIP, "election": "pemilu-2024"},
        {"number": "LTS/2024/000000"},
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_whatever_is_sent_the_counts_add_up(names: list[dict[str, Any]], data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=30))
    believed = data.draw(st.lists(st.sampled_from([None, *State]), min_size=len(lines), max_size=len(lines)))
    scope = {
        "election": data.draw(st.sampled_from([None, "pilkada-2024", "pemilu-2024"])),
        "submitted_from": data.draw(st.sampled_from([None, SUBMITTED_ON, SUBMITTED_ON + timedelta(days=1)])),
        "submitted_until": data.draw(st.sampled_from([None, SUBMITTED_ON, SUBMITTED_ON + timedelta(days=90)])),
    }
    by = data.draw(st.sampled_from([PADANG, PROVINCE, OTHER_OFFICE, BKN, PEMKOT, PEMPROV, AUDITOR]))
    found = compared(by, *({**line, "state": state} for line, state in zip(lines, believed, strict=True)), **scope)
    counted = found.counted
    assert counted["yours"] == len(lines) == sum(counted[status] for status in reconciliations.STATUSES)
    assert counted["ours"] == counted["listed"] + counted["missing"]
    assert counted["missing"] == len(found.missing)
    # Whatever is shown as missing is named by no line, and nobody is shown what he does not see.
    named = {case.id for line in found.lines for case in line.casefiles}
    assert not named & {case.id for case in found.missing}
    certain = [line for line in found.lines if line.status in {"matched", "different"} and not line.outside_scope]
    assert len(certain) <= counted["listed"]
    if by == PEMPROV:
        assert found.shown == set()
