"""What a subscriber keeps: its place in each feed, keys, its customers' tokens, what it took."""

from django.db import models
from django.db.models.functions import Now


class Position(models.Model):
    """How far we have come in a feed. Files are applied under the lock of this row."""

    feed = models.CharField(max_length=120, primary_key=True, help_text="system/service")
    sequence = models.BigIntegerField(default=0, help_text="the last file taken")
    begun_at = models.DateTimeField(null=True, help_text="since when files are taken")
    closed_day = models.DateField(null=True, help_text="every change up to this day is known")
    asked_at = models.DateTimeField(null=True, help_text="when the publisher last answered")
    trouble = models.CharField(max_length=20, blank=True, help_text="gap, cut, replayed, away, …")
    trouble_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.feed} {self.sequence}"


class FeedKey(models.Model):
    """The key of an epoch as it came: sealed to our system key, so that a copy of this table
    opens nothing."""

    feed = models.CharField(max_length=120)
    epoch = models.PositiveIntegerField()
    starts_on = models.DateField()
    sealed = models.TextField()
    got_at = models.DateTimeField()
    indexed_at = models.DateTimeField(null=True, help_text="when all customers had their tokens")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "epoch"], name="feed_key_once")]


class Customer(models.Model):
    """A person whom this installation serves, and therefore looks for in files."""

    national_id = models.CharField(max_length=12, primary_key=True, help_text="personal data")
    since = models.DateTimeField(db_default=Now())


class CustomerToken(models.Model):
    """Computed once per key, so a file is matched by look-ups and not by hashing everyone."""

    pk = models.CompositePrimaryKey("key_id", "token")
    key = models.ForeignKey(FeedKey, models.CASCADE, db_index=False)
    token = models.BinaryField(max_length=16)
    national_id = models.CharField(max_length=12, help_text="personal data")


class TakenFile(models.Model):
    """A file that was applied, with the exchange's record of its delivery."""

    feed = models.CharField(max_length=120)
    sequence = models.BigIntegerField()
    day = models.DateField()
    digest = models.CharField(max_length=60)
    request_id = models.CharField(max_length=60, help_text="the call that brought it")
    entries = models.PositiveIntegerField()
    matched = models.PositiveIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "sequence"], name="feed_file_taken_once")
        ]
