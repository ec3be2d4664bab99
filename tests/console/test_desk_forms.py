"""Every act's form in both languages with its example, as a browser without a script would send it back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from api.contract import schemas
from casefiles import flow
from casefiles.catalogue import book
from casefiles.flow.finding import FindingGiven
from console import words
from console.desk import choosing, days, forms
from console.desk.choosing import Found
from tests.console import paper_forms
from tests.console.paper_forms import typed

SHAPES: dict[str, type[Any]] = {
    row.name: row.takes for row in flow.FLOW if row.routed and row.takes is not None and not row.creates
} | {"submit": FindingGiven}


def known(texts: Collection[str]) -> Found:
    """Every code is an agency's."""
    return {text: [(choosing.code_at_end(text), "Kementerian Ini, Itu, dan Lainnya")] for text in texts if text}


def drawn(shape: type[Any], said: dict[str, list[str]]) -> forms.Form:
    """The form with that typed into it."""
    documents = [(value, "Keputusan, SK.1") for values in said.values() for value in values if len(value) == 36]
    form = forms.form_of(shape, forms.Around(documents=documents, zone="Asia/Jakarta", typed=said))
    form.recognise(known)
    return form


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_row_s_form_sends_back_its_example_in_both_languages(name: str) -> None:
    shape = SHAPES[name]
    example = schemas.example_of(shape, catalogue=book.load())
    wanted = {member: value for member, value in example.items() if value != []}
    pages = {}
    for language in ("id", "en"):
        with translation.override(language):
            form = drawn(shape, dict(typed(example)))
            assert not form.unknown
            said = {"form": form, "title": words.step(name), "action": "/", "back": "/", "ticket": "sealed"}
            page = pages[language] = render_to_string("console/desk/form.html", said)
            assert paper_forms.dangling(page) == set()
            sent = paper_forms.controls(page)
            assert sent.pop("_ticket") == ["sealed"]
            assert drawn(shape, sent).body() == wanted
            assert not [one.name for one in form.fields() if one.doubts]
            for question in form.fields():
                assert question.label != question.name.rpartition(".")[2], f"{question.name} has no label"
                assert _escaped(question.label) in page
    assert "Lanjut: periksa dahulu" in pages["id"]
    assert not [word for word in ("Lanjut", "bila ada", "Contoh:", "Tulis ", "Pemerintah ") if word in pages["en"]]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#x27;").replace('"', "&quot;")


ROWS = [
    ("moral_open", "sanksi moral terbuka"),
    ("moral_closed", "sanksi moral tertutup"),
    ("cut_6", "pemotongan 25% selama 6 bulan"),
    ("cut_9", "pemotongan 25% selama 9 bulan"),
]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("moral_open", ["moral_open"]), ("MORAL_OPEN", ["moral_open"]), ("Sanksi moral  terbuka", ["moral_open"]),
        ("apa pun (cut_9)", ["cut_9"]), ("25% 6", ["cut_6"]), ("tertutup", ["moral_closed"]),
        ("pemotongan", ["cut_6", "cut_9"]), ("penjara", []), ("", []), (" ", []), ("()", []),
    ],
)  # fmt: skip
def test_a_row_of_a_long_list_is_named_by_code_label_or_a_part_of_it(text: str, codes: list[str]) -> None:
    assert [code for code, _ in choosing.fitting(text, ROWS)] == codes


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("6 November 2024", "2024-11-06"), ("6/11/2024", "2024-11-06"), ("06-11-2024", "2024-11-06"),
        ("6 Agu 2024", "2024-08-06"), ("2024-11-06", "2024-11-06"), ("31 Februari 2024", "31 Februari 2024"),
        ("kemarin", "kemarin"),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(text: str, read: str) -> None:
    assert days.read(text) == read
