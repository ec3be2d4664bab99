"""`manage.py retention`: what is due by class and month, what is held of it, and what ends without two persons."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from api.models import IdempotencyRecord
from casefiles.flow import State
from casefiles.models import Casefile, Payload
from casefiles.operations import holding
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import told
from tests.factories import BKN, PADANG, casefile_at, known_subject
from tests.partner import Partner
from tests.snapshots import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

LONG_AGO = datetime(2024, 3, 31, 23, tzinfo=UTC)


def typed(*words: str) -> str:
    """What the command says, typed by the owner."""
    out = StringIO()
    with as_owner():
        call_command("retention", *words, stdout=out)
    return out.getvalue()


def shown(code: str) -> list[tuple[Any, ...]]:
    """The months of a class as the report has them."""
    (one,) = json.loads(typed("--json", "--class", code))["classes"]
    return [(row["month"], row["due"], row["held"], row["holds"]) for row in one["months"]]


def hold_on(**on: Any) -> None:
    nothing: dict[str, Any] = {"casefile": None, "agency": None, "begins": None, "until": None}
    with as_owner():
        holding.set_hold(
            **{**nothing, **on}, reason="audit", letter="S-12/2026", by="hukum-2", now=datetime.now(UTC)
        )  # fmt: skip


@pytest.fixture
def kept(settings: Settings) -> None:
    """The content of casefiles is kept for a year after they were closed."""
    settings.LINTAS_CASEFILES_KEPT_MONTHS = 12


@pytest.mark.usefixtures("kept")
def test_closed_casefiles_are_due_by_the_month_of_their_last_step_and_nothing_is_changed() -> None:
    closed = [casefile_at(State.CLOSED, through=("reject",)).row for _ in range(3)]
    casefile_at(State.RECOMMENDED)
    months = {f"{row.updated_at:%Y-%m}" for row in closed}
    assert len(months) == 1, "the stories are of one month"
    with as_owner():
        before = snapshot()
        assert shown("casefiles") == [(*months, 3, 0, [])]
        assert snapshot() == before
    hold_on(casefile=closed[0].number)
    hold_on(agency=BKN)
    assert shown("casefiles") == [(*months, 3, 3, [1, 2])]
    said = typed("--class", "casefiles")
    assert "hold 1, hold 2" in said
    assert "2 persons; operator: periods of UU 43/2009" in said
    with as_owner():
        holding.lift(2, letter="S-40/2027", by="arsip-1", now=datetime.now(UTC))
    assert shown("casefiles") == [(*months, 3, 1, [1])]


def test_nothing_is_due_where_the_operator_set_no_period() -> None:
    casefile_at(State.CLOSED, through=("reject",))
    assert shown("casefiles") == []
    assert shown("reads") == []
    assert "Nothing is due." in typed()


def test_kept_answers_end_in_batches_but_what_is_held() -> None:
    """Held is what the casefile's requests were answered, with those of its finding and its document."""
    matter, spared = told(known_subject()), told(known_subject())
    with as_owner():
        IdempotencyRecord.objects.all().update(created_at=LONG_AGO)
    number = len(matter.sent)
    hold_on(casefile=spared.casefiles[0])
    assert shown("answers") == [("2024-03", 2 * number, number, [1])]
    assert f"answers: {number} ended, what is held stays." in typed("end", "--class", "answers")
    assert shown("answers") == [("2024-03", number, number, [1])]
    for agency, path, body, version, key in spared.sent:
        assert Partner(agency).post(path, body, version=version, key=key)["Idempotency-Replayed"] == "true"
    for agency, path, body, version, key in matter.sent:
        assert Partner(agency).post(path, body, version=version, key=key).status_code == 410


@pytest.mark.parametrize(
    ("on", "held"),
    [
        ({"agency": PADANG}, 4),
        ({"begins": LONG_AGO.date(), "until": LONG_AGO.date() + timedelta(days=1)}, 4),
        ({"begins": LONG_AGO.date() - timedelta(days=1), "until": LONG_AGO.date()}, 0),
    ],
)
def test_an_agency_s_answers_and_those_of_a_span_are_held(on: dict[str, Any], held: int) -> None:
    told(known_subject())
    with as_owner():
        IdempotencyRecord.objects.all().update(created_at=LONG_AGO)
    hold_on(**on)
    assert shown("answers") == [("2024-03", 4, held, [1] if held else [])]
    assert f"answers: {4 - held} ended" in typed("end", "--class", "answers")
    assert Payload.objects.filter(answer__isnull=False).count() == held


def test_a_setting_that_is_too_short_is_named_and_ends_nothing(settings: Settings) -> None:
    told(known_subject())
    settings.LINTAS_ANSWERS_KEPT_DAYS = 3
    for words in ((), ("--check",), ("end", "--class", "answers")):
        with pytest.raises(CommandError, match="row answers: LINTAS_ANSWERS_KEPT_DAYS is 3; 7 days are the fewest"):
            typed(*words)
    assert Payload.objects.filter(answer__isnull=False).exists()


def test_a_casefile_that_the_case_itself_marks_is_told_apart(kept: None, owner_connection: Any) -> None:
    closed = casefile_at(State.CLOSED, through=("reject",))
    owner_connection.execute("ALTER TABLE casefiles_casefile DISABLE TRIGGER a_casefile_changes_by_transition_only")
    owner_connection.execute("UPDATE casefiles_casefile SET legal_hold = true WHERE id = %s", [closed.casefile])
    assert Casefile.objects.get(pk=closed.casefile).legal_hold
    assert "marked in the case" in typed("--class", "casefiles")
