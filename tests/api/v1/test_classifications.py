"""`/catalogue/classifications`: open to everybody, the same as a finding's class, and nothing asked is kept."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from api.http import throttling
from casefiles.catalogue.book import load
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import violation
from tests.partner import Partner, call, said
from tests.world import World

FORMS = sorted(set(load().codes("violations")) - {"other_with_legal_basis"})
PATH = "/catalogue/classifications"
LIKE = {
    "form": "social_media_engagement",
    "act_date": "2024-09-21",
    "election": "pilkada-2024",
    "contest_office": "mayor",
    "region": "13.71",
    "employment_kind": "pns",
}


def ask(**changed: Any) -> Any:
    return call("GET", f"{PATH}?{urlencode({**LIKE, **changed})}")


def test_both_doors_answer_alike_without_a_token(db: None) -> None:
    got, posted = ask(), call("POST", PATH, body=LIKE)
    assert_answers(got, "read_classification")
    assert_answers(posted, "classify_act")
    assert said(got) == said(posted)
    told = said(got)
    assert (told["violation_class"], told["annex_item"], told["level"]["code"]) == ("ethics", "A4", "moral_any")
    assert (told["since"], told["until"], told["then"]["annex_item"]) == ("2022-09-22", "2024-09-22", "B6")
    assert "bukan putusan" in told["notice_id"]
    assert "not a ruling" in told["notice_en"]
    assert [row["code"] for row in told["sanctions"]] == ["moral_closed", "moral_open"]


def test_the_answer_is_what_a_submitted_finding_holds(db: None, world: World) -> None:
    """Through both doors: a finding with every form on either side of the designation, and the same questions."""
    wanted = [(form, day) for form in FORMS for day in (dt.date(2024, 9, 21), dt.date(2024, 9, 22))]
    acts = tuple(violation(number, form=form, act_date=day) for number, (form, day) in enumerate(wanted, 1))
    officer = factories.known_subject(violations=tuple(range(1, len(acts) + 1)))
    story = factories.story(violations=acts, subjects=(officer,))
    shown = said(Partner("bkn").get(f"/casefiles/{story.casefile}"))["violations"]
    assert len(shown) == len(wanted) > 40
    for held, (form, day) in zip(shown, wanted, strict=True):
        told = said(ask(form=form, act_date=day))
        reasoning = held["class_reasoning"]
        assert (told["violation_class"], told["annex_item"]) == (held["violation_class"], held["annex_item"])
        for name in ("edition", "legal_basis", "certainty", "rule", "designation", "designation_pending"):
            assert told[name] == reasoning[name], name
        assert told["reasoning_id"] == reasoning["reasoning"]
        assert (told["level"] or {}).get("code") == reasoning["level"]
        assert told["inputs"] == reasoning["inputs"] | {"employment_kind": "pns"}
        assert told["stage"] == held["stage_at_act"]


def test_a_cache_may_keep_it_and_nobody_elses_answer_depends_on_who_asked(db: None) -> None:
    answer = ask()
    assert answer["Cache-Control"].startswith("public, max-age=300")
    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    english = call("GET", f"{PATH}?{urlencode(LIKE)}", **{"Accept-Language": "en"})
    assert english.content == answer.content
    again = call("GET", f"{PATH}?{urlencode(LIKE)}", **{"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", answer["Cache-Control"])
    refused = ask(form="nothing")
    assert refused["Cache-Control"] == "no-store"
    assert "Accept-Language" in refused["Vary"]


@pytest.mark.parametrize(
    ("changed", "member", "code"),
    [
        ({"form": "social_media_engagment"}, "form", "unknown-code"),
        ({"act_date": "21-09-2024"}, "act_date", "bad-date"),
        ({"act_until": "2024-09-01"}, "act_until", "out-of-order"),
        ({"region": "13.06"}, "contest_office", "office-not-of-region"),
        ({"region": "99"}, "region", "unknown-region"),
        ({"nip": "198501012010011001"}, "nip", "unknown-parameter"),
    ],
)
def test_bad_input_is_named_at_its_place(db: None, changed: dict[str, str], member: str, code: str) -> None:
    answer = ask(**changed)
    assert (answer.status_code, said(answer)["code"]) == (400, "invalid-query")
    (item,) = said(answer)["errors"]
    assert item["parameter"] == member
    assert item["code"] == code
    posted = call("POST", PATH, body={**LIKE, **changed})
    assert (posted.status_code, said(posted)["code"]) == (422, "invalid-body")
    assert said(posted)["errors"][0]["pointer"] == f"#/{member}"
    assert_answers(answer, "read_classification")
    assert_answers(posted, "classify_act")


def test_nothing_asked_is_stored_or_logged(db: None, caplog: pytest.LogCaptureFixture) -> None:
    """One statement, the limit's; neither it nor any line of a log holds a word of the question."""
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as statements:
        ask()
        call("POST", PATH, body=LIKE)
    writes = [one["sql"] for one in statements.captured_queries if "api_refusalbucket" not in one["sql"]]
    assert [sql for sql in writes if not sql.startswith(("SAVEPOINT", "RELEASE"))] == []
    told = caplog.text + " ".join(one["sql"] for one in statements.captured_queries)
    assert not [value for value in LIKE.values() if value in told]


def test_who_asks_too_often_is_told_when_to_come_back(db: None, settings: Settings) -> None:
    settings.LINTAS_OPEN_RATE_PER_SECOND, settings.LINTAS_OPEN_BURST = 1 / 3600, 2
    answers = [ask() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert_answers(answers[-1], "read_classification")
    assert int(answers[-1]["Retry-After"]) > 3000
    settings.LINTAS_OPEN_RATE_PER_SECOND = 0
    assert ask().status_code == 200
    throttling.REFUSALS.forget_empty()
