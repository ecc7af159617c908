"""Messages and their deliveries, letters and the boxes they lie in.

A message never changes; a delivery is one part of it on its way, and moves through the states
below. Every move has a row in a table that the database itself keeps from being changed.
"""

import uuid

from django.db import models


class Lane(models.IntegerChoices):
    """Which message goes first. A one-time code is worthless a minute later."""

    ONE_TIME = 0, "one-time"
    TRANSACTIONAL = 1, "transactional"
    BULK = 2, "bulk"


class State(models.TextChoices):
    QUEUED = "queued"
    SUBMITTING = "submitting"  # committed before the socket write
    ACCEPTED = "accepted"  # the operator has it
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # no receipt came; a late one still counts


FINAL_STATES = (State.DELIVERED, State.UNDELIVERABLE, State.EXPIRED)


class Sender(models.Model):
    """The public register of who may send, and under which number or name (002 art 26(1))."""

    system = models.CharField(max_length=200, unique=True, help_text="X-Road id of the sender")
    name = models.CharField(max_length=200, help_text="the agency's name in Persian")
    mask = models.CharField(
        max_length=11, help_text="its number under 4040, or its registered name"
    )
    registered_at = models.DateTimeField(auto_now_add=True)


class Message(models.Model):
    """An SMS as it was accepted: from whom, for which case, under which request."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    consumer = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64)
    request_id = models.CharField(max_length=100, blank=True)
    case = models.CharField(max_length=100, blank=True)
    lane = models.SmallIntegerField(choices=Lane.choices)
    mask = models.CharField(max_length=11)
    mobile = models.CharField(max_length=16)
    text = models.TextField(help_text="that of a one-time code is forgotten once it is sent")
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "key"], name="message_once_per_key")
        ]
        indexes = [
            models.Index(fields=["mobile", "created_at"], name="message_by_mobile"),
            models.Index(
                fields=["created_at"],
                name="message_code_kept",
                condition=models.Q(lane=Lane.ONE_TIME) & ~models.Q(text=""),
            ),
        ]


class Delivery(models.Model):
    """One part of a message on its way to the operator.

    `session` and `sequence` name the SMPP connection and the PDU that carries it, so that a
    response finds it, and so that a dead session's deliveries can be told from a living one's.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, default="sms")
    route = models.CharField(max_length=20, default="smpp")
    part = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    lane = models.SmallIntegerField(choices=Lane.choices)
    state = models.CharField(max_length=13, choices=State.choices, default=State.QUEUED)
    since = models.DateTimeField(help_text="when it entered this state")
    attempts = models.PositiveSmallIntegerField(default=0)
    maybe_dup = models.BooleanField(default=False, help_text="sent again after a lost answer")
    session = models.IntegerField(null=True)
    sequence = models.BigIntegerField(null=True)
    smsc_id = models.CharField(max_length=65, blank=True)
    next_try = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "part"], name="delivery_parts")]
        indexes = [
            models.Index(
                fields=["lane", "next_try", "id"],
                name="delivery_queued",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=["expires_at"],
                name="delivery_expiring",
                condition=models.Q(state="queued", expires_at__isnull=False),
            ),
            models.Index(
                fields=["session"],
                name="delivery_submitting",
                condition=models.Q(state="submitting"),
            ),
            models.Index(fields=["session", "sequence"], name="delivery_by_pdu"),
            models.Index(fields=["route", "smsc_id"], name="delivery_by_smsc_id"),
            models.Index(
                fields=["since"], name="delivery_accepted", condition=models.Q(state="accepted")
            ),
        ]


class DeliveryEvent(models.Model):
    """What happened to a delivery, in order. The database refuses to change or delete a row."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    data = models.JSONField(default=dict, help_text="codes and reasons; no personal data")


class ReceiptOrphan(models.Model):
    """A receipt that came before the answer that names its message; matched when that comes."""

    route = models.CharField(max_length=20)
    smsc_id = models.CharField(max_length=65)
    state = models.CharField(max_length=13, choices=State.choices)
    error = models.CharField(max_length=20, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "smsc_id"], name="receipt_orphan_once")
        ]


class Mailbox(models.Model):
    """A person's e-box. Destroying its wrapped key destroys every letter in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.CharField(
        max_length=12, unique=True, help_text="national id or FIDA code of the owner"
    )
    wrapped_key = models.BinaryField(help_text="the box's key, wrapped by the master key")
    master = models.CharField(max_length=8, help_text="which master key wrapped it")
    created_at = models.DateTimeField(auto_now_add=True)


class Letter(models.Model):
    """A letter; title and body are sealed under a key of its own, wrapped by the box's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="letters")
    sender = models.CharField(max_length=200, help_text="X-Road id of the sender")
    key = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64, help_text="keyed, so it does not tell the content")
    case = models.CharField(max_length=100, blank=True)
    document_id = models.CharField(max_length=100, blank=True)
    wrapped_key = models.BinaryField()
    sealed_title = models.BinaryField()
    sealed_body = models.BinaryField()
    deposited_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "key"], name="letter_once_per_key")
        ]
        indexes = [
            models.Index(fields=["mailbox", "-deposited_at"], name="letter_in_order"),
            models.Index(
                fields=["mailbox"], name="letter_unread", condition=models.Q(read_at=None)
            ),
        ]


class LetterEvent(models.Model):
    """Evidence of what happened to a letter and who opened it; never changed or deleted."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    consumer = models.CharField(max_length=200)
    request_id = models.CharField(max_length=100, blank=True)
