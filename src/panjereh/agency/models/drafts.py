"""What a person has answered so far: kept for the person, not for the browser."""

import uuid

from django.db import models
from django.db.models import Q

from panjereh.agency.models.cases import Case, user_of
from panjereh.agency.models.services import ServiceVersion


class Draft(models.Model):
    """Answers before they are submitted: of a new request, or of a step of a waiting one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    version = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT)
    person = models.CharField(max_length=10, help_text="national id; personal data")
    applicant = models.JSONField(help_text="who signed in, as the sign-on says; personal data")
    representative = models.JSONField(
        null=True, help_text="who acts for the person, if somebody does; personal data"
    )
    language = models.CharField(max_length=5)
    answers = models.JSONField(default=dict, help_text="personal data")
    records = models.JSONField(default=dict, help_text="answers of registries; personal data")
    seen = models.JSONField(default=list)
    dropped = models.JSONField(default=list, help_text="fields to be asked anew, told once")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    case = models.OneToOneField(Case, null=True, on_delete=models.CASCADE)
    answering = models.ForeignKey(
        Case, null=True, on_delete=models.CASCADE, related_name="later_answers"
    )
    step_key = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "version"],
                condition=Q(case=None, answering=None),
                name="one_open_draft",
            ),
            models.UniqueConstraint(fields=["answering", "step_key"], name="one_answer_per_step"),
        ]

    @property
    def user(self) -> str:
        return user_of(self.representative) or self.person
