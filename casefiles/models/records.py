"""What lies beside a casefile: documents, preventions, zero reports, hand-overs to SIASN, and the content of them.

No column holds personal content except those of `Payload`, the one erasable place.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from agencies.models import Agency
from casefiles.models.cases import Casefile, Finding
from casefiles.models.snapshots import Snapshot
from casefiles.queries import AttachmentQuerySet, DocumentQuerySet, PreventionQuerySet, ZeroReportQuerySet


class Document(models.Model):
    """A descriptor: what a file is and its SHA-256. Immutable. Free text about it lies in `Payload`."""

    id = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="documents")
    type = models.CharField(max_length=60)
    number = models.CharField(max_length=120, blank=True)
    date = models.DateField(null=True)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    signature_status = models.CharField(max_length=20)
    evidence_kind = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(size__gte=0), name="a_document_has_a_size"),)

    def __str__(self) -> str:
        return str(self.id)


class Attachment(models.Model):
    """A document joined to a casefile by a transition; from then on sight follows the casefile and the type.

    What came with a casefile that was merged into this one and left with it stays here as history: see `live`.
    """

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="attachments")
    casefile = models.ForeignKey(Casefile, on_delete=models.PROTECT, related_name="attachments")
    seq = models.PositiveIntegerField()

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("casefile", "document", "seq"), name="a_step_attaches_a_document_once"),
        )

    def __str__(self) -> str:
        return f"{self.document_id} -> {self.casefile_id}"


class Prevention(models.Model):
    """What Bawaslu did so that no violation happens: a socialisation, a letter, a warning. Immutable.

    Whom it warned, and in which words, lies in `Payload`: a row for the content and one per officer.
    """

    id = models.UUIDField(primary_key=True)
    office = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="preventions")
    kind = models.CharField(max_length=40)
    held_on = models.DateField()
    election = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=13, blank=True)
    addressed = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = PreventionQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)


class ZeroReport(models.Model):
    """An agency's word that there was nothing to report in a period, both days included. Immutable.

    Which official answers for it, and in which words, lies in `Payload`; so does that it was withdrawn, and why
    (seq 2). `round` counts the reports of the same period that were withdrawn before this one.
    """

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="zero_reports", db_index=False)
    subject = models.CharField(max_length=20)
    election = models.CharField(max_length=40, blank=True)
    period_from = models.DateField()
    period_until = models.DateField()
    reported_by = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = ZeroReportQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agency", "subject", "election", "period_from", "period_until", "round"),
                name="an_agency_reports_a_period_empty_once_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(period_from__lte=models.F("period_until")), name="a_reported_period_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(subject__in=("findings", "sanctions")), name="a_zero_report_has_a_known_subject"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class HukdisHandover(models.Model):
    """That a version of a sanction was handed to SIASN as a discipline record, and by whom. Immutable.

    The digest of what was handed over, and the id that SIASN gave it, lie in `Payload`.
    """

    id = models.UUIDField(primary_key=True)
    casefile = models.ForeignKey(Casefile, on_delete=models.PROTECT, related_name="hukdis_handovers", db_index=False)
    version = models.PositiveIntegerField()
    sanction_version = models.PositiveIntegerField()
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("casefile", "id"), name="hukdis_of_casefile"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(version__gte=1) & Q(sanction_version__gte=1),
                name="what_is_handed_to_siasn_is_a_version",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Payload(models.Model):
    """The one erasable place: personal content, one row per casefile version, finding, document or kept answer.

    Of a prevention: one row for what was said (seq 1) and one per officer it names (seq 2 and on, found by `nip`). Of a
    zero report: one row (seq 1), and a second where it was withdrawn. Of a hand-over to SIASN: one row (seq 1).

    For a casefile version: `given` is what the transition was given, `facts` the whole file after it, and the salts
    open the commitments of its entry. Kept answers have seq 0. `nip` and `name_key` serve the search, those and
    `reference_keys` the hints of duplicates; both read the current version only.
    """

    id = models.BigAutoField(primary_key=True)
    casefile = models.ForeignKey(Casefile, null=True, on_delete=models.PROTECT, related_name="payloads", db_index=False)
    finding = models.ForeignKey(Finding, null=True, on_delete=models.PROTECT, related_name="payloads")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="payloads")
    prevention = models.ForeignKey(
        Prevention, null=True, on_delete=models.PROTECT, related_name="payloads", db_index=False
    )
    zero_report = models.ForeignKey(
        ZeroReport, null=True, on_delete=models.PROTECT, related_name="payloads", db_index=False
    )
    # Of a snapshot of numbers, which holds nothing personal, kept answers only.
    snapshot = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="payloads", db_index=False)
    hukdis = models.ForeignKey(
        HukdisHandover, null=True, on_delete=models.PROTECT, related_name="payloads", db_index=False
    )
    seq = models.PositiveIntegerField(default=0)
    given = models.JSONField(null=True)
    given_salt = models.BinaryField(null=True, max_length=32)
    facts = models.JSONField(null=True)
    facts_salt = models.BinaryField(null=True, max_length=32)
    attachments = models.JSONField(null=True)
    answer = models.BinaryField(null=True)
    nip = models.CharField(max_length=18, blank=True)
    name_key = models.CharField(max_length=200, blank=True)
    reference_keys = ArrayField(models.CharField(max_length=200), default=list, db_default=[])
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("nip",), condition=~Q(nip=""), name="payload_by_nip"),
            models.Index(fields=("name_key", "casefile", "seq"), condition=~Q(name_key=""), name="payload_by_name"),
            models.Index(
                fields=("prevention", "seq"), condition=Q(prevention__isnull=False), name="payload_of_prevention"
            ),
            models.Index(fields=("nip",), condition=Q(prevention__isnull=False) & ~Q(nip=""), name="prevention_by_nip"),
            models.Index(
                fields=("zero_report", "seq"), condition=Q(zero_report__isnull=False), name="payload_of_zero_report"
            ),
            models.Index(fields=("hukdis", "seq"), condition=Q(hukdis__isnull=False), name="payload_of_hukdis"),
            GinIndex(fields=("reference_keys",), condition=~Q(reference_keys=[]), name="payload_by_reference"),
            models.Index(fields=("casefile", "seq"), condition=Q(erased_at__isnull=False), name="payload_erased"),
        )
        constraints = (
            # What lists and statistics ask of a version, beside its content: the index has it.
            models.UniqueConstraint(
                fields=("casefile", "seq"),
                condition=Q(seq__gte=1),
                include=("nip", "erased_at"),
                name="a_version_has_one_payload",
            ),
            models.CheckConstraint(
                condition=Q(casefile__isnull=False)
                | Q(finding__isnull=False)
                | Q(document__isnull=False)
                | Q(prevention__isnull=False)
                | Q(zero_report__isnull=False)
                | Q(snapshot__isnull=False)
                | Q(hukdis__isnull=False),
                name="a_payload_belongs_to_something",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
