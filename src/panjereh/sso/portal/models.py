"""Agencies, their developers and sites, and what they ask the registrar for."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.facts import Facts, facts_from
from panjereh.sso.staff.models import Officer


class Agency(models.Model):
    """Who answers for sites. Its code is the sector within which people have the same `sub`."""

    code = models.SlugField(max_length=60, primary_key=True)
    name = models.JSONField(help_text="by language")
    of_government = models.BooleanField(
        default=True, help_text="sites of others ask people for consent"
    )
    registered_at = models.DateTimeField()


class Developer(models.Model):
    """A person who connects sites of an agency: all about these, nothing about others'."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="developers")
    national_id_digest = models.CharField(max_length=64, help_text="keyed")
    name = models.CharField(max_length=200, help_text="name by which deeds are signed")
    active = models.BooleanField(default=True)
    appointed_at = models.DateTimeField()
    appointed_by = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            # Otherwise it would be unclear for whom a page acts.
            models.UniqueConstraint(
                fields=["national_id_digest"],
                condition=Q(active=True),
                name="sso_developer_of_one_agency",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """An agency's entry point, with a client to test with and one that everybody signs in by."""

    code = models.SlugField(max_length=50, primary_key=True, help_text="client id of the live one")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="sites")
    facts = models.JSONField(help_text="as its test client has them")
    test = models.OneToOneField(RelyingParty, models.PROTECT, related_name="tested_site", null=True)
    live = models.OneToOneField(RelyingParty, models.PROTECT, related_name="site", null=True)
    local_registration = models.BooleanField(
        null=True, help_text="whether people can still register at the site itself (SSO-16)"
    )
    local_registration_told_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["agency", "code"]

    @property
    def told(self) -> Facts:
        return facts_from(self.facts)


class Application(models.Model):
    """Asks for the live client, or for a change of it. A snapshot: it does not follow the test."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for the registrar")
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned to be mended")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="applications")
    facts = models.JSONField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Developer, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ASKED)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True, help_text="why it was returned or refused")

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(state="asked"), name="sso_one_application_at_a_time"
            )
        ]

    @property
    def told(self) -> Facts:
        return facts_from(self.facts)


class Approval(models.Model):
    """A decision of the working group on what a site may read, in the words of the exchange's
    register: number, date, data items. The newest of a site holds."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="approvals")
    number = models.CharField(max_length=60)
    date = models.DateField()
    data_items = ArrayField(models.CharField(max_length=40))
    entered_by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["-entered_at"]


class SiteDeed(models.Model):
    """A line of a site's history: what was done, by whom."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="deeds")
    deed = models.CharField(max_length=60)
    name = models.CharField(max_length=200, help_text="of the developer or officer")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]


class SeenRequest(models.Model):
    """A request of a client as the sign-on met it: only what its developers have to mend."""

    client_id = models.CharField(max_length=60)
    door = models.CharField(max_length=12, help_text="authorize or token")
    error = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    faults = ArrayField(models.CharField(max_length=30), default=list)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["client_id", "-at"], name="sso_seen_request")]
