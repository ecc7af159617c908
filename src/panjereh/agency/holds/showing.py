"""What stands in the place of a page that a held service would have."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(request: HttpRequest, service_id: str, title: str) -> HttpResponse:
    """Instead of sending: why not, what to do, and that everything given so far is kept."""
    context = {"service_id": service_id, "service_title": title}
    return render(request, "holds/refused.html", context, status=409)
