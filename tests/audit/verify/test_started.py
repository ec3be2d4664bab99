"""A verification that somebody starts from the console says what the command says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.test import override_settings

from audit.verify.report import SOUND, WRONG, Report
from tests.audit.verify.conftest import Copy, Register
from verifications import running

ROWS = replace(running.EXTENT, guards=False)
"""Those of the ground have no constraints."""


@contextmanager
def _reading(url: str, register: Register) -> Iterator[None]:
    with override_settings(LINTAS_VERIFIER_URL=url, LINTAS_WITNESS_POLICY_FILE=register.policy):
        yield


def test_a_sound_register_is_sound_and_its_parts_are_told(sound: str, register: Register) -> None:
    report, parts = Report(), set[str]()
    with _reading(sound, register):
        running._verify(report, lambda part, done, total: parts.add(part), extent=ROWS)
    assert [finding.sentence() for finding in report.findings] == []
    assert report.exit_code == SOUND
    assert report.checked["entries"] > 20
    assert parts
    for _ in range(50):
        report.add("genesis-key")
    told = running._told(report, indonesian=True)
    # A long log may have a note for each entry.
    assert (len(told["notes"]), told["notes_count"]) == (20, len(report.notes))


def test_a_changed_casefile_is_named_in_both_languages(edited: Copy, register: Register) -> None:
    closed = register.casefiles["closed"]
    edited.tamper("UPDATE casefiles_casefile SET outcome = 'not_proven' WHERE id = %s", closed)
    report = Report()
    with _reading(edited.reader, register):
        running._verify(report, lambda part, done, total: None, extent=ROWS)
    assert report.exit_code == WRONG
    for language in (True, False):
        assert closed in str(running._told(report, indonesian=language)["findings"])
