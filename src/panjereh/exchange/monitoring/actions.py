"""Deeds about watching: who may name a health page, what came of asking it, what is dropped."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.exchange.models import Operator, Representative, System
from panjereh.exchange.monitoring.models import Minute, Probe

MINUTES_KEPT = timedelta(days=35)
_PATH = re.compile(r"/[A-Za-z0-9._~/-]{0,199}")


class PathRefused(ValueError):
    """Not the path of a page; the text says what is asked for."""


def offer_health(*, actor: Operator | Representative, system: System, path: str) -> Probe:
    """From now on the provider is asked there how it is. Only at its own registered address: the
    exchange is not sent elsewhere by a path."""
    _require_own(actor, system)
    if not _PATH.fullmatch(path) or path.startswith("//"):
        raise PathRefused("a path begins with one slash and holds no spaces, such as /health")
    with transaction.atomic():
        probe, _ = Probe.objects.update_or_create(
            system=system,
            defaults={"path": path, "healthy": None, "asked_at": None, "since": None},
        )
    return probe


def withdraw_health(*, actor: Operator | Representative, system: System) -> None:
    _require_own(actor, system)
    with transaction.atomic():
        Probe.objects.filter(system=system).delete()


@dataclass(frozen=True)
class Told:
    """What a provider said of itself."""

    healthy: bool
    milliseconds: int


def note_health(probe: Probe, told: Told, at: datetime) -> None:
    """The exchange's own deed, after asking. A path that was changed meanwhile is asked anew."""
    since = probe.since if probe.healthy == told.healthy else at
    with transaction.atomic():
        Probe.objects.filter(pk=probe.pk, path=probe.path).update(
            healthy=told.healthy, milliseconds=told.milliseconds, asked_at=at, since=since
        )


def forget_minutes(now: datetime) -> int:
    """The exchange's own deed: hours and days stay, of minutes only those of the past weeks."""
    with transaction.atomic():
        gone, _ = Minute.objects.filter(at__lt=now - MINUTES_KEPT).delete()
    return gone


def _require_own(actor: Operator | Representative, system: System) -> None:
    allowed = actor.active
    if isinstance(actor, Representative):
        allowed = allowed and actor.member_id == system.member_id
    else:
        allowed = allowed and Operator.Role.OPERATOR in actor.roles
    if not allowed:
        raise PermissionDenied("a health page is named by the operator or the system's own member")
