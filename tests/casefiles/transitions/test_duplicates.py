"""When two casefiles may be the same matter, who is told, and what `accept` asks of him who is."""

import copy
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from casefiles.flow import FLOW, Refused, State
from casefiles.flow.finding import Clarification, Reference
from casefiles.flow.intake import duplicates_judged
from casefiles.models import Payload
from casefiles.transitions import duplicates
from tests.casefiles.flow.views import FACTS
from tests.factories import BKN, KASN, NAME, PEMPROV, Story, actor, at, known_subject, story, violation
from tests.factories import OTHER_OFFICE as AGAM

OFFICER, FORM, DAYS, REFERENCE = duplicates.REASONS
TRIPLE = (OFFICER, FORM, DAYS)


# --- pure -----------------------------------------------------------------------------------------------------------


def file(*, act: Any | None = None, subject: Any | None = None, **changed: Any) -> Any:
    """The ordinary file with another act, subject or anything else."""
    facts: Any = copy.deepcopy(dict(FACTS))
    facts["subject"] |= {"name": NAME, **(subject or {})}
    facts["violations"][0] |= act or {}
    return {**facts, **changed}


def test_the_same_officer_and_form_within_seven_days() -> None:
    assert duplicates.reasons(file(), file()) == TRIPLE


@pytest.mark.parametrize(
    ("act", "suspected"),
    [
        ({"act_date": "2024-10-06"}, True),
        ({"act_date": "2024-10-07"}, False),
        ({"act_date": "2024-09-22"}, True),
        ({"act_date": "2024-09-21"}, False),
        ({"act_date": "2024-09-01", "act_until": "2024-09-22"}, True),
        ({"act_date": "2024-09-01", "act_until": "2024-09-21"}, False),
        ({"act_date": "2024-08-01", "act_until": "2024-12-01"}, True),
        ({"form": "install_props"}, False),
    ],
)
def test_days_count_both_ways_and_as_long_as_the_act_lasted(act: Any, suspected: bool) -> None:
    found = TRIPLE if suspected else ()
    assert duplicates.reasons(file(), file(act=act)) == found
    assert duplicates.reasons(file(act=act), file()) == found


def test_form_and_day_have_to_meet_in_one_act() -> None:
    near = {"number": 2, "form": "install_props", "act_date": "2024-09-29"}
    far = {**FACTS["violations"][0], "act_date": "2024-06-01"}
    assert duplicates.reasons(file(), file(violations=[far, near])) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({}, {"nip": "199001012015011001"}, False),
        ({}, {"nip": None}, True),
        ({"nip": None}, {"nip": None, "name": f" {NAME.upper()} "}, True),
        ({"nip": None}, {"nip": None, "name": f"Dr. H. {NAME}, S.Pd., M.Si."}, True),
        ({"nip": None}, {"nip": None, "name": "Orang Lain"}, False),
        ({"nip": None, "name": None}, {"nip": None, "name": None}, False),
    ],
)
def test_who_is_the_same_officer(one: Any, other: Any, same: bool) -> None:
    assert duplicates.same_officer(file(subject=one), file(subject=other)) is same


def test_the_same_name_elsewhere_is_another_officer() -> None:
    unknown = {"nip": None}
    assert not duplicates.same_officer(file(subject=unknown), file(subject=unknown, employer=PEMPROV))
    assert not duplicates.same_officer(file(subject=unknown, employer=None), file(subject=unknown, employer=None))


def test_a_shared_number_suffices_but_not_within_a_finding_or_between_two_known_officers() -> None:
    unknown = file(subject={"nip": None, "name": None}, reference_keys=["sbt:1"])
    one = file(reference_keys=["sbt:1", "idis:9"], act={"act_date": "2024-01-01"})
    assert duplicates.reasons(one, unknown) == (REFERENCE,)
    assert duplicates.reasons(one, unknown, same_finding=True) == ()
    assert duplicates.reasons(one, file(reference_keys=["sbt:1"], subject={"nip": "199001012015011001"})) == ()
    assert duplicates.reasons(file(reference_keys=["sbt:1"]), file(reference_keys=["sbt:1"])) == (*TRIPLE, REFERENCE)


def test_references_are_compared_without_blanks_and_punctuation() -> None:
    said = ("LAPOR 2024/001-a", "lapor2024001A", "-- / --", "Lapor\u00a02024\u2044\uff10\uff10\uff11\u2013A")
    assert duplicates.reference_keys({"system": "sp4n_lapor", "value": value} for value in said) == [
        "sp4n_lapor:lapor2024001a"
    ]


def test_the_row_that_judges_is_the_row_that_weighs() -> None:
    assert [row.name for row in FLOW if row.judges_duplicates] == ["accept"]
    assert [row.name for row in FLOW if duplicates_judged in row.weighs] == ["accept"]


# --- stored ---------------------------------------------------------------------------------------------------------

stored = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def hints(told: Story, *, by: str = BKN) -> dict[UUID, tuple[str, ...]]:
    """What that agency is told about this casefile."""
    found = duplicates.suspected(actor(by), casefile=told.casefile, finding=told.finding, facts=told.facts)
    return {UUID(one.id): one.because for one in found}


def known(**changed: Any) -> Story:
    return story(subjects=(known_subject(**changed),))


