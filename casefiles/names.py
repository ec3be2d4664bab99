"""How names of persons are compared."""

from __future__ import annotations


def name_key(name: str) -> str:
    """A name as the search and a merge compare it: lower case, single blanks."""
    return " ".join(name.casefold().split())[:200]
