"""`/log/*`: whoever asks can check the log himself; content is for who had sight of it."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from agencies import calendar, mandates
from agencies.models import Agency
from audit import holds, ledger, log, months, sequencer
from audit.models import Entry, Leaf
from audit.tlog import tree
from audit.tlog.notes import Signer, open_checkpoint
from audit.tlog.policy import read_policy
from audit.tlog.proof import read_proof
from casefiles.catalogue import versions as catalogue_register
from casefiles.flow import State
from casefiles.operations import erasure
from tests import factories
from tests.api.answers import assert_answers
from tests.callers import as_owner
from tests.desk_acts import invited
from tests.factories import AUDITOR, BKN, KASN, PADANG, PEMKOT, PEMPROV
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing, as_sequencer, witness
from tests.world import World


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, said(answer)["code"]


def index_of(story: factories.Story, seq: int = 1) -> int:
    return Leaf.objects.get(entry__stream=story.casefile, entry__seq=seq).index


def test_every_answer_is_as_documented(sequenced: Sequencing) -> None:
    """Pages, notes, proofs and their refusals, and the feed's page with an item in it."""
    story = factories.casefile_at(State.CLOSED)
    examiner, addressee = Partner(BKN), Partner(PEMKOT)
    assert_answers(call("GET", "/log/checkpoint"), "read_checkpoint")
    assert_answers(examiner.get("/log/entries/0/receipt"), "read_receipt")
    sequenced()
    for answer, name in (
        (call("GET", "/log/checkpoint"), "read_checkpoint"),
        (call("GET", "/log/consistency?first=3&second=8"), "prove_consistency"),
        (call("GET", "/log/consistency?first=3&second=80000"), "prove_consistency"),
        (examiner.get("/log/entries?first=0"), "list_log_entries"),
        (examiner.get("/log/entries?first=0&limit=2"), "list_log_entries"),
        (examiner.get(f"/log/entries?casefile={story.casefile}"), "list_log_entries"),
        (examiner.get(f"/log/entries?leaf_hash={'0' * 64}"), "list_log_entries"),
        (examiner.get("/log/entries?first=80000"), "list_log_entries"),
        (examiner.get("/log/entries/0/receipt"), "read_receipt"),
        (examiner.get("/log/entries/80000/receipt"), "read_receipt"),
        (examiner.get("/events"), "list_events"),
        (addressee.get("/events?limit=2"), "list_events"),
        (addressee.get("/events?after=80000"), "list_events"),
        (examiner.get("/catalogue/events"), "read_catalogue_events"),
    ):
        assert_answers(answer, name)


# -- checkpoints -------------------------------------------------------------------------------------------------------


