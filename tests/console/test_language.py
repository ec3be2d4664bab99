"""Nothing is untranslated: every word of a template stands in a translation, and every one has its English."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from casefiles import flow
from casefiles.catalogue import rows
from casefiles.catalogue.rows import CERTAINTIES, Purpose
from casefiles.statistics import measures
from console import telling, words

CONSOLE = Path(__file__).resolve().parents[2] / "console"
TEMPLATES = sorted((CONSOLE / "templates").rglob("*.html"))
# Names are the same in both languages, and so are those of the languages and an example of what may be typed.
NAMES = {"Lintas", "NIP", "SHA-256", "Indonesia", "English", "log", "utf-8"}
NAMES |= {"kantor", "bawaslu-kota-padang", "lewat", "gt", "bentuk", "B6", "sejak", "LTS"}


def _english() -> gettext.GNUTranslations:
    with (CONSOLE / "locale/en/LC_MESSAGES/django.mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled)


def _of_template(text: str) -> Iterator[str]:
    for quote in ('"', "'"):
        yield from re.findall(rf"\{{% translate {quote}(.*?){quote}", text)
    yield from re.findall(r'_\("(.*?)"\)', text)
    for block in re.findall(r"\{% blocktranslate.*?%\}(.*?)\{% endblocktranslate %\}", text, re.S):
        for part in block.split("{% plural %}"):
            yield re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", part)


def _of_module(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "gettext", "gettext_lazy"}:
            assert isinstance(node.args[0], ast.Constant), path
            yield str(node.args[0].value)


def test_every_message_has_its_english() -> None:
    english = _english()
    said = {message for path in TEMPLATES for message in _of_template(path.read_text(encoding="utf-8"))}
    said |= {message for path in CONSOLE.rglob("*.py") for message in _of_module(path)}
    assert len(said) > 200
    plural = {str(key[0]) for key in english._catalog if isinstance(key, tuple)}  # type: ignore[attr-defined]
    missing = {message for message in said if message not in plural and message not in english._catalog}  # type: ignore[attr-defined]
    assert missing == set(), "cd console && django-admin makemessages -l en --no-location, translate, compilemessages"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_that_is_not_translated(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{% blocktranslate.*?endblocktranslate %\}", "", text, flags=re.S)
    text = re.sub(r"<script.*?</script>", "", text, flags=re.S)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
    shown = " ".join(re.findall(r'(?:title|aria-label|placeholder|alt)="([^"]*)"', text)) + re.sub(
        r"<[^>]*>", " ", text
    )
    assert set(re.findall(r"[A-Za-z][\w-]+", shown)) <= NAMES


def test_every_word_of_the_flow_has_a_label() -> None:
    assert set(words.STATES) == {str(state) for state in flow.State}
    assert set(words.PARTIES) == {str(party) for party in flow.Party}
    assert set(words.PURPOSES) == set(get_args(Purpose))
    assert set(words.CERTAINTIES) == set(CERTAINTIES)
    for told, kinds in (
        (words.DAY_BASES, rows.DayBasis), (words.PHASES, rows.Phase), (words.FAMILIES, rows.Family),
        (words.EFFECTS, rows.Effect), (words.REMEDIES, rows.Remedy), (words.ADDRESSEES, rows.RoutedTo),
        (words.CLOCK_STARTS, rows.ClockStart),
    ):  # fmt: skip
        assert set(told) == set(get_args(kinds))
    for told, known in (
        (words.UNITS, measures.UNITS), (words.DIMENSIONS, measures.DIMENSIONS), (words.MEASURES, measures.MEASURES),
    ):  # fmt: skip
        assert set(told) == {one.code for one in known}


@pytest.mark.parametrize(
    ("pointer", "value", "label", "text"),
    [
        ("#/violations/0/form", "social_media_engagement", "Pelanggaran / 1 / Bentuk", "menyukai"),
        ("#/subject/nip", "198501012010011001", "NIP", "1985************01"),
        ("#/sanction", {"decision": {"date": "2024-11-04"}}, "Hukuman yang berlaku / Keputusan", "4 November 2024"),
        ("#/state", "recommended", "Keadaan", "Direkomendasikan"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(pointer: str, value: object, label: str, text: str) -> None:
    from django.utils import translation

    with translation.override("id"):
        told = telling.told({"pointer": pointer, "before": None, "after": value})
    assert label in told[0].label
    assert text in told[0].after


def test_a_sentence_of_the_register_has_its_days_as_people_write_them() -> None:
    from django.utils import translation

    with translation.override("id"):
        told = telling.sentence("Perbuatan 2024-09-29: terjadi sejak penetapan calon 2024-09-22 (2024-13-40).")
    assert told == "Perbuatan 29 September 2024: terjadi sejak penetapan calon 22 September 2024 (2024-13-40)."


def test_a_label_made_of_a_sentence_ends_without_its_full_stop() -> None:
    from django.utils import translation

    with translation.override("en"):
        told = telling.told({"pointer": "#/subject/work_unit", "before": None, "after": "SMP Negeri Contoh"})
    assert told[0].label == "The officer / Work unit"
