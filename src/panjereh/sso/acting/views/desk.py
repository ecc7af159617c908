"""The registrar's list of clerks: who may begin requests for citizens, at which counter."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from panjereh.sso.acting.counters import end_clerk, register_clerk
from panjereh.sso.acting.forms import ClerkForm
from panjereh.sso.acting.queries import clerks_now
from panjereh.sso.staff.doors import officer_page
from panjereh.sso.staff.models import Officer


@require_http_methods(["GET", "POST"])
@officer_page("registrar")
def clerks(request: HttpRequest, officer: Officer) -> HttpResponse:
    form = ClerkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        register_clerk(actor=officer, **form.facts)
        return redirect("staff-clerks")
    return render(request, "sso_acting/clerks.html", {"form": form, "clerks": clerks_now()})


@require_POST
@officer_page("registrar")
def end(request: HttpRequest, officer: Officer, clerk_id: UUID) -> HttpResponse:
    end_clerk(clerk_id, actor=officer)
    return redirect("staff-clerks")
