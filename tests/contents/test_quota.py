"""Uploads have a quota of their own: they use up nothing of what cases are written with, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from api.http import throttling
from tests.api.http.test_quotas import told
from tests.contents.conftest import Kept, described, pdf, put, registered
from tests.contents.test_contents import refused


@pytest.fixture(autouse=True)
def _no_lots() -> Iterator[None]:
    throttling._lots.clear()
    yield
    throttling._lots.clear()


def test_uploads_are_counted_apart(kept: Kept, settings: Settings) -> None:
    data = pdf()
    document = registered(kept.owner, data)
    settings.LINTAS_UPLOAD_RATE_PER_SECOND, settings.LINTAS_UPLOAD_BURST = 0.01, 3
    answers = [put(kept.owner, document, body) for body in (b"%PDF other", data, data, data)]
    assert [answer.status_code for answer in answers[1:3]] == [201, 204]
    assert [told(answer)[:4] for answer in answers] == [("uploads", 3, 300, left) for left in (2, 1, 0, 0)]
    assert refused(answers[0])[1] != "rate-limited", "a refused one counts, too"
    assert refused(answers[3]) == (429, "rate-limited")
    assert int(answers[3]["Retry-After"]) > 60
    assert told(kept.owner.post("/documents", described(data)))[0] == "writes"
    assert kept.owner.get(f"/documents/{document}").status_code == 200
