"""The door of staff pages: `view(request, officer, ...)`.

`view.door` names the office, so that a test can list which page is whose.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from panjereh.sso.account.views import own_page
from panjereh.sso.policy import policy
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.staff.models import Officer
from panjereh.sso.staff.queries import officer_of

View = Callable[..., HttpResponse]


def officer_page(role: str) -> Callable[[View], View]:
    """For officers of this role, signed in here, at the level that staff must have."""
    wanted = Officer.Role(role)

    def door(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, session: LiveSession, **rest: Any) -> HttpResponse:
            officer = officer_of(session.person_id)
            if officer is None or wanted.value not in officer.roles:
                return render(request, "sso_staff/closed_door.html", {"role": wanted}, status=403)
            if session.level < policy().staff_level:
                context = {"level": policy().staff_level}
                return render(request, "sso_staff/level_needed.html", context, status=403)
            return view(request, officer, **rest)

        guarded_by_session = own_page(guarded)
        guarded_by_session.door = wanted.value  # type: ignore[attr-defined]
        return guarded_by_session

    return door
