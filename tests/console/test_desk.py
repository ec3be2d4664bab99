"""The desk: what waits, acts in forms made of the flow's table, once and only as the rules allow."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker, Settings

from audit import receipts
from casefiles import flow
from casefiles.flow import State
from casefiles.flow.given import Act
from casefiles.models import Casefile, Document
from casefiles.shapes import Date, Doc, Items, NotAfterToday, Text
from console import words
from console.desk import kept
from console.models import Form
from contents import sealing
from contents.models import Content
from tests import factories
from tests.audit.verify.logs import verify
from tests.conftest import Copies, using
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.signing_in import as_role, with_a_desk

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])

ACKNOWLEDGE = {
    "received_on": "30 Oktober 2024",
    "received_by.name": "Rina Rekaan",
    "received_by.position": "Kepala BKPSDM",
}


@pytest.fixture(scope="module")
def cases(
    copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[str, list[str], str]]:
    """A database of this module's own, and casefiles that wait for the city's acknowledgement."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        waiting = [str(factories.casefile_at(State.RECOMMENDED).row.pk) for _ in range(10)]
        asked = str(factories.casefile_at(State.IDENTITY_REQUESTED).row.pk)
    yield name, waiting, asked
    copies.drop(name)


@pytest.fixture
def _own_database(
    copies: Copies, cases: tuple[str, list[str], str], django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Pages read as the console, acts are stored as the desk, each over a connection of its own."""
    with django_db_blocker.unblock(), as_role(copies, "console"), using(cases[0]), with_a_desk(copies):
        yield


@pytest.fixture
def officer(db: None) -> Client:
    return signed_in(EMPLOYER)


@pytest.fixture
def waiting(cases: tuple[str, list[str], str]) -> str:
    """A casefile that nobody has acted on yet."""
    return cases[1].pop()


def ticket_of(response: Any) -> str:
    found = re.search(r'name="_ticket" value="([^"]+)"', text_of(response))
    assert found is not None, text_of(response)[:3000]
    return unescape(found[1])


def form_at(officer: Client, case: str, act: str = "acknowledge") -> str:
    return ticket_of(officer.get(f"/meja/{case}/{act}"))


def sent(
    officer: Client, case: str, typed: Mapping[str, Any], *, ticket: str, step: str, act: str = "acknowledge"
) -> Any:
    return officer.post(f"/meja/{case}/{act}", {**typed, "_ticket": ticket, "_step": step})


def version_of(case: str) -> int:
    version: int = Casefile.objects.values_list("version", flat=True).get(pk=case)
    return version


# -- what waits -------------------------------------------------------------------------------------------------------


def test_the_inbox_shows_what_waits_and_for_how_long(
    officer: Client, waiting: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page = text_of(officer.get("/meja"))
    assert f"/meja/{waiting}" in page
    assert "Mengakui penerimaan rekomendasi" in page
    assert re.search(r"\d+ hari lagi|lewat \d+ hari|hari ini", page)
    with django_assert_num_queries(10):
        officer.get("/meja")


def test_the_inbox_says_what_would_be_there(db: None, arranged: Arranged) -> None:
    examiner = signed_in(EXAMINER)
    assert examiner.get("/meja").status_code == 403
    assert signed_in(AUDITOR).get("/meja").status_code == 403


# -- an act -----------------------------------------------------------------------------------------------------------


def test_an_act_is_checked_confirmed_and_done_once(
    officer: Client, waiting: str, sign_in: Callable[[str], psycopg.Connection], tmp_path: Path
) -> None:
    ticket = form_at(officer, waiting)
    before = version_of(waiting)
    summary = sent(officer, waiting, ACKNOWLEDGE, ticket=ticket, step="check")
    assert summary.status_code == 200
    assert "Menunggu hukuman" in text_of(summary)
    assert "30 Oktober 2024" in text_of(summary)
    assert version_of(waiting) == before, "what was only tried stored nothing"
    answers = [sent(officer, waiting, ACKNOWLEDGE, ticket=ticket, step="confirm") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[1]["Location"] == f"{answers[0]['Location']}?lagi=1"
    assert version_of(waiting) == before + 1
    receipt = text_of(officer.get(answers[0]["Location"]))
    stored = Form.objects.get(casefile=waiting, done_at__isnull=False)
    assert str(stored.entry) in receipt
    assert stored.kept is None
    body = _entry(sign_in("owner"), stored.entry)
    person = str(body["actor"]["person"])
    assert body["actor"] == {
        "party": "addressee", "agency": "pemkot-padang", "client": f"person:{person}", "key": None, "person": person,
        "factor": "totp", "proved_at": body["actor"]["proved_at"],
    }  # fmt: skip
    assert "Dodi" not in json.dumps(body)
    _receipt_is_accepted(officer, answers[0]["Location"], tmp_path)


def _receipt_is_accepted(officer: Client, where: str, folder: Path) -> None:
    """`lintas-verify receipt` finds the promise sound, and not redeemed yet; on paper it is a PDF."""
    (folder / "receipt.json").write_bytes(officer.get(f"{where}/receipt.json").content)
    key = receipts.signing_key()
    assert key is not None
    (folder / "jwks.json").write_text(json.dumps({"keys": [key.public]}))
    found = verify("receipt", folder / "receipt.json", "--jwks", folder / "jwks.json")
    assert found.codes == {"receipt-unredeemed"}, found.said
    paper = officer.get(f"{where}.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-1.7")
    receipt = json.loads((folder / "receipt.json").read_text())
    told = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages))
    assert f"/api/v1/log/entries?leaf_hash={receipt['leaf_hash']}" in told, "where its proof is, as the code beside it"
    assert receipt["entry"] in told
    assert signed_in(AUDITOR).get(f"{where}.pdf").status_code == 403


def _entry(owner: psycopg.Connection, entry: Any) -> dict[str, Any]:
    row = owner.execute("SELECT body FROM audit_entry WHERE uuid = %s", [entry]).fetchone()
    assert row is not None
    body: dict[str, Any] = json.loads(bytes(row[0]))
    return body


def test_an_act_that_ends_sight_has_its_receipt_all_the_same(
    officer: Client, cases: tuple[str, list[str], str]
) -> None:
    ticket = form_at(officer, cases[2], "disown")
    typed = {"reason.code": "not_ours"}
    answers = [sent(officer, cases[2], typed, ticket=ticket, step="confirm", act="disown") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert officer.get(f"/meja/{cases[2]}").status_code == 404
    assert officer.get(answers[0]["Location"]).status_code == 200
    assert officer.get(f"{answers[0]['Location']}.pdf").status_code == 200


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(officer: Client, waiting: str) -> None:
    typed = {**ACKNOWLEDGE, "received_on": "31 Februari 2024", "received_by.nip": "123", "received_by.name": ""}
    answer = sent(officer, waiting, typed, ticket=form_at(officer, waiting), step="check")
    page = text_of(answer)
    assert answer.status_code == 422
    for kept_value in ("31 Februari 2024", 'value="123"', "Kepala BKPSDM"):
        assert kept_value in page
    beside = re.findall(r'<a href="#(f-[a-z-]+)">', page)
    assert set(beside) >= {"f-received-on", "f-received-by-nip", "f-received-by-name"}


def test_a_second_tab_learns_that_the_casefile_moved_on(officer: Client, waiting: str) -> None:
    first, second = form_at(officer, waiting), form_at(officer, waiting)
    assert sent(officer, waiting, ACKNOWLEDGE, ticket=first, step="confirm").status_code == 303
    version = version_of(waiting)
    answer = sent(officer, waiting, ACKNOWLEDGE, ticket=second, step="confirm")
    page = text_of(answer)
    assert answer.status_code == 412
    assert "Sementara itu perkara ini berubah" in page
    assert "Rina Rekaan" in page
    assert "oleh Dodi Rekaan di meja" in page, "their own agency is told who it was"
    assert "oleh Dodi Rekaan di meja" in text_of(officer.get(f"/perkara/{waiting}"))
    other = text_of(signed_in(AUDITOR).get(f"/perkara/{waiting}"))
    assert "oleh seorang petugas di meja" in other
    assert "Dodi" not in other
    assert version_of(waiting) == version


def test_a_session_that_ended_keeps_what_was_typed_for_its_person(officer: Client, waiting: str) -> None:
    ticket = form_at(officer, waiting)
    stranger = Client()
    answer = sent(stranger, waiting, ACKNOWLEDGE, ticket=ticket, step="check")
    assert answer.status_code == 302
    assert "over=kept" in answer["Location"]
    row = Form.objects.get(casefile=waiting, kept__isnull=False)
    assert b"Rina" not in bytes(row.kept or b"")
    back = f"/meja/{waiting}/acknowledge?lanjut={row.pk}"
    assert "Rina Rekaan" in text_of(officer.get(back))
    assert kept.kept_for(row.user_id + 1, str(row.pk)) is None
    answer = sent(officer, waiting, ACKNOWLEDGE, ticket=ticket_of(officer.get(back)), step="confirm")
    assert answer.status_code == 303
    assert Form.objects.get(pk=row.pk).kept is None
    kept.keep(kept.opened(form_at(officer, waiting, "note")), {"text": ["…"]}, now=timezone.now() - kept.LIVES * 2)
    assert kept.forget_old(now=timezone.now()) == 1


def test_a_factor_that_was_given_long_ago_is_asked_for_again(officer: Client, waiting: str) -> None:
    ticket = form_at(officer, waiting)
    session = officer.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time() - 3600}]
    session.save()
    answer = sent(officer, waiting, ACKNOWLEDGE, ticket=ticket, step="confirm")
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == "/masuk/sekali-lagi"
    back = _query(answer["Location"])["next"]
    again = signed_in(EMPLOYER)
    assert "Rina Rekaan" in text_of(again.get(back))
    assert again.get(f"/meja/{waiting}").status_code == 200, "reading asks for nothing again"


def test_forms_that_come_together_are_one_act(officer: Client, waiting: str) -> None:
    ticket, before = form_at(officer, waiting), version_of(waiting)
    begin = threading.Barrier(4)

    def press(_: int) -> int:
        browser = Client()
        browser.cookies = officer.cookies
        begin.wait(30)
        try:
            return int(sent(browser, waiting, ACKNOWLEDGE, ticket=ticket, step="confirm").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as presses:
        assert list(presses.map(press, range(4))) == [303] * 4
    assert version_of(waiting) == before + 1


def test_a_page_asks_a_fixed_number_of_statements(
    officer: Client, waiting: str, arranged: Arranged, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for path, most in ((f"/meja/{waiting}", 9), (f"/meja/{waiting}/acknowledge", 10)):
        officer.get(path)
        with django_assert_num_queries(most):
            officer.get(path)


def test_a_decree_is_registered_while_the_form_waits(
    officer: Client, arranged: Arranged, tmp_path: Path, settings: Settings
) -> None:
    settings.LINTAS_CONTENTS = str(tmp_path / "contents")
    settings.LINTAS_CONTENTS_KEY_FILE = tmp_path / "contents.keys"
    (tmp_path / "contents").mkdir()
    sealing.draw_ring(settings.LINTAS_CONTENTS_KEY_FILE, name="first")
    case = arranged.cases[State.AWAITING_SANCTION]
    typed = {"sanction": "moral_open", "decision.number": "SK.800/12/2024"}
    ticket = form_at(officer, case, "report-sanction")
    waits = sent(officer, case, typed, ticket=ticket, step="document", act="report-sanction")
    assert waits.status_code == 302
    paper = {"type": "decision", "title": "Keputusan", "number": "SK.800/12/2024", **_query(waits["Location"])}
    where = urlsplit(waits["Location"]).path
    none = officer.post(where, {**paper, "file": SimpleUploadedFile("sk.pdf", b"MZ\x90 is no PDF")})
    assert none.status_code == 415
    assert Document.objects.filter(type="decision", number="SK.800/12/2024").count() == 0
    back = officer.post(where, {**paper, "sha256": "0" * 64, "file": SimpleUploadedFile("sk.pdf", PDF)})
    assert back.status_code == 302
    document = Document.objects.get(number="SK.800/12/2024")
    assert (document.sha256, document.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    content = Content.objects.using("desk").get(document=document.pk)
    assert (content.status, content.size) == ("quarantined", len(PDF))
    page = text_of(officer.get(back["Location"]))
    assert 'value="SK.800/12/2024"' in page
    assert f'<option value="{document.pk}" selected>' in page


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def _query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


# -- whatever a browser may send --------------------------------------------------------------------------------------


def test_forms_of_others_and_changed_ones_are_refused(officer: Client, waiting: str, arranged: Arranged) -> None:
    ticket = form_at(officer, waiting)
    other = arranged.cases[State.AWAITING_SANCTION]
    before = version_of(waiting), version_of(other)
    assert sent(officer, waiting, ACKNOWLEDGE, ticket=ticket[:-2] + "xx", step="confirm").status_code == 400
    assert sent(officer, waiting, ACKNOWLEDGE, ticket="", step="confirm").status_code == 400
    assert sent(officer, other, ACKNOWLEDGE, ticket=ticket, step="confirm").status_code == 400
    assert sent(officer, waiting, ACKNOWLEDGE, ticket=ticket, step="confirm", act="dispute").status_code == 400
    added = sent(officer, waiting, {**ACKNOWLEDGE, "received_by.rank": "1"}, ticket=ticket, step="confirm")
    assert added.status_code == 422
    assert officer.get(f"/meja/{uuid4()}/acknowledge").status_code == 404
    assert officer.get(f"/meja/{arranged.cases[State.UNDER_EXAMINATION]}/accept").status_code == 404
    assert officer.get(f"/meja/{waiting}/escalate").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = officer.cookies
    assert sent(strict, waiting, ACKNOWLEDGE, ticket=ticket, step="confirm").status_code == 403
    assert (version_of(waiting), version_of(other)) == before


# -- a new row needs no line of the console's -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word that is given on a day."""

    said_on: Annotated[Date, NotAfterToday(), Doc(id="Hari diucapkan", en="Day on which it was said")]
    word: Annotated[str, Text(40), Doc(id="Kata sandi rapat", en="Password of the meeting")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting(Act):
    """What a row that nobody has thought of yet may take."""

    words: Annotated[tuple[Word, ...], Items(1, 3), Doc(id="Kata", en="Words")]
    loud: Annotated[bool, Doc(id="Keras?", en="Loud?")]


def test_a_new_row_of_the_flow_is_on_the_desk(officer: Client, waiting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = flow.Transition(
        name="greet", source=flow.OPEN, target=flow.Target.SAME, by=(flow.Party.ADDRESSEE,), article="Pasal 1",
        title_id="Menyapa", title_en="Greet", announces="casefile.greeted", takes=Greeting,
    )  # fmt: skip
    monkeypatch.setattr(flow, "FLOW", (*flow.FLOW, row))
    monkeypatch.setattr(flow, "ROWS", {**flow.ROWS, "greet": row})
    words._titles.cache_clear()
    assert "Menyapa" in text_of(officer.get(f"/meja/{waiting}"))
    shown = officer.get(f"/meja/{waiting}/greet")
    for question in ("Hari diucapkan", "Kata sandi rapat", "Keras?", "Tambah satu lagi: Kata"):
        assert question in text_of(shown)
    typed = {"words.0.said_on": "1 Nov 2026", "words.0.word": "halo", "loud": "true"}
    ticket = ticket_of(shown)
    grown = officer.post(f"/meja/{waiting}/greet", {**typed, "_ticket": ticket, "_grow": "words"})
    assert 'name="words.1.word"' in text_of(grown)
    typed |= {"words.2.word": "hai", "words.2.said_on": "besok"}
    wrong = sent(officer, waiting, typed, ticket=ticket, step="confirm", act="greet")
    assert wrong.status_code == 422
    assert 'id="f-words-1-said-on"' in text_of(wrong)
    assert re.findall(r'<a href="#(f-[a-z0-9-]+)">', text_of(wrong)) == ["f-words-1-said-on"]
    typed["words.2.said_on"] = "2/11/2026"
    assert sent(officer, waiting, typed, ticket=ticket, step="confirm", act="greet").status_code == 303
    words._titles.cache_clear()
