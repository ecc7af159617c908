"""Register: three questions, the registries, a code, and a look at the data (SSO-01 to 03)."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.common.identifiers import is_fida_code
from panjereh.sso.factors.views.login import after_sms
from panjereh.sso.journeys import actions
from panjereh.sso.journeys.forms import CodeForm
from panjereh.sso.journeys.steps import Step, open_step, step, step_to_mend, steps_of
from panjereh.sso.journeys.views.login import explain
from panjereh.sso.journeys.views.shared import (
    client_of,
    on_journey,
    start,
    verdict_is_final,
)
from panjereh.sso.models import Journey
from panjereh.sso.people.inquiries import Identity
from panjereh.sso.people.minors import rule
from panjereh.sso.people.queries import own_account
from panjereh.sso.safety.queries import reached_by_code
from panjereh.sso.sessions.visitor import Visitor, live_session


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    if live_session(request):
        return redirect("account")
    return start(request, "registration")


@require_GET
@on_journey
def where(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    """Where this registration stands."""
    return _next(journey)


def _next(journey: Journey) -> HttpResponse:
    if open_question := open_step(journey) or step_to_mend(journey):
        return redirect("registration-step", journey.id, open_question.slug)
    if journey.trouble:
        return redirect("registration-stopped", journey.id)
    if journey.confirmed:
        return redirect("registration-confirm", journey.id)
    return redirect("registration-code" if journey.identity else "registration-stopped", journey.id)


@require_http_methods(["GET", "POST"])
@on_journey
def question(request: HttpRequest, journey: Journey, who: Visitor, slug: str) -> HttpResponse:
    asked = step(journey, slug)
    if asked is None:
        raise Http404
    if request.method == "GET":
        return _ask(request, journey, asked, _form(asked, journey))
    form = asked.form(request.POST)
    if not form.is_valid():
        return _ask(request, journey, asked, form)
    actions.answer(journey, field=asked.field, value=form.cleaned_data[asked.field])
    if open_step(journey) is None:
        actions.check_identity(journey, who)
    return _next(journey)


def _ask(request: HttpRequest, journey: Journey, asked: Step, form: forms.Form) -> HttpResponse:
    steps = steps_of(journey)
    number = steps.index(asked)
    context = {
        "form": form,
        "journey": journey,
        "client": client_of(journey),
        "number": number + 1,
        "of": len(steps),
        "back": steps[number - 1].slug if number else "",
    }
    return render(request, "sso/question.html", context)


def _form(asked: Step, journey: Journey) -> forms.Form:
    """The question with the answer given before and, if there was trouble, what is wrong."""
    value = getattr(journey, asked.field)
    if not value:
        return asked.form()
    form = asked.form(_as_typed(asked, value))
    if message := asked.troubles.get(journey.trouble):
        form.add_error(asked.field, str(message))
    return form


def _as_typed(asked: Step, value: Any) -> dict[str, str]:
    widget = asked.form.base_fields[asked.field].widget
    if not isinstance(widget, forms.MultiWidget):
        return {asked.field: value}
    parts = widget.decompress(value) or []
    return {f"{asked.field}_{i}": part for i, part in enumerate(parts)}


@require_http_methods(["GET", "POST"])
@on_journey
def stopped(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    """A registry or the SMS service is away, or there is nothing to go on with."""
    if request.method == "POST":
        if journey.identity:
            actions.send_registration_code(journey, who)
        else:
            actions.check_identity(journey, who)
        return _next(journey)
    if not journey.trouble and journey.identity:
        return _next(journey)
    away = journey.trouble in {"registry-away", actions.SMS_UNSENT}
    context = {
        "journey": journey,
        "trouble": journey.trouble,
        "foreigner": is_fida_code(journey.national_id),
        "of_age": rule().of_age,
        "client": client_of(journey),
    }
    return render(request, "sso/stopped.html", context, status=503 if away else 200)


@require_http_methods(["GET", "POST"])
@on_journey
def code(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    identity = actions.identity_of(journey.identity)
    form = CodeForm(request.POST or None)
    final = False
    if request.method == "POST" and form.is_valid():
        verdict = actions.confirm_mobile(journey, guess=form.cleaned_data["code"])
        if verdict == "right":
            return redirect("registration-confirm", journey.id)
        final = verdict_is_final(verdict)
        explain(form, verdict)
    context = {
        "form": form,
        "journey": journey,
        "mobile": identity.mobile,
        "new_code_needed": final,
    }
    return render(request, "sso/registration_code.html", context)


@require_POST
@on_journey
def resend(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    actions.send_registration_code(journey, who)
    return _next(journey)


@require_http_methods(["GET", "POST"])
@on_journey
def confirm(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    """SSO-03. Only who holds the number gets here, so here it may be told that there is an
    account already (WIN-02)."""
    identity = actions.identity_of(journey.confirmed)
    if own_account(identity.national_id):
        return _registered_already(request, journey, identity)
    if request.method == "GET":
        return render(request, "sso/confirm.html", {"journey": journey, "identity": identity})
    person, fresh = actions.confirm_identity(journey)
    if not fresh:
        return _registered_already(request, journey, identity)
    return after_sms(request, journey, who, person)


def _registered_already(request: HttpRequest, journey: Journey, identity: Identity) -> HttpResponse:
    """To its code or, if that would not arrive, to the number that was just proved."""
    reached = reached_by_code(identity.national_id)
    context = {
        "journey": journey,
        "closed": own_account(identity.national_id) is None,
        "reached": reached is not None,
        "works": reached is not None and reached.mobile == identity.mobile,
    }
    return render(request, "sso/registered_already.html", context)


@require_POST
@on_journey
def to_login(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    """From "you have an account" straight to its code, with nothing typed twice."""
    identity = actions.identity_of(journey.confirmed)
    actions.send_login_code(journey, national_id=identity.national_id, who=who)
    return redirect("login-code", journey.id)
