"""What is merged, parted, opened again and corrected is called sound by the verifier, column by column."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from casefiles.flow import State
from casefiles.flow.given import ReopenReason
from casefiles.models import CasefileGrant, Referral
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import BKN, OTHER_OFFICE, PADANG, PEMKOT, casefile_at, known_subject
from tests.sequencing import Sequencing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def test_two_casefiles_that_were_joined_and_parted_are_sound(sequenced: Sequencing, reader_url: str) -> None:
    """Sight given to another casefile's office and revoked again; a referral that resumes after a time closed."""
    late = casefile_at(State.RETURNED, by=OTHER_OFFICE, subjects=(known_subject(),))
    kept = casefile_at(State.SUBMITTED, by=OTHER_OFFICE, subjects=(known_subject(),))
    into = casefile_at(State.UNDER_EXAMINATION)
    late.do("merge", into=into.casefile, on=into.day + timedelta(days=1))
    late.do("unmerge", on=late.day + timedelta(days=9))
    kept.do("merge", into=into.casefile, on=late.day + timedelta(days=1))
    sequenced()
    assert CasefileGrant.objects.filter(content_object=into.casefile, agency__code=OTHER_OFFICE).count() == 2
    said = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert (said.exit, said.said["findings"]) == (0, [])
    assert said.said["checked"]["referrals"] == Referral.objects.count()


def test_cases_opened_again_and_facts_corrected_are_sound(sequenced: Sequencing, reader_url: str) -> None:
    """A case with two endings, one whose officer left the file, and a clock whose first day was corrected."""
    twice, wrong = casefile_at(State.CLOSED), casefile_at(State.CLOSED)
    twice.do("reopen", ground=ReopenReason(code="closure_error"))
    twice.do("close")
    wrong.do("reopen", ground=ReopenReason(code="wrong_person"))
    told = casefile_at(State.SANCTION_REPORTED)
    told.do("record-delivery")
    told.day += timedelta(days=9)
    later = date.fromisoformat(told.facts["sanction"]["delivered_on"]) + timedelta(days=7)
    told.do("correct", by=PEMKOT, fact="#/sanction/delivered_on", violation=None, value=later.isoformat())
    told.do("correct", by=BKN, fact="#/violations/*/act_date", value="2024-09-01")
    told.do("correct", by=BKN, fact="#/subject/nip", violation=None, value="198501012010011002")
    sequenced()
    assert (told.row.violation_class, told.open.due_on > later) == ("ethics", True)
    said = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert (said.exit, said.said["findings"]) == (0, [])


def test_a_finding_whose_facts_were_corrected_is_sound_and_its_row_stays_what_the_log_says(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection
) -> None:
    """Row and content change with the correction, and the finding's own stream is told of both."""
    told = casefile_at(State.UNDER_EXAMINATION)
    for fact, value in (("known_on", "2024-10-01"), ("registered_on", "2024-10-04"), ("register_number", "7/TM/2024")):
        told.do("correct", by=PADANG, fact=f"#/finding/{fact}", violation=None, value=value)
    sequenced()
    said = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert (said.exit, said.said["findings"]) == (0, [])
    with owner_connection.transaction():
        owner_connection.execute("ALTER TABLE casefiles_finding DISABLE TRIGGER USER")
        owner_connection.execute("UPDATE casefiles_finding SET known_on = '2024-10-02'")
    assert "record-differs" in verify("db", reader_url, *at_its_word(sequenced.signer.vkey)).codes
