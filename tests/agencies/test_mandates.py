"""Mandates: dated, never overlapping, each registered with its entry; what was in force when."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

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
    found = _in_force(on)
    assert found is not None
    assert found.code == code


@pytest.mark.usefixtures("db")
def test_without_any_mandate_there_is_none() -> None:
    assert _in_force(date(2024, 1, 1)) is None


def _in_force(on: date, *, scope: int = 1) -> Mandate | None:
    return mandates.in_force(Mandate.objects.filter(scope=scope).order_by("valid_from"), on=on)


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
        found = _in_force(date(2013, 1, 1))

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
    found = _in_force(date(2024, 9, 3))
    assert found is not None
    gap = _in_force(date(2024, 9, 3), scope=2)
    assert gap is None, "another scope has none"


@pytest.mark.django_db(transaction=True)
def test_a_file_of_mandates_is_refused_with_all_its_faults(world: Any, tmp_path: Path) -> None:
    file = tmp_path / "mandates.yaml"
    file.write_text(
        "- {code: '', agency: bkn, valid_from: sekarang, legal_basis: ' ', caretaker: mungkin, mandat: ya}\n"
        "- {code: examining-2030, agency: bkn, valid_from: 2030-01-01}\n"
        "- examining-2031\n"
    )
    with as_owner(), pytest.raises(CommandError) as refused:
        call_command("register_mandate", str(file))
    assert str(refused.value).splitlines() == [
        "Nothing was registered.",
        f"{file}, item 1: code must be text, and not blank.",
        f"{file}, item 1: valid_from must be a date such as 2018-08-15.",
        f"{file}, item 1: legal_basis must be text, and not blank.",
        f"{file}, item 1: caretaker must be true or false.",
        f"{file}, item 1: mandat is no member of this file.",
        f"{file}, item 2: legal_basis must be text, and not blank.",
        f"{file}, item 3: expected members with values, such as code: …",
    ]
    assert Mandate.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_mandate_comes_from_a_file_as_the_help_shows_it(world: Any, tmp_path: Path) -> None:
    file = tmp_path / "mandates.yaml"
    file.write_text("code: earlier\nagency: kasn\nvalid_from: 2012-01-01\nvalid_until: 2014-09-30\nlegal_basis: UU\n")
    with as_owner():
        call_command("register_mandate", str(file), "--quiet-receipts")
        assert Mandate.objects.get(code="earlier").caretaker is False


def test_a_day_that_is_none_is_answered_with_how_a_day_is_written() -> None:
    with pytest.raises(CommandError, match="'16-10-2027' is no date such as 2027-10-16"):
        call_command("end_mandate", "examining-2024", "--on", "16-10-2027", "--legal-basis", "UU")
