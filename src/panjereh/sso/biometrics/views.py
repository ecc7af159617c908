"""Level 2: give a photo, have it compared, go on where one came from."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from panjereh.sso.biometrics.actions import WAY, Finding, compare_face
from panjereh.sso.biometrics.forms import PhotoForm
from panjereh.sso.journeys.views.shared import client_of, let_in
from panjereh.sso.models import Journey, Person
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.policy import policy
from panjereh.sso.provider.authorize import NeedsStepUp
from panjereh.sso.sessions.visitor import Visitor
from panjereh.sso.step_up.pages import on_step_up
from panjereh.sso.step_up.ways import open_ways
from panjereh.ui.uploads import takes_files

HOUR = 60


@require_http_methods(["GET", "POST"])
@takes_files(lambda: policy().photo_file)
@on_step_up
def face(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    context: dict[str, Any] = {
        "journey": journey,
        "client": client_of(journey),
        "level": step.wanted,
        "camera": _practice_camera(),
        "other_ways": len(open_ways(person, step.missing)) > 1,
    }
    sent = request.method == "POST"
    form = PhotoForm(request.POST, request.FILES) if sent else PhotoForm()
    if sent and form.is_valid():
        finding, minutes = _tried(person, form.cleaned_data["photo"])
        if finding == "matched":
            return let_in(request, journey, who, person, way=WAY)
        if finding == "locked":
            return _locked(request, context, minutes)
        if finding == "away":
            return render(request, "sso_biometrics/away.html", context, status=503)
        form.say(finding)
    return render(request, "sso_biometrics/face.html", context | {"form": form})


def _tried(person: Person, photo: bytes) -> tuple[Finding, int]:
    """What came of it, and after how many minutes it may be tried again when it is locked."""
    try:
        return compare_face(person, photo), HOUR
    except LimitReached as limit:
        return "locked", -(-int(limit.retry_in.total_seconds()) // 60)


def _practice_camera() -> str:
    """Where somebody of the practice nation gets a picture of their face; nowhere else."""
    sandbox = settings.PROFILE == "sandbox"
    return f"{settings.PUBLIC_URLS['phone']}/{get_language()}/camera" if sandbox else ""


def _locked(request: HttpRequest, context: dict[str, Any], minutes: int) -> HttpResponse:
    """Never a dead end: later, another way, or a counter."""
    waiting = {"minutes": max(1, minutes), "hours": -(-minutes // 60)}
    response = render(request, "sso_biometrics/locked.html", context | waiting, status=429)
    response["Retry-After"] = str(waiting["minutes"] * 60)
    return response
