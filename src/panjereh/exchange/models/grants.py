"""Grants: who may call what, which items come back, and by whose approval (NIX-05, 06)."""

import uuid

from django.db import models
from django.db.models import F, Q

from panjereh.exchange.models.directory import Service, System


class Grant(models.Model):
    """One version of a permission: who may call what, which data items come back, and by whose
    approval (NIX-05, 06, 08). It never changes but in its state; a change is a new version.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        OBSOLETE = "obsolete"  # a newer version stands
        REVOKED = "revoked"
        EXPIRED = "expired"

    class Form(models.TextChoices):
        CALL = "call"
        MESSAGE = "message"

    class Stage(models.TextChoices):
        SANDBOX = "sandbox"  # at once, for test data; production gateways do not read it
        PRODUCTION = "production"

    series = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="what all versions of a grant share"
    )
    version = models.PositiveIntegerField(default=1, help_text="number within the series")
    consumer = models.ForeignKey(
        System, models.PROTECT, related_name="grants", help_text="the system that may call"
    )
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="grants", help_text="the service it may call"
    )
    data_items = models.JSONField(
        help_text="JSON pointers of the answer's items that come back; names, never values"
    )
    purpose = models.SlugField(max_length=60, help_text="code of the purpose of the calls")
    purpose_fa = models.CharField(max_length=200, help_text="the purpose in Persian")
    purpose_en = models.CharField(max_length=200, help_text="the purpose in English")
    legal_basis = models.CharField(max_length=200, help_text="articles that the grant rests on")
    approval_number = models.CharField(max_length=60, help_text="number of the approval")
    approval_date = models.DateField(help_text="date of the approval")
    approval_body_fa = models.CharField(max_length=200, help_text="who approved, in Persian")
    approval_body_en = models.CharField(max_length=200, help_text="who approved, in English")
    approval_row = models.CharField(
        max_length=20, blank=True, help_text="item of the approval, such as 26-1-3"
    )
    quota_per_minute = models.PositiveIntegerField(help_text="calls allowed in a minute")
    quota_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="calls allowed in a day; empty: no such limit"
    )
    conditions = models.JSONField(
        default=list,
        help_text='what must hold at the time of the call, [{"kind": "listed", "list": code,'
        ' "pointer": into the request}]; names, never values of persons',
    )
    attestation = models.JSONField(
        default=list,
        help_text="yes-or-no claims answered in place of data; empty: data comes back",
    )
    confidential = models.BooleanField(
        default=False, help_text="the activity is approved as confidential, with its legal basis"
    )
    form = models.CharField(
        max_length=10, choices=Form.choices, default=Form.CALL, help_text="call or message"
    )
    stage = models.CharField(
        max_length=10,
        choices=Stage.choices,
        default=Stage.PRODUCTION,
        help_text="sandbox: for test data, before the approval",
    )
    contract = models.JSONField(
        default=dict, help_text="what the parties signed; the columns above repeat it"
    )
    content_hash = models.CharField(
        max_length=100,
        blank=True,
        help_text="SHA3-512 of the contract (RFC 8785), as FSC writes it",
    )
    signatures = models.JSONField(
        default=dict, help_text="compact JWS over the hash by consumer, provider, secretariat"
    )
    revocation = models.TextField(
        blank=True, help_text="compact JWS by which it was revoked; empty while it stands"
    )
    not_before = models.DateTimeField(help_text="valid from")
    not_after = models.DateTimeField(null=True, blank=True, help_text="valid until; empty: open")
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.ACTIVE, help_text="state of the version"
    )
    approved_at = models.DateTimeField(auto_now_add=True, help_text="when it was entered here")
    suspended_at = models.DateTimeField(
        null=True, blank=True, help_text="since when it is suspended; empty while it works"
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="when it was revoked, expired or replaced"
    )

    class Meta:
        ordering = ["service__system__code", "service__code", "consumer__code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["series", "version"], name="grant_version_once"),
            models.UniqueConstraint(
                fields=["consumer", "service"],
                condition=Q(state="active"),
                name="grant_one_active",
            ),
            models.CheckConstraint(
                condition=~Q(approval_number="") & ~Q(legal_basis=""), name="grant_has_approval"
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | ~Q(content_hash=""), name="grant_is_a_contract"
            ),
            models.CheckConstraint(
                condition=Q(not_after=None) | Q(not_after__gt=F("not_before")),
                name="grant_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} v{self.version}"

    @property
    def purpose_name(self) -> dict[str, str]:
        return {"fa": self.purpose_fa, "en": self.purpose_en}

    @property
    def approval_body(self) -> dict[str, str]:
        return {"fa": self.approval_body_fa, "en": self.approval_body_en}
