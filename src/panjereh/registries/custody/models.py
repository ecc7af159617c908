"""Tables that each custodian keeps about its own registry."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class AccessRecord(models.Model):
    """Who asked about whom: one row per call, written before the look, never what was answered.

    Each room has a table of its own, for the log belongs to the custodian (DESIGN 5.4).
    """

    at = models.DateTimeField(db_default=Now())
    service = models.CharField(max_length=40)
    subject = models.CharField(max_length=30, help_text="the identifier that was asked about")
    consumer = models.CharField(max_length=120, help_text="the system that asked")
    acting_person = models.CharField(max_length=20, help_text="national id of who acted, if any")
    case = models.CharField(max_length=60, help_text="the tracking id the call serves, if any")
    request_id = models.CharField(max_length=60, help_text="the exchange's record of the call")

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["subject", "at"], name="%(app_label)s_looks_at_subject")]


class Outage(models.Model):
    """A time in which a custodian has taken its registry out of service."""

    system = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    retry_seconds = models.PositiveIntegerField()
    begun_by = models.CharField(max_length=60)
    begun_at = models.DateTimeField(db_default=Now())
    ended_by = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system"], condition=Q(ended_at=None), name="custody_one_outage_at_a_time"
            )
        ]


class BulkLoad(models.Model):
    """A load of many records at once: what, and how far it has come, so that it can grow."""

    name = models.CharField(max_length=60, unique=True)
    seed = models.BigIntegerField()
    people = models.PositiveBigIntegerField(default=0)
    communities = models.PositiveBigIntegerField(default=0)
    generation_day = models.DateField(help_text="the day the newest records lie before")
    finished_at = models.DateTimeField(db_default=Now())
