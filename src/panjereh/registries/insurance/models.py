"""Workshops of enterprises, and the list of the insured that each sends for a month."""

from django.db import models

from panjereh.registries.custody import models as custody


class Workshop(models.Model):
    code = models.CharField(max_length=10, primary_key=True)
    branch_code = models.CharField(max_length=4, help_text="branch of the organisation")
    enterprise_id = models.CharField(max_length=11, help_text="legal id of the enterprise")

    class Meta:
        indexes = [models.Index(fields=["enterprise_id"], name="insurance_of_enterprise")]


class SentList(models.Model):
    """What a workshop sent for a month."""

    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="lists")
    month = models.CharField(max_length=7, help_text="Jalali, such as 1405-08")
    sent_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workshop", "month"], name="insurance_list_once")
        ]


class Insured(models.Model):
    """One person on a list: premium was paid for this month."""

    sent = models.ForeignKey(SentList, models.CASCADE, related_name="rows")
    national_id = models.CharField(max_length=10)
    full_name = models.CharField(max_length=120)
    insurance_number = models.CharField(max_length=10)
    days_worked = models.PositiveSmallIntegerField()
    sso_share = models.PositiveBigIntegerField(help_text="rials")

    class Meta:
        constraints = [
            # 26-2-1: one row per person for whom the enterprise paid premium in that month.
            models.UniqueConstraint(fields=["sent", "national_id"], name="insurance_person_once")
        ]


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
