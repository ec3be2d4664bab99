"""Four eyes: where an agency wants it, one officer drafts an act and another performs it, and nobody does both."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from django.core import signing
from django.db import ProgrammingError, connections, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from audit.models import Entry
from casefiles import register_time
from casefiles.flow import State
from casefiles.models import Casefile
from console.desk import drafting, drafts, kept
from console.models import Draft, Form
from people import persons
from people.models import FourEyes, Person
from tests import factories
from tests.conftest import Copies, using
from tests.console import paper_forms
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.console.test_desk import ACKNOWLEDGE, _entry, form_at, sent, ticket_of, version_of
from tests.console.test_desk_findings import typed
from tests.signing_in import as_role, with_a_desk

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])

MANAGER, SECOND, THIRD = "pengelola@padang.example", "kedua@padang.example", "ketiga@padang.example"
ELSEWHERE = "petugas@bkn.example"
SUPERVISOR, BESIDE = "petugas@bawaslu-padang.example", "kedua@bawaslu-padang.example"
Owner = Callable[[str], psycopg.Connection[Any]]


@pytest.fixture(scope="module")
def cases(
    copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[str, list[str], UUID]]:
    """A database of this module's own, with casefiles that wait for the city, and colleagues there."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        waiting = [str(factories.casefile_at(State.RECOMMENDED).row.pk) for _ in range(9)]
        assessment = factories.document(factories.PADANG, "assessment")
        with as_role(copies, "owner"):
            for email, agency, role in (
                (MANAGER, "pemkot-padang", "manager"),
                (SECOND, "pemkot-padang", "officer"),
                (THIRD, "pemkot-padang", "officer"),
                (BESIDE, "bawaslu-kota-padang", "officer"),
                ("pengelola@bawaslu-padang.example", "bawaslu-kota-padang", "manager"),
            ):
                _joins(email, agency, role)
    yield name, waiting, assessment
    copies.drop(name)


def _joins(email: str, agency: str, role: str) -> None:
    name = f"{email.partition('@')[0].capitalize()} Rekaan"
    invited = persons.invite(agency=agency, email=email, name=name, role=role, now=timezone.now())
    persons.accept(invited.token, password="kuda hitam di sawah", now=timezone.now())


