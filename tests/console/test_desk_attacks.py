"""What a browser may send to the desk besides what its forms ask for: refused in words, nothing lost or doubled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, get_args
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psycopg
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from api.contract import problem_catalogue, reasons
from api.http import bodies, problems
from casefiles import flow, register_time
from casefiles.catalogue import book
from casefiles.flow import State
from casefiles.flow.finding import FindingGiven
from casefiles.flow.given import Act
from casefiles.intake.documents import Descriptor
from casefiles.models import Document
from casefiles.shapes import Doc, Items, Text
from console.desk import acting, days, forms, kept, plain, wording
from console.http import PAPER_AT_MOST
from console.models import Form
from tests import factories
from tests.conftest import Copies, using
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.console.test_desk import ACKNOWLEDGE, PDF, _entry, form_at, sent, version_of
from tests.signing_in import as_role, with_a_desk

database = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
OTHER_OFFICER = "petugas@bkn.example"


@pytest.fixture(scope="module")
def cases(copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, list[str]]]:
    """A database of this module's own, and casefiles that wait for the city's acknowledgement."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        waiting = [str(factories.casefile_at(State.RECOMMENDED).row.pk) for _ in range(3)]
    yield name, waiting
    copies.drop(name)


@pytest.fixture
def _own_database(copies: Copies, cases: tuple[str, list[str]], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(cases[0]), with_a_desk(copies):
        yield


@pytest.fixture
def officer(db: None) -> Client:
    return signed_in(EMPLOYER)


@pytest.fixture
def waiting(cases: tuple[str, list[str]]) -> str:
    return cases[1][0]


# -- who sends it -----------------------------------------------------------------------------------------------------


@database
def test_readers_and_managers_reach_no_address_of_the_desk(cases: tuple[str, list[str]]) -> None:
    case = cases[1][0]
    ticket = form_at(signed_in(EMPLOYER), case)
    for email in (AUDITOR, EXAMINER):
        other = signed_in(email)
        for path in (
            "/meja", f"/meja/{case}", f"/meja/{case}/acknowledge", f"/meja/{case}/dokumen", "/meja/temuan",
            "/meja/temuan/dokumen", f"/meja/tanda-terima/{uuid4()}", f"/meja/tanda-terima/{uuid4()}.pdf",
        ):  # fmt: skip
            assert other.get(path).status_code == 403, path
            assert other.post(path, {**ACKNOWLEDGE, "_ticket": ticket, "_step": "confirm"}).status_code == 403, path
    stranger = signed_in(OTHER_OFFICER)
    answer = sent(stranger, case, ACKNOWLEDGE, ticket=ticket, step="confirm")
    assert answer.status_code == 400, "another person's ticket"


@database
def test_an_old_page_of_ones_own_is_refused_and_what_was_typed_is_there(officer: Client, waiting: str) -> None:
    ticket, before = form_at(officer, waiting), version_of(waiting)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = officer.cookies
    answer = sent(strict, waiting, ACKNOWLEDGE, ticket=ticket, step="confirm")
    assert answer.status_code == 403
    assert version_of(waiting) == before
    found = re.search(r'href="([^"]+\?lanjut=[0-9a-f-]{36})"', text_of(answer))
    assert found is not None, text_of(answer)
    assert "Rina Rekaan" in text_of(officer.get(found[1]))
    # Somebody else's page in this browser: nothing of it is kept.
    other = form_at(officer, waiting)
    strict.cookies = signed_in(OTHER_OFFICER).cookies
    answer = sent(strict, waiting, ACKNOWLEDGE, ticket=other, step="confirm")
    assert answer.status_code == 403
    assert "lanjut=" not in text_of(answer)
    assert not Form.objects.filter(pk=kept.opened(other).form).exists()
    assert sent(strict, waiting, ACKNOWLEDGE, ticket="no ticket", step="confirm").status_code == 403


@database
def test_a_person_who_sends_too_much_waits_and_loses_nothing(officer: Client, waiting: str, settings: Settings) -> None:
    settings.LINTAS_DESK_RATE_PER_SECOND, settings.LINTAS_DESK_BURST = 0.001, 2
    ticket, before = form_at(officer, waiting), version_of(waiting)
    answers = [sent(officer, waiting, ACKNOWLEDGE, ticket=ticket, step="check") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Terlalu banyak kiriman dari Anda" in text_of(answers[2])
    assert 'value="Rina Rekaan"' in text_of(answers[2])
    paper = {"type": "decision", "title": "Keputusan", "file": SimpleUploadedFile("a.pdf", PDF)}
    assert officer.post(f"/meja/{waiting}/dokumen", paper).status_code == 302, "papers are counted apart"
    assert sent(signed_in(EMPLOYER), waiting, ACKNOWLEDGE, ticket=ticket, step="confirm").status_code == 429, (
        "another session of the same person"
    )
    assert version_of(waiting) == before


@database
@pytest.mark.parametrize("fault", [InterfaceError("connection already closed"), OperationalError("server closed")])
def test_a_lost_connection_is_told_beside_the_form_and_nothing_is_lost(
    officer: Client, waiting: str, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    ticket, before = form_at(officer, waiting), version_of(waiting)

    def lost(*_: object, **__: object) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(acting, "sight_and_lock", lost)
        answers = [sent(officer, waiting, ACKNOWLEDGE, ticket=ticket, step=step) for step in ("check", "confirm")]
    for answer in answers:
        assert answer.status_code == 503
        assert "Sekarang belum dapat dicatat" in text_of(answer)
        assert 'value="Rina Rekaan"' in text_of(answer)
    assert version_of(waiting) == before
    assert sent(officer, waiting, ACKNOWLEDGE, ticket=ticket, step="check").status_code == 200


@database
def test_a_desk_without_a_connection_says_that_it_is_closed(officer: Client, waiting: str, settings: Settings) -> None:
    settings.LINTAS_DESK_IS_OPEN = False
    for path in (f"/meja/{waiting}/acknowledge", f"/meja/{waiting}/dokumen"):
        for answer in (officer.get(path), officer.post(path, ACKNOWLEDGE)):
            assert answer.status_code == 503
            assert "Meja tertutup" in text_of(answer)
    assert officer.get("/meja").status_code == 200


@database
def test_a_form_of_half_a_megabyte_comes_back_and_a_larger_one_is_named(officer: Client, waiting: str) -> None:
    typed = {**ACKNOWLEDGE, "received_by.position": "x" * 500_000}
    answer = sent(officer, waiting, typed, ticket=form_at(officer, waiting), step="check")
    assert answer.status_code == 422
    assert "x" * 500_000 in text_of(answer)
    typed["received_by.position"] *= 3
    answer = sent(officer, waiting, typed, ticket=form_at(officer, waiting), step="check")
    assert answer.status_code == 413
    assert "paling besar 1 MB" in text_of(answer)
    large = {"file": SimpleUploadedFile("sk.pdf", b"%PDF-1.7\n" + b"0" * PAPER_AT_MOST)}
    answer = officer.post(f"/meja/{waiting}/dokumen", large)
    assert answer.status_code == 413
    assert "paling besar 50 MB" in text_of(answer)
    assert answer["Content-Type"].startswith("text/html")


@database
def test_an_act_in_a_sandbox_that_was_moved_on_names_a_factor_of_its_day(
    officer: Client,
    cases: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    sign_in: Any,
) -> None:
    case = cases[1][2]
    officer.get(f"/meja/{case}")  # its first reading is dated by the database, which knows of no other time here
    monkeypatch.setattr(register_time, "ahead", lambda: timedelta(days=30))
    answer = sent(officer, case, ACKNOWLEDGE, ticket=form_at(officer, case), step="confirm")
    assert answer.status_code == 303, text_of(answer)
    owner: psycopg.Connection[Any] = sign_in("owner")
    entry = _entry(owner, Form.objects.get(casefile=case, done_at__isnull=False).entry)
    proved, recorded = (datetime.fromisoformat(at) for at in (entry["actor"]["proved_at"], entry["recorded_at"]))
    assert abs(recorded - proved) < timedelta(minutes=15)


# -- papers -----------------------------------------------------------------------------------------------------------


@database
def test_a_paper_that_is_brought_twice_is_one_document(officer: Client, waiting: str) -> None:
    where = f"/meja/{waiting}/dokumen"
    paper = {"type": "decision", "title": "Keputusan", "number": "SK/1", "_act": "acknowledge", "_form": str(uuid4())}

    def brought(**changed: str) -> str:
        answer = officer.post(where, {**paper, **changed, "file": SimpleUploadedFile("198501012010011001.pdf", PDF)})
        assert answer.status_code == 302, text_of(answer)
        return parse_qs(urlsplit(answer["Location"]).query)["dokumen"][0]

    first = brought()
    assert brought() == first
    assert brought(title="Keputusan lain") != first
    assert brought(_form=str(uuid4())) != first
    assert Document.objects.filter(number="SK/1").count() == 3
    form = Form.objects.filter(transition=kept.PAPER).first()
    assert form is not None
    assert officer.get(f"/meja/tanda-terima/{form.pk}").status_code == 404
    # What stands in a hidden field goes into an address only where it is an id.
    answer = officer.post(where, {**paper, "_form": "198501012010011001", "file": SimpleUploadedFile("a.pdf", PDF)})
    assert "198501012010011001" not in answer["Location"]
    for nothing in (b"", b"MZ", b"%PD"):
        assert officer.post(where, {**paper, "file": SimpleUploadedFile("../a.pdf", nothing)}).status_code in {415, 422}


@database
def test_all_that_is_wrong_with_a_paper_is_told_at_once(officer: Client, waiting: str) -> None:
    where, before = f"/meja/{waiting}/dokumen", Document.objects.count()
    nothing = officer.post(where, {"title": "Keputusan"})
    wrong = officer.post(where, {"title": "Keputusan", "file": SimpleUploadedFile("sk.pdf", b"PK")})
    for answer, status, about in (
        (nothing, 422, "Pilih berkasnya: PDF, JPEG, atau PNG."),
        (wrong, 415, "Isi berkas ini bukan PDF, JPEG, atau PNG, apa pun namanya."),
    ):
        page = text_of(answer)
        assert answer.status_code == status
        assert page.count(about) == 2, "above, and beside the file"
        assert '<a href="#f-type">Jenis dokumen</a>: Ini wajib diisi.' in page, page
        assert 'value="Keputusan"' in page
        assert "Tidak ada yang tercatat." in page
    assert Document.objects.count() == before


@database
def test_a_day_that_cannot_be_is_answered_with_what_to_mend(officer: Client, waiting: str) -> None:
    for day, says in (("31 Februari 2026", "hari yang ada di kalender"), ("1/1/2090", "periksa tanggal dan tahunnya")):
        typed = {**ACKNOWLEDGE, "received_on": day}
        page = text_of(sent(officer, waiting, typed, ticket=form_at(officer, waiting), step="check"))
        assert page.count(says) == 2, "above, and beside the day"
        assert f'value="{day}"' in page


# -- what it says -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line."""

    text: Annotated[str, Text(40), Doc(id="Baris", en="Line")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Act):
    """A shape with a text and a list that takes two."""

    title: Annotated[str, Text(80), Doc(id="Judul", en="Title")]
    lines: Annotated[tuple[Line, ...], Items(1, 2), Doc(id="Baris", en="Lines")]


TECHNICAL = re.compile(r"[a-z]_[a-z]|^#|/api/|#/")


def drawn(typed: Mapping[str, list[str]], shape: type[Any] = Lines) -> forms.Form:
    return forms.form_of(shape, forms.Around(documents=(), zone="Asia/Jakarta", typed=typed))


def test_what_is_too_much_reaches_the_door_and_is_not_dropped() -> None:
    typed = {f"lines.{number}.text": [f"baris {number}"] for number in range(25)}
    body = drawn({**typed, "title": ["satu", "dua"]}).body()
    assert len(body["lines"]) == 25
    assert body["title"] == ["satu", "dua"], "two answers to one question are no answer"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "2024-11-06", "=1+1", "\u202eabc"])
def test_a_text_is_shown_as_it_was_typed(text: str) -> None:
    assert drawn({"title": [text]}).told() == [("Judul", text)]


def test_a_long_text_in_the_place_of_a_moment_is_not_read() -> None:
    for text in ("T" * 400_000, "1 " * 200_000, "6/11/2024" + " ," * 200_000):
        assert days.read_moment(text, zone="Asia/Jakarta") == text
        assert days.read(text) == text


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_question_has_words(language: str) -> None:
    shapes = [FindingGiven, Descriptor, *(row.takes for row in flow.FLOW if row.routed and row.takes)]
    technical: list[tuple[str, str, str]] = []
    with translation.override(language):
        for shape in shapes:
            for field in drawn({}, shape).fields():
                shown = [field.label, field.hint, *(label for _code, label in field.options)]
                technical += [(shape.__name__, field.name, text) for text in shown if TECHNICAL.search(text)]
                assert field.label != field.name.rpartition(".")[2], (shape, field.name)

    assert not technical, "\n".join(map(str, technical))


SPELLED = re.compile(
    r"\d{4}-\d\d|T\d\d:\d\d|YYYY|TTTT|\b(UUID|JSON|RFC|null|true|false|larik|array|byte|bytes|string|header|tajuk)\b"
    r"|[a-z]_[a-z]|#/"
)
WRONG = (
    "x", "-1", "31/2/2024", "1/1/1800", "1 Januari 2099 pukul 10.00", "9999-12-31T25:00:00Z", "198501012010011001",
    "x" * 6000, "a\ud800b", "00000000-0000-4000-8000-000000000000",
)  # fmt: skip


@pytest.mark.parametrize("language", get_args(plain.Language))
def test_no_refusal_of_a_form_is_spelled_for_programs(language: Literal["id", "en"]) -> None:
    """Every question of every form is answered wrongly in every way, and left out."""
    shapes = [FindingGiven, Descriptor, *(row.takes for row in flow.FLOW if row.routed and row.takes)]
    told: set[str] = set()
    now = datetime(2026, 11, 30, tzinfo=UTC)
    with translation.override(language):
        for shape in shapes:
            names = [field.name for field in drawn({}, shape).fields()]
            answers = ([], *([wrong] for wrong in WRONG), ["x", "y"])
            for typed in (*({name: list(answer) for name in names} for answer in answers), {"added": ["1"]}):
                told |= set(_refusals(shape, drawn(typed, shape).body(), now, language))
    assert len(told) > 25
    assert not [sentence for sentence in told if SPELLED.search(sentence)]
    for code, sentence in plain.AT_THE_DESK.items():
        assert code == "value-not-a-date" or not SPELLED.search(sentence[language]), code
    with translation.override(language):
        asked = {field.label for shape in shapes for field in drawn({}, shape).fields()}
    assert not [label for label in asked if re.search(r"YYYY|TTTT|[a-z]_[a-z]|`|POST|opened perkara|Daftarkan", label)]
    assert plain.LABELS.keys() <= {doc.id.partition(";")[0].strip() for _, doc in wording._members()}


def _refusals(shape: type[Any], body: Mapping[str, Any], now: datetime, language: Literal["id", "en"]) -> Iterator[str]:
    try:
        bodies.parse(shape, dict(body), catalogue=book.load(), now=now, time_zone="Asia/Jakarta")
    except problems.Problem as why:
        for item in why.in_language(language, instance="urn:x")["errors"]:
            yield wording.refused(item["code"], str(item["detail"]), language)


@pytest.mark.parametrize("language", get_args(plain.Language))
def test_no_refusal_names_a_route(language: Literal["id", "en"]) -> None:
    told: list[str] = [one[language] for found in yaml.safe_load(reasons.DATA.read_text()).values() for one in found]
    catalogue = problem_catalogue.load()
    told += [getattr(one, language) for one in catalogue.items.values()]
    told += [getattr(one.detail, language) for one in catalogue.kinds.values()]
    assert len(told) > 400
    for sentence in told:
        said = wording.for_people(sentence, language)
        assert said.strip(), sentence
        assert not re.search(r"/api/|\b(GET|POST|PUT) |/catalogue|\berrors\b", said), (sentence, said)


def test_technical_names_are_told_as_forms_call_them() -> None:
    told = wording.for_people(
        "Sertakan dokumen. Daftarkan dahulu lewat POST /api/v1/documents, lalu pakai id-nya.", "id"
    )
    assert told == "Sertakan dokumen. Daftarkan dahulu dokumen Anda sendiri dengan tombol “Daftarkan dokumen baru”."
    assert "report-sanction" not in wording.for_people("Perform report-sanction first.", "en")
    assert wording.for_people("The day lies before occurred_at.", "en") != "The day lies before occurred_at."
    assert wording.for_people("Recall the note first.", "en") == "Recall the note first."
    with translation.override("id"):
        told = wording.for_people("Hari ini (2024-10-30) mendahului #/received_on. Alasannya ada di errors.", "id")
    assert told == "Hari ini (30 Oktober 2024) mendahului “Tanggal diterima”."
