"""The deeds about looks: a person asks why, an agency answers, an auditor searches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.text import clean
from panjereh.exchange.models import Operator, Representative
from panjereh.exchange.usage.models import Look, Progress, Question, Search
from panjereh.exchange.usage.persons import names_in, sealed, standing_name
from panjereh.exchange.usage.queries import (
    Group,
    Selection,
    grants_with_names,
    group_of,
    kept_since,
    looks_at,
)

# Law on publication of and free access to information, art 8: an answer within ten days.
TERM = timedelta(days=10)
REMINDER = timedelta(days=3)  # before the term ends
MOST_OPEN = 20  # questions of one person
# Whoever acted is told of a search about it afterwards, for an inquiry must not warn its object;
# whoever was asked about is told at once, for a search is one more look at that person.
DELAY = timedelta(days=30)
MOST_FOUND = 500


class LookUnknown(Exception):
    """No look at this person, or one that is not shown to people."""


class TooManyQuestions(Exception):
    """So many questions of this person wait for an answer that no other one is taken."""


class AnsweredAlready(Exception):
    """An answer is given once: it may have been read."""


def ask_why(*, person: str, look: UUID, text: str, language: str) -> Question:
    """Ask the agency of a look why it was; asked twice, the first question stands."""
    chosen = Selection(person)
    group = group_of(looks_at(chosen), chosen, look)
    if group is None:
        raise LookUnknown
    if group.question is not None:
        return group.question
    with transaction.atomic():
        if _open_questions(person).count() >= MOST_OPEN:
            raise TooManyQuestions
        question, fresh = Question.objects.get_or_create(
            asker=standing_name(person),
            request_id=group.look,
            defaults=_question(group, person, text, language),
        )
        if fresh:
            _tell(question, "exchange.question.asked")
    return question


def _open_questions(person: str) -> QuerySet[Question]:
    return Question.objects.filter(asker=standing_name(person), answered_at=None)


def _question(group: Group, person: str, text: str, language: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "asker_sealed": sealed(person),
        "language": language,
        "looked_at": group.last_at,
        "issue": group.case,
        "represented": group.represented,
        "grant": group.asked[0].grant,
        "grants": [asked.grant.pk for asked in group.asked],
        "member": group.system.member,
        "text": clean(text),
        "asked_at": now,
        "due_at": now + TERM,
    }


def answer_question(*, actor: Representative, question: Question, text: str) -> Question:
    """The answer goes to the person's e-box (`jobs.carry_answers`) and stands beside the look."""
    if not actor.active or actor.member_id != question.member_id:
        raise PermissionDenied
    with transaction.atomic():
        locked = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
        if locked.answered_at:
            raise AnsweredAlready
        locked.answer, locked.answered_at = clean(text), clock.now()
        locked.answered_by = actor.name
        locked.save(update_fields=["answer", "answered_at", "answered_by"])
        _tell(locked, "exchange.question.answered")
    return locked


def remind_agencies() -> int:
    """Tell agencies whose term ends soon, once for each question."""
    soon = Question.objects.filter(
        answered_at=None, reminded_at=None, due_at__lte=clock.now() + REMINDER
    )
    with transaction.atomic():
        questions = list(soon.select_for_update(of=("self",), skip_locked=True)[:100])
        Question.objects.filter(pk__in=[q.pk for q in questions]).update(reminded_at=clock.now())
        for question in questions:
            _tell(question, "exchange.question.due")
    return len(questions)


def note_progress(complete_until: datetime) -> None:
    """Everything that the gateway received before it has been written."""
    with transaction.atomic():
        Progress.objects.update_or_create(pk=1, defaults={"complete_until": complete_until})


def mark_delivered(*, question: Question, letter_id: str) -> None:
    """The answer is in the e-box; who asked need not be known any longer."""
    with transaction.atomic():
        Question.objects.filter(pk=question.pk).update(letter_id=letter_id, asker_sealed=b"")


def forget_old_questions() -> int:
    """With the look goes the question about it, once its answer was delivered."""
    with transaction.atomic():
        gone = Question.objects.filter(looked_at__lt=kept_since()).exclude(letter_id="")
        return gone.delete()[0]


def _tell(question: Question, event_type: str) -> None:
    """For the agency's own software; neither the person nor a word of the text is told."""
    emit(
        event_type,
        subject=str(question.pk),
        data={
            "question": str(question.pk),
            "member": question.member.x_road_id,
            "request_id": str(question.request_id),
            "case": question.issue,
            "due_at": question.due_at.isoformat(),
        },
    )


@dataclass(frozen=True)
class Inquiry:
    """What an auditor wants to know, and by which right. National ids, empty means anybody."""

    case_number: str
    reason: str
    since: datetime
    until: datetime
    subject: str = ""
    acting: str = ""


@dataclass(frozen=True)
class Findings:
    search: Search
    looks: list[Look]  # newest first, confidential ones and failed ones too
    confidential: int


def search_looks(*, actor: Operator, inquiry: Inquiry) -> Findings:
    """Who read which record (NIX-39). The search is kept before anything of it is shown."""
    if not actor.active or Operator.Role.AUDITOR not in actor.roles:
        raise PermissionDenied
    with transaction.atomic():
        found = _found(inquiry)
        looks = _with_grants(found[:MOST_FOUND])
        search = Search.objects.create(
            auditor=actor,
            at=clock.now(),
            case_number=inquiry.case_number,
            reason=clean(inquiry.reason),
            subject=standing_name(inquiry.subject) if inquiry.subject else None,
            acting=standing_name(inquiry.acting) if inquiry.acting else None,
            since=inquiry.since,
            until=inquiry.until,
            found=found.count(),
            told_from=clock.now() + DELAY,
        )
    return Findings(search, looks, sum(look.grant.confidential for look in looks))


def _found(inquiry: Inquiry) -> QuerySet[Look]:
    found = Look.objects.filter(at__gte=inquiry.since, at__lt=inquiry.until)
    if inquiry.subject:
        names = names_in(inquiry.subject, inquiry.since, inquiry.until)
        found = found.filter(pseudonym__in=names)
    if inquiry.acting:
        found = found.filter(acting__in=names_in(inquiry.acting, inquiry.since, inquiry.until))
    return found.order_by("-at", "-request_id")


def _with_grants(looks: Iterable[Look]) -> list[Look]:
    kept = list(looks)
    grants = grants_with_names(look.grant_id for look in kept)
    for look in kept:
        look.grant = grants[look.grant_id]
    return kept
