"""Months of reads end on the order of two persons: due, not held, oldest first, and the log verifies afterwards."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from audit import access, months
from audit.models import Access, Opening
from casefiles.flow import State
from casefiles.models import Payload
from casefiles.operations import ending, erasers, holding
from casefiles.operations.erasers import ErasureRefused, MonthsOrder
from config.roles import on_database
from tests.audit.verify.conftest import manage
from tests.audit.verify.logs import at_its_word, verify
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import ERASERS, KEYS, line
from tests.conftest import Copies
from tests.factories import NIP, Story, casefile_at, recorded_at_once
from tests.sequencing import Sequencing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

NOW = datetime.now(UTC).replace(microsecond=0)
KEPT = 24
CUTOFF = months.month_after(NOW, -KEPT)
UNTIL = CUTOFF.date()
BASIS = "Keputusan Sekjen 7/2026"


def month(ago: int) -> datetime:
    """The beginning of the month so many months ago."""
    return months.month_after(NOW, -ago)


def name(ago: int) -> str:
    return f"{month(ago):%Y-%m}"


def read(at: datetime, *, shown: UUID) -> None:
    access.record(
        at=at, request_id=uuid4(), agency=1, client="bkn-system", route="/casefiles/{id}", purpose="examination",
        shown=[shown],
    )  # fmt: skip


def read_long_ago(shown: UUID) -> None:
    """Sealed months as an old register has them: something else was read 28 months ago, this 26 and 24 months ago.

    This was read today, too.
    """
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_access DETACH PARTITION audit_access_first")
        cursor.execute(
            "ALTER TABLE audit_access ATTACH PARTITION audit_access_first "
            f"FOR VALUES FROM (MINVALUE) TO ('{month(27).isoformat()}')"
        )
    months.make_ahead(now=NOW, ahead=0)
    for at in (month(28), month(28) + timedelta(days=3)):
        read(at, shown=uuid4())
    for at in (month(26) + timedelta(days=9), month(24)):
        read(at, shown=shown)
    access.seal(now=NOW)
    read(NOW, shown=shown)


@pytest.fixture
def story() -> Story:
    """A casefile that was read 26 months ago, 24 months ago and today."""
    with recorded_at_once():
        told = casefile_at(State.SUBMITTED)
    with as_owner():
        read_long_ago(told.casefile)
    return told


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """Who may erase, their keys, the folder for orders; and reads are kept for two years."""
    for person in ERASERS:
        pem = KEYS[person].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (tmp_path / f"{person}.pem").write_bytes(pem)
    (tmp_path / "erasers").write_text("\n".join(line(person, KEYS[person]) for person in ERASERS))
    (tmp_path / "kept").mkdir()
    monkeypatch.setenv("LINTAS_ERASERS_FILE", str(tmp_path / "erasers"))
    monkeypatch.setenv("LINTAS_ERASURES_DIR", str(tmp_path / "kept"))
    settings.LINTAS_READS_KEPT_MONTHS = KEPT
    settings.LINTAS_CASEFILES_KEPT_MONTHS = 12
    return tmp_path


def typed(command: str, *words: object) -> str:
    """What the command says, typed by the owner."""
    out = StringIO()
    with as_owner():
        call_command(command, *map(str, words), stdout=out, stderr=out)
    return out.getvalue()


def sign(*orders: Path, persons: tuple[str, ...] = ("arsip-1", "hukum-2")) -> None:
    """With the keys that lie beside the orders, or beside their folder."""
    for person in persons:
        (key,) = (one for one in (folder / f"{person}.pem" for folder in orders[0].parents) if one.exists())
        typed("erase", "sign", *orders, "--name", person, "--key", key)


def due() -> list[tuple[str, int, int, list[int]]]:
    (reads,) = json.loads(typed("retention", "--json", "--class", "reads"))["classes"]
    return [(one["month"], one["due"], one["held"], one["holds"]) for one in reads["months"]]


def hold(story: Story) -> None:
    with as_owner():
        holding.set_hold(
            casefile=str(story.casefile), agency=None, begins=None, until=None, reason="audit", letter="S-12/2026",
            by="hukum-2", now=NOW,
        )  # fmt: skip


def test_two_persons_end_months_and_the_log_is_sound(
    story: Story, desk: Path, sequenced: Sequencing, copies: Copies
) -> None:
    order = desk / "order.json"
    assert due() == [(name(28), 2, 0, []), (name(27), 0, 0, []), (name(26), 1, 0, []), (name(25), 0, 0, [])]
    said = typed("retention", "order", "reads", "--basis", BASIS, "--out", order)
    assert f"ends 3 reads, all before {UNTIL}" in said
    for persons in ((), ("arsip-1",)):
        sign(order, persons=persons)
        with pytest.raises(CommandError, match=r"two-persons.*Nothing was changed"):
            typed("erase", "perform", order)
        assert list((desk / "kept").iterdir()) == []
    assert Access.objects.count() == 5
    sign(order, persons=("hukum-2",))
    assert "4 months ended" in typed("erase", "perform", order)
    assert list(Access.objects.order_by("at").values_list("at", flat=True)) == [month(24), NOW]
    assert due() == []
    with as_owner():
        ended = Opening.objects.filter(entry__stream=months.STREAM).order_by("entry__seq")
        signed = erasers.read_order(order.read_text())
        assert [one.given for one in ended] == [signed.plain()] * 4
        assert [one.state["until"] for one in ended] == [month(ago).date().isoformat() for ago in (27, 26, 25, 24)]
    with pytest.raises(CommandError, match=r"have ended already.*already-erased"):
        typed("erase", "perform", order)
    assert [one.name for one in (desk / "kept").iterdir()] == [f"{signed.id}.json"]
    reader_url = on_database(copies.roles.reader, connection.settings_dict["NAME"])
    sequenced()
    trust = at_its_word(sequenced.signer.vkey)
    found = verify("db", reader_url, *trust, guards=True)
    assert (found.exit, found.said["findings"], found.said["checked"]["ended"]) == (0, [], 3)
    manage(reader_url, "export_log", "--all", "--out", str(desk / "dump"))
    found = verify("dump", desk / "dump", *trust)
    assert (found.exit, found.said["findings"]) == (0, [])


def test_a_hold_keeps_the_month_in_which_its_casefile_was_read_and_all_after_it(story: Story, desk: Path) -> None:
    """What was interrupted by it goes on with the same order once the hold is lifted."""
    order = desk / "order.json"
    typed("retention", "order", "reads", "--basis", BASIS, "--out", order)
    sign(order)
    hold(casefile_at(State.SUBMITTED))
    assert {held for _, _, held, _ in due()} == {0}, "nobody read it in these months"
    hold(story)
    assert due() == [(name(28), 2, 0, []), (name(27), 0, 0, []), (name(26), 1, 1, [2]), (name(25), 0, 0, [])]
    assert "after a month that is held" in typed("retention")
    with pytest.raises(CommandError, match=rf"reads of {name(26)} stay.*hold 2.*2 months had ended before"):
        typed("erase", "perform", order)
    with pytest.raises(CommandError, match=rf"reads of {name(26)} stay.*legal-hold.*Nothing was changed"):
        typed("erase", "perform", order)
    with pytest.raises(CommandError, match=r"legal-hold.*No order was written"):
        typed("retention", "order", "reads", "--basis", BASIS, "--out", desk / "other.json")
    assert [one[0] for one in due()] == [name(26), name(25)]
    (begun,) = (desk / "kept").iterdir()
    assert begun.name.endswith(".json.begun")
    typed("hold", "lift", 2, "--letter", "S-40/2027", "--by", "arsip-1")
    assert "2 months ended" in typed("erase", "perform", order)
    assert [one.suffix for one in (desk / "kept").iterdir()] == [".json"]
    assert Access.objects.count() == 2


def test_whoever_uses_the_table_is_not_waited_for(
    story: Story, desk: Path, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that reads it goes on, and so do the requests behind; the same order goes on later."""
    monkeypatch.setattr("audit.months.PATIENCE", "50ms")
    order = desk / "order.json"
    typed("retention", "order", "reads", "--basis", BASIS, "--out", order)
    sign(order)
    with owner_connection.transaction():
        owner_connection.execute("SELECT count(*) FROM audit_access")
        with pytest.raises(CommandError, match=r"in use\. 0 months have ended; type this again later"):
            typed("erase", "perform", order)
    assert Access.objects.count() == 5
    assert "4 months ended" in typed("erase", "perform", order)


