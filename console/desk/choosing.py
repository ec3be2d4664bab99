"""What people write for a row of a long list, read without a script: its label, a part of it, or its code.

A label with its code in brackets, as the lists offer it and as a form shows what it recognised, is always one row.
What fits several rows or none is left as it was typed, so that the door refuses it, and is told with what it fits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from django.utils.translation import gettext as _

Row: TypeAlias = tuple[str, str]
"""Code and label."""
Found: TypeAlias = Mapping[str, Sequence[Row]]
"""The rows that fit best, by what was typed."""

LONG: Final = 12
"""A list of more rows is searched, and not drawn as a menu."""
OFFERED: Final = 100
"""A list of more rows is not offered with the page either; it is searched all the same."""
MOST_TOLD: Final = 8


def shown(code: str, label: str | None) -> str:
    """How a row stands in a box: `Pemerintah Kota Padang (pemkot-padang)`."""
    return f"{label} ({code})" if label and label != code else code


def code_at_end(text: str) -> str:
    """The code of a row that is written as `shown` writes it; the text itself where it is not."""
    matched = re.fullmatch(r".*\(([^()\s]+)\)", text.strip(), re.DOTALL)
    return matched[1] if matched else text.strip()


def fitting(text: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows that fit best: by code, by the whole label, or by every word of it."""
    code, wanted = code_at_end(text).casefold(), " ".join(text.casefold().split())
    for fits in (
        lambda row: row[0].casefold() == code,
        lambda row: row[1].casefold() == wanted,
        lambda row: bool(wanted) and all(word in f"{row[0]} {row[1]}".casefold() for word in wanted.split()),
    ):
        if found := [row for row in rows if fits(row)]:
            return found
    return ()


def texts_in(values: Collection[str], *, is_many: bool) -> Iterator[str]:
    """Every text that may be the name of one: a name may have commas in it, and commas may part names."""
    for value in values:
        yield value.strip()
        if is_many:
            yield from _parts(value, r"[;\n]")
            yield from _parts(value, r"[;,\n]")


def parted(values: Collection[str], found: Found, *, is_many: bool) -> list[str]:
    """What was typed, as the texts that name one each."""
    pieces: list[str] = []
    for value in values:
        whole = value.strip()
        if not is_many or found.get(whole):
            pieces.append(whole)
            continue
        for piece in _parts(value, r"[;\n]"):
            pieces += [piece] if found.get(piece) else _parts(piece, ",")
    return [piece for piece in pieces if piece]


def doubt(text: str, rows: Sequence[Row]) -> str:
    """What to say of a text that is not one row."""
    if not rows:
        said = _("Tidak ada yang cocok dengan “%(text)s”. Tulis sebagian namanya, nama lamanya, atau kodenya.")
        return said % {"text": text}
    told = "; ".join(shown(code, label) for code, label in rows[:MOST_TOLD])
    if len(rows) > MOST_TOLD:
        told += "; …"
    return _("“%(text)s” cocok dengan beberapa: %(rows)s. Tulis salah satunya.") % {"text": text, "rows": told}


def _parts(text: str, separators: str) -> list[str]:
    return [piece.strip() for piece in re.split(separators, text) if piece.strip()]
