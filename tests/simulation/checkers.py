"""What must hold of a register at any moment, whoever died: each check a function that returns what is wrong, in words.

    assert check_all(owner, told=told) == []                    # a few milliseconds on a small register
    assert check_all(owner, told=told, thorough=Thorough(keys=[key], reader=url)) == []

`owner` is a session in autocommit that may read every table; one snapshot is looked at. Nothing here asks the product
how it is: entries, rows and feeds are compared with each other and with what clients were told. The log's own soundness
(leaves, nodes, checkpoints) is `tests.drills.soundness`, and what the verifier says is asked of the verifier.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg

from audit.tlog.notes import VerifierKey
from casefiles.flow import ROWS, State
from casefiles.sight import feed
from tests.audit.verify.logs import at_its_word, verify
from tests.drills.soundness import examine

RECORDS: Final = frozenset(
    {"finding.recorded", "document.recorded", "prevention.recorded", "zero_report.recorded", "zero_report.withdrawn",
     "snapshot.recorded", "hukdis.recorded"}
)  # fmt: skip
PAGE: Final = 50
"""Items that a feed is read by: few, so that reading goes on from page to page."""


@dataclass(frozen=True)
class Told:
    """What a client was answered with 2xx: under which key, and the bytes."""

    client: str
    key: str
    status: int
    content: bytes

    @property
    def digest(self) -> bytes:
        """What is kept of the key."""
        return hashlib.sha256(f"{self.client}\n{self.key}".encode()).digest()

    @property
    def receipts(self) -> list[Mapping[str, Any]]:
        """Every receipt in the answer."""
        said = orjson.loads(self.content)
        listed = [one["receipt"] for one in said.get("casefiles", ()) if "receipt" in one]
        return [*listed, *([said["receipt"]] if said.get("receipt") else ())]


@dataclass(frozen=True)
class Thorough:
    """What a thorough look needs besides: the log's keys, and where the reader role signs in."""

    keys: Sequence[VerifierKey]
    reader: str


@dataclass(frozen=True, slots=True)
class Written:
    """One entry, and the members of its bytes that are compared."""

    id: int
    uuid: str
    stream: UUID
    seq: int
    kind: str
    from_state: str | None
    to_state: str | None
    key: bytes | None
    before: str | None
    after: str | None
    prev: str | None
    leaf_hash: bytes
    grants: tuple[tuple[str, str], ...]
    audience: tuple[int, ...]
    index: int | None

    @property
    def is_step(self) -> bool:
        """Whether it is a casefile's."""
        return self.to_state is not None


@dataclass
class Look:
    """One snapshot of a register: its entries by stream, in their order, and the connection to ask for more."""

    owner: psycopg.Connection[Any]
    entries: list[Written] = field(default_factory=list)
    streams: dict[UUID, list[Written]] = field(default_factory=lambda: defaultdict(list))

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        """What the snapshot says."""
        return self.owner.execute(query.encode(), parameters or None).fetchall()


def check_all(
    owner: psycopg.Connection[Any],
    *,
    told: Iterable[Told] = (),
    drained: bool = False,
    thorough: Thorough | None = None,
) -> list[str]:
    """Everything that is wrong, in words. `drained`: nothing may wait for its leaf, and all is signed.

    Thorough besides: the whole tree is computed anew, each feed is read through the product, and `lintas-verify db`
    has nothing to say. That wants a log that is open.
    """
    said = tuple(told)
    with owner.transaction():
        owner.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        look = look_at(owner)
        found = [
            *acknowledged_is_stored(look, said),
            *each_key_worked_once(look),
            *states_are_the_fold(look),
            *versions_are_whole(look),
            *turns_are_whole(look),
            *queue_and_tree_are_one(look, drained=drained),
            *feeds_follow_sight(look),
            *checkpoints_follow_each_other(look),
        ]
        if thorough is not None:
            found += examine(owner, keys=tuple(thorough.keys)).faults
            found += receipts_are_redeemable(look, said)
            found += feeds_are_read_whole(look)
    if thorough is not None:
        found += the_verifier_is_content(thorough)
    return found


