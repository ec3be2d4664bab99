"""What of a visible casefile each party sees. Whether it is visible at all is `Casefile.objects.visible_to`.

Reporter and witnesses: submitter and examiner only. Type, number and date of every document: all; its content (size,
digest) by the type's audience (`casefiles/catalogue/data/document-types.yaml`). An employer never learns the other
subjects of a finding: the file holds one subject, and the way to the finding is withheld from the employer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agencies.actor import Actor
from casefiles import nip
from casefiles.catalogue.book import Catalogue, UnknownCode
from casefiles.file import Absorbed, Attached, CaseFile, Changes
from casefiles.file.marks import Internal
from casefiles.file.reading import INTERNAL, without
from casefiles.flow import Party
from casefiles.flow.parties import HOLDERS, holders, parties_of
from casefiles.sight import protected

# What an act was given for the flow's own use.
INTERNAL_GIVEN = frozenset({"submitters", "brought", "kept_back", "shown_to", "unshared"})
# Where a transition is given an official's name, NIP and position.
OFFICIALS = ("official", "received_by")


@dataclass(frozen=True, slots=True)
class Viewer:
    """A party looking at one casefile.

    `is_above` means an office above the submitting one, or one that had the case before; `is_joined` one that sees it
    only because it took in a casefile of that office's side.
    """

    agency: str
    parties: frozenset[Party]
    is_auditor: bool = False
    is_above: bool = False
    is_joined: bool = False

    @property
    def sees_reporter(self) -> bool:
        """Submitter and examiner only: not even auditors."""
        return bool(self.parties & {Party.SUBMITTER, Party.EXAMINER})

    @property
    def sees_finding(self) -> bool:
        """The finding names every subject: the submitter's side, the examiner and auditors."""
        return self.is_auditor or (self.is_above and not self.is_joined) or self.sees_reporter

    @property
    def sees_duplicates(self) -> bool:
        """That another casefile may be the same matter would tip its officer off: examiner and auditors only."""
        return self.is_auditor or Party.EXAMINER in self.parties


def viewer_of(actor: Actor, facts: Mapping[str, Any]) -> Viewer:
    """What the actor's agency is to the file as it stands in `facts`."""
    held = holders(*(facts.get(party) for party in HOLDERS))
    parties = frozenset(parties_of(actor.agency_code, held, actor.roles))
    return Viewer(
        agency=actor.agency_code,
        parties=parties,
        is_auditor=actor.is_auditor,
        is_above="election_supervisor" in actor.roles and Party.SUBMITTER not in parties,
        is_joined=any(
            actor.agency_code in taken_in["sighted"]
            for taken_in in facts.get("absorbed", ())
            if taken_in["released_on"] is None
        ),
    )


