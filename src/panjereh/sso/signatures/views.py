"""Sign a challenge: read what it says, download it, bring the signature back."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sso.account.views import own_page
from panjereh.sso.journeys.views.shared import client_of, let_in
from panjereh.sso.models import Journey, Person
from panjereh.sso.policy import policy
from panjereh.sso.provider.authorize import NeedsStepUp
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import Visitor
from panjereh.sso.signatures.actions import accept_signature, remove_certificate
from panjereh.sso.signatures.challenges import FILE_NAME, offer_challenge, wanted_of
from panjereh.sso.signatures.forms import SignatureForm
from panjereh.sso.signatures.queries import WAY
from panjereh.sso.signatures.refusals import SignatureRefused
from panjereh.sso.signatures.remote import ask_service, fetch_signature
from panjereh.sso.step_up.pages import on_step_up
from panjereh.ui.uploads import takes_files


@require_http_methods(["GET", "POST"])
@takes_files(lambda: policy().signature_file)
@on_step_up
def sign(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    sent = request.method == "POST"
    form = SignatureForm(request.POST, request.FILES) if sent else SignatureForm()
    if sent and form.is_valid():
        challenge = offer_challenge(journey, person)
        try:
            accept_signature(challenge, person, form.cleaned_data["signature"])
        except SignatureRefused as refused:
            form.add_error("signature", refused.text)
        else:
            return let_in(request, journey, who, person, way=WAY)
    return _sign_page(request, journey, person, step, form)


def _sign_page(
    request: HttpRequest,
    journey: Journey,
    person: Person,
    step: NeedsStepUp,
    form: SignatureForm,
    trouble: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "journey": journey,
        "client": client_of(journey),
        "wanted": wanted_of(step.request),
        "challenge": offer_challenge(journey, person),
        "trouble": trouble,
        "has_service": bool(settings.SIGNING_SERVICE_URL),
    }
    _may_lead_to_service(request)
    return render(request, "sso_signatures/sign.html", context)


def _may_lead_to_service(request: HttpRequest) -> None:
    """The form for it is answered by a redirect there, which the page's policy must allow."""
    service = urlsplit(settings.SIGNING_SERVICE_URL)
    if service.netloc:
        client = getattr(request, "form_target", "")
        targets = f"{client} {service.scheme}://{service.netloc}".strip()
        request.form_target = targets  # type: ignore[attr-defined]


@require_POST
@on_step_up
def remote(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    """To the service that keeps the person's key, and from there to `remote_back`."""
    back_to = settings.ISSUER + reverse("signature-remote-back", args=[journey.id])
    try:
        page = ask_service(
            offer_challenge(journey, person),
            person,
            back_to=back_to,
            party=client_of(journey),
            wanted=wanted_of(step.request),
        )
    except SignatureRefused as refused:
        return _sign_page(request, journey, person, step, SignatureForm(), refused.text)
    return redirect(page)


@require_GET
@on_step_up
def remote_back(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    """Only the browser that the person was sent from can bring the code back: a signature that
    somebody was talked into on another one is of no use."""
    handle, code = request.GET.get("handle", "")[:60], request.GET.get("code", "")[:100]
    try:
        if request.GET.get("error"):
            raise SignatureRefused("cancelled")
        fetch_signature(offer_challenge(journey, person), person, handle=handle, code=code)
    except SignatureRefused as refused:
        return _sign_page(request, journey, person, step, SignatureForm(), refused.text)
    return _onward_by_page(request, let_in(request, journey, who, person, way=WAY))


def _onward_by_page(request: HttpRequest, onward: HttpResponse) -> HttpResponse:
    """The chain of redirects that began with the service's form ends here: its policy does not
    know the site that the person goes to."""
    if onward.status_code != 302:
        return onward
    page = render(request, "sso_signatures/signed.html", {"onward": onward["Location"]})
    page.cookies = onward.cookies
    return page


@require_GET
@on_step_up
def challenge(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    offered = offer_challenge(journey, person)
    response = HttpResponse(bytes(offered.content), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return response


@require_POST
@own_page
def remove(request: HttpRequest, session: LiveSession, certificate_id: UUID) -> HttpResponse:
    remove_certificate(certificate_id, actor=session.person_id)
    return redirect("account")
