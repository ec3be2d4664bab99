"""Each dimension of the statistics holds as many casefiles as the lists and the files themselves show for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import pytest

from casefiles.flow import State
from casefiles.statistics import sbt
from tests import factories
from tests.counted import keyed
from tests.factories import AUDITOR, OTHER_OFFICE, casefile_at, story
from tests.partner import Partner, said
from tests.sequencing import Sequencing

Shown = Mapping[str, Any]


@pytest.fixture
def register(sequenced: Sequencing) -> tuple[list[Shown], Mapping[str, list[Shown]]]:
    """Cases that stand in many ways, as an auditor reads them: every file, and the turns of each."""
    for state in (State.SUBMITTED, State.RECOMMENDED, State.AWAITING_SANCTION, State.SANCTION_REPORTED, State.CLOSED):
        casefile_at(state)
    for way in (("reject",), (*factories.PATHS[State.UNDER_EXAMINATION], "clear")):
        casefile_at(State.CLOSED, through=way)
    posted = factories.violation(channel="instagram", interaction="share")
    commented = factories.violation(2, channel="facebook", interaction="comment")
    subject = factories.known_subject(violations=(1, 2), position_kind="administrator")
    story(by=OTHER_OFFICE, violations=(posted, commented), subjects=(subject,))
    sequenced()
    auditor = Partner(AUDITOR)
    files = [said(auditor.get(item["href"].removeprefix("/api/v1"))) for item in _all(auditor, "/casefiles")]
    turns: defaultdict[str, list[Shown]] = defaultdict(list)
    for turn in _all(auditor, "/referrals?to=any&status=any"):
        turns[turn["casefile"]["id"]].append(turn)
    return files, turns


def _all(who: Partner, path: str) -> list[Shown]:
    page = said(who.get(path))
    assert page["next"] is None
    found: list[Shown] = page["data"]
    return found


def test_each_dimension_counts_what_the_lists_show(
    register: tuple[list[Shown], Mapping[str, list[Shown]]],
) -> None:
    files, turns = register
    levels = {row["code"]: row["level"] for row in _all(Partner(AUDITOR), "/agencies?limit=500")}
    ways: dict[str, Callable[[Shown], Iterable[Any]]] = {
        "sanction": lambda file: [(file["sanction"] or {}).get("sanction")],
        "reason": lambda file: [((file["closing"] or {}).get("reason") or {}).get("code")],
        "position_kind": lambda file: [file["subject"]["position_kind"]],
        "employer_level": lambda file: [levels[file["employer"]["code"]] if file["employer"] else None],
        "channel": lambda file: {one["channel"] for one in file["violations"]},
        "interaction": lambda file: {one["interaction"] for one in file["violations"]},
        "lateness": lambda file: [_lateness(turns[file["id"]])],
        "sbt_status": lambda file: [_word(file)],
    }
    for by, keys_of in ways.items():
        shown = Counter(key for file in files for key in keys_of(file))
        assert len(shown) > 1, by
        assert keyed(AUDITOR, f"?by={by}") == dict(shown), by


LATENESS: Final = ((0, "0"), (7, "1-7"), (30, "8-30"))


def _lateness(turns: Iterable[Shown]) -> str | None:
    """The longest delay of the turns that were answered; 0 days and fewer are no delay."""
    days = [turn["days_late"] for turn in turns if turn["status"] == "answered"]
    if not days:
        return None
    return next((code for most, code in LATENESS if max(days) <= most), "31+")


def _word(file: Shown) -> str | None:
    """SBT's word, read from the published mapping: the first row that fits."""
    because = ((file["closing"] or {}).get("reason") or {}).get("code")
    for word in sbt.words():
        fits = not word.reasons or because in word.reasons
        if file["state"] in word.states or (file["outcome"] in word.outcomes and fits):
            return word.code
    return None
