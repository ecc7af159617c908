"""Legal persons that were registered, and who leads them. Signatories are asked for, not kept."""

import uuid

from django.db import models
from django.db.models import Q

from panjereh.sso.models import Person


class Organisation(models.Model):
    """A legal person, registered once (WIN-02). The key says nothing about it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legal_id = models.CharField(max_length=11, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class Leadership(models.Model):
    """The chief executive as the registry of legal persons last named one to us."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="leaderships")
    person = models.ForeignKey(Person, models.CASCADE, related_name="leaderships")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ended_at=None), name="sso_one_leader_at_a_time"
            )
        ]
