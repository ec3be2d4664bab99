"""The example bodies run as they stand in `openapi/examples`, in the order that `story.yaml` there says.

The test knows the files only, as a stranger would: what to send comes from them, and so does what to expect. Nothing is
changed but what the server draws: an id or number in an answer takes the place of the one written in the examples.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.contract.casebook.bodies import BODIES
from api.contract.openapi.files import FOLDER
from casefiles import flow, nip
from tests.api import answers
from tests.api.answers import assert_answers
from tests.partner import Partner, said
from tests.sequencing import Sequencing
from tests.world import World

EXAMPLES = FOLDER / "examples"
STORY = yaml.safe_load((EXAMPLES / "story.yaml").read_text())
PATHS: Mapping[str, Mapping[str, Any]] = {path["name"]: path for path in STORY["paths"]}
API = "/api/v1"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A path on a register that holds others: the line most cases follow, again, and one with two findings.
BESIDE = ("main", "main", "merged")
# It counts as of an index of the log, so that something must have its place there.
COUNTED = "frozen"


@dataclass
class Reader:
    """Somebody who sends what the files say, one step after another."""

    drawn: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    # Examples whose answer was held against the document before: many paths begin alike.
    compared: set[str] = field(default_factory=set)

    def sends(self, step: Mapping[str, Any], **changed: Any) -> Any:
        """The answer to one step, held against the contract and against the published answer."""
        body = json.loads(self._told((EXAMPLES / step["body"]).read_text())) | changed
        path = self._told(step["post"]).removeprefix(API)
        casefile = path.split("/")[2] if path.startswith("/casefiles/") and path.count("/") == 3 else ""
        version = self.versions.get(casefile)
        response = self._partner(step["client"]).post(path, body, version=version)
        assert response.status_code in {200, 201}, f"{step['body']}: {response.content.decode()}"
        answer = said(response)
        if step["body"] not in self.compared:
            assert_answers(response, step["operation"])
            self._compares(step, response.status_code, answer)
            self.compared.add(step["body"])
        for pointer, value in step.get("draws", {}).items():
            self.drawn[value] = read(answer, pointer)
        self._remembers(answer)
        return answer

    def stands(self, step: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Fail unless the casefile stands as the story says."""
        file = (
            answer if "state" in answer else said(Partner("bpk").get(f"/casefiles/{self._casefile_of(step, answer)}"))
        )
        turn = file["turn"] or {"agency": {"code": None}, "purpose": None, "due_on": None}
        found = {"state": file["state"], "outcome": file["outcome"]}
        found |= {"turn": turn["agency"]["code"], "purpose": turn["purpose"], "due_on": turn["due_on"]}
        assert found == step["then"], step["body"]
        assert file["warnings"] == [], step["body"]

    def _casefile_of(self, step: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        return answer["casefiles"][0]["id"] if "casefiles" in answer else self._told(step["post"]).split("/")[4]

    def _compares(self, step: Mapping[str, Any], status: int, answer: Any) -> None:
        operation = answers.find("POST", self._told(step["post"]))
        assert operation is not None
        content = operation["responses"][str(status)]["content"]["application/json"]
        published = (
            [content["example"]] if "example" in content else [one["value"] for one in content["examples"].values()]
        )
        assert any(alike(one, answer) is None for one in published), alike(published[0], answer)
        if "state" in answer:
            whole = next(one for one in published if "available" in one)
            for name in ("state", "outcome"):
                assert answer[name] == whole[name], step["body"]
            for name in ("party", "purpose", "agency", "since", "due_on", "due_at"):
                assert (answer["turn"] or {}).get(name) == (whole["turn"] or {}).get(name), step["body"]

    def _partner(self, client: str) -> Partner:
        agency = client.removesuffix("-system")
        return self.partners.setdefault(agency, Partner(agency))

    def _told(self, text: str) -> str:
        for written, drawn in self.drawn.items():
            text = text.replace(written, drawn)
        return text

    def _remembers(self, answer: Any) -> None:
        for file in (answer, *answer.get("casefiles", ())):
            if "version" in file and "number" in file:
                self.versions[file["id"]] = file["version"]


def walks(reader: Reader, path: Mapping[str, Any]) -> None:
    """Every step of a path, and how the casefile stands after it."""
    for step in path["steps"]:
        answer = reader.sends(step)
        if "then" in step:
            reader.stands(step, answer)


@pytest.fixture(scope="module")
def compared() -> set[str]:
    """The examples whose answer some test of this file has held against the document."""
    return set()


@pytest.mark.parametrize("name", [name for name in PATHS if name != COUNTED])
def test_a_path_runs_as_it_stands(db: None, world: World, compared: set[str], name: str) -> None:
    walks(Reader(compared=compared), PATHS[name])


def test_numbers_are_frozen_where_the_log_has_an_entry(sequenced: Sequencing, compared: set[str]) -> None:
    sequenced()
    walks(Reader(compared=compared), PATHS[COUNTED])


def test_beside_other_paths_two_things_change(db: None, world: World, compared: set[str]) -> None:
    for number, name in enumerate(BESIDE):
        reader = Reader(compared=compared)
        for step in PATHS[name]["steps"]:
            changed: dict[str, Any] = {}
            if step["operation"] == "submit_finding":
                written = json.loads((EXAMPLES / step["body"]).read_text())["register_number"]
                changed["register_number"] = f"{number + 101}{written[3:]}"
            if step["operation"] == "perform_accept":
                file = reader._told(step["post"]).split("/")[4]
                suspected = said(Partner("bkn").get(f"/casefiles/{file}"))["suspected_duplicates"]
                changed["not_duplicate_of"] = [one["casefile"] for one in suspected]
            reader.sends(step, **changed)


def test_every_example_is_a_step_of_the_story() -> None:
    """But for what the story does not tell: its example is made of those that its fields have."""
    sent = {step["body"] for path in PATHS.values() for step in path["steps"]}
    acts = {f"perform_{row.replace('-', '_')}" for row in flow.ROWS if flow.ROWS[row].routed and row != "submit"}
    # The digest in it is that of a payload which the register draws.
    untold = {f"{name}.json" for name in {*acts, "record_hukdis"} - set(BODIES)}
    assert sent | untold == {file.name for file in EXAMPLES.glob("*.json")}
    assert not sent & untold


def test_the_document_has_every_example_where_its_body_is_described() -> None:
    for file in EXAMPLES.glob("*.json"):
        operation, _, name = file.name.removesuffix(".json").partition(".")
        found = next(one for _, _, one in answers.operations() if one["operationId"] == operation)
        content = found["requestBody"]["content"]["application/json"]
        shown = content["example"] if "example" in content else content["examples"][name or operation]["value"]
        assert shown == json.loads(file.read_text()), file.name


@pytest.mark.parametrize("name", PATHS)
def test_the_days_of_a_path_follow_each_other(name: str) -> None:
    bodies = [_body(step) for step in PATHS[name]["steps"]]
    happened = [dt.datetime.fromisoformat(body["occurred_at"]) for body in bodies if "occurred_at" in body]
    assert happened == sorted(set(happened))
    for body in bodies:
        moment = body.get("occurred_at", "9999")[:10]
        ahead = body.get("until") if "reason" in body else body.get("due_on") if "code" in body else None
        for day in _days(body):
            assert dt.date.fromisoformat(day) < dt.date(2025, 2, 1), body
            # More time is granted from that day on; nothing else of the act lies after it.
            assert day <= moment or day == ahead, body


def test_every_person_has_a_nip_that_may_be_one_and_only_one() -> None:
    persons: dict[str, str] = {}
    for file in EXAMPLES.glob("*.json"):
        for person in _persons(json.loads(file.read_text())):
            digits = person["nip"]
            assert nip.doubts(digits, employment_kind="pns", act_date=dt.date(2024, 9, 29)) == (), digits
            assert persons.setdefault(digits, person["name"]) == person["name"]
    assert len(set(persons.values())) == len(persons) == 5


def test_a_published_answer_that_differs_is_noticed() -> None:
    assert alike({"a": [{"b": "x"}]}, {"a": [{"b": None}], "more": 1}) is None
    assert alike({"a": 1}, {"a": "1"}) == "#/a is a str, published as a int"
    assert alike({"a": {"b": 1}}, {"a": {}}) == "#/a/b is missing"


# -- small parts ------------------------------------------------------------------------------------------------------


def read(answer: Any, pointer: str) -> Any:
    """What stands at a JSON pointer such as `#/casefiles/0/id`."""
    for part in pointer.removeprefix("#/").split("/"):
        answer = answer[int(part)] if isinstance(answer, list) else answer[part]
    return answer


def alike(published: Any, real: Any, at: str = "#") -> str | None:
    """Where a real answer is of another form than the published one; None where it is not."""
    if published is None or real is None:
        return None
    if type(published) is not type(real):
        return f"{at} is a {type(real).__name__}, published as a {type(published).__name__}"
    if isinstance(published, dict):
        for name, value in published.items():
            if name not in real:
                return f"{at}/{name} is missing"
            if found := alike(value, real[name], f"{at}/{name}"):
                return found
    if isinstance(published, list) and published:
        return next((found for one in real if (found := alike(published[0], one, f"{at}/0"))), None)
    return None


def _body(step: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(Path(EXAMPLES / step["body"]).read_text())
    return body


def _days(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _days(one)
    elif isinstance(value, list):
        for one in value:
            yield from _days(one)
    elif isinstance(value, str) and DAY.fullmatch(value):
        yield value


def _persons(value: Any) -> Iterator[Mapping[str, str]]:
    if isinstance(value, dict):
        if "nip" in value and "name" in value:
            yield value
        for one in value.values():
            yield from _persons(one)
    elif isinstance(value, list):
        for one in value:
            yield from _persons(one)
