"""What a person was told about their account, and how the telling went."""

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
