"""The transactional outbox and inbox: accepted means committed, with a row that tells it."""

from django.db import models


class OutboxEvent(models.Model):
    """An event written in the transaction of its deed, waiting for the stream to take it."""

    event_id = models.UUIDField(unique=True)
    type = models.CharField(max_length=100)
    body = models.BinaryField(help_text="the CloudEvent as JSON; may hold personal data")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="outbox_waiting", condition=models.Q(published_at=None)
            )
        ]


class InboxEvent(models.Model):
    """A handler has dealt with an event; the pair is unique, so a second delivery does nothing."""

    event_id = models.UUIDField()
    handler = models.CharField(max_length=200)
    handled_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "handler"], name="inbox_once_per_handler")
        ]
