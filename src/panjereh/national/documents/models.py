"""The register of documents: templates, what was issued from them, and how their status changed.

Templates and status changes are only ever added; the database itself refuses to alter them.
"""

from django.db import models


class Status(models.TextChoices):
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Template(models.Model):
    """How a kind of document looks and which data it takes, in one version that never changes."""

    member = models.CharField(max_length=150, help_text="X-Road member that owns the kind")
    registered_by = models.CharField(max_length=200, help_text="X-Road id of the system")
    registered_at = models.DateTimeField()
    kind = models.CharField(max_length=100)
    version = models.CharField(max_length=30)
    source = models.TextField(help_text="Typst")
    schema = models.JSONField(help_text="JSON schema of the data, with an example")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "version"], name="template_version_once"
            )
        ]


class Document(models.Model):
    """A document as it was handed out: the very bytes, their hash, and whom it is for."""

    id = models.UUIDField(primary_key=True)
    human_id = models.CharField(max_length=22, unique=True)
    consumer = models.CharField(max_length=200, help_text="X-Road id of the issuing system")
    key = models.CharField(max_length=300, help_text="idempotency key of the issue")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="documents")
    title = models.JSONField(help_text="what it is, by language; names no person")
    issuer = models.JSONField(help_text="name of the sealing agency, by language")
    holder = models.CharField(
        max_length=12, help_text="national id or FIDA code of whom it was issued for"
    )
    service_id = models.CharField(max_length=120)
    tracking_id = models.CharField(max_length=40, blank=True)
    issued_at = models.DateTimeField()
    attachment = models.BinaryField(help_text="the JSON inside the file, byte for byte")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    level = models.CharField(max_length=12, help_text="PAdES level of the seal")
    certificate = models.CharField(max_length=64, help_text="SHA-256 of the sealing certificate")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.VALID)
    successor = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="predecessor"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "key"], name="document_once_per_key")
        ]
        indexes = [models.Index(fields=["holder", "issued_at"], name="document_by_holder")]

    @property
    def kind(self) -> str:
        return self.template.kind


class StatusChange(models.Model):
    """Who changed the status of a document, when and why."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices)
    reason = models.TextField()
