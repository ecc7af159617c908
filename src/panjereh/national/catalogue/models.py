"""Service cards: what each service is, in every version that was ever submitted (CAT-20)."""

from django.db import models


class State(models.TextChoices):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"


class ServiceCard(models.Model):
    """A service of an agency; it is offered once a version of its card is approved (CAT-03)."""

    service_id = models.CharField(max_length=120, unique=True)
    prefix = models.CharField(max_length=60, help_text="the part before the dot: one agency's own")
    member = models.CharField(max_length=150, help_text="X-Road member that owns the card")
    number = models.CharField(
        max_length=12, unique=True, null=True, help_text="card number, given at first approval"
    )
    current = models.OneToOneField(
        "CardVersion", null=True, on_delete=models.PROTECT, related_name="current_of"
    )


class CardVersion(models.Model):
    """One submission of a card, and what became of it."""

    card = models.ForeignKey(ServiceCard, on_delete=models.PROTECT, related_name="versions")
    revision = models.PositiveIntegerField(help_text="counted by the catalogue")
    label = models.CharField(max_length=30, help_text="the agency's own version")
    body = models.JSONField(help_text="the card as it was submitted")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_by = models.CharField(max_length=200, help_text="X-Road id of the system")
    submitted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list, help_text="why it was returned")

    class Meta:
        ordering = ["card", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["card", "revision"], name="card_revision_once")
        ]
