"""The book of acts, for auditors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panjereh.sso.staff.doors import officer_page
from panjereh.sso.staff.models import Officer
from panjereh.sso.staff.queries import acts

LONGEST_SEARCH = 100


@require_safe
@officer_page("auditor")
def book(request: HttpRequest, officer: Officer) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    context = {"acts": acts(search), "search": search}
    return render(request, "sso_staff/acts.html", context)
