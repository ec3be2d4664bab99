"""What an agency expects the log to say of it: a small file of its own (TOML), read strictly, written for a start.

format = "lintas-expected/1"
agency = "bkn"                     # the agency's code
judged_from = 1042                 # acts and changes before this index of the log are not judged
two_officers = false               # whether each act at the desk takes two

[facts]                            # the agency itself: name, roles, level, parent, …
[clients."bkn-system"]             # keys (RFC 7638 thumbprints), scopes, signatures_required_from, sender_constrained
[delegations."5f0c…"]              # employer, vendor, client, roles, scopes, purposes, valid_until
[people]                           # "id" = "officer", "manager" or "reader"
[mandates]                         # "code" = "open", or the day from which on it holds no more
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from . import claims
from .anchors import read_text
from .claims import DELEGATED, TWO_OFFICERS, Claim
from .report import CannotDecide

FORMAT: Final = "lintas-expected/1"

TEXT, TEXTS, FLAG, COUNT, TABLE = "a text in quotes", "a list of texts", "true or false", "a number", "a table"
_IS: Final[Mapping[str, Callable[[Any], bool]]] = {
    TEXT: lambda value: isinstance(value, str),
    TEXTS: lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    FLAG: lambda value: isinstance(value, bool),
    COUNT: lambda value: type(value) is int and value >= 0,
    TABLE: lambda value: isinstance(value, dict),
}
_TOP: Final[Mapping[str, str]] = {
    "format": TEXT, "agency": TEXT, "judged_from": COUNT, "two_officers": FLAG,
    **dict.fromkeys(("facts", "clients", "delegations", "people", "mandates"), TABLE),
}  # fmt: skip
_NEEDED: Final = ("format", "agency", "judged_from")
_CLIENT: Final[Mapping[str, str]] = {
    "keys": TEXTS, "scopes": TEXTS, "signatures_required_from": TEXT, "sender_constrained": FLAG,
}  # fmt: skip
_DELEGATION: Final[Mapping[str, str]] = {
    **dict.fromkeys(("employer", "vendor", "client", "valid_until"), TEXT), **dict.fromkeys(DELEGATED, TEXTS),
}  # fmt: skip
ROLES: Final = ("officer", "manager", "reader")
THUMBPRINT: Final = 43
"""Characters of a thumbprint: SHA-256 in base64url without padding."""


@dataclass(frozen=True, slots=True)
class Expected:
    """An agency's code, the index from which on it judges, and the claims that it expects."""

    agency: str
    judged_from: int
    claims: frozenset[Claim]

    def _second(self, word: str) -> frozenset[str]:
        return frozenset(claim[1] for claim in self.claims if claim[0] == word)

    @property
    def clients(self) -> frozenset[str]:
        """The ids of its clients."""
        return self._second("client")

    @property
    def people(self) -> frozenset[str]:
        """The ids of its people."""
        return self._second("person")

    @property
    def keys(self) -> frozenset[str]:
        """The thumbprints of its clients' keys."""
        return frozenset(claim[2] for claim in self.claims if claim[0] == "key")

    @property
    def is_operator(self) -> bool:
        """Whether it runs the register, whose commands bear no key."""
        return any(claim[:2] == ("fact", "roles") and '"operator"' in claim[2] for claim in self.claims)


# -- reading -----------------------------------------------------------------------------------------------------------


def read_expected(file: Path, *, agency: str) -> Expected:
    """Read the file of that agency. Raises `CannotDecide`, which names every member that is wrong."""
    try:
        members = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as why:
        raise CannotDecide(f"{file}: this is not TOML: {why}") from None
    faults = list(_faults(members))
    if not faults and members["format"] != FORMAT:
        faults = [f"format is {members['format']!r}, and {FORMAT!r} is known here"]
    if not faults and members["agency"] != agency:
        faults = [f"agency is {members['agency']!r}, and --agency says {agency!r}"]
    if faults:
        raise CannotDecide(f"{file}: {'; '.join(faults)}")
    return Expected(agency=agency, judged_from=members["judged_from"], claims=frozenset(_claims(members)))


def _faults(members: Mapping[str, Any]) -> Iterable[str]:
    yield from _shape(members, _TOP, "", needed=_NEEDED)
    if any(not _IS[TABLE](members.get(name, {})) for name, kind in _TOP.items() if kind == TABLE):
        return
    for name, value in members.get("facts", {}).items():
        if name not in claims.FACTS:
            yield f"facts.{name} is unknown; known are {', '.join(sorted(claims.FACTS))}"
        elif not _is_json(value):
            yield f"facts.{name} wants texts in quotes, numbers, lists of them, true or false"
    for ident, client in members.get("clients", {}).items():
        yield from _shape(client, _CLIENT, f"clients.{ident}", needed=("keys", "scopes"))
        keys = client.get("keys") if isinstance(client, dict) else None
        if _IS[TEXTS](keys):
            yield from (
                f"clients.{ident}.keys: {key!r} is no thumbprint ({THUMBPRINT} characters of base64url)"
                for key in keys or ()
                if len(key) != THUMBPRINT or not key.replace("-", "A").replace("_", "A").isalnum() or not key.isascii()
            )
    for ident, given in members.get("delegations", {}).items():
        yield from _shape(given, _DELEGATION, f"delegations.{ident}", needed=tuple(_DELEGATION))
    for ident, role in members.get("people", {}).items():
        if role not in ROLES:
            yield f"people.{ident} is {role!r}; a person is one of {', '.join(ROLES)}"
    for code, until in members.get("mandates", {}).items():
        if not isinstance(until, str):
            yield f'mandates.{code} wants a day in quotes, or "{claims.NO_END}"'


