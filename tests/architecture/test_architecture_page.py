"""docs/architecture.md names what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.S)
NAMED = sorted(set(re.findall(r"`([^`\n]+)`", PROSE)))
DRAWN = sorted(
    set(
        re.findall(
            r"\b(?:api|audit|casefiles|config|agencies|console|contents|delivery|jobs|people|verifications)/[a-z0-9_/.]+",
            PAGE,
        )
    )
)
COMMANDS = sorted(set(re.findall(r"manage\.py (\w+)", PAGE)))
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for package in (
        "agencies",
        "api",
        "audit",
        "casefiles",
        "config",
        "console",
        "contents",
        "delivery",
        "jobs",
        "people",
        "verifications",
    )
    for path in (ROOT / package).rglob("*.py")
)


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_names_exists(name: str) -> None:
    if name == "code":
        return  # how the page says what it writes so
    is_defined = re.search(rf"^\s*(?:class|def) {re.escape(name)}\b|^\s+\"?{re.escape(name)}\"?:", SOURCES, re.M)
    assert (ROOT / name).exists() or is_defined, name


@pytest.mark.parametrize("name", DRAWN)
def test_what_the_pictures_name_exists(name: str) -> None:
    assert (ROOT / name.rstrip("./")).exists(), name


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_of_the_pictures_exist(name: str) -> None:
    assert name == "migrate" or list(ROOT.glob(f"*/management/commands/{name}.py")), name


def test_the_page_has_a_picture_for_each_chapter() -> None:
    assert len(re.findall("^## ", PAGE, re.M)) == len(re.findall("^```mermaid", PAGE, re.M)) == 5
