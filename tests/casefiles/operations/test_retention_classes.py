"""The file of the retention classes: what is wrong in it is named with its line, and it says what the program does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from casefiles.catalogue.files import CatalogueError
from casefiles.operations import retention_classes
from casefiles.operations.retention_classes import FILE
from console.desk import drafting
from console.exports import making
from delivery import queue

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


def test_the_file_says_what_the_program_does() -> None:
    classes = retention_classes.load()
    assert set(classes) == set(retention_classes.CODES)
    assert classes["deliveries"].cutoff(now=NOW) == NOW - queue.KEPT_FOR
    assert classes["exports"].cutoff(now=NOW) == NOW - making.KEPT_FOR
    assert classes["drafts"].cutoff(now=NOW) == NOW - drafting.LIVES


def test_no_period_without_a_source_is_called_law() -> None:
    """Nobody read the retention schedules: whatever is not the program's own promise is the operator's setting."""
    assert {one.certainty for one in retention_classes.load().values()} == {"operator", "code"}


def test_a_setting_is_counted_in_whole_months_and_zero_is_for_ever(settings: Settings) -> None:
    reads = retention_classes.load()["reads"]
    assert (reads.cutoff(now=NOW), reads.period) == (None, "for ever")
    settings.LINTAS_READS_KEPT_MONTHS = 24
    assert (reads.cutoff(now=NOW), reads.period) == (datetime(2024, 11, 1, tzinfo=UTC), "24 months")
    settings.LINTAS_READS_KEPT_MONTHS = 23
    with pytest.raises(CatalogueError, match=r"row reads: LINTAS_READS_KEPT_MONTHS is 23; 24 months are the fewest"):
        reads.cutoff(now=NOW)
    settings.LINTAS_ANSWERS_KEPT_DAYS = 10
    assert retention_classes.load()["answers"].cutoff(now=NOW) == NOW - timedelta(days=10)


def test_each_period_is_told_in_words() -> None:
    told = {code: one.period for code, one in retention_classes.load().items()}
    assert told == {
        "casefiles": "for ever", "reads": "for ever", "contents": "with casefiles", "evidence": "with casefiles",
        "answers": "400 days", "deliveries": "30 days", "exports": "1 day", "sign_in": "1 day", "drafts": "7 days",
        "request_log": "not in the database", "warnings": "for ever", "log": "for ever",
    }  # fmt: skip


FAULTS: dict[str, tuple[str, str, str]] = {
    "an unknown class": ("code: reads", "code: readings", "the program knows no class readings"),
    "a class that is missing": ("code: reads", "code: readings", "line 1: the classes reads are missing"),
    "a class twice": ("code: reads", "code: casefiles", "row 2 (casefiles): casefiles stands twice"),
    "an unknown key": ("    days: 30", "    weeks: 4", "unknown key: weeks"),
    "no number": ("    days: 30", "    days: thirty", "row 6 (deliveries): days must be a whole number"),
    "no period": ("    days: 30", "    days: 0", "row 6 (deliveries): days must be 1 or more"),
    "two periods": ("    unit: days", "    unit: days\n    days: 4", "told by one of days, setting, with_class"),
    "another unit": ("    unit: days", "    unit: months", "row 5 (answers): unit is that of the setting"),
    "an unknown setting": ("LINTAS_READS_KEPT_MONTHS", "LINTAS_READS", "there is no setting LINTAS_READS"),
    "one person for evidence": ("order_per_month\n    persons: 2", "order_per_month\n    persons: 1", "by 2 persons"),
    "a setting called law": (
        "persons: 2\n    certainty: operator", "persons: 2\n    certainty: seen", "certainty must be operator",
    ),
    "an unknown mark": ("certainty: code", "certainty: sure", "certainty must be one of seen, memory, code, operator"),
    "a period for what never ends": (
        "ends_by: never\n", "ends_by: never\n    days: 3\n", "what the program never ends has no period here",
    ),
    "no source": ("    source: docs/contents.md\n", "", "row 3 (contents): source is missing"),
    "a class that goes with itself": ("with_class: casefiles", "with_class: contents", "which is no other class"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_in_the_file_is_named(case: str, tmp_path: Path) -> None:
    old, new, reason = FAULTS[case]
    text = FILE.read_text()
    assert old in text
    changed = tmp_path / FILE.name
    changed.write_text(text.replace(old, new, 1))
    with pytest.raises(CatalogueError) as why:
        retention_classes.load(changed)
    assert reason in str(why.value)
    assert str(why.value).startswith("retention_classes.yaml, line ")
