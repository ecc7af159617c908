"""Degrees that were earned, and who studies where."""

from django.db import models

from panjereh.registries.custody import models as custody


class Level(models.TextChoices):
    ASSOCIATE = "associate"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"


class Degree(models.Model):
    """The last one that a person earned."""

    national_id = models.CharField(max_length=10, primary_key=True)
    level = models.CharField(max_length=10, choices=Level)
    field = models.CharField(max_length=80)
    university = models.CharField(max_length=80)
    graduated_on = models.DateField()


class Enrolment(models.Model):
    """Where a person studies now."""

    national_id = models.CharField(max_length=10, primary_key=True)
    level = models.CharField(max_length=10, choices=Level)
    field = models.CharField(max_length=80)
    university = models.CharField(max_length=80)
    began_on = models.DateField()


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
