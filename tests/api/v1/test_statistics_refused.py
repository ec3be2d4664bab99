"""What `/statistics` refuses, with every reason."""

from __future__ import annotations

import pytest

from casefiles.flow import State
from casefiles.statistics import count
from casefiles.statistics.measures import STANDING
from tests import factories
from tests.counted import reasons, totals
from tests.factories import AUDITOR
from tests.partner import Partner, said
from tests.sequencing import Sequencing


@pytest.mark.usefixtures("db", "world")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?by=colour", [("not-among-choices", "by")]),
        ("?by=state,state", [("repeated-item", "by")]),
        ("?by=state,form,month", [("too-many-items", "by")]),
        ("?unit=persons", [("not-among-choices", "unit")]),
        ("?as_of=-1", [("out-of-range", "as_of")]),
        ("?as_of=2024-10-01", [("out-of-range", "as_of")]),
        ("?publish=1", [("not-a-flag", "publish")]),
        ("?by=month,form&publish=true", [("published-by-one-dimension", "by")]),
        ("?by=state,form&publish=true", [("published-by-one-dimension", "by"), ("not-published-by-standing", "by")]),
        *((f"?by={name}&publish=true", [("not-published-by-standing", "by")]) for name in STANDING),
        ("?outcome=sanctioned&publish=true", [("not-published-by-standing", "outcome")]),
        ("?state=closed&by=employer&publish=true", [("not-published-by-standing", "state")]),
        ("?submitted_from=2024-10-02&submitted_until=2024-10-02", [("period-is-empty", "submitted_until")]),
        ("?form=no_such_form&election=none", [("unknown-code", "form"), ("unknown-code", "election")]),
        ("?nip=198501012010011001", [("unknown-parameter", "nip")]),
        ("?cursor=x", [("unknown-parameter", "cursor")]),
    ],
)
def test_what_cannot_be_asked_is_refused_with_every_reason(query: str, found: list[tuple[str, str]]) -> None:
    assert sorted(reasons(AUDITOR, query)) == sorted(found)


def test_more_rows_than_one_answer_holds_are_refused(sequenced: Sequencing, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the refusal says what to do."""
    factories.casefile_at(State.SUBMITTED)
    factories.casefile_at(State.RECOMMENDED)
    sequenced()
    monkeypatch.setattr(count, "MOST_ROWS", 1)
    assert reasons(AUDITOR, "?by=state") == [("too-many-rows", "by")]
    problem = said(Partner(AUDITOR).get("/statistics?by=state", **{"Accept-Language": "en"}))
    assert "Filter" in problem["errors"][0]["detail"]
    assert totals(AUDITOR)["submitted"] == 2
