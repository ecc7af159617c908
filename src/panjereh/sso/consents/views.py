"""Before the first answer to a site that must ask: what it will be told, and what for."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from panjereh.sso.account.rows import CLAIM_NAMES
from panjereh.sso.account.views import own_page
from panjereh.sso.consents.actions import give_consent, withdraw_consent
from panjereh.sso.journeys.actions import end_journey
from panjereh.sso.journeys.views.shared import on_journey
from panjereh.sso.models import Journey, Person
from panjereh.sso.provider.answering import to_client
from panjereh.sso.provider.authorize import NeedsConsent, answer_request, refusal
from panjereh.sso.provider.claims import values
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import Visitor, live_session


@require_http_methods(["GET", "POST"])
@on_journey
def consent(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    session = live_session(request)
    if session is None:
        return redirect("login", journey.id)
    params = QueryDict(journey.request)
    answer = answer_request(params, session, fresh_since=journey.began_at)
    if not isinstance(answer, NeedsConsent):
        return redirect("continue", journey.id)
    if request.method == "GET":
        return _ask(request, journey, answer, session)
    if "agree" not in request.POST:
        end_journey(journey)
        return to_client(request, refusal(params))
    give_consent(actor=session.person_id, party=answer.party, claims=answer.claims)
    return redirect("continue", journey.id)


def _ask(
    request: HttpRequest, journey: Journey, answer: NeedsConsent, session: LiveSession
) -> HttpResponse:
    """With the data themselves: people see what they give, not only what it is called."""
    person = Person.objects.get(id=session.person_id)
    own = values(person, answer.claims)
    shown = own | {"birth_date": person.birth_date}
    rows = [(CLAIM_NAMES[name], name, shown[name]) for name in own]
    context = {"journey": journey, "party": answer.party, "rows": rows}
    return render(request, "sso/consent.html", context)


@require_POST
@own_page
def withdraw(request: HttpRequest, session: LiveSession, client_id: str) -> HttpResponse:
    withdraw_consent(actor=session.person_id, client_id=client_id)
    return redirect("account")
