"""Traffic added up. Nothing here tells of a person or a single call, so it may stay when the
records of calls have reached their term (NIX-04, 24)."""

from urllib.parse import urlsplit, urlunsplit

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from panjereh.exchange.models import Member, System


class Flow(models.Model):
    """Who calls which service under which grant."""

    consumer = models.CharField(max_length=120, help_text="X-Road id of the calling system")
    provider = models.CharField(
        max_length=120, help_text="X-Road id of the answering system; empty when none was found"
    )
    service = models.CharField(max_length=60, help_text="code of the service called")
    grant_id = models.BigIntegerField(help_text="version of the grant; 0 when none was found")

    bus = models.CharField(
        max_length=4, blank=True, help_text="bus it came in by: gsb (private) or pgsb (public)"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "provider", "service", "grant_id", "bus"], name="flow_once"
            )
        ]
        indexes = [models.Index(fields=["provider", "service"], name="flow_by_service")]

    def __str__(self) -> str:
        return f"{self.consumer} → {self.provider}/{self.service}"


class Rollup(models.Model):
    """Calls of a flow that were received in one minute, hour or day."""

    pk = models.CompositePrimaryKey("flow_id", "at")
    flow = models.ForeignKey(
        Flow, models.PROTECT, related_name="+", db_index=False, help_text="between whom"
    )
    at = models.DateTimeField(help_text="when the minute, hour or day began, by Tehran's clock")
    calls = models.BigIntegerField(help_text="how many calls")
    failed_consumer = models.BigIntegerField(help_text="of these, failed because of the consumer")
    failed_gateway = models.BigIntegerField(help_text="of these, failed because of the exchange")
    failed_provider = models.BigIntegerField(help_text="of these, failed because of the provider")
    unanswered = models.BigIntegerField(help_text="passed to the provider, which never answered")
    request_bytes = models.BigIntegerField(help_text="bytes of the requests")
    response_bytes = models.BigIntegerField(help_text="bytes of the answers as released")
    cut_fields = models.BigIntegerField(help_text="items beyond the grant that were cut")
    durations = ArrayField(
        models.IntegerField(), help_text="counts by how long the exchange took (histogram.py)"
    )
    provider_durations = ArrayField(
        models.IntegerField(), help_text="counts by how long the provider took (histogram.py)"
    )
    errors = models.JSONField(help_text='failures by "cause code", such as {"provider …": 3}')

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.flow_id}"


class Minute(Rollup):
    class Meta:
        indexes = [models.Index(fields=["at"], name="minute_by_time")]


class Hour(Rollup):
    class Meta:
        indexes = [models.Index(fields=["at"], name="hour_by_time")]


class Day(Rollup):
    class Meta:
        indexes = [models.Index(fields=["at"], name="day_by_time")]


class Probe(models.Model):
    """Where a provider tells how it is, and what it told last: calls alone cannot tell a quiet
    provider from one that is away."""

    system = models.OneToOneField(
        System, models.CASCADE, related_name="probe", help_text="the system that is asked"
    )
    path = models.CharField(
        max_length=200, help_text="path of its health page, at the address where it answers"
    )
    healthy = models.BooleanField(null=True, help_text="what it told last; empty: not asked yet")
    asked_at = models.DateTimeField(null=True, help_text="when it was asked last")
    since = models.DateTimeField(null=True, help_text="since when it tells the same")
    milliseconds = models.IntegerField(null=True, help_text="how long it took to tell")

    def __str__(self) -> str:
        return f"{self.system}{self.path}"

    @property
    def url(self) -> str:
        parts = urlsplit(self.system.base_url)
        return urlunsplit((parts.scheme, parts.netloc, self.path, "", ""))


class Alerts(models.QuerySet["Alert"]):
    def open(self) -> "Alerts":
        return self.exclude(state=Alert.State.ENDED)

    def firing(self) -> "Alerts":
        return self.filter(state=Alert.State.FIRING)

    def told(self) -> "Alerts":
        """Those that have fired, whether over or not."""
        return self.exclude(fired_at=None)

    def of(self, member: Member) -> "Alerts":
        return self.filter(member=member.x_road_id)


class Alert(models.Model):
    """A limit that was passed: waits whether it stays so, fires, ends. What ended is history."""

    class State(models.TextChoices):
        WAITING = "waiting"
        FIRING = "firing"
        ENDED = "ended"

    rule = models.CharField(max_length=60, help_text="code of the rule (data/alerts.yaml)")
    subject = models.CharField(
        max_length=300, blank=True, help_text="X-Road id it is about; empty: the exchange itself"
    )
    member = models.CharField(
        max_length=120, blank=True, help_text="X-Road id of the member that is told too"
    )
    state = models.CharField(max_length=10, choices=State.choices, help_text="where it stands")
    value = models.FloatField(help_text="what was measured last beyond the limit")
    began_at = models.DateTimeField(help_text="when the limit was passed")
    seen_at = models.DateTimeField(help_text="when it was last seen beyond the limit")
    fired_at = models.DateTimeField(null=True, help_text="when it was told")
    ended_at = models.DateTimeField(null=True, help_text="when its end was told")

    objects = Alerts.as_manager()

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"], condition=~Q(state="ended"), name="alert_one_open"
            )
        ]
        indexes = [models.Index(fields=["member", "-began_at"], name="alert_by_member")]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}"


class TrafficMonth(models.Model):
    """Open data of a Jalali month as they were published; they never change."""

    month = models.CharField(max_length=7, unique=True, help_text="Jalali month, such as 1405-08")
    rows = models.TextField(help_text="the rows as JSON, small counts left out")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the rows")
    published_at = models.DateTimeField(auto_now_add=True, help_text="when they were published")

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return self.month
