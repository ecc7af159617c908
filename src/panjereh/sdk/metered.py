"""Requests of a site for Prometheus: by page and status, never by address or person."""

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

REQUESTS = Histogram(
    "panjereh_site_request_seconds", "Requests by page and status", ["page", "status"]
)


class MeteredRequests:
    """Middleware of every site, installed only where metrics are wanted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        page = match.view_name if match else "none"
        REQUESTS.labels(page, str(response.status_code)).observe(perf_counter() - began)
        return response
