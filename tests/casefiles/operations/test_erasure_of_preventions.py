"""What an erasure reaches of the preventions that named the officer."""

import uuid

import psycopg
import pytest

from casefiles import references
from casefiles.operations import holding
from tests import factories
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import (
    NOW,
    OTHER,
    OTHER_NIP,
    SUBJECT,
    gone,
    occurrences,
    ordered,
    perform,
    refused,
    signed,
    told,
)
from tests.factories import BKN, NIP, OTHER_OFFICE, PADANG, known_subject
from tests.partner import Partner, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def test_with_his_last_casefile_an_officer_goes_from_the_preventions_too(owner_connection: psycopg.Connection) -> None:
    """While another casefile of his is left, its examiner may still have to know that he had been warned."""
    both = (factories.Warned(nip=NIP, name=SUBJECT), factories.Warned(nip=OTHER_NIP, name=OTHER))
    said_of_it = references.plain(
        factories.prevention_given(officers=both, text=f"{SUBJECT} ({NIP}) dan {OTHER} diperingatkan.")
    )
    key = uuid.uuid4().hex
    warning = said(Partner(PADANG).post("/preventions", said_of_it, key=key))["id"]
    first, last = (told(known_subject(name=SUBJECT)).casefiles[0] for _ in range(2))
    with as_owner():
        perform(signed(ordered(first)))
    assert [one["name"] for one in said(Partner(BKN).get(f"/preventions/{warning}"))["officers"]] == [SUBJECT, OTHER]
    with as_owner():
        perform(signed(ordered(last)))
    shown = said(Partner(BKN).get(f"/preventions/{warning}"))
    assert [one["name"] for one in shown["officers"]] == [OTHER]
    assert shown["text"] == f"[dihapus] ([dihapus]) dan {OTHER} diperingatkan."
    gone(Partner(PADANG).post("/preventions", said_of_it, key=key))
    for needle in (SUBJECT, NIP):
        assert occurrences(owner_connection, needle) == set()


def test_a_warning_that_named_the_officer_without_a_nip_goes_by_name_and_agency() -> None:
    by_name = factories.Warned(name=SUBJECT.upper(), employer=factories.PEMKOT)
    namesake = factories.Warned(name=SUBJECT, employer=factories.PEMPROV)
    warning = factories.prevention(officers=(by_name, namesake), text=None)
    only = told(known_subject(name=SUBJECT)).casefiles[0]
    with as_owner():
        perform(signed(ordered(only)))
    shown = said(Partner(BKN).get(f"/preventions/{warning}"))
    assert [(one["nip"], one["employer"]["code"]) for one in shown["officers"]] == [(None, factories.PEMPROV)]


def test_a_prevention_of_an_agency_under_hold_keeps_its_officers() -> None:
    """The prevention is another office's: with this casefile its words would be blacked out, too."""
    factories.prevention(
        by=OTHER_OFFICE, office=OTHER_OFFICE, officers=(factories.Warned(nip=NIP, name=SUBJECT),), text=None
    )
    only = told(known_subject(name=SUBJECT)).casefiles[0]
    order = signed(ordered(only))
    with as_owner():
        holding.set_hold(
            casefile=None, agency=OTHER_OFFICE, begins=None, until=None, reason="audit", letter="S-12/2026",
            by="hukum-2", now=NOW,
        )  # fmt: skip
    refused(order, "legal-hold")
