"""The files at addresses that stay, a page about them, and a description for machines (DCAT)."""

import csv
import io
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from panjereh.exchange.doors import public_page
from panjereh.exchange.monitoring.models import TrafficMonth
from panjereh.exchange.monitoring.open_data.dataset import COLUMNS, Row
from panjereh.exchange.monitoring.open_data.rules import open_data_rules
from panjereh.exchange.monitoring.periods import month_name

DCAT = "http://www.w3.org/ns/dcat#"
TERMS = "http://purl.org/dc/terms/"
TYPES = {"csv": "text/csv", "json": "application/json"}


@require_safe
@public_page
def open_data(request: HttpRequest) -> HttpResponse:
    months = [(found, _name(found.month)) for found in TrafficMonth.objects.all()]
    context = {"months": months, "rules": open_data_rules()}
    return render(request, "monitoring/open_data.html", context)


@require_safe
@public_page
def traffic_file(request: HttpRequest, month: str, form: str) -> HttpResponse:
    found = get_object_or_404(TrafficMonth, month=month)
    headers = {"Access-Control-Allow-Origin": "*", "ETag": f'"{found.digest}-{form}"'}
    if form == "json":
        return HttpResponse(found.rows, content_type="application/json", headers=headers)
    if form == "csv":
        return HttpResponse(_csv(found), content_type="text/csv; charset=utf-8", headers=headers)
    raise Http404


@require_safe
@public_page
def catalogue(request: HttpRequest) -> JsonResponse:
    """In the words of DCAT 3, so that a national catalogue can harvest it."""
    rules = open_data_rules()
    told = {
        "@context": {"dcat": DCAT, "dct": TERMS},
        "@type": "dcat:Catalog",
        "dct:title": _texts(rules.title),
        "dct:description": _texts(rules.description),
        "dcat:dataset": [_dataset(found) for found in TrafficMonth.objects.all()],
    }
    return JsonResponse(told, headers={"Access-Control-Allow-Origin": "*"})


def _dataset(found: TrafficMonth) -> dict[str, Any]:
    rules = open_data_rules()
    return {
        "@type": "dcat:Dataset",
        "dct:identifier": f"traffic-{found.month}",
        "dct:title": _texts({lang: f"{text} {found.month}" for lang, text in rules.title.items()}),
        "dct:description": _texts(rules.description),
        "dct:issued": found.published_at.isoformat(),
        "dct:accrualPeriodicity": "http://publications.europa.eu/resource/authority/frequency/MONTHLY",
        "dcat:distribution": [_distribution(found, form) for form in TYPES],
    }


def _distribution(found: TrafficMonth, form: str) -> dict[str, Any]:
    path = reverse("open-traffic", args=[found.month, form])
    told = {
        "@type": "dcat:Distribution",
        "dcat:downloadURL": f"{settings.PUBLIC_URLS['operator']}{path}",
        "dcat:mediaType": TYPES[form],
        "dct:license": open_data_rules().licence,
    }
    return told | ({"spdx:checksum": f"sha256:{found.digest}"} if form == "json" else {})


def _csv(found: TrafficMonth) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in msgspec.json.decode(found.rows, type=list[Row]):
        values = msgspec.structs.asdict(row) | {"suppressed": int(row.suppressed)}
        writer.writerow([values[name] for name in COLUMNS])
    return text.getvalue()


def _texts(texts: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in texts.items()]


def _name(code: str) -> str:
    year, _, number = code.partition("-")
    return month_name(int(year), int(number))