class TestStored:
    pytestmark = stored

    def test_each_of_two_offices_files_points_to_the_other(self) -> None:
        one, other = known(), story(by=AGAM, subjects=(known_subject(),))
        assert hints(one) == {other.casefile: TRIPLE}
        assert hints(other) == {one.casefile: TRIPLE}

    def test_an_officer_known_by_name_is_found_by_it_and_his_employer(self) -> None:
        one, other = known(nip=None, employment_kind=None), known()
        known(nip=None, employer=PEMPROV)
        assert hints(one) == {other.casefile: TRIPLE}

    def test_only_the_current_version_counts(self) -> None:
        one, other = known(), known(nip=None, name="Belum Dikenal")
        assert hints(one) == {}
        other.do("identify", by=BKN)
        assert hints(one) == {other.casefile: TRIPLE}
        other.do("identify", by=BKN, nip="199001012015011001")
        assert hints(one) == {}

    def test_a_shared_number_of_another_system_is_found(self) -> None:
        numbers = (Reference(system="sbt", value="SBT-2024/17"),)
        one = story(references=numbers, subjects=tuple(known_subject(nip=None, name=name) for name in ("Satu", "Tiga")))
        other = story(
            by=AGAM,
            references=(Reference(system="sbt", value="sbt 2024 17"), Reference(system="idis", value="1")),
            violations=(violation(form="install_props", act_date=date(2024, 1, 5)),),
        )
        story(references=(Reference(system="idis", value="SBT-2024/17"),), subjects=(known_subject(name="Dua"),))
        assert hints(one) == {other.casefile: (REFERENCE,)}
        assert len(hints(other)) == 2

    def test_only_casefiles_that_are_seen_are_named(self) -> None:
        """Under another examiner's mandate it is his; an auditor sees both."""
        mine = story(
            subjects=(known_subject(),),
            violations=(violation(act_date=date(2024, 8, 1), act_until=date(2024, 9, 29)),),
        )
        past = story(
            examiner=KASN,
            occurred_at=at(date(2024, 8, 5)),
            known_on=date(2024, 8, 1),
            registered_on=date(2024, 8, 2),
            violations=(violation(act_date=date(2024, 7, 30), act_until=date(2024, 8, 1)),),
            subjects=(known_subject(),),
            clarification=Clarification(held=True, held_on=date(2024, 8, 3)),
        )
        assert (mine.row.examiner.code, past.row.examiner.code) == (BKN, KASN)
        assert (hints(mine), hints(past, by=KASN)) == ({}, {})
        assert hints(mine, by="bpk") == {past.casefile: TRIPLE}

    def test_a_withdrawn_file_is_no_longer_suspected(self) -> None:
        one, other = known(), known()
        other.do("withdraw")
        assert hints(one) == {}

    def test_accept_is_refused_until_each_is_judged_and_what_is_judged_is_no_hint(self) -> None:
        one, other, third = known(), known(), known()
        with pytest.raises(Refused) as refused:
            one.do("accept", not_duplicate_of=(other.casefile,))
        (reason,) = refused.value.reasons
        assert (reason.code, reason.pointer) == ("duplicates-not-judged", "#/not_duplicate_of")
        assert third.row.number in reason.id
        assert other.row.number not in reason.id
        one.do("accept", not_duplicate_of=(other.casefile, third.casefile))
        assert one.facts["not_duplicate_of"] == [str(other.casefile), str(third.casefile)]
        assert (hints(one), set(hints(other))) == ({}, {third.casefile})

    def test_whoever_is_no_casefile_does_no_harm(self) -> None:
        one = known()
        one.do("accept", not_duplicate_of=(uuid4(),))
        assert one.row.state == State.UNDER_EXAMINATION

    def test_every_version_keeps_the_keys_and_no_other_payload_does(self) -> None:
        told = story(references=(Reference(system="sbt", value="1"),))
        told.do("note")
        kept = Payload.objects.exclude(reference_keys=[]).values_list("casefile", "seq", "reference_keys")
        assert set(map(str, kept)) == {str((told.casefile, seq, ["sbt:1"])) for seq in (1, 2)}


@pytest.mark.django_db
def test_candidates_are_found_by_index_whatever_is_looked_for(owner_connection: psycopg.Connection) -> None:
    """Also by a plan that was made before the values were known, as `perform` has it."""
    names = ("nips", "name_key", "employer", "references", "casefile", "auditor", "group")
    asked = duplicates.CANDIDATES % {name: f"${number}" for number, name in enumerate(names, 1)}
    with owner_connection.transaction(force_rollback=True):
        # In an empty table another index may seem as good; what counts is that these can be used.
        owner_connection.execute("DROP INDEX a_version_has_one_payload")
        owner_connection.execute("SET LOCAL enable_seqscan = off")
        owner_connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        owner_connection.execute(
            f"PREPARE candidates (jsonb, varchar, text, jsonb, uuid, bool, bigint) AS {asked}".encode()
        )
        lines = owner_connection.execute(
            f"EXPLAIN EXECUTE candidates ('[1]', 'a', 'b', '[\"x\"]', '{uuid4()}', false, 1)"
        ).fetchall()
        owner_connection.execute("DEALLOCATE candidates")
    plan = "\n".join(line for (line,) in lines)
    for index in ("payload_by_nip", "payload_by_name", "payload_by_reference"):
        assert index in plan, plan
    assert "Index Cond: (id = ANY" in plan, "and then looked up by id"
