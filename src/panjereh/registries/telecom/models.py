"""Which national id owns a mobile number."""

from django.db import models

from panjereh.registries.custody import models as custody


class Sim(models.Model):
    mobile = models.CharField(max_length=13, primary_key=True, help_text="as +989…")
    owner_national_id = models.CharField(max_length=12, help_text="or FIDA code")

    class Meta:
        indexes = [models.Index(fields=["owner_national_id"], name="telecom_sim_owner")]


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
