"""What the API says to programs, said to people: no routes, no names of members, transitions or codes.

A sentence of the domain or of the API is written for whoever programs against it. On the desk its routes become the
place of the console where the same is found, and its technical names become what the forms call them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from casefiles import flow, shapes
from casefiles.catalogue.book import load as load_catalogue
from casefiles.flow.finding import FindingGiven
from console import telling
from console.desk.plain import AT_THE_DESK, Language

_ROUTE: Final = re.compile(r"(?<![\w.#])/(?:api/v1/)?([a-z]+)[\w/{}?=&.-]*|\b(?:GET|POST|PUT|PATCH|DELETE)\b(?! /)")
_LIST_OF_REASONS: Final = re.compile(r"\berrors\b")
"""A page shows the reasons below, and has no member of that name."""
_ASIDE: Final = re.compile(r"\s*\((?:lihat|see) [^()]*/[^()]*\)")
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+")
_POINTER: Final = re.compile(r"#((?:/[\w*-]+)+)")
_NAME: Final = re.compile(r"(?<![\w/#.@-])[a-z]+(?:[_-][a-z0-9]+)*(?![\w/@-])")

_INDONESIAN: Final = frozenset({"unit", "status", "nip"})
"""Names of members that are words of the language as well."""
_ANSWERED: Final[Mapping[str, Mapping[Language, str]]] = {
    "suspected_duplicates": {"id": "Perkara yang diduga sama", "en": "Suspected duplicates"},
}
"""Members of answers that refusals and hints name; no form asks for them."""
PLACES: Final[Mapping[str, Mapping[Language, str]]] = {
    "documents": {
        "id": "Daftarkan dahulu dokumen Anda sendiri dengan tombol “Daftarkan dokumen baru”.",
        "en": "Register a document of your own first, by the button “Register a new document”.",
    },
    "agencies": {
        "id": "Kode instansi ada di halaman “Instansi”.",
        "en": "The page “Agency” has the codes.",
    },
    "findings": {
        "id": "Cari nomornya di halaman “Perkara”.",
        "en": "Look for the number on the page “Casefiles”.",
    },
    "casefiles": {
        "id": "Cari di halaman “Perkara”.",
        "en": "Look for it on the page “Casefiles”.",
    },
    "catalogue": {
        "id": "Daftarnya ada di halaman “Katalog”.",
        "en": "The page “Catalogue” has the list.",
    },
}
"""Where on the console somebody finds what a route answers with; of another route the sentence is left out."""
_ELSEWHERE: Final[Mapping[Language, str]] = {
    "id": "Ini tidak dapat diubah di meja. Tanyakan kepada operator.",
    "en": "This cannot be changed at the desk. Ask the operator.",
}


def refused(code: str, text: str, language: Language) -> str:
    """The refusal of that code in words of the desk: its own, or the text's."""
    said = AT_THE_DESK.get(code)
    return for_people(text, language) if said is None else said[language]


def for_people(text: str, language: Language) -> str:
    """The text of a refusal in words of the desk."""
    kept: list[str] = []
    for sentence in _SENTENCE.split(_ASIDE.sub("", text)):
        if _LIST_OF_REASONS.search(sentence):
            continue
        found = _ROUTE.search(sentence)
        told = sentence if found is None else PLACES.get(found[1] or "", {}).get(language, "")
        if told and told not in kept:
            kept.append(told)
    said = _POINTER.sub(_placed(language), " ".join(kept) or _ELSEWHERE[language])
    return telling.sentence(_NAME.sub(_named(language), said))


def _placed(language: Language) -> Callable[[re.Match[str]], str]:
    names = _documented(language)

    def placed(found: re.Match[str]) -> str:
        """A place of the body is called as its last member is."""
        name = next((token for token in reversed(found[1].split("/")) if token in names), None)
        return found[0] if name is None else f"“{names[name]}”"

    return placed


def _named(language: Language) -> Callable[[re.Match[str]], str]:
    names = _names(language)

    def named(found: re.Match[str]) -> str:
        label = names.get(found[0])
        return found[0] if label is None else f"“{label}”"

    return named


@cache
def _names(language: Language) -> Mapping[str, str]:
    """Technical names and what people call them. In English a plain word may be meant as the word that it is."""
    told: dict[str, str] = {}
    catalogue = load_catalogue()
    for listed in catalogue.lists:
        for code, listing in catalogue.codes(listed).items():
            told.setdefault(code, listing.label_en if language == "en" else listing.label_id)
    told = {name: label for name, label in told.items() if "_" in name} | _documented(language)
    told |= {name: label[language] for name, label in _ANSWERED.items()}
    for row in flow.FLOW:
        told[row.name] = row.title_en if language == "en" else row.title_id
    if language == "en":
        return {name: label for name, label in told.items() if "_" in name or "-" in name}
    return {name: label for name, label in told.items() if name not in _INDONESIAN}


@cache
def _documented(language: Language) -> dict[str, str]:
    """What forms call each member."""
    told = {name: (doc.en if language == "en" else doc.id).partition(";")[0].strip() for name, doc in _members()}
    return {name: _NAME.sub(lambda found: _answered(found[0], language), label) for name, label in told.items()}


def _answered(name: str, language: Language) -> str:
    """A label may itself name a member of an answer."""
    return _ANSWERED[name][language].lower() if name in _ANSWERED else name


def _members() -> Iterator[tuple[str, shapes.Doc]]:
    """The members of everything that a form asks for, by name, with their documentation."""
    for shape in (FindingGiven, *(row.takes for row in flow.FLOW if row.takes is not None)):
        yield from _members_of(shape)


def _members_of(shape: type[Any]) -> Iterator[tuple[str, shapes.Doc]]:
    for member in shapes.members(shape):
        if member.doc is not None:
            yield member.name, member.doc
        for inner in (member, member.item):
            if inner is not None and inner.is_object:
                yield from _members_of(inner.base)
