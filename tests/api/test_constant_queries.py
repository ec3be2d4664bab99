"""The number of statements does not grow with what is shown: every list and every detail, asserted exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casefiles import findings, references
from casefiles.flow import Stage
from casefiles.flow.finding import Subject
from casefiles.preventions import Warned
from tests import factories
from tests.partner import Partner, said
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
    return sum(1 for query in seen if "SAVEPOINT" not in query["sql"] and "api_ratebucket" not in query["sql"])


@pytest.fixture
def examiner(db: None, world: World) -> Partner:
    """The examiner's system."""
    return Partner("bkn")


# Token, page, names or facts, and the record of the read; nothing per row.
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/casefiles", 6),
        ("/referrals", 4),
        ("/referrals?to=any&status=any", 4),
        ("/findings", 4),
        ("/documents", 8),
        ("/preventions", 3),
        ("/agencies", 3),
        ("/log/entries?first=0", 3),
        ("/log/entries?stream=calendar", 3),
        ("/referrals?to=any&status=any&paused=false&due_from=2024-01-01", 4),
    ],
)
def test_a_list_takes_as_many_statements_for_twenty_as_for_one(examiner: Partner, path: str, most: int) -> None:
    """One casefile or twenty: the same number, and a small one."""
    factories.casefile_at(Stage.SUBMITTED)
    factories.prevention()
    one = statements(lambda: examiner.get(path))
    for _ in range(19):
        factories.story()
        factories.prevention()
    assert statements(lambda: examiner.get(path)) == one <= most


def test_a_page_of_events_takes_two_statements(sequenced: Sequencing) -> None:
    """Token and page, for one event or for twenty."""
    examiner = Partner("bkn")
    for more in (1, 19):
        for _ in range(more):
            factories.story()
        sequenced()
        assert statements(lambda: examiner.get("/events")) == 2


# The detail: token, sight, casefile, the hints of duplicates (for the examiner), and the record of the read.
@pytest.mark.parametrize(("part", "most"), [("", 5), ("/timeline", 5)])
def test_a_detail_takes_as_many_statements_at_the_end_as_at_the_beginning(
    examiner: Partner, part: str, most: int
) -> None:
    """A casefile with one version or with nine, alone or with many that may be the same matter: the same number."""
    young, old = factories.casefile_at(Stage.SUBMITTED), factories.casefile_at(Stage.CLOSED)
    first = statements(lambda: examiner.get(f"/casefiles/{young.casefile}{part}"))
    assert statements(lambda: examiner.get(f"/casefiles/{old.casefile}{part}")) == first <= most


MOMENTS = "2024-10-01T00:00:00Z,2025-10-01T00:00:00Z"


@pytest.mark.parametrize(
    ("part", "most"), [("?as_of=2025-10-01T00:00:00Z", 4), (f"/timeline?between={MOMENTS}", 5), ("/timeline", 5)]
)
def test_the_past_takes_as_many_statements_as_the_present(examiner: Partner, part: str, most: int) -> None:
    """As of a moment, between two, for whoever is a party and whoever was: one statement finds sight and version."""
    young, old = factories.casefile_at(Stage.SUBMITTED), factories.casefile_at(Stage.CLOSED)
    first = statements(lambda: examiner.get(f"/casefiles/{young.casefile}{part}"))
    assert statements(lambda: examiner.get(f"/casefiles/{old.casefile}{part}")) == first <= most
    left = factories.casefile_at(Stage.SUBMITTED, through=("request-identity", "recall"))
    former = Partner("pemkot-padang")
    assert statements(lambda: former.get(f"/casefiles/{left.casefile}{part}")) == first
    assert statements(lambda: former.get(f"/casefiles/{left.casefile}")) == 4


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


