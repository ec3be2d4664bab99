"""Two persons erase a casefile: the content is gone from every table, the log and the transitions are as before."""

from __future__ import annotations

import base64
import dataclasses
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import ProgrammingError, transaction
from psycopg import sql

from api.http import idempotency, retention
from api.models import IdempotencyRecord
from audit import ledger
from audit.models import Entry, Opening
from casefiles import references
from casefiles.flow import State
from casefiles.flow.finding import Reference
from casefiles.intake import findings
from casefiles.models import Casefile, Document, Payload, Transition
from casefiles.operations import erasers, erasure
from casefiles.operations.erasers import ErasureRefused, Order, Signature
from tests import factories
from tests.callers import as_owner
from tests.factories import BKN, NIP, OFFICIAL, PADANG, Story, casefile_at, finding_given, known_subject
from tests.partner import Partner, said
from tests.racing import together
from tests.snapshots import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

# Invented, and nowhere else in the world the tests stand on.
SUBJECT = "Wirasembada Rekaan Tunggal"
OTHER, OTHER_NIP = "Nirmalasari Rekaan Kedua", "199002022012012002"
REFERENCE, REFERENCE_KEY = Reference(system="sp4n_lapor", value="LAPOR 77-1203/XYZ"), "sp4n_lapor:lapor771203xyz"
ORIGIN = settings.LINTAS_LOG_ORIGIN
# An hour from now: what the API recorded just now lies before it, whatever the clock's resolution.
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)

KEYS = {name: Ed25519PrivateKey.generate() for name in ("arsip-1", "hukum-2", "tamu-3")}


def line(name: str, key: Ed25519PrivateKey) -> str:
    return f"{name} {base64.b64encode(key.public_key().public_bytes_raw()).decode()}"


# tamu-3 may sign what he likes: he is not in the file.
ERASERS = erasers.read_erasers("\n".join(line(name, KEYS[name]) for name in ("arsip-1", "hukum-2")))


def ordered(casefile: object) -> Order:
    return erasure.order(
        casefile=str(casefile), reason="retention_elapsed", basis="UU 27/2022 Pasal 44", origin=ORIGIN, now=NOW
    )


def signed(order: Order, names: Sequence[str] = ("arsip-1", "hukum-2")) -> Order:
    for name in names:
        order = erasers.add_signature(order, name=name, private=KEYS[name])
    return order


def perform(order: Order, *, now: datetime = NOW, **changed: Any) -> erasure.Erasure:
    usual: dict[str, Any] = {"erasers": ERASERS, "origin": ORIGIN, "forget": idempotency.forget, "destroy": len}
    return erasure.perform_order(order, now=now, **{**usual, **changed})


# --- the whole story ------------------------------------------------------------------------------------------------


@dataclass
class Matter:
    """A finding sent over the API, whose casefiles were identified and rejected; every request with its key."""

    finding: str
    casefiles: list[str]
    documents: list[str]
    sent: list[tuple[str, str, Any, int | None, str]]


def told(*subjects: Any, **changed: Any) -> Matter:
    sent: list[tuple[str, str, Any, int | None, str]] = []

    def post(agency: str, path: str, body: Any, version: int | None = None) -> Any:
        key = uuid.uuid4().hex
        sent.append((agency, path, body, version, key))
        answer = Partner(agency).post(path, body, version=version, key=key)
        assert answer.status_code in {200, 201}, answer.content
        return said(answer)

    paper = post(PADANG, "/documents", {
        "type": "assessment", "title": f"Kajian atas nama {SUBJECT}", "media_type": "application/pdf", "size": 1,
        "sha256": "ab" * 32,
    })  # fmt: skip
    given = finding_given(documents=(uuid.UUID(paper["id"]),), subjects=subjects, **changed)
    finding = post(PADANG, "/findings", references.plain(given))
    made = [one["id"] for one in finding["casefiles"]]
    for casefile, subject in zip(made, subjects, strict=True):
        identity = references.plain(factories.given("identify"))
        known = {"name": subject.name, "nip": subject.nip, "occurred_at": None}
        post(BKN, f"/casefiles/{casefile}/identify", {**identity, **known}, 1)
        rejected = references.plain(factories.given("reject"))
        post(BKN, f"/casefiles/{casefile}/reject", {**rejected, "occurred_at": None}, 2)
    return Matter(finding=finding["id"], casefiles=made, documents=[paper["id"]], sent=sent)


