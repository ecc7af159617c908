"""What a person was told, what they reported, whose their number is, and what is to happen when."""

import uuid

from django.db import models
from django.db.models import Q

from panjereh.sso.models import Person


class Notice(models.Model):
    """Something happened to the account; stands in the person's list for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    facts = models.JSONField(default=dict, help_text="by name; shown to the person only")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="sso_notice_person")]


class Channel(models.TextChoices):
    SMS = "sms"
    LETTER = "letter", "letter in the e-box"


class Delivery(models.Model):
    """A notice on its way. The number is forgotten once it has arrived."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    mobile = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_outcome = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="sso_notice_due",
                condition=Q(delivered_at=None, given_up_at=None),
            )
        ]


class MisuseReport(models.Model):
    """A person said: this was not me. Support looks after it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="misuse_reports")
    session = models.UUIDField(help_text="in which it was said")
    browser = models.CharField(max_length=80)
    sessions_ended = models.SmallIntegerField()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=120, blank=True)
    settled_with = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="sso_misuse_open", condition=Q(settled_at=None))
        ]


class NumberStanding(models.Model):
    """Whether codes may go to a person's number: Shahkar says whose it is, again and again."""

    class Reason(models.TextChoices):
        LOST = "lost", "it is no longer the person's own"
        REPORTED = "reported", "the person said that somebody else got in"

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="number_standing"
    )
    checked_at = models.DateTimeField(help_text="when Shahkar last said that it is the person's")
    due_at = models.DateTimeField(help_text="when the worker asks again")
    suspended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="sso_number_due", condition=Q(suspended_at=None))
        ]


class NumberChange(models.Model):
    """A new number, on its way to being the person's: first its code, then three days of waiting.

    Whoever shows level 2 at that moment does not wait.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="number_changes")
    session = models.UUIDField(null=True, help_text="in which it was asked for")
    mobile = models.CharField(max_length=16)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, help_text="the code came back")
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(done_at=None, cancelled_at=None) & ~Q(confirmed_at=None),
                name="sso_number_one_change",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="sso_number_change_due",
                condition=Q(done_at=None, cancelled_at=None),
            )
        ]


class Closure(models.Model):
    """An account that its person closed. The person may come back; after a while only as somebody
    whom we know by a keyed digest."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="closures")
    closed_at = models.DateTimeField()
    purge_at = models.DateTimeField()
    purged_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    id_digest = models.CharField(max_length=64, blank=True, help_text="once the id is erased")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(back_at=None), name="sso_closure_one_standing"
            ),
            models.UniqueConstraint(
                fields=["id_digest"],
                condition=Q(back_at=None) & ~Q(id_digest=""),
                name="sso_closure_one_of_digest",
            ),
        ]
        indexes = [
            models.Index(
                fields=["purge_at"],
                name="sso_closure_due",
                condition=Q(purged_at=None, back_at=None),
            )
        ]


class Lock(models.Model):
    """Wrong codes in a row, and how long nobody may try. Logged: a crash forgives nothing."""

    name = models.CharField(max_length=80, primary_key=True, help_text="a keyed digest")
    failures = models.IntegerField()
    until = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
