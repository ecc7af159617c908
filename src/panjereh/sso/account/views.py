"""A person's own page: data, sessions, sign-ins, and who was told what (SSO-09)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sso.account.sections import sections_of, shown
from panjereh.sso.people.queries import person as find_person
from panjereh.sso.sessions.actions import LiveSession, end_session
from panjereh.sso.sessions.visitor import drop_session, live_session

View = Callable[..., HttpResponse]


def own_page(view: View) -> View:
    @wraps(view)
    def found(request: HttpRequest, **rest: Any) -> HttpResponse:
        session = live_session(request)
        if session is None:
            return redirect("begin-login")
        return view(request, session, **rest)

    return found


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    if live_session(request):
        return redirect("account")
    return render(request, "sso/home.html")


@require_GET
@own_page
def account(request: HttpRequest, session: LiveSession) -> HttpResponse:
    found = sections_of(find_person(session.person_id), session)
    context = {"sections": [shown(request, section) for section in found]}
    return render(request, "sso/account.html", context)


@require_POST
@own_page
def end(request: HttpRequest, session: LiveSession, session_id: UUID) -> HttpResponse:
    end_session(session_id, actor=session.person_id)
    if session_id != session.sid:
        return redirect("account")
    return _out()


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends this session everywhere, after a yes: a link from elsewhere must not do it."""
    session = live_session(request)
    if session is None:
        return _out()
    if request.method == "GET":
        return render(request, "sso/sign_out.html")
    end_session(session.sid, actor=session.person_id)
    return _out()


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "sso/signed_out.html")


def _out() -> HttpResponse:
    response = redirect("signed-out")
    drop_session(response)
    return response
