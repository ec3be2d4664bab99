"""Who sees what of a casefile, and from when: grants, the one way in, and what of the file is shown."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casefiles.catalogue import book as catalogue
from casefiles.file import Attached
from casefiles.flow import Party, State
from casefiles.flow.examination import Withheld
from casefiles.flow.given import WithholdReason
from casefiles.flow.intake import Answer
from casefiles.models import Casefile, CasefileGrant, Document, Finding, Referral
from casefiles.sight import projection
from casefiles.sight.projection import Viewer
from casefiles.transitions.load import load
from tests.factories import (
    AUDITOR,
    BKN,
    BOARD,
    KASN,
    OTHER_OFFICE,
    PADANG,
    PATHS,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    REPORTER,
    Story,
    actor,
    at,
    casefile_at,
    document,
    known_subject,
    story,
)

pytestmark = pytest.mark.usefixtures("db", "world")

EVERYONE = (PADANG, PROVINCE, "bawaslu-ri", OTHER_OFFICE, BKN, KASN, PEMKOT, PEMPROV, BOARD, AUDITOR)
SUBMITTING = {PADANG, PROVINCE, "bawaslu-ri"}

# Who sees a casefile that walked the ordinary way to that state; the auditor sees all.
SEEN_BY = {
    State.SUBMITTED: SUBMITTING | {BKN},
    State.IDENTITY_REQUESTED: SUBMITTING | {BKN, PEMKOT},
    State.RETURNED: SUBMITTING | {BKN},
    State.UNDER_EXAMINATION: SUBMITTING | {BKN, PEMKOT},
    State.RECOMMENDED: SUBMITTING | {BKN, PEMKOT},
    State.AWAITING_SANCTION: SUBMITTING | {BKN, PEMKOT},
    State.DISPUTED: SUBMITTING | {BKN, PEMKOT},
    State.SANCTION_REPORTED: SUBMITTING | {BKN, PEMKOT},
    State.CONTESTED: SUBMITTING | {BKN, PEMKOT},
    State.CLOSED: SUBMITTING | {BKN, PEMKOT},
}


def _see(told: Story) -> set[str]:
    return {
        agency for agency in EVERYONE if Casefile.objects.visible_to(actor(agency)).filter(pk=told.casefile).exists()
    }


@pytest.mark.parametrize("state", PATHS, ids=str)
def test_a_casefile_is_seen_by_its_parties_and_nobody_else(state: State) -> None:
    told = casefile_at(state, subjects=(known_subject(),) if state is State.SUBMITTED else (known_subject(nip=None),))
    assert _see(told) == SEEN_BY[state] | {AUDITOR}


def test_whatever_belongs_to_a_casefile_is_seen_with_it() -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    attached = Document.objects.filter(attachments__casefile=told.casefile).first()
    assert attached is not None
    sees = _see(told)
    for agency in EVERYONE:
        who = actor(agency)
        mine = agency in sees
        assert Referral.objects.visible_to(who).filter(casefile=told.casefile).exists() is mine
        assert Document.objects.visible_to(who).filter(pk=attached.pk).exists() is mine
        assert Finding.objects.visible_to(who).filter(pk=told.finding).exists() is (
            agency in SUBMITTING | {BKN, AUDITOR}
        ), agency


def test_a_document_is_its_owner_s_alone_until_it_is_attached() -> None:
    told = casefile_at(State.RETURNED)
    paper = document(PADANG, "evidence", now=at(told.day))
    assert [agency for agency in EVERYONE if Document.objects.visible_to(actor(agency)).filter(pk=paper)] == [PADANG]
    told.do("complete", answers=(Answer(item=1, text="x", documents=(paper,)),))
    seen = {agency for agency in EVERYONE if Document.objects.visible_to(actor(agency)).filter(pk=paper)}
    assert seen == SUBMITTING | {BKN, AUDITOR}


def test_whoever_disowned_sees_nothing_any_more() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    told.do("disown")
    who = actor(PEMKOT)
    assert not Casefile.objects.visible_to(who).exists()
    assert not Referral.objects.visible_to(who).exists()
    assert not Document.objects.visible_to(who).exists()


def test_an_agency_asked_again_gets_a_second_grant_and_the_first_stays_in_the_past() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    told.do("disown")
    told.do("request-identity")
    grants = CasefileGrant.objects.filter(content_object=told.casefile, agency__code=PEMKOT).order_by("pk")
    assert [(one.from_entry.seq, one.until_entry and one.until_entry.seq) for one in grants] == [(2, 3), (4, None)]
    assert Casefile.objects.visible_to(actor(PEMKOT)).count() == 1, "one row, not one for each grant"


def test_sight_is_one_join_and_no_query_per_casefile() -> None:
    for _ in range(3):
        story()
    with CaptureQueriesContext(connection) as queries:
        assert len(list(Casefile.objects.visible_to(actor_of_examiner := actor(BKN)))) == 3
    assert actor_of_examiner.agency_code == BKN
    assert len([one for one in queries if "casefiles_casefilegrant" in one["sql"]]) == 1


def test_an_auditor_holds_no_grant_and_sees_all() -> None:
    story()
    story(by=OTHER_OFFICE)
    assert not CasefileGrant.objects.filter(agency__code=AUDITOR).exists()
    assert Casefile.objects.visible_to(actor(AUDITOR)).count() == 2


# --- what of the file -----------------------------------------------------------------------------------------------


def _shown(told: Story, agency: str) -> tuple[dict[str, Any], list[str]]:
    facts, mine = told.facts, actor(agency)
    identities = load(told.casefile, actor=mine.agency_id, today=told.day).identities
    return projection.project(
        facts, viewer=projection.viewer_of(mine, facts), catalogue=catalogue.load(), identities=identities
    )


@pytest.mark.parametrize("agency", EVERYONE)
def test_the_reporter_is_known_to_submitter_and_examiner_only(agency: str) -> None:
    told = casefile_at(State.RECOMMENDED, reporter=REPORTER)
    shown, withheld = _shown(told, agency)
    knows = agency in {PADANG, BKN}
    assert (shown["finding"]["reporter"] is not None) is knows
    assert ("#/finding/reporter" in withheld) is not knows
    assert (str(REPORTER.name) in json.dumps(shown)) is knows


@pytest.mark.parametrize("agency", EVERYONE)
def test_the_way_to_the_finding_is_shown_to_whoever_may_go_it(agency: str) -> None:
    told = casefile_at(State.RECOMMENDED)
    shown, _ = _shown(told, agency)
    if agency == OTHER_OFFICE:
        return  # never gets this far: no sight of the casefile
    visible = Finding.objects.visible_to(actor(agency)).filter(pk=told.finding).exists()
    assert (shown["finding"]["href"] is not None) is visible


def test_what_is_the_flow_s_own_is_shown_to_nobody() -> None:
    told = casefile_at(State.UNDER_EXAMINATION)
    kept = uuid.UUID(told.facts["documents"][0]["id"])
    told.do("recommend", withheld=(Withheld(document=kept, reason=WithholdReason(code="state_secret")),))
    for agency in EVERYONE:
        shown, _ = _shown(told, agency)
        assert not set(shown) & {"steps", "claimed_employer", "withheld_documents", "ladder_exhausted"}


# Which party sees the content of a document of each audience, before and after the recommendation.
P, R, E, B = "cover_letter", "assessment", "examination_report", "report_form"
CONTENT = {
    Party.SUBMITTER: {P: (1, 1), R: (1, 1), E: (0, 0), B: (1, 1)},
    Party.EXAMINER: {P: (1, 1), R: (1, 1), E: (1, 1), B: (1, 1)},
    Party.EMPLOYER: {P: (1, 1), R: (0, 0), E: (0, 0), B: (0, 0)},
    Party.ADDRESSEE: {P: (1, 1), R: (0, 1), E: (1, 1), B: (0, 0)},
    Party.APPEAL_BOARD: {P: (1, 1), R: (0, 0), E: (1, 1), B: (0, 0)},
    Party.CIVIL_SERVICE_AGENCY: {P: (1, 1), R: (0, 0), E: (0, 0), B: (0, 0)},
}


@pytest.mark.parametrize("party", CONTENT)
@pytest.mark.parametrize("kind", [P, R, E, B])
def test_a_document_s_content_follows_its_type_s_audience(party: Party, kind: str) -> None:
    paper: Any = {"id": "d", "type": kind, "owner": "somebody-else", "sha256": "ab", "size": 1}
    viewer = Viewer(agency="me", parties=frozenset({party}))
    for recommendation, expected in zip((None, {"version": 1}), CONTENT[party][kind], strict=True):
        facts: Any = {"recommendation": recommendation, "documents": [paper]}
        assert projection.sees_content(paper, facts=facts, viewer=viewer, catalogue=catalogue.load()) is bool(expected)


def test_auditors_see_the_files_but_not_what_names_a_reporter() -> None:
    viewer = Viewer(agency="bpk", parties=frozenset(), is_auditor=True)
    seen = {
        kind: projection.sees_content(
            {"id": "d", "type": kind, "owner": "x"}, facts={}, viewer=viewer, catalogue=catalogue.load()
        )
        for kind in (P, R, E, B)
    }
    assert seen == {P: True, R: True, E: True, B: False}


def test_an_owner_sees_his_own_paper_and_an_unknown_type_is_shown_to_few() -> None:
    mine: Attached = {"id": "d", "type": B, "owner": "me"}
    odd: Attached = {"id": "d", "type": "of-a-later-release", "owner": "x"}
    book = catalogue.load()
    me = Viewer(agency="me", parties=frozenset({Party.ADDRESSEE}))
    assert projection.sees_content(mine, facts={}, viewer=me, catalogue=book)
    assert projection.sees_content(odd, facts={}, viewer=me, catalogue=book)
    assert not projection.sees_content(
        odd, facts={}, viewer=replace(me, parties=frozenset({Party.EMPLOYER})), catalogue=book
    )


def test_a_withheld_document_shows_its_existence_but_not_its_digest() -> None:
    told = casefile_at(State.UNDER_EXAMINATION)
    kept = uuid.UUID(told.facts["documents"][0]["id"])
    told.do("recommend", withheld=(Withheld(document=kept, reason=WithholdReason(code="state_secret")),))
    shown, withheld = _shown(told, PEMKOT)
    assert (shown["documents"][0]["type"], shown["documents"][0]["sha256"]) == ("assessment", None)
    assert "#/documents/0/sha256" in withheld
    other = casefile_at(State.RECOMMENDED)
    assert _shown(other, PEMKOT)[0]["documents"][0]["sha256"] is not None


# --- what changed ---------------------------------------------------------------------------------------------------


def test_changes_name_each_field_by_its_pointer() -> None:
    before = {"state": "a", "subject": {"nip": None, "name": "x"}, "list": [1, 2], "a/b": 1, "same": 3}
    after = {"state": "b", "subject": {"nip": "1", "name": "x"}, "list": [1, 3, 4], "a/b": 2, "same": 3}
    assert [(one["pointer"], one["before"], one["after"]) for one in projection.changes(before, after)] == [
        ("#/a~1b", 1, 2),
        ("#/list/1", 2, 3),
        ("#/list/2", None, 4),
        ("#/state", "a", "b"),
        ("#/subject/nip", None, "1"),
    ]
    assert projection.changes(before, before) == []
    assert [one["pointer"] for one in projection.changes(None, {"state": "a"})] == ["#/state"]


def test_a_party_is_told_of_no_change_it_may_not_see() -> None:
    told = casefile_at(State.UNDER_EXAMINATION, reporter=REPORTER)
    before, _ = _shown(told, PEMKOT)
    told.do("recommend", on=told.day + timedelta(days=1))
    after, _ = _shown(told, PEMKOT)
    pointers = {one["pointer"] for one in projection.changes(before, after)}
    assert "#/state" in pointers
    assert not {one for one in pointers if "reporter" in one or "steps" in one}
