"""Two casefiles at once: merged, absorbed, parted again, by one and by many; and who sees which of them."""

import json
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from audit.tlog.notes import LOG, VerifierKey
from casefiles.catalogue.book import load
from casefiles.errors import Erased, InvalidGiven, StaleVersion, UnknownTransition
from casefiles.flow import Refused, State, WrongParty, WrongState
from casefiles.flow.examination import Withheld
from casefiles.flow.finding import Clarification, Subject
from casefiles.flow.follow_up import Revision
from casefiles.flow.given import WithholdReason
from casefiles.models import Casefile, CasefileGrant, Document, Finding
from casefiles.models import Transition as Step
from casefiles.operations import erasers, erasure
from casefiles.sight.projection import project, viewer_of
from casefiles.transitions import load_many, pair, perform
from tests.callers import as_owner
from tests.factories import (
    BKN,
    KASN,
    NAME,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PROVINCE,
    Story,
    actor,
    at,
    casefile_at,
    document,
    given,
    known_subject,
    letter,
    request,
)
from tests.racing import together
from tests.reconciling import nothing_is_left_over, reconcile

S = State
seeded = pytest.mark.usefixtures("db", "world")
MATTERS = (known_subject(),)


def sight(told: Story) -> set[str]:
    """Who sees the casefile now."""
    live = CasefileGrant.objects.filter(content_object=told.casefile, until_entry__isnull=True)
    return set(live.values_list("agency__code", flat=True))


def merge(told: Story, into: Story, **more: Any) -> Any:
    """Merge the one into the other, a day after the last step of either."""
    on = max(told.day, into.day) + timedelta(days=1)
    done = told.do("merge", **{"on": on, "into": into.casefile, **more})
    into.day = max(into.day, told.day)
    return done


def refused(told: Story, name: str, **said: Any) -> list[str]:
    """The reasons with which that act is refused."""
    with pytest.raises(Refused) as why:
        told.do(name, **said)
    return [reason.code for reason in why.value.reasons]


def faults(told: Story, **said: Any) -> list[tuple[str, str]]:
    """What is wrong with the body of a merge, and where."""
    with pytest.raises(InvalidGiven) as why:
        told.do("merge", **said)
    return [(fault.code, fault.pointer) for fault in why.value.faults]


def sound(*stories: Story) -> None:
    """Every record of each of them agrees, and there is none besides."""
    for told in stories:
        reconcile(told.casefile)
    nothing_is_left_over()


# --- merged ---------------------------------------------------------------------------------------------------------


@seeded
def test_a_merge_closes_one_casefile_and_the_other_absorbs_it() -> None:
    late, first = casefile_at(S.SUBMITTED, by=OTHER_OFFICE, subjects=MATTERS), casefile_at(S.UNDER_EXAMINATION)
    seen_before, turn = sight(late), first.open.pk
    merge(late, first)

    assert (late.row.state, late.row.outcome, late.row.open_referral) == ("closed", "merged", None)
    assert late.facts["merged"] == {
        "into": str(first.casefile),
        "number": first.row.number,
        "from": "submitted",
        "on": late.day.isoformat(),
    }
    (taken,) = first.facts["absorbed"]
    assert (taken["casefile"], taken["number"], taken["released_on"]) == (str(late.casefile), late.row.number, None)
    assert (first.row.state, first.open.pk) == ("under_examination", turn)
    steps = Step.objects.filter(name__in=("merge", "absorb")).order_by("name")
    assert [one.name for one in steps] == ["absorb", "merge"]
    assert len({(one.request_id, one.occurred_at, one.recorded_at, one.party, one.agency_id) for one in steps}) == 1
    assert sight(late) == seen_before
    sound(late, first)


@seeded
def test_whoever_forwarded_the_merged_one_follows_the_other_and_takes_no_part() -> None:
    late, first = (
        casefile_at(S.SUBMITTED, by=OTHER_OFFICE, subjects=MATTERS),
        casefile_at(S.SUBMITTED, subjects=MATTERS),
    )
    before = sight(first)
    assert OTHER_OFFICE not in before
    merge(late, first)
    assert sight(first) == before | {OTHER_OFFICE}, "the offices above both see it anyway"
    assert first.facts["absorbed"][0]["sighted"] == [OTHER_OFFICE]
    with pytest.raises(WrongParty):
        first.do("note", by=OTHER_OFFICE)


