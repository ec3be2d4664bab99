"""The casefile that an operator names on the command line, whoever may see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from casefiles.identifiers import number_key
from casefiles.models import Casefile


def find(name: str) -> Casefile | None:
    """The casefile of that number (`LTS/2026/000123`, however it is written) or id; None where there is none."""
    try:
        wanted: dict[str, Any] = {"pk": UUID(name)}
    except ValueError:
        wanted = {"number": number_key(name)}
    row: Casefile | None = Casefile.objects.filter(**wanted).first()
    return row
