"""A request for access from its draft to the grant, and everything that was done about it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.models import Grant, Member, Service, System


class AccessRequest(models.Model):
    """NIX-07: one consumer asks for one service, with justification, legal basis and data items."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROVIDER = "provider", _("With the provider")
        SECRETARIAT = "secretariat", _("With the secretariat")
        GROUP = "group", _("With the working group")
        CHANGES = "changes", _("Changes asked for")
        APPROVED = "approved", _("Approved, to be signed")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Lapsed")

    class Answer(models.TextChoices):
        AGREED = "agreed", _("The provider agrees")
        DECLINED = "declined", _("The provider declines")
        SILENT = "silent", _("The provider did not answer in time")

    consumer = models.ForeignKey(
        System, models.PROTECT, related_name="requests_made", help_text="the system that will call"
    )
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="requests_received", help_text="what it wants to call"
    )
    state = models.CharField(
        max_length=12, choices=State.choices, default=State.DRAFT, help_text="where it stands"
    )
    data_items = models.JSONField(
        default=list, help_text="JSON pointers of the answer's items asked for; names, no values"
    )
    purpose = models.SlugField(max_length=60, blank=True, help_text="code of the purpose")
    purpose_fa = models.CharField(max_length=200, blank=True, help_text="the purpose in Persian")
    purpose_en = models.CharField(max_length=200, blank=True, help_text="the purpose in English")
    legal_basis = models.CharField(max_length=200, blank=True, help_text="law the request rests on")
    justification = models.TextField(blank=True, help_text="why the data are needed")
    per_minute = models.PositiveIntegerField(null=True, help_text="calls expected in a minute")
    per_day = models.PositiveIntegerField(null=True, help_text="calls expected in a day")
    conditions = models.JSONField(
        default=list, help_text="run-time conditions, as a grant has them; names, no values"
    )
    wishes = models.TextField(blank=True, help_text="further conditions that are needed, in words")
    until = models.DateField(null=True, blank=True, help_text="needed until; empty: open")
    reopens = models.UUIDField(
        null=True, blank=True, help_text="series of the standing grant that it wants changed"
    )
    provider_answer = models.CharField(
        max_length=10, blank=True, choices=Answer.choices, help_text="what the provider said last"
    )
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="until when the one whose turn it is has time"
    )
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="when that one was reminded of the present term"
    )
    approval = models.ForeignKey(
        "approvals.Approval",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        help_text="what granted it",
    )
    contract = models.JSONField(default=dict, help_text="what is to be signed after the approval")
    signatures = models.JSONField(default=dict, help_text="signatures given so far, by party")
    grant = models.ForeignKey(
        Grant, models.PROTECT, null=True, blank=True, related_name="+", help_text="what it became"
    )
    sandbox_grant = models.ForeignKey(
        Grant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="access to test data, given at once",
    )
    begun_at = models.DateTimeField(auto_now_add=True, help_text="when the draft was begun")
    submitted_at = models.DateTimeField(null=True, blank=True, help_text="when it was submitted")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="when it came to its end")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="request_by_term")]
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "service"],
                condition=~Q(state__in=["granted", "refused", "withdrawn", "lapsed"]),
                name="request_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(grant__isnull=False),
                name="request_has_grant",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "granted"]) | Q(approval__isnull=False),
                name="request_approved_by_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.consumer} {self.service}"

    @property
    def purpose_name(self) -> dict[str, str]:
        return {"fa": self.purpose_fa, "en": self.purpose_en}


class Step(models.Model):
    """What was done about a request, by whom and when. Rows are only ever added."""

    request = models.ForeignKey(
        AccessRequest, models.PROTECT, related_name="steps", help_text="about which request"
    )
    deed = models.CharField(max_length=40, help_text="what was done, such as submitted")
    actor = models.CharField(max_length=250, help_text="name of who did it; empty: a time limit")
    state = models.CharField(max_length=12, help_text="state after it")
    text = models.TextField(blank=True, help_text="reason, question or answer in words")
    at = models.DateTimeField(auto_now_add=True, help_text="when")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.deed}"


class ConformanceRun(models.Model):
    """An automatic trial of the service through the gateway: what was checked, never an answer."""

    request = models.ForeignKey(
        AccessRequest, models.PROTECT, related_name="runs", help_text="for which request"
    )
    passed = models.BooleanField(help_text="whether every check held")
    checks = models.JSONField(
        help_text='what was checked and what was found, [{"check", "held", "found"}]; no values'
    )
    by = models.CharField(max_length=250, help_text="name of who started it")
    at = models.DateTimeField(auto_now_add=True, help_text="when")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.request_id} {'passed' if self.passed else 'failed'}"


class Plan(models.Model):
    """NIX-22: the business plan of an access or service operator, approved before it connects."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    legal_id = models.CharField(max_length=11, help_text="id of the legal person")
    name_fa = models.CharField(max_length=200, help_text="Persian name of the company")
    name_en = models.CharField(max_length=200, help_text="English name of the company")
    summary = models.TextField(help_text="what it will offer, to whom, at which tariff")
    document_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the plan as handed in")
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.SUBMITTED, help_text="where it stands"
    )
    approval = models.ForeignKey(
        "approvals.Approval",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        help_text="what approved it",
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", help_text="who it became"
    )
    submitted_at = models.DateTimeField(auto_now_add=True, help_text="when it was handed in")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approval__isnull=False),
                name="plan_approved_by_something",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name_en} {self.state}"

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}
