"""Legal holds: set and lifted by whom the erasers' file names, each an entry; what is held is not erased."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from api.http import idempotency
from audit import holds, ledger
from audit.models import Entry, Opening
from casefiles.flow import State
from casefiles.operations import holding
from casefiles.operations.erasers import ErasureRefused
from tests.callers import as_courier, as_owner
from tests.casefiles.operations.test_erasure import KEYS, line, ordered, perform, refused, signed
from tests.factories import NIP, OTHER_OFFICE, PADANG, PEMKOT, Story, casefile_at, known_subject
from tests.racing import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

TODAY = datetime.now(UTC).date()
LETTER = "W2-U1/77/HK.05/2026"


@pytest.fixture(autouse=True)
def _erasers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "erasers").write_text("\n".join(line(name, KEYS[name]) for name in ("arsip-1", "hukum-2")))
    monkeypatch.setenv("LINTAS_ERASERS_FILE", str(tmp_path / "erasers"))


@pytest.fixture
def closed() -> Story:
    """A closed casefile."""
    return casefile_at(State.CLOSED, through=("reject",), subjects=(known_subject(),))


def typed(*words: str) -> str:
    """What `hold` says, typed by the owner."""
    out = StringIO()
    with as_owner():
        call_command("hold", *words, stdout=out)
    return out.getvalue()


def hold_on(*words: str) -> str:
    return typed("set", *words, "--reason", "court_case", "--letter", LETTER, "--by", "hukum-2")


def numbers(story: Story) -> list[int]:
    """The holds that reach it."""
    with as_owner():
        return [hold.number for hold in holding.on_finding(story.finding, holds.standing())]


def test_what_is_held_is_not_erased_until_the_hold_is_lifted(closed: Story) -> None:
    order = signed(ordered(closed.casefile))
    assert "hold 1 stands" in hold_on("--casefile", closed.row.number)
    with pytest.raises(CommandError, match=r"Hold 1 stands on casefile .*by the same letter.*\[already-held\]"):
        hold_on("--casefile", str(closed.casefile))
    refused(order, "legal-hold")
    with pytest.raises(ErasureRefused, match=rf"hold 1 \(court_case, {LETTER}\)"):
        ordered(closed.casefile)
    assert "is lifted" in typed("lift", "1", "--letter", "S-40/2027", "--by", "arsip-1")
    with pytest.raises(CommandError, match=r"No hold 1 stands.*\[no-such-hold\] Nothing was changed"):
        typed("lift", "1", "--letter", "S-40/2027", "--by", "arsip-1")
    with as_owner():
        perform(order)
        entries = Entry.objects.filter(stream=holds.STREAM).order_by("seq")
        assert ledger.chain_faults([(one.seq, bytes(one.leaf_hash), bytes(one.body)) for one in entries]) == []
        kinds = [json.loads(bytes(one.body))["kind"] for one in entries]
        opened = [(one.given["by"], one.state["held"]) for one in Opening.objects.filter(entry__in=entries)]
    assert (kinds, sorted(opened)) == ([holds.SET, holds.LIFTED], [("arsip-1", False), ("hukum-2", True)])


def test_a_hold_on_one_casefile_keeps_its_finding(world: object) -> None:
    """The finding is one text about both."""
    both = casefile_at(
        State.CLOSED,
        through=("reject",),
        subjects=(known_subject(), known_subject(name="Lain", nip="199002022012012002")),
    )
    first, second = both.row.finding.casefiles.order_by("number")
    hold_on("--casefile", str(second.pk))
    with pytest.raises(ErasureRefused, match="another casefile of its finding"), as_owner():
        ordered(first.pk)


def test_an_agency_s_hold_reaches_what_it_sees_and_a_span_s_what_was_open_in_it(closed: Story) -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    hold_on("--agency", PADANG)
    hold_on("--agency", OTHER_OFFICE)
    hold_on("--from", "2020-01-01", "--until", "2020-02-01")
    hold_on("--from", "2020-01-01", "--until", tomorrow)
    hold_on("--from", tomorrow, "--until", "2099-01-01")
    assert numbers(closed) == [1, 4]
    # What is open goes on into the days to come.
    assert numbers(casefile_at(State.RECOMMENDED)) == [1, 4, 5]
    listed = [json.loads(one) for one in typed("list", "--json").splitlines()]
    assert [one["hold"] for one in listed] == [1, 2, 3, 4, 5]
    assert (listed[0]["agency"], listed[3]["until"], listed[4]["by"]) == (PADANG, tomorrow, "hukum-2")


REFUSED: dict[str, tuple[list[str], str]] = {
    "a stranger": (["--agency", PEMKOT, "--by", "tamu-3"], "not-authorised"),
    "a name for a letter": (["--agency", PEMKOT, "--letter", "Budi Santoso"], "letter"),
    "a NIP for a letter": (["--agency", PEMKOT, "--letter", NIP], "personal-number"),
    "no such casefile": (["--casefile", "LTS/1999/000001"], "unknown-casefile"),
    "no such agency": (["--agency", "nowhere"], "unknown-agency"),
    "half a span": (["--from", "2026-01-01"], "half-a-span"),
    "a span that ends first": (["--from", "2026-02-01", "--until", "2026-01-01"], "empty-span"),
    "a day after an agency": (["--agency", PEMKOT, "--until", "2026-01-01"], "half-a-span"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_hold_that_is_not_in_order_holds_nothing(case: str) -> None:
    words, reason = REFUSED[case]
    usual = {"--reason": "audit", "--letter": LETTER, "--by": "hukum-2"}
    usual |= dict(zip(words[::2], words[1::2], strict=True))
    with pytest.raises(CommandError, match=rf"\[{reason}\] Nothing was changed"):
        typed("set", *[word for pair in usual.items() for word in pair])
    assert typed("list") == "No hold stands.\n"


def test_the_courier_reads_holds_and_sets_none() -> None:
    hold_on("--agency", PEMKOT)
    with as_courier():
        assert [hold.agency for hold in holds.standing()] == [PEMKOT]


@pytest.mark.race
def test_whoever_holds_waits_for_who_is_erasing_and_is_told_afterwards(closed: Story) -> None:
    """So no answer says that a casefile is held whose content goes in the same moment."""
    order = signed(ordered(closed.casefile))
    came: list[Counter[str]] = []

    def hold(_: int) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        try:
            holding.set_hold(
                casefile=str(closed.casefile), agency=None, begins=None, until=None, reason="audit", letter=LETTER,
                by="hukum-2", now=datetime.now(UTC),
            )  # fmt: skip
        except OperationalError:
            return "waits"
        return "held"

    def forget(answers: Sequence[int], streams: Sequence[UUID]) -> None:
        came.append(together(1, hold))
        idempotency.forget(answers, streams)

    with as_owner():
        perform(order, forget=forget)
        assert came == [Counter(waits=1)]
        assert together(1, hold) == {"held": 1}
