"""Deeds of a custodian on its registry: write down a look, take out of service, put back."""

from django.db import transaction

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.custody.models import AccessRecord, Outage
from panjereh.registries.custody.queries import outage
from panjereh.registries.systems import SYSTEMS
from panjereh.sdk.provider import ExchangeCall

RETRY_SECONDS = 30


def admit_call(
    log: type[AccessRecord], call: ExchangeCall, *, system: str, service: str, subject: str
) -> None:
    """Refuse while the registry is paused; else write who asks, before anything is read."""
    if closed := outage(system):
        raise Problem(
            503,
            "registry-paused",
            "the custodian has taken the registry out of service for a while",
            cause="provider",
            retry_in=closed.retry_seconds,
        )
    log._default_manager.create(
        service=service,
        subject=subject,
        consumer=call.consumer,
        acting_person=call.user,
        case=call.case,
        request_id=call.request_id,
    )


def pause_registry(
    *, system: str, reason: str, actor: str, retry_seconds: int = RETRY_SECONDS
) -> Outage:
    """Take a registry out of service; one that is out already stays as it is."""
    if system not in SYSTEMS:
        raise UnknownRegistry(system)
    paused, _ = Outage.objects.get_or_create(
        system=system,
        ended_at=None,
        defaults={"reason": reason, "begun_by": actor, "retry_seconds": retry_seconds},
    )
    return paused


def resume_registry(*, system: str, actor: str) -> bool:
    """Put a registry back into service. False when it was in service."""
    if system not in SYSTEMS:
        raise UnknownRegistry(system)
    with transaction.atomic():
        open_outages = Outage.objects.filter(system=system, ended_at=None)
        return open_outages.update(ended_at=clock.now(), ended_by=actor) > 0


class UnknownRegistry(ValueError):
    def __init__(self, system: str) -> None:
        super().__init__(f"no registry is called {system}; there are {', '.join(SYSTEMS)}")
