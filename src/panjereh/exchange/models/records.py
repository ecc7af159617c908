"""Traffic data of calls. No column holds what was exchanged, and a test reads what each says."""

import math
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CallRecord(models.Model):
    """Traffic and access data of one call, kept at least six months (NIX-03, 04, 24)."""

    request_id = models.UUIDField(unique=True, help_text="id that the gateway gave the call")
    bus = models.CharField(
        max_length=4, blank=True, help_text="bus it came in by: gsb (private) or pgsb (public)"
    )
    face = models.CharField(
        max_length=7, blank=True, help_text="interface it came in by: r1, v1 or message"
    )
    x_road_id = models.CharField(max_length=64, help_text="message id given by the consumer")
    issue = models.CharField(max_length=64, blank=True, help_text="tracking id of the case served")
    consumer = models.CharField(max_length=120, help_text="X-Road id of the calling system")
    provider = models.CharField(
        max_length=120, blank=True, help_text="X-Road id of the answering system"
    )
    service = models.CharField(max_length=60, blank=True, help_text="code of the service called")
    method = models.CharField(max_length=10, blank=True, help_text="HTTP method")
    path_template = models.CharField(
        max_length=200, blank=True, help_text="template of the path as registered, never the path"
    )
    grant_id = models.BigIntegerField(null=True, help_text="version of the grant that allowed it")
    purpose = models.CharField(
        max_length=60, blank=True, help_text="code of the purpose, as the grant has it"
    )
    represented = models.CharField(
        max_length=120, blank=True, help_text="X-Road id of the member that the caller speaks for"
    )
    status = models.PositiveSmallIntegerField(help_text="HTTP status that was answered")
    cause = models.CharField(
        max_length=10, blank=True, help_text="whose fault a failure was; empty after success"
    )
    error_code = models.CharField(
        max_length=100, blank=True, help_text="error type of the exchange; never a provider's text"
    )
    received_at = models.DateTimeField(help_text="when the request was in")
    forwarded_at = models.DateTimeField(null=True, help_text="when it was passed to the provider")
    answered_at = models.DateTimeField(null=True, help_text="when the provider had answered")
    finished_at = models.DateTimeField(help_text="when the answer was ready to be released")
    request_size = models.PositiveIntegerField(help_text="bytes of the request body")
    response_size = models.PositiveIntegerField(help_text="bytes of the answer as released")
    request_digest = models.CharField(
        max_length=60, blank=True, help_text="SHA-256 of the request body (RFC 9530)"
    )
    response_digest = models.CharField(
        max_length=60, blank=True, help_text="SHA-256 of the answer as released (RFC 9530)"
    )
    cut_fields = models.PositiveIntegerField(help_text="how many items beyond the grant were cut")
    user_pseudonym = models.CharField(
        max_length=64, blank=True, help_text="keyed HMAC of who acted, X-Road-UserId; no id is kept"
    )
    subjects = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text="keyed HMACs of the persons asked about; no id is kept",
    )
    gateway = models.CharField(max_length=60, help_text="name of the gateway that served it")

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="call_by_time"),
            models.Index(fields=["issue", "-received_at"], name="call_by_issue"),
            models.Index(fields=["x_road_id"], name="call_by_message"),
            models.Index(fields=["consumer", "-received_at"], name="call_by_consumer"),
            models.Index(fields=["provider", "-received_at"], name="call_by_provider"),
        ]

    def __str__(self) -> str:
        return str(self.request_id)

    @property
    def succeeded(self) -> bool:
        return self.cause == ""

    @property
    def milliseconds(self) -> int:
        """From the request being in to the answer being ready, the record's fsync not counted."""
        return _milliseconds(self.finished_at - self.received_at)

    @property
    def provider_milliseconds(self) -> int | None:
        if self.forwarded_at is None or self.answered_at is None:
            return None
        return _milliseconds(self.answered_at - self.forwarded_at)


def _milliseconds(duration: timedelta) -> int:
    """Whole ones, begun ones counted: none of them took no time."""
    return math.ceil(duration / timedelta(milliseconds=1))
