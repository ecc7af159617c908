"""A message on its way: who to whom, when, and the sealed body until it is delivered.

The body is sealed by the sender to the receiver's key, so nobody here can read it, and it is given
up as soon as the receiver has it or its time is over. What stays are traffic data (NIX-03).
"""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

LONGEST = timedelta(days=30)  # for so long delivery may be tried
KEPT = timedelta(days=184)  # traffic data of a message, as long as records of calls (NIX-04)


class Message(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        REFUSED = "refused"  # the receiver will not take it
        EXPIRED = "expired"  # nobody took it in time

    class Way(models.TextChoices):
        CALLBACK = "callback"
        PULL = "pull"

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text="what the exchange calls it"
    )
    x_road_id = models.CharField(max_length=64, help_text="message id given by the sender")
    sender = models.CharField(max_length=120, help_text="X-Road id of the sending system")
    receiver = models.CharField(max_length=120, help_text="X-Road id of the receiving system")
    service = models.CharField(max_length=60, help_text="code of the service it is for")
    issue = models.CharField(max_length=64, blank=True, help_text="tracking id of the case served")
    grant_id = models.BigIntegerField(help_text="version of the grant that allowed it")
    purpose = models.CharField(max_length=60, help_text="code of the purpose, as the grant has it")
    bus = models.CharField(max_length=4, help_text="bus it came in by: gsb or pgsb")
    to_key = models.CharField(max_length=64, help_text="public key it is sealed for, in hex")
    sealed = models.BinaryField(
        help_text="the body as only its receiver can read it; emptied when it is delivered or ends"
    )
    size = models.PositiveIntegerField(help_text="bytes of the sealed body")
    digest = models.CharField(max_length=60, help_text="SHA-256 of the request that brought it")
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.WAITING, help_text="where it stands"
    )
    accepted_at = models.DateTimeField(help_text="when it was accepted")
    expires_at = models.DateTimeField(help_text="until when delivery is tried")
    due_at = models.DateTimeField(help_text="when it may be handed out next")
    attempts = models.PositiveIntegerField(default=0, help_text="how often it was handed out")
    unsure_since = models.DateTimeField(
        null=True, help_text="since when it is not known whether an attempt succeeded"
    )
    trouble = models.CharField(
        max_length=60, blank=True, help_text="kind of the last failure; never the receiver's text"
    )
    way = models.CharField(
        max_length=10, choices=Way.choices, blank=True, help_text="how it was delivered"
    )
    ended_at = models.DateTimeField(null=True, help_text="when it was delivered or given up")

    class Meta:
        ordering = ["accepted_at"]
        constraints = [
            models.UniqueConstraint(fields=["sender", "x_road_id"], name="message_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None)
                | (~Q(state="waiting") & Q(ended_at__isnull=False, sealed=b"")),
                name="message_ended_has_no_body",
            ),
        ]
        indexes = [
            models.Index(
                fields=["receiver", "due_at"], name="message_waiting", condition=Q(state="waiting")
            ),
            models.Index(
                fields=["expires_at"], name="message_expiring", condition=Q(state="waiting")
            ),
            models.Index(fields=["accepted_at"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Notice(models.Model):
    """Tells a sender that a message did not arrive; the sender pulls and acknowledges it."""

    message = models.OneToOneField(
        Message, models.CASCADE, related_name="notice", help_text="the message that did not arrive"
    )
    created_at = models.DateTimeField(help_text="when it was given up")
    acknowledged_at = models.DateTimeField(
        null=True, blank=True, help_text="when the sender took note; empty until then"
    )

    def __str__(self) -> str:
        return str(self.message_id)


class Ending(models.Model):
    """The record of how a message ended, written with the ending and waiting for the stream of
    records: exactly one for each message."""

    request_id = models.UUIDField(primary_key=True, help_text="id of the record")
    message = models.OneToOneField(
        Message, models.CASCADE, related_name="ending", help_text="the message"
    )
    body = models.BinaryField(help_text="the record as JSON: traffic data as of every call")
    tried_at = models.DateTimeField(null=True, help_text="when it was last sent to the stream")
    published_at = models.DateTimeField(null=True, help_text="when the stream had it")

    class Meta:
        indexes = [
            models.Index(
                fields=["request_id"],
                name="ending_unpublished",
                condition=Q(published_at=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.request_id)