def test_the_checkpoint_is_public_and_verifies(sequenced: Sequencing) -> None:
    """A note signed by the log's key over the root of all leaves; 304 to who has it; HEAD as GET."""
    factories.story()
    made = sequenced()
    answer = call("GET", "/log/checkpoint", Accept="text/plain")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    checkpoint, _ = open_checkpoint(answer.content, keys=[sequenced.signer.vkey])
    leaves = [bytes(leaf) for leaf in Leaf.objects.order_by("index").values_list("leaf_hash", flat=True)]
    assert checkpoint == made
    assert (checkpoint.size, checkpoint.root) == (len(leaves), tree.root_of(leaves))
    again = call("GET", "/log/checkpoint", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = call("HEAD", "/log/checkpoint")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    factories.story()
    sequenced()
    later = call("GET", "/log/checkpoint", **{"If-None-Match": answer.headers["ETag"]})
    assert (later.status_code, later.content != answer.content) == (200, True)
    assert refused(call("GET", "/log/checkpoint?size=1")) == (400, "invalid-query")
    assert refused(call("GET", "/log/checkpoint", Accept="application/xml")) == (406, "not-acceptable")
    assert refused(call("POST", "/log/checkpoint")) == (405, "method-not-allowed")


def test_before_there_is_a_checkpoint_it_is_not_there_yet(sequenced: Sequencing) -> None:
    answer = call("GET", "/log/checkpoint")
    assert (refused(answer), answer.headers["Retry-After"]) == ((404, "not-sequenced-yet"), "2")


def _policy(folder: Path, text: str, *witnesses: Signer) -> Path:
    path = folder / f"policy{len(list(folder.iterdir()))}"
    path.write_text("\n".join([*(f"witness w{n} {one.vkey}" for n, one in enumerate(witnesses)), text, ""]))
    return path


def _unwitnessed(owner: psycopg.Connection, age: str) -> None:
    """Say in the pulse for how long a checkpoint waits for its quorum."""
    with as_sequencer():
        sequencer.beat()
    owner.execute("UPDATE audit_logstatus SET waiting_since = clock_timestamp() - %s::interval", [age])


def test_the_newest_that_enough_witnesses_saw_comes_first(
    sequenced: Sequencing, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    """Two of three: a checkpoint with one cosignature is passed over, and so is one whose second does not fit."""
    ones = [witness(f"witness{n}.example/w") for n in range(3)]
    settings.LINTAS_WITNESS_POLICY_FILE = _policy(tmp_path, "group most 2 w0 w1 w2\nquorum most", *ones)
    policy = read_policy(settings.LINTAS_WITNESS_POLICY_FILE.read_text())

    def shown() -> tuple[int, bool]:
        checkpoint, note = open_checkpoint(call("GET", "/log/checkpoint").content, keys=[sequenced.signer.vkey])
        return checkpoint.size, policy.is_met(note)

    sizes = []
    for cosigners in ((), ones[:2], ones[2:], (ones[0], Signer(ones[1].name, ones[1].type, ones[0].private))):
        factories.story()
        made = sequenced()
        assert made is not None
        sequenced.cosign(*cosigners)
        sizes.append(made.size)
        if not cosigners:
            assert shown() == (sizes[0], False), "none was seen by enough, so the newest"
        else:
            assert shown() == (sizes[1], True)
    # A leaf that only the newest covers is proved under that one; an older one under the one that was witnessed.
    auditor = Partner(AUDITOR)
    _unwitnessed(owner_connection, "1 hour")
    for index, size in ((sizes[1] - 1, sizes[1]), (sizes[1], sizes[3]), (sizes[3] - 1, sizes[3])):
        proof = read_proof(auditor.get(f"/log/entries/{index}/receipt").content.decode())
        checkpoint, _ = proof.verify(leaf=_leaf(index), keys=[sequenced.signer.vkey])
        assert checkpoint.size == size
    with CaptureQueriesContext(connection) as seen:
        call("GET", "/log/checkpoint")
    assert len(seen) == 1


def test_after_a_fork_the_old_origins_checkpoints_are_the_past(
    sequenced: Sequencing, settings: Settings, tmp_path: Path
) -> None:
    one = witness("witness.example/w")
    settings.LINTAS_WITNESS_POLICY_FILE = _policy(tmp_path, "quorum w0", one)
    sequenced()
    sequenced.cosign(one)
    assert call("GET", "/log/checkpoint").content.decode().count("—") == 2
    sequenced.fork("lintas.example/log/2")
    settings.LINTAS_LOG_ORIGIN = "lintas.example/log/2"
    sequenced()
    assert call("GET", "/log/checkpoint").content.startswith(b"lintas.example/log/2\n")


# -- consistency -------------------------------------------------------------------------------------------------------


def _leaf(index: int) -> bytes:
    return bytes(Leaf.objects.get(index=index).leaf_hash)


def test_growth_is_proved_between_any_two_sizes(sequenced: Sequencing) -> None:
    """Every pair up to a tree of twenty, nought included, in a number of statements that does not grow."""
    for _ in range(8):
        factories.story()
    sequenced()
    leaves = [bytes(leaf) for leaf in Leaf.objects.order_by("index").values_list("leaf_hash", flat=True)]
    size = len(leaves)
    roots = [tree.root_of(leaves[:n]) for n in range(size + 1)]
    for second in {0, 1, size // 2, size - 1, size}:
        for first in range(second + 1):
            with CaptureQueriesContext(connection) as seen:
                answer = call("GET", f"/log/consistency?first={first}&second={second}")
            proof = [base64.b64decode(step) for step in said(answer)["proof"]]
            assert said(answer) | {"proof": []} == {"first": first, "second": second, "proof": []}
            tree.verify_consistency(
                first=first, second=second, first_root=roots[first], second_root=roots[second], proof=proof
            )
            assert len(seen) <= 2
    assert refused(call("GET", f"/log/consistency?first=1&second={size + 1}")) == (400, "beyond-head")
    answer = call("GET", f"/log/consistency?first=1&second={size}")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = call("GET", f"/log/consistency?first=1&second={size}", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    ["", "first=1", "second=1", "first=2&second=1", "first=-1&second=1", "first=a&second=1", "first=0&second=1e3",
     "first=0&second=99999999999999999999", "first=0&second=0&third=0", "first=0&first=0&second=0"],
)  # fmt: skip
def test_sizes_that_are_none_are_refused(db: None, query: str) -> None:
    answer = call("GET", f"/log/consistency?{query}")
    assert refused(answer) == (400, "invalid-query")
    assert all(item["parameter"] in {"first", "second", "third"} for item in said(answer)["errors"])


# -- entries -----------------------------------------------------------------------------------------------------------


def test_hashes_are_everybodys_and_content_is_for_who_had_sight(sequenced: Sequencing) -> None:
    """Index and hash of every leaf; the rest for those who had it in their feed, auditors, and of public streams."""
    factories.casefile_at(State.UNDER_EXAMINATION)
    sequenced()
    entries = list(Leaf.objects.select_related("entry").order_by("index"))
    public = {log.STREAM, mandates.STREAM, calendar.STREAM, catalogue_register.STREAM}
    for agency in (PADANG, BKN, PEMKOT, AUDITOR, KASN):
        number = Agency.objects.get(code=agency)
        page = said(Partner(agency, scopes="").get("/log/entries?first=0&limit=500"))
        assert (page["size"], page["next_first"], page["next"]) == (len(entries), len(entries), None)
        assert [(one["index"], one["leaf_hash"]) for one in page["data"]] == [
            (leaf.index, bytes(leaf.leaf_hash).hex()) for leaf in entries
        ]
        for one, leaf in zip(page["data"], entries, strict=True):
            entry = leaf.entry
            seen = agency == AUDITOR or number.pk in entry.audience or entry.stream in public | {number.stream}
            assert one == {
                "index": leaf.index,
                "leaf_hash": bytes(leaf.leaf_hash).hex(),
                "entry": str(entry.uuid) if seen else None,
                "kind": json.loads(bytes(entry.body))["kind"] if seen else None,
                "stream": str(entry.stream) if seen else None,
                "seq": entry.seq if seen else None,
                "body": bytes(entry.body).decode() if seen else None,
                "proof": f"/api/v1/log/entries/{leaf.index}/receipt",
            }
            if seen:
                assert tree.leaf_hash(one["body"].encode()).hex() == one["leaf_hash"]
    kinds = {one["kind"] for one in said(Partner(KASN).get("/log/entries?first=0&limit=500"))["data"]}
    assert {"log.opened", "mandate.registered", "agency.registered", None} <= kinds
    assert "submit" not in kinds


def test_pages_follow_each_other_to_the_end(sequenced: Sequencing) -> None:
    """The whole log by `next`; at the end `next_first` is where to go on once there is more."""
    factories.story()
    sequenced()
    partner = Partner(BKN)
    whole = said(partner.get("/log/entries?first=0&limit=500"))
    found: list[Any] = []
    path = "/log/entries?first=0&limit=3"
    while path:
        page = said(partner.get(path))
        found += page["data"]
        path = (page["next"] or "").removeprefix("/api/v1")
    assert found == whole["data"]
    size = whole["size"]
    assert said(partner.get(f"/log/entries?first={size}")) == {
        "data": [], "next": None, "next_first": size, "size": size,
    }  # fmt: skip
    assert refused(partner.get(f"/log/entries?first={size + 1}")) == (400, "beyond-head")


def test_a_casefiles_entries_are_for_those_who_see_or_saw_it(sequenced: Sequencing) -> None:
    """Each as far as it had sight: from its first to its last; a stranger learns nothing, nor who disowned him."""
    story = factories.story()
    story.do("request-identity", body=factories.given("request-identity", employer=PEMPROV))
    story.do("disown", by=PEMPROV, body=factories.given("disown", employer=PEMKOT))
    for name in ("request-identity", "identify"):
        story.do(name)
    sequenced()
    wanted = {PADANG: [1, 2, 3, 4, 5], BKN: [1, 2, 3, 4, 5], AUDITOR: [1, 2, 3, 4, 5], PEMKOT: [4, 5]}
    for agency, versions in wanted.items():
        page = said(Partner(agency).get(f"/log/entries?casefile={story.casefile}"))
        assert [one["seq"] for one in page["data"]] == versions
        assert all(one["body"] and one["stream"] == str(story.casefile) for one in page["data"])
        assert (page["next"], page["next_first"]) == (None, None)
    nowhere = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10"
    for agency in (KASN, PEMPROV):
        assert refused(Partner(agency).get(f"/log/entries?casefile={story.casefile}")) == (404, "not-found")
    assert refused(Partner(AUDITOR).get(f"/log/entries?casefile={nowhere}")) == (404, "not-found")
    story.do("note")
    page = said(Partner(BKN).get(f"/log/entries?casefile={story.casefile}"))
    assert len(page["data"]) == 5, "what has no place yet is not told"


@pytest.mark.parametrize("stream", ["mandates", "calendar", "catalogue", "log"])
def test_a_public_stream_is_opened_to_everybody_and_proves_itself(sequenced: Sequencing, stream: str) -> None:
    """Given and state hash to what the entry committed to; a casefile's entries, the auditor's too, stay closed."""
    story = factories.story()
    sequenced()
    answer = Partner(KASN, scopes="").get(f"/log/entries?stream={stream}")
    assert_answers(answer, "list_log_entries")
    page = said(answer)
    assert page["data"]
    assert (page["next"], page["next_first"]) == (None, None)
    for one in page["data"]:
        body, opened = json.loads(one["body"]), one["opened"]
        for commitment, what in (("payload", "given"), ("after", "state")):
            salt = bytes.fromhex(opened[f"{what}_salt"])
            assert hashlib.sha256(salt + ledger.canonical(opened[what])).hexdigest() == body[commitment]
    for other in (f"casefile={story.casefile}", "first=0"):
        assert "opened" not in said(Partner(AUDITOR).get(f"/log/entries?{other}"))["data"][0]


def test_an_agency_reads_what_is_told_of_itself_and_of_its_people_and_nobody_else_does(sequenced: Sequencing) -> None:
    """Its clients, keys and delegations, and who signs in for it: what `lintas-verify watch --agency` asks for."""
    officer, other = invited(), invited(BKN)
    sequenced()
    for agency, theirs in ((PEMKOT, officer), (BKN, other)):
        asking = Partner(agency, scopes="")
        answer = asking.get("/log/entries?stream=agency")
        assert_answers(answer, "list_log_entries")
        states = [one["opened"]["state"] for one in said(answer)["data"]]
        assert {state["code"] for state in states} == {agency}
        assert states[-1]["clients"][0]["keys"][0]["thumbprint"] == factories.actor(agency).key_thumbprint
        answer = asking.get("/log/entries?stream=people")
        assert_answers(answer, "list_log_entries")
        assert [one["opened"]["state"]["person"] for one in said(answer)["data"]] == [str(theirs)]
        assert all(one["body"] for one in said(answer)["data"])
    assert said(Partner(KASN).get("/log/entries?stream=people"))["data"] == []


@pytest.mark.parametrize(
    ("name", "stream", "kind"),
    [
        ("erasures", erasure.STREAM, erasure.KIND),
        ("holds", holds.STREAM, holds.SET),
        ("ended-reads", months.STREAM, months.KIND),
    ],
)
def test_orders_of_erasure_holds_and_ended_reads_are_opened_to_auditors_alone(
    sequenced: Sequencing, name: str, stream: UUID, kind: str
) -> None:
    """Who ordered it, for which casefile and why; for everybody else there is no such stream."""
    given = {"number": "LTS/2024/000001", "reason": "retention_elapsed", "basis": "UU 27/2022 Pasal 44"}
    with as_owner(), transaction.atomic():
        ledger.append_open(
            stream=stream, kind=kind, given=given, state={"erased_through": 3}, now=datetime.now(UTC),
        )  # fmt: skip
    sequenced()
    answer = Partner(AUDITOR).get(f"/log/entries?stream={name}")
    assert_answers(answer, "list_log_entries")
    (one,) = said(answer)["data"]
    assert one["opened"]["given"] == given
    for agency in (BKN, PADANG):
        assert refused(Partner(agency).get(f"/log/entries?stream={name}")) == (404, "not-found")


def test_who_was_asked_and_left_keeps_his_entries(sequenced: Sequencing) -> None:
    """A former party reads its entries up to the one that ended its sight, which may name who came after."""
    story = factories.story()
    story.do("request-identity", body=factories.given("request-identity", employer=PEMPROV))
    story.do("recall")
    for name in ("request-identity", "identify", "accept"):
        story.do(name)
    sequenced()
    page = said(Partner(PEMPROV).get(f"/log/entries?casefile={story.casefile}"))
    assert [one["kind"] for one in page["data"]] == ["request-identity"]
    assert PEMKOT not in json.dumps(page)


def test_a_receipt_is_redeemed_by_its_leaf(sequenced: Sequencing) -> None:
    """Unknown; accepted and waiting; waiting too long; in its place."""
    sequenced()
    story = factories.story()
    partner = Partner(PADANG)
    leaf = bytes(Entry.objects.get(stream=story.casefile).leaf_hash).hex()
    path = f"/log/entries?leaf_hash={leaf}"
    # The story was recorded in 2024, so the promise of a minute is long broken.
    answer = partner.get(path, **{"Accept-Language": "en"})
    assert (refused(answer), answer.headers["Retry-After"]) == ((404, "not-sequenced-yet"), "2")
    assert "accepted at 2024-10-07T04:00:00.000Z" in said(answer)["detail"]
    young = factories.submit(now=datetime.now(UTC) - timedelta(seconds=5)).steps[0]
    pending = partner.get(f"/log/entries?leaf_hash={young.sealed.leaf_hash.hex()}", **{"Accept-Language": "en"})
    assert refused(pending) == (404, "not-sequenced-yet")
    assert "accepted at" not in said(pending)["detail"]
    assert refused(partner.get(f"/log/entries?leaf_hash={'0' * 64}")) == (404, "not-found")
    sequenced()
    page = said(partner.get(path.replace(leaf, leaf.upper())))
    assert [(one["leaf_hash"], one["kind"]) for one in page["data"]] == [(leaf, "submit")]
    hidden = said(Partner(KASN).get(path))["data"]
    assert [(one["index"], one["body"]) for one in hidden] == [(page["data"][0]["index"], None)]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("", [(None, "exactly-one-of")]),
        ("limit=5", [(None, "exactly-one-of")]),
        (f"first=0&leaf_hash={'0' * 64}", [("first", "exactly-one-of"), ("leaf_hash", "exactly-one-of")]),
        (f"leaf_hash={'0' * 64}&limit=5", [("limit", "only-together-with")]),
        ("first=-1", [("first", "out-of-range")]),
        ("first=99999999999999999", [("first", "out-of-range")]),
        ("first=0&limit=501", [("limit", "out-of-range")]),
        ("leaf_hash=abc", [("leaf_hash", "bad-digest")]),
        (f"leaf_hash={'g' * 64}", [("leaf_hash", "bad-digest")]),
        ("casefile=1", [("casefile", "bad-id")]),
        ("first=0&strem=x", [("strem", "unknown-parameter")]),
        ("stream=agencies", [("stream", "not-among-choices")]),
        ("first=0&stream=log", [("first", "exactly-one-of"), ("stream", "exactly-one-of")]),
        ("stream=log&limit=5", [("limit", "only-together-with")]),
    ],
)
def test_a_query_asks_one_question(db: None, world: World, query: str, errors: list[tuple[str | None, str]]) -> None:
    answer = Partner(BKN).get(f"/log/entries?{query}")
    assert refused(answer) == (400, "invalid-query")
    assert [(item.get("parameter"), item["code"]) for item in said(answer)["errors"]] == errors


# -- receipts ----------------------------------------------------------------------------------------------------------


def test_a_receipt_verifies_offline_and_holds_the_entry_for_who_saw_it(sequenced: Sequencing) -> None:
    """Every leaf of the tree, by one who reads everything and by one who sees little."""
    factories.casefile_at(State.RECOMMENDED)
    sequenced()
    auditor, stranger = Partner(AUDITOR, scopes=""), Partner(KASN, scopes="")
    for leaf in Leaf.objects.select_related("entry").order_by("index"):
        answer = auditor.get(f"/log/entries/{leaf.index}/receipt", Accept="text/plain")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{leaf.index}.tlog-proof"'
        proof = read_proof(answer.content.decode())
        assert (proof.index, proof.extra) == (leaf.index, bytes(leaf.entry.body))
        proof.verify(leaf=tree.leaf_hash(proof.extra or b""), keys=[sequenced.signer.vkey])
        other = read_proof(stranger.get(f"/log/entries/{leaf.index}/receipt").content.decode())
        other.verify(leaf=bytes(leaf.leaf_hash), keys=[sequenced.signer.vkey])
        kind = json.loads(bytes(leaf.entry.body))["kind"]
        if kind in {"submit", "request-identity", "identify", "accept", "recommend"}:
            assert other.extra is None
        assert other.path == proof.path
    with pytest.raises(tree.Unproven):
        proof.verify(leaf=_leaf(0), keys=[sequenced.signer.vkey])


def test_a_receipt_waits_for_the_signature(sequenced: Sequencing) -> None:
    """A leaf in the tree is proved by a checkpoint; until it is signed there is nothing to give."""
    sequenced()
    story = factories.story()
    sequenced.grow()
    partner = Partner(PADANG)
    path = f"/log/entries/{index_of(story)}/receipt"
    answer = partner.get(path)
    assert (refused(answer), answer.headers["Retry-After"]) == ((404, "not-sequenced-yet"), "2")
    sequenced.sign()
    answer = partner.get(path)
    assert answer.status_code == 200
    again = partner.get(path, **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert refused(partner.get(f"/log/entries/{10**17}/receipt")) == (404, "not-sequenced-yet")


def test_a_receipt_waits_for_the_witnesses_too_but_a_minute_at_most(
    sequenced: Sequencing, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    """What is proved without them would be kept so for ever; without a quorum there is nobody to wait for."""
    one = witness("witness.example/w")
    settings.LINTAS_WITNESS_POLICY_FILE = _policy(tmp_path, "quorum w0", one)
    sequenced()
    partner, path = Partner(BKN), "/log/entries/0/receipt"
    signatures: list[int] = []
    for age in ("1 second", "58 seconds", None):
        _unwitnessed(owner_connection, age or "1 second")
        if age is None:
            owner_connection.execute("UPDATE audit_logstatus SET waiting_since = NULL")
        answer = partner.get(path)
        assert (refused(answer), answer.headers["Retry-After"]) == ((404, "not-sequenced-yet"), "2")
        assert call("GET", "/log/checkpoint").status_code == 200, "the newest is shown all the same"
    _unwitnessed(owner_connection, "61 seconds")
    signatures.append(partner.get(path).content.decode().count("—"))
    _unwitnessed(owner_connection, "1 second")
    sequenced.cosign(one)
    signatures.append(partner.get(path).content.decode().count("—"))
    assert signatures == [1, 2]
    factories.story()
    made = sequenced()
    assert made is not None
    assert refused(partner.get(f"/log/entries/{made.size - 1}/receipt")) == (404, "not-sequenced-yet")
    assert partner.get(path).content.decode().count("—") == 2, "an older leaf is under the one that they saw"
    settings.LINTAS_WITNESS_POLICY_FILE = _policy(tmp_path, "quorum none", one)
    assert partner.get(f"/log/entries/{made.size - 1}/receipt").status_code == 200


@pytest.mark.parametrize("index", ["-1", "x", "01", "1.0", "1e3", "%31%00", "٣", "9" * 40, "0x1", "latest", " 1"])
def test_what_is_no_index_is_not_found(db: None, world: World, index: str) -> None:
    assert refused(Partner(BKN).get(f"/log/entries/{index}/receipt")) == (404, "not-found")


def test_a_hole_in_the_tree_gives_no_false_proof(
    sequenced: Sequencing, owner_connection: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody took a node away, past the triggers: never a proof that does not verify, and the operator is told."""
    for _ in range(4):
        factories.story()
    made = sequenced()
    assert made is not None
    with owner_connection.transaction():
        owner_connection.execute("ALTER TABLE audit_node DISABLE TRIGGER ALL")
        owner_connection.execute("DELETE FROM audit_node WHERE level = 1 AND index = 1")
    token = Partner(BKN).token
    for path in ("/log/entries/0/receipt", f"/log/consistency?first=2&second={made.size}"):
        caplog.clear()
        answer = call("GET", path, token=token)
        assert refused(answer) == (503, "temporarily-unavailable")
        assert answer.headers["Retry-After"]
        (critical,) = (record.getMessage() for record in caplog.records if record.levelname == "CRITICAL")
        assert critical.startswith("Node 1 of level 1 is missing")
    assert call("GET", f"/log/consistency?first={made.size}&second={made.size}").status_code == 200


def test_the_number_of_statements_does_not_grow_with_the_tree(sequenced: Sequencing) -> None:
    """Token, own stream, checkpoint, entry, nodes; a page of entries is one."""
    partner = Partner(BKN)
    counts = []
    for more in (1, 30):
        for _ in range(more):
            factories.story()
        sequenced()
        partner.get("/log/entries/3/receipt")
        for path in ("/log/entries/3/receipt", "/log/entries?first=0&limit=500"):
            with CaptureQueriesContext(connection) as seen:
                assert partner.get(path).status_code == 200
            counts.append(sum("bucket" not in query["sql"] for query in seen))
    assert counts[:2] == counts[2:] == [5, 3]
