"""What the entries of an agency's stream may tell, by whom, and which state of the agency follows from each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from . import delegated, people
from .entries import Entry

REGISTERED, CLIENT, KEY_ADDED, KEY_REVOKED = "agency.registered", "client.registered", "key.added", "key.revoked"
KEY_REQUESTED, KEY_APPROVED = "key.requested", "key.approved"
SIGNATURES: Final = "client.signatures_required"
CONSTRAINED: Final = "client.sender_constrained"
CHANGES: Final[Mapping[str, frozenset[str]]] = {
    "agency.renamed": frozenset({"name", "former_names"}),
    "agency.changed": frozenset({
        "roles", "level", "region", "parent", "time_zone", "valid_from", "valid_until", "heirs", "legal_basis",
        "source", "certainty",
    }),
    "agency.ended": frozenset({"valid_until", "heirs"}),
}  # fmt: skip
"""What became of an agency, and which facts such an entry may change."""

UNTOLD: Final = frozenset({"former_names", "heirs", "legal_basis", "source", "certainty"})
"""Facts of an agency that its state leaves out where there is nothing to tell."""

KINDS: Final = frozenset(
    {
        REGISTERED, CLIENT, KEY_ADDED, KEY_REVOKED, KEY_REQUESTED, KEY_APPROVED, SIGNATURES, CONSTRAINED,
        *CHANGES, *delegated.KINDS, *people.KINDS,
    }
)  # fmt: skip
"""What an agency's stream tells, and a person's."""

BY_CLIENTS: Final = frozenset({KEY_ADDED, KEY_REVOKED, KEY_REQUESTED, delegated.APPROVED})
"""What a client does with its own keys, and by which it lets another act, in a request that a key of it signed."""


def is_delegated(actor: Mapping[str, Any]) -> bool:
    """Whether the client acted for another agency than its own, or says so."""
    return actor.get("vendor") is not None or actor.get("delegation") is not None


def may_tell(entry: Entry, given: Any, before: Any) -> bool:
    """Whether who made the entry may tell this: a client of its own keys, the operator's commands of everything.

    Of a delegation: who asks of its asking, the employer of its approval, both of its end.
    """
    actor = entry["actor"]
    if actor.get("key") is None:
        return True
    if entry["kind"] in delegated.KINDS:
        return not is_delegated(actor) and delegated.may_tell(entry["kind"], actor, given, before)
    return entry["kind"] in BY_CLIENTS and isinstance(given, dict) and given.get("client") == actor["client"]


def following(kind: str, before: Mapping[str, Any] | None, given: Any) -> Mapping[str, Any] | None:
    """The state that follows from the one before by what was given; None where nothing does."""
    try:
        if kind == REGISTERED:
            return in_order({**given, "clients": []}) if before is None else None
        if before is None:
            return None
        if kind in delegated.KINDS:
            after = delegated.following(kind, before, given)
            return None if after is None else in_order(after)
        if kind in CHANGES:
            return _changed(before, kind, given)
        clients = {client["client"]: client for client in before["clients"]}
        if kind == CLIENT:
            if given["client"] in clients:
                return None
            clients[given["client"]] = given
        else:
            client = clients[given["client"]]
            if kind == SIGNATURES:
                client = _signing(client, given)
            elif kind == CONSTRAINED:
                others = {name: value for name, value in client.items() if name != "sender_constrained"}
                client = {**others, **({"sender_constrained": True} if given["sender_constrained"] else {})}
            else:
                client = _with_key(client, kind, given)
                if client is None:
                    return None
            clients[given["client"]] = client
        following: Mapping[str, Any] = in_order({**before, "clients": [*clients.values()]})
    except (KeyError, TypeError, AttributeError):
        return None
    return following


def _changed(before: Mapping[str, Any], kind: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The agency after some of its facts became others; None where an entry of that kind may not change them."""
    told = {name: value for name, value in given.items() if name != "code"}
    if given["code"] != before["code"] or not told or not told.keys() <= CHANGES[kind]:
        return None
    after = {**before, **told}
    following: Mapping[str, Any] = in_order(
        {name: value for name, value in after.items() if value or name not in UNTOLD}
    )
    return following


def _with_key(client: Mapping[str, Any], kind: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The client after a key of it was added or revoked; None where that key could not be."""
    keys = {key["kid"]: key for key in client["keys"]}
    old, new = keys.get(given["key"]["kid"]), given["key"]
    waits = bool(new.get("awaits_approval"))
    if kind in {KEY_ADDED, KEY_REQUESTED} and (old is not None or waits != (kind == KEY_REQUESTED)):
        return None
    if kind == KEY_REVOKED and (old is None or {**old, "revoked_at": new["revoked_at"]} != new):
        return None
    if kind == KEY_APPROVED and (old is None or waits or {**old, **new} != {**new, "awaits_approval": True}):
        return None
    return {**client, "keys": [*({**keys, new["kid"]: new}).values()]}


def _signing(client: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The client after it was said from when on it signs (None: it need not)."""
    since = given["signatures_required_from"]
    others = {name: value for name, value in client.items() if name != "signatures_required_from"}
    return others if since is None else {**others, "signatures_required_from": since}


def in_order(state: Any) -> Any:
    """A state with clients, keys and delegations in the order of their names. That of registration does not matter."""
    try:
        clients = [
            {**client, "keys": sorted(client["keys"], key=lambda key: str(key["kid"]))} for client in state["clients"]
        ]
        ordered = {**state, "clients": sorted(clients, key=lambda client: str(client["client"]))}
        if "delegations" in state:
            ordered["delegations"] = sorted(state["delegations"], key=lambda delegation: str(delegation["id"]))
        return ordered
    except (KeyError, TypeError, AttributeError):
        return state
