"""Pages of publications. Operators see every subscriber; a member sees its own part."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from panjereh.exchange.doors import member_page, operator_page
from panjereh.exchange.feeds import queries
from panjereh.exchange.feeds.models import Publication
from panjereh.exchange.models import Member, Operator, Representative


@require_safe
@operator_page
def publications(request: HttpRequest, operator: Operator) -> HttpResponse:
    context = {"lines": queries.lines(Publication.objects.all()), "page": "publication"}
    return render(request, "feeds/publications.html", context)


@require_safe
@operator_page
def publication(request: HttpRequest, operator: Operator, system: str, code: str) -> HttpResponse:
    found = get_object_or_404(Publication, system__code=system, code=code)
    context = _sheet(found, None) | {"back": "publications", "sees_all": True}
    return render(request, "feeds/publication.html", context)


@require_safe
@member_page
def own_publications(request: HttpRequest, representative: Representative) -> HttpResponse:
    mine = queries.publications_of(representative.member)
    context = {"lines": queries.lines(mine), "page": "own-publication", "own": True}
    return render(request, "feeds/publications.html", context)


@require_safe
@member_page
def own_publication(
    request: HttpRequest, representative: Representative, system: str, code: str
) -> HttpResponse:
    """Its publisher sees all who follow it; who follows it sees itself among them."""
    member = representative.member
    mine = queries.publications_of(member)
    found = get_object_or_404(mine, system__code=system, code=code)
    publishes = found.system.member_id == member.pk
    context = _sheet(found, None if publishes else member)
    return render(
        request,
        "feeds/publication.html",
        context | {"back": "own-publications", "sees_all": publishes, "own": True},
    )


def _sheet(found: Publication, member: Member | None) -> dict[str, Any]:
    return {
        "publication": found,
        "phases": found.phases.all(),
        "followers": queries.followers(found, member),
        "days": queries.days(found),
        "pages": queries.recent_pages(found),
        "missing": queries.missing_numbers(found),
        "periods": queries.periods(found),
    }
