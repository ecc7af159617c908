"""What the national window keeps for itself: read models fed by events, and people's own choices.

Everything but `Choices` and `Visit` can be built again from the stream (`actions.rebuild`). No
table refers to another by key, for events come in any order.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Service(models.Model):
    """An approved service card of the national catalogue, as it is shown and searched."""

    service_id = models.CharField(max_length=110, primary_key=True)
    version = models.CharField(max_length=20)
    revision = models.PositiveIntegerField(
        default=0, help_text="the catalogue's own count: a version may be submitted again"
    )
    card = models.JSONField()
    agency = models.CharField(max_length=61, help_text="slug of the agency that answers for it")
    category = models.CharField(max_length=61)
    life_events = ArrayField(models.CharField(max_length=61), default=list)
    search_squashed = models.TextField(help_text="folded, without spaces: what search runs on")
    approved_at = models.DateTimeField()

    class Meta:
        indexes = [
            GinIndex(fields=["search_squashed"], opclasses=["gin_trgm_ops"], name="service_search"),
            models.Index(fields=["category"], name="service_category"),
            models.Index(fields=["agency"], name="service_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.version}"


class Rating(models.Model):
    """What people who received a service say of it. May arrive before the card."""

    service_id = models.CharField(max_length=110, primary_key=True)
    average = models.DecimalField(max_digits=3, decimal_places=2)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.service_id}: {self.average} of {self.count}"


class Agency(models.Model):
    """An agency under its parent body (004 section 3-2 art 4), with what is known of it."""

    slug = models.CharField(max_length=61, primary_key=True)
    name_fa = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)
    kind = models.CharField(max_length=40, blank=True)
    parent = models.CharField(max_length=61, blank=True, help_text="slug of the parent body")
    reported_status = models.CharField(
        max_length=20, blank=True, help_text="connected, not_connected or no_case, as published"
    )
    reported_as_of = models.CharField(max_length=60, blank=True)
    connected_at = models.DateTimeField(
        null=True, help_text="when its first service could be begun from this window"
    )

    def __str__(self) -> str:
        return self.slug


class Request(models.Model):
    """A request of a person at any agency, known by its national tracking id."""

    tracking_id = models.CharField(max_length=40, primary_key=True)
    service_id = models.CharField(max_length=110)
    agency = models.CharField(max_length=300)
    person = models.CharField(max_length=12, help_text="national id or FIDA code")
    rated_stars = models.PositiveSmallIntegerField(null=True, help_text="given at this window")

    class Meta:
        indexes = [models.Index(fields=["person"], name="request_person")]

    def __str__(self) -> str:
        return self.tracking_id


class Step(models.Model):
    """One thing that happened to a request (WIN-21). The latest one gives its state."""

    event_id = models.UUIDField(unique=True)
    tracking_id = models.CharField(max_length=40)
    at = models.DateTimeField()
    state = models.CharField(max_length=20)
    unit = models.CharField(max_length=300)
    text = models.JSONField(help_text="what happened, by language")

    class Meta:
        indexes = [models.Index(fields=["tracking_id", "at"], name="step_timeline")]

    def __str__(self) -> str:
        return f"{self.tracking_id} {self.state}"


class UnreadLetters(models.Model):
    person = models.CharField(max_length=12, primary_key=True, help_text="national id or FIDA code")
    count = models.PositiveIntegerField()
    at = models.DateTimeField(help_text="time of the event that told it")

    class Meta:
        verbose_name_plural = "unread letters"

    def __str__(self) -> str:
        return str(self.count)


class EnteredBirth(models.Model):
    """A birth notice that the civil registry has acted on, so that nobody is reminded of it."""

    notice_id = models.CharField(max_length=60, primary_key=True)

    def __str__(self) -> str:
        return self.notice_id


class Choices(models.Model):
    """What a person has chosen for the window (AGW-12, WIN-08). No row: the usual."""

    person = models.CharField(max_length=12, primary_key=True, help_text="national id or FIDA code")
    predictions = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "choices"

    def __str__(self) -> str:
        return "predictions on" if self.predictions else "predictions off"


class Visit(models.Model):
    """A person began a service from the window: for the person's own list, and for WIN-21."""

    person = models.CharField(max_length=12, help_text="national id or FIDA code")
    service_id = models.CharField(max_length=110)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="visit_latest")]

    def __str__(self) -> str:
        return self.service_id
