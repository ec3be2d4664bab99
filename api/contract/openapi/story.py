"""The order in which the example bodies run: `openapi/examples/story.yaml` for programs, its README for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from api.contract.casebook import bodies, people_and_ids
from api.contract.casebook.paths import DUE_ON, PATHS, Path, Step
from api.contract.openapi.flow_page import COMMAND

Document = dict[str, Any]

_ID, _EN = (
    "Satu perkara menurut setiap jalannya. Tiap jalan dimulai dari awal, pada register yang belum memuat jalan lain.",
    "One case along every path. Each path begins at the beginning, on a register that holds no other path yet.",
)


def as_yaml(contract: Mapping[str, Any]) -> str:
    """Every path with its steps: who sends which file where, what the answer draws, how the casefile stands then."""
    document = {
        "about": {"id": _ID, "en": _EN},
        "placeholders": {
            "drawn": "Ids and numbers are drawn by the server. `draws` says where they stand in the answer (a JSON "
            "pointer) and what stands for them in the addresses and bodies that follow: put the drawn there.",
            "if_match": "The version of the casefile that the last answer about it had, in quotes.",
            "idempotency_key": "A fresh one for every step.",
            "beside": "On a register that holds another path of the case already, change two things: the finding's "
            "register_number, and in perform_accept not_duplicate_of names the casefiles of suspected_duplicates.",
        },
        "paths": [_path(path, _addresses(contract)) for path in PATHS],
    }
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return f"# Generated from api/contract/casebook by `{COMMAND}`. Do not edit.\n{text}"


def as_page(contract: Mapping[str, Any]) -> str:
    """The same as a page with a table for each path."""
    return "\n".join(_lines(_addresses(contract)))


def _lines(addresses: Mapping[str, str]) -> Iterator[str]:
    yield f"<!-- Generated from api/contract/casebook by `{COMMAND}`. Do not edit. -->"
    yield "# Satu perkara, menurut setiap jalannya / One case, along every path"
    yield ""
    yield (
        f"{_ID} Setiap berkas dikirim apa adanya; id dan nomor yang diberikan server menggantikan yang tertulis di "
        "sini. `story.yaml` memuat hal yang sama untuk program."
    )
    yield ""
    yield (
        f"{_EN} Each file is sent as it is; the ids and numbers that the server draws take the place of those written "
        "here. `story.yaml` says the same to programs."
    )
    yield ""
    yield (
        "Pada register yang sudah memuat jalan lain, ubah dua hal: temuan memakai `register_number` berikutnya, dan "
        "`perform_accept` menyebut perkara dari `suspected_duplicates` pada `not_duplicate_of`."
    )
    yield ""
    yield (
        "On a register that holds another path already, two things change: the finding takes the next "
        "`register_number`, and `perform_accept` names the casefiles of `suspected_duplicates` in `not_duplicate_of`."
    )
    yield ""
    yield "| written here | stands for | drawn by |"
    yield "|---|---|---|"
    for example, places in people_and_ids.DRAWN.items():
        for pointer, value in places.items():
            yield f"| `{value}` | `{pointer}` | `{example}.json` |"
    for path in PATHS:
        yield ""
        yield f"## {path.id} / {path.en}"
        yield ""
        yield "| | file | by | happens | then |"
        yield "|---|---|---|---|---|"
        for number, step in enumerate(path.steps, start=1):
            file = f"[`{step.example}`]({step.example}.json)"
            yield f"| {number} | {file} | {step.by} | {_happens(step)} | {_then(step)} |"
    yield ""


def _happens(step: Step) -> str:
    happened: str = bodies.BODIES[step.example].get("occurred_at", "")
    return happened[:10]


def _then(step: Step) -> str:
    if step.then is None:
        return ""
    if step.then.turn is None:
        return f"`{step.then.state}` / `{step.then.outcome}`"
    return f"`{step.then.state}`: {step.then.turn}, `{step.then.purpose}`, {DUE_ON[step.example]}"


def steps(path: Path, contract: Mapping[str, Any]) -> list[Document]:
    """The steps of one path, as `story.yaml` has them."""
    addresses = _addresses(contract)
    return [_step(step, addresses[step.operation]) for step in path.steps]


def _path(path: Path, addresses: Mapping[str, str]) -> Document:
    return {
        "name": path.name,
        "title": {"id": path.id, "en": path.en},
        "steps": [_step(step, addresses[step.operation]) for step in path.steps],
    }


def _step(step: Step, address: str) -> Document:
    members: Document = {
        "operation": step.operation,
        "client": f"{step.by}-system",
        "post": address.format(
            casefile=step.casefile,
            finding=people_and_ids.FINDING,
            webhook=people_and_ids.WEBHOOK,
            zero_report=people_and_ids.ZERO_REPORT,
        ),
        "body": f"{step.example}.json",
    }
    if draws := people_and_ids.DRAWN.get(step.example):
        members["draws"] = dict(draws)
    if step.then is not None:
        standing = {"state": step.then.state, "outcome": step.then.outcome}
        turn = {"turn": step.then.turn, "purpose": step.then.purpose, "due_on": DUE_ON.get(step.example)}
        members["then"] = standing | turn
    return members


def _addresses(contract: Mapping[str, Any]) -> dict[str, str]:
    """The path of every operation that is posted."""
    return {methods["post"]["operationId"]: path for path, methods in contract["paths"].items() if "post" in methods}
