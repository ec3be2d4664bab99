"""What is held on whom no NIP finds: by their casefile, by a finding, or by a name, which two people may bear."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Access
from casefiles.flow import State
from casefiles.flow.finding import Subject
from casefiles.models import Payload
from casefiles.operations import officers
from tests import factories
from tests.factories import BKN, NIP, PEMKOT, casefile_at, known_subject
from tests.partner import Partner

pytestmark = pytest.mark.usefixtures("db", "world")

MAYOR = "Dr. H. Wali Rekaan, S.H."
PERIOD = {"since": "2024-01-01T00:00:00+07:00", "until": (datetime.now(UTC) + timedelta(days=1)).isoformat()}


class Asked:
    """Commands about somebody, and what they said and wrote."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys, self._count = folder, capsys, 0

    def export(self, **whom: Any) -> tuple[str, Any]:
        """What `export_subject` said, and the document, None where it wrote none."""
        return self._ran("export_subject", reference="DPO-2/2026", **whom)

    def readers(self, **whom: Any) -> Any:
        """The reads that `who_saw` found."""
        return self._ran("who_saw", **PERIOD, **whom)[1]["reads"]

    def named(self, name: str) -> Path:
        file = self._folder / f"name-{len(list(self._folder.iterdir()))}.txt"
        file.write_text(f"{name}\n", encoding="utf-8")
        return file

    def _ran(self, command: str, **options: Any) -> tuple[str, Any]:
        self._count += 1
        out = self._folder / f"{self._count}.json"
        call_command(command, out=out, **options)
        return self._capsys.readouterr().out, json.loads(out.read_text()) if out.exists() else None


@pytest.fixture
def asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(tmp_path, capsys)


def pick(said: str, numbers: str) -> str:
    """What to type for those lines of the list."""
    return f"{said.rpartition('--pick ')[2].partition(':')[0]}:{numbers}"


def test_the_subject_of_a_casefile_is_found_without_a_nip(asked: Asked) -> None:
    told = casefile_at(State.SUBMITTED)
    assert told.facts["subject"].get("nip") is None
    Partner(BKN).get(f"/casefiles/{told.casefile}")
    for whom in (told.row.number, str(told.casefile)):
        said, document = asked.export(casefile=whom)
        assert "Tanpa NIP" in said
        assert "Without a NIP" in said
        assert [case["number"] for case in document["casefiles"]] == [told.row.number]
        assert document["findings"][0]["subjects"][0]["name"] == told.facts["subject"]["name"]
    read = Access.objects.order_by("pk").last()
    assert read is not None
    assert (read.purpose, told.casefile in read.shown) == ("subject_request", True)
    seen = asked.readers(casefile=told.row.number)
    assert [one["agency"]["code"] for one in seen if one["route"] == "/casefiles/{id}"] == [BKN]


def test_a_nip_that_stands_in_the_casefile_finds_their_other_cases_too(asked: Asked) -> None:
    first = casefile_at(State.SUBMITTED, subjects=(known_subject(),))
    second = casefile_at(State.SUBMITTED, subjects=(known_subject(),))
    said, document = asked.export(casefile=first.row.number)
    assert "searched for as well" in said
    assert [case["number"] for case in document["casefiles"]] == [first.row.number, second.row.number]


def test_the_subjects_of_a_finding_are_listed_to_choose_from(asked: Asked) -> None:
    subjects = (Subject(name="Rekaan Satu", violations=(1,)), Subject(name="Rekaan Dua", violations=(1,)))
    told = casefile_at(State.SUBMITTED, subjects=subjects)
    said, nothing = asked.export(finding=str(told.row.finding_id))
    assert nothing is None
    assert said.count("terlapor / subject") == 2
    assert "Rekaan" not in said
    listed = Access.objects.order_by("pk").last()
    assert listed is not None
    assert (listed.client, len(listed.shown)) == ("manage.py export_subject", 2)
    _, document = asked.export(finding=str(told.row.finding_id), pick=pick(said, "2"))
    written = json.dumps(document)
    assert ("Rekaan Dua" in written, "Rekaan Satu" in written) == (True, False)


