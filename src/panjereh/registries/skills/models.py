"""Certificates of skill, by trade and level."""

from django.db import models

from panjereh.registries.custody import models as custody


class Certificate(models.Model):
    number = models.CharField(max_length=12, primary_key=True)
    national_id = models.CharField(max_length=10)
    trade = models.CharField(max_length=80)
    level = models.PositiveSmallIntegerField(help_text="1 to 3")
    issued_on = models.DateField()
    withdrawn_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["national_id"], name="skills_certificate_of_person")]

    @property
    def status(self) -> str:
        return "valid" if self.withdrawn_on is None else "withdrawn"


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
