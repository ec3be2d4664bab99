"""Bodies against shapes: everything wrong is named at once, with its place, and nothing of the value comes back."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract import schemas
from api.http import bodies
from api.http.problems import ErrorItem, Problem
from casefiles.catalogue.book import load
from casefiles.flow.given import RejectReason
from casefiles.shapes import (
    AgencyCode,
    Ascending,
    Between,
    Code,
    Doc,
    DocumentId,
    Identifier,
    Items,
    Nip,
    NotAfterNow,
    NotAfterToday,
    RegionCode,
    Sha256,
    Text,
)

NOW = dt.datetime(2024, 10, 3, 17, 30, 0, 123000, tzinfo=dt.UTC)  # 00:30 on the 4th in Padang


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that was done."""

    number: Annotated[int, Between(1, 100)]
    channel: Annotated[str, Code("channel"), Doc(id="Kanal", en="Channel", example="facebook")]
    act_date: dt.date
    kind: Literal["like", "share"] = "like"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is sent."""

    orders: ClassVar[tuple[Ascending, ...]] = (Ascending("violations/*/act_date", "known_on", "registered_on"),)

    register_number: Annotated[str, Text(20, pattern=r"[0-9A-Z/]+"), Doc(id="Nomor", en="Number", example="1/TM")]
    office: Annotated[AgencyCode, Doc(id="Kantor", en="Office", example="pemkot-padang")]
    region: RegionCode | None = None
    known_on: Annotated[dt.date, NotAfterToday()]
    registered_on: dt.date | None = None
    nip: Annotated[Nip, Doc(id="NIP", en="NIP", example="197001011995031001")]
    documents: Annotated[tuple[DocumentId, ...], Items(0, 2, unique=True)] = ()
    violations: Annotated[tuple[Act, ...], Items(1, 3)]
    letter: Annotated[str, Text(9), Identifier()] | None = None
    reason: RejectReason | None = None
    note: Annotated[str, Text(10)] | None = None
    story: Annotated[str, Text(4000)] | None = None
    occurred_at: Annotated[dt.datetime, NotAfterNow()] | None = None
    digest: Sha256 | None = None
    held: bool = False


GOOD: dict[str, Any] = {
    "register_number": "006/TM",
    "office": "bawaslu-kota-padang",
    "region": "13.71",
    "known_on": "2024-10-02",
    "registered_on": "2024-10-03",
    "nip": "19850101 201001 1 001",
    "documents": ["0193E1F2-7c1a-7d5e-9b54-2f6f0a1c9d10"],
    "violations": [{"number": 1, "channel": "facebook", "act_date": "2024-09-29"}],
    "reason": {"code": "not_asn", "text": "x\ny"},
    "occurred_at": "2024-10-03T08:30:00.9876543+07:00",
    "digest": "AB" * 32,
    "held": True,
}


def parse(data: object) -> Report:
    return bodies.parse(Report, data, catalogue=load(), now=NOW, time_zone="Asia/Jakarta")


def breaches(data: object) -> dict[str, dict[str, Any]]:
    """The items by pointer."""
    with pytest.raises(Problem) as caught:
        parse(data)
    assert caught.value.code == "invalid-body"
    return {str(item.pointer): item.in_language("en") for item in caught.value.errors}


def found(read: Callable[[], object]) -> tuple[ErrorItem, ...]:
    """What was found wrong, if anything."""
    try:
        read()
    except Problem as refused:
        return refused.errors
    return ()


def but(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changed}.items() if value is not ...}


def test_a_good_body_becomes_frozen_values() -> None:
    report = parse(GOOD)
    assert report.nip == "198501012010011001"
    assert report.known_on == dt.date(2024, 10, 2)
    assert report.occurred_at == dt.datetime(2024, 10, 3, 1, 30, 0, 987000, tzinfo=dt.UTC)
    assert report.documents == (UUID("0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10"),)
    assert report.violations == (Act(number=1, channel="facebook", act_date=dt.date(2024, 9, 29)),)
    assert report.digest == "ab" * 32
    assert report.note is None


def test_every_breach_is_named_at_once_with_its_place() -> None:
    found = breaches(
        {
            "registerNumber": "006",
            "office": "Pemkot Padang",
            "nip": 1985,
            "known_on": "02-10-2024",
            "violations": [
                {"number": 0, "chanel": "facebook", "act_date": "2024-09-31"},
                {"number": 1, "channel": "facebok", "act_date": "2024-09-30", "kind": "lik"},
            ],
            "reason": [],
            "held": "yes",
        }
    )
    assert {pointer: item["code"] for pointer, item in found.items()} == {
        "#/registerNumber": "unknown-field",
        "#/register_number": "missing-field",
        "#/office": "bad-agency-code",
        "#/nip": "wrong-type",
        "#/known_on": "bad-date",
        "#/violations/0/number": "out-of-range",
        "#/violations/0/chanel": "unknown-field",
        "#/violations/0/channel": "missing-field",
        "#/violations/0/act_date": "no-such-date",
        "#/violations/1/channel": "unknown-code",
        "#/violations/1/kind": "not-among-choices",
        "#/reason": "empty-array-for-object",
        "#/held": "wrong-type",
    }
    assert found["#/registerNumber"]["did_you_mean"] == "register_number"
    assert found["#/violations/0/chanel"]["did_you_mean"] == "channel"
    assert found["#/violations/1/channel"]["did_you_mean"] == "facebook"
    assert found["#/violations/1/channel"]["href"].endswith("/api/v1/catalogue/codes")
    assert found["#/violations/1/kind"]["allowed"] == ["like", "share"]


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"note": "x" * 11}, "#/note", "too-long"),
        ({"note": " \n "}, "#/note", "blank"),
        ({"note": "a\x1bb"}, "#/note", "unwritable-character"),
        ({"story": "a\x1bb"}, "#/story", "control-character"),
        ({"register_number": "1/\u200eTM"}, "#/register_number", "unwritable-character"),
        ({"register_number": "1\nTM"}, "#/register_number", "unwritable-character"),
        ({"register_number": "\u200b"}, "#/register_number", "unwritable-character"),
        ({"register_number": "\u3164 \u2800"}, "#/register_number", "unwritable-character"),
        ({"story": "\u200b\u2060"}, "#/story", "blank"),
        ({"story": "a\u202eb"}, "#/story", "control-character"),
        ({"note": 1}, "#/note", "wrong-type"),
        ({"letter": "R-1\u200b/2024"}, "#/letter", "unwritable-character"),
        ({"letter": "R-1\t/2024"}, "#/letter", "unwritable-character"),
        ({"letter": "\u00ad"}, "#/letter", "unwritable-character"),
        ({"letter": "\ufdfa"}, "#/letter", "too-long"),
        ({"register_number": "a b"}, "#/register_number", "wrong-form"),
        ({"register_number": None}, "#/register_number", "null-not-allowed"),
        ({"region": "1371"}, "#/region", "bad-region-code"),
        ({"documents": ["x"]}, "#/documents/0", "bad-id"),
        ({"documents": GOOD["documents"] * 2}, "#/documents/1", "repeated-item"),
        ({"documents": GOOD["documents"] * 3}, "#/documents", "too-many-items"),
        ({"documents": {}}, "#/documents", "wrong-type"),
        ({"violations": []}, "#/violations", "too-few-items"),
        ({"violations": [[]]}, "#/violations/0", "empty-array-for-object"),
        ({"violations": [7]}, "#/violations/0", "not-an-object"),
        ({"violations": [{**GOOD["violations"][0], "number": True}]}, "#/violations/0/number", "wrong-type"),
        ({"violations": [{**GOOD["violations"][0], "number": 1.0}]}, "#/violations/0/number", "wrong-type"),
        ({"known_on": "2024-10-05"}, "#/known_on", "in-the-future"),
        ({"known_on": "0024-10-02"}, "#/known_on", "absurd-time"),
        ({"known_on": "20241002"}, "#/known_on", "bad-date"),
        ({"known_on": "2024-02-30"}, "#/known_on", "no-such-date"),
        ({"known_on": "2024-10-02T00:00:00Z"}, "#/known_on", "bad-date"),
        ({"known_on": "2024-09-28"}, "#/known_on", "out-of-order"),
        ({"registered_on": "2024-10-01"}, "#/registered_on", "out-of-order"),
        ({"occurred_at": "2024-10-03T08:30:00"}, "#/occurred_at", "no-time-zone"),
        ({"occurred_at": "2024-10-03 08:30:00Z"}, "#/occurred_at", "bad-instant"),
        ({"occurred_at": "2024-10-03T24:30:00Z"}, "#/occurred_at", "bad-instant"),
        ({"occurred_at": "2024-10-03T08:30:00+22:40"}, "#/occurred_at", "absurd-time"),
        ({"occurred_at": "2024-10-03T08:30:00+07:60"}, "#/occurred_at", "absurd-time"),
        ({"occurred_at": "1899-12-31T23:59:59Z"}, "#/occurred_at", "absurd-time"),
        ({"occurred_at": "2024-10-03T17:31:00.124Z"}, "#/occurred_at", "in-the-future"),
        ({"occurred_at": 1727946000}, "#/occurred_at", "wrong-type"),
        ({"nip": "19850101201001100"}, "#/nip", "bad-nip"),
        ({"nip": "131234567"}, "#/nip", "bad-nip-old-form"),
        ({"nip": "3578 0101 0185 0001"}, "#/nip", "bad-nip-is-nik"),
        ({"nip": "1,98501E+17"}, "#/nip", "bad-nip-rounded"),
        ({"nip": "١٩٨٥٠١٠١٢٠١٠٠١١٠٠١"}, "#/nip", "bad-nip"),
        ({"digest": "zz" * 32}, "#/digest", "bad-digest"),
        ({"reason": {"code": "not_asn", "words": ""}}, "#/reason/words", "unknown-field"),
    ],
)
def test_each_breach_has_its_code_and_place(changed: dict[str, Any], pointer: str, code: str) -> None:
    found = breaches(but(**changed))
    assert {where: item["code"] for where, item in found.items()} == {pointer: code}


@pytest.mark.parametrize(
    ("changed", "character"),
    [
        ({"letter": "R\u200d1"}, "U+200D ZERO WIDTH JOINER"),
        ({"letter": "R\ufeff1"}, "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ({"letter": "R\x071"}, "U+0007"),
        ({"note": "a\u202eb"}, "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ],
)
def test_a_character_that_cannot_be_seen_is_named(changed: dict[str, Any], character: str) -> None:
    (item,) = breaches(but(**changed)).values()
    assert f" {character}," in item["detail"]


def test_a_number_is_kept_as_it_was_written() -> None:
    assert parse(but(letter="\uff32 \u2013 1")).letter == "\uff32 \u2013 1"


@pytest.mark.parametrize("data", [[], "x", 7, None, True, [GOOD]])
def test_a_body_that_is_no_object_is_refused_as_a_whole(data: object) -> None:
    assert list(breaches(data)) == ["#"]


def test_today_is_today_where_the_office_is() -> None:
    assert parse(but(known_on="2024-10-04", registered_on=None)).known_on == dt.date(2024, 10, 4)
    with pytest.raises(Problem):
        bodies.parse(Report, but(known_on="2024-10-04"), catalogue=load(), now=NOW, time_zone="UTC")


@pytest.mark.parametrize(
    ("said", "by_id", "by_en"),
    [
        ("2024-10-03T17:31:00.124Z", "1 menit 1 detik lagi", "1 minute 1 second ahead"),
        ("2024-10-03T17:32:05.123Z", "2 menit 5 detik lagi", "2 minutes 5 seconds ahead"),
        ("2024-10-03T17:30:00.123-07:00", "7 jam lagi", "7 hours ahead"),
        ("2024-10-05T18:30:01Z", "2 hari 1 jam lagi", "2 days 1 hour ahead"),
    ],
)
def test_an_instant_that_is_ahead_is_told_by_how_much(said: str, by_id: str, by_en: str) -> None:
    (item,) = found(lambda: parse(but(occurred_at=said)))
    assert item.code == "in-the-future"
    for language, by in (("id", by_id), ("en", by_en)):
        detail = str(item.in_language(language)["detail"])  # type: ignore[arg-type]
        assert by in detail
        assert "2024-10-03T17:30:00.123Z" in detail
        assert "60" in detail
        assert said not in detail


@pytest.mark.parametrize("ahead", ["00.124", "30", "59.999"])
def test_a_clock_that_is_a_minute_fast_says_now(ahead: str) -> None:
    assert parse(but(occurred_at=f"2024-10-03T17:30:{ahead}Z")).occurred_at == NOW
    assert parse(but(occurred_at="2024-10-03T17:31:00.123Z")).occurred_at == NOW


def test_a_day_that_is_ahead_is_told_with_the_zone_and_its_day() -> None:
    (item,) = found(lambda: parse(but(known_on="2024-10-06", registered_on=None)))
    assert item.code == "in-the-future"
    for language, by in (("id", "2 hari lagi"), ("en", "2 days ahead")):
        detail = str(item.in_language(language)["detail"])  # type: ignore[arg-type]
        assert all(part in detail for part in (by, "2024-10-04", "Asia/Jakarta"))


def test_midnight_on_a_fast_clock_is_still_today() -> None:
    late = dt.datetime(2024, 10, 4, 16, 59, 30, tzinfo=dt.UTC)  # 23:59:30 in Padang
    said = but(known_on="2024-10-05", registered_on=None)
    assert bodies.parse(Report, said, catalogue=load(), now=late, time_zone="Asia/Jakarta").known_on == dt.date(
        2024, 10, 4
    )
    early = late - dt.timedelta(seconds=31)
    with pytest.raises(Problem):
        bodies.parse(Report, said, catalogue=load(), now=early, time_zone="Asia/Jakarta")


def test_a_day_that_runs_backwards_is_told_the_day_it_is_compared_with() -> None:
    (item,) = found(lambda: parse(but(registered_on="2024-10-01")))
    assert item.code == "out-of-order"
    assert "known_on" in str(item.in_language("en")["detail"])
    assert GOOD["known_on"] in str(item.in_language("en")["detail"])


def test_a_name_that_might_be_personal_is_not_repeated() -> None:
    found = breaches(but(**{"198501012010011001": 1, "Budi Santoso": 2}))
    assert list(found) == ["#"]
    assert "1985" not in json.dumps(found)
    assert "Budi" not in json.dumps(found)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["zqx77", "2024-10-02"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, "zqx77"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*GOOD]), anything, max_size=4))
def test_whatever_comes_is_read_or_refused_and_no_value_is_echoed(changed: dict[str, Any]) -> None:
    for item in found(lambda: parse({**GOOD, **changed})):
        said = item.in_language("id")
        assert "zqx77" not in str(said["detail"])
        assert item.in_language("en")["code"] == said["code"]


def test_the_schema_says_the_same_as_the_reader() -> None:
    reference, components = schemas.to_openapi(Report, catalogue=load())
    assert reference == {"$ref": "#/components/schemas/Report"}
    assert set(components) == {"Report", "Act"}
    report = components["Report"]
    assert report["additionalProperties"] is False
    assert set(report["required"]) == {"register_number", "office", "known_on", "nip", "violations"}
    assert report["properties"]["reason"]["nullable"] is True
    assert "not_asn" in report["properties"]["reason"]["properties"]["code"]["enum"]
    assert report["properties"]["violations"]["items"] == {"$ref": "#/components/schemas/Act"}
    example = schemas.example_of(Report, catalogue=load())
    later = NOW.replace(year=2026)
    bodies.parse(Report, example, catalogue=load(), now=later, time_zone="Asia/Jakarta")
    document = {**reference, "components": {"schemas": components}}
    jsonschema.Draft4Validator(document).validate(example)
    assert not jsonschema.Draft4Validator(document).is_valid({**example, "nope": 1})


def test_two_shapes_of_one_name_cannot_become_one_component() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Other:
        one: Act

    twin = type("Act", (), {"__annotations__": {"x": int}})

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Both:
        one: Act
        two: dataclass(twin)  # type: ignore[valid-type]  # made at run time

    assert set(schemas.to_openapi(Other, catalogue=load())[1]) == {"Other", "Act"}
    with pytest.raises(ValueError, match="two shapes are called Act"):
        schemas.to_openapi(Both, catalogue=load())


def test_of_a_great_many_breaches_the_first_are_named_and_the_others_counted() -> None:
    """Whatever somebody sends, the refusal stays small, and what was meant is looked for only so often."""
    acts = [{**GOOD["violations"][0], "channel": "facebok", "kind": "lyke", "chanel": 1} for _ in range(3)]
    with pytest.raises(Problem) as refused:
        parse({**but(violations=acts), **{f"unknown_{chr(97 + at % 26)}{chr(97 + at // 26)}": 1 for at in range(200)}})
    said = refused.value.in_language("en", instance="")
    assert len(refused.value.errors) > 200
    assert (len(said["errors"]), said["more_errors"]) == (100, len(refused.value.errors) - 100)
    assert "did_you_mean" not in refused.value.errors[-1].members
    assert len(json.dumps(said)) < 60_000
