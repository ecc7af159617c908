"""What the pages of a signed-in person share."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from panjereh.sdk.signin import Person, own_matters, signed_in

View = Callable[..., HttpResponse]


def person_of(request: HttpRequest) -> Person:
    """Who is signed in; only behind `signed_in`."""
    return cast(Person, request.person)  # type: ignore[attr-defined]


def own_page(view: View) -> View:
    """A page of the person's own, or of a guardian's child: letters, data, choices."""
    return never_cache(signed_in(own_matters(view)))


def shared_page(view: View) -> View:
    """A page that somebody may see who acts for the person, within the services of the mandate."""
    return never_cache(signed_in(view))


def not_now(request: HttpRequest, missing: str) -> HttpResponse:
    """The page that says who does not answer just now, and that nothing is lost (PER-13)."""
    return render(request, "window/not_now.html", {"missing": missing}, status=503)
