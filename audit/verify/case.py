"""`lintas-verify case FILE`: one casefile as `manage.py export_case` wrote it, from its first entry to its last.

A dossier of the console (PDF) has the same as an attachment.

Shows that the history is complete and unchanged up to its last entry here: whether a later one exists, only the log
itself can say (`/api/v1/log/entries?casefile=`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..tlog import tree
from ..tlog.notes import BadNote
from ..tlog.proof import read_proof
from . import clock, evidence
from .actors import Actors, keys_of, opened
from .anchors import HOW_TO_GET_A_KEY, Anchors, read_json
from .checkpoints import asks_witnesses
from .entries import ERASED, Chains, Entry, is_whole, place
from .evidence import Keys
from .forms import is_digest, opens
from .pdf import attached, is_pdf
from .receipts import verify_proof
from .report import CannotDecide, Report
from .times import Times

FORMAT = "lintas-case-export/1"

Told = tuple[int | None, Entry, Mapping[str, Any] | None]
"""An entry with its index, and what it opens to where it is one of an agency's stream."""


def verify_case(file: Path, *, anchors: Anchors, report: Report) -> None:
    """Verify an export. Raises `CannotDecide` where it is none, is cut off, or no key was given."""
    document = _read(file)
    if not anchors.keys:
        raise CannotDecide(HOW_TO_GET_A_KEY)
    chains, missing = Chains(report), Counter[str]()
    erased_through = _erased_through(document, anchors=anchors, report=report)
    acts: list[Told] = []
    proofs: list[tuple[Entry, Any]] = []
    asks_witnesses(anchors, report)
    for number, version in enumerate(document["versions"], start=1):
        if not isinstance(version, dict):
            raise CannotDecide(f"{file}: version {number} is no object.")
        entry = entry_of(version, chains=chains, anchors=anchors, report=report)
        if entry is None:
            continue
        acts.append((index_of(version), entry, None))
        if entry["stream"] != document.get("casefile"):
            report.add("column-differs", member="stream", **place(entry))
        _compare_transition(version.get("transition"), entry, report=report)
        _compare_record(version.get("record"), entry, number=document.get("number"), report=report)
        if entry["request"].get("signature") is not None and entry["seq"] > erased_through:
            proofs.append((entry, version.get("evidence")))
        missing[_content(version, entry, erased_through=erased_through, report=report)] += 1
        report.checked["versions"] += 1
    keys = verify_actors(document.get("parties"), acts, anchors=anchors, report=report)
    for signed, proof in proofs:
        verify_signature(signed, proof, keys=keys, report=report)
    if document.get("version") != len(document["versions"]):
        report.add("seq-broken", member="version", casefile=str(document.get("casefile")))
    for code in ("erased", "content-withheld"):
        if missing[code]:
            report.add(code, number=missing[code])
    report.checked["casefiles"] += 1


def _read(file: Path) -> dict[str, Any]:
    """The export, in a file of its own or attached to a dossier. Raises `CannotDecide` where it holds no version."""
    document = attached(file) if is_pdf(file) else read_json(file)
    versions = document.get("versions") if isinstance(document, dict) and document.get("format") == FORMAT else None
    if not isinstance(versions, list):
        raise CannotDecide(f"{file}: this is no export of a casefile ({FORMAT}).")
    if not versions:
        raise CannotDecide(f"{file}: the export holds no version of the casefile.")
    return dict(document)


def _content(version: Mapping[str, Any], entry: Entry, *, erased_through: int, report: Report) -> str:
    """Check the content of a version where there is one; the code that says why there is none, else ""."""
    content = version.get("content")
    if content is not None:
        _open(content, entry, report=report)
        return ""
    if version.get("withheld") is True:
        return "content-withheld"
    if entry["seq"] > erased_through:
        report.add("erased-undeclared", member="content", **place(entry))
        return ""
    return "erased"


def verify_actors(parties: Any, acts: list[Told], *, anchors: Anchors, report: Report) -> Keys | None:
    """Judge the acts by the streams of the agencies that acted, each whole from its first entry.

    Returns the keys that they tell of; None where the file does not tell them.
    """
    if not isinstance(parties, list):
        report.add("actor-untold", member="parties")  # an export of an earlier release
        return None
    chains = Chains(report)
    of_parties: list[Told] = []
    for line in parties:
        if not isinstance(line, dict):
            raise CannotDecide("The export is not whole: an entry of `parties` is no object.")
        entry = entry_of(line, chains=chains, anchors=anchors, report=report)
        if entry is None:
            continue
        opening = {"given": line.get("given"), "state": line.get("state")}
        salts = {name: salt_of(line.get(name)) for name in ("given_salt", "state_salt")}
        fitting = opened(entry, {**opening, **salts})
        if fitting is None:
            report.add("commitment-differs", member="parties", **place(entry))
        of_parties.append((index_of(line), entry, fitting))
    actors, times = Actors(report), Times(report, now=clock.now())
    # In the order of the log. Entries without a place come last: they will get later places.
    for index, entry, opening_of in sorted([*of_parties, *acts], key=lambda act: (act[0] is None, act[0] or 0)):
        actors.take(entry, opening_of, index=index)
        times.take(entry, index=index)
    return keys_of(actors.states())


