"""What is said of a list that cannot be read."""

from __future__ import annotations


class Unreadable(Exception):
    """The file is no list of past cases, in both languages, with what to do."""

    def __init__(self, indonesian: str, english: str) -> None:
        super().__init__(english)
        self.id, self.en = indonesian, english

    def __str__(self) -> str:
        return f"{self.id}\n\n{self.en}"
