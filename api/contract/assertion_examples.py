"""Programs that make a client assertion, for people who read them: `docs/assertion/`, which the tests run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "assertion"

# The file of each, by what it is called.
FILES: Final[Mapping[str, str]] = {
    "bash + openssl": "assertion.sh",
    "PHP": "assertion.php",
    "Node.js": "assertion.mjs",
    "Python": "assertion.py",
}


@cache
def read() -> Mapping[str, str]:
    """The text of every program, by what it is called."""
    return {name: (FOLDER / file).read_text(encoding="utf-8") for name, file in FILES.items()}