def verify_signature(entry: Entry, proof: Any, *, keys: Keys | None, report: Report) -> None:
    """Compare what proves that the entry's request was signed with what the entry commits to."""
    if not isinstance(proof, dict):
        report.add("evidence-untold", member="evidence", **place(entry))
        return
    code = evidence.fault(proof, entry, salt=salt_of(proof.get("salt")), keys=keys)
    if code is not None:
        report.add(code, member="evidence", **place(entry))
    report.checked["signatures"] += code is None


def index_of(line: Mapping[str, Any]) -> int | None:
    """The place of an entry in the log, None where the file tells none."""
    index = line["index"]
    return index if isinstance(index, int) else None


def entry_of(version: Mapping[str, Any], *, chains: Chains, anchors: Anchors, report: Report) -> Entry | None:
    """The entry of a version, in its chain and proved to be in the tree."""
    try:
        body, index, stated_leaf = str(version["body"]).encode(), version["index"], bytes.fromhex(version["leaf_hash"])
        proof = version["proof"]
    except (KeyError, TypeError, ValueError):
        raise CannotDecide("The export is not whole: a version has not body, index, leaf_hash and proof.") from None
    entry = chains.read(body, index=index)
    if entry is None:
        return None
    if not is_whole(entry):
        report.add("entry-shape", index=index)
        return None
    leaf = tree.leaf_hash(body)
    chains.follow(entry, leaf, index=index)
    if leaf != stated_leaf:
        report.add("leaf-hash", index=index, **place(entry))
    if proof is None:
        report.add("proof-missing", **place(entry))
        return entry
    try:
        verify_proof(read_proof(str(proof)), anchors=anchors, report=report, leaf=leaf, index=index)
    except BadNote as why:
        report.add("proof-unreadable", why=str(why), index=index, **place(entry))
    return entry


def _open(content: Any, entry: Entry, *, report: Report) -> None:
    if not isinstance(content, dict):
        raise CannotDecide("The export is not whole: a version's content is no object.")
    for member, what in (("after", "facts"), ("payload", "given")):
        if not opens(entry[member], salt=salt_of(content.get(f"{what}_salt")), value=content.get(what)):
            report.add("commitment-differs", member=what, **place(entry))
    attached = content.get("attachments")
    if not isinstance(attached, list) or len(attached) != len(entry["attachments"]):
        report.add("commitment-differs", member="attachments", **place(entry))
        return
    for salted, committed in zip(attached, entry["attachments"], strict=True):
        value = (
            {"document": salted.get("document"), "sha256": salted.get("sha256")} if isinstance(salted, dict) else None
        )
        if value is None or not opens(committed["digest"], salt=salt_of(salted.get("salt")), value=value):
            report.add("commitment-differs", member="attachments", **place(entry))
    report.checked["contents"] += 1


def _compare_transition(row: Any, entry: Entry, *, report: Report) -> None:
    if not isinstance(row, dict):
        report.add("row-missing", member="transition", **place(entry))
        return
    actor = entry["actor"]
    due = {
        "seq": entry["seq"],
        "name": entry["kind"],
        "from": entry["from"],
        "to": entry["to"],
        "party": actor["party"],
        "agency": actor["agency"],
        "client": actor["client"],
        "occurred_at": entry["occurred_at"],
        "recorded_at": entry["recorded_at"],
        "legal_basis": entry["basis"],
        "request_id": entry["request"]["id"],
    }
    for member, value in due.items():
        if row.get(member) != value:
            report.add("column-differs", member=f"transition.{member}", **place(entry))


def _compare_record(row: Any, entry: Entry, *, number: Any, report: Report) -> None:
    """The version's row, which alone says the casefile's number; it holds nothing personal and is never erased."""
    if not isinstance(row, dict):
        report.add("row-missing", member="record", **place(entry))
    elif not is_digest(entry["record"], row):
        report.add("record-differs", member="record", **place(entry))
    elif row.get("number") != number:
        report.add("column-differs", member="number", **place(entry))


def _erased_through(document: Mapping[str, Any], *, anchors: Anchors, report: Report) -> int:
    """Up to which version the log says that this casefile was erased: 0 where it does not."""
    erasure = document.get("erasure")
    if not isinstance(erasure, dict):
        return 0
    before = report.total
    # The entry belongs to another stream. Its place there is checked with the whole log; here its proof is enough.
    entry = entry_of(erasure, chains=Chains(Report()), anchors=anchors, report=report)
    state = erasure.get("state")
    if entry is None or entry["kind"] != ERASED or not isinstance(state, dict):
        report.add("commitment-differs", member="erasure")
        return 0
    if not opens(entry["after"], salt=salt_of(erasure.get("state_salt")), value=state):
        report.add("commitment-differs", member="erasure", **place(entry))
        return 0
    through = state.get("erased_through")
    fits = state.get("casefile") == document.get("casefile") and isinstance(through, int) and report.total == before
    return int(through) if fits and isinstance(through, int) else 0


def salt_of(text: object) -> bytes | None:
    """A salt as files spell it, in hexadecimal; None for what is none."""
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return None
