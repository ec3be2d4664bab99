"""`manage.py generate`: writes what is made from the code and checked in; `--check` only says what is stale."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.contract import client_shapes, flow_rows, kit_contract, openapi, postman, reasons
from api.contract.casebook.bodies import OFF_THE_PATHS
from api.contract.openapi import files, story
from api.contract.openapi.diagrams import main_line
from api.contract.openapi.files import FILES, FOLDER, ROOT
from api.contract.openapi.flow_page import COMMAND, flow_page
from api.contract.operations import JSON
from api.contract.verify_page import PAGE, verify_page
from casefiles import flow

EXAMPLES = FOLDER / "examples"
READMES = (ROOT / "README.md", ROOT / "README.id.md")
BEGIN, END = "<!-- flow:begin, written by `./run openapi` -->", "<!-- flow:end -->"


class Command(BaseCommand):
    database_role = "web"
    help = "Write the generated files: OpenAPI, examples, pages, READMEs' diagram, client's types. Needs no database."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not fresh")

    def handle(self, *args: Any, **options: Any) -> None:
        made = generated()
        if options["check"]:
            if stale := stale_among(made):
                raise CommandError(f"Not fresh: {', '.join(stale)}. Type {COMMAND} and look at the difference.")
            return
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for path in _surplus(made):
            path.unlink()
        self.stdout.write("\n".join(_name(path) for path in made))


def generated() -> dict[Path, str]:
    """Every generated file with its text. Raises `openapi.Incomplete` where the document cannot be made whole."""
    contract = openapi.document()
    text = _headed(files.as_yaml(contract))
    rows = [flow_rows.transition(row) for row in flow.FLOW]
    return {
        FILES["3.0"]: text,
        FILES["3.1"]: _headed(files.as_yaml(files.to_31(contract))),
        ROOT / "docs" / "flow.md": flow_page(),
        **{readme: _with_diagram(readme) for readme in READMES},
        **{EXAMPLES / f"{name}.json": text for name, text in _bodies(contract).items()},
        EXAMPLES / "story.yaml": story.as_yaml(contract),
        reasons.DATA: _headed(reasons.as_yaml()),
        EXAMPLES / "README.md": story.as_page(contract),
        PAGE: verify_page(),
        **client_shapes.modules(contract),
        **postman.generated(contract),
        **kit_contract.modules(contract, text=text, rows=rows),
    }


def _with_diagram(readme: Path) -> str:
    """The README with today's diagram between its two marks; all else is written by hand."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise CommandError(f"{readme.name} lacks the marks {BEGIN} and {END} for the flow's diagram.")
    return "\n".join((f"{before}{begin}", *main_line(), f"{end}{after}"))


def stale_among(made: Mapping[Path, str]) -> list[str]:
    """The names of the files that are missing, differ, or should not be there."""
    differing = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return sorted(_name(path) for path in (*differing, *_surplus(made)))


def _surplus(made: Mapping[Path, str]) -> list[Path]:
    return sorted(path for path in EXAMPLES.glob("*.json") if path not in made)


def _bodies(contract: Mapping[str, Any]) -> dict[str, str]:
    """The example bodies of every operation that takes JSON, for `curl -d @openapi/examples/submit_finding.json`.

    Where an operation has several, the first bears its name alone and the others a second word.
    """
    bodies: dict[str, str] = {}
    for methods in contract["paths"].values():
        for operation_object in methods.values():
            content = operation_object.get("requestBody", {}).get("content", {})
            if JSON not in content:
                continue
            operation = operation_object["operationId"]
            if operation in OFF_THE_PATHS:
                continue  # shown in the document; no path sends it
            named = content[JSON].get("examples") or {operation: {"value": content[JSON]["example"]}}
            for name, example in named.items():
                stem = operation if name == operation else f"{operation}.{name}"
                bodies[stem] = json.dumps(example["value"], ensure_ascii=False, indent=2) + "\n"
    return bodies


def _headed(text: str) -> str:
    return f"# Generated from the code by `{COMMAND}`. Do not edit.\n{text}"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
