"""The register of publications: their sheets, files by number and digest, and who follows them.

No table here has a column for an identifier or a token of a person (NIX-03). Entries of published
lists are keyed digests of legal persons' ids, by which the gateway checks a call (NIX-09).
"""

from django.db import models
from django.db.models import Q

from panjereh.exchange.models import System


class Publication(models.Model):
    """The sheet of a publication, as its publisher has announced it."""

    class Kind(models.TextChoices):
        FEED = "feed"  # changes of persons, tokenised for each subscriber
        LIST = "list"  # a list of legal persons, by period

    class Frequency(models.TextChoices):
        DAILY = "daily"
        MONTHLY = "monthly"

    system = models.ForeignKey(
        System, models.PROTECT, related_name="publications", help_text="the system that publishes"
    )
    code = models.SlugField(max_length=60, help_text="code of the service that hands it out")
    kind = models.CharField(max_length=10, choices=Kind.choices, help_text="feed or list")
    title_fa = models.CharField(max_length=200, help_text="Persian title")
    title_en = models.CharField(max_length=200, help_text="English title")
    told_fa = models.CharField(max_length=300, help_text="what it tells, in Persian")
    told_en = models.CharField(max_length=300, help_text="what it tells, in English")
    frequency = models.CharField(
        max_length=10, choices=Frequency.choices, help_text="how often a file is closed"
    )
    same_day = models.BooleanField(
        default=False, help_text="whether a change is promised on its own day"
    )
    columns = models.JSONField(
        default=list, help_text="names of columns and whether each is required; never values"
    )
    approval_row = models.CharField(
        max_length=20, blank=True, help_text="item of the approval, such as 26-4-2"
    )
    announced_at = models.DateTimeField(help_text="when the publisher sent this sheet")

    class Meta:
        ordering = ["system__code", "code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="feeds_publication_once")
        ]

    def __str__(self) -> str:
        return f"{self.system}/{self.code}"

    @property
    def title(self) -> dict[str, str]:
        return {"fa": self.title_fa, "en": self.title_en}

    @property
    def told(self) -> dict[str, str]:
        return {"fa": self.told_fa, "en": self.told_en}


class Phase(models.Model):
    """Whom the publisher serves from which day on: first a few subscribers, then more (NIX-14)."""

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="phases", help_text="the publication"
    )
    number = models.PositiveSmallIntegerField(help_text="first, second, …")
    opens_on = models.DateField(help_text="the day from which its members are served")
    members = models.JSONField(
        default=list, help_text="X-Road ids of its members; empty: everyone who has a grant"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "number"], name="feeds_phase_once")
        ]


class PublishedPage(models.Model):
    """A file that was published: its number, size and digests; the tokens are not here."""

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="pages", help_text="the publication"
    )
    sequence = models.BigIntegerField(help_text="number of the file; none is left out")
    day = models.DateField(help_text="the day whose changes it tells")
    changes = models.PositiveIntegerField(help_text="how many changes it tells")
    late = models.PositiveIntegerField(
        default=0, help_text="how many of them are told after the day on which they were recorded"
    )
    published_at = models.DateTimeField(help_text="when the publisher closed it")
    digests = models.JSONField(
        default=dict, help_text="X-Road id of each subscriber and the digest of its file"
    )

    class Meta:
        ordering = ["-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "sequence"], name="feeds_page_once")
        ]


class PublishedDay(models.Model):
    """A day of a feed that was closed, also when nothing happened on it."""

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="days", help_text="the publication"
    )
    day = models.DateField(help_text="the day")
    last_sequence = models.BigIntegerField(help_text="number of the last file up to its end")
    changes = models.PositiveIntegerField(help_text="how many changes its files tell")
    closed_at = models.DateTimeField(help_text="when the publisher closed it")

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "day"], name="feeds_day_once")
        ]


class Subscription(models.Model):
    """A system with a grant for a publication, and how far it has come, as its publisher told."""

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="subscriptions", help_text="the publication"
    )
    consumer = models.ForeignKey(
        System, models.PROTECT, related_name="subscriptions", help_text="the system that follows"
    )
    began_at = models.DateTimeField(help_text="since when it has a grant")
    ended_at = models.DateTimeField(null=True, help_text="when the grant ended; empty while it is")
    told = models.CharField(
        max_length=64, blank=True, help_text="digest of what the publisher was told of its keys"
    )
    sequence = models.BigIntegerField(null=True, help_text="number of the last file it has taken")
    asked_at = models.DateTimeField(null=True, help_text="when it last asked for news")
    trouble = models.CharField(
        max_length=20, blank=True, help_text="why it took no further file: gap, cut, …"
    )
    trouble_since = models.DateTimeField(null=True, help_text="since when")

    class Meta:
        ordering = ["consumer__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "consumer"], name="feeds_subscription_once"
            )
        ]


class PublishedList(models.Model):
    """A list that calls can be checked against, by the code that grants name."""

    code = models.SlugField(max_length=60, primary_key=True, help_text="the name in grants")
    publication = models.OneToOneField(
        Publication, models.PROTECT, related_name="list", help_text="the publication"
    )

    def __str__(self) -> str:
        return self.code


class ListPeriod(models.Model):
    """One period of a list. A call is checked against the current one and no other (NIX-09, 10)."""

    class State(models.TextChoices):
        CURRENT = "current"
        PAST = "past"

    list = models.ForeignKey(
        PublishedList,
        models.PROTECT,
        related_name="periods",
        db_column="list_code",
        help_text="the list",
    )
    period = models.CharField(max_length=7, help_text="Jalali year and month, such as 1405-09")
    revision = models.PositiveIntegerField(
        default=1, help_text="grows when somebody enters or leaves within the period"
    )
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.CURRENT, help_text="current or past"
    )
    rows = models.PositiveIntegerField(help_text="how many rows the publisher keeps for it")
    exceptions = models.PositiveIntegerField(
        default=0, help_text="how many enterprises could not be published; reported as a number"
    )
    exceptions_due_on = models.DateField(
        null=True, help_text="until when the publisher studies the oldest of them"
    )
    digest = models.CharField(max_length=60, help_text="SHA-256 of the rows at the publisher")
    published_at = models.DateTimeField(help_text="when it was published")
    revised_at = models.DateTimeField(help_text="when its entries last changed")

    class Meta:
        ordering = ["-period"]
        constraints = [
            models.UniqueConstraint(fields=["list", "period"], name="feeds_period_once"),
            models.UniqueConstraint(
                fields=["list"], condition=Q(state="current"), name="feeds_one_current_period"
            ),
        ]


class ListEntry(models.Model):
    """An id on a list, as its token: HMAC-SHA-256 of list and id, cut to 16 bytes."""

    period = models.ForeignKey(
        ListPeriod, models.CASCADE, related_name="entries", help_text="the period"
    )
    token = models.BinaryField(max_length=16, help_text="keyed digest of a legal person's id")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "token"], name="feeds_entry_once")]