def project(
    facts: CaseFile, *, viewer: Viewer, catalogue: Catalogue, identities: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The file as that party sees it, and the JSON pointers of what is withheld from it.

    `identities` are reporter and witnesses, brought from the finding for who may know them.
    """
    withheld: list[str] = []
    seen: dict[str, Any] = {name: value for name, value in facts.items() if name not in INTERNAL}
    if not viewer.sees_duplicates:
        # Nor is it named among what is withheld: that would tell it.
        seen.pop("not_duplicate_of", None)
    finding: dict[str, Any] = {**facts["finding"]}
    known = identities if viewer.sees_reporter and identities else {}
    finding |= {"reporter": known.get("reporter"), "witnesses": known.get("witnesses") or []}
    if not viewer.sees_reporter:
        withheld += [f"#/finding/{name}" for name in protected.held_back(facts["finding"])]
    finding.pop("protected", None)
    finding["href"] = f"/api/v1/findings/{finding['id']}" if viewer.sees_finding else None
    seen["finding"] = finding
    documents: list[Attached] = []
    brought = brought_along(facts)
    for index, document in enumerate(facts["documents"]):
        if not names_owner(document, viewer=viewer, brought=brought):
            document = {**document, "owner": None}
            withheld.append(f"#/documents/{index}/owner")
        if sees_content(document, facts=facts, viewer=viewer, catalogue=catalogue):
            documents.append(document)
        else:
            documents.append({**document, "sha256": None, "size": None})
            withheld.append(f"#/documents/{index}/sha256")
    seen["documents"] = documents
    if not viewer.sees_reporter:
        # It says something of the reporter.
        seen["warnings"] = [warning for warning in facts.get("warnings", ()) if warning["code"] != protected.ANONYMOUS]
    if "absorbed" in facts:
        # Who sees the file for the sake of a casefile it took in is nobody else's business.
        seen["absorbed"] = [without(Absorbed, Internal, taken_in) for taken_in in facts["absorbed"]]
    return seen, withheld


def brought_along(facts: CaseFile | Changes) -> frozenset[str]:
    """The documents that came with casefiles which this one took in."""
    return frozenset(document for item in facts.get("absorbed", ()) for document in item.get("documents", ()))


def names_owner(document: Attached, *, viewer: Viewer, brought: frozenset[str]) -> bool:
    """Whether that party may know whose document it is.

    Which office forwarded a casefile that was taken in is nobody's business who does not see its finding.
    """
    return document["id"] not in brought or viewer.sees_finding or document["owner"] == viewer.agency


def sees_content(document: Attached, *, facts: CaseFile | Changes, viewer: Viewer, catalogue: Catalogue) -> bool:
    """Whether that party may see a document's content, by its type's audience (P, R, E or B)."""
    if document["owner"] == viewer.agency:
        return True
    try:
        audience = str(catalogue.document_type(document["type"]).audience)
    except UnknownCode:
        audience = "E"
    if audience == "P":
        return True
    if viewer.is_auditor:
        return audience in {"R", "E"}
    submitting = viewer.is_above or Party.SUBMITTER in viewer.parties
    examining = Party.EXAMINER in viewer.parties
    if audience == "B":
        return submitting or examining
    if audience == "E":
        return examining or bool(viewer.parties & {Party.ADDRESSEE, Party.APPEAL_BOARD})
    if submitting or examining:
        return True
    # What came with a merge after the recommendation waits for the next one (`absorption.told`).
    kept_back = {item["document"] for item in facts.get("withheld_documents", ())}
    kept_back |= set(facts.get("unshared_documents", ()))
    return (
        Party.ADDRESSEE in viewer.parties
        and facts.get("recommendation") is not None
        and document["id"] not in kept_back
    )


def project_given(given: Mapping[str, Any], *, viewer: Viewer, by: str) -> dict[str, Any]:
    """What a transition was given, as that party sees it; `by` is the agency that gave it.

    The officials who decided or received are shown with their whole NIP to their own agency, the examiner and auditors;
    to others masked (`nip.masked`). What the examiner said of duplicates stays with examiner and auditors.
    """
    seen = {name: value for name, value in given.items() if name != "not_duplicate_of" or viewer.sees_duplicates}
    if viewer.is_auditor or Party.EXAMINER in viewer.parties or viewer.agency == by:
        return seen
    for name in OFFICIALS:
        if seen.get(name) is not None:
            seen[name] = nip.masked_in(seen[name])
    return seen


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What differs between two views of a file, field by field: `{pointer, before, after}`, sorted by pointer."""
    changed = [
        {"pointer": pointer, "before": old, "after": new} for pointer, old, new in _differences(before, after, "#")
    ]
    return sorted(changed, key=lambda item: str(item["pointer"]))


def _differences(before: Any, after: Any, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from _differences(before.get(name), after.get(name), f"{pointer}/{_escaped(name)}")
    elif isinstance(before, Mapping | None) and isinstance(after, Mapping) and pointer == "#":
        for name, value in after.items():
            yield from _differences(None, value, f"{pointer}/{_escaped(name)}")
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            yield from _differences(old, new, f"{pointer}/{index}")
    else:
        yield pointer, before, after


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
