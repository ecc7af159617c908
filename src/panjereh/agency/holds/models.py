"""Holds on persons, the agency's rules about them, and what was done to lift them."""

from django.db import models
from django.db.models import Q

from panjereh.agency.models import Agency, StaffMember


class Rule(models.Model):
    """What the agency does with a service when identity data change: its own decision (000 A4.1).

    Without a rule of its own a service is held.
    """

    class Effect(models.TextChoices):
        HOLD = "hold"
        NOTE = "note"  # staff are told, the service goes on

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="+")
    service_id = models.CharField(max_length=110)
    effect = models.CharField(max_length=4, choices=Effect)
    set_by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "service_id"], name="holds_rule_once")
        ]


class Hold(models.Model):
    """News about a person, and whether services of this agency to the person wait for it."""

    class Cause(models.TextChoices):
        IDENTITY = "identity-changed"
        DEATH = "deceased"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    person = models.CharField(max_length=10, help_text="national id; personal data")
    cause = models.CharField(max_length=20, choices=Cause)
    change_date = models.DateField(help_text="as the publisher told it; which datum is not told")
    feed = models.CharField(max_length=120)
    sequence = models.BigIntegerField(help_text="number of the file that told it")
    request_id = models.CharField(max_length=60, help_text="the call that brought the file")
    began_at = models.DateTimeField()
    told_at = models.DateTimeField(help_text="of the newest news; proofs from before it are void")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "agency", "cause"],
                condition=Q(lifted_at=None),
                name="holds_one_of_a_cause",
            )
        ]
        indexes = [
            models.Index(
                fields=["agency", "-began_at"], name="holds_open", condition=Q(lifted_at=None)
            )
        ]


class Proof(models.Model):
    """A step towards lifting a hold: the authentication, or the new inquiry. Never changed."""

    class Kind(models.TextChoices):
        AUTHENTICATION = "authentication"
        INQUIRY = "inquiry"

    hold = models.ForeignKey(Hold, models.CASCADE, related_name="proofs")
    kind = models.CharField(max_length=20, choices=Kind)
    succeeded = models.BooleanField()
    method = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=60, blank=True, help_text="what the registry gave us")
    request_id = models.CharField(max_length=60, help_text="the exchange's record of the call")
    by = models.CharField(max_length=80, help_text="applicant, or the member of staff")
    at = models.DateTimeField()
