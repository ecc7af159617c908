"""A person's own mandates: give, consent, accept, end. Always as oneself, never for another."""

from contextlib import suppress
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.account.views import own_page
from panjereh.sso.acting import actions
from panjereh.sso.acting.account import overview_context
from panjereh.sso.acting.codes import send_consent_code
from panjereh.sso.acting.forms import GiveForm
from panjereh.sso.acting.models import Mandate
from panjereh.sso.acting.queries import service_names, unfinished
from panjereh.sso.acting.words import REFUSALS
from panjereh.sso.journeys.forms import CodeForm
from panjereh.sso.journeys.views.login import explain
from panjereh.sso.journeys.views.shared import verdict_is_final, wait_page
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.one_time.sending import sms_in_trouble
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.organisations.queries import led_by
from panjereh.sso.people.queries import person
from panjereh.sso.sessions.actions import LiveSession


@require_GET
@own_page
def overview(request: HttpRequest, session: LiveSession) -> HttpResponse:
    return render(request, "sso_acting/overview.html", overview_context(person(session.person_id)))


@require_http_methods(["GET", "POST"])
@own_page
def give(
    request: HttpRequest, session: LiveSession, organisation_id: UUID | None = None
) -> HttpResponse:
    company = _company(session, organisation_id) if organisation_id else None
    proposed = {"scope": "some", "services": request.GET.get("service", ""), "days": 30}
    form = GiveForm(request.POST or None, initial=proposed)
    if request.method == "POST" and form.is_valid():
        mandate = _offered(form, session, company)
        if mandate is not None:
            return _send(request, mandate, session)
    return render(request, "sso_acting/give.html", {"form": form, "company": company})


def _company(session: LiveSession, organisation_id: UUID) -> Organisation:
    found = [one for one in led_by(session.person_id) if one.id == organisation_id]
    if not found:
        raise Http404("no such company of yours")
    return found[0]


def _offered(form: GiveForm, session: LiveSession, company: Organisation | None) -> Mandate | None:
    wanted = actions.Wanted(
        agent_national_id=form.cleaned_data["national_id"],
        services=form.cleaned_data["services"],
        ends_at=form.ends_at,
    )
    try:
        return actions.offer(wanted, actor=person(session.person_id), company=company)
    except actions.MandateRefused as refused:
        form.add_error("national_id", str(REFUSALS[refused.reason]))
    except ExchangeError:
        form.add_error(None, _("The registry does not answer just now. Try again in a minute."))
    return None


def _send(request: HttpRequest, mandate: Mandate, session: LiveSession) -> HttpResponse:
    try:
        send_consent_code(mandate, person(session.person_id))
    except LimitReached as limit:
        return wait_page(request, limit)
    except ExchangeError:
        pass  # the page says that sending is in trouble, and has a button for another try
    return redirect("mandate-code", mandate.id)


@require_http_methods(["GET", "POST"])
@own_page
def code(request: HttpRequest, session: LiveSession, mandate_id: UUID) -> HttpResponse:
    mandate = unfinished(mandate_id, session.person_id)
    if mandate is None:
        return redirect("acting")
    form, final = CodeForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        holder = person(session.person_id)
        verdict = actions.consent(mandate, holder=holder, guess=form.cleaned_data["code"])
        if verdict == "right":
            return redirect("acting")
        final = verdict_is_final(verdict)
        explain(form, verdict)
    context = {
        "form": form,
        "mandate": mandate,
        "services": service_names(mandate),
        "new_code_needed": final,
        "sms_in_trouble": sms_in_trouble(),
    }
    return render(request, "sso_acting/give_code.html", context)


@require_POST
@own_page
def resend(request: HttpRequest, session: LiveSession, mandate_id: UUID) -> HttpResponse:
    mandate = unfinished(mandate_id, session.person_id)
    return _send(request, mandate, session) if mandate else redirect("acting")


@require_POST
@own_page
def accept(request: HttpRequest, session: LiveSession, mandate_id: UUID) -> HttpResponse:
    with suppress(PermissionDenied):  # taken back meanwhile, or not for this person
        actions.accept(mandate_id, actor=person(session.person_id))
    return redirect("acting")


@require_POST
@own_page
def end(request: HttpRequest, session: LiveSession, mandate_id: UUID) -> HttpResponse:
    try:
        actions.end_mandate(mandate_id, actor=person(session.person_id))
    except PermissionDenied as refused:
        raise Http404("no such mandate of yours") from refused
    return redirect("acting")
