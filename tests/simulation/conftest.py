"""What the crash points stand on: an open log, no limit of rates, and a look at the whole register at the end."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from pytest_django import Settings

from tests.conftest import Copies
from tests.factories import recorded_at_once
from tests.sequencing import Sequencing
from tests.simulation.checkers import Thorough, check_all
from tests.simulation.crash_table import assert_documented
from tests.simulation.crashing import Act, Course, exhaust
from tests.world import World


@pytest.fixture
def ground(world: World, sequenced: Sequencing, settings: Settings) -> Iterator[None]:
    """An open log on a copy of the world; a client may be as fast as it likes; all is recorded as it happens."""
    settings.LINTAS_RATE_BURST = 10_000_000
    with recorded_at_once():
        yield


@pytest.fixture
def survives(
    ground: None, owner_connection: psycopg.Connection, sequenced: Sequencing, copies: Copies
) -> Iterator[Callable[[Act], Course]]:
    """Have an act die everywhere; at the end the register is looked at thoroughly, and the points are the table's."""
    courses: list[Course] = []

    def die_everywhere(act: Act) -> Course:
        course = exhaust(act, by=owner_connection)
        assert course.faults == []
        courses.append(course)
        return course

    yield die_everywhere
    sequenced()
    thorough = Thorough([sequenced.signer.vkey], copies.roles.on(connection.settings_dict["NAME"]).reader)
    told = [one for course in courses for one in course.told]
    assert check_all(owner_connection, told=told, drained=True, thorough=thorough) == []
    assert_documented(courses)
