"""Bring what the reader has read off the national card."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from panjereh.sso.journeys.views.shared import client_of, let_in
from panjereh.sso.models import Journey, Person
from panjereh.sso.policy import policy
from panjereh.sso.provider.authorize import NeedsStepUp
from panjereh.sso.sessions.visitor import Visitor
from panjereh.sso.signatures.challenges import offer_challenge
from panjereh.sso.signatures.chips import CHIP, accept_reading
from panjereh.sso.signatures.forms import ReadingForm
from panjereh.sso.signatures.refusals import SignatureRefused
from panjereh.sso.step_up.pages import on_step_up
from panjereh.ui.uploads import takes_files


@require_http_methods(["GET", "POST"])
@takes_files(lambda: policy().signature_file)
@on_step_up
def chip(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    sent = request.method == "POST"
    form = ReadingForm(request.POST, request.FILES) if sent else ReadingForm()
    if sent and form.is_valid():
        challenge = offer_challenge(journey, person)
        try:
            accept_reading(challenge, person, form.cleaned_data["reading"])
        except SignatureRefused as refused:
            form.add_error("reading", refused.text)
        else:
            return let_in(request, journey, who, person, way=CHIP)
    context = {"form": form, "journey": journey, "client": client_of(journey)}
    return render(request, "sso_signatures/chip.html", context)
