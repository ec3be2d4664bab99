"""The cellar: streams, sequence numbers, opaque ids, bytes. Nothing here knows what a casefile is.

Every table of this app but the queue (`Pending`), the sequencer's own pulse (`LogStatus`) and what proves signed
requests (`Evidence`, which can be erased) is append-only: triggers
refuse UPDATE, DELETE and TRUNCATE, and the web's database role holds INSERT and SELECT only (`audit/append_only.py`).
Entries are written by whoever accepts a write; leaves, nodes, checkpoints, cosignatures and sightings by the sequencer.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models


class Entry(models.Model):
    """One accepted write, as the verifiable log will hold it: ids and commitments, no personal data.

    `body` holds the canonical bytes (RFC 8785) that `leaf_hash` = SHA-256(0x00 || body) was taken over. They are
    stored as bytes because JSONB would reorder keys. Ids are drawn while the stream is locked, so within one stream
    id order is commit order.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    stream = models.UUIDField()
    seq = models.PositiveIntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    body = models.BinaryField()
    audience = ArrayField(models.BigIntegerField(), default=list)
    recorded_at = models.DateTimeField()
    # The id that the caller chose for its request: a note of its own, beside the bytes, that nothing commits to.
    caller_request_id = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("stream", "seq"), name="a_stream_has_one_entry_per_number"),
            models.UniqueConstraint(fields=("leaf_hash",), name="a_leaf_is_written_once"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="a_stream_counts_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.stream}/{self.seq}"


class Pending(models.Model):
    """An entry that has no place in the tree yet; the sequencer takes these rows in the order of their ids."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="pending")

    def __str__(self) -> str:
        return str(self.entry_id)


class Leaf(models.Model):
    """The place of an entry in the tree: dense from 0, given by the sequencer, never given again."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="leaf")
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(index__gte=0), name="leaves_count_from_nought"),)

    def __str__(self) -> str:
        return str(self.index)


class Node(models.Model):
    """The hash of a complete subtree: `level` 1 and up (the leaves are level 0), `index` counted on its level."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(level__gte=1), name="a_node_is_above_the_leaves"),)

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A size of the tree that the log key signed: the note as it was signed, without cosignatures.

    Numbered without gaps, so that a checkpoint that is taken away is missed.
    """

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(unique=True)
    note = models.TextField()

    def __str__(self) -> str:
        return str(self.size)


class Cosignature(models.Model):
    """A witness's signature line on a checkpoint (C2SP tlog-cosignature)."""

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures", db_index=False)
    witness = models.CharField(max_length=200)
    line = models.TextField()
    cosigned_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("checkpoint", "witness"), name="a_witness_cosigns_a_checkpoint_once"),
        )

    def __str__(self) -> str:
        return f"{self.witness} {self.checkpoint_id}"


class Sighting(models.Model):
    """Which agency has which leaf in its feed: the entry's audience, in the order of the log."""

    pk = models.CompositePrimaryKey("agency", "index")
    agency = models.BigIntegerField()
    index = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.agency} {self.index}"


class LogStatus(models.Model):
    """The sequencer's pulse, one row: what the web must know to say whether a promise can be kept.

    `waiting_since` is when a checkpoint was first found without its quorum, or null; `refused` says why nothing may be
    accepted (witnesses, or our own check before signing, refused the tree), `contested` what a witness objects to whom
    enough others do not join. Both are empty while all is well. `origin` is the name under which entries belong here.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    beat_at = models.DateTimeField()
    size = models.BigIntegerField()
    checkpoint_size = models.BigIntegerField()
    waiting_since = models.DateTimeField(null=True)
    refused = models.TextField(blank=True, default="")
    contested = models.TextField(blank=True, default="", db_default="")
    origin = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="the_log_has_one_pulse"),)

    def __str__(self) -> str:
        return f"{self.size} at {self.beat_at}"


class Opening(models.Model):
    """What the commitments of an entry open to, for streams that are no casefile (agencies, mandates, calendar, …).

    Their facts are public, so nothing here needs erasing. A casefile's content lies in `casefiles.Payload`.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="opening")
    given = models.JSONField()
    given_salt = models.BinaryField(max_length=32)
    state = models.JSONField()
    state_salt = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.entry_id)


class Evidence(models.Model):
    """What proves a signed request, one row per request; what is erased of it is null (`audit.evidence`).

    The only table here that is not append-only: the owner erases.
    """

    request_id = models.UUIDField(primary_key=True)
    base = models.TextField(null=True)  # noqa: DJ001 - null says erased
    signature = models.BinaryField(null=True)
    alg = models.CharField(max_length=20)
    jwk = models.JSONField(null=True)
    salt = models.BinaryField(null=True, max_length=32)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=False)
                | models.Q(base__isnull=False, signature__isnull=False, jwk__isnull=False, salt__isnull=False),
                name="evidence_is_whole_or_erased",
            ),
        )

    def __str__(self) -> str:
        return str(self.request_id)


class Access(models.Model):
    """One reading request: who, when, for what purpose, and which records were shown (ids only)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    request_id = models.UUIDField()
    agency = models.BigIntegerField()
    client = models.CharField(max_length=100)
    route = models.CharField(max_length=100)
    purpose = models.CharField(max_length=60)
    shown = ArrayField(models.UUIDField(), default=list)
    # As in `Entry`.
    caller_request_id = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        indexes = (
            models.Index(fields=("agency", "at"), name="access_by_agency"),
            GinIndex(fields=("shown",), name="access_by_what_was_shown"),
            BrinIndex(fields=("at",), name="access_by_day"),
        )

    def __str__(self) -> str:
        return f"{self.route} {self.request_id}"


class AccessDay(models.Model):
    """The seal of one day's reads: `rows` lists number and digest of each, and an entry commits to the list.

    `number` is that of the entry in its stream (`audit.access.STREAM`), `salt` opens the entry's `after`.
    """

    number = models.PositiveIntegerField(primary_key=True)
    day = models.DateField(unique=True)
    salt = models.BinaryField(max_length=32)
    rows = models.BinaryField()

    def __str__(self) -> str:
        return str(self.day)
