"""Published service packages: every version for ever, for a case stays on the one it began with."""

from django.db import models

from panjereh.agency.models.agencies import Agency


class ServiceVersion(models.Model):
    """One version of one service, whole. A trigger in the database refuses to change it."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    service_id = models.CharField(max_length=110)
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    files = models.JSONField(help_text="path in the package -> text")
    engine_version = models.CharField(max_length=40)
    published_by = models.CharField(max_length=80)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service_id", "version"], name="version_once")
        ]
