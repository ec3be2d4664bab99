"""The RFC 8785 form of JSON, which digests and commitments are taken over."""

from __future__ import annotations

from typing import Any, Final

import orjson
import rfc8785


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value."""
    if _is_plain(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            pass  # half a surrogate pair, or nested too deeply: the other says so
    return rfc8785.dumps(value)


_ALWAYS_PLAIN: Final = frozenset({str, bool, type(None)})
_PLAIN_NAMES: Final[set[str]] = set()


def _is_plain(value: Any) -> bool:
    """Whether plain sorted JSON is the RFC 8785 form, in a tenth of the time.

    So it is but for the order of names that are not ASCII, floats, and integers that a double does not hold.
    """
    kind = type(value)
    if kind is dict:
        # A set answers for all names of an object at once. Loops: a generator takes twice as long.
        if not _PLAIN_NAMES.issuperset(value):
            if not all(type(name) is str and name.isascii() for name in value):
                return False
            _PLAIN_NAMES.update(value if len(_PLAIN_NAMES) < 4_096 else ())
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in _ALWAYS_PLAIN or isinstance(value, str) or (kind is int and -(2**53) < value < 2**53)
    for one in value:  # noqa: SIM110 - see above
        if type(one) not in _ALWAYS_PLAIN and not _is_plain(one):
            return False
    return True
