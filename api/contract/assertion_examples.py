"""How a client assertion is made, for people who read it: what clients of the kit do, and a program in Python.

The tests run every one of these files.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

# The file of each, by what it is called.
FILES: Final[Mapping[str, str]] = {
    "bash + openssl": "kit/bash/lintas.sh",
    "PHP": "kit/php/lintas.php",
    "Node.js": "kit/node/lintas.mjs",
    "Java": "kit/java/Lintas.java",
    "Python": "docs/assertion/assertion.py",
}
# A client marks the part that is quoted.
_PART: Final = re.compile(r"^ *(#|//) --- begin assertion\n(.*?)^ *\1 --- end assertion$", re.MULTILINE | re.DOTALL)


@cache
def read() -> Mapping[str, str]:
    """What is quoted of every file, under a line that names the file, by what it is called."""
    return {name: _quoted(file) for name, file in FILES.items()}


def _quoted(file: str) -> str:
    text = (ROOT / file).read_text(encoding="utf-8")
    found = _PART.search(text)
    return f"{found[1]} {file}\n\n{textwrap.dedent(found[2])}" if found else text
