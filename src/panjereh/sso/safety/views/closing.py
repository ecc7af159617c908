"""Close one's account: what follows from it, a yes, and what is left to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from panjereh.sso.factors.fresh import fresh_page
from panjereh.sso.policy import policy
from panjereh.sso.safety.closing import close_own_account
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import drop_session


@require_http_methods(["GET", "POST"])
@fresh_page
def close(request: HttpRequest, session: LiveSession) -> HttpResponse:
    context = {"days": policy().closed_kept.days}
    if request.method == "GET":
        return render(request, "sso_safety/close.html", context)
    close_own_account(session)
    response = render(request, "sso_safety/closed.html", context)
    drop_session(response)
    return response
