"""What the door itself remembers: what was accepted and refused, how fast a client is asking, and who waits."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class IdempotencyRecord(models.Model):
    """One accepted request of one client, found again by the digest of its `Idempotency-Key`.

    The row is inserted before the work begins, in the work's own transaction, and gets its answer at the end of it:
    a refused or failed request leaves no row. The answer's bytes may hold personal content, so they live in the
    erasable place; `answer` is their number there. `owner_kind` and `owner_id` say whose content the answer is, so
    that a replay can ask for sight again. `parting` marks the answer of an act that ended the actor's own sight.
    """

    id = models.BigAutoField(primary_key=True)
    client = models.ForeignKey("agencies.Client", on_delete=models.PROTECT, db_index=False, related_name="+")
    key_digest = models.BinaryField(max_length=32)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    etag = models.CharField(max_length=40, blank=True, default="")
    location = models.CharField(max_length=200, blank=True, default="")
    owner_kind = models.CharField(max_length=20, blank=True, default="")
    owner_id = models.UUIDField(null=True)
    parting = models.BooleanField(default=False)
    answer = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        """Once per client and key."""

        constraints = (
            models.UniqueConstraint(fields=("client", "key_digest"), name="a_client_uses_a_key_once"),
            models.CheckConstraint(
                condition=Q(status__isnull=True, answer__isnull=True)
                | Q(status__isnull=False, status__gte=200, status__lt=300, answer__isnull=False),
                name="only_accepted_requests_keep_an_answer",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class RateBucket(models.Model):
    """How far ahead of its allowance a client is: `busy_until` is the instant at which its bucket is empty again."""

    client = models.OneToOneField("agencies.Client", on_delete=models.CASCADE, primary_key=True, related_name="+")
    busy_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class WriteBucket(models.Model):
    """The same for what a client writes; `RateBucket` counts what it reads."""

    client = models.OneToOneField("agencies.Client", on_delete=models.CASCADE, primary_key=True, related_name="+")
    busy_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class ProofBucket(models.Model):
    """The same for what a client asks of the log itself: entries, proofs, checkpoints."""

    client = models.OneToOneField("agencies.Client", on_delete=models.CASCADE, primary_key=True, related_name="+")
    busy_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class UploadBucket(models.Model):
    """The same for the contents of documents that a client brings."""

    client = models.OneToOneField("agencies.Client", on_delete=models.CASCADE, primary_key=True, related_name="+")
    busy_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class TokenBucket(models.Model):
    """How far ahead of its allowance of tokens a client is. Only what the client has signed itself counts."""

    client = models.OneToOneField("agencies.Client", on_delete=models.CASCADE, primary_key=True, related_name="+")
    busy_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class RefusalBucket(models.Model):
    """How much came of late from an address without a token: refused token requests (of a client, too), open calls.

    `key` is a digest.
    """

    key = models.BinaryField(primary_key=True, max_length=16)
    busy_until = models.DateTimeField()

    def __str__(self) -> str:
        return bytes(self.key).hex()


class SecurityEvent(models.Model):
    """How often a kind of refusal was answered: in all, and since the beginning of the newest window."""

    event = models.CharField(max_length=40, primary_key=True)
    total = models.BigIntegerField()
    recent = models.BigIntegerField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.event


class DeprecatedCall(models.Model):
    """How often a client has made a call that ends (`api.http.deprecation`), and when last. `operation` is its id."""

    id = models.BigAutoField(primary_key=True)
    client = models.ForeignKey("agencies.Client", on_delete=models.CASCADE, db_index=False, related_name="+")
    operation = models.CharField(max_length=100)
    total = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        """One row per client and call."""

        constraints = (
            models.UniqueConstraint(fields=("client", "operation"), name="a_call_that_ends_is_counted_once_per_client"),
        )

    def __str__(self) -> str:
        return f"{self.operation} {self.client_id}"


class FeedWaiter(models.Model):
    """Who waits for the next event: one place per client, until that instant at the latest; `mark` says whose it is."""

    client = models.OneToOneField("agencies.Client", on_delete=models.CASCADE, primary_key=True, related_name="+")
    until = models.DateTimeField()
    mark = models.UUIDField()

    def __str__(self) -> str:
        return str(self.pk)


class Batch(models.Model):
    """Many acts sent together (`POST /batches`), found again by the digest of their `Idempotency-Key`.

    `fingerprint` is taken over the key and the bytes of the body: without the key, which nobody keeps here, what the
    lines said cannot be guessed from it. The lines themselves are not kept. `agency` is whom the client acted for: a
    vendor that acts for several sees with the rights of one only the batches that it sent for that one.
    """

    id = models.UUIDField(primary_key=True)
    client = models.ForeignKey("agencies.Client", on_delete=models.PROTECT, db_index=False, related_name="+")
    agency = models.ForeignKey("agencies.Agency", on_delete=models.PROTECT, db_index=False, related_name="+")
    key_digest = models.BinaryField(max_length=32)
    fingerprint = models.BinaryField(max_length=32)
    lines = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        """Once per client and key; found by its day when it ends."""

        constraints = (
            models.UniqueConstraint(fields=("client", "key_digest"), name="a_client_uses_the_key_of_a_batch_once"),
            models.CheckConstraint(condition=Q(lines__gte=1), name="a_batch_has_a_line"),
        )
        indexes = (models.Index(fields=("created_at",), name="batches_by_their_day"),)

    def __str__(self) -> str:
        return str(self.pk)


class BatchLine(models.Model):
    """What came of one line: the ids, versions and receipts of what it made, or why it was refused.

    Nothing that the line said stands here. A line that has no row is still to be done.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, db_index=False, related_name="+")
    number = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField()
    said = models.JSONField()
    done_at = models.DateTimeField()

    class Meta:
        """One row per line."""

        constraints = (
            models.UniqueConstraint(fields=("batch", "number"), name="a_line_of_a_batch_is_answered_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, status__gte=200, status__lt=500),
                name="a_line_is_done_or_refused_for_good",
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


class BatchRunner(models.Model):
    """Which batch of a client is worked on: one at a time, until that instant unless it goes on; `mark` is the run."""

    client = models.OneToOneField("agencies.Client", on_delete=models.CASCADE, primary_key=True, related_name="+")
    batch = models.UUIDField()
    until = models.DateTimeField()
    mark = models.UUIDField()

    def __str__(self) -> str:
        return str(self.pk)
