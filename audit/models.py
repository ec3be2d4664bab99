"""The cellar: streams, sequence numbers, opaque ids, bytes. Nothing here knows what a casefile is.

Every table of this app is append-only: triggers refuse UPDATE, DELETE and TRUNCATE, and the web's database role
holds INSERT and SELECT only (`audit/append_only.py`).
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
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

    class Meta:
        indexes = (
            models.Index(fields=("agency", "at"), name="access_by_agency"),
            GinIndex(fields=("shown",), name="access_by_what_was_shown"),
        )

    def __str__(self) -> str:
        return f"{self.route} {self.request_id}"