READ: Final = """
SELECT e.id, e.stream, e.seq, e.leaf_hash, e.body, e.audience, l.index
FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id ORDER BY e.stream, e.seq, e.id
"""


def look_at(owner: psycopg.Connection[Any]) -> Look:
    """Read the entries."""
    look = Look(owner)
    for ident, stream, seq, leaf, body, audience, index in owner.execute(READ).fetchall():
        said = orjson.loads(bytes(body))
        key = said["request"]["idempotency"] if said.get("request") else None
        entry = Written(
            id=ident, uuid=said["entry"], stream=stream, seq=seq, kind=said["kind"], from_state=said["from"],
            to_state=said["to"], key=bytes.fromhex(key) if key else None, before=said["before"], after=said["after"],
            prev=said["prev"], leaf_hash=bytes(leaf), audience=tuple(audience), index=index,
            grants=tuple((one["agency"], one["sight"]) for one in said["grants"]),
        )  # fmt: skip
        look.entries.append(entry)
        look.streams[stream].append(entry)
    return look


# -- what clients were told --------------------------------------------------------------------------------------------


def acknowledged_is_stored(look: Look, told: Sequence[Told]) -> list[str]:
    """Each answer is kept under its key, byte for byte unless it was erased, and its receipts name entries."""
    if not told:
        return []
    kept = {
        bytes(digest): (status, answer, erased)
        for digest, status, answer, erased in look.rows(
            "SELECT r.key_digest, r.status, p.answer, p.erased_at IS NOT NULL FROM api_idempotencyrecord r "
            "LEFT JOIN casefiles_payload p ON p.id = r.answer WHERE r.key_digest = ANY(%s)",
            [one.digest for one in told],
        )
    }
    leaves = {entry.leaf_hash.hex(): entry for entry in look.entries}
    found = []
    for one in told:
        status, answer, erased = kept.get(one.digest, (None, None, False))
        if status != one.status:
            found.append(f"key {one.key}: {one.status} was acknowledged and {status} is stored")
        elif not erased and (answer is None or bytes(answer) != one.content):
            found.append(f"key {one.key}: another answer is kept than the client was told")
        for receipt in one.receipts:
            entry = leaves.get(receipt["leaf_hash"])
            if entry is None or (entry.uuid, entry.seq) != (receipt["entry"], receipt["seq"]):
                found.append(f"key {one.key}: the receipt's entry {receipt['leaf_hash'][:12]} is not there")
            elif entry.key != one.digest:
                found.append(f"key {one.key}: its entry bears another key")
    return found


# A form of the desk is the key of its act: the person's name in the log, and the form's id.
SPENT_FORMS: Final = """
SELECT sha256(convert_to('person:' || p.id || E'\\n' || f.id, 'UTF8'))
FROM console_form f JOIN people_person p ON p.user_id = f.user_id WHERE f.entry IS NOT NULL
"""


def each_key_worked_once(look: Look) -> list[str]:
    """A key has one entry in a stream and makes one thing; every kept key has its entries, every entry's key is kept.

    Keys that a maintenance has deleted are no matter: none does.
    """
    found = []
    per_stream: Counter[tuple[bytes, UUID]] = Counter()
    made: Counter[tuple[bytes, str]] = Counter()
    for entry in look.entries:
        if entry.key is not None:
            per_stream[entry.key, entry.stream] += 1
            if entry.kind in RECORDS and entry.seq == 1:
                made[entry.key, entry.kind] += 1
    found += [f"key {key.hex()[:12]} wrote {n} entries in stream {at}" for (key, at), n in per_stream.items() if n > 1]
    found += [f"key {key.hex()[:12]} made {n} times {kind}" for (key, kind), n in made.items() if n > 1]
    kept = {
        bytes(digest): status for digest, status in look.rows("SELECT key_digest, status FROM api_idempotencyrecord")
    }
    worked = {key for key, _ in per_stream}
    found += [f"key {key.hex()[:12]} is kept and did nothing" for key in kept.keys() - worked]
    # A registered webhook keeps the key itself: its answer shows a secret, which is kept nowhere.
    with_webhooks = {bytes(digest) for (digest,) in look.rows("SELECT key_digest FROM delivery_webhook")}
    with_forms = {bytes(digest) for (digest,) in look.rows(SPENT_FORMS)}
    found += [f"form {key.hex()[:12]} is spent and did nothing" for key in with_forms - worked]
    found += [
        f"key {key.hex()[:12]} worked and is not kept" for key in worked - kept.keys() - with_webhooks - with_forms
    ]
    found += [f"key {key.hex()[:12]} is kept without an answer" for key, status in kept.items() if status is None]
    return found


