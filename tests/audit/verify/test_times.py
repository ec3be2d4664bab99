"""The moments of a log's entries in their order."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.verify.report import Report
from audit.verify.times import APART, Times

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LONG_BEFORE = APART + timedelta(seconds=1)


def _named(*told: tuple[str, datetime]) -> list[tuple[str, str | int]]:
    """Code and index of what is found in entries of these kinds, recorded then."""
    report = Report()
    times = Times(report, now=NOW)
    for index, (kind, recorded) in enumerate(told):
        entry: Any = {"kind": kind, "recorded_at": recorded.isoformat(), "seq": 1}
        times.take(entry | {"id": str(uuid.uuid4()), "stream": str(uuid.uuid4())}, index=index)
    return [(finding.code, finding.where["index"]) for finding in report.findings]


def test_what_was_recorded_before_the_log_was_opened_comes_after_its_opening() -> None:
    """An installation loads the law and registers agencies, and may open its log the week after."""
    before = NOW - timedelta(days=7)
    told = [("log.opened", NOW), ("catalogue.loaded", before), ("agency.registered", before + LONG_BEFORE)]
    assert _named(*told, ("casefile.submitted", NOW)) == []


@pytest.mark.parametrize(
    ("told", "index"),
    [
        ((("log.opened", NOW), ("a", NOW), ("b", NOW - LONG_BEFORE)), 2),
        ((("log.opened", NOW - LONG_BEFORE), ("log.opened", NOW), ("b", NOW - LONG_BEFORE)), 2),
    ],
)
def test_times_that_run_backwards_are_named(told: tuple[tuple[str, datetime], ...], index: int) -> None:
    """Only the first entry is the opening, whatever another one calls itself."""
    assert _named(*told) == [("time-backwards", index)]
