"""The demo's case of the lecturer, done by six people of three agencies at the desk alone, in the forms of its pages.

The story is the demo's own (`demo.lecturer`), with its bodies and with what it expects after each step. What the demo
tells a system in JSON, a person types here; what it sends over the API only to be refused is left to the demo.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from audit import receipts
from casefiles.models import Casefile, Document, Referral, Transition
from demo.lecturer import STEPS_OF_THE_LECTURER, west_sumatra
from demo.story import EXAMINER_THEN, MINISTRY, SUPERVISOR
from demo.walk import Case, Then, Walk
from people import persons
from tests.audit.verify.logs import verify
from tests.conftest import Copies, using
from tests.console import paper_forms
from tests.console.conftest import signed_in, text_of
from tests.signing_in import as_role, with_a_desk
from tests.world import World

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])

SIX = tuple(
    (agency, f"{place}@{agency}.example")
    for agency in (SUPERVISOR, EXAMINER_THEN, MINISTRY)
    for place in ("satu", "dua")
)


@pytest.fixture(scope="module")
def staffed(copies: Copies, world: World, django_db_setup: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A world without a case, in which two officers of each agency of the story can sign in."""
    name = copies.make(world.template)
    with django_db_blocker.unblock(), using(name), as_role(copies, "owner"):
        for agency, email in SIX:
            invited = persons.invite(
                agency=agency, email=email, name=f"Petugas {email.split('@')[0]}", role="officer", now=timezone.now()
            )
            persons.accept(invited.token, password="kuda hitam di sawah", now=timezone.now())
    yield name
    copies.drop(name)