# -- casefiles ---------------------------------------------------------------------------------------------------------


def states_are_the_fold(look: Look) -> list[str]:
    """Entry after entry a step of the flow leads from where the last one ended; the row says where that is."""
    rows = {
        ident: (state, version, outcome)
        for ident, state, version, outcome in look.rows("SELECT id, state, version, outcome FROM casefiles_casefile")
    }
    found = []
    for stream, entries in look.streams.items():
        before: Written | None = None
        for entry in entries:
            found += [f"{stream} {entry.seq} {entry.kind}: {fault}" for fault in _does_not_follow(before, entry)]
            before = entry
        if before is not None and before.is_step:
            row = rows.pop(stream, None)
            if row is None or row[:2] != (before.to_state, before.seq):
                found.append(f"casefile {stream} is {row}, and its entries lead to {before.to_state} {before.seq}")
            elif (row[0] == "closed") != bool(row[2]):
                found.append(f"casefile {stream} is {row[0]} with the outcome {row[2]!r}")
    return [*found, *(f"casefile {ident} has no entry" for ident in rows)]


def _does_not_follow(before: Written | None, entry: Written) -> list[str]:
    faults = []
    if entry.seq != (before.seq + 1 if before else 1):
        faults.append(f"follows number {before.seq if before else 0}")
    if entry.prev != (before.leaf_hash.hex() if before else None):
        faults.append("names another entry before it")
    if not entry.is_step:
        return faults
    if (entry.from_state or None) != (before.to_state if before else None):
        faults.append(f"leaves {entry.from_state}, the file was {before.to_state if before else None}")
    if before is not None and entry.before != before.after:
        faults.append("was made from another file than the last step left")
    row = ROWS.get(entry.kind)
    if row is None or not row.may_start_in(State(entry.from_state) if entry.from_state else None):
        faults.append(f"is no step from {entry.from_state}")
    return faults


ONE_TO_ONE: Final = """
WITH step AS (
    SELECT e.id, e.stream, e.seq FROM audit_entry e
    WHERE convert_from(e.body, 'UTF8')::json ->> 'to' IS NOT NULL
)
SELECT coalesce(s.stream, t.casefile_id, h.id, p.casefile_id)::text, coalesce(s.seq, t.seq, h.version, p.seq),
    s.id IS NOT NULL, t.entry_id IS NOT DISTINCT FROM s.id AND t.id IS NOT NULL, h.id IS NOT NULL, p.id IS NOT NULL
FROM step s
FULL JOIN casefiles_transition t ON t.casefile_id = s.stream AND t.seq = s.seq
FULL JOIN casefiles_historicalcasefile h ON h.id = coalesce(s.stream, t.casefile_id)
    AND h.version = coalesce(s.seq, t.seq)
FULL JOIN (SELECT id, casefile_id, seq FROM casefiles_payload WHERE casefile_id IS NOT NULL AND seq >= 1) p
    ON p.casefile_id = coalesce(s.stream, t.casefile_id, h.id) AND p.seq = coalesce(s.seq, t.seq, h.version)
"""


