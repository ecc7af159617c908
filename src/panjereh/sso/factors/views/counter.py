"""The counter's page: somebody stands there with a national card and cannot sign in any more."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from panjereh.sso.account.views import own_page
from panjereh.sso.factors import resetting
from panjereh.sso.factors.forms import ResetForm
from panjereh.sso.factors.models import Reset
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.staff.doors import officer_page
from panjereh.sso.staff.models import Officer


@require_http_methods(["GET", "POST"])
@officer_page(resetting.SUPPORT)
def reset(request: HttpRequest, officer: Officer) -> HttpResponse:
    form = ResetForm(request.POST or None)
    asked = None
    if request.method == "POST" and form.is_valid():
        asked = _ask(officer, form)
    return render(request, "sso_factors/reset.html", {"form": form, "asked": asked})


def _ask(officer: Officer, form: forms.Form) -> Reset | None:
    try:
        return resetting.ask_for_reset(officer, **form.cleaned_data)
    except resetting.NobodyThere:
        form.add_error("national_id", _("There is no account with this national ID number."))
    except resetting.WaitsAlready:
        form.add_error("national_id", _("This was asked for before and is still waiting."))
    return None


@require_POST
@own_page
def stop(request: HttpRequest, session: LiveSession) -> HttpResponse:
    resetting.stop_reset(session)
    return redirect("ways")
