"""Headers of the sign-on."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]


class PrivatePages:
    """Nothing here is kept by caches but what says otherwise itself (keys, discovery)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class ClientAsFormTarget:
    """The last form of a journey is answered by a redirect to the client; browsers ask the page's
    policy whether a form may lead there. Stands before the policy's own middleware."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        target = getattr(request, "form_target", "")
        policy = response.headers.get("Content-Security-Policy", "")
        if target and target not in policy:
            response.headers["Content-Security-Policy"] = policy.replace(
                "form-action 'self'", f"form-action 'self' {target}"
            )
        return response
