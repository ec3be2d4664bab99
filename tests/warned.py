"""The warnings that a test is about."""

from collections.abc import Iterable, Mapping
from typing import Any


def others(warnings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The warnings but for the one every ordinary story carries: it recommends a lighter level than the annex names."""
    return [one for one in warnings if one["code"] != "level-outside-annex"]
