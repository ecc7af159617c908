"""The doors of the authority: answers and lists, open to everybody as they are in the world."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from panjereh.sandbox.authority import standing
from panjereh.sandbox.authority.hierarchy import PERSONS, ROOT

LONGEST_REQUEST = 4096


def _folder() -> Path:
    return Path(settings.KEYS) / "signatures"


@csrf_exempt
@require_POST
def ocsp(request: HttpRequest) -> HttpResponse:
    if int(request.headers.get("Content-Length") or 0) > LONGEST_REQUEST:
        return HttpResponse(status=413)
    return HttpResponse(
        standing.answer(_folder(), request.body), content_type="application/ocsp-response"
    )


@require_GET
def persons_list(request: HttpRequest) -> HttpResponse:
    return _list(PERSONS)


@require_GET
def root_list(request: HttpRequest) -> HttpResponse:
    return _list(ROOT)


def _list(of: str) -> HttpResponse:
    der = standing.revocation_list(_folder(), of=of)
    return HttpResponse(der, content_type="application/pkix-crl")