def versions_are_whole(look: Look) -> list[str]:
    """Each version has one entry, one transition of that entry, one history row and one content."""
    names = ("entry", "transition", "history row", "content")
    seen: Counter[tuple[str, int]] = Counter()
    found = []
    for casefile, seq, *there in look.rows(ONE_TO_ONE):
        seen[casefile, seq] += 1
        missing = [name for name, is_there in zip(names, there, strict=True) if not is_there]
        if missing:
            found.append(f"casefile {casefile} version {seq} lacks: {', '.join(missing)}")
    return [*found, *(f"casefile {one} version {seq} is there {n} times" for (one, seq), n in seen.items() if n > 1)]


TURNS: Final = """
SELECT t.casefile_id::text, t.seq, t.to_state, count(r.id) FROM casefiles_transition t
LEFT JOIN casefiles_referral r ON r.casefile_id = t.casefile_id AND r.opened_seq <= t.seq
    AND (r.answered_seq IS NULL OR r.answered_seq > t.seq)
GROUP BY t.casefile_id, t.seq, t.to_state
HAVING count(r.id) <> CASE t.to_state WHEN 'closed' THEN 0 ELSE 1 END
"""
REFERRALS: Final = """
SELECT r.casefile_id::text, r.id::text, o.id IS NOT NULL, r.answered_seq IS NULL OR a.name = r.answered_with,
    (r.status = 'open') = (c.open_referral_id IS NOT DISTINCT FROM r.id)
FROM casefiles_referral r LEFT JOIN casefiles_casefile c ON c.id = r.casefile_id
LEFT JOIN casefiles_transition o ON o.casefile_id = r.casefile_id AND o.seq = r.opened_seq
LEFT JOIN casefiles_transition a ON a.casefile_id = r.casefile_id AND a.seq = r.answered_seq
"""


def turns_are_whole(look: Look) -> list[str]:
    """After each step of an open file it is one agency's turn, after a closing nobody's; steps open and answer them."""
    found = [
        f"casefile {casefile} version {seq} ({state}) has {count} turns"
        for casefile, seq, state, count in look.rows(TURNS)
    ]
    for casefile, ident, opened, answered, is_current in look.rows(REFERRALS):
        if not (opened and answered and is_current):
            found.append(
                f"referral {ident} of casefile {casefile}: opened by a step {opened}, answered by its step {answered}, "
                f"current where it is open {is_current}"
            )
    return found


# -- the log -----------------------------------------------------------------------------------------------------------


def queue_and_tree_are_one(look: Look, *, drained: bool) -> list[str]:
    """An entry waits or has its place, not both; places are dense, and each stream's are in its own order."""
    waiting = [ident for (ident,) in look.rows("SELECT entry_id FROM audit_pending")]
    placed = {entry.id: entry.index for entry in look.entries if entry.index is not None}
    found = []
    if set(waiting) & placed.keys():
        found.append("an entry waits and has a leaf")
    if set(waiting) | placed.keys() != {entry.id for entry in look.entries}:
        found.append("an entry neither waits nor has a leaf")
    if sorted(placed.values()) != list(range(len(placed))):
        found.append("the leaves are not dense")
    for stream, entries in look.streams.items():
        places = [entry.index for entry in entries if entry.index is not None]
        if places != sorted(places) or [entry.index for entry in entries[: len(places)]] != places:
            found.append(f"stream {stream} is not in its own order in the tree")
    if drained:
        ((signed,),) = look.rows("SELECT coalesce(max(size), 0) FROM audit_checkpoint")
        if waiting or signed != len(placed):
            found.append(f"{len(waiting)} entries wait, {signed} of {len(placed)} leaves are signed")
    return found


