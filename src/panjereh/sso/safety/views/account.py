"""Notices, known browsers, and the button that ends what was not oneself."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sso.account.views import own_page
from panjereh.sso.safety.account import notice_rows
from panjereh.sso.safety.browsers import forget_browser
from panjereh.sso.safety.queries import recent_notices
from panjereh.sso.safety.reporting import report_misuse
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import drop_session, visitor


@require_GET
@own_page
def notices(request: HttpRequest, session: LiveSession) -> HttpResponse:
    context = {"notices": notice_rows(list(recent_notices(session.person_id)))}
    return render(request, "sso_safety/all_notices.html", context)


@require_POST
@own_page
def forget(request: HttpRequest, session: LiveSession, browser_id: int) -> HttpResponse:
    if not forget_browser(browser_id, actor=session.person_id):
        raise Http404
    return redirect("account")


@require_http_methods(["GET", "POST"])
@own_page
def not_me(request: HttpRequest, session: LiveSession) -> HttpResponse:
    if request.method == "GET":
        return render(request, "sso_safety/not_me.html")
    report_misuse(session, browser=visitor(request).browser)
    response = render(request, "sso_safety/reported.html")
    drop_session(response)
    return response
