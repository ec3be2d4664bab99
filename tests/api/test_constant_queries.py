"""The number of statements does not grow with what is shown: every list and every detail, asserted exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casefiles import references
from casefiles.flow import State
from casefiles.flow.finding import Subject
from casefiles.intake import findings
from casefiles.intake.preventions import Warned
from tests import factories
from tests.partner import Partner, said
from tests.ready import ROUTED, ready
from tests.sequencing import Sequencing
from tests.world import World


def statements(act: Callable[[], Any]) -> int:
    """How many statements the act takes, once everything that is remembered has been seen before."""
    act()
    with CaptureQueriesContext(connection) as seen:
        answer = act()
    assert answer.status_code == 200, answer.content
    return counted(seen)


def counted(seen: CaptureQueriesContext) -> int:
    """Without savepoints, which stand for a real request's transaction, and without the rate's draw of every 25th."""
    return sum(1 for query in seen if "SAVEPOINT" not in query["sql"] and "bucket" not in query["sql"])


@pytest.fixture
def examiner(db: None, world: World) -> Partner:
    """The examiner's system."""
    return Partner("bkn")


# Token, page, names or facts (of agencies their heirs' names), and the record of the read; nothing per row.
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/casefiles", 6),
        ("/referrals", 2),
        ("/referrals?to=any&status=any", 2),
        ("/findings", 4),
        ("/documents", 8),
        ("/preventions", 3),
        ("/zero-reports", 4),
        ("/silent-agencies?subject=findings", 3),
        ("/silent-agencies", 3),
        (f"/agencies/{factories.PADANG}/register-gaps", 4),
        ("/agencies", 4),
        ("/log/entries?first=0", 3),
        ("/log/entries?stream=calendar", 3),
        ("/referrals?to=any&status=any&paused=false&due_from=2024-01-01", 2),
    ],
)
def test_a_list_takes_as_many_statements_for_twenty_as_for_one(examiner: Partner, path: str, most: int) -> None:
    """One casefile or twenty: the same number, and a small one."""
    factories.casefile_at(State.SUBMITTED)
    factories.prevention()
    day = date(2024, 1, 1)
    factories.zero_report(period=factories.period(day, day))
    one = statements(lambda: examiner.get(path))
    for number in range(1, 20):
        factories.story()
        factories.prevention()
        factories.zero_report(period=factories.period(day, day + timedelta(days=number)))
    assert statements(lambda: examiner.get(path)) == one <= most


def test_a_register_of_two_thousand_lines_takes_as_many_statements_as_one_of_one(examiner: Partner) -> None:
    """Token, agencies named, both registers, and the record of the read; whatever the lines name and believe."""
    told = [factories.casefile_at(State.RECOMMENDED), *(factories.story() for _ in range(9))]
    numbers = [each.row.number for each in told]

    def compared(lines: int) -> Any:
        body = {
            "scope": {"role": "examiner"},
            "items": [
                {"ref": str(line), "number": numbers[line % len(numbers)], "employer": factories.PEMKOT}
                for line in range(lines)
            ],
        }
        return examiner.post("/reconciliations", body)

    assert statements(lambda: compared(1)) == statements(lambda: compared(2_000)) == 4


def test_a_page_of_events_takes_two_statements(sequenced: Sequencing) -> None:
    """Token and page, for one event or for twenty."""
    examiner = Partner("bkn")
    for more in (1, 19):
        for _ in range(more):
            factories.story()
        sequenced()
        assert statements(lambda: examiner.get("/events")) == 2


def test_what_goes_to_siasn_takes_three_statements_however_often_it_went(examiner: Partner) -> None:
    """Token with sight, the file with all that was handed over, and the record of the read."""
    told = factories.casefile_at(State.SANCTION_REPORTED)
    first = statements(lambda: examiner.get(f"/casefiles/{told.casefile}/hukdis"))
    for number in range(5):
        factories.handed_to_siasn(told, siasn_id=f"8ae4-{number}")
    assert statements(lambda: examiner.get(f"/casefiles/{told.casefile}/hukdis")) == first == 3


# Token and sight, then what is shown with the record of the read; the examiner's detail has the hints of duplicates.
@pytest.mark.parametrize(("part", "number"), [("", 3), ("/timeline", 2)])
def test_a_detail_takes_as_many_statements_at_the_end_as_at_the_beginning(
    examiner: Partner, part: str, number: int
) -> None:
    """A casefile with one version or with nine, alone or with many that may be the same matter: the same number."""
    young, old = factories.casefile_at(State.SUBMITTED), factories.casefile_at(State.CLOSED)
    first = statements(lambda: examiner.get(f"/casefiles/{young.casefile}{part}"))
    assert statements(lambda: examiner.get(f"/casefiles/{old.casefile}{part}")) == first == number


MOMENTS = "2024-10-01T00:00:00Z,2025-10-01T00:00:00Z"


