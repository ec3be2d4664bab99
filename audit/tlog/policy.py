"""Who must have seen a checkpoint: C2SP tlog-policy, a file of logs, witnesses, groups and a quorum.

log lintas.example.go.id/log/1+1a2b3c4d+AV...
witness ombudsman ombudsman.example/w1+5e6f7a8b+BK... https://witness.ombudsman.example
witness univ univ.example/w1+...
group outside 1 ombudsman univ
quorum outside
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import notes
from .notes import BadNote, Note, VerifierKey

_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class BadPolicy(ValueError):
    """The policy file breaks a rule; the message names the line."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness by its name in the policy; `url` is where checkpoints are submitted, if anywhere."""

    name: str
    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Trusted logs and witnesses, and the rule by which witnesses are enough."""

    logs: tuple[VerifierKey, ...]
    witnesses: tuple[Witness, ...]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str

    def seen_by(self, note: Note) -> tuple[Witness, ...]:
        """The witnesses whose cosignature is on the note and fits; one that does not fit counts for nothing."""
        return tuple(witness for witness in self.witnesses if _fits(note, witness.key))

    def is_met(self, note: Note) -> bool:
        """Whether enough witnesses cosigned the note."""
        names = frozenset(witness.name for witness in self.seen_by(note))
        return self.is_met_by(names)

    def is_met_by(self, names: frozenset[str]) -> bool:
        """Whether these witnesses are enough."""
        return self.quorum == "none" or self._counts(self.quorum, names)

    def excludes(self) -> bool:
        """Whether any two sets of witnesses that are enough have a witness in common.

        Then of two trees that one key signed at the same size one at most is seen by enough of them.
        """
        return self.quorum != "none" and not self._can_be_met_twice(self.quorum)

    def _can_be_met_twice(self, name: str) -> bool:
        """Whether two sets without a common witness can both meet it. A witness is a member of one group at most."""
        if name not in self.groups:
            return False
        needed, members = self.groups[name]
        return len(members) + sum(map(self._can_be_met_twice, members)) >= 2 * needed

    def _counts(self, name: str, names: frozenset[str]) -> bool:
        if name not in self.groups:
            return name in names
        needed, members = self.groups[name]
        return sum(self._counts(member, names) for member in members) >= needed


NONE = Policy(logs=(), witnesses=(), groups={}, quorum="none")
"""No witness is asked for."""


def _fits(note: Note, key: VerifierKey) -> bool:
    try:
        return note.signed_by(key) is not None
    except BadNote:
        return False


def read_policy(text: str) -> Policy:
    """Read a policy file. Raises `BadPolicy`."""
    logs: list[VerifierKey] = []
    witnesses: dict[str, Witness] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    members: set[str] = set()
    quorum: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONTROL.search(line):
            raise BadPolicy(f"line {number}: control characters but the tab are not allowed (is it CRLF?)")
        words = re.split("[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            match words:
                case ["log", vkey] | ["log", vkey, _]:
                    logs.append(_key(vkey, notes.LOG, logs))
                case ["witness", name, vkey, *url] if len(url) <= 1:
                    _fresh(name, {**witnesses, **groups})
                    key = _key(vkey, notes.COSIGNER, [witness.key for witness in witnesses.values()])
                    witnesses[name] = Witness(name=name, key=key, url=url[0].rstrip("/") if url else None)
                case ["group", name, needed, first, *more]:
                    _fresh(name, {**witnesses, **groups})
                    groups[name] = _group(needed, (first, *more), known={*witnesses, *groups}, taken=members)
                case ["quorum", name]:
                    if quorum is not None:
                        raise BadPolicy("a second quorum")
                    if name != "none" and name not in witnesses and name not in groups:
                        raise BadPolicy(f"{name} is not defined above")
                    quorum = name
                case _:
                    raise BadPolicy("this is no log, witness, group or quorum line")
        except (BadPolicy, BadNote) as why:
            raise BadPolicy(f"line {number}: {why}") from None
    if quorum is None:
        raise BadPolicy("the policy names no quorum (write `quorum none` for none)")
    return Policy(logs=tuple(logs), witnesses=tuple(witnesses.values()), groups=groups, quorum=quorum)


def _key(vkey: str, type_: int, others: list[VerifierKey]) -> VerifierKey:
    key = notes.read_vkey(vkey)
    if key.type != type_:
        raise BadPolicy("this key is of the wrong type here")
    if any(key.raw == other.raw for other in others):
        raise BadPolicy("this key stands here a second time")
    return key


def _fresh(name: str, known: Mapping[str, object]) -> None:
    if name == "none" or name in known:
        raise BadPolicy(f"the name {name} is taken")


def _group(needed: str, names: tuple[str, ...], *, known: set[str], taken: set[str]) -> tuple[int, tuple[str, ...]]:
    for name in names:
        if name not in known:
            raise BadPolicy(f"{name} is not defined above")
        if name in taken:
            raise BadPolicy(f"{name} is a member already")
        taken.add(name)
    if needed in ("any", "all"):
        return (1 if needed == "any" else len(names)), names
    if not re.fullmatch("[1-9][0-9]{0,3}", needed) or int(needed) > len(names):
        raise BadPolicy(f"of {len(names)} members, {needed} cannot be asked for")
    return int(needed), names
