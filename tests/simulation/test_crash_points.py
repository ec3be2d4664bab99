"""Whoever dies at whichever statement: the client sends it again, it happens once, and the checkers find nothing.

Every row of the flow, everything else that is sent, every command, the sequencer: see docs/simulation.md for how many
points each has.
"""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.conf import settings as configured
from django.core.management import call_command

from api.http import idempotency
from audit import access, holds, months, sequencer
from audit.holds import HoldRefused
from audit.models import Access, Entry
from casefiles.flow import State
from casefiles.flow.finding import Clarification
from casefiles.models import Snapshot, Transition
from casefiles.operations import clock, ending, erasers, erasure, handover, holding, hukdis, recounting
from casefiles.operations.erasers import ErasureRefused
from casefiles.operations.handover import HandOverRefused, Signed
from casefiles.references import plain
from tests import factories
from tests.callers import as_owner
from tests.casefiles.operations import test_ending
from tests.factories import AUDITOR, BKN, KASN, NIP, PADANG, PEMKOT, at, casefile_at, known_subject
from tests.ready import ROUTED, ready
from tests.sequencing import Sequencing, as_sequencer
from tests.simulation.checkers import check_all
from tests.simulation.crash_table import MADE, SUBJECTS
from tests.simulation.crashing import SIDES, Act, Course, command_of, read_of, request_of, strike

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ground")]

GROUPS: Final = 4
# Whose replays die too: an ordinary one, one that ended its own sight, one on two casefiles.
REPLAYED: Final = ("note", "disown", "merge")


# -- what is sent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", range(GROUPS))
def test_each_row_of_the_flow(group: int, survives: Callable[[Act], Course]) -> None:
    """The rows that have a route: `merge` and `unmerge` bring `absorb` and `release` with them."""
    for name in ROUTED[group::GROUPS]:
        case = ready(name)
        path = f"/casefiles/{case.story.casefile}/{name}"
        version = case.story.row.version
        survives(request_of(name, case.who, path, plain(case.given), version=version, replays=name in REPLAYED))
        assert Transition.objects.filter(casefile=case.story.casefile, name=name, seq=version + 1).exists()


def finding(subjects: Sequence[Any]) -> Any:
    """A finding of that many officers, as it is sent."""
    return plain(factories.finding_given(documents=(factories.document(PADANG, "assessment"),), subjects=subjects))


def officers(count: int, *, first: int = 0) -> tuple[Any, ...]:
    """Officers whom the submitter identified."""
    numbers = range(first, first + count)
    return tuple(known_subject(nip=f"{NIP[:15]}{n:03d}", name=f"Terlapor {n}") for n in numbers)


def test_whatever_else_is_sent(survives: Callable[[Act], Course]) -> None:
    descriptor = {
        "type": "assessment",
        "title": "Judul dokumen rekaan",
        "media_type": "application/pdf",
        "size": 1,
        "sha256": "ab" * 32,
    }
    survives(request_of("document", PADANG, "/documents", descriptor))
    made = survives(request_of("submit", PADANG, "/findings", finding(officers(1))))
    path = f"/findings/{made.answer['id']}/subjects"
    more = {"subjects": [plain(one) for one in officers(1, first=100)]}
    survives(request_of("add subjects", PADANG, path, more))
    survives(request_of("prevention", PADANG, "/preventions", plain(factories.prevention_given())))
    reported = survives(request_of("zero report", PEMKOT, "/zero-reports", plain(factories.zero_report_given())))
    withdrawn = {"reason": "Terlewat.", "official": plain(factories.OFFICIAL)}
    survives(request_of("withdrawal", PEMKOT, f"/zero-reports/{reported.answer['id']}/withdraw", withdrawn))
    told = casefile_at(State.SANCTION_REPORTED)
    record = factories.hukdis_record(told)
    handed = {"sanction_version": 1, "digest": hukdis.digest_of(record)}
    survives(request_of("to siasn", PEMKOT, f"/casefiles/{told.casefile}/hukdis", handed))


def test_a_snapshot_of_numbers(survives: Callable[[Act], Course], sequenced: Sequencing) -> None:
    """It is guarded beside a published one, so it reads what lies between; it is frozen once, and its name is used."""
    for _ in range(5):
        factories.story()
    sequenced()
    factories.snapshot(name="Triwulan II", published=True)
    for _ in range(5):
        factories.story()
    sequenced()
    survives(request_of("snapshot", AUDITOR, "/statistics/snapshots", {"name": "Triwulan III", "published": True}))
    assert Snapshot.objects.count() == 2


