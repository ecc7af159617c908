"""Persons, kinship, marriages, and the entries of newborns."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from panjereh.registries.custody import models as custody


class Sex(models.TextChoices):
    FEMALE = "female"
    MALE = "male"


class Person(models.Model):
    """A natural person. Parents are empty for those entered before kinship was kept."""

    national_id = models.CharField(max_length=10, primary_key=True)
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    father_name = models.CharField(max_length=60)
    birth_date = models.DateField()
    birth_place = models.CharField(max_length=60)
    sex = models.CharField(max_length=6, choices=Sex)
    died_on = models.DateField(null=True)
    mother = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children_of_mother", db_index=False
    )
    father = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children_of_father", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["mother"], name="civil_person_mother", condition=~Q(mother=None)),
            models.Index(fields=["father"], name="civil_person_father", condition=~Q(father=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(died_on=None) | Q(died_on__gte=F("birth_date")),
                name="civil_person_dies_after_birth",
            )
        ]

    @property
    def vital_status(self) -> str:
        return "deceased" if self.died_on else "alive"


class Marriage(models.Model):
    """Ends with a divorce or with the death of one of the two."""

    wife = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    husband = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    married_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["wife"], name="civil_marriage_wife"),
            models.Index(fields=["husband"], name="civil_marriage_husband"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["wife"], condition=Q(ended_on=None), name="civil_one_husband_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("married_on")),
                name="civil_marriage_ends_after_it_began",
            ),
        ]


class CourtGuardian(models.Model):
    """A guardian whom the court named and the register noted (Civil Code art 1218)."""

    child = models.ForeignKey(Person, models.PROTECT, related_name="court_guardians")
    guardian = models.ForeignKey(Person, models.PROTECT, related_name="court_wards")
    order_number = models.CharField(max_length=40)
    named_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(ended_on=None), name="civil_one_court_guardian"
            )
        ]


class RegistrationOffice(models.Model):
    """Where births are entered: the place, the digits its numbers begin with, the next in order."""

    place = models.CharField(max_length=60, unique=True)
    prefix = models.CharField(max_length=3, primary_key=True)
    next_order = models.PositiveIntegerField()


class BirthEntry(models.Model):
    """The entry of a newborn in the register: one per notice, one per idempotency key."""

    notice_id = models.CharField(max_length=40, unique=True)
    idempotency_key = models.CharField(max_length=250, unique=True)
    request_digest = models.CharField(max_length=64, help_text="SHA-256 of what was asked")
    entry_number = models.CharField(max_length=20, unique=True)
    child = models.OneToOneField(Person, models.PROTECT, related_name="birth_entry")
    entered_at = models.DateTimeField(db_default=Now())


class Amendment(models.Model):
    """An entry of the register was changed: what, by whose deed and why. Nothing is overwritten
    without it; a feed tells only that somebody changed (PRV-16)."""

    class Kind(models.TextChoices):
        IDENTITY = "identity"
        DEATH = "death"
        DEATH_WITHDRAWN = "death-withdrawn"

    person = models.ForeignKey(Person, models.PROTECT, related_name="amendments")
    kind = models.CharField(max_length=20, choices=Kind)
    before = models.JSONField(help_text="the data that changed, as they were; personal data")
    recorded_by = models.CharField(max_length=120)
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(db_default=Now())


class IdentityCard(models.Model):
    """A card that was given out. Its serial, known to the holder, is how the registry
    authenticates somebody at a distance; a change of identity data brings a new card."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="cards")
    serial = models.CharField(max_length=10, unique=True)
    issued_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn_at=None), name="civil_one_card_at_a_time"
            )
        ]


class Authentication(models.Model):
    """Somebody was to be authenticated for an agency; the outcome, and the reference it keeps."""

    class Method(models.TextChoices):
        CARD = "card-serial"
        FACE = "face"

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4)
    method = models.CharField(max_length=12, choices=Method, default=Method.CARD)
    national_id = models.CharField(max_length=10)
    consumer = models.CharField(max_length=120, help_text="the system that asked")
    succeeded = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["national_id", "at"], name="civil_authentications")]


class AccessRecord(custody.AccessRecord):
    class Meta(custody.AccessRecord.Meta):
        pass
