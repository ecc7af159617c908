"""The public register of approvals (NIX-08, OPD-06), and agreements with parties (PRV-17)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.models import Member


class Approval(models.Model):
    """One permission as it was decided: number, date, consumers, providers, service, items,
    conditions. Public from the moment it is entered; it never changes."""

    class Kind(models.TextChoices):
        QUERY = "query", _("Inquiry")
        PUBLICATION = "publication", _("Publication")
        PLAN = "plan", _("Business plan")

    number = models.CharField(max_length=60, help_text="number of the approval or of its letter")
    date = models.DateField(help_text="date of the decision")
    body_fa = models.CharField(max_length=200, help_text="who decided, in Persian")
    body_en = models.CharField(max_length=200, help_text="who decided, in English")
    session_number = models.PositiveIntegerField(
        null=True, blank=True, help_text="session of the working group; empty: consent"
    )
    row = models.CharField(max_length=20, blank=True, help_text="item, such as 26-1-3")
    kind = models.CharField(
        max_length=15, choices=Kind.choices, default=Kind.QUERY, help_text="what it permits"
    )
    consumers = models.JSONField(help_text='who may receive, [{"code", "fa", "en"}]; bodies')
    providers = models.JSONField(help_text='who provides, [{"code", "fa", "en"}]; bodies')
    service_code = models.CharField(max_length=130, help_text="code of the service")
    service_fa = models.CharField(max_length=300, help_text="Persian title of the service")
    service_en = models.CharField(max_length=300, help_text="English title of the service")
    inputs = models.JSONField(null=True, help_text="inputs it names; empty: those of the service")
    outputs = models.JSONField(null=True, help_text="items it names; empty: those of the service")
    conditions = models.JSONField(default=list, help_text='in words, [{"fa", "en"}]')
    purpose_fa = models.CharField(max_length=300, blank=True, help_text="purpose in Persian")
    purpose_en = models.CharField(max_length=300, blank=True, help_text="purpose in English")
    legal_basis = models.CharField(max_length=300, blank=True, help_text="law it rests on")
    notes = models.JSONField(
        default=list, help_text='rules that follow from the law, [{"fa", "en"}]: passing on, tariff'
    )
    letter = models.JSONField(
        default=dict, help_text="letter to the Official Gazette: number and date"
    )
    search = models.TextField(help_text="folded words by which it is found")
    entered_at = models.DateTimeField(help_text="when it became public here")

    class Meta:
        ordering = ["-date", "-pk"]
        indexes = [models.Index(fields=["-date", "-id"], name="approval_by_date")]
        constraints = [
            models.UniqueConstraint(
                fields=["number", "row"], condition=~Q(row=""), name="approval_row_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.row}"

    @property
    def body(self) -> dict[str, str]:
        return {"fa": self.body_fa, "en": self.body_en}

    @property
    def service_title(self) -> dict[str, str]:
        return {"fa": self.service_fa, "en": self.service_en}

    @property
    def purpose(self) -> dict[str, str]:
        return {"fa": self.purpose_fa, "en": self.purpose_en}

    @property
    def facts(self) -> dict[str, Any]:
        """All that is public, as exports have it."""
        return {
            "number": self.number,
            "row": self.row,
            "date": self.date.isoformat(),
            "body": self.body,
            "session": self.session_number,
            "kind": self.kind,
            "consumers": self.consumers,
            "providers": self.providers,
            "service": {"code": self.service_code, **self.service_title},
            "inputs": self.inputs,
            "outputs": self.outputs,
            "conditions": self.conditions,
            "purpose": self.purpose,
            "legal_basis": self.legal_basis,
            "notes": self.notes,
            "letter": self.letter,
        }


class ApprovedSeries(models.Model):
    """Which grants an approval made."""

    approval = models.ForeignKey(
        Approval, models.PROTECT, related_name="series", help_text="the approval"
    )
    series = models.UUIDField(help_text="series of the grant, all its versions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["approval", "series"], name="approved_series_once")
        ]

    def __str__(self) -> str:
        return f"{self.approval} {self.series}"


class Agreement(models.Model):
    """PRV-17: a confidentiality agreement with a party, recorded with its digest."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="agreements", help_text="the party"
    )
    number = models.CharField(max_length=60, unique=True, help_text="number of the agreement")
    signed_on = models.DateField(help_text="day it was signed")
    valid_until = models.DateField(null=True, blank=True, help_text="its last day; empty: open")
    document_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the signed document")
    recorded_by = models.CharField(max_length=200, help_text="name of who recorded it")
    recorded_at = models.DateTimeField(auto_now_add=True, help_text="when")

    class Meta:
        ordering = ["-signed_on", "-pk"]

    def __str__(self) -> str:
        return self.number


class Proposal(models.Model):
    """The secretariat proposes to give up a grant that nobody has used for months."""

    series = models.UUIDField(help_text="series of the grant")
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="+", help_text="the consumer, who decides about it"
    )
    idle_months = models.PositiveSmallIntegerField(help_text="how long it was not used")
    proposed_by = models.CharField(max_length=200, help_text="name of who proposed it")
    proposed_at = models.DateTimeField(auto_now_add=True, help_text="when")
    answer = models.CharField(
        max_length=10, blank=True, help_text="given-up or kept; empty: not answered yet"
    )
    reason = models.TextField(blank=True, help_text="why the consumer keeps it")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="when it was answered")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["series"], condition=Q(answer=""), name="proposal_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.series)
