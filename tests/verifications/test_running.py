"""What a verification does where it cannot verify: it says why, and tells no secret."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import override_settings

from audit.verify.report import UNKNOWN, Report
from tests.callers import as_worker
from verifications import running
from verifications.models import Verification


@pytest.mark.parametrize(
    ("url", "told"),
    [("postgresql://lintas_reader:geheim@127.0.0.1:9/nowhere", "127.0.0.1"), ("", "DATABASE_READER_URL")],
)
def test_a_database_out_of_reach_is_no_verdict_and_its_password_is_not_told(url: str, told: str) -> None:
    report = Report()
    with override_settings(LINTAS_VERIFIER_URL=url, LINTAS_WITNESS_POLICY_FILE=None):
        running._verify(report, lambda part, done, total: None)
    assert report.exit_code == UNKNOWN
    assert told in report.as_json()
    assert "geheim" not in report.as_json()


@pytest.mark.django_db(transaction=True)
def test_one_that_nobody_asked_for_is_not_done() -> None:
    with as_worker():
        running.run(UUID(int=0), goes_on=lambda: pytest.fail("nothing was to be done"))
        assert Verification.objects.count() == 0
