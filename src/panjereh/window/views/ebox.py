"""The e-box: letters of all agencies, and the documents that come with them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from panjereh.sdk import documents, messaging
from panjereh.sdk.exchange import ExchangeError, Rejected
from panjereh.window.views.people import not_now, own_page, person_of


@own_page
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    person = person_of(request).identifier
    try:
        mailbox = messaging.mailbox(person, user=person)
    except ExchangeError:
        return not_now(request, _("the e-box"))
    return render(request, "window/ebox.html", {"mailbox": mailbox})


@own_page
@require_safe
def letter(request: HttpRequest, letter_id: str) -> HttpResponse:
    """Opening a letter is recorded; only its owner opens it."""
    person = person_of(request).identifier
    try:
        found = messaging.open_letter(person, letter_id, user=person)
    except Rejected as error:
        raise Http404 from error
    except ExchangeError:
        return not_now(request, _("the e-box"))
    return render(request, "window/letter.html", {"letter": found})


@own_page
@require_safe
def document(request: HttpRequest, document_id: str) -> HttpResponse:
    person = person_of(request).identifier
    try:
        found = documents.file(document_id, person=person, user=person)
    except Rejected as error:
        raise Http404 from error
    except ExchangeError:
        return not_now(request, _("the documents service"))
    name = found.name if found.name.endswith(".pdf") else f"{found.name}.pdf"
    return HttpResponse(
        found.pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
    )
