"""`lintas-verify dump DIR`: the whole log as `manage.py export_log` wrote it, without any personal data.

manifest.json      {"format": "lintas-log-dump/1", "size", "made_at", "origins", "keys": [vkeys that the log tells],
                    "lines": how many lines each file has; a dump of an earlier release lacks it}
entries.jsonl      {"index", "leaf_hash" (hex), "body" (the canonical bytes, as text)}, by index
checkpoints.jsonl  {"number", "size", "note", "cosignatures": [signature lines]}, by number
openings.jsonl     {"index", "given", "given_salt", "state", "state_salt"} of the log's own stream
parties.jsonl      the same of the agencies' streams: who may act, with which keys, scopes and roles
mandates.jsonl     the same of the mandates' stream; a dump of an earlier release lacks it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..tlog.notes import Checkpoint
from . import clock, people
from .actors import Actors, opened
from .anchors import HOW_TO_GET_A_KEY, Anchors, open_kept, read_json, stated_keys
from .checkpoints import Checkpoints, Stated
from .entries import CONTINUED, OPENED, Entry, Row, Walk, is_whole, place, without_collector
from .forms import loads, opens
from .progress import Progress, silent
from .report import CannotDecide, Report
from .tellings import KINDS
from .times import APART, Times

FORMAT = "lintas-log-dump/1"
MANDATES = "mandates.jsonl"
TOLD_IN = ("parties.jsonl", MANDATES)
"""The files that tell who may do what."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the dump says about itself."""

    size: int
    made_at: datetime
    lines: Mapping[str, int]


def verify_dump(
    folder: Path,
    *,
    anchors: Anchors,
    report: Report,
    trust_genesis: bool = False,
    kept: Sequence[Path] = (),
    progress: Progress = silent,
) -> None:
    """Verify a dump. Raises `CannotDecide` where it is no dump or no key was given."""
    now, manifest = clock.now(), read_manifest(folder)
    if manifest.made_at > now + APART:
        report.add("time-ahead", file="manifest.json", member="made_at")
    openings = read_openings(folder / "openings.jsonl", manifest, report)
    parties = _parties(folder / "parties.jsonl", manifest, report)
    mandates = read_openings(folder / MANDATES, manifest, report) if MANDATES in manifest.lines else None
    if trust_genesis:
        anchors = anchors.with_keys(key for line in openings.values() for key in stated_keys(line.get("state")))
        report.add("genesis-key")
    if not anchors.keys:
        raise CannotDecide(HOW_TO_GET_A_KEY)
    checkpoints = Checkpoints(
        report,
        (_stated(line, folder) for line in _lines(folder / "checkpoints.jsonl", manifest)),
        anchors=anchors,
        where={"file": "checkpoints.jsonl"},
        now=now,
        kept=_open_all(kept, anchors),
    )
    walk = Walk(report, sizes=checkpoints.sizes, on_root=checkpoints.on_root)
    checkpoints.watch(walk)
    actors, times = Actors(report), Times(report, now=now, seen=checkpoints.seen)
    with without_collector():
        for index, leaf, body in rows(folder, manifest):
            entry = walk.take(index, leaf, body)
            if entry is None:
                continue
            if entry["kind"].startswith("log."):
                _hear_of_itself(entry, openings.pop(index, None), index=index, checkpoints=checkpoints, report=report)
            elif mandates is not None and entry["kind"].startswith("mandate."):
                _check_opening(entry, mandates.pop(index, None), index=index, report=report, file=MANDATES)
            if not is_whole(entry):
                report.add("entry-shape", index=index, **place(entry))
            else:
                times.take(entry, index=index)
                if parties is not None:
                    actors.take(entry, _party(entry, parties, index=index, report=report), index=index)
            if not index % 4096:
                progress("entries", index, manifest.size)
    walk.finish()
    _name_the_left({"openings.jsonl": openings, "parties.jsonl": parties or {}, MANDATES: mandates or {}}, report)
    if walk.next < manifest.size:
        report.add("leaf-gap", file="entries.jsonl", index=walk.next, until=manifest.size - 1)
    checkpoints.finish(walk, made_at=manifest.made_at)


def _name_the_left(files: Mapping[str, Iterable[int]], report: Report) -> None:
    """Openings that no entry asked for, by file."""
    for file, left in files.items():
        for index in left:
            report.add("row-extra", file=file, index=index)


def read_openings(file: Path, manifest: Manifest, report: Report) -> dict[int, dict[str, Any]]:
    """The openings by index; a line without one, or of an index that was there already, is a finding."""
    found: dict[int, dict[str, Any]] = {}
    for number, line in enumerate(_lines(file, manifest), start=1):
        index = line.get("index")
        if type(index) is not int:
            report.add("row-extra", file=file.name, row=number, member="index")
        elif index in found:
            report.add("row-twice", file=file.name, row=number, index=index)
        else:
            found[index] = line
    return found


def _parties(file: Path, manifest: Manifest, report: Report) -> dict[int, dict[str, Any]] | None:
    """What the agencies' streams tell; None (and who acted cannot be said) in a dump of an earlier release."""
    if not file.exists() and file.name not in manifest.lines:
        report.add("actor-untold", file=file.name)
        return None
    return read_openings(file, manifest, report)


