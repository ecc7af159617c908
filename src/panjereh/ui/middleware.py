"""Headers and cookies that every site of the platform shares."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import escape_leading_slashes

from panjereh.ui.context import APPEARANCE

Answer = Callable[[HttpRequest], HttpResponse]
YEAR_SECONDS = 365 * 24 * 3600


class ContentSecurityPolicy:
    """Nothing loads but our own files, and no script runs but on the few pages marked with
    `runs_scripts`. A form may lead only to our own sites."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            [
                "default-src 'self'",
                "script-src 'none'",
                "img-src 'self' data:",
                "object-src 'none'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
                # Signing in posts to one site and is redirected to another one.
                "form-action 'self' " + " ".join(_own_sites()),
            ]
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = self.policy
        if getattr(request, "runs_scripts", False):
            policy = policy.replace("script-src 'none'", "script-src 'self'")
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


def _own_sites() -> list[str]:
    sites = []
    for name, url in settings.PUBLIC_URLS.items():
        parts = urlsplit(url)
        sites.append(f"{parts.scheme}://{parts.netloc}")
        if name == "agency":
            sites.append(f"{parts.scheme}://*.{parts.netloc}")
    return sites


class Appearance:
    """`?text=large` and `?contrast=high` on any page are kept in a cookie, without JavaScript."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = {
            name: request.GET[name]
            for name, values in APPEARANCE.items()
            if request.GET.get(name) in values
        }
        if request.method != "GET" or not chosen:
            return self.get_response(request)
        return _remember(request, chosen)


def _remember(request: HttpRequest, chosen: dict[str, str]) -> HttpResponse:
    rest = [(k, v) for k, values in request.GET.lists() for v in values if k not in APPEARANCE]
    place = escape_leading_slashes(request.path)  # //elsewhere.example would lead away
    response = HttpResponseRedirect(place + (f"?{urlencode(rest)}" if rest else ""))
    for name, value in chosen.items():
        response.set_cookie(
            name,
            value,
            max_age=YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
