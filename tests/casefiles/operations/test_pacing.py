"""How many casefiles a batch takes: fewer where it is slow, more where it is fast, within bounds."""

from casefiles.operations.pacing import AIM_S, FEWEST, FIRST, Pace


def test_a_slow_batch_is_followed_by_a_smaller_one_and_a_fast_one_by_a_larger() -> None:
    pace = Pace(500)
    assert pace.size == FIRST
    pace.took(AIM_S * 1.25)
    assert pace.size == FIRST * 0.8
    pace.took(AIM_S / 1.5)
    assert pace.size == FIRST * 1.2


def test_one_busy_moment_halves_it_and_no_more_and_the_bounds_hold() -> None:
    pace = Pace(500)
    pace.took(60)
    assert pace.size == FIRST / 2
    for _ in range(10):
        pace.took(60)
    assert pace.size == FEWEST
    for _ in range(10):
        pace.took(0)
    assert pace.size == 500
    assert Pace(7).size == 7
