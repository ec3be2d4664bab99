"""Every assertion, in the order in which a report lists them."""

from collections.abc import Mapping
from functools import cache

from lintas_conformance.assertions.access import ACCESS
from lintas_conformance.assertions.grammar import Assertion, NotSeen
from lintas_conformance.assertions.hooks import HOOKS
from lintas_conformance.assertions.law import LAW
from lintas_conformance.assertions.privacy import PRIVACY
from lintas_conformance.assertions.reading import READING
from lintas_conformance.assertions.rows import of_rows
from lintas_conformance.assertions.writing import WRITING


@cache
def assertions() -> Mapping[str, Assertion]:
    """All of them by their ids. Raises ValueError where two have one id."""
    listed = (*of_rows(), *ACCESS, *WRITING, *LAW, *READING, *HOOKS, *PRIVACY)
    found = {one.id: one for one in listed}
    if len(found) != len(listed):
        raise ValueError("two assertions have one id")
    return found


__all__ = ["Assertion", "NotSeen", "assertions"]
