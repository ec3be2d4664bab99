"""How the verifier's tests run it, and what they expect it to name."""

from __future__ import annotations

import io
import json
import tempfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from audit.verify.__main__ import main


@dataclass(frozen=True)
class Verdict:
    """What `lintas-verify --json --all` answered."""

    exit: int
    said: dict[str, Any]

    @property
    def codes(self) -> set[str]:
        """The codes of all findings, notes left out."""
        return {one["code"] for one in self.said["findings"]}

    @property
    def notes(self) -> dict[str, Any]:
        """The numbers that the notes give, by code."""
        return {one["code"]: one.get("number") for one in self.said["notes"]}

    def named(self, **where: object) -> list[dict[str, Any]]:
        """The findings whose places are these; a column also counts as named in `facts or facts_salt`."""
        return [
            one
            for one in self.said["findings"]
            if all(
                value in str(one.get(key, "")).split(" or ") if key == "column" else one.get(key) == value
                for key, value in where.items()
            )
        ]


def verify(*arguments: object, guards: bool = False) -> Verdict:
    """Run the verifier in this process, with every finding, for machines.

    Without `guards` the schema of a database is not looked at: the tests' insider dropped all that stood in his way.
    """
    if arguments[0] == "db" and not guards:
        arguments = (*arguments, "--rows-only")
    out = io.StringIO()
    with redirect_stdout(out):
        code = main([*map(str, arguments), "--json", "--all"])
    said = json.loads(out.getvalue())
    assert said["exit"] == code
    return Verdict(exit=code, said=said)


_policies = tempfile.TemporaryDirectory(prefix="lintas-policies-")


@cache
def at_its_word(*vkeys: object) -> tuple[str, Path]:
    """The option by which an auditor takes the log's own word: a policy that names the log and asks for no witness."""
    file = Path(_policies.name) / str(len(list(Path(_policies.name).iterdir())))
    file.write_text("".join(f"log {vkey}\n" for vkey in vkeys) + "quorum none\n")
    return "--policy", file