def occurrences(owner: psycopg.Connection, needle: str) -> set[str]:
    """`table.column` of every column of every table of the database that holds the text, in whatever type."""
    columns = owner.execute(
        "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c "
        "JOIN information_schema.tables t USING (table_schema, table_name) "
        "WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
    ).fetchall()
    assert len(columns) > 300
    assert {"jsonb", "bytea", "ARRAY", "text", "character varying"} <= {kind for _, _, kind in columns}
    found = set()
    for table, column, kind in columns:
        # Bytes are searched as text one byte wide, which any bytes are.
        value = sql.SQL("encode({}, 'escape')" if kind == "bytea" else "{}::text").format(sql.Identifier(column))
        query = sql.SQL("SELECT count(*) FROM {} WHERE position(lower(%s) in lower({})) > 0")
        row = owner.execute(query.format(sql.Identifier(table), value), [needle]).fetchone()
        if row and row[0]:
            found.add(f"{table}.{column}")
    return found


EVERYWHERE = {"given", "facts", "answer"}


def test_two_persons_erase_and_the_log_is_as_before(owner_connection: psycopg.Connection) -> None:
    matter = told(known_subject(name=SUBJECT), references=(REFERENCE,))
    (casefile,) = matter.casefiles
    assert occurrences(owner_connection, SUBJECT) == {f"casefiles_payload.{one}" for one in EVERYWHERE | {"name_key"}}
    assert occurrences(owner_connection, NIP) == {f"casefiles_payload.{one}" for one in EVERYWHERE | {"nip"}}
    kept = occurrences(owner_connection, REFERENCE_KEY)
    assert kept == {"casefiles_payload.facts", "casefiles_payload.reference_keys"}
    stays = _what_stays(owner_connection)
    row = Casefile.objects.get(pk=casefile)
    with as_owner():
        order = signed(ordered(row.number))
        done = perform(order)
    assert (str(done.casefile), done.number, done.erased_through) == (casefile, row.number, 3)
    assert (done.documents, done.whole_finding) == (1, True)

    for personal in (
        SUBJECT,
        NIP,
        REFERENCE.value,
        REFERENCE_KEY,
        OFFICIAL.name,
        OFFICIAL.nip or "",
        "Menyukai unggahan calon",
    ):
        assert occurrences(owner_connection, personal) == set()
    rows = Payload.objects.filter(casefile=row)
    assert rows.filter(seq__gte=1).count() == 3
    for payload in (*rows, *Payload.objects.filter(finding=row.finding)):
        assert payload.erased_at == NOW
        columns = ("given", "given_salt", "facts", "facts_salt", "attachments", "answer")
        assert [getattr(payload, name) for name in columns] == [None] * 6

    # What was recorded is what is recorded, byte by byte. One entry more says who ordered it; the finding and its
    # document say that nothing is left of them.
    now_there = _what_stays(owner_connection)
    assert {table: now_there[table][: len(rows)] for table, rows in stays.items()} == stays
    assert len(now_there["audit_entry"]) == len(stays["audit_entry"]) + 3
    kinds = [json.loads(bytes(one.body))["kind"] for one in Entry.objects.order_by("-pk")[:3]]
    assert sorted(kinds) == ["casefile.erased", "document.erased", "finding.erased"]
    for stream in (casefile, erasure.STREAM):
        entries = Entry.objects.filter(stream=stream).order_by("seq")
        assert ledger.chain_faults([(one.seq, bytes(one.leaf_hash), bytes(one.body)) for one in entries]) == []
    entry = Entry.objects.get(stream=erasure.STREAM)
    assert json.loads(bytes(entry.body))["kind"] == "casefile.erased"
    opening = Opening.objects.get(entry=entry)
    assert opening.given == order.plain()
    assert opening.state == {"casefile": casefile, "number": row.number, "erased_through": 3, "orders": 1}
    # The log alone proves the two signatures.
    assert erasers.read_order(json.dumps(opening.given)) == order


def _what_stays(owner: psycopg.Connection) -> dict[str, list[Any]]:
    """The rows that outlive an erasure, whole."""
    tables = {
        "audit_entry": "id",
        "casefiles_transition": "id",
        "casefiles_casefile": "id",
        "casefiles_historicalcasefile": "history_id",
        "casefiles_referral": "id",
        "casefiles_document": "id",
        "casefiles_attachment": "id",
        "casefiles_casefilegrant": "id",
    }
    return {
        table: owner.execute(
            sql.SQL("SELECT t::text FROM {} t ORDER BY {}").format(sql.Identifier(table), sql.Identifier(key))
        ).fetchall()
        for table, key in tables.items()
    }


