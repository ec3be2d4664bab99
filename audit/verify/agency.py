"""`lintas-verify watch --agency CODE`: beside the tree, the entries that touch one agency, and what it expects of them.

Entries come from a folder that `manage.py export_log` wrote (all of them, folded into the tree that was watched), or
from the register with a token of the agency's client (those that the register shows to this agency).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from ..tlog import tree
from ..tlog.notes import Checkpoint
from . import clock, dump
from .actors import Opening, opened
from .anchors import read_text
from .entries import Chains, Entry, Walk, is_whole, place, read_entry, without_collector
from .expected import Expected, read_expected, write_expected
from .report import CannotDecide, Report
from .times import APART
from .unexpected import TELLING, Judge
from .wire import Unreachable, fetch

OLD: Final = timedelta(hours=48)
"""How old an export may be while the log has grown: whoever gets no new one is told nothing new."""
NEVER: Final = 1 << 62
STREAMS: Final = ("agency", "people", "mandates")
PAGE: Final = 200
LONGEST: Final = 1 << 24
PATIENCE: Final = 60.0
"""Seconds that the register may ask to wait before the next page."""


class Watched(Protocol):
    """A log that is watched, as `watch.Watching` is."""

    def continues(self, first: Checkpoint, second: Checkpoint) -> None:
        """Prove that the second grew out of the first. Raises `Unreachable` or `tree.Unproven`."""


class Entries(Protocol):
    """Where entries come from."""

    def read(self, judge: Judge, *, seen: Checkpoint, log: Watched) -> int:
        """Give the judge the entries in their order; returns how many leaves are known now."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What an agency looks at beside the tree: its entries against its file."""

    agency: str
    entries: Entries
    file: Path
    makes: bool = False
    """Whether the file is made from what the log says today."""

    def look(self, *, seen: Checkpoint, log: Watched) -> Report:
        """Judge everything that is at hand. Raises `CannotDecide` or `Unreachable`."""
        report = Report(keep=None)
        if self.makes:
            self._make(seen, log)
        judge = Judge(read_expected(self.file, agency=self.agency), report)
        self.entries.read(judge, seen=seen, log=log)
        judge.finish()
        return report

    def _make(self, seen: Checkpoint, log: Watched) -> None:
        nothing = Expected(agency=self.agency, judged_from=NEVER, claims=frozenset())
        first = Judge(nothing, Report(keep=None))
        size = self.entries.read(first, seen=seen, log=log)
        claimed = first.claimed()
        if not any(claim[0] == "fact" for claim in claimed):
            raise CannotDecide(f"the log tells of no agency {self.agency!r}: look at its spelling")
        write_expected(self.file, replace(nothing, judged_from=size, claims=claimed))
        words = ("client", "key", "delegation", "person", "mandate")
        counts = ", ".join(f"{sum(claim[0] == word for claim in claimed)} {word}(s)" for word in words)
        print(f"{self.file}: {counts}, as of leaf {size}. Read every line of it now.", file=sys.stderr, flush=True)


def beside(
    *, agency: str | None, expect: Path | None, today: Path | None, entries: str | None, url: str | None,
    token: Path | None,
) -> Beside | None:  # fmt: skip
    """What was asked for on the command line; None where no agency was named. Raises `CannotDecide`."""
    if agency is None:
        if any(one is not None for one in (expect, today, entries, token)):
            raise CannotDecide("--expect, --expect-today, --entries and --token belong to --agency CODE")
        return None
    file = expect or today
    if file is None or (expect is not None and today is not None):
        raise CannotDecide("--agency wants one file: --expect FILE, or --expect-today FILE, which makes it")
    source = entries or url
    if source is None:
        raise CannotDecide("tiles hold no entries: give --entries, the folder of an export or the register's address")
    told: Entries
    if urlsplit(source).scheme not in ("http", "https"):
        told = OfDump(Path(source))
    elif token is None:
        raise CannotDecide("the register shows entries to whom it knows: give --token FILE, or --entries DIR")
    else:
        told = OfRegister(source.rstrip("/"), token=token)
    if expect is not None:
        read_expected(expect, agency=agency)  # a typo is told before anything is asked
    return Beside(agency, told, file, makes=today is not None)


# -- an export ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfDump:
    """The whole log as `manage.py export_log` wrote it: nothing can be left out of it unnoticed."""

    folder: Path

    def read(self, judge: Judge, *, seen: Checkpoint, log: Watched) -> int:
        """Fold all leaves into the tree that was watched, and give the judge every entry."""
        report, manifest = judge.report, dump.read_manifest(self.folder)
        if manifest.made_at > clock.now() + APART:
            raise CannotDecide(f"{self.folder}: made_at lies ahead of this machine's clock")
        openings = {name: dump.read_openings(self.folder / name, manifest, report) for name in dump.TOLD_IN}
        roots: dict[int, bytes] = {}
        sizes = sorted({manifest.size, min(manifest.size, seen.size)})
        walk = Walk(report, sizes=sizes, on_root=roots.__setitem__)
        with without_collector():
            for index, leaf, body in dump.rows(self.folder, manifest):
                entry = walk.take(index, leaf, body)
                if entry is None:
                    continue  # named already
                if not is_whole(entry):
                    report.add("entry-shape", index=index, **place(entry))
                    continue
                if entry["kind"] in TELLING:
                    judge.hear(entry, _told(entry, openings, index=index), index=index)
                judge.act(entry, index=index)
        walk.finish()
        self._fits(roots, manifest.size, seen=seen, log=log)
        if manifest.size < seen.size:
            is_old = manifest.made_at < clock.now() - OLD
            report.add("entries-old" if is_old else "entries-behind", number=seen.size - manifest.size)
        return manifest.size

    def _fits(self, roots: Mapping[int, bytes], size: int, *, seen: Checkpoint, log: Watched) -> None:
        """The export is of the log that is watched, or nobody can say what it proves. Raises `CannotDecide`."""
        try:
            if size >= seen.size:
                if roots.get(seen.size) != seen.root:
                    raise tree.Unproven("its root is another")
            elif size:
                log.continues(Checkpoint(seen.origin, size, roots.get(size, b"")), seen)
        except tree.Unproven as why:
            raise CannotDecide(
                f"{self.folder}: this is no export of the log that is watched ({why}): damaged, or of another log. "
                f"`lintas-verify dump` names what differs"
            ) from None


