"""Days as they were counted. No row speaks of a person, and none can be undone by forgetting one:
when somebody's data are erased, the numbers of the past stay as they were."""

from django.db import models


class CountedDay(models.Model):
    """All rows of this day are there; they were written together."""

    day = models.DateField(primary_key=True)
    counted_at = models.DateTimeField()


class Change(models.Model):
    """By how many the open accounts of a kind at a level became more or fewer on a day. The sum up
    to a date is their number on it."""

    day = models.DateField()
    kind = models.CharField(max_length=10, help_text="national, minor, foreign or legal")
    level = models.SmallIntegerField(help_text="highest that was attained; 0 of legal persons")
    change = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "kind", "level"], name="sso_numbers_change_once")
        ]


class Entry(models.Model):
    """How often something happened on a day at one site's door."""

    class What(models.TextChoices):
        REGISTRATION = "registration", "detail: kind"
        LOGIN = "login", "detail: level"
        PROOF = "proof", "detail: way of signing in"

    day = models.DateField()
    what = models.CharField(max_length=12, choices=What)
    client_id = models.CharField(max_length=60, blank=True, help_text="empty: our own door")
    detail = models.CharField(max_length=20)
    times = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "what", "client_id", "detail"], name="sso_numbers_entry_once"
            )
        ]


class PublishedMonth(models.Model):
    """What everybody was told of a month. Never changed: two issues of one month could be
    subtracted from one another."""

    month = models.CharField(max_length=7, primary_key=True, help_text="like 1405-08")
    tables = models.TextField(help_text="JSON")
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]
