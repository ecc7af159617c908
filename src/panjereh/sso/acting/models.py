"""Mandates, what they were used for, and the clerks of counters."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from panjereh.sso.models import DIGEST, Person, Session
from panjereh.sso.organisations.models import Organisation

EVERY_SERVICE = "*"


class Mandate(models.Model):
    """Somebody may act for a person or an organisation.

    Of guardians and chief executives the row is only the record: the registry is asked each time.
    """

    class Kind(models.TextChoices):
        GUARDIAN = "guardian"
        CHIEF_EXECUTIVE = "chief-executive"
        STAFF = "staff"
        HELPER = "helper"
        CLERK = "clerk"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    principal = models.ForeignKey(
        Person,
        models.CASCADE,
        null=True,
        related_name="mandates_given",
        help_text="or organisation",
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="mandates_given"
    )
    agent = models.ForeignKey(
        Person, models.CASCADE, null=True, related_name="mandates_held", help_text="who acts"
    )
    agent_national_id = models.CharField(
        max_length=12, db_index=True, help_text="whom it is offered to; personal data"
    )
    given_by = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    services = ArrayField(models.CharField(max_length=110), help_text="codes, or * for all")
    office = models.CharField(max_length=120, blank=True, help_text="counter of a clerk")
    proof = models.CharField(max_length=60, blank=True, help_text="what it rests on")
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True, help_text="the represented has consented")
    accepted_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="none: as long as the registry says so")
    ended_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True, help_text="the registry was last asked, in use")
    ended_by = models.UUIDField(null=True, help_text="a person; none: the registry, or its time")
    end_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(principal=None) ^ Q(organisation=None), name="sso_acting_for_one"
            ),
            models.CheckConstraint(
                condition=Q(agent=None) | Q(principal=None) | ~Q(principal=F("agent")),
                name="sso_acting_for_another",
            ),
            models.UniqueConstraint(
                fields=["kind", "principal", "agent"],
                condition=Q(ended_at=None, kind="guardian"),
                name="sso_acting_guardian_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "organisation", "agent"],
                condition=Q(ended_at=None, kind="chief-executive"),
                name="sso_acting_chief_once",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="sso_acting_runs_out", condition=Q(ended_at=None))
        ]


class MandateUse(models.Model):
    """Once acting for another at a site. The id is the `sid` that this site knows, so that only
    this ends there, and not what the person does there for themselves."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mandate = models.ForeignKey(Mandate, models.CASCADE, related_name="uses")
    session = models.ForeignKey(Session, models.CASCADE, related_name="mandate_uses")
    client_id = models.CharField(max_length=60)
    service = models.CharField(max_length=110, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["mandate", "-at"], name="sso_acting_used")]


class Choice(models.Model):
    """For whom a person goes on in one journey; forgotten with it."""

    journey = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    mandate = models.ForeignKey(Mandate, models.CASCADE, null=True, help_text="none: oneself")
    expires_at = models.DateTimeField(db_index=True)


class Clerk(models.Model):
    """Somebody at a counter who begins requests for citizens (PIS-01), registered by name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_digest = models.CharField(max_length=DIGEST)
    agency = models.CharField(max_length=60, help_text="whose services the counter offers")
    office = models.CharField(max_length=120)
    services = ArrayField(models.CharField(max_length=110), help_text="codes, or * for all")
    registered_by = models.CharField(max_length=120)
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_digest", "agency"],
                condition=Q(ended_at=None),
                name="sso_acting_clerk_once",
            )
        ]
