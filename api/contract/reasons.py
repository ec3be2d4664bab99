"""Every code that can stand in `errors[]`, with what is said about it: one page each.

The wording of the door lies in `problem_data.yaml` and `api.oauth.wording`. The flow and the domain word their refusals
where they refuse, with what they know of the case. `collected` reads those sentences out of the source, with `…` where
something of the case stands; `./run openapi` keeps them in `reason_data.yaml`, and `./run check` sees to it that they
are fresh.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from api.contract import problem_catalogue
from api.http.language import Wording
from api.oauth.wording import ASSERTION_REFUSED, REQUEST_REFUSED
from casefiles.flow import days

DATA: Final = Path(__file__).with_name("reason_data.yaml")
_SOURCE: Final = Path(__file__).resolve().parent.parent.parent / "casefiles"
_CODE: Final = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")
_REFUSING: Final = {"Refusal": 1, "Fault": 2}
"""What is called to refuse, and how far behind the code its Indonesian sentence stands; the English one follows."""

# `days.SENTENCES` has the English ones.
_OF_DAYS: Final = {
    days.AHEAD: "Tidak ada hari yang diberitahukan yang terletak sesudah hari langkah itu",
    days.BACKWARDS: "Setiap hari mengikuti hari-hari yang mendahuluinya",
    "received-before-sent": "Penerimaan tidak mendahului surat dan hari pengirimannya",
    "served-before-sent": "Penyampaian tidak mendahului surat dan hari pengirimannya",
    "delivered-before-decided": "Penyerahan tidak mendahului keputusan",
    "executed-before-decided": "Tidak ada yang dilaksanakan sebelum diputuskan",
    "filed-too-early": "Tidak ada yang diajukan sebelum ada yang dilawan",
    "decided-before-filed": "Tidak ada yang diputus sebelum diajukan",
    "waived-before-delivered": "Tidak ada upaya yang dilepaskan sebelum keputusan diserahkan",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One code, and the sentences that are said with it."""

    code: str
    sentences: tuple[Wording, ...]


@cache
def load() -> Mapping[str, Reason]:
    """Every reason by its code."""
    kept = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    words: dict[str, list[Wording]] = {
        code: [Wording(**each) for each in sentences] for code, sentences in kept.items()
    }
    for wordings in (problem_catalogue.load().items, ASSERTION_REFUSED, REQUEST_REFUSED):
        for code, wording in wordings.items():
            blank = Wording(*(re.sub(r"{\w+}", "…", text) for text in (wording.id, wording.en)))
            words.setdefault(code, []).append(blank)
    return {code: Reason(code, tuple(words[code])) for code in sorted(words)}


def collected() -> dict[str, list[dict[str, str]]]:
    """The sentences of the flow and the domain by code, as the source has them today."""
    words: dict[str, list[dict[str, str]]] = {}
    for path in sorted(_SOURCE.rglob("*.py")):
        for call in (
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
        ):
            for code, sentence in _refusals(call):
                if sentence not in words.setdefault(code, []):
                    words[code].append(sentence)
    for code, indonesian in _OF_DAYS.items():
        english = days.SENTENCES.get(code, "No day told lies after the day of the act")
        words.setdefault(code, []).append({"id": f"{indonesian}.", "en": f"{english}."})
    return {code: sorted(words[code], key=lambda sentence: sentence["en"]) for code in sorted(words)}


def as_yaml() -> str:
    """`collected`, as it is kept."""
    return yaml.safe_dump(collected(), allow_unicode=True, sort_keys=False, width=120)


def _refusals(call: ast.Call) -> Iterator[tuple[str, dict[str, str]]]:
    """The code and the sentences of a call that refuses; helpers that pass them on have them side by side."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    for place, argument in enumerate(call.args):
        code = argument.value if isinstance(argument, ast.Constant) else None
        if not isinstance(code, str) or not _CODE.fullmatch(code) or not (name in _REFUSING or name.startswith("_")):
            continue
        first = place + _REFUSING.get(name, 1)
        spoken = [*call.args[first : first + 2], named.get("id"), named.get("en")]
        texts = [_text(each) for each in spoken if each is not None]
        if len(texts) >= 2 and all(" " in text for text in texts[:2]):
            yield code, {"id": texts[0], "en": texts[1]}


def _text(node: ast.expr) -> str:
    """The text of an expression, with `…` for what is only known when it is said."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.IfExp):
        return _text(node.body)
    return "…"
