"""What only some people have: a guardian, or a permit to stay."""

from django.db import models
from django.db.models import Q

from panjereh.sso.models import Person


class Guardianship(models.Model):
    """Who acts for a child, as the civil registry said when the account was opened (SSO-22).

    That the child is of age is known from its birth date: nobody has to come and end the row.
    """

    class Ground(models.TextChoices):
        FATHER = "father"
        PATERNAL_GRANDFATHER = "paternal-grandfather"
        COURT = "court"

    child = models.ForeignKey(Person, models.CASCADE, related_name="guardianships")
    guardian = models.ForeignKey(Person, models.CASCADE, related_name="wards")
    ground = models.CharField(max_length=30, choices=Ground)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child", "guardian"], condition=Q(ended_at=None), name="sso_guardian_once"
            )
        ]


class ForeignResident(models.Model):
    """What the registry of foreign nationals told beside the name in Persian."""

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="foreign_resident"
    )
    latin_given_name = models.CharField(max_length=100)
    latin_family_name = models.CharField(max_length=100)
    nationality = models.CharField(max_length=3, help_text="ISO 3166-1 alpha-3")
    permit_until = models.DateField(help_text="as it was at registration")
