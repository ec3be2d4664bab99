"""The file of those who may erase, end and hold: which one it is, and what it says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from audit.tlog.notes import VerifierKey
from casefiles.operations import erasers
from casefiles.operations.erasers import ErasureRefused

ERASERS_FILE: Final = "LINTAS_ERASERS_FILE"


def read() -> Mapping[str, VerifierKey]:
    """Those whom the file names, by pseudonym. Raises `ErasureRefused` where there is none or it cannot be used."""
    name = os.environ.get(ERASERS_FILE)
    if not name:
        raise ErasureRefused(
            "erasers-file", f"{ERASERS_FILE} is not set: the file that lists who may erase, a line `name key` each."
        )
    try:
        return erasers.read_erasers(Path(name).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ErasureRefused("erasers-file", f"{name} is not UTF-8.") from error
