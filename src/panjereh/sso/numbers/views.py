"""The page of numbers, for auditors."""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panjereh.sso.numbers.forms import DayForm
from panjereh.sso.numbers.queries import entries, registered
from panjereh.sso.numbers.tables import doors, history, kind_bars, level_bars, way_bars
from panjereh.sso.numbers.words import DEFINITIONS
from panjereh.sso.staff.doors import officer_page
from panjereh.sso.staff.models import Officer


@require_safe
@officer_page("auditor")
def numbers(request: HttpRequest, officer: Officer) -> HttpResponse:
    form = DayForm(request.GET)
    found, counted = registered(form.last), entries(form.first, form.last)
    context: dict[str, Any] = {
        "form": form,
        "first": form.first,
        "found": found,
        "levels": level_bars(found),
        "kinds": kind_bars(found),
        "history": history(found),
        "doors": doors(counted),
        "ways": way_bars(counted),
        "definitions": DEFINITIONS,
        "query": request.GET.urlencode(),
    }
    return render(request, "sso_numbers/numbers.html", context)


@require_safe
@officer_page("auditor")
def doors_file(request: HttpRequest, officer: Officer) -> HttpResponse:
    """The table of sites, for the auditor's own tools."""
    form = DayForm(request.GET)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["first_day", "last_day", "client_id", "registrations", "logins"])
    for door in doors(entries(form.first, form.last)):
        writer.writerow([form.first, form.last, door.client_id, door.registrations, door.logins])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="sites.csv"'
    return answer
