"""Sessions of the e-government interoperability working group and their signed minutes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.approvals.models.requests import AccessRequest, Plan


class Session(models.Model):
    """A session: planned, held, and closed by the signature under its minutes."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        SIGNED = "signed", _("Minutes signed")

    number = models.PositiveIntegerField(unique=True, help_text="number of the session")
    held_on = models.DateField(help_text="day of the session")
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.PLANNED, help_text="where it stands"
    )
    present = models.JSONField(
        default=list, help_text='members present, [{"name", "body"}]: officials and their bodies'
    )

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"session {self.number}"


class AgendaItem(models.Model):
    """One matter of a session and what was decided about it."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        CHANGES = "changes", _("Changes asked for")
        POSTPONED = "postponed", _("Postponed")
        VOID = "void", _("Withdrawn before a decision")

    session = models.ForeignKey(
        Session, models.PROTECT, related_name="items", help_text="in which session"
    )
    order = models.PositiveSmallIntegerField(help_text="number of the item")
    request = models.ForeignKey(
        AccessRequest,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        help_text="request for access that is decided",
    )
    plan = models.ForeignKey(
        Plan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        help_text="business plan that is decided",
    )
    decision = models.CharField(
        max_length=10, blank=True, choices=Decision.choices, help_text="empty: not decided yet"
    )
    text_fa = models.TextField(blank=True, help_text="the decision in words, in Persian")
    text_en = models.TextField(blank=True, help_text="the decision in words, in English")
    decided_at = models.DateTimeField(null=True, blank=True, help_text="when it was entered")

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["session", "order"], name="agenda_order_once"),
            models.CheckConstraint(
                condition=Q(request__isnull=False, plan__isnull=True)
                | Q(request__isnull=True, plan__isnull=False),
                name="agenda_item_is_about_one_matter",
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(decision=""), name="agenda_request_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} item {self.order}"

    @property
    def text(self) -> dict[str, str]:
        return {"fa": self.text_fa, "en": self.text_en}


class Minutes(models.Model):
    """GOV-26: what a session decided, as the secretariat signed it. It never changes."""

    session = models.OneToOneField(
        Session, models.PROTECT, related_name="minutes", help_text="of which session"
    )
    content = models.JSONField(help_text="number, date, members present, items and decisions")
    sha256 = models.CharField(max_length=64, help_text="SHA-256 of the content (RFC 8785)")
    signature = models.TextField(help_text="compact JWS of the secretariat over the content")
    signed_by = models.CharField(max_length=200, help_text="name of who signed for it")
    signed_at = models.DateTimeField(help_text="when")

    def __str__(self) -> str:
        return f"minutes of {self.session}"
