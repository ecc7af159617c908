"""The deed of the survey: rate a service, once per request, after delivery."""

import re

from django.db import transaction
from django.utils import timezone

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.problems import Problem
from panjereh.common.text import clean
from panjereh.national.feedback.models import RatedCase, Rating, ServiceScore
from panjereh.national.tracking import queries as tracking
from panjereh.national.tracking.models import Case, State

# Long numbers and mail addresses in a comment are somebody's; 002 art 21: no personal data.
_PERSONAL = re.compile(r"\S+@\S+|[+\d](?:[\s\-/]?\d){6,}")
HIDDEN = "…"


def rate(
    *,
    consumer: str,
    key: str,
    acting: str,
    tracking_id: str,
    service_id: str,
    stars: int,
    comment: str = "",
) -> ServiceScore:
    """Count one answer of the applicant, and tell the new score of the service."""
    with transaction.atomic():
        case = _ratable(tracking_id, service_id, acting)
        rated, fresh = RatedCase.objects.get_or_create(
            tracking_id=case.tracking_id, defaults={"consumer": consumer, "key": key}
        )
        if not fresh and (rated.consumer, rated.key) != (consumer, key):
            raise Problem(409, "rated-already", "this request was rated before")
        score = _score(service_id)
        if fresh:
            _count(score, stars, comment)
    return score


def _ratable(tracking_id: str, service_id: str, acting: str) -> Case:
    case = tracking.case(tracking_id)
    if case is None:
        raise Problem(404, "tracking-id-unknown", "no request has this tracking id")
    if not acting or acting != case.person:
        raise Problem(403, "not-your-case", "the applicant rates, nobody else")
    if case.state != State.DELIVERED or case.service_id != service_id:
        raise Problem(409, "not-delivered", "a service is rated after it was delivered")
    return case


def _count(score: ServiceScore, stars: int, comment: str) -> None:
    Rating.objects.create(
        service_id=score.service_id,
        stars=stars,
        comment=_PERSONAL.sub(HIDDEN, clean(comment)),
        given_on=timezone.localdate(clock.now()),
    )
    score.count += 1
    score.stars_total += stars
    score.save(update_fields=["count", "stars_total"])
    emit("feedback.service.rated", subject=score.service_id, data=_told(score, stars))


def _score(service_id: str) -> ServiceScore:
    """Locked, so that scores leave in the order in which they were counted."""
    ServiceScore.objects.get_or_create(service_id=service_id)
    return ServiceScore.objects.select_for_update().get(service_id=service_id)


def _told(score: ServiceScore, stars: int) -> dict[str, object]:
    return {
        "service_id": score.service_id,
        "stars": stars,
        "count": score.count,
        "average": score.average,
    }
