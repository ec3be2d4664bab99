"""Persons who sign in to the console: whom they belong to, as what, and the invitation that let them in.

What is personal of them (name, address, password) lies in these tables alone, which no role but the console's reads.
The log names a person by id. Changes go through the verbs of `people.persons`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from agencies.models import Agency, User

ROLES = ("reader", "officer", "manager")
"""What a person may do in the console: read; act for the agency (the desk); invite others."""
LANGUAGES = ("id", "en")


class Person(models.Model):
    """Somebody of an agency. `id` is the stream in which the log tells of them; an ended person signs in no more.

    The row of `User` is what sessions and second factors hang on: its name is the id, and it holds no password, so that
    whoever may read service users learns nothing of people.
    """

    id = models.UUIDField(primary_key=True)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="person")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(max_length=20)
    email = models.EmailField()
    name = models.CharField(max_length=200)
    password = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255, blank=True, default="", db_default="")
    """Of the account with which they sign in at their agency's own issuer, where they did so once."""
    issuer = models.CharField(max_length=500, blank=True, default="", db_default="")
    """Whose account that is: an identifier says nothing without its issuer."""
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("email"), name="an_address_signs_in_as_one_person"),
            models.UniqueConstraint(
                fields=("issuer", "subject"), condition=~Q(subject=""), name="an_account_signs_in_as_one_person"
            ),
            models.CheckConstraint(condition=Q(subject="") | ~Q(issuer=""), name="an_account_is_bound_with_its_issuer"),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="a_person_has_a_known_role"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(password=""), name="an_ended_person_has_no_password"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Invitation(models.Model):
    """A link that lets a person set a password and a second factor, once, until it runs out. Its SHA-256 is kept."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="an_invitation_lasts_a_while"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} ({self.made_at:%Y-%m-%d})"


class SavedView(models.Model):
    """Filters of the list that a person keeps under a name of their own. `query` is as the list's address has it.

    Nobody else sees it. A NIP or a name of an officer is in no filter, and so in no view.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "name"), name="a_person_names_a_view_once"),)

    def __str__(self) -> str:
        return str(self.pk)


class MorningMail(models.Model):
    """A person wants a mail on each working morning that says what waits for their agency. Without a row: none.

    `mailed_on` is the day, where their agency is, of the last mail that the mail server took, or refused (`refused`).
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="morning_mail")
    language = models.CharField(max_length=2)
    mailed_on = models.DateField(null=True, blank=True)
    refused = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(language__in=LANGUAGES), name="a_morning_mail_has_a_known_language"),
            models.CheckConstraint(
                condition=Q(refused=False) | Q(mailed_on__isnull=False), name="a_mail_was_refused_on_a_day"
            ),
        )

    def __str__(self) -> str:
        return str(self.person_id)


class FourEyes(models.Model):
    """An agency wants each act at the desk drafted by one officer, and performed by another. No row: one is enough.

    The row is written by the function that stores the manager's entry (`people.four_eyes`), and by nothing else.
    """

    agency = models.OneToOneField(Agency, on_delete=models.PROTECT, primary_key=True, related_name="four_eyes")
    since = models.DateTimeField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.agency_id)
