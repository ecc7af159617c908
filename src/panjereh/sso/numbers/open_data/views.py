"""Files at addresses that stay, and a page about them."""

import csv
import io

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from panjereh.sso.numbers.models import PublishedMonth
from panjereh.sso.numbers.open_data.actions import days_of
from panjereh.sso.numbers.open_data.tables import COLUMNS, THRESHOLD, Cell
from panjereh.sso.numbers.words import DEFINITIONS, KIND_NAMES

CACHED_SECONDS = 3600


@require_safe
@cache_control(public=True, max_age=CACHED_SECONDS)
def open_numbers(request: HttpRequest) -> HttpResponse:
    months = [(month, days_of(month.month)) for month in PublishedMonth.objects.all()]
    newest = [_people(months[0][0])] if months else []
    context = {
        "months": months,
        "newest": newest,
        "threshold": THRESHOLD,
        "definitions": DEFINITIONS,
        "kinds": KIND_NAMES,
    }
    return render(request, "sso_numbers/open_numbers.html", context)


@require_safe
@cache_control(public=True, max_age=CACHED_SECONDS)
def numbers_file(request: HttpRequest, month: str, form: str) -> HttpResponse:
    found = get_object_or_404(PublishedMonth, month=month)
    headers = {"Access-Control-Allow-Origin": "*", "ETag": f'"{found.digest}-{form}"'}
    if form == "json":
        return HttpResponse(found.tables, content_type="application/json", headers=headers)
    return HttpResponse(_csv(found), content_type="text/csv; charset=utf-8", headers=headers)


def _cells(found: PublishedMonth) -> list[Cell]:
    return msgspec.json.decode(found.tables, type=list[Cell])


def _people(found: PublishedMonth) -> int:
    """Without legal persons."""
    return sum(
        cell.count or 0
        for cell in _cells(found)
        if cell.table == "registered" and cell.row not in ("", "legal") and not cell.column
    )


def _csv(found: PublishedMonth) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for cell in _cells(found):
        values = msgspec.structs.asdict(cell) | {"suppressed": int(cell.suppressed)}
        writer.writerow([values[name] for name in COLUMNS])
    return text.getvalue()
