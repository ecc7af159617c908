"""Certificates of no criminal record that were issued. What stands in a record is not here."""

from django.db import models

from panjereh.registries.custody import models as custody


class Certificate(models.Model):
    number = models.CharField(max_length=14, primary_key=True)
    national_id = models.CharField(max_length=10)
    issued_on = models.DateField()
    valid_until = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["national_id"], name="judiciary_of_person")]


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
