"""Many casefiles are brought by two statements what each is brought by its own."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, transaction

from casefiles.flow import State
from casefiles.transitions.load import Mentioned, load
from casefiles.transitions.load_many import load_many, lock_many
from casefiles.transitions.step import ROLES_BROUGHT
from tests.factories import AUDITOR, BKN, OTHER_OFFICE, PADANG, PEMPROV, actor, casefile_at, known_subject, story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

DAY = date(2024, 11, 20)


@pytest.mark.parametrize("codes", [(), (OTHER_OFFICE, PEMPROV)], ids=["none", "two"])
@pytest.mark.parametrize("mandate", [None, "examining-2014", "examining-1999"])
@pytest.mark.parametrize("acting", [BKN, AUDITOR])
def test_each_of_many_is_brought_what_it_is_brought_alone(
    acting: str, mandate: str | None, codes: tuple[str, ...]
) -> None:
    told = [casefile_at(state) for state in (State.SUBMITTED, State.IDENTITY_REQUESTED, State.SANCTION_REPORTED)]
    told += [story(subjects=(known_subject(),)), story(by=OTHER_OFFICE), casefile_at(State.CLOSED)]
    mentioned = Mentioned(codes=codes, roles=ROLES_BROUGHT, mandate=mandate)
    who = actor(acting).agency_id

    many = list(load_many([one.casefile for one in told], actor=who, today=DAY, mentioned=mentioned))

    assert [one.id for one in many] == sorted(one.casefile for one in told)
    for loaded in many:
        alone = load(loaded.id, actor=who, today=DAY, mentioned=mentioned)
        # Preventions, reporter and witnesses are for who looks at one casefile, and commands do not look.
        assert loaded == replace(alone, preventions=None, prevented="", identities=None)


def test_nobody_is_brought_nothing() -> None:
    assert list(load_many([], actor=actor(BKN).agency_id, today=DAY, mentioned=Mentioned())) == []


def test_many_are_held_under_plans_made_once() -> None:
    told = story(by=PADANG)
    with transaction.atomic(), connection.cursor() as cursor:
        assert lock_many([told.casefile, told.finding]) == {told.casefile}
        cursor.execute("SHOW plan_cache_mode")
        assert cursor.fetchone() == ("force_generic_plan",)