def _told(entry: Entry, openings: Mapping[str, Mapping[int, Any] | None], *, index: int) -> Opening | None:
    """What an entry opens to, where that is in the export and fits."""
    file = "mandates.jsonl" if entry["kind"].startswith("mandate.") else "parties.jsonl"
    return _fitting(entry, (openings[file] or {}).get(index))


def _fitting(entry: Entry, line: Any) -> Opening | None:
    if not isinstance(line, dict):
        return None
    salts = {name: _bytes(line.get(name)) for name in ("given_salt", "state_salt")}
    return opened(entry, {"given": line.get("given"), "state": line.get("state"), **salts})


def _bytes(text: object) -> bytes | None:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return None


# -- the register ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class OfRegister:
    """The entries that the register shows to this agency, asked with a token of a client of its own."""

    url: str
    token: Path
    sleep: Callable[[float], None] = time.sleep
    _next: int | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise CannotDecide(f"{self.url}: a token is sent over https:// only")

    def read(self, judge: Judge, *, seen: Checkpoint, log: Watched) -> int:
        """Ask for the agency's own streams, and for what came since the last look."""
        told = sorted(self._told(judge), key=lambda one: one[0])
        for index, entry, opening in told:
            judge.hear(entry, opening, index=index)
        first = judge.expected.judged_from if self._next is None else self._next
        if first >= NEVER:
            return self._size()
        withheld, after = 0, first
        for item in self._pages(first):
            shown, after = _read(item), item["index"] + 1
            withheld += shown is None
            if shown is not None:
                judge.act(shown, index=item["index"])
        if withheld:
            judge.report.add("entries-withheld", number=withheld)
        # Only now: where a page could not be had, what the pages before it showed is judged again.
        self._next = after
        return after

    def _told(self, judge: Judge) -> Iterator[tuple[int, Entry, Opening | None]]:
        for name in STREAMS:
            chains = Chains(judge.report)
            for item in sorted(self._asked(f"stream={name}")["data"], key=lambda item: item["index"]):
                entry = _read(item)
                if entry is None:
                    raise Unreachable(f"the register withholds entry {item['index']} of the stream {name}")
                chains.follow(entry, bytes.fromhex(item["leaf_hash"]), index=item["index"])
                if entry["kind"] not in TELLING:
                    continue
                opening = _fitting(entry, item.get("opened"))
                if name == "agency" and opening is not None and opening["state"].get("code") != judge.expected.agency:
                    raise CannotDecide(
                        f"the token is of agency {opening['state'].get('code')!r}, and --agency says "
                        f"{judge.expected.agency!r}"
                    )
                yield item["index"], entry, opening

    def _pages(self, first: int) -> Iterator[dict[str, Any]]:
        while True:
            page = self._asked(f"first={first}&limit={PAGE}")
            for number, item in enumerate(page["data"]):
                if item["index"] != first + number:
                    raise Unreachable(f"the register left out entry {first + number}")
                yield item
            first += len(page["data"])
            if not page["data"] or first >= page["size"]:
                return

    def _size(self) -> int:
        return int(self._asked("first=0&limit=1")["size"])

    def _asked(self, query: str) -> dict[str, Any]:
        """A page, in its form; waits where the register asks to. Raises `Unreachable`."""
        for waits in (True, True, True, False):
            try:
                # Read anew each time: a token lives for minutes, and somebody else renews it.
                token = read_text(self.token).strip()
                body = fetch(f"{self.url}/api/v1/log/entries?{query}", token=token, longest=LONGEST)
            except Unreachable as why:
                if not waits or why.status != 429 or why.after is None or why.after > PATIENCE:
                    raise
                self.sleep(why.after)
                continue
            page = _page(body)
            if page is None:
                raise Unreachable("the answer to /log/entries is no page of entries")
            return page
        raise AssertionError


def _page(body: bytes) -> dict[str, Any] | None:
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_page = isinstance(page, dict) and isinstance(page.get("data"), list) and type(page.get("size")) is int
    return page if is_page and all(map(_is_item, page["data"])) else None


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and type(item.get("index")) is int and _bytes(item.get("leaf_hash")) is not None


def _read(item: Mapping[str, Any]) -> Entry | None:
    """The entry of an item, None where it is withheld. Raises `Unreachable` where it is not the one of its leaf."""
    if item.get("body") is None:
        return None
    body = str(item["body"]).encode()
    entry = read_entry(body)
    if tree.leaf_hash(body).hex() != item["leaf_hash"] or not is_whole(entry):
        raise Unreachable(f"what the register shows as entry {item['index']} is not what its leaf says")
    return entry