def feeds_follow_sight(look: Look) -> list[str]:
    """Each agency's feed is what a model of sight says, by the grants in the entries: all of it, and nothing else.

    Sight given by a step begins with it; a step that ends sight is the last one told. Auditors are told everything.
    """
    agencies = look.rows("SELECT id, code, 'auditor' = ANY(roles) FROM agencies_agency")
    ids = {code: ident for ident, code, _ in agencies}
    auditors = {ident for ident, _, is_auditor in agencies if is_auditor}
    found, due = [], set()
    opened = dict(look.rows("SELECT id, casefile_id FROM casefiles_firstreading"))
    saw: dict[UUID, list[tuple[int, set[int]]]] = defaultdict(list)
    # The casefiles first: a reading is told to who saw its casefile between the steps around it.
    for stream, entries in sorted(look.streams.items(), key=lambda one: one[0] in opened):
        seeing: set[int] = set()
        for entry in entries:
            if stream in opened:
                past = [told for ident, told in saw[opened[stream]] if ident < entry.id]
                told = past[-1] | auditors if past else set()
            elif not entry.is_step:
                told = set()
            else:
                seeing = seeing | {ids[agency] for agency, sight in entry.grants if sight == "given"}
                told = seeing | auditors
                seeing = seeing - {ids[agency] for agency, sight in entry.grants if sight != "given"}
                saw[stream].append((entry.id, seeing))
            if entry.index is not None:
                due |= {(agency, entry.index) for agency in told}
            if set(entry.audience) != told:
                found.append(f"{stream} {entry.seq}: told to {sorted(entry.audience)}, and {sorted(told)} have sight")
    stored = look.rows("SELECT agency, index FROM audit_sighting")
    if len(set(stored)) != len(stored):
        found.append("a feed has an item twice")
    found += [f"agency {agency} lacks item {index}" for agency, index in sorted(due - set(stored))]
    found += [f"agency {agency} has item {index} without sight" for agency, index in sorted(set(stored) - due)]
    return found


def feeds_are_read_whole(look: Look) -> list[str]:
    """Each feed, page by page through the product: what was written down for the agency, each naming the one before."""
    due: dict[int, list[int]] = defaultdict(list)
    for agency, index in look.rows("SELECT agency, index FROM audit_sighting ORDER BY agency, index"):
        due[agency].append(index)
    found = []
    for agency, indexes in due.items():
        after, read = -1, list[tuple[int | None, int]]()
        while (page := feed.page(agency=agency, after=after, limit=PAGE, base_url="", casefiles="")).count:
            read += [(item["previous"], item["logindex"]) for item in orjson.loads(page.items)]
            after = page.next_after
        if read != list(zip([None, *indexes], indexes, strict=False)):
            found.append(f"agency {agency} reads {read[-3:]} at the end of its feed, due is {indexes[-3:]}")
    return found


def checkpoints_follow_each_other(look: Look) -> list[str]:
    """Numbers without a gap, sizes that grow, none larger than the tree; roots are computed by the thorough look."""
    found, last = [], 0
    leaves = sum(entry.index is not None for entry in look.entries)
    for due, (number, size) in enumerate(look.rows("SELECT number, size FROM audit_checkpoint ORDER BY number"), 1):
        if number != due or not last < size <= leaves:
            found.append(f"checkpoint {number} of size {size} follows one of {last}; the tree has {leaves}")
        last = size
    return found


def receipts_are_redeemable(look: Look, told: Sequence[Told]) -> list[str]:
    """Every promise that was handed out is kept once nothing waits: its entry is a leaf that a checkpoint covers."""
    ((signed,),) = look.rows("SELECT coalesce(max(size), 0) FROM audit_checkpoint")
    places = {entry.leaf_hash.hex(): entry.index for entry in look.entries}
    due = [(one.key, receipt["leaf_hash"]) for one in told for receipt in one.receipts]
    return [
        f"key {key}: the promised leaf {leaf[:12]} is at {places.get(leaf)}, {signed} are signed"
        for key, leaf in due
        if (place := places.get(leaf)) is None or place >= signed
    ]


def the_verifier_is_content(thorough: Thorough) -> list[str]:
    """`lintas-verify db` in this process: its findings as `code: where`."""
    verdict = verify("db", thorough.reader, *at_its_word(*thorough.keys))
    if verdict.exit == 0:
        return []
    return [f"lintas-verify: {orjson.dumps(one).decode()}" for one in verdict.said["findings"]] or [
        f"lintas-verify answered {verdict.exit}"
    ]
