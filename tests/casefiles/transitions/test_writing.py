"""One statement stores a step; its history row is the one that simple-history itself would have written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from agencies.models import Client
from audit.tlog.tree import leaf_hash
from casefiles.flow import State
from casefiles.flow.finding import Subject
from casefiles.models import Casefile
from casefiles.models import Transition as Step
from casefiles.step_records import StepRecords
from casefiles.transitions import perform, unit, values
from casefiles.transitions import write as writing
from casefiles.transitions.write import WriteConflict
from tests.factories import PATHS, Story, casefile_at, story, submit
from tests.snapshots import snapshot

pytestmark = pytest.mark.usefixtures("db", "world")

HISTORY = Casefile.history.model


def _columns(row: models.Model) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "history_id"
    }


def _as_the_library_writes_it(row: Any, step: Step) -> dict[str, Any]:
    """What simple-history itself, not our subclass, stores for this instance. Nothing of it stays."""

    def tell_the_step(sender: Any, history_instance: Any, **_: Any) -> None:
        history_instance.step_transition = step.name
        history_instance.step_agency = step.agency_id
        history_instance.step_client = step.client
        history_instance.step_request = step.request_id

    row._history_date = step.recorded_at
    row._history_user = Client.objects.get(client_id=step.client).user
    pre_create_historical_record.connect(tell_the_step)
    try:
        with transaction.atomic():
            HistoricalRecords.create_historical_record(_tracker(), row, "+" if step.seq == 1 else "~")
            found = _columns(HISTORY.objects.order_by("-history_id")[0])
            transaction.set_rollback(True)
    finally:
        pre_create_historical_record.disconnect(tell_the_step)
    return found


def _tracker() -> HistoricalRecords:
    """The tracker that the model declares; the library keeps it among the receivers of Django's signals."""
    for _, receiver, *_ in post_save.receivers:
        owner = getattr(receiver, "__self__", None)
        if isinstance(owner, StepRecords):
            return owner
    raise AssertionError("casefiles are not tracked any more")


@pytest.mark.parametrize("state", [*PATHS], ids=str)
def test_our_history_row_is_the_library_s_own(state: State) -> None:
    told = casefile_at(state)
    row = told.row
    step = Step.objects.get(casefile=told.casefile, seq=row.version)
    ours = HISTORY.objects.filter(id=told.casefile).order_by("-history_id")[0]

    theirs = _as_the_library_writes_it(row, step)

    assert _columns(ours) == theirs
    assert set(theirs) >= {field.attname for field in Casefile._meta.concrete_fields}


def test_a_save_outside_of_a_step_is_refused() -> None:
    told = casefile_at(State.SUBMITTED)
    row = told.row
    row.state = "recommended"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        row.save()
    with pytest.raises(RuntimeError, match="perform"), transaction.atomic():
        row.save(update_fields=["state"])
    assert told.row.state == "submitted"


def test_a_casefile_is_never_deleted() -> None:
    told = casefile_at(State.SUBMITTED)
    with pytest.raises((models.ProtectedError, RuntimeError)), transaction.atomic():
        told.row.delete()


@pytest.mark.parametrize(
    "change",
    [{"state": "closed", "outcome": "rejected", "open_referral": None}, {"state": "recommended"}, {"legal_hold": True}],
    ids=",".join,
)
def test_an_update_past_perform_is_refused_at_the_latest_when_it_is_committed(change: dict[str, Any]) -> None:
    told = casefile_at(State.SUBMITTED)
    with pytest.raises(IntegrityError, match="changed without a transition"), transaction.atomic():
        _update_and_commit(told, **change)


def test_a_version_without_its_transition_is_refused() -> None:
    told = casefile_at(State.SUBMITTED)
    with pytest.raises(IntegrityError, match="changed without a transition"), transaction.atomic():
        _update_and_commit(told, version=2, state="under_examination")


def _update_and_commit(told: Story, **change: Any) -> None:
    Casefile.objects.filter(pk=told.casefile).update(**change)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[values.Step]:
    """The steps as `perform` hands them over, caught on their way."""
    caught: list[values.Step] = []
    real = writing.stored

    def stored(steps: tuple[values.Step, ...]) -> unit.Part:
        caught.extend(steps)
        return real(steps)

    monkeypatch.setattr(perform, "stored", stored)
    return caught


def test_a_step_written_twice_is_refused_whole(written: list[values.Step]) -> None:
    told = casefile_at(State.SUBMITTED)
    told.do("redirect")
    before = snapshot()
    with pytest.raises((WriteConflict, IntegrityError)), transaction.atomic():
        writing.write((written[-1],))
    assert snapshot() == before


def test_a_step_onto_a_version_that_has_moved_on_is_refused_whole(written: list[values.Step]) -> None:
    told = casefile_at(State.SUBMITTED)
    told.do("return")
    before = snapshot()
    later = replace(
        written[-1],
        columns=replace(written[-1].columns, version=9),
        turn=replace(written[-1].turn, opens=None, answers=None),
        sealed=replace(written[-1].sealed, uuid=told.finding, seq=9, body=b"9", leaf_hash=leaf_hash(b"9")),
    )
    with pytest.raises(WriteConflict, match="0 of 1"), transaction.atomic():
        writing.write((later,))
    assert snapshot() == before


def test_a_second_open_referral_is_refused_whole(written: list[values.Step]) -> None:
    told = casefile_at(State.SUBMITTED)
    told.do("return")
    last = written[-1]
    before = snapshot()
    assert last.turn.opens is not None
    greedy = replace(
        last,
        columns=replace(last.columns, version=3),
        turn=replace(last.turn, answers=None, opens=replace(last.turn.opens, id=told.finding)),
        sealed=replace(last.sealed, uuid=told.finding, seq=3, body=b"3", leaf_hash=leaf_hash(b"3")),
    )
    with pytest.raises(IntegrityError, match="a_casefile_has_one_open_referral"), transaction.atomic():
        writing.write((greedy,))
    assert snapshot() == before


def test_a_hundred_subjects_are_stored_by_one_statement(django_assert_num_queries: Any) -> None:
    """As many statements for a hundred officers as for one."""
    counts = []
    for number in (1, 100):
        subjects = tuple(Subject(name=f"Terlapor {n}", violations=(1,)) for n in range(number))
        with CaptureQueriesContext(connection) as queries:
            taken = submit(subjects=subjects)
        counts.append(len(queries))
        assert Casefile.objects.filter(finding=taken.finding).count() == number
    assert counts[0] == counts[1]


def test_history_tells_field_by_field_what_changed() -> None:
    told: Story = story()
    told.do("request-identity", on=told.day + timedelta(days=1))
    new, old = HISTORY.objects.filter(id=told.casefile).order_by("-version")
    delta = new.diff_against(old)
    assert {"state", "came_from", "version", "employer", "open_referral", "updated_at"} == set(delta.changed_fields)
    assert (new.step_transition, new.step_client, new.history_type, old.history_type) == (
        "request-identity",
        "bkn-system",
        "~",
        "+",
    )
