"""The export that a dossier (PDF) has as an attachment, taken out with the standard library alone.

A file that a PDF holds is a stream object of type EmbeddedFile, which stands for itself in every PDF (ISO 32000-1,
7.5.7: an object stream holds no streams). What is taken out is verified as any export: the PDF around it is not.
"""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any, Final

from .report import CannotDecide

MAGIC: Final = b"%PDF-"
MOST: Final = 512 * 1024 * 1024
"""Bytes that an attachment may have when unpacked."""
_STREAM: Final = re.compile(rb"\bstream\r?\n")
LONGEST_DICTIONARY: Final = 1024
"""Bytes before the word `stream` in which what is said of it is looked for."""


def is_pdf(file: Path) -> bool:
    """Whether it begins as one."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def attached(file: Path) -> Any:
    """The JSON that the PDF holds. Raises `CannotDecide` where there is none, or more than one."""
    whole = file.read_bytes()
    found = []
    for place in _STREAM.finditer(whole):
        before = whole[max(0, place.start() - LONGEST_DICTIONARY) : place.start()]
        dictionary = before[before.rfind(b" obj") + 1 :]
        if re.search(rb"/Type\s*/EmbeddedFile\b", dictionary):
            found.append(_unpacked(whole, place.end(), dictionary, file))
    if len(found) != 1:
        raise CannotDecide(
            f"{file}: this PDF holds {len(found)} files; a dossier holds one, the export of its casefile."
        )
    try:
        return json.loads(found[0])
    except ValueError:
        raise CannotDecide(f"{file}: the file in this PDF is no JSON.") from None


def _unpacked(whole: bytes, begins: int, dictionary: bytes, file: Path) -> bytes:
    if b"/FlateDecode" not in dictionary:
        return whole[begins : whole.find(b"endstream", begins)]
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(whole[begins:], MOST)
    except zlib.error:
        raise CannotDecide(f"{file}: the file in this PDF cannot be unpacked.") from None
    if not unpacking.eof:
        raise CannotDecide(f"{file}: the file in this PDF is cut off, or larger than {MOST // 1024**2} MB.")
    return text
