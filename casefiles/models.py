"""What happens to a matter: finding, casefile, referral, transition, document, and who may see it.

No column of this module holds personal content except those of `Payload`, the one erasable place. A casefile's state
changes through `casefiles.transitions.perform` only; the database refuses the rest (see the constraints below and
`casefiles/migrations/0002_the_database_keeps_the_promises.py`).
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase

from agencies.models import Agency, Mandate
from audit.models import Entry
from casefiles.queries import (
    AttachmentQuerySet,
    CasefileQuerySet,
    DocumentQuerySet,
    FindingQuerySet,
    PreventionQuerySet,
    ReferralQuerySet,
    ZeroReportQuerySet,
)
from casefiles.step_records import StepRecord, StepRecords


class CatalogueVersion(models.Model):
    """One version of the law as data, as it was loaded. Immutable: what was decided under it stays reproducible."""

    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version",), name="a_catalogue_version_is_loaded_once"),)

    def __str__(self) -> str:
        return self.version


class Finding(models.Model):
    """One entry of the submitter's register that has been clarified. What Bawaslu said stays what Bawaslu said."""

    id = models.UUIDField(primary_key=True)
    office = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="findings")
    register_number = models.CharField(max_length=120)
    register_key = models.CharField(max_length=120)
    source = models.CharField(max_length=40)
    election = models.CharField(max_length=40)
    mandate = models.ForeignKey(Mandate, null=True, on_delete=models.PROTECT, related_name="findings")
    known_on = models.DateField()
    registered_on = models.DateField()
    created_at = models.DateTimeField()

    objects = FindingQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("register_key",), name="finding_by_register_number"),)
        constraints = (
            models.UniqueConstraint(
                fields=("office", "register_key"), name="a_register_number_is_used_once_per_office_for_ever"
            ),
            models.CheckConstraint(
                condition=Q(known_on__lte=models.F("registered_on")), name="a_matter_is_known_before_it_is_registered"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Casefile(models.Model):
    """One subject in one matter. `version` is the number of its last transition, which is the `seq` of its entry."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="casefiles")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=30)
    came_from = models.CharField(max_length=30, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    mandate = models.ForeignKey(Mandate, null=True, on_delete=models.PROTECT, related_name="casefiles")
    submitter = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    examiner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    addressee = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    election = models.CharField(max_length=40)
    forms = ArrayField(models.CharField(max_length=60), default=list)
    violation_class = models.CharField(max_length=20, blank=True)
    overdue_level = models.PositiveSmallIntegerField(default=0)
    data_block = models.CharField(max_length=10, default="none")
    legal_hold = models.BooleanField(default=False)
    open_referral = models.OneToOneField(
        "Referral", null=True, on_delete=models.PROTECT, related_name="opens_for", db_constraint=False
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = CasefileQuerySet.as_manager()
    history = StepRecords(
        bases=[StepRecord],
        user_db_constraint=False,
        no_db_index=["number", "finding", "mandate", "open_referral"],
    )

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="casefile_by_change"),)
        constraints = (
            models.CheckConstraint(
                condition=(Q(state="closed") & Q(open_referral__isnull=True))
                | (~Q(state="closed") & Q(open_referral__isnull=False)),
                name="an_open_casefile_has_exactly_one_open_referral",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed") & ~Q(outcome="")) | (~Q(state="closed") & Q(outcome="")),
                name="a_closed_casefile_has_an_outcome_and_an_open_one_none",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="a_casefile_counts_from_one"),
        )

    def __str__(self) -> str:
        return self.number


class Referral(models.Model):
    """The case handed to an agency for action: since when, until when, answered when."""

    id = models.UUIDField(primary_key=True)
    casefile = models.ForeignKey(Casefile, on_delete=models.PROTECT, related_name="referrals")
    purpose = models.CharField(max_length=20)
    party = models.CharField(max_length=20)
    from_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=10, default="open")
    opened_at = models.DateTimeField()
    opened_seq = models.PositiveIntegerField()
    clock_from = models.DateField()
    due_on = models.DateField()
    # The due day as it was first counted, and the first one that passed without an answer, whatever moved it since.
    original_due_on = models.DateField()
    missed_due_on = models.DateField(null=True)
    due_at = models.DateTimeField()
    time_zone = models.CharField(max_length=60)
    rule = models.JSONField()
    continues = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    answered_seq = models.PositiveIntegerField(null=True)
    answered_by = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_with = models.CharField(max_length=40, blank=True)
    days_late = models.PositiveIntegerField(default=0)
    paused_days = models.PositiveIntegerField(default=0)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("to_agency", "due_at", "id"), condition=Q(status="open"), name="open_referral_queue"),
            models.Index(fields=("to_agency", "due_at", "id"), name="referral_queue"),
            models.Index(fields=("due_at", "id"), condition=Q(status="open"), name="open_referral_by_due"),
            models.Index(
                fields=("missed_due_on",),
                condition=Q(status="open") & Q(missed_due_on__isnull=False),
                name="open_referral_that_was_missed",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("casefile",), condition=Q(status="open"), name="a_casefile_has_one_open_referral"
            ),
            models.UniqueConstraint(fields=("id", "casefile"), name="a_referral_belongs_to_its_casefile"),
            models.CheckConstraint(
                condition=(Q(status="open") & Q(answered_at__isnull=True))
                | (~Q(status="open") & Q(answered_at__isnull=False)),
                name="an_answered_referral_says_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class Transition(models.Model):
    """One performed step, immutable. What it was given lies in `Payload` (same casefile, same seq)."""

    id = models.BigAutoField(primary_key=True)
    casefile = models.ForeignKey(Casefile, on_delete=models.PROTECT, related_name="transitions", db_index=False)
    seq = models.PositiveIntegerField()
    name = models.CharField(max_length=40)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30)
    party = models.CharField(max_length=20)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.CharField(max_length=255)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    legal_basis = models.CharField(max_length=200)
    request_id = models.UUIDField()
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="transition")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("casefile", "seq"), name="a_casefile_version_has_one_transition"),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=models.F("recorded_at")), name="a_step_happens_before_it_is_recorded"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.casefile_id}/{self.seq}"


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

    Which official answers for it, and in which words, lies in `Payload`.
    """

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="zero_reports", db_index=False)
    subject = models.CharField(max_length=20)
    election = models.CharField(max_length=40, blank=True)
    period_from = models.DateField()
    period_until = models.DateField()
    reported_by = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = ZeroReportQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agency", "subject", "election", "period_from", "period_until"),
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


class Payload(models.Model):
    """The one erasable place: personal content, one row per casefile version, finding, document or kept answer.

    Of a prevention: one row for what was said (seq 1) and one per officer it names (seq 2 and on, found by `nip`). Of a
    zero report: one row (seq 1).

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
            models.Index(fields=("name_key",), condition=~Q(name_key=""), name="payload_by_name"),
            models.Index(
                fields=("prevention", "seq"), condition=Q(prevention__isnull=False), name="payload_of_prevention"
            ),
            models.Index(fields=("nip",), condition=Q(prevention__isnull=False) & ~Q(nip=""), name="prevention_by_nip"),
            models.Index(
                fields=("zero_report", "seq"), condition=Q(zero_report__isnull=False), name="payload_of_zero_report"
            ),
            GinIndex(fields=("reference_keys",), condition=~Q(reference_keys=[]), name="payload_by_reference"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("casefile", "seq"), condition=Q(seq__gte=1), name="a_version_has_one_payload"
            ),
            models.CheckConstraint(
                condition=Q(casefile__isnull=False)
                | Q(finding__isnull=False)
                | Q(document__isnull=False)
                | Q(prevention__isnull=False)
                | Q(zero_report__isnull=False),
                name="a_payload_belongs_to_something",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class CasefileGrant(models.Model):
    """Every period in which one agency's group had sight of one casefile, from entry to entry: live, and ended.

    `agency` repeats the group as the number the log uses for its audience. Read as a table by `visible_to`. Former
    parties read on by the periods that ended, so guardian does not look here, but at `LiveGrant`.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE)
    content_object = models.ForeignKey(Casefile, on_delete=models.CASCADE, related_name="grants", db_index=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    until_entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # After its sight ended: whether the agency reads the file as it stood then. Not after a disown.
    reads_on = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = (
            models.Index(
                fields=("group", "content_object"), condition=Q(until_entry__isnull=True), name="live_sight_by_group"
            ),
            models.Index(fields=("content_object",), name="sight_of_a_casefile"),
            # The feed asks of each item whether it ended the reader's sight; hardly any does.
            models.Index(fields=("until_entry",), condition=Q(until_entry__isnull=False), name="sight_that_ended"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("group", "permission", "content_object"),
                condition=Q(until_entry__isnull=True),
                name="an_agency_holds_one_live_grant_of_a_kind_per_casefile",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class LiveGrant(GroupObjectPermissionBase):
    """Who sees which casefile now, as guardian's direct foreign-key model: its answers are those of `visible_to`.

    A view: the grants that have not ended, and every casefile for the groups of auditors, whose sight is their role.
    Sight changes by a step alone, so the database refuses `assign_perm` and `remove_perm`.
    """

    id = models.TextField(primary_key=True)
    # Nothing hangs on a row of a view. guardian asks through the reverse relations, so they have names.
    group = models.ForeignKey(Group, on_delete=models.DO_NOTHING)
    permission = models.ForeignKey(Permission, on_delete=models.DO_NOTHING)
    content_object = models.ForeignKey(Casefile, on_delete=models.DO_NOTHING, related_name="live_grants")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        managed = False
        unique_together = []


class Tick(models.Model):
    """The moment at which the clock last did its round, so that it notices when the time jumps. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ticked_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="there_is_one_clock"),)

    def __str__(self) -> str:
        return self.ticked_at.isoformat()
