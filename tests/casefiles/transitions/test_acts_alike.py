"""That two casefiles tell of the same act is found by look-up, and means what comparing every pair means."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from casefiles.transitions.duplicates import WITHIN, Acts

DAYS = st.integers(0, 60).map(lambda number: date(2024, 9, 1) + timedelta(days=number))
ACTS = st.lists(
    st.builds(
        lambda form, begins, length: {
            "form": form,
            "act_date": begins.isoformat(),
            "act_until": None if length is None else (begins + timedelta(days=length)).isoformat(),
        },
        st.sampled_from(["like", "attend"]),
        DAYS,
        st.none() | st.integers(0, 20),
    ),
    max_size=5,
)


def lasted(act: Any) -> tuple[date, date]:
    begins = date.fromisoformat(act["act_date"])
    return begins, date.fromisoformat(act["act_until"]) if act["act_until"] else begins


@given(mine=ACTS, theirs=ACTS)
def test_a_look_up_finds_what_every_pair_says(mine: list[Any], theirs: list[Any]) -> None:
    acts = Acts(mine)
    for other in theirs:
        begins, ends = lasted(other)
        near = [
            one
            for one in mine
            if one["form"] == other["form"] and max(lasted(one)[0] - ends, begins - lasted(one)[1]) <= WITHIN
        ]
        assert acts.has_one_like(other) is bool(near)
