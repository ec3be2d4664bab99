"""An officer of very many casefiles: what is answered stays small, and the case can be accepted all the same."""

from __future__ import annotations

from casefiles.flow.finding import Reference, Subject
from casefiles.transitions import duplicates
from tests import factories
from tests.factories import BKN, known_subject
from tests.partner import Partner, said
from tests.world import World

SMALL = 48 * 1024
"""Bytes. It was 875 kB once."""


def test_the_answer_names_a_hundred_of_two_hundred_suspected(db: None, world: World) -> None:
    shared = (Reference(system="sbt", value="2024001"),)
    officers = tuple(Subject(name=f"Terlapor {number}", violations=(1,)) for number in range(100))
    others = [
        str(step.casefile)
        for _ in range(2)
        for step in factories.submit(subjects=officers, references=shared).steps
    ]  # fmt: skip
    (step,) = factories.submit(subjects=(known_subject(),), references=shared).steps
    examiner, path = Partner(BKN), f"/casefiles/{step.casefile}"
    body = {"verification": {"held_on": "2024-10-07", "result": "complete"}}
    refused = examiner.post(f"{path}/accept", body, version=1)
    assert refused.status_code == 409
    assert len(refused.content) < SMALL
    errors = said(refused)["errors"]
    assert [error["code"] for error in errors] == ["duplicates-not-judged"] * duplicates.MOST

    read = examiner.get(path)
    assert len(read.content) < SMALL
    named = [one["casefile"] for one in said(read)["suspected_duplicates"]]
    # The oldest: they have been waiting longest to be judged.
    assert named == sorted(others)[: duplicates.MOST]
    assert all(ident in error["detail"] for ident, error in zip(named, errors, strict=True))
    # Who has judged as many as an act can name has done enough.
    done = examiner.post(f"{path}/accept", {**body, "not_duplicate_of": named}, version=1)
    assert done.status_code == 200, done.content[:600]
    assert len(done.content) < SMALL
