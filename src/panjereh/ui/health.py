"""GET /health: is this process fit to answer? Mounted by every site."""

from collections.abc import Callable
from importlib.metadata import version

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

Check = Callable[[], str]
"""Answers what is wrong, or an empty text."""

_checks: list[Check] = []


def register(check: Check) -> Check:
    """Add a check of the floor's own; it runs at every look, so it must be quick."""
    if check not in _checks:
        _checks.append(check)
    return check


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    about = {"version": version("panjereh"), "floor": settings.FLOOR}
    reason = _trouble()
    if reason:
        return JsonResponse({"status": "down", "reason": reason, **about}, status=503)
    return JsonResponse({"status": "ok", **about})


def _trouble() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return next((reason for check in _checks if (reason := check())), "")
    except DatabaseError:
        # The driver's words may name hosts and users; the log of the database has them.
        return "the database does not answer"
