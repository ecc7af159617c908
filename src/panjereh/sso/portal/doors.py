"""The door of the developers' desk: `view(request, developer, ...)`.

What a view touches is looked up among the sites of the developer's agency, so another agency's is
not found.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from panjereh.sso.account.views import own_page
from panjereh.sso.policy import policy
from panjereh.sso.portal.queries import developer_of, sites_of
from panjereh.sso.sessions.actions import LiveSession

View = Callable[..., HttpResponse]
DEVELOPER = "developer"


def developer_page(view: View) -> View:
    """For developers, signed in at the level that staff must have."""

    @wraps(view)
    def guarded(request: HttpRequest, session: LiveSession, **rest: Any) -> HttpResponse:
        developer = developer_of(session.person_id)
        if developer is None:
            return render(request, "sso_portal/closed_door.html", status=403)
        if session.level < policy().staff_level:
            context = {"level": policy().staff_level}
            return render(request, "sso_staff/level_needed.html", context, status=403)
        return view(request, developer, **rest)

    opened = own_page(guarded)
    opened.door = DEVELOPER  # type: ignore[attr-defined]
    return opened


def site_page(view: View) -> View:
    """`view(request, developer, site, ...)` with a site of the developer's own agency."""

    @wraps(view)
    def found(request: HttpRequest, developer: Any, code: str, **rest: Any) -> HttpResponse:
        site = get_object_or_404(sites_of(developer.agency), code=code)
        return view(request, developer, site, **rest)

    return developer_page(found)
