"""The page where a person allows one signature: what it says, the PIN, the code from the phone."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from panjereh.sandbox.signing_service import actions, queries
from panjereh.sandbox.signing_service.forms import CodeForm, PinForm
from panjereh.sandbox.signing_service.models import Authorisation

View = Callable[[HttpRequest, Authorisation], HttpResponse]


def on_authorisation(view: View) -> Callable[[HttpRequest, UUID], HttpResponse]:
    @never_cache
    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def found(request: HttpRequest, handle: UUID) -> HttpResponse:
        asked = queries.waiting(handle)
        if asked is None:
            return render(request, "signing_service/over.html", status=410)
        return view(request, asked)

    return found


@on_authorisation
def pin(request: HttpRequest, asked: Authorisation) -> HttpResponse:
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.enter_pin(asked, form.cleaned_data["pin"])
        except actions.Refused as refused:
            _explain(form, "pin", refused.code)
        else:
            return redirect("signing-code", asked.id)
    return _page(request, "pin", form, asked)


@on_authorisation
def code(request: HttpRequest, asked: Authorisation) -> HttpResponse:
    if not asked.code_digest:
        return redirect("signing-pin", asked.id)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(actions.enter_code(asked, form.cleaned_data["code"]))
        except actions.Refused as refused:
            _explain(form, "code", refused.code)
    return _page(request, "code", form, asked)


def _page(request: HttpRequest, page: str, form: forms.Form, asked: Authorisation) -> HttpResponse:
    context = {"form": form, "asked": asked}
    return render(request, f"signing_service/{page}.html", context)


def _explain(form: forms.Form, field: str, code: str) -> None:
    texts = {
        "pin": _("The PIN is wrong. After three wrong ones your signature is locked."),
        "locked": _("Your signature is locked after three wrong PINs. Ask your provider."),
        "code": _("This is not the code of the last message. Check it once more."),
        "codes-over": _("Three wrong codes were entered. Go back and begin anew."),
    }
    form.add_error(field, texts[code])