@seeded
def test_whoever_follows_for_the_sake_of_its_own_casefile_learns_of_no_other_officer() -> None:
    late, first = casefile_at(S.SUBMITTED, by=OTHER_OFFICE, subjects=MATTERS), casefile_at(S.UNDER_EXAMINATION)
    merge(late, first)
    joined, finding = actor(OTHER_OFFICE), Finding.objects.filter(pk=first.finding)
    assert OTHER_OFFICE in sight(first)
    assert not finding.visible_to(joined).exists()
    assert not viewer_of(joined, first.facts).sees_finding
    for office in (PADANG, PROVINCE, BKN):
        assert finding.visible_to(actor(office)).exists()
        assert viewer_of(actor(office), first.facts).sees_finding


@seeded
def test_a_merge_in_every_state_it_may_leave_from_keeps_all_records_sound() -> None:
    for state in (
        S.SUBMITTED, S.IDENTITY_REQUESTED, S.RETURNED, S.UNDER_EXAMINATION, S.RECOMMENDED, S.AWAITING_SANCTION,
        S.DISPUTED,
    ):  # fmt: skip
        known: dict[str, Any] = (
            {"subjects": MATTERS} if state in {S.SUBMITTED, S.RETURNED, S.IDENTITY_REQUESTED} else {}
        )
        late, first = casefile_at(state, **known), casefile_at(S.SANCTION_REPORTED)
        merge(late, first)
        late.do("unmerge", on=late.day + timedelta(days=3))
        assert late.row.state == state
        assert late.open.continues is not None
        sound(late, first)


@seeded
def test_an_act_without_a_route_is_nobody_s_to_perform() -> None:
    told = casefile_at(S.SUBMITTED)
    for name in ("absorb", "release"):
        with pytest.raises(UnknownTransition):
            told.do(name, by=BKN)


@seeded
@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        ({"nip": "198501012010011001"}, {"nip": "198501012010011001", "name": "Lain Sama Sekali"}, True),
        ({"nip": "198501012010011001"}, {"nip": "198501012010012002"}, False),
        ({"nip": None}, {"name": f"  {NAME.upper().replace(' ', '   ')} "}, True),
        ({"nip": None}, {"name": "Orang Lain"}, False),
        ({"nip": None}, {"employer": "pemprov-sumatera-barat"}, False),
        ({"nip": None, "employer": None}, {"employer": "pemprov-sumatera-barat"}, True),
        ({"nip": None, "name": None}, {}, False),
    ],
)
def test_only_casefiles_of_one_officer_are_merged(mine: dict[str, Any], theirs: dict[str, Any], same: bool) -> None:
    late = casefile_at(S.SUBMITTED, subjects=(known_subject(**mine),))
    first = casefile_at(S.SUBMITTED, subjects=(known_subject(**theirs),))
    if same:
        merge(late, first)
        assert late.row.outcome == "merged"
    else:
        assert refused(late, "merge", into=first.casefile) == ["another-subject"]


@seeded
def test_everything_that_is_wrong_with_the_pair_is_said_at_once() -> None:
    late = casefile_at(S.UNDER_EXAMINATION)
    first = casefile_at(S.SUBMITTED, subjects=(Subject(name="Orang Lain", violations=(1,)),))
    assert refused(late, "merge", into=first.casefile) == ["another-subject", "target-behind"]
    assert (late.row.outcome, first.row.version) == ("", 1)


@seeded
def test_nothing_is_merged_into_what_was_merged_or_closed() -> None:
    late, first, other = (casefile_at(S.SUBMITTED, subjects=MATTERS) for _ in range(3))
    merge(late, first)
    assert refused(other, "merge", into=late.casefile, on=late.day + timedelta(days=1)) == ["target-merged"]
    first.do("reject")
    assert refused(other, "merge", into=first.casefile, on=first.day + timedelta(days=1)) == ["target-not-open"]
    with pytest.raises(WrongState):
        late.do("merge", into=other.casefile)


# --- the other casefile: what one may not see does not exist --------------------------------------------------------


