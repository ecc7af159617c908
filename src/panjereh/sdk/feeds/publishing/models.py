"""What the publisher keeps: who changed when, which file tells it, and who may have it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Feed(models.Model):
    """One publication. Whoever closes a file or a day holds its row, so numbers have no gap."""

    name = models.CharField(max_length=120, primary_key=True, help_text="system/service")
    sheet = models.JSONField(help_text="title, what it tells, columns, promise, approval")
    sequence = models.BigIntegerField(default=0, help_text="number of the last file")
    closed_day = models.DateField(help_text="the last day that was closed")

    def __str__(self) -> str:
        return self.name

    @property
    def service(self) -> str:
        return self.name.partition("/")[2]


class Phase(models.Model):
    """First a few subscribers, then more (000 A4 note 3). Members by X-Road id; none: everyone."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="phases")
    number = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    members = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["feed", "number"], name="feed_phase_once")]


class Page(models.Model):
    """A file of the feed: a number, and the changes that belong to it for ever."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="pages")
    sequence = models.BigIntegerField()
    day = models.DateField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "sequence"], name="feed_page_once")]


class Change(models.Model):
    """Somebody changed. Written in the transaction of the change itself; which datum is not said.

    Without a page it waits for the next file.
    """

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="changes")
    national_id = models.CharField(max_length=12, help_text="personal data")
    day = models.DateField(help_text="on which it was recorded, in Tehran")
    state = models.CharField(max_length=12, blank=True, help_text="where the feed says one")
    recorded_at = models.DateTimeField(db_default=Now())
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="changes")

    class Meta:
        indexes = [
            models.Index(fields=["feed", "day", "id"], name="feed_waiting", condition=Q(page=None))
        ]


class Day(models.Model):
    """A day that was closed at midnight, also when nothing happened on it."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="days")
    day = models.DateField()
    last_sequence = models.BigIntegerField()
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "day"], name="feed_day_once")]


class Subscriber(models.Model):
    """A system that the exchange has granted the feed, with its keys as registered there."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="subscribers")
    consumer = models.CharField(max_length=120, help_text="X-Road id of the system")
    public_keys = models.JSONField(help_text="Ed25519, hex; those accepted now")
    first_sequence = models.BigIntegerField(help_text="the last file before it subscribed")
    told_at = models.DateTimeField(help_text="of the news this row rests on; older news is stale")
    ended_at = models.DateTimeField(null=True, help_text="when the grant ended")
    taken = models.BigIntegerField(null=True, help_text="the last file it says it has taken")
    trouble = models.CharField(max_length=20, blank=True, help_text="what it says is wrong")
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "consumer"], name="feed_subscriber_once")
        ]

    @property
    def member(self) -> str:
        return self.consumer.rpartition("/")[0]


class Epoch(models.Model):
    """From a day on, a subscriber's tokens are made with another key.

    The key is not kept: it comes out of the installation's secret and this salt.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="epochs")
    number = models.PositiveIntegerField()
    salt = models.BinaryField(max_length=16)
    starts_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "number"], name="feed_epoch_once"),
            models.UniqueConstraint(fields=["subscriber", "starts_on"], name="feed_epoch_a_day"),
        ]
