"""What the directory tells of members and services beside what the gateway needs to know."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.models import Member, Service, System


class Connection(models.Model):
    """WIN-12: how a member stands to the exchange, since when and why. The newest row holds."""

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        NOT_CONNECTED = "not-connected", _("Not connected")
        NO_CASE = "no-case", _("No case for a connection")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="connections", help_text="whose state"
    )
    state = models.CharField(max_length=15, choices=State.choices, help_text="state from then on")
    since = models.DateField(help_text="first day of the state")
    reason_fa = models.CharField(max_length=300, help_text="why, in Persian")
    reason_en = models.CharField(max_length=300, help_text="why, in English")
    entered_by = models.CharField(max_length=250, help_text="name of who entered it")
    entered_at = models.DateTimeField(auto_now_add=True, help_text="when it was entered")

    class Meta:
        ordering = ["-since", "-id"]

    def __str__(self) -> str:
        return f"{self.member} {self.state}"

    @property
    def reason(self) -> dict[str, str]:
        return {"fa": self.reason_fa, "en": self.reason_en}


class Contact(models.Model):
    """Whom to turn to. The addresses are those of an office, for everybody to see."""

    class Role(models.TextChoices):
        TECHNICAL = "technical", _("Technical contact")
        LEGAL = "legal", _("Legal contact")
        # 002 art 23 note 3: the highest official answers for the protection of the data.
        DATA_PROTECTION = "data-protection", _("In charge of data protection")
        # 002 art 23 note 1: a certified adviser and a specialist for the window.
        SECURITY_ADVISER = "security-adviser", _("Certified security adviser")
        WINDOW_SPECIALIST = "window-specialist", _("Specialist for the window")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="contacts", help_text="whose contact"
    )
    role = models.CharField(max_length=20, choices=Role.choices, help_text="what for")
    name = models.CharField(max_length=120, help_text="name of the official")
    post = models.CharField(max_length=200, help_text="the official's post")
    email = models.EmailField(help_text="address of the office")
    phone = models.CharField(max_length=20, blank=True, help_text="telephone of the office")
    certificate = models.CharField(
        max_length=60, blank=True, help_text="number of the security adviser's certificate"
    )
    certificate_until = models.DateField(null=True, blank=True, help_text="its last day")
    named_at = models.DateTimeField(auto_now_add=True, help_text="since when")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="until when; empty: still")

    class Meta:
        ordering = ["role"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "role"], condition=Q(ended_at=None), name="contact_one_per_role"
            ),
            models.CheckConstraint(
                condition=~Q(role="security-adviser")
                | (~Q(certificate="") & Q(certificate_until__isnull=False)),
                name="contact_adviser_is_certified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.role}"


class Sheet(models.Model):
    """What the catalogue tells of a service (NIX-33); the parts come from its description."""

    service = models.OneToOneField(
        Service, models.PROTECT, related_name="sheet", help_text="what is described"
    )
    family = models.CharField(
        max_length=60, db_index=True, help_text="what its versions share: the code of the first"
    )
    description_fa = models.TextField(blank=True, help_text="what it is good for, in Persian")
    description_en = models.TextField(blank=True, help_text="what it is good for, in English")
    legal_basis = models.CharField(max_length=300, blank=True, help_text="law that it rests on")
    promise_ms = models.PositiveIntegerField(
        null=True, blank=True, help_text="promised time of the answer, 95 of 100 calls"
    )
    contact_email = models.EmailField(blank=True, help_text="office for questions")
    openapi = models.JSONField(default=dict, help_text="the description as it was given")
    described_at = models.DateTimeField(null=True, blank=True, help_text="when it was given")
    described_by = models.CharField(max_length=250, blank=True, help_text="who gave it")
    search = models.TextField(blank=True, help_text="folded words by which it is found")

    class Meta:
        ordering = ["family", "service__code"]

    def __str__(self) -> str:
        return str(self.service)

    @property
    def description(self) -> dict[str, str]:
        return {"fa": self.description_fa, "en": self.description_en}


class Item(models.Model):
    """One input of a service, or one item of its answer that a grant can name."""

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    service = models.ForeignKey(
        Service, models.CASCADE, related_name="items", help_text="whose item"
    )
    direction = models.CharField(max_length=3, choices=Direction.choices, help_text="in or out")
    place = models.CharField(
        max_length=200, help_text="JSON pointer, arrays transparent; ?name for a parameter"
    )
    name_fa = models.CharField(max_length=120, help_text="Persian name")
    name_en = models.CharField(max_length=120, help_text="English name")
    meaning_fa = models.CharField(max_length=500, blank=True, help_text="meaning, in Persian")
    meaning_en = models.CharField(max_length=500, blank=True, help_text="meaning, in English")
    type = models.CharField(max_length=60, help_text="JSON type, or value type of the framework")
    required = models.BooleanField(default=False, help_text="whether it is always there")
    subject = models.BooleanField(default=False, help_text="whether it names a person asked about")
    order = models.PositiveSmallIntegerField(help_text="place in the list")

    class Meta:
        ordering = ["direction", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "direction", "place"], name="item_once_in_a_service"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.direction} {self.place}"

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}

    @property
    def meaning(self) -> dict[str, str]:
        return {"fa": self.meaning_fa, "en": self.meaning_en}


class Example(models.Model):
    """A question with invented data, and what the service answers to it."""

    service = models.ForeignKey(
        Service, models.CASCADE, related_name="examples", help_text="what was asked"
    )
    name_fa = models.CharField(max_length=120, help_text="the case, in Persian")
    name_en = models.CharField(max_length=120, help_text="the case, in English")
    question = models.JSONField(help_text="body of the request; invented data only")
    answer = models.JSONField(help_text="body of the answer; invented data only")
    status = models.PositiveSmallIntegerField(default=200, help_text="HTTP status of the answer")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["service", "question"], name="example_once")]

    def __str__(self) -> str:
        return self.name_en

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}


class Draft(models.Model):
    """A description that was read and waits for a yes: what it would change is shown first."""

    system = models.ForeignKey(
        System, models.CASCADE, related_name="drafts", help_text="whose services"
    )
    document = models.JSONField(help_text="the OpenAPI description")
    given_by = models.CharField(max_length=250, help_text="who gave it")
    given_at = models.DateTimeField(auto_now_add=True, help_text="when")

    def __str__(self) -> str:
        return f"{self.system} {self.given_at}"


class Withdrawal(models.Model):
    """NIX-36: a service will end; until then it answers, and tells that it will end."""

    service = models.OneToOneField(
        Service, models.PROTECT, related_name="withdrawal", help_text="what ends"
    )
    announced_at = models.DateTimeField(help_text="since when consumers know")
    ends_at = models.DateTimeField(help_text="from when it no longer answers")
    notice_fa = models.CharField(max_length=300, help_text="what consumers are told, in Persian")
    notice_en = models.CharField(max_length=300, help_text="what consumers are told, in English")
    successor = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="what to use instead",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("announced_at")), name="withdrawal_has_a_notice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} ends"

    @property
    def notice(self) -> dict[str, str]:
        return {"fa": self.notice_fa, "en": self.notice_en}


class Extension(models.Model):
    """A consumer that needs a withdrawn service gets it until its own date."""

    withdrawal = models.ForeignKey(
        Withdrawal, models.CASCADE, related_name="extensions", help_text="of what"
    )
    consumer = models.ForeignKey(System, models.PROTECT, related_name="+", help_text="who needs it")
    reason = models.CharField(max_length=300, help_text="why the consumer still needs it")
    asked_at = models.DateTimeField(help_text="when it asked")
    until = models.DateTimeField(
        null=True, blank=True, help_text="given until then; empty: not answered yet"
    )

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["withdrawal", "consumer"], name="extension_once_per_consumer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consumer} {self.withdrawal}"


class Inquiry(models.Model):
    """NIX-28: what an agency has to ask of others for one of its services."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="inquiries", help_text="the agency that asks"
    )
    card = models.CharField(max_length=120, help_text="id of the service card")
    card_title_fa = models.CharField(max_length=200, help_text="title of the card in Persian")
    card_title_en = models.CharField(max_length=200, help_text="title of the card in English")
    wanted = models.CharField(
        max_length=130, help_text="system/service that the card names, or a name for a paper one"
    )
    name_fa = models.CharField(max_length=200, help_text="what is asked, in Persian")
    name_en = models.CharField(max_length=200, help_text="what is asked, in English")
    service = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        help_text="the exchange service that answers it; empty: missing",
    )
    entered_at = models.DateTimeField(auto_now_add=True, help_text="when it became known")
    matched_at = models.DateTimeField(null=True, blank=True, help_text="when a service was found")

    class Meta:
        ordering = ["member__name_fa", "card", "id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "card", "wanted"], name="inquiry_once")
        ]

    def __str__(self) -> str:
        return f"{self.card} {self.wanted}"

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}

    @property
    def card_title(self) -> dict[str, str]:
        return {"fa": self.card_title_fa, "en": self.card_title_en}


class SideConnection(models.Model):
    """NIX-34: data that still go past the exchange, and the day on which that ends."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="side_connections", help_text="who has it"
    )
    other_party = models.CharField(max_length=200, help_text="the other side")
    data = models.CharField(max_length=300, help_text="what kind of data go there; no values")
    remove_by = models.DateField(help_text="day by which it ends")
    removed_on = models.DateField(null=True, blank=True, help_text="day on which it ended")
    replaced_by = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="exchange service that does it now",
    )
    entered_at = models.DateTimeField(auto_now_add=True, help_text="when it was reported")
    entered_by = models.CharField(max_length=250, help_text="who reported it")

    class Meta:
        ordering = ["remove_by"]

    def __str__(self) -> str:
        return f"{self.member} {self.other_party}"
