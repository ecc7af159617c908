"""Members, their systems and keys, the services they offer, and the two buses (NIX-02)."""

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
