"""The postal code where a person legally lives."""

from django.db import models

from panjereh.registries.custody import models as custody


class Residence(models.Model):
    national_id = models.CharField(max_length=10, primary_key=True)
    postal_code = models.CharField(max_length=10)


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