def test_an_order_ends_at_the_month_before_the_one_that_is_held(story: Story, desk: Path) -> None:
    hold(story)
    said = typed("retention", "order", "reads", "--basis", BASIS, "--out", desk / "order.json")
    assert f"ends 2 reads, all before {month(26).date()}" in said
    said = typed("retention", "order", "reads", "--through", name(28), "--basis", BASIS, "--out", desk / "less.json")
    assert f"ends 2 reads, all before {month(27).date()}" in said


def ordered() -> MonthsOrder:
    with as_owner():
        return ending.order(
            through=None, cutoff=CUTOFF, reason="retention_elapsed", basis=BASIS, origin=configured.LINTAS_LOG_ORIGIN,
            now=NOW,
        )  # fmt: skip


def signed(order: MonthsOrder) -> MonthsOrder:
    for person in ERASERS:
        order = erasers.add_signature(order, name=person, private=KEYS[person])
    return order


def perform(order: MonthsOrder, **changed: Any) -> list[str]:
    usual: dict[str, Any] = {"cutoff": CUTOFF, "origin": configured.LINTAS_LOG_ORIGIN, "now": NOW}
    with as_owner():
        return list(ending.perform_order(order, erasers=ERASERS, **{**usual, **changed}))


Spoiled = Callable[[MonthsOrder], MonthsOrder]
REFUSALS: dict[str, tuple[str, Spoiled, dict[str, Any]]] = {
    "a later month was put in": ("bad-signature", lambda o: dataclasses.replace(signed(o), until="2099-01-01"), {}),
    "its months are not due": ("not-due", signed, {"cutoff": month(26)}),
    "nothing is ever due": ("no-period", signed, {"cutoff": None}),
    "it names other seals": ("changed", lambda o: signed(dataclasses.replace(o, head="ab" * 32)), {}),
    "it names fewer reads": ("changed", lambda o: signed(dataclasses.replace(o, reads=2)), {}),
    "it ends before all reads": ("already-erased", lambda o: signed(dataclasses.replace(o, until="2001-01-01")), {}),
    "it is another log's": ("other-origin", signed, {"origin": "elsewhere/log/1"}),
    "its term is over": ("expired", signed, {"now": NOW + timedelta(days=7)}),
    "its basis holds a NIP": ("basis-names-person", lambda o: signed(dataclasses.replace(o, basis=f"K {NIP}")), {}),
    "nobody signed": ("two-persons", lambda o: o, {}),
}  # fmt: skip


