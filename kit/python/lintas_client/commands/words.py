"""What the command line says, in Indonesian and in English."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("id", "en")


@dataclass(frozen=True)
class Words:
    """The language in which a person is spoken to."""

    language: str

    def __call__(self, indonesian: str, english: str) -> str:
        """One of the two."""
        return english if self.language == "en" else indonesian


def chosen(arguments: Sequence[str]) -> Words:
    """The language that `--lang` names; else that of LINTAS_LANG; else Indonesian."""
    given = os.environ.get("LINTAS_LANG", "id")
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            given = arguments[place + 1]
        elif argument.startswith("--lang="):
            given = argument.partition("=")[2]
    return Words("en" if given.startswith("en") else "id")
