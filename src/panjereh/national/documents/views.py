"""The public check of documents: no sign-in, no trace of who asked, no copy of the file."""

import base64
import json
import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.common.problems import Problem
from panjereh.national.documents import queries, wording
from panjereh.national.documents.forms import CheckForm
from panjereh.national.documents.typesetting import Draft, set_picture
from panjereh.national.documents.verification import (
    MAX_FILE,
    Flaw,
    Verdict,
    judge_file,
    judge_hash,
    judge_id,
    moment_of,
)
from panjereh.sdk.provider import problem_response
from panjereh.ui.uploads import takes_files

MAX_BODY = 2_000
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@takes_files(lambda: MAX_FILE)
def verify(request: HttpRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = CheckForm(request.POST, request.FILES) if sent else CheckForm()
    if not form.is_valid():
        return _private(render(request, "documents/verify.html", {"form": form}))
    number, file = form.cleaned_data["number"], form.cleaned_data["file"]
    verdict = judge_file(file, number) if file else judge_id(number)
    return _show(request, verdict, number)


@never_cache
@require_safe
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Where the QR code leads."""
    verdict = judge_id(str(document_id))
    return _show(request, verdict, str(document_id))


def _show(request: HttpRequest, verdict: Verdict, number: str) -> HttpResponse:
    shown = {
        "verdict": verdict,
        "document": verdict.document,
        "heading": wording.heading(verdict),
        "reasons": wording.reasons(verdict),
        "rules": wording.rule_lines(verdict),
        "status": verdict.document and wording.STATUSES[verdict.document.status],
        "sealed_at": moment_of(verdict.findings),
        "data": _data(verdict),
        "picture": _picture(verdict),
        "form": None if verdict.by_file else CheckForm.for_file_of(number),
    }
    unknown = verdict.flaws == [Flaw.UNKNOWN] and not verdict.by_file
    return _private(
        render(request, "documents/verdict.html", shown, status=404 if unknown else 200)
    )


def _picture(verdict: Verdict) -> str:
    """The document as the register renders it, to be compared with the file by eye."""
    if not verdict.shows_data or verdict.document is None:
        return ""
    draft = Draft.read(bytes(verdict.document.attachment))
    drawn = set_picture(verdict.document.template.source, draft)
    return "data:image/png;base64," + base64.b64encode(drawn).decode()


def _data(verdict: Verdict) -> list[wording.DataRow]:
    if not verdict.shows_data or verdict.document is None:
        return []
    schema = verdict.document.template.schema
    return wording.data_rows(schema, queries.data_of(verdict.document), get_language() or "fa")


def _private(response: HttpResponse) -> HttpResponse:
    """The address of a document is half a secret: it goes to no other site and no search engine."""
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@csrf_exempt  # nothing is changed and nobody is signed in
@require_POST
def verify_api(request: HttpRequest) -> HttpResponse:
    """For agencies and programs: {"id", "sha256"} -> what the document itself would tell."""
    try:
        number, digest = _asked(request)
    except Problem as problem:
        return problem_response(problem)
    verdict = judge_hash(number, digest) if digest else judge_id(number)
    return JsonResponse(_told(verdict))


def _asked(request: HttpRequest) -> tuple[str, str]:
    try:
        body = json.loads(request.body[:MAX_BODY])
        number, digest = body["id"], body.get("sha256", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Problem(400, "body-invalid", 'send {"id": ..., "sha256": ...}') from None
    if not isinstance(number, str) or not isinstance(digest, str):
        raise Problem(400, "body-invalid", "id and sha256 are texts")
    if digest and not _SHA256.fullmatch(digest):
        raise Problem(400, "body-invalid", "sha256 is 64 hexadecimal digits")
    return number, digest


def _told(verdict: Verdict) -> dict[str, Any]:
    found = verdict.document
    told: dict[str, Any] = {"valid": verdict.valid, "flaws": verdict.flaws}
    if found is None:
        return told | {"status": "unknown"}
    told |= {"status": found.status, "title": found.title, "issuer": found.issuer}
    if verdict.shows_time:
        told["issued_at"] = found.issued_at.isoformat()
    return told
