"""Enterprises, the monthly list of them, and those that cannot be published yet."""

from django.db import models
from django.db.models import F, Q

from panjereh.registries.custody import models as custody

EARLIER_PERIODS = 3  # 26-2-2: three pairs


class Status(models.TextChoices):
    SUBJECT = "subject"
    IN_PROGRESS = "in-progress"
    HANDED_OVER = "handed-over"


class Columns(models.Model):
    """What 26-2-2 names of an enterprise besides its id."""

    name = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=Status)
    last_entry = models.DateField()
    last_exit = models.DateField(null=True)
    previous_periods = models.JSONField(default=list, help_text="up to three [entry, exit], newest")

    class Meta:
        abstract = True


class Enterprise(Columns):
    """An enterprise as the organisation keeps it; without a national id it is not published."""

    legal_id = models.CharField(max_length=11, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_exit=None) | Q(last_exit__gte=F("last_entry")),
                name="privatisation_leaves_after_entering",
            )
        ]


class Unpublished(models.Model):
    """An enterprise that a list had to leave out. It is studied within three weeks and reported."""

    class Reason(models.TextChoices):
        NO_ID = "no-national-id"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="left_out")
    reason = models.CharField(max_length=20, choices=Reason)
    found_on = models.DateField()
    study_until = models.DateField()
    settled_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(settled_at=None),
                name="privatisation_studied_once_at_a_time",
            )
        ]


class Period(models.Model):
    """A monthly list as it was published; its rows never change."""

    month = models.CharField(max_length=7, primary_key=True, help_text="Jalali, such as 1405-09")
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=60)
    digest = models.CharField(max_length=60, help_text="SHA-256 of the rows")
    exceptions = models.PositiveIntegerField()
    exceptions_due_on = models.DateField(null=True)
    told = models.CharField(
        max_length=64, blank=True, help_text="digest of what the exchange was told last"
    )


class Row(Columns):
    """An enterprise on a list."""

    period = models.ForeignKey(Period, models.CASCADE, related_name="rows")
    legal_id = models.CharField(max_length=11)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "legal_id"], name="privatisation_once_on_a_list"
            )
        ]


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
