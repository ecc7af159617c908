"""Accounts that were closed on the news of a death, and identity data that must be asked anew."""

from django.db import models
from django.db.models import Q

from panjereh.sso.models import Person


class Closing(models.Model):
    """An account was closed, on which ground, and by whom it was opened again if that was wrong."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="closings")
    ground = models.CharField(max_length=40, help_text="such as deceased")
    feed = models.CharField(max_length=120)
    sequence = models.BigIntegerField(help_text="number of the file that told it")
    request_id = models.CharField(max_length=60, help_text="the call that brought the file")
    closed_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.CharField(max_length=120, blank=True)
    reopened_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(reopened_at=None), name="sso_closed_once_at_a_time"
            )
        ]


class Refresh(models.Model):
    """Somebody's identity data changed: what we hand out about this person is asked anew."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="refreshes")
    feed = models.CharField(max_length=120)
    sequence = models.BigIntegerField()
    request_id = models.CharField(max_length=60)
    told_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    inquiry_id = models.CharField(max_length=60, blank=True, help_text="the call that asked")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "feed", "sequence"], name="sso_refresh_once_per_file"
            )
        ]
        indexes = [
            models.Index(fields=["told_at"], name="sso_refresh_due", condition=Q(done_at=None))
        ]
