"""`request.person`: who is signed in here, or None."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from panjereh.sdk.signin.person import person_in


class CurrentPerson:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.person = person_in(request.session)  # type: ignore[attr-defined]
        return self.get_response(request)
