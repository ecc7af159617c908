"""Requests of a site within traces, and the calls it makes meanwhile within the same."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from panjereh.common.tracing import HEADER, Tracing, header_of, within


class TracedRequests:
    """Middleware of every site, installed only where traces are wanted."""

    tracing: Tracing | None = None  # of the process

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tracing = self._of_process()
        span = tracing.begin(request.method or "", request.headers.get(HEADER, ""), "SERVER")
        try:
            with within(header_of(span)):
                response = self.get_response(request)
            match = request.resolver_match
            span.update_name(f"{request.method} {match.view_name if match else '?'}")
            span.set_attribute("http.response.status_code", response.status_code)
            return response
        finally:
            span.end()

    def _of_process(self) -> Tracing:
        if TracedRequests.tracing is None:
            TracedRequests.tracing = Tracing(settings.FLOOR, settings.TRACES, settings.TRACES_SHARE)
        return TracedRequests.tracing
