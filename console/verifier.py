"""The page that verifies in a browser and asks nobody; its digest lets a copy be compared."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final

from django.conf import settings

PAGE: Final = settings.BASE_DIR / "docs" / "verify" / "lintas-verify.html"
"""Made by `./run openapi`."""


@cache
def page() -> bytes:
    """The page as it is handed out."""
    return PAGE.read_bytes()


@cache
def digest() -> str:
    """SHA-256 of it, as hexadecimal digits."""
    return hashlib.sha256(page()).hexdigest()