def test_a_finding_with_many_subjects(survives: Callable[[Act], Course]) -> None:
    made = survives(request_of(MADE[2], PADANG, "/findings", finding(officers(SUBJECTS)), replays=False))
    assert len(made.answer["casefiles"]) == SUBJECTS


def test_a_read_is_recorded_or_not_answered(owner_connection: psycopg.Connection) -> None:
    """Whoever was shown a casefile stands in the record of reads, wherever the read died."""
    act = read_of("read", BKN, f"/casefiles/{casefile_at(State.RECOMMENDED).casefile}")
    assert act.attempt().done  # the process knows now what it keeps

    def recorded() -> int:
        ((count,),) = owner_connection.execute("SELECT count(*) FROM audit_access").fetchall()
        return int(count)

    for number, when in ((number, when) for number in itertools.count(1) for when in SIDES):
        before = recorded()
        killer, outcome = strike(act, number, when, by=owner_connection)
        assert outcome.fault == ""
        assert not outcome.done or recorded() == before + 1
        if killer.struck is None:
            break
    assert outcome.done
    assert number > 2


# -- commands ----------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*ServerCursor.*was deleted while still open:ResourceWarning")
def test_the_clock(survives: Callable[[Act], Course], owner_connection: psycopg.Connection) -> None:
    """Levels are reached, a lapsed return is given back, a day of reads is sealed, whatever round dies."""
    stories = [casefile_at(State.SUBMITTED), casefile_at(State.AWAITING_SANCTION), casefile_at(State.RETURNED)]
    # A day is sealed an hour after its end: in the first hour of a day yesterday's is not yet.
    earlier = datetime.now(UTC) - timedelta(days=2)
    reader = factories.actor(BKN)
    access.record(
        at=earlier, request_id=factories.request().id, agency=reader.agency_id, client=reader.client_id,
        route="/casefiles", purpose="examination", shown=[stories[0].casefile],
    )  # fmt: skip
    rounds: list[clock.Ticked] = []

    def tick() -> None:
        rounds.append(clock.tick(now=clock.moment()))
        assert not rounds[-1].busy
        assert not rounds[-1].paused

    survives(command_of("tick", tick))
    # Cursors whose backend ended before they were closed say so when they are collected: here, not in another test.
    gc.collect()

    last = rounds[-1]
    assert (last.escalated, last.given_back, last.sealed, last.refused) == (0, 0, 0, 0)
    for story in stories:
        levels = [one["level"] for one in story.facts["ladder"]]
        assert levels == sorted(set(levels))
        assert levels
    assert stories[2].row.state == State.SUBMITTED
    assert owner_connection.execute("SELECT count(*) FROM audit_accessday").fetchone() == (1,)


DECREE: Final = """
decree: SKB 3 Menteri contoh 1/2024
source: contoh
reason: cuti bersama tambahan
add:
  - {date: 2024-10-15, kind: joint_leave, name_id: Cuti bersama contoh}
"""


