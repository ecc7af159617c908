"""Requests that have a tracking id, and every step of theirs until final delivery (TRK-03)."""

from django.db import models


class State(models.TextChoices):
    RECEIVED = "received"
    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    DELIVERED = "delivered"
    REFUSED = "refused"
    TROUBLE = "trouble"


FINAL_STATES = (State.DELIVERED, State.REFUSED)


class Case(models.Model):
    """A request, by the id that its applicant follows it with."""

    tracking_id = models.CharField(max_length=30, primary_key=True)
    consumer = models.CharField(max_length=200, help_text="X-Road id of the system that opened it")
    member = models.CharField(max_length=150, help_text="X-Road member: the main agency")
    key = models.CharField(max_length=300, help_text="idempotency key of the issue")
    agency = models.JSONField(help_text="name of the main agency, by language")
    service_id = models.CharField(max_length=120)
    person = models.CharField(max_length=12, help_text="national id or FIDA code of the applicant")
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "key"], name="tracking_id_once_per_key")
        ]
        indexes = [models.Index(fields=["person", "opened_at"], name="case_by_person")]


class InvolvedAgency(models.Model):
    """Another agency that works on the request under the same id (TRK-04, TRK-05)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="involved")
    member = models.CharField(max_length=150, help_text="X-Road member")
    agency = models.JSONField(help_text="its name, by language")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "member"], name="agency_involved_once")
        ]


class Step(models.Model):
    """Something happened to a request: when, at which unit, in words for the applicant."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    consumer = models.CharField(max_length=200, help_text="X-Road id of the reporting system")
    key = models.CharField(max_length=300, help_text="idempotency key of the report")
    at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices)
    unit = models.CharField(max_length=200)
    text = models.JSONField(help_text="a sentence for the applicant, by language")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["consumer", "key"], name="step_once_per_key")
        ]
