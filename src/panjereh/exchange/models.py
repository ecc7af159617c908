"""Who is connected, what is offered, what is granted, and the traffic data of every call.

No table here has a column for what was exchanged (001 art 31(4), 002 art 10(3): the centre keeps
traffic and access data only); every column says what it holds, and a test reads that.
"""

import math
import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Member(models.Model):
    """A legal person of the directory. One without systems is not connected (yet)."""

    class Kind(models.TextChoices):
        """WIN-13: members beside the executive agencies are counted apart."""

        AGENCY = "agency", _("Executive agency")
        MUNICIPALITY = "municipality", _("Municipality")
        BANK = "bank", _("Bank")
        UNIVERSITY = "university", _("University")
        HOSPITAL = "hospital", _("Hospital")
        COMPANY = "company", _("Company")
        PUBLIC_BODY = "public-body", _("Public body")
        EXCHANGE = "exchange", _("Cluster or regional exchange")
        OPERATOR = "operator", _("Access or service operator")

    instance = models.CharField(max_length=20, help_text="exchange instance, IR or IR-TEST")
    member_class = models.CharField(max_length=20, help_text="X-Road class: GOV, PUB, MUN, COM")
    code = models.CharField(max_length=20, help_text="11-digit id of the legal person")
    name_fa = models.CharField(max_length=200, help_text="Persian name of the member")
    name_en = models.CharField(max_length=200, help_text="English name of the member")
    kind = models.CharField(
        max_length=20,
        choices=Kind.choices,
        default=Kind.AGENCY,
        help_text="what sort of body it is",
    )
    through = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sub_members",
        help_text="the cluster or regional exchange, or operator, that may call for it",
    )
    approval_number = models.CharField(
        max_length=60, blank=True, help_text="approval of an exchange or operator"
    )
    approval_date = models.DateField(null=True, blank=True, help_text="date of that approval")
    registered_at = models.DateTimeField(auto_now_add=True, help_text="when it was entered here")

    class Meta:
        ordering = ["name_fa"]
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "member_class", "code"], name="member_once"
            ),
            # 002 art 10 note 1 and 2: exchanges and operators are made by an approval.
            models.CheckConstraint(
                condition=~Q(kind__in=["exchange", "operator"])
                | (~Q(approval_number="") & Q(approval_date__isnull=False)),
                name="member_go_between_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(through=None) | ~Q(through=F("id")), name="member_not_through_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.x_road_id

    @property
    def x_road_id(self) -> str:
        return f"{self.instance}/{self.member_class}/{self.code}"

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}

    @property
    def speaks_for_others(self) -> bool:
        """NIX-20, 22: a cluster or regional exchange, or an operator."""
        return self.kind in {self.Kind.EXCHANGE, self.Kind.OPERATOR}


class System(models.Model):
    """A subsystem in X-Road's words: what signs calls, answers them, or both."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="systems", help_text="the member it belongs to"
    )
    code = models.CharField(max_length=60, help_text="subsystem code, unique within the member")
    name_fa = models.CharField(max_length=200, help_text="Persian name of the system")
    name_en = models.CharField(max_length=200, help_text="English name of the system")
    base_url = models.URLField(
        blank=True, help_text="where its services answer; empty for a system that only consumes"
    )
    enabled = models.BooleanField(default=True, help_text="whether it may call and answer")
    registered_at = models.DateTimeField(auto_now_add=True, help_text="when it was entered here")

    class Meta:
        ordering = ["name_fa"]
        constraints = [models.UniqueConstraint(fields=["member", "code"], name="system_once")]

    def __str__(self) -> str:
        return self.x_road_id

    @property
    def x_road_id(self) -> str:
        return f"{self.member.x_road_id}/{self.code}"

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}


class Bus(models.Model):
    """A way into the exchange with listeners and a policy of its own (NIX-02, 23)."""

    EVERYBODY_ELSE = "*"

    code = models.CharField(max_length=4, unique=True, help_text="gsb (private) or pgsb (public)")
    name_fa = models.CharField(max_length=100, help_text="Persian name of the bus")
    name_en = models.CharField(max_length=100, help_text="English name of the bus")
    member_classes = ArrayField(
        models.CharField(max_length=20),
        help_text="classes whose systems call here; * for classes that no other bus names",
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}


def private_bus() -> list[str]:
    return ["gsb"]


class SystemKey(models.Model):
    """A public key by which a system is known: it signs messages, or it is in the certificate of
    the system's channels. Two of a use may be valid at once, so keys can change."""

    class Use(models.TextChoices):
        SIGNATURE = "signature", _("signs messages")
        CHANNEL = "channel", _("identifies channels (mutual TLS)")

    system = models.ForeignKey(
        System, models.PROTECT, related_name="keys", help_text="the system that holds the key"
    )
    use = models.CharField(
        max_length=10, choices=Use.choices, default=Use.SIGNATURE, help_text="what the key is for"
    )
    algorithm = models.CharField(
        max_length=10, default="ed25519", help_text="ed25519, p-256 or rsa"
    )
    public_key = models.CharField(
        max_length=64,
        unique=True,
        help_text="of a signature: the Ed25519 public key; of a channel: SHA-256 of the public key"
        " (SubjectPublicKeyInfo); in hex, never a private key",
    )
    expires_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="end of the certificate it was read from; empty for keys without one",
    )
    added_at = models.DateTimeField(auto_now_add=True, help_text="since when it is accepted")
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="when it stopped being accepted; empty while it is"
    )

    def __str__(self) -> str:
        return f"{self.system} {self.public_key[:8]}"