def _shape(value: Any, members: Mapping[str, str], name: str, *, needed: Collection[str]) -> Iterable[str]:
    """What is wrong with a table: unknown members, missing ones, and values of another kind."""
    if not isinstance(value, dict):
        yield f"{name} wants {TABLE}"
        return
    before = f"{name}." if name else ""
    for member in value.keys() - members.keys():
        yield f"{before}{member} is unknown; known are {', '.join(members)}"
    for member in members.keys() & value.keys():
        if not _IS[members[member]](value[member]):
            yield f"{before}{member} wants {members[member]}"
    yield from (f"{before}{member} is missing" for member in needed if member not in value)


def _is_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    return isinstance(value, str | bool | int)


def _claims(members: Mapping[str, Any]) -> Iterable[Claim]:
    yield from (claims.fact(name, value) for name, value in members.get("facts", {}).items())
    for ident, client in members.get("clients", {}).items():
        yield "client", ident
        yield from (("key", ident, key) for key in client["keys"])
        yield from (("scope", ident, scope) for scope in client["scopes"])
        if since := client.get("signatures_required_from"):
            yield "signs", ident, since
        if client.get("sender_constrained"):
            yield "constrained", ident
    for ident, given in members.get("delegations", {}).items():
        yield "delegation", ident, given["employer"], given["vendor"], given["client"]
        yield from (("delegated", ident, name, one) for name in DELEGATED for one in given[name])
        yield "delegated", ident, "valid_until", given["valid_until"]
    yield from (("person", ident, role) for ident, role in members.get("people", {}).items())
    yield from (("mandate", code, until) for code, until in members.get("mandates", {}).items())
    if members.get("two_officers"):
        yield TWO_OFFICERS


# -- writing -----------------------------------------------------------------------------------------------------------


def write_expected(file: Path, expected: Expected) -> None:
    """Write a new file. Raises `CannotDecide` where there is one already, or it cannot be written."""
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(_spelled(expected))
    except FileExistsError:
        raise CannotDecide(f"{file} is there already; name another file, or take it away first") from None
    except OSError as why:
        raise CannotDecide(f"{file}: {why.strerror or why}") from None


def _spelled(expected: Expected) -> str:
    told = sorted(expected.claims)

    def of(word: str, *begin: str) -> list[Claim]:
        return [claim for claim in told if claim[: 1 + len(begin)] == (word, *begin)]

    lines = [
        "# What this agency expects the log to say of it (docs/verifying.md). Read every line: what you do not know",
        "# here is what you are looking for. Whatever the log says beyond this file from judged_from on is an alarm.",
        f"format = {_toml(FORMAT)}",
        f"agency = {_toml(expected.agency)}",
        f"judged_from = {expected.judged_from}",
        f"two_officers = {_toml(TWO_OFFICERS in expected.claims)}",
        "",
        "[facts]",
        *(f"{name} = {_toml(json.loads(value))}" for _, name, value in of("fact")),
    ]
    for _, ident in of("client"):
        lines += ["", f"[clients.{_toml(ident)}]"]
        lines += [f"keys = {_toml([claim[2] for claim in of('key', ident)])}"]
        lines += [f"scopes = {_toml([claim[2] for claim in of('scope', ident)])}"]
        lines += [f"signatures_required_from = {_toml(claim[2])}" for claim in of("signs", ident)]
        lines += ["sender_constrained = true" for _ in of("constrained", ident)]
    for _, ident, employer, vendor, client in of("delegation"):
        lines += ["", f"[delegations.{_toml(ident)}]", f"employer = {_toml(employer)}", f"vendor = {_toml(vendor)}"]
        lines += [f"client = {_toml(client)}"]
        lines += [f"{name} = {_toml([claim[3] for claim in of('delegated', ident, name)])}" for name in DELEGATED]
        lines += [f"valid_until = {_toml(claim[3])}" for claim in of("delegated", ident, "valid_until")]
    lines += ["", "[people]", *(f"{_toml(ident)} = {_toml(role)}" for _, ident, role in of("person"))]
    lines += ["", "[mandates]", *(f"{_toml(code)} = {_toml(until)}" for _, code, until in of("mandate"))]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML spells it, on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(name)} = {_toml(one)}" for name, one in value.items()) + " }"
    # Texts, numbers, true and false are spelled as in JSON, but for one character that TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
