"""Whom a service is for: its form says it, with the law (WIN-16)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from panjereh.agency.forms.definition import Applicants
from panjereh.sdk.signin import Person

Reason = Literal["", "foreign", "too-young", "age-unknown"]
View = Callable[..., HttpResponse]


def only_for(wanted: Applicants) -> Callable[[View], View]:
    """Behind `signed_in`: whoever it is not for is told why, and what to do."""

    def wrapped(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person: Person = request.person  # type: ignore[attr-defined]
            reason = why_not(person, wanted)
            if not reason:
                return view(request, *args, **kwargs)
            context = {"reason": reason, "wanted": wanted, "person": person}
            return render(request, "agency/not_for_you.html", context, status=403)

        return guarded

    return wrapped


def why_not(person: Person, wanted: Applicants) -> Reason:
    """Of whoever is represented: a guardian does not make a child older."""
    if person.legal_id:
        return ""
    if person.fida_code and not person.national_id:
        return "foreign"  # requests are filed by national id, and so are their registries
    if not wanted.minimum_age:
        return ""
    old_enough = person.is_at_least(wanted.minimum_age)
    if old_enough is None:
        return "age-unknown"
    return "" if old_enough else "too-young"