@pytest.fixture
def _own_database(copies: Copies, staffed: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(staffed), with_a_desk(copies):
        yield


class Desk:
    """The demo's walk, where every step is somebody's who fills in a form. Colleagues take turns."""

    def __init__(self) -> None:
        self.browsers = {agency: [signed_in(email) for owner, email in SIX if owner == agency] for agency, _ in SIX}
        self.receipts: list[tuple[Client, str]] = []
        self.case: Case | None = None
        self.screen = SimpleNamespace(chapter=lambda says: None)

    def __getitem__(self, agency: str) -> Any:
        """Whoever asks for the number of the register's next finding: there is none yet."""
        none = SimpleNamespace(data={"count": {"value": 0}})
        return SimpleNamespace(agency=agency, get=lambda *_, **__: none)

    def asked(self, question: Callable[[], T]) -> T:
        """What the database says."""
        return question()

    def registers(self, agency: str, kind: str, title: str, *, number: str, date: str, **more: str) -> str:
        """Register a paper with its file; its id."""
        officer = self.browsers[agency][0]
        where = f"/meja/{self.case.id}/dokumen" if self.case else "/meja/temuan/dokumen"
        said = {"type": kind, "title": title, "number": number, "date": as_written(date), **more}
        shown = paper_forms.controls(text_of(officer.get(where)))
        assert set(said) <= set(shown)
        content = f"%PDF-1.7\n{title} {number}\n%%EOF\n".encode()
        answer = officer.post(where, {**shown, **said, "file": SimpleUploadedFile("paper.pdf", content)})
        assert answer.status_code == 302, text_of(answer)
        return str(Document.objects.get(type=kind, number=number).pk)

    uploads = registers

    def submits(self, agency: str, finding: Mapping[str, Any], says: object, then: Then) -> Case:
        """Forward the finding by form."""
        self._done(agency, "/meja/temuan", finding)
        row = self.asked(lambda: Casefile.objects.latest("number"))
        blank: Any = None
        self.case = Case(str(row.pk), row.number, str(row.finding_id), then, submission=blank, accepted=blank)
        self._stands(then)
        return self.case

    def performs(
        self, agency: str, case: Case, transition: str, given: Mapping[str, Any], says: object, then: Then,
        shows: Callable[[Any], Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        """Find the case in the inbox where it waits, open the act's form, and do it."""
        officer = self.browsers[agency][0]
        turn = Referral.objects.get(casefile=UUID(case.id), status="open").to_agency.code
        assert (f"/meja/{case.id}" in text_of(officer.get("/meja"))) is (turn == agency)
        assert f"/meja/{case.id}/{transition}" in text_of(officer.get(f"/meja/{case.id}"))
        self._done(agency, f"/meja/{case.id}/{transition}", given)
        case.version += 1
        self._stands(then)

    def other_matters(self, agency: str, case: Case) -> list[str]:
        """Nothing else is in the register."""
        return []

    def refused(self, *_: object, **__: object) -> None:
        """The demo's wrong calls are its own."""

    repeats = reads = refused

    def _done(self, agency: str, where: str, given: Mapping[str, Any]) -> None:
        """Fill in, check, confirm; the colleague's turn is next."""
        officer, *others = self.browsers[agency]
        self.browsers[agency] = [*others, officer]
        said = {name: values for name, values in paper_forms.typed(given) if values}
        said = {name: [as_written(value) for value in values] for name, values in said.items()}
        shown = paper_forms.controls(text_of(officer.get(where)))
        while missing := sorted(set(said) - set(shown)):
            grows = re.sub(r"\.\d+\.[^.]+$", "", missing[0])
            assert grows != missing[0], f"{where} does not ask for {missing}"
            shown = paper_forms.controls(text_of(officer.post(where, {**shown, **said, "_grow": grows})))
        summary = officer.post(where, {**shown, **said, "_step": "check"})
        assert summary.status_code == 200, text_of(summary)
        sent = dict(re.findall(r'name="(_ticket)" value="([^"]*)"', text_of(summary)))
        answer = officer.post(where, {**shown, **said, **sent, "_step": "confirm"})
        assert answer.status_code == 303, text_of(answer)
        self.receipts.append((officer, answer["Location"]))

    def _stands(self, then: Then) -> None:
        """The casefile stands as the story says."""
        assert self.case is not None
        ident = self.case.id
        row = self.asked(lambda: Casefile.objects.get(pk=ident))
        assert (row.version, row.state, row.outcome or None) == (self.case.version, then.state, then.outcome)
        opened = Referral.objects.filter(casefile=row, status="open").select_related("to_agency")
        turn = self.asked(opened.first)
        stands = (turn.to_agency.code, turn.purpose, turn.due_on.isoformat()) if turn else (None, None, None)
        assert stands == (then.turn, then.purpose, then.due_on)


def as_written(value: str) -> str:
    """Days and moments as people write them."""
    matched = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):00\+07:00)?", value)
    if matched is None:
        return value
    year, month, day, hour, minute = matched.groups()
    return f"{day}/{month}/{year}" + (f" pukul {hour}.{minute}" if hour else "")


def test_six_people_handle_the_lecturer_s_case_at_the_desk(tmp_path: Path) -> None:
    desk = Desk()
    case = west_sumatra(cast("Walk", desk))
    steps = Transition.objects.filter(casefile=UUID(case.id)).order_by("seq")
    assert [step.name for step in steps] == STEPS_OF_THE_LECTURER
    assert sum(Referral.objects.filter(casefile=UUID(case.id)).values_list("days_late", flat=True)) == 0
    row = Casefile.objects.get(pk=case.id)
    assert (row.state, row.outcome) == ("closed", "sanctioned")
    assert len({id(officer) for officer, _ in desk.receipts}) == len(SIX)
    key = receipts.signing_key()
    assert key is not None
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [key.public]}))
    entries = []
    for place, (officer, where) in enumerate(desk.receipts):
        file = tmp_path / f"{place}.json"
        file.write_bytes(officer.get(f"{where}/receipt.json").content)
        entries.append(UUID(json.loads(file.read_text())["entry"]))
        found = verify("receipt", file, "--jwks", tmp_path / "jwks.json")
        assert found.codes == {"receipt-unredeemed"}, found.said
    assert len(entries) == len(set(entries)) == len(STEPS_OF_THE_LECTURER)
