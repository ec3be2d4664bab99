"""What the annex names and what is recommended: another level warns, with the row of the annex."""

from typing import Any

import pytest

from casefiles.flow import Party, State
from casefiles.flow.follow_up import Revision
from tests.casefiles.flow.views import allowed, facts_at, law

EXAMINED = State.UNDER_EXAMINATION
LIKE = facts_at(None)["violations"][0]
CODE = "level-outside-annex"


def _warned(*violations: dict[str, Any], **body: Any) -> list[str]:
    facts = {"violations": list(violations)} if violations else {}
    changes = allowed("recommend", EXAMINED, Party.EXAMINER, facts=facts, **body).changes
    return [one["en"] for one in changes["warnings"] if one["code"] == CODE]


@pytest.mark.parametrize(
    ("sanction", "warns"),
    [
        ("discipline_heavy", False),
        ("demotion_one_level_12m", False),
        ("discipline_medium", True),
        ("written_reprimand", True),
        ("moral_any", True),
        ("dismissal_dishonourable", True),
    ],
)
def test_a_level_or_sanction_outside_the_annex_s_level_warns_with_the_row(sanction: str, warns: bool) -> None:
    """A like after the candidates were designated is item B6 of 2022, a heavy one."""
    found = _warned(sanction=sanction)
    assert bool(found) is warns
    for text in found:
        assert "violation 1 (social_media_engagement)" in text
        assert "edition 2022, item B6, names discipline_heavy" in text
        assert sanction in text


def test_of_several_violations_the_heaviest_row_counts_and_of_those_not_confirmed_none() -> None:
    before = {**LIKE, "number": 2, "act_date": "2024-09-01"}
    assert _warned(LIKE, before, violations=(1, 2), sanction="discipline_heavy") == []
    (both,) = _warned(LIKE, before, violations=(1, 2), sanction="moral_any")
    assert "violation 1" in both
    assert _warned(LIKE, before, violations=(2,), sanction="moral_any") == []
    (one,) = _warned(LIKE, before, violations=(2,), sanction="discipline_heavy")
    assert "violation 2 (social_media_engagement)" in one
    assert "item A4, names moral_any" in one


def test_a_revision_is_judged_anew() -> None:
    warning = {"code": CODE, "pointer": "#/recommendation/sanction", "id": "x", "en": "x"}
    other = {"code": "long-extension", "pointer": "#/extensions/0/until", "id": "x", "en": "x"}
    for sanction, codes in (("discipline_heavy", ["long-extension"]), ("discipline_light", ["long-extension", CODE])):
        revised = Revision(violations=(1,), sanction=sanction, reasoning="x")
        facts = {"warnings": [warning, other]}
        changes = allowed("uphold", State.DISPUTED, Party.EXAMINER, facts=facts, revised=revised).changes
        assert [one["code"] for one in changes["warnings"]] == codes


def test_the_level_is_held_against_the_annex_anew_when_the_act_is_corrected() -> None:
    """Before the designation a like is a matter of ethics: what was recommended for discipline fits no more."""
    state = State.RECOMMENDED
    facts = facts_at(state)
    facts["recommendation"] |= {"sanction": "discipline_heavy"}
    facts["violations"] = [{**LIKE, "confirmed": True, **law().classify(LIKE, facts["finding"])}]
    codes = []
    for act_date in ("2024-08-01", "2024-09-28"):
        body = {"fact": "#/violations/*/act_date", "violation": 1, "value": act_date}
        facts |= allowed("correct", state, Party.EXAMINER, facts={**facts, "steps": ACCEPTED}, **body).changes
        codes.append([one["code"] for one in facts["warnings"] if one["code"] == CODE])
        assert facts["violations"][0]["class"]["level"] == ("moral_any" if len(codes) == 1 else "discipline_heavy")
    assert codes == [[CODE], []]


ACCEPTED = {"submit": 1, "accept": 1}
