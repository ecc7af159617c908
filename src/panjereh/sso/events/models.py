"""Who is to be told of security events, and what is still to be told."""

import uuid

from django.db import models
from django.db.models import Q

from panjereh.sso.models import Person


class Receiver(models.Model):
    """A client that wants to hear of security events."""

    client_id = models.CharField(max_length=60, primary_key=True)
    address = models.URLField(
        max_length=500, blank=True, help_text="events are pushed here; empty: it collects them"
    )
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=120)


class Event(models.Model):
    """One site has to be told that something happened; the id is the token's `jti`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client_id = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    session = models.UUIDField(null=True, help_text="it is about this one only")
    kind = models.CharField(max_length=40)
    transaction = models.CharField(
        max_length=160, blank=True, help_text="`txn`: the same news is known by this elsewhere"
    )
    happened_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, help_text="none: the client collects it")
    tries = models.SmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="sso_event_due",
                condition=Q(delivered_at=None, given_up_at=None),
            ),
            models.Index(fields=["client_id", "-happened_at"], name="sso_event_client"),
            models.Index(fields=["happened_at"], name="sso_event_age"),
        ]


class Acquaintance(models.Model):
    """A client knows a person from a sign-in whose grant is no longer kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="acquaintances")
    client_id = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "client_id"], name="sso_acquaintance_once")
        ]
