"""Who may see and do what on the pages of the exchange."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.models.directory import Member


def operator_only() -> list[str]:
    return [Operator.Role.OPERATOR.value]


class Operator(models.Model):
    """A person who works for the exchange, in one office or several."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("Operator")
        SECRETARIAT = "secretariat", _("Secretariat")
        WORKING_GROUP = "working-group", _("Working group")
        AUDITOR = "auditor", _("Auditor")

    national_id_hash = models.CharField(
        max_length=64, unique=True, help_text="keyed hash of the national id"
    )
    name = models.CharField(max_length=200, help_text="name by which deeds are signed")
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices),
        default=operator_only,
        help_text="offices the person holds: what pages may be opened, what deeds done",
    )
    active = models.BooleanField(default=True, help_text="whether the person may still act")
    appointed_at = models.DateTimeField(auto_now_add=True, help_text="since when")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(roles=[]), name="operator_has_a_role")]

    def __str__(self) -> str:
        return self.name


class Representative(models.Model):
    """A person who acts for a member: all about its own systems, nothing about others'."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="representatives", help_text="whom the person acts for"
    )
    national_id_hash = models.CharField(max_length=64, help_text="keyed hash of the national id")
    name = models.CharField(max_length=200, help_text="name by which deeds are signed")
    active = models.BooleanField(default=True, help_text="whether the person may still act")
    appointed_at = models.DateTimeField(auto_now_add=True, help_text="since when")
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="when the appointment ended; empty while it stands"
    )

    class Meta:
        ordering = ["member__name_fa", "name"]
        constraints = [
            # Otherwise it would be unclear for whom a page acts.
            models.UniqueConstraint(
                fields=["national_id_hash"],
                condition=Q(active=True),
                name="representative_of_one_member",
            ),
            models.CheckConstraint(
                condition=Q(active=True, withdrawn_at=None)
                | Q(active=False, withdrawn_at__isnull=False),
                name="representative_withdrawn_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return self.name
