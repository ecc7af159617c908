"""The agencies whose windows run here, and the people who work in them."""

from django.core.validators import RegexValidator
from django.db import models


class Agency(models.Model):
    """One executive agency; its window is at `<slug>.agency.<domain>`."""

    slug = models.SlugField(max_length=60, primary_key=True)
    name_fa = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    member_code = models.CharField(max_length=20, help_text="legal id on the exchange")
    colour = models.CharField(max_length=7, validators=[RegexValidator("^#[0-9a-f]{6}$")])
    created_at = models.DateTimeField(auto_now_add=True)

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}


class StaffMember(models.Model):
    """Who may see the cases of an agency, known by a keyed hash of the national id."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE)
    person_key = models.CharField(max_length=64)
    post = models.CharField(max_length=200)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "person_key"], name="staff_once_per_agency")
        ]