@seeded
def test_a_casefile_out_of_sight_is_answered_like_one_that_is_not_there() -> None:
    late = casefile_at(S.SUBMITTED, subjects=MATTERS)
    foreign = casefile_at(
        S.SUBMITTED, through=(), subjects=MATTERS, occurred_at=at(date(2024, 6, 3)), examiner=KASN,
        known_on=date(2024, 5, 28), registered_on=date(2024, 5, 29), violations=_in_may(),
        clarification=Clarification(held=True, held_on=date(2024, 5, 31)),
    )  # fmt: skip
    assert BKN not in sight(foreign)
    answers = []
    for other in (foreign.casefile, uuid.uuid4()):
        with pytest.raises(InvalidGiven) as why, CaptureQueriesContext(connection) as asked:
            late.do("merge", into=other)
        answers.append((why.value.faults, len(asked)))
    assert answers[0] == answers[1], "not even by the number of statements"
    assert [(one.code, one.pointer) for one in answers[0][0]] == [("unknown-casefile", "#/into")]


def _in_may() -> Any:
    from tests.factories import violation

    return (violation(act_date=date(2024, 5, 20)),)


@seeded
def test_all_that_a_body_names_wrongly_is_said_at_once() -> None:
    late = casefile_at(S.SUBMITTED, subjects=MATTERS)
    said = {"letter": _letter_of_nobody(), "text": "x"}
    assert faults(late, into=uuid.uuid4(), **said) == [
        ("unknown-casefile", "#/into"),
        ("unknown-document", "#/letter/document"),
    ]
    assert faults(late, into=late.casefile, **said)[0] == ("same-casefile", "#/into")


def _letter_of_nobody() -> Any:
    return replace(letter(), document=uuid.uuid4())


@seeded
def test_whoever_never_merges_learns_nothing_of_the_other_casefile() -> None:
    """Neither its being there nor its state; and he makes nobody wait for it."""
    late, first = casefile_at(S.RECOMMENDED), casefile_at(S.RECOMMENDED)
    for other in (first.casefile, uuid.uuid4(), late.casefile):
        with pytest.raises(WrongParty), CaptureQueriesContext(connection) as asked:
            late.do("merge", by=PEMKOT, into=other)
        assert str(first.casefile) not in str([one["sql"] for one in asked if "FOR UPDATE" in one["sql"]])


@seeded
def test_sight_that_ended_between_the_look_and_the_lock_is_no_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.SUBMITTED, subjects=MATTERS)
    held = load_many.lock_many

    def lock_many(casefiles: Any) -> Any:
        locked = held(casefiles)
        last = Entry.objects.filter(stream=first.casefile).latest("seq")
        CasefileGrant.objects.filter(content_object=first.casefile, agency__code=BKN).update(until_entry=last)
        return locked

    monkeypatch.setattr(pair, "lock_many", lock_many)
    assert faults(late, into=first.casefile) == [("unknown-casefile", "#/into")]


