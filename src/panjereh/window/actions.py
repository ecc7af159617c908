"""The deeds of the window. `take_*` feed the read models and may come twice and in any order."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import transaction

from panjereh.common import clock
from panjereh.common.text import fold, squash
from panjereh.sdk import feedback
from panjereh.sdk.signin import Person
from panjereh.window.models import (
    Agency,
    Choices,
    EnteredBirth,
    Rating,
    Request,
    Service,
    Step,
    UnreadLetters,
    Visit,
)


class NotDelivered(Exception):
    """Only a request that has been delivered can be rated (FBK-01)."""


def take_card(
    *, card: dict[str, Any], version: str, revision: int, approved_at: datetime
) -> Service:
    """Show an approved card. An older one that arrives late changes nothing."""
    with transaction.atomic():
        shown = Service.objects.select_for_update().filter(service_id=card["id"]).first()
        if shown and shown.revision > revision:
            return shown
        agency = _agency_of(card, approved_at)
        service, _ = Service.objects.update_or_create(
            service_id=card["id"],
            defaults={
                "version": version,
                "revision": revision,
                "card": card,
                "agency": agency.slug,
                "category": card["category"],
                "life_events": card["life_events"],
                "search_squashed": _searched(card),
                "approved_at": approved_at,
            },
        )
    return service


def _searched(card: dict[str, Any]) -> str:
    texts = [card["title"], card["standard_title"], card["agency"]["name"], card["summary"]]
    words = [text[language] for language in ("fa", "en") for text in texts]
    synonyms = [word for language in ("fa", "en") for word in card["synonyms"][language]]
    return squash(" ".join(words[:1] + synonyms + words[1:]))


def _agency_of(card: dict[str, Any], at: datetime) -> Agency:
    """The agency of a card; it counts as connected from its first service that can be begun."""
    code, name = card["agency"]["code"], card["agency"]["name"]
    agency = Agency.objects.filter(slug=code).first() or _named(name["fa"])
    if agency is None:
        agency = Agency.objects.create(slug=code, name_fa=name["fa"], name_en=name["en"])
    if card.get("delivery_link") and (agency.connected_at is None or at < agency.connected_at):
        agency.connected_at = at
        agency.save(update_fields=["connected_at"])
    return agency


def _named(name: str) -> Agency | None:
    wanted = fold(name)
    return next((a for a in Agency.objects.all() if fold(a.name_fa) == wanted), None)


def take_rating(*, service_id: str, average: float, count: int) -> None:
    """Ratings only grow in number, so the greater count is the later news."""
    with transaction.atomic():
        rating, _ = Rating.objects.select_for_update().get_or_create(
            service_id=service_id, defaults={"average": average, "count": count}
        )
        if count > rating.count:
            rating.average, rating.count = average, count
            rating.save()


def take_step(*, event_id: str, step: dict[str, Any]) -> None:
    """Add a step to a request, whichever of its steps arrives first."""
    with transaction.atomic():
        Request.objects.get_or_create(
            tracking_id=step["tracking_id"],
            defaults={
                "service_id": step["service_id"],
                "agency": step["agency"],
                "person": step["person"],
            },
        )
        Step.objects.get_or_create(
            event_id=event_id,
            defaults={
                "tracking_id": step["tracking_id"],
                "at": datetime.fromisoformat(step["at"]),
                "state": step["state"],
                "unit": step["unit"],
                "text": step["text"],
            },
        )


def take_unread(*, person: str, unread: int, at: datetime) -> None:
    with transaction.atomic():
        known, _ = UnreadLetters.objects.select_for_update().get_or_create(
            person=person, defaults={"count": unread, "at": at}
        )
        if at > known.at:
            known.count, known.at = unread, at
            known.save()


def take_entered_birth(*, notice_id: str) -> None:
    with transaction.atomic():
        EnteredBirth.objects.get_or_create(notice_id=notice_id)


def enter_agencies(agencies: Iterable[dict[str, Any]]) -> None:
    """Enter or renew the published list of agencies; what their services told stays."""
    published = ["name_fa", "name_en", "kind", "parent", "reported_status", "reported_as_of"]
    with transaction.atomic():
        Agency.objects.bulk_create(
            [Agency(**agency) for agency in agencies],
            update_conflicts=True,
            unique_fields=["slug"],
            update_fields=published,
        )


def begin_service(*, person: Person, service: Service, language: str) -> str:
    """Note that the person begins the service; answers where it begins."""
    with transaction.atomic():
        Visit.objects.create(
            person=person.identifier, service_id=service.service_id, at=clock.now()
        )
    link = delivery_link(service, language)
    return _for_another(link, service.service_id) if person.acting else link


def _for_another(link: str, service_id: str) -> str:
    """The agency's window asks again on whose behalf: it knows nobody by the number that we do."""
    there, ours = urlsplit(link), urlsplit(settings.PUBLIC_URLS["agency"])
    if there.port != ours.port or not f".{there.hostname}".endswith(f".{ours.hostname}"):
        return link
    query = urlencode({"for": "another", "service": service_id, "next": there.path})
    return f"{there.scheme}://{there.netloc}/signin/login?{query}"


def delivery_link(service: Service, language: str) -> str:
    """Empty where the service cannot be begun online."""
    links = service.card.get("delivery_link") or {}
    return str(links.get(language) or links.get("fa") or "")


def rate_request(*, person: Person, request: Request, stars: int, comment: str) -> None:
    """Give stars for a delivered request, once. Raises `NotDelivered` and `ExchangeError`."""
    if request.person != person.identifier:
        raise PermissionError("only the applicant rates a request")
    if not Step.objects.filter(tracking_id=request.tracking_id, state="delivered").exists():
        raise NotDelivered
    # The key makes a second click the same rating, even when the first answer was lost.
    feedback.rate(
        tracking_id=request.tracking_id,
        service_id=request.service_id,
        stars=stars,
        comment=comment,
        idempotency_key=f"rating-{request.tracking_id}",
        user=person.user,
    )
    mark_rated(request, stars)


def mark_rated(request: Request, stars: int) -> None:
    with transaction.atomic():
        request.rated_stars = stars
        request.save(update_fields=["rated_stars"])


def stop_predictions(*, person: Person) -> None:
    """From now on nothing is looked up in order to foresee what the person needs (WIN-08)."""
    _choose(person, predictions=False)


def allow_predictions(*, person: Person) -> None:
    _choose(person, predictions=True)


def _choose(person: Person, **choices: bool) -> None:
    with transaction.atomic():
        Choices.objects.update_or_create(person=person.identifier, defaults=choices)


def forget_visits(*, person: Person) -> None:
    with transaction.atomic():
        Visit.objects.filter(person=person.identifier).delete()