@pytest.fixture
def _own_database(
    copies: Copies, cases: tuple[str, list[str], UUID], django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(cases[0]), with_a_desk(copies):
        yield


@pytest.fixture(autouse=True)
def policy(db: None) -> None:
    """The city's manager wants two officers."""
    decides(two=True)


@pytest.fixture
def waiting(cases: tuple[str, list[str], UUID]) -> str:
    """A casefile that nobody has acted on yet."""
    return cases[1].pop()


def decides(*, two: bool, manager: str = MANAGER) -> int:
    """The manager's button."""
    return int(signed_in(manager).post("/orang", {"four_eyes": "two" if two else "one"}).status_code)


def drafted(officer: Client, case: str, **changed: str) -> str:
    """Draft an acknowledgement; the address of the draft."""
    answer = sent(officer, case, {**ACKNOWLEDGE, **changed}, ticket=form_at(officer, case), step="draft")
    assert answer.status_code == 303, text_of(answer)
    where: str = answer["Location"]
    return where


def seal_of(page: str) -> str:
    found = re.search(r'name="_seal" value="([^"]+)"', page)
    assert found is not None, page[:4000]
    return unescape(found[1])


def performed(officer: Client, where: str, seal: str | None = None) -> Any:
    """Open the draft and confirm it."""
    return officer.post(where, {"_step": "confirm", "_seal": seal or seal_of(text_of(officer.get(where)))})


def test_one_drafts_and_another_performs(waiting: str, sign_in: Owner) -> None:
    first, second = signed_in(EMPLOYER), signed_in(SECOND)
    ticket, before = form_at(first, waiting), version_of(waiting)
    summary = text_of(sent(first, waiting, ACKNOWLEDGE, ticket=ticket, step="check"))
    assert "Instansi Anda menghendaki dua petugas" in summary
    assert "Tegaskan dan catat" not in summary
    answers = [sent(first, waiting, ACKNOWLEDGE, ticket=ticket, step=step) for step in ("draft", "draft", "confirm")]
    assert [answer.status_code for answer in answers] == [303] * 3
    (where,) = {answer["Location"] for answer in answers}
    assert version_of(waiting) == before, "a draft records nothing"
    row = Draft.objects.get(casefile=waiting)
    assert b"Rina" not in bytes(row.kept or b"")
    for page, says in (
        (text_of(first.get("/meja")), "menunggu orang lain"),
        (text_of(second.get("/meja")), "menunggu Anda"),
    ):
        assert where in page
        assert says in page
    mine, theirs = text_of(first.get(where)), text_of(second.get(where))
    assert "Tegaskan dan catat" not in mine
    for said in (
        "Dodi Rekaan",
        "kode dari aplikasi",
        "Rina Rekaan",
        "30 Oktober 2024",
        "Menunggu hukuman",
        "Kedaluwarsa",
    ):
        assert said in theirs
    answer = performed(second, where)
    assert answer.status_code == 303, text_of(answer)
    assert version_of(waiting) == before + 1
    actor = _entry(sign_in("owner"), Form.objects.get(pk=row.pk).entry)["actor"]
    people = {email: str(Person.objects.get(email=email).id) for email in (EMPLOYER, SECOND)}
    assert (actor["person"], actor["drafted_by"]) == (people[SECOND], people[EMPLOYER])
    assert (actor["factor"], actor["drafter_factor"]) == ("totp", "totp")
    assert actor["proved_at"] >= actor["drafter_proved_at"]
    assert "Rekaan" not in json.dumps(actor)
    row.refresh_from_db()
    assert (row.state, row.kept, row.performer_id) == ("done", None, UUID(people[SECOND]))
    settled = text_of(first.get(where))
    assert "Kedua Rekaan" in settled
    assert f'<a href="/meja/{waiting}">perkara ini</a>' in settled
    assert text_of(second.get(answer["Location"])).count(str(Form.objects.get(pk=row.pk).entry))
    assert signed_in(ELSEWHERE).get(where).status_code == 404, "another agency's"
    history = text_of(first.get(f"/perkara/{waiting}"))
    assert "oleh Kedua Rekaan di meja, dirancang Dodi Rekaan" in history
    proved = r"Membuktikan diri: kode dari aplikasi, [^;<]+ WIB; perancang: kode dari aplikasi, [^;<]+ WIB<"
    assert re.search(proved, history)
    auditors = text_of(signed_in(AUDITOR).get(f"/perkara/{waiting}"))
    assert re.search(proved, auditors), "an auditor knows how they signed in"
    assert "oleh seorang petugas di meja" in auditors
    assert "Kedua Rekaan" not in auditors
    again = performed(second, where, "x")
    assert (again.status_code, again["Location"]) == (303, f"{answer['Location']}?lagi=1")


def test_nobody_performs_alone_whatever_they_send(waiting: str) -> None:
    first, second = signed_in(EMPLOYER), signed_in(SECOND)
    ticket, before = form_at(first, waiting), version_of(waiting)
    where = sent(first, waiting, ACKNOWLEDGE, ticket=ticket, step="draft")["Location"]
    theirs = seal_of(text_of(second.get(where)))
    assert "_seal" not in text_of(first.get(where)), "who drafted it is offered no button to record it"
    row, me = Draft.objects.get(casefile=waiting), Person.objects.get(email=EMPLOYER)
    mine = signing.dumps([str(row.pk), me.user_id, before], salt=drafts.SALT)
    assert performed(first, where, mine).status_code == 403
    assert performed(signed_in(EMPLOYER), where, mine).status_code == 403, "a second session is the same person"
    assert performed(first, where, theirs).status_code == 400, "another person's page"
    assert performed(second, where, theirs[:-2] + "xx").status_code == 400
    assert decides(two=False) == 200
    assert performed(first, where, mine).status_code == 403, "the policy was switched off in between"
    answer = sent(first, waiting, ACKNOWLEDGE, ticket=ticket, step="confirm")
    assert answer.status_code == 409, "the form became a draft"
    assert "sudah menjadi rancangan" in text_of(answer)
    assert version_of(waiting) == before
    assert performed(second, where, theirs).status_code == 303, "a colleague performs it all the same"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Draft.objects.filter(casefile=waiting).update(performer=None)


def test_two_who_perform_at_once_are_one_act(waiting: str) -> None:
    where, before = drafted(signed_in(EMPLOYER), waiting), version_of(waiting)
    browsers = [(one, seal_of(text_of(one.get(where)))) for one in (signed_in(SECOND), signed_in(THIRD))]
    begin = threading.Barrier(2)

    def press(browser: tuple[Client, str]) -> tuple[int, str]:
        begin.wait(60)
        try:
            answer = performed(browser[0], where, browser[1])
            return answer.status_code, answer.headers.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as presses:
        answers = list(presses.map(press, browsers))
    assert version_of(waiting) == before + 1
    assert sum("tanda-terima" in where for _, where in answers) == 1, answers
    assert {status for status, _ in answers} <= {302, 303, 409, 412}


def test_a_casefile_that_moved_on_is_told_with_the_difference(waiting: str) -> None:
    first, second, third = (signed_in(email) for email in (EMPLOYER, SECOND, THIRD))
    where = drafted(first, waiting)
    stale = seal_of(text_of(second.get(where)))
    said = {"code": "team_formed", "date": "31 Oktober 2024", "text": "Tim sudah dibentuk."}
    note = sent(third, waiting, said, ticket=form_at(third, waiting, "note"), step="draft", act="note")
    assert note.status_code == 303, text_of(note)
    assert performed(first, note["Location"]).status_code == 303
    answer = performed(second, where, stale)
    assert answer.status_code == 412
    assert "Sejak dirancang, perkara ini berubah" in text_of(answer)
    assert "dirancang Ketiga Rekaan" in text_of(answer)
    assert performed(second, where, seal_of(text_of(answer))).status_code == 303


def test_a_draft_is_sent_back_mended_and_withdrawn(waiting: str) -> None:
    first, second = signed_in(EMPLOYER), signed_in(SECOND)
    where = drafted(first, waiting)
    seal = seal_of(text_of(second.get(where)))
    assert second.post(where, {"_step": "return", "remark": " "}).status_code == 422
    assert first.post(where, {"_step": "return", "remark": "ya"}).status_code == 409
    assert second.post(where, {"_step": "withdraw"}).status_code == 409
    assert second.post(where, {"_step": "mend"}).status_code == 409
    remark = "Jabatannya <b>keliru</b>"
    assert second.post(where, {"_step": "return", "remark": remark}).status_code == 303
    assert b"keliru" not in bytes(Draft.objects.get(casefile=waiting).remark or b"")
    page = text_of(first.get(where))
    assert "Jabatannya &lt;b&gt;keliru&lt;/b&gt;" in page
    assert "dikembalikan kepada Anda" in text_of(first.get("/meja"))
    assert where not in text_of(second.get("/meja"))
    assert performed(second, where, seal).status_code == 409, "who sent it back performs it no more"
    form = first.post(where, {"_step": "mend"})
    assert form.status_code == 302
    shown = text_of(first.get(form["Location"]))
    assert "Rina Rekaan" in shown
    again = first.post(
        urlsplit(form["Location"]).path,
        {**paper_forms.controls(shown), "received_by.position": "Wali", "_step": "draft"},
    )
    assert again.status_code == 303
    assert again["Location"] != where
    assert performed(second, where, seal).status_code == 409, "the old one was withdrawn"
    assert "Ditarik kembali oleh perancangnya" in text_of(second.get(where))
    assert first.post(again["Location"], {"_step": "withdraw"}).status_code == 303
    assert "Ditarik kembali" in text_of(second.get(again["Location"]))


def test_a_draft_expires_and_is_forgotten(waiting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = signed_in(EMPLOYER), signed_in(SECOND)
    where = drafted(first, waiting)
    seal, before = seal_of(text_of(second.get(where))), version_of(waiting)
    monkeypatch.setattr(register_time, "ahead", lambda: drafting.LIVES + timedelta(minutes=1))
    answer = performed(second, where, seal)
    assert answer.status_code == 409
    assert "sudah kedaluwarsa" in text_of(answer)
    assert where not in text_of(first.get("/meja"))
    assert version_of(waiting) == before
    assert drafting.forget_old(now=timezone.now() + register_time.ahead()) >= 1
    assert Draft.objects.get(casefile=waiting).kept is None


def test_who_has_ended_lends_nobody_a_second_pair_of_eyes(waiting: str) -> None:
    where = drafted(signed_in(THIRD), waiting)
    second = signed_in(SECOND)
    seal = seal_of(text_of(second.get(where)))
    manager, third = signed_in(MANAGER), str(Person.objects.get(email=THIRD).id)
    assert manager.post("/orang", {"role_of": third}).status_code == 200
    answer = performed(second, where, seal)
    assert answer.status_code == 409
    assert "Perancangnya bukan petugas instansi Anda lagi" in text_of(answer)
    assert signed_in(THIRD).get(where).status_code == 403
    assert manager.post("/orang", {"role_of": third}).status_code == 200
    assert performed(second, where, seal).status_code == 303


def test_a_finding_is_drafted_by_one_and_forwarded_by_another(cases: tuple[str, list[str], UUID]) -> None:
    first, second = signed_in(SUPERVISOR), signed_in(BESIDE)
    assert decides(two=True, manager="pengelola@bawaslu-padang.example") == 200
    shown = first.get("/meja/temuan")
    answer = first.post("/meja/temuan", {**typed(cases[2]), "_ticket": ticket_of(shown), "_step": "confirm"})
    assert answer.status_code == 303, text_of(answer)
    assert "/rancangan/" in answer["Location"]
    before = Casefile.objects.count()
    assert "Temuan baru" in text_of(second.get("/meja"))
    done = performed(second, answer["Location"])
    assert done.status_code == 303, text_of(done)
    assert Casefile.objects.count() == before + 2, "it names two officers"
    assert second.get(done["Location"]).status_code == 200


def test_a_manager_decides_by_an_entry_and_nobody_else(sign_in: Owner) -> None:
    manager = Person.objects.get(email=MANAGER)
    assert decides(two=True) == 400, "it is so already"
    assert decides(two=False) == 200
    assert not FourEyes.objects.filter(agency=manager.agency_id).exists()
    assert signed_in(EMPLOYER).post("/orang", {"four_eyes": "two"}).status_code == 403
    assert decides(two=True) == 200
    page = text_of(signed_in(MANAGER).get("/orang"))
    assert "Sekarang: menyala sejak" in page
    assert "Empat mata memerlukan dua petugas" not in page
    bodies = [json.loads(bytes(one.body)) for one in Entry.objects.filter(stream=manager.id).order_by("seq")]
    assert [body["kind"] for body in bodies][-2:] == ["person.wants_one", "person.wants_two"]
    assert bodies[-1]["actor"]["client"] == "console"
    assert "Rekaan" not in json.dumps(bodies)
    for statement in ("DELETE FROM people_foureyes", "INSERT INTO people_foureyes DEFAULT VALUES"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sign_in("console").execute(statement)
    assert kept.decrypted(b"no content") is None


def test_a_manager_is_told_that_one_officer_alone_can_record_nothing(policy: None) -> None:
    manager = Person.objects.get(email=MANAGER)
    officers = Person.objects.filter(agency=manager.agency_id, role="officer", ended_at=None)
    assert officers.count() > 1
    for one in officers.exclude(pk=officers.order_by("pk")[0].pk):
        assert signed_in(MANAGER).post("/orang", {"end_now": str(one.id)}).status_code == 200
    page = text_of(signed_in(MANAGER).get("/orang"))
    assert "petugas aktif instansi Anda: 1" in page