def test_that_he_had_been_warned_takes_no_statement_of_its_own(examiner: Partner) -> None:
    """It comes along with the casefile, for who may know and for who may not."""
    told = factories.casefile_at(Stage.RECOMMENDED)
    # Whoever judges duplicates has one statement more for them, warned or not.
    for agency, usual in (("bkn", 5), ("bpk", 5), ("pemkot-padang", 4), ("bawaslu-kota-padang", 4)):
        partner = Partner(agency)
        before = statements(lambda partner=partner: partner.get(f"/casefiles/{told.casefile}"))  # type: ignore[misc]  # bound now
        factories.prevention()
        after = statements(lambda partner=partner: partner.get(f"/casefiles/{told.casefile}"))  # type: ignore[misc]  # bound now
        assert after == before == usual


def test_the_read_records_take_a_fixed_number(db: None, world: World) -> None:
    """One read or many."""
    story = factories.casefile_at(Stage.SUBMITTED)
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
    """One subject or a hundred make the same number of statements: the write is one."""
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
    assert counts[0] == counts[1] <= 11


@pytest.mark.parametrize(("agency", "most"), [("bawaslu-kota-padang", 8), ("bkn", 9)])
def test_a_transition_takes_eight_statements(db: None, world: World, agency: str, most: int) -> None:
    """Token, key, sight, lock, load, write, answer kept, key settled; for the examiner the hints of duplicates too.

    His answer shows what a read would show him, so that its ETag is the read's.
    """
    story = factories.casefile_at(Stage.SUBMITTED)
    partner = Partner(agency)

    def note() -> Any:
        version = said(partner.get(f"/casefiles/{story.casefile}"))["version"]
        body = {"code": "other", "date": "2024-10-08"}
        with CaptureQueriesContext(connection) as seen:
            answer = partner.post(f"/casefiles/{story.casefile}/note", body, version=version)
        assert answer.status_code == 200, answer.content
        return counted(seen)

    note()
    assert note() == most


def test_contesting_settling_and_carrying_out_take_no_more_statements_than_a_note(db: None, world: World) -> None:
    """Each registers its paper beforehand; the act itself takes the eight of any transition."""
    story = factories.casefile_at(Stage.SANCTION_REPORTED)
    story.do("record-delivery")
    addressee = Partner(factories.PEMKOT)

    def act(name: str, **changed: Any) -> int:
        day = story.day

        def paper(kind: str) -> Any:
            return factories.document(factories.PEMKOT, kind, now=factories.at(day, 1))

        body = references.plain(factories.given(name, day=day, document=paper, **changed)) | {"occurred_at": None}
        version = story.row.version
        with CaptureQueriesContext(connection) as seen:
            answer = addressee.post(f"/casefiles/{story.casefile}/{name}", body, version=version)
        assert answer.status_code == 200, answer.content
        return counted(seen)

    act("contest")
    act("settle")
    counts = {
        "contest": act("contest", kind="lawsuit"),
        "settle": act("settle", ruling="lightened", sanction="written_reprimand"),
        "record-execution": act("record-execution"),
    }
    assert set(counts.values()) == {8}


def test_a_merge_takes_twelve_statements(db: None, world: World) -> None:
    """Nine as any act of the examiner; three for the other: a look at this file first, sight of that one, its file."""
    into = factories.casefile_at(Stage.UNDER_EXAMINATION)
    examiner = Partner("bkn")

    def merge() -> Any:
        late = factories.casefile_at(Stage.SUBMITTED, subjects=(factories.known_subject(),))
        with CaptureQueriesContext(connection) as seen:
            answer = examiner.post(f"/casefiles/{late.casefile}/merge", {"into": str(into.casefile)}, version=1)
        assert answer.status_code == 200, answer.content
        return counted(seen)

    merge()
    assert merge() == merge() <= 12


def test_the_etag_of_a_write_is_the_etag_of_the_read(db: None, world: World) -> None:
    """Who has written need not read again: If-None-Match with the write's ETag answers 304."""
    story = factories.casefile_at(Stage.SUBMITTED)
    examiner = Partner("bkn")
    written = examiner.post(
        f"/casefiles/{story.casefile}/note", {"code": "other", "date": "2024-10-08", "text": "Catatan."}, version=1
    )
    answer = examiner.get(f"/casefiles/{story.casefile}", **{"If-None-Match": written.headers["ETag"]})
    assert (written.status_code, answer.status_code) == (200, 304)