def test_an_order_that_is_not_in_order_ends_nothing(story: Story) -> None:
    """One register for all of them: none changes it."""
    came = {}
    for case, (_, spoiled, changed) in REFUSALS.items():
        with pytest.raises(ErasureRefused) as why:
            perform(spoiled(ordered()), **changed)
        came[case] = why.value.reason
    assert came == {case: reason for case, (reason, _, _) in REFUSALS.items()}
    assert Access.objects.count() == 5
    assert not Opening.objects.filter(entry__stream=months.STREAM).exists()


def test_after_a_restore_the_months_end_again_though_the_order_s_term_is_over(story: Story, desk: Path) -> None:
    old = dataclasses.replace(
        ordered(), made_at=_instant(NOW - timedelta(days=90)), expires_at=_instant(NOW - timedelta(days=83))
    )
    (desk / "kept" / f"{old.id}.json").write_text(json.dumps(signed(old).plain()))
    assert "4 months ended" in typed("erase", "again", desk / "kept")
    assert Access.objects.count() == 2
    assert "erased already" in typed("erase", "again", desk / "kept")


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def test_orders_for_all_casefiles_that_are_due_are_signed_and_performed_together(desk: Path) -> None:
    stories = [casefile_at(State.CLOSED, through=("reject",)) for _ in range(3)]
    casefile_at(State.RECOMMENDED)
    first = stories[0]
    hold(first)
    said = typed("retention", "order", "casefiles", "--basis", BASIS, "--out", desk / "orders", "--most", 3)
    assert "2 orders, each erases one casefile" in said
    assert f"no order for {first.row.number}: " in said
    orders = sorted((desk / "orders").iterdir())
    sign(*orders)
    hold(stories[1])
    with pytest.raises(CommandError, match="1 of 2 orders were not carried out; the others were"):
        typed("erase", "perform", *orders)
    content = Payload.objects.filter(
        casefile__isnull=False, seq__gte=1, erased_at__isnull=True, casefile__state="closed"
    )
    assert set(content.values_list("casefile", flat=True)) == {first.casefile, stories[1].casefile}
    with pytest.raises(CommandError, match=r"not-due.*No order was written"):
        typed("retention", "order", "casefiles", "--through", "2001-01", "--basis", BASIS, "--out", desk / "more")