def test_afterwards_the_api_says_gone(owner_connection: psycopg.Connection) -> None:
    spared = [told(known_subject(name=OTHER, nip=OTHER_NIP)).casefiles[0] for _ in range(2)][::-1]
    matter = told(known_subject(name=SUBJECT))
    (casefile,) = matter.casefiles
    with as_owner():
        perform(signed(ordered(casefile)))
    bkn, padang = Partner(BKN), Partner(PADANG)
    one = f"/casefiles/{casefile}"
    then = ledger.instant(Casefile.objects.get(pk=casefile).updated_at)
    for path in (one, f"{one}?as_of={then}", f"{one}/timeline", f"/findings/{matter.finding}"):
        for partner in (bkn, padang, Partner("bpk")):
            gone(partner.get(path))
    note = {"code": "other", "date": "2026-01-01"}
    gone(padang.post(f"/casefiles/{casefile}/note", note, version=3))
    gone(padang.post(f"/findings/{matter.finding}/subjects", {"subjects": [{"name": "Siapa Lagi", "violations": [1]}]}))
    # Lists and searches leave it out, and their pages are full.
    page = said(bkn.get("/casefiles?limit=1&count=exact"))
    assert ([one["id"] for one in page["data"]], page["count"]["value"]) == (spared[:1], 2)
    rest = said(bkn.get(page["next"].removeprefix("/api/v1")))
    assert ([one["id"] for one in rest["data"]], rest["next"]) == (spared[1:], None)
    for wanted in ({"nip": NIP}, {"name": SUBJECT}, {}):
        found = said(bkn.post("/casefiles/search", {"purpose": "case_handling", **wanted}))
        assert [one["id"] for one in found["data"]] == ([] if wanted else spared)
    paper = said(padang.get(f"/documents/{matter.documents[0]}"))
    assert (paper["title"], paper["sha256"]) == (None, "ab" * 32)


def test_a_replay_of_what_was_erased_is_gone_too() -> None:
    matter = told(known_subject(name=SUBJECT))
    spared = told(known_subject(name=OTHER, nip=OTHER_NIP))
    with as_owner():
        perform(signed(ordered(matter.casefiles[0])))
    assert len(matter.sent) == 4
    for agency, path, body, version, key in matter.sent:
        gone(Partner(agency).post(path, body, version=version, key=key))
        # Neither is what was asked for told by the digest of a guess.
        gone(Partner(agency).post(path, {**body, "nip": NIP}, version=version, key=key))
    records = IdempotencyRecord.objects.filter(owner_id__in=[*matter.casefiles, *matter.documents, matter.finding])
    assert {(bytes(one.fingerprint), one.etag) for one in records} == {(b"", "")}
    for agency, path, body, version, key in spared.sent:
        assert Partner(agency).post(path, body, version=version, key=key)["Idempotency-Replayed"] == "true"


def test_a_guess_cannot_be_tried_either_where_answers_had_ended_before() -> None:
    """The end of kept answers leaves the digests of their requests, by which a reused key is told; an erasure none."""
    matter, spared = told(known_subject(name=SUBJECT)), told(known_subject(name=OTHER, nip=OTHER_NIP))
    with as_owner():
        assert retention.end_answers(before=NOW + timedelta(days=1)) == len(matter.sent) + len(spared.sent)
        perform(signed(ordered(matter.casefiles[0])))
    about = [*matter.casefiles, *matter.documents, matter.finding]
    records = list(IdempotencyRecord.objects.filter(owner_id__in=about))
    assert len(records) == len(matter.sent)
    assert {(bytes(one.fingerprint), one.etag) for one in records} == {(b"", "")}
    others = IdempotencyRecord.objects.exclude(owner_id__in=about)
    assert {len(bytes(one.fingerprint)) for one in others} == {32}


def gone(answer: Any) -> None:
    assert (answer.status_code, said(answer)["code"]) == (410, "erased"), answer.content


# --- a finding about more than one ----------------------------------------------------------------------------------


def about_two() -> Matter:
    """The second violation is the first officer's alone, and the first one's text names both."""
    grouped = f"{NIP[:8]} {NIP[8:14]} {NIP[14]} {NIP[15:]}"
    return told(
        known_subject(name=SUBJECT, violations=(1, 2)),
        known_subject(name=OTHER, nip=OTHER_NIP),
        violations=(
            factories.violation(1, description=f"{SUBJECT.upper()} ({grouped}) dan {OTHER} menyukai unggahan."),
            factories.violation(2, description="Membagikan unggahan seorang diri."),
        ),
    )


