"""The steps of a casefile: who, when it happened and was recorded, what changed, and where its proof is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from agencies.actor import Actor
from agencies.naming import names_then
from audit.models import Entry
from casefiles.catalogue.book import load as load_catalogue
from casefiles.file.reading import compared
from casefiles.flow.parties import HOLDERS
from casefiles.sight import projection
from casefiles.sight.first_readings import Opening
from casefiles.sight.projection import Viewer
from casefiles.sight.versions import KeptVersion
from console import telling, words
from console.models import Draft, Form
from console.telling import Told
from people import persons


@dataclass(frozen=True, slots=True)
class People:
    """The persons who acted on a casefile, as far as the reader may know them.

    `names` are by the spelling of the log, `drafters` the names of those who drafted, by the version that came of it;
    both are those of the reader's own agency. `proofs` say by version how whoever acted had proved who they are, and
    when: the entry tells that to everybody who sees the step, and names nobody.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    drafters: Mapping[int, str] = field(default_factory=dict)
    proofs: Mapping[int, str] = field(default_factory=dict)


NOBODY: Final = People()


@dataclass(frozen=True, slots=True)
class Step:
    """One version's step; `pointers` are the places of the file that it changed, as far as the reader sees them.

    `by` says as which party the agency acted, and through which vendor's system where it was not the agency's own.
    `proved` says of a person by which second factor, and when; it is empty of a system.
    `opened` says who of those whose turn it was read this version first, and when.
    """

    seq: int
    what: str
    to: str
    agency: str
    by: str
    proved: str
    occurred: str
    recorded: str
    basis: str
    changes: list[Told]
    pointers: frozenset[str]
    index: int | None
    leaf: str
    opened: Sequence[str]


def seen_of(version: KeptVersion, viewer: Viewer) -> Mapping[str, Any]:
    """The file after that version, as that reader sees it and as versions are compared."""
    facts: Any = version.facts
    return compared(projection.project(facts, viewer=viewer, catalogue=load_catalogue())[0]) if facts else {}


def steps_of(
    versions: Sequence[KeptVersion],
    names: Mapping[str, str],
    *,
    viewer: Viewer,
    openings: Sequence[Opening] = (),
    people: People = NOBODY,
) -> list[Step]:
    """Every step, oldest first; `names` are those of agencies, by code, `people` those of the reader's own agency.

    What a version changed is told where the one before it is at hand.
    """
    before: Mapping[str, Any] | None = None
    newest = 0
    steps = []
    for version in versions:
        seen = seen_of(version, viewer)
        changes = projection.changes(before, seen) if version.seq == newest + 1 else []
        before, newest = seen, version.seq
        steps.append(
            Step(
                seq=version.seq,
                what=words.step(version.name),
                to=str(words.STATES[version.to_state]) if version.to_state != version.from_state else "",
                agency=version.agency_name,
                by=_by(version, people),
                proved=people.proofs.get(version.seq, ""),
                occurred=telling.instant(version.occurred_at),
                recorded=telling.instant(version.recorded_at),
                basis=version.legal_basis,
                changes=[fact for change in changes for fact in telling.told(change, names)],
                pointers=frozenset(str(change["pointer"]) for change in changes),
                index=version.index,
                leaf=version.leaf_hash.hex(),
                opened=[
                    f"{one.agency_name}, {telling.instant(one.at)}" for one in openings if one.version == version.seq
                ],
            )
        )
    return steps


def people_of(casefile: UUID, versions: Sequence[KeptVersion], *, actor: Actor) -> People:
    """The persons of the reader's agency who acted or drafted by name; of other agencies' people how they signed in."""
    proofs = _proofs(versions)
    names = persons.names({version.client for version in versions if version.agency_code == actor.agency_code})
    if not names:
        return People(proofs=proofs)
    drafted = Draft.objects.filter(pk=OuterRef("pk"), agency=actor.agency_id, state="done").values("drafter__name")
    rows = Form.objects.filter(casefile=casefile, done_at__isnull=False).annotate(drafter=Subquery(drafted))
    return People(names, dict(rows.filter(drafter__isnull=False).values_list("receipt__seq", "drafter")), proofs)


def _proofs(versions: Sequence[KeptVersion]) -> Mapping[int, str]:
    acted = {version.entry: version.seq for version in versions if persons.id_in(version.client) is not None}
    if not acted:
        return {}
    bodies = Entry.objects.filter(uuid__in=acted).values_list("uuid", "body")
    return {acted[entry]: _proof(orjson.loads(bytes(body))["actor"]) for entry, body in bodies}


def _proof(actor: Mapping[str, str]) -> str:
    said = _proven(actor["factor"], actor["proved_at"])
    if "drafted_by" not in actor:
        return said
    drafter = _proven(actor["drafter_factor"], actor["drafter_proved_at"])
    return _("%(performer)s; perancang: %(drafter)s") % {"performer": said, "drafter": drafter}


def _proven(factor: str, at: str) -> str:
    return f"{words.FACTORS.get(factor, factor)}, {telling.instant(datetime.fromisoformat(at))}"


def _by(version: KeptVersion, people: People) -> str:
    party = str(words.PARTIES.get(version.party, version.party))
    if persons.id_in(version.client) is not None:
        who = people.names.get(version.client) or _("seorang petugas")
        if drafter := people.drafters.get(version.seq):
            said = _("%(party)s, oleh %(who)s di meja, dirancang %(drafter)s")
            return said % {"party": party, "who": who, "drafter": drafter}
        return _("%(party)s, oleh %(who)s di meja") % {"party": party, "who": who}
    if version.vendor_name is None:
        return party
    return _("%(party)s, melalui sistem %(vendor)s") % {"party": party, "vendor": version.vendor_name}


def agencies_of(facts: Mapping[str, Any], versions: Sequence[KeptVersion]) -> Mapping[str, str]:
    """The names of the agencies that a file tells of, and of those that acted, by code: those of its last step."""
    codes = {facts.get(party) for party in HOLDERS} | {(facts.get("turn") or {}).get("agency")}
    codes |= {document.get("owner") for document in facts["documents"]} | {facts["finding"].get("origin_office")}
    codes |= set((facts.get("verification") or {}).get("members", ())) | {version.agency_code for version in versions}
    return names_then([code for code in codes if code])(versions[-1].recorded_at)


def last_to_change(pointer: str, steps: Sequence[Step]) -> Step | None:
    """The last of the steps that changed that place of the file, something in it, or what it lies in."""
    return next((step for step in reversed(steps) if any(_meet(pointer, other) for other in step.pointers)), None)


def _meet(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
