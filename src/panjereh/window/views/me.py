"""The personal page: requests, e-box, family, and what the person is about to need."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.common import clock
from panjereh.common.identifiers import is_fida_code
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import ExchangeError, gather
from panjereh.window import actions, predictions, queries
from panjereh.window.forms import PredictionsForm
from panjereh.window.views.people import not_now, own_page, person_of


@own_page
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    person = person_of(request).identifier
    requests = queries.requests_of(person)
    facts, silent = _facts(person)
    today = timezone.localdate(clock.now())
    return render(
        request,
        "window/me.html",
        {
            "running": [t for t in requests if t.running],
            "past": [t for t in requests if not t.running],
            "unread": queries.unread_of(person),
            "visited": queries.visited_by(person),
            "predictions_on": queries.wants_predictions(person),
            "expected": predictions.expected_services(facts, requests, today),
            "silent": silent,
        },
    )


def _facts(person: str) -> tuple[dict[str, list[predictions.Fact]], bool]:
    """Ask the registries at once, unless the person said not to; True when one did not answer."""
    if is_fida_code(person) or not queries.wants_predictions(person):
        return {}, False  # the registries that bring up services know Iranian nationals
    asked = predictions.INQUIRIES
    answers = gather(*(partial(inquiry, person) for inquiry in asked.values()))
    known = {
        name: answer
        for name, answer in zip(asked, answers, strict=True)
        if not isinstance(answer, ExchangeError)
    }
    return known, len(known) < len(asked)


@own_page
@require_safe
def family(request: HttpRequest) -> HttpResponse:
    person = person_of(request).national_id
    if not person:
        return render(request, "window/family.html")
    try:
        found = civil_registry.family(person, user=person)
    except ExchangeError:
        return not_now(request, _("the civil registry"))
    return render(request, "window/family.html", {"family": found, "asked_at": clock.now()})


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    usual = "on" if queries.wants_predictions(person.identifier) else "off"
    form = PredictionsForm(request.POST or None, initial={"predictions": usual})
    if not form.is_valid():
        visited = queries.visited_by(person.identifier)
        return render(request, "window/choices.html", {"form": form, "visited": visited})
    if form.wanted:
        actions.allow_predictions(person=person)
    else:
        actions.stop_predictions(person=person)
    return redirect("me")


@own_page
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    actions.forget_visits(person=person_of(request))
    return redirect("choices")
