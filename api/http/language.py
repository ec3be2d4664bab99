"""The two languages of our messages: Indonesian, and English for those who ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

Language: TypeAlias = Literal["id", "en"]


class Wording(NamedTuple):
    """One message in both languages; `{braces}` stand for parameters."""

    id: str
    en: str

    def in_language(self, language: Language, params: Mapping[str, Any] | None = None) -> str:
        """The message in this language, filled with `params`.

        Without `params` the text stays as it is, braces included. A parameter that is a wording itself is given in the
        same language.
        """
        text = self.en if language == "en" else self.id
        if params is None:
            return text
        spoken = {k: v.in_language(language) if isinstance(v, Wording) else v for k, v in params.items()}
        return text.format(**spoken)


def preferred(accept_language: str) -> Language:
    """English where the header (RFC 9110, 12.5.4) ranks it above Indonesian; Indonesian in every other case."""
    best: dict[Language, tuple[float, int]] = {}
    for place, part in enumerate(accept_language[:500].split(",")):
        tag, _, rest = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        language: Language | None = "en" if primary == "en" else "id" if primary in {"id", "in", "ms", "*"} else None
        weight = _weight(rest)
        if language is not None and weight > 0 and language not in best:
            best[language] = (weight, -place)
    if "en" in best and best["en"] > best.get("id", (0.0, -1000)):
        return "en"
    return "id"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