def test_the_finding_goes_on_about_the_others(owner_connection: psycopg.Connection) -> None:
    matter = about_two()
    first, second = matter.casefiles
    others = Partner(BKN).get(f"/casefiles/{second}").content
    with as_owner():
        done = perform(signed(ordered(first)))
    assert (done.whole_finding, done.documents) == (False, 0)
    # What the other one's file quotes is the other one's, and the log commits to it; the finding names him no more.
    quoting = {"casefiles_payload.facts", "casefiles_payload.given", "casefiles_payload.answer"}
    assert occurrences(owner_connection, NIP) == set()
    assert occurrences(owner_connection, SUBJECT) <= quoting
    finding = said(Partner(PADANG).get(f"/findings/{matter.finding}"))
    assert [one["name"] for one in finding["subjects"]] == [OTHER]
    assert [(one["number"], one["description"]) for one in finding["violations"]] == [
        (1, f"[dihapus] ([dihapus]) dan {OTHER} menyukai unggahan.")
    ]
    assert [one["id"] for one in finding["casefiles"]] == [first, second]
    gone(Partner(BKN).get(f"/casefiles/{first}"))
    assert Partner(BKN).get(f"/casefiles/{second}").content == others
    paper = said(Partner(PADANG).get(f"/documents/{matter.documents[0]}"))
    assert paper["title"] is not None, "the other one's file holds it still"

    with as_owner():
        done = perform(signed(ordered(second)))
    assert (done.whole_finding, done.documents) == (True, 1)
    for personal in (SUBJECT, NIP, OTHER, OTHER_NIP, "seorang diri"):
        assert occurrences(owner_connection, personal) == set()
    gone(Partner(PADANG).get(f"/findings/{matter.finding}"))
    states = [one.state for one in Opening.objects.filter(entry__stream=erasure.STREAM).order_by("entry__seq")]
    assert [state["orders"] for state in states] == [1, 2]


# --- refusals -------------------------------------------------------------------------------------------------------


def _held(owner: psycopg.Connection, casefile: uuid.UUID) -> None:
    """Only a transition may hold a casefile; the one that will is not built yet."""
    owner.execute("ALTER TABLE casefiles_casefile DISABLE TRIGGER a_casefile_changes_by_transition_only")
    owner.execute("UPDATE casefiles_casefile SET legal_hold = true WHERE id = %s", [casefile])
    owner.execute("ALTER TABLE casefiles_casefile ENABLE ALWAYS TRIGGER a_casefile_changes_by_transition_only")


@pytest.fixture
def closed() -> Story:
    """A closed casefile."""
    return casefile_at(State.CLOSED, through=("reject",), subjects=(known_subject(name=SUBJECT),))


def refused(order: Order, reason: str, **changed: Any) -> None:
    """The order is refused for that reason, and nothing in the database is another than before."""
    with as_owner():
        before = snapshot()
        with pytest.raises(ErasureRefused) as why:
            perform(order, **changed)
        assert why.value.reason == reason
        assert snapshot() == before


def _forged(order: Order) -> Order:
    first, second = order.signatures
    return dataclasses.replace(order, signatures=(first, dataclasses.replace(second, signature=first.signature)))


def _under_another_name(order: Order) -> Order:
    """One person signs twice: with his own key, as himself and as the other one."""
    twice = Signature(name="hukum-2", key=order.signatures[0].key, signature=order.signatures[0].signature)
    return dataclasses.replace(order, signatures=(order.signatures[0], twice))


