"""How somebody stands to military service. Who is not in this table does not owe any."""

from django.db import models

from panjereh.registries.custody import models as custody


class Standing(models.TextChoices):
    COMPLETED = "completed"
    SERVING = "serving"
    EXEMPT = "exempt"
    OWED = "owed"


class Service(models.Model):
    national_id = models.CharField(max_length=10, primary_key=True)
    standing = models.CharField(max_length=10, choices=Standing)
    since = models.DateField()
    card_number = models.CharField(max_length=10, blank=True, help_text="empty: no card yet")


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
