"""Who takes part: agencies, the mandates they hold, their systems (clients) with keys and tokens, the calendar.

Changes to agencies, mandates, clients, keys and the calendar go through the verbs of this package, which append an
entry to the log in the same transaction.
"""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from oauth2_provider.models import AbstractAccessToken, AbstractApplication
from simple_history.models import HistoricalRecords


class User(AbstractUser):
    """A service user (one per client, no password). People who sign in come with the console."""


class Agency(models.Model):
    """An office that takes part. `code` is an opaque slug: never parsed, never reused."""

    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=40))
    level = models.CharField(max_length=40)
    region = models.CharField(max_length=13, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    time_zone = models.CharField(max_length=60, default="Asia/Jakarta")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    # Oldest first: [{"name": …, "until": day}], the day on which the next name began.
    former_names = models.JSONField(default=list, blank=True, db_default=[])
    # Who took over its work, or a part of it: [{"agency": code, "kind": …, "on": day}], `registration.SUCCESSIONS`.
    heirs = models.JSONField(default=list, blank=True, db_default=[])
    # Blank where nobody says: an agency that was registered by hand. `source` is not blank for one of the directory.
    legal_basis = models.TextField(blank=True, default="", db_default="")
    source = models.TextField(blank=True, default="", db_default="")
    certainty = models.CharField(max_length=20, blank=True, default="", db_default="")
    stream = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="agency")

    history = HistoricalRecords()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="agency_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(parent=F("pk")), name="agency_is_not_its_own_parent"),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def above(self) -> frozenset[int]:
        """The keys of the two agencies above this one: of a regency's, the province's and the national one."""
        found = (self.parent_id, self.parent.parent_id if self.parent else None)
        return frozenset(key for key in found if key is not None)


class Mandate(models.Model):
    """Which agency is the examining authority from when until when, and on what legal basis.

    Periods of one scope may not overlap (exclusion constraint `mandates_of_a_scope_do_not_overlap`).
    A caretaker row fills a gap: its holder may do everything but accept, recommend and close.
    """

    code = models.SlugField(max_length=80, unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="mandates")
    scope = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    legal_basis = models.TextField()
    caretaker = models.BooleanField(default=False)
    verification_required = models.BooleanField(default=False)

    history = HistoricalRecords()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="mandate_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return self.code


class Client(AbstractApplication):
    """One system of one agency. It proves itself with a signed assertion (`ClientKey`), never with a secret."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="clients")
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    # Empty for what the agency's roles say (`agencies.purposes`).
    default_purpose = models.CharField(max_length=60, blank=True, default="")
    active = models.BooleanField(default=True)
    # From when on its writes must carry a signature (RFC 9421); null where they may.
    signatures_required_from = models.DateTimeField(null=True, blank=True)
    # Whether its tokens are bound to a key that it proves with every request (DPoP, RFC 9449).
    sender_constrained = models.BooleanField(default=False, db_default=False)

    history = HistoricalRecords()

    def __str__(self) -> str:
        return str(self.client_id)


class ClientKey(models.Model):
    """A public key of a client. Revocation is immediate: it is checked at every request, through the token."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="keys")
    kid = models.CharField(max_length=100)
    alg = models.CharField(max_length=10)
    public_jwk = models.JSONField()
    thumbprint = models.CharField(max_length=43)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Until a second person says so, such a key proves nothing.
    awaits_approval = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("client", "kid"), name="a_client_names_a_key_once"),
            models.UniqueConstraint(fields=("thumbprint",), name="a_key_belongs_to_one_client"),
        )

    def __str__(self) -> str:
        return f"{self.client_id}/{self.kid}"


class Delegation(models.Model):
    """What a vendor's client may do for an employer, from its approval until it ends or runs out.

    Every change is an entry of the employer's stream. One of an employer's and a client's waits at most, one serves.
    """

    id = models.UUIDField(primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="delegations")
    employer = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="delegations")
    roles = ArrayField(models.CharField(max_length=40))
    scopes = ArrayField(models.CharField(max_length=40))
    purposes = ArrayField(models.CharField(max_length=60))
    requested_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("requested_at")), name="delegation_ends_after_it_was_asked_for"
            ),
            models.UniqueConstraint(
                fields=("client", "employer"),
                condition=Q(approved_at__isnull=True, ended_at__isnull=True),
                name="a_client_asks_an_employer_for_one_thing",
            ),
            models.UniqueConstraint(
                fields=("client", "employer"),
                condition=Q(approved_at__isnull=False, ended_at__isnull=True),
                name="an_employer_delegates_to_a_client_once",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class UsedAssertion(models.Model):
    """A `jti` that bought a token: a unique row, not a cache, so that no restart forgets it.

    Kept is its SHA-256 in hexadecimal: what a client puts into it is its own affair.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE)
    jti = models.CharField(max_length=128)
    expires = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "jti"), name="an_assertion_is_used_once"),)
        indexes = (models.Index(fields=("expires",), name="used_assertion_by_expiry"),)

    def __str__(self) -> str:
        return str(self.pk)


class UsedProof(models.Model):
    """A DPoP proof that was used: SHA-256 over the thumbprint of its key and its `jti`, in hexadecimal.

    Kept until its time is over: then it is refused for being old.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    expires = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("expires",), name="used_proof_by_expiry"),)

    def __str__(self) -> str:
        return self.digest


class AccessToken(AbstractAccessToken):
    """An opaque token, kept as its SHA-256 only (`token_checksum`); `token` stays empty.

    No refresh or identity tokens are ever issued, so those two columns of the parent are left out, which also keeps
    the migrations of the two packages from waiting for each other.
    """

    source_refresh_token = None
    id_token = None
    key = models.ForeignKey(ClientKey, null=True, on_delete=models.PROTECT, related_name="tokens")
    # Of the key that verified the assertion, taken over that key when the token was bought (RFC 7638).
    key_thumbprint = models.CharField(max_length=43, blank=True, default="", db_default="")
    # For which employer a vendor's client acts with it; null where a client acts for its own agency.
    delegation = models.ForeignKey(Delegation, null=True, on_delete=models.PROTECT, related_name="tokens")
    # Of the key that proves each request (DPoP); empty where whoever holds the token may call.
    proof_thumbprint = models.CharField(max_length=43, blank=True, default="", db_default="")

    class Meta(AbstractAccessToken.Meta):
        abstract = False


class CalendarDay(models.Model):
    """A day off in one version of the working calendar, with the decree or source that makes it one."""

    version = models.CharField(max_length=20)
    date = models.DateField()
    kind = models.CharField(max_length=40)
    name_id = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    decree = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version", "date", "kind"), name="a_day_is_off_once_per_kind"),)

    def __str__(self) -> str:
        return f"{self.date} ({self.version})"
