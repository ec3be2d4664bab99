"""What is generated and checked in is fresh, and a stale file is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from api.contract.openapi import diagrams
from api.contract.openapi.flow_page import flow_page, guards_of
from api.management.commands import generate
from casefiles import flow


@pytest.fixture(scope="module")
def made() -> Mapping[Path, str]:
    """All that is generated, made once for the tests that only read it: seconds of work."""
    return generate.generated()


def test_every_generated_file_is_fresh(made: Mapping[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "generated", lambda: made)
    call_command("generate", "--check")


def test_making_them_twice_gives_the_same_bytes(made: Mapping[Path, str]) -> None:
    assert generate.generated() == made


def test_a_file_that_was_edited_by_hand_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = tmp_path / "docs" / "flow.md"
    edited.parent.mkdir()
    edited.write_text("# The flow, as somebody remembers it\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "EXAMPLES", tmp_path / "examples")
    monkeypatch.setattr(generate, "generated", lambda: {edited: flow_page()})
    with pytest.raises(CommandError, match=r"docs/flow\.md"):
        call_command("generate", "--check")
    call_command("generate")
    call_command("generate", "--check")


def test_an_example_of_an_operation_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "perform_forget.json"
    gone.write_text("{}\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "EXAMPLES", tmp_path)
    assert generate.stale_among({}) == ["perform_forget.json"]


def test_each_generated_file_says_so_and_by_which_command(made: Mapping[Path, str]) -> None:
    for path, text in made.items():
        # JSON has no comments, and of the README only the part between the marks is made.
        if path.suffix != ".json" and path not in generate.READMES:
            assert "Generated" in text.partition("\n")[0], path
            assert "./run openapi" in text.partition("\n")[0], path


def test_the_page_draws_every_transition_and_every_state() -> None:
    page = flow_page()
    drawn = "".join(line for _, lines in diagrams.chapters() for line in lines)
    assert drawn.count("stateDiagram") == len(diagrams.CHAPTERS)
    for row in flow.FLOW:
        assert f"| `{row.name}`<br>" in page
        assert row.article in page
        assert sum(row in rows for _, rows in diagrams.CHAPTERS) == 1 or diagrams.is_everywhere(row), row.name
        if not diagrams.is_everywhere(row):
            assert re.search(rf"\b{row.name}\b", drawn), row.name
    for state in flow.TURNS:
        assert state in drawn


def test_the_main_line_leads_from_a_finding_through_every_state_to_its_end() -> None:
    lines = list(diagrams.main_line())
    arrows = [line.strip().partition(":")[0].split(" --> ") for line in lines if " --> " in line]
    reached = {"[*]"}
    for _ in arrows:
        reached |= {target for source, target in arrows if source in reached}
    assert reached == {"[*]", *flow.State}
    assert len(lines) < 35, "longer, and nobody reads it"


def test_many_states_that_lead_to_one_are_drawn_as_one() -> None:
    joined = list(dict(diagrams.chapters())["Penggabungan dan pembukaan kembali / Merging and reopening"])
    assert '    state "submitted … disputed" as submitted_to_disputed' in joined
    assert "    submitted_to_disputed --> closed: merge (merged)" in joined


def test_what_a_guard_refuses_with_is_read_from_the_guard() -> None:
    codes = {row.name: [code for code, _ in guards_of(row)] for row in flow.FLOW}
    assert codes["return"] == ["mandate-not-in-force", "limit-reached"]
    assert "sanction-does-not-fit" in codes["uphold"]  # behind a lambda
    assert "accepted-already" in codes["withdraw"]  # inside one
    # What holds for every row that is the examiner's, and that tells a day.
    assert codes["retract"] == ["mandate-not-in-force", "bound-by-ruling", "date-in-the-future", "dates-run-backwards"]
