"""`/reconciliations` at the door: as documented, recorded, and without a value of the body where none may stand."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import pytest
import rfc8785

from audit.models import Access
from casefiles.flow import State
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import BKN, NIP, PADANG, PEMKOT
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing
from tests.snapshots import snapshot

pytestmark = pytest.mark.usefixtures("db", "world")

SPELLED = "'19850101 201001 1 001"
STRANGER = "199002022012012002"


def body(*lines: dict[str, Any], **scope: Any) -> dict[str, Any]:
    return {
        "scope": {"role": "employer", **scope},
        "items": [{"ref": f"baris-{place}", **line} for place, line in enumerate(lines)],
    }


def test_two_registers_are_compared_as_documented() -> None:
    told, other = factories.casefile_at(State.RECOMMENDED), factories.casefile_at(State.AWAITING_SANCTION)
    answer = Partner(PEMKOT).post(
        "/reconciliations", body({"number": told.row.number, "state": "closed"}, {"nip": STRANGER})
    )
    assert answer.status_code == 200
    assert_answers(answer, "reconcile_registers")
    shown = said(answer)
    href = f"/api/v1/casefiles/{told.casefile}"
    assert shown["items"] == [
        {
            "ref": "baris-0",
            "index": 0,
            "status": "different",
            "casefiles": [{"id": str(told.casefile), "number": told.row.number, "href": href}],
            "found": 1,
            "outside_scope": False,
            "merged_into": None,
            "differences": [{"member": "state", "yours": "closed", "ours": "recommended"}],
        },
        {
            "ref": "baris-1",
            "index": 1,
            "status": "unknown",
            "casefiles": [],
            "found": 0,
            "outside_scope": False,
            "merged_into": None,
            "differences": [],
        },
    ]
    assert [(one["id"], one["state"]) for one in shown["missing"]] == [(str(other.casefile), "awaiting_sanction")]
    assert shown["scope"] == {"role": "employer", "election": None, "submitted_from": None, "submitted_until": None}
    assert shown["counted"] == {
        "yours": 2, "ours": 2, "matched": 0, "different": 1, "ambiguous": 0, "unknown": 1, "repeated": 0, "listed": 1,
        "missing": 1,
    }  # fmt: skip


def test_a_nip_is_read_however_it_is_grouped_and_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    factories.casefile_at(State.RECOMMENDED)
    partner = Partner(PEMKOT)
    with caplog.at_level(logging.DEBUG):
        found = partner.post("/reconciliations", body({"nip": SPELLED}, {"nip": STRANGER}))
        wrong = partner.post("/reconciliations", body({"nip": SPELLED, "number": "LTS/1"}, {"nip": f"{STRANGER}9"}))
    assert [line["status"] for line in said(found)["items"]] == ["matched", "unknown"]
    assert wrong.status_code == 422
    rows = str(list(Access.objects.values()))
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("lintas"))
    for nip in (NIP, STRANGER, SPELLED):
        for told in (found.content.decode(), wrong.content.decode(), rows, logged):
            assert nip not in told


def test_everything_wrong_with_a_body_comes_at_once() -> None:
    answer = Partner(PEMKOT).post(
        "/reconciliations",
        {
            "scope": {"role": "owner", "submitted_from": "2024-02-01", "submitted_until": "2024-01-01"},
            "items": [{"ref": "", "nip": "12"}, {"number": "LTS/2024/1", "statee": "closed", "state": "close"}],
        },
    )
    assert_answers(answer, "reconcile_registers")
    assert [(one["code"], one["pointer"]) for one in said(answer)["errors"]] == [
        ("not-among-choices", "#/scope/role"),
        ("out-of-order", "#/scope/submitted_until"),
        ("blank", "#/items/0/ref"),
        ("bad-nip", "#/items/0/nip"),
        ("unknown-field", "#/items/1/statee"),
        ("missing-field", "#/items/1/ref"),
        ("not-among-choices", "#/items/1/state"),
    ]


@pytest.mark.parametrize(
    ("lines", "status", "code"), [(0, 422, "invalid-body"), (2_001, 422, "invalid-body"), (2_000, 200, None)]
)
def test_two_thousand_lines_are_taken_and_not_one_more(lines: int, status: int, code: str | None) -> None:
    answer = Partner(PEMKOT).post("/reconciliations", body(*({"number": "LTS/2024/1"} for _ in range(lines))))
    assert (answer.status_code, said(answer).get("code")) == (status, code)


def test_the_read_is_recorded_with_what_was_shown_and_nothing_else_is_stored() -> None:
    told, other = factories.casefile_at(State.RECOMMENDED), factories.casefile_at(State.AWAITING_SANCTION)
    hidden = factories.story()
    partner = Partner(PEMKOT)
    before = snapshot()
    partner.post("/reconciliations", body({"number": told.row.number}, {"number": hidden.row.number}))
    after = snapshot()
    assert {table for table in after if after[table] != before[table]} <= {"audit_access", "api_ratebucket"}
    read = Access.objects.latest("pk")
    assert (read.route, set(read.shown)) == ("/reconciliations", {told.casefile, other.casefile})


def test_what_is_hidden_is_answered_like_what_does_not_exist() -> None:
    hidden = factories.story(subjects=(factories.known_subject(),))
    for naming, nothing in (
        ({"number": hidden.row.number}, {"number": "LTS/2024/999999"}),
        ({"nip": NIP}, {"nip": STRANGER}),
    ):
        one, other = (said(Partner(PEMKOT).post("/reconciliations", body(line))) for line in (naming, nothing))
        for answer in (one, other):
            answer["as_of"].pop("at"), answer.pop("digest")
        assert one == other


def test_the_digest_is_over_the_canonical_answer() -> None:
    factories.casefile_at(State.RECOMMENDED)
    odd = 'Baris "ü" \\ / \U0001f642 <é>'
    shown = said(Partner(PEMKOT).post("/reconciliations", body({"nip": NIP, "ref": odd})))
    assert shown["items"][0]["ref"] == odd
    digest = shown.pop("digest")
    assert digest == hashlib.sha256(rfc8785.dumps(shown)).hexdigest()


def test_it_is_a_reading_and_takes_no_key() -> None:
    examiner = Partner(BKN, scopes="casefiles:read")
    sent = body({"nip": NIP}, role="examiner")
    assert call("POST", "/reconciliations", token=examiner.token, body=sent).status_code == 200
    refused = Partner(PADANG, scopes="casefiles:write").post("/reconciliations", sent)
    assert (refused.status_code, said(refused)["code"]) == (403, "insufficient-scope")
    asked = examiner.post("/reconciliations?validate_only=true", sent)
    assert (asked.status_code, said(asked)["code"]) == (400, "invalid-query")


def test_it_says_under_which_head_of_the_log_it_was_compared(sequenced: Sequencing) -> None:
    examiner, sent = Partner(BKN), body({"nip": NIP}, role="examiner")
    assert said(examiner.post("/reconciliations", sent))["as_of"]["index"] is None
    factories.casefile_at(State.RECOMMENDED)
    sequenced()
    head = said(examiner.get("/events"))["head"]
    placed = said(examiner.post("/reconciliations", sent))["as_of"]
    assert (placed["index"], placed["waiting"]) == (head, 0)
    factories.story()
    later = said(examiner.post("/reconciliations", sent))["as_of"]
    # The casefile's first step, its finding, and the finding's document.
    assert (later["index"], later["waiting"]) == (head, 3)
