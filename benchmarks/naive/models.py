"""The tables of the naive register."""

import uuid

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from simple_history.models import HistoricalRecords


class Agency(models.Model):
    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    roles = models.JSONField(default=list)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    group = models.OneToOneField(Group, on_delete=models.PROTECT)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.code


class Document(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey(Agency, on_delete=models.PROTECT)
    type = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class Finding(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    office = models.ForeignKey(Agency, on_delete=models.PROTECT)
    register_number = models.CharField(max_length=120)
    source = models.CharField(max_length=40)
    election = models.CharField(max_length=40)
    known_on = models.DateField()
    registered_on = models.DateField()
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        unique_together = ("office", "register_number")

    def __str__(self) -> str:
        return self.register_number


class Casefile(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField(max_length=20, unique=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="casefiles")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=30, db_index=True)
    submitter = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    examiner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    employer = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    addressee = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    election = models.CharField(max_length=40)
    violation_class = models.CharField(max_length=20, blank=True)
    facts = models.JSONField()
    documents = models.ManyToManyField(Document, related_name="casefiles")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()

    def __str__(self) -> str:
        return self.number


class Referral(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    casefile = models.ForeignKey(Casefile, on_delete=models.PROTECT, related_name="referrals")
    purpose = models.CharField(max_length=20)
    party = models.CharField(max_length=20)
    from_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, default="open")
    opened_at = models.DateTimeField()
    opened_seq = models.PositiveIntegerField()
    due_on = models.DateField()
    due_at = models.DateTimeField()
    rule = models.JSONField()
    answered_at = models.DateTimeField(null=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("due_at", "id")

    def __str__(self) -> str:
        return self.purpose


class AuditEntry(models.Model):
    stream = models.UUIDField(db_index=True)
    seq = models.PositiveIntegerField()
    leaf_hash = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        unique_together = ("stream", "seq")

    def __str__(self) -> str:
        return f"{self.stream}/{self.seq}"


class Transition(models.Model):
    casefile = models.ForeignKey(Casefile, on_delete=models.PROTECT, related_name="transitions")
    seq = models.PositiveIntegerField()
    name = models.CharField(max_length=40)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    given = models.JSONField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT)

    class Meta:
        ordering = ("seq",)
        unique_together = ("casefile", "seq")

    def __str__(self) -> str:
        return self.name


class Outbox(models.Model):
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.pk)


class IdempotencyKey(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    key = models.CharField(max_length=255)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        unique_together = ("user", "key")

    def __str__(self) -> str:
        return self.key


class AccessRecord(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    route = models.CharField(max_length=100)
    shown = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.route
