"""Officers of the sign-on, and the acts of theirs, which nobody can change or remove."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Officer(models.Model):
    """A person who works for the sign-on, in one office or several."""

    class Role(models.TextChoices):
        REGISTRAR = "registrar", _("Registrar of sites")
        SUPPORT = "support", _("Support of people")
        AUDITOR = "auditor", _("Auditor")

    national_id_digest = models.CharField(max_length=64, unique=True, help_text="keyed")
    name = models.CharField(max_length=200, help_text="name by which deeds are signed")
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices))
    active = models.BooleanField(default=True)
    appointed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(roles=[]), name="sso_officer_has_role")]

    def __str__(self) -> str:
        return self.name


class Act(models.Model):
    """One deed of an officer. Written with the deed, in its transaction; append-only."""

    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="acts", help_text="null: who installs it"
    )
    name = models.CharField(max_length=200, help_text="of the officer, on that day")
    deed = models.CharField(max_length=60, help_text="such as client.approved")
    subject = models.CharField(max_length=80, help_text="client id, or key of a person's account")
    facts = models.JSONField(default=dict, help_text="reasons and numbers, no personal data")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="sso_act_at"),
            models.Index(fields=["subject", "-at"], name="sso_act_subject"),
        ]

    @property
    def told(self) -> list[tuple[str, str]]:
        """The facts as texts, for the book."""
        return [
            (name, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            for name, value in self.facts.items()
        ]