@pytest.mark.parametrize("part", ["?as_of=2025-10-01T00:00:00Z", f"/timeline?between={MOMENTS}", "/timeline"])
def test_the_past_takes_as_many_statements_as_the_present(examiner: Partner, part: str) -> None:
    """As of a moment, between two, for whoever is a party and whoever was: one statement finds sight and version."""
    young, old = factories.casefile_at(State.SUBMITTED), factories.casefile_at(State.CLOSED)
    first = statements(lambda: examiner.get(f"/casefiles/{young.casefile}{part}"))
    assert statements(lambda: examiner.get(f"/casefiles/{old.casefile}{part}")) == first == 2
    left = factories.casefile_at(State.SUBMITTED, through=("request-identity", "recall"))
    former = Partner("pemkot-padang")
    assert statements(lambda: former.get(f"/casefiles/{left.casefile}{part}")) == first
    assert statements(lambda: former.get(f"/casefiles/{left.casefile}")) == 2


def test_the_hints_take_one_statement_for_whom_they_concern_however_many_there_are(db: None, world: World) -> None:
    """Nothing or twenty: one for the examiner and an auditor, none for the office."""
    story = factories.story(subjects=(factories.known_subject(),))
    path = f"/casefiles/{story.casefile}"
    partners = {name: Partner(name) for name in ("bkn", "bpk", "bawaslu-kota-padang")}
    alone = {name: statements(lambda who=one: who.get(path)) for name, one in partners.items()}  # type: ignore[misc]  # bound now
    for _ in range(20):
        factories.story(subjects=(factories.known_subject(),))
    assert len(said(partners["bkn"].get(path))["suspected_duplicates"]) == 20
    many = {name: statements(lambda who=one: who.get(path)) for name, one in partners.items()}  # type: ignore[misc]  # bound now
    assert many == alone
    assert many["bkn"] == many["bawaslu-kota-padang"] + 1


def test_a_finding_takes_as_many_statements_for_many_subjects(examiner: Partner) -> None:
    """One subject or thirty."""
    single = factories.submit()
    many = factories.submit(subjects=tuple(Subject(name=f"Orang {number}", violations=(1,)) for number in range(30)))
    first = statements(lambda: examiner.get(f"/findings/{single.finding}"))
    assert statements(lambda: examiner.get(f"/findings/{many.finding}")) == first <= 7


def test_a_prevention_takes_as_many_statements_for_many_officers(examiner: Partner) -> None:
    """One officer or a hundred: token, row, content, agencies' names, the record of the read."""
    officers = tuple(Warned(nip=f"19850101201001{number:04}", name="Orang") for number in range(100))
    single, many = factories.prevention(), factories.prevention(officers=officers, addressed=factories.PEMKOT)
    first = statements(lambda: examiner.get(f"/preventions/{single}"))
    assert statements(lambda: examiner.get(f"/preventions/{many}")) == first == 5


def test_a_zero_report_takes_as_many_statements_whatever_contradicts_it(examiner: Partner) -> None:
    """Nothing or five casefiles: token, row, content, what contradicts it, the record of the read."""
    october = factories.period(date(2024, 10, 1), date(2024, 10, 31))
    alone = factories.zero_report(period=october)
    first = statements(lambda: examiner.get(f"/zero-reports/{alone}"))
    for _ in range(5):
        factories.casefile_at(State.RECOMMENDED)
    assert said(examiner.get(f"/zero-reports/{alone}"))["contradicted_by"] == 5
    assert statements(lambda: examiner.get(f"/zero-reports/{alone}")) == first == 5


def test_that_he_had_been_warned_takes_no_statement_of_its_own(examiner: Partner) -> None:
    """It comes along with the casefile, for who may know and for who may not."""
    told = factories.casefile_at(State.RECOMMENDED)
    # Whoever judges duplicates has one statement more for them, warned or not.
    for agency, usual in (("bkn", 3), ("bpk", 3), ("pemkot-padang", 2), ("bawaslu-kota-padang", 2)):
        partner = Partner(agency)
        before = statements(lambda partner=partner: partner.get(f"/casefiles/{told.casefile}"))  # type: ignore[misc]  # bound now
        factories.prevention()
        after = statements(lambda partner=partner: partner.get(f"/casefiles/{told.casefile}"))  # type: ignore[misc]  # bound now
        assert after == before == usual


def test_the_read_records_take_a_fixed_number(db: None, world: World) -> None:
    """One read or many."""
    story = factories.casefile_at(State.SUBMITTED)
    auditor = Partner("bpk")
    first = statements(lambda: auditor.get(f"/casefiles/{story.casefile}/accesses"))
    for _ in range(10):
        auditor.get(f"/casefiles/{story.casefile}")
    assert statements(lambda: auditor.get(f"/casefiles/{story.casefile}/accesses")) == first <= 6
    document = said(auditor.get(f"/casefiles/{story.casefile}"))["documents"][0]["id"]
    asked = f"/casefiles/{story.casefile}/accesses?document={document}"
    auditor.get(f"/documents/{document}")
    once = statements(lambda: auditor.get(asked))
    for _ in range(10):
        auditor.get(f"/documents/{document}")
    assert len(said(auditor.get(asked))["data"]) == 11
    assert statements(lambda: auditor.get(asked)) == once == first


