"""Reads of the window."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import QuerySet

from panjereh.common.text import squash
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

SIMILAR_ENOUGH = 0.3
RESULTS = 30
FINAL = ("delivered", "refused")


@dataclass(frozen=True)
class Stars:
    average: float = 0.0
    count: int = 0


@dataclass(frozen=True)
class Listed:
    """A service as lists show it."""

    service: Service
    stars: Stars


@dataclass(frozen=True)
class Tracked:
    """A request with its steps, oldest first; the last one gives its state."""

    request: Request
    steps: list[Step]
    service: Service | None

    @property
    def state(self) -> str:
        return self.steps[-1].state

    @property
    def received_at(self) -> datetime:
        return self.steps[0].at

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def running(self) -> bool:
        return self.state not in FINAL

    @property
    def can_be_rated(self) -> bool:
        return self.state == "delivered" and self.request.rated_stars is None


@dataclass
class Branch:
    """An agency with the agencies under it, and how many services each can be reached for."""

    agency: Agency
    services: int = 0
    children: list["Branch"] = field(default_factory=list)

    @property
    def services_below(self) -> int:
        return self.services + sum(child.services_below for child in self.children)


@dataclass(frozen=True)
class Figures:
    """Counts of this installation's own data, nothing else."""

    services: int
    agencies: int
    delivered: int
    ratings: int


def search_is_blind() -> str:
    """Under LC_CTYPE=C trigrams skip Persian letters, and every search is silently empty."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT show_trgm('پنجره')")
        row = cursor.fetchone()
    if row and row[0]:
        return ""
    return "the database was made with LC_CTYPE=C; make it with C.UTF-8, or search finds nothing"


def search(text: str) -> list[Listed]:
    """Services by everyday words, best first (WIN-20). Misspelt words are found as well."""
    wanted = squash(text)
    if len(wanted) < 2:
        return []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {SIMILAR_ENOUGH}")
        found = list(
            Service.objects.filter(search_squashed__trigram_word_similar=wanted)
            .annotate(similarity=TrigramWordSimilarity(wanted, "search_squashed"))
            .order_by("-similarity", "service_id")[:RESULTS]
        )
    return listed(found)


def listed(services: Iterable[Service]) -> list[Listed]:
    kept = list(services)
    stars = stars_of(service.service_id for service in kept)
    return [Listed(service, stars[service.service_id]) for service in kept]


def stars_of(service_ids: Iterable[str]) -> defaultdict[str, Stars]:
    ratings = Rating.objects.filter(service_id__in=list(service_ids))
    return defaultdict(Stars, {r.service_id: Stars(float(r.average), r.count) for r in ratings})


def services_by_category() -> dict[str, list[Service]]:
    found: defaultdict[str, list[Service]] = defaultdict(list)
    for service in Service.objects.order_by("service_id"):
        found[service.category].append(service)
    return found


def services_by_life_event() -> dict[str, list[Service]]:
    found: defaultdict[str, list[Service]] = defaultdict(list)
    for service in Service.objects.order_by("service_id"):
        for event in service.life_events:
            found[event].append(service)
    return found


def agency_tree() -> list[Branch]:
    """Every agency under its parent body, those with services first (WIN-10)."""
    branches = {a.slug: Branch(a) for a in Agency.objects.order_by("name_fa")}
    for slug in Service.objects.values_list("agency", flat=True):
        branches[slug].services += 1
    roots: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.agency.parent)
        (parent.children if parent else roots).append(branch)
    for branch in branches.values():
        branch.children.sort(key=lambda b: -b.services_below)
    return sorted(roots, key=lambda b: -b.services_below)


def family_of(agency: Agency) -> list[Agency]:
    """The agency itself and everything under it."""
    found = [agency]
    for known in found:
        found += Agency.objects.filter(parent=known.slug).order_by("name_fa")
    return found


def figures() -> Figures:
    return Figures(
        services=Service.objects.count(),
        agencies=Agency.objects.exclude(connected_at=None).count(),
        delivered=Step.objects.filter(state="delivered").values("tracking_id").distinct().count(),
        ratings=sum(Rating.objects.values_list("count", flat=True)),
    )


def last_change() -> datetime | None:
    """When the newest card was approved."""
    newest = Service.objects.order_by("-approved_at").first()
    return newest.approved_at if newest else None


def requests_of(person: str) -> list[Tracked]:
    """All requests of a person at all agencies, the latest news first (WIN-09)."""
    tracked = _tracked(Request.objects.filter(person=person))
    return sorted(tracked, key=lambda t: t.last.at, reverse=True)


def request_of(person: str, tracking_id: str) -> Tracked | None:
    """The request, if it is this person's own."""
    found = _tracked(Request.objects.filter(person=person, tracking_id=tracking_id))
    return found[0] if found else None


def requests_seen_by(person: Person) -> list[Tracked]:
    """Who acts for another sees the requests of the services of the mandate."""
    found = requests_of(person.identifier) if person.identifier else []
    return [tracked for tracked in found if person.may_use(tracked.request.service_id)]


def request_seen_by(person: Person, tracking_id: str) -> Tracked | None:
    found = request_of(person.identifier, tracking_id) if person.identifier else None
    return found if found and person.may_use(found.request.service_id) else None


def requests_among(person: str, tracking_ids: Iterable[str]) -> dict[str, Tracked]:
    """Those of the requests that are the person's own."""
    found = _tracked(Request.objects.filter(person=person, tracking_id__in=list(tracking_ids)))
    return {tracked.request.tracking_id: tracked for tracked in found}


def _tracked(requests: QuerySet[Request]) -> list[Tracked]:
    kept = list(requests)
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    ids = [request.tracking_id for request in kept]
    for step in Step.objects.filter(tracking_id__in=ids).order_by("at", "id"):
        steps[step.tracking_id].append(step)
    services = Service.objects.in_bulk({request.service_id for request in kept})
    return [Tracked(r, steps[r.tracking_id], services.get(r.service_id)) for r in kept]


def unread_of(person: str) -> int:
    return UnreadLetters.objects.filter(person=person).values_list("count", flat=True).first() or 0


def wants_predictions(person: str) -> bool:
    chosen = Choices.objects.filter(person=person).first()
    return chosen is None or chosen.predictions


def entered_births(notice_ids: Iterable[str]) -> set[str]:
    found = EnteredBirth.objects.filter(notice_id__in=list(notice_ids))
    return set(found.values_list("notice_id", flat=True))


def visited_by(person: str, *, at_most: int = 5) -> list[Service]:
    """The services that the person began last (AGW-12)."""
    recent = (
        Visit.objects.filter(person=person).order_by("-at").values_list("service_id", flat=True)
    )
    ids = list(dict.fromkeys(recent[:50]))[:at_most]
    services = Service.objects.in_bulk(ids)
    return [services[i] for i in ids if i in services]
