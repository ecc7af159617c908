"""Looks at people's data, what people ask about them, and who searched them.

Nobody is named here: a look carries a pseudonym whose key changes each month, a question and a
search one that stands, and only this room derives them (`persons`). What was looked at, by whom
and why is said by the grant, whose versions never change.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from panjereh.exchange.models import Grant, Member, Operator


class Look(models.Model):
    """One person asked about in one call. The table has a partition for each month of UTC, and the
    primary key is also the order in which one person's looks are read."""

    pk = models.CompositePrimaryKey("pseudonym", "at", "request_id")
    pseudonym = models.UUIDField(
        help_text="keyed name of the person asked about, another one each month"
    )
    at = models.DateTimeField(help_text="when the exchange received the call")
    request_id = models.UUIDField(help_text="id that the gateway gave the call")
    grant = models.ForeignKey(
        Grant,
        models.DO_NOTHING,
        db_constraint=False,  # grants are never deleted, and a look is written without waiting
        db_index=False,
        help_text="version of the grant: consumer, service, data items, purpose, legal basis",
    )
    issue = models.CharField(max_length=64, blank=True, help_text="tracking id of the case served")
    represented = models.CharField(
        max_length=120, blank=True, help_text="X-Road id of the member that the caller speaks for"
    )
    acting = models.UUIDField(
        null=True, help_text="keyed name of the person who acted, of the same month; or nobody"
    )
    status = models.PositiveSmallIntegerField(help_text="HTTP status that was answered")
    told = models.BooleanField(help_text="whether an answer was released to the consumer")

    class Meta:
        indexes = [
            models.Index(
                fields=["acting", "at"], condition=Q(acting__isnull=False), name="look_by_acting"
            )
        ]

    def __str__(self) -> str:
        return str(self.request_id)


class Progress(models.Model):
    """One row: up to when every look has been written."""

    complete_until = models.DateTimeField(help_text="calls received before it are all here")

    class Meta:
        verbose_name_plural = "progress"

    def __str__(self) -> str:
        return self.complete_until.isoformat()


class Question(models.Model):
    """A person asks an agency why it looked; the answer goes to the person's e-box."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text="id of the question"
    )
    asker = models.UUIDField(help_text="standing keyed name of the person who asks")
    asker_sealed = models.BinaryField(
        help_text="national id, sealed for the one use of bringing the answer to the e-box"
    )
    language = models.CharField(max_length=2, default="fa", help_text="in which the person asked")
    request_id = models.UUIDField(help_text="the look that is asked about")
    looked_at = models.DateTimeField(help_text="when that look was")
    issue = models.CharField(max_length=64, blank=True, help_text="tracking id of the case served")
    represented = models.CharField(
        max_length=120, blank=True, help_text="X-Road id of the member that the caller spoke for"
    )
    grant = models.ForeignKey(
        Grant, models.PROTECT, related_name="+", help_text="version of the grant of that look"
    )
    grants = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="versions of all grants used for that case or day: what was asked",
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="questions", help_text="whose systems looked: answers"
    )
    text = models.CharField(max_length=1000, help_text="what the person asks, in own words")
    asked_at = models.DateTimeField(help_text="when it was asked")
    due_at = models.DateTimeField(help_text="until when it has to be answered")
    reminded_at = models.DateTimeField(null=True, help_text="when the agency was reminded")
    answer = models.CharField(max_length=4000, blank=True, help_text="what the agency answered")
    answered_at = models.DateTimeField(null=True, help_text="when it was answered")
    answered_by = models.CharField(
        max_length=200, blank=True, help_text="name of the representative who answered"
    )
    letter_id = models.CharField(
        max_length=60, blank=True, help_text="the letter that brought the answer to the e-box"
    )

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["asker", "request_id"], name="question_once_a_look"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (~Q(answer="") & ~Q(answered_at=None)),
                name="question_answered_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("asked_at")), name="question_has_a_term"
            ),
        ]
        indexes = [models.Index(fields=["member", "answered_at", "due_at"], name="question_open")]

    def __str__(self) -> str:
        return str(self.id)


class Search(models.Model):
    """An auditor looked for looks. Each search is kept, and told to the person it was about."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text="id of the search"
    )
    auditor = models.ForeignKey(
        Operator, models.PROTECT, related_name="searches", help_text="who searched"
    )
    at = models.DateTimeField(help_text="when")
    case_number = models.CharField(max_length=60, help_text="number of the audit or court case")
    reason = models.CharField(max_length=500, help_text="why, in the auditor's words")
    subject = models.UUIDField(
        null=True, help_text="standing keyed name of the person asked about; or anybody"
    )
    acting = models.UUIDField(
        null=True, help_text="standing keyed name of the person who acted; or anybody"
    )
    since = models.DateTimeField(help_text="looks from this time on were searched")
    until = models.DateTimeField(help_text="and up to this time")
    found = models.PositiveIntegerField(help_text="how many looks were found")
    told_from = models.DateTimeField(help_text="from when the person who acted is told of it")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~(Q(subject=None) & Q(acting=None)), name="search_is_for_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(case_number="") & ~Q(reason=""), name="search_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-at"], name="search_of_subject"),
            models.Index(fields=["acting", "-at"], name="search_of_acting"),
        ]

    def __str__(self) -> str:
        return str(self.id)
