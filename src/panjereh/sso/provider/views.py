"""The doors of the OpenID provider."""

from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.sso.journeys.views.shared import start
from panjereh.sso.portal.observing import note_request
from panjereh.sso.provider import keys
from panjereh.sso.provider.answering import to_client
from panjereh.sso.provider.authorize import (
    BackToClient,
    NeedsConsent,
    NeedsStepUp,
    NotTrusted,
    answer_request,
)
from panjereh.sso.provider.discovery import metadata
from panjereh.sso.provider.hints import read_hint
from panjereh.sso.provider.representing import NeedsRepresentee
from panjereh.sso.provider.requests import check_shape
from panjereh.sso.sessions.actions import end_session
from panjereh.sso.sessions.queries import SessionOwner, owner_of_session
from panjereh.sso.sessions.visitor import drop_session, live_session

CACHED_SECONDS = 300


@require_safe
@cache_control(public=True, max_age=CACHED_SECONDS)
def configuration(request: HttpRequest) -> HttpResponse:
    return JsonResponse(metadata())


@require_safe
@cache_control(public=True, max_age=CACHED_SECONDS)
def jwks(request: HttpRequest) -> HttpResponse:
    return JsonResponse(keys.public_keys())


@csrf_exempt
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        # A form of another site brings no cookies of ours; the same as a link does.
        return _again_as_link(request)
    params = QueryDict(request.META.get("QUERY_STRING", ""))
    with translation.override(_language(params)):
        answer = answer_request(params, live_session(request))
        note_request(params, answer)
        if isinstance(answer, BackToClient):
            return to_client(request, answer)
        if isinstance(answer, NotTrusted):
            return render(request, "sso/not_trusted.html", {"error": answer.error}, status=400)
        if isinstance(answer, NeedsConsent):
            page, client_id = "consent", answer.party.client_id
        elif isinstance(answer, NeedsStepUp):
            page, client_id = "step-up", answer.client_id
        elif isinstance(answer, NeedsRepresentee):
            page, client_id = "on-whose-behalf", answer.party.client_id
        else:
            page, client_id = ("registration" if answer.registration else "login"), answer.client_id
        return start(request, page, client_id=client_id, client_request=answer.request.urlencode())


def _again_as_link(request: HttpRequest) -> HttpResponse:
    address = f"{request.path}?{request.POST.urlencode()}"
    return HttpResponseRedirect(address, status=303)


def _language(params: QueryDict) -> str:
    """Persian first, unless the client's page was in another language of ours."""
    known = [code for code, _ in settings.LANGUAGES]
    asked = [tag.partition("-")[0].lower() for tag in params.get("ui_locales", "").split()]
    return next((code for code in asked if code in known), settings.LANGUAGE_CODE)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """RP-initiated logout: with proof that a client knew this session at once, else after a yes."""
    if request.method == "POST":
        return _again_as_link(request)
    params = QueryDict(request.META.get("QUERY_STRING", ""))
    with translation.override(_language(params)):
        try:
            check_shape(params)
            party, claims = read_hint(params.get("id_token_hint", ""))
        except OAuth2Error:
            return redirect("sign-out")
        session = live_session(request)
        sid = str(claims.get("sid"))
        owner = owner_of_session(sid)
        if session and (owner is None or owner.session != session.sid):
            return redirect("sign-out")  # a token of another session must not end this one
        return _logged_out(params, party.post_logout_redirect_uris, owner)


def _logged_out(params: QueryDict, allowed: list[str], owner: SessionOwner | None) -> HttpResponse:
    if owner:
        end_session(owner.session, actor=owner.person)
    target = params.get("post_logout_redirect_uri", "")
    if target in allowed:
        state = {"state": params["state"]} if "state" in params else {}
        address = add_params_to_uri(target, list(state.items()))
        response: Any = HttpResponseRedirect(address, status=303)
    else:
        response = redirect("signed-out")
    drop_session(response)
    return response  # type: ignore[no-any-return]