class Service(models.Model):
    """What a system offers. Endpoints are method and path template, as X-Road lists them."""

    system = models.ForeignKey(
        System, models.PROTECT, related_name="services", help_text="the system that answers"
    )
    code = models.CharField(max_length=60, help_text="service code, the part after the system")
    version = models.CharField(max_length=20, default="1.0.0", help_text="version of the service")
    title_fa = models.CharField(max_length=200, help_text="Persian title of the service")
    title_en = models.CharField(max_length=200, help_text="English title of the service")
    endpoints = models.JSONField(
        help_text='methods and path templates, [{"method": "POST", "path": "/"}]; no values'
    )
    buses = ArrayField(
        models.CharField(max_length=4),
        default=private_bus,
        help_text="buses on which it is offered: gsb, pgsb or both",
    )
    subjects = models.JSONField(
        default=list,
        help_text="JSON pointers of the request, or ?name of its query, where national ids stand",
    )
    deadline_seconds = models.FloatField(
        default=5.0, help_text="how long the exchange waits for the provider"
    )
    enabled = models.BooleanField(default=True, help_text="whether calls are passed to it")
    notice = models.CharField(
        max_length=200, blank=True, help_text="what callers are told while it is switched off"
    )

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="service_once")]

    def __str__(self) -> str:
        return self.x_road_id

    @property
    def x_road_id(self) -> str:
        return f"{self.system.x_road_id}/{self.code}"

    @property
    def title(self) -> dict[str, str]:
        return {"fa": self.title_fa, "en": self.title_en}


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


def operator_only() -> list[str]:
    return [Operator.Role.OPERATOR.value]