def test_counting_again(survives: Callable[[Act], Course], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new calendar moves three deadlines, two of them in one batch: each moves once."""
    monkeypatch.setattr(recounting, "MOST", 2)
    examined = [factories.story(subjects=officers(1, first=n)) for n in range(3)]
    for told in examined:
        told.do("accept", on=date(2024, 10, 10))
    decree = tmp_path / "decree.yaml"
    decree.write_text(DECREE)
    with as_owner():
        call_command("amend_calendar", str(decree), quiet_receipts=True)

    survives(command_of("recount", lambda: recounting.recount(now=datetime.now(UTC))))

    assert Transition.objects.filter(name="recompute").count() == len(examined)
    assert {told.open.due_on for told in examined} == {date(2024, 10, 31)}


def test_a_hand_over(survives: Callable[[Act], Course]) -> None:
    """All cases of a mandate pass, or none; typed again, nothing is left to pass."""
    told = [
        factories.story(
            examiner=KASN,
            occurred_at=at(date(2024, 8, 5)),
            known_on=date(2024, 8, 1),
            registered_on=date(2024, 8, 2),
            clarification=Clarification(held=True, held_on=date(2024, 8, 3)),
            violations=(factories.violation(act_date=date(2024, 7, 29)),),
            subjects=officers(1, first=n),
        )
        for n in range(2)
    ]
    protocol = Signed(
        from_mandate="examining-2014",
        to_mandate="examining-2024",
        number="BA-12/2024",
        date=date(2024, 9, 12),
        signed_by=(KASN, BKN),
        expected=len(told),
        by_state={"submitted": "restart"},
    )

    def hand_over() -> None:
        handover.hand_over(protocol=protocol, now=datetime.now(UTC))

    with as_owner():
        survives(command_of("hand over", hand_over, again=(HandOverRefused,)))

    assert [one.row.mandate.code for one in told] == ["examining-2024"] * 2  # type: ignore[union-attr]
    assert Transition.objects.filter(name="hand-over").count() == len(told)


def test_an_erasure(survives: Callable[[Act], Course]) -> None:
    """Everything goes, or nothing; ordered again, it is erased already."""
    told = casefile_at(State.CLOSED)
    keys = [erasers.draw_key(name) for name in ("arsip-1", "hukum-2")]
    now = datetime.now(UTC).replace(microsecond=0)
    order = erasure.order(
        casefile=str(told.casefile), reason="retention_elapsed", basis="UU 27/2022 Pasal 44",
        origin=configured.LINTAS_LOG_ORIGIN, now=now,
    )  # fmt: skip
    for name, (private, _) in zip(("arsip-1", "hukum-2"), keys, strict=True):
        order = erasers.add_signature(order, name=name, private=private)
    known = erasers.read_erasers("\n".join(line for _, line in keys))

    def erase() -> None:
        erasure.perform_order(
            order,
            erasers=known,
            origin=configured.LINTAS_LOG_ORIGIN,
            now=now,
            forget=idempotency.forget,
            destroy=len,
        )

    with as_owner():
        survives(command_of("erase", erase, again=(ErasureRefused,)))

    assert told.payload.erased_at is not None
    assert told.payload.facts is None


def test_a_hold_stands_and_is_lifted_once(survives: Callable[[Act], Course]) -> None:
    """Whoever types it again is told that it is done."""
    told = casefile_at(State.CLOSED)
    by: dict[str, Any] = {"letter": "S-12/2026", "by": "hukum-2", "now": datetime.now(UTC).replace(microsecond=0)}

    def hold() -> None:
        holding.set_hold(casefile=str(told.casefile), agency=None, begins=None, until=None, reason="audit", **by)

    with as_owner():
        survives(command_of("hold", hold, again=(HoldRefused,)))
        assert [one.number for one in holds.standing()] == [1]
        survives(command_of("lift a hold", lambda: holding.lift(1, **by), again=(HoldRefused,)))
        assert holds.standing() == []


def test_months_of_reads_end_one_by_one(survives: Callable[[Act], Course]) -> None:
    """Each goes with its entry; the same order goes on where it was cut off, and ends nothing twice."""
    told = casefile_at(State.CLOSED)
    keys = [erasers.draw_key(name) for name in ("arsip-1", "hukum-2")]
    known = erasers.read_erasers("\n".join(line for _, line in keys))
    origin, cutoff = configured.LINTAS_LOG_ORIGIN, test_ending.CUTOFF
    with as_owner():
        test_ending.read_long_ago(told.casefile)
        order = ending.order(
            through=None, cutoff=cutoff, reason="retention_elapsed", basis="K 7/2026", origin=origin,
            now=test_ending.NOW,
        )  # fmt: skip
        for name, (private, _) in zip(("arsip-1", "hukum-2"), keys, strict=True):
            order = erasers.add_signature(order, name=name, private=private)

        def end() -> None:
            list(ending.perform_order(order, erasers=known, cutoff=cutoff, origin=origin, now=test_ending.NOW))

        survives(command_of("end months of reads", end, again=(ErasureRefused,)))
        assert Access.objects.count() == 2
        assert Entry.objects.filter(stream=months.STREAM).count() == 4


# -- the sequencer -----------------------------------------------------------------------------------------------------


def test_the_sequencer(
    survives: Callable[[Act], Course], sequenced: Sequencing, owner_connection: psycopg.Connection
) -> None:
    """The first leaf, all the others, a checkpoint and a beat: each entry gets one place, whatever round dies."""
    casefile_at(State.UNDER_EXAMINATION)

    def sequence() -> None:
        assert sequencer.try_to_be_active()
        sequencer.must_match(sequenced.signer)
        while sequencer.grow().new:
            pass
        sequencer.checkpoint(sequenced.signer)
        sequencer.beat()

    with as_sequencer():
        survives(command_of("sequence", sequence))

    assert check_all(owner_connection, drained=True) == []
