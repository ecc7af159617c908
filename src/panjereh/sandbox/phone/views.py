"""The virtual phone: give a number, see what arrived there. The number is never in an address."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.common.identifiers import InvalidIdentifier, parse_mobile
from panjereh.common.problems import Problem
from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sandbox.phone.forms import CameraForm, NumberForm
from panjereh.sandbox.phone.queries import inbox
from panjereh.sdk.provider import problem_response

_NUMBER = "phone-mobile"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def number(request: HttpRequest) -> HttpResponse:
    form = NumberForm(request.POST or None)
    if form.is_valid():
        request.session[_NUMBER] = form.cleaned_data["mobile"]
        return redirect("screen")
    return render(request, "phone/number.html", {"form": form}, status=400 if form.errors else 200)


@never_cache
@require_safe
def screen(request: HttpRequest) -> HttpResponse:
    mobile = request.session.get(_NUMBER)
    if mobile is None:
        return redirect("number")
    shown = {"number": "0" + mobile.removeprefix("+98"), "messages": inbox(mobile)}
    return render(request, "phone/screen.html", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def camera(request: HttpRequest) -> HttpResponse:
    """A selfie of somebody who does not exist, for the comparison of faces."""
    form = CameraForm(request.POST or None)
    if not form.is_valid():
        status = 400 if form.errors else 200
        return render(request, "phone/camera.html", {"form": form}, status=status)
    photo = camera_picture(form.cleaned_data["national_id"], form.cleaned_data["sex"])
    response = HttpResponse(photo, content_type="image/jpeg")
    response["Content-Disposition"] = 'attachment; filename="me.jpg"'
    return response


@csrf_exempt  # for machines: it changes nothing and reads no cookie
@require_POST
def messages(request: HttpRequest) -> HttpResponse:
    try:
        mobile = parse_mobile(str(json.loads(request.body)["mobile"]))
    except (ValueError, KeyError, TypeError, InvalidIdentifier):
        return problem_response(Problem(422, "body-invalid", 'send {"mobile": "09…"} as JSON'))
    arrived = [
        {"text": m.text, "sender": m.sender, "arrived_at": m.arrived_at.isoformat()}
        for m in inbox(mobile)
    ]
    return JsonResponse({"messages": arrived})