def test_an_official_without_a_nip_is_found_by_name_and_agency(asked: Asked) -> None:
    """However the name is written; and of the casefile of another nothing but what names them."""
    told = casefile_at(State.RECOMMENDED, subjects=(known_subject(),))
    receiver = factories.given("acknowledge").received_by
    told.do("acknowledge", received_by=type(receiver)(name=MAYOR, nip=None, position="Wali Kota"))
    other = casefile_at(State.SUBMITTED, subjects=(Subject(name="Wali Rekaan", employer=PEMKOT, violations=(1,)),))
    said, nothing = asked.export(name_file=asked.named("WALI REKAAN"), employer=PEMKOT)
    assert nothing is None
    assert "Nama yang sama bukan bukti orang yang sama" in said
    assert "no proof of the same person" in said
    lines = [line.split() for line in said.splitlines() if line[:4].strip().isdigit()]
    assert [(line[1], other.row.number in line or told.row.number in line) for line in lines] == [
        ("terlapor", True), ("pejabat", True),
    ]  # fmt: skip
    assert "Wali Kota" in said
    whom = {"name_file": asked.named("wali rekaan"), "employer": PEMKOT, "pick": pick(said, "2")}
    _, document = asked.export(**whom)
    assert document["casefiles"] == []
    (case,) = document["as_official"]
    assert case["number"] == told.row.number
    assert "#/given/received_by" in {fact["pointer"] for fact in case["facts"]}
    assert {fact["value"]["name"] for fact in case["facts"]} == {MAYOR}
    assert NIP not in json.dumps(document)
    assert all(told.row.number in read["shown"] for read in asked.readers(**whom))
    missed, _ = asked.export(name_file=asked.named("Wali Rekaan"), employer=PEMKOT)
    assert pick(missed, "1") == pick(said, "1")


def test_officials_of_zero_reports_and_officers_who_were_warned_are_found_by_name(asked: Asked) -> None:
    report, prevention = factories.zero_report(), factories.prevention()
    given: Any = Payload.objects.get(zero_report=report, seq=1).given
    said, _ = asked.export(name_file=asked.named(given["official"]["name"]), employer=PEMKOT)
    assert (said.count("laporan nihil / zero report"), str(report) in said) == (1, True)
    warned: Any = Payload.objects.get(prevention=prevention, seq=2).given
    said, _ = asked.export(name_file=asked.named(warned["name"]), employer=warned["employer"])
    assert str(prevention) in said
    _, document = asked.export(name_file=asked.named(warned["name"]), employer=warned["employer"], pick=pick(said, "1"))
    assert [one["id"] for one in document["preventions"]] == [str(prevention)]
    assert document["preventions"][0]["officers"][0]["name"] == warned["name"]


def test_what_is_asked_wrongly_says_what_to_type_in_both_languages(asked: Asked) -> None:
    one = casefile_at(State.SUBMITTED, subjects=(known_subject(name="Rekaan Kembar"),))
    casefile_at(State.SUBMITTED, subjects=(known_subject(name="Rekaan Kembar", nip="197203152001122003"),))
    name = {"name_file": asked.named("Rekaan Kembar"), "employer": PEMKOT}
    said, _ = asked.export(**name)
    wrong: dict[str, dict[str, Any]] = {
        "two persons": {**name, "pick": pick(said, "1,2")},
        "has changed": {**name, "pick": "000000:1"},
        "from 1 to 2": {**name, "pick": pick(said, "3")},
        "is written like": {**name, "pick": "1"},
        "goes with": {"name_file": asked.named("Rekaan")},
        "Found nowhere": {"casefile": "LTS/2026/999999"},
        "holds no name": {"name_file": asked.named("\u200b "), "employer": PEMKOT},
        "No agency": {"name_file": asked.named("Rekaan Kembar"), "employer": "nowhere"},
        "is an id": {"finding": "7"},
    }
    for told, whom in wrong.items():
        with pytest.raises(CommandError, match=told) as refused:
            asked.export(**whom)
        assert " / " in str(refused.value)
    before = Access.objects.count()
    with pytest.raises(CommandError, match="nowhere"):
        asked.export(name_file=asked.named("Tidak Ada"), employer=PEMKOT)
    assert Access.objects.count() == before + 1, "who asks about a name that stands nowhere is recorded, too"
    assert str(one.casefile) not in said


def test_choosing_takes_as_many_statements_for_many(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    casefile_at(
        State.SUBMITTED, subjects=tuple(Subject(name="Rekaan Sama", employer=PEMKOT, violations=(1,)) for _ in "ab")
    )
    with django_assert_max_num_queries(12) as first:
        assert len(officers.named("Rekaan Sama", agency=PEMKOT)) == 2
    casefile_at(
        State.SUBMITTED, subjects=tuple(Subject(name="Rekaan Sama", employer=PEMKOT, violations=(1,)) for _ in "abcd")
    )
    with django_assert_num_queries(len(first)):
        assert len(officers.named("Rekaan Sama", agency=PEMKOT)) == 6
