"""What the console itself keeps: exports and where their files lie, numbers that take long, the desk's forms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from agencies.models import Agency, User
from people.models import Person

KINDS = ("casefiles", "statistics", "accesses", "casefile")
"""The page that is exported: Perkara, Statistik, Akses, Berkas."""
FORMATS = ("xlsx", "csv", "bare", "pdf")
"""`bare` is CSV without the lines that say what it is, for programs."""


class Export(models.Model):
    """One export, asked for by one person; nobody else may have it.

    `person_name` is printed in the file and forgotten with it: the worker, which makes it, may not read who people
    are. `query` are the page's filters as its address has them, never a NIP or a name. `stored_as` is the file's random
    name, empty while there is none and again once it is deleted. `fault` says why there is none and never will be.
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    kind = models.CharField(max_length=20)
    format = models.CharField(max_length=10)
    query = models.TextField(blank=True)
    casefile = models.UUIDField(null=True, blank=True)
    opens_content = models.BooleanField(default=False)
    request_id = models.UUIDField()
    asked_at = models.DateTimeField()
    job = models.BigIntegerField(null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    fault = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    stored_as = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    log_size = models.BigIntegerField(null=True, blank=True)
    log_root = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="an_export_is_of_a_known_page"),
            models.CheckConstraint(condition=Q(format__in=FORMATS), name="an_export_has_a_known_format"),
            models.CheckConstraint(
                condition=Q(kind="casefile", format="pdf", casefile__isnull=False)
                | (~Q(kind="casefile") & ~Q(format="pdf") & Q(casefile__isnull=True)),
                name="a_dossier_is_of_one_casefile",
            ),
            models.CheckConstraint(
                condition=Q(stored_as="") | Q(expires_at__isnull=False), name="a_kept_file_is_deleted_some_day"
            ),
        )
        indexes = (
            models.Index(fields=("user", "-asked_at"), name="exports_of_a_person"),
            models.Index(fields=("expires_at",), condition=~Q(stored_as=""), name="exports_to_be_deleted"),
        )

    def __str__(self) -> str:
        return str(self.id)


class Tally(models.Model):
    """The overview's numbers of an agency that sees very many casefiles, as they were counted last.

    `counts` is null until they were counted once; `asked_at` is when the worker was last asked to. They are derived
    from the casefiles, say nothing of any one of them, and may be deleted at any time.
    """

    agency = models.OneToOneField(Agency, primary_key=True, on_delete=models.PROTECT, related_name="+")
    counted_at = models.DateTimeField()
    counts = models.JSONField(null=True)
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.agency_id)


class Form(models.Model):
    """A form of the desk that was sent: what was typed while it is kept, or the receipt of the act that it led to.

    The id is drawn when the form is shown, and is the key under which its act happens once. `kept` is what was typed,
    encrypted under the service's secret, for the same person, and empty as soon as the act is done. `receipt` is the
    operator's signed promise: ids and hashes alone.
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    casefile = models.UUIDField()
    transition = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    kept = models.BinaryField(null=True)
    kept_at = models.DateTimeField(null=True)
    entry = models.UUIDField(null=True)
    receipt = models.JSONField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(entry__isnull=True, receipt__isnull=True, done_at__isnull=True)
                | Q(entry__isnull=False, receipt__isnull=False, done_at__isnull=False, kept__isnull=True),
                name="a_spent_form_has_its_receipt_and_no_content",
            ),
            models.CheckConstraint(
                condition=Q(kept__isnull=True) | Q(kept_at__isnull=False), name="kept_content_is_deleted_some_day"
            ),
        )
        indexes = (models.Index(fields=("kept_at",), condition=Q(kept__isnull=False), name="forms_with_kept_content"),)

    def __str__(self) -> str:
        return str(self.id)


DRAFT_STATES = ("waits", "returned", "withdrawn", "done")


class Draft(models.Model):
    """An act that one officer drafted and another of the agency is to perform, until `expires_at`.

    The id is the key under which the act happens once, and that of its row of `Form`. `kept` is what the drafter typed
    and `remark` why somebody sent it back: both encrypted under the service's secret, both gone once the act is done
    and when the draft has expired. `drafted_at` and what follows it is by the register's time, as entries are.
    """

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    drafter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    casefile = models.UUIDField()
    transition = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    drafted_at = models.DateTimeField()
    factor = models.CharField(max_length=20)
    proved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    kept = models.BinaryField(null=True)
    remark = models.BinaryField(null=True)
    state = models.CharField(max_length=10, default="waits")
    settled_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    performer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=DRAFT_STATES), name="a_draft_has_a_known_state"),
            models.CheckConstraint(
                condition=Q(performer__isnull=True) | ~Q(performer=models.F("drafter")),
                name="a_draft_is_performed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="done", performer__isnull=False, kept__isnull=True, remark__isnull=True)
                | (~Q(state="done") & Q(performer__isnull=True)),
                name="a_performed_draft_has_its_performer_and_no_content",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("drafted_at")), name="a_draft_lasts_a_while"),
        )
        indexes = (
            models.Index(
                fields=("agency", "expires_at"), condition=Q(state__in=("waits", "returned")), name="drafts_that_wait"
            ),
            models.Index(fields=("expires_at",), condition=Q(kept__isnull=False), name="drafts_with_kept_content"),
        )

    def __str__(self) -> str:
        return str(self.id)
