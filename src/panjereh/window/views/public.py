"""Pages that everybody sees: search, services, categories, agencies."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from panjereh.sdk.signin import signed_in
from panjereh.window import actions, directory, queries
from panjereh.window.models import Agency, Service
from panjereh.window.views.people import person_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    by_event = queries.services_by_life_event()
    by_category = _by_category()
    return render(
        request,
        "window/home.html",
        {
            "life_events": [g for g in directory.life_events().values() if by_event.get(g.slug)],
            "categories": [(g, len(found)) for g, found in by_category],
            "figures": queries.figures(),
            "updated_at": queries.last_change(),
        },
    )


def _by_category() -> list[tuple[directory.Group, list[Service]]]:
    """Every service under exactly one category (WIN-19), empty categories left out."""
    found: dict[str, list[Service]] = {}
    for slug, services in queries.services_by_category().items():
        found.setdefault(directory.category_of(slug).slug, []).extend(services)
    groups = directory.categories().values()
    return [(g, found[g.slug]) for g in groups if g.slug in found]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:100].strip()
    results = queries.search(text)
    return render(request, "window/search.html", {"text": text, "results": results})


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    groups = [(g, queries.listed(found)) for g, found in _by_category()]
    return render(request, "window/services.html", {"groups": groups})


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    group = directory.categories().get(slug)
    if group is None:
        raise Http404
    found = {g.slug: services for g, services in _by_category()}.get(slug, [])
    return _group_page(request, group, found)


@require_safe
def life_event(request: HttpRequest, slug: str) -> HttpResponse:
    group = directory.life_events().get(slug)
    if group is None:
        raise Http404
    return _group_page(request, group, queries.services_by_life_event().get(slug, []))


def _group_page(request: HttpRequest, group: directory.Group, found: list[Service]) -> HttpResponse:
    context = {"group": group, "services": queries.listed(found)}
    return render(request, "window/group.html", context)


@require_safe
def service(request: HttpRequest, service_id: str) -> HttpResponse:
    found = get_object_or_404(Service, service_id=service_id)
    return render(
        request,
        "window/service.html",
        {
            "service": found,
            "card": found.card,
            "agency": Agency.objects.filter(slug=found.agency).first(),
            "category": directory.category_of(found.category),
            "stars": queries.stars_of([service_id])[service_id],
            "can_begin": bool(actions.delivery_link(found, get_language() or "fa")),
            "updated_at": found.approved_at,
        },
    )


@require_safe
def begin(request: HttpRequest, service_id: str) -> HttpResponse:
    """Go to the agency's own page of the service, signed in where the card asks for it."""
    found = get_object_or_404(Service, service_id=service_id)
    link = actions.delivery_link(found, get_language() or "fa")
    if not link:
        return redirect("service", service_id)
    if int(found.card["assurance_level"]) == 0:
        return redirect(link)
    return _begin_signed_in(request, service_id)


@signed_in
def _begin_signed_in(request: HttpRequest, service_id: str) -> HttpResponse:
    link = actions.begin_service(
        person=person_of(request),
        service=Service.objects.get(service_id=service_id),
        language=get_language() or "fa",
    )
    return redirect(link)


@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    tree = queries.agency_tree()
    rest = [branch for branch in tree if not branch.services_below]
    return render(
        request,
        "window/agencies.html",
        {
            "reached": [branch for branch in tree if branch.services_below],
            "ministries": [b for b in rest if b.agency.kind == "ministry"],
            "others": [b for b in rest if b.agency.kind != "ministry"],
        },
    )


@require_safe
def agency(request: HttpRequest, slug: str) -> HttpResponse:
    """The services of an agency and of everything under it (WIN-10)."""
    found = get_object_or_404(Agency, slug=slug)
    family = queries.family_of(found)
    services = Service.objects.filter(agency__in=[a.slug for a in family]).order_by("service_id")
    return render(
        request,
        "window/agency.html",
        {
            "agency": found,
            "parent": Agency.objects.filter(slug=found.parent).first(),
            "below": family[1:],
            "services": queries.listed(services),
        },
    )


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "window/accessibility.html")
