"""Mandates: dated, never overlapping, each registered with its entry; what was in force when."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agencies import mandates
from agencies.models import Mandate
from agencies.registration import RegistrationRefused
from audit import ledger
from audit.models import Entry
from tests.callers import as_owner

NOW = datetime(2024, 11, 4, 3, tzinfo=UTC)


@pytest.mark.usefixtures("db", "world")
@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2014, 9, 30), "examining-2014"),
        (date(2024, 9, 3), "examining-2014"),
        (date(2024, 9, 4), "examining-2024"),
        (date(2099, 1, 1), "examining-2024"),
        (date(2000, 1, 1), "examining-2014"),
    ],
    ids=["first day", "last day", "the day it changed", "for ever", "before the first: the first to come"],
)
def test_the_mandate_of_a_day(on: date, code: str) -> None:
    found = mandates.in_force(on=on)
    assert found is not None
    assert found.code == code


@pytest.mark.usefixtures("db")
def test_without_any_mandate_there_is_none() -> None:
    assert mandates.in_force(on=date(2024, 1, 1)) is None


def _register(**changed: Any) -> Mandate:
    said: dict[str, Any] = {
        "code": "examining-2030",
        "agency": "bkn",
        "valid_from": date(2030, 1, 1),
        "legal_basis": "UU baru",
        "now": NOW,
    }
    return mandates.register(**{**said, **changed})


@pytest.mark.django_db(transaction=True)
def test_what_overlaps_ends_too_early_or_names_no_examiner_is_refused(world: Any) -> None:
    with as_owner():
        before = Entry.objects.count()
        for changed, said in (
            ({}, "overlaps"),
            ({"valid_from": date(2010, 1, 1), "valid_until": date(2014, 10, 1)}, "overlaps"),
            ({"valid_from": date(2010, 1, 1), "valid_until": date(2009, 1, 1)}, "ends before it begins"),
            ({"valid_from": date(2010, 1, 1), "valid_until": date(2010, 1, 1)}, "ends before it begins"),
            ({"agency": "pemkot-padang"}, "no agency with the role examiner"),
            ({"agency": "tidak-ada"}, "no agency with the role examiner"),
            ({"code": "examining-2014"}, "never reused"),
        ):
            with pytest.raises(RegistrationRefused, match=said):
                _register(**changed)
        assert (Mandate.objects.count(), Entry.objects.count()) == (2, before)


@pytest.mark.django_db(transaction=True)
def test_a_registered_mandate_is_in_the_log_and_fills_a_gap(world: Any) -> None:
    with as_owner():
        _register(
            code="earlier", agency="kasn", valid_from=date(2012, 1, 1), valid_until=date(2014, 9, 30), caretaker=True
        )
        entries = list(Entry.objects.filter(stream=mandates.STREAM).order_by("seq"))
        said = json.loads(bytes(entries[-1].body))
        opening = entries[-1].opening
        found = mandates.in_force(on=date(2013, 1, 1))

    assert (said["kind"], said["actor"]["party"]) == ("mandate.registered", "operator")
    assert ledger.chain_faults([(one.seq, bytes(one.leaf_hash), bytes(one.body)) for one in entries]) == []
    assert opening.state == {
        "code": "earlier",
        "agency": "kasn",
        "valid_from": "2012-01-01",
        "valid_until": "2014-09-30",
        "legal_basis": "UU baru",
        "caretaker": True,
        "verification_required": False,
    }
    assert found is not None
    assert (found.code, found.caretaker) == ("earlier", True)


@pytest.mark.usefixtures("db", "world")
def test_a_gap_leaves_the_case_with_the_last_holder() -> None:
    """Submitting is never refused for want of a mandate; what he may still do is for the guard to say."""
    found = mandates.in_force(on=date(2024, 9, 3))
    assert found is not None
    gap = mandates.in_force(on=date(2024, 9, 3), scope=2)
    assert gap is None, "another scope has none"
