"""The person's own ways to sign in: see, add, rename, remove."""

import json
from urllib.parse import quote, urlsplit
from uuid import UUID

import segno
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from panjereh.sso.account.views import own_page
from panjereh.sso.factors import actions, totp
from panjereh.sso.factors.forms import AppForm, NameForm, NewPasskeyForm
from panjereh.sso.factors.fresh import fresh_page
from panjereh.sso.factors.models import AuthenticatorApp, Passkey
from panjereh.sso.factors.queries import ways_of
from panjereh.sso.factors.recovery import grouped
from panjereh.sso.factors.resetting import waiting_reset
from panjereh.sso.factors.webauthn import Refused
from panjereh.sso.people.queries import person as find_person
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import visitor
from panjereh.ui.scripts import runs_scripts

FILE_NAME = "my-government-recovery-codes.txt"


@require_GET
@own_page
def ways(request: HttpRequest, session: LiveSession) -> HttpResponse:
    holder = find_person(session.person_id)
    context = {"ways": ways_of(holder.id), "reset": waiting_reset(holder)}
    return render(request, "sso_factors/ways.html", context)


@require_http_methods(["GET", "POST"])
@runs_scripts
@fresh_page
def add_passkey(request: HttpRequest, session: LiveSession) -> HttpResponse:
    form = NewPasskeyForm(request.POST or None, initial={"name": visitor(request).browser})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_passkey(session, **form.cleaned_data)
            return redirect("ways")
        except (Refused, actions.TooMany, actions.AlreadyThere) as error:
            form.add_error(None, _passkey_trouble(error))
    shown_name = _shown_name(session)
    options = actions.begin_passkey(session, shown_name=shown_name)
    context = {"form": form, "options": json.dumps(options)}
    return render(request, "sso_factors/passkey_add.html", context)


def _shown_name(session: LiveSession) -> str:
    """Devices show it in their lists, also to others who hold them: a name, never a number."""
    holder = find_person(session.person_id)
    return f"{holder.given_name} {holder.family_name}"


def _passkey_trouble(error: Exception) -> str:
    if isinstance(error, actions.AlreadyThere):
        return _("This device has been added already.")
    if isinstance(error, actions.TooMany):
        return _("There is no room for more passkeys. Remove one that you do not use any more.")
    return _("The device gave no answer that could be used. Please try once more.")


@require_http_methods(["GET", "POST"])
@own_page
def rename_passkey(request: HttpRequest, session: LiveSession, passkey_id: UUID) -> HttpResponse:
    passkey = _own_passkey(session, passkey_id)
    form = NameForm(request.POST or None, initial={"name": passkey.name})
    if request.method == "POST" and form.is_valid():
        actions.rename_passkey(session, passkey_id, name=form.cleaned_data["name"])
        return redirect("ways")
    return render(request, "sso_factors/passkey_name.html", {"form": form, "passkey": passkey})


@require_http_methods(["GET", "POST"])
@fresh_page
def remove_passkey(request: HttpRequest, session: LiveSession, passkey_id: UUID) -> HttpResponse:
    passkey = _own_passkey(session, passkey_id)
    last = False
    if request.method == "POST":
        try:
            actions.remove_passkey(session, passkey_id)
            return redirect("ways")
        except actions.LastWay:
            last = True
    return _ask_to_remove(request, session, name=passkey.name, last=last)


def _own_passkey(session: LiveSession, passkey_id: UUID) -> Passkey:
    found = Passkey.objects.filter(id=passkey_id, person_id=session.person_id).first()
    if found is None:
        raise Http404
    return found


def _ask_to_remove(
    request: HttpRequest, session: LiveSession, *, name: str, last: bool
) -> HttpResponse:
    context = {
        "name": name,
        "last": last,
        "sms_refused": not ways_of(session.person_id).sms_alone,
        "page_has_errors": last,
    }
    return render(request, "sso_factors/remove.html", context)


@require_http_methods(["GET", "POST"])
@fresh_page
def add_app(request: HttpRequest, session: LiveSession) -> HttpResponse:
    if ways_of(session.person_id).app:
        return redirect("ways")
    form = AppForm(request.POST or None, initial={"name": _("Authenticator app")})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_app(session, **form.cleaned_data)
            return redirect("ways")
        except actions.WrongCode:
            form.add_error("code", _wrong_code())
        except actions.AlreadyThere:
            return redirect("ways")
    secret = actions.begin_app(session)
    return render(request, "sso_factors/app_add.html", _app_context(session, form, secret))


def _wrong_code() -> str:
    return _(
        "The app shows another code for this account. Check whether the clock of your phone is "
        "set by the network, and enter the code that the app shows now."
    )


def _app_context(session: LiveSession, form: forms.Form, secret: str) -> dict[str, object]:
    host = str(urlsplit(settings.ISSUER).hostname)
    address = totp.address(secret, account=_shown_name(session), issuer=host)
    return {
        "form": form,
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "address": address,
        "square": segno.make(address, error="l").svg_data_uri(border=4, omitsize=True),
    }


@require_http_methods(["GET", "POST"])
@fresh_page
def remove_app(request: HttpRequest, session: LiveSession) -> HttpResponse:
    app = AuthenticatorApp.objects.filter(person_id=session.person_id).first()
    if app is None:
        raise Http404
    last = False
    if request.method == "POST":
        try:
            actions.remove_app(session)
            return redirect("ways")
        except actions.LastWay:
            last = True
    return _ask_to_remove(request, session, name=app.name, last=last)


@require_http_methods(["GET", "POST"])
@runs_scripts
@fresh_page
def recovery(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """The codes are the answer to the form: they are kept nowhere from where a second page could
    read them."""
    if request.method == "GET":
        ways = ways_of(session.person_id)
        return render(request, "sso_factors/recovery.html", {"ways": ways})
    codes = [grouped(code) for code in actions.make_recovery_codes(session)]
    lines = [str(_("Recovery codes of My Government")), *codes, ""]
    context = {"codes": codes, "file": quote("\r\n".join(lines)), "file_name": FILE_NAME}
    return render(request, "sso_factors/recovery_codes.html", context)


@require_http_methods(["GET", "POST"])
@fresh_page
def sms_alone(request: HttpRequest, session: LiveSession) -> HttpResponse:
    missing = False
    if request.method == "POST":
        try:
            _choose(session, request.POST.get("sms", ""))
            return redirect("ways")
        except actions.LastWay:
            missing = True
    context = {
        "ways": ways_of(session.person_id),
        "missing": missing,
        "page_has_errors": missing,
    }
    return render(request, "sso_factors/sms_alone.html", context)


def _choose(session: LiveSession, choice: str) -> None:
    if choice == "refuse":
        actions.refuse_sms_alone(session)
    elif choice == "accept":
        actions.accept_sms_alone(session)
    else:
        raise Http404
