"""A case is what people see: columns and an append-only history. Its process is private."""

from django.db import models

from panjereh.agency.models.agencies import Agency
from panjereh.agency.models.services import ServiceVersion


class Case(models.Model):
    class Status(models.TextChoices):
        """The states of the national tracking."""

        RECEIVED = "received"
        WAITING = "waiting"
        IN_PROGRESS = "in-progress"
        DELIVERED = "delivered"
        REFUSED = "refused"
        TROUBLE = "trouble"

    tracking_id = models.CharField(max_length=40, unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    version = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT)
    person = models.CharField(max_length=10, db_index=True, help_text="national id; personal data")
    applicant = models.JSONField(help_text="personal data")
    representative = models.JSONField(
        null=True, help_text="who acts for the person, if somebody does; personal data"
    )
    language = models.CharField(max_length=5)
    answers = models.JSONField(help_text="personal data")
    chosen = models.JSONField(help_text="entries of registries that were chosen; personal data")
    status = models.CharField(max_length=20, choices=Status.choices)
    hold = models.CharField(max_length=60, default="", help_text="what the request waits for")
    decision = models.JSONField(null=True, help_text="table, row, outputs, law and facts used")
    document = models.JSONField(null=True, help_text="what was issued")
    assignee = models.CharField(max_length=64, default="")
    submitted_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reported_event = models.BigIntegerField(default=0, help_text="last event told to the tracking")

    class Meta:
        indexes = [models.Index(fields=["agency", "status", "submitted_at"], name="case_inbox")]

    @property
    def user(self) -> str:
        """In whose hands it is: calls over the exchange name them (PIS-01)."""
        return user_of(self.representative) or self.person


def user_of(representative: dict[str, str] | None) -> str:
    return representative["national_id"] if representative else ""


class ProcessInstance(models.Model):
    """The engine's own: nobody but `cases.wakeups` opens the state."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE)
    engine_version = models.CharField(max_length=40)
    state = models.JSONField()
    revision = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0, help_text="failed attempts since the last success")
    next_due = models.DateTimeField(null=True, help_text="when somebody must look at the latest")
    stalled_since = models.DateTimeField(null=True, help_text="an operator has to look")
    stalled_reason = models.CharField(max_length=200, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["next_due"], name="instance_due", condition=models.Q(next_due__isnull=False)
            )
        ]


class StepResult(models.Model):
    """What an operation answered, once per step: the engine's state holds none of it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    step = models.CharField(max_length=80)
    step_key = models.CharField(max_length=40)
    operation = models.CharField(max_length=120)
    answer = models.JSONField(help_text="personal data")
    calls = models.JSONField(default=list, help_text="system, service, status and request id each")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "step_key"], name="one_result_per_step")
        ]


class CaseEvent(models.Model):
    """What happened, append-only: a trigger in the database refuses to change or delete it."""

    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    step = models.CharField(max_length=80, default="")
    state = models.CharField(max_length=20, choices=Case.Status.choices)
    actor = models.CharField(max_length=80)
    text = models.JSONField(default=dict, help_text="for the applicant, by language; empty: silent")
    data = models.JSONField(default=dict, help_text="decisions, refusals; no personal data")

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="event_of_case")]


class CaseLook(models.Model):
    """A member of staff has looked at a case; the person can see this (DESIGN 5.4)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="looks")
    staff = models.ForeignKey("agency.StaffMember", on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)


class CaseSignature(models.Model):
    """The applicant's signature over the request, as the sign-on handed it over (SSO-13).

    With `sha256` of what was submitted it can be checked again at any time, by anybody.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="signature")
    text = models.JSONField(help_text="by language; what the applicant read and signed")
    sha256 = models.CharField(max_length=64)
    document = models.JSONField(help_text="the request as it was signed; personal data")
    signed = models.JSONField(help_text="challenge, container, certificates; personal data")
