"""`@signed_in`: a page for people whom the sign-on knows."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, overload
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from panjereh.sdk.signin.addresses import login_address
from panjereh.sdk.signin.kept_forms import keep_form
from panjereh.sdk.signin.person import EVERY_SERVICE, Person, person_in

log = logging.getLogger("panjereh.signin")

View = Callable[..., HttpResponse]


@overload
def signed_in(view: View) -> View: ...
@overload
def signed_in(*, min_level: int = 1) -> Callable[[View], View]: ...


def signed_in(view: View | None = None, *, min_level: int = 1) -> View | Callable[[View], View]:
    """Lead whoever is not signed in, or not surely enough, to the sign-on and back to this page."""

    def guard(inner: View) -> View:
        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person: Person | None = getattr(request, "person", None) or person_in(request.session)
            if person and person.level >= min_level:
                return inner(request, *args, **kwargs)
            # 000 T2.29: refused and logged; the view's name says what, the address may say who.
            log.info("signin.required view=%s level=%s", inner.__qualname__, min_level)
            return _to_sign_in(request, min_level, person)

        return guarded

    return guard(view) if view else guard


def own_matters(view: View) -> View:
    """Behind `signed_in`: a page that nobody sees for another, but guardians for their child."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person: Person = request.person  # type: ignore[attr-defined]
        if person.acting is None or person.acting.is_guardian:
            return view(request, *args, **kwargs)
        return not_for_another(request)

    return guarded


def not_for_another(request: HttpRequest) -> HttpResponse:
    """The page is there, but not for whoever acts for somebody; with a way on."""
    log.info("signin.not-for-another")
    return render(request, "signin/not_for_another.html", status=403)


def _to_sign_in(request: HttpRequest, min_level: int, person: Person | None) -> HttpResponse:
    here = request.get_full_path()
    if request.method in ("GET", "HEAD"):
        whom = person.sub if person and person.acting else ""
        services = person.acting.services if person and person.acting else []
        service = services[0] if services and services[0] != EVERY_SERVICE else ""
        address = login_address(here, level=min_level, representee=whom, service=service)
        return HttpResponseRedirect(address)
    if key := keep_form(request, person, page=_page_of_form(request)):
        back = reverse("signin:kept-form", args=[key])
        return HttpResponseRedirect(login_address(back, level=min_level), status=303)
    # It cannot be kept, because of a file in it: say so instead of dropping it silently.
    query = urlencode({"next": _page_of_form(request), "level": min_level})
    return HttpResponseRedirect(f"{reverse('signin:expired')}?{query}", status=303)


def _page_of_form(request: HttpRequest) -> str:
    """The page that holds the form; the address it was sent to may have none to show."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host():
        return request.get_full_path()
    return referer.path + (f"?{referer.query}" if referer.query else "")
