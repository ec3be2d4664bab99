"""`/statistics/snapshots`: frozen once, the same for ever, and nothing small in it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import uuid
from typing import Any

import pytest
from django.db import connection

from audit import ledger, reading
from audit.models import Entry
from casefiles.flow import State
from casefiles.models import Snapshot
from tests import factories
from tests.api.answers import assert_answers
from tests.api.test_constant_queries import statements
from tests.casefiles.statistics.test_together import Attack, Case, numbers_of
from tests.factories import AUDITOR, BKN, OTHER_OFFICE, PADANG, PEMKOT
from tests.partner import Partner, said
from tests.sequencing import Sequencing

PATH = "/statistics/snapshots"


@pytest.fixture
def counted(sequenced: Sequencing) -> Sequencing:
    """Seven findings of one office, three of another, one of them rejected."""
    for number in range(10):
        told = factories.story(by=PADANG if number < 7 else OTHER_OFFICE)
        if number == 9:
            told.do("reject")
    sequenced()
    return sequenced


def taken(agency: str = AUDITOR, **given: Any) -> dict[str, Any]:
    """What was frozen, held against the contract."""
    made = Partner(agency).post(PATH, {"name": "Triwulan III", **given})
    assert made.status_code == 201, made.content
    assert_answers(made, "take_snapshot")
    found: dict[str, Any] = said(made)
    return found


def test_what_is_frozen_stays_whatever_comes_after_it(counted: Sequencing) -> None:
    made = taken()
    content = made["content"]
    assert (content["totals"][0]["unit"], content["totals"][0]["numbers"]["submitted"]) == ("casefiles", 10)
    assert content["as_of"]["index"] == made["index"] == reading.size() - 1
    assert content["root"] == reading.root(made["index"] + 1).hex()
    assert (content["sight"], made["published"]) == ("all", False)
    digest = hashlib.sha256(ledger.canonical(content)).hexdigest()
    assert made["digest"] == digest
    for _ in range(5):
        factories.story()
    counted()
    again = Partner(AUDITOR).get(f"{PATH}/{made['id']}")
    assert_answers(again, "read_snapshot")
    assert {**said(again), "receipt": made["receipt"]} == made
    assert said(Partner(AUDITOR).get("/statistics"))["totals"]["submitted"] == 15
    other = taken(name="Sekali lagi", as_of=made["index"])
    assert other["content"]["tables"] == content["tables"]
    assert other["content"]["handling"] == []


def test_nothing_of_one_to_four_stands_in_it_nor_in_its_file(counted: Sequencing) -> None:
    made = taken()
    assert not [name for name, number in numbers_of(made["content"]) if number is not None and 0 < number < 5]
    assert made["content"]["totals"][0]["numbers"]["closed"] is None
    by_office = next(table for table in made["content"]["tables"] if table["by"] == "submitter")
    assert (by_office["rows"], by_office["left_out"]) == ([], True)
    answer = Partner(AUDITOR).get(f"{PATH}/{made['id']}/csv")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {line["digest"] for line in lines} == {made["digest"]}
    assert [line["number"] for line in lines if line["table"] == "total:casefiles"][:2] == ["10", ""]
    assert not [line for line in lines if line["number"] in {"1", "2", "3", "4"}]


_CASES = """
SELECT 1 | CASE WHEN c.state = 'closed' THEN 32 ELSE 2 END
        | CASE WHEN EXISTS (SELECT FROM casefiles_transition t WHERE t.casefile_id = c.id AND t.name = 'recommend')
            THEN 4 ELSE 0 END
        | CASE WHEN EXISTS (SELECT FROM casefiles_transition t WHERE t.casefile_id = c.id
                AND t.name = 'report-sanction')
            THEN 16 ELSE 0 END | CASE WHEN c.outcome = 'not_proven' THEN 8 ELSE 0 END,
    to_char(c.created_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM'), nullif(c.election, ''), c.forms,
    nullif(c.violation_class, ''), s.code, x.code, e.code, e.level, p.facts->'subject'->>'position_kind',
    ARRAY(SELECT DISTINCT v->>'channel' FROM jsonb_array_elements(p.facts->'violations') v),
    ARRAY(SELECT DISTINCT v->>'interaction' FROM jsonb_array_elements(p.facts->'violations') v),
    p.facts->'sanction'->>'sanction'
FROM casefiles_casefile c JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.answer IS NULL
JOIN agencies_agency s ON s.id = c.submitter_id JOIN agencies_agency x ON x.id = c.examiner_id
LEFT JOIN agencies_agency e ON e.id = c.employer_id
"""


def test_no_small_count_of_a_real_register_is_pinned_by_all_of_its_tables(sequenced: Sequencing) -> None:
    """Drawn at random: how far each case went and from which office; read again by a statement of the test's own."""
    drawn = random.Random(5)
    for _ in range(28):
        office = drawn.choice((PADANG, PADANG, OTHER_OFFICE))
        match drawn.randrange(5):
            case 0:
                factories.story(by=office).do("reject")
            case 1:
                factories.casefile_at(drawn.choice((State.RECOMMENDED, State.CLOSED)))
            case _:
                factories.story(by=office)
    sequenced()
    content = taken()["content"]
    with connection.cursor() as cursor:
        cursor.execute(_CASES)
        rows = cursor.fetchall()
    names = ("month", "election", "form", "violation_class", "submitter", "examiner", "employer", "", "position_kind",
             "channel", "interaction", "sanction")  # fmt: skip
    cases = [
        Case(
            profile,
            {name: tuple(key) if isinstance(key, list) else (key,) for name, key in zip(names, keys, strict=True)},
        )
        for profile, *keys in rows
    ]
    attack = Attack(cases, content)
    small = list(attack.on_small_cells())
    assert small
    for cell, least, most in small:
        assert least < 1.001 < 3.999 < most, (cell, least, most)


def test_a_repeated_key_freezes_once_and_a_name_is_used_once(counted: Sequencing) -> None:
    key, body = uuid.uuid4().hex, {"name": "Triwulan III", "published": True}
    first, again = (Partner(AUDITOR).post(PATH, body, key=key) for _ in range(2))
    assert (first.content, again.headers["Idempotency-Replayed"]) == (again.content, "true")
    other = Partner(BKN).post(PATH, body)
    assert (other.status_code, said(other)["code"]) == (409, "snapshot-exists")
    assert_answers(other, "take_snapshot")
    assert said(other)["existing"] == {"href": said(first)["href"]}
    tried = Partner(BKN).post(f"{PATH}?validate_only=true", {"name": "Lain"})
    assert said(tried) == {"valid": True, "warnings": [], "would": {}}
    assert Snapshot.objects.count() == 1


def test_examiners_and_auditors_take_them_and_everybody_reads_what_is_published(counted: Sequencing) -> None:
    kept, told = taken(), taken(BKN, name="Terbit", published=True)
    assert told["content"]["sight"] == "own"
    refused = Partner(PEMKOT).post(PATH, {"name": "Saya"})
    assert (refused.status_code, said(refused)["code"]) == (403, "wrong-party")
    assert "examiner, auditor" in said(refused)["detail"]
    city = Partner(PEMKOT)
    assert city.get(f"{PATH}/{kept['id']}").status_code == city.get(f"{PATH}/{kept['id']}/csv").status_code == 404
    assert city.get(f"{PATH}/{told['id']}").status_code == 200
    for agency, names in (
        (PEMKOT, ["Terbit"]),
        (BKN, ["Terbit", "Triwulan III"]),
        (AUDITOR, ["Terbit", "Triwulan III"]),
    ):
        page = Partner(agency).get(PATH)
        assert_answers(page, "list_snapshots")
        assert [item["name"] for item in said(page)["data"]] == names


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid-body"),
        ({"name": ""}, 422, "invalid-body"),
        ({"name": "x", "as_of": -1}, 422, "invalid-body"),
        ({"name": "Perkara 19850101 201001 1 001"}, 422, "invalid-body"),
        ({"name": "x", "publish": True}, 422, "invalid-body"),
        ({"name": "x", "as_of": 10**9}, 400, "beyond-head"),
        ({"name": "NIP 19850101 201001 1 001", "published": True}, 422, "invalid-body"),
        ({"name": "Triwulan\nIII"}, 422, "invalid-body"),
        ({"name": "Triwulan\u202eIII"}, 422, "invalid-body"),
    ],
)
def test_what_cannot_be_frozen_is_refused_and_nothing_is_stored(
    counted: Sequencing, body: dict[str, Any], status: int, code: str
) -> None:
    answer = Partner(AUDITOR).post(PATH, body)
    assert (answer.status_code, said(answer)["code"]) == (status, code)
    assert not Snapshot.objects.exists()


