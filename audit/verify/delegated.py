"""What an employer delegated to a vendor's client, as the employer's stream tells it: asked for, approved, ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .times import APART, AT_ONCE, moved

REQUESTED, APPROVED, ENDED = "delegation.requested", "delegation.approved", "delegation.ended"
KINDS: Final = frozenset({REQUESTED, APPROVED, ENDED})

PARTIES: Final = frozenset({"employer", "addressee"})
"""As which a vendor's client acts: what else an agency is to a casefile, it does itself."""
ROLE: Final = "employer"
"""The one role that is delegated."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """To whom what was delegated, and the moments from and until which acts may rest on it (None: not yet, or ever)."""

    vendor: str
    client: str
    roles: frozenset[str]
    scopes: frozenset[str]
    since: str | None
    until: str

    def is_of(self, *, vendor: str, client: str) -> bool:
        """Whether it was given to that client of that vendor."""
        return (self.vendor, self.client) == (vendor, client)

    def is_live(self, recorded_at: str) -> bool:
        """Whether an act that was recorded then may rest on it."""
        return self.since is not None and self.since <= recorded_at < self.until


def may_be(party: str, *, roles: Collection[str]) -> bool:
    """Whether these delegated roles let a client act as that party."""
    return party in PARTIES and ROLE in roles


def read(state: Any) -> dict[str, Delegation]:
    """The delegations of an agency's state, by id; those that cannot be read give nobody a right."""
    found: dict[str, Delegation] = {}
    listed = state.get("delegations") if isinstance(state, Mapping) else None
    for told in listed if isinstance(listed, list) else ():
        try:
            ends = [told["valid_until"], *([told["ended_at"]] if told["ended_at"] else [])]
            found[str(told["id"])] = Delegation(
                vendor=str(told["vendor"]),
                client=str(told["client"]),
                roles=frozenset(map(str, told["roles"])),
                scopes=frozenset(map(str, told["scopes"])),
                since=moved(told["approved_at"], -APART) if told["approved_at"] else None,
                until=min(moved(end, AT_ONCE) for end in ends),
            )
        except (KeyError, TypeError, AttributeError, ValueError):
            continue
    return found


def may_tell(kind: str, actor: Mapping[str, Any], given: Any, before: Any) -> bool:
    """Whether a client may tell this of a delegation: who asks, of its asking; the employer, of its approval.

    Either of the two may end it. `before` is the employer's state, whose code says whose client approves.
    """
    try:
        told = given["delegation"]
        asks = (told["vendor"], told["client"]) == (actor["agency"], actor["client"])
        gives = before["code"] == actor["agency"]
    except (KeyError, TypeError):
        return False
    if kind == REQUESTED:
        return bool(asks)
    return bool(gives) if kind == APPROVED else bool(asks or gives)


def following(kind: str, before: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The employer's state after that; None where nothing lawful follows. Raises what a wrong form raises."""
    told = given["delegation"]
    delegations = {one["id"]: one for one in before.get("delegations", ())}
    old = delegations.get(told["id"])
    if not _is_lawful(kind, old, told):
        return None
    return {**before, "delegations": [*({**delegations, told["id"]: told}).values()]}


def _is_lawful(kind: str, old: Mapping[str, Any] | None, told: Mapping[str, Any]) -> bool:
    if kind == REQUESTED:
        return old is None and told["approved_at"] is None and told["ended_at"] is None
    if old is None or old["ended_at"] is not None:
        return False
    if kind == ENDED:
        return told["ended_at"] is not None and {**old, "ended_at": told["ended_at"]} == told
    narrowed = {name: told[name] for name in ("scopes", "valid_until", "approved_at")}
    return (
        old["approved_at"] is None
        and told["approved_at"] is not None
        and {**old, **narrowed} == told
        and bool(told["scopes"])
        and set(told["scopes"]) <= set(old["scopes"])
        and told["valid_until"] <= old["valid_until"]
    )
