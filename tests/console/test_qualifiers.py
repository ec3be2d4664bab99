"""The search in one box fills the list's filters, and says word by word what it did not understand."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from casefiles.catalogue.book import load as load_catalogue
from console.pages import qualifiers
from console.pages.filters import FilterForm
from tests.console.conftest import Arranged, text_of
from tests.factories import NIP

pytestmark = pytest.mark.django_db


def _asked(client: Client, text: str) -> dict[str, list[str]]:
    answer = client.post("/perkara/saring", {"q": text})
    assert answer.status_code == 302, text_of(answer)
    where = urlsplit(answer.headers["Location"])
    assert where.path == "/perkara"
    assert client.get(answer.headers["Location"]).status_code == 200
    return parse_qs(where.query)


def test_the_example_means_what_it_says(auditor: Client) -> None:
    (form,) = {row.form for row in load_catalogue().annex if row.annex_item == "B6"}
    assert _asked(auditor, qualifiers.EXAMPLE) == {
        "submitter": ["bawaslu-kota-padang"], "late_from": ["15"], "form": [form], "submitted_from": ["2024-09-01"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("lewat:3..10", {"late_from": ["3"], "late_until": ["10"]}),
        ("late:<=7 open:yes", {"late_from": ["1"], "late_until": ["7"], "open": ["1"]}),
        ("lts/2026/000123", {"number": ["LTS/2026/000123"]}),
        ("keadaan:submitted keadaan:closed", {"state": ["submitted", "closed"]}),
        ('keadaan:"Menunggu hukuman"', {"state": ["awaiting_sanction"]}),
        ("sampai:2024-02", {"submitted_until": ["2024-02-29"]}),
        ("sejak:2024 sampai:2024", {"submitted_from": ["2024-01-01"], "submitted_until": ["2024-12-31"]}),
        ("provinsi:sumbar giliran:saya", {"province": ["13"], "turn": ["me"]}),
        ("provinsi:sumatera-barat urut:waiting", {"province": ["13"], "order": ["waiting"]}),
        ("instansi:pemkot-padang tempo:7", {"employer": ["pemkot-padang"], "due_within": ["7"]}),
        ("", {}),
    ],
)
def test_a_qualifier_is_a_filter(auditor: Client, text: str, asked: dict[str, list[str]]) -> None:
    assert _asked(auditor, text) == asked


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lewatt:3", "Maksudnya lewat:?"), ("padang", "bukan nomor perkara"), ("lewat:banyak", "bukan banyaknya hari"),
        ("lewat:0", "Lewat sekurangnya"), ("kantor:bawaslu", "beberapa instansi"),
        ("kantor:atlantis", "Tidak ada instansi"), ("sejak:2024-13", "bukan hari"), ("sejak:2024-02-31", "bukan hari"),
        ("sejak:0000", "bukan hari"), ("keadaan:", "tanpa nilai"),
        ("keadaan:gone", "awaiting_sanction"), ("provinsi:99", "Tidak ada provinsi"), ("menunggu:tidak", "hanya ya"),
        ('kantor:"x', "petik"), (f"nomor:{NIP}", "NIP tidak dicari"), (NIP, "NIP tidak dicari"),
        ("x" * 500, "Paling panjang"), ("bentuk:B99", "tidak dikenal"),
        ("kantor:%00", "Tidak ada instansi"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_and_kept_in_the_box(auditor: Client, text: str, told: str) -> None:
    answer = auditor.post("/perkara/saring", {"q": text})
    page = text_of(answer)
    assert answer.status_code == 400
    assert told in page
    assert 'id="kotak"' in page
    assert "<table" not in page


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_box(text: str) -> None:
    pieces = (text, f"kantor:{text}", f"lewat:{text}", f"sejak:{text}", f"{text}:1")
    # Offices are looked up in the database, which other tests do.
    for piece in pieces[1:] if "kantor" in text else pieces[2:]:
        query, faults = qualifiers.read(piece.replace("kantor", ""))
        assert isinstance(query.urlencode(), str)
        assert all(isinstance(fault, str) for fault in faults)


@pytest.mark.parametrize("query", ["", "state=closed&turn=nobody&late_from=x&form=joint_photo"])
def test_a_filter_that_is_kept_as_drawn_is_what_would_be_drawn(arranged: Arranged, query: str) -> None:
    """In the reader's language, and what is set or refused is drawn anew."""
    for language in ("id", "en", "id"):
        with translation.override(language):
            form = FilterForm(QueryDict(query))
            assert form.is_valid() is (query == "")
            assert list(form.drawn()) == [field.as_field_group() for field in form]
