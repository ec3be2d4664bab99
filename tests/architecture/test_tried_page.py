"""docs/tried-from-outside.md names tests that are there, with as many cases as it says."""

from __future__ import annotations

import importlib
import math
import re

from tests.live_server import ROOT

ROW = re.compile(r"^\| [^|]+ \| `(tests/[^`:]+)\.py::(test_\w+)` \| (\d+) \|$", re.MULTILINE)
PAGE = ROOT / "docs" / "tried-from-outside.md"


def test_the_page_names_tests_with_their_cases() -> None:
    text = PAGE.read_text()
    rows = ROW.findall(text)
    assert len(rows) == text.count("`tests/") - 1, "a row that cannot be read (the page names this test, too)"
    wrong = {
        f"{path}::{name}": (cases, int(said))
        for path, name, said in rows
        if (cases := _cases(path.replace("/", "."), name)) != int(said)
    }
    assert wrong == {}, "measured, and as the page says"


def _cases(module: str, name: str) -> int:
    test = getattr(importlib.import_module(module), name)
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    return math.prod(len(mark.args[1]) for mark in marks)
