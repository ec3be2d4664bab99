"""JSON that two parsers might read differently is refused, and every refusal has its own code."""

import contextlib
import json
import time
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from api.http import strict
from api.http.problems import Problem


def refusal(body: bytes) -> str:
    with pytest.raises(Problem) as caught:
        strict.loads(body)
    assert caught.value.code == "malformed-json"
    (item,) = caught.value.errors
    assert item.in_language("id")["detail"] != item.in_language("en")["detail"]
    return item.code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b" \n", "empty-body"),
        (b"\xef\xbb\xbf{}", "byte-order-mark"),
        ('{"a":1}'.encode("utf-16"), "byte-order-mark"),
        (b'{"a":"\xff"}', "not-utf8"),
        (b'{"a":"\xed\xa0\x80"}', "not-utf8"),
        (b"{", "syntax"),
        (b"{'a':1}", "syntax"),
        (b'{"a":1,}', "syntax"),
        (b"{} {}", "syntax"),
        (b'{"a":01}', "syntax"),
        (b'{"a":"\x00"}', "syntax"),
        (b'{"a":1,"a":1}', "duplicate-key"),
        (b'[{"b":{"a":1,"\\u0061":2}}]', "duplicate-key"),
        (b'{"a":NaN}', "not-a-number"),
        (b"[-Infinity]", "not-a-number"),
        (b"[1e999]", "number-too-large"),
        (b"[9007199254740992]", "number-too-large"),
        (b"[-9007199254740992]", "number-too-large"),
        (b"[" + b"9" * 5000 + b"]", "number-too-large"),
        (b'["a\\u0000"]', "nul-character"),
        (b'{"a\\u0000":1}', "nul-character"),
        (b'["\\ud800"]', "lone-surrogate"),
        (b'[["\\udc00x"]]', "lone-surrogate"),
        (b"[" * 21 + b"]" * 21, "too-deep"),
        (b'{"a":' * 21 + b"1" + b"}" * 21, "too-deep"),
        (b"[" * 100_000, "too-deep"),
        (b'"' + b"[" * 100_000, "syntax"),
    ],
)
def test_what_is_refused_says_why(body: bytes, code: str) -> None:
    assert refusal(body) == code


def test_what_is_close_to_a_limit_passes() -> None:
    assert strict.loads(b"[" * 20 + b"]" * 20)
    assert strict.loads(b"[9007199254740991, -9007199254740991]") == [2**53 - 1, -(2**53) + 1]
    assert strict.loads(b'["\\ud83d\\ude00", "[[[[[[[[[[[[[[[[[[[[[[[[[[", "\\"[["]') == ["😀", "[" * 26, '"[[']


def test_a_syntax_error_names_its_place_but_not_the_value() -> None:
    with pytest.raises(Problem) as caught:
        strict.loads(b'{\n "nip": "198501012010011001"x}')
    said = json.dumps([item.in_language("en") for item in caught.value.errors])
    assert "line 2" in said
    assert "1985" not in said


def test_a_hostile_body_costs_linear_time() -> None:
    begun = time.process_time()
    assert refusal(b'"' + b'\\"' * 120_000) == "syntax"
    assert refusal(b'\\"' * 120_000) == "syntax"
    assert time.process_time() - begun < 2


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters="\x00")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_ordinary_json_is_read_as_it_was_meant(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    depth = max((text[:end].count("[") + text[:end].count("{") for end in range(len(text))), default=0)
    if depth <= 20:
        assert strict.loads(text.encode()) == value


@given(st.binary(max_size=200) | st.text('{}[]":,\\u0d8e+-.NaIfty tr\x00', max_size=60).map(str.encode))
def test_anything_else_is_a_value_or_a_refusal_and_a_value_has_one_canonical_form(body: bytes) -> None:
    with contextlib.suppress(Problem):
        value = strict.loads(body)
        assert strict.loads(rfc8785.dumps(value)) == value


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("", ""),
        ("text/plain", ""),
        ("application/x-www-form-urlencoded", ""),
        ("application/json; charset=latin-1", ""),
        ("application/json", "gzip"),
        ("application/jsonp", ""),
    ],
)
def test_another_media_type_is_refused(content_type: str, encoding: str) -> None:
    with pytest.raises(Problem, match="unsupported-media-type"):
        strict.check_media_type(content_type, encoding)


@pytest.mark.parametrize(
    "content_type", ["application/json", 'Application/JSON; charset="UTF-8"', "application/json;x=y"]
)
def test_json_in_utf8_is_taken_however_it_is_spelt(content_type: str) -> None:
    strict.check_media_type(content_type, "identity")
