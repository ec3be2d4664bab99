"""The ledger: commitments that open, chains that hold, and faults that are named."""

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from audit import ledger
from audit.ids import uuid7
from audit.models import Entry, Opening, Pending
from audit.tlog.tree import leaf_hash
from casefiles.flow import State
from tests.callers import as_owner
from tests.factories import casefile_at

NOW = datetime(2024, 11, 4, 3, 0, 0, 123_000, tzinfo=UTC)


def _chain(length: int = 4) -> list[tuple[int, bytes, bytes]]:
    """A sound stream in memory."""
    stream, made = uuid.uuid4(), []
    head: ledger.Head | None = None
    for seq in range(1, length + 1):
        after = ledger.commit({"version": seq})
        sealed = ledger.seal(
            ledger.Draft(
                stream=stream,
                seq=seq,
                prev=head.leaf_hash if head else None,
                kind="note",
                from_state=None,
                to_state="submitted",
                occurred_at=NOW,
                recorded_at=NOW,
                author=ledger.Author(party="examiner", agency="bkn", client="bkn-system"),
                request_id=uuid.uuid4(),
                idempotency=None,
                before=head.after if head else None,
                after=after.digest,
                payload=after.digest,
                attachments=(),
                sightings=(),
                rules="",
                catalogue="2026.1",
                audience=(1, 2),
            )
        )
        head = ledger.head_of(sealed.body, leaf=sealed.leaf_hash)
        made.append((seq, sealed.leaf_hash, sealed.body))
    return made


def test_a_sound_chain_has_no_faults() -> None:
    assert ledger.chain_faults(_chain()) == []
    assert ledger.chain_faults([]) == []


def _altered(body: bytes, **changed: Any) -> bytes:
    return ledger.canonical({**json.loads(body), **changed})


def test_every_flipped_byte_is_named() -> None:
    chain = _chain(2)
    seq, leaf, body = chain[1]
    for position in range(0, len(body), 7):
        flipped = bytearray(body)
        flipped[position] ^= 0x01
        try:
            faults = ledger.chain_faults([chain[0], (seq, leaf, bytes(flipped))])
        except (ValueError, KeyError, TypeError):
            continue  # no JSON any more: found before it is compared
        assert any("leaf hash" in fault for fault in faults)


def test_a_rewritten_entry_with_a_fitting_hash_breaks_the_chain_behind_it() -> None:
    chain = _chain()
    body = _altered(chain[1][2], kind="close")
    chain[1] = (2, leaf_hash(body), body)
    assert ledger.chain_faults(chain) == ["seq 3: prev is not the leaf before"]


def test_a_swapped_a_missing_and_a_doubled_entry_are_named() -> None:
    one, two, three, four = _chain()
    for spoilt in ([one, three, two, four], [one, three, four], [one, two, two, three, four], [two, three, four]):
        assert any("numbering" in fault for fault in ledger.chain_faults(spoilt))


def test_a_cut_tail_is_a_sound_shorter_chain() -> None:
    """Only the tree and its witnesses notice this one."""
    assert ledger.chain_faults(_chain()[:2]) == []


def test_a_before_that_is_not_the_after_before_is_named() -> None:
    chain = _chain()
    body = _altered(chain[3][2], before="00" * 32)
    chain[3] = (4, leaf_hash(body), body)
    assert ledger.chain_faults(chain) == ["seq 4: before is not the state after the entry before"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_a_commitment_opens_with_its_salt_and_with_no_other(value: Any) -> None:
    made = ledger.commit(value)
    assert len(made.salt) == len(made.digest) == 32
    assert ledger.commit(value, salt=made.salt) == made
    assert ledger.commit(value).digest != made.digest, "a fresh salt each time: equal values do not look equal"
    assert ledger.commit([value], salt=made.salt).digest != made.digest


@given(json_values)
def test_what_is_committed_survives_the_database_s_json(value: Any) -> None:
    """JSONB reorders keys; the canonical form does not care."""
    assert ledger.canonical(json.loads(json.dumps(value))) == ledger.canonical(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(State),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.lists(inner, max_size=4).map(tuple)
            | st.dictionaries(st.text(max_size=8), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_the_canonical_form_is_that_of_rfc_8785_or_there_is_none(value: Any) -> None:
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as why:
        with pytest.raises(type(why)):
            ledger.canonical(value)
    else:
        assert ledger.canonical(value) == expected


def test_every_character_is_written_as_rfc_8785_writes_it() -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    assert ledger.canonical({"all": every}) == rfc8785.dumps({"all": every})
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    assert ledger.canonical(deep) == rfc8785.dumps(deep)
    with pytest.raises(rfc8785.CanonicalizationError):
        ledger.canonical("\ud800")


def test_an_instant_is_utc_in_milliseconds() -> None:
    jakarta = datetime.fromisoformat("2024-11-04T10:00:00.123999+07:00")
    assert ledger.instant(jakarta) == "2024-11-04T03:00:00.123Z"
    assert ledger.instant(datetime(2024, 1, 1, tzinfo=UTC)) == "2024-01-01T00:00:00.000Z"


@given(st.integers(0, 4_000_000_000_000))
def test_ids_are_ordered_by_their_millisecond(number: int) -> None:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=number)
    made, later = uuid7(moment), uuid7(moment + timedelta(milliseconds=1))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == number
    assert made < later


@pytest.mark.usefixtures("db", "world")
def test_an_entry_is_canonical_and_hashed_as_a_leaf() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    for entry in Entry.objects.filter(stream=told.casefile):
        body = bytes(entry.body)
        assert body == ledger.canonical(json.loads(body))
        assert bytes(entry.leaf_hash) == leaf_hash(body)
        assert json.loads(body)["entry"] == str(entry.uuid)


@pytest.mark.usefixtures("db", "world")
def test_the_world_was_registered_entry_by_entry() -> None:
    """Agencies, mandates, clients, the calendar: each in a stream of its own, each opening to what is public."""
    for stream in Entry.objects.values_list("stream", flat=True).distinct():
        entries = Entry.objects.filter(stream=stream).order_by("seq")
        assert ledger.chain_faults([(one.seq, bytes(one.leaf_hash), bytes(one.body)) for one in entries]) == []
        for entry in entries.select_related("opening"):
            said, opening = json.loads(bytes(entry.body)), entry.opening
            assert ledger.commit(opening.given, salt=bytes(opening.given_salt)).digest.hex() == said["payload"]
            assert ledger.commit(opening.state, salt=bytes(opening.state_salt)).digest.hex() == said["after"]
            assert list(entry.audience) == [], "nobody has it in his feed"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_writers_of_one_stream_take_turns(world: Any) -> None:
    """Eight at once: eight numbers, one sound chain, ids in the order of the numbers."""
    stream, faults = uuid.uuid4(), []
    together = threading.Barrier(8)

    def append(number: int) -> None:
        try:
            together.wait(60)
            with transaction.atomic():
                ledger.append_open(
                    stream=stream, kind="agency.changed", given={"n": number}, state={"n": number}, now=NOW
                )
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    with as_owner():
        threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert faults == []
    entries = list(Entry.objects.filter(stream=stream).order_by("seq"))
    assert [entry.seq for entry in entries] == list(range(1, 9))
    assert [entry.pk for entry in entries] == sorted(entry.pk for entry in entries)
    assert ledger.chain_faults([(one.seq, bytes(one.leaf_hash), bytes(one.body)) for one in entries]) == []
    assert Opening.objects.filter(entry__in=entries).count() == 8
    assert Pending.objects.filter(entry__in=entries).count() == 8
