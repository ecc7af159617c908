"""Bring what the reader has read off the national card."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
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
from panjereh.sso.uploads import InMemory


@csrf_exempt  # only until the upload handler is set; `_chip` checks the token
@require_http_methods(["GET", "POST"])
def chip(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    request.upload_handlers = [InMemory(request, policy().signature_file)]
    return _chip(request, journey_id=journey_id)


@csrf_protect
@on_step_up
def _chip(
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
