"""What happens to a matter: finding, casefile, referral, transition.

A casefile's state changes through `casefiles.transitions.perform` only; the database refuses the rest (see the
constraints below and `casefiles/migrations/0002_the_database_keeps_the_promises.py`).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from agencies.models import Agency, Mandate
from audit.models import Entry
from casefiles.queries import CasefileQuerySet, FindingQuerySet, ReferralQuerySet
from casefiles.step_records import StepRecord, StepRecords


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
    mandate = models.ForeignKey(Mandate, null=True, on_delete=models.PROTECT, related_name="casefiles", db_index=False)
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
        # A filtered list reads the newest that match, in the order of the id.
        indexes = (
            models.Index(fields=("updated_at", "id"), name="casefile_by_change"),
            models.Index(fields=("employer", "id"), name="casefile_by_employer"),
            models.Index(fields=("submitter", "id"), name="casefile_by_submitter"),
            models.Index(fields=("mandate", "id"), name="casefile_by_mandate"),
            models.Index(fields=("state", "id"), name="casefile_by_state"),
            models.Index(fields=("election", "id"), name="casefile_by_election"),
            models.Index(fields=("violation_class", "id"), name="casefile_by_class"),
            # What is open has no outcome, and so costs nothing here.
            models.Index(fields=("outcome", "id"), condition=~Q(outcome=""), name="casefile_by_outcome"),
            GinIndex(fields=("forms",), name="casefile_by_form"),
        )
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
    # When the clock has something to do on it, never where it has not; and the law by which that was reckoned
    # (`LawBook.ladder_digest`), empty where nobody has reckoned yet. `casefiles.transitions.rings` writes both.
    clock_at = models.DateTimeField(null=True)
    clock_law = models.CharField(max_length=16, default="", db_default="")

    objects = ReferralQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("to_agency", "due_at", "id"), condition=Q(status="open"), name="open_referral_queue"),
            models.Index(fields=("to_agency", "due_at", "id"), name="referral_queue"),
            models.Index(fields=("due_at", "id"), condition=Q(status="open"), name="open_referral_by_due"),
            models.Index(fields=("due_at", "id"), name="referral_by_due"),
            # Whose turn it is, in the order of the list of casefiles.
            models.Index(fields=("to_agency", "casefile"), condition=Q(status="open"), name="open_referral_by_turn"),
            models.Index(
                fields=("missed_due_on",),
                condition=Q(status="open") & Q(missed_due_on__isnull=False),
                name="open_referral_that_was_missed",
            ),
            models.Index(
                fields=("clock_law", "clock_at", "id"), condition=Q(status="open"), name="open_referral_by_clock"
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
        # What a statistic asks of the past; it reads the index alone.
        indexes = (
            models.Index(
                fields=("casefile", "seq"),
                include=("name", "entry"),
                condition=Q(name="recommend") | Q(name="report-sanction") | Q(name="reopen"),
                name="step_that_is_counted",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("casefile", "seq"), name="a_casefile_version_has_one_transition"),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=models.F("recorded_at")), name="a_step_happens_before_it_is_recorded"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.casefile_id}/{self.seq}"
