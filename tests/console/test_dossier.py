"""The dossier of one case: a PDF that the compiler holds to its standards, whose attachment `lintas-verify` accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from audit.models import Access
from audit.verify import pdf
from audit.verify.report import CannotDecide
from casefiles import nip
from casefiles.flow import State
from casefiles.models import Casefile, Payload
from console.exports import dossier
from console.models import Export
from people import sandbox
from tests import desk_acts
from tests.audit.verify.logs import at_its_word, verify
from tests.conftest import Copies, using
from tests.console.conftest import AUDITOR, EMPLOYER, signed_in
from tests.console.exporting import _folder, taken, work  # noqa: F401 - a fixture
from tests.factories import casefile_at, recorded_at_once
from tests.sequencing import Sequencing
from tests.signing_in import as_role
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Ground:
    """A register whose log is as it should be: its database, its key, and a closed casefile.

    An officer acknowledged the recommendation at the desk.
    """

    database: str
    vkey: str
    case: str
    officer: str


@pytest.fixture(scope="module")
def ground(copies: Copies, world: World, django_db_setup: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    name = copies.make(world.template)
    with django_db_blocker.unblock(), using(name), recorded_at_once():
        log = Sequencing()
        story, officer = casefile_at(State.RECOMMENDED), desk_acts.invited()
        desk_acts.acknowledged(desk_acts.acting(officer), story)
        for act in ("report-sanction", "record-delivery", "close"):
            story.do(act)
        log()
        with as_role(copies, "owner"):
            sandbox.seed([], now=timezone.now())
    yield Ground(name, str(log.signer.vkey), str(story.casefile), str(officer))
    copies.drop(name)


@pytest.fixture
def _own_database(copies: Copies, ground: Ground, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    name = copies.make(ground.database)
    with django_db_blocker.unblock(), as_role(copies, "console"), using(name):
        yield
        connections.close_all()
    copies.drop(name)


def asked(person: Client, path: str) -> str:
    answer = person.post(path)
    assert answer.status_code == 302, answer.content[:2_000]
    return str(answer.headers["Location"])


def saved(person: Client, page: str, tmp_path: Path) -> Path:
    file = tmp_path / f"{page.rsplit('/', 1)[1]}.pdf"
    file.write_bytes(taken(person, page))
    return file


def test_a_dossier_is_verified_with_what_it_holds(ground: Ground, copies: Copies, tmp_path: Path) -> None:
    case = ground.case
    auditor, employer = signed_in(AUDITOR), signed_in(EMPLOYER)
    plain, whole = asked(auditor, f"/perkara/{case}/unduh"), asked(auditor, f"/perkara/{case}/unduh/isi")
    theirs = asked(employer, f"/perkara/{case}/unduh")
    work(copies)
    files = {name: saved(person, page, tmp_path) for name, person, page in (
        ("plain", auditor, plain), ("whole", auditor, whole), ("theirs", employer, theirs),
    )}  # fmt: skip
    versions = Casefile.objects.get(pk=case).version
    facts: Any = Payload.objects.get(casefile=UUID(case), seq=versions).facts
    number = facts["subject"]["nip"]
    for name, file in files.items():
        content = file.read_bytes()
        assert b"pdfuaid:part" in content or b"pdfuaid" in content, "it says that it is PDF/UA"
        assert b"pdfaid" in content, "and PDF/A"
        said = verify("case", file, *at_its_word(ground.vkey))
        assert (said.exit, said.codes) == (0, set()), said.said
        assert said.said["checked"]["versions"] == versions
        opened = said.said["checked"].get("contents", 0)
        assert opened + (said.notes.get("content-withheld") or 0) == versions
        assert (opened > 0) is (name == "whole")
        told = json.dumps(pdf.attached(file))
        assert (number in told) is (name == "whole")
        assert ground.officer in told, "what proves that they might act"
        assert desk_acts.NAME not in told
    # One row of the record for each, the opening of content by its own name, written before anybody had the file.
    routes = list(Access.objects.filter(route__startswith="console:/unduhan/berkas").values_list("route", flat=True))
    assert sorted(routes) == ["console:/unduhan/berkas", "console:/unduhan/berkas", "console:/unduhan/berkas/isi"]
    export = Export.objects.get(pk=plain.rsplit("/", 1)[1])
    assert export.digest != export.sha256
    # Somebody changes what is attached.
    forged = tmp_path / "forged.json"
    said_of = pdf.attached(files["whole"])
    said_of["versions"][1]["transition"]["agency"] = "pemkot-padang"
    forged.write_text(json.dumps(said_of))
    assert verify("case", forged, *at_its_word(ground.vkey)).exit == 1


def test_content_is_opened_only_for_who_has_just_proved_who_they_are(ground: Ground) -> None:
    auditor = signed_in(AUDITOR)
    path = f"/perkara/{ground.case}/unduh"
    assert auditor.get(path).status_code == auditor.get(f"{path}/isi").status_code == 200
    session = auditor.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 1.0}]
    session.save()
    answer = auditor.post(f"{path}/isi")
    assert answer.status_code == 302
    assert "/unduhan/" not in answer.headers["Location"]
    assert signed_in(EMPLOYER).post(f"{path}/isi").status_code == 403, "to open a version whole is the auditors' right"
    assert auditor.post("/unduhan", {"kind": "casefile", "format": "pdf", "opens_content": "1"}).status_code == 400
    assert not Export.objects.exists()


def test_an_erased_case_has_no_dossier(ground: Ground, copies: Copies, owner_connection: psycopg.Connection) -> None:
    auditor, case = signed_in(AUDITOR), ground.case
    asked(auditor, f"/perkara/{case}/unduh")
    owner_connection.execute("ALTER TABLE casefiles_payload DISABLE TRIGGER USER")
    owner_connection.execute("UPDATE casefiles_payload SET facts = NULL WHERE casefile_id = %s", [case])
    work(copies)
    assert Export.objects.get().fault == "erased"


@pytest.mark.parametrize(
    "name",
    ["#set page(width: 1pt)", "*tebal* _miring_ $x$ [a] <b>", "=cmd|'/c'!A1", "محمد علي", "\u202eterbalik",
     "中文😀\ufeff\x07", "\u0600" * 3, "x" * 200,
     # More of them than are looked for one by one, and then one that is not beyond Latin.
     "".join(map(chr, range(0x4E00, 0x4E30))) + "\x80"],
)  # fmt: skip
def test_a_name_is_text_on_paper(name: str) -> None:
    """Typst would set markup; it is given data. What no font has is told by its number."""
    part = {"title": name, "note": "", "facts": [[name, name]], "heads": [], "rows": [], "widths": [], "items": []}
    data: dict[str, Any] = {
        "title": name, "author": name, "person": name, "footer": name, "lang": "id", "state": name,
        "head": [[name, name]], "parts": [part], "words": {"attachment": "x"},
    }  # fmt: skip
    made = dossier.compiled(data, b"{}")
    assert made.startswith(b"%PDF-")
    assert b"/Count 1" in made or len(made) > 5_000


def test_what_is_no_dossier_is_refused_with_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "other.pdf"
    file.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Length 3 >>\nstream\nabc\nendstream\nendobj\n")
    with pytest.raises(CannotDecide, match="holds 0 files"):
        pdf.attached(file)
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode >>\nstream\n"
    for rest, why in ((b"abc\nendstream", "cannot be unpacked"), (b"x\x9c", "cut off")):
        file.write_bytes(head + rest)
        with pytest.raises(CannotDecide, match=why):
            pdf.attached(file)
    file.write_bytes(head.replace(b" /Filter /FlateDecode", b"") + b"no json\nendstream")
    with pytest.raises(CannotDecide, match="no JSON"):
        pdf.attached(file)
    assert verify("case", file, *at_its_word("lintas.example/log/1+00000000+AAAA")).exit == 2
    assert nip.masked("198501012010011001")[4:16] == "*" * 12


@pytest.mark.parametrize(
    "name", ["Ana\u1ab0 a\u0325\u1ab0", "e\u20e3", "\U00013000\ufffe\x07", "".join(map(chr, range(0x12000, 0x12040)))]
)
def test_no_name_stops_a_dossier(name: str) -> None:
    """Of a letter with a mark that no font has, the compiler names the letter."""
    data = {
        "title": "LTS/2024/1", "author": name, "person": name, "footer": "", "lang": "id", "state": name,
        "head": [["Terlapor", name]], "parts": [], "words": {"attachment": ""},
    }  # fmt: skip
    assert dossier.compiled(data, b"{}").startswith(b"%PDF-")
