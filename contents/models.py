"""The content of a document, as far as the database knows it: where it lies, the key to it, and what was found."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from agencies.models import Agency
from casefiles.models import Document

QUARANTINED, CLEAN, INFECTED, SCAN_FAILED, ERASED = "quarantined", "clean", "infected", "scan_failed", "erased"
STATUSES: Final = (QUARANTINED, CLEAN, INFECTED, SCAN_FAILED, ERASED)
"""Not looked at yet; may leave; a scanner named it; no scanner could judge it; key and file are gone."""


class Content(models.Model):
    """The bytes that a descriptor describes. One for each document, and never other ones.

    They lie in the store under `name`, sealed with a data key of their own; `key` is that key, wrapped with the
    operator's (`contents.sealing`). An erasure empties `key`, after which no copy of the file can be read.
    """

    id = models.UUIDField(primary_key=True)
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="content")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="contents")
    name = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    size = models.BigIntegerField()
    status = models.CharField(max_length=12, default=QUARANTINED)
    # What the scanner called it, or why it could not judge.
    finding = models.CharField(max_length=120, blank=True, default="")
    # What a PDF holds besides pages (`contents.pdf_flags`), and whether something follows the end of the file.
    flags = ArrayField(models.CharField(max_length=20), default=list)
    # What the signatures in a PDF are worth (`contents.pdf_signatures`); None where nobody looked.
    signatures = models.JSONField(null=True)
    created_at = models.DateTimeField()
    scanned_at = models.DateTimeField(null=True)
    # Opens the newest entry's commitment to the row (`contents.recording`).
    salt = models.BinaryField(default=b"")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("name",), name="a_content_lies_under_a_name_of_its_own"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="a_content_has_a_known_status"),
            models.CheckConstraint(
                condition=Q(status=ERASED, key="") | (~Q(status=ERASED) & ~Q(key="")),
                name="a_content_has_a_key_until_it_is_erased",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(CLEAN, INFECTED)) | Q(scanned_at__isnull=False),
                name="a_verdict_has_its_moment",
            ),
        )
        indexes = (models.Index(fields=("created_at",), condition=Q(status=QUARANTINED), name="contents_to_scan"),)

    def __str__(self) -> str:
        return str(self.pk)
