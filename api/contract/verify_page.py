"""`docs/verify/lintas-verify.html`: the verifier of receipts and proofs as one page that sends no request.

It holds the core of `lintas-verify.mjs` as it stands there, so the page and the command cannot judge differently; what
differs is who does the cryptography. Its content policy names its one script and its one style by their digests and
allows nothing else, so that no request can leave it.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "verify"
PAGE: Final = FOLDER / "lintas-verify.html"
BEGIN, END = "// == core ==", "// == end of the core =="


class CoreMissing(Exception):
    """The verifier lacks one of the two lines between which its core stands."""


def verify_page() -> str:
    """The page. Raises `CoreMissing`."""
    own = FOLDER / "page"
    style = _read(own / "page.css")
    script = _read(own / "page.js").replace("// @CORE@\n", _core())
    page = _read(own / "page.html")
    for mark, text in (
        ("@SCRIPT_DIGEST@", _digest(script)),
        ("@STYLE_DIGEST@", _digest(style)),
        ("@SCRIPT@", script),
        ("@STYLE@", style),
    ):
        page = page.replace(mark, text)
    return page


def _core() -> str:
    _, begin, rest = _read(FOLDER / "lintas-verify.mjs").partition(BEGIN)
    core, end, _ = rest.partition(END)
    if not begin or not end:
        raise CoreMissing(f"docs/verify/lintas-verify.mjs lacks a line that begins with {BEGIN!r} or {END!r}.")
    # Without the rest of the line that begins it.
    return core.partition("\n")[2].strip("\n") + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """As a content policy spells it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
