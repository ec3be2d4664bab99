"""Null is what many serializers write for what is not set: an optional field that is null was left out, everywhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import get_resolver

from api.contract import schemas
from api.http import bodies
from api.http.bodies import Reader
from api.http.problems import Problem
from casefiles import flow, shapes
from casefiles.catalogue.book import load as load_catalogue
from casefiles.flow.afterwards import Correction
from casefiles.models import Payload
from casefiles.references import plain
from tests import factories
from tests.partner import Partner, said
from tests.ready import ready
from tests.world import World

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def _routes(patterns: Any) -> Iterator[Any]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern.callback


def _bodies() -> Iterator[type[Any]]:
    """The body of every route that takes one as JSON, and what the rows without a route take."""
    for view in _routes(get_resolver("config.urls").url_patterns):
        # A row of the flow has one view for all of its routes: their bodies come with the rows below.
        operations = getattr(getattr(view, "cls", None), "operations", None)
        for operation in operations.values() if isinstance(operations, dict) else ():
            if isinstance(operation.body, type):
                yield operation.body
    for row in flow.FLOW:
        if row.takes is not None:
            yield row.takes


def _with_those_inside(shape: type[Any], found: dict[str, type[Any]]) -> None:
    if shape.__name__ in found:
        return
    found[shape.__name__] = shape
    for member in shapes.members(shape):
        held = member.item or member
        if held.is_object:
            _with_those_inside(held.base, found)


def _all() -> dict[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    for body in _bodies():
        _with_those_inside(body, found)
    return found


SHAPES = _all()
OPTIONAL = [
    (shape, member.name) for shape in SHAPES.values() for member in shapes.members(shape) if not member.required
]


def _read(shape: type[Any], data: Mapping[str, Any]) -> Any:
    reader = Reader(catalogue=load_catalogue(), now=NOW, time_zone="UTC")
    value = bodies.read_object(reader, shape, data, "#")
    assert not reader.errors, reader.errors
    return value


def _example(shape: type[Any]) -> dict[str, Any]:
    """What the shape demands, and no more."""
    example: dict[str, Any] = schemas.example_of(shape, catalogue=load_catalogue())
    required = {member.name for member in shapes.members(shape) if member.required}
    return {name: value for name, value in example.items() if name in required}


def test_the_bodies_of_all_routes_are_among_them() -> None:
    named = {
        "FindingGiven",
        "MoreSubjects",
        "Descriptor",
        "PreventionGiven",
        "ZeroReportGiven",
        "SnapshotGiven",
        "ReconciliationGiven",
    }
    assert named | {"CasefileSearch", "Correction", "Official", "Subject", "ComparedLine"} <= set(SHAPES)
    assert len(OPTIONAL) > 150


@pytest.mark.parametrize(("shape", "name"), OPTIONAL, ids=lambda one: getattr(one, "__name__", one))
def test_an_optional_field_that_is_null_was_left_out(shape: type[Any], name: str) -> None:
    without = _read(shape, _example(shape))
    with_null = _read(shape, {**_example(shape), name: None})
    assert with_null == without
    assert plain(with_null) == plain(without)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda one: one.__name__)
def test_all_of_them_may_be_null_at_once_and_the_contract_says_so(shape: type[Any]) -> None:
    nulls = {member.name: None for member in shapes.members(shape) if not member.required}
    assert _read(shape, {**nulls, **_example(shape)}) == _read(shape, _example(shape))
    _, components = schemas.to_openapi(shape, catalogue=load_catalogue())
    properties = components[shape.__name__]["properties"]
    for member in shapes.members(shape):
        assert properties[member.name].get("nullable", False) is member.takes_null, member.name
        if member.takes_null and "enum" in properties[member.name]:
            assert None in properties[member.name]["enum"], member.name


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda one: one.__name__)
def test_a_required_field_is_not_null(shape: type[Any]) -> None:
    demanded = [member for member in shapes.members(shape) if member.required and not member.nullable]
    reader = Reader(catalogue=load_catalogue(), now=NOW, time_zone="UTC")
    bodies.read_object(reader, shape, {**_example(shape), **{member.name: None for member in demanded}}, "#")
    refused = {(item.code, item.pointer) for item in reader.errors}
    assert refused == {("null-not-allowed", f"#/{member.name}") for member in demanded}


def test_where_null_means_something_the_field_is_required_and_the_refusal_says_so() -> None:
    meaningful = [
        (shape.__name__, member.name)
        for shape in SHAPES.values()
        for member in shapes.members(shape)
        if member.required and member.nullable
    ]
    assert meaningful == [("Correction", "value")]
    body = {"fact": "#/unit", "reason": {"code": "clerical_error"}}
    with pytest.raises(Problem) as refused:
        bodies.parse(Correction, body, catalogue=load_catalogue(), now=NOW, time_zone="Asia/Jakarta")
    (item,) = refused.value.errors
    assert (item.code, item.pointer) == ("missing-field-or-null", "#/value")
    assert "null" in item.in_language("en")["detail"]


def _with_nulls(value: Any, given: Any) -> Any:
    """A body as such a serializer writes it: null for whatever is as it would be if left out."""
    if dataclasses.is_dataclass(given):
        return {
            member.name: None
            if not member.required and getattr(given, member.attribute) == member.default
            else _with_nulls(value[member.name], getattr(given, member.attribute))
            for member in shapes.members(type(given))
        }
    if isinstance(given, tuple):
        return [_with_nulls(one, other) for one, other in zip(value, given, strict=True)]
    return value


def test_a_finding_full_of_nulls_is_stored_as_one_without(db: None, world: World) -> None:
    document = factories.document(factories.PADANG, "assessment")
    given = factories.finding_given(documents=(document,))
    padang = Partner(factories.PADANG)
    made = padang.post("/findings", _with_nulls(plain(given), given))
    assert made.status_code == 201, made.content
    stored = Payload.objects.get(finding=said(made)["id"], seq=1).given
    assert stored == plain(given)
    more = padang.post(
        f"/findings/{said(made)['id']}/subjects",
        {"occurred_at": None, "subjects": [{"name": "Satu Lagi", "position_roles": None, "violations": [1]}]},
    )
    assert more.status_code == 201, more.content


@pytest.mark.parametrize("name", ["accept", "record-execution", "report-sanction", "transfer", "uphold"])
def test_an_act_full_of_nulls_is_stored_as_one_without(db: None, world: World, name: str) -> None:
    case = ready(name)
    answer = Partner(case.who).post(
        f"/casefiles/{case.story.casefile}/{name}",
        _with_nulls(plain(case.given), case.given),
        version=case.story.row.version,
    )
    assert answer.status_code == 200, answer.content
    assert case.story.payload.given == plain(case.given)


def test_the_next_page_of_a_search_may_be_asked_with_nulls(db: None, world: World) -> None:
    for _ in range(2):
        factories.casefile_at(flow.State.SUBMITTED)
    bkn = Partner(factories.BKN)
    asked = {"name": factories.NAME, "purpose": "identity_check", "limit": 1}
    first = said(bkn.post("/casefiles/search", asked))
    again = bkn.post("/casefiles/search", {**asked, "state": None, "nip": None, "cursor": first["next_cursor"]})
    assert again.status_code == 200, again.content
    assert len(said(again)["data"]) == 1
