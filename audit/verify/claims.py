"""What the log says of one agency, as single claims that can be compared: facts, clients, keys, delegations, people.

A claim is a tuple of texts, its first a word of `CODES`. What has ended (a revoked key, a client that is not active, a
delegation that nobody approved or that ended) is claimed no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .forms import spelled
from .tellings import CHANGES

Claim = tuple[str, ...]

FACTS: Final = frozenset({"name", "former_names"}).union(*CHANGES.values())
"""Facts of an agency that its state tells, beside its code."""

CODES: Final[Mapping[str, str]] = {
    "fact": "unexpected-right",
    "client": "unexpected-client",
    "scope": "unexpected-right",
    "signs": "unexpected-right",
    "constrained": "unexpected-right",
    "key": "unexpected-key",
    "delegation": "unexpected-vendor",
    "delegated": "unexpected-vendor",
    "person": "unexpected-person",
    "two_officers": "unexpected-right",
    "mandate": "unexpected-mandate",
    "elsewhere": "unexpected-elsewhere",
}
"""What a claim is called that the agency did not expect, by the claim's first word."""

DELEGATED: Final = ("roles", "scopes", "purposes")
TWO_OFFICERS: Final[Claim] = ("two_officers",)
NO_END: Final = "open"
"""The end of a mandate that has none."""

_HEADS: Final[Mapping[str, str]] = {
    "scope": "client", "signs": "client", "constrained": "client", "delegated": "delegation",
}  # fmt: skip
_SLOTS: Final = frozenset({"fact", "signs", "person", "mandate"})


def of_agency(state: Mapping[str, Any]) -> frozenset[Claim]:
    """All claims of an agency's state. Raises `KeyError`, `TypeError` or `AttributeError` where it has no such form."""
    found = {fact(name, state[name]) for name in FACTS & state.keys() if state[name] is not None}
    for client in state["clients"]:
        found.update(_of_client(client))
    return frozenset(found.union(_of_delegations(state)))


def of_others(
    state: Mapping[str, Any], *, code: str, clients: frozenset[str], keys: frozenset[str]
) -> frozenset[Claim]:
    """What another agency's state says of this one (`code`): that it delegated to it, or has what is this one's.

    `clients` and `keys` (thumbprints) are this one's.
    """
    found: set[Claim] = {claim for claim in _of_delegations(state) if _is_vendor(state, claim, code)}
    for client in state["clients"]:
        if str(client["client"]) in clients:
            found.add(("elsewhere", "client", str(client["client"]), str(state["code"])))
        for key in client["keys"]:
            if str(key["thumbprint"]) in keys:
                found.add(("elsewhere", "key", str(key["thumbprint"]), str(state["code"])))
    return frozenset(found)


def of_person(state: Mapping[str, Any], *, code: str, people: frozenset[str]) -> frozenset[Claim]:
    """What a person's state says of this agency; of another's, that one of its own `people` (ids) is there."""
    ident, agency = str(state["person"]), str(state["agency"])
    if state["ended_at"] is not None:
        return frozenset()
    if agency == code:
        return frozenset({("person", ident, str(state["role"]))})
    return frozenset({("elsewhere", "person", ident, agency)} if ident in people else ())


def of_mandate(state: Mapping[str, Any], *, code: str) -> frozenset[Claim]:
    """What a mandate's state says of this agency."""
    if str(state["agency"]) != code:
        return frozenset()
    return frozenset({("mandate", str(state["code"]), str(state["valid_until"] or NO_END))})


def fact(name: str, value: Any) -> Claim:
    """A fact of an agency; the order of a list of words says nothing."""
    in_order = sorted(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value
    return "fact", name, spelled(in_order).decode()


def heads(told: Iterable[Claim]) -> list[Claim]:
    """The claims in their order, without the details of a client or delegation that is among them itself."""
    found = sorted(told)
    about = {claim[:2] for claim in found}
    return [claim for claim in found if (_HEADS.get(claim[0]), *claim[1:2]) not in about]


def slot(claim: Claim) -> Claim:
    """What the claim is about: another claim about the same thing takes its place."""
    return claim[:2] if claim[0] in _SLOTS else claim


def _of_client(client: Mapping[str, Any]) -> Iterator[Claim]:
    ident = str(client["client"])
    if not client["active"]:
        return
    yield "client", ident
    yield from (("scope", ident, str(scope)) for scope in client["scopes"])
    if since := client.get("signatures_required_from"):
        yield "signs", ident, str(since)
    if client.get("sender_constrained"):
        yield "constrained", ident
    yield from (("key", ident, str(key["thumbprint"])) for key in client["keys"] if key["revoked_at"] is None)


def _of_delegations(state: Mapping[str, Any]) -> Iterator[Claim]:
    for given in state.get("delegations", ()):
        if given["approved_at"] is None or given["ended_at"] is not None:
            continue
        ident = str(given["id"])
        yield "delegation", ident, str(state["code"]), str(given["vendor"]), str(given["client"])
        yield from (("delegated", ident, name, str(one)) for name in DELEGATED for one in given[name])
        yield "delegated", ident, "valid_until", str(given["valid_until"])


def _is_vendor(state: Mapping[str, Any], claim: Claim, code: str) -> bool:
    return any(str(given["id"]) == claim[1] and given["vendor"] == code for given in state["delegations"])