REFUSALS: dict[str, tuple[str, Callable[[Order], Order]]] = {
    "nobody signed": ("two-persons", lambda order: order),
    "one signed": ("two-persons", lambda order: signed(order, ["arsip-1"])),
    "one signed twice": ("signed-twice", lambda order: dataclasses.replace(
        order, signatures=signed(order, ["arsip-1"]).signatures * 2)),
    "one signed under two names": ("other-key", lambda order: _under_another_name(signed(order, ["arsip-1"]))),
    "a stranger signed": ("not-authorised", lambda order: signed(order, ["arsip-1", "tamu-3"])),
    "a stranger signed besides": ("not-authorised", lambda order: signed(order, ["arsip-1", "hukum-2", "tamu-3"])),
    "a signature is another's": ("bad-signature", lambda order: _forged(signed(order))),
    "the basis was changed": ("bad-signature", lambda order: dataclasses.replace(signed(order), basis="Lain")),
    "the version was changed": ("bad-signature", lambda order: dataclasses.replace(signed(order), version=1)),
    "its term was changed": ("bad-signature", lambda order: dataclasses.replace(
        signed(order), made_at=ledger.instant(NOW - timedelta(days=1)))),
    "it was made for another version": ("changed", lambda order: signed(dataclasses.replace(order, version=1))),
    "it is another log's": ("other-origin", lambda order: signed(dataclasses.replace(order, origin="elsewhere/log/1"))),
    "it names another number": ("other-casefile", lambda order: signed(
        dataclasses.replace(order, number="LTS/2024/999999"))),
    "it names no casefile": ("unknown-casefile", lambda order: signed(
        dataclasses.replace(order, casefile=str(uuid.uuid4())))),
    "its basis names the officer": ("basis-names-person", lambda order: signed(
        dataclasses.replace(order, basis=f"Permintaan {SUBJECT.lower()}"))),
    "its basis names his number": ("basis-names-person", lambda order: signed(
        dataclasses.replace(order, basis=f"Permintaan {NIP}"))),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_an_order_that_is_not_in_order_erases_nothing(closed: Story, case: str) -> None:
    reason, spoiled = REFUSALS[case]
    refused(spoiled(ordered(closed.casefile)), reason)


def test_an_order_lasts_seven_days(closed: Story) -> None:
    order = signed(ordered(closed.casefile))
    refused(order, "not-yet", now=NOW - timedelta(seconds=1))
    refused(order, "expired", now=NOW + timedelta(days=7))
    with as_owner():
        perform(order, now=NOW + timedelta(days=7, seconds=-1))


def test_what_is_open_held_or_erased_is_not_erased(closed: Story, owner_connection: psycopg.Connection) -> None:
    walking = casefile_at(State.RECOMMENDED)
    with pytest.raises(ErasureRefused, match="not closed: it is recommended"):
        ordered(walking.casefile)
    made = dataclasses.replace(
        ordered(closed.casefile), casefile=str(walking.casefile), number=walking.row.number, version=walking.row.version
    )
    refused(signed(made), "not-closed")

    held = casefile_at(State.CLOSED, through=("reject",))
    order = signed(ordered(held.row.number))
    _held(owner_connection, held.casefile)
    refused(order, "legal-hold")
    with pytest.raises(ErasureRefused, match="legal hold"):
        ordered(held.casefile)

    order = signed(ordered(closed.casefile))
    with as_owner():
        perform(order)
    refused(order, "already-erased")
    with pytest.raises(ErasureRefused, match="already erased"):
        ordered(closed.casefile)


def test_the_web_erases_nothing(closed: Story) -> None:
    order = signed(ordered(closed.casefile))
    before = snapshot()
    with pytest.raises(ProgrammingError, match="permission denied for table casefiles_payload"):
        perform(order)
    for column in ("given", "facts", "answer", "erased_at", "nip"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Payload.objects.filter(casefile=closed.casefile).update(**{column: "" if column == "nip" else None})
    assert snapshot() == before
    assert not Entry.objects.filter(stream=erasure.STREAM).exists()


@pytest.mark.race
def test_of_two_that_erase_at_once_one_wins_and_the_other_is_told(closed: Story) -> None:
    other = casefile_at(State.CLOSED, through=("reject",))
    orders = [signed(ordered(closed.casefile)), signed(ordered(closed.casefile)), signed(ordered(other.casefile))]

    def act(number: int) -> str:
        try:
            perform(orders[number % 3])
        except ErasureRefused as why:
            return why.reason
        return "erased"

    with as_owner():
        assert together(9, act) == {"erased": 2, "already-erased": 7}
        entries = Entry.objects.filter(stream=erasure.STREAM).order_by("seq")
        assert ledger.chain_faults([(one.seq, bytes(one.leaf_hash), bytes(one.body)) for one in entries]) == []
        assert {one.state["orders"] for one in Opening.objects.filter(entry__in=entries)} == {1, 2}


def test_a_document_stays_while_another_file_holds_it(closed: Story) -> None:
    """A paper attached to two casefiles of different findings goes with the second."""
    shared = Document.objects.get(attachments__casefile=closed.casefile)
    said_of_it = finding_given(documents=(shared.pk,), subjects=(known_subject(name=OTHER, nip=OTHER_NIP),))
    with transaction.atomic():
        taken = findings.submit(actor=factories.actor(PADANG), given=said_of_it, now=NOW, request=factories.request())
    other = Story(casefile=taken.steps[0].casefile, finding=taken.finding)
    other.do("reject")
    for story, gone in ((closed, 0), (other, 1)):
        with as_owner():
            assert perform(signed(ordered(story.casefile))).documents == gone
        assert (Payload.objects.get(document=shared.pk, seq=1).given is None) is bool(gone)
    assert Transition.objects.filter(casefile__in=[closed.casefile, other.casefile]).count() == 4
