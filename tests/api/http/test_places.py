"""Places of a vendor's client: one for each employer, which run out by themselves."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from api.http import throttling, waiting
from api.http.places import Place
from api.http.problems import Problem
from api.models import FeedWaiter


def test_a_vendor_waits_once_for_each_employer(transactional_db: None) -> None:
    city, regency = (9, 1), (9, 2)
    with waiting._only_waiter(city, seconds=10), waiting._only_waiter(regency, seconds=10):
        for whose in (city, regency):
            with pytest.raises(Problem) as refused, waiting._only_waiter(whose, seconds=10):
                pytest.fail("two at once for one employer")
            assert 10 <= int(refused.value.headers["Retry-After"]) <= 10 + waiting.GRACE
    with waiting._only_waiter(city, seconds=10):
        pass
    assert not FeedWaiter.objects.exists()


def test_a_place_that_was_given_back_late_is_nobody_else_s(transactional_db: None) -> None:
    """A holder that was thought dead keeps nothing and releases nothing; a sweep of old ones takes nobody's."""
    first, second = Place.named("test", 1), Place.named("test", 1)
    assert (first.take(seconds=-1), second.take(seconds=10)) == (True, True)
    first.give_back()
    assert not first.keep(seconds=10)
    assert 9 < second.left() <= 10
    throttling.REFUSALS.forget_empty()
    assert second.keep(seconds=-1)
    throttling.REFUSALS.forget_empty()
    assert second.keep(seconds=10)
    second.give_back()
    assert second.left() == 0


def test_a_vendor_waits_for_some_of_its_employers_and_others_find_places(transactional_db: None) -> None:
    watcher = waiting.Watcher()
    for _ in range(2):
        with ExitStack() as held:
            share = [held.enter_context(watcher.place(agency, client=9, of=99)) for agency in range(5)]
            assert share == [True] * waiting.MOST_OF_ONE + [False] * (5 - waiting.MOST_OF_ONE)
            assert held.enter_context(watcher.place(1, client=1, of=99))
