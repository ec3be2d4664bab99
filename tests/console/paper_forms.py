"""A form of a page as a browser without a script reads it: its controls and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.controls: dict[str, list[str]] = {}
        self.idents: list[str] = []
        self.named: list[str] = []
        self.within = False
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.idents += [said["id"]] if said.get("id") else []
        self.named += [said[name] for name in ("for", "list") if said.get(name)]
        self.named += said.get("aria-describedby", "").split()
        if tag == "form":
            self.within = said.get("class") == "desk"
        if not self.within:
            return
        if tag == "select":
            self.select = said["name"]
            self.controls.setdefault(self.select, [])
        elif tag == "option" and self.select and "selected" in said:
            self.controls[self.select].append(said["value"])
        elif tag == "textarea":
            self.area = said["name"]
            self.controls[self.area] = [""]
        elif tag == "input" and said.get("type") != "file":
            values = self.controls.setdefault(said["name"], [])
            if said.get("type") != "checkbox" or "checked" in said:
                values.append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.within = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.controls[self.area][0] += data.removeprefix("\n") if not self.controls[self.area][0] else data


def controls(page: str) -> dict[str, list[str]]:
    """What the form of the desk on that page would send, by name."""
    return _read(page).controls


def dangling(page: str) -> set[str]:
    """Ids that a label, a box or a description names and that no element of the page has, and ids that two have."""
    read = _read(page)
    return {one for one in read.named if one not in read.idents} | {
        one for one in read.idents if read.idents.count(one) > 1
    }


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def typed(value: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """A body as somebody would type it."""
    if isinstance(value, dict):
        for member, inner in value.items():
            yield from typed(inner, f"{name}.{member}" if name else member)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from typed(inner, f"{name}.{number}")
    elif isinstance(value, list):
        yield name, [str(one) for one in value]
    else:
        yield name, [str(value).lower() if isinstance(value, bool) else str(value)]
