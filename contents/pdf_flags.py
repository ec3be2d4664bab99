"""What a PDF holds besides pages: `python -m contents.pdf_flags < file` prints the flags, one a line.

It runs as a child (`contents.children`), because it reads what strangers wrote.
A flag refuses nothing; it tells who opens the file.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any, Final

from contents import children

JAVASCRIPT, LAUNCH, EMBEDDED, ENCRYPTED, UNREADABLE = (
    "javascript",
    "launch",
    "embedded_files",
    "encrypted",
    "unreadable",
)
FLAGS: Final = (JAVASCRIPT, LAUNCH, EMBEDDED, ENCRYPTED, UNREADABLE)

_OBJECTS: Final = 200_000


def flags_of(parts: Iterable[bytes]) -> list[str]:
    """The flags of a PDF; `unreadable` where the child found no way through it, or ran out of memory or time."""
    said = children.output_of("contents.pdf_flags", parts=parts)
    return [UNREADABLE] if said is None else sorted({word for word in said.decode().split() if word in FLAGS})


def found_in(data: bytes) -> set[str]:
    """The flags of these bytes, in this very process."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return {ENCRYPTED}
        found = {ENCRYPTED} if reader.is_encrypted else set()
        seen: set[int] = set()
        _walk(reader.trailer, found, seen)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return {UNREADABLE}
    return found


def _walk(begin: Any, found: set[str], seen: set[int]) -> None:
    """Look at every dictionary that can be reached, each once."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    waiting: list[Any] = [begin]
    while waiting:
        if len(seen) > _OBJECTS:
            found.add(UNREADABLE)
            return
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()
        if isinstance(one, ArrayObject):
            waiting += list(one)
        elif isinstance(one, DictionaryObject):
            _look(one, found)
            waiting += [one.raw_get(name) for name in one]


def _look(one: Any, found: set[str]) -> None:
    # A form of XFA holds scripts of its own, in a language of its own.
    action = _value(one, "/S")
    if action == "/JavaScript" or not one.keys().isdisjoint({"/JS", "/JavaScript", "/XFA"}):
        found.add(JAVASCRIPT)
    if action == "/Launch":
        found.add(LAUNCH)
    # A file is one by what points to it, whatever it says of itself.
    kinds = {str(_value(one, name)) for name in ("/Type", "/Subtype")}
    if not one.keys().isdisjoint({"/EmbeddedFiles", "/EF"}) or kinds & {"/EmbeddedFile", "/FileAttachment"}:
        found.add(EMBEDDED)


def _value(one: Any, name: str) -> Any:
    """What stands under that name, wherever the file keeps it: a viewer follows references, `get` does not."""
    value = one.get(name)
    return value.get_object() if value is not None else None


def main() -> int:
    """Read the file from stdin under limits, print its flags."""
    children.limit()
    print("\n".join(sorted(found_in(sys.stdin.buffer.read()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