def _party(entry: Entry, parties: dict[int, dict[str, Any]], *, index: int, report: Report) -> dict[str, Any] | None:
    """What an entry of an agency's stream opens to; None (and a finding) where it is missing or does not fit."""
    if entry["to"] is not None or entry["kind"] not in KINDS:
        return None
    opening = parties.pop(index, None)
    if opening is None and entry["kind"] in people.KINDS:
        return None  # a dump of an earlier release does not tell of people; who acted as one cannot be said then
    if opening is None:
        report.add("row-missing", file="parties.jsonl", index=index, **place(entry))
        return None
    salts = {name: _unhex(opening.get(name)) for name in ("given_salt", "state_salt")}
    fitting = opened(entry, {"given": opening.get("given"), "state": opening.get("state"), **salts})
    if fitting is None:
        report.add("commitment-differs", file="parties.jsonl", index=index, **place(entry))
    return dict(fitting) if fitting else None


def _hear_of_itself(entry: Entry, stated: Any, *, index: int, checkpoints: Checkpoints, report: Report) -> None:
    """What the log says of itself; where it closed its name, by which checkpoint."""
    _check_opening(entry, stated, index=index, report=report)
    if entry["kind"] == CONTINUED and stated is not None:
        checkpoints.close(stated.get("given"), index=index)


def _check_opening(entry: Entry, opening: Any, *, index: int, report: Report, file: str = "openings.jsonl") -> None:
    """What the log says of itself, the genesis and whatever else lies in its own stream; or of the mandates."""
    if opening is None:
        report.add("row-missing", file=file, index=index, **place(entry))
        return
    for member, what in (("payload", "given"), ("after", "state")):
        salt = _unhex(opening.get(f"{what}_salt"))
        if not opens(entry[member], salt=salt, value=opening.get(what)):
            report.add("commitment-differs", file=file, member=what, index=index, **place(entry))
    if entry["kind"] == OPENED and index:
        report.add("genesis-missing", index=index, **place(entry))
    report.checked["openings"] += 1


def read_manifest(folder: Path) -> Manifest:
    """What a dump says about itself. Raises `CannotDecide` where it is no dump."""
    if not folder.is_dir():
        raise CannotDecide(f"{folder}: no such folder. Make one with `manage.py export_log --out DIR`.")
    members = read_json(folder / "manifest.json")
    try:
        if members["format"] != FORMAT:
            raise CannotDecide(f"{folder}: this dump has the format {members['format']!r}; {FORMAT} is known here.")
        made_at = datetime.fromisoformat(members["made_at"])
        size, lines = members["size"], members.get("lines", {})
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CannotDecide(f"{folder / 'manifest.json'}: format, size or made_at is missing.") from None
    if not isinstance(size, int) or made_at.tzinfo is None:
        raise CannotDecide(f"{folder / 'manifest.json'}: size or made_at is unreadable.")
    if not isinstance(lines, dict) or any(type(count) is not int for count in lines.values()):
        raise CannotDecide(f"{folder / 'manifest.json'}: lines is unreadable.")
    return Manifest(size=size, made_at=made_at, lines=lines)


def _lines(file: Path, manifest: Manifest) -> Iterator[dict[str, Any]]:
    """The objects of a .jsonl file. Raises `CannotDecide` where it is missing, or ends before it should.

    A copy that was cut between two lines is a damaged one as well: rows that it lacks are nobody's tampering.
    """
    number = 0
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    members = loads(line)
                except (ValueError, RecursionError):
                    raise CannotDecide(f"{file}, line {number}: this is not JSON; was the export cut off?") from None
                if not isinstance(members, dict):
                    raise CannotDecide(f"{file}, line {number}: this is no object.")
                yield members
    except OSError as why:
        raise CannotDecide(f"{file}: {why.strerror or why}") from None
    if number < (stated := manifest.lines.get(file.name, 0)):
        raise CannotDecide(
            f"{file}: it has {number} lines, and manifest.json says {stated}: the copy is not whole. Copy it again."
        )


def rows(folder: Path, manifest: Manifest) -> Iterator[Row]:
    """The entries of a dump: index, leaf hash, bytes. Raises `CannotDecide` where the file is damaged."""
    return (_row(line, folder) for line in _lines(folder / "entries.jsonl", manifest))


def _row(line: dict[str, Any], folder: Path) -> Row:
    try:
        index, leaf, body = line["index"], bytes.fromhex(line["leaf_hash"]), line["body"].encode()
    except (KeyError, TypeError, ValueError, AttributeError):
        index, leaf, body = None, b"", b""
    if type(index) is not int or index < 0:
        raise CannotDecide(f"{folder / 'entries.jsonl'}: a line has not index, leaf_hash and body.")
    return index, leaf, body


def _stated(line: dict[str, Any], folder: Path) -> Stated:
    try:
        cosignatures = tuple(map(str, line["cosignatures"]))
        return Stated(
            number=int(line["number"]), size=int(line["size"]), note=str(line["note"]), cosignatures=cosignatures
        )
    except (KeyError, TypeError, ValueError):
        raise CannotDecide(
            f"{folder / 'checkpoints.jsonl'}: a line has not number, size, note, cosignatures."
        ) from None


def _open_all(kept: Sequence[Path], anchors: Anchors) -> list[Checkpoint]:
    return [open_kept(file, anchors) for file in kept]


def _unhex(text: object) -> bytes | None:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return None
