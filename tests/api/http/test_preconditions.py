"""ETags: all of it for reading again, the version alone for writing."""

import pytest

from api.http import preconditions
from api.http.problems import Problem


def test_an_etag_is_the_version_and_what_this_party_sees() -> None:
    assert preconditions.etag(9, b"{}") == '"9.44136fa3"'
    assert preconditions.etag(9, b"{}") != preconditions.etag(9, b"[]")


@pytest.mark.parametrize(
    "header",
    [
        '"9"',
        ' "9" ',
        'W/"9"',
        '"9.1f0c77ab"',
        'W/"9.1f0c77ab"',
        '"9.1f0c77ab-gzip"',
        '"9.1f0c77ab;br"',
        '"9--gzip"',
        '"9"-gzip',
    ],
)
def test_if_match_names_a_version_however_a_proxy_dressed_it(header: str) -> None:
    assert preconditions.expected_version(header) == 9


@pytest.mark.parametrize(
    "header",
    [
        "",
        "9",
        "*",
        '"*"',
        '"9',
        "'9'",
        '"9", "8"',
        '"0"',
        '"-1"',
        '"09"',
        '"9.1f"',
        '"9.xyz"',
        '"nine"',
        '"9 "',
        '"9999999999"',
    ],
)
def test_anything_else_is_malformed(header: str) -> None:
    with pytest.raises(Problem, match="precondition-malformed"):
        preconditions.expected_version(header)


def test_without_if_match_the_answer_is_428() -> None:
    with pytest.raises(Problem) as caught:
        preconditions.expected_version(None)
    assert caught.value.status == 428


@pytest.mark.parametrize(
    ("header", "unchanged"),
    [
        (None, False),
        ("*", True),
        ('"9.1f0c77ab"', True),
        ('W/"9.1f0c77ab"', True),
        ('"9.1f0c77ab-gzip"', True),
        ('"8.00000000", "9.1f0c77ab"', True),
        ('"9"', False),
        ('"9.1f0c77ac"', False),
        ('"8.1f0c77ab"', False),
        ("garbage", False),
        ('"' * 5000, False),
    ],
)
def test_if_none_match_compares_all_of_it(header: str | None, unchanged: bool) -> None:
    assert preconditions.is_unchanged(header, '"9.1f0c77ab"') is unchanged