@seeded
def test_what_moved_on_between_the_look_and_the_lock_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at, it was merged into one; held, it is merged into another: no third lock is taken then."""
    late, first, second = (casefile_at(S.SUBMITTED, subjects=MATTERS) for _ in range(3))
    merge(late, first)
    look = pair._named

    def look_and_lose(*args: Any, **said: Any) -> Any:
        monkeypatch.setattr(pair, "_named", look)
        seen = look(*args, **said)
        late.do("unmerge")
        merge(late, second)
        return seen

    monkeypatch.setattr(pair, "_named", look_and_lose)
    with pytest.raises(StaleVersion) as stale:
        late.do("unmerge", on=late.day + timedelta(days=5))
    assert stale.value.current == 4
    late.do("unmerge", on=late.day + timedelta(days=5))
    sound(late, first, second)


@seeded
def test_the_version_named_is_that_of_the_casefile_merged() -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.UNDER_EXAMINATION)
    with pytest.raises(StaleVersion) as stale:
        late.do("merge", into=first.casefile, version=first.row.version, on=first.day + timedelta(days=1))
    assert stale.value.current == 1
    merge(late, first, version=1)
    assert late.row.version == 2


@seeded
def test_a_merge_does_not_come_before_the_last_step_of_either() -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.UNDER_EXAMINATION)
    assert late.day < first.day
    assert faults(late, into=first.casefile) == [("occurred-before-previous", "#/occurred_at")]
    # Without a day of its own it follows whichever was last.
    body = given("merge", into=first.casefile)
    with transaction.atomic():
        perform.perform(
            actor=actor(BKN), casefile=late.casefile, name="merge", given=body, occurred_at=None,
            now=at(late.day), request=request(),
        )  # fmt: skip
    assert first.row.updated_at == late.row.updated_at >= at(first.day)
    sound(late, first)


# --- parted again ---------------------------------------------------------------------------------------------------


@seeded
def test_an_undone_merge_leaves_each_as_it_was_and_the_other_office_sees_nothing_of_it() -> None:
    late, first = casefile_at(S.SUBMITTED, by=OTHER_OFFICE, subjects=MATTERS), casefile_at(S.UNDER_EXAMINATION)
    due, before = late.open.due_on, sight(first)
    merge(late, first)
    merged_on = late.day
    late.do("unmerge", on=merged_on + timedelta(days=30))

    assert (late.row.state, late.row.outcome, late.facts["merged"]) == ("submitted", "", None)
    assert (late.open.purpose, late.open.due_on > due) == ("verify", True)
    (taken,) = first.facts["absorbed"]
    assert taken["released_on"] == late.day.isoformat()
    assert sight(first) == before
    assert Casefile.objects.seen_by(actor(OTHER_OFFICE), casefile=first.casefile) is None
    assert sight(late) >= {OTHER_OFFICE, PROVINCE, BKN}
    sound(late, first)


@seeded
def test_a_merge_is_not_undone_on_the_thirty_first_day() -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.SUBMITTED, subjects=MATTERS)
    merge(late, first)
    assert refused(late, "unmerge", on=late.day + timedelta(days=31)) == ["too-late"]
    first.do("reject")
    assert refused(first, "unmerge") == ["not-merged"]


@seeded
def test_a_file_that_was_away_comes_back_away_and_finds_its_way_home() -> None:
    late = casefile_at(S.UNDER_EXAMINATION)
    late.do("return")
    first = casefile_at(S.UNDER_EXAMINATION)
    merge(late, first)
    late.do("unmerge", on=late.day + timedelta(days=2))
    assert (late.row.state, late.row.came_from, late.open.purpose) == ("returned", "under_examination", "complete")
    late.do("complete")
    assert (late.row.state, late.open.purpose) == ("under_examination", "examine")
    sound(late, first)


@seeded
def test_a_merge_is_undone_whatever_became_of_the_other() -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.SUBMITTED, subjects=MATTERS)
    merge(late, first)
    first.do("reject")
    late.do("unmerge", on=first.day + timedelta(days=1))
    assert (first.row.state, first.row.outcome, late.row.state) == ("closed", "rejected", "submitted")
    sound(late, first)


@seeded
def test_of_a_chain_the_last_merge_is_undone_first_and_everybody_follows_it_to_its_end() -> None:
    one = casefile_at(S.SUBMITTED, by=OTHER_OFFICE, subjects=MATTERS)
    two, three = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.SUBMITTED, subjects=MATTERS)
    merge(one, two)
    merge(two, three)
    assert OTHER_OFFICE in sight(three)
    assert refused(one, "unmerge", on=two.day + timedelta(days=1)) == ["target-merged-on"]
    two.do("unmerge", on=two.day + timedelta(days=2))
    assert OTHER_OFFICE not in sight(three)
    assert OTHER_OFFICE in sight(two)
    one.do("unmerge", on=two.day + timedelta(days=1))
    assert OTHER_OFFICE not in sight(two)
    assert PADANG in sight(two) & sight(three)
    sound(one, two, three)


@seeded
def test_sight_for_the_sake_of_two_casefiles_ends_with_the_second() -> None:
    one, two = (casefile_at(S.SUBMITTED, by=OTHER_OFFICE, subjects=MATTERS) for _ in range(2))
    into = casefile_at(S.SUBMITTED, subjects=MATTERS)
    merge(one, into)
    merge(two, into)
    one.do("unmerge", on=into.day + timedelta(days=1))
    assert OTHER_OFFICE in sight(into)
    two.do("unmerge", on=one.day + timedelta(days=1))
    assert OTHER_OFFICE not in sight(into)
    sound(one, two, into)


@seeded
def test_a_merge_takes_as_many_statements_whatever_the_casefiles_hold() -> None:
    """A look, sight of the other, one lock, two loads, one write; the client of the test is read besides."""
    into, counts = casefile_at(S.SANCTION_REPORTED), []
    for state in (S.SUBMITTED, S.AWAITING_SANCTION):
        late = casefile_at(state, subjects=MATTERS)
        with CaptureQueriesContext(connection) as asked:
            merge(late, into)
        counts.append(sum("SAVEPOINT" not in one["sql"] for one in asked))
    assert counts[0] == counts[1] <= 7


# --- many at once ---------------------------------------------------------------------------------------------------

races = pytest.mark.usefixtures("transactional_db", "world")


def _merging(told: Story, into: Story, who: Any) -> str:
    day = max(told.day, into.day) + timedelta(days=1)
    with transaction.atomic():
        perform.perform(
            actor=who, casefile=told.casefile, name="merge", given=given("merge", into=into.casefile),
            occurred_at=None, now=at(day), request=request(),
        )  # fmt: skip
    return "merge"


def _acting(told: Story, name: str, who: Any, *, days: int = 1, version: int | None = None) -> str:
    day = told.day + timedelta(days=days)
    with transaction.atomic():
        perform.perform(
            actor=who, casefile=told.casefile, name=name, given=given(name, day=day), occurred_at=None,
            now=at(day), request=request(), expected_version=version,
        )  # fmt: skip
    return name


TOLD = {"Refused", "WrongState", "StaleVersion"}


def _only(came: Counter[str], *names: str) -> None:
    """Nothing else came of it than these and refusals with their reason: no database error, no deadlock."""
    assert set(came) <= {*names, *TOLD}, came


@races
@pytest.mark.race
def test_of_two_merges_into_each_other_one_wins() -> None:
    one, two = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.SUBMITTED, subjects=MATTERS)
    who = actor(BKN)
    came = together(20, lambda number: _merging(*((one, two) if number % 2 else (two, one)), who))
    assert came["merge"] == 1
    _only(came, "merge")
    assert sorted((one.row.state, two.row.state)) == ["closed", "submitted"]
    sound(one, two)


@races
@pytest.mark.race
def test_a_ring_of_merges_ends_in_one_open_casefile_and_no_deadlock() -> None:
    ring = [casefile_at(S.SUBMITTED, subjects=MATTERS) for _ in range(5)]
    who = actor(BKN)
    came = together(40, lambda number: _merging(ring[number % 5], ring[(number * 2 + 1) % 5], who))
    _only(came, "merge", InvalidGiven.__name__)
    closed = [told for told in ring if told.row.state == "closed"]
    assert len(closed) == came["merge"] <= 4
    for told in closed:
        into = next(other for other in ring if str(other.casefile) == told.facts["merged"]["into"])
        assert str(told.casefile) in {item["casefile"] for item in into.facts["absorbed"]}
    sound(*ring)


@races
@pytest.mark.race
def test_a_merge_and_a_recommendation_of_the_same_casefile_are_one_of_them() -> None:
    late, first = casefile_at(S.UNDER_EXAMINATION), casefile_at(S.RECOMMENDED)
    who, version = actor(BKN), late.row.version
    came = together(
        20,
        lambda number: _merging(late, first, who) if number % 2 else _acting(late, "recommend", who, version=version),
    )
    _only(came, "merge", "recommend")
    # A recommended casefile may be merged as well: into one as far along. A merged one is never recommended.
    assert (came["merge"], came["recommend"]) in {(1, 0), (1, 1)}
    assert late.row.outcome == "merged"
    sound(late, first)


@races
@pytest.mark.race
def test_a_merge_into_a_casefile_that_moves_on_waits_for_it() -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.UNDER_EXAMINATION)
    who = actor(BKN)
    came = together(
        12, lambda number: _merging(late, first, who) if number % 2 else _acting(first, "recommend", who, days=2)
    )
    _only(came, "merge", "recommend")
    assert (came["merge"], came["recommend"]) == (1, 1)
    assert (late.row.outcome, first.row.state) == ("merged", "recommended")
    sound(late, first)


@races
@pytest.mark.race
def test_merging_on_and_undoing_the_merge_before_it_leave_one_truth() -> None:
    one, two, three = (casefile_at(S.SUBMITTED, subjects=MATTERS) for _ in range(3))
    merge(one, two)
    who = actor(BKN)
    came = together(
        16, lambda number: _merging(two, three, who) if number % 2 else _acting(one, "unmerge", who, days=3)
    )
    _only(came, "merge", "unmerge")
    assert came["merge"] == 1
    assert came["unmerge"] in {0, 1}
    assert one.row.state == ("submitted" if came["unmerge"] else "closed")
    # Undone before, its office follows two only for its own sake; merged on before, it follows to three.
    assert [item["casefile"] for item in three.facts["absorbed"]] == [str(two.casefile)]
    sound(one, two, three)


@races
@pytest.mark.race
def test_a_merge_is_undone_once() -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.SUBMITTED, subjects=MATTERS)
    merge(late, first)
    who = actor(BKN)
    came = together(12, lambda number: _acting(late, "unmerge", who))
    assert came["unmerge"] == 1
    _only(came, "unmerge")
    assert first.row.version == 3
    sound(late, first)


# --- what was erased ------------------------------------------------------------------------------------------------


def _erase(told: Story) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    keys = {name: Ed25519PrivateKey.generate() for name in ("arsip-1", "hukum-2")}
    known = {name: VerifierKey(name, LOG, key.public_key().public_bytes_raw()) for name, key in keys.items()}
    origin = settings.LINTAS_LOG_ORIGIN
    with as_owner():
        order = erasure.order(
            casefile=str(told.casefile), reason="retention_elapsed", basis="UU 27/2022 Pasal 44", origin=origin, now=now
        )
        for name, key in keys.items():
            order = erasers.add_signature(order, name=name, private=key)
        erasure.perform_order(order, erasers=known, origin=origin, now=now, forget=lambda *_: None, destroy=len)


@races
def test_nothing_is_merged_into_or_parted_from_what_was_erased() -> None:
    late, first, gone = (casefile_at(S.SUBMITTED, subjects=MATTERS) for _ in range(3))
    merge(late, gone)
    gone.do("reject")
    _erase(gone)
    assert faults(first, into=gone.casefile, on=gone.day + timedelta(days=1)) == [("erased-casefile", "#/into")]
    assert refused(late, "unmerge", on=gone.day + timedelta(days=1)) == ["target-gone"]
    with pytest.raises(Erased):
        gone.do("merge", into=first.casefile)


# --- evidence follows the matter ------------------------------------------------------------------------------------


def _papers(told: Story) -> set[str]:
    return {one["id"] for one in told.facts["documents"]}


def _brings(told: Story, paper: uuid.UUID) -> None:
    """The submitter brings further evidence with a note."""
    day = told.day + timedelta(days=1)
    told.do("note", on=day, body=replace(given("note", day=day), code="new_evidence", document=paper))


def _reads(agency: str, *papers: str) -> set[str]:
    """Which of these documents the agency finds in the register."""
    found = Document.objects.visible_to(actor(agency)).filter(pk__in=papers)
    return set(map(str, found.values_list("pk", flat=True)))


@seeded
def test_the_documents_of_what_was_merged_join_the_file_with_their_sight_and_leave_with_it() -> None:
    late, first = casefile_at(S.SUBMITTED, by=OTHER_OFFICE, subjects=MATTERS), casefile_at(S.RECOMMENDED)
    evidence, own = _papers(late), _papers(first)
    assert not _reads(PEMKOT, *evidence)
    merge(late, first)

    assert _papers(first) == own | evidence
    assert _papers(late) == evidence, "and are told of the merged file as before"
    entry = Entry.objects.get(stream=first.casefile, seq=first.row.version)
    assert len(json.loads(bytes(entry.body))["attachments"]) == len(evidence)
    assert _reads(PEMKOT, *evidence) == evidence
    assert not _content_for(PEMKOT, first) & evidence, "no recommendation has shared it with the addressee"
    assert _content_for(PEMKOT, first) >= own
    for agency in (OTHER_OFFICE, PADANG, BKN):
        seen, _ = project(first.facts, viewer=viewer_of(actor(agency), first.facts), catalogue=load())
        assert all(one["sha256"] for one in seen["documents"])
    sound(late, first)

    late.do("unmerge", on=late.day + timedelta(days=3))
    assert _papers(first) == own
    assert not _reads(PEMKOT, *evidence)
    assert (_papers(late), _reads(BKN, *evidence)) == (evidence, evidence)
    sound(late, first)

    late.do("accept", not_duplicate_of=(first.casefile,))
    first.day = late.day
    late.do("recommend", letter=letter(day=late.day))
    merge(late, first)
    assert _papers(first) == own | _papers(late), "merged again, they come again"
    sound(late, first)


def _content_for(agency: str, told: Story) -> set[str]:
    """The documents of the file whose content that agency sees."""
    seen, _ = project(told.facts, viewer=viewer_of(actor(agency), told.facts), catalogue=load())
    return {one["id"] for one in seen["documents"] if one["sha256"] is not None}


@seeded
@pytest.mark.parametrize("moment", ["uphold", "recommended in both", "before", "named by an act"])
def test_evidence_that_a_merge_brings_is_shared_with_a_recommendation(moment: str) -> None:
    late = casefile_at(S.RECOMMENDED if moment == "recommended in both" else S.UNDER_EXAMINATION, subjects=MATTERS)
    first = casefile_at(S.UNDER_EXAMINATION if moment == "before" else S.RECOMMENDED)
    if moment == "named by an act":
        paper = document(PADANG, "evidence")
        _brings(late, paper)
    evidence = _papers(late)
    merge(late, first)
    first.day = max(first.day, late.day)
    if moment == "recommended in both":
        assert evidence <= _content_for(PEMKOT, first), "the same addressee saw it in the other file"
    else:
        assert not evidence & _content_for(PEMKOT, first)
    if moment == "uphold":
        first.do("dispute")
        first.do("uphold", revised=Revision(violations=(1,), sanction="discipline_light", reasoning="Ditinjau."))
        assert evidence <= _content_for(PEMKOT, first)
        assert first.facts["unshared_documents"] == []
    if moment == "before":
        first.do("recommend", letter=letter(day=first.day))
        assert evidence <= _content_for(PEMKOT, first)
    if moment == "named by an act":
        _brings(first, paper)
        assert evidence & _content_for(PEMKOT, first) == {str(paper)}
        late.day = first.day
        late.do("unmerge")
        assert first.facts["unshared_documents"] == []
    sound(late, first)


@seeded
def test_what_an_act_of_the_file_has_used_since_stays_when_the_merge_is_undone() -> None:
    late, first = casefile_at(S.SUBMITTED, subjects=MATTERS), casefile_at(S.RECOMMENDED)
    used = document(PADANG, "evidence")
    _brings(late, used)
    evidence, own = _papers(late), _papers(first)
    merge(late, first)
    _brings(first, used)
    late.day = first.day
    late.do("unmerge")
    assert _papers(first) == own | {str(used)}
    assert _papers(late) == evidence
    sound(late, first)


@seeded
def test_what_two_merged_files_have_in_common_leaves_with_the_last_of_them() -> None:
    paper = document(PADANG, "assessment")
    both = [casefile_at(S.SUBMITTED, subjects=MATTERS) for _ in range(2)]
    first = casefile_at(S.UNDER_EXAMINATION)
    for told in both:
        _brings(told, paper)
        merge(told, first)
    day = max(told.day for told in both)
    for told, stays in zip(both, (True, False), strict=True):
        day += timedelta(days=1)
        told.do("unmerge", on=day)
        assert (str(paper) in _papers(first)) is stays
    sound(*both, first)


@seeded
def test_what_was_kept_back_from_the_addressee_stays_so_in_the_file_that_takes_it_in() -> None:
    late, first = casefile_at(S.UNDER_EXAMINATION), casefile_at(S.AWAITING_SANCTION)
    (secret,) = _papers(late)
    late.do("recommend", withheld=(Withheld(document=uuid.UUID(secret), reason=WithholdReason(code="state_secret")),))
    merge(late, first)
    seen, withheld = project(first.facts, viewer=viewer_of(actor(PEMKOT), first.facts), catalogue=load())
    assert [one["sha256"] for one in seen["documents"] if one["id"] == secret] == [None]
    assert withheld
    late.do("unmerge", on=late.day + timedelta(days=3))
    assert first.facts["withheld_documents"] == []
    sound(late, first)


@seeded
def test_of_a_chain_of_merges_every_document_reaches_the_last_file_and_goes_back() -> None:
    a, b, c = (casefile_at(S.SUBMITTED, subjects=MATTERS) for _ in range(3))
    papers = [_papers(told) for told in (a, b, c)]
    merge(a, b)
    merge(b, c)
    assert _papers(c) == set().union(*papers)
    b.do("unmerge", on=max(b.day, c.day) + timedelta(days=1))
    assert (_papers(c), _papers(b)) == (papers[2], papers[0] | papers[1])
    a.do("unmerge", on=b.day + timedelta(days=1))
    assert (_papers(b), _papers(a)) == (papers[1], papers[0])
    sound(a, b, c)
