"""Hospitals that may report births, and what they reported."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from panjereh.registries.custody import models as custody


class Hospital(models.Model):
    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=100)
    city = models.CharField(max_length=60)


class BirthNotice(models.Model):
    """A birth as the hospital reported it; entered once civil registration says so."""

    notice_id = models.CharField(max_length=40, primary_key=True)
    hospital = models.ForeignKey(Hospital, models.PROTECT, db_index=False)
    born_at = models.DateTimeField()
    sex = models.CharField(max_length=6)
    weight_grams = models.PositiveIntegerField()
    mother_national_id = models.CharField(max_length=10)
    father_national_id = models.CharField(max_length=10)
    reported_at = models.DateTimeField(db_default=Now())
    entered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["mother_national_id"],
                name="health_notice_waiting",
                condition=Q(entered_at=None),
            )
        ]

    @property
    def city(self) -> str:
        return self.hospital.city


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
