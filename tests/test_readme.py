"""The README: two languages with the same commands, links that lead somewhere, and one word for one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.contract import problem_catalogue
from api.oauth.wording import ASSERTION_REFUSED, REQUEST_REFUSED

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("README.md", "README.id.md")

PLAYBOOKS = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs" / "playbooks").glob("*.md"))
LINKING = (
    *LANGUAGES,
    "docs/assertion/README.md",
    "docs/signed-requests.md",
    "docs/webhooks.md",
    "kit/README.md",
    *PLAYBOOKS,
)


def blocks(name: str) -> list[str]:
    """The blocks of code of a README without their indentation; the diagram is none."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    return [
        "\n".join(line.removeprefix(indent) for line in block.splitlines())
        for indent, language, block in found
        if not language
    ]


def test_both_languages_have_the_same_commands_and_lead_to_each_other() -> None:
    english, indonesian = (blocks(name) for name in LANGUAGES)
    assert english == indonesian
    assert any("kit/bash/lintas.sh assertion" in block for block in english)
    for name, other in (LANGUAGES, reversed(LANGUAGES)):
        assert f"({other})" in (ROOT / name).read_text(encoding="utf-8").partition("\n## ")[0]


@pytest.mark.parametrize("name", LINKING)
def test_every_link_leads_to_a_file(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


# The Indonesian word for a thing, and words for the same thing that we do not use beside it.
ONE_WORD = {
    "asersi": ["pernyataan (assertion", "pernyataan yang ditandatangani", "assertion"],
    "tajuk": ["header"],
    "badan": ["body"],
    "peladen": ["server"],
    "tanda petik": ["kutip"],
    "otoritas pemeriksa": ["instansi pemeriksa"],
    "kotak pasir": ["bak pasir", "sandbox"],
    "titik periksa": ["checkpoint"],
    "tanda terima": ["resi ", "receipt"],
    "tenggat": ["batas waktu"],
    "gerbang": ["gateway"],
}


def indonesian_texts() -> Iterator[str]:
    """What people read in Indonesian where words are chosen once: problems, their items, `/oauth/*`, the README."""
    catalogue = problem_catalogue.load()
    for kind in catalogue.kinds.values():
        yield from (wording.id for wording in (kind.title, kind.detail, kind.cause, kind.remedy))
    yield from (wording.id for wording in catalogue.items.values())
    yield from (wording.id for wording in (*ASSERTION_REFUSED.values(), *REQUEST_REFUSED.values()))
    yield (ROOT / "README.id.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ONE_WORD)
def test_one_thing_has_one_name_in_indonesian(word: str) -> None:
    for text in indonesian_texts():
        # Code, paths, links and names of parameters are no words.
        bare = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|/[\w/.{}-]+|{\w+}|\w+_\w+|--[\w-]+", " ", text, flags=re.DOTALL)
        for other in ONE_WORD[word]:
            assert other not in bare.lower(), text
