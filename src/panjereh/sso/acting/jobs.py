"""Watch mandates that are in use: a site that never refreshes is told, too, when one is over."""

import asyncio
import logging
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet

from panjereh.common import clock
from panjereh.common.background import repeat
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.acting.actions import end_for
from panjereh.sso.acting.authority import fault_of
from panjereh.sso.acting.models import Mandate, MandateUse
from panjereh.sso.acting.using import PARTS
from panjereh.sso.policy import policy

log = logging.getLogger("panjereh.sso.acting")

PAUSE_SECONDS = 30.0
AT_ONCE = 50
BY_REGISTRY = (Mandate.Kind.GUARDIAN, Mandate.Kind.CHIEF_EXECUTIVE, Mandate.Kind.STAFF)


async def watch_mandates(stop: asyncio.Event) -> None:
    await repeat(stop, PAUSE_SECONDS, end_what_is_over)


def end_what_is_over() -> int:
    return _end_run_out() + _ask_registries()


def _end_run_out() -> int:
    over = list(_standing().filter(ends_at__lte=clock.now())[:AT_ONCE])
    end_for(over, reason="run-out")
    return len(over)


def _ask_registries() -> int:
    """Only what is in use, and each once in a while. A registry that is away decides nothing."""
    ended = 0
    for mandate in islice(_due(), AT_ONCE):
        try:
            fault = fault_of(mandate)
        except ExchangeError as error:
            log.warning("sso.mandate.unread code=%s request=%s", error.code, error.request_id)
            return ended
        Mandate.objects.filter(id=mandate.id).update(checked_at=clock.now())
        if fault:
            end_for([mandate], reason="registry" if fault == "registry" else "account-closed")
            ended += 1
    return ended


def _standing() -> QuerySet[Mandate]:
    return Mandate.objects.filter(ended_at=None).select_related(*PARTS)


def _due() -> QuerySet[Mandate]:
    now = clock.now()
    in_use = MandateUse.objects.filter(
        mandate=OuterRef("pk"), session__ended_at=None, at__gt=now - policy().session_cap
    )
    unread = Q(checked_at=None) | Q(checked_at__lt=now - policy().mandate_checked)
    return _standing().filter(unread, Exists(in_use), kind__in=BY_REGISTRY).order_by("checked_at")
