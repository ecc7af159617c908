"""Companies and other legal persons, and who signs for them."""

from django.db import models

from panjereh.registries.custody import models as custody


class Status(models.TextChoices):
    ACTIVE = "active"
    IN_LIQUIDATION = "in-liquidation"
    DISSOLVED = "dissolved"
    STRUCK_OFF = "struck-off"


class SigningRule(models.TextChoices):
    """How many of the signatories bind the company."""

    EACH = "each"
    TWO = "two"
    ALL = "all"


class Company(models.Model):
    legal_id = models.CharField(max_length=11, primary_key=True)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=60)
    status = models.CharField(max_length=20, choices=Status)
    chief_executive_national_id = models.CharField(max_length=10)
    postal_code = models.CharField(max_length=10)
    signing_rule = models.CharField(
        max_length=10, choices=SigningRule, default=SigningRule.EACH, db_default=SigningRule.EACH
    )


class Signatory(models.Model):
    """A person whose signature binds the company; `position` gives the order they are named in."""

    company = models.ForeignKey(Company, models.CASCADE, db_index=False)
    national_id = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "national_id"], name="legal_signs_once_for_a_company"
            )
        ]


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