class Operator(models.Model):
    """A person who works for the exchange, in one office or several."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("Operator")
        SECRETARIAT = "secretariat", _("Secretariat")
        WORKING_GROUP = "working-group", _("Working group")
        AUDITOR = "auditor", _("Auditor")

    national_id_hash = models.CharField(
        max_length=64, unique=True, help_text="keyed hash of the national id"
    )
    name = models.CharField(max_length=200, help_text="name by which deeds are signed")
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices),
        default=operator_only,
        help_text="offices the person holds: what pages may be opened, what deeds done",
    )
    active = models.BooleanField(default=True, help_text="whether the person may still act")
    appointed_at = models.DateTimeField(auto_now_add=True, help_text="since when")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(roles=[]), name="operator_has_a_role")]

    def __str__(self) -> str:
        return self.name


class Representative(models.Model):
    """A person who acts for a member: all about its own systems, nothing about others'."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="representatives", help_text="whom the person acts for"
    )
    national_id_hash = models.CharField(max_length=64, help_text="keyed hash of the national id")
    name = models.CharField(max_length=200, help_text="name by which deeds are signed")
    active = models.BooleanField(default=True, help_text="whether the person may still act")
    appointed_at = models.DateTimeField(auto_now_add=True, help_text="since when")
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="when the appointment ended; empty while it stands"
    )

    class Meta:
        ordering = ["member__name_fa", "name"]
        constraints = [
            # Otherwise it would be unclear for whom a page acts.
            models.UniqueConstraint(
                fields=["national_id_hash"],
                condition=Q(active=True),
                name="representative_of_one_member",
            ),
            models.CheckConstraint(
                condition=Q(active=True, withdrawn_at=None)
                | Q(active=False, withdrawn_at__isnull=False),
                name="representative_withdrawn_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyState(models.Model):
    """One row. Whoever changes the policy takes its lock until commit, so versions have no gap."""

    version = models.BigIntegerField(default=0, help_text="version of the policy as committed")

    def __str__(self) -> str:
        return f"policy {self.version}"


class PolicyChange(models.Model):
    """Who changed what in the policy, and which version that made."""

    version = models.BigIntegerField(unique=True, help_text="the policy version it made")
    actor = models.CharField(max_length=200, help_text="name of the operator who did it")
    deed = models.CharField(max_length=60, help_text="what was done, such as grant.revoked")
    subject = models.CharField(max_length=300, help_text="X-Road id or grant it was done to")
    at = models.DateTimeField(auto_now_add=True, help_text="when")

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"{self.version} {self.deed}"


class CallRecord(models.Model):
    """Traffic and access data of one call, kept at least six months (NIX-03, 04, 24)."""

    request_id = models.UUIDField(unique=True, help_text="id that the gateway gave the call")
    bus = models.CharField(
        max_length=4, blank=True, help_text="bus it came in by: gsb (private) or pgsb (public)"
    )
    face = models.CharField(
        max_length=7, blank=True, help_text="interface it came in by: r1, v1 or message"
    )
    x_road_id = models.CharField(max_length=64, help_text="message id given by the consumer")
    issue = models.CharField(max_length=64, blank=True, help_text="tracking id of the case served")
    consumer = models.CharField(max_length=120, help_text="X-Road id of the calling system")
    provider = models.CharField(
        max_length=120, blank=True, help_text="X-Road id of the answering system"
    )
    service = models.CharField(max_length=60, blank=True, help_text="code of the service called")
    method = models.CharField(max_length=10, blank=True, help_text="HTTP method")
    path_template = models.CharField(
        max_length=200, blank=True, help_text="template of the path as registered, never the path"
    )
    grant_id = models.BigIntegerField(null=True, help_text="version of the grant that allowed it")
    purpose = models.CharField(
        max_length=60, blank=True, help_text="code of the purpose, as the grant has it"
    )
    represented = models.CharField(
        max_length=120, blank=True, help_text="X-Road id of the member that the caller speaks for"
    )
    status = models.PositiveSmallIntegerField(help_text="HTTP status that was answered")
    cause = models.CharField(
        max_length=10, blank=True, help_text="whose fault a failure was; empty after success"
    )
    error_code = models.CharField(
        max_length=100, blank=True, help_text="error type of the exchange; never a provider's text"
    )
    received_at = models.DateTimeField(help_text="when the request was in")
    forwarded_at = models.DateTimeField(null=True, help_text="when it was passed to the provider")
    answered_at = models.DateTimeField(null=True, help_text="when the provider had answered")
    finished_at = models.DateTimeField(help_text="when the answer was ready to be released")
    request_size = models.PositiveIntegerField(help_text="bytes of the request body")
    response_size = models.PositiveIntegerField(help_text="bytes of the answer as released")
    request_digest = models.CharField(
        max_length=60, blank=True, help_text="SHA-256 of the request body (RFC 9530)"
    )
    response_digest = models.CharField(
        max_length=60, blank=True, help_text="SHA-256 of the answer as released (RFC 9530)"
    )
    cut_fields = models.PositiveIntegerField(help_text="how many items beyond the grant were cut")
    user_pseudonym = models.CharField(
        max_length=64, blank=True, help_text="keyed HMAC of who acted, X-Road-UserId; no id is kept"
    )
    subjects = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text="keyed HMACs of the persons asked about; no id is kept",
    )
    gateway = models.CharField(max_length=60, help_text="name of the gateway that served it")

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="call_by_time"),
            models.Index(fields=["issue", "-received_at"], name="call_by_issue"),
            models.Index(fields=["x_road_id"], name="call_by_message"),
            models.Index(fields=["consumer", "-received_at"], name="call_by_consumer"),
            models.Index(fields=["provider", "-received_at"], name="call_by_provider"),
        ]

    def __str__(self) -> str:
        return str(self.request_id)

    @property
    def succeeded(self) -> bool:
        return self.cause == ""

    @property
    def milliseconds(self) -> int:
        """From the request being in to the answer being ready, the record's fsync not counted."""
        return _milliseconds(self.finished_at - self.received_at)

    @property
    def provider_milliseconds(self) -> int | None:
        if self.forwarded_at is None or self.answered_at is None:
            return None
        return _milliseconds(self.answered_at - self.forwarded_at)


def _milliseconds(duration: timedelta) -> int:
    """Whole ones, begun ones counted: none of them took no time."""
    return math.ceil(duration / timedelta(milliseconds=1))