def test_nothing_is_frozen_of_an_empty_log(db: None, world: object) -> None:
    answer = Partner(AUDITOR).post(PATH, {"name": "x"})
    assert (answer.status_code, said(answer)["code"]) == (400, "beyond-head")


def test_it_takes_as_many_statements_for_thirty_casefiles_as_for_ten(counted: Sequencing) -> None:
    names, auditor = iter("abcdef"), Partner(AUDITOR)

    def freeze() -> Any:
        made = auditor.post(PATH, {"name": next(names)})
        made.status_code = 200 if made.status_code == 201 else made.status_code
        return made

    freeze()
    first = statements(freeze)
    for number in range(20):
        factories.story(by=PADANG if number % 2 else OTHER_OFFICE)
    counted()
    assert statements(freeze) == first <= 30
    assert statements(lambda: auditor.get(PATH)) == 2


def test_its_entry_commits_to_every_byte(counted: Sequencing) -> None:
    made = taken()
    entry = json.loads(bytes(Entry.objects.get(stream=made["id"]).body))
    row = Snapshot.objects.get()
    record = {
        "id": made["id"], "name": row.name, "index": row.index, "agency_id": row.agency_id, "published": False,
        "content": row.content, "created_at": ledger.instant(row.created_at),
    }  # fmt: skip
    assert (entry["kind"], entry["record"]) == ("snapshot.recorded", ledger.digest_of(record).hex())
    assert ledger.commit(record, salt=bytes(row.salt)).digest.hex() == entry["after"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_sighting s JOIN audit_leaf l ON l.index = s.index "
                       "JOIN audit_entry e ON e.id = l.entry_id WHERE e.stream = %s", [made["id"]])  # fmt: skip
        assert cursor.fetchone() == (0,)
