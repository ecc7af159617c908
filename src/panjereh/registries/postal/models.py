"""The address behind a postal code."""

from django.db import models

from panjereh.registries.custody import models as custody


class Address(models.Model):
    postal_code = models.CharField(max_length=10, primary_key=True)
    province = models.CharField(max_length=60)
    county = models.CharField(max_length=60)
    city = models.CharField(max_length=60)
    description = models.CharField(max_length=300, help_text="one line, as the post prints it")


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
