"""The door of this site for security events (RFC 8935)."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.receiving import take
from panjereh.sdk.signin.security_events import TYPE, EventRefused, check_security_event

log = logging.getLogger("panjereh.signin")


@never_cache
@csrf_exempt
@require_POST
def security_event(request: HttpRequest) -> HttpResponse:
    """The signature is the permission. Told again it is taken again, and done once."""
    try:
        if request.content_type != f"application/{TYPE}":
            raise EventRefused("invalid_request")
        event = check_security_event(request.body.decode("ascii", "replace"))
    except EventRefused as refused:
        log.warning("signin.event.refused code=%s", refused.code)
        return JsonResponse({"err": refused.code, "description": ""}, status=400)
    except SignInFailed as failure:
        log.warning("signin.event.waiting detail=%s", failure.detail)
        return HttpResponse(status=503)
    take(event)
    return HttpResponse(status=202)
