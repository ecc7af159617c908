"""Pages between a site and the sign-on."""

import logging
import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sdk.signin import actions, attempts
from panjereh.sdk.signin.access import may_be_fetched
from panjereh.sdk.signin.addresses import language_of, login_address, page_language, safe_next
from panjereh.sdk.signin.attempts import Attempt
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.person import person_in
from panjereh.sdk.signin.redeeming import Answer
from panjereh.sdk.signin.sessions import end_sessions
from panjereh.sdk.signin.signing import LEVEL as SIGNATURE_LEVEL
from panjereh.sdk.signin.signing import ToSign
from panjereh.sdk.signin.tokens import ANOTHER, check_logout_token

log = logging.getLogger("panjereh.signin")

LONGEST_SERVICE = 110
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{43}")


@never_cache
@require_GET
def login(request: HttpRequest) -> HttpResponse:
    """`next` is where to come back to, `level` what the page needs, `register` opens an account."""
    next_address = safe_next(request.GET.get("next", "/"))
    attempt = attempts.new_attempt(
        next_address=next_address,
        level=_level(request),
        representee=_representee(request),
        service=request.GET.get("service", "")[:LONGEST_SERVICE],
    )
    return _to_sign_on(request, attempt)


@never_cache
@require_GET
def access(request: HttpRequest) -> HttpResponse:
    """A token of the person's own, of a scope that this site uses; `next` is where it is used."""
    next_address = safe_next(request.GET.get("next", "/"))
    scope = request.GET.get("scope", "")
    if person_in(request.session) is None or not may_be_fetched(scope):
        return HttpResponseRedirect(next_address)
    attempt = attempts.new_attempt(next_address=next_address, level=1, scope=scope)
    return _to_sign_on(request, attempt)


def _to_sign_on(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    try:
        address = actions.authorization_address(
            attempt,
            redirect_uri=_callback(request),
            language=page_language(request, attempt.next),
            registration="register" in request.GET,
        )
    except SignInFailed as failure:
        return _failed(request, failure, attempt.next)
    response = HttpResponseRedirect(address)
    attempts.keep(response, request, attempt)
    return response


def to_sign(request: HttpRequest, wanted: ToSign, *, next_address: str) -> HttpResponse:
    """Lead the person to the sign-on to sign this, and back to `next_address`."""
    person = person_in(request.session)
    if person is None:
        return HttpResponseRedirect(login_address(next_address))
    attempt = attempts.new_attempt(
        next_address=safe_next(next_address), level=SIGNATURE_LEVEL, signing=wanted.fingerprint
    )
    try:
        address = actions.signing_address(
            attempt,
            wanted,
            person,
            redirect_uri=_callback(request),
            language=page_language(request, next_address),
        )
    except SignInFailed as failure:
        return _failed(request, failure, next_address)
    response = HttpResponseRedirect(address, status=303)
    attempts.keep(response, request, attempt)
    return response


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    attempt = attempts.find(request, state)
    if attempt is None:
        return _without_attempt(request)
    try:
        if error := request.GET.get("error"):
            raise _told(error, attempt)
        answer = Answer(
            code=request.GET.get("code", ""),
            answered_by=request.GET.get("iss", ""),
            redirect_uri=_callback(request),
        )
        actions.finish(request, attempt, answer)
        response: HttpResponse = HttpResponseRedirect(attempt.next)
    except SignInFailed as failure:
        response = _failed(request, failure, attempt.next, level=attempt.level)
    attempts.forget(response, state)
    return response


def _without_attempt(request: HttpRequest) -> HttpResponse:
    """The back button after a sign-in, or an answer that this browser never asked for."""
    if person_in(request.session):
        return HttpResponseRedirect("/")
    return _failed(request, SignInFailed("lost", "no attempt in this browser"), "/")


def _level(request: HttpRequest) -> int:
    asked = request.GET.get("level", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 1 else 1


def _representee(request: HttpRequest) -> str:
    asked = request.GET.get("for", "")
    return asked if asked == ANOTHER or _SUBJECT.fullmatch(asked) else ""


def _told(error: str, attempt: Attempt) -> SignInFailed:
    if attempt.representee and error in {"access_denied", "invalid_scope"}:
        return SignInFailed("acting", error)
    if error == "unmet_authentication_requirements":
        return SignInFailed("level", error)
    if error in {"server_error", "temporarily_unavailable"}:
        return SignInFailed("provider-away", error)
    return SignInFailed("cancelled", "the sign-on answered with an error")


def _failed(
    request: HttpRequest, failure: SignInFailed, next_address: str, *, level: int = 1
) -> HttpResponse:
    log.warning("signin.failed reason=%s detail=%s", failure.reason, failure.detail)
    away = failure.reason == "provider-away"
    with translation.override(page_language(request, next_address)):
        context = {"reason": failure.reason, "again": login_address(next_address, level=level)}
        return render(request, "signin/failed.html", context, status=503 if away else 400)


@never_cache
@require_GET
def expired(request: HttpRequest) -> HttpResponse:
    """A form was sent without a sign-in: it was not accepted, and that is said."""
    next_address = safe_next(request.GET.get("next", "/"))
    level = _level(request)
    with translation.override(page_language(request, next_address)):
        context = {"again": login_address(next_address, level=level)}
        return render(request, "signin/expired.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    language = page_language(request)
    with translation.override(language):
        if request.method == "GET":
            return render(request, "signin/logout.html")
        id_token = actions.sign_out_here(request)
        request.person = None  # type: ignore[attr-defined]
        if not id_token:
            return render(request, "signin/signed_out.html")
        try:
            back = request.build_absolute_uri(reverse("signin:signed-out"))
            address = actions.logout_address(id_token, back_to=back, language=language)
        except SignInFailed as failure:
            log.warning("signin.logout.failed detail=%s", failure.detail)
            return render(request, "signin/signed_out.html", {"only_here": True}, status=503)
        return HttpResponseRedirect(address, status=303)


@never_cache
@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    with translation.override(language_of("/" + request.GET.get("state", ""))):
        return render(request, "signin/signed_out.html")


@never_cache
@csrf_exempt
@require_POST
def back_channel_logout(request: HttpRequest) -> HttpResponse:
    """The sign-on itself tells that a session is over; its signature is the permission."""
    try:
        claims = check_logout_token(request.POST.get("logout_token", ""))
    except SignInFailed as failure:
        log.warning("signin.backchannel.refused detail=%s", failure.detail)
        return JsonResponse({"error": "invalid_request"}, status=400)
    end_sessions(sid=str(claims.get("sid", "")), sub=str(claims.get("sub", "")))
    return HttpResponse(status=200)


def _callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("signin:callback"))
