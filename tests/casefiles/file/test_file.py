import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.contract.responses.file import MEMBERS
from casefiles.file import Absorbed, CaseFile, Subject, reading
from casefiles.file.marks import Internal, NotInLists
from casefiles.flow import State
from casefiles.models import Payload
from tests.factories import casefile_at, known_subject

ROOT = Path(__file__).resolve().parents[3]
# Where a file is asked for a member by its name.
READERS = ("casefiles/flow", "casefiles/transitions", "casefiles/sight", "casefiles/intake", "api/v1")


def astray(part: Any, held: Mapping[str, Any], pointer: str = "#") -> Iterator[str]:
    """What is held and no member of the part, or null where the part has no null."""
    known = {member.name: member for member in reading.members(part)}
    for name, value in held.items():
        member = known.get(name)
        if member is None or (value is None and not member.nullable):
            yield f"{pointer}/{name}"
        elif member.part is not None and value is not None:
            for item in value if member.item else [value]:
                yield from astray(member.part, item, f"{pointer}/{name}")


@pytest.mark.usefixtures("db", "world")
@pytest.mark.parametrize("state", [State.CONTESTED, State.RETURNED, State.CLOSED], ids=str)
def test_no_step_stores_what_the_type_of_a_file_does_not_name(state: State) -> None:
    told = casefile_at(state, subjects=(known_subject(),)) if state is State.RETURNED else casefile_at(state)
    versions = Payload.objects.filter(casefile=told.casefile, seq__gte=1)
    assert {pointer for version in versions for pointer in astray(CaseFile, version.facts or {})} == set()


def test_what_is_astray_is_found() -> None:
    assert list(astray(CaseFile, {"sanction": {"delivered": None}, "number": None})) == [
        "#/sanction/delivered",
        "#/number",
    ]


def _asked(path: Path) -> Iterator[tuple[str, str]]:
    """What `facts.get("...")` asks for: mypy names a misspelt `facts["..."]`, and says nothing of this one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            of, asked = ast.unparse(node.func.value), node.args[0]
            if of.split(".")[-1] in {"facts", "file"} and isinstance(asked, ast.Constant):
                yield path.name, str(asked.value)


def test_no_misspelt_member_of_the_file_is_asked_for() -> None:
    known = {member.name for member in reading.members(CaseFile)}
    asked = [found for folder in READERS for path in (ROOT / folder).glob("*.py") for found in _asked(path)]
    assert len(asked) > 100
    assert [found for found in asked if found[1] not in known] == []


def test_internal_members_are_shown_to_nobody() -> None:
    assert {"steps", "reference_keys", "claimed_employer", "former_employers"} <= reading.INTERNAL
    shown = {member.name for member in MEMBERS[CaseFile]}
    assert not shown & reading.INTERNAL
    held = {"casefile": "c", "number": "n", "on": "2024-10-10", "released_on": None, "sighted": ["a"], "documents": []}
    assert reading.without(Absorbed, Internal, held) == {
        "casefile": "c", "number": "n", "on": "2024-10-10", "released_on": None,
    }  # fmt: skip


def test_a_page_and_the_timeline_leave_out_what_bears_their_mark() -> None:
    assert reading.bearing(Subject, NotInLists) == {"nip", "former_nips"}
    turn = {"party": "examiner", "referral": "r", "since": "s", "due_on": "d"}
    violation = {"number": 1, "class": {"level": None}}
    compared = reading.compared(
        {"number": "n", "version": 3, "turn": turn, "violations": [violation], "sanction": None}
    )
    assert compared == {
        "turn": {"party": "examiner", "due_on": "d"}, "violations": [{"number": 1}], "sanction": None,
    }  # fmt: skip