def test_a_submission_takes_as_many_statements_for_many_subjects(db: None, world: World) -> None:
    """One subject or a hundred: what surrounds the finding, the casefiles' numbers, and the one that writes."""
    counts = []
    for number in (1, 100):
        subjects = tuple(Subject(name=f"Orang {index}", violations=(1,)) for index in range(number))
        given = factories.finding_given(
            documents=(factories.document(factories.PADANG, "assessment"),), subjects=subjects
        )
        factories.submit()
        actor = factories.actor(factories.PADANG)
        with CaptureQueriesContext(connection) as seen:
            findings.submit(
                actor=actor, given=given, now=factories.at(factories.SUBMITTED_ON, 4), request=factories.request()
            )
        counts.append(len(seen))
    assert counts == [3, 3]


def test_a_submission_through_the_door_takes_four_statements(db: None, world: World) -> None:
    """Token, key with surroundings, numbers, write. Six with BEGIN and COMMIT, for which a test has savepoints."""
    office = Partner("bawaslu-kota-padang")

    def submit() -> Any:
        document = factories.document(factories.PADANG, "assessment")
        body = references.plain(factories.finding_given(documents=(document,)))
        with CaptureQueriesContext(connection) as seen:
            answer = office.post("/findings", body)
        assert answer.status_code == 201, answer.content
        return counted(seen)

    submit()
    assert submit() == 4


# Token; key, sight and lock; load; write, with the answer and the key. BEGIN and COMMIT make them six.
PARTY = 4
# His answer shows what a read would show him, so that its ETag is the read's: the hints of duplicates too. Seven.
EXAMINER = PARTY + 1
# A look at this file before anything is locked, sight of the other one, the locks, the other one's file; and the answer
# by itself, because it tells of the other one as it was written.
OF_TWO = EXAMINER + 5

# Every routed transition; what does not cost what the spine costs says why.
STATEMENTS: Mapping[str, int] = {
    # the spine
    "request-identity": EXAMINER,
    "identify": PARTY,
    "accept": EXAMINER + 1,  # the hints are judged before the step, under the lock
    "recommend": EXAMINER,
    "acknowledge": PARTY,
    "report-sanction": PARTY,
    "record-delivery": PARTY,
    "close": EXAMINER,
    # the rest
    "disown": PARTY,
    "recall": EXAMINER,
    "return": EXAMINER,
    "complete": PARTY,
    "withdraw": PARTY,
    "reject": EXAMINER,
    "clear": EXAMINER,
    "redirect": EXAMINER,
    "terminate": EXAMINER,
    "note": PARTY,
    "dispute": PARTY,
    "uphold": EXAMINER,
    "retract": EXAMINER,
    "require-correction": EXAMINER,
    "contest": PARTY,
    "settle": PARTY,
    "annul": PARTY,
    "record-execution": PARTY,
    "measure": EXAMINER,
    "block-data": EXAMINER,
    "unblock-data": EXAMINER,
    "serve": EXAMINER,
    "transfer": PARTY,
    "reassign": PARTY,
    "extend": EXAMINER,
    "merge": OF_TWO,
    "unmerge": OF_TWO,
    "reopen": EXAMINER,
    "correct": PARTY,
}


def test_every_routed_transition_has_its_count() -> None:
    """A row that joins the flow says what it costs, and one that leaves it is forgotten here."""
    assert set(STATEMENTS) == set(ROUTED)


@pytest.mark.parametrize("name", ROUTED)
def test_a_transition_takes_the_statements_of_the_spine(db: None, world: World, name: str) -> None:
    """Asserted exactly, once everything that is remembered has been seen before."""
    before, case = ready("note"), ready(name)
    for told, row in ((before, "note"), (case, name)):
        path, version = f"/casefiles/{told.story.casefile}/{row}", told.story.row.version
        partner, body = Partner(told.who), references.plain(told.given)
        with CaptureQueriesContext(connection) as seen:
            answer = partner.post(path, body, version=version)
        assert answer.status_code == 200, answer.content
    assert counted(seen) == STATEMENTS[name]


def test_the_etag_of_a_write_is_the_etag_of_the_read(db: None, world: World) -> None:
    """Who has written need not read again: If-None-Match with the write's ETag answers 304."""
    story = factories.casefile_at(State.SUBMITTED)
    examiner = Partner("bkn")
    written = examiner.post(
        f"/casefiles/{story.casefile}/note", {"code": "other", "date": "2024-10-08", "text": "Catatan."}, version=1
    )
    answer = examiner.get(f"/casefiles/{story.casefile}", **{"If-None-Match": written.headers["ETag"]})
    assert (written.status_code, answer.status_code) == (200, 304)
