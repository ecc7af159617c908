"""Foreign nationals who live in the country, by FIDA code."""

from django.db import models

from panjereh.registries.custody import models as custody


class Sex(models.TextChoices):
    FEMALE = "female"
    MALE = "male"


class Foreigner(models.Model):
    """Names as the passport has them and as they are written in Persian."""

    fida_code = models.CharField(max_length=12, primary_key=True)
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    father_name = models.CharField(max_length=60)
    latin_given_name = models.CharField(max_length=60)
    latin_family_name = models.CharField(max_length=60)
    nationality = models.CharField(max_length=3, help_text="ISO 3166-1 alpha-3")
    birth_date = models.DateField()
    sex = models.CharField(max_length=6, choices=Sex)
    permit_until = models.DateField()
    died_on = models.DateField(null=True)

    @property
    def vital_status(self) -> str:
        return "deceased" if self.died_on else "alive"


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
