"""The one survey that counts (FBK-01), kept so that an answer cannot be led back to a person.

That a request was rated and what was said stand in two tables with nothing in common: no key and
no time of day.
"""

import uuid

from django.db import models


class RatedCase(models.Model):
    """A request that was rated; its answer is not here."""

    tracking_id = models.CharField(max_length=30, primary_key=True)
    consumer = models.CharField(max_length=200, help_text="X-Road id of the system that asked")
    key = models.CharField(max_length=300, help_text="idempotency key")


class Rating(models.Model):
    """An answer; whose it is is not here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service_id = models.CharField(max_length=120)
    stars = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True, help_text="without numbers and addresses")
    given_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stars__range=(1, 5)), name="one_to_five_stars"
            )
        ]
        indexes = [models.Index(fields=["service_id", "given_on"], name="rating_by_service")]


class ServiceScore(models.Model):
    """What all ratings of a service come to (FBK-02)."""

    service_id = models.CharField(max_length=120, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    stars_total = models.PositiveIntegerField(default=0)

    @property
    def average(self) -> float:
        return round(self.stars_total / self.count, 2) if self.count else 0.0
