"""For everybody: who is a member, what is offered, the interoperability framework."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.common.problems import CONTENT_TYPE
from panjereh.exchange.directory import queries
from panjereh.exchange.directory.actions import MIN_NOTICE
from panjereh.exchange.directory.egif.values import TYPES, VERSION
from panjereh.exchange.directory.egif.vocabulary import vocabulary
from panjereh.exchange.directory.forms import MemberFilter
from panjereh.exchange.directory.openapi.changes import RULES
from panjereh.exchange.directory.samples import sample_answer, sample_question, try_service
from panjereh.exchange.doors import appointments_of, public_page
from panjereh.exchange.models import Member, Service

MAX_QUESTION = 64 * 1024


@require_safe
@public_page
def directory(request: HttpRequest) -> HttpResponse:
    form = MemberFilter(request.GET)
    members = queries.directory()
    if form.is_valid():
        chosen = {name: value for name, value in form.cleaned_data.items() if value}
        members = members.filter(**chosen)
    context = {"form": form, "members": members, "counts": queries.counts_by_kind()}
    return render(request, "directory/directory.html", context)


@require_safe
@public_page
def member(request: HttpRequest, member_class: str, code: str) -> HttpResponse:
    found = get_object_or_404(Member, member_class=member_class, code=code)
    context = {
        "member": found,
        "connection": queries.connection_of(found),
        "history": found.connections.all()[1:],
        "contacts": queries.public_contacts_of(found),
        "systems": found.systems.filter(enabled=True),
        "services": queries.catalogue().filter(system__member=found),
        "sub_members": found.sub_members.all(),
    }
    return render(request, "directory/member.html", context)


@require_safe
@public_page
def catalogue(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:200]
    services = queries.found_in_catalogue(wanted)
    return render(request, "directory/catalogue.html", {"q": wanted, "services": services})


@require_safe
@public_page
def catalogue_json(request: HttpRequest) -> HttpResponse:
    services = queries.found_in_catalogue(request.GET.get("q", "")[:200])
    return JsonResponse({"services": queries.listed(services.prefetch_related("items"))})


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def service(request: HttpRequest, system: str, code: str) -> HttpResponse:
    """With what the service would answer to the question that was typed."""
    found = _service(system, code)
    context: dict[str, Any] = _told(request, found)
    if request.method == "POST":
        context |= _tried(found, request.POST)
    return render(request, "directory/service.html", context)


@require_safe
@public_page
def openapi(request: HttpRequest, system: str, code: str) -> HttpResponse:
    """The description of this service alone; the only way to it is the exchange."""
    found = _service(system, code)
    sheet = getattr(found, "sheet", None)
    if sheet is None or not sheet.openapi:
        raise Http404
    own = f"/{found.code}"
    paths = {
        path: described
        for path, described in sheet.openapi["paths"].items()
        if path == own or path.startswith(f"{own}/")
    }
    server = {"url": f"/r1/{found.system.x_road_id}"}
    return JsonResponse(sheet.openapi | {"paths": paths, "servers": [server]})


@csrf_exempt
@require_http_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
@public_page
def trial(request: HttpRequest, system: str, code: str, path: str = "") -> HttpResponse:
    """The service for practice: no key, no person, no provider. Questions are not kept."""
    found = _service(system, code)
    octets = request.read(MAX_QUESTION + 1)
    try:
        if len(octets) > MAX_QUESTION:
            raise ValueError("too long")
        question = json.loads(octets) if octets else {}
    except (ValueError, RecursionError):
        body = {"status": 400, "code": "body-invalid", "detail": "send JSON of at most 64 KB"}
        return JsonResponse(body, status=400, content_type=CONTENT_TYPE)
    tried = try_service(found, request.method or "", f"/{path}", question)
    kind = "application/json" if tried.status < 300 else CONTENT_TYPE
    return JsonResponse(tried.body, status=tried.status, content_type=kind, safe=False)


@require_safe
@public_page
def framework(request: HttpRequest) -> HttpResponse:
    context = {
        "types": TYPES.values(),
        "terms": vocabulary().values(),
        "breaking": [rule for rule in RULES if rule.breaking],
        "compatible": [rule for rule in RULES if not rule.breaking],
        "notice_days": MIN_NOTICE.days,
        "version": VERSION,
    }
    return render(request, "directory/framework.html", context)


@require_safe
@public_page
def framework_schema(request: HttpRequest, version: str, name: str) -> HttpResponse:
    if version != VERSION or name not in TYPES:
        raise Http404
    base = request.build_absolute_uri(reverse("egif-schema", args=[VERSION, "x"]))
    document = TYPES[name].document(base.removesuffix("x.json"))
    return _published(document, "application/schema+json")


@require_safe
@public_page
def framework_vocabulary(request: HttpRequest) -> HttpResponse:
    terms = {
        term.name: {"fa": term.fa, "en": term.en, "type": term.type.name if term.type else None}
        for term in vocabulary().values()
    }
    return _published({"version": VERSION, "terms": terms})


@require_safe
@public_page
def framework_rules(request: HttpRequest) -> HttpResponse:
    rules = [
        {"code": rule.code, "breaking": rule.breaking, "text": str(rule.text)} for rule in RULES
    ]
    return _published({"version": VERSION, "notice_days": MIN_NOTICE.days, "changes": rules})


def _published(body: dict[str, Any], kind: str = "application/json") -> JsonResponse:
    response = JsonResponse(body, content_type=kind, json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _service(system: str, code: str) -> Service:
    found = queries.service_at(system, code)
    if found is None:
        raise Http404
    return found


def _told(request: HttpRequest, found: Service) -> dict[str, Any]:
    items = list(found.items.all())
    trial_path = reverse("try-service", args=[found.system.code, found.code])
    return {
        "service": found,
        "sheet": getattr(found, "sheet", None),
        "may_ask": appointments_of(request).representative is not None,
        "withdrawal": getattr(found, "withdrawal", None),
        "inputs": [item for item in items if item.direction == "in"],
        "outputs": [item for item in items if item.direction == "out"],
        "versions": queries.versions_of(found),
        "contact": queries.contact_email(found),
        "trial": request.build_absolute_uri(trial_path),
        "can_be_tried": {"method": "POST", "path": "/"} in found.endpoints and bool(items),
        "question": _pretty(sample_question(found)),
        "sample": _pretty(sample_answer(found)),
    }


def _tried(found: Service, given: Any) -> dict[str, Any]:
    typed = given.get("question", "")[:MAX_QUESTION]
    try:
        tried = try_service(found, "POST", "/", json.loads(typed))
    except (ValueError, RecursionError):
        return {"question": typed, "not_json": True, "page_has_errors": True}
    return {"question": typed, "tried": tried, "answer": _pretty(tried.body)}


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
